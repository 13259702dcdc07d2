//! Imports of lists: what their inputs and results have in common, and the import of a district's own records.

use async_graphql::{Context, InputObject, Object};
use domain::Id;
use registry::acts::import_file::FileContent;
use registry::acts::{Outcome, import_records};
use registry::error::Error;

use crate::agreement::Agreement;
use crate::agreement::version::AgreementVersion;
use crate::context::request_context;
use crate::enums::import::{ImportFaults, ImportKind};
use crate::import::ImportReport;
use crate::input::WriteOptionsInput;
use crate::problem::Problem;
use crate::scalar::{DistrictCode, MatterCode, Revision};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct RecordsMutation;

#[Object(serial)]
impl RecordsMutation {
    /// Imports a district's own offerings or windows from a list (导入实施清单、窗口): XLSX, XLS, CSV or TSV in any of the
    /// encodings that offices use, at most 7 MiB and 5,000 rows. Each row creates or replaces the record that it
    /// identifies; what the file does not name is not touched. Only for registrars of the district.
    async fn import_records(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, the district, and what the rows are.")] input: Submitted<ImportRecordsInput>,
    ) -> Result<ImportPayload, Error> {
        let (fields, content) = input.fields_and_text_of("file", "content");
        let mut report = None;
        let act = async {
            let done =
                import_records::import_records(request_context(ctx), fields, FileContent::Inline(content)).await?;
            report = done.report.map(ImportReport::Records);
            Ok(done.outcome)
        };
        let outcome = acted(ctx, act).await?;
        Ok(ImportPayload { outcome, report })
    }
}

/// A list of a district's own records.
#[derive(Debug, InputObject)]
pub struct ImportRecordsInput {
    /// The district. Rows without a district are of it; a row of another district is at fault.
    district: DistrictCode,
    /// What the rows are.
    kind: ImportKind,
    /// The file, and how to read it. Its columns and defaults name fields as import lines do, such as
    /// `authority.name`; `choices` is not used.
    file: ImportFileInput,
    /// What happens when rows are at fault.
    #[graphql(default_with = "Some(ImportFaults::Refuse)")]
    faults: Option<ImportFaults>,
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
pub struct ImportPayload {
    pub(super) outcome: Outcome,
    pub(super) report: Option<ImportReport>,
}

/// The result of an import.
#[Object]
impl ImportPayload {
    /// What was read, and what follows for each row. Null when the file could not be read, or the draft is not the
    /// caller's.
    async fn report(&self) -> Option<ImportReport> {
        self.report.clone()
    }

    /// The agreement after the import. Null when nothing was written, and for records.
    async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let (request, saved) = (request_context(ctx), self.outcome.saved.as_ref()?);
        saved.version?;
        request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope).map(Agreement)
    }

    /// The draft after the import. Null when nothing was written, and for records.
    async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
        let (request, saved) = (request_context(ctx), self.outcome.saved.as_ref()?);
        let version = saved.version?;
        let agreement = request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope)?;
        AgreementVersion::numbered(&agreement, version)
    }

    /// The revision (数据版本) of this change. Null when nothing was written.
    async fn revision(&self) -> Option<Revision> {
        self.outcome.saved.as_ref().map(|saved| Revision(saved.revision))
    }

    /// Everything that is wrong with the request. When the list is not empty, nothing was written. Faults of rows are
    /// grouped; the rows of the report have each of them.
    async fn problems(&self) -> Vec<Problem> {
        self.outcome.problems.iter().cloned().map(Problem).collect()
    }
}
