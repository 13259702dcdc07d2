//! THE question for a list of matters: what is available from here, for there, on a day, with counts.
//! Bitmaps of matters are intersected; no pair of districts is ever stored.

use std::borrow::Cow;
use std::collections::BTreeMap;

use domain::{Audience, Date, District, DistrictCode, HandlingMode, Matter, MatterCode, MatterDomain, Reach};
use roaring::RoaringBitmap;

use crate::opening::{Opening, Place};
use crate::order::{Order, Slice, Sliced, UNPROMISED};
use crate::reason::Reason;
use crate::resolver::{Between, Cover, Detail, Held, Route, among, best_first, parties_as, reference_version, unknown_district};
use crate::search::{Query, Within};
use crate::snapshot::{AgreementEntry, Handle, Kept, PolicyEntry, Snapshot};
use crate::territory::Standpoint;

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
pub struct Available {
    /// The part that was asked for.
    pub matters: Sliced<MatterCode, AvailableMatter>,
    /// Why there is nothing.
    pub reasons: Vec<Reason>,
    pub notices: Vec<Reason>,
    sets: Sets,
}

/// What the counts are of: the search is a set of matters, and so is each value of each filter.
#[derive(Debug, Clone, Default)]
struct Sets {
    /// What is open in each mode, whatever was asked for.
    by_mode: BTreeMap<HandlingMode, RoaringBitmap>,
    /// What is open in the modes that were asked for.
    in_mode: RoaringBitmap,
    of_domain: Option<RoaringBitmap>,
    for_audience: Option<RoaringBitmap>,
    found: Option<RoaringBitmap>,
}

impl Sets {
    fn all(&self) -> RoaringBitmap {
        self.by_mode.values().fold(RoaringBitmap::new(), |all, matters| all | matters)
    }

    /// The matters that pass everything but the search.
    fn scope(&self) -> RoaringBitmap {
        narrowed(self.in_mode.clone(), [&self.of_domain, &self.for_audience])
    }
}

/// What passes these filters, where there are any.
fn narrowed<const N: usize>(matters: RoaringBitmap, to: [&Option<RoaringBitmap>; N]) -> RoaringBitmap {
    to.into_iter().flatten().fold(matters, |matters, filter| matters & filter)
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

impl Available {
    fn nothing(reasons: Vec<Reason>) -> Self {
        Self { matters: Sliced::none(), reasons, notices: Vec::new(), sets: Sets::default() }
    }
}

/// How many of these there are of each kind of which there are some.
fn counts<K: Copy + Ord>(kinds: &BTreeMap<K, RoaringBitmap>, of: &RoaringBitmap) -> Vec<(K, usize)> {
    let counted = kinds.iter().map(|(kind, matters)| (*kind, of.intersection_len(matters) as usize));
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

/// One side of a clause, as a question sees it.
#[derive(Debug, Clone)]
enum Side {
    One(Handle),
    Many(RoaringBitmap),
    /// Somebody: nobody asked who.
    Some,
}

impl Side {
    fn is_empty(&self) -> bool {
        match self {
            Self::One(_) | Self::Some => false,
            Self::Many(districts) => districts.is_empty(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Many(districts) => districts.len() as usize,
            Self::Some => 0,
        }
    }

    fn districts(&self) -> Vec<Handle> {
        match self {
            Self::One(district) => vec![*district],
            Self::Many(districts) => districts.iter().collect(),
            Self::Some => Vec::new(),
        }
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

/// A clause that is in force on the day, cut down to what was asked for.
#[derive(Debug, Clone)]
struct Rectangle<'a> {
    mode: HandlingMode,
    matters: Cow<'a, RoaringBitmap>,
    needs_offering: bool,
    receiving: Side,
    competent: Side,
}

impl Rectangle<'_> {
    fn is_about(&self, question: &Question, matter: Handle) -> bool {
        self.matters.contains(matter) && (question.modes.is_empty() || question.modes.contains(&self.mode))
    }
}

/// The question with its codes resolved.
struct Asked {
    receiving: Option<(Handle, Vec<Standpoint>)>,
    competent: Option<(Handle, Vec<Standpoint>)>,
    on: Date,
}

impl Snapshot {
    /// The matters that are available, with facets.
    pub fn available(&self, question: &Question, slice: &Slice<MatterCode>) -> Available {
        let asked = match self.asked(question) {
            Ok(asked) => asked,
            Err(unknown) => return Available::nothing(unknown),
        };
        let by_mode = self.open_by_mode(&asked, question.with_guide);
        let mut available = self.list(question, slice, &asked, by_mode);
        if available.sets.by_mode.values().all(RoaringBitmap::is_empty) {
            available.reasons = self.reasons_for_nothing(asked);
        }
        available
    }

    /// All matters that are available, whatever else a question wants.
    pub(crate) fn all_available(&self, question: &Question) -> RoaringBitmap {
        let Ok(asked) = self.asked(question) else { return RoaringBitmap::new() };
        let by_mode = self.open_by_mode(&asked, question.with_guide);
        by_mode.into_values().fold(RoaringBitmap::new(), |all, matters| all | matters)
    }

    /// What was meant by a search that finds nothing in this answer.
    pub fn meant_among_available(&self, question: &Question, available: &Available) -> Vec<String> {
        question.search.as_ref().map_or_else(Vec::new, |query| self.meant_by_matters(query, Within::These(&available.sets.scope())))
    }

    /// What is open in each mode.
    fn open_by_mode(&self, asked: &Asked, with_guide: bool) -> BTreeMap<HandlingMode, RoaringBitmap> {
        let rectangles = || self.rectangles(asked, Told::ThatThereAre);
        let listed = || Opening::all(rectangles().iter().map(|rectangle| (rectangle.mode, rectangle.needs_offering, &*rectangle.matters)));
        match (&asked.receiving, &asked.competent) {
            (None, Some((competent, _))) => {
                let place = Place { competent: *competent, on: asked.on, today: self.today };
                self.let_through(*competent, &self.openings.at(place, listed), with_guide, asked.on)
            }
            (Some(_), Some((competent, _))) => self.let_through(*competent, &listed(), with_guide, asked.on),
            (_, None) => {
                let mut by_mode: BTreeMap<HandlingMode, RoaringBitmap> = BTreeMap::new();
                for rectangle in rectangles() {
                    // What can be had depends on who is competent, so these are always told.
                    let Side::Many(districts) = &rectangle.competent else { continue };
                    *by_mode.entry(rectangle.mode).or_default() |= self.open_matters(&rectangle, districts, with_guide, asked.on);
                }
                by_mode
            }
        }
    }

    /// What a competent district lets through of what is open.
    fn let_through(&self, competent: Handle, openings: &[Opening], with_guide: bool, on: Date) -> BTreeMap<HandlingMode, RoaringBitmap> {
        let mut by_mode: BTreeMap<HandlingMode, RoaringBitmap> = BTreeMap::new();
        if openings.is_empty() {
            return by_mode;
        }
        let offered = self.offered(competent, on);
        for Opening { mode, needs_offering, matters } in openings {
            let through = if *needs_offering || with_guide { matters & &*offered.published } else { matters - &offered.withdrawn };
            *by_mode.entry(*mode).or_default() |= through;
        }
        by_mode
    }

    fn reasons_for_nothing(&self, asked: Asked) -> Vec<Reason> {
        match (&asked.receiving, &asked.competent) {
            (Some((receiving, _)), Some((competent, _))) if receiving == competent => vec![self.same_district(*receiving)],
            (Some((receiving, receiving_as)), Some((competent, competent_as))) => {
                let between = Between { receiving: *receiving, competent: *competent, receiving_as, competent_as, on: asked.on };
                let reasons = self.reasons_between(&between);
                let competent = *competent;
                if reasons.is_empty() { vec![self.reason_below_the_basis(asked, competent)] } else { reasons }
            }
            (Some((only, _)), None) | (None, Some((only, _))) if self.is_retired(*only, asked.on) => vec![self.district_retired(*only)],
            (Some(_), None) | (None, Some(_)) | (None, None) => Vec::new(),
        }
    }

    /// A basis is in force between the two, and yet nothing is available.
    fn reason_below_the_basis(&self, asked: Asked, competent: Handle) -> Reason {
        if !self.rectangles(&asked, Told::ThatThereAre).is_empty() {
            return self.nothing_offered(competent);
        }
        let reverse = Asked { receiving: asked.competent, competent: asked.receiving, on: asked.on };
        let only_there = !self.rectangles(&reverse, Told::ThatThereAre).is_empty();
        if only_there { self.only_other_direction(competent) } else { self.nothing_in_date(competent) }
    }

    /// How many matters each filter would leave of an answer.
    pub fn facets(&self, available: &Available) -> Facets {
        let Sets { by_mode, in_mode, of_domain, for_audience, found } = &available.sets;
        let kinds = &self.matter_kinds;
        Facets {
            modes: counts(by_mode, &narrowed(available.sets.all(), [of_domain, for_audience, found])),
            domains: counts(&kinds.domains, &narrowed(in_mode.clone(), [for_audience, found])),
            audiences: counts(&kinds.audiences, &narrowed(in_mode.clone(), [of_domain, found])),
        }
    }

    /// Cuts the part that is asked for from what is open.
    fn list(&self, question: &Question, slice: &Slice<MatterCode>, asked: &Asked, by_mode: BTreeMap<HandlingMode, RoaringBitmap>) -> Available {
        let wanted_mode = |mode: &HandlingMode| question.modes.is_empty() || question.modes.contains(mode);
        let wanted_modes = by_mode.iter().filter(|(mode, _)| wanted_mode(mode));
        let in_mode = wanted_modes.fold(RoaringBitmap::new(), |all, (_, matters)| all | matters);
        let of_domain = self.scope_of_matters(&question.domains, &[]);
        let for_audience = self.scope_of_matters(&[], &question.audiences);
        let mut sets = Sets { by_mode, in_mode, of_domain, for_audience, found: None };

        let ranked = question.search.as_ref().map(|query| self.matter_directory.names.find(query, Within::These(&sets.all())));
        sets.found = ranked
            .as_ref()
            .map(|ranked| RoaringBitmap::from_sorted_iter(ranked.iter().map(|(at, _)| *at)).expect("they come in the order of their places"));

        let scope = sets.scope();
        let directory = &self.matter_directory;
        let sliced = match (slice.order, ranked) {
            (Order::PromisedDays, _) => {
                let wanted = narrowed(scope, [&sets.found]);
                let rectangles = self.rectangles(asked, Told::ThatThereAre);
                let competing = rectangles.iter().filter(|rectangle| wanted_mode(&rectangle.mode));
                let days = self.shortest_promises(competing, &wanted, question.on);
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
            let modes = sets.by_mode.iter().filter(|(mode, matters)| wanted_mode(mode) && matters.contains(at)).map(|(mode, _)| *mode);
            AvailableMatter { matter: self.matter_at(at).matter.clone(), modes: modes.collect() }
        });
        Available { matters, reasons: Vec::new(), notices: Vec::new(), sets }
    }

    /// The shortest promise of each of these matters, among the offerings that are published on a day by those who are
    /// competent. Each of their offerings is looked at once.
    fn shortest_promises<'a>(&self, rectangles: impl Iterator<Item = &'a Rectangle<'a>>, wanted: &RoaringBitmap, on: Date) -> BTreeMap<Handle, u32> {
        let mut competent: BTreeMap<Handle, RoaringBitmap> = BTreeMap::new();
        for rectangle in rectangles {
            let matters = &*rectangle.matters & wanted;
            for district in rectangle.competent.districts() {
                *competent.entry(district).or_default() |= &matters;
            }
        }
        let mut shortest: BTreeMap<Handle, u32> = BTreeMap::new();
        for (district, matters) in competent {
            for offering in self.offerings_in(district) {
                let Some(matter) = offering.matter().filter(|matter| matters.contains(*matter)) else { continue };
                let brief = offering.brief();
                let Some(days) = brief.days.filter(|_| brief.period.includes(on)) else { continue };
                shortest.entry(matter).and_modify(|known| *known = days.min(*known)).or_insert(days);
            }
        }
        shortest
    }

    /// How widely one matter is available.
    pub fn spread(&self, question: &Question, matter: MatterCode) -> Spread {
        let mut spread = Spread { competent_districts: 0, routes: 0 };
        let (Ok(asked), Some(m)) = (self.asked(question), self.matter_handle(matter)) else { return spread };
        let mut competent = RoaringBitmap::new();
        for rectangle in self.rectangles_of(&asked, question, m) {
            let opening: Vec<Handle> = rectangle
                .competent
                .districts()
                .into_iter()
                .filter(|district| self.opens(*district, m, &rectangle, question.with_guide, asked.on))
                .collect();
            spread.routes += opening.len() * rectangle.receiving.len();
            competent.extend(opening);
        }
        spread.competent_districts = competent.len() as usize;
        spread
    }

    /// Routes of each of these matters, best first between two districts; at most `limit` of one.
    pub fn routes(&self, question: &Question, matters: &[MatterCode], limit: usize, detail: Detail) -> Vec<Vec<Route>> {
        if matters.is_empty() {
            return Vec::new();
        }
        let Ok(asked) = self.asked(question) else { return vec![Vec::new(); matters.len()] };
        let of_matter = |of_pairs: &mut dyn Iterator<Item = Vec<Route>>| {
            let mut routes = Vec::new();
            while routes.len() < limit {
                let Some(between) = of_pairs.next() else { break };
                routes.extend(between);
            }
            routes.truncate(limit);
            routes
        };
        let rectangles = match (&asked.receiving, &asked.competent) {
            (Some((receiving, receiving_as)), Some((competent, competent_as))) => {
                let between = Between { receiving: *receiving, competent: *competent, receiving_as, competent_as, on: asked.on };
                let held = self.held_between(&between);
                let routes = |m| of_matter(&mut std::iter::once_with(|| self.routes_between(&between, &held, question, m, limit, detail)));
                return matters.iter().map(|matter| self.matter_handle(*matter).map_or_else(Vec::new, routes)).collect();
            }
            (Some(_), None) | (None, Some(_)) | (None, None) => self.rectangles(&asked, Told::Who),
        };
        let routes = |m: Handle| {
            let mut pairs = std::collections::BTreeSet::new();
            for rectangle in rectangles.iter().filter(|rectangle| rectangle.is_about(question, m)) {
                // One side is a single district, so this walks along a line, not over a plane.
                for receiving in rectangle.receiving.districts() {
                    let opening = |district: &Handle| self.opens(*district, m, rectangle, question.with_guide, asked.on);
                    pairs.extend(rectangle.competent.districts().into_iter().filter(opening).take(limit).map(|competent| (receiving, competent)));
                    if pairs.len() >= limit {
                        break;
                    }
                }
            }
            of_matter(&mut pairs.into_iter().map(|(receiving, competent)| {
                let (receiving_as, competent_as) = (self.standpoints(receiving, asked.on), self.standpoints(competent, asked.on));
                let between = Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on: asked.on };
                self.routes_between(&between, &self.held_between(&between), question, m, limit, detail)
            }))
        };
        matters.iter().map(|matter| self.matter_handle(*matter).map_or_else(Vec::new, routes)).collect()
    }

    /// The best routes between two districts that a question is about.
    fn routes_between(&self, between: &Between<'_>, held: &[Held<'_>], question: &Question, m: Handle, limit: usize, detail: Detail) -> Vec<Route> {
        let Between { receiving, competent, on, .. } = *between;
        let matter = &self.matter_at(m).matter;
        if receiving == competent || !matter.is_active(on) || self.is_retired(receiving, on) || self.is_retired(competent, on) {
            return Vec::new();
        }
        let offerings = self.offerings_of(competent, m, on);
        if question.with_guide && offerings.published.is_empty() {
            return Vec::new();
        }
        let wanted = |cover: &Cover| offerings.opens(cover) && (question.modes.is_empty() || question.modes.contains(&cover.mode()));
        let mut covers: Vec<Cover> = self.covers(held, between, m).into_iter().filter(wanted).collect();
        best_first(&mut covers);
        covers.truncate(limit);
        covers.into_iter().map(|cover| self.route(cover, m, receiving, competent, &offerings, on, detail)).collect()
    }

    /// How many matters are available for each ordered pair of these districts, by mode.
    pub fn coverage(&self, districts: &[DistrictCode], on: Date) -> Vec<CoverageCell> {
        let known: Vec<(DistrictCode, Handle)> = districts.iter().filter_map(|code| Some((*code, self.district_handle(*code)?))).collect();
        let mut cells = Vec::new();
        for (receiving, a) in &known {
            for (competent, c) in known.iter().filter(|(_, c)| a != c) {
                let (total, modes) = self.counts_between(*receiving, *competent, on);
                cells.push(CoverageCell {
                    receiving: self.district_at(*a).district.clone(),
                    competent: self.district_at(*c).district.clone(),
                    total,
                    modes,
                });
            }
        }
        cells
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
        let by_mode = self.open_by_mode(&asked, false);
        let mut all = RoaringBitmap::new();
        by_mode.values().for_each(|matters| all |= matters);
        let counts = by_mode.iter().filter(|(_, matters)| !matters.is_empty()).map(|(mode, matters)| (*mode, matters.len() as usize));
        (all.len() as usize, counts.collect())
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

    fn rectangles_of(&self, asked: &Asked, question: &Question, m: Handle) -> Vec<Rectangle<'_>> {
        let mut rectangles = self.rectangles(asked, Told::Who);
        rectangles.retain(|rectangle| rectangle.is_about(question, m));
        rectangles
    }

    /// Every clause in force that has to do with the question.
    fn rectangles<'a>(&'a self, asked: &Asked, told: Told) -> Vec<Rectangle<'a>> {
        let on = asked.on;
        let same = asked.receiving.as_ref().zip(asked.competent.as_ref()).is_some_and(|(a, c)| a.0 == c.0);
        let retired = |side: &Option<(Handle, Vec<Standpoint>)>| side.as_ref().is_some_and(|(handle, _)| self.is_retired(*handle, on));
        if same || retired(&asked.receiving) || retired(&asked.competent) {
            return Vec::new();
        }
        let sides = [&asked.receiving, &asked.competent].into_iter().flatten();
        let Some(agreements) = sides.map(|(_, standpoints)| self.agreements_as(standpoints)).reduce(|a, b| a & b) else { return Vec::new() };
        let mut rectangles = Vec::new();
        for entry in agreements.into_iter().filter_map(|at| self.holding_at(at, on)) {
            self.agreement_rectangles(entry, asked, told, &mut rectangles);
        }
        let mut reaches = BTreeMap::new();
        for entry in self.policies.iter() {
            self.policy_rectangles(entry, asked, &mut reaches, &mut rectangles);
        }
        if self.retiring.is_empty() {
            return rectangles;
        }
        let retired: RoaringBitmap = self.retiring.iter().filter(|handle| !self.matter_at(*handle).matter.is_active(on)).collect();
        for rectangle in &mut rectangles {
            *rectangle.matters.to_mut() -= &retired;
        }
        rectangles
    }

    fn agreement_rectangles<'a>(&'a self, entry: &'a AgreementEntry, asked: &Asked, told: Told, rectangles: &mut Vec<Rectangle<'a>>) {
        let on = asked.on;
        let agreement = &entry.agreement;
        let Some(at) = (if entry.is_plain { Some(0) } else { version_in_force(entry, on) }) else { return };
        let resolved = &entry.versions[at];
        let free = |party: u16| {
            if entry.is_plain {
                return true;
            }
            let version = &agreement.versions[at];
            let party = &version.parties[usize::from(party)];
            version.binds(party) && agreement.membership(version, party, on).includes(on) && agreement.flag_of(party.district, on).is_none()
        };
        let taking_part = |side: &Option<(Handle, Vec<Standpoint>)>| {
            let standpoints = side.as_ref().map(|(_, standpoints)| standpoints)?;
            let mut parties = parties_as(resolved, standpoints);
            parties.retain(|(party, _)| free(*party));
            Some(parties)
        };
        let (receiving, competent) = (taking_part(&asked.receiving), taking_part(&asked.competent));
        for clause in resolved.clauses.iter().filter(|clause| clause.period.includes(on)) {
            // What stands on the open side: everybody whom another party than ours brings in.
            let others = |side: &[u16], ours: &[(u16, Standpoint)], but: Handle, told: Told| {
                let mut districts = RoaringBitmap::new();
                for (place, party) in (0u16..).zip(&resolved.parties) {
                    let Some(counts_for) = self.counts_for(party.district, on) else { continue };
                    let different = ours.iter().any(|(_, standpoint)| standpoint.counts_for != counts_for);
                    if different && among(side, place) && free(place) {
                        if told == Told::ThatThereAre && counts_for != but {
                            return Side::Some;
                        }
                        districts.extend(self.named_with(party.district, party.subtree, on));
                        districts.remove(but);
                    }
                }
                Side::Many(districts)
            };
            let ours =
                |parties: &[(u16, Standpoint)], side: &[u16]| parties.iter().copied().filter(|(party, _)| among(side, *party)).collect::<Vec<_>>();
            let (receiving, competent) = match (&asked.receiving, &asked.competent, &receiving, &competent) {
                (Some((a, _)), Some((c, _)), Some(as_receiving), Some(as_competent)) => {
                    let (from, to) = (ours(as_receiving, &clause.receiving), ours(as_competent, &clause.competent));
                    if !from.iter().any(|(_, p)| to.iter().any(|(_, q)| p.counts_for != q.counts_for)) {
                        continue;
                    }
                    (Side::One(*a), Side::One(*c))
                }
                (Some((a, _)), _, Some(as_receiving), _) => {
                    (Side::One(*a), others(&clause.competent, &ours(as_receiving, &clause.receiving), *a, Told::Who))
                }
                (_, Some((c, _)), _, Some(as_competent)) => {
                    (others(&clause.receiving, &ours(as_competent, &clause.competent), *c, told), Side::One(*c))
                }
                _ => continue,
            };
            if !receiving.is_empty() && !competent.is_empty() {
                rectangles.push(Rectangle {
                    mode: clause.mode,
                    matters: Cow::Borrowed(&clause.matters),
                    needs_offering: false,
                    receiving,
                    competent,
                });
            }
        }
    }

    fn policy_rectangles<'a>(
        &'a self,
        entry: &'a PolicyEntry,
        asked: &Asked,
        reaches: &mut BTreeMap<Reach, RoaringBitmap>,
        rectangles: &mut Vec<Rectangle<'a>>,
    ) {
        let on = asked.on;
        let policy = &entry.policy;
        if !policy.period().includes(on) {
            return;
        }
        for (at, (clause, written)) in entry.clauses.iter().zip(&policy.schedule).enumerate() {
            if !written.period.includes(on) {
                continue;
            }
            let mut others = |territories: &[(Handle, bool)], from: Handle| {
                let mut districts = reaches.entry(written.reach).or_insert_with(|| self.within_reach(written.reach, from, on)).clone();
                if !territories.is_empty() {
                    let mut named = RoaringBitmap::new();
                    territories.iter().for_each(|(district, subtree)| named.extend(self.named_with(*district, *subtree, on)));
                    districts &= named;
                }
                districts.remove(from);
                Side::Many(districts)
            };
            let takes_part = |territories: &[(Handle, bool)], standpoints: &[Standpoint]| {
                territories.is_empty()
                    || standpoints.iter().any(|point| territories.iter().any(|(named, subtree)| *named == point.named && point.covers(*subtree)))
            };
            let (receiving, competent) = match (&asked.receiving, &asked.competent) {
                (Some((a, as_receiving)), Some((c, as_competent))) => {
                    if !self.policy_clause_covers(entry, at, *a, as_receiving, *c, as_competent, on) {
                        continue;
                    }
                    (Side::One(*a), Side::One(*c))
                }
                (Some((a, as_receiving)), None) if takes_part(&clause.receiving, as_receiving) => (Side::One(*a), others(&clause.competent, *a)),
                (None, Some((c, as_competent))) if takes_part(&clause.competent, as_competent) => (others(&clause.receiving, *c), Side::One(*c)),
                (Some(_), None) | (None, Some(_)) | (None, None) => continue,
            };
            if !receiving.is_empty() && !competent.is_empty() {
                rectangles.push(Rectangle {
                    mode: written.mode(),
                    matters: Cow::Borrowed(&clause.matters),
                    needs_offering: true,
                    receiving,
                    competent,
                });
            }
        }
    }

    /// The matters of a clause that some of these competent districts lets through.
    fn open_matters(&self, rectangle: &Rectangle<'_>, districts: &RoaringBitmap, with_guide: bool, on: Date) -> RoaringBitmap {
        let opens = |m: &Handle| {
            let offered_by = &self.matter_at(*m).offered_by;
            if rectangle.needs_offering || with_guide {
                return (&**offered_by & districts).iter().any(|district| self.opens(district, *m, rectangle, with_guide, on));
            }
            // Without an offering nothing was withdrawn.
            !districts.is_subset(offered_by) || districts.iter().any(|district| self.opens(district, *m, rectangle, with_guide, on))
        };
        rectangle.matters.iter().filter(opens).collect()
    }

    /// Does one competent district let a matter of a clause through?
    fn opens(&self, district: Handle, matter: Handle, rectangle: &Rectangle<'_>, with_guide: bool, on: Date) -> bool {
        let entry = self.district_at(district);
        if entry.always_offered.contains(matter) {
            return true;
        }
        let needs_offering = rectangle.needs_offering || with_guide;
        if !entry.dated_offered.contains(matter) {
            return !needs_offering;
        }
        let offerings = self.offerings_of(district, matter, on);
        !offerings.published.is_empty() || (!needs_offering && offerings.withdrawn.is_none())
    }
}

/// The version of an agreement that holds on a day, unless the registry has stopped the agreement.
fn version_in_force(entry: &AgreementEntry, on: Date) -> Option<usize> {
    let agreement = &entry.agreement;
    if agreement.voided.is_some() || agreement.registry_flag(on).is_some() {
        return None;
    }
    reference_version(entry, on).filter(|at| agreement.versions[*at].term().is_some_and(|term| term.includes(on)))
}
