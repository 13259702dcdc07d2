//! The Chinese texts of the command line, by the English ones.

/// Pairs of lines, English and Chinese, with a blank line between the pairs.
const TEXTS: &str = include_str!("zh.txt");

#[derive(Debug)]
pub(super) struct Table(Vec<(&'static str, &'static str)>);

impl Table {
    pub(super) fn new() -> Self {
        let pairs = TEXTS.trim().split("\n\n").filter_map(|pair| pair.split_once('\n'));
        Self(pairs.map(|(en, zh)| (en, zh.trim_end())).collect())
    }

    /// The Chinese text, if there is one.
    pub(super) fn find(&self, en: &str) -> Option<&'static str> {
        self.0.iter().find(|(known, _)| *known == en).map(|(_, zh)| *zh)
    }

    /// The Chinese text of a text of one or several paragraphs.
    pub(super) fn text(&self, en: &str) -> String {
        let paragraphs = en.split("\n\n").map(|paragraph| self.find(paragraph).unwrap_or(paragraph));
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }

    #[cfg(test)]
    pub(super) fn texts(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(en, _)| *en)
    }
}
