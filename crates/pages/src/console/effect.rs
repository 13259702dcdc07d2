//! What an act would change: how many routes start and end, by direction and mode, and new contradictions.

use std::collections::BTreeMap;

use catalogue::{Effect, EffectCell, Narrowing, Rule};
use domain::{Agreement, AgreementNumber, DistrictCode, HandlingMode, Locale};
use maud::{Markup, html};
use registry::acts::Preview;
use registry::effect::{Computed, of_preview, of_version};
use registry::error::Error;
use registry::presentation::Say as _;

use crate::name;
use crate::visit::Visit;

/// How many rows are shown.
const MAX_ROWS: usize = 60;
const MAX_CONTRADICTIONS: usize = 20;
/// How many districts of the parties are compared without being asked, and the parameter that asks.
const MAX_UNASKED: usize = 60;
const ASKED: &str = "effect";
/// A comparison of two districts costs so many points.
const POINTS_PER_PAIR: u64 = 3;

/// A part of a page, and the points that it cost.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) markup: Markup,
    pub(super) points: u64,
}

/// The effect of a version instead of the one before. A large one is computed when it is asked for.
pub(super) async fn section(visit: &Visit, agreement: &Agreement, number: u32) -> Drawn {
    let locale = visit.locale;
    let Drawn { markup, points } = if is_large(visit, agreement, number) && visit.address.get(ASKED).is_empty() {
        let to = visit.address.clone().with(ASKED, "1");
        let text = locale.say("涉及的区域较多，点击计算", "Many districts are concerned: compute it");
        Drawn { markup: html! { p { a href={ (to) "#effect" } { (text) } } }, points: 0 }
    } else {
        drawn(visit, of_version(&visit.context, agreement, number, None, Narrowing::default()).await)
    };
    let markup = html! {
        section aria-labelledby="effect" {
            h2 id="effect" { (locale.say("办理途径的变化", "What changes for applicants")) }
            (markup)
        }
    };
    Drawn { markup, points }
}

/// Are more districts concerned than are compared without being asked?
fn is_large(visit: &Visit, agreement: &Agreement, number: u32) -> bool {
    let context = &visit.context;
    let mut count = 0;
    for party in agreement.version(number).into_iter().flat_map(|version| &version.parties) {
        count += context.snapshot.acts_for(party.district, party.extent, context.today).len();
        if count > MAX_UNASKED {
            return true;
        }
    }
    false
}

/// The effect of what an act would write.
pub(super) async fn preview(visit: &Visit, preview: &Preview) -> Drawn {
    let Drawn { markup, points } = drawn(visit, of_preview(&visit.context, preview, Narrowing::default()).await);
    Drawn { markup: html! { div class="preview" id="preview" { (markup) } }, points }
}

fn drawn(visit: &Visit, computed: Result<Computed, Error>) -> Drawn {
    let locale = visit.locale;
    match computed {
        Ok(Computed { effect, pairs }) => {
            Drawn { markup: draw(visit, &effect), points: pairs as u64 * POINTS_PER_PAIR }
        }
        Err(Error::BadInput { .. }) => Drawn {
            markup: html! {
                p { (locale.say("涉及的区域组合太多，不在页面上计算；可以用接口按收件地或业务属地查询。", "Too many pairs of districts are concerned to compute it on a page; the API tells it for one receiving or competent district.")) }
            },
            points: 0,
        },
        Err(error) => Drawn { markup: html! { p { (error.message().text(locale)) } }, points: 0 },
    }
}

fn draw(visit: &Visit, effect: &Effect) -> Markup {
    let locale = visit.locale;
    let count = |cells: &[EffectCell]| cells.iter().map(|cell| cell.matters.len()).sum::<usize>();
    let (starting, ending) = (count(&effect.starting), count(&effect.ending));
    html! {
        p {
            strong {
                @match locale {
                    Locale::Zh => { (starting) " 条办理途径开始，" (ending) " 条结束" }
                    Locale::En => { (starting) " routes start, " (ending) " end" }
                }
            }
            @match locale {
                Locale::Zh => { "（按 " (effect.on) " 计算，涉及 " (effect.matters) " 个事项）" }
                Locale::En => { " (on " (effect.on) ", " (effect.matters) " matters)" }
            }
        }
        (table(visit, effect))
        @if !effect.contradictions.is_empty() { (contradictions(visit, effect)) }
    }
}

fn table(visit: &Visit, effect: &Effect) -> Markup {
    let locale = visit.locale;
    let mut rows: BTreeMap<(DistrictCode, DistrictCode, HandlingMode), [usize; 2]> = BTreeMap::new();
    for (column, cells) in [&effect.starting, &effect.ending].into_iter().enumerate() {
        for cell in cells {
            let row = rows.entry((cell.receiving.code, cell.competent.code, cell.mode)).or_default();
            row[column] += cell.matters.len();
        }
    }
    html! {
        @if !rows.is_empty() {
            div class="scroll" tabindex="0" role="group" aria-label=(locale.say("影响", "Effect")) {
                table class="compared effect" {
                    thead {
                        tr {
                            th scope="col" { (locale.say("收件地", "Receiving")) }
                            th scope="col" { (locale.say("业务属地", "Competent")) }
                            th scope="col" { (locale.say("方式", "Mode")) }
                            th scope="col" { (locale.say("开始", "Start")) }
                            th scope="col" { (locale.say("结束", "End")) }
                        }
                    }
                    tbody {
                        @for ((receiving, competent, mode), [starting, ending]) in rows.iter().take(MAX_ROWS) {
                            tr {
                                td { (name::district_of(visit, *receiving)) }
                                td { (name::district_of(visit, *competent)) }
                                td { (name::mode(*mode, locale)) }
                                td { (starting) }
                                td { (ending) }
                            }
                        }
                    }
                }
            }
            @if rows.len() > MAX_ROWS {
                p class="quiet" {
                    @match locale {
                        Locale::Zh => { "另有 " (rows.len() - MAX_ROWS) " 行未列出" }
                        Locale::En => { (rows.len() - MAX_ROWS) " more rows are not shown" }
                    }
                }
            }
        }
    }
}

fn contradictions(visit: &Visit, effect: &Effect) -> Markup {
    let locale = visit.locale;
    let found = &effect.contradictions;
    let all = visit.at("/console/findings").with("rule", Rule::ContradictoryTerms.name()).with("district", "all");
    html! {
        div class="note" {
            p {
                @match locale {
                    Locale::Zh => { "与其他协议约定不一致 " (found.len()) " 处：" }
                    Locale::En => { (found.len()) " contradictions with other agreements:" }
                }
            }
            ul class="plain" {
                @for finding in found.iter().take(MAX_CONTRADICTIONS) { li { (linked(visit, finding.message.text(locale))) } }
            }
            p { a href=(all) { (locale.say("全部数据问题", "All such findings")) } }
        }
    }
}

/// A text with links to the agreements whose numbers it has.
fn linked(visit: &Visit, text: &str) -> Markup {
    const LENGTH: usize = "TB-2021-000001".len();
    let mut parts: Vec<Markup> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("TB-") {
        let (before, from) = rest.split_at(at);
        let number = from.get(..LENGTH).filter(|number| number.parse::<AgreementNumber>().is_ok());
        let end = number.map_or("TB-".len(), str::len);
        parts.push(html! { (before) });
        parts.push(match number {
            Some(number) => {
                html! { a href=(visit.to(&format!("/console/agreements/{number}"))) { (number) } }
            }
            None => html! { (from[..end]) },
        });
        rest = &from[end..];
    }
    parts.push(html! { (rest) });
    html! { @for part in parts { (part) } }
}
