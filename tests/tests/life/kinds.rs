//! The kinds of life that the answers are counted by.

use std::collections::BTreeSet;

use domain::Date;

use crate::oracle::{Agreement, Registry, Version};

/// The kinds of events that affect a question.
pub(crate) fn kinds(registry: &Registry, a: usize, c: usize, m: usize) -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::new();
    let mut kin = BTreeSet::new();
    for start in [a, c] {
        let mut next = vec![start];
        while let Some(at) = next.pop() {
            if !kin.insert(at) {
                continue;
            }
            let district = &registry.districts[at];
            next.extend(district.parents.iter().map(|(parent, _)| *parent));
            let zones = (0..registry.districts.len())
                .filter(|zone| registry.districts[*zone].administers.iter().any(|(other, _)| *other == at));
            for zone in zones {
                kinds.insert("administered");
                next.push(zone);
            }
            if district.parents.iter().any(|(_, days)| days.is_dated()) {
                kinds.insert("another parent");
            }
            if district.retired_on.is_some() {
                kinds.insert("retired");
            }
            for predecessor in
                (0..registry.districts.len()).filter(|other| registry.districts[*other].successors.contains(&at))
            {
                kinds.insert("succession");
                kin.insert(predecessor);
            }
        }
    }
    if registry.matters[m].1.is_some() {
        kinds.insert("matter retired");
    }
    let matter = &registry.matters[m].0;
    if registry
        .offerings
        .iter()
        .any(|offering| offering.district == c && offering.matter == *matter && offering.days.is_dated())
    {
        kinds.insert("offering with dates");
    }
    for agreement in &registry.agreements {
        let parties = || {
            agreement.versions.iter().flat_map(|version| &version.parties).filter(|party| kin.contains(&party.district))
        };
        if parties().count() < 2 {
            continue;
        }
        let named = |which: &usize| kin.contains(which);
        let of = [
            ("later version", agreement.versions.len() > 1),
            ("accession", parties().any(|party| party.joined_on.is_some())),
            ("accession by consent", by_consent(agreement, named)),
            ("accession: consent is awaited", waits(agreement, named)),
            ("notice", agreement.notices.iter().any(|(who, _)| named(who))),
            ("party's flag", agreement.flags.iter().any(|flag| flag.party.as_ref().is_some_and(named))),
            ("registry's flag", agreement.flags.iter().any(|flag| flag.party.is_none())),
            ("flag with a scope", agreement.flags.iter().any(super::oracle::flag::Flag::has_scope)),
            (
                "terms with dates",
                agreement
                    .versions
                    .iter()
                    .any(|version| version.effective_from.is_some() || version.effective_to.is_some()),
            ),
            (
                "clause with dates",
                agreement.versions.iter().flat_map(|version| &version.clauses).any(|clause| clause.days.is_dated()),
            ),
        ];
        kinds.extend(of.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind));
        for version in &agreement.versions {
            kinds.extend(kinds_of_proposal(version, registry.today, named));
        }
    }
    if registry.policies.iter().any(|policy| policy.days.is_dated()) {
        kinds.insert("policy with dates");
    }
    kinds
}

/// Has one of them joined an agreement that asks its parties for consent?
fn by_consent(agreement: &Agreement, named: impl Fn(&usize) -> bool) -> bool {
    let versions = agreement.versions.iter().filter(|version| version.admission != "OPEN");
    versions.flat_map(|version| &version.acceded).any(named)
}

/// Does one of them wait for consent?
fn waits(agreement: &Agreement, named: impl Fn(&usize) -> bool) -> bool {
    agreement.versions.iter().flat_map(|version| &version.waiting).any(|(newcomer, _)| named(newcomer))
}

/// What a proposal under the rules "no objection" and "signatories" waits for, or has come to by today.
fn kinds_of_proposal(version: &Version, today: Date, named: impl Fn(&usize) -> bool) -> Vec<&'static str> {
    let is_concluded = version.concluded_on.flatten().is_some_and(|on| on <= today);
    let is_open = version.concluded_on.is_some() || !version.is_withdrawn();
    let is_past = |last: Option<Date>| last.is_some_and(|last| last < today);
    let has = |field: &str| !version.answers(field).is_empty();
    let outstanding = version.parties.iter().any(|party| party.signed.is_none() && party.joined_on.is_none());
    let parties = || version.parties.iter().filter(|party| named(&party.district));
    let of = if version.needs("NO_OBJECTION") {
        let is_over = version.day_after_objections().is_some_and(|over| over <= today);
        vec![
            ("no objection: objections can be made", is_open && !is_concluded && !is_over),
            ("no objection: not signed, days for objections are over", !is_concluded && is_over),
            ("no objection: concluded", is_concluded && !has("rejections")),
            ("no objection: concluded with an objection", is_concluded && has("rejections")),
        ]
    } else if version.needs("SIGNATORIES") {
        let is_over = is_past(version.answer_by());
        vec![
            ("signatories: answers are awaited", is_open && !is_concluded && !is_over),
            ("signatories: fewer than two at the deadline", !is_concluded && is_over),
            ("signatories: concluded by all", is_concluded && !outstanding),
            ("signatories: concluded at the deadline", is_concluded && outstanding),
            ("signatories: stayed out", is_concluded && parties().any(|party| !version.binds(party))),
            ("signatories: joined later", is_concluded && parties().any(|party| party.joined_on.is_some())),
        ]
    } else {
        Vec::new()
    };
    of.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind).collect()
}
