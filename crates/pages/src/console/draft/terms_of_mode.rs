//! The terms of each handling mode: clauses with the same mode and terms share one form.

use domain::handling::actor::{Payer, WindowTask};
use domain::{HandlingMode, Locale, Problem, Version};
use maud::{Markup, html};
use registry::acts::Input;
use registry::presentation::{Say as _, sentence};
use serde_json::{Map, Value as Json};

use crate::console::field::{Field, Kind};
use crate::console::names::named;
use crate::console::trouble::Trouble;
use crate::side::Side;
use crate::submission::Submission;
use crate::visit::Visit;

/// The signs between the parts of a step.
const BETWEEN: [char; 3] = ['|', '｜', '\t'];
/// The field with the steps of joint handling: a line for each.
const STEPS: &str = "steps";

/// Clauses with the same mode and terms, by their places in the schedule.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) mode: HandlingMode,
    clauses: Vec<usize>,
    /// The keys of the clauses, to notice that others stand there now.
    keys: String,
    matters: usize,
    /// The name of the terms in the record, and what they say.
    variant: String,
    terms: Map<String, Json>,
}

pub(super) fn groups(version: &Version) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, clause) in version.schedule.iter().enumerate() {
        let same = groups.iter_mut().find(|group| version.schedule[group.clauses[0]].terms == clause.terms);
        if let Some(group) = same {
            group.clauses.push(at);
            group.keys = format!("{}、{}", group.keys, clause.key);
            group.matters += clause.matters.len();
            continue;
        }
        let Ok(Json::Object(terms)) = serde_json::to_value(&clause.terms) else { continue };
        let Some((variant, Json::Object(terms))) = terms.into_iter().next() else { continue };
        groups.push(Group {
            mode: clause.mode,
            clauses: vec![at],
            keys: clause.key.to_string(),
            matters: clause.matters.len(),
            variant,
            terms,
        });
    }
    groups
}

impl Group {
    fn id(&self, field: &str) -> String {
        format!("t.{}.{field}", self.clauses[0])
    }

    fn fields(&self, locale: Locale) -> Vec<(&'static str, Field)> {
        fields(self.mode, locale)
            .into_iter()
            .map(|(name, field)| (name, Field { name: self.id(name).into(), ..field }))
            .collect()
    }

    /// What stands in its fields.
    pub(super) fn values(&self, visit: &Visit) -> Vec<(String, String)> {
        let mut values = vec![(self.id("clauses"), self.keys.clone())];
        for (name, field) in self.fields(visit.locale) {
            let value = self.terms.get(name).unwrap_or(&Json::Null);
            let id = field.name.to_string();
            match (value, &field.kind) {
                (Json::Array(steps), _) if name == STEPS => {
                    let lines: Vec<String> = steps.iter().map(|step| line_of(visit, step)).collect();
                    values.push((id, lines.join("\n")));
                }
                (Json::Array(list), Kind::Choices(_)) => {
                    values.extend(list.iter().map(|value| (id.clone(), text_of(value))));
                }
                (Json::Array(list), _) => values.push((id, list.iter().map(text_of).collect::<Vec<_>>().join("\n"))),
                (value, _) => values.push((id, text_of(value))),
            }
        }
        values
    }

    /// Writes what the form says into the clauses of the input. Fields that the form has not stay as they are.
    pub(super) fn change(&self, visit: &Visit, input: &mut Input, form: &Submission) {
        if form.get(&self.id("clauses")) != self.keys {
            return;
        }
        let mut terms = self.terms.clone();
        for (name, field) in self.fields(visit.locale) {
            let value =
                if name == STEPS { Some(steps(visit, form.get(&field.name))) } else { field.read(form, |_| None) };
            match value {
                Some(value) => drop(terms.insert(name.to_owned(), value)),
                None => drop(terms.remove(name)),
            }
        }
        let terms = Json::Object(Map::from_iter([(self.variant.clone(), Json::Object(terms))]));
        for clause in &self.clauses {
            if let Some(clause) = input.get_mut("schedule").and_then(|schedule| schedule.get_mut(*clause)) {
                clause["terms"] = terms.clone();
            }
        }
    }

    /// The element of a problem of one of its clauses.
    pub(super) fn place(&self, problem: &Problem) -> Option<String> {
        let steps: Vec<&str> = problem.path.iter().map(String::as_str).collect();
        let ["schedule", at, rest @ ..] = &steps[..] else { return None };
        let is_mine = at.parse().is_ok_and(|at| self.clauses.contains(&at));
        let field = rest.iter().find(|step| fields(self.mode, Locale::Zh).iter().any(|(name, _)| name == *step));
        is_mine.then(|| field.map_or_else(String::new, |field| self.id(field)))
    }

    pub(super) fn draw(&self, form: &Submission, trouble: &Trouble, locale: Locale) -> Markup {
        let fields = self.fields(locale);
        html! {
            fieldset class="group" {
                legend {
                    (sentence(self.mode.label(locale))) " "
                    span class="quiet" { @match locale {
                        Locale::Zh => { (self.matters) " 个事项，条款 " (self.keys) }
                        Locale::En => { (self.matters) " matters, clauses " (self.keys) }
                    } }
                }
                input type="hidden" name=(self.id("clauses")) value=(self.keys) {}
                @for (_, field) in &fields { (field.draw(form, &trouble.at(&field.name), locale)) }
                @if fields.is_empty() { p class="hint" { (locale.say("这种方式没有可填的办理条件。", "This mode has no terms to fill in.")) } }
            }
        }
    }
}

/// The fields of a mode, by their names in the record.
fn fields(mode: HandlingMode, locale: Locale) -> Vec<(&'static str, Field)> {
    let of = |name: &'static str, kind, zh: &str, en: &str| (name, Field::new(name, kind, zh, en));
    let hinted = |(name, field): (&'static str, Field), zh: &str, en: &str| (name, field.hint(zh, en));
    match mode.name() {
        "FULL_ONLINE" => vec![
            hinted(
                of("url", Kind::Line, "网上办理地址", "Address of the service"),
                "不填则用办事指南中的网址。例：https://zwfw.example.gov.cn/hz",
                "Left empty: the address of the guide",
            ),
            hinted(
                of("identityLevel", Kind::Line, "身份核验要求", "Identity"),
                "例：实名认证",
                "such as: real-name verification",
            ),
            hinted(
                of("certificatesAccepted", Kind::Lines, "认可的电子证照", "Certificates accepted"),
                "每行一种。例：电子居民身份证",
                "One a line",
            ),
            hinted(
                of("resultDelivery", Kind::Line, "结果送达", "Result"),
                "例：电子结果，可自行打印",
                "How the result is sent",
            ),
        ],
        "PROXY_COLLECTION" => vec![
            hinted(
                of(
                    "windowDepth",
                    Kind::Choices(words(locale, WindowTask::ALL, WindowTask::name, WindowTask::label)),
                    "窗口做什么",
                    "What the window does",
                ),
                "国办发〔2020〕35号要求收件、形式审查、身份核验和一次性告知；审批权仍在业务属地。",
                "The decision stays with the competent district.",
            ),
            hinted(
                of("transferChannel", Kind::Line, "材料流转方式", "Transfer of materials"),
                "例：邮政快递；系统推送电子材料",
                "such as: by post",
            ),
            hinted(
                of("transferDays", Kind::Number, "转送时限（工作日）", "Forwarded within (working days)"),
                "例：2",
                "such as 2",
            ),
            of(
                "materialPostage",
                Kind::Choice(words(locale, Payer::ALL, Payer::name, Payer::label)),
                "材料邮费",
                "Postage of materials",
            ),
            of(
                "resultPostage",
                Kind::Choice(words(locale, Payer::ALL, Payer::name, Payer::label)),
                "结果邮费",
                "Postage of the result",
            ),
            hinted(
                of("resultReturn", Kind::Line, "结果返还", "Return of the result"),
                "例：直接寄给申请人",
                "such as: sent to the applicant",
            ),
            hinted(
                of("supplementRule", Kind::Text, "补正规则", "Supplements"),
                "例：一次性告知，补正期间不计入时限",
                "How missing materials are asked for",
            ),
        ],
        "MULTI_SITE_JOINT" => vec![hinted(
            of(STEPS, Kind::Lines, "各地分工", "Steps"),
            "每行一步，按顺序：区域 | 角色 | 做什么 | 工作日。例：南沙区 | 牵头地 | 受理并核对材料 | 1。须有且只有一个牵头地。",
            "One a line, in order: district | role | task | working days. Exactly one has the role LEAD.",
        )],
        _ => Vec::new(),
    }
}

/// The words of a list with their labels.
fn words<T: Copy>(
    locale: Locale,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    label: impl Fn(T, Locale) -> &'static str,
) -> Vec<(String, String)> {
    all.iter().map(|word| (name(*word).to_owned(), sentence(label(*word, locale)))).collect()
}

fn text_of(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

fn line_of(visit: &Visit, step: &Json) -> String {
    let part = |name: &str| step.get(name).map(text_of).unwrap_or_default();
    let district = part("district").parse().map(|code| named(visit, code)).unwrap_or_default();
    let line = [district, part("role"), part("task"), part("days")].join(" | ");
    line.trim_end_matches([' ', '|']).to_owned()
}

fn steps(visit: &Visit, text: &str) -> Json {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| step(visit, line)).collect()
}

/// A line with fewer parts than four: the task alone, or after the district, or after district and role.
fn step(visit: &Visit, line: &str) -> Json {
    let parts: Vec<&str> = line.split(BETWEEN).map(str::trim).collect();
    let (district, role, task, days) = match parts[..] {
        [task] => ("", "", task, ""),
        [district, task] => (district, "", task, ""),
        [district, role, task] => (district, role, task, ""),
        [district, role, task, days, ..] => (district, role, task, days),
        [] => ("", "", "", ""),
    };
    let code = match Side::read(district, &visit.context.snapshot, visit.context.today) {
        Side::Known(known) => known.code.to_string(),
        Side::Open | Side::Several(_) | Side::Unknown(_) => district.to_owned(),
    };
    let fields = [("district", code), ("role", role.to_owned()), ("task", task.to_owned()), ("days", days.to_owned())];
    let filled = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Json::Object(filled.map(|(name, value)| (name.to_owned(), Json::String(value))).collect())
}
