//! Lists of districts, matters, policies and offerings.

use domain::{Audience, Date, District, DistrictCode, Id, Matter, MatterCode, MatterDomain, Offering, Policy};

use crate::bits::Bits;
use crate::filter::{DistrictFilter, MatterFilter};
use crate::handle::{Handle, Kept};
use crate::list::names::{highlight_district, highlight_matter, rank_of, suggest};
use crate::offering_entry::OfferingBrief;
use crate::order::{By, Listed, Order, Slice, Sliced, UNPROMISED};
use crate::search::everyday::everyday;
use crate::search::index::Within;
use crate::search::query::Query;
use crate::search::rank::Rank;
use crate::snapshot::Snapshot;

fn union<'a>(sets: impl Iterator<Item = &'a Bits>) -> Bits {
    let mut all = Bits::default();
    sets.for_each(|set| all |= set);
    all
}

fn sorted<C: Ord + Copy, T>(mut list: Vec<Listed<C, T>>) -> Vec<Listed<C, T>> {
    list.sort_unstable_by_key(|listed| (listed.rank, listed.code));
    list
}

impl Snapshot {
    pub fn list_districts(
        &self,
        filter: &DistrictFilter,
        slice: &Slice<DistrictCode>,
    ) -> Sliced<DistrictCode, Kept<District>> {
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
        let within = filter.within.map(|(code, on)| {
            self.district_handle(code)
                .map(|handle| self.downwards(handle, on).into_iter().collect::<Bits>())
                .unwrap_or_default()
        });
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
    pub fn suggest_districts(&self, filter: &DistrictFilter) -> Vec<String> {
        let Some(query) = &filter.search else { return Vec::new() };
        let scope = self.scope_of_districts(filter);
        let within = scope.as_ref().map_or(Within::All, Within::These);
        if self.is_path_of_district(query, within) {
            return Vec::new();
        }
        suggest(query, &self.district_directory.names, within, |at| {
            highlight_district(query, &self.district_at(at).district)
        })
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
        let of_domains =
            (!domains.is_empty()).then(|| union(domains.iter().filter_map(|domain| kinds.domains.get(domain))));
        let for_audiences = (!audiences.is_empty())
            .then(|| union(audiences.iter().filter_map(|audience| kinds.audiences.get(audience))));
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

    /// The query for a search for matters. If no matter has the text itself, it is read as everyday words; if these find
    /// nothing either, the text stays.
    pub fn matter_query(&self, typed: &str) -> Option<Query> {
        let query = Query::new(typed)?;
        let others = everyday(typed);
        let finds = |query: &Query| self.matter_directory.names.matches_any(query);
        if others.is_empty() || finds(&query) {
            return Some(query);
        }
        Some(others.into_iter().find(finds).unwrap_or(query))
    }

    /// Suggestions for a search for matters.
    pub fn suggest_matters(&self, filter: &MatterFilter) -> Vec<String> {
        let Some(query) = &filter.search else { return Vec::new() };
        let scope = self.scope_of_matters(&filter.domains, &filter.audiences);
        self.suggestions_among(query, scope.as_ref().map_or(Within::All, Within::These))
    }

    /// Suggestions for a search for a district's offerings, among the matters that it offers.
    pub fn suggest_offerings(&self, query: &Query, code: DistrictCode, domains: &[MatterDomain]) -> Vec<String> {
        let Some(handle) = self.district_handle(code) else { return Vec::new() };
        let entry = self.district_at(handle);
        let mut offered = Bits::clone(&entry.always_offered);
        offered |= &entry.dated_offered;
        if let Some(of) = self.scope_of_matters(domains, &[]) {
            offered &= &of;
        }
        self.suggestions_among(query, Within::These(&offered))
    }

    pub(crate) fn suggestions_among(&self, query: &Query, within: Within<'_>) -> Vec<String> {
        suggest(query, &self.matter_directory.names, within, |at| highlight_matter(query, &self.matter_at(at).matter))
    }

    /// The policies in force on a day, or all policies.
    pub fn list_policies(&self, on: Option<Date>) -> Vec<Listed<Id<Policy>, Kept<Policy>>> {
        let policies = self.policies.iter().filter(|entry| on.is_none_or(|on| entry.policy.period().includes(on)));
        sorted(policies.map(|entry| Listed { rank: 0, code: entry.policy.id, item: entry.policy.clone() }).collect())
    }

    /// A district's offerings in some order, searched by the names of their matters. Offerings without a matter are not
    /// found by a search, and are last by name.
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
}
