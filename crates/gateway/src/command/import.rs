//! `tongban import`: imports the records of files, all of them or none.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use clap::builder::FalseyValueParser;
use domain::Locale;
use domain::text::shown;
use persistence::{Fault, Mode, Progress, Report, Skipped, Step, import};
use registry::clock;
use registry::presentation::Say;

use super::failure::Failure;
use super::registry::{Migration, Missing, Registry};
use super::terminal;
use super::terminal::Bar;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) registry: Registry,
    #[command(flatten)]
    migration: Migration,
    /// NDJSON, CSV or TSV, in UTF-8; read twice, so no pipes
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Find every problem and write nothing
    #[arg(long, env = "TONGBAN_CHECK", value_parser = FalseyValueParser::new())]
    check: bool,
}

impl Import {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
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
        let report = import(&store, &self.files, mode, clock::now(), &progress).await;
        bar.end();
        store.close().await?;
        let report = report?;
        terminal::print(&summary(&report, mode, locale))?;
        if report.fault_count > 0 { Err(Failure::Reported) } else { Ok(()) }
    }
}

/// Faults and warnings, a line for each; then what was skipped; then the counts.
fn summary(report: &Report, mode: Mode, locale: Locale) -> String {
    let mut out = String::new();
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
