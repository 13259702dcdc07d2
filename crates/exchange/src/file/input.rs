//! A file of sheets, opened for reading.

use std::io::{self, Read, Seek};

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};
use domain::Problem;

use super::recognise::{Recognised, recognise};
use crate::form::{Delimiter, Form};
use crate::refusal;
use crate::sheet::rows::{Rows, Source};
use crate::sheet::text_rows::TextRows;
use crate::sheet::xls::{self, XlsSheet};
use crate::sheet::xlsx::{self, XlsxRows};
use crate::text::decode::Utf8Reader;
use crate::text::encoding::Detected;
use crate::value::narrow::folded;

/// A sheet of a file. A text table is one sheet without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub name: Option<String>,
    pub is_visible: bool,
}

/// A recognised file and its sheets.
pub struct InputFile<R: Read + Seek> {
    form: Form,
    sheets: Vec<Sheet>,
    content: Content<R>,
}

enum Content<R: Read + Seek> {
    Text { file: R, detected: Detected },
    Xlsx(Box<Xlsx<R>>),
    Xls(Vec<XlsSheet>),
}

impl<R: Read + Seek> std::fmt::Debug for InputFile<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InputFile").field("form", &self.form).field("sheets", &self.sheets).finish_non_exhaustive()
    }
}

impl<R: Read + Seek> InputFile<R> {
    /// Recognises and opens a file, or refuses it.
    pub fn open(mut file: R) -> Result<Self, Problem> {
        match recognise(&mut file)? {
            Recognised::Text { form, detected } => {
                let sheets = vec![Sheet { name: None, is_visible: true }];
                Ok(Self { form, sheets, content: Content::Text { file, detected } })
            }
            Recognised::Xlsx => {
                let workbook = Xlsx::new(file).map_err(|error| xlsx::refused(&error))?;
                let worksheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
                let is_visible = |visible| visible == SheetVisible::Visible;
                let sheets = worksheets
                    .map(|sheet| Sheet { name: Some(sheet.name.clone()), is_visible: is_visible(sheet.visible) })
                    .collect();
                Ok(Self { form: Form::Xlsx, sheets, content: Content::Xlsx(Box::new(workbook)) })
            }
            Recognised::Xls(bytes) => {
                drop(file);
                let read = xls::read(bytes)?;
                let sheets =
                    read.iter().map(|sheet| Sheet { name: Some(sheet.name.clone()), is_visible: sheet.is_visible });
                Ok(Self { form: Form::Xls, sheets: sheets.collect(), content: Content::Xls(read) })
            }
        }
    }

    pub fn form(&self) -> Form {
        self.form
    }

    pub fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// The sheets that may hold the list, by position: the wanted one, else the visible ones.
    pub fn candidates(&self, wanted: Option<&str>) -> Result<Vec<usize>, Problem> {
        let Some(wanted) = wanted else {
            return Ok((0..self.sheets.len()).filter(|at| self.sheets[*at].is_visible).collect());
        };
        let is_wanted = |name: Option<&String>| name.is_some_and(|name| folded(name) == folded(wanted));
        let at = self.sheets.iter().position(|sheet| is_wanted(sheet.name.as_ref()));
        let names: Vec<&str> = self.sheets.iter().filter_map(|sheet| sheet.name.as_deref()).collect();
        // A text table is one sheet without a name.
        let at = at.or((names.is_empty() && self.sheets.len() == 1).then_some(0));
        Ok(vec![at.ok_or_else(|| refusal::sheet_not_found(wanted, &names))?])
    }

    /// The rows of a sheet, by its position. May be called again, to read the sheet once more.
    pub fn rows(&mut self, sheet: usize) -> Result<Rows<'_, R>, Problem> {
        match &mut self.content {
            Content::Text { file, detected } => {
                let rows = TextRows::new(file, *detected, delimiter_of(self.form)?);
                let rows = rows.map_err(|error| refusal::unreadable(&error))?;
                Ok(Rows::new(Source::Text(Box::new(rows)), Vec::new()))
            }
            Content::Xlsx(workbook) => {
                let name = self.sheets.get(sheet).and_then(|sheet| sheet.name.as_deref()).unwrap_or_default();
                let rows = XlsxRows::new(workbook, name)?;
                let columns_merged_down = rows.merged.columns_merged_down();
                Ok(Rows::new(Source::Xlsx(Box::new(rows)), columns_merged_down))
            }
            Content::Xls(sheets) => {
                let sheet = sheets.get(sheet);
                let (rows, merged) =
                    sheet.map(|sheet| (sheet.rows.clone(), sheet.columns_merged_down.clone())).unwrap_or_default();
                Ok(Rows::new(Source::Xls(rows.into_iter()), merged))
            }
        }
    }

    /// The text of a text file in UTF-8, for forms that are read line by line. `None` for workbooks.
    pub fn into_text(self) -> Option<io::Result<Utf8Reader<R>>> {
        match self.content {
            Content::Text { file, detected } => Some(Utf8Reader::new(file, detected)),
            Content::Xlsx(_) | Content::Xls(_) => None,
        }
    }
}

fn delimiter_of(form: Form) -> Result<Delimiter, Problem> {
    match form {
        Form::Table { delimiter, .. } => Ok(delimiter),
        Form::Ndjson(_) | Form::Xlsx | Form::Xls => Err(refusal::lines_where_a_table_is_needed()),
    }
}
