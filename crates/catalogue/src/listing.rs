//! Lists of records, whole and sorted; whoever shows them cuts the page.

use domain::sight::Eyes;
use domain::{
    Agreement, AgreementClause, AgreementNumber, Audience, Date, District, DistrictCode, DistrictKind, HandlingMode, Id, Matter, MatterCode,
    MatterDomain, Offering, Policy, Standing,
};
use roaring::RoaringBitmap;

use crate::offering::OfferingBrief;
use crate::resolver::{parties_as, reference_version};
use crate::search::{Query, Text};
use crate::snapshot::{AgreementEntry, ClauseEntry, Handle, Kept, MatterEntry, Snapshot};
use crate::territory::Standpoint;

/// One entry of a list: sorted by rank, then by code.
#[derive(Debug, Clone)]
pub struct Listed<C, T> {
    pub rank: u32,
    pub code: C,
    pub item: T,
}

/// Which agreements? What is left out does not filter.
#[derive(Debug, Clone, Default)]
pub struct AgreementFilter {
    /// They have them all on record as parties.
    pub parties: Vec<DistrictCode>,
    /// They reach this district, as a party or below one.
    pub covering: Option<DistrictCode>,
    pub standing: Vec<Standing>,
    /// The day of the standing, and of the schedule.
    pub on: Date,
    pub matter: Option<MatterCode>,
    pub modes: Vec<HandlingMode>,
    pub search: Option<Query>,
    /// They end before this day.
    pub ending_before: Option<Date>,
}

/// A district with which another has agreements in force.
#[derive(Debug, Clone)]
pub struct Partner {
    pub district: Kept<District>,
    pub agreements: usize,
    /// Matters of the partner that can be done here.
    pub matters_in: usize,
    /// Matters of this district that can be done at the partner's.
    pub matters_out: usize,
}

/// A filter with its codes resolved.
struct Looking<'a> {
    filter: &'a AgreementFilter,
    parties: Vec<Handle>,
    covering: Option<Vec<Standpoint>>,
    matter: Option<Handle>,
}

/// A search rank as a number, popularity after it.
fn rank_of(query: &Query, text: &Text, popularity: u64) -> Option<u32> {
    let popularity = u16::try_from(popularity).unwrap_or(u16::MAX);
    query.rank(text).map(|rank| ((rank as u32) << 16) | u32::from(u16::MAX - popularity))
}

impl MatterEntry {
    pub(crate) fn rank(&self, query: &Query) -> Option<u32> {
        rank_of(query, &self.text, self.offered_by.len())
    }
}

fn ranked(search: Option<&Query>, text: &Text) -> Option<u32> {
    search.map_or(Some(0), |query| rank_of(query, text, 0))
}

fn sorted<C: Ord + Copy, T>(mut list: Vec<Listed<C, T>>) -> Vec<Listed<C, T>> {
    list.sort_unstable_by_key(|listed| (listed.rank, listed.code));
    list
}

fn chosen<T: PartialEq>(choice: &[T], value: &T) -> bool {
    choice.is_empty() || choice.contains(value)
}

impl Snapshot {
    pub fn list_districts(
        &self,
        search: Option<&Query>,
        kinds: &[DistrictKind],
        within: Option<DistrictCode>,
        on: Date,
    ) -> Vec<Listed<DistrictCode, Kept<District>>> {
        let within = within.map(|code| {
            self.district_handle(code).map(|handle| self.downwards(handle, on).into_iter().collect::<RoaringBitmap>()).unwrap_or_default()
        });
        let districts = self
            .districts
            .iter()
            .zip(0..)
            .filter(|(entry, handle)| chosen(kinds, &entry.district.kind) && within.as_ref().is_none_or(|within| within.contains(*handle)));
        let listed = districts
            .filter_map(|(entry, _)| Some(Listed { rank: ranked(search, &entry.text)?, code: entry.district.code, item: entry.district.clone() }));
        sorted(listed.collect())
    }

    pub fn list_matters(&self, search: Option<&Query>, domains: &[MatterDomain], audiences: &[Audience]) -> Vec<Listed<MatterCode, Kept<Matter>>> {
        let for_audience = |matter: &Matter| audiences.is_empty() || matter.audience.iter().any(|audience| audiences.contains(audience));
        let matters = self.matters.iter().filter(|entry| chosen(domains, &entry.matter.domain) && for_audience(&entry.matter));
        let rank = |entry: &MatterEntry| search.map_or(Some(0), |query| entry.rank(query));
        sorted(matters.filter_map(|entry| Some(Listed { rank: rank(entry)?, code: entry.matter.code, item: entry.matter.clone() })).collect())
    }

    /// The agreements that these eyes see. What they are worth on a day follows from what is published, whoever
    /// asks.
    pub fn list_agreements(&self, filter: &AgreementFilter, eyes: &Eyes) -> Vec<Listed<AgreementNumber, Kept<Agreement>>> {
        let mut candidates: Option<RoaringBitmap> = None;
        let mut narrow = |to: RoaringBitmap| candidates = Some(candidates.take().map_or_else(|| to.clone(), |so_far| so_far & &to));
        let parties: Option<Vec<Handle>> = filter.parties.iter().map(|code| self.district_handle(*code)).collect();
        let Some(parties) = parties else { return Vec::new() };
        for party in &parties {
            narrow((*self.district_at(*party).agreements).clone());
        }
        let covering = filter.covering.map(|code| self.district_handle(code).map(|handle| self.standpoints(handle, filter.on)));
        if let Some(standpoints) = &covering {
            narrow(standpoints.as_ref().map(|standpoints| self.agreements_as(standpoints)).unwrap_or_default());
        }
        let matter = filter.matter.map(|code| self.matter_handle(code));
        if matches!(matter, Some(None)) {
            return Vec::new();
        }
        let looking = Looking { filter, parties, covering: covering.flatten(), matter: matter.flatten() };
        let listed = |at: Handle| {
            let entry = self.agreement_through(at, eyes)?;
            let rank = ranked(filter.search.as_ref(), &entry.text)?;
            let standing = self.standing_of(at, filter.on);
            let fits = chosen(&filter.standing, &standing) && self.lists(at, &entry, &looking);
            fits.then(|| Listed { rank, code: entry.agreement.number, item: entry.agreement.clone() })
        };
        sorted(match candidates {
            Some(candidates) => candidates.iter().filter_map(listed).collect(),
            None => (0..).take(self.agreements.len()).filter_map(listed).collect(),
        })
    }

    /// What an agreement is worth on a day, as far as is known today.
    fn standing_of(&self, at: Handle, on: Date) -> Standing {
        match (self.agreement_at(at), self.file_at(at)) {
            (Some(entry), _) => entry.agreement.standing(on),
            (None, Some(file)) if file.whole.agreement.voided.is_some() => Standing::Voided,
            (None, _) => Standing::NotConcluded,
        }
    }

    /// The version that a list speaks of: the published one that the day is about; where nothing is published,
    /// the newest.
    fn listed_version(&self, at: Handle, entry: &AgreementEntry, on: Date) -> usize {
        let published = self.agreement_at(at).and_then(|public| Some(public.agreement.versions[reference_version(public, on)?].number));
        let place = |number| entry.agreement.versions.iter().position(|version| version.number == number);
        published.and_then(place).unwrap_or(entry.agreement.versions.len() - 1)
    }

    fn lists(&self, at: Handle, entry: &AgreementEntry, looking: &Looking<'_>) -> bool {
        let Looking { filter, parties, covering, matter } = looking;
        let is_party = |district: &Handle| entry.versions.iter().any(|version| version.parties.iter().any(|party| party.district == *district));
        if !parties.iter().all(is_party) {
            return false;
        }
        if covering.is_none() && matter.is_none() && filter.modes.is_empty() && filter.ending_before.is_none() {
            return true;
        }
        let place = self.listed_version(at, entry, filter.on);
        let (version, resolved) = (&entry.agreement.versions[place], &entry.versions[place]);
        let reaches = covering.as_ref().is_none_or(|standpoints| !parties_as(resolved, standpoints).is_empty());
        let ends = filter.ending_before.is_none_or(|before| version.effective_to.is_some_and(|to| to < before));
        let fits = |(resolved, written): (&ClauseEntry, &AgreementClause)| {
            matter.is_none_or(|matter| resolved.matters.contains(matter)) && chosen(&filter.modes, &written.mode())
        };
        let any_clause = matter.is_none() && filter.modes.is_empty();
        reaches && ends && (any_clause || resolved.clauses.iter().zip(&version.schedule).any(fits))
    }

    /// The policies in force on a day, or all.
    pub fn list_policies(&self, on: Option<Date>) -> Vec<Listed<Id<Policy>, Kept<Policy>>> {
        let policies = self.policies.iter().filter(|entry| on.is_none_or(|on| entry.policy.period().includes(on)));
        sorted(policies.map(|entry| Listed { rank: 0, code: entry.policy.id, item: entry.policy.clone() }).collect())
    }

    /// A district's offerings; searched by the names of their matters.
    pub fn offerings_of_district(
        &self,
        code: DistrictCode,
        domains: &[MatterDomain],
        search: Option<&Query>,
    ) -> Vec<Listed<Id<Offering>, OfferingBrief>> {
        let Some(handle) = self.district_handle(code) else { return Vec::new() };
        let listed = self.offerings_in(handle).filter_map(|offering| {
            let matter = offering.matter().map(|matter| self.matter_at(matter));
            let fits = domains.is_empty() || matter.is_some_and(|entry| domains.contains(&entry.matter.domain));
            let rank = match (search, matter) {
                (None, _) => Some(0),
                (Some(query), Some(entry)) => rank_of(query, &entry.text, 0),
                (Some(_), None) => None,
            };
            let brief = offering.brief();
            Some(Listed { rank: rank.filter(|_| fits)?, code: brief.id, item: brief })
        });
        sorted(listed.collect())
    }

    /// The other parties of the agreements in force that reach a district.
    pub fn partners(&self, code: DistrictCode, on: Date) -> Vec<Listed<DistrictCode, Partner>> {
        let Some(handle) = self.district_handle(code) else { return Vec::new() };
        let standpoints = self.standpoints(handle, on);
        let mut partners: std::collections::BTreeMap<Handle, usize> = std::collections::BTreeMap::new();
        for at in self.agreements_as(&standpoints) {
            let Some(entry) = self.agreement_at(at) else { continue };
            if entry.agreement.standing(on) != Standing::InForce {
                continue;
            }
            let Some(version) = reference_version(entry, on) else { continue };
            let ours = parties_as(&entry.versions[version], &standpoints);
            for (place, party) in (0u16..).zip(&entry.versions[version].parties) {
                let written = &entry.agreement.versions[version].parties[usize::from(place)];
                let different = ours.iter().any(|(own, _)| *own != place);
                if different
                    && entry.agreement.versions[version].binds(written)
                    && entry.agreement.membership(&entry.agreement.versions[version], written, on).includes(on)
                    && let Some(partner) = self.counts_for(party.district, on).filter(|partner| *partner != handle)
                {
                    *partners.entry(partner).or_default() += 1;
                }
            }
        }
        let listed = partners.into_iter().map(|(partner, agreements)| {
            let district = self.district_at(partner).district.clone();
            let item = Partner {
                agreements,
                matters_in: self.counts_between(code, district.code, on).0,
                matters_out: self.counts_between(district.code, code, on).0,
                district,
            };
            Listed { rank: 0, code: item.district.code, item }
        });
        sorted(listed.collect())
    }
}
