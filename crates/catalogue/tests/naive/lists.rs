//! Compares filtered, searched and sorted lists.

use crate::load::question;
use crate::oracle::{Naive, NaiveRoute};
use crate::registry::DAYS;
use catalogue::search::{Query, Text, sort_key};
use catalogue::{AgreementFilter, Detail, DistrictFilter, Facets, MatterFilter, Order, Question, Slice, Snapshot};
use domain::{
    Agreement, AgreementNumber, Audience, Date, District, DistrictCode, DistrictKind, HandlingMode, Matter, MatterCode,
    MatterDomain, Scope, Standing,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the lists of agreements of the public, the steward and each district, for all filters.
pub(crate) fn compare_lists(naive: &Naive, snapshot: &Snapshot, on: Date) -> Result<(), TestCaseError> {
    let any = AgreementFilter {
        parties: Vec::new(),
        covering: None,
        standing: Vec::new(),
        on,
        matter: None,
        modes: Vec::new(),
        search: None,
        ending_before: None,
    };
    let mut filters = vec![any.clone(), AgreementFilter { ending_before: Some(on), ..any.clone() }];
    filters.extend(Standing::ALL.iter().map(|standing| AgreementFilter { standing: vec![*standing], ..any.clone() }));
    filters.extend(HandlingMode::ALL.iter().map(|mode| AgreementFilter { modes: vec![*mode], ..any.clone() }));
    filters.extend(naive.matters.keys().map(|matter| AgreementFilter { matter: Some(*matter), ..any.clone() }));
    filters.push(AgreementFilter {
        standing: vec![Standing::InForce, Standing::Scheduled, Standing::Suspended],
        modes: HandlingMode::ALL[..2].to_vec(),
        ending_before: DAYS[4].parse().ok(),
        ..any.clone()
    });
    filters.push(AgreementFilter {
        standing: vec![Standing::NotConcluded, Standing::Expired],
        matter: naive.matters.keys().next().copied(),
        ..any.clone()
    });
    for code in naive.districts.keys() {
        filters.push(AgreementFilter { parties: vec![*code], ..any.clone() });
        if !naive.retired(*code, on) {
            filters.push(AgreementFilter { covering: Some(*code), ..any.clone() });
            filters.push(AgreementFilter {
                covering: Some(*code),
                standing: vec![Standing::InForce],
                modes: vec![HandlingMode::FullOnline],
                ..any.clone()
            });
        }
    }
    let each = naive.districts.keys().map(|code| Scope::Districts(BTreeSet::from([*code])));
    for scope in [Scope::Public, Scope::Steward].into_iter().chain(each) {
        for filter in &filters {
            let found: BTreeMap<AgreementNumber, Agreement> = snapshot
                .list_agreements(filter, &scope)
                .iter()
                .map(|listed| (listed.code, listed.item.record.clone()))
                .collect();
            prop_assert_eq!(&found, &naive.listed(filter, &scope), "{:?} by {:?}", filter, &scope);
            let page = snapshot.cut_agreements(filter, &scope, &Slice::first(2, Order::Relevance));
            let listed: Vec<_> = page.entries.iter().map(|(spot, item)| (&spot.code, &item.record)).collect();
            prop_assert_eq!(listed, found.iter().take(2).collect::<Vec<_>>());
            prop_assert_eq!((page.total, page.has_previous, page.has_next), (found.len(), false, found.len() > 2));
        }
        let all = naive.listed(&any, &scope);
        prop_assert_eq!(snapshot.counts(&scope).agreements, all.len());
        for number in naive.agreements.keys() {
            let seen = snapshot.agreement(*number, &scope);
            prop_assert_eq!(seen.as_ref().map(|seen| &seen.record), all.get(number));
            let by_id = seen.as_ref().map(|seen| seen.id).and_then(|id| snapshot.agreement_by_id(id, &scope));
            prop_assert_eq!(by_id, seen);
        }
    }
    Ok(())
}

pub(crate) const ORDERS: [Order; 4] = [Order::Relevance, Order::Name, Order::PromisedDays, Order::Code];

/// A combination of filter, search and order, chosen by a number.
pub(crate) fn asked_for(number: usize) -> (Vec<HandlingMode>, MatterFilter, Option<&'static str>, Order) {
    let modes = [&[][..], &[HandlingMode::FullOnline], &[HandlingMode::FullOnline, HandlingMode::ProxyCollection]]
        [number % 3]
        .to_vec();
    let domains =
        [&[][..], &[MatterDomain::Health], &[MatterDomain::Health, MatterDomain::Water]][number / 3 % 3].to_vec();
    let audiences = [&[][..], &[Audience::Organisation], Audience::ALL][number / 9 % 3].to_vec();
    let typed = [None, Some("登记"), Some("sfz"), Some("户口"), Some("00")][number / 27 % 5];
    let search = typed.and_then(Query::new);
    (modes, MatterFilter { search, domains, audiences }, typed, ORDERS[number % 4])
}

impl Naive {
    /// The sort key of a matter, before its code.
    pub(crate) fn sorted_by(
        &self,
        matter: &Matter,
        order: Order,
        search: Option<&Query>,
        days: Option<u32>,
    ) -> (u64, String) {
        match order {
            Order::Relevance => {
                let rank = search
                    .map(|query| query.rank(&Text::new(&matter.name, [matter.code.as_str()])).map(|rank| rank as u64));
                let offering: BTreeSet<_> = self
                    .offerings
                    .iter()
                    .filter(|offering| offering.matter == Some(matter.code))
                    .map(|offering| offering.district)
                    .collect();
                (
                    rank.map_or(0, |rank| (rank.expect("it was found") + 1) * 1_000 - offering.len() as u64),
                    String::new(),
                )
            }
            Order::Name => (0, sort_key(&matter.name)),
            Order::PromisedDays => (days.map_or(u64::MAX, u64::from), String::new()),
            Order::Code => (0, String::new()),
        }
    }

    pub(crate) fn is_of(matter: &Matter, domains: &[MatterDomain]) -> bool {
        domains.is_empty() || domains.contains(&matter.domain)
    }

    pub(crate) fn is_for(matter: &Matter, audiences: &[Audience]) -> bool {
        audiences.is_empty() || matter.audience.iter().any(|audience| audiences.contains(audience))
    }

    pub(crate) fn is_found(matter: &Matter, typed: Option<&str>) -> bool {
        typed.is_none_or(|typed| {
            matter.name.contains(typed)
                || matter.code.as_str().contains(typed)
                || typed == "sfz" && matter.name.contains("身份证")
        })
    }

    /// The matters that match a filter, sorted.
    pub(crate) fn matters(&self, filter: &MatterFilter, typed: Option<&str>, order: Order) -> Vec<MatterCode> {
        let fits = |matter: &&Matter| {
            Self::is_of(matter, &filter.domains)
                && Self::is_for(matter, &filter.audiences)
                && Self::is_found(matter, typed)
        };
        let mut matters: Vec<&Matter> = self.matters.values().filter(fits).collect();
        matters.sort_by_key(|matter| (self.sorted_by(matter, order, filter.search.as_ref(), None), matter.code));
        matters.into_iter().map(|matter| matter.code).collect()
    }
}

/// Compares lists of districts and matters for a filter, search and order.
pub(crate) fn compare_records(naive: &Naive, snapshot: &Snapshot, number: usize) -> Result<(), TestCaseError> {
    for number in number..number + 4 {
        let (_, filter, typed, order) = asked_for(number);
        if order != Order::PromisedDays {
            let listed =
                snapshot.list_matters(&filter, &Slice::all(order)).entries.into_iter().map(|(spot, _)| spot.code);
            prop_assert_eq!(
                listed.collect::<Vec<_>>(),
                naive.matters(&filter, typed, order),
                "{:?} by {:?}",
                filter,
                order
            );
        }
    }
    for kinds in [vec![], vec![DistrictKind::County]] {
        let filter = DistrictFilter { kinds, ..DistrictFilter::default() };
        let mut districts: Vec<&District> = naive
            .districts
            .values()
            .filter(|district| filter.kinds.is_empty() || filter.kinds.contains(&district.kind))
            .collect();
        districts.sort_by_key(|district| (sort_key(&district.name), district.code));
        let listed =
            snapshot.list_districts(&filter, &Slice::all(Order::Name)).entries.into_iter().map(|(spot, _)| spot.code);
        prop_assert!(listed.eq(districts.iter().map(|district| district.code)));
    }
    Ok(())
}

/// Compares the available matters with facets for a filter, search and order.
pub(crate) fn check_filtered(
    naive: &Naive,
    snapshot: &Snapshot,
    all: &BTreeMap<(DistrictCode, DistrictCode, MatterCode), BTreeSet<NaiveRoute>>,
    (receiving, competent): (Option<DistrictCode>, Option<DistrictCode>),
    on: Date,
    number: usize,
) -> Result<(), TestCaseError> {
    let (modes, filter, typed, order) = asked_for(number);
    let question = Question {
        modes: modes.clone(),
        domains: filter.domains.clone(),
        audiences: filter.audiences.clone(),
        search: filter.search.clone(),
        ..question(receiving, competent, on, false)
    };
    let in_mode = |mode: &HandlingMode| modes.is_empty() || modes.contains(mode);
    // For each matter its modes, and the shortest promised days of the competent districts in the requested modes.
    let mut open: BTreeMap<MatterCode, (BTreeSet<HandlingMode>, Option<u32>)> = BTreeMap::new();
    for ((a, c, m), routes) in all {
        let asked =
            receiving.is_none_or(|receiving| receiving == *a) && competent.is_none_or(|competent| competent == *c);
        if asked && !routes.is_empty() && Naive::is_found(&naive.matters[m], typed) {
            let (its_modes, shortest) = open.entry(*m).or_default();
            its_modes.extend(routes.iter().map(|(_, _, mode)| *mode));
            if routes.iter().any(|(_, _, mode)| in_mode(mode)) {
                let published = naive.offerings.iter().filter(|offering| {
                    offering.district == *c && offering.matter == Some(*m) && offering.published().includes(on)
                });
                *shortest = published.filter_map(|offering| offering.promised_days).chain(*shortest).min();
            }
        }
    }
    let of = |m: &MatterCode| Naive::is_of(&naive.matters[m], &filter.domains);
    let for_audience = |m: &MatterCode| Naive::is_for(&naive.matters[m], &filter.audiences);
    let wanted = |modes: &BTreeSet<HandlingMode>| modes.iter().any(in_mode);
    let mut facets = Facets::default();
    for mode in HandlingMode::ALL {
        let count = open.iter().filter(|(m, (modes, _))| modes.contains(mode) && of(m) && for_audience(m)).count();
        facets.modes.extend((count > 0).then_some((*mode, count)));
    }
    for domain in MatterDomain::ALL {
        let count = open
            .iter()
            .filter(|(m, (modes, _))| naive.matters[m].domain == *domain && wanted(modes) && for_audience(m))
            .count();
        facets.domains.extend((count > 0).then_some((*domain, count)));
    }
    for audience in Audience::ALL {
        let count = open
            .iter()
            .filter(|(m, (modes, _))| naive.matters[m].audience.contains(audience) && wanted(modes) && of(m))
            .count();
        facets.audiences.extend((count > 0).then_some((*audience, count)));
    }
    let mut expected: Vec<(MatterCode, Option<u32>)> = open
        .iter()
        .filter(|(m, (modes, _))| wanted(modes) && of(m) && for_audience(m))
        .map(|(m, (_, days))| (*m, *days))
        .collect();
    expected.sort_by_key(|(m, days)| (naive.sorted_by(&naive.matters[m], order, filter.search.as_ref(), *days), *m));

    let available = snapshot.available(&question, &Slice::all(order));
    let listed: Vec<MatterCode> = available.matters.entries.iter().map(|(spot, _)| spot.code).collect();
    prop_assert_eq!(
        &listed,
        &expected.iter().map(|(m, _)| *m).collect::<Vec<_>>(),
        "{:?} in the order {:?}",
        question,
        order
    );
    prop_assert_eq!(&snapshot.facets(&available), &facets, "{:?}", question);
    // A page is a part of the list, with the total of the list.
    let mut walked = Vec::new();
    // Every fifth combination, which covers every order.
    if !number.is_multiple_of(5) {
        return Ok(());
    }
    loop {
        let after = walked.last().map(|(spot, _): &(catalogue::Spot<MatterCode>, _)| spot.clone());
        let page = snapshot.available(&question, &Slice { after, ..Slice::first(1, order) });
        prop_assert_eq!((page.matters.total, snapshot.facets(&page)), (listed.len(), facets.clone()));
        walked.extend(page.matters.entries);
        if !page.matters.has_next {
            break;
        }
    }
    prop_assert!(walked.iter().map(|(spot, _)| spot.code).eq(listed));
    Ok(())
}

pub(crate) fn check_list(
    naive: &Naive,
    snapshot: &Snapshot,
    all: &BTreeMap<(DistrictCode, DistrictCode, MatterCode), BTreeSet<NaiveRoute>>,
    receiving: Option<DistrictCode>,
    competent: Option<DistrictCode>,
    on: Date,
) -> Result<(), TestCaseError> {
    for with_guide in [false, true] {
        let question = question(receiving, competent, on, with_guide);
        let mut matters: BTreeMap<MatterCode, BTreeSet<HandlingMode>> = BTreeMap::new();
        let mut spread: BTreeMap<MatterCode, (BTreeSet<DistrictCode>, usize)> = BTreeMap::new();
        for ((a, c, m), routes) in all {
            let asked =
                receiving.is_none_or(|receiving| receiving == *a) && competent.is_none_or(|competent| competent == *c);
            if asked && !routes.is_empty() && (!with_guide || naive.published(*c, *m, on)) {
                matters.entry(*m).or_default().extend(routes.iter().map(|(_, _, mode)| *mode));
                let (competents, count) = spread.entry(*m).or_default();
                competents.insert(*c);
                *count += routes.len();
            }
        }
        let available = snapshot.available(&question, &Slice::all(Order::Code));
        let listed: BTreeMap<MatterCode, BTreeSet<HandlingMode>> = available
            .matters
            .entries
            .iter()
            .map(|(spot, item)| (spot.code, item.modes.iter().copied().collect()))
            .collect();
        prop_assert_eq!(
            &listed,
            &matters,
            "available from {:?} to {:?} on {} with guide {}",
            receiving,
            competent,
            on,
            with_guide
        );
        let by_mode: BTreeMap<HandlingMode, usize> = snapshot.facets(&available).modes.into_iter().collect();
        for mode in HandlingMode::ALL {
            let count = matters.values().filter(|modes| modes.contains(mode)).count();
            prop_assert_eq!(by_mode.get(mode).copied().unwrap_or_default(), count);
        }
        for (m, (competents, count)) in spread {
            let found = snapshot.spread(&question, m);
            prop_assert_eq!(
                (found.competent_districts, found.routes),
                (competents.len(), count),
                "spread of {} from {:?} to {:?} on {}",
                m,
                receiving,
                competent,
                on
            );
            let routes = snapshot.routes(&question, &available, &[m], 1_000, Detail::Whole).remove(0);
            prop_assert_eq!(routes.len(), count, "routes of {} from {:?} to {:?} on {}", m, receiving, competent, on);
            prop_assert_eq!(snapshot.routes(&question, &available, &[m], 1, Detail::Bare)[0].len(), 1);
        }
    }
    Ok(())
}
