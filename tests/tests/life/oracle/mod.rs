//! The rules of routes and standings as naive loops over exported lines. They share no code with the product, so that
//! they do not repeat its faults.

pub(crate) mod admission;
mod answers;
mod conclusion;
pub(crate) mod flag;
mod standing;

use std::collections::BTreeSet;

use domain::Date;
use serde_json::Value;

use flag::Flag;

/// From a first to a last day; a missing end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Days(pub(crate) Option<Date>, pub(crate) Option<Date>);

impl Days {
    fn of(line: &Value, from: &str, to: &str) -> Self {
        Self(day(&line[from]), day(&line[to]))
    }

    pub(crate) fn has(self, on: Date) -> bool {
        self.0.is_none_or(|from| from <= on) && self.1.is_none_or(|to| on <= to)
    }

    pub(crate) fn is_dated(self) -> bool {
        self.0.is_some() || self.1.is_some()
    }
}

fn day(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text.parse().expect("a day"))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The line of a clause without what the export derives. The order within a side does not count.
fn agreed(clause: &Value) -> Value {
    let mut clause = clause.clone();
    clause.as_object_mut().expect("an object").remove("excluded");
    for side in ["receiving", "competent"] {
        if let Some(codes) = clause.get_mut(side).and_then(Value::as_array_mut) {
            codes.sort_unstable_by_key(ToString::to_string);
        }
    }
    clause
}

pub(crate) struct District {
    pub(crate) code: String,
    kind: String,
    pub(crate) parents: Vec<(usize, Days)>,
    pub(crate) administers: Vec<(usize, Days)>,
    pub(crate) retired_on: Option<Date>,
    pub(crate) successors: Vec<usize>,
}

pub(crate) struct Offering {
    pub(crate) district: usize,
    pub(crate) matter: String,
    pub(crate) days: Days,
}

pub(crate) struct Agreement {
    pub(crate) number: String,
    pub(crate) versions: Vec<Version>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) notices: Vec<(usize, Date)>,
    voided: bool,
    /// For each version, the texts of clauses that hold under it.
    texts: Vec<Vec<conclusion::Text>>,
}

pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) parties: Vec<Party>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) effective_from: Option<Date>,
    pub(crate) effective_to: Option<Date>,
    signed_on: Option<Date>,
    recorder: bool,
    base_version: Option<u32>,
    objection_days: u64,
    /// The rule by which newcomers are admitted, and the lead, if the line has them.
    pub(crate) admission: String,
    lead: Option<usize>,
    /// Newcomers that wait for consent, with the parties that have consented.
    pub(crate) waiting: Vec<(usize, Vec<usize>)>,
    /// Newcomers that have joined by an act.
    pub(crate) acceded: Vec<usize>,
    proposal: Option<Value>,
    objectors: Vec<usize>,
    is_draft: bool,
    line: String,
    /// The day of its past or future conclusion; within, `None`: it is not known.
    pub(crate) concluded_on: Option<Option<Date>>,
}

pub(crate) struct Party {
    pub(crate) district: usize,
    subtree: bool,
    pub(crate) joined_on: Option<Date>,
    earlier: Vec<Days>,
    confirmed: bool,
    pub(crate) signed: Option<Date>,
}

pub(crate) struct Clause {
    key: String,
    /// The line of the clause.
    text: Value,
    /// The districts that the line says are left out.
    excluded: Vec<usize>,
    receiving: Vec<usize>,
    competent: Vec<usize>,
    matters: Vec<String>,
    mode: String,
    pub(crate) days: Days,
}

pub(crate) struct Policy {
    pub(crate) number: String,
    pub(crate) days: Days,
    clauses: Vec<PolicyClause>,
}

struct PolicyClause {
    receiving: Vec<(usize, bool)>,
    competent: Vec<(usize, bool)>,
    matters: Vec<String>,
    mode: String,
    days: Days,
    reach: String,
}

/// Basis, version, clause as the version that has its text and its index in it, mode.
pub(crate) type Route = (String, u32, (u32, usize), String);

/// The answer to one question on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) routes: BTreeSet<Route>,
    /// A clause covers it, but the offering blocks it.
    pub(crate) is_blocked: bool,
}

pub(crate) struct Registry {
    pub(crate) today: Date,
    pub(crate) districts: Vec<District>,
    pub(crate) matters: Vec<(String, Option<Date>)>,
    pub(crate) offerings: Vec<Offering>,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) policies: Vec<Policy>,
}

impl Registry {
    pub(crate) fn read(lines: &[Value], today: Date) -> Self {
        let of = |kind: &str| lines.iter().filter(move |line| line["type"] == kind).collect::<Vec<_>>();
        let codes: Vec<String> = of("district").iter().map(|line| text(&line["code"])).collect();
        let place = |value: &Value| {
            codes.iter().position(|code| *code == *value.as_str().expect("a code")).expect("it is registered")
        };
        let places = |value: &Value| list(value).iter().map(place).collect::<Vec<_>>();
        let tenure = |value: &Value| match value {
            Value::String(_) => (place(value), Days(None, None)),
            dated => (place(&dated["district"]), Days::of(dated, "validFrom", "validTo")),
        };
        let territories = |value: &Value| {
            list(value).iter().map(|it| (place(&it["district"]), it["extent"] == "SUBTREE")).collect::<Vec<_>>()
        };
        let districts = of("district").into_iter().map(|line| District {
            code: text(&line["code"]),
            kind: text(&line["kind"]),
            parents: line.get("parent").into_iter().chain(list(&line["parents"])).map(tenure).collect(),
            administers: list(&line["administers"]).iter().map(tenure).collect(),
            retired_on: day(&line["retiredOn"]),
            successors: places(&line["successors"]),
        });
        let offering = |line: &Value| {
            let Days(from, to) = Days::of(line, "validFrom", "validTo");
            let withdrawn = day(&line["withdrawnOn"]).and_then(|on| on.pred_opt());
            Offering {
                district: place(&line["district"]),
                matter: text(&line["matter"]),
                days: Days(from, to.into_iter().chain(withdrawn).min()),
            }
        };
        let version = |line: &Value| {
            let party = |party: &Value| {
                let signatures = list(&line["proposal"]["signatures"]);
                Party {
                    district: place(&party["district"]),
                    subtree: party["extent"] == "SUBTREE",
                    joined_on: day(&party["joinedOn"]),
                    earlier: list(&party["earlier"])
                        .iter()
                        .map(|days| Days::of(days, "validFrom", "validTo"))
                        .collect(),
                    confirmed: party["confirmation"] == "CONFIRMED",
                    signed: signatures.iter().find(|it| it["party"] == party["district"]).and_then(|it| day(&it["on"])),
                }
            };
            let sorted = |places: Vec<usize>| {
                let mut places = places;
                places.sort_unstable();
                places
            };
            let clause = |clause: &Value| Clause {
                key: text(&clause["key"]),
                text: agreed(clause),
                excluded: sorted(places(&clause["excluded"])),
                receiving: places(&clause["receiving"]),
                competent: places(&clause["competent"]),
                matters: list(&clause["matters"]).iter().map(text).collect(),
                mode: text(&clause["mode"]),
                days: Days::of(clause, "validFrom", "validTo"),
            };
            Version {
                number: line["version"].as_u64().map_or(1, |number| number.try_into().expect("a number")),
                parties: list(&line["parties"]).iter().map(party).collect(),
                clauses: list(&line["schedule"]).iter().map(clause).collect(),
                effective_from: day(&line["effectiveFrom"]),
                effective_to: day(&line["effectiveTo"]),
                signed_on: day(&line["signedOn"]),
                recorder: line.get("recorder").is_some(),
                base_version: line["baseVersion"].as_u64().map(|number| number.try_into().expect("a number")),
                objection_days: line["objectionDays"].as_u64().unwrap_or(15),
                admission: line["admission"].as_str().unwrap_or("ALL").to_owned(),
                lead: line.get("lead").map(place),
                waiting: list(&line["accessions"])
                    .iter()
                    .map(|it| (place(&it["party"]["district"]), places(&it["consents"])))
                    .collect(),
                acceded: list(&line["accessionSignatures"]).iter().map(|it| place(&it["party"])).collect(),
                proposal: line.get("proposal").cloned(),
                objectors: list(&line["proposal"]["rejections"]).iter().map(|it| place(&it["party"])).collect(),
                is_draft: line.get("draft").is_some(),
                line: line.to_string(),
                concluded_on: None,
            }
        };
        let agreement = |line: &Value| Agreement {
            number: text(&line["number"]),
            versions: line
                .get("versions")
                .map_or_else(|| vec![version(line)], |versions| list(versions).iter().map(version).collect()),
            flags: list(&line["suspensions"]).iter().map(|flag| Flag::read(flag, place)).collect(),
            notices: list(&line["notices"])
                .iter()
                .map(|notice| (place(&notice["party"]), day(&notice["endsOn"]).expect("a day")))
                .collect(),
            voided: line.get("voided").is_some(),
            texts: Vec::new(),
        };
        let policy = |line: &Value| {
            let side = |clause: &Value, field: &str| {
                let own = territories(&clause[field]);
                if own.is_empty() { territories(&line[field]) } else { own }
            };
            let clause = |clause: &Value| PolicyClause {
                receiving: side(clause, "receiving"),
                competent: side(clause, "competent"),
                matters: list(&clause["matters"]).iter().map(text).collect(),
                mode: text(&clause["mode"]),
                days: Days::of(clause, "validFrom", "validTo"),
                reach: clause["reach"].as_str().unwrap_or("ANY").to_owned(),
            };
            Policy {
                number: text(&line["documentNumber"]),
                days: Days::of(line, "effectiveFrom", "effectiveTo"),
                clauses: list(&line["schedule"]).iter().map(clause).collect(),
            }
        };
        let mut agreements: Vec<Agreement> = of("agreement").into_iter().map(agreement).collect();
        agreements.iter_mut().for_each(Agreement::resolve);
        Self {
            today,
            districts: districts.collect(),
            matters: of("matter").into_iter().map(|line| (text(&line["code"]), day(&line["retiredOn"]))).collect(),
            offerings: of("offering").into_iter().map(offering).collect(),
            agreements,
            policies: of("policy").into_iter().map(policy).collect(),
        }
    }
}
