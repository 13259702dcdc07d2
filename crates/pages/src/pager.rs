//! The pages of a long list.

use domain::Locale;
use maud::{Markup, html};
use registry::presentation::Say as _;

use crate::visit::Visit;

/// The part of a list that one page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pager {
    pub(crate) total: usize,
    size: usize,
    /// From 1.
    page: usize,
}

impl Pager {
    /// The page that the parameter `page` names, or the nearest one that exists.
    pub(crate) fn new(visit: &Visit, total: usize, size: usize) -> Self {
        let asked = visit.address.get("page").parse().unwrap_or(1_usize);
        Self { total, size, page: asked.clamp(1, total.div_ceil(size).max(1)) }
    }

    /// The places of the entries in the list.
    pub(crate) fn places(self) -> std::ops::Range<usize> {
        let start = (self.page - 1) * self.size;
        start..self.total.min(start + self.size)
    }

    /// The entries of the page.
    pub(crate) fn of<T>(self, list: &[T]) -> &[T] {
        &list[self.places()]
    }

    /// Links to the neighbouring pages; nothing if there is only one.
    pub(crate) fn links(self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        let pages = self.total.div_ceil(self.size).max(1);
        let to = |page: usize| {
            let address = visit.address.clone();
            if page == 1 { address.without("page") } else { address.with("page", page.to_string()) }
        };
        html! {
            @if pages > 1 {
                nav class="pager" aria-label=(locale.say("分页", "Pages")) {
                    @if self.page > 1 { a href=(to(self.page - 1)) rel="prev" { (locale.say("上一页", "Previous")) } }
                    span {
                        @match locale {
                            Locale::Zh => { "第 " (self.page) " 页，共 " (pages) " 页" }
                            Locale::En => { "Page " (self.page) " of " (pages) }
                        }
                    }
                    @if self.page < pages { a href=(to(self.page + 1)) rel="next" { (locale.say("下一页", "Next")) } }
                }
            }
        }
    }
}
