//! The graph of districts, to find cycles: on no day may a district be its own ancestor or its own successor.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::code::DistrictCode;
use crate::district::District;
use crate::period::Period;
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::tenure::Tenure;

/// The other districts that a record names.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    pub parents: Vec<Tenure>,
    pub administers: Vec<Tenure>,
    pub successors: Vec<DistrictCode>,
}

impl Relations {
    /// Codes that could not be parsed are left out.
    pub fn of(district: &District) -> Self {
        let read = |tenures: &[Tenure]| tenures.iter().copied().filter(|tenure| !tenure.district.is_unread()).collect();
        let successors = district.successors().iter().copied().filter(|code| !code.is_unread()).collect();
        Self { parents: read(&district.parents), administers: read(&district.administers), successors }
    }

    /// Every district that the record names.
    pub fn named(&self) -> impl Iterator<Item = DistrictCode> {
        self.parents
            .iter()
            .chain(&self.administers)
            .map(|tenure| tenure.district)
            .chain(self.successors.iter().copied())
    }
}

/// The relations of all districts. `K` identifies a district: a code or an id.
#[derive(Debug)]
pub struct DistrictGraph<K> {
    /// The edges from each district to those above it.
    above: HashMap<K, Vec<Step<K>>>,
    successors: HashMap<K, Vec<K>>,
}

#[derive(Debug, Clone, Copy)]
struct Step<K> {
    above: K,
    period: Period,
    /// The edge is an administration, not a parent.
    administers: bool,
}

/// Limit of visited steps, above what a registry without cycles needs.
const MAX_STEPS: usize = 100_000;

impl<K: Copy + Eq + Hash> DistrictGraph<K> {
    /// `find` returns a district by any of its codes. Codes that it does not find are left out.
    pub fn new<'a>(
        all: impl IntoIterator<Item = (K, &'a Relations)>,
        find: impl Fn(DistrictCode) -> Option<K>,
    ) -> Self {
        let mut graph = Self { above: HashMap::new(), successors: HashMap::new() };
        for (key, Relations { parents, administers, successors }) in all {
            let found = |tenure: &Tenure| Some((find(tenure.district)?, tenure.period));
            for (above, period) in parents.iter().filter_map(found) {
                graph.above.entry(key).or_default().push(Step { above, period, administers: false });
            }
            for (below, period) in administers.iter().filter_map(found) {
                graph.above.entry(below).or_default().push(Step { above: key, period, administers: true });
            }
            graph.successors.insert(key, successors.iter().filter_map(|code| find(*code)).collect());
        }
        graph
    }

    /// The cycles that the record of a district closes.
    pub fn cycles(&self, district: K) -> Problems {
        let mut problems: Problems = self.own_ancestor(district).into_iter().collect();
        if self.succeeds_itself(district) {
            problems.push(succeeds_itself());
        }
        problems
    }

    fn own_ancestor(&self, district: K) -> Option<Problem> {
        // Depth-first search: the district reached, on which days, and whether the path began with an edge of the
        // district's own record.
        let mut ways = vec![(district, Period::ALWAYS, false)];
        let mut seen = HashSet::new();
        while let Some((at, days, own)) = ways.pop() {
            for step in self.above.get(&at).into_iter().flatten() {
                let shared = days.and(step.period);
                let own = own || (at == district && !step.administers);
                if shared.is_backwards() {
                    continue;
                }
                if step.above == district {
                    match (step.administers, own) {
                        (true, _) => return Some(own_ancestor("administers")),
                        (false, true) => return Some(own_ancestor("parent")),
                        // The cycle is made of other records, and is reported for those.
                        (false, false) => {}
                    }
                } else if seen.len() < MAX_STEPS && seen.insert((step.above, shared, own)) {
                    ways.push((step.above, shared, own));
                }
            }
        }
        None
    }

    fn succeeds_itself(&self, district: K) -> bool {
        let mut next = vec![district];
        let mut seen = HashSet::new();
        while let Some(at) = next.pop() {
            for successor in self.successors.get(&at).into_iter().flatten() {
                if *successor == district {
                    return true;
                }
                if seen.insert(*successor) {
                    next.push(*successor);
                }
            }
        }
        false
    }
}

fn own_ancestor(field: &str) -> Problem {
    let message = Message::new("该区域成了自己的上级", "the district is its own ancestor");
    Problem::new(ProblemCode::Invalid, vec![field.to_owned()], "OWN_ANCESTOR", message).remedy(
        "请更正上级区域或托管关系，使隶属关系不成环",
        "correct the parents or the administered districts so that there is no cycle",
    )
}

fn succeeds_itself() -> Problem {
    let message = Message::new("该区域成了自己的承继区域", "the district succeeds itself");
    Problem::new(ProblemCode::Invalid, vec!["successors".to_owned()], "SUCCEEDS_ITSELF", message)
        .remedy("承继区域应是另一个区域，且承继关系不得成环", "name other districts, none of which this one succeeds")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn district(fields: &serde_json::Value) -> District {
        let mut fields = fields.clone();
        fields["name"] = "某区".into();
        fields["kind"] = "COUNTY".into();
        let mut problems = Vec::new();
        let district = crate::reading::read(&fields, &mut problems, District::read).expect("it reads");
        assert_eq!(problems, []);
        district
    }

    /// The rules and fields that are reported for each district, in order.
    fn cycles(all: &[serde_json::Value]) -> Vec<String> {
        let all: Vec<District> = all.iter().map(district).collect();
        let relations: Vec<Relations> = all.iter().map(Relations::of).collect();
        let find = |code| all.iter().position(|district| district.all_codes().any(|own| own == code));
        let graph = DistrictGraph::new(relations.iter().enumerate(), find);
        let reported = |at| {
            graph.cycles(at).into_iter().map(move |problem| format!("{at} {} {}", problem.path.join("."), problem.rule))
        };
        (0..all.len()).flat_map(reported).collect()
    }

    #[test]
    fn no_district_is_its_own_ancestor() {
        use serde_json::json;
        let city = json!({ "code": "130600" });
        let county = json!({ "code": "130629", "parent": "130600" });
        let zone =
            |administers: &[&str]| json!({ "code": "130600-Z01", "parent": "130600", "administers": administers });
        assert_eq!(cycles(&[city.clone(), county.clone(), zone(&["130629"])]), [""; 0]);
        assert_eq!(cycles(&[json!({ "code": "130600", "parent": "130600" })]), ["0 parent OWN_ANCESTOR"]);
        assert_eq!(cycles(&[zone(&["130600-Z01"])]), ["0 administers OWN_ANCESTOR"]);
        assert_eq!(
            cycles(&[json!({ "code": "130600", "parent": "130629" }), county]),
            ["0 parent OWN_ANCESTOR", "1 parent OWN_ANCESTOR"]
        );
        assert_eq!(cycles(&[city, zone(&["130600"])]), ["1 administers OWN_ANCESTOR"]);
        let other = json!({ "code": "130600-Z02", "administers": ["130600-Z01"] });
        assert_eq!(
            cycles(&[zone(&["130600-Z02"]), other]),
            ["0 administers OWN_ANCESTOR", "1 administers OWN_ANCESTOR"]
        );
        // Two edges at different times are not a cycle.
        let until = json!({ "code": "440115", "parents": [{ "district": "440100", "validTo": "2020-12-31" }] });
        let since = json!({ "code": "440100", "parents": [{ "district": "440115", "validFrom": "2021-01-01" }] });
        assert_eq!(cycles(&[until, since]), [""; 0]);
    }

    #[test]
    fn no_district_succeeds_itself() {
        use serde_json::json;
        let retired =
            |code: &str, successor: &str| json!({ "code": code, "retiredOn": "2020-01-01", "successors": [successor] });
        assert_eq!(cycles(&[retired("370202", "370202")]), ["0 successors SUCCEEDS_ITSELF"]);
        let mutual = [retired("370202", "370203"), retired("370203", "370202")];
        assert_eq!(cycles(&mutual), ["0 successors SUCCEEDS_ITSELF", "1 successors SUCCEEDS_ITSELF"]);
        assert_eq!(cycles(&[retired("370202", "370203"), json!({ "code": "370203" })]), [""; 0]);
    }
}
