//! A new draft: empty, for a list that is uploaded next, or with the content of another agreement.

use catalogue::Kept;
use domain::{Agreement, AgreementNumber, Id};
use maud::{Markup, html};
use registry::acts::agreement::draft;
use registry::acts::{Input, Saved};
use registry::presentation::Say as _;
use serde_json::{Value as Json, json};

use super::question::How;
use super::start::{KEY, Start, place};
use crate::console::act::{Acted, DONE, acted};
use crate::console::draft::record;
use crate::console::field::{Field, Kind};
use crate::console::remap::between;
use crate::console::token::token;
use crate::console::trouble::Trouble;
use crate::console::workspace::Workspace;
use crate::portal::agreement::{listed_version, member_codes};
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// The parameter with the number of the agreement to copy.
const FROM: &str = "from";
/// How many agreements can be chosen from; others are named by their numbers.
const MAX_CHOICES: usize = 100;

pub(super) async fn answer(visit: &Visit, how: How) -> PageResponse {
    let from = if how == How::Copy {
        let number = visit.address.get(FROM).trim().parse::<AgreementNumber>().ok();
        match number.and_then(|number| visit.context.snapshot.agreement(number, &visit.context.scope)) {
            Some(from) => Some(from),
            None => return choose(visit),
        }
    } else {
        None
    };
    let Some(form) = &visit.submission else {
        let parties = from.as_ref().map(|from| member_codes(copied(visit, from))).unwrap_or_default();
        let mut form = Start::blank(visit, &parties);
        let title = from.as_ref().map_or("", |from| &copied(visit, from).title);
        form.fields.push(("title".to_owned(), title.to_owned()));
        // What is asked of parties that were not typed yet is no problem.
        let start = Start::read(visit, &form, &mut Trouble::default());
        return page(visit, how, &form, &start, &Trouble::default());
    };
    let mut trouble = Trouble::default();
    let start = Start::read(visit, form, &mut trouble);
    if trouble.is_empty() {
        let input = input(visit, form, &start, from.as_ref());
        let acted = acted(draft::draft(&visit.context, input).await);
        if let Acted::Done(saved) = &acted {
            let next = match how {
                How::Sheet => "schedule/import",
                How::Copy => "schedule",
                How::Draft | How::Paper => "terms",
            };
            return PageResponse::redirect(opened(visit, saved, next)).costing(start.cost());
        }
        trouble = Trouble::of(&acted, visit.locale, |problem| place(&problem.path, &["title"]));
    }
    page(visit, how, form, &start, &trouble).costing(start.cost())
}

/// The version that is copied.
fn copied<'a>(visit: &Visit, from: &'a Agreement) -> &'a domain::Version {
    listed_version(from, visit.context.today)
}

fn input(visit: &Visit, form: &Submission, start: &Start, from: Option<&Kept<Agreement>>) -> Input {
    let mut input = match from {
        None => Input::from_iter([("schedule".to_owned(), json!([]))]),
        Some(from) => {
            let next = between(copied(visit, from), &start.parties);
            let mut content = record::content(&next);
            // Of one agreement alone.
            for own in ["documentNumber", "effectiveFrom", "effectiveTo", "replaces"] {
                content.insert(own.to_owned(), Json::Null);
            }
            content
        }
    };
    let known: Vec<Json> = input.get("parties").and_then(Json::as_array).cloned().unwrap_or_default();
    let party = |code: &domain::DistrictCode| {
        let is_it = |party: &&Json| party.get("district").and_then(Json::as_str) == Some(code.as_str());
        known.iter().find(is_it).cloned().unwrap_or_else(|| json!({ "district": code.to_string() }))
    };
    let proposer = start.proposer(form).map(|code| code.to_string());
    for (name, value) in [
        ("title", form.get("title").into()),
        ("parties", start.parties.iter().map(party).collect()),
        ("proposer", proposer.into()),
        ("idempotencyKey", Some(form.get(KEY)).filter(|key| !key.is_empty()).into()),
    ] {
        input.insert(name.to_owned(), value);
    }
    input
}

/// The address of a page of the draft that was made.
fn opened(visit: &Visit, saved: &Saved, page: &str) -> String {
    let after = visit.context.after_write();
    let made = after.snapshot.agreement_by_id(Id::new(saved.record), &after.scope);
    let Some(made) = made else { return visit.to("/console/agreements") };
    visit.at(&format!("/console/agreements/{}/draft/{page}", made.number)).with(DONE, "drafted").text()
}

fn page(visit: &Visit, how: How, form: &Submission, start: &Start, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let status = if trouble.is_empty() { 200 } else { 422 };
    let title = Field::new("title", Kind::Line, "协议名称", "Title")
        .required()
        .hint("例：南沙区、昆山市“跨域通办”合作协议", "As it is to stand on the document");
    let content = html! {
        (trouble.summary(locale))
        form method="post" action=(visit.address.clone().without(DONE)) class="form" {
            (token(visit))
            (title.draw(form, &trouble.at("title"), locale))
            (start.draw(visit, form, trouble))
            p class="buttons" { button class="button" type="submit" { (locale.say("保存草稿并继续", "Save the draft and continue")) } }
        }
    };
    framed(visit, how, status, &content)
}

fn framed(visit: &Visit, how: How, status: u16, content: &Markup) -> PageResponse {
    let locale = visit.locale;
    Workspace::new(visit, how.label(locale))
        .below("/console/agreements", locale.say("我的协议", "My agreements"))
        .below("/console/agreements/new", locale.say("怎样开始", "How to begin"))
        .response(status, content)
}

/// Which agreement is copied.
fn choose(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let context = &visit.context;
    let ours = context.viewer.districts(&context.snapshot, context.today);
    let own = context.snapshot.agreements_of(&ours, &context.scope);
    let asked = visit.address.get(FROM);
    let mut trouble = Trouble::default();
    if !asked.is_empty() {
        trouble.add(
            FROM,
            locale.say("没有这个编号的协议，或您无权查看", "There is no such agreement, or you may not see it"),
        );
    }
    let number = Field::new(FROM, Kind::Line, "协议编号", "Number of the agreement")
        .required()
        .hint("例：TB-2021-000001。任何可以看到的协议都能复制", "Any agreement that you can see");
    let form = Submission { fields: vec![(FROM.to_owned(), asked.to_owned())], files: Vec::new() };
    let content = html! {
        (trouble.summary(locale))
        form method="get" action=(visit.address.path()) class="form" {
            (visit.address.hidden_except(&[FROM]))
            (number.draw(&form, &trouble.at(FROM), locale))
            p class="buttons" { button class="button" type="submit" { (locale.say("继续", "Continue")) } }
        }
        @if !own.is_empty() {
            section {
                h2 { (locale.say("或从我的协议中选", "Or one of yours")) }
                ul class="links" {
                    @for agreement in own.iter().take(MAX_CHOICES) {
                        li { a href=(visit.address.clone().with(FROM, agreement.number.to_string())) { (copied(visit, agreement).title) } " " code { (agreement.number) } }
                    }
                }
            }
        }
    };
    framed(visit, How::Copy, if trouble.is_empty() { 200 } else { 404 }, &content)
}
