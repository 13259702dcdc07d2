//! Checks the XML of a workbook as it is unpacked, for what would make a reader take much memory: a long token, or a
//! table of strings that announces more strings than it can have.

/// The longest run without an angle bracket: text of a cell has at most 32,767 characters.
const MAX_TOKEN: usize = 1 << 20;
/// The shortest element of the table of strings: `<si/>`.
const MIN_STRING: u64 = 5;
const ANNOUNCEMENT: &[u8] = b"uniqueCount";

/// Checks one part of a workbook.
#[derive(Debug, Default)]
pub(crate) struct MarkupCheck {
    length: u64,
    token: usize,
    longest_token: usize,
    is_markup: bool,
    /// The end of the block before, in which an announcement may begin.
    carried: Vec<u8>,
    announced: u64,
}

impl MarkupCheck {
    pub(crate) fn take(&mut self, block: &[u8]) {
        if self.length == 0 {
            let text = block.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(block);
            self.is_markup = text.trim_ascii_start().starts_with(b"<");
        }
        self.length += block.len() as u64;
        let mut rest = block;
        while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
            self.longest_token = self.longest_token.max(self.token + at);
            self.token = 0;
            rest = &rest[at + 1..];
        }
        self.token += rest.len();
        self.longest_token = self.longest_token.max(self.token);
    }

    /// Looks for announcements of the number of strings.
    pub(crate) fn take_strings(&mut self, block: &[u8]) {
        self.carried.extend_from_slice(block);
        let bytes = std::mem::take(&mut self.carried);
        let mut from = 0;
        while let Some(at) = bytes[from..].windows(ANNOUNCEMENT.len()).position(|window| window == ANNOUNCEMENT) {
            from += at + ANNOUNCEMENT.len();
            self.announced = self.announced.max(number(&bytes[from..]));
        }
        let kept = bytes.len().min(ANNOUNCEMENT.len() + 64);
        self.carried = bytes[bytes.len() - kept..].to_vec();
    }

    pub(crate) fn has_long_token(&self) -> bool {
        self.is_markup && self.longest_token > MAX_TOKEN
    }

    /// Whether the part is text in UTF-8 or its relatives that begins with markup.
    pub(crate) fn is_markup(&self) -> bool {
        self.is_markup
    }

    pub(crate) fn announces_too_many_strings(&self) -> bool {
        self.announced > self.length / MIN_STRING + 1
    }
}

/// The number after an equals sign and a quotation mark.
fn number(bytes: &[u8]) -> u64 {
    let digits = bytes.iter().skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\''));
    digits
        .take_while(|byte| byte.is_ascii_digit())
        .fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_announcement_of_too_many_strings_is_found_across_blocks() {
        let text = br#"<sst xmlns="a" count="3" uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
        for size in [1, 7, 64, 4096] {
            let mut check = MarkupCheck::default();
            for block in text.chunks(size) {
                check.take(block);
                check.take_strings(block);
            }
            assert!(check.announces_too_many_strings(), "blocks of {size}");
        }
        let mut check = MarkupCheck::default();
        let right = br#"<sst uniqueCount="1"><si><t>a</t></si></sst>"#;
        check.take(right);
        check.take_strings(right);
        assert!(!check.announces_too_many_strings() && check.is_markup() && !check.has_long_token());
    }

    #[test]
    fn a_long_token_is_found() {
        let mut check = MarkupCheck::default();
        check.take(b"<t>");
        (0..20).for_each(|_| check.take(&[b'a'; 64 << 10]));
        assert!(check.has_long_token());
    }
}
