//! The average length of each kind of list, for pricing an operation before it runs.

use domain::Agreement;

use crate::snapshot::Snapshot;

/// Average lengths of lists, rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lengths {
    pub districts: u64,
    pub matters: u64,
    pub agreements: u64,
    pub policies: u64,
    pub windows_of_district: u64,
    pub offerings_of_district: u64,
    pub offerings_of_matter: u64,
    pub agreements_of_district: u64,
    pub versions: u64,
    pub parties: u64,
    pub clauses: u64,
    pub matters_of_clause: u64,
}

/// Totals over all agreements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    versions: u64,
    parties: u64,
    clauses: u64,
    matters: u64,
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

impl Snapshot {
    pub fn lengths(&self) -> Lengths {
        let average = |all: u64, of: u64| all.div_ceil(of.max(1)).max(1);
        let [districts, matters, offerings, windows] =
            [self.districts.len(), self.matters.len(), self.offerings.len(), self.windows.len()].map(|count| count as u64);
        let (agreements, totals) = (self.agreement_numbers.len() as u64, self.totals);
        Lengths {
            districts,
            matters,
            agreements,
            policies: self.policies.len() as u64,
            windows_of_district: average(windows, districts),
            offerings_of_district: average(offerings, districts),
            offerings_of_matter: average(offerings, matters),
            agreements_of_district: average(totals.parties, districts),
            versions: average(totals.versions, agreements),
            parties: average(totals.parties, totals.versions),
            clauses: average(totals.clauses, totals.versions),
            matters_of_clause: average(totals.matters, totals.clauses),
        }
    }
}
