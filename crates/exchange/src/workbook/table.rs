//! A plain table as a workbook: a header and rows of texts, to print and to sort.

use rust_xlsxwriter::Workbook;

use super::Error;
use super::sheet::{SheetColumn, set_page, text_format, write_header};
use super::width::column_width;

/// Writes the rows below the headers. `name` is that of the sheet.
pub fn table(name: &str, headers: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, Error> {
    let columns: Vec<SheetColumn> =
        headers.iter().map(|header| SheetColumn { header: (*header).to_owned(), ..SheetColumn::default() }).collect();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name(name)?;
    write_header(sheet, 0, &columns)?;
    let format = text_format();
    for (number, row) in (1..).zip(rows) {
        for (at, cell) in (0..).zip(row) {
            sheet.write_string_with_format(number, at, cell, &format)?;
        }
    }
    for (at, header) in headers.iter().enumerate() {
        let texts = rows.iter().filter_map(|row| row.get(at)).map(String::as_str).chain([*header]);
        sheet.set_column_width(u16::try_from(at).unwrap_or(u16::MAX), column_width(texts))?;
    }
    set_page(sheet);
    workbook.save_to_buffer()
}
