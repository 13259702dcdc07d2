//! The catalogue against the definition of a route, written out as loops over the records: what
//! bitmaps answer, loops answer too, on random registries and for every question that can be asked.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use catalogue::search::{Query, Text, sort_key};
use catalogue::{
    AgreementFilter, Answer, Basis, Detail, DistrictFilter, Facets, Head, MatterFilter, OfferingBrief, Order, Question, ReasonCode, Route, Slice,
    Snapshot, SnapshotBuilder,
};
use chrono::{DateTime, Datelike};
use domain::agreement::lifecycle::VersionState;
use domain::agreement::lifecycle::{Life, Needs};
use domain::journal::Action;
use domain::{
    Agreement, AgreementNumber, Audience, Change, Date, Digest, District, DistrictCode, DistrictKind, HandlingMode, Id, Matter, MatterCode,
    MatterDomain, Offering, Period, Policy, Reach, Record, RecordKind, Recorded, Scope, Standing, Territory, Version, Window,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Chance, drawn from bytes so that a failing registry shrinks.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    fn below(&mut self, most: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % most)
    }

    fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == many - 1
    }

    fn some<T: Clone>(&mut self, of: &[T], most: usize) -> Vec<T> {
        let mut chosen = Vec::new();
        for _ in 0..self.below(most + 1) {
            let at = self.below(of.len());
            chosen.push(of[at].clone());
        }
        chosen
    }

    /// A day of a small calendar, so that ends and beginnings meet.
    fn day(&mut self) -> String {
        DAYS[self.below(DAYS.len())].to_owned()
    }

    fn maybe_day(&mut self, one_in: usize) -> Value {
        if self.once_in(one_in) { json!(self.day()) } else { Value::Null }
    }

    fn dates(&mut self, value: &mut Value, from: &str, to: &str, one_in: usize) {
        let (a, b) = (self.maybe_day(one_in), self.maybe_day(one_in));
        let backwards = matches!((a.as_str(), b.as_str()), (Some(a), Some(b)) if b < a);
        value[from] = if backwards { b.clone() } else { a.clone() };
        value[to] = if backwards { a } else { b };
    }
}

const DAYS: [&str; 5] = ["2021-01-01", "2021-01-02", "2021-01-03", "2021-01-04", "2021-01-05"];
const MODES: [&str; 3] = ["FULL_ONLINE", "PROXY_COLLECTION", "MULTI_SITE_JOINT"];

fn district_code(at: usize) -> String {
    format!("11{:04}", at * 100)
}

fn matter_code(at: usize) -> String {
    format!("{at:012}")
}

/// A small registry as import lines.
fn lines(bytes: &[u8]) -> Vec<Value> {
    let mut dice = Dice(bytes.iter());
    let mut lines = Vec::new();
    let districts: Vec<String> = (0..3 + dice.below(5)).map(district_code).collect();
    let matters: Vec<String> = (0..1 + dice.below(3)).map(matter_code).collect();
    for (at, code) in districts.iter().enumerate() {
        let kind = ["COUNTY", "PROVINCE", "PREFECTURE", "FUNCTIONAL_ZONE"][dice.below(4)];
        let mut line = json!({ "type": "district", "code": code, "name": format!("区域{at}"), "kind": kind });
        // Only earlier ones, so that nobody stands below itself.
        if at > 0 && dice.once_in(2) {
            let parent = &districts[dice.below(at)];
            let mut tenure = json!({ "district": parent });
            dice.dates(&mut tenure, "validFrom", "validTo", 5);
            line["parents"] = json!([tenure]);
        }
        if at > 0 && dice.once_in(5) {
            // Administered by a zone that stands later: the administrator names the administered.
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
        let audience = [&["NATURAL_PERSON"][..], &["ORGANISATION"], &["NATURAL_PERSON", "ORGANISATION"], &[]][dice.below(4)];
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
            let mut line =
                json!({ "type": "window", "district": district, "name": format!("{copy}"), "address": "示例", "modes": dice.some(&MODES, 2) });
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

fn terms_of(clause: &mut Value, dice: &mut Dice<'_>, matters: &[String]) {
    let mut listed: BTreeSet<String> = dice.some(matters, 3).into_iter().collect();
    listed.insert(matters[0].clone());
    clause["matters"] = json!(listed);
    clause["mode"] = json!(MODES[dice.below(3)]);
    dice.dates(clause, "validFrom", "validTo", 5);
}

/// An empty side is left out, since an empty list is refused.
fn without_empty_sides(mut clause: Value) -> Value {
    let fields = clause.as_object_mut().expect("a clause");
    fields.retain(|_, value| value.as_array().is_none_or(|list| !list.is_empty()));
    clause
}

fn agreement(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
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
    let flags: Vec<Value> = (0..dice.below(5) / 2)
        .map(|_| {
            let party = if dice.once_in(4) { Value::Null } else { json!(districts[dice.below(districts.len())]) };
            json!({ "party": party, "since": dice.day(), "until": dice.maybe_day(3), "clearedOn": dice.maybe_day(3), "reason": "…" })
        })
        .collect();
    let notices: Vec<Value> =
        (0..dice.below(2)).map(|_| json!({ "party": districts[dice.below(districts.len())], "endsOn": dice.day(), "reason": "…" })).collect();
    let voided = if dice.once_in(12) { json!({ "on": dice.day(), "reason": "…" }) } else { Value::Null };
    json!({ "type": "agreement", "number": format!("TB-2021-{serial:06}"), "versions": versions, "suspensions": flags, "notices": notices, "voided": voided })
}

/// How a version came to be: on paper, as a draft, or proposed and answered.
fn live(dice: &mut Dice<'_>, version: &mut Value, members: &[String], districts: &[String]) {
    match dice.below(8) {
        0 => version["recorder"] = json!(members[dice.below(members.len())]),
        1 => version["draft"] = json!({ "author": districts[dice.below(districts.len())] }),
        2..=4 => {
            let needs = ["ALL", "SIGNATORIES", "NO_OBJECTION", "LEAD"][dice.below(4)];
            let signers: Vec<String> = if needs == "NO_OBJECTION" { vec![members[0].clone()] } else { members.to_vec() };
            let mut answers: Vec<(String, bool)> = signers.iter().map(|signer| (signer.clone(), !dice.once_in(4))).collect();
            answers.retain(|_| !dice.once_in(4));
            let sign = |(party, _): &(String, bool), day: String| json!({ "party": party, "at": "2021-01-01T00:00:00Z", "on": day, "digest": Digest::GENESIS.to_string() });
            let signatures: Vec<Value> = answers.iter().filter(|(_, yes)| *yes).map(|answer| sign(answer, dice.day())).collect();
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

fn policy(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
    let side = |dice: &mut Dice<'_>| -> Vec<Value> {
        let named: BTreeSet<String> = dice.some(districts, 2).into_iter().collect();
        named.into_iter().map(|district| json!({ "district": district, "extent": if dice.once_in(2) { "SUBTREE" } else { "SELF" } })).collect()
    };
    let schedule: Vec<Value> = (0..dice.below(3))
        .map(|_| {
            let reach = ["ANY", "ACROSS_PROVINCES", "WITHIN_PROVINCE", "WITHIN_PREFECTURE"][dice.below(4)];
            let mut clause = without_empty_sides(json!({ "receiving": side(dice), "competent": side(dice), "reach": reach }));
            terms_of(&mut clause, dice, matters);
            clause
        })
        .collect();
    let mut line = json!({ "type": "policy", "title": format!("政策{serial}"), "documentNumber": format!("{serial}号"), "receiving": side(dice), "competent": side(dice), "schedule": schedule });
    dice.dates(&mut line, "effectiveFrom", "effectiveTo", 4);
    line
}

/// The records by themselves, without an index.
struct Naive {
    /// What is published later is not known.
    today: Date,
    districts: BTreeMap<DistrictCode, District>,
    matters: BTreeMap<MatterCode, Matter>,
    offerings: Vec<Offering>,
    windows: Vec<Window>,
    agreements: BTreeMap<AgreementNumber, Agreement>,
    policies: BTreeMap<u64, Policy>,
}

/// A route as loops know it: the basis, the place of the clause, the mode.
type NaiveRoute = (String, usize, HandlingMode);

impl Naive {
    fn new(records: &[Record], today: Date) -> Self {
        let mut naive = Self {
            today,
            districts: BTreeMap::new(),
            matters: BTreeMap::new(),
            offerings: Vec::new(),
            windows: Vec::new(),
            agreements: BTreeMap::new(),
            policies: BTreeMap::new(),
        };
        for (record, revision) in records.iter().zip(1..) {
            match record.clone() {
                Record::District(record) => drop(naive.districts.insert(record.code, record)),
                Record::Matter(record) => drop(naive.matters.insert(record.code, record)),
                Record::Offering(record) => naive.offerings.push(*record),
                Record::Window(record) => naive.windows.push(record),
                Record::Agreement(record) => drop(naive.agreements.insert(record.number, *record)),
                Record::Policy(record) => drop(naive.policies.insert(revision, *record)),
                Record::Document(_) => {}
            }
        }
        naive
    }

    fn retired(&self, code: DistrictCode, on: Date) -> bool {
        self.districts[&code].is_retired(on)
    }

    /// For whom a named district counts.
    fn counts_for(&self, code: DistrictCode, on: Date, steps: usize) -> Option<DistrictCode> {
        let district = &self.districts[&code];
        match district.successors() {
            _ if !district.is_retired(on) => Some(code),
            [successor] if steps > 0 => self.counts_for(*successor, on, steps - 1),
            _ => None,
        }
    }

    /// Does one district stand under another, or is it the other?
    fn below(&self, code: DistrictCode, above: DistrictCode, on: Date, steps: usize) -> bool {
        if code == above {
            return true;
        }
        if steps == 0 {
            return false;
        }
        let parent = self.districts[&code].parent(on).is_some_and(|parent| self.below(parent, above, on, steps - 1));
        let administered = self.districts.values().any(|zone| {
            zone.administers.iter().any(|tenure| tenure.district == code && tenure.period.includes(on)) && self.below(zone.code, above, on, steps - 1)
        });
        parent || administered
    }

    /// Whom a named district with its extent stands for: `None` when it does not cover the other.
    fn covers(&self, named: DistrictCode, subtree: bool, code: DistrictCode, on: Date) -> Option<DistrictCode> {
        let steps = self.districts.len();
        let counts_for = self.counts_for(named, on, steps)?;
        (counts_for == code || (subtree && self.below(code, counts_for, on, steps))).then_some(counts_for)
    }

    /// Concluded by today, between two parties at least.
    fn is_published(version: &Version, today: Date) -> bool {
        version.state(today) == VersionState::Concluded && version.parties.iter().filter(|party| version.binds(party)).count() >= 2
    }

    fn begins(version: &Version) -> Option<Date> {
        match &version.life {
            Life::Paper(paper) => version.effective_from.or(paper.signed_on),
            Life::Draft(_) | Life::Proposal(_) => version.signed_on().max(version.effective_from),
        }
    }

    /// The published version that a day is about: the newest that has begun, else the first to come.
    fn reference(agreement: &Agreement, on: Date, today: Date) -> Option<&Version> {
        let published = || agreement.versions.iter().filter(|version| Self::is_published(version, today));
        let begun = published().filter(|version| Self::begins(version).is_none_or(|begins| begins <= on)).max_by_key(|version| version.number);
        begun.or_else(|| published().min_by_key(|version| (Self::begins(version), version.number)))
    }

    fn in_force(agreement: &Agreement, on: Date, today: Date) -> Option<&Version> {
        let version = Self::reference(agreement, on, today)?;
        let holds = Self::begins(version).is_none_or(|begins| begins <= on) && version.effective_to.is_none_or(|to| on <= to);
        (agreement.voided.is_none() && holds).then_some(version)
    }

    /// The agreements that this scope sees, of those that a filter wants.
    fn listed(&self, filter: &AgreementFilter, scope: &Scope) -> BTreeMap<AgreementNumber, Agreement> {
        let mut listed = BTreeMap::new();
        for agreement in self.agreements.values() {
            let Some(seen) = agreement.seen_by(scope, self.today).map(Cow::into_owned) else { continue };
            let published = agreement.seen_by(&Scope::Public, self.today);
            let standing = match &published {
                Some(published) => published.standing(filter.on),
                None if agreement.voided.is_some() => Standing::Voided,
                None => Standing::NotConcluded,
            };
            let about = published.as_ref().and_then(|published| Self::reference(published, filter.on, self.today)).map(|version| version.number);
            let version = about.and_then(|number| seen.version(number)).unwrap_or_else(|| seen.latest());
            let counts = |party: &domain::Party| seen.counts_as_party(version, party, filter.on, self.today);
            let fits = filter.parties.iter().all(|code| version.party(*code).is_some_and(counts))
                && filter.covering.is_none_or(|code| {
                    let subtree = |party: &domain::Party| party.extent == domain::Extent::Subtree;
                    version.parties.iter().filter(|party| counts(party)).any(|party| {
                        party.district == code
                            || (!self.retired(code, filter.on) || self.counts_for(code, filter.on, 0).is_some())
                                && self.covers(party.district, subtree(party), code, filter.on).is_some()
                    })
                })
                && (filter.standing.is_empty() || filter.standing.contains(&standing))
                && (filter.matter.is_none() && filter.modes.is_empty()
                    || version.schedule.iter().any(|clause| {
                        filter.matter.is_none_or(|matter| clause.matters.contains(&matter))
                            && (filter.modes.is_empty() || filter.modes.contains(&clause.mode))
                    }))
                && filter.ending_before.is_none_or(|before| version.ends_on(filter.on).is_some_and(|to| to < before));
            if fits {
                listed.insert(agreement.number, seen);
            }
        }
        listed
    }

    fn flagged(agreement: &Agreement, party: Option<DistrictCode>, on: Date) -> bool {
        agreement.suspensions.iter().any(|flag| {
            flag.party == party
                && flag.since <= on
                && flag.until.is_none_or(|until| on <= until)
                && flag.cleared_on.is_none_or(|cleared| on < cleared)
        })
    }

    fn nearest(&self, code: DistrictCode, kind: DistrictKind, on: Date, steps: usize) -> Option<DistrictCode> {
        let district = &self.districts[&code];
        // 110000 is 北京市 when it is a province: the prefecture of all below it.
        let municipality = district.kind == DistrictKind::Province && code.to_string() == "110000" && kind == DistrictKind::Prefecture;
        if district.kind == kind || municipality { Some(code) } else { self.nearest(district.parent(on)?, kind, on, steps.checked_sub(1)?) }
    }

    fn reaches(&self, reach: Reach, a: DistrictCode, c: DistrictCode, on: Date) -> bool {
        let near = |kind| Some((self.nearest(a, kind, on, 9)?, self.nearest(c, kind, on, 9)?));
        match reach {
            Reach::Any => true,
            Reach::AcrossProvinces => near(DistrictKind::Province).is_some_and(|(a, c)| a != c),
            Reach::WithinProvince => near(DistrictKind::Province).is_some_and(|(a, c)| a == c),
            Reach::WithinPrefecture => near(DistrictKind::Prefecture).is_some_and(|(a, c)| a == c),
        }
    }

    fn published(&self, c: DistrictCode, m: MatterCode, on: Date) -> bool {
        self.offerings.iter().any(|offering| offering.district == c && offering.matter == Some(m) && offering.published().includes(on))
    }

    fn withdrawn(&self, c: DistrictCode, m: MatterCode, on: Date) -> bool {
        !self.published(c, m, on)
            && self.offerings.iter().any(|offering| offering.district == c && offering.matter == Some(m) && offering.published().ended_before(on))
    }

    /// The routes of a matter, and whether a clause covers it that the offering blocks.
    fn routes(&self, m: MatterCode, a: DistrictCode, c: DistrictCode, on: Date) -> (BTreeSet<NaiveRoute>, bool) {
        let mut routes = BTreeSet::new();
        let mut blocked = false;
        if a == c || self.retired(a, on) || self.retired(c, on) || self.matters[&m].retired_on.is_some_and(|retired| retired <= on) {
            return (routes, false);
        }
        for agreement in self.agreements.values() {
            let Some(version) = Self::in_force(agreement, on, self.today) else { continue };
            for (place, clause) in version.schedule.iter().enumerate() {
                let mut covered = false;
                for p in &version.parties {
                    for q in &version.parties {
                        let named = |side: &[DistrictCode], party: DistrictCode| side.is_empty() || side.contains(&party);
                        let member = |party: &domain::Party| {
                            let signed = version.proposal().and_then(|proposal| proposal.signed_by(party.district));
                            let counts = |notice: &&domain::Notice| {
                                notice.party == party.district && signed.max(party.joined_on).is_none_or(|back| back <= notice.ends_on)
                            };
                            let left = agreement.notices.iter().filter(counts).any(|notice| notice.ends_on < on);
                            let objected = version.proposal().is_some_and(|proposal| {
                                proposal.needs == Needs::NoObjection && proposal.has_rejected(party.district) && signed.max(party.joined_on).is_none()
                            });
                            !left && !objected && version.binds(party) && party.joined_on.is_none_or(|joined| joined <= on)
                        };
                        let subtree = |party: &domain::Party| party.extent == domain::Extent::Subtree;
                        let (Some(for_p), Some(for_q)) = (self.covers(p.district, subtree(p), a, on), self.covers(q.district, subtree(q), c, on))
                        else {
                            continue;
                        };
                        let free = [None, Some(p.district), Some(q.district)].into_iter().all(|party| !Self::flagged(agreement, party, on));
                        covered |= for_p != for_q
                            && member(p)
                            && member(q)
                            && free
                            && named(&clause.receiving, p.district)
                            && named(&clause.competent, q.district);
                    }
                }
                if covered && clause.matters.contains(&m) && clause.period.includes(on) {
                    if self.withdrawn(c, m, on) {
                        blocked = true;
                    } else {
                        routes.insert((format!("{} version {}", agreement.number, version.number), place, clause.mode()));
                    }
                }
            }
        }
        for (id, policy) in &self.policies {
            for (place, clause) in policy.schedule.iter().enumerate() {
                let within = |own: &[Territory], all: &[Territory], code: DistrictCode| {
                    let territories = if own.is_empty() { all } else { own };
                    territories.is_empty()
                        || territories
                            .iter()
                            .any(|territory| self.covers(territory.district, territory.extent == domain::Extent::Subtree, code, on).is_some())
                };
                let covered = Period::new(policy.effective_from, policy.effective_to).includes(on)
                    && clause.period.includes(on)
                    && clause.matters.contains(&m)
                    && within(&clause.receiving, &policy.receiving, a)
                    && within(&clause.competent, &policy.competent, c)
                    && self.reaches(clause.reach, a, c, on);
                if covered {
                    if self.published(c, m, on) {
                        routes.insert((format!("policy {id}"), place, clause.mode()));
                    } else {
                        blocked = true;
                    }
                }
            }
        }
        (routes, blocked)
    }

    /// The days around one on which a route exists, looked through day by day, and whether another of its mode follows.
    fn span(&self, route: &NaiveRoute, m: MatterCode, a: DistrictCode, c: DistrictCode, on: Date) -> (Period, bool) {
        let [first, last] = ["2020-12-30", "2021-01-20"].map(|day| day.parse::<Date>().expect("a day before all, and one after"));
        let routes = |day: Date| self.routes(m, a, c, day).0;
        let mut from = on;
        while from > first && routes(from.pred_opt().expect("a day")).contains(route) {
            from = from.pred_opt().expect("a day");
        }
        let mut to = on;
        while to < last && routes(to.succ_opt().expect("a day")).contains(route) {
            to = to.succ_opt().expect("a day");
        }
        let follows = to < last && routes(to.succ_opt().expect("a day")).iter().any(|other| other.2 == route.2);
        (Period::new((from > first).then_some(from), (to < last).then_some(to)), follows)
    }

    fn windows(&self, m: MatterCode, a: DistrictCode, mode: HandlingMode, on: Date) -> usize {
        let matter = &self.matters[&m];
        let its =
            |window: &&Window| window.district == a || (self.retired(window.district, on) && self.counts_for(window.district, on, 9) == Some(a));
        self.windows.iter().filter(its).filter(|window| window.open().includes(on) && window.serves(mode, matter)).count()
    }
}

fn named(route: &Route) -> NaiveRoute {
    let basis = match &route.basis {
        Basis::Agreement { agreement, version } => format!("{} version {}", agreement.number, agreement.versions[*version].number),
        Basis::Policy(policy) => format!("policy {}", policy.id.number()),
    };
    (basis, route.clause, route.mode)
}

fn head(revision: u64) -> Head {
    Head { epoch: "test".to_owned(), revision, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH }
}

fn kept<T>(record: T, revision: u64) -> Recorded<T> {
    Recorded { id: Id::new(revision), revision, record }
}

/// The records loaded in one go.
fn load(records: &[Record]) -> Snapshot {
    load_seen(records, |agreement| Some(agreement.clone()))
}

/// The records loaded in one go, with agreements as somebody sees them.
fn load_seen(records: &[Record], seen: impl Fn(&Agreement) -> Option<Agreement>) -> Snapshot {
    let mut builder = SnapshotBuilder::new(head(records.len() as u64));
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    for (record, revision) in records.iter().zip(1..) {
        match record.clone() {
            Record::District(record) => {
                ids.insert(record.code.to_string(), revision);
                builder.district(kept(record, revision));
            }
            Record::Matter(record) => {
                ids.insert(record.code.to_string(), revision);
                builder.matter(kept(record, revision));
            }
            Record::Window(record) => builder.window(kept(record, revision)),
            Record::Agreement(record) => {
                if let Some(record) = seen(&record) {
                    builder.agreement(kept(record, revision));
                }
            }
            Record::Policy(record) => builder.policy(kept(*record, revision), None),
            Record::Document(record) => builder.document(kept(record, revision)),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| Id::new(ids[code.as_str()]));
                let offering = kept(*record, revision);
                let district = Id::new(ids[offering.district.as_str()]);
                builder.offering(district, matter, OfferingBrief::of(&offering)).expect("a district and a matter");
            }
        }
    }
    builder.finish().expect("every reference resolves")
}

fn change(record: &Record, revision: u64) -> Change {
    Change {
        revision,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind: record.kind(),
        action: Action::Registered,
        record: revision,
        document: Some(record.line()),
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}

fn records(bytes: &[u8]) -> Vec<Record> {
    let read = |line: &Value| Record::from_line(&line.to_string()).unwrap_or_else(|problems| panic!("{line}: {problems:?}"));
    lines(bytes).iter().map(read).collect()
}

fn question(receiving: Option<DistrictCode>, competent: Option<DistrictCode>, on: Date, with_guide: bool) -> Question {
    Question { receiving, competent, on, modes: Vec::new(), domains: Vec::new(), audiences: Vec::new(), search: None, with_guide }
}

/// Everything that a registry says about a day beside its routes, to somebody who sees only what is published.
fn told(naive: &Naive, snapshot: &Snapshot, on: Date) -> Vec<String> {
    let mut told = Vec::new();
    for &a in naive.districts.keys() {
        for &c in naive.districts.keys() {
            let handlings = naive.matters.keys().map(|m| snapshot.handling(*m, a, c, on));
            told.extend(handlings.flat_map(|handling| handling.reasons.into_iter().chain(handling.notices)).map(|reason| reason.message.en));
            told.extend(
                snapshot
                    .available(&question(Some(a), Some(c), on, false), &Slice::all(Order::Code))
                    .reasons
                    .into_iter()
                    .map(|reason| reason.message.en),
            );
        }
        told.extend(snapshot.partners(a, on).iter().map(|partner| format!("{} {}", partner.code, partner.item.agreements)));
    }
    told.extend(snapshot.findings(on, None, &[], &[], &Scope::Public).iter().map(|finding| finding.item.message.en));
    told
}

/// Compares what everybody, the steward and each district find of agreements, however they look for them.
fn compare_lists(naive: &Naive, snapshot: &Snapshot, on: Date) -> Result<(), TestCaseError> {
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
            let found: BTreeMap<AgreementNumber, Agreement> =
                snapshot.list_agreements(filter, &scope).iter().map(|listed| (listed.code, listed.item.record.clone())).collect();
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

/// Compares everything that can be asked of a registry on a day.
fn compare(naive: &Naive, snapshot: &Snapshot, on: Date) -> Result<(), TestCaseError> {
    let codes: Vec<DistrictCode> = naive.districts.keys().copied().collect();
    // Receiving, competent, matter → routes.
    let mut all: BTreeMap<(DistrictCode, DistrictCode, MatterCode), BTreeSet<NaiveRoute>> = BTreeMap::new();
    for &a in &codes {
        for &c in &codes {
            for &m in naive.matters.keys() {
                let (routes, blocked) = naive.routes(m, a, c, on);
                let handling = snapshot.handling(m, a, c, on);
                let found: BTreeSet<NaiveRoute> = handling.routes.iter().map(named).collect();
                prop_assert_eq!(found.len(), handling.routes.len(), "one route for each clause");
                prop_assert_eq!(&found, &routes, "routes of {} from {} to {} on {}", m, a, c, on);
                let answer = if !routes.is_empty() {
                    Answer::Available
                } else if blocked {
                    Answer::NotOffered
                } else {
                    Answer::NotCovered
                };
                prop_assert_eq!(handling.answer, answer, "answer of {} from {} to {} on {}", m, a, c, on);
                prop_assert_eq!(handling.reasons.is_empty(), !routes.is_empty(), "a no has a reason: {} from {} to {} on {}", m, a, c, on);
                for route in &handling.routes {
                    let (valid, follows) = naive.span(&named(route), m, a, c, on);
                    prop_assert_eq!(route.valid, valid, "days of {:?} of {} from {} to {} on {}", named(route), m, a, c, on);
                    let ends = route.notices.iter().any(|notice| notice.code == ReasonCode::EndsSoon);
                    prop_assert_eq!(ends, valid.to.is_some() && !follows, "{:?} of {} from {} to {} on {}", named(route), m, a, c, on);
                    let windows = if route.mode == HandlingMode::FullOnline { 0 } else { naive.windows(m, a, route.mode, on) };
                    prop_assert_eq!(route.windows.len(), windows);
                }
                all.insert((a, c, m), routes);
            }
        }
    }
    // Another way for each pair, so that all of them come up.
    let mut number = usize::try_from(on.num_days_from_ce()).expect("a day of our era") * codes.len() + all.len() + naive.offerings.len() * 7;
    compare_records(naive, snapshot, number)?;
    for &a in &codes {
        for asked in codes.iter().map(|c| (Some(a), Some(*c))).chain([(Some(a), None), (None, Some(a))]) {
            check_filtered(naive, snapshot, &all, asked, on, number)?;
            number += 1;
        }
    }
    for &a in &codes {
        for &c in &codes {
            check_list(naive, snapshot, &all, Some(a), Some(c), on)?;
        }
        check_list(naive, snapshot, &all, Some(a), None, on)?;
        check_list(naive, snapshot, &all, None, Some(a), on)?;
    }
    Ok(())
}

const ORDERS: [Order; 4] = [Order::Relevance, Order::Name, Order::PromisedDays, Order::Code];

/// One of many ways to filter, search and sort; which, follows from the number.
fn asked_for(number: usize) -> (Vec<HandlingMode>, MatterFilter, Option<&'static str>, Order) {
    let modes = [&[][..], &[HandlingMode::FullOnline], &[HandlingMode::FullOnline, HandlingMode::ProxyCollection]][number % 3].to_vec();
    let domains = [&[][..], &[MatterDomain::Health], &[MatterDomain::Health, MatterDomain::Water]][number / 3 % 3].to_vec();
    let audiences = [&[][..], &[Audience::Organisation], Audience::ALL][number / 9 % 3].to_vec();
    let typed = [None, Some("登记"), Some("sfz"), Some("户口"), Some("00")][number / 27 % 5];
    let search = typed.and_then(Query::new);
    (modes, MatterFilter { search, domains, audiences }, typed, ORDERS[number % 4])
}

impl Naive {
    /// What an order sorts a matter by, before its code.
    fn sorted_by(&self, matter: &Matter, order: Order, search: Option<&Query>, days: Option<u32>) -> (u64, String) {
        match order {
            Order::Relevance => {
                let rank = search.map(|query| query.rank(&Text::new(&matter.name, [matter.code.as_str()])).map(|rank| rank as u64));
                let offering: BTreeSet<_> =
                    self.offerings.iter().filter(|offering| offering.matter == Some(matter.code)).map(|offering| offering.district).collect();
                (rank.map_or(0, |rank| (rank.expect("it was found") + 1) * 1_000 - offering.len() as u64), String::new())
            }
            Order::Name => (0, sort_key(&matter.name)),
            Order::PromisedDays => (days.map_or(u64::MAX, u64::from), String::new()),
            Order::Code => (0, String::new()),
        }
    }

    fn is_of(matter: &Matter, domains: &[MatterDomain]) -> bool {
        domains.is_empty() || domains.contains(&matter.domain)
    }

    fn is_for(matter: &Matter, audiences: &[Audience]) -> bool {
        audiences.is_empty() || matter.audience.iter().any(|audience| audiences.contains(audience))
    }

    fn is_found(matter: &Matter, typed: Option<&str>) -> bool {
        typed.is_none_or(|typed| {
            matter.name.contains(typed) || matter.code.as_str().contains(typed) || typed == "sfz" && matter.name.contains("身份证")
        })
    }

    /// The matters that a filter leaves, in their order.
    fn matters(&self, filter: &MatterFilter, typed: Option<&str>, order: Order) -> Vec<MatterCode> {
        let fits =
            |matter: &&Matter| Self::is_of(matter, &filter.domains) && Self::is_for(matter, &filter.audiences) && Self::is_found(matter, typed);
        let mut matters: Vec<&Matter> = self.matters.values().filter(fits).collect();
        matters.sort_by_key(|matter| (self.sorted_by(matter, order, filter.search.as_ref(), None), matter.code));
        matters.into_iter().map(|matter| matter.code).collect()
    }
}

/// Compares lists of districts and matters by themselves, however they are filtered, searched and sorted.
fn compare_records(naive: &Naive, snapshot: &Snapshot, number: usize) -> Result<(), TestCaseError> {
    for number in number..number + 4 {
        let (_, filter, typed, order) = asked_for(number);
        if order != Order::PromisedDays {
            let listed = snapshot.list_matters(&filter, &Slice::all(order)).entries.into_iter().map(|(spot, _)| spot.code);
            prop_assert_eq!(listed.collect::<Vec<_>>(), naive.matters(&filter, typed, order), "{:?} by {:?}", filter, order);
        }
    }
    for kinds in [vec![], vec![DistrictKind::County]] {
        let filter = DistrictFilter { kinds, ..DistrictFilter::default() };
        let mut districts: Vec<&District> =
            naive.districts.values().filter(|district| filter.kinds.is_empty() || filter.kinds.contains(&district.kind)).collect();
        districts.sort_by_key(|district| (sort_key(&district.name), district.code));
        let listed = snapshot.list_districts(&filter, &Slice::all(Order::Name)).entries.into_iter().map(|(spot, _)| spot.code);
        prop_assert!(listed.eq(districts.iter().map(|district| district.code)));
    }
    Ok(())
}

/// Compares what is available, filtered, searched, counted and sorted in one of many ways.
fn check_filtered(
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
    // Of each matter, its modes, and the shortest promise of those who are competent in a mode that is wanted.
    let mut open: BTreeMap<MatterCode, (BTreeSet<HandlingMode>, Option<u32>)> = BTreeMap::new();
    for ((a, c, m), routes) in all {
        let asked = receiving.is_none_or(|receiving| receiving == *a) && competent.is_none_or(|competent| competent == *c);
        if asked && !routes.is_empty() && Naive::is_found(&naive.matters[m], typed) {
            let (its_modes, shortest) = open.entry(*m).or_default();
            its_modes.extend(routes.iter().map(|(_, _, mode)| *mode));
            if routes.iter().any(|(_, _, mode)| in_mode(mode)) {
                let published = naive
                    .offerings
                    .iter()
                    .filter(|offering| offering.district == *c && offering.matter == Some(*m) && offering.published().includes(on));
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
        let count = open.iter().filter(|(m, (modes, _))| naive.matters[m].domain == *domain && wanted(modes) && for_audience(m)).count();
        facets.domains.extend((count > 0).then_some((*domain, count)));
    }
    for audience in Audience::ALL {
        let count = open.iter().filter(|(m, (modes, _))| naive.matters[m].audience.contains(audience) && wanted(modes) && of(m)).count();
        facets.audiences.extend((count > 0).then_some((*audience, count)));
    }
    let mut expected: Vec<(MatterCode, Option<u32>)> =
        open.iter().filter(|(m, (modes, _))| wanted(modes) && of(m) && for_audience(m)).map(|(m, (_, days))| (*m, *days)).collect();
    expected.sort_by_key(|(m, days)| (naive.sorted_by(&naive.matters[m], order, filter.search.as_ref(), *days), *m));

    let available = snapshot.available(&question, &Slice::all(order));
    let listed: Vec<MatterCode> = available.matters.entries.iter().map(|(spot, _)| spot.code).collect();
    prop_assert_eq!(&listed, &expected.iter().map(|(m, _)| *m).collect::<Vec<_>>(), "{:?} in the order {:?}", question, order);
    prop_assert_eq!(&snapshot.facets(&available), &facets, "{:?}", question);
    // A page is a part of the whole, and counts the whole.
    let mut walked = Vec::new();
    // Once in five, which meets every order.
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

fn check_list(
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
            let asked = receiving.is_none_or(|receiving| receiving == *a) && competent.is_none_or(|competent| competent == *c);
            if asked && !routes.is_empty() && (!with_guide || naive.published(*c, *m, on)) {
                matters.entry(*m).or_default().extend(routes.iter().map(|(_, _, mode)| *mode));
                let (competents, count) = spread.entry(*m).or_default();
                competents.insert(*c);
                *count += routes.len();
            }
        }
        let available = snapshot.available(&question, &Slice::all(Order::Code));
        let listed: BTreeMap<MatterCode, BTreeSet<HandlingMode>> =
            available.matters.entries.iter().map(|(spot, item)| (spot.code, item.modes.iter().copied().collect())).collect();
        prop_assert_eq!(&listed, &matters, "available from {:?} to {:?} on {} with guide {}", receiving, competent, on, with_guide);
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_catalogue_answers_as_loops_do(bytes in prop::collection::vec(any::<u8>(), 40..500), day in 0..DAYS.len(), today in 0..DAYS.len()) {
        let records = records(&bytes);
        let [on, today] = [day, today].map(|day| DAYS[day].parse().expect("a day"));
        let (naive, snapshot) = (Naive::new(&records, today), load(&records).on_day(today));
        compare(&naive, &snapshot, on)?;
        compare_lists(&naive, &snapshot, on)?;
        // What is not published leaves no trace in an answer: no reason, no notice, no finding.
        let published = load_seen(&records, |agreement| agreement.seen_by(&Scope::Public, today).map(Cow::into_owned)).on_day(today);
        prop_assert_eq!(told(&naive, &snapshot, on), told(&naive, &published, on));
    }

    /// A snapshot that followed the journal, in batches of any size, is the one that was loaded at once.
    #[test]
    fn following_the_journal_ends_where_loading_does(bytes in prop::collection::vec(any::<u8>(), 40..400), batch in 1usize..6, again in 0usize..3) {
        let records = records(&bytes);
        // References go backwards only within a batch: districts and matters come first, as an import writes them.
        let changes: Vec<Change> = records.iter().zip(1..).map(|(record, revision)| change(record, revision)).collect();
        let first = records.iter().filter(|record| matches!(record.kind(), RecordKind::District | RecordKind::Matter)).count();
        let mut snapshot = Snapshot::empty(head(0)).apply(&changes[..first]).expect("districts and matters");
        let today = DAYS[2].parse().expect("a day");
        let codes: Vec<DistrictCode> = Naive::new(&records, today).districts.into_keys().collect();
        for batch in changes[first..].chunks(batch) {
            // What is known of a district is not taken for true when something else is.
            for code in &codes {
                for receiving in [None, codes.first().copied(), codes.last().copied()] {
                    snapshot.on_day(today).available(&question(receiving, Some(*code), today, false), &Slice::all(Order::Code));
                }
            }
            snapshot = snapshot.apply(batch).expect("what names them");
        }
        // Some records are written again, as they are: nothing may double.
        for revision in 0..again.min(records.len()) {
            let mut twice = change(&records[revision], records.len() as u64 + revision as u64 + 1);
            twice.record = revision as u64 + 1;
            snapshot = snapshot.apply([&twice]).expect("the same record");
        }
        let snapshot = snapshot.on_day(today);
        prop_assert_eq!(snapshot.counts(&Scope::Steward), load(&records).counts(&Scope::Steward));
        let naive = Naive::new(&records, today);
        compare(&naive, &snapshot, today)?;
        compare_lists(&naive, &snapshot, today)?;
        // What is removed leaves nothing behind.
        let mut naive = naive;
        let mut snapshot = snapshot;
        for removed in (1..).zip(&records).filter(|(_, record)| record.kind() == RecordKind::Agreement).take(again) {
            let mut removal = change(removed.1, snapshot.revision() + 1);
            (removal.record, removal.document) = (removed.0, None);
            snapshot = snapshot.apply([&removal]).expect("it was there");
            naive.agreements.pop_first();
        }
        if again > 0 {
            compare(&naive, &snapshot, today)?;
            compare_lists(&naive, &snapshot, today)?;
        }
    }

    #[test]
    fn a_record_is_its_line(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for record in records(&bytes) {
            let line = record.line();
            let again = Record::from_line(&line).expect("our own line");
            prop_assert_eq!(&again, &record);
            prop_assert_eq!(again.line(), line);
        }
    }
}
