//! Drafts: the pages that bring one from its parties to its proposal.

pub(super) mod check;
pub(super) mod open;
pub(super) mod parties;
mod party;
pub(super) mod record;
pub(super) mod schedule;
mod steps;
pub(super) mod terms;
mod terms_of_mode;
