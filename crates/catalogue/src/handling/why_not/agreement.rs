//! Why an agreement has no applicable clause.

use domain::agreement::standing::Absence;
use domain::{Agreement, Date, Message, Period, Suspension};

use crate::between::{Between, Pair, Pairs, Participation, different_pairs, parties_as, reference_version, term_of};
use crate::coverage::stop::Stop;
use crate::coverage::stops::Scoped;
use crate::entry::AgreementEntry;
use crate::handle::{Handle, Kept};
use crate::handling::reason::{Reason, ReasonCode, Subject};
use crate::handling::why_not::Explanation;
use crate::handling::why_not::text::{left_message, renew_remedy, wait_remedy};
use crate::snapshot::Snapshot;
use crate::version::ClauseEntry;

/// The reference version of an agreement on a day, and what stops its parties.
pub(super) struct Examined<'a> {
    pub(super) entry: &'a AgreementEntry,
    /// The index of the version.
    pub(super) at: usize,
    pub(super) on: Date,
}

impl<'a> Examined<'a> {
    fn absences(&self, pair: &Pair) -> impl Iterator<Item = Absence<'a>> {
        [pair.receiving.0, pair.competent.0].into_iter().filter_map(|party| self.absence(party))
    }

    fn absence(&self, party: u16) -> Option<Absence<'a>> {
        let agreement: &'a Agreement = &self.entry.agreement.record;
        let version = &agreement.versions[self.at];
        agreement.absence(version, &version.parties[usize::from(party)], self.on)
    }

    pub(super) fn is_bound(&self, party: u16) -> bool {
        self.absence(party) != Some(Absence::NotBound)
    }

    pub(super) fn are_members(&self, pair: &Pair) -> bool {
        self.absences(pair).all(|absence| matches!(absence, Absence::Suspended(_)))
    }

    pub(super) fn suspension(&self, pair: &Pair) -> Option<&'a Suspension> {
        self.absences(pair).find_map(|absence| match absence {
            Absence::Suspended(suspension) => Some(suspension),
            Absence::NotBound | Absence::NotAMember => None,
        })
    }

    /// The days on which both parties are members.
    fn membership(&self, pair: &Pair) -> Period {
        let version = &self.entry.agreement.versions[self.at];
        let of = |party: u16| self.entry.agreement.membership(version, &version.parties[usize::from(party)], self.on);
        of(pair.receiving.0).and(of(pair.competent.0))
    }
}

impl Snapshot {
    /// Why an agreement has no applicable clause for a matter; without a matter, why it has none at all.
    pub(super) fn explain_agreement(
        &self,
        entry: &AgreementEntry,
        between: &Between<'_>,
        matter: Option<Handle>,
    ) -> Explanation {
        let (agreement, on) = (&entry.agreement, between.on);
        let number = agreement.number;
        if agreement.voided.is_some() {
            return Explanation::NotCommon;
        }
        let Some(at) = reference_version(entry, on) else { return Explanation::NotCommon };
        let examined = Examined { entry, at, on };
        let (version, resolved) = (&agreement.versions[at], &entry.versions[at]);
        let bound = |participations| {
            let mut parties = parties_as(resolved, participations);
            parties.retain(|(party, _)| examined.is_bound(*party));
            parties
        };
        let (receiving, competent) = (bound(between.receiving_as), bound(between.competent_as));
        if receiving.is_empty() || competent.is_empty() {
            return not_bound(entry, at, between);
        }
        let pairs = different_pairs(&receiving, &competent);
        if pairs.is_empty() {
            return because(
                agreement,
                ReasonCode::SameParty,
                Message::new(
                    format!("在协议 {number} 中两地同属一个签约方"),
                    format!("in agreement {number} both districts belong to one party"),
                ),
                Message::new(
                    "同一签约方内部的办理不适用该协议，请咨询上级区域",
                    "the agreement does not cover what happens within one party; ask the district above",
                ),
            );
        }
        if version.schedule.is_empty() {
            return because(
                agreement,
                ReasonCode::NoScheduleYet,
                Message::new(
                    format!("协议 {number} 尚未公布通办事项清单"),
                    format!("agreement {number} has no schedule yet"),
                ),
                Message::new("清单分批公布，请待公布后再查", "lists are published in batches; ask again later"),
            );
        }
        let term = term_of(entry, at);
        if term.begins_after(on) || pairs.iter().all(|pair| examined.membership(pair).begins_after(on)) {
            let from = term.from.or_else(|| pairs.iter().filter_map(|pair| examined.membership(pair).from).min());
            let since = from.map_or(String::new(), |from| format!(" {from} "));
            return because_of_days(
                agreement,
                ReasonCode::BasisNotYetInForce,
                Message::new(
                    format!("协议 {number} 自{since}起生效"),
                    format!("agreement {number} is in force from{since}on"),
                ),
                wait_remedy(),
                Period::new(from, None),
            );
        }
        let members: Pairs = pairs.iter().filter(|pair| examined.are_members(pair)).copied().collect();
        if term.ended_before(on) || members.is_empty() {
            let ended = version.term().and_then(|term| term.to).filter(|to| *to < on);
            let message = match ended {
                Some(to) => {
                    Message::new(format!("协议 {number} 已于 {to} 到期"), format!("agreement {number} ended on {to}"))
                }
                None => left_message(number),
            };
            let left = || pairs.iter().filter_map(|pair| examined.membership(pair).to).filter(|to| *to < on).max();
            let days = Period::new(None, ended.or_else(left));
            return because_of_days(agreement, ReasonCode::BasisEnded, message, renew_remedy(), days);
        }
        let present: Pairs = members.iter().filter(|pair| examined.suspension(pair).is_none()).copied().collect();
        if present.is_empty() {
            let suspension = members.iter().find_map(|pair| examined.suspension(pair));
            return suspension
                .map_or(Explanation::NotCommon, |suspension| self.explain_suspension(agreement, suspension));
        }
        match matter {
            Some(matter) => self.explain_matter(&examined, matter, between, [&pairs, &members, &present]),
            None => {
                let clauses = resolved.indexed_clauses().filter(|(_, clause)| clause.is_in_date(on));
                self.explain_stops(&examined, None, between, &clauses.collect::<Vec<_>>(), &present)
            }
        }
    }

    /// Why the clauses of an agreement in force do not apply for a matter. The pairs of parties: all that are bound,
    /// the members, and those that are not suspended.
    fn explain_matter(
        &self,
        examined: &Examined<'_>,
        matter: Handle,
        between: &Between<'_>,
        [pairs, members, present]: [&Pairs; 3],
    ) -> Explanation {
        let Examined { entry, at, on } = *examined;
        let agreement = &entry.agreement;
        let number = agreement.number;
        let listing: Vec<(usize, ClauseEntry<'_>)> =
            entry.versions[at].indexed_clauses().filter(|(_, clause)| clause.matters.contains(matter)).collect();
        let forward = |clause: &ClauseEntry<'_>, pair: &Pair| clause.admits(pair.receiving.0, pair.competent.0);
        let backward = |clause: &ClauseEntry<'_>, pair: &Pair| clause.admits(pair.competent.0, pair.receiving.0);
        let admitted: Vec<&(usize, ClauseEntry<'_>)> =
            listing.iter().filter(|(_, clause)| present.iter().any(|pair| forward(clause, pair))).collect();
        let Some((first, _)) = admitted.first() else {
            // The clause may apply only through a suspended party.
            let suspended = listing.iter().find_map(|(_, clause)| members.iter().find(|pair| forward(clause, pair)));
            if let Some(suspension) = suspended.and_then(|pair| examined.suspension(pair)) {
                return self.explain_suspension(agreement, suspension);
            }
            if listing.iter().any(|(_, clause)| pairs.iter().any(|pair| backward(clause, pair))) {
                return because(
                    agreement,
                    ReasonCode::OnlyOtherDirection,
                    Message::new(
                        format!("协议 {number} 的清单只约定了反方向的办理"),
                        format!("agreement {number} lists it in the other direction only"),
                    ),
                    Message::new(
                        "请到业务属地办理，或由双方修订清单",
                        "have it done in the competent district, or have the parties amend the schedule",
                    ),
                );
            }
            return because(
                agreement,
                ReasonCode::MatterNotInSchedule,
                Message::new(
                    format!("协议 {number} 的清单没有列入该事项"),
                    format!("the schedule of agreement {number} does not list the matter between the two"),
                ),
                Message::new(
                    "请查看清单中的其他事项，或请登记人员提议增补",
                    "look at the other matters of the schedule, or have a registrar propose it",
                ),
            );
        };
        let in_date: Vec<(usize, ClauseEntry<'_>)> =
            admitted.iter().filter(|(_, clause)| clause.is_in_date(on)).map(|clause| **clause).collect();
        if !in_date.is_empty() {
            return self.explain_stops(examined, Some(matter), between, &in_date, present);
        }
        let period = agreement.listed_clause(at, *first).period;
        let begins = period.from.filter(|from| on < *from);
        let message = match (begins, period.to) {
            (Some(from), _) => Message::new(
                format!("协议 {number} 的该条款自 {from} 起实行"),
                format!("the clause of agreement {number} applies from {from} on"),
            ),
            (None, Some(to)) => Message::new(
                format!("协议 {number} 的该条款已于 {to} 截止"),
                format!("the clause of agreement {number} ended on {to}"),
            ),
            (None, None) => Message::new(
                format!("协议 {number} 的该条款不在有效期内"),
                format!("the clause of agreement {number} does not apply on the day"),
            ),
        };
        because_of_days(
            agreement,
            ReasonCode::ClauseNotInDate,
            message,
            Message::new("请按条款的有效期查询", "ask for a day within the clause's dates"),
            Period::new(begins, period.to.filter(|_| begins.is_none())),
        )
    }

    /// The suspension with a scope that stops a matter, or with `None` every matter, of these clauses; no reason if one
    /// of them applies.
    fn explain_stops(
        &self,
        examined: &Examined<'_>,
        matter: Option<Handle>,
        between: &Between<'_>,
        clauses: &[(usize, ClauseEntry<'_>)],
        present: &Pairs,
    ) -> Explanation {
        let agreement = &examined.entry.agreement;
        let stops = self.stops(agreement, examined.at, examined.on, Scoped::Only);
        let stops: Vec<&Stop> = stops.iter().filter(|stop| stop.meets(between)).collect();
        if stops.is_empty() {
            return Explanation::None;
        }
        let mut first = None;
        for (at, clause) in clauses {
            for pair in present.iter().map(|pair| (pair.receiving.0, pair.competent.0)) {
                if !clause.admits(pair.0, pair.1) {
                    continue;
                }
                for m in clause.matters.iter().filter(|m| matter.is_none_or(|matter| matter == *m)) {
                    match stops.iter().find(|stop| stop.concerns(*at, pair.0, pair.1) && stop.lists(m)) {
                        Some(stop) => first = first.or(Some(stop.at)),
                        None => return Explanation::None,
                    }
                }
            }
        }
        first.map_or(Explanation::None, |at| self.explain_suspension(agreement, &agreement.suspensions[at]))
    }

    fn explain_suspension(&self, agreement: &Kept<Agreement>, suspension: &Suspension) -> Explanation {
        let number = agreement.number;
        let (who_zh, who_en) = match suspension.party {
            None => ("平台".to_owned(), "the registry".to_owned()),
            Some(code) => self.district(code).map_or((code.to_string(), code.to_string()), |district| {
                (district.name.to_string(), district.english_name.as_deref().unwrap_or(&district.name).to_owned())
            }),
        };
        let (part_zh, part_en) =
            if suspension.scope.is_everything() { ("", "") } else { ("部分办理", "a part of ") };
        let told = suspension.public_text.as_deref();
        let (text, text_en) = told.map_or_else(Default::default, |told| (format!("：{told}"), format!(": {told}")));
        because_of_days(
            agreement,
            ReasonCode::Suspended,
            Message::new(
                format!("协议 {number} 自 {since} 起由{who_zh}暂停{part_zh}{text}", since = suspension.since),
                format!(
                    "{part_en}agreement {number} has been suspended by {who_en} since {}{text_en}",
                    suspension.since
                ),
            ),
            match suspension.until {
                Some(until) => Message::new(
                    format!("暂停至 {until}，之后再查"),
                    format!("suspended until {until}; ask again after that"),
                ),
                None => Message::new(format!("请向{who_zh}了解恢复时间"), format!("ask {who_en} when it resumes")),
            },
            Period::new(Some(suspension.since), suspension.until),
        )
    }
}

/// The reference version does not bind both districts. Another version may: then the agreement has ended for them, or
/// is still to come.
fn not_bound(entry: &AgreementEntry, at: usize, between: &Between<'_>) -> Explanation {
    let agreement = &entry.agreement;
    let number = agreement.number;
    let names_both = |other: &usize| {
        let (version, resolved) = (&agreement.versions[*other], &entry.versions[*other]);
        // A party may still confirm a paper record; a party that did not sign in time is none.
        let counts = |(party, _): &(u16, Participation)| {
            version.proposal().is_none() || version.binds(&version.parties[usize::from(*party)])
        };
        [between.receiving_as, between.competent_as]
            .into_iter()
            .all(|participations| parties_as(resolved, participations).iter().any(counts))
    };
    match (0..entry.versions.len()).filter(names_both).map(|other| other < at).max() {
        None => Explanation::NotCommon,
        Some(true) => because(agreement, ReasonCode::BasisEnded, left_message(number), renew_remedy()),
        Some(false) => because(
            agreement,
            ReasonCode::BasisNotYetInForce,
            Message::new(format!("协议 {number} 尚未生效"), format!("agreement {number} is not yet in force")),
            wait_remedy(),
        ),
    }
}

fn because(agreement: &Kept<Agreement>, code: ReasonCode, message: Message, remedy: Message) -> Explanation {
    because_of_days(agreement, code, message, remedy, Period::ALWAYS)
}

fn because_of_days(
    agreement: &Kept<Agreement>,
    code: ReasonCode,
    message: Message,
    remedy: Message,
    days: Period,
) -> Explanation {
    let reason = Reason::new(code, Some(Subject::Agreement(agreement.clone())), message, remedy);
    Explanation::Because(Reason { days, ..reason })
}
