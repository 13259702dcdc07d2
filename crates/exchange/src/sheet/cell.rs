//! Cells and rows of a sheet.

use std::borrow::Cow;
use std::sync::Arc;

use domain::Date;

/// Columns that are read. Content beyond them is refused.
pub const MAX_COLUMNS: u32 = 200;
/// Rows of a sheet, which is the limit of the format.
pub const MAX_ROWS: u32 = 1_048_576;

/// The value of a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    Empty,
    Text(Arc<str>),
    Number(f64),
    Date(Date),
    Bool(bool),
    /// An error of the spreadsheet program: `#N/A`.
    Error(Arc<str>),
    /// A formula that was saved without its result.
    FormulaWithoutValue,
}

impl Value {
    /// A text, or `Empty` if it is blank.
    pub fn of_text(text: &str) -> Self {
        if text.trim().is_empty() { Self::Empty } else { Self::Text(text.into()) }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The value as text, as a spreadsheet program would show it without a format.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty | Self::FormulaWithoutValue => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number_text(*number)),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Bool(true) => Cow::Borrowed("TRUE"),
            Self::Bool(false) => Cow::Borrowed("FALSE"),
        }
    }
}

/// Whole numbers have no fraction, and numbers beyond the precision of spreadsheet programs are in scientific notation.
fn number_text(number: f64) -> String {
    if number.abs() >= 1e15 { format!("{number:E}").replace('E', "E+") } else { format!("{number}") }
}

/// Where the value of a cell comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The cell itself.
    #[default]
    Own,
    /// The cell to the left, merged with this one.
    MergedRight,
    /// The cell above, merged with this one.
    MergedDown,
}

/// A cell of a row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    pub value: Value,
    pub origin: Origin,
}

impl Cell {
    pub fn own(value: Value) -> Self {
        Self { value, origin: Origin::Own }
    }
}

/// A row of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The number that the spreadsheet program shows. In a text table the first record is row 1.
    pub number: u32,
    /// From the first column on. Missing cells at the end are empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The value in a column, counted from 0.
    pub fn value(&self, column: usize) -> &Value {
        self.cells.get(column).map_or(&Value::Empty, |cell| &cell.value)
    }

    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.value.is_empty())
    }

    /// The filled cells, a merged area counted once.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &Cell)> {
        let cells = self.cells.iter().enumerate();
        cells.filter(|(_, cell)| !cell.value.is_empty() && cell.origin != Origin::MergedRight)
    }
}

/// The letters of a column, counted from 0: `A`, `Z`, `AA`.
pub fn column_letters(column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), column + 1);
    while rest > 0 {
        rest -= 1;
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        rest /= 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        let letters: Vec<String> = [0, 25, 26, 199, 16_383].into_iter().map(column_letters).collect();
        assert_eq!(letters, ["A", "Z", "AA", "GR", "XFD"]);
    }

    #[test]
    fn numbers_are_shown_without_a_fraction_that_is_not_there() {
        for (number, text) in [(440_115.0, "440115"), (5.5, "5.5"), (511_602_000_000.0, "511602000000")] {
            assert_eq!(Value::Number(number).text(), text);
        }
        assert_eq!(Value::Number(5.11e30).text(), "5.11E+30");
        assert_eq!(Value::of_text(" \u{3000}"), Value::Empty);
    }
}
