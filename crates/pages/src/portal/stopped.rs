//! The stops of agreements between two districts: told above a list, so that what is stopped does not vanish silently.

use std::collections::BTreeSet;

use catalogue::AgreementFilter;
use domain::{District, DistrictCode, Scope};
use maud::{Markup, html};
use registry::presentation::Say as _;

use super::agreement::standing::suspension;
use crate::name;
use crate::visit::Visit;

/// The stops of the day of agreements in which both districts take part.
pub(crate) fn stopped(visit: &Visit, receiving: &District, competent: &District) -> Markup {
    let (locale, on) = (visit.locale, visit.on());
    let of = |code: DistrictCode| {
        let filter = AgreementFilter { covering: Some(code), on, ..AgreementFilter::default() };
        let list = visit.context.snapshot.list_agreements(&filter, &Scope::Public);
        let is_stopped = |agreement: &domain::Agreement| agreement.suspensions.iter().any(|stop| stop.applies_on(on));
        list.iter().map(|listed| listed.item).filter(|agreement| is_stopped(agreement)).collect::<Vec<_>>()
    };
    let theirs: BTreeSet<_> = of(competent.code).iter().map(|agreement| agreement.number).collect();
    let both: Vec<_> = of(receiving.code).into_iter().filter(|agreement| theirs.contains(&agreement.number)).collect();
    html! {
        @if !both.is_empty() {
            ul class="notices" aria-label=(locale.say("暂停", "Stops")) {
                @for agreement in &both {
                    li {
                        p { (name::agreement(visit, agreement.number, &agreement.latest().title)) }
                        @for stop in agreement.suspensions.iter().filter(|stop| stop.applies_on(on)) { (suspension(visit, stop)) }
                    }
                }
            }
        }
    }
}
