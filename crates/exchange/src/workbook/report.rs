//! The report of an import as a workbook: the rows of the file with a first column 问题, coloured by what became of
//! them. Rows that are corrected in it can be imported again: the first column is not read.

use domain::Locale;
use domain::import::Verdict;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook};

use super::Error;
use super::sheet::{SheetColumn, set_page, write_header};
use super::width::column_width;

/// The header of the column of problems. A list is imported without it.
pub const PROBLEMS: &str = "问题";

/// A row of the file.
#[derive(Debug, Clone)]
pub struct ReportRow {
    pub verdict: Verdict,
    /// What is wrong with it, or what it changes.
    pub text: String,
    pub cells: Vec<String>,
}

/// Writes the rows below the headers of the file.
pub fn report(headers: &[String], rows: &[ReportRow]) -> Result<Vec<u8>, Error> {
    let named = |header: &String| SheetColumn { header: header.clone(), ..SheetColumn::default() };
    let problems = SheetColumn { header: PROBLEMS.to_owned(), ..SheetColumn::default() };
    let columns: Vec<SheetColumn> = std::iter::once(problems).chain(headers.iter().map(named)).collect();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("导入结果")?;
    write_header(sheet, 0, &columns)?;
    for (number, row) in (1..).zip(rows) {
        let format = format_of(row.verdict);
        let label = row.verdict.label(Locale::Zh);
        let text = if row.text.is_empty() { label.to_owned() } else { format!("{label}：{}", row.text) };
        sheet.write_string_with_format(number, 0, text, &format)?;
        for (at, cell) in (1..).zip(&row.cells) {
            sheet.write_string_with_format(number, at, cell, &format)?;
        }
    }
    sheet.set_column_width(0, 48)?;
    for (at, header) in headers.iter().enumerate() {
        let texts = rows.iter().filter_map(|row| row.cells.get(at)).map(String::as_str).chain([header.as_str()]);
        sheet.set_column_width(u16::try_from(at + 1).unwrap_or(u16::MAX), column_width(texts))?;
    }
    set_page(sheet);
    workbook.save_to_buffer()
}

fn format_of(verdict: Verdict) -> Format {
    let format = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let format = format.set_border(FormatBorder::Thin);
    match verdict {
        Verdict::Error => format.set_background_color(Color::RGB(0xFF_C7_CE)),
        Verdict::Unknown => format.set_background_color(Color::RGB(0xFC_D5_B4)),
        Verdict::Confirm => format.set_background_color(Color::RGB(0xFF_EB_9C)),
        Verdict::Create => format.set_background_color(Color::RGB(0xE2_EF_DA)),
        Verdict::Update => format.set_background_color(Color::RGB(0xDD_EB_F7)),
        Verdict::Skip => format.set_font_color(Color::RGB(0x7F_7F_7F)),
        Verdict::Unchanged => format,
    }
}
