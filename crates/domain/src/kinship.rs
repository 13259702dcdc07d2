//! How all districts stand to each other: on no day one stands below itself, and none takes its own place.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::code::DistrictCode;
use crate::district::District;
use crate::period::Period;
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::tenure::Tenure;

/// What a record says of other districts.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    pub parents: Vec<Tenure>,
    pub administers: Vec<Tenure>,
    pub successors: Vec<DistrictCode>,
}

impl Relations {
    /// A code that could not be read leads nowhere.
    pub fn of(district: &District) -> Self {
        let read = |tenures: &[Tenure]| tenures.iter().copied().filter(|tenure| !tenure.district.is_unread()).collect();
        let successors = district.successors().iter().copied().filter(|code| !code.is_unread()).collect();
        Self { parents: read(&district.parents), administers: read(&district.administers), successors }
    }

    /// Every district that it names.
    pub fn named(&self) -> impl Iterator<Item = DistrictCode> {
        self.parents.iter().chain(&self.administers).map(|tenure| tenure.district).chain(self.successors.iter().copied())
    }
}

/// The relations of districts, by whatever tells them apart.
#[derive(Debug)]
pub struct Kinship<K> {
    /// Whom each stands below, and when.
    above: HashMap<K, Vec<Step<K>>>,
    successors: HashMap<K, Vec<K>>,
}

#[derive(Debug, Clone, Copy)]
struct Step<K> {
    above: K,
    period: Period,
    /// The one above administers it, and is not its parent.
    administers: bool,
}

/// More steps than a registry without circles takes.
const MOST_STEPS: usize = 100_000;

impl<K: Copy + Eq + Hash> Kinship<K> {
    /// `find` finds a district by any of its codes; a code that leads nowhere is left out.
    pub fn new<'a>(all: impl IntoIterator<Item = (K, &'a Relations)>, find: impl Fn(DistrictCode) -> Option<K>) -> Self {
        let mut kinship = Self { above: HashMap::new(), successors: HashMap::new() };
        for (key, Relations { parents, administers, successors }) in all {
            let found = |tenure: &Tenure| Some((find(tenure.district)?, tenure.period));
            for (above, period) in parents.iter().filter_map(found) {
                kinship.above.entry(key).or_default().push(Step { above, period, administers: false });
            }
            for (below, period) in administers.iter().filter_map(found) {
                kinship.above.entry(below).or_default().push(Step { above: key, period, administers: true });
            }
            kinship.successors.insert(key, successors.iter().filter_map(|code| find(*code)).collect());
        }
        kinship
    }

    /// The circles that what a district says of others closes.
    pub fn circles(&self, district: K) -> Problems {
        let mut problems: Problems = self.own_ancestor(district).into_iter().collect();
        if self.succeeds_itself(district) {
            problems.push(succeeds_itself());
        }
        problems
    }

    fn own_ancestor(&self, district: K) -> Option<Problem> {
        // Where one has come to, on which days, and whether it began with what the district itself says.
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
                        // Others say all of it: it is told of them.
                        (false, false) => {}
                    }
                } else if seen.len() < MOST_STEPS && seen.insert((step.above, shared, own)) {
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
    let message = Message::new("该区域成了自己的上级", "the district stands below itself");
    Problem::new(ProblemCode::Invalid, vec![field.to_owned()], "OWN_ANCESTOR", message)
        .remedy("请更正上级区域或托管关系，使隶属关系不成环", "correct the parents or what is administered so that they form no circle")
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

    /// The rules and fields that are told of each district, in the order in which they stand.
    fn circles(all: &[serde_json::Value]) -> Vec<String> {
        let all: Vec<District> = all.iter().map(district).collect();
        let relations: Vec<Relations> = all.iter().map(Relations::of).collect();
        let find = |code| all.iter().position(|district| district.all_codes().any(|own| own == code));
        let kinship = Kinship::new(relations.iter().enumerate(), find);
        let told = |at| kinship.circles(at).into_iter().map(move |problem| format!("{at} {} {}", problem.path.join("."), problem.rule));
        (0..all.len()).flat_map(told).collect()
    }

    #[test]
    fn no_district_stands_below_itself() {
        use serde_json::json;
        let city = json!({ "code": "130600" });
        let county = json!({ "code": "130629", "parent": "130600" });
        let zone = |administers: &[&str]| json!({ "code": "130600-Z01", "parent": "130600", "administers": administers });
        assert_eq!(circles(&[city.clone(), county.clone(), zone(&["130629"])]), [""; 0]);
        assert_eq!(circles(&[json!({ "code": "130600", "parent": "130600" })]), ["0 parent OWN_ANCESTOR"]);
        assert_eq!(circles(&[zone(&["130600-Z01"])]), ["0 administers OWN_ANCESTOR"]);
        assert_eq!(circles(&[json!({ "code": "130600", "parent": "130629" }), county]), ["0 parent OWN_ANCESTOR", "1 parent OWN_ANCESTOR"]);
        assert_eq!(circles(&[city, zone(&["130600"])]), ["1 administers OWN_ANCESTOR"]);
        let other = json!({ "code": "130600-Z02", "administers": ["130600-Z01"] });
        assert_eq!(circles(&[zone(&["130600-Z02"]), other]), ["0 administers OWN_ANCESTOR", "1 administers OWN_ANCESTOR"]);
        // One after the other is no circle.
        let until = json!({ "code": "440115", "parents": [{ "district": "440100", "validTo": "2020-12-31" }] });
        let since = json!({ "code": "440100", "parents": [{ "district": "440115", "validFrom": "2021-01-01" }] });
        assert_eq!(circles(&[until, since]), [""; 0]);
    }

    #[test]
    fn no_district_succeeds_itself() {
        use serde_json::json;
        let retired = |code: &str, successor: &str| json!({ "code": code, "retiredOn": "2020-01-01", "successors": [successor] });
        assert_eq!(circles(&[retired("370202", "370202")]), ["0 successors SUCCEEDS_ITSELF"]);
        let mutual = [retired("370202", "370203"), retired("370203", "370202")];
        assert_eq!(circles(&mutual), ["0 successors SUCCEEDS_ITSELF", "1 successors SUCCEEDS_ITSELF"]);
        assert_eq!(circles(&[retired("370202", "370203"), json!({ "code": "370203" })]), [""; 0]);
    }
}
