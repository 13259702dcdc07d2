//! The timeline of an agreement: the entries of its journal, as the caller may see them, the newest first.

use domain::{Agreement, Id, RecordKind};
use maud::{Markup, html};
use registry::feed::{Feed, PageRequest, Place};
use registry::presentation::Say as _;

use crate::console::change;
use crate::visit::Visit;

const PAGE_SIZE: usize = 30;

pub(super) async fn section(visit: &Visit, id: Id<Agreement>) -> Markup {
    let locale = visit.locale;
    let epoch = visit.context.snapshot.head().epoch.clone();
    let before = visit.address.get("before").parse().ok().map(|revision| Place { revision, epoch });
    let asked = PageRequest { from: catalogue::Side::End, count: PAGE_SIZE, after: None, before, count_all: false };
    let page = match Feed::of_record(RecordKind::Agreement, id.number()).page(&visit.context, asked).await {
        Ok(page) => page,
        Err(_) => {
            return html! {
                section {
                    h2 id="timeline" { (locale.say("经过", "History")) }
                    p { (locale.say("目前取不到经过，请稍后再看。", "The history cannot be read now; look again later.")) }
                }
            };
        }
    };
    let names = change::names(visit, &page.changes).await;
    let oldest = page.changes.first().map(|change| change.revision).filter(|_| page.has_previous);
    html! {
        section aria-labelledby="timeline" {
            h2 id="timeline" { (locale.say("经过", "History")) }
            ol class="news" { @for entry in page.changes.iter().rev() { (change::entry(visit, entry, &names, &html! {})) } }
            p class="pager" {
                @if page.has_next { a href={ (visit.address.clone().without("before")) "#timeline" } { (locale.say("回到最新", "The newest")) } " " }
                @if let Some(oldest) = oldest { a href={ (visit.address.clone().with("before", oldest.to_string())) "#timeline" } rel="next" { (locale.say("更早的", "Earlier")) } }
            }
        }
    }
}
