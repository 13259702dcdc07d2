//! The words of closed lists, as cells have them: a label in either language, or the name on the wire.

use domain::{Audience, DayKind, DistrictKind, HandlingMode, Locale, MatterDomain, WindowKind};

use crate::value::mode::mode_of;
use crate::value::narrow::folded;

/// The words that a column may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Any text.
    Any,
    Modes,
    Domains,
    DistrictKinds,
    Audiences,
    DayKinds,
    WindowKinds,
}

/// The name on the wire and its labels in Chinese and English.
type Word = (&'static str, [&'static str; 2]);

macro_rules! words_of {
    ($words:ty) => {
        <$words>::ALL
            .iter()
            .map(|word| (word.name(), [word.label(Locale::Zh), word.label(Locale::En)]))
            .collect::<Vec<Word>>()
    };
}

impl Words {
    /// Every word, in the order of the glossary.
    pub fn all(self) -> Vec<Word> {
        match self {
            Self::Any => Vec::new(),
            Self::Modes => words_of!(HandlingMode),
            Self::Domains => words_of!(MatterDomain),
            Self::DistrictKinds => words_of!(DistrictKind),
            Self::Audiences => words_of!(Audience),
            Self::DayKinds => words_of!(DayKind),
            Self::WindowKinds => words_of!(WindowKind),
        }
    }

    /// The name on the wire of a word; `None`: it is none of the list.
    pub fn wire(self, text: &str) -> Option<&'static str> {
        if self == Self::Modes
            && let Some(mode) = mode_of(text)
        {
            return Some(mode.name());
        }
        let asked = folded(text);
        let is_meant = |(wire, [zh, en]): &Word| [*wire, *zh, *en].iter().any(|name| folded(name) == asked);
        self.all().into_iter().find(is_meant).map(|(wire, _)| wire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_its_label_or_its_name() {
        for text in ["公安", "public security", "PUBLIC_SECURITY", " 公 安 "] {
            assert_eq!(Words::Domains.wire(text), Some("PUBLIC_SECURITY"), "{text}");
        }
        assert_eq!((Words::Domains.wire("火星"), Words::Any.wire("公安")), (None, None));
    }
}
