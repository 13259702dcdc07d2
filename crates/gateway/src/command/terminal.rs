//! Text for a terminal: columns are aligned although a Chinese character is two columns wide, and lines are wrapped.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use domain::text::shown_lines;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a line.
pub(crate) const WIDTH: usize = 88;

/// A progress bar on stderr, if that is a terminal.
#[derive(Debug)]
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Self {
        let style = ProgressStyle::with_template("{msg:20} {wide_bar} {human_pos}/{human_len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.set_style(style);
        Self(bar)
    }

    pub(crate) fn show(&self, what: &str, done: u64, of: u64) {
        if self.0.message() != what {
            self.0.set_message(what.to_owned());
        }
        self.0.set_length(of);
        self.0.set_position(done);
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Writes text to stdout. It may contain stored texts, so characters that a terminal would execute or not show are
/// written as their codes.
pub(crate) fn print(text: &str) -> io::Result<()> {
    print_raw(&shown_lines(text))
}

/// Writes JSON or a schema to stdout, unchanged.
pub(crate) fn print_raw(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Prints an error before the log is started.
pub(crate) fn print_error(text: &str) {
    // If stderr is closed, there is nowhere else to write.
    let _ = writeln!(io::stderr(), "{}", shown_lines(text));
}

/// Pads the text with blanks to a width.
pub(crate) fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(missing))
}

/// Formats rows as lines with aligned columns.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
    let line = |row: &[String; N]| {
        row.iter()
            .zip(widths)
            .map(|(cell, width)| padded(cell, width))
            .collect::<Vec<_>>()
            .join("  ")
            .trim_end()
            .to_owned()
    };
    rows.iter().map(line).collect()
}

/// A label, then a text that is wrapped within its own column.
pub(crate) fn entry(out: &mut String, indent: usize, label: &str, column: usize, text: &str) {
    let start = format!("{}{}", " ".repeat(indent), padded(label, column.saturating_sub(indent)));
    let start =
        if label.is_empty() || label.width() < column.saturating_sub(indent) { start } else { format!("{start} ") };
    let lines = text.lines().flat_map(|line| wrapped(line, WIDTH.saturating_sub(column)));
    let mut any = false;
    for line in lines {
        let lead = if any { " ".repeat(column) } else { start.clone() };
        let _ = writeln!(out, "{}", format!("{lead}{line}").trim_end());
        any = true;
    }
    if !any {
        let _ = writeln!(out, "{}", start.trim_end());
    }
}

/// Characters that may not begin a line.
const CLOSING: &str = "，。；：、）》”’！？％)]},.;:!?%";

/// Wraps a text into lines, between words and between Chinese characters.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let fits = line.width() + piece.trim_end().width() <= width;
        if !fits && !line.is_empty() && !piece.starts_with(|first| CLOSING.contains(first)) {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line += piece;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The parts between which a line may be wrapped: words with the blanks after them, and single wide characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut previous: Option<char> = None;
    for (at, character) in text.char_indices() {
        let wide = |character: char| character.width().unwrap_or(0) > 1;
        let breaks = previous.is_some_and(|previous| {
            if previous == ' ' { character != ' ' } else { character != ' ' && wide(previous) || wide(character) }
        });
        if breaks {
            pieces.push(&text[start..at]);
            start = at;
        }
        previous = Some(character);
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_is_two_columns_wide() {
        assert_eq!(padded("窗口", 6), "窗口  ");
        assert_eq!(padded("window", 4), "window");
    }

    #[test]
    fn lines_are_wrapped_between_words_and_characters_and_not_before_a_comma() {
        assert_eq!(wrapped("a long sentence of words", 10), ["a long", "sentence", "of words"]);
        assert_eq!(wrapped("材料不齐的，由窗口一次性告知", 10), ["材料不齐的，", "由窗口一次", "性告知"]);
        assert_eq!(wrapped("", 10), [""]);
    }

    #[test]
    fn a_text_stays_in_its_column() {
        let mut out = String::new();
        entry(&mut out, 2, "地址", 8, &"南沙".repeat(30));
        let lines: Vec<_> = out.lines().collect();
        assert!(lines[0].starts_with("  地址  南沙") && lines[1].starts_with("        南沙"));
        assert!(lines.iter().all(|line| line.width() <= WIDTH));
    }
}
