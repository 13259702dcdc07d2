//! The average length of each kind of list, for pricing an operation before it runs.

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

impl Snapshot {
    pub fn lengths(&self) -> Lengths {
        let average = |all: u64, of: u64| all.div_ceil(of.max(1)).max(1);
        let [districts, matters, offerings, windows] =
            [self.districts.len(), self.matters.len(), self.offerings.len(), self.windows.len()]
                .map(|count| count as u64);
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
