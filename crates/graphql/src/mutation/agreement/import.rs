//! Imports of lists into the schedule of a draft.

use async_graphql::{Context, InputObject, Object};
use domain::Id;
use registry::acts::agreement as acts;
use registry::acts::agreement::import::Imported;
use registry::error::Error;

use crate::agreement::Agreement;
use crate::agreement::version::AgreementVersion;
use crate::context::request_context;
use crate::enums::import::{ImportDirection, ImportFaults};
use crate::import::ImportReport;
use crate::input::WriteOptionsInput;
use crate::problem::Problem;
use crate::scalar::{AgreementNumber, DistrictCode, MatterCode, Revision};
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
            let done = acts::import::import_schedule(request_context(ctx), fields, content).await?;
            let outcome = done.outcome.clone();
            imported = Some(done);
            Ok(outcome)
        };
        let outcome = acted(ctx, act).await?;
        Ok(ImportPayload(imported.unwrap_or(Imported { outcome, report: None })))
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

/// A file of a list. What it is follows from its content.
#[derive(Debug, InputObject)]
pub struct ImportFileInput {
    /// The file name.
    name: String,
    /// The content in base64; at most 7 MiB before encoding.
    content: String,
    /// The name of the sheet. Default: the first visible one with a recognisable header.
    sheet: Option<String>,
    /// The row of the header, counted from 1. Default: it is looked for.
    header_row: Option<i32>,
    /// Which field a column gives, where its header does not say so.
    columns: Option<Vec<ColumnInput>>,
    /// Values for fields that have no column, and for blank cells.
    defaults: Option<Vec<FieldValueInput>>,
    /// What texts in the file mean.
    choices: Option<Vec<RowChoiceInput>>,
    /// True: a blank cell below a value means the same value, in columns that may span rows.
    #[graphql(default_with = "Some(true)")]
    fill_down: Option<bool>,
}

/// The field that a column gives.
#[derive(Debug, InputObject)]
pub struct ColumnInput {
    /// The header of the column.
    header: String,
    /// The name of the field: the vocabulary `ImportField` has all of them.
    field: String,
}

/// The value of a field.
#[derive(Debug, InputObject)]
pub struct FieldValueInput {
    /// The name of the field: the vocabulary `ImportField` has all of them.
    field: String,
    /// The value, written as in a cell.
    value: String,
}

/// What a text in the file means, once for all its rows: a matter, or that they are left out.
#[derive(Debug, InputObject)]
pub struct RowChoiceInput {
    /// The name or code of a matter, as the file has it.
    text: String,
    /// The matter that is meant.
    matter: Option<MatterCode>,
    /// True: rows with this text are left out.
    #[graphql(default_with = "Some(false)")]
    skip: Option<bool>,
}

#[derive(Debug)]
pub struct ImportPayload(Imported);

/// The result of an import.
#[Object]
impl ImportPayload {
    /// What was read, and what follows for each row. Null when the file could not be read, or the draft is not the
    /// caller's.
    async fn report(&self) -> Option<ImportReport> {
        self.0.report.clone().map(ImportReport)
    }

    /// The agreement after the import. Null when nothing was written.
    async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let (request, saved) = (request_context(ctx), self.0.outcome.saved.as_ref()?);
        request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope).map(Agreement)
    }

    /// The draft after the import. Null when nothing was written.
    async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
        let (request, saved) = (request_context(ctx), self.0.outcome.saved.as_ref()?);
        let agreement = request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope)?;
        AgreementVersion::numbered(&agreement, saved.version?)
    }

    /// The revision (数据版本) of this change. Null when nothing was written.
    async fn revision(&self) -> Option<Revision> {
        self.0.outcome.saved.as_ref().map(|saved| Revision(saved.revision))
    }

    /// Everything that is wrong with the request. When the list is not empty, nothing was written. Faults of rows are
    /// grouped; the rows of the report have each of them.
    async fn problems(&self) -> Vec<Problem> {
        self.0.outcome.problems.iter().cloned().map(Problem).collect()
    }
}
