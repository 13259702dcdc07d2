//! An agreement that was signed on paper: its record, its list, and the scan of the paper.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::document::MediaType;
use domain::{AgreementNumber, Id};
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::agreement::import::{NewSchedule, read_new_schedule};
use registry::acts::agreement::{document, paper};
use registry::acts::import_file::FileContent;
use registry::presentation::Say as _;
use serde_json::{Value as Json, json};

use super::question::How;
use super::start::{KEY, Start, place};
use crate::console::act::{Acted, DONE, acted};
use crate::console::field::{Field, Kind};
use crate::console::list::file::{FILE, ListFile, field};
use crate::console::list::options::{Options, draw_direction};
use crate::console::list::report::{counts, open_rows, usable_rows};
use crate::console::token::token;
use crate::console::trouble::Trouble;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::submission::{Submission, UploadedFile};
use crate::visit::Visit;

/// The points for reading a list.
const POINTS: u64 = 200;
const LINES: &str = "lines";
const SCAN: &str = "scan";
const LEAVE_OUT: &str = "leaveOut";
/// The fields that problems are about.
const FIELDS: [&str; 7] =
    ["title", "documentNumber", "signedOn", "effectiveFrom", "effectiveTo", "noticeDays", "runOut"];

/// A list that was read, with how it was read.
struct Listed {
    file: ListFile,
    options: Options,
    schedule: Option<NewSchedule>,
}

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let Some(form) = &visit.submission else {
        let mut form = Start::blank(visit, &[]);
        form.fields.push(("noticeDays".to_owned(), "30".to_owned()));
        let start = Start::read(visit, &form, &mut Trouble::default());
        return page(visit, &form, &start, None, &Trouble::default());
    };
    let mut trouble = Trouble::default();
    let start = Start::read(visit, form, &mut trouble);
    let scan = form.file(SCAN).filter(|file| !file.content.is_empty());
    if scan.is_some_and(|file| MediaType::of(&file.content).is_none()) {
        let told = "只能附 PDF、OFD、JPEG、PNG、TIFF 或 WebP 文件";
        trouble.add(SCAN, visit.locale.say(told, "attach a PDF, OFD, JPEG, PNG, TIFF or WebP file"));
    }
    let listed = if trouble.is_empty() { read_list(visit, form, &start, &mut trouble).await } else { None };
    if trouble.is_empty() {
        let schedule = listed.as_ref().and_then(|listed| listed.schedule.as_ref());
        let acted = acted(paper::record(&visit.context, input(visit, form, &start, schedule)).await);
        if let Acted::Done(saved) = &acted {
            let after = visit.context.after_write();
            let made = after.snapshot.agreement_by_id(Id::new(saved.record), &after.scope);
            let Some(number) = made.map(|made| made.number) else {
                return PageResponse::redirect(visit.to("/console/agreements"));
            };
            let is_kept = match scan {
                Some(scan) => attach(visit, form, &start, number, scan).await,
                None => true,
            };
            let done = if is_kept { "recorded" } else { "recordedWithoutFile" };
            let address = visit.at(&format!("/console/agreements/{number}")).with(DONE, done);
            return PageResponse::redirect(address.text()).costing(POINTS + start.cost());
        }
        trouble = Trouble::of(&acted, visit.locale, |problem| place(&problem.path, &FIELDS));
    }
    page(visit, form, &start, listed.as_ref(), &trouble).costing(POINTS + start.cost())
}

/// The list of the form, if there is one; what is open in it is noted.
async fn read_list(visit: &Visit, form: &Submission, start: &Start, trouble: &mut Trouble) -> Option<Listed> {
    let lines = form.get(LINES);
    let mut fields = form.fields.clone();
    let file = match ListFile::read(form) {
        Some(file) => file,
        None if lines.is_empty() => return None,
        None => {
            // Lines that name no districts hold both ways.
            for side in ["receiving", "competent"] {
                fields.push(("default.field".to_owned(), side.to_owned()));
                fields.push(("default.value".to_owned(), "双方".to_owned()));
            }
            ListFile::of_lines(visit.locale.say("粘贴的内容", "pasted lines"), lines)
        }
    };
    let options = Options::read(visit, &Submission { fields, files: Vec::new() }, trouble);
    let input = options.input(&file);
    let read = read_new_schedule(
        &visit.context,
        start.parties.clone(),
        &input,
        FileContent::Inline(Some(file.content.clone())),
    )
    .await;
    let schedule = match read {
        Ok(Ok(schedule)) => Some(schedule),
        Ok(Err(problems)) => {
            trouble.append(Trouble::of(&Acted::Problems(problems), visit.locale, |_| FILE.to_owned()));
            None
        }
        Err(error) => {
            trouble.append(Trouble::of(&acted(Err(error)), visit.locale, |_| FILE.to_owned()));
            None
        }
    };
    let is_open = schedule.as_ref().is_some_and(|schedule| !schedule.report.is_faultless());
    if is_open && !form.has(LEAVE_OUT) {
        let told = visit.locale.say(
            "清单中有的行没有确定或有错误：请选择，或勾选不写入",
            "Some rows of the list are open or at fault: decide on them, or tick to leave them out",
        );
        trouble.add("open", told);
    }
    Some(Listed { file, options, schedule })
}

fn input(visit: &Visit, form: &Submission, start: &Start, schedule: Option<&NewSchedule>) -> Input {
    let mut input = Input::new();
    for field in fields() {
        if let Some(value) = field.read(form, |_| None) {
            input.insert(field.name.to_string(), value);
        }
    }
    let clauses = schedule.and_then(|schedule| serde_json::to_value(&schedule.clauses).ok());
    let parties: Vec<Json> = start.parties.iter().map(|code| json!({ "district": code.to_string() })).collect();
    let recorder = start.proposer(form).or(visit.context.viewer.district);
    for (name, value) in [
        ("recorder", recorder.map(|code| code.to_string()).into()),
        ("parties", parties.into()),
        ("schedule", clauses.unwrap_or_else(|| json!([]))),
        ("idempotencyKey", Some(form.get(KEY)).filter(|key| !key.is_empty()).into()),
    ] {
        input.insert(name.to_owned(), value);
    }
    input
}

/// Attaches the scan, for the parties alone.
async fn attach(visit: &Visit, form: &Submission, start: &Start, number: AgreementNumber, scan: &UploadedFile) -> bool {
    let media = MediaType::of(&scan.content).map(MediaType::name);
    let party = start.proposer(form).or(visit.context.viewer.district).map(|code| code.to_string());
    let fields = [
        ("number", Json::from(number.to_string())),
        ("party", party.into()),
        ("name", scan.name.as_str().into()),
        ("mediaType", media.into()),
    ];
    let input = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    // The snapshot of the request does not know the record that was just made.
    let after = visit.context.after_write();
    let attached = document::attach(&after, input, Some(STANDARD.encode(&scan.content).into())).await;
    matches!(acted(attached), Acted::Done(_))
}

fn fields() -> Vec<Field> {
    vec![
        Field::new("title", Kind::Line, "协议名称", "Title").required().hint("照原件填写", "As it stands on the paper"),
        Field::new("documentNumber", Kind::Line, "文号", "Document number")
            .hint("例：南政数〔2021〕5号", "If there is one"),
        Field::new("signedOn", Kind::Date, "签订日期", "Day of signing").required(),
        Field::new("effectiveFrom", Kind::Date, "生效日", "First day")
            .hint("不填则为签订之日", "Left empty: the day of signing"),
        Field::new("effectiveTo", Kind::Date, "截止日（含当日）", "Last day")
            .hint("不填则长期有效", "Left empty: without an end"),
        Field::new("noticeDays", Kind::Number, "退出须提前几天通知", "Days of notice").hint("例：30", "Such as 30"),
        Field::new("runOut", Kind::Text, "到期后在办件的处理", "Cases that are open at the end")
            .hint("不填则按原约定办完", "Left empty: they are finished under the old terms"),
    ]
}

fn page(visit: &Visit, form: &Submission, start: &Start, listed: Option<&Listed>, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let status = if trouble.is_empty() { 200 } else { 422 };
    let content = html! {
        (trouble.summary(locale))
        form method="post" enctype="multipart/form-data" action=(visit.address.clone().without(DONE)) class="form" {
            (token(visit))
            @for field in fields() { (field.draw(form, &trouble.at(&field.name), locale)) }
            (start.draw(visit, form, trouble))
            section {
                h2 { (locale.say("事项清单", "Schedule")) }
                (list(visit, form, listed, trouble))
            }
            section {
                h2 { (locale.say("扫描件", "Scan")) }
                div class="field" {
                    label for=(SCAN) { (locale.say("协议扫描件（选填）", "Scan of the paper (optional)")) }
                    p class="hint" id="scan-hint" { (locale.say("PDF、OFD 或图片，不超过 10 MB，只有签约方能看。更正后提交时需要再选一次。", "PDF, OFD or an image, at most 10 MB, for the parties alone. Choose it again after corrections.")) }
                    (trouble.notes(SCAN))
                    input id=(SCAN) name=(SCAN) type="file" accept=".pdf,.ofd,.jpg,.jpeg,.png,.tif,.tiff,.webp" aria-describedby="scan-hint" {}
                }
            }
            p class="buttons" { button class="button" type="submit" { (locale.say("补录", "Record")) } }
        }
    };
    Workspace::new(visit, How::Paper.label(locale))
        .below("/console/agreements", locale.say("我的协议", "My agreements"))
        .below("/console/agreements/new", locale.say("怎样开始", "How to begin"))
        .response(status, &content)
}

fn list(visit: &Visit, form: &Submission, listed: Option<&Listed>, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let read = listed.and_then(|listed| Some((listed, listed.schedule.as_ref()?)));
    html! {
        @match read {
            Some((Listed { file, options, .. }, schedule)) => {
                (counts(visit, &schedule.report, &file.name))
                (file.carry(visit))
                (options.carry())
                (open_rows(visit, &schedule.report, form, trouble))
                (options.draw_choices(visit))
                @if !schedule.report.is_faultless() {
                    p class="check" {
                        input type="checkbox" id=(LEAVE_OUT) name=(LEAVE_OUT) value="1" checked[form.has(LEAVE_OUT)] {}
                        " " label for=(LEAVE_OUT) { (locale.say("其余没有确定或有错误的行不写入", "Leave the other rows out that are open or at fault")) }
                    }
                }
                (options.draw(visit, form, &schedule.report))
                (usable_rows(visit, &schedule.report))
            }
            None => {
                (field(
                    locale.say("清单文件（选填）", "The list (optional)"),
                    locale.say("XLSX、XLS、CSV。也可以在下面粘贴。不列事项的框架协议可以不填。", "XLSX, XLS or CSV; or paste it below. A framework may have none."),
                    trouble,
                ))
                (draw_direction(visit, form))
                (Field::new(LINES, Kind::Text, "或粘贴多行", "Or paste lines")
                    .hint("每行：事项（名称或编码）、通办方式，用制表符或 | 分开；没有写收件地和业务属地的，两个方向都可以办。", "Each line: matter, mode, between tabs or |; without districts they hold both ways.")
                    .draw(form, &trouble.at(LINES), locale))
            }
        }
    }
}
