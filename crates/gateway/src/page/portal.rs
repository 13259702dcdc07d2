//! The start page and the list of matters between two districts.

use std::collections::BTreeSet;

use catalogue::search::Query;
use catalogue::search::highlight::Found;
use catalogue::{AgreementFilter, Available, AvailableMatter, Facets, Kept, Order, Partner, Question, Reason, Slice, highlight_matter};
use domain::{Agreement, District, DistrictCode, Locale, Scope, Standing};
use maud::{Markup, html};

use super::Visit;
use super::frame::{Frame, Sample, chinese, district_with_path, faults, question, sample_badge};
use super::link::{Link, toggled};
use super::side::Side;
use crate::presentation::{Say, district_name, matter_name, place, sentence};

/// How many matters a list shows at first.
const PAGE_SIZE: usize = 50;
/// How many pairs of districts the start page offers.
const MAX_PAIRS: usize = 12;
/// How many matters the start page offers.
const MAX_EXAMPLES: usize = 8;
/// How many partners are listed.
const MAX_PARTNERS: usize = 60;

pub(crate) fn page(visit: &Visit) -> Markup {
    match (&visit.receiving, &visit.competent) {
        (Side::Known(receiving), Side::Known(competent)) => list(visit, receiving, competent),
        (Side::Open, Side::Open) => start(visit),
        (Side::Known(district), Side::Open) => partners(visit, district, Role::Receiving),
        (Side::Open, Side::Known(district)) => partners(visit, district, Role::Competent),
        _ => choose(visit),
    }
}

/// The side of a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Receiving,
    Competent,
}

/// A choice between the districts that a name means, if it means several or none.
fn choose(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let title = match (&visit.receiving, &visit.competent) {
        (Side::Several(_), _) | (_, Side::Several(_)) => locale.say("您说的是哪一个？", "Which one do you mean?"),
        _ => locale.say("没有找到这个区域", "This district is not known"),
    };
    let choices = |side: &Side, label: &str, to: &dyn Fn(&str) -> String| match side {
        Side::Several(found) => html! {
            section class="choices" {
                h2 { (label) }
                ul { @for district in found { li { a href=(to(district.code.as_str())) { (district_with_path(visit, district)) } " " code { (district.code) } } } }
            }
        },
        Side::Open | Side::Known(_) | Side::Unknown => html! {},
    };
    let link = &visit.link;
    Frame::new(visit, title, "/").draw(&html! {
        h1 { (title) }
        (faults(visit))
        (question(visit))
        (choices(&visit.receiving, locale.say("我在", "I am in"), &|code| link.between(code, &link.competent).to_list()))
        (choices(&visit.competent, locale.say("事项归", "My matter belongs to"), &|code| link.between(&link.receiving, code).to_list()))
    })
}

fn start(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let pairs = pairs(visit);
    let synthetic = pairs.iter().any(|(agreement, ..)| agreement.provenance.synthetic);
    let examples = pairs.first().map(|(_, receiving, competent)| (receiving, competent, everything(visit, receiving, competent)));
    let title = locale.say("通办", "Tongban");
    Frame::new(visit, title, "/").with(Sample::from(synthetic)).draw(&html! {
        section class="hero" {
            h1 { (locale.say("人在这里，事归那里，能在这里办吗？", "You are here, your matter belongs there. Can it be done here?")) }
            p class="lead" {
                (locale.say(
                    "选两个区域，查哪些事能跨域通办：怎么办、在哪个窗口、带什么材料、要几天、依据是什么。不能办的，说明原因和办法。",
                    "Choose two districts and see what can be done across them: how, at which window, with which materials, in how many days, and on what basis. If it cannot be done, you are told why and what to do.",
                ))
            }
        }
        (faults(visit))
        (question(visit))
        @if snapshot.counts(&Scope::Public).districts == 0 {
            div class="note" {
                p { (locale.say("本平台还没有任何记录。", "The registry holds no records yet.")) }
                p { (locale.say("用 tongban import 导入，或用 tongban serve --demo 看示例。", "Bring some in with tongban import, or see the sample with tongban serve --demo.")) }
            }
        }
        @if !pairs.is_empty() {
            section {
                h2 { (locale.say("从这些区域开始", "Start with these districts")) }
                ul class="pairs" {
                    @for (_, receiving, competent) in &pairs {
                        li {
                            a href=(visit.link.between(receiving.code.as_str(), competent.code.as_str()).to_list()) title=(place(snapshot, competent, visit.on(), locale)) {
                                span class="from" { (match locale {
                                    Locale::Zh => format!("在{}办", receiving.name),
                                    Locale::En => format!("In {}, for", district_name(receiving, locale)),
                                }) }
                                span class="to" { (match locale {
                                    Locale::Zh => format!("{}的事", competent.name),
                                    Locale::En => district_name(competent, locale).to_owned(),
                                }) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some((receiving, competent, available)) = examples && available.matters.total > 0 {
            section {
                h2 {
                    @match locale {
                        Locale::Zh => { "在" (receiving.name) "能办的" (competent.name) "事项" }
                        Locale::En => { "What can be done in " (district_name(receiving, locale)) " for " (district_name(competent, locale)) }
                    }
                }
                ul class="examples" {
                    @for item in spread(&available) {
                        li { a href=(visit.link.between(receiving.code.as_str(), competent.code.as_str()).to_matter(item.matter.code)) { (matter_name(&item.matter, locale)) } }
                    }
                }
                p {
                    a href=(visit.link.between(receiving.code.as_str(), competent.code.as_str()).to_list()) {
                        @match locale {
                            Locale::Zh => { "看全部 " (available.matters.total) " 项" }
                            Locale::En => { "See all " (available.matters.total) }
                        }
                    }
                }
            }
        }
        section class="modes" {
            h2 { (locale.say("三种通办方式", "Three ways of handling")) }
            dl {
                dt { (sentence(domain::HandlingMode::FullOnline.label(locale))) }
                dd { (locale.say("在网上提交，由业务属地办理，不用到现场。", "You apply online; the competent district decides. No visit is needed.")) }
                dt { (sentence(domain::HandlingMode::ProxyCollection.label(locale))) }
                dd { (locale.say("所在地的窗口代收材料，转给业务属地办理；决定仍由业务属地作出。", "A window where you are takes your materials and forwards them. The competent district still decides.")) }
                dt { (sentence(domain::HandlingMode::MultiSiteJoint.label(locale))) }
                dd { (locale.say("向一地提交一次申请，几地分工办理。", "You apply once, in one place, and several districts share the work.")) }
            }
        }
    })
}

type Pair<'a> = (Kept<Agreement>, &'a Kept<District>, &'a Kept<District>);

/// Pairs of districts with an agreement in force: the first party receives, the second is competent.
fn pairs(visit: &Visit) -> Vec<Pair<'_>> {
    let snapshot = &visit.context.snapshot;
    let pair = |agreement: &Agreement| {
        let version = agreement.version_in_force(visit.on()).filter(|version| !version.schedule.is_empty())?;
        let [first, second, ..] = &version.parties[..] else { return None };
        Some((first.district, second.district))
    };
    let listed = snapshot.list_agreements(&in_force(visit, None), &Scope::Public);
    let known = listed.iter().filter_map(|listed| {
        let (first, second) = pair(&listed.item)?;
        Some((listed.item, snapshot.district(first)?, snapshot.district(second)?))
    });
    known.take(MAX_PAIRS).collect()
}

fn in_force(visit: &Visit, covering: Option<DistrictCode>) -> AgreementFilter {
    AgreementFilter {
        parties: Vec::new(),
        covering,
        standing: vec![Standing::InForce],
        on: visit.on(),
        matter: None,
        modes: Vec::new(),
        search: None,
        ending_before: None,
    }
}

/// Is any agreement or policy of this district synthetic?
fn has_synthetic_basis(visit: &Visit, district: &District) -> bool {
    let snapshot = &visit.context.snapshot;
    let agreements = snapshot.list_agreements(&in_force(visit, Some(district.code)), &Scope::Public);
    agreements.iter().any(|listed| listed.item.provenance.synthetic)
        || snapshot.list_policies(Some(visit.on())).iter().any(|listed| listed.item.provenance.synthetic)
}

/// A few matters, of as many domains as possible.
fn spread<'a>(available: &'a Available<'_>) -> Vec<&'a AvailableMatter> {
    let mut seen = BTreeSet::new();
    let matters = available.matters.items();
    let (first, again): (Vec<_>, Vec<_>) = matters.partition(|item| seen.insert(item.matter.domain));
    first.into_iter().chain(again).take(MAX_EXAMPLES).collect()
}

fn everything<'a>(visit: &'a Visit, receiving: &District, competent: &District) -> Available<'a> {
    visit.context.snapshot.available(&asked_for(visit, receiving, competent, &Link::default()), &Slice::all(Order::Code))
}

fn asked_for(visit: &Visit, receiving: &District, competent: &District, link: &Link) -> Question {
    Question {
        receiving: Some(receiving.code),
        competent: Some(competent.code),
        on: visit.on(),
        modes: link.modes.clone(),
        domains: link.domains.clone(),
        audiences: link.audiences.clone(),
        search: Query::new(&link.search),
        with_guide: false,
    }
}

/// The partners of a district, when the other side is open.
fn partners(visit: &Visit, district: &Kept<District>, role: Role) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let name = district_name(district, locale);
    let mut partners: Vec<_> = snapshot.partners(district.code, visit.on()).iter().collect();
    partners.sort_by_key(|listed| std::cmp::Reverse(matters_of(&listed.item, role)));
    let (busy, idle): (Vec<_>, Vec<_>) = partners.iter().map(|listed| &listed.item).partition(|partner| matters_of(partner, role) > 0);
    let hidden = busy.len().saturating_sub(MAX_PARTNERS);
    let title = match (role, locale) {
        (Role::Receiving, Locale::Zh) => format!("在{name}能办哪里的事？"),
        (Role::Receiving, Locale::En) => format!("Whose matters can be done in {name}?"),
        (Role::Competent, Locale::Zh) => format!("{name}的事能在哪里办？"),
        (Role::Competent, Locale::En) => format!("Where can matters of {name} be done?"),
    };
    let to = |partner: &District| match role {
        Role::Receiving => visit.link.between(district.code.as_str(), partner.code.as_str()).to_list(),
        Role::Competent => visit.link.between(partner.code.as_str(), district.code.as_str()).to_list(),
    };
    let counted = |count: usize| match locale {
        Locale::Zh => format!("{count} 项"),
        Locale::En => format!("{count} matter{}", if count == 1 { "" } else { "s" }),
    };
    Frame::new(visit, &title, "/").with(Sample::from(has_synthetic_basis(visit, district))).draw(&html! {
        h1 { (title) }
        p class="lead" {
            @match role {
                Role::Receiving => { (locale.say("再选“事项归”哪个区域，就能看到可以办的事项。", "Now choose whose matter it is, and you will see what can be done.")) }
                Role::Competent => { (locale.say("再选“我在”哪个区域，就能看到可以办的事项。", "Now choose where you are, and you will see what can be done.")) }
            }
        }
        (faults(visit))
        (question(visit))
        @if busy.is_empty() {
            div class="note" {
                p {
                    @match locale {
                        Locale::Zh => { (name) "在这一天还没有通过协议开通的通办事项。" }
                        Locale::En => { "On that day no matter is open to " (name) " by an agreement." }
                    }
                }
                p { (locale.say("全国性的政策清单对任何两地都可能适用，请直接填写另一地查询。", "National lists may still hold between any two districts: fill in the other side to see.")) }
            }
        } @else {
            section {
                h2 { (locale.say("有协议的区域", "Districts with an agreement")) }
                ul class="partners" {
                    @for partner in busy.iter().take(MAX_PARTNERS) {
                        li { a href=(to(&partner.district)) { (district_with_path(visit, &partner.district)) } " " span class="count" { (counted(matters_of(partner, role))) } }
                    }
                }
                @if hidden > 0 {
                    p class="quiet" {
                        @match locale {
                            Locale::Zh => { "还有 " (hidden) " 个区域，请在上面填写名称。" }
                            Locale::En => { (hidden) " more: write a name above." }
                        }
                    }
                }
            }
        }
        @if !idle.is_empty() {
            section {
                h2 { (locale.say("有协议，但这个方向没有事项", "Districts with an agreement, but with nothing in this direction")) }
                ul class="partners quiet" { @for partner in idle.iter().take(MAX_PARTNERS) { li { a href=(to(&partner.district)) { (district_with_path(visit, &partner.district)) } } } }
            }
        }
    })
}

/// How many matters can be handled with a partner.
fn matters_of(partner: &Partner, role: Role) -> usize {
    match role {
        // The receiving district takes matters for which the partner is competent.
        Role::Receiving => partner.matters_in,
        Role::Competent => partner.matters_out,
    }
}

fn list(visit: &Visit, receiving: &Kept<District>, competent: &Kept<District>) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    let shown = link.show.unwrap_or(PAGE_SIZE);
    let question_asked = asked_for(visit, receiving, competent, link);
    let available = visit.context.snapshot.available(&question_asked, &Slice::first(shown, link.order));
    let facets = visit.context.snapshot.facets(&available);
    let meant = visit.context.snapshot.meant_among_available(&question_asked, &available);
    let count = available.matters.total;
    let synthetic = available.matters.items().any(|item| item.matter.provenance.synthetic) || has_synthetic_basis(visit, receiving);
    let title = match locale {
        Locale::Zh => format!("在{}办{}的事", receiving.name, competent.name),
        Locale::En => format!("In {}, for {}", district_name(receiving, locale), district_name(competent, locale)),
    };
    Frame::new(visit, &title, "/").with(Sample::from(synthetic)).draw(&html! {
        h1 class="unseen" { (title) }
        (faults(visit))
        (question(visit))
        div id="results" {
            p class="verdict" role="status" {
                @if count == 0 {
                    @if link.has_filters() { (locale.say("没有符合条件的事项", "No matter fits")) } @else { (locale.say("这一天没有可以通办的事项", "Nothing can be done across these districts on that day")) }
                } @else {
                    @match locale {
                        Locale::Zh => { strong { (count) } " 项可以在 " (district_with_path(visit, receiving)) " 办，归 " (district_with_path(visit, competent)) " 管" }
                        Locale::En => {
                            strong { (count) } @if count == 1 { " matter" } @else { " matters" } " of " (district_with_path(visit, competent)) " can be done in " (district_with_path(visit, receiving))
                        }
                    }
                }
            }
            (did_you_mean(visit, &meant))
            (notices(&available.notices, locale))
            @if count == 0 { (nothing(visit, &available)) }
            @if count > 0 || facets.modes.iter().any(|(_, count)| *count > 0) {
                div class="columns" {
                    (filters(visit, &facets))
                    div {
                        @if count > 1 { (orders(visit)) }
                        @if count > 0 { ol class="matters" {
                            @for item in available.matters.items() { (entry(visit, item, question_asked.search.as_ref())) }
                        } }
                        @if count > shown {
                            p {
                                a class="button quiet" href=(Link { show: Some(shown + PAGE_SIZE), ..link.clone() }.to_list()) {
                                    @match locale {
                                        Locale::Zh => { "再看 " ((count - shown).min(PAGE_SIZE)) " 项（共 " (count) " 项）" }
                                        Locale::En => { "Show " ((count - shown).min(PAGE_SIZE)) " more of " (count) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// Suggestions for words that find nothing, or for initials.
fn did_you_mean(visit: &Visit, meant: &[String]) -> Markup {
    html! {
        @if !meant.is_empty() {
            p class="meant" {
                (visit.locale.say("您是不是要找：", "Did you mean ")) " "
                @for (at, words) in meant.iter().enumerate() {
                    @if at > 0 { (visit.locale.say("、", ", ")) }
                    a href=(Link { search: words.clone(), show: None, ..visit.link.clone() }.to_list()) lang=[chinese(visit.locale)] { (words) }
                }
            }
        }
    }
}

/// Links to the other orders.
fn orders(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    let orders = [
        (Order::Relevance, locale.say("相关", "Relevance")),
        (Order::Name, locale.say("名称", "Name")),
        (Order::PromisedDays, locale.say("承诺时限", "Promised days")),
    ];
    html! {
        p class="orders" {
            span class="quiet" { (locale.say("排序：", "Sorted by: ")) }
            @for (order, label) in orders {
                a href=(Link { order, show: None, ..link.clone() }.to_list()) aria-current=[(link.order == order).then_some("true")] { (label) } " "
            }
        }
    }
}

/// A name with its matches marked.
fn marked(found: &Found) -> Markup {
    html! { @for part in &found.parts { @if part.hit { mark { (part.text) } } @else { (part.text) } } }
}

fn entry(visit: &Visit, item: &AvailableMatter, search: Option<&Query>) -> Markup {
    let locale = visit.locale;
    let matter = &item.matter;
    let shown = matter_name(matter, locale);
    let found = search.map(|query| highlight_matter(query, matter));
    // A match of the code needs no explanation.
    let by_other_name = found.as_ref().filter(|found| found.text != shown && found.text != *matter.name && found.text != matter.code.as_str());
    let name = |name: &str| match &found {
        Some(found) if found.text == name => marked(found),
        Some(_) | None => html! { (name) },
    };
    html! {
        li {
            a class="title" href=(visit.link.to_matter(matter.code)) lang=[matter.english_name.is_none().then(|| chinese(locale)).flatten()] { (name(shown)) }
            @if locale == Locale::En && matter.english_name.is_some() { span class="original" lang="zh-Hans" { (name(&matter.name)) } }
            @if let Some(found) = by_other_name { span class="original" { (locale.say("又称 ", "also called ")) (marked(found)) } }
            p class="facts" {
                @for mode in &item.modes { span class="badge mode" { (sentence(mode.label(locale))) } " " }
                span { (sentence(matter.domain.label(locale))) }
                @if !matter.competent_by.is_empty() {
                    span lang=[chinese(locale)] { (locale.say("属地按", "competence by ")) (matter.competent_by.join("、")) }
                }
                @if matter.provenance.synthetic { " " (sample_badge(locale)) }
            }
        }
    }
}

/// The filters are links, so that they work without scripts and can be shared.
fn filters(visit: &Visit, facets: &Facets) -> Markup {
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

/// Why the list is empty, and what to do about it.
fn nothing(visit: &Visit, available: &Available<'_>) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    html! {
        @if link.has_filters() {
            div class="note" {
                p { (locale.say("换个说法试试（如“身份证”“落户”“公积金”），也可以写拼音首字母；或者去掉筛选条件。", "Try other words, such as “identity card” or “housing fund”, or take the filters away.")) }
                p { a class="button" href=(link.without_filters().to_list()) { (locale.say("看全部事项", "See all matters")) } }
            }
        } @else {
            (reasons(&available.reasons, locale))
            @if available.reasons.is_empty() {
                div class="note" {
                    p {
                        (locale.say(
                            "两地之间没有列出事项的协议。全国清单上的事项，要等业务属地公布办事指南才能跨域办理；请向业务属地的政务服务中心询问。",
                            "No agreement between the two lists a matter. What stands on a national list can be done once the competent district has published its guide: please ask its service hall.",
                        ))
                    }
                }
            }
            p class="next" { a class="button" href=(link.turned().to_list()) { (locale.say("查看反方向", "See the other direction")) } }
        }
    }
}

/// The reasons of a no, each with a remedy.
pub(crate) fn reasons(reasons: &[Reason], locale: Locale) -> Markup {
    html! {
        @if !reasons.is_empty() {
            ul class="reasons" {
                @for reason in reasons {
                    li {
                        p class="why" { (sentence(reason.message(locale))) }
                        p class="remedy" { span class="label" { (locale.say("怎么办", "What to do")) } " " (sentence(reason.remedy(locale))) }
                        p class="code" { code { (reason.code.name()) } }
                    }
                }
            }
        }
    }
}

/// Notices of a yes.
pub(crate) fn notices(notices: &[Reason], locale: Locale) -> Markup {
    html! {
        @if !notices.is_empty() {
            ul class="notices" {
                @for notice in notices {
                    li {
                        p { (sentence(notice.message(locale))) }
                        @if !notice.remedy(locale).is_empty() { p class="remedy" { (sentence(notice.remedy(locale))) } }
                    }
                }
            }
        }
    }
}
