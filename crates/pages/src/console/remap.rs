//! Versions with other parties: the clauses and steps that named the old ones follow.

use domain::{AgreementClause, DistrictCode, Terms, Version};

/// A version without some parties. A clause that only they were on a side of goes.
pub(super) fn without(version: &Version, leaving: &[DistrictCode]) -> Version {
    follow(version, |code| if leaving.contains(&code) { None } else { Some(code) })
}

/// A version between other parties: those that stay keep their parts; when as many come as go, each takes the part of
/// the one in its place.
pub(super) fn between(version: &Version, parties: &[DistrictCode]) -> Version {
    let before = version.parties.iter().map(|party| party.district);
    let gone: Vec<DistrictCode> = before.clone().filter(|code| !parties.contains(code)).collect();
    let stay: Vec<DistrictCode> = before.filter(|code| parties.contains(code)).collect();
    let new: Vec<DistrictCode> = parties.iter().copied().filter(|code| !stay.contains(code)).collect();
    let successor = |code: DistrictCode| {
        let place = gone.iter().position(|gone| *gone == code);
        match place {
            None => Some(code),
            Some(place) if new.len() == gone.len() => Some(new[place]),
            Some(_) => None,
        }
    };
    let mut next = follow(version, successor);
    // What the old parties stated of themselves does not hold for the new ones.
    for party in next.parties.iter_mut().filter(|party| new.contains(&party.district)) {
        party.bodies = Vec::new();
        party.extent = domain::Extent::Itself;
    }
    next
}

fn follow(version: &Version, successor: impl Fn(DistrictCode) -> Option<DistrictCode>) -> Version {
    let mut next = version.clone();
    next.parties.retain_mut(|party| successor(party.district).map(|code| party.district = code).is_some());
    next.schedule.retain_mut(|clause| follow_clause(clause, &successor));
    if let Some(lead) = successor(next.lead).or_else(|| next.parties.first().map(|party| party.district)) {
        next.lead = lead;
    }
    next
}

/// `false`: a side of the clause has no party any more.
fn follow_clause(clause: &mut AgreementClause, successor: &impl Fn(DistrictCode) -> Option<DistrictCode>) -> bool {
    for side in [&mut clause.receiving, &mut clause.competent] {
        if side.is_empty() {
            continue;
        }
        let codes: Vec<DistrictCode> = side.iter().filter_map(|code| successor(*code)).collect();
        if codes.is_empty() {
            return false;
        }
        *side = codes.into();
    }
    if let Terms::MultiSiteJoint(terms) = &mut clause.clause.terms {
        for step in &mut terms.steps {
            step.district = step.district.and_then(successor);
        }
    }
    // Between one district and itself nothing is handled.
    !matches!((&*clause.receiving, &*clause.competent), ([one], [other]) if one == other)
}

#[cfg(test)]
mod tests {
    use domain::reading;
    use serde_json::json;

    use super::*;

    fn version() -> Version {
        let line = json!({ "type": "agreement", "title": "协议", "signedOn": "2021-05-28",
            "parties": [{ "district": "440115", "extent": "SUBTREE" }, { "district": "310112", "extent": "SUBTREE" }, { "district": "320583" }],
            "schedule": [
                { "key": "a", "receiving": ["440115"], "competent": ["310112"], "matters": ["000109001000"], "mode": "MULTI_SITE_JOINT",
                  "terms": { "multiSiteJoint": { "steps": [{ "district": "310112", "task": "审批" }] } } },
                { "key": "b", "receiving": ["310112", "320583"], "matters": ["000109001000"], "mode": "FULL_ONLINE" },
            ] });
        let mut problems = Vec::new();
        let read = reading::read(&line, &mut problems, |r| {
            r.has("type");
            domain::Agreement::read(r)
        });
        let submission = read.flatten().expect("an agreement");
        assert_eq!(problems, []);
        submission.content().latest().clone()
    }

    fn code(text: &str) -> DistrictCode {
        text.parse().expect("a code")
    }

    #[test]
    fn a_party_that_leaves_takes_its_clauses_with_it() {
        let rest = without(&version(), &[code("310112")]);
        assert_eq!(rest.parties.len(), 2);
        let keys: Vec<(&str, usize)> =
            rest.schedule.iter().map(|clause| (&*clause.key, clause.receiving.len())).collect();
        assert_eq!(keys, [("b", 1)]);
    }

    #[test]
    fn a_new_partner_takes_the_part_of_the_old_one() {
        let next = between(&version(), &[code("440115"), code("500101"), code("320583")]);
        assert_eq!(next.parties[1].district, code("500101"));
        assert_eq!((next.parties[0].extent, next.parties[1].extent), (domain::Extent::Subtree, domain::Extent::Itself));
        assert_eq!(*next.schedule[0].competent, [code("500101")]);
        let Terms::MultiSiteJoint(terms) = &next.schedule[0].terms else { panic!("joint") };
        assert_eq!(terms.steps[0].district, Some(code("500101")));
    }
}
