//! The contradictions of one agreement with others.

use domain::Date;
use domain::visibility::Scope;

use super::Finding;
use super::check::Checker;
use crate::handle::Handle;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The contradictory terms of an agreement and others on a day, each with the matters. A finding is about the later
    /// of the two agreements.
    pub(crate) fn contradictions(&self, at: Handle, on: Date) -> Vec<(Finding, Vec<Handle>)> {
        let mut checker = Checker::new(self, on);
        let Some(checked) = checker.checked(at) else { return Vec::new() };
        let others =
            checker.sharing_parties(checked.resolved().parties().map(|party| party.district), |other| other != at);
        let finding = |other: Handle| {
            let (later, earlier) = (at.max(other), at.min(other));
            let checked = checker.checked(later)?;
            let found = checker.clash(checked, earlier)?;
            let matters = checker.clashing(checked, earlier).into_iter().collect();
            Some((checker.describe(later, found, &Scope::Public)?, matters))
        };
        others.into_iter().filter_map(finding).collect()
    }
}
