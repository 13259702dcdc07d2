//! Most texts don't hold what was typed, and a glance at their characters is enough to see it.

/// Which characters a text is made of, or which pairs of letters, each scattered to one bit of many.
/// A text can only hold another if it has all its bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sieve(u128);

impl Sieve {
    /// For what is written. Letters and digits have a bit each, so they never hide a character.
    pub(super) fn characters(folded: &str) -> Self {
        const ASCII: u32 = 36;
        Self::new(
            folded.chars().map(|character| character.to_digit(ASCII).unwrap_or_else(|| ASCII + scattered(character.into()) % (u128::BITS - ASCII))),
        )
    }

    /// For what is spelled: most of the alphabet turns up in any name, but few of its pairs. Case
    /// is no difference, nor are `v` and `u`.
    pub(super) fn pairs(spelled: &str) -> Self {
        let alike = |letter: u8| if letter.eq_ignore_ascii_case(&b'v') { b'u' } else { letter.to_ascii_lowercase() };
        let pairs = spelled.as_bytes().windows(2);
        Self::new(pairs.map(|pair| scattered(u16::from_le_bytes([alike(pair[0]), alike(pair[1])]).into()) % u128::BITS))
    }

    fn new(places: impl Iterator<Item = u32>) -> Self {
        Self(places.fold(0, |bits, place| bits | 1 << place))
    }

    pub(super) fn may_hold(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// Neighbours in Unicode share a radical and turn up together; a multiplication parts them.
fn scattered(code: u32) -> u32 {
    code.wrapping_mul(0x9e37_79b1) >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_part_of_a_text_is_never_sieved_out(before in ".*", part in ".*", after in ".*") {
            let whole = format!("{before}{part}{after}");

            prop_assert!(Sieve::characters(&whole).may_hold(Sieve::characters(&part)));
            prop_assert!(Sieve::pairs(&whole).may_hold(Sieve::pairs(&part)));
        }
    }

    #[test]
    fn most_of_what_is_not_in_a_text_is_sieved_out() {
        assert!(!Sieve::characters("居民身份证补领").may_hold(Sieve::characters("公积金")));
        assert!(!Sieve::characters("abc").may_hold(Sieve::characters("d")));
        assert!(!Sieve::pairs("JuMinShenFenZheng").may_hold(Sieve::pairs("gongjijin")));
    }
}
