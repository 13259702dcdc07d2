//! Which field each column gives: as the caller says, else by synonyms.

use domain::text::quoted;
use domain::{Message, Problem, ProblemCode, Problems};

use super::field::Field;
use super::find::{Header, lower_part};
use super::synonyms::field_of;
use crate::value::narrow::folded;

/// The fields of the columns, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    fields: Vec<Option<Field>>,
}

impl Mapping {
    /// Maps the columns of a header. A column that the caller names wins over the others.
    pub fn new(header: &Header, stated: &[(String, Field)]) -> Result<Self, Problems> {
        let mut fields = vec![None; header.columns.len()];
        let mut problems = Vec::new();
        for (name, field) in stated {
            match header.columns.iter().position(|column| is_named(column, name)) {
                Some(column) => fields[column] = Some(*field),
                None => problems.push(column_not_found(name, header)),
            }
        }
        let is_stated: Vec<bool> = fields.iter().map(Option::is_some).collect();
        for field in Field::ALL {
            let candidates = header.columns.iter().enumerate().filter_map(|(column, name)| {
                let (found, rank) = field_of(lower_part(name)).or_else(|| field_of(name))?;
                (found == field && !is_stated[column]).then_some((rank, column))
            });
            let best = candidates.min();
            if let Some((_, column)) = best.filter(|_| !fields.contains(&Some(field))) {
                fields[column] = Some(field);
            }
        }
        if problems.is_empty() { Ok(Self { fields }) } else { Err(problems) }
    }

    pub fn field(&self, column: usize) -> Option<Field> {
        self.fields.get(column).copied().flatten()
    }

    /// The column of a field.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|found| *found == Some(field))
    }

    pub fn has(&self, field: Field) -> bool {
        self.column(field).is_some()
    }

    /// The columns with marks for a mode.
    pub fn mode_marks(&self) -> impl Iterator<Item = (usize, domain::HandlingMode)> {
        self.fields.iter().enumerate().filter_map(|(column, field)| match field {
            Some(Field::ModeMark(mode)) => Some((column, *mode)),
            _ => None,
        })
    }
}

/// Whether a caller's name means the column: its whole header, or the lower part of it.
fn is_named(column: &str, name: &str) -> bool {
    let name = folded(name);
    !name.is_empty() && (folded(column) == name || folded(lower_part(column)) == name)
}

fn column_not_found(name: &str, header: &Header) -> Problem {
    let name = quoted(name);
    let columns = header.columns.iter().filter(|column| !column.is_empty()).map(String::as_str).collect::<Vec<_>>();
    let columns = columns.join("、");
    let columns = quoted(&columns);
    let message = Message::new(format!("表头没有“{name}”这一列"), format!("the header has no column “{name}”"));
    Problem::new(ProblemCode::NotFound, vec!["columns".to_owned()], "COLUMN_NOT_FOUND", message)
        .remedy(format!("表头有：{columns}"), format!("the header has: {columns}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(columns: &[&str]) -> Header {
        Header { row: 1, last_row: 1, columns: columns.iter().map(|column| (*column).to_owned()).collect() }
    }

    #[test]
    fn the_usual_name_of_a_field_wins() {
        let mapping = Mapping::new(&header(&["事项", "主项", "事项名称", "设定依据"]), &[]).expect("columns");
        assert_eq!(mapping.column(Field::Name), Some(2));
        assert_eq!((mapping.field(0), mapping.field(3)), (None, None));
    }

    #[test]
    fn the_caller_wins() {
        let stated = [("主 项".to_owned(), Field::Name), ("甲方".to_owned(), Field::Receiving)];
        let mapping = Mapping::new(&header(&["事项名称", "主项", "甲方"]), &stated).expect("columns");
        assert_eq!((mapping.column(Field::Name), mapping.column(Field::Receiving)), (Some(1), Some(2)));
        let problems = Mapping::new(&header(&["事项名称"]), &stated).expect_err("no such columns");
        assert_eq!((problems.len(), problems[0].rule), (2, "COLUMN_NOT_FOUND"));
    }
}
