//! Available matters between districts on a day, with facets. They are computed by intersecting bitmaps of matters; pairs of
//! districts are never stored.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use domain::{Audience, Date, District, DistrictCode, HandlingMode, Matter, MatterCode, MatterDomain, Reach};
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use crate::bits::Bits;
use crate::coverage::clauses::{ApplicableClause, ApplicableClauses, Source, VersionInForce};
use crate::coverage::matters::ApplicableMatters;
use crate::derived_cache::CacheKey;
use crate::order::{Order, Slice, Sliced, UNPROMISED};
use crate::reason::Reason;
use crate::resolver::{Between, Detail, Parties, Route, parties_as, unknown_district, within};
use crate::search::{Query, Within};
use crate::snapshot::{Handle, Kept, MatterEntry, PolicyEntry, Snapshot};
use crate::territory::Participation;
use crate::validity::Ancestry;
use crate::version::Positions;

/// A query for available matters. At least one of the two districts is given.
#[derive(Debug, Clone)]
pub struct Question {
    pub receiving: Option<DistrictCode>,
    pub competent: Option<DistrictCode>,
    pub on: Date,
    /// Empty: any.
    pub modes: Vec<HandlingMode>,
    pub domains: Vec<MatterDomain>,
    pub audiences: Vec<Audience>,
    pub search: Option<Query>,
    /// Only matters with a published offering of the competent district.
    pub with_guide: bool,
}

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
    open: ApplicableClauses<'a>,
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

type ByMode = BTreeMap<HandlingMode, Bits>;

fn all_of<'a>(sets: impl IntoIterator<Item = &'a Bits>) -> Bits {
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
        Self { matters: Sliced::none(), reasons, notices: Vec::new(), sets: FacetSets::default(), open: ApplicableClauses::default() }
    }
}

/// The non-zero counts by kind.
fn counts<K: Copy + Ord>(kinds: &BTreeMap<K, Bits>, of: &Bits) -> Vec<(K, usize)> {
    let counted = kinds.iter().map(|(kind, matters)| (*kind, of.in_common(matters)));
    counted.filter(|(_, count)| *count > 0).collect()
}

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

/// The districts on the other side of a one-sided query.
#[derive(Debug, Clone)]
enum Others {
    Many(RoaringBitmap),
    /// At least one district, which is not needed in detail.
    Some,
}

impl Others {
    fn is_empty(&self) -> bool {
        match self {
            Self::Some => false,
            Self::Many(districts) => districts.is_empty(),
        }
    }

    fn districts(&self) -> impl Iterator<Item = Handle> + Clone {
        match self {
            Self::Some => None,
            Self::Many(districts) => Some(districts),
        }
        .into_iter()
        .flatten()
    }
}

/// How much a one-sided query needs to know of the districts on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OtherSide {
    /// The districts: they are counted, or routes are computed.
    Listed,
    /// Only whether there are any.
    Exists,
}

/// A clause in force on the day in which one district participates: its matters, and the districts on the other side.
#[derive(Debug, Clone)]
struct OneSidedClause<'a> {
    mode: HandlingMode,
    matters: Positions<'a>,
    needs_offering: bool,
    others: Others,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Receiving,
    Competent,
}

/// A query about one district, with any district on the other side.
#[derive(Debug, Clone, Copy)]
struct OneSided<'a> {
    district: Handle,
    participations: &'a [Participation],
    role: Role,
    on: Date,
}

impl OneSided<'_> {
    /// Orders the sides of a clause: the district's own side first.
    fn sides<T>(&self, receiving: T, competent: T) -> (T, T) {
        match self.role {
            Role::Receiving => (receiving, competent),
            Role::Competent => (competent, receiving),
        }
    }

    /// The receiving and the competent district of a pair with another district.
    fn with(&self, other: Handle) -> (Handle, Handle) {
        match self.role {
            Role::Receiving => (self.district, other),
            Role::Competent => (other, self.district),
        }
    }
}

/// A query with resolved codes.
struct ResolvedQuestion {
    receiving: Option<(Handle, Vec<Participation>)>,
    competent: Option<(Handle, Vec<Participation>)>,
    on: Date,
}

/// The districts that a query is about.
enum Subject<'a> {
    Two(Between<'a>),
    One(OneSided<'a>),
    Nobody,
}

impl ResolvedQuestion {
    fn about(&self) -> Subject<'_> {
        let one = |(district, participations), role| Subject::One(OneSided { district, participations, role, on: self.on });
        match (&self.receiving, &self.competent) {
            (Some((receiving, receiving_as)), Some((competent, competent_as))) => {
                Subject::Two(Between { receiving: *receiving, competent: *competent, receiving_as, competent_as, on: self.on })
            }
            (Some((district, participations)), None) => one((*district, participations), Role::Receiving),
            (None, Some((district, participations))) => one((*district, participations), Role::Competent),
            (None, None) => Subject::Nobody,
        }
    }
}

impl Question {
    fn wants(&self, mode: HandlingMode) -> bool {
        self.modes.is_empty() || self.modes.contains(&mode)
    }
}

impl Snapshot {
    /// The available matters.
    pub fn available(&self, question: &Question, slice: &Slice<MatterCode>) -> Available<'_> {
        let asked = match self.asked(question) {
            Ok(asked) => asked,
            Err(unknown) => return Available::nothing(unknown),
        };
        let open = self.open(&asked);
        let by_mode = self.open_by_mode(&asked, &open, question.with_guide);
        let (matters, sets) = self.list(question, slice, &asked, by_mode);
        let is_nothing = sets.by_mode.values().all(Bits::is_empty);
        let reasons = if is_nothing { self.reasons_for_nothing(&asked, &open) } else { Vec::new() };
        Available { matters, reasons, notices: Vec::new(), sets, open }
    }

    /// All available matters, without filters.
    pub(crate) fn all_available(&self, question: &Question) -> Bits {
        let Ok(asked) = self.asked(question) else { return Bits::default() };
        all_of(self.open_by_mode(&asked, &self.open(&asked), question.with_guide).values())
    }

    /// Suggestions for a search without results.
    pub fn meant_among_available(&self, question: &Question, available: &Available<'_>) -> Vec<String> {
        question.search.as_ref().map_or_else(Vec::new, |query| self.meant_by_matters(query, Within::These(&available.sets.scope())))
    }

    /// The applicable clauses of a query about two districts.
    fn open(&self, asked: &ResolvedQuestion) -> ApplicableClauses<'_> {
        if let Subject::Two(between) = asked.about() { self.applicable_clauses(&between) } else { ApplicableClauses::default() }
    }

    /// The available matters in each mode.
    fn open_by_mode(&self, asked: &ResolvedQuestion, open: &ApplicableClauses<'_>, with_guide: bool) -> ByMode {
        match asked.about() {
            Subject::Two(between) => {
                let openings = self.openings_of(open.iter().map(|(clause, matters)| (clause.mode, clause.needs_offering(), matters)), asked.on);
                self.offered_of(between.competent, &openings, with_guide, asked.on)
            }
            Subject::One(one @ OneSided { role: Role::Competent, district, participations, .. }) => {
                let key = CacheKey { competent: district, on: asked.on, today: self.today };
                let openings = self.derived.matters.get_or_compute(key, self.agreements_as_of(participations), || {
                    let clauses = self.clauses(&one, OtherSide::Exists);
                    let listed = clauses.iter().map(|clause| (clause.mode, clause.needs_offering, clause.matters));
                    self.openings_of(listed, asked.on).into()
                });
                self.offered_of(district, &openings, with_guide, asked.on)
            }
            Subject::One(one) => {
                let mut by_mode = ByMode::new();
                for clause in self.clauses(&one, OtherSide::Listed) {
                    *by_mode.entry(clause.mode).or_default() |= &self.open_matters(&clause, with_guide, asked.on);
                }
                by_mode
            }
            Subject::Nobody => ByMode::new(),
        }
    }

    /// The matters of clauses, without retired ones.
    fn openings_of<'a>(&self, listed: impl Iterator<Item = (HandlingMode, bool, Positions<'a>)>, on: Date) -> Vec<ApplicableMatters> {
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

    fn reasons_for_nothing(&self, asked: &ResolvedQuestion, open: &ApplicableClauses<'_>) -> Vec<Reason> {
        match asked.about() {
            Subject::Two(between) if between.receiving == between.competent => vec![self.same_district(between.receiving)],
            Subject::Two(between) => {
                let reasons = self.reasons_between(&between);
                if reasons.is_empty() { vec![self.reason_below_the_basis(&between, open)] } else { reasons }
            }
            Subject::One(one) if self.is_retired(one.district, asked.on) => vec![self.district_retired(one.district)],
            Subject::One(_) | Subject::Nobody => Vec::new(),
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
        asked: &ResolvedQuestion,
        by_mode: ByMode,
    ) -> (Sliced<MatterCode, AvailableMatter>, FacetSets) {
        let wanted_modes = by_mode.iter().filter(|(mode, _)| question.wants(**mode));
        let in_mode = all_of(wanted_modes.map(|(_, matters)| matters));
        let of_domain = self.scope_of_matters(&question.domains, &[]);
        let for_audience = self.scope_of_matters(&[], &question.audiences);
        let mut sets = FacetSets { by_mode, in_mode, of_domain, for_audience, found: None };

        let ranked = question.search.as_ref().map(|query| self.matter_directory.names.find(query, Within::These(&sets.all())));
        sets.found = ranked.as_ref().map(|ranked| ranked.iter().map(|(at, _)| *at).collect());

        let scope = sets.scope();
        let directory = &self.matter_directory;
        let sliced = match (slice.order, ranked) {
            (Order::PromisedDays, _) => {
                let wanted = narrowed(scope, [&sets.found]);
                let days = self.shortest_promises(question, asked, &wanted);
                directory.cut(slice, wanted.iter().map(|at| (at, days.get(&at).copied().unwrap_or(UNPROMISED))))
            }
            (Order::Relevance, Some(ranked)) => {
                let ranked = ranked.into_iter().filter(|(at, _)| scope.contains(*at));
                directory.cut(slice, ranked.map(|(at, rank)| (at, self.relevance(at, rank))))
            }
            (Order::Name | Order::Code, Some(_)) => directory.cut(slice, narrowed(scope, [&sets.found]).iter().map(|at| (at, 0))),
            (Order::Relevance | Order::Name | Order::Code, None) => directory.cut(slice, scope.iter().map(|at| (at, 0))),
        };
        let matters = sliced.map(|at| {
            let modes = sets.by_mode.iter().filter(|(mode, matters)| question.wants(**mode) && matters.contains(at)).map(|(mode, _)| *mode);
            AvailableMatter { matter: self.matter_at(at).matter.clone(), modes: modes.collect() }
        });
        (matters, sets)
    }

    /// The shortest promised days of each of these matters, among the published offerings of the competent districts.
    fn shortest_promises(&self, question: &Question, asked: &ResolvedQuestion, wanted: &Bits) -> BTreeMap<Handle, u32> {
        let mut competent: BTreeMap<Handle, Bits> = BTreeMap::new();
        match asked.about() {
            Subject::Two(Between { competent: only, .. }) | Subject::One(OneSided { role: Role::Competent, district: only, .. }) => {
                competent.insert(only, wanted.clone());
            }
            Subject::One(one) => {
                for clause in self.clauses(&one, OtherSide::Listed).iter().filter(|clause| question.wants(clause.mode)) {
                    let matters: Bits = clause.matters.iter().filter(|matter| wanted.contains(*matter)).collect();
                    for district in clause.others.districts() {
                        *competent.entry(district).or_default() |= &matters;
                    }
                }
            }
            Subject::Nobody => {}
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

    /// How widely a matter is available.
    pub fn spread(&self, question: &Question, matter: MatterCode) -> Spread {
        let mut spread = Spread { competent_districts: 0, routes: 0 };
        let (Ok(asked), Some(m)) = (self.asked(question), self.matter_handle(matter)) else { return spread };
        if !self.matter_at(m).matter.is_active(asked.on) {
            return spread;
        }
        let opens = |district, needs_offering: bool| self.opens(district, m, needs_offering || question.with_guide, asked.on);
        match asked.about() {
            Subject::Two(between) => {
                let open = self.applicable_clauses(&between);
                let is_about = |(clause, matters): &(&ApplicableClause<'_>, Positions<'_>)| question.wants(clause.mode) && matters.contains(m);
                let through = open.iter().filter(is_about).filter(|(clause, _)| opens(between.competent, clause.needs_offering()));
                spread.routes = through.count();
                spread.competent_districts = usize::from(spread.routes > 0);
            }
            Subject::One(one) => {
                let mut competent = RoaringBitmap::new();
                for clause in self.one_sided_clauses_about(&one, question, m) {
                    let pairs = clause.others.districts().map(|other| one.with(other).1);
                    let through: Vec<Handle> = pairs.filter(|district| opens(*district, clause.needs_offering)).collect();
                    spread.routes += through.len();
                    competent.extend(through);
                }
                spread.competent_districts = competent.len() as usize;
            }
            Subject::Nobody => {}
        }
        spread
    }

    /// The routes of each of these matters, at most `limit` of each. Between two districts the best come first.
    pub fn routes(&self, question: &Question, available: &Available<'_>, matters: &[MatterCode], limit: usize, detail: Detail) -> Vec<Vec<Route>> {
        if matters.is_empty() {
            return Vec::new();
        }
        let Ok(asked) = self.asked(question) else { return vec![Vec::new(); matters.len()] };
        let places: Vec<Option<Handle>> =
            matters.iter().map(|code| self.matter_handle(*code).filter(|m| self.matter_at(*m).matter.is_active(asked.on))).collect();
        match asked.about() {
            Subject::Two(between) => self.routes_between(&between, &available.open, question, &places, limit, detail),
            Subject::One(one) => {
                let clauses = self.clauses(&one, OtherSide::Listed);
                let of_matter = |m: &Option<Handle>| m.map_or_else(Vec::new, |m| self.routes_of(&one, &clauses, question, m, limit, detail));
                places.iter().map(of_matter).collect()
            }
            Subject::Nobody => vec![Vec::new(); matters.len()],
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
            let between = Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on };
            let open = self.applicable_clauses(&between);
            routes.extend(self.routes_between(&between, &open, question, &[Some(m)], limit - routes.len(), detail).into_iter().flatten());
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
                    let at = matters.iter().position(|matter| *matter == Some(m)).expect("it is wanted");
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
        let ancestry =
            if detail >= Detail::Dated && !found.is_empty() { self.ancestry(between.receiving, between.competent) } else { Ancestry::default() };
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
        let agreements: SmallVec<[_; 32]> = files.iter().map(|(file, version)| (&*file.whole.agreement, *version)).collect();
        let versions: SmallVec<[_; 32]> = agreements.iter().filter_map(|(agreement, version)| agreement.versions.get(*version)).collect();
        let titles: SmallVec<[&str; 32]> = versions.iter().map(|version| &*version.title).collect();
        black_box(titles.iter().fold(0, |read, title| read ^ title.as_bytes().first().copied().unwrap_or_default()));
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
    pub(crate) fn counts_between(&self, receiving: DistrictCode, competent: DistrictCode, on: Date) -> (usize, Vec<(HandlingMode, usize)>) {
        let question = Question {
            receiving: Some(receiving),
            competent: Some(competent),
            on,
            modes: Vec::new(),
            domains: Vec::new(),
            audiences: Vec::new(),
            search: None,
            with_guide: false,
        };
        let Ok(asked) = self.asked(&question) else { return (0, Vec::new()) };
        let by_mode = self.open_by_mode(&asked, &self.open(&asked), false);
        let counts = by_mode.iter().filter(|(_, matters)| !matters.is_empty()).map(|(mode, matters)| (*mode, matters.len()));
        (all_of(by_mode.values()).len(), counts.collect())
    }

    fn asked(&self, question: &Question) -> Result<ResolvedQuestion, Vec<Reason>> {
        let mut unknown = Vec::new();
        let mut known = |code: Option<DistrictCode>| {
            let code = code?;
            match self.district_handle(code) {
                Some(handle) => Some((handle, self.participations(handle, question.on))),
                None => {
                    unknown.push(unknown_district(code));
                    None
                }
            }
        };
        let asked = ResolvedQuestion { receiving: known(question.receiving), competent: known(question.competent), on: question.on };
        if unknown.is_empty() { Ok(asked) } else { Err(unknown) }
    }

    fn one_sided_clauses_about(&self, one: &OneSided<'_>, question: &Question, m: Handle) -> Vec<OneSidedClause<'_>> {
        let mut clauses = self.clauses(one, OtherSide::Listed);
        clauses.retain(|clause| clause.is_about(question, m));
        clauses
    }

    /// Every clause in force in which a district participates.
    fn clauses(&self, one: &OneSided<'_>, other_side_detail: OtherSide) -> Vec<OneSidedClause<'_>> {
        let mut clauses = Vec::new();
        if self.is_retired(one.district, one.on) {
            return clauses;
        }
        for current in self.versions_in_force(one.participations, one.on) {
            self.add_agreement_clauses(&current, one, other_side_detail, &mut clauses);
        }
        let mut reaches = BTreeMap::new();
        for entry in self.policies.iter() {
            self.add_policy_clauses(entry, one, &mut reaches, &mut clauses);
        }
        clauses
    }

    fn add_agreement_clauses<'a>(
        &'a self,
        current: &VersionInForce<'a>,
        one: &OneSided<'_>,
        other_side_detail: OtherSide,
        clauses: &mut Vec<OneSidedClause<'a>>,
    ) {
        let OneSided { district, on, .. } = *one;
        let (version, free) = (current.version, |party| current.is_free(party));
        let taking_part: Parties = parties_as(version, one.participations).into_iter().filter(|(party, _)| free(*party)).collect();
        for clause in version.clauses().filter(|clause| clause.is_in_date(on)) {
            let (own_side, other_side) = one.sides(clause.receiving, clause.competent);
            let ours = || taking_part.iter().filter(|(party, _)| own_side.include(*party));
            // The districts that participate through another party on the other side.
            let others = || {
                let mut districts = RoaringBitmap::new();
                for (place, party) in (0u16..).zip(version.parties()) {
                    let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                    let different = ours().any(|(_, participation)| participation.counts_for != counts_for);
                    if different && other_side.include(place) && free(place) {
                        if other_side_detail == OtherSide::Exists && counts_for != district {
                            return Others::Some;
                        }
                        districts.extend(self.named_with(party.district, party.subtree, on));
                        districts.remove(district);
                    }
                }
                Others::Many(districts)
            };
            let others = others();
            if !others.is_empty() {
                clauses.push(OneSidedClause { mode: clause.mode, matters: clause.matters, needs_offering: false, others });
            }
        }
    }

    fn add_policy_clauses<'a>(
        &'a self,
        entry: &'a PolicyEntry,
        one: &OneSided<'_>,
        reaches: &mut BTreeMap<Reach, RoaringBitmap>,
        clauses: &mut Vec<OneSidedClause<'a>>,
    ) {
        let OneSided { district, on, .. } = *one;
        let policy = &entry.policy;
        if !policy.period().includes(on) {
            return;
        }
        for (clause, written) in entry.clauses.iter().zip(&policy.schedule).filter(|(_, written)| written.period.includes(on)) {
            let (own_side, other_side) = one.sides(&*clause.receiving, &*clause.competent);
            if !within(own_side, one.participations) {
                continue;
            }
            let mut others = reaches.entry(written.reach).or_insert_with(|| self.within_reach(written.reach, district, on)).clone();
            if !other_side.is_empty() {
                let mut named = RoaringBitmap::new();
                other_side.iter().for_each(|(district, subtree)| named.extend(self.named_with(*district, *subtree, on)));
                others &= named;
            }
            others.remove(district);
            if !others.is_empty() {
                let (matters, others) = (Positions::new(&clause.matters), Others::Many(others));
                clauses.push(OneSidedClause { mode: written.mode(), matters, needs_offering: true, others });
            }
        }
    }

    /// The matters of a clause that the offerings of at least one competent district allow.
    fn open_matters(&self, clause: &OneSidedClause<'_>, with_guide: bool, on: Date) -> Bits {
        let Others::Many(districts) = &clause.others else { return Bits::default() };
        let needs_offering = clause.needs_offering || with_guide;
        let opens = |m: &Handle| {
            let MatterEntry { matter, offered_by, .. } = self.matter_at(*m);
            if !matter.is_active(on) {
                return false;
            }
            if needs_offering {
                return districts.iter().any(|district| offered_by.contains(district) && self.opens(district, *m, true, on));
            }
            // A district without offerings has withdrawn none.
            districts.iter().any(|district| !offered_by.contains(district) || self.opens(district, *m, false, on))
        };
        clause.matters.iter().filter(opens).collect()
    }

    /// Whether the offerings of a competent district allow a matter.
    pub(crate) fn opens(&self, district: Handle, matter: Handle, needs_offering: bool, on: Date) -> bool {
        let entry = self.district_at(district);
        if entry.always_offered.contains(matter) {
            return true;
        }
        entry.dated_offered.contains(matter) && self.offerings_of(district, matter, on).open(needs_offering)
            || !needs_offering && !entry.dated_offered.contains(matter)
    }
}

impl OneSidedClause<'_> {
    fn is_about(&self, question: &Question, matter: Handle) -> bool {
        question.wants(self.mode) && self.matters.contains(matter)
    }
}
