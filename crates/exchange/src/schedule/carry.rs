//! Carries values down over blank cells, in columns that may span rows.

use std::collections::BTreeMap;

use crate::header::field::Field;
use crate::header::mapping::Mapping;
use crate::sheet::cell::{Row, Value};

/// The values that stand above.
#[derive(Debug)]
pub(crate) struct Carried {
    columns: Vec<(usize, Field)>,
    values: BTreeMap<Field, Value>,
}

impl Carried {
    /// `merged_down` are columns whose merged cells say what spans rows: nothing is carried in them.
    pub(crate) fn new(mapping: &Mapping, fill_down: bool, merged_down: &[usize]) -> Self {
        let fields = Field::ALL.into_iter().filter(|field| fill_down && field.spans_rows());
        let columns = fields.filter_map(|field| Some((mapping.column(field)?, field)));
        let columns = columns.filter(|(column, _)| !merged_down.contains(column)).collect();
        Self { columns, values: BTreeMap::new() }
    }

    /// Takes note of the values of a row of data.
    pub(crate) fn take(&mut self, row: &Row) {
        for (column, field) in &self.columns {
            let value = row.value(*column);
            if !value.is_empty() {
                self.values.insert(*field, value.clone());
            }
        }
    }

    /// A new section begins.
    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }

    pub(crate) fn value(&self, field: Field) -> Option<&Value> {
        self.values.get(&field)
    }
}
