//! The first page of the console: what to do first.

use catalogue::{Task, TaskKind, TaskSubject};
use domain::agreement::lifecycle::Life;
use domain::{Date, Locale, Role};
use maud::{Markup, html};
use registry::error::internal;
use registry::presentation::Say as _;

use super::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many tasks and drafts are shown.
const MAX_SHOWN: usize = 20;
/// The points for every hundred agreements that are searched.
const POINTS_PER_HUNDRED: u64 = 2;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("待办", "To do");
    let tasks = match tasks(visit).await {
        Ok(tasks) => tasks,
        Err(error) => {
            let message = internal(&format!("{error:?}"), "the tasks could not be computed");
            return Workspace::new(visit, title).response(500, &html! { p class="lead" { (message.text(locale)) } });
        }
    };
    let drafts = drafts(visit);
    let may_answer = acts(visit, Role::Registrar) || acts(visit, Role::Steward);
    // Without the count the page is still of use.
    let feedback = if may_answer { registry::feedback::open_count(&visit.context).await.unwrap_or(0) } else { 0 };
    let markup = html! {
        @if visit.context.viewer.roles.is_empty() {
            div class="note" {
                p { (locale.say("您已登录，但还没有任何授权。请联系平台管理员授权，并告知以下标识：", "You are signed in, and no role has been granted to you yet. Ask a steward, and tell this reference:")) }
                p { code { (visit.context.viewer.client.as_deref().unwrap_or_default()) } }
            }
        }
        section aria-labelledby="tasks" {
            h2 id="tasks" { (locale.say("待办事项", "Tasks")) " " span class="count" { (tasks.len()) } }
            @if tasks.is_empty() { p { (locale.say("没有待办事项。", "There is nothing to do.")) } }
            ul class="tasks" { @for task in tasks.iter().take(MAX_SHOWN) { (entry(visit, task)) } }
            @if !tasks.is_empty() { p { a href=(visit.to("/console/tasks")) { (locale.say("全部待办，筛选和批量确认", "All tasks: filter them, confirm several")) } } }
        }
        @if feedback > 0 {
            section aria-labelledby="feedback" {
                h2 id="feedback" { (locale.say("纠错", "Feedback")) " " span class="count" { (feedback) } }
                p { a href=(visit.to("/console/feedback")) { (locale.say("答复公众指出的错误", "Answer what people say is wrong")) } }
            }
        }
        @if acts(visit, Role::Registrar) {
            section aria-labelledby="drafts" {
                h2 id="drafts" { (locale.say("草稿", "Drafts")) " " span class="count" { (drafts.len()) } }
                @if drafts.is_empty() { p { (locale.say("没有草稿。", "There are no drafts.")) } }
                ul class="tasks" {
                    @for (number, version, title) in drafts.iter().take(MAX_SHOWN) {
                        li {
                            a href=(visit.to(&format!("/console/agreements/{number}"))) { (title) }
                            " " code { (number) } " " span { (version_name(*version, locale)) }
                        }
                    }
                }
            }
        }
    };
    let searched = visit.context.snapshot.counts(&visit.context.scope).agreements as u64;
    Workspace::new(visit, title).page(&markup).costing(searched * POINTS_PER_HUNDRED / 100)
}

/// The tasks of the caller's districts, by due day.
pub(super) async fn tasks(visit: &Visit) -> Result<Vec<Task>, registry::error::Error> {
    let context = &visit.context;
    if !context.viewer.roles.iter().any(|role| *role != Role::Partner) {
        return Ok(Vec::new());
    }
    context.compute_findings().await?;
    let districts = context.viewer.districts(&context.snapshot, context.today);
    Ok(context.snapshot.tasks(&districts).into_iter().map(|listed| listed.item).collect())
}

/// Has the caller this role?
pub(super) fn acts(visit: &Visit, role: Role) -> bool {
    visit.context.viewer.roles.contains(&role)
}

/// A task, with the page where it is done.
pub(super) fn entry(visit: &Visit, task: &Task) -> Markup {
    let locale = visit.locale;
    let address = super::task::address(visit, task);
    let about = match &task.subject {
        TaskSubject::Version { agreement, version } => {
            agreement.version(*version).map_or("", |version| &*version.title).to_owned()
        }
        TaskSubject::Finding(finding) => finding.rule.label(locale).to_owned(),
    };
    html! {
        li {
            span class={ "badge " @if task.kind == TaskKind::Finding { "finding" } @else { "task" } } { (task.kind.label(locale)) } " "
            a href=(address) { (about) } " "
            @if let Some(due) = task.due { span class=(due_class(due, visit.context.today)) { (due_text(due, visit.context.today, locale)) } }
            p class="facts" { span { (name::district(visit, &task.district)) } " " span { (task.message.text(locale)) } }
        }
    }
}

fn due_class(due: Date, today: Date) -> &'static str {
    if (due - today).num_days() <= 3 { "due soon" } else { "due" }
}

/// The due day, and how far it is.
pub(super) fn due_text(due: Date, today: Date, locale: Locale) -> String {
    match ((due - today).num_days(), locale) {
        (0, Locale::Zh) => format!("{due} 截止（今天）"),
        (days, Locale::Zh) if days > 0 => format!("{due} 截止（还有 {days} 天）"),
        (days, Locale::Zh) => format!("{due} 截止（已过 {} 天）", -days),
        (0, Locale::En) => format!("due {due} (today)"),
        (days, Locale::En) if days > 0 => format!("due {due} (in {days} days)"),
        (days, Locale::En) => format!("due {due} ({} days ago)", -days),
    }
}

pub(super) fn version_name(version: u32, locale: Locale) -> String {
    match locale {
        Locale::Zh => format!("第 {version} 版"),
        Locale::En => format!("version {version}"),
    }
}

/// The drafts of the caller's districts: number of the agreement, version, title.
fn drafts(visit: &Visit) -> Vec<(domain::AgreementNumber, u32, String)> {
    let context = &visit.context;
    let districts = context.viewer.districts(&context.snapshot, context.today);
    let list = context.snapshot.agreements_of(&districts, &context.scope);
    let mut drafts = Vec::new();
    for agreement in list {
        for version in &agreement.versions {
            if matches!(&version.life, Life::Draft(draft) if districts.contains(&draft.author)) {
                drafts.push((agreement.number, version.number, version.title.to_string()));
            }
        }
    }
    drafts
}
