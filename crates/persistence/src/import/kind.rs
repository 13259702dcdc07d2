//! Kinds of lines.

/// The kind of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    District,
    Matter,
    Offering,
    Window,
    Agreement,
    Policy,
    Clause,
    Document,
}

impl Kind {
    /// All kinds except clauses, which become part of an agreement.
    pub(crate) const OF_RECORDS: [Self; 7] =
        [Self::District, Self::Matter, Self::Policy, Self::Offering, Self::Window, Self::Agreement, Self::Document];

    pub(crate) fn of(word: &str) -> Option<Self> {
        match word {
            "district" => Some(Self::District),
            "matter" => Some(Self::Matter),
            "offering" => Some(Self::Offering),
            "window" => Some(Self::Window),
            "agreement" => Some(Self::Agreement),
            "policy" => Some(Self::Policy),
            "clause" => Some(Self::Clause),
            "document" => Some(Self::Document),
            _ => None,
        }
    }
}
