//! Merged areas: their value stands in the first cell only, and is filled into the others, never beyond the area.

use calamine::Dimensions;

use super::cell::{Cell, MAX_COLUMNS, Origin, Row, Value};

/// Merged areas of one sheet that may cross one row. More are not in a file that a spreadsheet program wrote.
const MAX_CROSSING: usize = 1_000;

/// An area of cells, rows counted from 1 and columns from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Area {
    first_row: u32,
    first_column: u32,
    last_row: u32,
    last_column: u32,
}

/// The merged areas of a sheet, in the order of their first rows.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    areas: Vec<Area>,
    next: usize,
    open: Vec<(Area, Value)>,
}

/// Too many areas cross one row.
#[derive(Debug)]
pub(crate) struct TooManyAreas;

impl Merged {
    pub(crate) fn new(areas: &[Dimensions]) -> Self {
        let mut areas: Vec<Area> = areas
            .iter()
            .map(|area| Area {
                first_row: area.start.0.saturating_add(1),
                first_column: area.start.1,
                last_row: area.end.0.saturating_add(1),
                last_column: area.end.1.min(MAX_COLUMNS - 1),
            })
            .filter(|area| area.first_row <= area.last_row && area.first_column <= area.last_column)
            .collect();
        areas.sort_unstable();
        Self { areas, next: 0, open: Vec::new() }
    }

    /// The columns that have an area of several rows and one column.
    pub(crate) fn columns_merged_down(&self) -> Vec<usize> {
        let down = self.areas.iter().filter(|area| area.first_row < area.last_row);
        let mut columns: Vec<usize> =
            down.filter(|area| area.first_column == area.last_column).map(|area| area.first_column as usize).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// Fills the cells of the areas that cross the row. Rows must come in their order.
    pub(crate) fn fill(&mut self, row: &mut Row) -> Result<(), TooManyAreas> {
        self.open.retain(|(area, _)| area.last_row >= row.number);
        while let Some(area) = self.areas.get(self.next).filter(|area| area.first_row <= row.number) {
            self.next += 1;
            // An area whose first row has no cells is empty.
            if area.first_row == row.number && (area.first_row < area.last_row || area.first_column < area.last_column)
            {
                self.open.push((*area, row.value(area.first_column as usize).clone()));
            }
            if self.open.len() > MAX_CROSSING {
                return Err(TooManyAreas);
            }
        }
        for (area, value) in self.open.iter().filter(|(_, value)| !value.is_empty()) {
            let (first, last) = (area.first_column as usize, area.last_column as usize);
            if row.cells.len() <= last {
                row.cells.resize(last + 1, Cell::default());
            }
            for (column, cell) in row.cells.iter_mut().enumerate().take(last + 1).skip(first) {
                if cell.value.is_empty() {
                    let origin = if column > first { Origin::MergedRight } else { Origin::MergedDown };
                    *cell = Cell { value: value.clone(), origin };
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, texts: &[&str]) -> Row {
        Row { number, cells: texts.iter().map(|text| Cell::own(Value::of_text(text))).collect() }
    }

    fn texts(row: &Row) -> Vec<String> {
        row.cells.iter().map(|cell| cell.value.text().into_owned()).collect()
    }

    #[test]
    fn a_value_fills_its_area_and_nothing_beyond() {
        let mut merged = Merged::new(&[Dimensions::new((1, 1), (2, 1)), Dimensions::new((0, 0), (0, 2))]);
        assert_eq!(merged.columns_merged_down(), [1]);
        let mut rows = [row(1, &["标题"]), row(2, &["1", "民政"]), row(3, &["2"]), row(4, &["3"])];
        for row in &mut rows {
            merged.fill(row).expect("few areas");
        }
        assert_eq!(texts(&rows[0]), ["标题", "标题", "标题"]);
        assert_eq!(rows[0].filled().count(), 1);
        assert_eq!(texts(&rows[2]), ["2", "民政"]);
        assert_eq!(rows[2].cells[1].origin, Origin::MergedDown);
        assert_eq!(texts(&rows[3]), ["3"]);
    }

    #[test]
    fn areas_that_all_cross_one_row_are_refused() {
        let areas: Vec<Dimensions> = (0..2_000).map(|_| Dimensions::new((0, 0), (1_000_000, 1))).collect();
        assert!(Merged::new(&areas).fill(&mut row(1, &["甲"])).is_err());
    }
}
