//! Suspensions, and what they stop.

use domain::Date;
use serde_json::Value;

use super::{Days, day, list, text};

pub(crate) struct Flag {
    /// The party that set it; none: the registry.
    pub(crate) party: Option<usize>,
    days: Days,
    cleared: Option<Date>,
    /// An empty list means everything.
    clauses: Vec<String>,
    matters: Vec<String>,
    receiving: Vec<usize>,
    competent: Vec<usize>,
}

impl Flag {
    pub(super) fn read(line: &Value, place: impl Fn(&Value) -> usize) -> Self {
        let scope = &line["scope"];
        Self {
            party: line.get("party").map(&place),
            days: Days::of(line, "since", "until"),
            cleared: day(&line["clearedOn"]),
            clauses: list(&scope["clauses"]).iter().map(text).collect(),
            matters: list(&scope["matters"]).iter().map(text).collect(),
            receiving: list(&scope["receiving"]).iter().map(&place).collect(),
            competent: list(&scope["competent"]).iter().map(&place).collect(),
        }
    }

    pub(crate) fn has_scope(&self) -> bool {
        !(self.clauses.is_empty() && self.matters.is_empty() && self.receiving.is_empty() && self.competent.is_empty())
    }

    pub(super) fn applies(&self, on: Date) -> bool {
        self.days.has(on) && self.cleared.is_none_or(|cleared| on < cleared)
    }

    /// Whether it stops a matter of a clause between two districts, through two parties. `lies`: whether a district is
    /// another one, or lies below it.
    pub(super) fn stops(
        &self,
        (clause, matter): (&str, &str),
        (receiving, receiving_as): (usize, usize),
        (competent, competent_as): (usize, usize),
        lies: impl Fn(usize, usize) -> bool,
    ) -> bool {
        let has = |listed: &[String], one: &str| listed.is_empty() || listed.iter().any(|other| other == one);
        let includes =
            |named: &[usize], district: usize| named.is_empty() || named.iter().any(|above| lies(*above, district));
        self.party.is_none_or(|party| party == receiving_as || party == competent_as)
            && has(&self.clauses, clause)
            && has(&self.matters, matter)
            && includes(&self.receiving, receiving)
            && includes(&self.competent, competent)
    }
}
