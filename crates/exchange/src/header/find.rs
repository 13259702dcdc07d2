//! Finds the header below the title rows, in one row or in two.

use super::field::Field;
use super::synonyms::field_of;
use crate::sheet::cell::{Origin, Row, Value};
use crate::value::mode::mode_of;
use crate::value::narrow::folded;

/// Rows at the beginning of a sheet in which the header is looked for.
pub const SEARCHED_ROWS: usize = 40;

/// The header of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The first row of the header.
    pub row: u32,
    /// The last row of the header.
    pub last_row: u32,
    /// The header of each column; blank if it has none. The two parts of a two-row header are separated by ` / `.
    pub columns: Vec<String>,
}

impl Header {
    /// The shape of a file, the same for files with the same columns: what a remembered mapping is kept by.
    pub fn shape(&self) -> String {
        self.columns.iter().map(|column| folded(column)).collect::<Vec<_>>().join("\n")
    }
}

/// The header among the first rows of a sheet, or at the row that a caller gives.
pub fn find(rows: &[Row], given: Option<u32>) -> Option<Header> {
    let at = match given {
        Some(number) => rows.iter().position(|row| row.number == number)?,
        None => (0..rows.len())
            .find(|at| is_header(rows, *at, 2))
            .or_else(|| (0..rows.len()).find(|at| is_header(rows, *at, 1)))?,
    };
    Some(header_at(rows, at))
}

/// Whether a row names the matter by its name or code, and has at least so many known columns.
fn is_header(rows: &[Row], at: usize, known: usize) -> bool {
    let fields: Vec<Field> = rows[at].filled().filter_map(|(_, cell)| Some(field_of(&cell.value.text())?.0)).collect();
    let has_matter = fields.iter().any(|field| matches!(field, Field::Name | Field::Matter));
    let count = fields.len() + usize::from(second_row(rows, at).is_some());
    has_matter && count >= known
}

fn header_at(rows: &[Row], at: usize) -> Header {
    let first = &rows[at];
    let second = second_row(rows, at);
    let width = first.cells.len().max(second.map_or(0, |row| row.cells.len()));
    let mut group = String::new();
    let columns = (0..width).map(|column| {
        let upper = one_line(first.value(column));
        let lower = second.map(|row| one_line(row.value(column))).unwrap_or_default();
        if !upper.is_empty() {
            group.clone_from(&upper);
        }
        match (upper.as_str(), lower.as_str()) {
            (upper, "") => upper.to_owned(),
            // Text tables have no merged areas: the group stands above its first column only.
            ("", lower) if !group.is_empty() => format!("{group} / {lower}"),
            ("", lower) => lower.to_owned(),
            (upper, lower) if upper == lower => upper.to_owned(),
            (upper, lower) => format!("{upper} / {lower}"),
        }
    });
    let columns = columns.collect();
    Header { row: first.number, last_row: second.map_or(first.number, |row| row.number), columns }
}

/// The second row of a header: each of its cells is a mode or another header, and at least one stands below a group.
fn second_row(rows: &[Row], at: usize) -> Option<&Row> {
    let (first, second) = (&rows[at], rows.get(at + 1)?);
    let own =
        || second.cells.iter().enumerate().filter(|(_, cell)| cell.origin == Origin::Own && !cell.value.is_empty());
    let is_header = |value: &Value| field_of(&value.text()).is_some();
    let is_below_group = |column: usize| {
        let above = first.cells.get(column);
        let merged = above.is_some_and(|cell| cell.origin == Origin::MergedRight);
        let value = first.value(column);
        merged || value.is_empty() || field_of(&value.text()).is_some_and(|(field, _)| field == Field::Mode)
    };
    let has_mode = own().any(|(column, cell)| mode_of(&cell.value.text()).is_some() && is_below_group(column));
    (second.number == first.number + 1 && has_mode && own().all(|(_, cell)| is_header(&cell.value))).then_some(second)
}

fn one_line(value: &Value) -> String {
    value.text().split(['\n', '\r', '\t']).map(str::trim).collect()
}

/// The part of a two-row header that stands in the second row.
pub(crate) fn lower_part(header: &str) -> &str {
    header.rsplit_once(" / ").map_or(header, |(_, lower)| lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::cell::Cell;

    fn rows(texts: &[&[&str]]) -> Vec<Row> {
        let row = |(i, texts): (usize, &&[&str])| Row {
            number: u32::try_from(i).expect("few") + 1,
            cells: texts.iter().map(|text| Cell::own(Value::of_text(text))).collect(),
        };
        texts.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_header_is_found_below_titles() {
        let rows = rows(&[
            &["附件1"],
            &["跨域通办事项清单"],
            &["序号", "事项名称", "通办方式"],
            &["1", "婚姻登记", "全程网办"],
        ]);
        let header = find(&rows, None).expect("a header");
        assert_eq!((header.row, header.last_row), (3, 3));
        assert_eq!(header.columns, ["序号", "事项名称", "通办方式"]);
        assert_eq!(header.shape(), "序号\n事项名称\n通办方式");
        assert_eq!(find(&rows, Some(4)).map(|header| header.columns[1].clone()).as_deref(), Some("婚姻登记"));
        assert_eq!(find(&rows[..2], None), None);
    }

    #[test]
    fn a_header_may_have_two_rows() {
        let rows = rows(&[
            &["序号", "事项名称", "通办方式", "", "", "备注"],
            &["", "", "全程网办", "代收代办", "多地联办", ""],
            &["1", "婚姻登记", "√", "", "√", ""],
        ]);
        let header = find(&rows, None).expect("a header");
        assert_eq!((header.row, header.last_row), (1, 2));
        assert_eq!(header.columns[2..], ["通办方式 / 全程网办", "通办方式 / 代收代办", "通办方式 / 多地联办", "备注"]);
    }

    #[test]
    fn a_row_of_data_is_no_second_row() {
        let rows = rows(&[&["事项名称", "通办方式"], &["婚姻登记", "全程网办"]]);
        assert_eq!(find(&rows, None).map(|header| header.last_row), Some(1));
    }
}
