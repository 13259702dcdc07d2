//! `tongban import --kind schedule`: a list for the draft of an agreement, by the act that `importSchedule` runs.

use std::fmt::Write as _;

use clap::Args;
use clap::builder::PossibleValuesParser;
use domain::import::{Direction, Verdict};
use domain::text::shown;
use domain::{AgreementNumber, DistrictCode, Locale, Role};
use persistence::Store;
use registry::acts::agreement::import::{Imported, ScheduleImport, import_schedule};
use registry::acts::import_file::FileContent;
use registry::clock;
use registry::follower::Follower;
use registry::presentation::Say as _;
use registry::request_context::RequestContext;
use registry::viewer::Viewer;
use serde_json::{Map, Value as Json, json};

use super::super::failure::Failure;
use super::super::said::of_system;
use super::super::{audit, terminal};
use super::files::Files;
use super::summary::{counted, place, told};
use crate::import_report;

/// The draft that takes a schedule.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of --kind schedule")]
pub(super) struct Draft {
    /// The number of the agreement
    #[arg(long, env = "TONGBAN_AGREEMENT", value_name = "NUMBER")]
    agreement: Option<AgreementNumber>,
    /// The number of its draft version
    #[arg(long, env = "TONGBAN_DRAFT", value_name = "VERSION")]
    draft: Option<u32>,
    /// The code of the party that drafts
    #[arg(long, env = "TONGBAN_PARTY", value_name = "CODE")]
    party: Option<DistrictCode>,
    /// The directions that the rows give
    #[arg(long, env = "TONGBAN_DIRECTION", value_name = "WORD", value_parser = directions())]
    direction: Option<String>,
}

fn directions() -> PossibleValuesParser {
    PossibleValuesParser::new(Direction::ALL.iter().map(|direction| direction.name()))
}

impl Draft {
    pub(super) async fn import(&self, store: Store, files: &Files, check: bool, locale: Locale) -> Result<(), Failure> {
        let (Some(number), Some(version), Some(party)) = (self.agreement, self.draft, self.party) else {
            return Err(Failure::said(
                "--kind schedule 须写明草稿：--agreement 编号 --draft 版本号 --party 区域代码",
                "--kind schedule names its draft: --agreement NUMBER --draft VERSION --party DISTRICT",
            ));
        };
        let [path] = files.files.as_slice() else {
            return Err(Failure::said("协议清单一次导入一个文件", "a schedule is imported from one file"));
        };
        let content = std::fs::read(path).map_err(|error| {
            let told = of_system(&error);
            Failure::said(format!("{}：{}", path.display(), told.zh), format!("{}: {}", path.display(), told.en))
        })?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let named = |(header, field): &(String, String)| json!({ "header": header, "field": field });
        let set = |(field, value): &(String, String)| json!({ "field": field, "value": value });
        let mut file = Map::from_iter([
            ("name".to_owned(), json!(name)),
            ("columns".to_owned(), files.columns.iter().map(named).collect()),
            ("defaults".to_owned(), files.set.iter().map(set).collect()),
        ]);
        file.extend(files.sheet.as_ref().map(|sheet| ("sheet".to_owned(), json!(sheet))));
        file.extend(files.header_row.map(|row| ("headerRow".to_owned(), json!(row))));
        let mut input = Map::from_iter([
            ("number".to_owned(), json!(number)),
            ("version".to_owned(), json!(version)),
            ("party".to_owned(), json!(party)),
            ("dryRun".to_owned(), json!(check)),
            ("file".to_owned(), Json::Object(file)),
        ]);
        input.extend(self.direction.as_ref().map(|direction| ("direction".to_owned(), json!(direction))));
        let viewer = Viewer {
            client: Some(audit::reference()),
            name: Some(audit::person()),
            roles: vec![Role::Registrar],
            district: Some(party),
            ..Viewer::default()
        };
        let context = RequestContext::new(Follower::load(store.clone()).await?, viewer, clock::now());
        let done = import_schedule(&context, input, FileContent::Uploaded(content)).await;
        drop(context);
        store.close().await?;
        let done = done.map_err(|error| Failure::Said(error.message()))?;
        if files.json {
            terminal::print_raw(&format!("{}\n", import_report::of_schedule(&done, &name, locale)))?;
        } else {
            terminal::print(&text(&done, &name, check, locale))?;
        }
        if done.outcome.problems.is_empty() { Ok(()) } else { Err(Failure::Reported) }
    }
}

/// The report as text for a person.
fn text(done: &Imported, file: &str, check: bool, locale: Locale) -> String {
    let mut out = String::new();
    if let Some(import) = &done.report {
        rows(&mut out, import, file, check, locale);
    }
    for problem in &done.outcome.problems {
        let _ = writeln!(out, "{}", told(&shown(file), problem, locale));
    }
    let Some(ScheduleImport { report, removed }) = done.report.as_deref() else { return out };
    let [created, updated, unchanged] =
        [Verdict::Create, Verdict::Update, Verdict::Unchanged].map(|verdict| report.count(verdict));
    let faults = report.rows.iter().filter(|row| row.verdict.is_fault()).count();
    let ending = match (check, &done.outcome.saved) {
        (true, _) => locale.say("只核对，没有写入", "checked only, nothing was written").to_owned(),
        (false, Some(saved)) => match locale {
            Locale::Zh => format!("数据版本 {}", saved.revision),
            Locale::En => format!("revision {}", saved.revision),
        },
        (false, None) => locale.say("没有写入", "nothing was written").to_owned(),
    };
    let _ = match locale {
        Locale::Zh => writeln!(
            out,
            "读取 {} 行：新增 {created}，变更 {updated}，未变 {unchanged}，有问题 {faults}，删去 {}；{ending}",
            report.rows.len(),
            removed.len()
        ),
        Locale::En => writeln!(
            out,
            "{}: {created} new, {updated} changed, {unchanged} unchanged, {faults} at fault, {} removed; {ending}",
            counted(report.rows.len() as u64, "row read", "rows read"),
            removed.len()
        ),
    };
    out
}

fn rows(out: &mut String, import: &ScheduleImport, file: &str, check: bool, locale: Locale) {
    let report = &import.report;
    let unread: Vec<String> = report.unread_columns().iter().map(|column| shown(column).into_owned()).collect();
    if !unread.is_empty() {
        let _ = match locale {
            Locale::Zh => writeln!(out, "未采用的列：{}", unread.join("、")),
            Locale::En => writeln!(out, "columns of which nothing is kept: {}", unread.join(", ")),
        };
    }
    for row in &report.rows {
        let place = place(file, row.row.into(), locale);
        for problem in &row.problems {
            let at = problem.address.as_ref().map_or_else(|| place.clone(), |address| format!("{place} {address}"));
            let _ = writeln!(out, "{}", told(&at, &problem.problem, locale));
        }
        if check && matches!(row.verdict, Verdict::Create | Verdict::Update) {
            let colon = locale.say("：", ": ");
            let _ = writeln!(out, "{place}{colon}{} {}", row.verdict.label(locale), shown(&row.text));
        }
    }
}
