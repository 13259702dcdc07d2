//! The form of a guide: publish it, withdraw it, and see it as a visitor does.

use catalogue::Kept;
use domain::{Id, Locale, Matter, MatterCode, Offering, OfferingCode, Revision};
use maud::{Markup, html};
use registry::acts::offering;
use registry::error::Error;
use registry::own_records;
use registry::presentation::{Say as _, matter_name};
use serde_json::{Map, Value as Json};

use super::edit::Editor;
use super::offering_fields::{blank, fields, title};
use super::offerings::{PATH, PUBLISH};
use super::own::{Own, missing};
use crate::console::act::{Acted, acted, input};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::refusal;
use crate::console::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const WITHDRAW: &str = "withdraw";
/// The points of an act.
const POINTS_PER_ACT: u64 = 50;

/// What the address names.
enum Named {
    Guide(Id<Offering>),
    /// A matter that has no guide yet.
    Matter(Kept<Matter>),
    New,
}

/// The record of the page, as it is registered.
struct Record {
    id: Option<Id<Offering>>,
    matter: Option<Kept<Matter>>,
    line: Map<String, Json>,
    revision: Revision,
    is_ended: bool,
}

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let heading = locale.say("办事指南", "Guides");
    let own = match Own::of(visit, heading, PUBLISH) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let Some(named) = named(visit, &own).await else { return missing(visit, heading) };
    let record = match record(visit, &own, named).await {
        Ok(Some(record)) => record,
        Ok(None) => return missing(visit, heading),
        Err(error) => return refusal::failed(visit, &error),
    };
    let is_new = record.id.is_none();
    let mut editor = Editor::new(fields(&record.line, is_new, locale), record.line.clone(), record.revision);
    let mut withdrawal = Form::new(vec![Field::new("reason", Kind::Line, "撤销原因", "Reason").required()]);
    if let Some(submission) = &visit.submission {
        let request = &visit.context;
        if submission.get("act") == WITHDRAW {
            let mut fields = input([
                ("district", own.district.code.to_string().into()),
                ("reason", submission.get("reason").into()),
            ]);
            for key in ["matter", "sourceCode"] {
                fields.extend(record.line.get(key).map(|value| (key.to_owned(), value.clone())));
            }
            match acted(offering::withdraw(request, fields).await) {
                Acted::Done(saved) => return after(visit, &own, Id::new(saved.record), "offeringWithdrawn"),
                other => {
                    withdrawal.values = submission.clone();
                    withdrawal.take(other);
                }
            }
        } else {
            let fields = editor.input(visit, submission, &[("district", own.district.code.to_string().into())]);
            match acted(offering::publish(request, fields).await) {
                Acted::Done(saved) => return after(visit, &own, Id::new(saved.record), "published"),
                other => editor.take(submission, other),
            }
        }
    }
    draw(visit, &own, &record, &editor, &withdrawal)
}

fn after(visit: &Visit, own: &Own, id: Id<Offering>, done: &str) -> PageResponse {
    let address = own.at(visit, &format!("{PATH}/{id}")).with(crate::console::act::DONE, done);
    PageResponse::redirect(address.text()).costing(POINTS_PER_ACT)
}

/// A guide by its id, its implementing code or its matter.
async fn named(visit: &Visit, own: &Own) -> Option<Named> {
    let context = &visit.context;
    let written = visit.segment();
    if written == "new" {
        return Some(Named::New);
    }
    if let Ok(id) = written.parse::<Id<Offering>>() {
        return Some(Named::Guide(id));
    }
    let own_one = |id: &Id<Offering>| {
        context.snapshot.offering_by_id(*id).is_some_and(|placed| placed.district.id == own.district.id)
    };
    if let Ok(code) = written.parse::<OfferingCode>() {
        let found = context.store.offering_by_code(code).await.ok()?;
        return found.into_iter().find(own_one).map(Named::Guide);
    }
    let code = written.parse::<MatterCode>().ok()?;
    let matter = context.snapshot.matter(code)?;
    let of_matter = context.snapshot.offerings_of_matter(code);
    let mut all = (0..of_matter.len()).filter_map(|place| of_matter.get(place));
    Some(match all.find(|listed| own_one(&listed.code)) {
        Some(listed) => Named::Guide(listed.code),
        None => Named::Matter(matter.clone()),
    })
}

async fn record(visit: &Visit, own: &Own, named: Named) -> Result<Option<Record>, Error> {
    let context = &visit.context;
    let code = own.district.code.to_string();
    let id = match named {
        Named::Guide(id) => id,
        Named::Matter(matter) => {
            let line = blank(&code, Some(matter.code));
            return Ok(Some(Record { id: None, matter: Some(matter), line, revision: 0, is_ended: false }));
        }
        Named::New => {
            return Ok(Some(Record { id: None, matter: None, line: blank(&code, None), revision: 0, is_ended: false }));
        }
    };
    let Some(placed) = context.snapshot.offering_by_id(id).filter(|placed| placed.district.id == own.district.id)
    else {
        return Ok(None);
    };
    let lines = own_records::offerings(context, &[placed.brief]).await?;
    Ok(lines.into_iter().next().map(|line| Record {
        id: Some(id),
        matter: placed.matter.cloned(),
        line,
        revision: placed.brief.revision,
        is_ended: placed.brief.period.ended_before(context.today),
    }))
}

fn draw(visit: &Visit, own: &Own, record: &Record, editor: &Editor, withdrawal: &Form) -> PageResponse {
    let locale = visit.locale;
    let named = record.matter.as_ref().map(|matter| matter_name(matter, locale));
    let title = title(&record.line, named, locale);
    let content = html! {
        p class="lead" {
            (own.name(visit))
            @if let Some(matter) = &record.matter { (locale.say("：", ": ")) (name::matter(visit, matter)) " " code { (matter.code) } }
            @if let Some(source) = record.line.get("sourceCode").and_then(Json::as_str) { " " (locale.say("本地编码 ", "local code ")) code { (source) } }
        }
        (state(visit, own, record))
        (editor.draw(visit, "publish", if record.is_ended { locale.say("重新发布", "Publish again") } else { locale.say("发布", "Publish") }))
        @if record.id.is_some() {
            @if record.is_ended {
                p class="hint" { (locale.say("已撤销或已失效，无需再撤销；重新发布即恢复。", "It has ended, so there is nothing to withdraw; publishing brings it back.")) }
            } @else {
                details class="act" open[!withdrawal.problems.is_empty() || withdrawal.failure.is_some()] {
                    summary { (locale.say("撤销这份指南", "Withdraw the guide")) }
                    p class="note" { (locale.say("从今天起，外地不再能按这份指南办理；以前的日子不变。", "From today on it cannot be handled by this guide; earlier days stay as they were.")) }
                    (withdrawal.draw_act(visit, WITHDRAW, locale.say("撤销", "Withdraw")))
                }
            }
        }
    };
    Workspace::new(visit, &title)
        .below_page(own.at(visit, PATH).text(), locale.say("办事指南", "Guides"))
        .page(&content)
        .costing(if visit.submission.is_some() { POINTS_PER_ACT } else { 0 })
}

/// How it stands, and where visitors see it.
fn state(visit: &Visit, own: &Own, record: &Record) -> Markup {
    let locale = visit.locale;
    let reason = record.line.get("withdrawnReason").and_then(Json::as_str);
    html! {
        @if record.is_ended {
            p class="note" { (locale.say("已撤销或已失效。", "It was withdrawn or has ended.")) @if let Some(reason) = reason { " " (reason) } }
        }
        @if let (Some(_), Some(matter)) = (record.id, &record.matter) {
            p {
                a href=(visit.at(&format!("/matter/{}", matter.code)).with("competent", own.district.code.to_string())) {
                    (locale.say("按访客所见查看", "See it as a visitor does"))
                }
            }
        } @else if record.id.is_some() {
            p class="hint" { (locale.say("未匹配事项的指南不在公众页面显示；请填写基本编码。", "A guide without a matter is not on public pages; state the code of the matter.")) }
        }
        @if record.id.is_none() && locale == Locale::Zh { p class="hint" { "发布后立即对公众可见。" } }
        @if record.id.is_none() && locale == Locale::En { p class="hint" { "It is public as soon as it is published." } }
    }
}
