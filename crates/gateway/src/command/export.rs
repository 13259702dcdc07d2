//! `tongban export`: the whole registry at one revision.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::pin::pin;

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use domain::Eyes;
use futures::StreamExt;
use persistence::Form;

use super::{Failure, Registry};
use crate::clock;

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    registry: Registry,
    /// One JSON record a line, or a table
    #[arg(long, env = "TONGBAN_FORMAT", value_enum, default_value = "ndjson")]
    format: Format,
    /// A table that a spreadsheet program opens rightly: formulas are shown and not run, codes keep their zeros; import reads
    /// it all the same
    #[arg(long, env = "TONGBAN_FOR_EXCEL", value_parser = FalseyValueParser::new())]
    for_excel: bool,
    /// Where to write to; stdout when left out
    #[arg(long, env = "TONGBAN_OUT", value_name = "PATH")]
    out: Option<PathBuf>,
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
                return Err(Failure::Said("--for-excel is for tables: add --format csv (请同时指定 --format csv)".to_owned()));
            }
            Format::Ndjson => Form::Ndjson,
            Format::Csv if self.for_excel => Form::Spreadsheet,
            Format::Csv => Form::Csv,
        };
        let export = store.export(form, Eyes::Steward, clock::day_in_china(clock::now())).await?;
        // A file appears under its name only when it is whole.
        let unfinished = self.out.as_ref().map(|path| path.with_added_extension("part"));
        let mut out: Box<dyn Write + Send> = match &unfinished {
            Some(path) => Box::new(BufWriter::new(File::create(path).map_err(|error| Failure::File(path.clone(), error))?)),
            None => Box::new(BufWriter::new(io::stdout())),
        };
        let mut lines = pin!(export.lines);
        let mut count = 0_u64;
        while let Some(line) = lines.next().await {
            writeln!(out, "{}", line?)?;
            count += 1;
        }
        out.flush()?;
        drop(out);
        if let (Some(unfinished), Some(path)) = (unfinished, self.out) {
            std::fs::rename(&unfinished, &path).map_err(|error| Failure::File(path, error))?;
        }
        tracing::info!("{count} lines at revision {}", export.revision);
        Ok(())
    }
}
