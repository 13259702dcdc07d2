//! The form of a file, as a report names it.

use std::fmt;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Ndjson(TextEncoding),
    /// A table of text.
    Table {
        delimiter: Delimiter,
        encoding: TextEncoding,
    },
    Xlsx,
    Xls,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ndjson(encoding) => write!(f, "NDJSON {encoding}"),
            Self::Table { delimiter, encoding } => write!(f, "{delimiter} {encoding}"),
            Self::Xlsx => f.write_str("XLSX"),
            Self::Xls => f.write_str("XLS"),
        }
    }
}

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Gb18030,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Gb18030 => "GB18030",
        })
    }
}

/// The character between the cells of a text table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    Comma,
    Tab,
    Semicolon,
}

impl Delimiter {
    /// All delimiters. Earlier ones are preferred.
    pub const ALL: [Self; 3] = [Self::Tab, Self::Comma, Self::Semicolon];

    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "CSV",
            Self::Tab => "TSV",
            Self::Semicolon => "CSV (;)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_named_for_people() {
        let table = |delimiter, encoding| Form::Table { delimiter, encoding }.to_string();
        assert_eq!(table(Delimiter::Comma, TextEncoding::Gb18030), "CSV GB18030");
        assert_eq!(table(Delimiter::Tab, TextEncoding::Utf16Le), "TSV UTF-16");
        assert_eq!(table(Delimiter::Semicolon, TextEncoding::Utf8), "CSV (;) UTF-8");
        assert_eq!(Form::Ndjson(TextEncoding::Utf8).to_string(), "NDJSON UTF-8");
        assert_eq!(Form::Xlsx.to_string(), "XLSX");
    }
}
