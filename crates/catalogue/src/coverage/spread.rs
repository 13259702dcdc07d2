//! Counts of available matters and routes: for one matter, and for pairs of districts.

use domain::{Date, District, DistrictCode, HandlingMode, MatterCode};
use roaring::RoaringBitmap;

use crate::bits::Positions;
use crate::coverage::availability::all_of;
use crate::coverage::clauses::ApplicableClause;
use crate::coverage::one_sided::{OneSided, OneSidedClause, OtherSide};
use crate::coverage::question::{Question, QuestionScope};
use crate::handle::{Handle, Kept};
use crate::snapshot::Snapshot;

/// How widely a matter is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    pub competent_districts: usize,
    /// The number of clauses times pairs of districts.
    pub routes: usize,
}

/// The available matters of an ordered pair of districts.
#[derive(Debug, Clone)]
pub struct CoverageCell {
    pub receiving: Kept<District>,
    pub competent: Kept<District>,
    pub total: usize,
    pub modes: Vec<(HandlingMode, usize)>,
}

impl Snapshot {
    /// How widely a matter is available.
    pub fn spread(&self, question: &Question, matter: MatterCode) -> Spread {
        let mut spread = Spread { competent_districts: 0, routes: 0 };
        let (Ok(resolved), Some(m)) = (self.resolve_question(question), self.matter_handle(matter)) else {
            return spread;
        };
        if !self.matter_at(m).matter.is_active(resolved.on) {
            return spread;
        }
        let opens = |district, needs_offering: bool| {
            self.opens(district, m, needs_offering || question.with_guide, resolved.on)
        };
        match resolved.scope_of_question() {
            QuestionScope::Two(between) => {
                let open = self.applicable_clauses(&between);
                let is_about = |(clause, matters): &(&ApplicableClause<'_>, Positions<'_>)| {
                    question.wants(clause.mode) && matters.contains(m)
                };
                let through = open
                    .iter()
                    .filter(is_about)
                    .filter(|(clause, _)| opens(between.competent, clause.needs_offering()));
                spread.routes = through.count();
                spread.competent_districts = usize::from(spread.routes > 0);
            }
            QuestionScope::One(one) => {
                let mut competent = RoaringBitmap::new();
                for clause in self.one_sided_clauses_about(&one, question, m) {
                    let pairs = clause.others.districts().map(|other| one.with(other).1);
                    let through: Vec<Handle> =
                        pairs.filter(|district| opens(*district, clause.needs_offering)).collect();
                    spread.routes += through.len();
                    competent.extend(through);
                }
                spread.competent_districts = competent.len() as usize;
            }
            QuestionScope::Nobody => {}
        }
        spread
    }

    /// The number of matters of each of some districts that are available in one district, by mode.
    pub fn coverage(&self, receiving: DistrictCode, districts: &[DistrictCode], on: Date) -> Vec<CoverageCell> {
        let Some(receiver) = self.district_handle(receiving) else { return Vec::new() };
        let known = districts.iter().filter_map(|code| Some((*code, self.district_handle(*code)?)));
        let others = known.filter(|(_, handle)| *handle != receiver);
        let cell = |(competent, handle): (DistrictCode, Handle)| {
            let (total, modes) = self.counts_between(receiving, competent, on);
            let district = |handle| self.district_at(handle).district.clone();
            CoverageCell { receiving: district(receiver), competent: district(handle), total, modes }
        };
        others.map(cell).collect()
    }

    /// The number of available matters between two districts, in total and by mode.
    pub(crate) fn counts_between(
        &self,
        receiving: DistrictCode,
        competent: DistrictCode,
        on: Date,
    ) -> (usize, Vec<(HandlingMode, usize)>) {
        let question = Question::unfiltered(Some(receiving), Some(competent), on);
        let Ok(resolved) = self.resolve_question(&question) else { return (0, Vec::new()) };
        let by_mode = self.open_by_mode(&resolved, &self.open(&resolved), false);
        let counts =
            by_mode.iter().filter(|(_, matters)| !matters.is_empty()).map(|(mode, matters)| (*mode, matters.len()));
        (all_of(by_mode.values()).len(), counts.collect())
    }

    fn one_sided_clauses_about(&self, one: &OneSided<'_>, question: &Question, m: Handle) -> Vec<OneSidedClause<'_>> {
        let mut clauses = self.one_sided_clauses(one, OtherSide::Listed);
        clauses.retain(|clause| clause.is_about(question, m));
        clauses
    }
}
