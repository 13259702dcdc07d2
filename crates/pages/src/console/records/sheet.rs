//! Records by a sheet: the template, the export, and the import in two steps. The first step reads the file and says
//! what it would do with each row; the second one writes. A short file is carried between them in the form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::Message;
use domain::import::{Faults, Kind};
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::import_file::FileContent;
use registry::acts::import_records::{ImportedRecords, import_records};
use registry::own_records;
use registry::presentation::Say as _;
use serde_json::{Map, Value as Json, json};

use super::own::Own;
use super::{offering_fields, offerings, report, window, windows};
use crate::console::act::{Acted, DONE, acted};
use crate::console::form::Form;
use crate::console::refusal;
use crate::console::token::token;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A longer file is not carried in a form.
const MAX_CARRIED: usize = 1024 * 1024;
/// So many bytes of a file cost a point.
const BYTES_PER_POINT: usize = 8 * 1024;
const MUTATION: &str = "importRecords";

/// The fields of the forms.
const FILE: &str = "file";
const CONTENT: &str = "content";
const NAME: &str = "fileName";
const FAULTS: &str = "faults";
const FILL_DOWN: &str = "fillDown";
const EXPECTED: &str = "expectedRevision";
const SURE: &str = "sure";

/// What the two kinds of records have apart.
struct Words {
    list: &'static str,
    heading: Message,
    template: &'static str,
    kind: Kind,
}

impl Words {
    fn of(kind: Kind) -> Self {
        let (list, heading, template) = match kind {
            Kind::Offering => (offerings::PATH, Message::new("办事指南", "Guides"), "offering"),
            Kind::Window => (windows::PATH, Message::new("通办窗口", "Windows"), "window"),
        };
        Self { list, heading, template, kind }
    }
}

/// A file with what was chosen for it.
struct Upload {
    name: String,
    /// In base64.
    content: String,
    bytes: usize,
    faults: Faults,
    fills_down: bool,
}

impl Upload {
    fn read(submission: &Submission) -> Option<Self> {
        let carried = submission.get(CONTENT);
        let (name, content, bytes) = match submission.file(FILE) {
            Some(file) => (file.name.clone(), STANDARD.encode(&file.content), file.content.len()),
            None if carried.is_empty() => return None,
            None => (submission.get(NAME).to_owned(), carried.to_owned(), carried.len() / 4 * 3),
        };
        let faults = submission.get(FAULTS);
        Some(Self {
            name,
            content,
            bytes,
            faults: Faults::ALL.iter().copied().find(|word| word.name() == faults).unwrap_or_default(),
            fills_down: submission.has(FILL_DOWN),
        })
    }

    fn input(&self, own: &Own, kind: Kind, is_dry_run: bool, expected: Option<u64>) -> Input {
        let mut input = Input::new();
        let mut put = |field: &str, value: Json| input.insert(field.to_owned(), value);
        put("district", own.district.code.to_string().into());
        put("kind", kind.name().into());
        put("faults", self.faults.name().into());
        put("dryRun", is_dry_run.into());
        put("file", json!({ "name": self.name, "fillDown": self.fills_down }));
        if let Some(expected) = expected {
            put(EXPECTED, expected.into());
        }
        input
    }
}

pub(crate) async fn answer(visit: &Visit, kind: Kind) -> PageResponse {
    let (locale, words) = (visit.locale, Words::of(kind));
    let own = match Own::of(visit, words.heading.text(locale), MUTATION) {
        Ok(own) => own,
        Err(response) => return response,
    };
    let mut form = Form::default();
    let Some(submission) = &visit.submission else { return draw(visit, &own, &words, &form, None) };
    let Some(upload) = Upload::read(submission) else {
        form.failure = Some(Message::new("没有选择文件；请选择后再检查", "no file was chosen; choose one"));
        return draw(visit, &own, &words, &form, None);
    };
    let writes = submission.get("act") == "write";
    if writes && submission.file(FILE).is_some() && !submission.has(SURE) {
        form.failure = Some(Message::new(
            "尚未勾选“已核对检查结果”；请重新选择文件并勾选",
            "“I have read the result” is not ticked; choose the file again and tick it",
        ));
        return draw(visit, &own, &words, &form, None);
    }
    let expected = if writes { submission.get(EXPECTED).parse().ok() } else { None };
    let input = upload.input(&own, kind, !writes, expected);
    let content = Bytes::from(upload.content.clone());
    let done = match import_records(&visit.context, input, FileContent::Inline(Some(content))).await {
        Ok(done) => done,
        Err(error) => {
            form.failure = Some(error.message());
            return draw(visit, &own, &words, &form, None);
        }
    };
    let points = (upload.bytes / BYTES_PER_POINT) as u64;
    let ImportedRecords { outcome, report } = done;
    if writes {
        match acted(Ok(outcome)) {
            Acted::Done(_) => {
                let address = own.at(visit, words.list).with(DONE, "sheetImported").text();
                return PageResponse::redirect(address).costing(points);
            }
            other => form.take(other),
        }
    } else {
        form.problems = outcome.problems;
    }
    // The rows say for themselves what is wrong with them.
    let is_told = |rule: &str| report.is_some() && rule != "RECORD_MOVED";
    form.problems.retain(|problem| !is_told(problem.rule));
    let fields = match kind {
        Kind::Offering => offering_fields::fields(&Map::new(), true, locale),
        Kind::Window => window::fields(&Map::new(), true, locale),
    };
    let result =
        report.map(|report| html! { (report::draw(visit, &fields, &report)) (second(visit, &upload, &report)) });
    draw(visit, &own, &words, &form, result.as_ref()).costing(points)
}

/// The page: how it goes, what came of the file, and the form for a file.
fn draw(visit: &Visit, own: &Own, words: &Words, form: &Form, result: Option<&Markup>) -> PageResponse {
    let locale = visit.locale;
    let heading = words.heading.text(locale);
    let code = own.district.code;
    let export = own.at(visit, &format!("{}/export.xlsx", words.list));
    let content = html! {
        (own.chooser(visit))
        p class="lead" { (own.name(visit)) }
        (form.summary(locale))
        @if let Some(result) = result { (result) }
        section class="act" aria-labelledby="out" {
            h2 id="out" { (locale.say("下载", "Download")) }
            p class="acts" {
                a class="button quiet" href={ "/templates/" (words.template) ".xlsx?district=" (code) } { (locale.say("空白模板", "An empty template")) }
                a class="button quiet" href=(export) { (locale.say("本区域的全部记录", "All records of the district")) }
            }
            p class="hint" { (locale.say("下载的记录修改后可以直接导入；没有改动的行不会写入。", "What you download can be edited and imported; rows without a change write nothing.")) }
        }
        section class="act" aria-labelledby="in" {
            h2 id="in" { @if result.is_some() { (locale.say("换一个文件", "Another file")) } @else { (locale.say("导入", "Import")) } }
            form method="post" enctype="multipart/form-data" action=(visit.address.clone().without(DONE)) class="form" {
                (token(visit))
                (file_field(visit))
                (options(visit))
                p class="hint" { (locale.say("每一行替换它所指的整条记录：表中没有的列会被清空。先检查，不写入。", "Each row replaces its whole record: what the sheet has no column for is emptied. It is checked first; nothing is written.")) }
                p class="buttons" { button class="button" type="submit" name="act" value="check" { (locale.say("检查", "Check")) } }
            }
        }
    };
    let title = match locale {
        domain::Locale::Zh => format!("{heading}：表格"),
        domain::Locale::En => format!("{heading}: spreadsheet"),
    };
    Workspace::new(visit, &title).below_page(own.at(visit, words.list).text(), heading).page(&content)
}

fn file_field(visit: &Visit) -> Markup {
    let locale = visit.locale;
    html! {
        div class="field" {
            label for=(FILE) { (locale.say("文件", "File")) }
            p class="hint" id="file-hint" { (locale.say("XLSX、XLS、CSV，不超过 7 MB、5000 行", "XLSX, XLS or CSV; at most 7 MB and 5,000 rows")) }
            input id=(FILE) name=(FILE) type="file" required aria-describedby="file-hint" {}
        }
    }
}

fn options(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let submitted = visit.submission.as_ref();
    let chosen = submitted.map_or("", |submission| submission.get(FAULTS));
    let choices = [
        (Faults::Refuse, "有一行有错就全部不写入", "nothing is written if one row is at fault"),
        (Faults::LeaveOut, "略过有错的行，写入其余各行", "rows at fault are left out, the others are written"),
    ];
    html! {
        div class="field" {
            label for=(FAULTS) { (locale.say("有错误的行", "Rows at fault")) }
            select id=(FAULTS) name=(FAULTS) {
                @for (word, zh, en) in choices { option value=(word.name()) selected[chosen == word.name()] { (locale.say(zh, en)) } }
            }
        }
        div class="field" {
            p class="check" {
                input type="checkbox" id=(FILL_DOWN) name=(FILL_DOWN) value="1" checked[submitted.is_some_and(|submission| submission.has(FILL_DOWN))] {}
                " " label for=(FILL_DOWN) { (locale.say("空白的部门、类型等单元格与上一行相同", "an empty cell of a body, kind or unit is that of the row above")) }
            }
        }
    }
}

/// The form of the second step.
fn second(visit: &Visit, upload: &Upload, report: &registry::acts::import_records::RecordsImport) -> Markup {
    let locale = visit.locale;
    let (written, at_fault) = (report::to_write(report), report::at_fault(report));
    if written == 0 {
        return html! { p class="note" { (locale.say("没有可以写入的行，无需导入。", "There is no row to write, so there is nothing to import.")) } };
    }
    if at_fault > 0 && upload.faults == Faults::Refuse {
        return html! {
            p class="note" { (locale.say("有错误的行，按所选方式全部不写入。请更正文件后再检查，或在下面选择“略过有错的行”。", "Some rows are at fault, so nothing is written, as chosen. Correct the file and check it again, or choose below to leave the rows out.")) }
        };
    }
    let button = match locale {
        domain::Locale::Zh => format!("写入 {written} 条"),
        domain::Locale::En => format!("Write {written}"),
    };
    let is_carried = upload.bytes <= MAX_CARRIED;
    html! {
        form method="post" enctype=[(!is_carried).then_some("multipart/form-data")] action=(visit.address.clone().without(DONE)) class="form" {
            (token(visit))
            input type="hidden" name=(FAULTS) value=(upload.faults.name()) {}
            input type="hidden" name=(EXPECTED) value=(visit.context.snapshot.revision()) {}
            @if upload.fills_down { input type="hidden" name=(FILL_DOWN) value="1" {} }
            @if is_carried {
                input type="hidden" name=(NAME) value=(upload.name) {}
                input type="hidden" name=(CONTENT) value=(upload.content) {}
            } @else {
                p class="note" { (locale.say("文件超过 1 MB，需要再选择一次。", "The file is longer than 1 MB, so choose it once more.")) }
                div class="field" {
                    label for="again" { (locale.say("同一个文件", "The same file")) }
                    input id="again" name=(FILE) type="file" required {}
                }
                p class="check" {
                    input type="checkbox" id=(SURE) name=(SURE) value="1" required {}
                    " " label for=(SURE) { (locale.say("已核对检查结果，直接导入", "I have read the result; import it")) }
                }
            }
            p class="buttons" { button class="button" type="submit" name="act" value="write" { (button) } }
        }
    }
}

/// All records of the district as a workbook.
pub(crate) async fn export(visit: &Visit, kind: Kind) -> PageResponse {
    let (locale, words) = (visit.locale, Words::of(kind));
    let own = match Own::of(visit, words.heading.text(locale), MUTATION) {
        Ok(own) => own,
        Err(response) => return response,
    };
    match own_records::workbook(&visit.context, words.kind, own.district.code).await {
        Ok(Ok(content)) => {
            let points = (content.len() / BYTES_PER_POINT) as u64;
            PageResponse::file(XLSX, format!("tongban-{}s-{}.xlsx", words.template, own.district.code), content)
                .costing(points)
        }
        Ok(Err(why)) => {
            let title = locale.say("没有导出", "Nothing was exported");
            Workspace::new(visit, title).response(409, &html! { p class="lead" { (why.text(locale)) } })
        }
        Err(error) => refusal::failed(visit, &error),
    }
}
