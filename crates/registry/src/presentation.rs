//! An answer prepared for people: its routes with guides and duties, and texts in both languages. The pages and
//! `tongban ask` show the same content, each in its own form.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Answer, Basis, Handling, Kept, Route, Snapshot, Subject, Verdict};
use domain::duty::total;
use domain::{Date, District, Duty, Id, Locale, Matter, Offering, Period, Provenance};
use persistence::Store;

/// An answer with everything that a person needs to act.
#[derive(Debug)]
pub struct Presentation {
    pub handling: Handling,
    /// One for each route of the answer, in the same order.
    pub routes: Vec<RoutePresentation>,
    pub guides: Guides,
}

/// Could the guides be read? They are in the database, which may be down while the catalogue answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guides {
    Read,
    Unavailable,
}

/// The details of a route.
#[derive(Debug)]
pub struct RoutePresentation {
    /// The fastest first. The duties have the days of the fastest.
    pub offerings: Vec<Kept<Offering>>,
    pub duties: Vec<Duty>,
    /// The sum of the days of all duties, and their kind.
    pub total: Option<(u32, Option<String>)>,
}

/// Reads the guides of all routes at once, and derives the duties.
pub async fn present(handling: Handling, store: &Store) -> Presentation {
    let wanted: BTreeSet<_> =
        handling.routes.iter().flat_map(|route| &route.offerings).map(|brief| (brief.id, brief.revision)).collect();
    let wanted: Vec<_> = wanted.into_iter().collect();
    let read = if wanted.is_empty() { Ok(Vec::new()) } else { store.offerings(&wanted).await };
    let guides = if read.is_ok() { Guides::Read } else { Guides::Unavailable };
    let offerings: BTreeMap<Id<Offering>, _> = read
        .inspect_err(|error| tracing::warn!(%error, "the guides cannot be read; the answer goes out without them"))
        .unwrap_or_default()
        .into_iter()
        .map(|offering| (offering.id, offering))
        .collect();
    let routes = handling.routes.iter().map(|route| RoutePresentation::new(route, &offerings)).collect();
    Presentation { handling, routes, guides }
}

impl RoutePresentation {
    fn new(route: &Route, offerings: &BTreeMap<Id<Offering>, Kept<Offering>>) -> Self {
        let mut offerings: Vec<_> =
            route.offerings.iter().filter_map(|brief| offerings.get(&brief.id)).cloned().collect();
        offerings.sort_by_key(|offering| (offering.days().unwrap_or(u32::MAX), offering.id));
        let duties = route.terms().duties(
            route.receiving.code,
            route.competent.code,
            offerings.first().map(|offering| &offering.record),
        );
        let total = total(&duties).map(|(days, kind)| (days, kind.map(str::to_owned)));
        Self { offerings, duties, total }
    }
}

/// Chooses a text by language.
pub trait Say {
    fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str;
}

impl Say for Locale {
    fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// A text with a capital first letter.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name of a district in a language.
pub fn district_name(district: &District, locale: Locale) -> &str {
    match locale {
        Locale::Zh => &district.name,
        Locale::En => district.english_name.as_deref().unwrap_or(&district.name),
    }
}

/// The name of a matter in a language.
pub fn matter_name(matter: &Matter, locale: Locale) -> &str {
    match locale {
        Locale::Zh => &matter.name,
        Locale::En => matter.english_name.as_deref().unwrap_or(&matter.name),
    }
}

/// The most levels of districts: province, prefecture, county, and zones. A longer line of parents is a circle in the
/// records.
const MAX_LEVELS: usize = 6;

/// A district and the districts above it on a day, the highest first. Names of districts are not unique; their paths
/// are.
pub fn lineage<'a>(snapshot: &'a Snapshot, district: &'a Kept<District>, on: Date) -> Vec<&'a Kept<District>> {
    let mut lineage = vec![district];
    while let Some(parent) = lineage.last().and_then(|last| last.parent(on)).and_then(|code| snapshot.district(code))
        && lineage.len() < MAX_LEVELS
    {
        lineage.push(parent);
    }
    lineage.reverse();
    lineage
}

/// The path of a district: 广东省 广州市 南沙区; Nansha District, Guangzhou, Guangdong Province.
pub fn place(snapshot: &Snapshot, district: &Kept<District>, on: Date, locale: Locale) -> String {
    let lineage = lineage(snapshot, district, on);
    let in_chinese = || lineage.iter().map(|district| &*district.name).collect::<Vec<_>>().join(" ");
    match locale {
        Locale::Zh => in_chinese(),
        Locale::En => {
            let names: Option<Vec<&str>> =
                lineage.iter().rev().map(|district| district.english_name.as_deref()).collect();
            names.map_or_else(in_chinese, |names| names.join(", "))
        }
    }
}

/// A number of days of a kind.
pub fn days(days: Option<u32>, kind: Option<&str>, locale: Locale) -> Option<String> {
    if kind == Some("AT_ONCE") {
        return Some(locale.say("当场办结", "at once").to_owned());
    }
    let days = days?;
    let plural = if days == 1 { "" } else { "s" };
    Some(match (locale, kind) {
        (Locale::Zh, Some("CALENDAR_DAY")) => format!("{days} 天"),
        (Locale::Zh, Some("WORKING_DAY") | None) => format!("{days} 个工作日"),
        (Locale::Zh, Some(other)) => format!("{days}（{other}）"),
        (Locale::En, Some("CALENDAR_DAY")) => format!("{days} calendar day{plural}"),
        (Locale::En, Some("WORKING_DAY") | None) => format!("{days} working day{plural}"),
        (Locale::En, Some(other)) => format!("{days} ({other})"),
    })
}

/// A period of validity.
pub fn period(period: Period, locale: Locale) -> String {
    match (period.from, period.to, locale) {
        (None, None, _) => locale.say("长期有效", "no end stated").to_owned(),
        (Some(from), None, Locale::Zh) => format!("{from} 起"),
        (Some(from), None, Locale::En) => format!("from {from}"),
        (None, Some(to), Locale::Zh) => format!("至 {to}（含当日）"),
        (None, Some(to), Locale::En) => format!("until {to}, that day included"),
        (Some(from), Some(to), Locale::Zh) => format!("{from} 至 {to}（含当日）"),
        (Some(from), Some(to), Locale::En) => format!("{from} to {to}, both days included"),
    }
}

/// The verdict in a sentence, without its full stop.
pub fn verdict(handling: &Handling, locale: Locale) -> String {
    verdict_of(handling.verdict(), handling.answer, handling.verdict_days(), locale)
}

/// The same, of its parts. `days`: of a suspension, or of a basis that has not begun or has ended.
pub fn verdict_of(verdict: Verdict, answer: Answer, days: Period, locale: Locale) -> String {
    match (verdict, locale) {
        (Verdict::Available, Locale::Zh) => "可以办".to_owned(),
        (Verdict::Available, Locale::En) => "Yes, it can be done".to_owned(),
        (Verdict::AvailableWindowUnknown, Locale::Zh) => "可以办，请先电话确认窗口".to_owned(),
        (Verdict::AvailableWindowUnknown, Locale::En) => "Yes; call first to ask for the window".to_owned(),
        (Verdict::Suspended, _) => suspended(days, locale),
        (Verdict::NotInDate, _) => not_in_date(days, locale),
        (Verdict::NotAvailable, _) => {
            let label = answer.label(locale);
            match (answer, locale) {
                (Answer::NotOffered | Answer::NotCovered | Answer::Available, Locale::Zh) => format!("不能办：{label}"),
                (Answer::NotOffered | Answer::NotCovered | Answer::Available, Locale::En) => format!("No: {label}"),
                (Answer::UnknownMatter | Answer::UnknownDistrict | Answer::Malformed, _) => sentence(label),
            }
        }
    }
}

fn suspended(days: Period, locale: Locale) -> String {
    let since = days.from.map_or_else(String::new, |from| match locale {
        Locale::Zh => format!("：自 {from} 起"),
        Locale::En => format!(" since {from}"),
    });
    match (days.to, locale) {
        (Some(until), Locale::Zh) => format!("暂停办理{since}，预计至 {until}"),
        (Some(until), Locale::En) => format!("Suspended{since}, until {until} as expected now"),
        (None, Locale::Zh) => format!("暂停办理{since}，恢复时间未定"),
        (None, Locale::En) => format!("Suspended{since}, without an announced end"),
    }
}

fn not_in_date(days: Period, locale: Locale) -> String {
    match (days.from, days.to, locale) {
        (Some(from), _, Locale::Zh) => format!("尚未开始：自 {from} 起"),
        (Some(from), _, Locale::En) => format!("Not yet: it begins on {from}"),
        (None, Some(until), Locale::Zh) => format!("已到期：截至 {until}"),
        (None, Some(until), Locale::En) => format!("No longer: it ended on {until}"),
        (None, None, Locale::Zh) => "尚未开始或已到期".to_owned(),
        (None, None, Locale::En) => "Not begun, or ended".to_owned(),
    }
}

/// The number of visits.
pub fn visits(visits: u32, locale: Locale) -> String {
    match (visits, locale) {
        (0, _) => locale.say("不用到现场", "no visit needed").to_owned(),
        (1, Locale::En) => "one visit".to_owned(),
        (times, Locale::Zh) => format!("到现场 {times} 次"),
        (times, Locale::En) => format!("{times} visits"),
    }
}

/// The same, beside a label that names the visits.
pub fn visit_count(visits: u32, locale: Locale) -> String {
    match (visits, locale) {
        (0, _) => locale.say("不用到现场", "none").to_owned(),
        (times, Locale::Zh) => format!("{times} 次"),
        (times, Locale::En) => times.to_string(),
    }
}

/// The labels of an open list of words, in both languages. An unknown word is shown as it is.
macro_rules! open_words {
    ($(#[$meta:meta])* $name:ident { $($wire:literal => $zh:literal, $en:literal;)+ }) => {
        $(#[$meta])*
        pub fn $name(word: &str, locale: Locale) -> &str {
            match word {
                $($wire => locale.say($zh, $en),)+
                other => other,
            }
        }
    };
}

open_words! {
    /// Whether a material is required.
    necessity {
        "REQUIRED" => "必交", "required";
        "OPTIONAL" => "选交", "optional";
        "DEFERRABLE" => "可容缺后补", "may follow later";
    }
}

open_words! {
    /// The form of a material.
    medium {
        "ORIGINAL" => "原件", "original";
        "COPY" => "复印件", "copy";
        "ELECTRONIC" => "电子件", "electronic";
    }
}

open_words! {
    /// The kind of a window.
    window_kind {
        "HALL" => "综合大厅", "service hall";
        "DEPARTMENT_HALL" => "部门大厅", "department hall";
        "TOWNSHIP" => "街道（乡镇）便民中心", "township centre";
        "COMMUNITY" => "社区（村）服务站", "community station";
        "BANK_OUTLET" => "银行网点", "bank outlet";
        "POST_OUTLET" => "邮政网点", "post outlet";
        "SELF_SERVICE" => "自助终端", "self-service terminal";
        "REMOTE_VIDEO" => "远程视频", "remote video";
    }
}

open_words! {
    /// The licence of a record.
    licence {
        "facts" => "事实信息", "facts";
    }
}

/// The legal basis of a route in one line: its number and title.
pub fn basis_line(basis: &Basis, locale: Locale) -> String {
    match basis {
        Basis::Agreement { agreement, version } => {
            agreement_line(&agreement.number.to_string(), &agreement.versions[*version].title, locale)
        }
        Basis::Policy(policy) => policy_line(&policy.title, policy.document_number.as_deref(), locale),
    }
}

/// An agreement in one line.
pub fn agreement_line(number: &str, title: &str, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("{number}《{title}》"),
        Locale::En => format!("{number}, {title}"),
    }
}

/// A policy in one line.
pub fn policy_line(title: &str, document_number: Option<&str>, locale: Locale) -> String {
    match (document_number, locale) {
        (Some(number), Locale::Zh) => format!("《{title}》（{number}）"),
        (Some(number), Locale::En) => format!("{title} ({number})"),
        (None, Locale::Zh) => format!("《{title}》"),
        (None, Locale::En) => title.to_owned(),
    }
}

/// The provenance of a basis.
pub fn basis_provenance(basis: &Basis) -> &Provenance {
    match basis {
        Basis::Agreement { agreement, .. } => &agreement.provenance,
        Basis::Policy(policy) => &policy.provenance,
    }
}

/// The sources of the records of an answer, each once, with the kind of record.
#[derive(Debug, Default)]
pub struct Sources<'a> {
    named: Vec<(&'static str, &'static str, &'a Provenance)>,
}

impl<'a> Sources<'a> {
    pub fn add(&mut self, zh: &'static str, en: &'static str, provenance: &'a Provenance) {
        let entry = (zh, en, provenance);
        if !self.named.contains(&entry) {
            self.named.push(entry);
        }
    }

    /// Is any record synthetic? The page must say so.
    pub fn has_synthetic(&self) -> bool {
        self.named.iter().any(|(.., provenance)| provenance.synthetic)
    }

    /// The sources that are stated, with the kind of record.
    pub fn stated(&self, locale: Locale) -> impl Iterator<Item = (&'static str, &'a Provenance)> {
        let stated = self.named.iter().filter(|(.., provenance)| !provenance.is_unstated());
        stated.map(move |(zh, en, provenance)| (locale.say(zh, en), *provenance))
    }
}

impl Presentation {
    /// The sources of all records of the answer.
    pub fn sources(&self) -> Sources<'_> {
        let mut sources = Sources::default();
        if let Some(matter) = &self.handling.matter {
            sources.add("事项", "matter", &matter.provenance);
        }
        for (route, details) in self.handling.routes.iter().zip(&self.routes) {
            match &route.basis {
                Basis::Agreement { .. } => sources.add("协议", "agreement", basis_provenance(&route.basis)),
                Basis::Policy(_) => sources.add("政策依据", "policy", basis_provenance(&route.basis)),
            }
            for offering in &details.offerings {
                sources.add("办事指南", "guide", &offering.provenance);
            }
            for window in &route.windows {
                sources.add("通办窗口", "window", &window.provenance);
            }
        }
        for reason in &self.handling.reasons {
            match reason.subject() {
                Some(Subject::Agreement(agreement)) => sources.add("协议", "agreement", &agreement.provenance),
                Some(Subject::Policy(policy)) => sources.add("政策依据", "policy", &policy.provenance),
                Some(Subject::District(_) | Subject::Matter(_) | Subject::Offering(_)) | None => {}
            }
        }
        for district in [&self.handling.receiving, &self.handling.competent].into_iter().flatten() {
            sources.add("区域", "district", &district.provenance);
        }
        sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_shown_with_their_kind() {
        assert_eq!(days(Some(20), Some("WORKING_DAY"), Locale::Zh).as_deref(), Some("20 个工作日"));
        assert_eq!(days(Some(1), None, Locale::En).as_deref(), Some("1 working day"));
        assert_eq!(days(None, Some("AT_ONCE"), Locale::Zh).as_deref(), Some("当场办结"));
        assert_eq!(days(None, Some("WORKING_DAY"), Locale::Zh), None);
    }

    #[test]
    fn an_unknown_word_is_shown_as_it_is() {
        assert_eq!(window_kind("HALL", Locale::Zh), "综合大厅");
        assert_eq!(window_kind("KIOSK", Locale::En), "KIOSK");
    }
}
