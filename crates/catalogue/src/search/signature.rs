//! Bitmap signatures of texts, which reject most texts that do not contain a query.

/// A Bloom filter with one bit for each character, or pair of letters, of a text. A text can contain another only if it
/// has all its bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature(u128);

impl Signature {
    /// For written names. Letters and digits have bits of their own, apart from those of other characters.
    pub(super) fn characters(folded: &str) -> Self {
        const ASCII: u32 = 36;
        Self::new(folded.chars().map(|character| {
            character.to_digit(ASCII).unwrap_or_else(|| ASCII + scattered(character.into()) % (u128::BITS - ASCII))
        }))
    }

    /// For pinyin and initials: pairs of letters, since single letters occur in most names. Ignores case, and treats
    /// `v` as `u`.
    pub(super) fn pairs(spelled: &str) -> Self {
        let alike = |letter: u8| if letter.eq_ignore_ascii_case(&b'v') { b'u' } else { letter.to_ascii_lowercase() };
        let pairs = spelled.as_bytes().windows(2);
        Self::new(pairs.map(|pair| scattered(u16::from_le_bytes([alike(pair[0]), alike(pair[1])]).into()) % u128::BITS))
    }

    fn new(places: impl Iterator<Item = u32>) -> Self {
        Self(places.fold(0, |bits, place| bits | 1 << place))
    }

    pub(super) fn may_contain(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// Multiplicative hash: adjacent code points share a radical and often occur together, so they must be spread.
fn scattered(code: u32) -> u32 {
    code.wrapping_mul(0x9e37_79b1) >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_substring_is_never_rejected(before in ".*", part in ".*", after in ".*") {
            let whole = format!("{before}{part}{after}");

            prop_assert!(Signature::characters(&whole).may_contain(Signature::characters(&part)));
            prop_assert!(Signature::pairs(&whole).may_contain(Signature::pairs(&part)));
        }
    }

    #[test]
    fn most_other_texts_are_rejected() {
        assert!(!Signature::characters("居民身份证补领").may_contain(Signature::characters("公积金")));
        assert!(!Signature::characters("abc").may_contain(Signature::characters("d")));
        assert!(!Signature::pairs("JuMinShenFenZheng").may_contain(Signature::pairs("gongjijin")));
    }
}
