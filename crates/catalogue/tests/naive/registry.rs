//! Random small registries as import lines.

use domain::Digest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Randomness drawn from bytes, so that proptest can shrink a failing registry.
pub(crate) struct Dice<'a>(std::slice::Iter<'a, u8>);

impl<'a> Dice<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes.iter())
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % most)
    }

    pub(crate) fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == many - 1
    }

    pub(crate) fn some<T: Clone>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let mut chosen = Vec::new();
        for _ in 0..self.below(most + 1) {
            let at = self.below(of.len());
            chosen.push(of[at].clone());
        }
        chosen
    }

    /// A day out of a few, so that ends and beginnings coincide.
    pub(crate) fn day(&mut self) -> String {
        DAYS[self.below(DAYS.len())].to_owned()
    }

    pub(crate) fn maybe_day(&mut self, one_in: usize) -> Value {
        if self.once_in(one_in) { json!(self.day()) } else { Value::Null }
    }

    pub(crate) fn dates(&mut self, value: &mut Value, from: &str, to: &str, one_in: usize) {
        let (a, b) = (self.maybe_day(one_in), self.maybe_day(one_in));
        let backwards = matches!((a.as_str(), b.as_str()), (Some(a), Some(b)) if b < a);
        value[from] = if backwards { b.clone() } else { a.clone() };
        value[to] = if backwards { a } else { b };
    }
}

pub(crate) const DAYS: [&str; 5] = ["2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04", "2021-01-05"];
pub(crate) const MODES: [&str; 3] = ["FULL_ONLINE", "PROXY_COLLECTION", "MULTI_SITE_JOINT"];

pub(crate) fn district_code(at: usize) -> String {
    format!("11{:04}", at * 100)
}

pub(crate) fn matter_code(at: usize) -> String {
    format!("{at:012}")
}

/// A small registry as import lines.
pub(crate) fn lines(bytes: &[u8]) -> Vec<Value> {
    let mut dice = Dice(bytes.iter());
    let mut lines = Vec::new();
    let districts: Vec<String> = (0..3 + dice.below(5)).map(district_code).collect();
    let matters: Vec<String> = (0..1 + dice.below(3)).map(matter_code).collect();
    for (at, code) in districts.iter().enumerate() {
        let kind = ["COUNTY", "PROVINCE", "PREFECTURE", "FUNCTIONAL_ZONE"][dice.below(4)];
        let mut line = json!({ "type": "district", "code": code, "name": format!("区域{at}"), "kind": kind });
        // Only earlier districts, so that there are no cycles.
        if at > 0 && dice.once_in(2) {
            let parent = &districts[dice.below(at)];
            let mut tenure = json!({ "district": parent });
            dice.dates(&mut tenure, "validFrom", "validTo", 5);
            line["parents"] = json!([tenure]);
        }
        if at > 0 && dice.once_in(5) {
            // Administered by a later zone, which names it.
            line["administers"] = json!([districts[dice.below(at)]]);
        }
        if dice.once_in(5) {
            line["retiredOn"] = json!(dice.day());
            let mut successors = dice.some(&districts, 2);
            successors.retain(|successor| successor != code);
            successors.dedup();
            line["successors"] = json!(successors.into_iter().collect::<BTreeSet<_>>());
        }
        lines.push(line);
    }
    for code in &matters {
        let domain = ["PUBLIC_SECURITY", "HEALTH"][dice.below(2)];
        let name = format!("{}{}", ["身份证", "重庆户口", "医保"][dice.below(3)], ["补领", "登记", ""][dice.below(3)]);
        let audience =
            [&["NATURAL_PERSON"][..], &["ORGANISATION"], &["NATURAL_PERSON", "ORGANISATION"], &[]][dice.below(4)];
        lines.push(json!({ "type": "matter", "code": code, "name": name, "domain": domain, "audience": audience, "retiredOn": dice.maybe_day(6) }));
    }
    for district in &districts {
        for matter in &matters {
            for copy in 0..dice.below(3) {
                let mut line = json!({ "type": "offering", "district": district, "matter": matter, "sourceCode": format!("{copy}"), "visits": 0 });
                if dice.once_in(2) {
                    line["promisedDays"] = json!(dice.below(4));
                }
                dice.dates(&mut line, "validFrom", "validTo", 3);
                lines.push(line);
            }
        }
        for copy in 0..dice.below(2) {
            let mut line = json!({ "type": "window", "district": district, "name": format!("{copy}"), "address": "示例", "modes": dice.some(&MODES, 2) });
            dice.dates(&mut line, "validFrom", "validTo", 4);
            lines.push(line);
        }
    }
    for serial in 1..=1 + dice.below(4) {
        lines.push(agreement(&mut dice, serial, &districts, &matters));
    }
    for serial in 0..dice.below(2) {
        lines.push(policy(&mut dice, serial, &districts, &matters));
    }
    lines
}

pub(crate) fn terms_of(clause: &mut Value, dice: &mut Dice<'_>, matters: &[String]) {
    let mut listed: BTreeSet<String> = dice.some(matters, 3).into_iter().collect();
    listed.insert(matters[0].clone());
    clause["matters"] = json!(listed);
    clause["mode"] = json!(MODES[dice.below(3)]);
    dice.dates(clause, "validFrom", "validTo", 5);
}

/// Omits empty sides, since an empty list is refused.
pub(crate) fn without_empty_sides(mut clause: Value) -> Value {
    let fields = clause.as_object_mut().expect("a clause");
    fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    clause
}

pub(crate) fn agreement(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
    let versions: Vec<Value> = (1..=1 + dice.below(2))
        .map(|number| {
            let mut members: BTreeSet<String> = dice.some(districts, 4).into_iter().collect();
            members.extend(districts[..2].iter().cloned());
            let members: Vec<String> = members.into_iter().collect();
            let parties: Vec<Value> = members
                .iter()
                .map(|district| {
                    let extent = if dice.once_in(2) { "SUBTREE" } else { "SELF" };
                    let confirmation = if dice.once_in(3) { "RECORDED" } else { "CONFIRMED" };
                    json!({ "district": district, "extent": extent, "joinedOn": dice.maybe_day(8), "confirmation": confirmation })
                })
                .collect();
            let schedule: Vec<Value> = (0..dice.below(4))
                .map(|_| {
                    let side = |dice: &mut Dice<'_>| dice.some(&members, 2).into_iter().collect::<BTreeSet<_>>();
                    let mut clause = without_empty_sides(json!({ "receiving": side(dice), "competent": side(dice) }));
                    terms_of(&mut clause, dice, matters);
                    clause
                })
                .collect();
            let mut version = json!({ "version": number, "title": format!("协议{serial}"), "parties": parties, "schedule": schedule });
            dice.dates(&mut version, "effectiveFrom", "effectiveTo", 3);
            live(dice, &mut version, &members, districts);
            version
        })
        .collect();
    let flags: Vec<Value> = (0..dice.below(7) / 2)
        .map(|_| {
            let party = if dice.once_in(4) { Value::Null } else { json!(districts[dice.below(districts.len())]) };
            let scope = if dice.once_in(3) { Value::Null } else { scope(dice, districts, matters) };
            json!({ "party": party, "scope": scope, "since": dice.day(), "until": dice.maybe_day(3), "clearedOn": dice.maybe_day(3), "reason": "…", "publicText": "暂停" })
        })
        .collect();
    let notices: Vec<Value> = (0..dice.below(2))
        .map(|_| json!({ "party": districts[dice.below(districts.len())], "endsOn": dice.day(), "reason": "…" }))
        .collect();
    let voided = if dice.once_in(12) { json!({ "on": dice.day(), "reason": "…" }) } else { Value::Null };
    json!({ "type": "agreement", "number": format!("TB-2021-{serial:06}"), "versions": versions, "suspensions": flags, "notices": notices, "voided": voided })
}

/// The scope of a suspension: each list is given or not.
pub(crate) fn scope(dice: &mut Dice<'_>, districts: &[String], matters: &[String]) -> Value {
    fn set(dice: &mut Dice<'_>, of: &[String]) -> BTreeSet<String> {
        if dice.once_in(2) { dice.some(of, 2).into_iter().collect() } else { BTreeSet::new() }
    }
    let keys = ["1", "2", "3"].map(ToOwned::to_owned);
    without_empty_sides(json!({
        "clauses": set(dice, &keys), "matters": set(dice, matters), "receiving": set(dice, districts), "competent": set(dice, districts),
    }))
}

/// The origin of a version: on paper, as a draft, or proposed with answers.
pub(crate) fn live(dice: &mut Dice<'_>, version: &mut Value, members: &[String], districts: &[String]) {
    match dice.below(8) {
        0 => version["recorder"] = json!(members[dice.below(members.len())]),
        1 => version["draft"] = json!({ "author": districts[dice.below(districts.len())] }),
        2..=4 => {
            let needs = ["ALL", "SIGNATORIES", "NO_OBJECTION", "LEAD"][dice.below(4)];
            let signers: Vec<String> =
                if needs == "NO_OBJECTION" { vec![members[0].clone()] } else { members.to_vec() };
            let mut answers: Vec<(String, bool)> =
                signers.iter().map(|signer| (signer.clone(), !dice.once_in(4))).collect();
            answers.retain(|_| !dice.once_in(4));
            let sign = |(party, _): &(String, bool), day: String| json!({ "party": party, "at": "2021-01-01T00:00:00Z", "on": day, "digest": Digest::GENESIS.to_string() });
            let signatures: Vec<Value> =
                answers.iter().filter(|(_, yes)| *yes).map(|answer| sign(answer, dice.day())).collect();
            let no = |(party, _): &(String, bool)| json!({ "party": party, "on": "2021-01-01", "reason": "…" });
            if needs == "NO_OBJECTION" {
                answers.extend(members[1..].iter().filter(|_| dice.once_in(3)).map(|member| (member.clone(), false)));
            }
            let rejections: Vec<Value> = answers.iter().filter(|(_, yes)| !*yes).map(no).collect();
            version["objectionDays"] = json!(dice.below(3));
            version["proposal"] = json!({
                "by": members[0], "on": dice.day(), "answerBy": dice.day(), "needs": needs, "signers": signers,
                "signatures": signatures, "rejections": rejections, "withdrawnOn": dice.maybe_day(8),
            });
        }
        5 => {
            let signed = dice.day();
            let last = version["effectiveTo"].as_str().unwrap_or(DAYS[DAYS.len() - 1]);
            version["signedOn"] = json!(signed.as_str().min(last));
        }
        _ => {}
    }
    if dice.once_in(6) {
        let newcomer = &districts[dice.below(districts.len())];
        let signature = json!({ "party": newcomer, "at": "2021-01-01T00:00:00Z", "on": "2021-01-01", "digest": Digest::GENESIS.to_string() });
        version["accessions"] = json!([{ "party": { "district": newcomer }, "signature": signature }]);
    }
}

pub(crate) fn policy(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
    let side = |dice: &mut Dice<'_>| -> Vec<Value> {
        let named: BTreeSet<String> = dice.some(districts, 2).into_iter().collect();
        named
            .into_iter()
            .map(|district| json!({ "district": district, "extent": if dice.once_in(2) { "SUBTREE" } else { "SELF" } }))
            .collect()
    };
    let schedule: Vec<Value> = (0..dice.below(3))
        .map(|_| {
            let reach = ["ANY", "ACROSS_PROVINCES", "WITHIN_PROVINCE", "WITHIN_PREFECTURE"][dice.below(4)];
            let mut clause =
                without_empty_sides(json!({ "receiving": side(dice), "competent": side(dice), "reach": reach }));
            terms_of(&mut clause, dice, matters);
            clause
        })
        .collect();
    let mut line = json!({ "type": "policy", "title": format!("政策{serial}"), "documentNumber": format!("{serial}号"), "receiving": side(dice), "competent": side(dice), "schedule": schedule });
    dice.dates(&mut line, "effectiveFrom", "effectiveTo", 4);
    line
}
