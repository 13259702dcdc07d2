//! Policies: `/console/catalogue/policies`. A form revises the head of a policy and adds one clause to its schedule;
//! the clauses that are there are kept.

use catalogue::Kept;
use domain::{Extent, HandlingMode, Id, Policy, Reach, Record, Role, Territory};
use maud::{Markup, html};
use registry::acts::{Input, policy};
use registry::presentation::{Say as _, period, sentence};
use serde_json::{Map, Value as Json};

use super::editing::{self, EDIT};
use crate::console::act::{Acted, DONE, acted};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::{find, refusal};
use crate::language::chinese;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

/// The fields of the new clause: the name in the form, and the name in the record.
const CLAUSE: [(&str, &str); 7] = [
    ("clauseKey", "key"),
    ("clauseMatters", "matters"),
    ("clauseMode", "mode"),
    ("clauseReach", "reach"),
    ("clauseBatch", "batch"),
    ("clauseFrom", "validFrom"),
    ("clauseTo", "validTo"),
];
const TERRITORIES: [&str; 2] = ["receiving", "competent"];
/// What follows a district that is meant with all below it.
const WITH_BELOW: [&str; 2] = ["含下辖", "with all below"];
/// How many clauses are listed.
const MAX_CLAUSES: usize = 200;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    if !visit.context.viewer.roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Steward);
    }
    if !editing::is_form(visit) {
        return list(visit);
    }
    let asked = visit.address.get(EDIT);
    let held = asked.parse::<Id<Policy>>().ok().and_then(|id| visit.context.snapshot.policy_by_id(id)).cloned();
    if held.is_none() && !asked.is_empty() {
        return editing::missing(visit);
    }
    let held = held.as_ref();
    let mut form = form(visit, held);
    if let Some(submission) = &visit.submission {
        form.values = submission.clone();
        let mut line = held.map_or_else(Map::new, |held| editing::line(&Record::Policy(Box::new(held.record.clone()))));
        let fields = gathered(visit, form.input(visit, submission), &mut line);
        let input = editing::merged(visit, line, &form, fields);
        let outcome = match held {
            Some(_) => policy::revise(&visit.context, input).await,
            None => policy::register(&visit.context, input).await,
        };
        match acted(outcome) {
            Acted::Done(_) => {
                let done = if held.is_some() { "recordRevised" } else { "recordRegistered" };
                return PageResponse::redirect(visit.at(visit.address.path()).with(DONE, done).text());
            }
            other => form.take(placed(other)),
        }
    }
    let locale = visit.locale;
    let title = held.map_or_else(
        || locale.say("登记政策依据", "Register a policy").to_owned(),
        |held| format!("{}{}", locale.say("修订政策依据：", "Revise a policy: "), held.title),
    );
    let more = html! { @if let Some(held) = held { (clauses(visit, held)) } };
    editing::page(visit, &title, &form, held.map(|held| held.revision), &more)
}

/// The clauses that are there.
fn clauses(visit: &Visit, policy: &Kept<Policy>) -> Markup {
    let locale = visit.locale;
    html! {
        section aria-labelledby="schedule" {
            h2 id="schedule" { (locale.say("现有条款", "Clauses")) " " span class="count" { (policy.schedule.len()) } }
            p class="hint" { (locale.say("保存时保留不变；逐项更正请用导入或接口。", "They are kept as they are; correct them by an import or the API.")) }
            ul class="plain" {
                @for clause in policy.schedule.iter().take(MAX_CLAUSES) {
                    li {
                        code { (clause.clause.key) } " " (name::mode(clause.clause.mode, locale)) " "
                        (clause.clause.matters.len()) (locale.say(" 个事项", " matters")) " "
                        @if let Some(batch) = &clause.clause.batch { span lang=[chinese(locale)] { (batch) } " " }
                        span class="quiet" { (sentence(&period(clause.clause.period, locale))) }
                    }
                }
            }
        }
    }
}

fn list(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let typed = &visit.link.search;
    let policies = visit.context.snapshot.list_policies(None);
    let is_meant = |policy: &Policy| {
        policy.title.contains(typed.as_str())
            || policy.document_number.as_deref().is_some_and(|number| number.contains(typed.as_str()))
    };
    let all: Vec<&Kept<Policy>> =
        policies.iter().map(|listed| &listed.item).filter(|policy| typed.is_empty() || is_meant(policy)).collect();
    let pager = Pager::new(visit, all.len(), editing::PAGE_SIZE);
    let rows: Vec<Markup> = pager.of(&all).iter().map(|policy| row(visit, policy)).collect();
    let hint = locale.say("标题或发文字号中的文字。", "A part of the title or of the document number.");
    editing::list(visit, locale.say("政策目录", "Policies of the catalogue"), hint, pager, &rows)
}

fn row(visit: &Visit, policy: &Kept<Policy>) -> Markup {
    html! {
        (name::policy(visit, policy.id, policy)) " "
        @if let Some(number) = &policy.document_number { span lang=[chinese(visit.locale)] { (number) } " " }
        span class="quiet" { (sentence(&period(policy.period(), visit.locale))) } " "
        (editing::edit(visit, &policy.id.to_string()))
    }
}

fn form(visit: &Visit, held: Option<&Kept<Policy>>) -> Form {
    let locale = visit.locale;
    let option = |name: &str, label: &str| (name.to_owned(), sentence(label));
    let modes = HandlingMode::ALL.iter().map(|mode| option(mode.name(), mode.label(locale)));
    let reaches = Reach::ALL.iter().map(|reach| option(reach.name(), reach.label(locale)));
    let territory = |name: &'static str, zh: &str, en: &str| {
        Field::new(name, Kind::Lines, zh, en).hint(
            "每行一个区域；连同下辖的，在后面写“含下辖”。不填为各地。",
            "One a line; followed by “with all below” where those below count too. None means everywhere.",
        )
    };
    let mut fields = vec![Field::new("title", Kind::Line, "标题", "Title").required()];
    if held.is_none() {
        fields.push(Field::new("documentNumber", Kind::Line, "发文字号", "Document number").required());
    }
    fields.extend([
        Field::new("issuedBy", Kind::Lines, "发文机关", "Issued by").required().hint("每行一个。", "One a line."),
        Field::new("effectiveFrom", Kind::Date, "自哪一天起", "First day").required(),
        Field::new("effectiveTo", Kind::Date, "至哪一天止", "Last day"),
        territory(TERRITORIES[0], "收件地", "Receiving"),
        territory(TERRITORIES[1], "业务属地", "Competent"),
        Field::new("clauseMatters", Kind::Lines, "新增条款：事项", "A new clause: matters").hint(
            "名称或基本编码，每行一个；不新增条款则不填。",
            "Names or codes, one a line; leave it empty to add none.",
        ),
        Field::new("clauseMode", Kind::Choice(modes.collect()), "新增条款：通办方式", "A new clause: mode"),
        Field::new("clauseReach", Kind::Choice(reaches.collect()), "新增条款：适用范围", "A new clause: reach"),
        Field::new("clauseBatch", Kind::Line, "新增条款：批次", "A new clause: batch"),
        Field::new("clauseKey", Kind::Line, "新增条款：编号", "A new clause: key"),
        Field::new("clauseFrom", Kind::Date, "新增条款：自哪一天起", "A new clause: first day"),
        Field::new("clauseTo", Kind::Date, "新增条款：至哪一天止", "A new clause: last day"),
    ]);
    let form = Form::new(fields);
    let Some(held) = held else { return form };
    let day = |day: Option<domain::Date>| day.map_or_else(String::new, |day| day.to_string());
    let written = |territories: &[Territory]| {
        editing::lines(territories.iter().map(|territory| match territory.extent {
            Extent::Itself => territory.district.to_string(),
            Extent::Subtree => format!("{} {}", territory.district, locale.say(WITH_BELOW[0], WITH_BELOW[1])),
        }))
    };
    form.with("title", &*held.title)
        .with("issuedBy", editing::lines(&held.issued_by))
        .with("effectiveFrom", day(held.effective_from))
        .with("effectiveTo", day(held.effective_to))
        .with(TERRITORIES[0], written(&held.receiving))
        .with(TERRITORIES[1], written(&held.competent))
}

/// The fields as the record has them; the new clause goes to the end of the schedule.
fn gathered(visit: &Visit, mut fields: Input, line: &mut Input) -> Input {
    for name in TERRITORIES {
        if let Some(Json::Array(written)) = fields.remove(name) {
            let list: Json = written.iter().map(|entry| territory(visit, entry.as_str().unwrap_or_default())).collect();
            fields.insert(name.to_owned(), list);
        }
    }
    let mut clause = Map::new();
    for (name, of_record) in CLAUSE {
        if let Some(value) = fields.remove(name) {
            let value = if of_record == "matters" { find::matters(visit, value) } else { value };
            clause.insert(of_record.to_owned(), value);
        }
    }
    let mut schedule = match line.remove("schedule") {
        Some(Json::Array(schedule)) => schedule,
        _ => Vec::new(),
    };
    if !clause.is_empty() {
        schedule.push(Json::Object(clause));
    }
    line.insert("schedule".to_owned(), Json::Array(schedule));
    fields
}

fn territory(visit: &Visit, written: &str) -> Json {
    let below = WITH_BELOW.iter().find_map(|below| written.strip_suffix(below));
    let extent = if below.is_some() { Extent::Subtree } else { Extent::Itself };
    let district = below.unwrap_or(written).trim();
    let found = Side::read(district, &visit.context.snapshot, visit.context.today);
    let code = found.known().map_or_else(|| district.to_owned(), |district| district.code.to_string());
    serde_json::json!({ "district": code, "extent": extent.name() })
}

/// Moves problems of the schedule to the fields of the new clause: those that are there were accepted before.
fn placed(acted: Acted) -> Acted {
    let Acted::Problems(mut problems) = acted else { return acted };
    for problem in problems.iter_mut().filter(|problem| problem.path.first().is_some_and(|first| first == "schedule")) {
        let field = problem.path.get(2).map_or("matters", String::as_str);
        let name = CLAUSE.iter().find(|(_, of_record)| *of_record == field).map_or("clauseMode", |(name, _)| name);
        let rest = problem.path.split_off(problem.path.len().min(3));
        problem.path = std::iter::once((*name).to_owned()).chain(rest).collect();
    }
    Acted::Problems(problems)
}
