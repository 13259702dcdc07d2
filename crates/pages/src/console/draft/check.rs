//! The last step of a draft: the whole text to read, what it changes, what is still wrong, and the button that proposes.

use catalogue::DraftFinding;
use chrono::Days;
use domain::agreement::acts::When;
use domain::agreement::diff::difference;
use domain::{Date, Extent, Locale, Message, Problem, Problems};
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::agreement::{draft, proposal};
use registry::presentation::{Say as _, sentence};

use super::open::{EXPECTED, Open, expected};
use super::steps::{respond, to};
use crate::console::act::{Acted, DONE, acted};
use crate::console::field::{Field, Kind};
use crate::console::trouble::Trouble;
use crate::language::chinese;
use crate::name;
use crate::portal::agreement::{schedule, terms, versions};
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// How long the parties usually have for an answer.
const ANSWER_DAYS: u64 = 30;
/// How many findings are shown.
const MAX_FINDINGS: usize = 30;
/// The points for every hundred cells of the text, and for the findings.
const POINTS: u64 = 20;
const ANSWER_BY: &str = "answerBy";
const CONFIRMED: &str = "confirmed";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let open = match Open::find(visit).await {
        Ok(open) => open,
        Err(missing) => return missing,
    };
    let cost = POINTS + open.version().schedule.iter().map(|clause| clause.matters.len() as u64).sum::<u64>() / 100;
    let Some(form) = &visit.submission else {
        let fields = vec![(ANSWER_BY.to_owned(), usual_answer_by(&open, visit.context.today).to_string())];
        return page(visit, &open, &Submission { fields, files: Vec::new() }, &Trouble::default()).costing(cost);
    };
    if form.get("do") == "discard" { discard(visit, &open, form).await } else { propose(visit, &open, form).await }
        .costing(cost)
}

async fn propose(visit: &Visit, open: &Open, form: &Submission) -> PageResponse {
    let mut input = subject(open, form);
    input.insert(ANSWER_BY.to_owned(), form.get(ANSWER_BY).into());
    let acted = acted(proposal::propose(&visit.context, input).await);
    if matches!(acted, Acted::Done(_)) {
        let address = visit.at(&format!("/console/agreements/{}", open.number()));
        return PageResponse::redirect(address.with(DONE, "proposed").text());
    }
    let place = |problem: &Problem| problem.path.first().filter(|step| *step == ANSWER_BY).cloned().unwrap_or_default();
    page(visit, open, form, &Trouble::of(&acted, visit.locale, place))
}

async fn discard(visit: &Visit, open: &Open, form: &Submission) -> PageResponse {
    let mut trouble = Trouble::default();
    if form.get(CONFIRMED).is_empty() {
        let told =
            visit.locale.say("删除后不能恢复：请勾选确认", "A discarded draft cannot be restored: tick to confirm");
        trouble.add(CONFIRMED, told);
        return page(visit, open, form, &trouble);
    }
    let acted = acted(draft::discard(&visit.context, subject(open, form)).await);
    if matches!(acted, Acted::Done(_)) {
        return PageResponse::redirect(visit.at("/console/agreements").with(DONE, "discarded").text());
    }
    page(visit, open, form, &Trouble::of(&acted, visit.locale, |_| String::new()))
}

/// The fields of the acts that say which draft is meant.
fn subject(open: &Open, form: &Submission) -> Input {
    let fields = [
        ("number", open.number().to_string().into()),
        ("version", open.version().number.into()),
        (EXPECTED, expected(form)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn usual_answer_by(open: &Open, today: Date) -> Date {
    let days = ANSWER_DAYS.max(u64::from(open.version().objection_days));
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

/// Why it cannot be proposed now, whatever the day for answers.
fn blockers(visit: &Visit, open: &Open) -> Problems {
    let when = When { at: visit.context.now, today: visit.context.today };
    let tried = open.agreement.record.clone().propose(open.version().number, Date::MAX, when);
    let problems = tried.err().unwrap_or_default();
    problems.into_iter().filter(|problem| problem.path.first().is_none_or(|step| step != ANSWER_BY)).collect()
}

fn page(visit: &Visit, open: &Open, form: &Submission, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let status = if trouble.is_empty() { 200 } else { 422 };
    let found = visit.context.snapshot.findings_of_draft(open.number(), open.version().number, &visit.context.scope);
    let content = html! {
        (trouble.summary(locale))
        (text(visit, open))
        (changes(visit, open))
        (findings(visit, &found))
        (sending(visit, open, form, trouble))
        @if open.off.is_none() { (discarding(visit, open, form, trouble)) }
    };
    respond(visit, open, "check", status, &content)
}

/// The whole version as it would be proposed.
fn text(visit: &Visit, open: &Open) -> Markup {
    let locale = visit.locale;
    let version = open.version();
    html! {
        section {
            h2 lang=[chinese(locale)] { (version.title) }
            dl class="facts-list" {
                (name::text_fact(locale.say("文号", "Document number"), version.document_number.as_deref(), locale))
                @if let Some(author) = version.author() { (name::fact(locale.say("起草方", "Drafted by"), &name::district_of(visit, author))) }
                (name::fact(locale.say("牵头方", "Lead"), &name::district_of(visit, version.lead)))
                @if let Some(framework) = version.framework { (name::fact(locale.say("上级框架协议", "Framework"), &html! { a href=(name::to_agreement(visit, framework)) { (framework) } })) }
                @if let Some(replaces) = version.replaces { (name::fact(locale.say("接替的协议", "Replaces"), &html! { a href=(name::to_agreement(visit, replaces)) { (replaces) } })) }
            }
        }
        section {
            h2 { (locale.say("签约方", "Parties")) " " span class="count" { (version.parties.len()) } }
            ul class="links" {
                @for party in &version.parties {
                    li {
                        (name::district_of(visit, party.district))
                        @if party.extent == Extent::Subtree { (locale.say("（", " (")) (party.extent.label(locale)) (locale.say("）", ")")) }
                        @if !party.bodies.is_empty() {
                            (locale.say("：", ": ")) span lang=[chinese(locale)] { (party.bodies.iter().map(|body| &*body.name).collect::<Vec<_>>().join("、")) }
                        }
                    }
                }
            }
        }
        (terms::section(visit, version))
        (schedule::section(visit, &open.agreement, version))
    }
}

/// What it changes.
fn changes(visit: &Visit, open: &Open) -> Markup {
    let locale = visit.locale;
    let version = open.version();
    let base = version.base_version.and_then(|base| open.agreement.version(base));
    html! {
        section {
            h2 { (locale.say("改了什么", "What changes")) }
            @match base {
                Some(base) => (versions::changes(visit, &difference(Some(base), version), base.number)),
                None => { p { (locale.say("这是首份文本，没有可比较的版本。", "It is the first text: there is no version to compare it with.")) } }
            }
        }
    }
}

fn findings(visit: &Visit, found: &[DraftFinding]) -> Markup {
    let locale = visit.locale;
    html! {
        section {
            h2 { (locale.say("数据问题", "Findings")) " " span class="count" { (found.len()) } }
            @if found.is_empty() { p { (locale.say("没有发现问题。", "Nothing was found.")) } }
            @else { p class="hint" { (locale.say("这些不妨碍发送，但生效后申请人会遇到：请签订前处理。", "They do not keep it from being proposed, but applicants will meet them: mend them before it is signed.")) } }
            ul class="tasks" {
                @for finding in found.iter().take(MAX_FINDINGS) {
                    li {
                        span class="badge finding" { (finding.severity.label(locale)) } " "
                        (sentence(finding.message.text(locale)))
                        p class="facts" {
                            @if let Some(district) = &finding.district { span { (name::district(visit, district)) } }
                            @if let Some(clause) = &finding.clause { span { a href={ "#clause-" (clause) } { (locale.say("条款 ", "clause ")) (clause) } } }
                            @if let Some(number) = finding.contradicts { span { a href=(name::to_agreement(visit, number)) { (number) } } }
                            @if finding.count > 1 { span { @match locale { Locale::Zh => { (finding.count) " 项" } Locale::En => { (finding.count) } } } }
                            span { (finding.remedy.text(locale)) }
                        }
                    }
                }
            }
            @if found.len() > MAX_FINDINGS { p class="hint" { @match locale { Locale::Zh => { "还有 " (found.len() - MAX_FINDINGS) " 条。" } Locale::En => { (found.len() - MAX_FINDINGS) " more." } } } }
        }
    }
}

fn sending(visit: &Visit, open: &Open, form: &Submission, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let blockers = blockers(visit, open);
    let reasons: Vec<&Message> = open.off.iter().chain(blockers.iter().map(|problem| &problem.message)).collect();
    let day = Field::new(ANSWER_BY, Kind::Date, "答复期限（含当日）", "Last day for answers").required().hint(
        "签约方须在这一天以前签署、退回或不同意；逾期未全部签署的，这一版失效",
        "The parties sign or reject it by this day; else it lapses",
    );
    let send = locale.say("发送签约方", "Propose to the parties");
    html! {
        section id="send" {
            h2 { (send) }
            p {
                (locale.say(
                    "发送后文本固定，各方对同一份文本签署；要修改须先撤回。",
                    "From then on the text is fixed and the parties sign it as it is; to change it, withdraw it first.",
                ))
            }
            form method="post" action=(visit.address.clone().without(DONE)) class="form" {
                (open.hidden(visit))
                (day.draw(form, &trouble.at(ANSWER_BY), locale))
                p class="buttons" {
                    @if reasons.is_empty() { button class="button" type="submit" { (send) } }
                    @else { button class="button" type="button" disabled aria-describedby="why-off" { (send) } }
                    a class="button quiet" href=(to(visit, open, "schedule")) { (locale.say("返回修改", "Back to the schedule")) }
                }
                @if !reasons.is_empty() {
                    div class="note" id="why-off" {
                        p { (locale.say("现在不能发送：", "It cannot be proposed now:")) }
                        @for reason in &reasons { p { (reason.text(locale)) } }
                        @for remedy in blockers.iter().filter_map(|problem| problem.remedy.as_ref()) { p class="hint" { (remedy.text(locale)) } }
                    }
                }
            }
        }
    }
}

fn discarding(visit: &Visit, open: &Open, form: &Submission, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let is_asked = !trouble.at(CONFIRMED).is_empty();
    html! {
        details class="discard" open[is_asked] {
            summary { (locale.say("删除这份草稿", "Discard this draft")) }
            form method="post" action=(visit.address.clone().without(DONE)) class="form" {
                (open.hidden(visit))
                (trouble.notes(CONFIRMED))
                p class="check" {
                    input type="checkbox" id=(CONFIRMED) name=(CONFIRMED) value="1" checked[!form.get(CONFIRMED).is_empty()] {}
                    " " label for=(CONFIRMED) { (locale.say("我确认删除，删除后不能恢复", "I confirm: a discarded draft cannot be restored")) }
                }
                p class="buttons" { button class="button quiet" type="submit" name="do" value="discard" { (locale.say("删除草稿", "Discard the draft")) } }
            }
        }
    }
}
