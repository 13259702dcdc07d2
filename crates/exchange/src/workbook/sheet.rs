//! What all sheets have in common: the header, the hidden sheet of choices, the page for printing.

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula, Note, Workbook,
    Worksheet,
};

use super::Error;

/// The last row that a drop-down covers.
const LAST_ROW: u32 = 5_000;
/// A4.
const PAPER: u8 = 9;
/// The most characters of the message beside a cell.
const MAX_MESSAGE: usize = 255;
/// The name of the hidden sheet.
const CHOICES: &str = "选项";

/// A column of a sheet.
#[derive(Debug, Clone, Default)]
pub(super) struct SheetColumn {
    pub(super) header: String,
    /// The help that the header shows.
    pub(super) note: String,
    /// The choices of the drop-down. Other values may be typed all the same.
    pub(super) choices: Vec<String>,
    pub(super) is_hidden: bool,
}

pub(super) fn header_format() -> Format {
    let filled = Format::new().set_bold().set_background_color(Color::RGB(0xDC_E6_F1)).set_text_wrap();
    filled.set_border(FormatBorder::Thin).set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter)
}

/// Text, so that codes keep their leading zeros and dates stay as they were typed.
pub(super) fn text_format() -> Format {
    Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top).set_border(FormatBorder::Thin)
}

/// Writes the header, its notes and the formats of the columns, and freezes it.
pub(super) fn write_header(sheet: &mut Worksheet, row: u32, columns: &[SheetColumn]) -> Result<(), Error> {
    let (header, text) = (header_format(), Format::new().set_num_format("@"));
    for (at, column) in (0..).zip(columns) {
        sheet.set_column_format(at, &text)?;
        sheet.write_string_with_format(row, at, &column.header, &header)?;
        if !column.note.is_empty() {
            let height = 40 + 20 * u32::try_from(column.note.chars().count() / 14).unwrap_or(20);
            sheet.insert_note(
                row,
                at,
                &Note::new(&column.note).add_author_prefix(false).set_width(260).set_height(height),
            )?;
        }
        if column.is_hidden {
            sheet.set_column_hidden(at)?;
        }
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    sheet.set_repeat_rows(0, row)?;
    Ok(())
}

/// Sets the page: A4 landscape, one page wide, with page numbers.
pub(super) fn set_page(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0).set_footer("&C第 &P 页，共 &N 页");
}

/// Adds the drop-downs: one rule a column, over a range of a hidden sheet. A list within a rule is limited to 255
/// characters.
pub(super) fn add_choices(
    workbook: &mut Workbook,
    sheet: usize,
    first_row: u32,
    columns: &[SheetColumn],
) -> Result<(), Error> {
    if columns.iter().all(|column| column.choices.is_empty()) {
        return Ok(());
    }
    let hidden = workbook.add_worksheet().set_name(CHOICES)?;
    hidden.set_hidden(true);
    let mut rules = Vec::new();
    for (at, column) in (0_u16..).zip(columns).filter(|(_, column)| !column.choices.is_empty()) {
        let to = u16::try_from(rules.len()).unwrap_or(u16::MAX);
        hidden.write_string(0, to, &column.header)?;
        let mut last = 0;
        for (row, choice) in (1..).zip(&column.choices) {
            hidden.write_string(row, to, choice)?;
            last = row;
        }
        let letters = crate::sheet::cell::column_letters(u32::from(to));
        let range = format!("='{CHOICES}'!${letters}$2:${letters}${}", last + 1);
        let message: String = column.note.chars().take(MAX_MESSAGE - 1).collect();
        let rule = DataValidation::new()
            .allow_list_formula(Formula::new(range))
            .set_error_style(DataValidationErrorStyle::Information)
            .set_error_title("不在选项中")?
            .set_error_message("此值不在选项中。如确无误，可保留。")?
            .set_input_message(message)?;
        rules.push((at, rule));
    }
    let sheet = workbook.worksheet_from_index(sheet)?;
    for (at, rule) in &rules {
        sheet.add_data_validation(first_row, *at, LAST_ROW, *at, rule)?;
    }
    Ok(())
}
