//! Finds rows that give a cell of the schedule twice.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use domain::import::Verdict;
use domain::{Message, Problem, ProblemCode};

use super::entry::ScheduleCell;
use super::problem::CellProblem;
use super::report::ScheduleRow;

/// The cells of the rows so far, each with the position of its first row.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    first: HashMap<ScheduleCell, usize>,
}

impl Repeated {
    /// Looks at the last row. If it repeats an earlier one with the same conditions, it is skipped; with other
    /// conditions both are errors.
    pub(crate) fn take_last(&mut self, rows: &mut [ScheduleRow]) {
        let Some((last, earlier_rows)) = rows.split_last_mut() else { return };
        let Some(entry) = last.entry.as_ref().filter(|_| last.verdict == Verdict::Create) else { return };
        let at = earlier_rows.len();
        let (mut other, mut same, mut new) = (None, None, 0);
        for (receiving, competent) in entry.directions() {
            for mode in &entry.modes {
                let cell = ScheduleCell { matter: entry.matter, receiving, competent, mode: *mode };
                match self.first.entry(cell) {
                    MapEntry::Vacant(vacant) => {
                        vacant.insert(at);
                        new += 1;
                    }
                    MapEntry::Occupied(known) => {
                        let earlier = earlier_rows.get(*known.get()).and_then(|row| row.entry.as_ref());
                        let is_same = earlier.is_some_and(|earlier| earlier.has_conditions_of(entry));
                        if is_same { same = Some(*known.get()) } else { other = Some(*known.get()) }
                    }
                }
            }
        }
        if let Some(earlier) = other {
            let (one, two) = (earlier_rows[earlier].row, last.row);
            refuse(&mut earlier_rows[earlier], two);
            refuse(last, one);
        } else if let Some(earlier) = same.filter(|_| new == 0) {
            last.verdict = Verdict::Skip;
            last.entry = None;
            last.problems.push(of_row(last.row, repeated(earlier_rows[earlier].row)));
        }
    }
}

/// The row is an error; the first other row is named.
fn refuse(row: &mut ScheduleRow, other: u32) {
    row.verdict = Verdict::Error;
    if !row.problems.iter().any(|problem| problem.problem.rule == RULE) {
        row.problems.push(of_row(row.row, contradiction(row.row, other)));
    }
}

const RULE: &str = "CELL_TWICE";

fn of_row(row: u32, problem: Problem) -> CellProblem {
    CellProblem { row, column: None, address: None, value: None, problem }
}

fn contradiction(row: u32, other: u32) -> Problem {
    let (first, second) = (row.min(other), row.max(other));
    let message = Message::new(
        format!("第 {first} 行与第 {second} 行是同一事项、方向和方式，约定却不同"),
        format!("rows {first} and {second} give the same matter, direction and mode under different conditions"),
    );
    Problem::new(ProblemCode::Conflict, vec!["name".to_owned()], RULE, message).remedy(
        "请保留其中一行，或改正其方式、方向、批次或日期",
        "keep one of them, or correct its mode, sides, batch or dates",
    )
}

fn repeated(earlier: u32) -> Problem {
    let message = Message::new(format!("与第 {earlier} 行重复"), format!("the same as row {earlier}"));
    Problem::new(ProblemCode::Conflict, vec!["name".to_owned()], "ROW_REPEATED", message)
        .remedy("无需处理，此行不再导入", "nothing to do: the row is left out")
}
