//! The tasks of the caller's districts: a list to filter, and confirming several paper records at once.

use std::collections::BTreeSet;

use catalogue::{Task, TaskKind, TaskSubject};
use domain::{AgreementNumber, DistrictCode, Locale, Message};
use maud::{Markup, html};
use registry::acts::agreement::paper;
use registry::error::internal;
use registry::permission;
use registry::presentation::{Say as _, district_name};

use super::act::{Acted, acted, input};
use super::form::text;
use super::home::{self, due_text};
use super::task;
use super::token::token;
use super::workspace::Workspace;
use crate::language::{chinese, lang};
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

const PAGE_SIZE: usize = 40;
/// The most records that are confirmed by one form.
const MAX_CONFIRMED: usize = 100;
/// The longest name of a record: agreement, version, party.
const MAX_NAME: usize = 60;
/// The points of each confirmation: it is an act of its own.
const POINTS_PER_ACT: u64 = 50;
/// The name of the check boxes.
const RECORD: &str = "record";

/// When a task is due.
const DUES: [(&str, &str, &str, i64); 3] = [
    ("overdue", "已过期", "overdue", -1),
    ("week", "7 天内", "within 7 days", 7),
    ("month", "30 天内", "within 30 days", 30),
];

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("待办事项", "Tasks");
    let outcomes = confirm_chosen(visit).await;
    let tasks = match home::tasks(visit).await {
        Ok(tasks) => tasks,
        Err(error) => {
            let message = internal(&format!("{error:?}"), "the tasks could not be computed");
            return Workspace::new(visit, title).response(500, &html! { p class="lead" { (message.text(locale)) } });
        }
    };
    // After acts of this request its snapshot is old.
    let done: BTreeSet<&str> =
        outcomes.iter().filter(|outcome| outcome.failure.is_none()).map(|outcome| outcome.record.as_str()).collect();
    let tasks: Vec<Task> = tasks.into_iter().filter(|task| !done.contains(key(task).as_str())).collect();
    let found: Vec<&Task> = tasks.iter().filter(|task| is_wanted(visit, task)).collect();
    let pager = Pager::new(visit, found.len(), PAGE_SIZE);
    let shown = pager.of(&found);
    let content = html! {
        @if !outcomes.is_empty() { (told(visit, &outcomes)) }
        @else if visit.submission.is_some() {
            p class="note" role="status" { (locale.say("没有勾选任何一条登记，请先勾选。", "No record was ticked; tick some first.")) }
        }
        (filters(visit, &tasks))
        p role="status" class="count" { @match locale { Locale::Zh => { "共 " (found.len()) " 项" } Locale::En => { (found.len()) " tasks" } } }
        (list(visit, shown))
        (pager.links(visit))
    };
    let agreements = visit.context.snapshot.counts(&visit.context.scope).agreements as u64;
    Workspace::new(visit, title).page(&content).costing(agreements / 50 + outcomes.len() as u64 * POINTS_PER_ACT)
}

fn is_wanted(visit: &Visit, task: &Task) -> bool {
    let address = &visit.address;
    let (kind, district, due) = (address.get("kind"), address.get("district"), address.get("due"));
    let days = task.due.map(|due| (due - visit.context.today).num_days());
    (kind.is_empty() || task.kind.name() == kind)
        && (district.is_empty() || task.district.code.as_str() == district)
        && match DUES.iter().find(|(name, ..)| *name == due) {
            None => true,
            Some((_, _, _, most)) => days.is_some_and(|days| days <= *most),
        }
}

fn filters(visit: &Visit, tasks: &[Task]) -> Markup {
    let locale = visit.locale;
    let address = &visit.address;
    let kinds: Vec<TaskKind> =
        TaskKind::ALL.iter().copied().filter(|kind| tasks.iter().any(|task| task.kind == *kind)).collect();
    let mut districts: Vec<(DistrictCode, &str)> =
        tasks.iter().map(|task| (task.district.code, district_name(&task.district, locale))).collect();
    districts.sort_unstable();
    districts.dedup();
    let select = |name: &str, label: &str, all: &str, options: Vec<(String, String)>| {
        html! {
            p class="field" {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    option value="" { (all) }
                    @for (value, text) in &options { option value=(value) selected[address.get(name) == value] { (text) } }
                }
            }
        }
    };
    let kinds = kinds.into_iter().map(|kind| (kind.name().to_owned(), kind.label(locale).to_owned())).collect();
    let dues = DUES.iter().map(|(name, zh, en, _)| ((*name).to_owned(), locale.say(zh, en).to_owned())).collect();
    html! {
        form class="filters" method="get" action="/console/tasks" {
            (select("kind", locale.say("种类", "Kind"), locale.say("全部", "all"), kinds))
            @if districts.len() > 1 {
                (select("district", locale.say("区域", "District"), locale.say("全部", "all"),
                    districts.iter().map(|(code, name)| (code.to_string(), (*name).to_owned())).collect()))
            }
            (select("due", locale.say("期限", "Due"), locale.say("全部", "all"), dues))
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" { button class="button quiet" type="submit" { (locale.say("筛选", "Filter")) } }
        }
    }
}

fn list(visit: &Visit, tasks: &[&Task]) -> Markup {
    let locale = visit.locale;
    let has_records = tasks.iter().any(|task| may_confirm(visit, task));
    let items = html! {
        ul class="tasks" { @for task in tasks { (entry(visit, task)) } }
    };
    html! {
        @if tasks.is_empty() { p { (locale.say("没有这样的待办。", "There is no such task.")) } }
        @else if has_records {
            form method="post" action=(visit.address) {
                (token(visit))
                (items)
                p class="buttons" { button class="button" type="submit" name="act" value="confirm" { (locale.say("确认勾选的登记", "Confirm the ticked records")) } }
                p class="hint" { (locale.say("确认前请核对登记与纸质协议是否一致；每一条单独办理，互不影响。", "Check the records against the paper first. Each is confirmed for itself.")) }
            }
        } @else { (items) }
    }
}

/// What names a paper record of a task: agreement, version, party.
fn key(task: &Task) -> String {
    match &task.subject {
        TaskSubject::Version { agreement, version } => format!("{}/{version}/{}", agreement.number, task.district.code),
        TaskSubject::Finding(finding) => finding.key.to_string(),
    }
}

fn may_confirm(visit: &Visit, task: &Task) -> bool {
    task.kind == TaskKind::ToConfirm && not_allowed(visit, task.district.code).is_none()
}

fn not_allowed(visit: &Visit, district: DistrictCode) -> Option<Message> {
    let context = &visit.context;
    let tried =
        permission::authorize(&context.viewer, "confirmRecord", Some(district), &context.snapshot, context.today);
    tried.err().map(|forbidden| forbidden.lack())
}

fn entry(visit: &Visit, task: &Task) -> Markup {
    let locale = visit.locale;
    let about = match &task.subject {
        TaskSubject::Version { agreement, version } => {
            agreement.version(*version).map_or("", |version| &*version.title).to_owned()
        }
        TaskSubject::Finding(finding) => finding.rule.label(locale).to_owned(),
    };
    let id = format!("record-{}", key(task).replace('/', "-"));
    let may_tick = may_confirm(visit, task);
    html! {
        li class=[may_tick.then_some("tickable")] {
            @if may_tick {
                span class="check" {
                    input type="checkbox" id=(id) name=(RECORD) value=(key(task)) {}
                    label for=(id) { span class="unseen" { (locale.say("勾选：", "tick: ")) (about) } }
                }
            }
            div {
                span class={ "badge " @if task.kind == TaskKind::Finding { "finding" } @else { "task" } } { (task.kind.label(locale)) } " "
                span lang=[chinese(locale)] { (about) } " "
                @if let Some(due) = task.due {
                    span class={ "due" @if (due - visit.context.today).num_days() <= 3 { " soon" } } { (due_text(due, visit.context.today, locale)) } " "
                }
                a href=(task::address(visit, task)) { (task::act(task).text(locale)) }
                p class="facts" { span { (name::district(visit, &task.district)) } " " span { (task.message.text(locale)) } }
                p class="facts" { (task::consequence(task).text(locale)) }
                @if let (TaskKind::ToConfirm, Some(lack)) = (task.kind, not_allowed(visit, task.district.code)) {
                    p class="facts" { (locale.say("不能在此确认：", "It cannot be confirmed here: ")) (lack.text(locale)) }
                }
            }
        }
    }
}

/// What came of one confirmation.
struct Outcome {
    record: String,
    failure: Option<String>,
}

/// Confirms the records that were ticked, one after the other: a refused one does not stop the others.
async fn confirm_chosen(visit: &Visit) -> Vec<Outcome> {
    let Some(submission) = &visit.submission else { return Vec::new() };
    let is_name = |record: &&str| record.len() <= MAX_NAME;
    let chosen: BTreeSet<&str> = submission.all(RECORD).filter(is_name).take(MAX_CONFIRMED).collect();
    let mut outcomes = Vec::new();
    let mut is_broken_off = false;
    for record in chosen {
        let failure = if is_broken_off { Some(not_tried(visit.locale)) } else { confirm(visit, record).await };
        let failure = failure.map(|Failure { text, breaks_off }| {
            is_broken_off |= breaks_off;
            text
        });
        outcomes.push(Outcome { record: record.to_owned(), failure });
    }
    outcomes
}

/// Why a record was not confirmed.
struct Failure {
    text: String,
    /// The registry cannot write, so that the others would fail as well.
    breaks_off: bool,
}

fn not_tried(locale: Locale) -> Failure {
    let text = locale.say("平台暂时不能写入，这一条没有办理", "the registry cannot write now; this one was not tried");
    Failure { text: text.to_owned(), breaks_off: true }
}

/// Confirms one record. `None`: it was confirmed.
async fn confirm(visit: &Visit, record: &str) -> Option<Failure> {
    let locale = visit.locale;
    let mut parts = record.split('/');
    let mut part = || parts.next().unwrap_or_default();
    let (number, version, party) = (part(), part(), part());
    let version = version.parse::<u32>().unwrap_or(0);
    let fields = input([("number", number.into()), ("version", version.into()), ("party", party.into())]);
    match acted(paper::confirm(&visit.context, fields).await) {
        Acted::Done(_) => None,
        Acted::Failed(message) => Some(Failure { text: message.text(locale).to_owned(), breaks_off: true }),
        Acted::Problems(problems) => {
            let told: Vec<String> = problems.iter().map(|problem| text(problem, locale)).collect();
            Some(Failure { text: told.join(locale.say("；", "; ")), breaks_off: false })
        }
    }
}

fn told(visit: &Visit, outcomes: &[Outcome]) -> Markup {
    let locale = visit.locale;
    let done = outcomes.iter().filter(|outcome| outcome.failure.is_none()).count();
    let title = |record: &str| {
        let number = record.split('/').next().and_then(|number| number.parse::<AgreementNumber>().ok());
        number.and_then(|number| visit.context.snapshot.agreement(number, &visit.context.scope)).map(|agreement| {
            html! { a href=(visit.to(&format!("/console/agreements/{}", agreement.number))) lang=[chinese(locale)] { (agreement.latest().title) } " " code { (agreement.number) } }
        })
    };
    html! {
        section class={ @if done == outcomes.len() { "done" } @else { "summary" } } role="status" id="outcomes" {
            h2 {
                @match locale {
                    Locale::Zh => { "已确认 " (done) " 条，未确认 " (outcomes.len() - done) " 条" }
                    Locale::En => { (done) " confirmed, " (outcomes.len() - done) " not" }
                }
            }
            ul class="plain" {
                @for outcome in outcomes {
                    li {
                        @match title(&outcome.record) { Some(title) => (title), None => { code { (outcome.record) } } }
                        (locale.say("：", ": "))
                        @match &outcome.failure { None => { (locale.say("已确认", "confirmed")) } Some(failure) => { (failure) } }
                    }
                }
            }
        }
    }
}
