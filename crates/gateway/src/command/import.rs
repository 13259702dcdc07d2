//! `tongban import`: imports the records of files, all of them or none.

mod report;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser};
use domain::Locale;
use domain::import::Verdict;
use domain::text::shown;
use exchange::record::header::field_path;
use exchange::record::kind::ListKind;
use exchange::record::options::Options;
use persistence::{Fault, ImportOptions, Mode, Progress, ReadList, Report, RowReport, Skipped, Step, import_with};
use registry::clock;
use registry::presentation::Say;

use super::failure::Failure;
use super::registry::{Migration, Missing, Registry};
use super::said::Said;
use super::terminal;
use super::terminal::Bar;

/// The most predicted rows that are printed.
const MAX_PREDICTED: usize = 1_000;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) registry: Registry,
    #[command(flatten)]
    migration: Migration,
    /// NDJSON, CSV, TSV, XLSX or XLS, told apart by their content; read twice, so no pipes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The kind of the records of lists, where their header does not tell
    #[arg(long, env = "TONGBAN_KIND", value_parser = PossibleValuesParser::new(ListKind::ALL.map(ListKind::name)))]
    kind: Option<String>,
    /// The sheet to read [default: the first one with a recognisable header]
    #[arg(long, env = "TONGBAN_SHEET", value_name = "NAME")]
    sheet: Option<String>,
    /// The row of the header [default: looked for]
    #[arg(long, env = "TONGBAN_HEADER_ROW", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    header_row: Option<u32>,
    /// The fields of columns, where their headers do not tell: HEADER=field,…
    #[arg(long, env = "TONGBAN_COLUMNS", value_name = "HEADER=field", value_delimiter = ',', value_parser = pair)]
    columns: Vec<(String, String)>,
    /// The value of a field that has no column; may be repeated
    #[arg(long, env = "TONGBAN_SET", value_name = "field=value", value_parser = pair)]
    set: Vec<(String, String)>,
    /// A blank cell below a value means the same value, in columns that may span rows
    #[arg(long, env = "TONGBAN_FILL_DOWN", value_parser = FalseyValueParser::new())]
    fill_down: bool,
    /// Write a workbook with the rows and a first column 问题
    #[arg(long, env = "TONGBAN_REPORT", value_name = "FILE.xlsx")]
    report: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long, env = "TONGBAN_JSON", value_parser = FalseyValueParser::new())]
    json: bool,
    /// Find every problem and write nothing
    #[arg(long, env = "TONGBAN_CHECK", value_parser = FalseyValueParser::new())]
    check: bool,
}

impl Import {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let options =
            ImportOptions { list: self.list_options()?, with_rows: self.check || self.json || self.report.is_some() };
        let store = self.registry.open_to_write(self.migration, Missing::CreatedIfNamed).await?;
        let mode = if self.check { Mode::Check } else { Mode::Write };
        let bar = Bar::new();
        let progress = |progress: Progress| {
            let what = match progress.step {
                Step::Reading => locale.say("读取", "reading"),
                Step::Checking => locale.say("核对", "checking"),
                Step::Writing => locale.say("写入", "writing"),
            };
            bar.show(what, progress.done, progress.of);
        };
        let report = import_with(&store, &self.files, &options, mode, clock::now(), &progress).await;
        bar.end();
        store.close().await?;
        let report = report?;
        if let Some(path) = &self.report {
            report::write(path, &report, locale)?;
        }
        if self.json {
            terminal::print_raw(&report::json(&report, mode, locale))?;
        } else {
            terminal::print(&summary(&report, mode, locale))?;
        }
        if report.fault_count > 0 { Err(Failure::Reported) } else { Ok(()) }
    }
}

impl Import {
    fn list_options(&self) -> Result<Options, Failure> {
        let field = |option: &str, text: &String| {
            field_path(text).ok_or_else(|| {
                Failure::said(
                    format!("{option}：没有“{text}”这个字段；见 tongban records"),
                    format!("{option}: there is no field “{text}”; see tongban records"),
                )
            })
        };
        let column = |(header, text): &(String, String)| Ok((header.clone(), field("--columns", text)?));
        let value = |(text, value): &(String, String)| Ok((field("--set", text)?, value.clone()));
        Ok(Options {
            kind: self.kind.as_ref().and_then(|kind| kind.parse().ok()),
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            columns: self.columns.iter().map(column).collect::<Result<_, Failure>>()?,
            defaults: self.set.iter().map(value).collect::<Result<_, Failure>>()?,
            fill_down: self.fill_down,
            max_rows: None,
        })
    }
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), Said> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Said::new(format!("“{text}”应写成 名称=值"), format!("“{text}” is not NAME=VALUE")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Faults and warnings, a line for each; then what was skipped; then the counts.
fn summary(report: &Report, mode: Mode, locale: Locale) -> String {
    let mut out = read_lists(&report.lists, locale);
    for fault in &report.faults {
        let _ = writeln!(out, "{}", line(fault, locale));
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "{}{}", locale.say("提醒：", "warning: "), line(warning, locale));
    }
    let unlisted = report.warning_count - report.warnings.len() as u64;
    if unlisted > 0 {
        let _ = match locale {
            Locale::Zh => writeln!(out, "另有 {unlisted} 条提醒未列出"),
            Locale::En => writeln!(out, "{} not listed", counted(unlisted, "more warning is", "more warnings are")),
        };
    }
    if mode == Mode::Check && report.fault_count == 0 {
        out += &predicted(&report.rows, locale);
    }
    out += &skipped(report.skipped, locale);
    let hidden = report.fault_count - report.faults.len() as u64;
    let Report { read, registered, revised, unchanged, fault_count, revision, .. } = report;
    let _ = match (locale, *fault_count > 0) {
        (Locale::Zh, true) => {
            let more = if hidden > 0 { format!("（其中 {hidden} 个未列出）") } else { String::new() };
            writeln!(out, "读取 {read} 条记录，有 {fault_count} 个问题{more}，没有写入任何内容")
        }
        (Locale::En, true) => {
            let more = if hidden > 0 { format!(" ({hidden} of them not listed)") } else { String::new() };
            writeln!(
                out,
                "{}, {}{more}; nothing was written",
                counted(*read, "record read", "records read"),
                counted(*fault_count, "problem", "problems")
            )
        }
        (Locale::Zh, false) => {
            let counts = format!("读取 {read} 条记录：新增 {registered}，修订 {revised}，未变 {unchanged}");
            match mode {
                Mode::Check => writeln!(out, "{counts}；只核对，没有写入"),
                Mode::Write => writeln!(out, "{counts}；数据版本 {revision}"),
            }
        }
        (Locale::En, false) => {
            let counts = format!(
                "{}: {registered} new, {revised} revised, {unchanged} unchanged",
                counted(*read, "record read", "records read")
            );
            match mode {
                Mode::Check => writeln!(out, "{counts}; checked only, nothing was written"),
                Mode::Write => writeln!(out, "{counts}; revision {revision}"),
            }
        }
    };
    out
}

/// How lists were read: their form, sheet and header, and the columns that nobody read.
fn read_lists(lists: &[ReadList], locale: Locale) -> String {
    let mut out = String::new();
    for ReadList { file, form, sheet, header_row, unread_columns, .. } in lists {
        let file = shown(file);
        let sheet = sheet.as_deref().map(shown).unwrap_or_default();
        let unread = unread_columns.iter().map(|column| shown(column)).collect::<Vec<_>>();
        let _ = match locale {
            Locale::Zh => {
                let sheet = if sheet.is_empty() { String::new() } else { format!("，工作表“{sheet}”") };
                let unread = if unread.is_empty() {
                    String::new()
                } else {
                    format!("；未读取的列：{}", unread.join("、"))
                };
                writeln!(out, "{file}：{form}{sheet}，表头在第 {header_row} 行{unread}")
            }
            Locale::En => {
                let sheet = if sheet.is_empty() { String::new() } else { format!(", sheet “{sheet}”") };
                let unread = if unread.is_empty() {
                    String::new()
                } else {
                    format!("; columns not read: {}", unread.join(", "))
                };
                writeln!(out, "{file}: {form}{sheet}, header in row {header_row}{unread}")
            }
        };
    }
    out
}

/// The records that would be new or change, a line for each.
fn predicted(rows: &[RowReport], locale: Locale) -> String {
    let mut out = String::new();
    let is_listed = |row: &&RowReport| matches!(row.verdict, Verdict::Create | Verdict::Update);
    for row in rows.iter().filter(is_listed).take(MAX_PREDICTED) {
        let changes = if row.changes.is_empty() { String::new() } else { format!(": {}", row.changes.join(", ")) };
        let _ = writeln!(out, "{}:{}: {}{changes}", shown(&row.file), row.line, row.verdict.label(locale));
    }
    let more = rows.iter().filter(is_listed).count().saturating_sub(MAX_PREDICTED);
    if more > 0 {
        let _ = match locale {
            Locale::Zh => writeln!(out, "另有 {more} 条未列出（--report 或 --json 有全部）"),
            Locale::En => writeln!(out, "{more} more are not listed (--report and --json have all)"),
        };
    }
    out
}

fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// The rows and columns of tables that were skipped, if there are any.
fn skipped(skipped: Skipped, locale: Locale) -> String {
    let Skipped { blank_rows, remark_rows, unnamed_columns } = skipped;
    let counts = [
        (blank_rows, "空行", "blank rows"),
        (remark_rows, "说明行", "rows of remarks"),
        (unnamed_columns, "无列名的空列", "blank columns without a name"),
    ];
    let counts = counts.iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<String> = counts.map(|(count, zh, en)| format!("{} {count}", locale.say(zh, en))).collect();
    if parts.is_empty() {
        return String::new();
    }
    match locale {
        Locale::Zh => format!("跳过：{}\n", parts.join("，")),
        Locale::En => format!("skipped: {}\n", parts.join(", ")),
    }
}

/// `file:line: field: message (CODE/RULE) — remedy`
fn line(fault: &Fault, locale: Locale) -> String {
    let Fault { file, line, problem } = fault;
    let field = problem.field();
    let (file, field) = (shown(file), shown(&field));
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    let remedy = problem.remedy.as_ref().map_or_else(String::new, |remedy| format!(" — {}", remedy.text(locale)));
    format!("{file}:{line}: {field}{} ({}/{}){remedy}", problem.message.text(locale), problem.code, problem.rule)
}
