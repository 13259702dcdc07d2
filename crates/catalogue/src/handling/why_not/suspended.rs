//! The matters that suspensions take away from two districts on a day.

use domain::Agreement;

use crate::between::{Between, different_pairs, parties_as, reference_version, term_of};
use crate::bits::Bits;
use crate::coverage::question::{Question, QuestionScope};
use crate::coverage::stops::Scoped;
use crate::entry::AgreementEntry;
use crate::handle::Kept;
use crate::handling::why_not::agreement::Examined;
use crate::snapshot::Snapshot;
use crate::version::ClauseEntry;

/// What suspensions take away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suspended {
    /// The number of matters that would be available without suspensions, and are not available by another basis.
    pub matters: usize,
    /// The suspensions, each as its agreement and its index there.
    pub suspensions: Vec<(Kept<Agreement>, usize)>,
}

impl Snapshot {
    /// What suspensions take away from the two districts of a question, without its filters. Nothing if it names only
    /// one district.
    pub fn suspended(&self, question: &Question) -> Suspended {
        let Ok(resolved) = self.resolve_question(question) else { return Suspended::default() };
        let QuestionScope::Two(between) = resolved.scope_of_question() else { return Suspended::default() };
        let (receiving, competent) = (between.receiving, between.competent);
        if receiving == competent
            || [receiving, competent].iter().any(|district| self.is_retired(*district, between.on))
        {
            return Suspended::default();
        }
        let mut matters = Bits::default();
        let mut suspensions: Vec<(Kept<Agreement>, usize)> = Vec::new();
        for entry in self.common_agreements(&between).into_iter().filter_map(|at| self.agreement_at(at)) {
            for (suspension, taken) in self.taken_by_suspensions(entry, &between) {
                matters |= &taken;
                suspensions.push((entry.agreement.clone(), suspension));
            }
        }
        if !suspensions.is_empty() {
            matters -= &self.all_available(question);
        }
        Suspended { matters: matters.len(), suspensions }
    }

    /// The indexes of the suspensions of an agreement that take matters from two districts, with these matters.
    fn taken_by_suspensions(&self, entry: &AgreementEntry, between: &Between<'_>) -> Vec<(usize, Bits)> {
        let on = between.on;
        let Some(at) = reference_version(entry, on).filter(|at| term_of(entry, *at).includes(on)) else {
            return Vec::new();
        };
        if entry.agreement.voided.is_some() {
            return Vec::new();
        }
        let resolved = &entry.versions[at];
        let examined = Examined { entry, at, on };
        let bound = |participations| {
            let mut parties = parties_as(resolved, participations);
            parties.retain(|(party, _)| examined.is_bound(*party));
            parties
        };
        let pairs = different_pairs(&bound(between.receiving_as), &bound(between.competent_as));
        let stops = self.stops(&entry.agreement, at, on, Scoped::AndWhole);
        let mut taken: Vec<(usize, Bits)> = Vec::new();
        for stop in stops.iter().filter(|stop| stop.meets(between)) {
            let stopped = |clause: usize, entry: &ClauseEntry<'_>| {
                pairs.iter().filter(|pair| examined.are_members(pair)).any(|pair| {
                    let (receiving, competent) = (pair.receiving.0, pair.competent.0);
                    entry.admits(receiving, competent) && stop.concerns(clause, receiving, competent)
                })
            };
            let matters: Bits = resolved
                .indexed_clauses()
                .filter(|(clause, entry)| entry.is_in_date(on) && stopped(*clause, entry))
                .flat_map(|(_, entry)| entry.matters.iter())
                .filter(|m| {
                    stop.lists(*m)
                        && self.matter_at(*m).matter.is_active(on)
                        && self.opens(between.competent, *m, false, on)
                })
                .collect();
            taken.push((stop.at, matters));
        }
        taken.retain(|(_, matters)| !matters.is_empty());
        taken
    }
}
