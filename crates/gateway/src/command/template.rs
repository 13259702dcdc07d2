//! `tongban template`: a workbook to fill in and import.

use std::io::Write as _;
use std::path::PathBuf;

use catalogue::Snapshot;
use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser};
use domain::{DistrictCode, calendar};
use exchange::workbook::template::{Lists, Template as Kind, template};
use persistence::{AtomicFile, IfExists};
use registry::{clock, workbook};

use super::failure::Failure;
use super::registry::Registry;

#[derive(Debug, Args)]
pub(super) struct Template {
    #[command(flatten)]
    registry: Registry,
    /// What the workbook is for
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::name)))]
    kind: String,
    /// The code of the district that fills it in
    #[arg(long, env = "TONGBAN_DISTRICT", value_name = "CODE")]
    district: Option<String>,
    /// The file to write
    #[arg(long, env = "TONGBAN_OUT", value_name = "FILE.xlsx")]
    out: PathBuf,
    /// Replace the file if it exists; devices and links are never replaced
    #[arg(long, env = "TONGBAN_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
}

impl Template {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let kind: Kind = self.kind.parse().map_err(|()| Failure::because(&self.kind))?;
        let district: Option<DistrictCode> = match &self.district {
            None => None,
            Some(code) => Some(code.parse().map_err(|malformed: domain::problem::Malformed| {
                let expected = malformed.expected();
                Failure::said(
                    format!("--district {code}：{}", expected.zh),
                    format!("--district {code}: {}", expected.en),
                )
            })?),
        };
        let written = match self.snapshot().await? {
            Some(snapshot) => {
                if let Some(code) = district.filter(|code| snapshot.district(*code).is_none()) {
                    return Err(Failure::said(
                        format!("--district {code}：没有这个区域"),
                        format!("--district {code}: the registry has no such district"),
                    ));
                }
                let today = calendar::day_in_china(clock::now());
                workbook::template(&snapshot, kind, district, today).map_err(|error| format!("{error:?}"))
            }
            None => {
                let district = district.map(|code| (code, code.to_string()));
                template(kind, &Lists { district, ..Lists::default() }).map_err(|error| error.to_string())
            }
        };
        let written = written.map_err(Failure::because)?;
        let mut file = AtomicFile::create(&self.out, if self.force { IfExists::Replace } else { IfExists::Refuse })?;
        file.write_all(&written)?;
        Ok(file.finish()?)
    }

    /// The registry whose lists the drop-downs offer. Without one they offer the words of closed lists only.
    async fn snapshot(&self) -> Result<Option<Snapshot>, Failure> {
        let store = match self.registry.open_to_read().await {
            Ok(store) => store,
            Err(_) if self.registry.database.is_none() => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let snapshot = store.load().await?;
        store.close().await?;
        Ok(Some(snapshot))
    }
}
