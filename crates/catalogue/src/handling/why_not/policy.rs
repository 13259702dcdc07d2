//! Why a policy has no applicable clause.

use domain::{Message, Territory};

use crate::between::{Between, Participation, number_of, within};
use crate::bits::Positions;
use crate::entry::PolicyEntry;
use crate::handle::Handle;
use crate::handling::reason::{Reason, ReasonCode, Subject};
use crate::handling::why_not::Explanation;
use crate::handling::why_not::text::{renew_remedy, wait_remedy};
use crate::snapshot::Snapshot;
use crate::territory::is_subtree;

impl Snapshot {
    pub(super) fn explain_policy(
        &self,
        entry: &PolicyEntry,
        between: &Between<'_>,
        matter: Option<Handle>,
    ) -> Explanation {
        let policy = &entry.policy;
        let on = between.on;
        let reversed = between.reversed();
        let number = number_of(policy);
        let reason = |code, message, remedy| Reason::new(code, Some(Subject::Policy(policy.clone())), message, remedy);
        let fails = |code, message, remedy| Explanation::Because(reason(code, message, remedy));
        let dated =
            |code, message, remedy, from, to| Explanation::Because(reason(code, message, remedy).about_days(from, to));
        let forward = |clause: &usize| self.policy_clause_covers(entry, *clause, between);
        let backward = |clause: &usize| self.policy_clause_covers(entry, *clause, &reversed);
        let all = || 0..entry.clauses.len();
        if entry.clauses.is_empty() {
            let in_some_role = |participations: &[Participation]| {
                self.names(&policy.receiving, participations) || self.names(&policy.competent, participations)
            };
            if !in_some_role(between.receiving_as) || !in_some_role(between.competent_as) {
                return Explanation::NotCommon;
            }
            return fails(
                ReasonCode::NoScheduleYet,
                Message::new(format!("{number} 尚未公布通办事项清单"), format!("{number} has no schedule yet")),
                Message::new("清单分批公布，请待公布后再查", "lists are published in batches; ask again later"),
            );
        }
        // A policy is common to two districts if both lie in its territories, regardless of its reach.
        let is_common = |clause: usize| {
            let resolved = &entry.clauses[clause];
            let joins = |receiving: &[Participation], competent: &[Participation]| {
                within(&resolved.receiving, receiving) && within(&resolved.competent, competent)
            };
            joins(between.receiving_as, between.competent_as) || joins(between.competent_as, between.receiving_as)
        };
        if !all().any(is_common) {
            return Explanation::NotCommon;
        }
        let period = policy.period();
        if let Some(from) = period.from.filter(|from| on < *from) {
            let message =
                Message::new(format!("{number} 自 {from} 起施行"), format!("{number} is in force from {from} on"));
            return dated(ReasonCode::BasisNotYetInForce, message, wait_remedy(), Some(from), None);
        }
        if let Some(to) = period.to.filter(|to| *to < on) {
            let message = Message::new(format!("{number} 已于 {to} 失效"), format!("{number} ended on {to}"));
            return dated(ReasonCode::BasisEnded, message, renew_remedy(), None, Some(to));
        }
        let Some(matter) = matter else {
            if all().any(|clause| forward(&clause) || backward(&clause)) {
                return Explanation::None;
            }
            return fails(
                ReasonCode::MatterNotInSchedule,
                Message::new(
                    format!("{number} 的清单没有列入这两地之间的事项"),
                    format!("the list of {number} has no matter between the two"),
                ),
                Message::new("请查询其他依据", "look for another basis"),
            );
        };
        let listing: Vec<usize> =
            all().filter(|clause| Positions::new(&entry.clauses[*clause].matters).contains(matter)).collect();
        let covering: Vec<usize> = listing.iter().copied().filter(forward).collect();
        if covering.is_empty() {
            if listing.iter().any(backward) {
                return fails(
                    ReasonCode::OnlyOtherDirection,
                    Message::new(
                        format!("{number} 的清单只规定了反方向的办理"),
                        format!("{number} lists it in the other direction only"),
                    ),
                    Message::new("请到业务属地办理", "have it done in the competent district"),
                );
            }
            return fails(
                ReasonCode::MatterNotInSchedule,
                Message::new(
                    format!("{number} 的清单没有列入该事项"),
                    format!("the list of {number} does not have the matter between the two"),
                ),
                Message::new("请查看清单中的其他事项", "look at the other matters of the list"),
            );
        }
        if !covering.iter().any(|clause| policy.schedule[*clause].period.includes(on)) {
            let period = policy.schedule[covering[0]].period;
            let begins = period.from.filter(|from| on < *from);
            let message = match (begins, period.to) {
                (Some(from), _) => Message::new(
                    format!("{number} 规定该事项自 {from} 起实行"),
                    format!("{number} covers the matter from {from} on"),
                ),
                (None, Some(to)) => Message::new(
                    format!("{number} 的该条款已于 {to} 截止"),
                    format!("the clause of {number} ended on {to}"),
                ),
                (None, None) => Message::new(
                    format!("{number} 的该条款不在有效期内"),
                    format!("the clause of {number} does not apply on the day"),
                ),
            };
            return dated(
                ReasonCode::ClauseNotInDate,
                message,
                Message::new("请按条款的有效期查询", "ask for a day within the clause's dates"),
                begins,
                period.to.filter(|_| begins.is_none()),
            );
        }
        Explanation::None
    }

    fn names(&self, territories: &[Territory], participations: &[Participation]) -> bool {
        let resolved: Vec<_> = territories
            .iter()
            .filter_map(|territory| Some((self.district_handle(territory.district)?, is_subtree(territory.extent))))
            .collect();
        within(&resolved, participations)
    }
}
