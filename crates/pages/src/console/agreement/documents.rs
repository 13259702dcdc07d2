//! The documents of an agreement: their list, attaching one, and the content of one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use catalogue::Kept;
use domain::document::MediaType;
use domain::{Agreement, Document, Id, Message};
use maud::{Markup, html};
use registry::acts::agreement::document;
use registry::presentation::Say as _;

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, WhyNot, common, forbidden, problems, reasons};
use crate::console::act::{Acted, acted};
use crate::console::field::{Field, Kind};
use crate::console::form::{Form, token};
use crate::console::workspace::Workspace;
use crate::frame::grouped;
use crate::language::chinese;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

pub(super) const ATTACH: &str = "attach";
const CONTENT: &str = "content";
/// So many bytes of a content cost a point.
const BYTES_PER_POINT: u64 = 64 * 1024;

pub(super) fn section(
    visit: &Visit,
    agreement: &Kept<Agreement>,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> Markup {
    let locale = visit.locale;
    let documents = visit.context.snapshot.documents(agreement.number, &visit.context.scope);
    let why_not = why_not(visit, agreement, standpoint);
    html! {
        section aria-labelledby="documents" {
            h2 id="documents" { (locale.say("文件", "Documents")) " " span class="count" { (documents.len()) } }
            @if documents.is_empty() { p { (locale.say("还没有文件。", "There are none yet.")) } }
            ul class="plain" { @for document in &documents { (entry(visit, agreement, document)) } }
            @if why_not.is_empty() { (form(visit, standpoint, failed)) } @else {
                details {
                    summary { (locale.say("不能添加文件的原因", "Why no document can be attached")) }
                    (reasons(&why_not, locale))
                }
            }
        }
    }
}

fn entry(visit: &Visit, agreement: &Agreement, document: &Kept<Document>) -> Markup {
    let locale = visit.locale;
    let size = usize::try_from(document.size.div_ceil(1_024)).unwrap_or(usize::MAX);
    html! {
        li {
            a href=(visit.to(&format!("{}/documents/{}", found::path(agreement), document.id))) lang=[chinese(locale)] { (document.name) } " "
            span class="badge" { @if document.released { (locale.say("公开", "public")) } @else { (locale.say("仅签约方可见", "parties alone")) } }
            p class="facts" {
                span { (name::district_of(visit, document.party)) } " "
                span { (document.attached_on) } " "
                span { (document.media_type.label(locale)) (locale.say("，", ", ")) (grouped(size)) " kB" }
            }
        }
    }
}

fn why_not(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint) -> WhyNot {
    let party = standpoint.party();
    if let Some(forbidden) = forbidden(visit, "attachDocument", party) {
        return vec![forbidden];
    }
    match party {
        Some(party) => problems(agreement.ensure_attaching(party, visit.context.today)),
        None => vec![Message::new("您没有代表的区域", "you act for no district")],
    }
}

fn fields() -> Vec<Field> {
    vec![
        Field::new("name", Kind::Line, "文件名称", "Name")
            .hint("不填则用原文件名。", "If empty, the name of the file."),
        Field::new("released", Kind::Flag, "向公众公开", "Show it to everybody")
            .hint("不选则只有签约方和平台管理员能看到。", "Else the parties and stewards alone see it."),
    ]
}

fn form(visit: &Visit, standpoint: &Standpoint, failed: Option<&Failed>) -> Markup {
    let locale = visit.locale;
    let mut form = Form::new(fields());
    if let (Some(failed), Some(submission)) = (failed.filter(|failed| failed.act == ATTACH), &visit.submission) {
        form.values = submission.clone();
        form.problems = failed.problems.clone();
        form.failure.clone_from(&failed.failure);
    }
    let trouble: Vec<String> = form
        .problems
        .iter()
        .filter(|problem| problem.path.first().is_some_and(|field| field == CONTENT))
        .map(|problem| crate::console::form::text(problem, locale))
        .collect();
    html! {
        h3 { (locale.say("添加文件", "Attach a document")) }
        (form.summary(locale))
        form method="post" enctype="multipart/form-data" action=(visit.address.clone().without(crate::console::act::DONE)) class="form" {
            (token(visit))
            (standpoint.hidden())
            div class="field" {
                label for=(CONTENT) { (locale.say("文件", "File")) }
                p class="hint" id="content-hint" { (locale.say("PDF、OFD 或图像，不超过 10 MB。", "A PDF, an OFD or an image, at most 10 MB.")) }
                @for text in &trouble { p class="trouble" { (text) } }
                input type="file" id=(CONTENT) name=(CONTENT) required aria-describedby="content-hint" aria-invalid=[(!trouble.is_empty()).then_some("true")] {}
            }
            (form.draw_fields(locale))
            p class="buttons" { button class="button quiet" type="submit" name=(ACT) value=(ATTACH) { (locale.say("添加文件", "Attach")) } }
        }
    }
}

/// Attaches the file that was submitted.
pub(super) async fn attach(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint) -> Acted {
    let Some(submission) = &visit.submission else {
        return Acted::Failed(Message::new("没有提交表单", "no form was submitted"));
    };
    let mut fields = common(visit, agreement, standpoint);
    fields.extend(Form::new(self::fields()).input(visit, submission));
    let mut content = None;
    if let Some(file) = submission.file(CONTENT) {
        fields.entry("name").or_insert_with(|| file.name.clone().into());
        // The act says what is wrong with a content of another type.
        let media = MediaType::of(&file.content).unwrap_or(MediaType::Pdf);
        fields.insert("mediaType".to_owned(), media.name().into());
        content = Some(Bytes::from(STANDARD.encode(&file.content)));
    }
    acted(document::attach(&visit.context, fields, content).await)
}

/// The content of a document, to save.
pub(crate) async fn download(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let found = visit.segments.get(1).and_then(|id| id.parse::<Id<Document>>().ok());
    let document = found.and_then(|id| visit.context.snapshot.document_by_id(id, &visit.context.scope));
    let Some(document) = document.filter(|document| document.agreement.to_string() == visit.segment()) else {
        return found::missing(visit, &Message::new("文件", "document"));
    };
    match content(visit, &document).await {
        Some(content) => {
            let points = content.len() as u64 / BYTES_PER_POINT;
            PageResponse::file(document.media_type.name(), document.name.to_string(), content).costing(points)
        }
        None => {
            let text = locale.say(
                "现在取不到文件内容。导入的记录不带内容，请重新上传；否则请稍后再试。",
                "The content cannot be read now. Records that were imported have none: attach it again; else retry later.",
            );
            Workspace::new(visit, &document.name).response(404, &html! { p class="lead" { (text) } })
        }
    }
}

async fn content(visit: &Visit, document: &Document) -> Option<Vec<u8>> {
    let mut reader = visit.context.store.content(document.digest).await.ok()??;
    let mut content = Vec::with_capacity(usize::try_from(reader.bytes()).ok()?);
    while let Some(chunk) = reader.next_chunk().await.ok()? {
        content.extend_from_slice(&chunk);
    }
    Some(content)
}
