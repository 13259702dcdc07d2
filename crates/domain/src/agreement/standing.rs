//! The standing of an agreement on a day: the version in force, its members, and the suspensions that apply.

use crate::agreement::Agreement;
use crate::agreement::lifecycle::VersionState;
use crate::agreement::party::Party;
use crate::agreement::suspension::Suspension;
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::period::{Date, Period};
use crate::words::words;

words! {
    /// The standing of an agreement on a day.
    Standing {
        NotConcluded = "NOT_CONCLUDED", "未签订", "not concluded";
        Scheduled = "SCHEDULED", "待生效", "scheduled";
        InForce = "IN_FORCE", "生效中", "in force";
        Suspended = "SUSPENDED", "已暂停", "suspended";
        Expired = "EXPIRED", "已到期", "expired";
        Terminated = "TERMINATED", "已终止", "terminated";
        Voided = "VOIDED", "已作废", "voided";
    }
}

/// Why a party does not take part in an agreement on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence<'a> {
    /// The version does not bind the party: it has not signed, or not confirmed the paper record.
    NotBound,
    /// The day is outside of its membership.
    NotAMember,
    /// The party is suspended, or the whole agreement by a stop of the registry, with everything. What a suspension with
    /// a scope stops is no absence.
    Suspended(&'a Suspension),
}

impl Agreement {
    /// The effective version on a day, whether ended or not: the concluded one with the greatest number that has begun.
    pub fn version_begun(&self, on: Date) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.term().is_some_and(|term| !term.begins_after(on)))
    }

    /// The version in force on a day, suspended or not; `None` after its end, or if fewer than two parties remain. An
    /// older version never comes back into force.
    pub fn version_in_force(&self, on: Date) -> Option<&Version> {
        let version = self
            .version_begun(on)
            .filter(|version| self.voided.is_none() && version.term().is_some_and(|term| term.includes(on)))?;
        self.last_day_of_two_parties(version).is_none_or(|last| on <= last).then_some(version)
    }

    /// The period of a party's membership around a day: from joining to the last day of its notice. A party that signs
    /// or accedes again after its last day is a member again.
    pub fn membership(&self, version: &Version, party: &Party, on: Date) -> Period {
        party
            .earlier
            .iter()
            .copied()
            .find(|earlier| earlier.includes(on))
            .unwrap_or_else(|| self.current_membership(version, party))
    }

    pub(crate) fn current_membership(&self, version: &Version, party: &Party) -> Period {
        let mut leavings =
            self.notices.iter().filter(|notice| notice.party == party.district).map(|notice| notice.ends_on).peekable();
        if leavings.peek().is_none() {
            return Period::new(party.joined_on, None);
        }
        let signed = version.proposal().and_then(|proposal| proposal.signed_by(party.district));
        let back = party.joined_on.max(signed);
        Period::new(party.joined_on, leavings.filter(|ends_on| back.is_none_or(|back| back <= *ends_on)).min())
    }

    /// The parties that a version binds on a day.
    pub fn members_on<'a>(&'a self, version: &'a Version, on: Date) -> impl Iterator<Item = &'a Party> {
        version.members().filter(move |party| self.membership(version, party, on).includes(on))
    }

    /// Why a party of a version does not take part on a day; `None`: it takes part.
    pub fn absence(&self, version: &Version, party: &Party, on: Date) -> Option<Absence<'_>> {
        if !version.binds(party) {
            return Some(Absence::NotBound);
        }
        if !self.membership(version, party, on).includes(on) {
            return Some(Absence::NotAMember);
        }
        self.emergency_stop(on).or_else(|| self.suspension_of(party.district, on)).map(Absence::Suspended)
    }

    /// The suspension of everything in which a party takes part, on a day.
    fn suspension_of(&self, party: DistrictCode, on: Date) -> Option<&Suspension> {
        self.suspension_of_everything(Some(party), on)
    }

    /// The registry's stop of the whole agreement on a day.
    fn emergency_stop(&self, on: Date) -> Option<&Suspension> {
        self.suspension_of_everything(None, on)
    }

    fn suspension_of_everything(&self, party: Option<DistrictCode>, on: Date) -> Option<&Suspension> {
        self.suspensions
            .iter()
            .find(|known| known.party == party && known.scope.is_everything() && known.applies_on(on))
    }

    /// The last day on which at least two parties remain, if notices end that. A version that begins with fewer is
    /// never in force.
    pub(crate) fn last_day_of_two_parties(&self, version: &Version) -> Option<Date> {
        if self.notices.is_empty() {
            return None;
        }
        let begins = version.term()?.from.unwrap_or(Date::MIN);
        let memberships: Vec<Vec<Period>> = version
            .members()
            .map(|party| party.earlier.iter().copied().chain([self.current_membership(version, party)]).collect())
            .collect();
        let members =
            |on: Date| memberships.iter().filter(|periods| periods.iter().any(|period| period.includes(on))).count();
        let leavings = memberships.iter().flatten().filter_map(|period| period.to?.succ_opt());
        leavings.map(|after| after.max(begins)).filter(|after| members(*after) < 2).min()?.pred_opt()
    }

    /// How the agreement has ended by a day; `None` if it has not, or if another version is to begin.
    pub fn has_ended(&self, on: Date) -> Option<Standing> {
        match self.standing(on) {
            ended @ Standing::Voided => Some(ended),
            ended @ (Standing::Expired | Standing::Terminated) => {
                let begins = |version: &Version| version.term().and_then(|term| term.from).filter(|from| on < *from);
                let will_hold = |from: Date| matches!(self.standing(from), Standing::InForce | Standing::Suspended);
                (!self.versions.iter().filter_map(begins).any(will_hold)).then_some(ended)
            }
            Standing::NotConcluded | Standing::Scheduled | Standing::InForce | Standing::Suspended => None,
        }
    }

    /// The standing on a day.
    pub fn standing(&self, on: Date) -> Standing {
        if self.voided.is_some() {
            return Standing::Voided;
        }
        let Some(version) = self.version_begun(on) else {
            // Before the signature it was not concluded, even if a paper record says so now.
            let was_signed = |version: &Version| version.signed_on().is_none_or(|signed| signed <= on);
            let is_coming = self.versions.iter().any(|version| {
                version.state(on) == VersionState::Concluded && was_signed(version) && version.members().count() >= 2
            });
            return if is_coming { Standing::Scheduled } else { Standing::NotConcluded };
        };
        if version.members().count() < 2 {
            return Standing::NotConcluded;
        }
        let ended = version.term().and_then(|term| term.to).filter(|to| *to < on);
        let terminated = self.last_day_of_two_parties(version).filter(|last| *last < on);
        match (ended, terminated) {
            (Some(ended), Some(terminated)) if terminated < ended => Standing::Terminated,
            (Some(_), _) => Standing::Expired,
            (None, Some(_)) => Standing::Terminated,
            (None, None) => {
                let present = version.parties.iter().filter(|party| self.absence(version, party, on).is_none());
                if present.count() < 2 { Standing::Suspended } else { Standing::InForce }
            }
        }
    }
}
