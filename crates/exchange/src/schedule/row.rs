//! Reads one row of data.

use domain::import::Verdict;
use domain::offering::DayKind;
use domain::{HandlingMode, Message, Period, Problem, ProblemCode};

use super::carry::Carried;
use super::entry::Entry;
use super::options::Options;
use super::problem::CellProblem;
use super::report::ScheduleRow;
use super::sides;
use crate::header::field::Field;
use crate::header::find::Header;
use crate::header::mapping::Mapping;
use crate::matching::{self, Match, MatterIndex};
use crate::sheet::cell::{Row, Value, column_letters};
use crate::side::{PartyIndex, side};
use crate::value::code::{MATTER_CODE_LENGTH, code};
use crate::value::date::date;
use crate::value::days::{Days, days};
use crate::value::flag::flag;
use crate::value::line::{line, lines};
use crate::value::mode::modes;

/// What the rows of a sheet have in common.
#[derive(Clone, Copy)]
pub(crate) struct RowReader<'a> {
    pub(crate) header: &'a Header,
    pub(crate) mapping: &'a Mapping,
    pub(crate) options: &'a Options,
    pub(crate) matters: &'a dyn MatterIndex,
    pub(crate) parties: &'a dyn PartyIndex,
}

impl RowReader<'_> {
    pub(crate) fn read(&self, row: &Row, carried: &Carried) -> ScheduleRow {
        let mut cells = Cells { reader: self, row, carried, problems: Vec::new(), hints: Vec::new() };
        let name = cells.read(Field::Name, |value| line(value, 300)).flatten();
        let code = cells.read(Field::Matter, |value| code(value, MATTER_CODE_LENGTH)).flatten();
        let text = name.clone().or_else(|| code.clone()).unwrap_or_else(|| cells.shown());
        let has_matter = name.is_some() || code.is_some();
        if !has_matter && cells.problems.is_empty() {
            cells.whole_row(matter_missing());
        }
        let mut read = ScheduleRow {
            row: row.number,
            verdict: Verdict::Error,
            text,
            matter: None,
            candidates: Vec::new(),
            problems: Vec::new(),
            entry: None,
            clauses: Vec::new(),
            changes: Vec::new(),
        };
        let found =
            has_matter.then(|| matching::matter(self.matters, &self.options.choices, code.as_deref(), name.as_deref()));
        if found == Some(Match::Skipped) {
            return ScheduleRow { verdict: Verdict::Skip, ..read };
        }
        let terms = cells.terms();
        let is_readable = cells.problems.is_empty();
        read.problems = cells.problems;
        read.problems.append(&mut cells.hints);
        let column = if name.is_some() { Field::Name } else { Field::Matter };
        let mut note = |problem: Problem| read.problems.push(self.cell_problem(row, column, problem));
        match found {
            Some(Match::Found { code, notice }) => {
                notice.into_iter().for_each(&mut note);
                read.matter = Some(code);
                read.verdict = if is_readable { Verdict::Create } else { Verdict::Error };
                read.entry = terms.filter(|_| is_readable).map(|terms| Entry { matter: code, ..terms });
            }
            Some(Match::Confirm { candidates, problem }) => {
                note(problem);
                read.candidates = candidates;
                read.verdict = if is_readable { Verdict::Confirm } else { Verdict::Error };
            }
            Some(Match::Unknown { candidates, problem }) => {
                note(problem);
                read.candidates = candidates;
                read.verdict = if is_readable { Verdict::Unknown } else { Verdict::Error };
            }
            Some(Match::Skipped) | None => {}
        }
        read
    }

    fn cell_problem(&self, row: &Row, field: Field, problem: Problem) -> CellProblem {
        let column = self.mapping.column(field);
        self.problem_at(row, column, field, row.value(column.unwrap_or(usize::MAX)), problem)
    }

    fn problem_at(
        &self,
        row: &Row,
        column: Option<usize>,
        field: Field,
        value: &Value,
        problem: Problem,
    ) -> CellProblem {
        let letters = column.and_then(|column| u32::try_from(column).ok()).map(column_letters);
        let path = if problem.path.is_empty() { vec![field.name().to_owned()] } else { problem.path };
        CellProblem {
            row: row.number,
            column: column.and_then(|column| self.header.columns.get(column)).cloned(),
            address: letters.map(|letters| format!("{letters}{}", row.number)),
            value: Some(domain::text::quoted(value.text().trim()).into_owned()),
            problem: Problem { path, ..problem },
        }
    }
}

/// The cells of one row, and their problems.
struct Cells<'a> {
    reader: &'a RowReader<'a>,
    row: &'a Row,
    carried: &'a Carried,
    problems: Vec<CellProblem>,
    /// Problems of fields that a schedule does not keep: the row is usable all the same.
    hints: Vec<CellProblem>,
}

impl Cells<'_> {
    /// The value of a field: of its cell, of a cell above that spans the row, or the default.
    fn value(&self, field: Field) -> Value {
        let own = self.reader.mapping.column(field).map_or(&Value::Empty, |column| self.row.value(column));
        if !own.is_empty() {
            return own.clone();
        }
        if let Some(carried) = self.carried.value(field) {
            return carried.clone();
        }
        let default = self.reader.options.defaults.iter().find(|(defaulted, _)| *defaulted == field);
        default.map_or(Value::Empty, |(_, text)| Value::of_text(text))
    }

    /// What names the matter, though it cannot be read.
    fn shown(&self) -> String {
        let texts = [Field::Name, Field::Matter].map(|field| self.value(field).text().trim().to_owned());
        let text = texts.iter().find(|text| !text.is_empty()).map_or("", String::as_str);
        domain::text::quoted(text).into_owned()
    }

    /// Reads a field; `None` with a problem.
    fn read<T>(&mut self, field: Field, read: impl FnOnce(&Value) -> Result<T, Problem>) -> Option<T> {
        let value = self.value(field);
        let column = self.reader.mapping.column(field);
        self.read_value(column, field, &value, read)
    }

    /// Reads a field that a schedule does not keep.
    fn read_aside<T>(&mut self, field: Field, read: impl FnOnce(&Value) -> Result<T, Problem>) -> Option<T> {
        let blocking = self.problems.len();
        let value = self.read(field, read);
        self.hints.extend(self.problems.drain(blocking..));
        value
    }

    fn read_value<T>(
        &mut self,
        column: Option<usize>,
        field: Field,
        value: &Value,
        read: impl FnOnce(&Value) -> Result<T, Problem>,
    ) -> Option<T> {
        match read(value) {
            Ok(read) => Some(read),
            Err(problem) => {
                self.problems.push(self.reader.problem_at(self.row, column, field, value, problem));
                None
            }
        }
    }

    fn whole_row(&mut self, problem: Problem) {
        self.problems.push(CellProblem { row: self.row.number, column: None, address: None, value: None, problem });
    }

    /// Everything but the matter.
    fn terms(&mut self) -> Option<Entry> {
        let modes = self.modes();
        let parties = self.reader.parties;
        let receiving = self.read(Field::Receiving, |value| side(value, parties));
        let competent = self.read(Field::Competent, |value| side(value, parties));
        let sides = receiving.zip(competent).and_then(|(receiving, competent)| {
            let completed = sides::complete(receiving, competent, parties.parties(), self.reader.options.direction);
            completed.map_err(|problem| self.whole_row(problem)).ok()
        });
        let mode_label = self.read(Field::ModeLabel, |value| line(value, 60)).flatten().map(Into::into);
        let days = self.read_aside(Field::PromisedDays, days).flatten().map(|days| self.with_unit_of_header(days));
        let remark = self.read_aside(Field::Remark, |value| lines(value, 2_000)).flatten().map(Into::into);
        let key = self.read(Field::Key, |value| line(value, 80)).flatten().map(Into::into);
        let batch = self.read(Field::Batch, |value| line(value, 200)).flatten().map(Into::into);
        let period =
            Period::new(self.read(Field::ValidFrom, date).flatten(), self.read(Field::ValidTo, date).flatten());
        if period.is_backwards() {
            self.whole_row(dates_backwards());
        }
        let (receiving, competent) = sides?;
        let matter = domain::MatterCode::UNREAD;
        let modes = modes?;
        Some(Entry { matter, modes, mode_label, receiving, competent, days, remark, key, batch, period })
    }

    /// The modes of the cell of modes and of the marked columns.
    fn modes(&mut self) -> Option<Vec<HandlingMode>> {
        let before = self.problems.len();
        let mut found = self.read(Field::Mode, modes).unwrap_or_default();
        for (column, mode) in self.reader.mapping.mode_marks() {
            let value = self.row.value(column);
            let is_marked = self.read_value(Some(column), Field::ModeMark(mode), value, flag).flatten();
            if is_marked == Some(true) && !found.contains(&mode) {
                found.push(mode);
            }
        }
        if found.is_empty() && self.problems.len() == before {
            self.whole_row(mode_missing());
        }
        (!found.is_empty()).then_some(found)
    }

    /// A number without a unit has that of the header: 办理时限（工作日）.
    fn with_unit_of_header(&self, days: Days) -> Days {
        let column = self.reader.mapping.column(Field::PromisedDays);
        let header = column.and_then(|column| self.reader.header.columns.get(column)).map_or("", String::as_str);
        let unit = if header.contains("工作日") {
            Some(DayKind::WorkingDay)
        } else {
            (header.contains('天') || header.contains("自然日")).then_some(DayKind::CalendarDay)
        };
        Days { kind: days.kind.or(unit), ..days }
    }
}

fn matter_missing() -> Problem {
    let message = Message::new("没有事项名称或基本编码", "the row has neither a name nor a code of a matter");
    Problem::invalid(vec!["name".to_owned()], "MATTER_MISSING", message)
        .remedy("请填写事项名称或基本编码，或删去此行", "write the name or the code, or delete the row")
}

fn mode_missing() -> Problem {
    let message = Message::new("没有通办方式", "the handling mode is missing");
    Problem::invalid(vec!["mode".to_owned()], "MODE_MISSING", message)
        .remedy("请填写通办方式，或给出默认值", "write the handling mode, or give a default")
}

fn dates_backwards() -> Problem {
    let message = Message::new("失效日期早于生效日期", "the last day is before the first");
    Problem::new(ProblemCode::Invalid, vec!["validTo".to_owned()], "DATES_BACKWARDS", message)
        .remedy("请核对两个日期", "check both dates")
}
