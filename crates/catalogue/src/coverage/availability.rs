//! Available matters between districts on a day, with facets. They are computed by intersecting bitmaps of matters;
//! pairs of districts are never stored.

use std::collections::BTreeMap;

use domain::{Audience, Date, HandlingMode, Matter, MatterCode, MatterDomain};

use crate::between::Between;
use crate::bits::{Bits, Positions};
use crate::coverage::clauses::ApplicableClauses;
use crate::coverage::matters::ApplicableMatters;
use crate::coverage::one_sided::{OneSided, OtherSide, Role};
use crate::coverage::question::{Question, QuestionScope, ResolvedQuestion};
use crate::derived_cache::CacheKey;
use crate::handle::{Handle, Kept};
use crate::handling::reason::Reason;
use crate::order::{Order, Slice, Sliced, UNPROMISED};
use crate::search::index::Within;
use crate::snapshot::Snapshot;

/// The result of a query.
#[derive(Debug, Clone)]
pub struct Available<'a> {
    /// The requested page.
    pub matters: Sliced<MatterCode, AvailableMatter>,
    /// Why nothing is available.
    pub reasons: Vec<Reason>,
    pub notices: Vec<Reason>,
    sets: FacetSets,
    /// Between two districts: the applicable clauses, for computing routes.
    pub(super) open: ApplicableClauses<'a>,
}

/// The sets of matters that facets count.
#[derive(Debug, Clone, Default)]
struct FacetSets {
    /// The available matters in each mode, without filters.
    by_mode: ByMode,
    /// The available matters in the requested modes.
    in_mode: Bits,
    of_domain: Option<Bits>,
    for_audience: Option<Bits>,
    found: Option<Bits>,
}

pub(crate) type ByMode = BTreeMap<HandlingMode, Bits>;

pub(super) fn all_of<'a>(sets: impl IntoIterator<Item = &'a Bits>) -> Bits {
    let mut all = Bits::default();
    sets.into_iter().for_each(|set| all |= set);
    all
}

impl FacetSets {
    fn all(&self) -> Bits {
        all_of(self.by_mode.values())
    }

    /// The matters that match all filters apart from the search.
    fn scope(&self) -> Bits {
        narrowed(self.in_mode.clone(), [&self.of_domain, &self.for_audience])
    }
}

/// Intersects with the given filters.
fn narrowed<const N: usize>(mut matters: Bits, to: [&Option<Bits>; N]) -> Bits {
    to.into_iter().flatten().for_each(|filter| matters &= filter);
    matters
}

#[derive(Debug, Clone)]
pub struct AvailableMatter {
    pub matter: Kept<Matter>,
    /// The modes in which it is available, best first.
    pub modes: Vec<HandlingMode>,
}

/// Facet counts over the whole result, each without its own filter. Zero counts are omitted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    pub modes: Vec<(HandlingMode, usize)>,
    pub domains: Vec<(MatterDomain, usize)>,
    pub audiences: Vec<(Audience, usize)>,
}

impl Available<'_> {
    fn nothing(reasons: Vec<Reason>) -> Self {
        Self {
            matters: Sliced::none(),
            reasons,
            notices: Vec::new(),
            sets: FacetSets::default(),
            open: ApplicableClauses::default(),
        }
    }
}

/// The non-zero counts by kind.
fn counts<K: Copy + Ord>(kinds: &BTreeMap<K, Bits>, of: &Bits) -> Vec<(K, usize)> {
    let counted = kinds.iter().map(|(kind, matters)| (*kind, of.in_common(matters)));
    counted.filter(|(_, count)| *count > 0).collect()
}

impl Snapshot {
    /// The available matters.
    pub fn available(&self, question: &Question, slice: &Slice<MatterCode>) -> Available<'_> {
        let resolved = match self.resolve_question(question) {
            Ok(resolved) => resolved,
            Err(unknown) => return Available::nothing(unknown),
        };
        let open = self.open(&resolved);
        let by_mode = self.open_by_mode(&resolved, &open, question.with_guide);
        let (matters, sets) = self.list(question, slice, &resolved, by_mode);
        let is_nothing = sets.by_mode.values().all(Bits::is_empty);
        let reasons = if is_nothing { self.reasons_for_nothing(&resolved, &open) } else { Vec::new() };
        Available { matters, reasons, notices: Vec::new(), sets, open }
    }

    /// All available matters, without filters.
    pub(crate) fn all_available(&self, question: &Question) -> Bits {
        let Ok(resolved) = self.resolve_question(question) else { return Bits::default() };
        all_of(self.open_by_mode(&resolved, &self.open(&resolved), question.with_guide).values())
    }

    /// Suggestions for a search without results.
    pub fn suggest_available(&self, question: &Question, available: &Available<'_>) -> Vec<String> {
        question
            .search
            .as_ref()
            .map_or_else(Vec::new, |query| self.suggestions_among(query, Within::These(&available.sets.scope())))
    }

    /// The applicable clauses of a query about two districts.
    pub(super) fn open(&self, resolved: &ResolvedQuestion) -> ApplicableClauses<'_> {
        if let QuestionScope::Two(between) = resolved.scope_of_question() {
            self.applicable_clauses(&between)
        } else {
            ApplicableClauses::default()
        }
    }

    /// The available matters in each mode.
    pub(super) fn open_by_mode(
        &self,
        resolved: &ResolvedQuestion,
        open: &ApplicableClauses<'_>,
        with_guide: bool,
    ) -> ByMode {
        match resolved.scope_of_question() {
            QuestionScope::Two(between) => self.open_between(&between, open, with_guide),
            QuestionScope::One(one @ OneSided { role: Role::Competent, district, participations, .. }) => {
                let key = CacheKey { competent: district, on: resolved.on, today: self.today };
                let openings = self.derived.matters.get_or_compute(key, self.agreements_as_of(participations), || {
                    let clauses = self.one_sided_clauses(&one, OtherSide::Exists);
                    let listed = clauses.iter().map(|clause| (clause.mode, clause.needs_offering, clause.matters()));
                    self.openings_of(listed, resolved.on).into()
                });
                self.offered_of(district, &openings, with_guide, resolved.on)
            }
            QuestionScope::One(one) => {
                let mut by_mode = ByMode::new();
                for clause in self.one_sided_clauses(&one, OtherSide::Listed) {
                    *by_mode.entry(clause.mode).or_default() |= &self.open_matters(&clause, with_guide, resolved.on);
                }
                by_mode
            }
            QuestionScope::Nobody => ByMode::new(),
        }
    }

    fn open_between(&self, between: &Between<'_>, open: &ApplicableClauses<'_>, with_guide: bool) -> ByMode {
        let listed = open.iter().map(|(clause, matters)| (clause.mode, clause.needs_offering(), matters));
        self.offered_of(between.competent, &self.openings_of(listed, between.on), with_guide, between.on)
    }

    /// The available matters between two districts, in each mode.
    pub(crate) fn matters_between(&self, between: &Between<'_>) -> ByMode {
        self.open_between(between, &self.applicable_clauses(between), false)
    }

    /// The matters of clauses, without retired ones.
    fn openings_of<'a>(
        &self,
        listed: impl Iterator<Item = (HandlingMode, bool, Positions<'a>)>,
        on: Date,
    ) -> Vec<ApplicableMatters> {
        let mut openings = ApplicableMatters::all(listed);
        if !self.retiring.is_empty() {
            let retired = self.retired_matters(on);
            openings.iter_mut().for_each(|opening| opening.matters -= &retired);
        }
        openings
    }

    pub(crate) fn retired_matters(&self, on: Date) -> Bits {
        self.retiring.iter().filter(|handle| !self.matter_at(*handle).matter.is_active(on)).collect()
    }

    /// The matters that the offerings of the competent district allow.
    fn offered_of(&self, competent: Handle, openings: &[ApplicableMatters], with_guide: bool, on: Date) -> ByMode {
        let mut by_mode = ByMode::new();
        if openings.is_empty() {
            return by_mode;
        }
        let offered = self.offered(competent, on);
        for ApplicableMatters { mode, needs_offering, matters } in openings {
            let mut through = matters.clone();
            if *needs_offering || with_guide {
                through &= &offered.published;
            } else {
                through -= &offered.withdrawn;
            }
            *by_mode.entry(*mode).or_default() |= &through;
        }
        by_mode
    }

    fn reasons_for_nothing(&self, resolved: &ResolvedQuestion, open: &ApplicableClauses<'_>) -> Vec<Reason> {
        match resolved.scope_of_question() {
            QuestionScope::Two(between) if between.receiving == between.competent => {
                vec![self.same_district(between.receiving)]
            }
            QuestionScope::Two(between) => {
                let reasons = self.reasons_between(&between);
                if reasons.is_empty() { vec![self.reason_below_the_basis(&between, open)] } else { reasons }
            }
            QuestionScope::One(one) if self.is_retired(one.district, resolved.on) => {
                vec![self.district_retired(one.district)]
            }
            QuestionScope::One(_) | QuestionScope::Nobody => Vec::new(),
        }
    }

    /// The reason if a basis is in force between the two but nothing is available.
    fn reason_below_the_basis(&self, between: &Between<'_>, open: &ApplicableClauses<'_>) -> Reason {
        let competent = between.competent;
        if !open.is_empty() {
            return self.nothing_offered(competent);
        }
        let only_there = !self.applicable_clauses(&between.reversed()).is_empty();
        if only_there { self.only_other_direction(competent) } else { self.nothing_in_date(competent) }
    }

    /// The facet counts of a result.
    pub fn facets(&self, available: &Available<'_>) -> Facets {
        let FacetSets { by_mode, in_mode, of_domain, for_audience, found } = &available.sets;
        let kinds = &self.matter_kinds;
        Facets {
            modes: counts(by_mode, &narrowed(available.sets.all(), [of_domain, for_audience, found])),
            domains: counts(&kinds.domains, &narrowed(in_mode.clone(), [for_audience, found])),
            audiences: counts(&kinds.audiences, &narrowed(in_mode.clone(), [of_domain, found])),
        }
    }

    /// Selects the requested page.
    fn list(
        &self,
        question: &Question,
        slice: &Slice<MatterCode>,
        resolved: &ResolvedQuestion,
        by_mode: ByMode,
    ) -> (Sliced<MatterCode, AvailableMatter>, FacetSets) {
        let wanted_modes = by_mode.iter().filter(|(mode, _)| question.wants(**mode));
        let in_mode = all_of(wanted_modes.map(|(_, matters)| matters));
        let of_domain = self.scope_of_matters(&question.domains, &[]);
        let for_audience = self.scope_of_matters(&[], &question.audiences);
        let mut sets = FacetSets { by_mode, in_mode, of_domain, for_audience, found: None };

        let ranked =
            question.search.as_ref().map(|query| self.matter_directory.names.find(query, Within::These(&sets.all())));
        sets.found = ranked.as_ref().map(|ranked| ranked.iter().map(|(at, _)| *at).collect());

        let scope = sets.scope();
        let directory = &self.matter_directory;
        let sliced = match (slice.order, ranked) {
            (Order::PromisedDays, _) => {
                let wanted = narrowed(scope, [&sets.found]);
                let days = self.shortest_promises(question, resolved, &wanted);
                directory.cut(slice, wanted.iter().map(|at| (at, days.get(&at).copied().unwrap_or(UNPROMISED))))
            }
            (Order::Relevance, Some(ranked)) => {
                let ranked = ranked.into_iter().filter(|(at, _)| scope.contains(*at));
                directory.cut(slice, ranked.map(|(at, rank)| (at, self.relevance(at, rank))))
            }
            (Order::Name | Order::Code, Some(_)) => {
                directory.cut(slice, narrowed(scope, [&sets.found]).iter().map(|at| (at, 0)))
            }
            (Order::Relevance | Order::Name | Order::Code, None) => {
                directory.cut(slice, scope.iter().map(|at| (at, 0)))
            }
        };
        let matters = sliced.map(|at| {
            let modes = sets
                .by_mode
                .iter()
                .filter(|(mode, matters)| question.wants(**mode) && matters.contains(at))
                .map(|(mode, _)| *mode);
            AvailableMatter { matter: self.matter_at(at).matter.clone(), modes: modes.collect() }
        });
        (matters, sets)
    }

    /// The shortest promised days of each of these matters, among the published offerings of the competent districts.
    fn shortest_promises(
        &self,
        question: &Question,
        resolved: &ResolvedQuestion,
        wanted: &Bits,
    ) -> BTreeMap<Handle, u32> {
        let mut competent: BTreeMap<Handle, Bits> = BTreeMap::new();
        match resolved.scope_of_question() {
            QuestionScope::Two(Between { competent: only, .. })
            | QuestionScope::One(OneSided { role: Role::Competent, district: only, .. }) => {
                competent.insert(only, wanted.clone());
            }
            QuestionScope::One(one) => {
                for clause in
                    self.one_sided_clauses(&one, OtherSide::Listed).iter().filter(|clause| question.wants(clause.mode))
                {
                    let matters: Bits = clause.matters().iter().filter(|matter| wanted.contains(*matter)).collect();
                    for district in clause.others.districts() {
                        *competent.entry(district).or_default() |= &matters;
                    }
                }
            }
            QuestionScope::Nobody => {}
        }
        let mut shortest: BTreeMap<Handle, u32> = BTreeMap::new();
        for (district, matters) in competent {
            for offering in self.offerings_in(district) {
                let Some(matter) = offering.matter().filter(|matter| matters.contains(*matter)) else { continue };
                let brief = offering.brief();
                let Some(days) = brief.days.filter(|_| brief.period.includes(question.on)) else { continue };
                shortest.entry(matter).and_modify(|known| *known = days.min(*known)).or_insert(days);
            }
        }
        shortest
    }
}
