//! The filters of the list.

use catalogue::Facets;
use maud::{Markup, html};
use registry::presentation::{Say, sentence};

use crate::link::{Link, toggled};
use crate::visit::Visit;

/// The filters are links, so that they work without scripts and can be shared.
pub(crate) fn filters(visit: &Visit, facets: &Facets) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    html! {
        aside class="filters" aria-label=(locale.say("筛选", "Filters")) {
            (facet(locale.say("通办方式", "Handling mode"), facets.modes.iter().map(|(mode, count)| {
                let to = Link { modes: toggled(&link.modes, *mode), show: None, ..link.clone() };
                (mode.label(locale), *count, link.modes.contains(mode), to)
            })))
            (facet(locale.say("服务对象", "Who applies"), facets.audiences.iter().map(|(audience, count)| {
                let to = Link { audiences: toggled(&link.audiences, *audience), show: None, ..link.clone() };
                (audience.label(locale), *count, link.audiences.contains(audience), to)
            })))
            (facet(locale.say("领域", "Domain"), facets.domains.iter().map(|(domain, count)| {
                let to = Link { domains: toggled(&link.domains, *domain), show: None, ..link.clone() };
                (domain.label(locale), *count, link.domains.contains(domain), to)
            })))
            @if link.has_filters() {
                p { a href=(link.without_filters().to_list()) { (locale.say("清除全部条件", "Clear all filters")) } }
            }
        }
    }
}

fn facet<'a>(name: &str, values: impl Iterator<Item = (&'a str, usize, bool, Link)>) -> Markup {
    let values: Vec<_> = values.filter(|(_, count, chosen, _)| *count > 0 || *chosen).collect();
    html! {
        @if !values.is_empty() {
            h2 { (name) }
            ul {
                @for (label, count, chosen, to) in values {
                    li { a href=(to.to_list()) aria-current=[chosen.then_some("true")] { span { (sentence(label)) } " " span class="count" { (count) } } }
                }
            }
        }
    }
}
