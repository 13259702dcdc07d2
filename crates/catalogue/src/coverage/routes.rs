//! The routes of available matters.

use std::collections::BTreeSet;
use std::hint::black_box;

use domain::MatterCode;
use smallvec::SmallVec;

use crate::between::Between;
use crate::bits::Bits;
use crate::coverage::availability::Available;
use crate::coverage::clauses::{ApplicableClause, ApplicableClauses, Source};
use crate::coverage::one_sided::{OneSided, OneSidedClause, OtherSide};
use crate::coverage::question::{Question, QuestionScope};
use crate::handle::Handle;
use crate::handling::route::{Detail, Route};
use crate::snapshot::Snapshot;
use crate::validity::Ancestry;

impl Snapshot {
    /// The routes of each of these matters, at most `limit` of each. Between two districts the best come first.
    pub fn routes(
        &self,
        question: &Question,
        available: &Available<'_>,
        matters: &[MatterCode],
        limit: usize,
        detail: Detail,
    ) -> Vec<Vec<Route>> {
        if matters.is_empty() {
            return Vec::new();
        }
        let Ok(resolved) = self.resolve_question(question) else { return vec![Vec::new(); matters.len()] };
        let places: Vec<Option<Handle>> = matters
            .iter()
            .map(|code| self.matter_handle(*code).filter(|m| self.matter_at(*m).matter.is_active(resolved.on)))
            .collect();
        match resolved.scope_of_question() {
            QuestionScope::Two(between) => {
                self.routes_between(&between, &available.open, question, &places, limit, detail)
            }
            QuestionScope::One(one) => {
                let clauses = self.one_sided_clauses(&one, OtherSide::Listed);
                let of_matter = |m: &Option<Handle>| {
                    m.map_or_else(Vec::new, |m| self.routes_of(&one, &clauses, question, m, limit, detail))
                };
                places.iter().map(of_matter).collect()
            }
            QuestionScope::Nobody => vec![Vec::new(); matters.len()],
        }
    }

    /// The routes of a matter from or to one district.
    fn routes_of(
        &self,
        one: &OneSided<'_>,
        clauses: &[OneSidedClause<'_>],
        question: &Question,
        m: Handle,
        limit: usize,
        detail: Detail,
    ) -> Vec<Route> {
        let on = one.on;
        // Pairs of the district with each district on the other side.
        let mut pairs = BTreeSet::new();
        for clause in clauses.iter().filter(|clause| clause.is_about(question, m)) {
            let needs_offering = clause.needs_offering || question.with_guide;
            let through = clause.others.districts().map(|other| one.with(other));
            pairs.extend(through.filter(|(_, competent)| self.opens(*competent, m, needs_offering, on)).take(limit));
        }
        let mut routes = Vec::new();
        for (receiving, competent) in pairs {
            let (receiving_as, competent_as) = (self.participations(receiving, on), self.participations(competent, on));
            let between =
                Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on };
            let open = self.applicable_clauses(&between);
            routes.extend(
                self.routes_between(&between, &open, question, &[Some(m)], limit - routes.len(), detail)
                    .into_iter()
                    .flatten(),
            );
            if routes.len() == limit {
                break;
            }
        }
        routes
    }

    /// The best routes of each of these matters between two districts. Each clause is scanned once for all matters.
    fn routes_between(
        &self,
        between: &Between<'_>,
        open: &ApplicableClauses<'_>,
        question: &Question,
        matters: &[Option<Handle>],
        limit: usize,
        detail: Detail,
    ) -> Vec<Vec<Route>> {
        let mut found = Vec::with_capacity(matters.len());
        let mut left = vec![limit; matters.len()];
        let mut wanted: Bits = matters.iter().flatten().copied().collect();
        for (clause, listed) in open.iter().filter(|(clause, _)| question.wants(clause.mode)) {
            if wanted.is_empty() || limit == 0 {
                break;
            }
            let needs_offering = clause.needs_offering() || question.with_guide;
            for m in listed.iter() {
                if wanted.contains(m) && self.opens(between.competent, m, needs_offering, between.on) {
                    let at = matters.iter().position(|matter| *matter == Some(m)).expect("the matter was requested");
                    found.push((at, m, clause));
                    left[at] -= 1;
                    if left[at] == 0 {
                        wanted.remove(m);
                    }
                }
            }
        }
        self.fetch(found.iter().map(|(.., clause)| *clause));
        let mut routes = vec![Vec::new(); matters.len()];
        let ancestry = if detail >= Detail::Dated && !found.is_empty() {
            self.ancestry(between.receiving, between.competent)
        } else {
            Ancestry::default()
        };
        for (at, m, clause) in found {
            routes[at].push(self.route(clause, between, m, &ancestry, detail));
        }
        routes
    }

    /// Prefetches the agreements of routes level by level, so that their cache misses overlap.
    fn fetch<'a>(&self, clauses: impl Iterator<Item = &'a ApplicableClause<'a>>) {
        let of = |clause: &ApplicableClause<'_>| match clause.source {
            Source::Agreement { at, version, .. } => Some((self.file_at(at)?, version)),
            Source::Policy(_) => None,
        };
        let files: SmallVec<[_; 32]> = clauses.filter_map(of).collect();
        let agreements: SmallVec<[_; 32]> =
            files.iter().map(|(file, version)| (&*file.whole.agreement, *version)).collect();
        let versions: SmallVec<[_; 32]> =
            agreements.iter().filter_map(|(agreement, version)| agreement.versions.get(*version)).collect();
        let titles: SmallVec<[&str; 32]> = versions.iter().map(|version| &*version.title).collect();
        black_box(titles.iter().fold(0, |read, title| read ^ title.as_bytes().first().copied().unwrap_or_default()));
    }
}
