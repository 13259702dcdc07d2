//! Checks clauses that have lines of their own.

use std::collections::HashSet;

use domain::{AgreementClause, Message, Problem, ProblemCode, reading};
use serde_json::Value;

use super::Check;
use crate::import::fault::Location;
use crate::import::faulty::references;

impl Check<'_> {
    /// Clauses whose agreement is not in the files.
    pub(super) fn clauses_without_agreement(&mut self, joined: &HashSet<Location>) {
        let clauses = self.clauses.clone();
        for (name, at, clause) in clauses.all().filter(|(_, at, _)| !joined.contains(at)) {
            if let Some(name) = name {
                self.faults.push(at, no_such_agreement(name));
            }
            self.clause(at, clause);
        }
    }

    /// Checks a clause by itself if it is not read as a part of its agreement.
    pub(super) fn clause(&mut self, at: Location, clause: &Value) {
        let mut problems = Vec::new();
        reading::read(clause, &mut problems, AgreementClause::read);
        problems.into_iter().for_each(|problem| self.faults.push(at, problem));
        for reference in references(clause) {
            let problem = reference.dangling();
            self.named(at, reference, problem);
        }
    }
}

fn no_such_agreement(name: &str) -> Problem {
    let message = Message::new(
        format!("文件中没有 key 或编号为“{name}”的协议"),
        format!("there is no agreement with the key or number “{name}” in the files"),
    );
    Problem::new(ProblemCode::NotFound, vec!["agreement".to_owned()], "UNKNOWN_AGREEMENT", message).remedy(
        "请同时导入该协议的 agreement 行，或更正名称",
        "import the line of the agreement with it, or correct the name",
    )
}
