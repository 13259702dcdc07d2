//! Membership: which districts are parties of an agreement on a day. `Version::parties` lists every district that the
//! text names, since the digest covers them; a district that has left, has not joined, did not sign or was removed is
//! not a party.

use crate::agreement::Agreement;
use crate::agreement::lifecycle::{Life, Proposal, VersionState};
use crate::agreement::party::Party;
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::period::{Date, Period};
use crate::problem::Problem;
use crate::words::words;

words! {
    /// The membership of a named district on a day.
    Membership {
        Member = "MEMBER", "签约方", "a party";
        /// It has not answered, or its first day lies ahead.
        NotYet = "NOT_YET", "尚未加入", "has not joined yet";
        /// The version was concluded without it.
        StayedOut = "STAYED_OUT", "未加入", "stayed out";
        /// Its last day has passed.
        Left = "LEFT", "已退出", "has left";
        /// A later version that has begun does not name it.
        Dropped = "DROPPED", "已移出", "was dropped";
    }
}

/// Until when a district is a party, or is asked to become one, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Involvement {
    Never,
    /// Up to and including this day, which has passed.
    Until(Date),
    Now,
}

impl Involvement {
    fn until(last: Option<Date>, today: Date) -> Self {
        match last {
            Some(last) if last < today => Self::Until(last),
            Some(_) | None => Self::Now,
        }
    }
}

/// An agreement on a day. The states of its versions are computed once, for queries about many districts.
pub(crate) struct AgreementOnDay<'a> {
    pub(crate) agreement: &'a Agreement,
    pub(crate) day: Date,
    pub(crate) versions: Vec<VersionOnDay<'a>>,
}

pub(crate) struct VersionOnDay<'a> {
    pub(crate) version: &'a Version,
    pub(crate) state: VersionState,
    /// It is public: concluded, and binding for at least two parties.
    pub(crate) is_published: bool,
    /// The last day before a later concluded version replaces it.
    last: Option<Date>,
}

impl VersionOnDay<'_> {
    /// Whether the version was proposed by a day. A paper record counts as proposed.
    fn was_shown_by(&self, day: Date) -> bool {
        self.version.proposal().is_none_or(|proposal| proposal.on <= day)
    }
}

impl<'a> AgreementOnDay<'a> {
    pub(crate) fn new(agreement: &'a Agreement, day: Date) -> Self {
        let mut next: Option<Date> = None;
        let of = |version: &'a Version| {
            let state = version.state(day);
            let is_concluded = state == VersionState::Concluded;
            let is_published = is_concluded && version.members().nth(1).is_some();
            let last = next.and_then(|next| next.pred_opt());
            if is_concluded && let Some(begins) = version.term().map(|term| term.from.unwrap_or(Date::MIN)) {
                next = Some(next.map_or(begins, |next| next.min(begins)));
            }
            VersionOnDay { version, state, is_published, last }
        };
        let mut versions: Vec<_> = agreement.versions.iter().rev().map(of).collect();
        versions.reverse();
        Self { agreement, day, versions }
    }

    fn concluded(&self) -> impl Iterator<Item = &VersionOnDay<'a>> {
        self.versions.iter().filter(|of| of.state == VersionState::Concluded)
    }

    /// Until when a concluded version binds a district. The end of the agreement does not end membership.
    pub(crate) fn bound(&self, district: DistrictCode) -> Involvement {
        let of = |of: &VersionOnDay<'_>| {
            let party = of.version.party(district).filter(|party| of.version.binds(party))?;
            let left = self.agreement.membership(of.version, party, self.day).to;
            Some(Involvement::until([left, of.last].into_iter().flatten().min(), self.day))
        };
        self.concluded().filter_map(of).max().unwrap_or(Involvement::Never)
    }

    /// Until when a district is a party: bound by a concluded version, or named by a paper record that it has not
    /// confirmed.
    pub(crate) fn party(&self, district: DistrictCode) -> Involvement {
        let named = |of: &VersionOnDay<'_>| {
            let is_named = matches!(of.version.life, Life::Paper(_)) && of.version.party(district).is_some();
            is_named.then(|| self.asked(of, district))
        };
        self.concluded().filter_map(named).max().unwrap_or(Involvement::Never).max(self.bound(district))
    }

    /// Until when a version asks a district that it does not bind.
    fn asked(&self, of: &VersionOnDay<'_>, district: DistrictCode) -> Involvement {
        let named = of.version.party(district);
        match &of.version.life {
            Life::Draft(_) => Involvement::Never,
            Life::Paper(_) => named
                .filter(|party| !of.version.binds(party))
                .map_or(Involvement::Never, |_| Involvement::until(of.last, self.day)),
            Life::Proposal(proposal) if named.is_none() && !proposal.signers.contains(&district) => Involvement::Never,
            Life::Proposal(proposal) => self.asked_by(of, proposal),
        }
    }

    fn asked_by(&self, of: &VersionOnDay<'_>, proposal: &Proposal) -> Involvement {
        let overtaken = proposal.superseded_on.filter(|day| *day <= self.day);
        let last = match of.state {
            VersionState::Draft => return Involvement::Never,
            VersionState::Concluded => of.version.signed_on().and_then(|concluded| concluded.pred_opt()),
            VersionState::Proposed => overtaken,
            VersionState::Rejected | VersionState::Lapsed => overtaken.or(Some(proposal.answer_by)),
            VersionState::Withdrawn => proposal.withdrawn_on,
        };
        // Until a first version is concluded, the districts that negotiate it stay involved.
        let is_newest = || {
            self.versions
                .iter()
                .rev()
                .find(|other| other.state != VersionState::Draft)
                .is_some_and(|newest| std::ptr::eq(newest, of))
        };
        if of.state != VersionState::Concluded && self.concluded().next().is_none() && is_newest() {
            return Involvement::Now;
        }
        Involvement::until(last, self.day)
    }

    /// Until when a district sees a version, other than a draft, completely. A former party sees an earlier proposal as
    /// of its last day, even if the proposal asks it.
    pub(crate) fn sees(&self, of: &VersionOnDay<'_>, district: DistrictCode, bound: Involvement) -> Involvement {
        match bound {
            Involvement::Now => Involvement::Now,
            Involvement::Until(last) if of.was_shown_by(last) => bound,
            Involvement::Until(_) | Involvement::Never => self.asked(of, district),
        }
    }

    /// Until when a district is a party, or is asked to become one.
    pub(crate) fn tie(&self, district: DistrictCode) -> Involvement {
        let bound = self.bound(district);
        let shown =
            self.versions.iter().filter(|of| of.state != VersionState::Draft).map(|of| self.sees(of, district, bound));
        shown.max().unwrap_or(Involvement::Never).max(bound)
    }
}

impl Agreement {
    /// Whether a district is a party on a day, or is asked to become one. If there are only drafts, their authors
    /// count.
    pub fn is_party_or_asked(&self, district: DistrictCode, on: Date) -> bool {
        let drafts_alone = self.versions.iter().all(|version| matches!(version.life, Life::Draft(_)));
        if drafts_alone {
            return self.versions.iter().any(|version| version.author() == Some(district));
        }
        AgreementOnDay::new(self, on).tie(district) == Involvement::Now
    }

    /// Only a party, or a district that the base version asks, may amend it.
    pub(crate) fn ensure_may_amend(&self, base: usize, author: DistrictCode, on: Date) -> Result<(), Problem> {
        let seen = AgreementOnDay::new(self, on);
        let bound = seen.bound(author);
        let asked = seen.versions.get(base).map_or(Involvement::Never, |of| seen.sees(of, author, bound));
        if bound.max(asked) == Involvement::Now { Ok(()) } else { Err(crate::agreement::refusal::not_a_party(author)) }
    }

    /// The membership of a district that a version names; after the end of the agreement, its membership on the last
    /// day.
    pub fn membership_of(&self, version: &Version, party: &Party, on: Date) -> Membership {
        let on = self.reference_day(on);
        let state = version.state(on);
        let bound = AgreementOnDay::new(self, on).bound(party.district);
        if state != VersionState::Concluded {
            return match bound {
                Involvement::Now => Membership::Member,
                Involvement::Until(_) => Membership::Left,
                Involvement::Never => Membership::NotYet,
            };
        }
        if !version.binds(party) {
            return if matches!(version.life, Life::Paper(_)) { Membership::NotYet } else { Membership::StayedOut };
        }
        let membership = self.membership(version, party, on);
        if membership.begins_after(on) {
            Membership::NotYet
        } else if membership.ended_before(on) {
            Membership::Left
        } else if bound != Involvement::Now {
            Membership::Dropped
        } else {
            Membership::Member
        }
    }

    /// The last day of the agreement, if it has ended by the day.
    fn last_day_by(&self, on: Date) -> Option<Date> {
        let version = self.version_begun(on)?;
        let ends = [version.term().and_then(|term| term.to), self.last_day_of_two_parties(version)];
        ends.into_iter().flatten().min().filter(|last| *last < on)
    }

    /// The day to evaluate: after the end of the agreement, its last day.
    pub fn reference_day(&self, on: Date) -> Date {
        self.last_day_by(on).unwrap_or(on)
    }

    /// Whether a named district counts as a party on a day, as known today. After the end of the agreement its last day
    /// is evaluated, before the start of the version its first. In a version that is not concluded, or a paper record
    /// without confirmations, every named district counts.
    pub fn counts_as_party(&self, version: &Version, party: &Party, on: Date, today: Date) -> bool {
        if version.state(today) != VersionState::Concluded || version.members().nth(1).is_none() {
            return true;
        }
        let begins = version.term().and_then(|term| term.from).unwrap_or(Date::MIN);
        let day = self.reference_day(on).max(begins);
        version.binds(party) && self.membership(version, party, day).includes(day)
    }

    /// The periods in which each district is bound by the version in force, as known on a day, in the order of versions
    /// and parties. Adjacent periods are joined.
    pub fn members_over_time(&self, known_on: Date) -> Vec<(Party, Period)> {
        let mut members: Vec<(Party, Period)> = Vec::new();
        if self.voided.is_some() {
            return members;
        }
        let seen = AgreementOnDay::new(self, known_on);
        for of in seen.concluded().filter(|of| of.is_published) {
            let Some(term) = of.version.term() else { continue };
            let in_force =
                term.and(Period::new(None, of.last)).and(Period::new(None, self.last_day_of_two_parties(of.version)));
            for party in of.version.members() {
                let current = self.current_membership(of.version, party);
                for period in party
                    .earlier
                    .iter()
                    .copied()
                    .chain([current])
                    .map(|period| period.and(in_force))
                    .filter(|period| !period.is_backwards())
                {
                    let meets = |(known, before): &&mut (Party, Period)| {
                        (known.district, known.extent) == (party.district, party.extent)
                            && before.to.and_then(|to| to.succ_opt()).is_some_and(|next| Some(next) == period.from)
                    };
                    match members.iter_mut().find(meets) {
                        Some((_, before)) => before.to = period.to,
                        None => members.push((party.clone(), period)),
                    }
                }
            }
        }
        members
    }
}

impl Agreement {
    /// Every district that the agreement names: parties, newcomers, authors, signers, and those consulted on a draft.
    pub fn named(&self) -> Vec<DistrictCode> {
        let of = |version: &Version| {
            let mut named: Vec<DistrictCode> = version.parties.iter().map(|party| party.district).collect();
            named.extend(version.accessions.iter().map(|accession| accession.party.district));
            match &version.life {
                Life::Draft(draft) => {
                    named.push(draft.author);
                    named.extend(version.consulted());
                }
                Life::Proposal(proposal) => {
                    named.push(proposal.by);
                    named.extend(&proposal.signers);
                }
                Life::Paper(paper) => named.extend(paper.recorder),
            }
            named
        };
        self.versions.iter().flat_map(of).collect()
    }
}
