//! Filtered and sorted lists of records.

use std::borrow::Cow;
use std::sync::Arc;

use domain::visibility::Scope;
use domain::{
    Agreement, AgreementNumber, Audience, Date, District, DistrictCode, DistrictKind, HandlingMode, Id, Matter, MatterCode, MatterDomain, Offering,
    Policy, Standing,
};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::derived_cache::CacheKey;
use crate::offering::OfferingBrief;
use crate::order::{By, Order, Slice, Sliced, UNPROMISED};
use crate::page::{PageSelection, select_from_index};
use crate::resolver::{parties_as, reference_version};
use crate::search::{Found, Index, Query, Rank, Text, Within};
use crate::snapshot::{AgreementEntry, AgreementSlot, Handle, Kept, Snapshot};
use crate::territory::Participation;
use crate::version::ClauseEntry;

/// An entry of a list, sorted by rank, then by code.
#[derive(Debug, Clone)]
pub struct Listed<C, T, R = u32> {
    pub rank: R,
    pub code: C,
    pub item: T,
}

/// Filter for matters. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct MatterFilter {
    pub search: Option<Query>,
    pub domains: Vec<MatterDomain>,
    pub audiences: Vec<Audience>,
}

/// Filter for districts. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct DistrictFilter {
    pub search: Option<Query>,
    pub kinds: Vec<DistrictKind>,
    /// This district and those below it on this day.
    pub within: Option<(DistrictCode, Date)>,
}

/// Filter for agreements. Empty fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// All of these are parties on the day, or on the last day of an agreement that has ended.
    pub parties: Vec<DistrictCode>,
    /// This district participates on the day, as a party or below one.
    pub covering: Option<DistrictCode>,
    pub standing: Vec<Standing>,
    /// The day for standing, parties and schedule.
    pub on: Date,
    pub matter: Option<MatterCode>,
    pub modes: Vec<HandlingMode>,
    pub search: Option<Query>,
    /// The agreement ends before this day.
    pub ending_before: Option<Date>,
}

/// A district with which another has agreements in force.
#[derive(Debug, Clone)]
pub struct Partner {
    pub district: Kept<District>,
    pub agreements: usize,
    /// The number of the partner's matters that are available in this district.
    pub matters_in: usize,
    /// The number of this district's matters that are available in the partner's.
    pub matters_out: usize,
}

/// A filter with resolved codes.
struct Looking<'a> {
    filter: &'a AgreementFilter,
    parties: Vec<Handle>,
    covering: Option<Vec<Participation>>,
    matter: Option<Handle>,
}

impl Looking<'_> {
    fn looks_at_parties_alone(&self) -> bool {
        let AgreementFilter { modes, ending_before, .. } = self.filter;
        self.covering.is_none() && self.matter.is_none() && modes.is_empty() && ending_before.is_none()
    }
}

/// A sorted list of agreements. Entries are read on demand, page by page.
#[derive(Debug)]
pub struct AgreementList<'a> {
    snapshot: &'a Snapshot,
    eyes: &'a Scope,
    /// Rank, number and handle.
    places: Vec<(u32, AgreementNumber, Handle)>,
}

impl AgreementList<'_> {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The visible part of the agreement at an index of the list.
    pub fn get(&self, place: usize) -> Option<Listed<AgreementNumber, Kept<Agreement>>> {
        let (rank, code, at) = *self.places.get(place)?;
        let item = self.snapshot.agreement_through(at, self.eyes)?.agreement.clone();
        Some(Listed { rank, code, item })
    }

    pub fn iter(&self) -> impl Iterator<Item = Listed<AgreementNumber, Kept<Agreement>>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// If fewer than one of this many agreements match, they are sorted instead of scanning the sorted index.
const SPARSE: usize = 32;
/// Maximum number of suggestions for a search without results.
const MAX_CORRECTIONS: usize = 3;
/// Maximum number of names whose pinyin is considered.
const MAX_SPELLED: usize = 20;

/// A search rank as a number, with popularity as the second key.
fn rank_of(rank: Rank, popularity: u64) -> u32 {
    let popularity = u16::try_from(popularity).unwrap_or(u16::MAX);
    (rank as u32) << 16 | u32::from(u16::MAX - popularity)
}

/// The other searchable names of a matter.
pub(crate) fn other_names_of_matter(matter: &Matter) -> impl Iterator<Item = &str> {
    matter.aliases.iter().map(AsRef::as_ref).chain(matter.english_name.as_deref()).chain([matter.code.as_str()])
}

/// The other searchable names of a district.
pub(crate) fn other_names_of_district(district: &District) -> impl Iterator<Item = &str> {
    let aliases = district.aliases.iter().map(AsRef::as_ref);
    let codes = district.codes.iter().map(|code| &*code.value).chain([district.code.as_str()]);
    aliases.chain(district.english_name.as_deref()).chain(codes)
}

/// The name by which a search finds a matter, highlighted.
pub fn highlight_matter(query: &Query, matter: &Matter) -> Found {
    query.highlight(&matter.name, other_names_of_matter(matter))
}

/// The name by which a search finds a district, highlighted.
pub fn highlight_district(query: &Query, district: &District) -> Found {
    query.highlight(&district.name, other_names_of_district(district))
}

/// The name by which a search finds an offering, highlighted: its own name, or one of its matter.
pub fn highlight_offering(query: &Query, own: Option<&str>, matter: Option<&Kept<Matter>>) -> Found {
    let matters = matter.into_iter().flat_map(|matter| std::iter::once(&*matter.name).chain(other_names_of_matter(matter)));
    let mut names = own.into_iter().chain(matters);
    query.highlight(names.next().unwrap_or_default(), names)
}

/// Suggestions for a query: spelling corrections if nothing matches, or the names that match as pinyin.
pub(crate) fn meant(query: &Query, names: &Index, within: Within<'_>, mark: impl Fn(Handle) -> Found) -> Vec<String> {
    let mut found = names.find(query, within);
    match found.iter().map(|(_, rank)| *rank).min() {
        None => names.corrections(query, within, MAX_CORRECTIONS),
        Some(best) if best >= Rank::PinyinPrefix => {
            found.sort_unstable_by_key(|(at, rank)| (*rank, *at));
            let mut spelled: Vec<String> = Vec::new();
            for (at, _) in found.into_iter().take(MAX_SPELLED) {
                let hits = mark(at).hits().collect::<Vec<_>>().join(" ");
                if spelled.len() < MAX_CORRECTIONS && !spelled.contains(&hits) {
                    spelled.push(hits);
                }
            }
            spelled
        }
        Some(_) => Vec::new(),
    }
}

fn ranked(search: Option<&Query>, text: &Text) -> Option<u32> {
    search.map_or(Some(0), |query| Some(rank_of(query.rank(text)?, 0)))
}

fn sorted<C: Ord + Copy, T>(mut list: Vec<Listed<C, T>>) -> Vec<Listed<C, T>> {
    list.sort_unstable_by_key(|listed| (listed.rank, listed.code));
    list
}

fn union<'a>(sets: impl Iterator<Item = &'a Bits>) -> Bits {
    let mut all = Bits::default();
    sets.for_each(|set| all |= set);
    all
}

fn chosen<T: PartialEq>(choice: &[T], value: &T) -> bool {
    choice.is_empty() || choice.contains(value)
}

impl Snapshot {
    pub fn list_districts(&self, filter: &DistrictFilter, slice: &Slice<DistrictCode>) -> Sliced<DistrictCode, Kept<District>> {
        let scope = self.scope_of_districts(filter);
        let directory = &self.district_directory;
        let sliced = match (&filter.search, &scope) {
            (Some(query), scope) => {
                let found = self.find_districts(query, scope.as_ref().map_or(Within::All, Within::These));
                directory.cut(slice, found.into_iter().map(|(at, rank)| (at, rank_of(rank, 0))))
            }
            (None, Some(scope)) => directory.cut(slice, scope.iter().map(|at| (at, 0))),
            (None, None) => directory.cut(slice, (0..).take(self.districts.len()).map(|at| (at, 0))),
        };
        sliced.map(|at| self.district_at(at).district.clone())
    }

    /// The districts that match the filter apart from the search; `None`: all.
    fn scope_of_districts(&self, filter: &DistrictFilter) -> Option<Bits> {
        let within = filter
            .within
            .map(|(code, on)| self.district_handle(code).map(|handle| self.downwards(handle, on).into_iter().collect::<Bits>()).unwrap_or_default());
        if filter.kinds.is_empty() {
            return within;
        }
        let is_kind = |at: &Handle| filter.kinds.contains(&self.district_at(*at).district.kind);
        Some(match within {
            Some(within) => within.iter().filter(is_kind).collect(),
            None => (0..).take(self.districts.len()).filter(is_kind).collect(),
        })
    }

    /// Suggestions for a search for districts.
    pub fn meant_among_districts(&self, filter: &DistrictFilter) -> Vec<String> {
        let Some(query) = &filter.search else { return Vec::new() };
        let scope = self.scope_of_districts(filter);
        let within = scope.as_ref().map_or(Within::All, Within::These);
        if self.is_path_of_district(query, within) {
            return Vec::new();
        }
        meant(query, &self.district_directory.names, within, |at| highlight_district(query, &self.district_at(at).district))
    }

    pub fn list_matters(&self, filter: &MatterFilter, slice: &Slice<MatterCode>) -> Sliced<MatterCode, Kept<Matter>> {
        let scope = self.scope_of_matters(&filter.domains, &filter.audiences);
        let directory = &self.matter_directory;
        let sliced = match (&filter.search, &scope) {
            (Some(query), scope) => {
                let found = directory.names.find(query, scope.as_ref().map_or(Within::All, Within::These));
                directory.cut(slice, found.into_iter().map(|(at, rank)| (at, self.relevance(at, rank))))
            }
            (None, Some(scope)) => directory.cut(slice, scope.iter().map(|at| (at, 0))),
            (None, None) => directory.cut(slice, (0..).take(self.matters.len()).map(|at| (at, 0))),
        };
        sliced.map(|at| self.matter_at(at).matter.clone())
    }

    /// The matters of some domains and audiences; `None`: all.
    pub(crate) fn scope_of_matters(&self, domains: &[MatterDomain], audiences: &[Audience]) -> Option<Bits> {
        let kinds = &self.matter_kinds;
        let of_domains = (!domains.is_empty()).then(|| union(domains.iter().filter_map(|domain| kinds.domains.get(domain))));
        let for_audiences = (!audiences.is_empty()).then(|| union(audiences.iter().filter_map(|audience| kinds.audiences.get(audience))));
        match (of_domains, for_audiences) {
            (Some(mut one), Some(two)) => {
                one &= &two;
                Some(one)
            }
            (one, two) => one.or(two),
        }
    }

    /// The relevance of a matter: its search rank, then the number of districts that offer it.
    pub(crate) fn relevance(&self, at: Handle, rank: Rank) -> u32 {
        rank_of(rank, self.offered_in[at as usize].into())
    }

    /// Suggestions for a search for matters.
    pub fn meant_among_matters(&self, filter: &MatterFilter) -> Vec<String> {
        let Some(query) = &filter.search else { return Vec::new() };
        let scope = self.scope_of_matters(&filter.domains, &filter.audiences);
        self.meant_by_matters(query, scope.as_ref().map_or(Within::All, Within::These))
    }

    /// Suggestions for a search for a district's offerings, among the matters that it offers.
    pub fn meant_among_offerings(&self, query: &Query, code: DistrictCode, domains: &[MatterDomain]) -> Vec<String> {
        let Some(handle) = self.district_handle(code) else { return Vec::new() };
        let entry = self.district_at(handle);
        let mut offered = Bits::clone(&entry.always_offered);
        offered |= &entry.dated_offered;
        if let Some(of) = self.scope_of_matters(domains, &[]) {
            offered &= &of;
        }
        self.meant_by_matters(query, Within::These(&offered))
    }

    pub(crate) fn meant_by_matters(&self, query: &Query, within: Within<'_>) -> Vec<String> {
        meant(query, &self.matter_directory.names, within, |at| highlight_matter(query, &self.matter_at(at).matter))
    }

    /// The visible agreements that match a filter. The standing is derived from the published part, whatever the scope.
    pub fn list_agreements<'a>(&'a self, filter: &AgreementFilter, eyes: &'a Scope) -> AgreementList<'a> {
        let places = self.places_of_agreements(filter, eyes);
        AgreementList { snapshot: self, eyes, places }
    }

    /// A page of the same list, without sorting all of it.
    pub fn cut_agreements(&self, filter: &AgreementFilter, eyes: &Scope, slice: &Slice<AgreementNumber>) -> Sliced<AgreementNumber, Kept<Agreement>> {
        let found = self.found_agreements(filter, eyes);
        let sliced = if filter.search.is_none() && found.len() > self.agreements.len() / SPARSE {
            select_from_index(slice, &self.agreement_numbers, &found)
        } else {
            let mut selection = PageSelection::new(slice);
            self.ranked_agreements(filter, eyes, &found).for_each(|listed| selection.take(listed));
            selection.done()
        };
        let Sliced { entries, total, has_previous, has_next } = sliced;
        let entry = |(spot, at)| Some((spot, self.agreement_through(at, eyes)?.agreement.clone()));
        Sliced { entries: entries.into_iter().filter_map(entry).collect(), total, has_previous, has_next }
    }

    fn places_of_agreements(&self, filter: &AgreementFilter, eyes: &Scope) -> Vec<(u32, AgreementNumber, Handle)> {
        let mut places: Vec<_> = self.ranked_agreements(filter, eyes, &self.found_agreements(filter, eyes)).collect();
        places.sort_unstable();
        places
    }

    /// The agreements among some that the search finds, each with its rank and number.
    fn ranked_agreements(&self, filter: &AgreementFilter, eyes: &Scope, found: &Bits) -> impl Iterator<Item = (u32, AgreementNumber, Handle)> {
        found.iter().filter_map(move |at| {
            let AgreementSlot::Kept { number, .. } = self.agreements[at] else { return None };
            let rank = match &filter.search {
                Some(query) => ranked(Some(query), &self.agreement_through(at, eyes)?.text)?,
                None => 0,
            };
            Some((rank, number, at))
        })
    }

    /// The agreements that match a filter apart from the search.
    fn found_agreements(&self, filter: &AgreementFilter, eyes: &Scope) -> Bits {
        let mut candidates: Option<RoaringBitmap> = None;
        let mut narrow = |to: RoaringBitmap| candidates = Some(candidates.take().map_or_else(|| to.clone(), |so_far| so_far & &to));
        let parties: Option<Vec<Handle>> = filter.parties.iter().map(|code| self.district_handle(*code)).collect();
        let Some(parties) = parties else { return Bits::default() };
        for party in &parties {
            narrow((*self.district_at(*party).agreements).clone());
        }
        let covering = filter.covering.map(|code| self.district_handle(code).map(|handle| self.participations(handle, filter.on)));
        if let Some(participations) = &covering {
            narrow(participations.as_ref().map(|participations| self.agreements_as(participations)).unwrap_or_default());
        }
        let matter = filter.matter.map(|code| self.matter_handle(code));
        if matches!(matter, Some(None)) {
            return Bits::default();
        }
        let looking = Looking { filter, parties, covering: covering.flatten(), matter: matter.flatten() };
        if let Some(matter) = looking.matter {
            narrow(self.schedules.candidates(matter, &filter.modes));
        }
        // A plain agreement is public, the districts that it names are its parties, and it has one version.
        let reaches = |at: &Handle| match (&looking.covering, &self.agreements[*at]) {
            (Some(participations), AgreementSlot::Kept { plain: Some(version), .. }) => !parties_as(version, participations).is_empty(),
            (None, _) | (Some(_), AgreementSlot::Kept { plain: None, .. } | AgreementSlot::Removed(_)) => true,
        };
        let plain = self.schedules.found(filter);
        let mut others = self.schedules.others(filter);
        let mut found = match &candidates {
            Some(candidates) => {
                others &= candidates;
                candidates.iter().filter(|at| plain.contains(*at)).filter(reaches).collect()
            }
            None => plain,
        };
        for at in others {
            let is_listed = |entry: Cow<'_, AgreementEntry>| self.lists(at, &entry, &looking);
            if chosen(&filter.standing, &self.standing_of(at, filter.on)) && self.agreement_through(at, eyes).is_some_and(is_listed) {
                found.insert(at);
            }
        }
        found
    }

    /// The standing of an agreement on a day, as known today.
    fn standing_of(&self, at: Handle, on: Date) -> Standing {
        if let AgreementSlot::Kept { plain: Some(_), term: Some(term), .. } = &self.agreements[at]
            && !term.begins_after(on)
        {
            return if term.includes(on) { Standing::InForce } else { Standing::Expired };
        }
        match (self.agreement_at(at), self.file_at(at)) {
            (Some(entry), _) => entry.agreement.standing(on),
            (None, Some(file)) if file.whole.agreement.voided.is_some() => Standing::Voided,
            (None, _) => Standing::NotConcluded,
        }
    }

    /// The version that a list filters by: the published reference version of the day; if nothing is published, the newest.
    fn listed_version(&self, at: Handle, entry: &AgreementEntry, on: Date) -> usize {
        let published = self.agreement_at(at).and_then(|public| Some(public.agreement.versions[reference_version(public, on)?].number));
        let place = |number| entry.agreement.versions.iter().position(|version| version.number == number);
        published.and_then(place).unwrap_or(entry.agreement.versions.len() - 1)
    }

    fn lists(&self, at: Handle, entry: &AgreementEntry, looking: &Looking<'_>) -> bool {
        let Looking { filter, parties, covering, matter } = looking;
        if parties.is_empty() && looking.looks_at_parties_alone() {
            return true;
        }
        let place = self.listed_version(at, entry, filter.on);
        let (version, resolved) = (&entry.agreement.versions[place], &entry.versions[place]);
        let counts = |party: u16| entry.agreement.counts_as_party(version, &version.parties[usize::from(party)], filter.on, self.today);
        let is_party = |district: &Handle| (0u16..).zip(resolved.parties()).any(|(place, party)| party.district == *district && counts(place));
        if !parties.iter().all(is_party) {
            return false;
        }
        let reaches = covering.as_ref().is_none_or(|participations| parties_as(resolved, participations).iter().any(|(party, _)| counts(*party)));
        let ends = filter.ending_before.is_none_or(|before| version.ends_on(filter.on).is_some_and(|to| to < before));
        let fits = |clause: ClauseEntry<'_>| matter.is_none_or(|matter| clause.matters.contains(matter)) && chosen(&filter.modes, &clause.mode);
        let any_clause = matter.is_none() && filter.modes.is_empty();
        reaches && ends && (any_clause || resolved.clauses().any(fits))
    }

    /// The policies in force on a day, or all policies.
    pub fn list_policies(&self, on: Option<Date>) -> Vec<Listed<Id<Policy>, Kept<Policy>>> {
        let policies = self.policies.iter().filter(|entry| on.is_none_or(|on| entry.policy.period().includes(on)));
        sorted(policies.map(|entry| Listed { rank: 0, code: entry.policy.id, item: entry.policy.clone() }).collect())
    }

    /// A district's offerings in some order, searched by the names of their matters. Offerings without a matter are not found by
    /// a search, and are last by name.
    pub fn offerings_of_district(
        &self,
        code: DistrictCode,
        domains: &[MatterDomain],
        search: Option<&Query>,
        order: Order,
    ) -> Vec<Listed<Id<Offering>, OfferingBrief, By>> {
        const NAMELESS: &str = "~";
        let Some(handle) = self.district_handle(code) else { return Vec::new() };
        let names = &self.matter_directory;
        let by = |matter: Option<Handle>, brief: &OfferingBrief, relevance: u32| match order {
            Order::Relevance => By::Relevance(relevance),
            Order::Name => By::Name(matter.map_or_else(|| NAMELESS.into(), |matter| names.read_name(matter))),
            Order::PromisedDays => By::PromisedDays(brief.days.unwrap_or(UNPROMISED)),
            Order::Code => By::Code,
        };
        let of = self.scope_of_matters(domains, &[]);
        let listed = self.offerings_in(handle).filter_map(|offering| {
            let matter = offering.matter();
            let fits = of.as_ref().is_none_or(|of| matter.is_some_and(|matter| of.contains(matter)));
            let relevance = match (search, matter) {
                (None, _) => Some(0),
                (Some(query), Some(matter)) => names.names.rank(query, matter).map(|rank| rank_of(rank, 0)),
                (Some(_), None) => None,
            };
            let relevance = relevance.filter(|_| fits)?;
            let brief = offering.brief();
            Some(Listed { rank: by(matter, &brief, relevance), code: brief.id, item: brief })
        });
        let mut listed: Vec<_> = listed.collect();
        listed.sort_unstable_by(|a, b| (&a.rank, a.code).cmp(&(&b.rank, b.code)));
        listed
    }

    /// The partners of a district: the other parties of agreements in force in which it participates, by code.
    pub fn partners(&self, code: DistrictCode, on: Date) -> PartnerList<'_> {
        let places = match self.district_handle(code).filter(|handle| !self.is_retired(*handle, on)) {
            Some(handle) => {
                let participations = self.participations(handle, on);
                let key = CacheKey { competent: handle, on, today: self.today };
                let as_of = self.agreements_as_of(&participations);
                self.derived.partners.get_or_compute(key, as_of, || self.compute_partners(handle, &participations, on).into())
            }
            None => Arc::default(),
        };
        PartnerList { snapshot: self, code, on, places }
    }

    fn compute_partners(&self, handle: Handle, participations: &[Participation], on: Date) -> Vec<(Handle, u32)> {
        let mut partners: std::collections::BTreeMap<Handle, u32> = std::collections::BTreeMap::new();
        for at in self.agreements_as(participations) {
            let Some(entry) = self.agreement_at(at) else { continue };
            if entry.agreement.standing(on) != Standing::InForce {
                continue;
            }
            let Some(version) = reference_version(entry, on) else { continue };
            let written = &entry.agreement.versions[version];
            let is_member = |place: u16| {
                let party = &written.parties[usize::from(place)];
                written.binds(party) && entry.agreement.membership(written, party, on).includes(on)
            };
            let ours = parties_as(&entry.versions[version], participations);
            for (place, party) in (0u16..).zip(entry.versions[version].parties()) {
                let different = ours.iter().any(|(own, _)| *own != place && is_member(*own));
                if different
                    && is_member(place)
                    && let Some(partner) = self.counts_for(party.district, on).filter(|partner| *partner != handle)
                {
                    *partners.entry(partner).or_default() += 1;
                }
            }
        }
        let mut partners: Vec<(Handle, u32)> = partners.into_iter().collect();
        partners.sort_unstable_by_key(|(partner, _)| self.district_at(*partner).district.code);
        partners
    }
}

/// The partners of a district by code. Matters are counted on demand, page by page.
#[derive(Debug)]
pub struct PartnerList<'a> {
    snapshot: &'a Snapshot,
    code: DistrictCode,
    on: Date,
    /// Handle and number of agreements.
    places: Arc<[(Handle, u32)]>,
}

impl PartnerList<'_> {
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The code of a partner.
    pub fn code(&self, place: usize) -> Option<DistrictCode> {
        Some(self.snapshot.district_at(self.places.get(place)?.0).district.code)
    }

    /// A partner, with the numbers of available matters if `is_counted`.
    pub fn get(&self, place: usize, is_counted: bool) -> Option<Listed<DistrictCode, Partner>> {
        let (partner, agreements) = *self.places.get(place)?;
        let district = self.snapshot.district_at(partner).district.clone();
        let count = |receiving, competent| if is_counted { self.snapshot.counts_between(receiving, competent, self.on).0 } else { 0 };
        let item = Partner {
            agreements: agreements as usize,
            matters_in: count(self.code, district.code),
            matters_out: count(district.code, self.code),
            district,
        };
        Some(Listed { rank: 0, code: item.district.code, item })
    }

    pub fn iter(&self) -> impl Iterator<Item = Listed<DistrictCode, Partner>> {
        (0..self.len()).filter_map(|place| self.get(place, true))
    }
}
