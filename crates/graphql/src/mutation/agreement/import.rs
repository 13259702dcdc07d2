//! Imports of lists into the schedule of a draft.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::acts::import_file::FileContent;
use registry::error::Error;

use crate::context::request_context;
use crate::enums::import::{ImportDirection, ImportFaults};
use crate::import::ImportReport;
use crate::input::WriteOptionsInput;
use crate::mutation::import::{ImportFileInput, ImportPayload};
use crate::scalar::{AgreementNumber, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct ImportMutation;

#[Object(serial)]
impl ImportMutation {
    /// Imports a list into the schedule of a draft (导入清单): XLSX, XLS, CSV or TSV in any of the encodings that
    /// offices use, at most 7 MiB and 5,000 rows. Rows that agree in everything but the matter form one clause; clauses
    /// of the draft keep their keys, and the same list again changes nothing. Only for registrars of the drafting
    /// party.
    async fn import_schedule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, the draft, and how to read the one into the other.")] input: Submitted<
            ImportScheduleInput,
        >,
    ) -> Result<ImportPayload, Error> {
        let (fields, content) = input.fields_and_text_of("file", "content");
        let mut imported = None;
        let act = async {
            let done =
                acts::import::import_schedule(request_context(ctx), fields, FileContent::Inline(content)).await?;
            let outcome = done.outcome.clone();
            imported = Some(done);
            Ok(outcome)
        };
        let outcome = acted(ctx, act).await?;
        let report = imported.and_then(|imported| imported.report).map(ImportReport::Schedule);
        Ok(ImportPayload { outcome, report })
    }
}

/// A list for the schedule of a draft.
#[derive(Debug, InputObject)]
pub struct ImportScheduleInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the draft version.
    version: i32,
    /// The party for which the caller acts: the drafting party.
    party: DistrictCode,
    /// The file, and how to read it.
    file: ImportFileInput,
    /// Which directions the rows give.
    #[graphql(default_with = "Some(ImportDirection::AsWritten)")]
    direction: Option<ImportDirection>,
    /// What happens when rows are at fault.
    #[graphql(default_with = "Some(ImportFaults::Refuse)")]
    faults: Option<ImportFaults>,
    /// True: what the file does not name is removed from the schedule, and the report lists it. Every row must be
    /// usable then.
    #[graphql(default_with = "Some(false)")]
    replace: Option<bool>,
    /// True: nothing is written; the report and the problems are those of the import.
    #[graphql(default_with = "Some(false)")]
    dry_run: Option<bool>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
