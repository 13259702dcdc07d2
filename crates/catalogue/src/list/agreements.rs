//! Lists of agreements.

use std::borrow::Cow;
use std::collections::BTreeSet;

use domain::visibility::Scope;
use domain::{Agreement, AgreementNumber, Date, DistrictCode, Standing};
use roaring::RoaringBitmap;

use crate::between::{Participation, parties_as, reference_version};
use crate::bits::Bits;
use crate::entry::{AgreementEntry, AgreementSlot};
use crate::filter::AgreementFilter;
use crate::handle::{Handle, Kept};
use crate::list::names::rank_of;
use crate::order::{Listed, Slice, Sliced};
use crate::page::{PageSelection, select_from_index};
use crate::search::query::Query;
use crate::search::text::Text;
use crate::snapshot::Snapshot;
use crate::version::ClauseEntry;

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
    scope: &'a Scope,
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
        let item = self.snapshot.agreement_visible_to(at, self.scope)?.agreement.clone();
        Some(Listed { rank, code, item })
    }

    pub fn iter(&self) -> impl Iterator<Item = Listed<AgreementNumber, Kept<Agreement>>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// If fewer than one of this many agreements match, they are sorted instead of scanning the sorted index.
const SPARSE: usize = 32;

fn ranked(search: Option<&Query>, text: &Text) -> Option<u32> {
    search.map_or(Some(0), |query| Some(rank_of(query.rank(text)?, 0)))
}

fn chosen<T: PartialEq>(choice: &[T], value: &T) -> bool {
    choice.is_empty() || choice.contains(value)
}

impl Snapshot {
    /// The visible agreements that match a filter. The standing is derived from the published part, whatever the scope.
    pub fn list_agreements<'a>(&'a self, filter: &AgreementFilter, scope: &'a Scope) -> AgreementList<'a> {
        let places = self.places_of_agreements(filter, scope);
        AgreementList { snapshot: self, scope, places }
    }

    /// The visible agreements that these districts take part in or have drafted, the newest first.
    pub fn agreements_of(&self, districts: &BTreeSet<DistrictCode>, scope: &Scope) -> Vec<Kept<Agreement>> {
        let mut found = RoaringBitmap::new();
        for at in districts.iter().filter_map(|code| self.district_handle(*code)) {
            found |= &*self.district_at(at).agreements;
        }
        let visible = found.iter().filter_map(|at| self.agreement_visible_to(at, scope));
        let mut agreements: Vec<_> = visible.map(|entry| entry.agreement.clone()).collect();
        agreements.sort_unstable_by_key(|agreement| std::cmp::Reverse(agreement.number));
        agreements
    }

    /// A page of the same list, without sorting all of it.
    pub fn cut_agreements(
        &self,
        filter: &AgreementFilter,
        scope: &Scope,
        slice: &Slice<AgreementNumber>,
    ) -> Sliced<AgreementNumber, Kept<Agreement>> {
        let found = self.found_agreements(filter, scope);
        let sliced = if filter.search.is_none() && found.len() > self.agreements.len() / SPARSE {
            select_from_index(slice, &self.agreement_numbers, &found)
        } else {
            let mut selection = PageSelection::new(slice);
            self.ranked_agreements(filter, scope, &found).for_each(|listed| selection.take(listed));
            selection.done()
        };
        let Sliced { entries, total, has_previous, has_next } = sliced;
        let entry = |(spot, at)| Some((spot, self.agreement_visible_to(at, scope)?.agreement.clone()));
        Sliced { entries: entries.into_iter().filter_map(entry).collect(), total, has_previous, has_next }
    }

    fn places_of_agreements(&self, filter: &AgreementFilter, scope: &Scope) -> Vec<(u32, AgreementNumber, Handle)> {
        let mut places: Vec<_> = self.ranked_agreements(filter, scope, &self.found_agreements(filter, scope)).collect();
        places.sort_unstable();
        places
    }

    /// The agreements among some that the search finds, each with its rank and number.
    fn ranked_agreements(
        &self,
        filter: &AgreementFilter,
        scope: &Scope,
        found: &Bits,
    ) -> impl Iterator<Item = (u32, AgreementNumber, Handle)> {
        found.iter().filter_map(move |at| {
            let AgreementSlot::Kept { number, .. } = self.agreements[at] else { return None };
            let rank = match &filter.search {
                Some(query) => ranked(Some(query), &self.agreement_visible_to(at, scope)?.text)?,
                None => 0,
            };
            Some((rank, number, at))
        })
    }

    /// The agreements that match a filter apart from the search.
    fn found_agreements(&self, filter: &AgreementFilter, scope: &Scope) -> Bits {
        let mut candidates: Option<RoaringBitmap> = None;
        let mut narrow =
            |to: RoaringBitmap| candidates = Some(candidates.take().map_or_else(|| to.clone(), |so_far| so_far & &to));
        let parties: Option<Vec<Handle>> = filter.parties.iter().map(|code| self.district_handle(*code)).collect();
        let Some(parties) = parties else { return Bits::default() };
        for party in &parties {
            narrow((*self.district_at(*party).agreements).clone());
        }
        let covering =
            filter.covering.map(|code| self.district_handle(code).map(|handle| self.participations(handle, filter.on)));
        if let Some(participations) = &covering {
            narrow(
                participations.as_ref().map(|participations| self.agreements_as(participations)).unwrap_or_default(),
            );
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
            (Some(participations), AgreementSlot::Kept { plain: Some(version), .. }) => {
                !parties_as(version, participations).is_empty()
            }
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
            if chosen(&filter.standing, &self.standing_of(at, filter.on))
                && self.agreement_visible_to(at, scope).is_some_and(is_listed)
            {
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

    /// The version that a list filters by: the published reference version of the day; if nothing is published, the
    /// newest.
    fn listed_version(&self, at: Handle, entry: &AgreementEntry, on: Date) -> usize {
        let published = self
            .agreement_at(at)
            .and_then(|public| Some(public.agreement.versions[reference_version(public, on)?].number));
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
        let counts = |party: u16| {
            entry.agreement.counts_as_party(version, &version.parties[usize::from(party)], filter.on, self.today)
        };
        let is_party = |district: &Handle| {
            (0u16..).zip(resolved.parties()).any(|(place, party)| party.district == *district && counts(place))
        };
        if !parties.iter().all(is_party) {
            return false;
        }
        let reaches = covering
            .as_ref()
            .is_none_or(|participations| parties_as(resolved, participations).iter().any(|(party, _)| counts(*party)));
        let ends = filter.ending_before.is_none_or(|before| version.ends_on(filter.on).is_some_and(|to| to < before));
        let fits = |clause: ClauseEntry<'_>| {
            matter.is_none_or(|matter| clause.matters.contains(matter)) && chosen(&filter.modes, &clause.mode)
        };
        let any_clause = matter.is_none() && filter.modes.is_empty();
        reaches && ends && (any_clause || resolved.clauses().any(fits))
    }
}
