//! The stops of agreements between two districts: told above a list, so that what is stopped does not vanish silently.

use catalogue::{Kept, Question};
use domain::{Agreement, District};
use maud::{Markup, html};
use registry::presentation::Say as _;

use super::agreement::standing::suspension;
use crate::name;
use crate::visit::Visit;

/// The stops of the day that take matters from the two districts.
pub(crate) fn stopped(visit: &Visit, receiving: &District, competent: &District) -> Markup {
    let locale = visit.locale;
    let question = Question::unfiltered(Some(receiving.code), Some(competent.code), visit.on());
    let stops = visit.context.snapshot.suspended(&question).suspensions;
    let by_agreement = || stops.chunk_by(|(one, _), (other, _)| one.number == other.number);
    html! {
        @if !stops.is_empty() {
            ul class="notices" aria-label=(locale.say("暂停", "Stops")) {
                @for stops in by_agreement() {
                    @let agreement: &Kept<Agreement> = &stops[0].0;
                    li {
                        p { (name::agreement(visit, agreement.number, &agreement.latest().title)) }
                        @for (_, at) in stops { (suspension(visit, &agreement.suspensions[*at])) }
                    }
                }
            }
        }
    }
}
