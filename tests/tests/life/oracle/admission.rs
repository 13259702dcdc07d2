//! Who joins an agreement: at once, by consent of the lead, or by consent of all members.

use domain::Date;

use super::{Agreement, Registry, Version};

/// What an act of accession or consent comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Refused,
    Waits,
    Joins,
}

impl Registry {
    fn place(&self, code: &str) -> usize {
        self.districts.iter().position(|district| district.code == code).expect("it is registered")
    }

    /// A newcomer signs the digest of the version in force.
    pub(crate) fn accede(&self, number: &str, newcomer: &str) -> Admission {
        let newcomer = self.place(newcomer);
        let agreement = self.agreement(number);
        let Some(version) = agreement.current(self.today) else { return Admission::Refused };
        let asked = version.waiting.iter().any(|(waits, _)| *waits == newcomer);
        let is_paper = version.proposal.is_none();
        let mut known = version.parties.iter().filter(|party| party.district == newcomer);
        // A paper record that a district has not confirmed is confirmed or contested, not acceded to.
        let is_party = |party| {
            let unconfirmed = is_paper && !version.binds(party);
            unconfirmed || version.binds(party) && !agreement.has_left(party, self.today)
        };
        if asked || known.any(is_party) {
            return Admission::Refused;
        }
        agreement.admission(version, &[], self.today)
    }

    /// A party consents to the accession of a newcomer.
    pub(crate) fn admit(&self, number: &str, by: &str, newcomer: &str) -> Admission {
        let (by, newcomer) = (self.place(by), self.place(newcomer));
        let agreement = self.agreement(number);
        let Some(version) = agreement.current(self.today) else { return Admission::Refused };
        let members = agreement.members(version, self.today);
        let lead = version.lead().filter(|lead| members.contains(lead));
        let is_asked = version.admission == "LEAD" && lead.is_some_and(|lead| lead != by);
        let Some((_, consents)) = version.waiting.iter().find(|(waits, _)| *waits == newcomer) else {
            return Admission::Refused;
        };
        if !members.contains(&by) || is_asked {
            return Admission::Refused;
        }
        let mut consents = consents.clone();
        consents.push(by);
        agreement.admission(version, &consents, self.today)
    }

    fn agreement(&self, number: &str) -> &Agreement {
        self.agreements.iter().find(|agreement| agreement.number == number).expect("it is registered")
    }
}

impl Version {
    /// The first party, if the line names no lead.
    fn lead(&self) -> Option<usize> {
        self.lead.or_else(|| self.parties.first().map(|party| party.district))
    }
}

impl Agreement {
    /// Who decides about newcomers: all that are bound and have not left, also those whose first day is to come.
    fn members(&self, version: &Version, on: Date) -> Vec<usize> {
        let members = version.parties.iter().filter(|party| version.binds(party) && !self.has_left(party, on));
        members.map(|party| party.district).collect()
    }

    fn admission(&self, version: &Version, consents: &[usize], on: Date) -> Admission {
        let members = self.members(version, on);
        let lead = version.lead().filter(|lead| members.contains(lead));
        let is_complete = match (&*version.admission, lead) {
            ("OPEN", _) => true,
            ("LEAD", Some(lead)) => consents.contains(&lead),
            _ => members.iter().all(|member| consents.contains(member)),
        };
        if is_complete { Admission::Joins } else { Admission::Waits }
    }
}
