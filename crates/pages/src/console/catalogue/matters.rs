//! Matters: `/console/catalogue/matters`.

use catalogue::{Kept, MatterFilter, Order, Slice};
use domain::{Audience, Matter, MatterCode, MatterDomain, Record, Role};
use maud::{Markup, html};
use registry::acts::matter;
use registry::presentation::{Say as _, matter_name, sentence};

use super::editing::{self, EDIT};
use crate::console::act::{Acted, DONE, acted, input, renamed};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::refusal;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

const RETIRE: &str = "retire";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    if !visit.context.viewer.roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Steward);
    }
    if !editing::is_form(visit) {
        return list(visit);
    }
    let asked = visit.address.get(EDIT);
    let held = asked.parse::<MatterCode>().ok().and_then(|code| visit.context.snapshot.matter(code)).cloned();
    if held.is_none() && !asked.is_empty() {
        return editing::missing(visit);
    }
    let held = held.as_ref();
    let mut form = form(visit, held);
    let mut retiring = Form::new(vec![Field::new("reason", Kind::Text, "取消原因", "Reason").required()]);
    if let Some(submission) = &visit.submission {
        let retires = submission.get("act") == RETIRE;
        let done = if retires {
            "matterRetired"
        } else if held.is_some() {
            "recordRevised"
        } else {
            "recordRegistered"
        };
        let outcome = match held {
            Some(held) if retires => {
                retiring.values = submission.clone();
                let fields = [("code", held.code.to_string().into()), ("reason", submission.get("reason").into())];
                matter::retire(&visit.context, input(fields)).await
            }
            Some(held) => {
                form.values = submission.clone();
                let fields = form.input(visit, submission);
                matter::revise(
                    &visit.context,
                    editing::merged(visit, editing::line(&Record::Matter(held.record.clone())), &form, fields),
                )
                .await
            }
            None => {
                form.values = submission.clone();
                matter::register(&visit.context, form.input(visit, submission)).await
            }
        };
        match acted(outcome) {
            Acted::Done(_) => {
                let code = held.map_or_else(|| submission.get("code").to_owned(), |held| held.code.to_string());
                let to = visit.at(visit.address.path()).with("q", code).with(DONE, done);
                return PageResponse::redirect(to.text());
            }
            other if retires => retiring.take(renamed(other, &[("code", "reason")])),
            other => form.take(other),
        }
    }
    let locale = visit.locale;
    let title = held.map_or_else(
        || locale.say("登记事项", "Register a matter").to_owned(),
        |held| format!("{}{} {}", locale.say("修订事项：", "Revise a matter: "), matter_name(held, locale), held.code),
    );
    let more = html! { @if let Some(held) = held { (below(visit, held, &retiring)) } };
    editing::page(visit, &title, &form, held.map(|held| held.revision), &more)
}

/// Retiring the matter, or since when it is retired.
fn below(visit: &Visit, held: &Kept<Matter>, retiring: &Form) -> Markup {
    let locale = visit.locale;
    html! {
        section class="act" aria-labelledby="retire-title" {
            h2 id="retire-title" { (locale.say("取消事项", "Retire the matter")) }
            @match held.retired_on {
                Some(on) => {
                    p { (locale.say("已取消，自 ", "Retired from ")) (on) @if let Some(reason) = &held.retired_reason { (locale.say("：", ": ")) (reason) } }
                }
                None => {
                    p { (locale.say("从今天起任何清单都不再包含它；以前各日的答复不变。", "From today on no clause covers it; answers for earlier days stay the same.")) }
                    (retiring.draw_act(visit, RETIRE, locale.say("取消事项", "Retire it")))
                }
            }
        }
    }
}

fn list(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let filter = MatterFilter { search: snapshot.matter_query(&visit.link.search), ..MatterFilter::default() };
    let order = if filter.search.is_some() { Order::Relevance } else { Order::Code };
    let found = snapshot.list_matters(&filter, &Slice::all(order));
    let all: Vec<&Kept<Matter>> = found.items().collect();
    let pager = Pager::new(visit, all.len(), editing::PAGE_SIZE);
    let rows: Vec<Markup> = pager.of(&all).iter().map(|matter| row(visit, matter)).collect();
    let hint = locale.say("名称、拼音首字母或基本编码。", "A name or a code.");
    editing::list(visit, locale.say("事项目录", "Matters of the catalogue"), hint, pager, &rows)
}

fn row(visit: &Visit, matter: &Kept<Matter>) -> Markup {
    let locale = visit.locale;
    html! {
        (name::matter(visit, matter)) " " code { (matter.code) } " "
        span class="badge" { (sentence(matter.domain.label(locale))) } " "
        @if !matter.is_active(visit.context.today) { span class="badge warn" { (locale.say("已取消", "retired")) } " " }
        (editing::edit(visit, &matter.code.to_string()))
    }
}

fn form(visit: &Visit, held: Option<&Kept<Matter>>) -> Form {
    let locale = visit.locale;
    let option = |name: &str, label: &str| (name.to_owned(), sentence(label));
    let domains = MatterDomain::ALL.iter().map(|domain| option(domain.name(), domain.label(locale)));
    let audiences = Audience::ALL.iter().map(|audience| option(audience.name(), audience.label(locale)));
    let mut fields = Vec::new();
    if held.is_none() {
        fields.push(Field::new("code", Kind::Line, "基本编码", "Code").required());
    }
    fields.extend([
        Field::new("name", Kind::Line, "名称", "Chinese name").required(),
        Field::new("englishName", Kind::Line, "英文名称", "English name"),
        Field::new("aliases", Kind::Lines, "别名", "Other names")
            .hint("每行一个，便于查找。", "One a line, for search."),
        Field::new("domain", Kind::Choice(domains.collect()), "领域", "Domain").required(),
        Field::new("audience", Kind::Choices(audiences.collect()), "服务对象", "Audience").required(),
        Field::new("leadDepartment", Kind::Line, "国家主管部门", "National department"),
        Field::new("competentBy", Kind::Lines, "属地确定方式", "What makes a district competent")
            .hint("如：户籍地，每行一个。", "Such as 户籍地, one a line."),
    ]);
    let form = Form::new(fields);
    let Some(held) = held else { return form };
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
    let form = form
        .with("name", &*held.name)
        .with("englishName", text(&held.english_name))
        .with("aliases", editing::lines(&held.aliases))
        .with("domain", held.domain.name())
        .with("leadDepartment", text(&held.lead_department))
        .with("competentBy", editing::lines(&held.competent_by));
    held.audience.iter().fold(form, |form, audience| form.with("audience", audience.name()))
}
