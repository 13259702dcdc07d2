//! The schedule of a version as a workbook: to be printed, and to be edited and imported again. A hidden column has the
//! keys of the clauses, so that the way back is unambiguous.

use domain::{AgreementClause, Date, DistrictCode, HandlingMode, Locale, MatterCode, MatterDomain};
use rust_xlsxwriter::{Format, Workbook};

use super::Error;
use super::sheet::{SheetColumn, add_choices, set_page, text_format, write_header};
use super::width::column_width;
use crate::header::field::Field;
use crate::record::words::Words;

/// The columns of a schedule.
pub(super) const FIELDS: [Field; 13] = [
    Field::Ordinal,
    Field::Name,
    Field::Matter,
    Field::Domain,
    Field::Mode,
    Field::ModeLabel,
    Field::Receiving,
    Field::Competent,
    Field::Batch,
    Field::ValidFrom,
    Field::ValidTo,
    Field::Remark,
    Field::Key,
];

/// The row of the header, below the title.
pub(super) const HEADER: u32 = 1;

/// A schedule and what it names.
pub struct Schedule<'a> {
    pub title: &'a str,
    pub clauses: &'a [AgreementClause],
    /// The parties with their names, in the order of the agreement.
    pub parties: &'a [(DistrictCode, String)],
    /// The name and the domain of a matter.
    pub matter: &'a dyn Fn(MatterCode) -> Option<(String, MatterDomain)>,
}

impl std::fmt::Debug for Schedule<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedule")
            .field("title", &self.title)
            .field("clauses", &self.clauses.len())
            .finish_non_exhaustive()
    }
}

/// Writes the workbook.
pub fn schedule(of: &Schedule<'_>) -> Result<Vec<u8>, Error> {
    let rows = rows(of);
    let columns =
        columns(&Choices { matters: Vec::new(), parties: of.parties.iter().map(|(_, name)| name.clone()).collect() });
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("清单")?;
    sheet.write_string_with_format(0, 0, of.title, &Format::new().set_bold().set_font_size(14))?;
    write_header(sheet, HEADER, &columns)?;
    let text = text_format();
    for (row, cells) in (HEADER + 1..).zip(&rows) {
        for (at, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(row, at, cell, &text)?;
        }
    }
    for (at, column) in columns.iter().enumerate() {
        let texts = rows.iter().map(|row| row[at].as_str()).chain([column.header.as_str()]);
        sheet.set_column_width(u16::try_from(at).unwrap_or(u16::MAX), column_width(texts))?;
    }
    set_page(sheet);
    add_choices(&mut workbook, 0, HEADER + 1, &columns)?;
    workbook.save_to_buffer()
}

/// A row for each matter of each clause.
fn rows(of: &Schedule<'_>) -> Vec<[String; FIELDS.len()]> {
    let matters = of.clauses.iter().flat_map(|clause| clause.matters.iter().map(move |matter| (clause, *matter)));
    let row = |(number, (clause, matter)): (u32, (&AgreementClause, MatterCode))| {
        let (name, domain) = (of.matter)(matter).map_or((String::new(), None), |(name, domain)| (name, Some(domain)));
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        FIELDS.map(|field| match field {
            Field::Ordinal => number.to_string(),
            Field::Name => name.clone(),
            Field::Matter => matter.to_string(),
            Field::Domain => domain.map_or("", |domain| domain.label(Locale::Zh)).to_owned(),
            Field::Mode => clause.mode.label(Locale::Zh).to_owned(),
            Field::ModeLabel => clause.mode_label.as_deref().unwrap_or_default().to_owned(),
            Field::Receiving => side(&clause.receiving, of.parties),
            Field::Competent => side(&clause.competent, of.parties),
            Field::Batch => clause.batch.as_deref().unwrap_or_default().to_owned(),
            Field::ValidFrom => day(clause.period.from),
            Field::ValidTo => day(clause.period.to),
            Field::Key => clause.key.to_string(),
            Field::ModeMark(_) | Field::PromisedDays | Field::Remark => String::new(),
        })
    };
    (1..).zip(matters).map(row).collect()
}

/// The parties of a side: by name, or by code where another party has the same name.
fn side(codes: &[DistrictCode], parties: &[(DistrictCode, String)]) -> String {
    if codes.is_empty() || parties.iter().all(|(party, _)| codes.contains(party)) {
        return (if parties.len() == 2 { "双方" } else { "各方" }).to_owned();
    }
    let shown = |code: &DistrictCode| {
        let name = parties.iter().find(|(party, _)| party == code).map(|(_, name)| name);
        let is_unique = |name: &&String| parties.iter().filter(|(_, other)| other == *name).count() == 1;
        name.filter(is_unique).cloned().unwrap_or_else(|| code.to_string())
    };
    codes.iter().map(shown).collect::<Vec<_>>().join("、")
}

/// What the drop-downs of a schedule offer.
pub(super) struct Choices {
    pub(super) matters: Vec<String>,
    pub(super) parties: Vec<String>,
}

/// The columns with their help and drop-downs.
pub(super) fn columns(choices: &Choices) -> Vec<SheetColumn> {
    let labels = |words: Words| words.all().into_iter().map(|(_, [zh, _])| zh.to_owned()).collect();
    let column = |field: Field| SheetColumn {
        header: field.label(Locale::Zh).to_owned(),
        note: note(field),
        choices: match field {
            Field::Name => choices.matters.clone(),
            Field::Domain => labels(Words::Domains),
            Field::Mode => labels(Words::Modes),
            Field::Receiving | Field::Competent => choices.parties.iter().cloned().chain(["双方".to_owned()]).collect(),
            _ => Vec::new(),
        },
        is_hidden: field == Field::Key,
    };
    FIELDS.map(column).into()
}

fn note(field: Field) -> String {
    let note = match field {
        Field::Ordinal => "可不填，导入时不用。",
        Field::Name => "目录中的事项名称或别名。名称与基本编码至少填一项。",
        Field::Matter => "12 位基本编码。填了编码，名称仅供核对。",
        Field::Domain => "仅供阅读，导入时不用。",
        Field::Mode | Field::ModeMark(_) => {
            let modes: Vec<_> = HandlingMode::ALL.iter().map(|mode| mode.label(Locale::Zh)).collect();
            return format!("{}；同一事项有几种方式时用顿号分隔。", modes.join("、"));
        }
        Field::ModeLabel => "各方对该方式另有名称时填写。",
        Field::Receiving => {
            "收件的签约方：名称或代码，几个用顿号分隔；“双方”表示两个方向都可以。只有两方时，收件地与业务属地填一项即可。"
        }
        Field::Competent => "有权办理的签约方：名称或代码，几个用顿号分隔；“双方”表示两个方向都可以。",
        Field::PromisedDays => "仅供阅读，导入时不用。",
        Field::Batch => "清单的批次、文号或公布日期。",
        Field::ValidFrom => "该事项的首日，如 2026-01-01；不填：与协议同日生效。",
        Field::ValidTo => "该事项的末日（含当日）；不填：与协议同日失效。",
        Field::Remark => "仅供阅读，导入时不用。",
        Field::Key => "条款编号：请勿改动。再次导入时据此找到原条款。",
    };
    note.to_owned()
}
