//! Templates: workbooks with headers, help, drop-downs and two example rows, to be filled in and imported.

use std::str::FromStr;

use domain::guide::{self, Object};
use domain::{DistrictCode, Locale};
use rust_xlsxwriter::{Color, Format, Workbook};

use super::Error;
use super::schedule;
use super::sheet::{SheetColumn, add_choices, set_page, write_header};
use super::width::column_width;
use crate::header::field::Field;
use crate::record::column::{RecordColumn, columns};
use crate::record::kind::ListKind;
use crate::record::words::Words;

/// What a template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    Records(ListKind),
    /// A list for the schedule of an agreement.
    Schedule,
}

impl Template {
    pub const ALL: [Self; 5] = [
        Self::Records(ListKind::District),
        Self::Records(ListKind::Matter),
        Self::Records(ListKind::Offering),
        Self::Records(ListKind::Window),
        Self::Schedule,
    ];

    /// The name in addresses and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records(kind) => kind.name(),
            Self::Schedule => "schedule",
        }
    }

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Records(kind), locale) => kind.label(locale),
            (Self::Schedule, Locale::Zh) => "协议清单",
            (Self::Schedule, Locale::En) => "schedule",
        }
    }
}

impl FromStr for Template {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|template| template.name() == text).ok_or(())
    }
}

/// What the drop-downs of a template offer, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    /// The district that fills the template in.
    pub district: Option<(DistrictCode, String)>,
    /// The names of districts that are offered as sides of a schedule.
    pub districts: Vec<String>,
    /// Codes and names of matters.
    pub matters: Vec<(String, String)>,
}

/// Writes a template.
pub fn template(template: Template, lists: &Lists) -> Result<Vec<u8>, Error> {
    let (columns, examples) = match template {
        Template::Records(kind) => (of_records(kind, lists), examples_of_records(kind, lists)),
        Template::Schedule => (of_schedule(lists), examples_of_schedule(lists)),
    };
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(template.label(Locale::Zh))?;
    write_header(sheet, 0, &columns)?;
    let example = Format::new().set_num_format("@").set_italic().set_font_color(Color::RGB(0x7F_7F_7F));
    for (row, cells) in (1..).zip(&examples) {
        for (at, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string_with_format(row, at, cell, &example)?;
        }
    }
    for (at, column) in columns.iter().enumerate() {
        let texts = examples.iter().map(|row| row[at].as_str()).chain([column.header.as_str()]);
        sheet.set_column_width(u16::try_from(at).unwrap_or(u16::MAX), column_width(texts))?;
    }
    set_page(sheet);
    add_choices(&mut workbook, 0, 1, &columns)?;
    workbook.save_to_buffer()
}

pub(super) fn of_records(kind: ListKind, lists: &Lists) -> Vec<SheetColumn> {
    let guide = guide::kinds().into_iter().find(|described| described.name == kind.name());
    let objects = guide.map(|kind| kind.objects).unwrap_or_default();
    let column = |column: &RecordColumn| SheetColumn {
        header: column.header.to_owned(),
        note: note(&objects, column),
        choices: choices(kind, column, lists),
        is_hidden: false,
    };
    columns(kind).iter().map(column).collect()
}

/// The text of the guide to records; for the first column, how to use the template.
fn note(objects: &[Object], column: &RecordColumn) -> String {
    let (object, name) = column.path.split_once('.').map_or((None, column.path), |(object, name)| (Some(object), name));
    let of = match object {
        Some(object) => objects.iter().find(|described| described.name == object),
        None => objects.first(),
    };
    let described = of.and_then(|object| object.fields.iter().find(|described| described.field.name == name));
    described.map(|described| described.text.zh.clone()).unwrap_or_default()
}

fn choices(kind: ListKind, column: &RecordColumn, lists: &Lists) -> Vec<String> {
    match (column.words, column.path) {
        (Words::Any, "matter") => lists.matters.iter().map(|(code, name)| format!("{code} {name}")).collect(),
        (Words::Any, "district") if kind != ListKind::District => {
            lists.district.iter().map(|(code, _)| code.to_string()).collect()
        }
        (words, _) => words.all().into_iter().map(|(_, [zh, _])| zh.to_owned()).collect(),
    }
}

fn examples_of_records(kind: ListKind, lists: &Lists) -> Vec<Vec<String>> {
    let cell = |column: &RecordColumn, at: usize| match (&lists.district, column.path) {
        (Some((code, _)), "district") => code.to_string(),
        _ => column.examples[at].to_owned(),
    };
    (0..2).map(|at| columns(kind).iter().map(|column| cell(column, at)).collect()).collect()
}

fn of_schedule(lists: &Lists) -> Vec<SheetColumn> {
    let own = lists.district.iter().map(|(_, name)| name);
    let parties = own.chain(&lists.districts).cloned().collect();
    let matters = lists.matters.iter().map(|(_, name)| name.clone()).collect();
    schedule::columns(&schedule::Choices { matters, parties })
}

fn examples_of_schedule(lists: &Lists) -> Vec<Vec<String>> {
    let own = lists.district.as_ref().map_or("南沙区", |(_, name)| name);
    let row = |values: &dyn Fn(Field) -> Option<&'static str>| {
        let cell = |field: Field| match (field, values(field)) {
            (Field::Receiving, None) => own.to_owned(),
            (_, value) => value.unwrap_or_default().to_owned(),
        };
        schedule::FIELDS.map(cell).to_vec()
    };
    let first = |field: Field| match field {
        Field::Name => Some("（示例）居民身份证换领"),
        Field::Domain => Some("公安"),
        Field::Mode => Some("异地代收代办"),
        Field::Competent => Some("昆山市"),
        Field::Batch => Some("第一批"),
        Field::ValidFrom => Some("2026-01-01"),
        _ => None,
    };
    let second = |field: Field| match field {
        Field::Name => Some("（示例）失业登记"),
        Field::Domain => Some("人社"),
        Field::Mode => Some("全程网办"),
        Field::Receiving | Field::Competent => Some("双方"),
        Field::Batch => Some("第一批"),
        _ => None,
    };
    vec![row(&first), row(&second)]
}
