//! What is open at a competent district on a day to those who stand elsewhere, whoever they are, or to one of them.

use std::collections::BTreeMap;

use domain::HandlingMode;

use crate::bits::Bits;
use crate::gathered::Weighed;
use crate::version::Places;

/// What the clauses of one mode list.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) mode: HandlingMode,
    /// Only what the competent district publishes an offering of.
    pub(crate) needs_offering: bool,
    pub(crate) matters: Bits,
}

impl Opening {
    /// Puts together what clauses list, each with its mode and whether it needs an offering.
    pub(crate) fn all<'a>(listed: impl IntoIterator<Item = (HandlingMode, bool, Places<'a>)>) -> Vec<Self> {
        let mut alike: BTreeMap<(HandlingMode, bool), Vec<Places<'a>>> = BTreeMap::new();
        listed.into_iter().for_each(|(mode, needs_offering, matters)| alike.entry((mode, needs_offering)).or_default().push(matters));
        let put_together = |matters: Vec<Places<'a>>| Bits::of_all(matters.iter().copied());
        alike.into_iter().map(|((mode, needs_offering), matters)| Self { mode, needs_offering, matters: put_together(matters) }).collect()
    }
}

impl Weighed for [Opening] {
    fn bytes(&self) -> usize {
        self.iter().map(|opening| size_of::<Opening>() + opening.matters.bytes()).sum()
    }
}
