//! The journal as the caller may read it, the newest first: who did what, on whose behalf, and the record after it. Also
//! as it stood at the end of a day.

use domain::{Change, Date, RecordKind, Revision, calendar};
use maud::{Markup, html};
use registry::error::{Error, internal};
use registry::feed::day::last_revision_of_day;
use registry::feed::line::seen_line;
use registry::feed::{Feed, PageRequest, Place};
use registry::presentation::{Say as _, sentence};

use super::change;
use super::workspace::Workspace;
use crate::language::lang;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const PAGE_SIZE: usize = 50;
/// The points of a page: some statements of the database.
const POINTS: u64 = 100;
/// The longest record that is shown.
const MAX_RECORD: usize = 40_000;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let title = locale.say("操作日志", "Journal");
    let entry = visit.address.get("entry");
    let answered = match entry.parse::<Revision>() {
        Ok(revision) => one(visit, revision).await,
        Err(_) => list(visit).await,
    };
    match answered {
        Ok((status, content)) => Workspace::new(visit, title).response(status, &content).costing(POINTS),
        Err(Error::Unavailable(_)) => {
            let text = locale.say("目前读不到日志，请稍后再看。", "The journal cannot be read now; look again later.");
            Workspace::new(visit, title).response(503, &html! { p class="lead" { (text) } })
        }
        Err(error) => {
            let message = internal(&format!("{error:?}"), "a page of the journal failed");
            Workspace::new(visit, title).response(500, &html! { p class="lead" { (message.text(locale)) } })
        }
    }
}

/// The filters of the page.
struct Asked {
    kind: Option<RecordKind>,
    /// The journal as it stood at the end of this day.
    day: Option<Date>,
    /// Of one record: the revision that created it.
    record: Option<Revision>,
}

impl Asked {
    fn read(visit: &Visit) -> Self {
        let kind = visit.address.get("kind").parse().ok();
        let record = visit.address.get("record").parse().ok().filter(|_| kind.is_some());
        Self { kind, day: visit.address.get("day").parse().ok(), record }
    }
}

async fn list(visit: &Visit) -> Result<(u16, Markup), Error> {
    let (locale, context) = (visit.locale, &visit.context);
    let asked = Asked::read(visit);
    let epoch = context.snapshot.head().epoch.clone();
    let mut before: Option<Revision> = visit.address.get("before").parse().ok();
    if let Some(day) = asked.day {
        let after = last_revision_of_day(context, day).await? + 1;
        before = Some(before.map_or(after, |before| before.min(after)));
    }
    let feed = Feed {
        since: 0,
        epoch: None,
        kinds: asked.kind.filter(|_| asked.record.is_none()).into_iter().collect(),
        record: asked.kind.zip(asked.record),
        district: None,
    };
    let before = before.map(|revision| Place { revision, epoch });
    let page = feed.page(
        context,
        PageRequest { from: catalogue::Side::End, count: PAGE_SIZE, after: None, before, count_all: false },
    );
    let page = page.await?;
    let names = change::names(visit, &page.changes).await;
    let oldest = page.changes.first().map(|change| change.revision).filter(|_| page.has_previous);
    let content = html! {
        (filters(visit, &asked))
        @if let Some(day) = asked.day {
            p class="note" { @match locale { domain::Locale::Zh => { "以 " (day) " 日终时的记录为准。" } domain::Locale::En => { "As recorded at the end of " (day) "." } } }
        }
        @if page.changes.is_empty() { p { (locale.say("没有这样的记录。", "There is no such entry.")) } }
        ol class="news" {
            @for entry in page.changes.iter().rev() { (change::entry(visit, entry, &names, &change::record(visit, entry))) }
        }
        p class="pager" {
            @if !visit.address.get("before").is_empty() { a href=(visit.address.clone().without("before")) { (locale.say("回到最新", "The newest")) } " " }
            @if let Some(oldest) = oldest { a href=(visit.address.clone().with("before", oldest.to_string())) rel="next" { (locale.say("更早的", "Earlier")) } }
        }
    };
    Ok((200, content))
}

fn filters(visit: &Visit, asked: &Asked) -> Markup {
    let locale = visit.locale;
    let day = asked.day.map_or_else(String::new, |day| day.to_string());
    html! {
        form class="filters" method="get" action="/console/journal" {
            p class="field" {
                label for="kind" { (locale.say("记录种类", "Kind of record")) }
                select id="kind" name="kind" {
                    option value="" { (locale.say("全部", "all")) }
                    @for kind in RecordKind::ALL { option value=(kind.name()) selected[asked.kind == Some(*kind)] { (sentence(kind.label(locale))) } }
                }
            }
            p class="field" {
                label for="day" { (locale.say("截至哪一天", "As recorded on")) }
                input id="day" name="day" type="date" value=(day) {}
            }
            @if let Some(record) = asked.record { input type="hidden" name="record" value=(record) {} }
            @if let Some(language) = visit.link.lang { input type="hidden" name="lang" value=(lang(language)) {} }
            p class="buttons" {
                button class="button quiet" type="submit" { (locale.say("筛选", "Filter")) }
                @if asked.record.is_some() { a class="button quiet" href=(visit.to("/console/journal")) { (locale.say("全部记录", "All records")) } }
            }
        }
    }
}

/// One entry, with the record after it as the caller may see it.
async fn one(visit: &Visit, revision: Revision) -> Result<(u16, Markup), Error> {
    let locale = visit.locale;
    let Some(found) = seen(visit, revision).await? else {
        let text = locale.say(
            "没有这条记录，或您的身份看不到它。",
            "There is no such entry, or you may not see it in this capacity.",
        );
        return Ok((
            404,
            html! { p class="lead" { (text) } p { a href=(visit.to("/console/journal")) { (locale.say("返回日志", "Back to the journal")) } } },
        ));
    };
    let names = change::names(visit, std::slice::from_ref(&found)).await;
    let line = seen_line(&visit.context, &found).await?;
    let history = visit.at("/console/journal").with("kind", found.kind.name()).with("record", found.record.to_string());
    let day = calendar::day_in_china(found.recorded_at);
    let content = html! {
        dl class="facts-list" {
            (name::fact(locale.say("数据版本", "Revision"), &html! { (found.revision) }))
            (name::fact(locale.say("时间", "Recorded at"), &html! { (calendar::in_china(found.recorded_at).format("%Y-%m-%d %H:%M:%S")) (locale.say("（北京时间）", " (Beijing time)")) }))
            (name::fact(locale.say("办理人", "By"), &html! {
                @if let Some(name) = names.get(&found.actor) { (name) " " }
                code { (found.actor) }
            }))
            @if let Some(district) = found.on_behalf_of { (name::fact(locale.say("代表", "On behalf of"), &name::district_of(visit, district))) }
            (name::fact(locale.say("办理", "Act"), &html! { (sentence(found.action.label(locale))) }))
            (name::fact(locale.say("记录", "Record"), &change::record(visit, &found)))
        }
        p {
            a href=(history.clone()) { (locale.say("该记录的全部经过", "The history of this record")) } " "
            a href=(history.with("day", day.to_string())) { (locale.say("该记录截至当日的样子", "The record as recorded on that day")) }
        }
        details {
            summary { (locale.say("办理之后的记录（供系统使用）", "The record after it, for machines")) }
            @match line {
                Some(line) if line.len() <= MAX_RECORD => { pre class="record" tabindex="0" { (line) } }
                Some(_) => { p { (locale.say("记录太长，请用接口或导出查看。", "The record is too long here; read it by the API or the export.")) } }
                None => { p { (locale.say("记录已删除，或您看不到。", "The record was removed, or you may not see it.")) } }
            }
        }
        details {
            summary { (locale.say("日志链", "The chain")) }
            dl class="facts-list" {
                (name::fact(locale.say("本条摘要", "Digest"), &html! { code class="digest" { (found.digest) } }))
                (name::fact(locale.say("上一条摘要", "Digest of the entry before"), &html! { code class="digest" { (found.previous) } }))
                (name::fact(locale.say("与内容相符", "Matches its content"), &html! { @if found.is_intact() { (locale.say("是", "yes")) } @else { (locale.say("否", "no")) } }))
            }
        }
    };
    Ok((200, content))
}

/// An entry, if the caller may read it.
async fn seen(visit: &Visit, revision: Revision) -> Result<Option<Change>, Error> {
    let context = &visit.context;
    if revision == 0 || revision > context.snapshot.revision() {
        return Ok(None);
    }
    let epoch = context.snapshot.head().epoch.clone();
    let feed = Feed { since: revision - 1, epoch: None, kinds: Vec::new(), record: None, district: None };
    let before = Some(Place { revision: revision + 1, epoch });
    let asked = PageRequest { from: catalogue::Side::Start, count: 1, after: None, before, count_all: false };
    Ok(feed.page(context, asked).await?.changes.pop().filter(|change| change.revision == revision))
}
