//! `tongban export`: the whole registry at one revision.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::pin::pin;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use domain::{Scope, calendar};
use futures::StreamExt;
use persistence::{AtomicFile, ExportFormat, IfExists};
use registry::clock;

use super::failure::Failure;
use super::registry::Registry;

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    pub(super) registry: Registry,
    /// One JSON record a line, or a table
    #[arg(long, env = "TONGBAN_FORMAT", value_enum, default_value = "ndjson")]
    format: Format,
    /// A table for spreadsheet programs: formulas are not executed, and codes keep their leading zeros; import reads it
    /// too
    #[arg(long, env = "TONGBAN_FOR_EXCEL", value_parser = FalseyValueParser::new())]
    for_excel: bool,
    /// The file to write, which only its owner may read; stdout when left out
    #[arg(long, env = "TONGBAN_OUT", value_name = "PATH")]
    out: Option<PathBuf>,
    /// Replace the file if it exists; devices and links are never replaced
    #[arg(long, env = "TONGBAN_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Ndjson,
    Csv,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let store = self.registry.open_to_read().await?;
        let form = match self.format {
            Format::Ndjson if self.for_excel => {
                return Err(Failure::said(
                    "--for-excel 只用于表格：请同时指定 --format csv",
                    "--for-excel is for tables: add --format csv",
                ));
            }
            Format::Ndjson => ExportFormat::Ndjson,
            Format::Csv if self.for_excel => ExportFormat::Spreadsheet,
            Format::Csv => ExportFormat::Csv,
        };
        let export = store.export(form, Scope::Steward, calendar::day_in_china(clock::now())).await?;
        let existing = if self.force { IfExists::Replace } else { IfExists::Refuse };
        let mut file = self.out.as_ref().map(|path| AtomicFile::create(path, existing)).transpose()?;
        let mut stdout = BufWriter::new(io::stdout());
        let out: &mut (dyn Write + Send) = match &mut file {
            Some(file) => file,
            None => &mut stdout,
        };
        let mut lines = pin!(export.lines);
        let mut count = 0_u64;
        while let Some(line) = lines.next().await {
            writeln!(out, "{}", line?)?;
            count += 1;
        }
        out.flush()?;
        if let Some(file) = file {
            file.finish()?;
        }
        tracing::info!("{count} lines at revision {}", export.revision);
        Ok(())
    }
}
