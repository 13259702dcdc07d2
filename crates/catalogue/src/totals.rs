//! Totals over all agreements, from which average lengths are computed.

use domain::Agreement;

/// Totals over all agreements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) versions: u64,
    pub(crate) parties: u64,
    pub(crate) clauses: u64,
    pub(crate) matters: u64,
}

impl Totals {
    pub(crate) fn add(&mut self, agreement: &Agreement) {
        self.count(agreement, u64::saturating_add);
    }

    pub(crate) fn remove(&mut self, agreement: &Agreement) {
        self.count(agreement, u64::saturating_sub);
    }

    fn count(&mut self, agreement: &Agreement, with: impl Fn(u64, u64) -> u64) {
        for version in &agreement.versions {
            let matters: usize = version.schedule.iter().map(|clause| clause.matters.len()).sum();
            self.versions = with(self.versions, 1);
            self.parties = with(self.parties, version.parties.len() as u64);
            self.clauses = with(self.clauses, version.schedule.len() as u64);
            self.matters = with(self.matters, matters as u64);
        }
    }
}
