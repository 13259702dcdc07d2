//! The form of a window: register it, close it, and see it as a visitor does.

use catalogue::Kept;
use domain::{HandlingMode, Id, Locale, MatterDomain, Window, WindowKind};
use maud::html;
use registry::acts::window;
use registry::own_records;
use registry::presentation::{Say as _, sentence};
use serde_json::{Map, Value as Json};

use super::edit::{Editor, hours_at_fault};
use super::offering_fields::blank;
use super::own::{Own, missing};
use super::windows::{PATH, REGISTER};
use crate::console::act::{Acted, acted, input};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

const CLOSE: &str = "close";
const NEW: &str = "new";
const POINTS_PER_ACT: u64 = 50;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let heading = locale.say("通办窗口", "Windows");
    let own = match Own::of(visit, heading, REGISTER) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let found = visit.segment().parse::<Id<Window>>().ok().and_then(|id| visit.context.snapshot.window_by_id(id));
    let is_own = |window: &&Kept<Window>| {
        visit.context.snapshot.district(window.district).is_some_and(|district| district.id == own.district.id)
    };
    let found = found.filter(is_own).cloned();
    if found.is_none() && visit.segment() != NEW {
        return missing(visit, heading);
    }
    let district: Json = own.district.code.to_string().into();
    let line =
        found.as_ref().map_or_else(|| blank(own.district.code.as_str(), None), |window| own_records::window(window));
    let revision = found.as_ref().map_or(0, |window| window.revision);
    let mut editor = Editor::new(fields(&line, found.is_none(), locale), line, revision);
    let mut closing = Form::new(vec![Field::new("reason", Kind::Line, "关闭原因", "Reason").required()]);
    if let Some(submission) = &visit.submission {
        let request = &visit.context;
        let name = found.as_ref().map_or_else(|| submission.get("name").into(), |window| Json::from(&*window.name));
        if submission.get("act") == CLOSE {
            let fields = input([("district", district), ("name", name), ("reason", submission.get("reason").into())]);
            match acted(window::close(request, fields).await) {
                Acted::Done(saved) => return after(visit, &own, Id::new(saved.record), "windowClosed"),
                other => {
                    closing.values = submission.clone();
                    closing.take(other);
                }
            }
        } else {
            let fields = editor.input(visit, submission, &[("district", district), ("name", name)]);
            match acted(window::register(request, fields).await) {
                Acted::Done(saved) => return after(visit, &own, Id::new(saved.record), "windowRegistered"),
                Acted::Problems(problems) => {
                    let problems = hours_at_fault(problems, submission.get("opening"));
                    editor.take(submission, Acted::Problems(problems));
                }
                failed @ Acted::Failed(_) => editor.take(submission, failed),
            }
        }
    }
    draw(visit, &own, found.as_ref(), &editor, &closing)
}

fn after(visit: &Visit, own: &Own, id: Id<Window>, done: &str) -> PageResponse {
    let address = own.at(visit, &format!("{PATH}/{id}")).with(crate::console::act::DONE, done);
    PageResponse::redirect(address.text()).costing(POINTS_PER_ACT)
}

pub(super) fn fields(line: &Map<String, Json>, is_new: bool, locale: Locale) -> Vec<Field> {
    let option = |name: &str, label: &str| (name.to_owned(), sentence(label));
    let mut kinds: Vec<(String, String)> = WindowKind::ALL
        .iter()
        .filter(|kind| **kind != WindowKind::Other)
        .map(|kind| option(kind.name(), kind.label(locale)))
        .collect();
    if let Some(own) = line.get("kind").and_then(Json::as_str)
        && !kinds.iter().any(|(name, _)| name == own)
    {
        kinds.push(option(own, own));
    }
    let modes = HandlingMode::ALL.iter().map(|mode| option(mode.name(), mode.label(locale))).collect();
    let domains = MatterDomain::ALL.iter().map(|domain| option(domain.name(), domain.label(locale))).collect();
    let mut fields = Vec::new();
    // The name identifies a window: another name would be another window.
    if is_new {
        fields.push(
            Field::new("name", Kind::Line, "窗口名称", "Name")
                .required()
                .hint("本区域内唯一；登记后不能改", "unique in the district; it cannot be changed later"),
        );
    }
    fields.extend([
        Field::new("kind", Kind::Choice(kinds), "窗口类型", "Kind").hint("不选为政务服务大厅", "without it a service hall"),
        Field::new("address", Kind::Line, "地址", "Address").required(),
        Field::new("phone", Kind::Line, "联系电话", "Telephone"),
        Field::new("hours", Kind::Text, "办公时间（文字）", "Opening hours in words")
            .hint("如：工作日 9:00–12:00，13:00–17:00；夏季另行公告", "as visitors read them"),
        Field::new("opening", Kind::Lines, "每周开放时段", "Opening hours by weekday").hint(
            "每行一段，如：周一至周五 09:00-12:00，13:00-17:00；填写后显示今天是否开放。只在一段日期内有效的写作：周六 09:00-12:00 | 2026-06-01 | 2026-09-30",
            "one a line, like 周一至周五 09:00-17:00; they tell whether it is open today. Hours of some days of the year: 周六 09:00-12:00 | 2026-06-01 | 2026-09-30",
        ),
        Field::new("closedOn", Kind::Lines, "临时不开放日期", "Single days on which it is closed").hint("每行一天，如：2026-10-01", "one a line, like 2026-10-01"),
        Field::new("complaintPhone", Kind::Line, "监督投诉电话", "Telephone for complaints"),
        Field::new("appointmentUrl", Kind::Line, "预约地址", "Address for appointments"),
        Field::new("transport", Kind::Text, "交通指引", "How to get there"),
        Field::new("modes", Kind::Choices(modes), "通办方式", "Modes").hint("不选为全部方式", "none means all"),
        Field::new("domains", Kind::Choices(domains), "领域", "Domains").hint("不选为全部领域", "none means all"),
        Field::new("matters", Kind::Lines, "可办事项编码", "Matters").hint("每行一个基本编码；不填为所选领域的全部事项", "one code a line; none means all of the domains"),
        Field::new("validFrom", Kind::Date, "启用日期", "First day"),
        Field::new("validTo", Kind::Date, "停用日期", "Last day"),
    ]);
    fields
}

fn draw(visit: &Visit, own: &Own, window: Option<&Kept<Window>>, editor: &Editor, closing: &Form) -> PageResponse {
    let locale = visit.locale;
    let is_closed = window.is_some_and(|window| window.open().ended_before(visit.context.today));
    let button = match (window, is_closed) {
        (None, _) => locale.say("登记", "Register"),
        (Some(_), false) => locale.say("保存", "Save"),
        (Some(_), true) => locale.say("重新启用", "Open again"),
    };
    let content = html! {
        p class="lead" { (own.name(visit)) }
        @if let Some(window) = window {
            @if is_closed { p class="note" { (locale.say("已关闭。", "It is closed.")) @if let Some(reason) = &window.closed_reason { " " (reason) } } }
            p { a href=(visit.to(&format!("/window/{}", window.id))) { (locale.say("按访客所见查看", "See it as a visitor does")) } }
        }
        (editor.draw(visit, "register", button))
        @if window.is_some() && is_closed {
            p class="hint" { (locale.say("已关闭，无需再关闭；保存即重新启用。", "It is closed already; saving opens it again.")) }
        } @else if window.is_some() {
            details class="act" open[!closing.problems.is_empty() || closing.failure.is_some()] {
                summary { (locale.say("关闭窗口", "Close the window")) }
                p class="note" { (locale.say("从今天起不再受理；以前的日子不变。", "From today on it takes nothing in; earlier days stay as they were.")) }
                (closing.draw_act(visit, CLOSE, locale.say("关闭", "Close")))
            }
        }
    };
    let title = window.map_or_else(|| locale.say("登记窗口", "Register a window"), |window| &*window.name);
    Workspace::new(visit, title)
        .below_page(own.at(visit, PATH).text(), locale.say("通办窗口", "Windows"))
        .page(&content)
        .costing(if visit.submission.is_some() { POINTS_PER_ACT } else { 0 })
}
