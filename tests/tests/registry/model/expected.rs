//! The expected permissions, refusals, views and answers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use domain::Date;

use super::act::{Act, Tie, Version};

pub(super) const ANSWER_DAYS: u64 = 12;
pub(super) const NOTICE_DAYS: u64 = 5;

/// The model of one agreement.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) versions: BTreeMap<u32, Version>,
    /// The largest number of any version.
    pub(super) used: u32,
    /// The parties with a suspension.
    pub(super) flags: BTreeSet<usize>,
    pub(super) stopped: bool,
    /// The leaving parties, with their last days.
    pub(super) notices: Vec<(usize, Date)>,
}

impl Model {
    pub(super) fn concluded_on(&self, number: u32) -> Option<Date> {
        let version = &self.versions[&number];
        (version.signed.len() == 3).then(|| version.signed.values().copied().max()).flatten()
    }

    pub(super) fn state(&self, number: u32, today: Date) -> &'static str {
        self.state_of(number, &self.versions[&number], today)
    }

    pub(super) fn state_of(&self, number: u32, version: &Version, today: Date) -> &'static str {
        match version.answer_by {
            None => "DRAFT",
            Some(_) if version.withdrawn_on.is_some() => "WITHDRAWN",
            Some(_) if version.signed.len() == 3 => "CONCLUDED",
            Some(_) if self.is_superseded(number, today) => "LAPSED",
            Some(_) if !version.rejected.is_empty() => "REJECTED",
            Some(last) if last < today => "LAPSED",
            Some(_) => "PROPOSED",
        }
    }

    /// The version in force.
    pub(super) fn standing_version(&self) -> Option<u32> {
        self.versions.keys().rev().copied().find(|number| self.concluded_on(*number).is_some())
    }

    /// The bases of a version.
    pub(super) fn grounds(&self, number: u32) -> Vec<u32> {
        let below = |number: &u32| self.versions.get(number).and_then(|version| version.base);
        std::iter::successors(below(&number), below).collect()
    }

    /// Did another conclusion end the proposal before its deadline?
    pub(super) fn is_superseded(&self, number: u32, today: Date) -> bool {
        self.overtaken_on(number)
            .is_some_and(|day| day <= today && self.versions[&number].answer_by.is_some_and(|last| day <= last))
    }

    /// When was a version concluded after the base of this one, on which it is not based?
    pub(super) fn overtaken_on(&self, number: u32) -> Option<Date> {
        let grounds = self.grounds(number);
        let is_concluded = |number: &u32| self.versions.contains_key(number) && self.concluded_on(*number).is_some();
        let ground = grounds.iter().copied().find(is_concluded).unwrap_or(0);
        let over = self
            .versions
            .keys()
            .filter(|other| is_concluded(other) && **other > ground && **other != number && !grounds.contains(other));
        over.filter_map(|other| self.concluded_on(*other)).min()
    }

    /// The parties whose last day has not passed; signing a later version makes a district a party again.
    pub(super) fn members(&self, today: Date) -> Vec<usize> {
        let Some(standing) = self.standing_version() else { return Vec::new() };
        let signed = &self.versions[&standing].signed;
        let left = |party: &usize| {
            self.notices.iter().any(|(leaving, last)| leaving == party && *last < today && signed[party] <= *last)
        };
        (0..3).filter(|party| !left(party)).collect()
    }

    pub(super) fn standing(&self, today: Date) -> &'static str {
        let members = self.members(today);
        let free = members.iter().filter(|party| !self.flags.contains(party)).count();
        match self.standing_version() {
            None => "NOT_CONCLUDED",
            Some(_) if members.len() < 2 => "TERMINATED",
            Some(_) if self.stopped || free < 2 => "SUSPENDED",
            Some(_) => "IN_FORCE",
        }
    }

    /// May residents of the first apply for matters of the second?
    pub(super) fn answer(&self, today: Date) -> &'static str {
        let members = self.members(today);
        match self.standing_version() {
            None => "NOT_COVERED: NO_COMMON_BASIS",
            Some(_) if !members.contains(&0) || !members.contains(&1) => "NOT_COVERED: BASIS_ENDED",
            Some(_) if self.stopped || self.flags.contains(&0) || self.flags.contains(&1) => "NOT_COVERED: SUSPENDED",
            Some(_) => "AVAILABLE: PROXY_COLLECTION",
        }
    }

    /// Until when a party is bound: by each version until its notice ends or the next version begins.
    pub(super) fn bound(&self, party: usize, today: Date) -> Tie {
        let concluded: Vec<(u32, Date)> =
            self.versions.keys().filter_map(|number| Some((*number, self.concluded_on(*number)?))).collect();
        let of = |(number, _): &(u32, Date)| {
            let signed = self.versions[number].signed[&party];
            let left = self
                .notices
                .iter()
                .filter(|(leaving, last)| *leaving == party && signed <= *last)
                .map(|(_, last)| *last)
                .min();
            let next = concluded.iter().filter(|(later, _)| later > number).map(|(_, begins)| *begins).min();
            Tie::until([left, next.and_then(|begins| begins.pred_opt())].into_iter().flatten().min(), today)
        };
        concluded.iter().map(of).max().unwrap_or(Tie::Never)
    }

    /// Until when a proposal asks the parties, which are the same in all versions.
    pub(super) fn asked(&self, number: u32, today: Date) -> Tie {
        let version = &self.versions[&number];
        let overtaken = self.overtaken_on(number).filter(|_| self.is_superseded(number, today));
        let state = self.state(number, today);
        let last = match state {
            "DRAFT" => return Tie::Never,
            "CONCLUDED" => self.concluded_on(number).and_then(|concluded| concluded.pred_opt()),
            "PROPOSED" => None,
            "WITHDRAWN" => version.withdrawn_on,
            _ => overtaken.or(version.answer_by),
        };
        let newest =
            self.versions.iter().rev().find(|(_, version)| version.answer_by.is_some()).map(|(newest, _)| *newest);
        if self.standing_version().is_none() && newest == Some(number) { Tie::Now } else { Tie::until(last, today) }
    }

    /// Until when a party sees a proposal: an open one as of its last day, later ones if it is asked.
    pub(super) fn tie(&self, party: usize, number: u32, today: Date) -> Tie {
        match self.bound(party, today) {
            Tie::Now => Tie::Now,
            Tie::Until(last) if self.versions[&number].proposed_on.is_some_and(|on| on <= last) => Tie::Until(last),
            Tie::Until(_) | Tie::Never => self.asked(number, today),
        }
    }

    /// The state in which a party, or the public (`None`), sees a version; `None`: it is hidden.
    pub(super) fn seen(&self, party: Option<usize>, number: u32, today: Date) -> Option<&'static str> {
        let version = &self.versions[&number];
        let state = self.state(number, today);
        match (state, party) {
            ("DRAFT", party) => (party == Some(version.author)).then_some(state),
            ("CONCLUDED", _) => Some(state),
            (_, None) => None,
            (_, Some(party)) => match self.tie(party, number, today) {
                Tie::Never => None,
                Tie::Until(last) => Some(self.state_of(number, &version.as_of(last), last)),
                Tie::Now => Some(state),
            },
        }
    }

    pub(super) fn sees(&self, party: Option<usize>, number: u32, today: Date) -> bool {
        self.seen(party, number, today).is_some()
    }

    /// Only parties, or districts that it asks, may continue from a version.
    pub(super) fn may_amend(&self, by: usize, base: u32, today: Date) -> bool {
        self.bound(by, today).max(self.tie(by, base, today)) == Tie::Now
    }

    pub(super) fn may_rest_on(&self, base: u32, today: Date) -> Result<(), &'static str> {
        match self.state(base, today) {
            "PROPOSED" => Ok(()),
            "CONCLUDED" if self.standing_version() == Some(base) => Ok(()),
            "CONCLUDED" => Err("STALE baseVersion BASE_SUPERSEDED"),
            "LAPSED" if self.is_superseded(base, today) => Err("STALE baseVersion BASE_SUPERSEDED"),
            _ => Err("REFUSED baseVersion WRONG_STATE"),
        }
    }

    pub(super) fn may_act_on_what_stands(&self, party: Option<usize>, today: Date) -> Result<(), &'static str> {
        match (self.standing(today), party) {
            ("NOT_CONCLUDED", _) => Err("REFUSED number NOT_CONCLUDED"),
            ("TERMINATED", _) => Err("REFUSED number ENDED"),
            (_, Some(party)) if !self.members(today).contains(&party) => Err("REFUSED party ALREADY_LEFT"),
            _ => Ok(()),
        }
    }

    /// Does the act, or returns all its problems.
    pub(super) fn attempt(&mut self, act: Act, by: usize, number: u32, today: Date) -> Result<(), Vec<&'static str>> {
        let is_steward = matches!(act, Act::Stop | Act::Release);
        if !is_steward && !self.versions.keys().any(|number| self.sees(Some(by), *number, today)) {
            return Err(vec!["NOT_FOUND number NOT_FOUND"]);
        }
        let about_a_version =
            !matches!(act, Act::Suspend | Act::Resume | Act::GiveNotice | Act::RevokeNotice | Act::Stop | Act::Release);
        if about_a_version && (!self.versions.contains_key(&number) || !self.sees(Some(by), number, today)) {
            return Err(vec![if act == Act::Amend {
                "NOT_FOUND baseVersion UNKNOWN_VERSION"
            } else {
                "NOT_FOUND version UNKNOWN_VERSION"
            }]);
        }
        let state = if about_a_version { self.state(number, today) } else { "" };
        let is_own = about_a_version && self.versions[&number].author == by;
        let overtaken = state == "LAPSED" && self.is_superseded(number, today);
        let next = self.used + 1;
        let version = || self.versions[&number].clone();
        let changed = match act {
            Act::Amend => {
                let ended = (self.standing(today) == "TERMINATED").then_some("REFUSED number ENDED");
                let problems: Vec<_> = ended.into_iter().chain(self.may_rest_on(number, today).err()).collect();
                if !problems.is_empty() {
                    return Err(problems);
                }
                if !self.may_amend(by, number, today) {
                    return Err(vec!["REFUSED proposer NOT_A_PARTY"]);
                }
                self.versions.insert(next, Version::draft(Some(number), by));
                self.used = next;
                return Ok(());
            }
            Act::Discard | Act::Propose | Act::Withdraw if !is_own => {
                return Err(vec!["REFUSED version NOT_THE_AUTHOR"]);
            }
            Act::Revise | Act::Discard | Act::Propose if state != "DRAFT" => {
                return Err(vec!["REFUSED version WRONG_STATE"]);
            }
            Act::Revise => return Ok(()),
            Act::Discard => {
                self.versions.remove(&number);
                return Ok(());
            }
            Act::Propose if self.standing(today) == "TERMINATED" => return Err(vec!["REFUSED number ENDED"]),
            Act::Propose => {
                if let Some(base) = version().base {
                    self.may_rest_on(base, today).map_err(|problem| vec![problem])?;
                    if !self.may_amend(by, base, today) {
                        return Err(vec!["REFUSED version NOT_A_PARTY"]);
                    }
                }
                Version { proposed_on: Some(today), answer_by: Some(today + Days::new(ANSWER_DAYS)), ..version() }
            }
            Act::Withdraw if !matches!(state, "PROPOSED" | "REJECTED") => {
                return Err(vec!["REFUSED version WRONG_STATE"]);
            }
            Act::Withdraw => Version { withdrawn_on: Some(today), ..version() },
            Act::Sign | Act::SignAnother | Act::Reject | Act::UndoRejection if overtaken => {
                return Err(vec!["STALE version BASE_SUPERSEDED"]);
            }
            Act::Sign | Act::SignAnother if version().signed.contains_key(&by) => {
                return Err(vec!["REFUSED party ALREADY_SIGNED"]);
            }
            Act::Sign | Act::SignAnother if state == "REJECTED" && version().rejected.contains_key(&by) => {
                return Err(vec!["REFUSED party REJECTED_BEFORE"]);
            }
            Act::Sign | Act::SignAnother if state != "PROPOSED" => return Err(vec!["REFUSED version WRONG_STATE"]),
            Act::SignAnother => return Err(vec!["STALE digest OTHER_DIGEST"]),
            Act::Sign => {
                let mut version = version();
                version.signed.insert(by, today);
                version
            }
            // A draft has no answers.
            Act::Reject | Act::UndoRejection if state == "DRAFT" => return Err(vec!["REFUSED version WRONG_STATE"]),
            Act::Reject if version().rejected.contains_key(&by) => return Err(vec!["REFUSED party ALREADY_REJECTED"]),
            Act::Reject if version().signed.contains_key(&by) => return Err(vec!["REFUSED party ALREADY_SIGNED"]),
            Act::Reject if !matches!(state, "PROPOSED" | "REJECTED") => {
                return Err(vec!["REFUSED version WRONG_STATE"]);
            }
            Act::UndoRejection if !matches!(state, "PROPOSED" | "REJECTED" | "LAPSED") => {
                return Err(vec!["REFUSED version WRONG_STATE"]);
            }
            Act::UndoRejection if version().answer_by < Some(today) => {
                return Err(vec!["REFUSED version ANSWER_BY_PAST"]);
            }
            Act::UndoRejection if !version().rejected.contains_key(&by) => {
                return Err(vec!["REFUSED party NOT_REJECTED"]);
            }
            Act::Reject | Act::UndoRejection => {
                let mut version = version();
                if version.rejected.remove(&by).is_none() {
                    version.rejected.insert(by, today);
                }
                version
            }
            Act::Suspend => {
                self.may_act_on_what_stands(Some(by), today).map_err(|problem| vec![problem])?;
                return if self.flags.insert(by) { Ok(()) } else { Err(vec!["REFUSED party ALREADY_SUSPENDED"]) };
            }
            Act::Stop => {
                self.may_act_on_what_stands(None, today).map_err(|problem| vec![problem])?;
                return if std::mem::replace(&mut self.stopped, true) {
                    Err(vec!["REFUSED party ALREADY_SUSPENDED"])
                } else {
                    Ok(())
                };
            }
            Act::Resume => {
                return if self.flags.remove(&by) { Ok(()) } else { Err(vec!["REFUSED party NOT_SUSPENDED"]) };
            }
            Act::Release => {
                return if std::mem::take(&mut self.stopped) {
                    Ok(())
                } else {
                    Err(vec!["REFUSED party NOT_SUSPENDED"])
                };
            }
            Act::GiveNotice => {
                self.may_act_on_what_stands(Some(by), today).map_err(|problem| vec![problem])?;
                let ends_on = today + Days::new(NOTICE_DAYS);
                match self.notices.iter_mut().find(|(party, last)| *party == by && *last >= today) {
                    Some((_, last)) if *last == ends_on => return Err(vec!["REFUSED party NOTICE_GIVEN"]),
                    Some((_, last)) => *last = ends_on,
                    None => self.notices.push((by, ends_on)),
                }
                return Ok(());
            }
            Act::RevokeNotice => {
                let given = self.notices.iter().filter(|(party, _)| *party == by).count();
                self.notices.retain(|(party, last)| *party != by || *last < today);
                return match given {
                    0 => Err(vec!["REFUSED party NO_NOTICE"]),
                    given if self.notices.iter().filter(|(party, _)| *party == by).count() == given => {
                        Err(vec!["REFUSED party ALREADY_LEFT"])
                    }
                    _ => Ok(()),
                };
            }
        };
        self.versions.insert(number, changed);
        Ok(())
    }
}
