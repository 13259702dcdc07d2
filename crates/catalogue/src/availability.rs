//! THE question for a list of matters: what is available from here, for there, on a day, with counts.
//! Bitmaps of matters are intersected; no pair of districts is ever stored.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use domain::{Audience, Date, District, DistrictCode, HandlingMode, Matter, MatterCode, MatterDomain, Reach};
use roaring::RoaringBitmap;
use smallvec::SmallVec;

use crate::bits::Bits;
use crate::gathered::Place;
use crate::open::{Current, Of, Open, OpenClause};
use crate::opening::Opening;
use crate::order::{Order, Slice, Sliced, UNPROMISED};
use crate::reason::Reason;
use crate::resolver::{Between, Detail, Parties, Route, parties_as, unknown_district, within};
use crate::search::{Query, Within};
use crate::snapshot::{Handle, Kept, MatterEntry, PolicyEntry, Snapshot};
use crate::span::Kin;
use crate::territory::Standpoint;
use crate::version::Places;

/// Which matters are available? At least one of the two districts is given.
#[derive(Debug, Clone)]
pub struct Question {
    pub receiving: Option<DistrictCode>,
    pub competent: Option<DistrictCode>,
    pub on: Date,
    /// None named: any.
    pub modes: Vec<HandlingMode>,
    pub domains: Vec<MatterDomain>,
    pub audiences: Vec<Audience>,
    pub search: Option<Query>,
    /// Only matters of which the competent district publishes an offering.
    pub with_guide: bool,
}

/// The answer.
#[derive(Debug, Clone)]
pub struct Available<'a> {
    /// The part that was asked for.
    pub matters: Sliced<MatterCode, AvailableMatter>,
    /// Why there is nothing.
    pub reasons: Vec<Reason>,
    pub notices: Vec<Reason>,
    sets: Sets,
    /// Between two districts: every clause in force, from which routes follow.
    open: Open<'a>,
}

/// What the counts are of: the search is a set of matters, and so is each value of each filter.
#[derive(Debug, Clone, Default)]
struct Sets {
    /// What is open in each mode, whatever was asked for.
    by_mode: ByMode,
    /// What is open in the modes that were asked for.
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

impl Sets {
    fn all(&self) -> Bits {
        all_of(self.by_mode.values())
    }

    /// The matters that pass everything but the search.
    fn scope(&self) -> Bits {
        narrowed(self.in_mode.clone(), [&self.of_domain, &self.for_audience])
    }
}

/// What passes these filters, where there are any.
fn narrowed<const N: usize>(mut matters: Bits, to: [&Option<Bits>; N]) -> Bits {
    to.into_iter().flatten().for_each(|filter| matters &= filter);
    matters
}

#[derive(Debug, Clone)]
pub struct AvailableMatter {
    pub matter: Kept<Matter>,
    /// In which it is available, best first.
    pub modes: Vec<HandlingMode>,
}

/// Counts over the whole result, each without its own filter; what has none is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    pub modes: Vec<(HandlingMode, usize)>,
    pub domains: Vec<(MatterDomain, usize)>,
    pub audiences: Vec<(Audience, usize)>,
}

impl Available<'_> {
    fn nothing(reasons: Vec<Reason>) -> Self {
        Self { matters: Sliced::none(), reasons, notices: Vec::new(), sets: Sets::default(), open: Open::default() }
    }
}

/// How many of these there are of each kind of which there are some.
fn counts<K: Copy + Ord>(kinds: &BTreeMap<K, Bits>, of: &Bits) -> Vec<(K, usize)> {
    let counted = kinds.iter().map(|(kind, matters)| (*kind, of.in_common(matters)));
    counted.filter(|(_, count)| *count > 0).collect()
}

/// How widely one matter is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    pub competent_districts: usize,
    /// Clauses times pairs of districts.
    pub routes: usize,
}

/// One ordered pair of districts.
#[derive(Debug, Clone)]
pub struct CoverageCell {
    pub receiving: Kept<District>,
    pub competent: Kept<District>,
    pub total: usize,
    pub modes: Vec<(HandlingMode, usize)>,
}

/// The side that a question about one district leaves open.
#[derive(Debug, Clone)]
enum Others {
    Many(RoaringBitmap),
    /// Somebody: nobody asked who.
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

/// What is to be told of the receiving districts that nobody named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Who they are: they are counted, or routes begin there.
    Who,
    /// That there are any: what can be had does not depend on who they are.
    ThatThereAre,
}

/// A clause that is in force on the day, as one district sees it: its matters, with everybody on the other side.
#[derive(Debug, Clone)]
struct Rectangle<'a> {
    mode: HandlingMode,
    matters: Places<'a>,
    needs_offering: bool,
    others: Others,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Receiving,
    Competent,
}

/// A question about one district: whoever there is may stand on the other side.
#[derive(Debug, Clone, Copy)]
struct OneSided<'a> {
    district: Handle,
    standpoints: &'a [Standpoint],
    role: Role,
    on: Date,
}

impl OneSided<'_> {
    /// What it takes part in, and what the others do.
    fn sides<T>(&self, receiving: T, competent: T) -> (T, T) {
        match self.role {
            Role::Receiving => (receiving, competent),
            Role::Competent => (competent, receiving),
        }
    }

    /// It with another district: who receives, who is competent.
    fn with(&self, other: Handle) -> (Handle, Handle) {
        match self.role {
            Role::Receiving => (self.district, other),
            Role::Competent => (other, self.district),
        }
    }
}

/// The question with its codes resolved.
struct Asked {
    receiving: Option<(Handle, Vec<Standpoint>)>,
    competent: Option<(Handle, Vec<Standpoint>)>,
    on: Date,
}

/// Whom it is about.
enum About<'a> {
    Two(Between<'a>),
    One(OneSided<'a>),
    Nobody,
}

impl Asked {
    fn about(&self) -> About<'_> {
        let one = |(district, standpoints), role| About::One(OneSided { district, standpoints, role, on: self.on });
        match (&self.receiving, &self.competent) {
            (Some((receiving, receiving_as)), Some((competent, competent_as))) => {
                About::Two(Between { receiving: *receiving, competent: *competent, receiving_as, competent_as, on: self.on })
            }
            (Some((district, standpoints)), None) => one((*district, standpoints), Role::Receiving),
            (None, Some((district, standpoints))) => one((*district, standpoints), Role::Competent),
            (None, None) => About::Nobody,
        }
    }
}

impl Question {
    fn wants(&self, mode: HandlingMode) -> bool {
        self.modes.is_empty() || self.modes.contains(&mode)
    }
}

impl Snapshot {
    /// The matters that are available, with facets.
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

    /// All matters that are available, whatever else a question wants.
    pub(crate) fn all_available(&self, question: &Question) -> Bits {
        let Ok(asked) = self.asked(question) else { return Bits::default() };
        all_of(self.open_by_mode(&asked, &self.open(&asked), question.with_guide).values())
    }

    /// What was meant by a search that finds nothing in this answer.
    pub fn meant_among_available(&self, question: &Question, available: &Available<'_>) -> Vec<String> {
        question.search.as_ref().map_or_else(Vec::new, |query| self.meant_by_matters(query, Within::These(&available.sets.scope())))
    }

    /// The clauses that are in force, if it is about two districts.
    fn open(&self, asked: &Asked) -> Open<'_> {
        if let About::Two(between) = asked.about() { self.open_clauses(&between) } else { Open::default() }
    }

    /// What is open in each mode.
    fn open_by_mode(&self, asked: &Asked, open: &Open<'_>, with_guide: bool) -> ByMode {
        match asked.about() {
            About::Two(between) => {
                let openings = self.openings_of(open.iter().map(|(clause, matters)| (clause.mode, clause.needs_offering(), matters)), asked.on);
                self.let_through(between.competent, &openings, with_guide, asked.on)
            }
            About::One(one @ OneSided { role: Role::Competent, district, standpoints, .. }) => {
                let place = Place { competent: district, on: asked.on, today: self.today };
                let openings = self.gathered.openings.at(place, self.agreements_as_of(standpoints), || {
                    let rectangles = self.rectangles(&one, Told::ThatThereAre);
                    let listed = rectangles.iter().map(|rectangle| (rectangle.mode, rectangle.needs_offering, rectangle.matters));
                    self.openings_of(listed, asked.on).into()
                });
                self.let_through(district, &openings, with_guide, asked.on)
            }
            About::One(one) => {
                let mut by_mode = ByMode::new();
                for rectangle in self.rectangles(&one, Told::Who) {
                    *by_mode.entry(rectangle.mode).or_default() |= &self.open_matters(&rectangle, with_guide, asked.on);
                }
                by_mode
            }
            About::Nobody => ByMode::new(),
        }
    }

    /// What clauses list, each with its mode and whether it needs an offering; without the matters that are retired.
    fn openings_of<'a>(&self, listed: impl Iterator<Item = (HandlingMode, bool, Places<'a>)>, on: Date) -> Vec<Opening> {
        let mut openings = Opening::all(listed);
        if !self.retiring.is_empty() {
            let retired = self.retired_matters(on);
            openings.iter_mut().for_each(|opening| opening.matters -= &retired);
        }
        openings
    }

    pub(crate) fn retired_matters(&self, on: Date) -> Bits {
        self.retiring.iter().filter(|handle| !self.matter_at(*handle).matter.is_active(on)).collect()
    }

    /// What a competent district lets through of what is open.
    fn let_through(&self, competent: Handle, openings: &[Opening], with_guide: bool, on: Date) -> ByMode {
        let mut by_mode = ByMode::new();
        if openings.is_empty() {
            return by_mode;
        }
        let offered = self.offered(competent, on);
        for Opening { mode, needs_offering, matters } in openings {
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

    fn reasons_for_nothing(&self, asked: &Asked, open: &Open<'_>) -> Vec<Reason> {
        match asked.about() {
            About::Two(between) if between.receiving == between.competent => vec![self.same_district(between.receiving)],
            About::Two(between) => {
                let reasons = self.reasons_between(&between);
                if reasons.is_empty() { vec![self.reason_below_the_basis(&between, open)] } else { reasons }
            }
            About::One(one) if self.is_retired(one.district, asked.on) => vec![self.district_retired(one.district)],
            About::One(_) | About::Nobody => Vec::new(),
        }
    }

    /// A basis is in force between the two, and yet nothing is available.
    fn reason_below_the_basis(&self, between: &Between<'_>, open: &Open<'_>) -> Reason {
        let competent = between.competent;
        if !open.is_empty() {
            return self.nothing_offered(competent);
        }
        let only_there = !self.open_clauses(&between.reversed()).is_empty();
        if only_there { self.only_other_direction(competent) } else { self.nothing_in_date(competent) }
    }

    /// How many matters each filter would leave of an answer.
    pub fn facets(&self, available: &Available<'_>) -> Facets {
        let Sets { by_mode, in_mode, of_domain, for_audience, found } = &available.sets;
        let kinds = &self.matter_kinds;
        Facets {
            modes: counts(by_mode, &narrowed(available.sets.all(), [of_domain, for_audience, found])),
            domains: counts(&kinds.domains, &narrowed(in_mode.clone(), [for_audience, found])),
            audiences: counts(&kinds.audiences, &narrowed(in_mode.clone(), [of_domain, found])),
        }
    }

    /// Cuts the part that is asked for from what is open.
    fn list(&self, question: &Question, slice: &Slice<MatterCode>, asked: &Asked, by_mode: ByMode) -> (Sliced<MatterCode, AvailableMatter>, Sets) {
        let wanted_modes = by_mode.iter().filter(|(mode, _)| question.wants(**mode));
        let in_mode = all_of(wanted_modes.map(|(_, matters)| matters));
        let of_domain = self.scope_of_matters(&question.domains, &[]);
        let for_audience = self.scope_of_matters(&[], &question.audiences);
        let mut sets = Sets { by_mode, in_mode, of_domain, for_audience, found: None };

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

    /// The shortest promise of each of these matters, among the offerings that are published on a day by those who are
    /// competent. Each of their offerings is looked at once.
    fn shortest_promises(&self, question: &Question, asked: &Asked, wanted: &Bits) -> BTreeMap<Handle, u32> {
        let mut competent: BTreeMap<Handle, Bits> = BTreeMap::new();
        match asked.about() {
            About::Two(Between { competent: only, .. }) | About::One(OneSided { role: Role::Competent, district: only, .. }) => {
                competent.insert(only, wanted.clone());
            }
            About::One(one) => {
                for rectangle in self.rectangles(&one, Told::Who).iter().filter(|rectangle| question.wants(rectangle.mode)) {
                    let matters: Bits = rectangle.matters.iter().filter(|matter| wanted.contains(*matter)).collect();
                    for district in rectangle.others.districts() {
                        *competent.entry(district).or_default() |= &matters;
                    }
                }
            }
            About::Nobody => {}
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

    /// How widely one matter is available.
    pub fn spread(&self, question: &Question, matter: MatterCode) -> Spread {
        let mut spread = Spread { competent_districts: 0, routes: 0 };
        let (Ok(asked), Some(m)) = (self.asked(question), self.matter_handle(matter)) else { return spread };
        if !self.matter_at(m).matter.is_active(asked.on) {
            return spread;
        }
        let opens = |district, needs_offering: bool| self.opens(district, m, needs_offering || question.with_guide, asked.on);
        match asked.about() {
            About::Two(between) => {
                let open = self.open_clauses(&between);
                let is_about = |(clause, matters): &(&OpenClause<'_>, Places<'_>)| question.wants(clause.mode) && matters.contains(m);
                let through = open.iter().filter(is_about).filter(|(clause, _)| opens(between.competent, clause.needs_offering()));
                spread.routes = through.count();
                spread.competent_districts = usize::from(spread.routes > 0);
            }
            About::One(one) => {
                let mut competent = RoaringBitmap::new();
                for rectangle in self.rectangles_about(&one, question, m) {
                    let pairs = rectangle.others.districts().map(|other| one.with(other).1);
                    let through: Vec<Handle> = pairs.filter(|district| opens(*district, rectangle.needs_offering)).collect();
                    spread.routes += through.len();
                    competent.extend(through);
                }
                spread.competent_districts = competent.len() as usize;
            }
            About::Nobody => {}
        }
        spread
    }

    /// Routes of each of these matters of an answer, best first between two districts; at most `limit` of one.
    pub fn routes(&self, question: &Question, available: &Available<'_>, matters: &[MatterCode], limit: usize, detail: Detail) -> Vec<Vec<Route>> {
        if matters.is_empty() {
            return Vec::new();
        }
        let Ok(asked) = self.asked(question) else { return vec![Vec::new(); matters.len()] };
        let places: Vec<Option<Handle>> =
            matters.iter().map(|code| self.matter_handle(*code).filter(|m| self.matter_at(*m).matter.is_active(asked.on))).collect();
        match asked.about() {
            About::Two(between) => self.routes_between(&between, &available.open, question, &places, limit, detail),
            About::One(one) => {
                let rectangles = self.rectangles(&one, Told::Who);
                let of_matter = |m: &Option<Handle>| m.map_or_else(Vec::new, |m| self.routes_of(&one, &rectangles, question, m, limit, detail));
                places.iter().map(of_matter).collect()
            }
            About::Nobody => vec![Vec::new(); matters.len()],
        }
    }

    /// Routes of a matter from or to one district.
    fn routes_of(
        &self,
        one: &OneSided<'_>,
        rectangles: &[Rectangle<'_>],
        question: &Question,
        m: Handle,
        limit: usize,
        detail: Detail,
    ) -> Vec<Route> {
        let on = one.on;
        // The other side is a line of districts, not a plane.
        let mut pairs = BTreeSet::new();
        for rectangle in rectangles.iter().filter(|rectangle| rectangle.is_about(question, m)) {
            let needs_offering = rectangle.needs_offering || question.with_guide;
            let through = rectangle.others.districts().map(|other| one.with(other));
            pairs.extend(through.filter(|(_, competent)| self.opens(*competent, m, needs_offering, on)).take(limit));
        }
        let mut routes = Vec::new();
        for (receiving, competent) in pairs {
            let (receiving_as, competent_as) = (self.standpoints(receiving, on), self.standpoints(competent, on));
            let between = Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on };
            let open = self.open_clauses(&between);
            routes.extend(self.routes_between(&between, &open, question, &[Some(m)], limit - routes.len(), detail).into_iter().flatten());
            if routes.len() == limit {
                break;
            }
        }
        routes
    }

    /// The best routes of each of these matters between two districts that a question is about. Each clause is looked
    /// through once, for all of them.
    fn routes_between(
        &self,
        between: &Between<'_>,
        open: &Open<'_>,
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
        let kin = if detail >= Detail::Dated && !found.is_empty() { self.kin(between.receiving, between.competent) } else { Kin::default() };
        for (at, m, clause) in found {
            routes[at].push(self.route(clause, between, m, &kin, detail));
        }
        routes
    }

    /// Has the agreements at hand that routes rest on. Each step on the way to what an answer tells of them is a miss of the
    /// cache, and who goes it for all of them waits for many at once.
    fn fetch<'a>(&self, clauses: impl Iterator<Item = &'a OpenClause<'a>>) {
        let of = |clause: &OpenClause<'_>| match clause.of {
            Of::Agreement { at, version, .. } => Some((self.file_at(at)?, version)),
            Of::Policy(_) => None,
        };
        let files: SmallVec<[_; 32]> = clauses.filter_map(of).collect();
        let agreements: SmallVec<[_; 32]> = files.iter().map(|(file, version)| (&*file.whole.agreement, *version)).collect();
        let versions: SmallVec<[_; 32]> = agreements.iter().filter_map(|(agreement, version)| agreement.versions.get(*version)).collect();
        let titles: SmallVec<[&str; 32]> = versions.iter().map(|version| &*version.title).collect();
        black_box(titles.iter().fold(0, |read, title| read ^ title.as_bytes().first().copied().unwrap_or_default()));
    }

    /// How many matters can be handed in in one district for each of some others, by mode.
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

    /// How many matters are available between two districts, in all and by mode.
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

    fn asked(&self, question: &Question) -> Result<Asked, Vec<Reason>> {
        let mut unknown = Vec::new();
        let mut known = |code: Option<DistrictCode>| {
            let code = code?;
            match self.district_handle(code) {
                Some(handle) => Some((handle, self.standpoints(handle, question.on))),
                None => {
                    unknown.push(unknown_district(code));
                    None
                }
            }
        };
        let asked = Asked { receiving: known(question.receiving), competent: known(question.competent), on: question.on };
        if unknown.is_empty() { Ok(asked) } else { Err(unknown) }
    }

    fn rectangles_about(&self, one: &OneSided<'_>, question: &Question, m: Handle) -> Vec<Rectangle<'_>> {
        let mut rectangles = self.rectangles(one, Told::Who);
        rectangles.retain(|rectangle| rectangle.is_about(question, m));
        rectangles
    }

    /// Every clause in force that a district takes part in.
    fn rectangles(&self, one: &OneSided<'_>, told: Told) -> Vec<Rectangle<'_>> {
        let mut rectangles = Vec::new();
        if self.is_retired(one.district, one.on) {
            return rectangles;
        }
        for current in self.current(one.standpoints, one.on) {
            self.agreement_rectangles(&current, one, told, &mut rectangles);
        }
        let mut reaches = BTreeMap::new();
        for entry in self.policies.iter() {
            self.policy_rectangles(entry, one, &mut reaches, &mut rectangles);
        }
        rectangles
    }

    fn agreement_rectangles<'a>(&'a self, current: &Current<'a>, one: &OneSided<'_>, told: Told, rectangles: &mut Vec<Rectangle<'a>>) {
        let OneSided { district, on, .. } = *one;
        let (version, free) = (current.version, |party| current.is_free(party));
        let taking_part: Parties = parties_as(version, one.standpoints).into_iter().filter(|(party, _)| free(*party)).collect();
        for clause in version.clauses().filter(|clause| clause.is_in_date(on)) {
            let (own_side, other_side) = one.sides(clause.receiving, clause.competent);
            let ours = || taking_part.iter().filter(|(party, _)| own_side.include(*party));
            // What stands on the open side: everybody whom another party than ours brings in.
            let others = || {
                let mut districts = RoaringBitmap::new();
                for (place, party) in (0u16..).zip(version.parties()) {
                    let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                    let different = ours().any(|(_, standpoint)| standpoint.counts_for != counts_for);
                    if different && other_side.include(place) && free(place) {
                        if told == Told::ThatThereAre && counts_for != district {
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
                rectangles.push(Rectangle { mode: clause.mode, matters: clause.matters, needs_offering: false, others });
            }
        }
    }

    fn policy_rectangles<'a>(
        &'a self,
        entry: &'a PolicyEntry,
        one: &OneSided<'_>,
        reaches: &mut BTreeMap<Reach, RoaringBitmap>,
        rectangles: &mut Vec<Rectangle<'a>>,
    ) {
        let OneSided { district, on, .. } = *one;
        let policy = &entry.policy;
        if !policy.period().includes(on) {
            return;
        }
        for (clause, written) in entry.clauses.iter().zip(&policy.schedule).filter(|(_, written)| written.period.includes(on)) {
            let (own_side, other_side) = one.sides(&*clause.receiving, &*clause.competent);
            if !within(own_side, one.standpoints) {
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
                let (matters, others) = (Places::new(&clause.matters), Others::Many(others));
                rectangles.push(Rectangle { mode: written.mode(), matters, needs_offering: true, others });
            }
        }
    }

    /// The matters of a clause that some of the others, who are competent, lets through.
    fn open_matters(&self, rectangle: &Rectangle<'_>, with_guide: bool, on: Date) -> Bits {
        let Others::Many(districts) = &rectangle.others else { return Bits::default() };
        let needs_offering = rectangle.needs_offering || with_guide;
        let opens = |m: &Handle| {
            let MatterEntry { matter, offered_by, .. } = self.matter_at(*m);
            if !matter.is_active(on) {
                return false;
            }
            if needs_offering {
                return districts.iter().any(|district| offered_by.contains(district) && self.opens(district, *m, true, on));
            }
            // Without an offering nothing was withdrawn.
            districts.iter().any(|district| !offered_by.contains(district) || self.opens(district, *m, false, on))
        };
        rectangle.matters.iter().filter(opens).collect()
    }

    /// Does a competent district let a matter through?
    pub(crate) fn opens(&self, district: Handle, matter: Handle, needs_offering: bool, on: Date) -> bool {
        let entry = self.district_at(district);
        if entry.always_offered.contains(matter) {
            return true;
        }
        entry.dated_offered.contains(matter) && self.offerings_of(district, matter, on).open(needs_offering)
            || !needs_offering && !entry.dated_offered.contains(matter)
    }
}

impl Rectangle<'_> {
    fn is_about(&self, question: &Question, matter: Handle) -> bool {
        question.wants(self.mode) && self.matters.contains(matter)
    }
}
