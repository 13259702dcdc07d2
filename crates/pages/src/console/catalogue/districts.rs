//! Districts: `/console/catalogue/districts`.

use catalogue::search::Query;
use catalogue::{DistrictFilter, Kept, Order, Slice};
use domain::{District, DistrictCode, DistrictKind, Record, Role};
use maud::{Markup, html};
use registry::acts::{Input, district};
use registry::presentation::{Say as _, district_name, sentence};

use super::editing::{self, EDIT};
use crate::console::act::{Acted, DONE, acted};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::refusal;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    if !visit.context.viewer.roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Steward);
    }
    if !editing::is_form(visit) {
        return list(visit);
    }
    let asked = visit.address.get(EDIT);
    let held = asked.parse::<DistrictCode>().ok().and_then(|code| visit.context.snapshot.district(code)).cloned();
    if held.is_none() && !asked.is_empty() {
        return editing::missing(visit);
    }
    let held = held.as_ref();
    let mut form = form(visit, held);
    if let Some(submission) = &visit.submission {
        form.values = submission.clone();
        let fields = form.input(visit, submission);
        let outcome = match held {
            Some(held) => district::revise(&visit.context, revised(visit, held, &form, fields)).await,
            None => district::register(&visit.context, fields).await,
        };
        match acted(outcome) {
            Acted::Done(_) => {
                let done = if held.is_some() { "recordRevised" } else { "recordRegistered" };
                let code = held.map_or_else(|| submission.get("code").to_owned(), |held| held.code.to_string());
                let to = visit.at(visit.address.path()).with("q", code).with(DONE, done);
                return PageResponse::redirect(to.text());
            }
            other => form.take(other),
        }
    }
    let locale = visit.locale;
    let title = held.map_or_else(
        || locale.say("登记区域", "Register a district").to_owned(),
        |held| {
            format!("{}{} {}", locale.say("修订区域：", "Revise a district: "), district_name(held, locale), held.code)
        },
    );
    let more = html! {
        @if held.is_some() {
            p class="hint" { (locale.say("代码的沿革、托管的区域和撤销保持不变。", "Former codes, administered districts and the retirement stay as they are.")) }
        }
    };
    editing::page(visit, &title, &form, held.map(|held| held.revision), &more)
}

fn list(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let filter = DistrictFilter { search: Query::new(&visit.link.search), ..DistrictFilter::default() };
    let order = if filter.search.is_some() { Order::Relevance } else { Order::Code };
    let found = visit.context.snapshot.list_districts(&filter, &Slice::all(order));
    let all: Vec<&Kept<District>> = found.items().collect();
    let pager = Pager::new(visit, all.len(), editing::PAGE_SIZE);
    let rows: Vec<Markup> = pager.of(&all).iter().map(|district| row(visit, district)).collect();
    let hint = locale.say("名称、上级加名称、拼音首字母或区划代码。", "A name, a path, or a code.");
    editing::list(visit, locale.say("区域目录", "Districts of the catalogue"), hint, pager, &rows)
}

fn row(visit: &Visit, district: &Kept<District>) -> Markup {
    let locale = visit.locale;
    html! {
        (name::district_path(visit, district)) " " code { (district.code) } " "
        span class="badge" { (sentence(district.kind.label(locale))) } " "
        @if district.is_retired(visit.context.today) { span class="badge warn" { (locale.say("已撤销", "retired")) } " " }
        @if district.requires_approval { span class="badge" { (locale.say("发送前须审核", "needs approval")) } " " }
        (editing::edit(visit, district.code.as_str()))
    }
}

fn form(visit: &Visit, held: Option<&Kept<District>>) -> Form {
    let locale = visit.locale;
    let kinds = DistrictKind::ALL.iter().map(|kind| (kind.name().to_owned(), sentence(kind.label(locale))));
    let mut fields = Vec::new();
    if held.is_none() {
        fields
            .push(Field::new("code", Kind::Line, "区划代码", "Code").required().hint("如 440115。", "Such as 440115."));
    }
    fields.extend([
        Field::new("name", Kind::Line, "名称", "Chinese name")
            .required()
            .hint("不带上级区域的名称。", "Without those above it."),
        Field::new("englishName", Kind::Line, "英文名称", "English name"),
        Field::new("kind", Kind::Choice(kinds.collect()), "类型", "Kind").required(),
        Field::new("parent", Kind::District, "上级区域", "Parent").hint("省级不填。", "None for a province."),
    ]);
    if held.is_some() {
        fields.push(
            Field::new("parentFrom", Kind::Date, "自哪一天起隶属", "Under it from")
                .hint("更换上级时填写；不填为今天。", "For another parent; if empty, from today."),
        );
    }
    fields.extend([
        Field::new("aliases", Kind::Lines, "别名", "Other names").hint("每行一个。", "One a line."),
        Field::new(
            "requiresApproval",
            Kind::Flag,
            "发送签约方前须经本区域签发人审核",
            "Its people propose only what its signatory has approved",
        ),
        Field::new("hotline", Kind::Line, "政务服务热线", "Service line"),
        Field::new("complaintPhone", Kind::Line, "监督投诉电话", "Telephone for complaints"),
        Field::new("portal", Kind::Line, "政务服务网址", "Service site"),
        Field::new("validFrom", Kind::Date, "设立日期", "Established on"),
    ]);
    let form = Form::new(fields);
    let Some(held) = held else { return form };
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
    form.with("name", &*held.name)
        .with("englishName", text(&held.english_name))
        .with("kind", held.kind.name())
        .with("parent", held.parent(visit.context.today).map_or_else(String::new, |code| code.to_string()))
        .with("aliases", editing::lines(&held.aliases))
        .with("requiresApproval", if held.requires_approval { "1" } else { "" })
        .with("hotline", text(&held.hotline))
        .with("complaintPhone", text(&held.complaint_phone))
        .with("portal", text(&held.portal))
        .with("validFrom", held.valid_from.map_or_else(String::new, |day| day.to_string()))
}

/// The whole record for the act. The history of parents stays unless the parent or its day is another one.
fn revised(visit: &Visit, held: &Kept<District>, form: &Form, mut fields: Input) -> Input {
    let line = editing::line(&Record::District(held.record.clone()));
    let today = held.parent(visit.context.today).map(|code| code.to_string());
    let is_same = fields.get("parent").and_then(|parent| parent.as_str()).map(str::to_owned) == today;
    if is_same && !fields.contains_key("parentFrom") {
        fields.remove("parent");
        let history =
            ["parent", "parents"].into_iter().filter_map(|name| Some((name.to_owned(), line.get(name)?.clone())));
        fields.extend(history.collect::<Input>());
        return editing::merged(visit, line, form, fields);
    }
    let mut line = line;
    line.remove("parents");
    editing::merged(visit, line, form, fields)
}
