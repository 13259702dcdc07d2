//! What every handling mode states about itself, and what follows from its terms.

use crate::duty::{Duty, Sides};
use crate::handling::statement::Statement;
use crate::reading::Reader;
use crate::reference::Reference;

/// The meaning of a field: `object.field`, Chinese, English.
pub(crate) type FieldText = (&'static str, &'static str, &'static str);

/// The terms of one mode.
pub(crate) trait ModeTerms: Default {
    /// The words that lists use for the mode, in small letters and without punctuation.
    const SYNONYMS: &'static [&'static str];
    /// The mode in plain words for applicants, Chinese and English.
    const EXPLANATION: [&'static str; 2];
    /// Whether the applicant goes to a window of the receiving district.
    const NEEDS_WINDOW: bool;
    /// The meanings of the fields.
    const TEXTS: &'static [FieldText];

    fn read(r: &mut Reader<'_>) -> Self;
    /// The table of duties, in order.
    fn duties(&self, sides: &Sides<'_>) -> Vec<Duty>;
    /// What was agreed, point by point.
    fn statements(&self) -> Vec<Statement<'_>>;
    /// The records that the terms name.
    fn references(&self) -> Vec<Reference> {
        Vec::new()
    }
    /// The heap memory that the terms own. All fields are listed, so that a new one is not forgotten.
    fn heap_bytes(&self) -> usize;
}
