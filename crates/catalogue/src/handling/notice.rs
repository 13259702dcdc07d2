//! Notices of a route: information that accompanies a positive answer.

use domain::{Confirmation, Date, HandlingMode, Matter, Message, Window};

use crate::between::{Between, Participation};
use crate::coverage::clauses::{ApplicableClause, Source};
use crate::entry::PolicyEntry;
use crate::handle::{Handle, Kept};
use crate::handling::reason::{Reason, ReasonCode, Subject, english};
use crate::handling::route::{Basis, Route};
use crate::snapshot::Snapshot;

/// Number of days before its end from which a route has a notice.
pub(crate) const ENDS_SOON_DAYS: i64 = 90;

/// Number of months after which a guide counts as old.
pub(crate) const GUIDE_OLD_MONTHS: u32 = 12;

impl Snapshot {
    /// The notices of a route.
    pub(super) fn notices_of(
        &self,
        route: &Route,
        by: &ApplicableClause<'_>,
        between: &Between<'_>,
        m: Handle,
    ) -> Vec<Reason> {
        let on = between.on;
        let (is_unconfirmed, succeeded) = self.caveats(by, between);
        let mut notices = self.notices(route, is_unconfirmed, &succeeded, on);
        if let Some(to) = route.valid.to.filter(|to| (*to - on).num_days() <= ENDS_SOON_DAYS)
            && !to.succ_opt().is_some_and(|next| self.continues(by.mode, between, m, next))
        {
            notices.push(ends_soon(&route.basis, to));
        }
        notices
    }

    fn notices(&self, route: &Route, unconfirmed: bool, succeeded: &[(Handle, Handle)], on: Date) -> Vec<Reason> {
        let mut notices = Vec::new();
        let mut note = |code, subject, message, remedy| notices.push(Reason::new(code, subject, message, remedy));
        if unconfirmed && let Basis::Agreement { agreement, .. } = &route.basis {
            note(
                ReasonCode::RecordedByOneSide,
                Some(Subject::Agreement(agreement.clone())),
                Message::new(
                    "协议按纸质文本登记，签约方尚未全部确认",
                    "the agreement was recorded from paper and its parties have not all confirmed it",
                ),
                Message::new("办理前可向窗口核实", "check with the window before you rely on it"),
            );
        }
        if route.offerings.is_empty() {
            note(
                ReasonCode::GuideMissing,
                Some(Subject::Matter(route.matter.clone())),
                Message::new(
                    format!("{}尚未发布该事项的办事指南", route.competent.name),
                    format!("{} has published no guide for the matter", english(&route.competent)),
                ),
                Message::new("材料和时限请向业务属地咨询", "ask the competent district for materials and days"),
            );
        }
        let old = on.checked_sub_months(chrono::Months::new(GUIDE_OLD_MONTHS));
        let verified =
            route.offerings.iter().filter_map(|offering| offering.verified_on.map(|verified| (offering.id, verified)));
        for (id, verified) in verified.filter(|(_, verified)| old.is_some_and(|old| *verified < old)) {
            note(
                ReasonCode::GuideOld,
                Some(Subject::Offering(id)),
                Message::new(
                    format!("办事指南上次核对于 {verified}，已超过 12 个月"),
                    format!("the guide was last verified on {verified}, more than 12 months before"),
                ),
                Message::new("办理前请向业务属地核实", "check with the competent district first"),
            );
        }
        if route.mode.needs_window() && route.windows.is_empty() {
            note(
                ReasonCode::NoWindow,
                Some(Subject::District(route.receiving.clone())),
                Message::new(
                    format!("{}尚未登记办理该事项的通办窗口", route.receiving.name),
                    format!("{} has registered no window for it", english(&route.receiving)),
                ),
                Message::new("请咨询收件地政务服务大厅", "ask at the receiving district's service hall"),
            );
        }
        for (named, successor) in succeeded {
            let (named, successor) = (&self.district_at(*named).district, &self.district_at(*successor).district);
            note(
                ReasonCode::DistrictSucceeded,
                Some(Subject::District(named.clone())),
                Message::new(
                    format!("依据所列的{}已撤销，由{}承继", named.name, successor.name),
                    format!("{}, named in the basis, was retired; {} succeeds it", english(named), english(successor)),
                ),
                Message::new("无需另行办理", "nothing to do"),
            );
        }
        notices
    }

    /// Whether a party has not confirmed the paper record, and which named districts have a successor that counts now.
    fn caveats(&self, by: &ApplicableClause<'_>, between: &Between<'_>) -> (bool, Vec<(Handle, Handle)>) {
        match by.source {
            Source::Agreement { at, version, receiving, competent, .. } => {
                let entry = self.published_at(at);
                let (version, resolved) = (&entry.agreement.versions[version], &entry.versions[version]);
                let confirmed = |party: u16| {
                    version.confirmation_of(&version.parties[usize::from(party)]) == Confirmation::Confirmed
                };
                let succession = |party: u16| {
                    let named = resolved.parties().nth(party.into())?.district;
                    let counts_for = self.counts_for(named, between.on)?;
                    (counts_for != named).then_some((named, counts_for))
                };
                let succeeded = [receiving, competent].into_iter().filter_map(succession).collect();
                (!confirmed(receiving) || !confirmed(competent), succeeded)
            }
            Source::Policy(entry) => (false, self.policy_succession(entry, by.clause, between)),
        }
    }

    /// The retired districts that a territory names, with their successors.
    fn policy_succession(&self, entry: &PolicyEntry, clause: usize, between: &Between<'_>) -> Vec<(Handle, Handle)> {
        let resolved = &entry.clauses[clause];
        let through = |territories: &[(Handle, bool)], participations: &[Participation]| {
            let named = |participation: &&Participation| {
                territories
                    .iter()
                    .any(|(named, subtree)| *named == participation.named && participation.covers(*subtree))
            };
            let mut covering = participations.iter().filter(named).peekable();
            let first = covering.peek().copied().copied();
            first
                .filter(|_| covering.all(|participation| participation.is_succession()))
                .map(|participation| (participation.named, participation.counts_for))
        };
        [through(&resolved.receiving, between.receiving_as), through(&resolved.competent, between.competent_as)]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The windows of a district, and of those it succeeds, that serve a matter in a mode on a day.
    pub(crate) fn windows_for(
        &self,
        district: Handle,
        mode: HandlingMode,
        matter: &Matter,
        on: Date,
    ) -> Vec<Kept<Window>> {
        let mut districts = vec![district];
        self.succeeded_by(district, on, &mut |predecessor| districts.push(predecessor));
        let windows = districts.into_iter().flat_map(|handle| self.district_at(handle).windows.iter());
        windows.filter(|window| window.open().includes(on) && window.serves(mode, matter)).cloned().collect()
    }
}

/// The route ends soon, and no other route of its mode follows.
fn ends_soon(basis: &Basis, to: Date) -> Reason {
    let subject = match basis {
        Basis::Agreement { agreement, .. } => Subject::Agreement(agreement.clone()),
        Basis::Policy(policy) => Subject::Policy(policy.clone()),
    };
    Reason::new(
        ReasonCode::EndsSoon,
        Some(subject),
        Message::new(format!("该办理途径将于 {to} 截止"), format!("this route ends on {to}")),
        Message::new("请在截止前提交", "hand in before that day"),
    )
}
