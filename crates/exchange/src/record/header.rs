//! The header of a list of records: where it is, which kind of record the rows are, and the field of each column.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::LazyLock;

use domain::text::quoted;
use domain::{Message, Problem, ProblemCode, Problems};

use super::column::{RecordColumn, label};
use super::kind::ListKind;
use super::options::Options;
use crate::sheet::cell::Row;
use crate::value::narrow::folded;

/// A header and what its columns give.
#[derive(Debug, Clone)]
pub(super) struct RecordHeader {
    pub(super) row: u32,
    pub(super) texts: Vec<String>,
    /// The path of the field of each column; `None`: it is not read.
    pub(super) paths: Vec<Option<String>>,
    /// `None`: a column says the type of each row.
    pub(super) kind: Option<ListKind>,
}

/// The names of all fields of lines.
static FIELDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(domain::record::fields);

impl RecordHeader {
    /// The header among the first rows of a sheet. `None`: there is none.
    pub(super) fn find(rows: &[Row], options: &Options) -> Option<Result<Self, Problems>> {
        let given = |row: &&Row| options.header_row.is_none_or(|number| row.number == number);
        let rows = rows.iter().filter(given);
        let headers: Vec<Self> = rows.filter_map(|row| Self::of(row, options)).collect();
        let best = headers.iter().map(Self::known).max()?;
        headers.into_iter().find(|header| header.known() == best).map(|header| header.checked(options))
    }

    /// The row as a header, if it names at least two fields.
    fn of(row: &Row, options: &Options) -> Option<Self> {
        let texts: Vec<String> =
            row.cells.iter().map(|cell| cell.value.text().split_whitespace().collect::<Vec<_>>().concat()).collect();
        let of_kind = |kind: Option<ListKind>| {
            let paths = texts.iter().map(|text| stated(text, options).or_else(|| path(kind, text)));
            Self { row: row.number, texts: texts.clone(), paths: once(paths), kind }
        };
        let typed = of_kind(None);
        let header = if typed.paths.iter().flatten().any(|path| path == "type") {
            typed
        } else {
            let kinds: Vec<ListKind> = options.kind.map_or_else(|| ListKind::ALL.to_vec(), |kind| vec![kind]);
            let all: Vec<Self> = kinds.into_iter().map(|kind| of_kind(Some(kind))).collect();
            let best = all.iter().map(Self::known).max()?;
            // Two kinds with the same columns: the caller has to say which is meant.
            let mut of_best = all.into_iter().filter(|header| header.known() == best);
            let first = of_best.next()?;
            if of_best.next().is_some() { Self { kind: None, ..first } } else { first }
        };
        (header.known() >= 2).then_some(header)
    }

    /// How many fields the columns give.
    fn known(&self) -> usize {
        self.paths.iter().flatten().count()
    }

    fn checked(self, options: &Options) -> Result<Self, Problems> {
        let missing = |(name, _): &&(String, String)| !self.texts.iter().any(|text| folded(text) == folded(name));
        let mut problems: Problems =
            options.columns.iter().filter(missing).map(|(name, _)| column_not_found(name, &self.texts)).collect();
        let is_typed = self.paths.iter().flatten().any(|path| path == "type");
        if self.kind.is_none() && !is_typed {
            problems.push(kind_unclear(self.row));
        }
        let has = |path: &str| {
            let is_default = options.defaults.iter().any(|(defaulted, _)| defaulted == path);
            is_default || self.paths.iter().flatten().any(|known| known == path)
        };
        let needed = self.kind.map(needed).unwrap_or_default();
        let missing: Vec<&str> = needed.iter().copied().filter(|path| !has(path)).collect();
        if problems.is_empty() && !missing.is_empty() {
            problems.push(columns_missing(self.row, &missing));
        }
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }
}

/// The fields without which no row of a list is a record.
fn needed(kind: ListKind) -> &'static [&'static str] {
    match kind {
        ListKind::District => &["code"],
        ListKind::Matter => &["code", "name"],
        ListKind::Offering => &["district"],
        ListKind::Window => &["district", "name", "address"],
    }
}

/// Each path once: of two columns with one field, the first is read.
fn once(paths: impl Iterator<Item = Option<String>>) -> Vec<Option<String>> {
    let mut known = BTreeSet::new();
    paths.map(|path| path.filter(|path| known.insert(path.clone()))).collect()
}

fn stated(text: &str, options: &Options) -> Option<String> {
    let name = folded(text);
    let named = options.columns.iter().find(|(header, _)| !name.is_empty() && folded(header) == name);
    named.map(|(_, path)| path.clone())
}

/// The path of the field that a header means in lists of a kind.
fn path(kind: Option<ListKind>, header: &str) -> Option<String> {
    let synonym = kind.and_then(|kind| RecordColumn::find(kind, header)).map(|column| column.path.to_owned());
    synonym.or_else(|| field_path(header))
}

/// The path of a field, as a caller states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath(pub String);

impl FromStr for FieldPath {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        field_path(text).map(Self).ok_or(())
    }
}

/// A path as lines have it: `authority.name`, whatever its case.
pub fn field_path(text: &str) -> Option<String> {
    let mut steps = text.trim().split('.').map(str::trim);
    let first = steps.next()?;
    let field = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(first))?;
    let rest: Vec<&str> = steps.collect();
    rest.iter().all(|step| !step.is_empty()).then(|| [&[*field], rest.as_slice()].concat().join("."))
}

fn column_not_found(name: &str, headers: &[String]) -> Problem {
    let name = quoted(name);
    let headers = headers.iter().filter(|header| !header.is_empty()).map(String::as_str).collect::<Vec<_>>().join("、");
    let headers = quoted(&headers);
    let message = Message::new(format!("表头没有“{name}”这一列"), format!("the header has no column “{name}”"));
    Problem::new(ProblemCode::NotFound, vec!["columns".to_owned()], "COLUMN_NOT_FOUND", message)
        .remedy(format!("表头有：{headers}"), format!("the header has: {headers}"))
}

fn kind_unclear(row: u32) -> Problem {
    let kinds = ListKind::ALL.map(ListKind::name).join("、");
    let message = Message::new(
        format!("从第 {row} 行的表头看不出是哪种记录"),
        format!("the header in row {row} does not tell which kind of record the rows are"),
    );
    Problem::invalid(vec!["kind".to_owned()], "KIND_UNCLEAR", message).remedy(
        format!("请用 --kind 指明（{kinds}），或加一列 type"),
        format!("say it by --kind ({}), or add a column type", ListKind::ALL.map(ListKind::name).join(", ")),
    )
}

fn columns_missing(row: u32, paths: &[&str]) -> Problem {
    let named = |path: &&str| format!("{}（{path}）", label(path).unwrap_or(path));
    let zh = paths.iter().map(named).collect::<Vec<_>>().join("、");
    let en = paths.join(", ");
    let message = Message::new(
        format!("第 {row} 行的表头缺少这些列：{zh}"),
        format!("the header in row {row} lacks the columns {en}"),
    );
    Problem::invalid(vec!["columns".to_owned()], "COLUMN_MISSING", message).remedy(
        "请补上列，或指明哪一列是它（columns），或给出所有行的值（defaults，命令行用 --set）",
        "add the columns, or say by columns which column it is, or the value of all rows by defaults (--set)",
    )
}

pub(super) fn not_found() -> Problem {
    let message = Message::new(
        "没有找到表头：前 40 行中没有记录的列名",
        "no header found: none of the first 40 rows has the columns of a kind of record",
    );
    Problem::invalid(vec!["headerRow".to_owned()], "HEADER_NOT_FOUND", message).remedy(
        "请用 --kind 与 --header-row 指明种类和表头所在的行，或下载模板填写",
        "say the kind and the row of the header by --kind and --header-row, or fill in a template",
    )
}
