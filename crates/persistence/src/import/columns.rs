//! Maps the header of a table to fields.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use csv::ByteRecord;
use domain::text::quoted;
use domain::{Message, Problem};

use super::fault;

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// The path of the field.
    Field(Vec<String>),
    /// A column without a name, whose cells must be blank.
    Unnamed,
    /// An unknown field, which was reported already.
    Unknown,
}

impl Column {
    pub(crate) fn is_type(&self) -> bool {
        matches!(self, Self::Field(steps) if steps.as_slice() == ["type"])
    }

    /// The problem of a cell whose column is no field.
    pub(crate) fn told_of(&self, cell: &[u8], at: usize) -> Option<Problem> {
        let is_blank = std::str::from_utf8(cell).is_ok_and(|cell| cell.trim().is_empty());
        match self {
            Self::Unnamed if !is_blank => {
                let column = at + 1;
                let message = Message::new(
                    format!("第 {column} 列没有列名，但此行在该列有内容"),
                    format!("column {column} has no name but has content in this row"),
                );
                Some(
                    Problem::invalid(Vec::new(), "HEADER", message)
                        .remedy("请补上列名，或清空该列", "name the column, or empty it"),
                )
            }
            Self::Unnamed | Self::Unknown | Self::Field(_) => None,
        }
    }

    /// Reads a header: the columns and problems of single ones, or why it is unusable.
    pub(crate) fn all(record: &ByteRecord) -> Result<(Vec<Self>, Vec<Problem>), Vec<Problem>> {
        let (mut columns, mut problems) = (Vec::new(), Vec::new());
        for (i, cell) in record.iter().enumerate() {
            let name = match std::str::from_utf8(cell) {
                Ok(name) if i == 0 => name.trim_start_matches('\u{feff}').trim(),
                Ok(name) => name.trim(),
                Err(error) => return Err(vec![fault::not_utf8(error.valid_up_to() + 1)]),
            };
            let column = Self::named(name);
            let shown = quoted(name);
            match &column {
                Self::Field(_) if columns.contains(&column) => {
                    problems.push(header(&format!("the column {shown} stands twice"), &format!("{shown} 列重复")));
                }
                Self::Unknown => problems.push(unknown(name)),
                Self::Field(_) | Self::Unnamed => {}
            }
            columns.push(column);
        }
        if columns.iter().any(Self::is_type) {
            // With a duplicate name it is unclear which column is meant.
            return if problems.iter().any(|problem| problem.rule == "HEADER") {
                Err(problems)
            } else {
                Ok((columns, problems))
            };
        }
        problems.insert(0, header("there is no column type", "没有 type 列"));
        Err(problems)
    }

    /// The column with a name, regardless of case.
    fn named(name: &str) -> Self {
        if name.is_empty() {
            return Self::Unnamed;
        }
        let mut steps: Vec<String> = name.split('.').map(|step| step.trim().to_owned()).collect();
        match FIELDS.iter().find(|field| field.eq_ignore_ascii_case(&steps[0])) {
            Some(field) if steps.iter().all(|step| !step.is_empty()) => {
                steps[0] = (*field).to_owned();
                Self::Field(steps)
            }
            Some(_) | None => Self::Unknown,
        }
    }
}

/// The first step of a column's path.
static FIELDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(domain::record::fields);

pub(crate) fn header(en: &str, zh: &str) -> Problem {
    Problem::invalid(Vec::new(), "HEADER", Message::new(zh, en)).remedy(
        "首行应为列名，含 type 列，列名不重复",
        "the first line must have the column names, including type, each once",
    )
}

fn unknown(name: &str) -> Problem {
    let top = name.split('.').next().unwrap_or_default().trim().to_ascii_lowercase();
    let like = FIELDS
        .iter()
        .map(|field| (strsim::osa_distance(&field.to_ascii_lowercase(), &top), *field))
        .min()
        .filter(|(far, _)| *far <= 2);
    let shown = quoted(name);
    let message = Message::new(format!("没有“{shown}”这个字段"), format!("there is no field “{shown}”"));
    let problem = Problem::invalid(vec![shown.into_owned()], "UNKNOWN_COLUMN", message);
    match like {
        Some((_, field)) => problem.remedy(format!("是否应为 {field}？"), format!("did you mean {field}?")),
        None => problem.remedy("请改用字段名，或删去该列", "give the column the name of a field, or delete it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_clauses_and_derived_fields_are_accepted() {
        for column in [
            "agreement",
            "key",
            "receiving",
            "competent",
            "matters",
            "mode",
            "modeLabel",
            "terms",
            "batch",
            "id",
            "revision",
            "standing",
        ] {
            assert!(FIELDS.contains(column), "{column}");
        }
    }

    #[test]
    fn a_header_is_case_insensitive_and_typos_get_a_suggestion() {
        let columns = |cells: &[&str]| Column::all(&ByteRecord::from(cells));
        let field = |steps: &[&str]| Column::Field(steps.iter().map(|step| (*step).to_owned()).collect());
        assert_eq!(columns(&["\u{feff}Type", " Code ", "NAME", "", "provenance.source"]), {
            Ok((
                vec![
                    field(&["type"]),
                    field(&["code"]),
                    field(&["name"]),
                    Column::Unnamed,
                    field(&["provenance", "source"]),
                ],
                Vec::new(),
            ))
        });
        let (_, problems) = columns(&["type", "nmae"]).expect("a header");
        assert_eq!(
            (problems[0].rule, problems[0].remedy.as_ref().map(|remedy| remedy.en.as_str())),
            ("UNKNOWN_COLUMN", Some("did you mean name?"))
        );
        assert!(columns(&["code", "name"]).is_err() && columns(&["type", "code", "Code"]).is_err());
    }
}
