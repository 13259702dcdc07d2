//! The tokens of a GraphQL document, by the September 2025 edition of the specification.

use std::borrow::Cow;

use async_graphql::Pos;

use super::error::SyntaxError;

/// A lexical token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `! $ & ( ) : = @ [ ] { | }`
    Sign(char),
    /// `...`
    Spread,
    Name(&'a str),
    Int(&'a str),
    Float(&'a str),
    Text(Cow<'a, str>),
    End,
}

impl Token<'_> {
    /// The token as an error message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Sign(sign) => format!("`{sign}`"),
            Self::Spread => "`...`".to_owned(),
            Self::Name(name) => format!("`{}`", name.chars().take(40).collect::<String>()),
            Self::Int(_) | Self::Float(_) => "a number".to_owned(),
            Self::Text(_) => "a string".to_owned(),
            Self::End => "the end of the document".to_owned(),
        }
    }
}

/// Reads tokens from a text.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1, column: 1 }
    }

    /// The next token and its position.
    pub(super) fn next(&mut self) -> Result<(Token<'a>, Pos), SyntaxError> {
        self.skip_ignored();
        let at = Pos { line: self.line, column: self.column };
        let Some(first) = self.rest.chars().next() else { return Ok((Token::End, at)) };
        let token = match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.advance(1);
                Token::Sign(first)
            }
            '.' if self.rest.starts_with("...") => {
                self.advance(3);
                Token::Spread
            }
            '_' | 'a'..='z' | 'A'..='Z' => {
                let length = self.rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
                Token::Name(self.advance(length))
            }
            '-' | '0'..='9' => self.number(at)?,
            '"' if self.rest.starts_with("\"\"\"") => Token::Text(self.block(at)?),
            '"' => Token::Text(self.text(at)?),
            other => return Err(SyntaxError::new(format!("unexpected character {other:?}"), at)),
        };
        Ok((token, at))
    }

    /// Takes so many bytes. They must end at a character boundary.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        let mut characters = taken.chars().peekable();
        while let Some(character) = characters.next() {
            // CRLF is one line end: only its LF counts.
            if character == '\n' || character == '\r' && characters.peek() != Some(&'\n') {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        taken
    }

    fn skip_ignored(&mut self) {
        loop {
            let blank = self.rest.len() - self.rest.trim_start_matches(['\u{feff}', ' ', '\t', '\n', '\r', ',']).len();
            self.advance(blank);
            if !self.rest.starts_with('#') {
                return;
            }
            let comment = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            self.advance(comment);
        }
    }

    fn number(&mut self, at: Pos) -> Result<Token<'a>, SyntaxError> {
        let bytes = self.rest.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let malformed = || SyntaxError::new("a number is malformed", at);
        let sign = usize::from(bytes[0] == b'-');
        let whole = digits(sign);
        if whole == 0 || whole > 1 && bytes[sign] == b'0' {
            return Err(malformed());
        }
        let mut end = sign + whole;
        let mut is_float = false;
        if bytes.get(end) == Some(&b'.') {
            let fraction = digits(end + 1);
            if fraction == 0 {
                return Err(malformed());
            }
            (end, is_float) = (end + 1 + fraction, true);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            let exponent = digits(end + 1 + sign);
            if exponent == 0 {
                return Err(malformed());
            }
            (end, is_float) = (end + 1 + sign + exponent, true);
        }
        if bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')) {
            return Err(malformed());
        }
        let number = self.advance(end);
        Ok(if is_float { Token::Float(number) } else { Token::Int(number) })
    }

    fn text(&mut self, at: Pos) -> Result<Cow<'a, str>, SyntaxError> {
        let unended = || SyntaxError::new("a string has no end on its line", at);
        let inside = &self.rest[1..];
        let plain = inside.find(['"', '\\', '\n', '\r']).ok_or_else(unended)?;
        if inside[plain..].starts_with('"') {
            let taken = self.advance(plain + 2);
            return Ok(Cow::Borrowed(&taken[1..taken.len() - 1]));
        }
        let mut text = String::new();
        let mut left = inside;
        loop {
            let plain = left.find(['"', '\\', '\n', '\r']).ok_or_else(unended)?;
            text.push_str(&left[..plain]);
            left = &left[plain..];
            if let Some(after) = left.strip_prefix('"') {
                self.advance(self.rest.len() - after.len());
                return Ok(Cow::Owned(text));
            }
            let Some(escape) = left.strip_prefix('\\') else { return Err(unended()) };
            let (character, length) =
                escaped(escape).ok_or_else(|| SyntaxError::new("an escape sequence in a string is malformed", at))?;
            text.push(character);
            left = &escape[length..];
        }
    }

    fn block(&mut self, at: Pos) -> Result<Cow<'a, str>, SyntaxError> {
        let mut raw = String::new();
        let mut left = &self.rest[3..];
        loop {
            let quotes = left.find("\"\"\"").ok_or_else(|| SyntaxError::new("a block string has no end", at))?;
            if let Some(before) = left[..quotes].strip_suffix('\\') {
                raw.push_str(before);
                raw.push_str("\"\"\"");
                left = &left[quotes + 3..];
                continue;
            }
            raw.push_str(&left[..quotes]);
            self.advance(self.rest.len() - left.len() + quotes + 3);
            return Ok(Cow::Owned(without_indentation(&raw)));
        }
    }
}

/// The character of an escape sequence, and its length after the backslash.
fn escaped(escape: &str) -> Option<(char, usize)> {
    let simple = |character| Some((character, 1));
    match escape.bytes().next()? {
        b'"' => simple('"'),
        b'\\' => simple('\\'),
        b'/' => simple('/'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{c}'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'u' => match escape[1..].strip_prefix('{') {
            Some(inside) => {
                let (digits, _) = inside.split_once('}')?;
                // Leading zeros are allowed, so the length has no limit.
                let number = u32::from_str_radix(digits, 16)
                    .ok()
                    .filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
                Some((char::from_u32(number)?, digits.len() + 3))
            }
            None => {
                let unit = code_unit(&escape[1..])?;
                if let Some(character) = char::from_u32(unit.into()) {
                    return Some((character, 5));
                }
                let second = code_unit(escape.get(5..)?.strip_prefix("\\u")?)?;
                let character = char::decode_utf16([unit, second]).next()?.ok()?;
                Some((character, 11))
            }
        },
        _ => None,
    }
}

fn code_unit(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// The value of a block string: without common indentation and surrounding blank lines.
fn without_indentation(raw: &str) -> String {
    let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines: Vec<&str> = unified.split('\n').collect();
    let indentation = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let is_blank = |line: &&str| indentation(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !is_blank(line)).map(indentation).min().unwrap_or(0);
    for line in lines.iter_mut().skip(1) {
        *line = line.get(common..).unwrap_or_default();
    }
    let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
    let last = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
    lines[first..last].join("\n")
}
