//! The files of an import and how to read them.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser};
use domain::{Locale, Revision};
use exchange::record::header::field_path;
use exchange::record::kind::ListKind;
use exchange::record::options::Options;
use persistence::{ImportOptions, Mode, Progress, Report, Step, Store, import_with};
use registry::clock;
use registry::presentation::Say;

use super::super::failure::Failure;
use super::super::registry::Registry;
use super::super::said::Said;
use super::super::terminal::{self, Bar};
use super::report;
use super::summary::summary;

/// The kind of a list for the schedule of an agreement.
pub(super) const SCHEDULE: &str = "schedule";

#[derive(Debug, Args)]
pub(crate) struct Files {
    #[command(flatten)]
    pub(crate) registry: Registry,
    /// NDJSON, CSV, TSV, XLSX or XLS, told apart by their content; read twice, so no pipes
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// The kind of the records of lists, where their header does not tell; schedule: a list for the draft of an agreement
    #[arg(long, env = "TONGBAN_KIND", value_parser = kinds())]
    kind: Option<String>,
    /// The sheet to read [default: the first one with a recognisable header]
    #[arg(long, env = "TONGBAN_SHEET", value_name = "NAME")]
    pub(super) sheet: Option<String>,
    /// The row of the header [default: looked for]
    #[arg(long, env = "TONGBAN_HEADER_ROW", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) header_row: Option<u32>,
    /// The fields of columns, where their headers do not tell: HEADER=field,…
    #[arg(long, env = "TONGBAN_COLUMNS", value_name = "HEADER=field", value_delimiter = ',', value_parser = pair)]
    pub(super) columns: Vec<(String, String)>,
    /// The value of a field that has no column; may be repeated
    #[arg(long, env = "TONGBAN_SET", value_name = "field=value", value_parser = pair)]
    pub(super) set: Vec<(String, String)>,
    /// A blank cell below a value means the same value, in columns that may span rows
    #[arg(long, env = "TONGBAN_FILL_DOWN", value_parser = FalseyValueParser::new())]
    fill_down: bool,
    /// Write a workbook with the rows and a first column 问题
    #[arg(long, env = "TONGBAN_REPORT", value_name = "FILE.xlsx")]
    report: Option<PathBuf>,
    /// Replace the workbook of --report if it exists
    #[arg(long, env = "TONGBAN_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
    /// Print the report as JSON
    #[arg(long, env = "TONGBAN_JSON", value_parser = FalseyValueParser::new())]
    pub(super) json: bool,
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(ListKind::ALL.map(ListKind::name).into_iter().chain([SCHEDULE]))
}

impl Files {
    pub(super) fn is_schedule(&self) -> bool {
        self.kind.as_deref() == Some(SCHEDULE)
    }

    /// Refuses to overwrite a workbook, before anything is written.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match &self.report {
            Some(path) if path.exists() && !self.force => Err(exists(path)),
            Some(_) | None => Ok(()),
        }
    }

    /// Imports, with a progress bar. `base`: the revision that was shown before; if the registry has moved on, nothing is
    /// written.
    pub(super) async fn import(
        &self,
        store: &Store,
        mode: Mode,
        base: Option<Revision>,
        locale: Locale,
    ) -> Result<Report, Failure> {
        let with_rows = mode == Mode::Check || self.json || self.report.is_some();
        let options = ImportOptions { list: self.list_options()?, with_rows, base };
        let bar = Bar::new();
        let progress = |progress: Progress| {
            let what = match progress.step {
                Step::Reading => locale.say("读取", "reading"),
                Step::Checking => locale.say("核对", "checking"),
                Step::Writing => locale.say("写入", "writing"),
            };
            bar.show(what, progress.done, progress.of);
        };
        let report = import_with(store, &self.files, &options, mode, clock::now(), &progress).await;
        bar.end();
        Ok(report?)
    }

    /// Prints the report, and writes its workbook.
    pub(super) fn tell(&self, told: &Report, mode: Mode, locale: Locale) -> Result<(), Failure> {
        if let Some(path) = &self.report {
            report::write(path, told, self.force, locale)?;
        }
        if self.json {
            terminal::print_raw(&report::json(told, mode, locale))?;
        } else {
            terminal::print(&summary(told, mode, locale))?;
        }
        Ok(())
    }

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

fn exists(path: &Path) -> Failure {
    let path = path.display();
    Failure::said(format!("{path}：已存在；要覆盖请加 --force"), format!("{path}: it exists; --force replaces it"))
}

/// `NAME=VALUE`.
fn pair(text: &str) -> Result<(String, String), Said> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Said::new(format!("“{text}”应写成 名称=值"), format!("“{text}” is not NAME=VALUE")))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
