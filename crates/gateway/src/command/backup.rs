//! `tongban backup`: copies everything in the database to a file, while the registry runs.

use std::io::{self, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;
use persistence::IfExists;

use super::failure::Failure;
use super::registry::Registry;
use super::terminal;

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) registry: Registry,
    /// The file to write, which only its owner may read; - for stdout
    file: PathBuf,
    /// Replace the file if it exists; devices and links are never replaced
    #[arg(long, env = "TONGBAN_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
}

impl Backup {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let to_stdout = self.file == Path::new("-");
        if to_stdout && io::stdout().is_terminal() {
            return Err(Failure::said(
                "备份不写到终端：请把标准输出重定向到文件或其他程序",
                "a backup is not written to a terminal: redirect stdout to a file or another program",
            ));
        }
        let store = self.registry.open_to_read().await?;
        let backup = if to_stdout {
            store.backup_to(&mut BufWriter::new(io::stdout())).await?
        } else {
            store.backup(&self.file, if self.force { IfExists::Replace } else { IfExists::Refuse }).await?
        };
        let said = format!("revision {}: {} rows, {}", backup.revision, backup.rows, backup.digest);
        if to_stdout {
            tracing::info!("{said}");
            return Ok(());
        }
        Ok(terminal::print(&format!("{said}\n"))?)
    }
}
