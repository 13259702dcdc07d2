//! The one question that comes first.

use maud::html;
use registry::presentation::Say as _;

use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The parameter with the answer.
pub(super) const HOW: &str = "how";

/// How an agreement comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Draft,
    Sheet,
    Copy,
    Paper,
}

const ANSWERS: [(How, &str, [&str; 2], [&str; 2]); 4] = [
    (
        How::Draft,
        "draft",
        ["在线起草，在线签署", "Draft it here, and sign it here"],
        [
            "填写签约方、约定和清单，发送签约方后各方在线签署。",
            "Parties, terms, schedule; then the parties sign online.",
        ],
    ),
    (
        How::Sheet,
        "sheet",
        ["从已有的事项清单开始", "Begin with a spreadsheet of matters"],
        ["有 XLSX 或 CSV 清单的选这个：填写名称和签约方后上传。", "Name and parties first, then upload the list."],
    ),
    (
        How::Copy,
        "copy",
        ["复制一份已有的协议", "Copy an agreement"],
        ["约定和清单照搬，换签约方或改几处。", "Terms and schedule are taken over; change what differs."],
    ),
    (
        How::Paper,
        "paper",
        ["补录已在纸上签订的协议", "Record an agreement signed on paper"],
        ["登记后请对方确认，不再在线签署。", "The other parties confirm the record; nothing is signed online."],
    ),
];

impl How {
    pub(super) fn named(name: &str) -> Option<Self> {
        ANSWERS.iter().find(|(_, known, ..)| *known == name).map(|(how, ..)| *how)
    }

    /// The answer in words.
    pub(super) fn label(self, locale: domain::Locale) -> &'static str {
        ANSWERS.iter().find(|(how, ..)| *how == self).map_or("", |(_, _, [zh, en], _)| locale.say(zh, en))
    }
}

pub(super) fn page(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("怎样开始？", "How do you begin?");
    let content = html! {
        form method="get" action="/console/agreements/new" class="form" {
            (visit.address.hidden_except(&[HOW]))
            fieldset class="field" {
                legend class="unseen" { (title) }
                @for (at, (_, name, [zh, en], [hint, english])) in ANSWERS.iter().enumerate() {
                    @let id = if at == 0 { HOW.to_owned() } else { format!("how-{name}") };
                    p class="check" {
                        input type="radio" id=(id) name=(HOW) value=(name) required aria-describedby=(format!("{name}-hint")) {}
                        " " label for=(id) { (locale.say(zh, en)) }
                    }
                    p class="hint indented" id=(format!("{name}-hint")) { (locale.say(hint, english)) }
                }
            }
            p class="buttons" { button class="button" type="submit" { (locale.say("继续", "Continue")) } }
        }
    };
    Workspace::new(visit, title).below("/console/agreements", locale.say("我的协议", "My agreements")).page(&content)
}
