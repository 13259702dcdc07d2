//! The catalogue against the definition of a route, written out as loops over the records: what
//! bitmaps answer, loops answer too, on random registries and for every question that can be asked.

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Answer, Basis, Head, Loading, OfferingBrief, Question, Route, Snapshot};
use chrono::DateTime;
use domain::journal::Action;
use domain::{
    Agreement, AgreementNumber, Change, Date, Digest, District, DistrictCode, DistrictKind, HandlingMode, Id, Matter, MatterCode, Offering, Period,
    Policy, Reach, Record, RecordKind, Recorded, Territory, Version, Window,
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
    for (at, code) in matters.iter().enumerate() {
        let domain = ["PUBLIC_SECURITY", "HEALTH"][dice.below(2)];
        lines.push(json!({ "type": "matter", "code": code, "name": format!("事项{at}"), "domain": domain, "audience": ["NATURAL_PERSON"], "retiredOn": dice.maybe_day(6) }));
    }
    for district in &districts {
        for matter in &matters {
            for copy in 0..dice.below(3) {
                let mut line = json!({ "type": "offering", "district": district, "matter": matter, "sourceCode": format!("{copy}"), "visits": 0 });
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

fn agreement(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
    let versions: Vec<Value> = (1..=1 + dice.below(2))
        .map(|number| {
            let mut members: BTreeSet<String> = dice.some(districts, 4).into_iter().collect();
            members.extend(districts[..2].iter().cloned());
            let members: Vec<String> = members.into_iter().collect();
            let parties: Vec<Value> = members
                .iter()
                .map(|district| json!({ "district": district, "extent": if dice.once_in(2) { "SUBTREE" } else { "SELF" }, "joinedOn": dice.maybe_day(8) }))
                .collect();
            let schedule: Vec<Value> = (0..dice.below(4))
                .map(|_| {
                    let side = |dice: &mut Dice<'_>| dice.some(&members, 2).into_iter().collect::<BTreeSet<_>>();
                    let mut clause = json!({ "receiving": side(dice), "competent": side(dice) });
                    terms_of(&mut clause, dice, matters);
                    clause
                })
                .collect();
            let mut version = json!({ "version": number, "title": format!("协议{serial}"), "parties": parties, "schedule": schedule });
            dice.dates(&mut version, "effectiveFrom", "effectiveTo", 3);
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

fn policy(dice: &mut Dice<'_>, serial: usize, districts: &[String], matters: &[String]) -> Value {
    let side = |dice: &mut Dice<'_>| -> Vec<Value> {
        let named: BTreeSet<String> = dice.some(districts, 2).into_iter().collect();
        named.into_iter().map(|district| json!({ "district": district, "extent": if dice.once_in(2) { "SUBTREE" } else { "SELF" } })).collect()
    };
    let schedule: Vec<Value> = (0..dice.below(3))
        .map(|_| {
            let reach = ["ANY", "ACROSS_PROVINCES", "WITHIN_PROVINCE", "WITHIN_PREFECTURE"][dice.below(4)];
            let mut clause = json!({ "receiving": side(dice), "competent": side(dice), "reach": reach });
            terms_of(&mut clause, dice, matters);
            clause
        })
        .collect();
    let mut line = json!({ "type": "policy", "title": format!("政策{serial}"), "documentNumber": format!("{serial}号"), "receiving": side(dice), "competent": side(dice), "schedule": schedule });
    dice.dates(&mut line, "effectiveFrom", "effectiveTo", 4);
    line
}

/// The records by themselves, without an index.
#[derive(Default)]
struct Naive {
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
    fn new(records: &[Record]) -> Self {
        let mut naive = Self::default();
        for (record, revision) in records.iter().zip(1..) {
            match record.clone() {
                Record::District(record) => drop(naive.districts.insert(record.code, record)),
                Record::Matter(record) => drop(naive.matters.insert(record.code, record)),
                Record::Offering(record) => naive.offerings.push(*record),
                Record::Window(record) => naive.windows.push(record),
                Record::Agreement(record) => drop(naive.agreements.insert(record.number, *record)),
                Record::Policy(record) => drop(naive.policies.insert(revision, *record)),
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

    fn begins(version: &Version) -> Option<Date> {
        version.effective_from.or(version.signed_on())
    }

    fn in_force(agreement: &Agreement, on: Date) -> Option<&Version> {
        let begun = agreement.versions.iter().filter(|version| Self::begins(version).is_none_or(|begins| begins <= on));
        let version = begun.max_by_key(|version| version.number)?;
        (agreement.voided.is_none() && version.effective_to.is_none_or(|to| on <= to)).then_some(version)
    }

    fn flagged(agreement: &Agreement, party: Option<DistrictCode>, on: Date) -> bool {
        agreement.flags.iter().any(|flag| {
            flag.party == party
                && flag.since <= on
                && flag.until.is_none_or(|until| on <= until)
                && flag.cleared_on.is_none_or(|cleared| on < cleared)
        })
    }

    fn nearest(&self, code: DistrictCode, kind: DistrictKind, on: Date, steps: usize) -> Option<DistrictCode> {
        let district = &self.districts[&code];
        if district.kind == kind { Some(code) } else { self.nearest(district.parent(on)?, kind, on, steps.checked_sub(1)?) }
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
        self.offerings.iter().any(|offering| offering.district == c && offering.matter == Some(m) && offering.period.includes(on))
    }

    fn withdrawn(&self, c: DistrictCode, m: MatterCode, on: Date) -> bool {
        !self.published(c, m, on)
            && self.offerings.iter().any(|offering| offering.district == c && offering.matter == Some(m) && offering.period.ended_before(on))
    }

    /// The routes of a matter, and whether a clause covers it that the offering blocks.
    fn routes(&self, m: MatterCode, a: DistrictCode, c: DistrictCode, on: Date) -> (BTreeSet<NaiveRoute>, bool) {
        let mut routes = BTreeSet::new();
        let mut blocked = false;
        if a == c || self.retired(a, on) || self.retired(c, on) || self.matters[&m].retired_on.is_some_and(|retired| retired <= on) {
            return (routes, false);
        }
        for agreement in self.agreements.values() {
            let Some(version) = Self::in_force(agreement, on) else { continue };
            for (place, clause) in version.schedule.iter().enumerate() {
                let mut covered = false;
                for p in &version.parties {
                    for q in &version.parties {
                        let named = |side: &[DistrictCode], party: DistrictCode| side.is_empty() || side.contains(&party);
                        let member = |party: &domain::Party| {
                            let left = agreement.notices.iter().any(|notice| notice.party == party.district && notice.ends_on < on);
                            !left && party.joined_on.is_none_or(|joined| joined <= on)
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
                        routes.insert((agreement.number.to_string(), place, clause.mode()));
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

    fn windows(&self, m: MatterCode, a: DistrictCode, mode: HandlingMode, on: Date) -> usize {
        let matter = &self.matters[&m];
        let its =
            |window: &&Window| window.district == a || (self.retired(window.district, on) && self.counts_for(window.district, on, 9) == Some(a));
        self.windows.iter().filter(its).filter(|window| window.period.includes(on) && window.serves(mode, matter)).count()
    }
}

fn named(route: &Route) -> NaiveRoute {
    let basis = match &route.basis {
        Basis::Agreement { agreement, .. } => agreement.number.to_string(),
        Basis::Policy(policy) => format!("policy {}", policy.id.number()),
    };
    (basis, route.clause, route.mode())
}

fn head(revision: u64) -> Head {
    Head { epoch: "test".to_owned(), revision, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH }
}

fn kept<T>(record: T, revision: u64) -> Recorded<T> {
    Recorded { id: Id::new(revision), revision, record }
}

/// The records loaded in one go.
fn load(records: &[Record]) -> Snapshot {
    let mut loading = Loading::new(head(records.len() as u64));
    let mut ids: BTreeMap<String, u64> = BTreeMap::new();
    for (record, revision) in records.iter().zip(1..) {
        match record.clone() {
            Record::District(record) => {
                ids.insert(record.code.to_string(), revision);
                loading.district(kept(record, revision));
            }
            Record::Matter(record) => {
                ids.insert(record.code.to_string(), revision);
                loading.matter(kept(record, revision));
            }
            Record::Window(record) => loading.window(kept(record, revision)),
            Record::Agreement(record) => loading.agreement(kept(*record, revision)),
            Record::Policy(record) => loading.policy(kept(*record, revision)),
            Record::Offering(record) => {
                let matter = record.matter.map(|code| Id::new(ids[code.as_str()]));
                let offering = kept(*record, revision);
                loading.offering(Id::new(ids[offering.district.as_str()]), matter, OfferingBrief::of(&offering));
            }
        }
    }
    loading.finish().expect("every reference resolves")
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
                    prop_assert!(route.valid.includes(on), "{:?} on {}", route.valid, on);
                    let windows = if route.mode() == HandlingMode::FullOnline { 0 } else { naive.windows(m, a, route.mode(), on) };
                    prop_assert_eq!(route.windows.len(), windows);
                }
                all.insert((a, c, m), routes);
            }
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
        let available = snapshot.available(&question);
        let listed: BTreeMap<MatterCode, BTreeSet<HandlingMode>> =
            available.matters.iter().map(|listed| (listed.code, listed.item.modes.iter().copied().collect())).collect();
        prop_assert_eq!(&listed, &matters, "available from {:?} to {:?} on {} with guide {}", receiving, competent, on, with_guide);
        let by_mode: BTreeMap<HandlingMode, usize> = available.facets.modes.iter().copied().collect();
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
            let routes = snapshot.routes(&question, m, 1_000);
            prop_assert_eq!(routes.len(), count, "routes of {} from {:?} to {:?} on {}", m, receiving, competent, on);
            prop_assert_eq!(snapshot.routes(&question, m, 1).len(), 1);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_catalogue_answers_as_loops_do(bytes in prop::collection::vec(any::<u8>(), 40..500), day in 0..DAYS.len()) {
        let records = records(&bytes);
        let on = DAYS[day].parse().expect("a day");
        compare(&Naive::new(&records), &load(&records), on)?;
    }

    /// A snapshot that followed the journal, in batches of any size, is the one that was loaded at once.
    #[test]
    fn following_the_journal_ends_where_loading_does(bytes in prop::collection::vec(any::<u8>(), 40..400), batch in 1usize..6, again in 0usize..3) {
        let records = records(&bytes);
        // References go backwards only within a batch: districts and matters come first, as an import writes them.
        let changes: Vec<Change> = records.iter().zip(1..).map(|(record, revision)| change(record, revision)).collect();
        let first = records.iter().filter(|record| matches!(record.kind(), RecordKind::District | RecordKind::Matter)).count();
        let mut snapshot = Snapshot::empty(head(0)).apply(&changes[..first]).expect("districts and matters");
        for batch in changes[first..].chunks(batch) {
            snapshot = snapshot.apply(batch).expect("what names them");
        }
        // Some records are written again, as they are: nothing may double.
        for revision in 0..again.min(records.len()) {
            let mut twice = change(&records[revision], records.len() as u64 + revision as u64 + 1);
            twice.record = revision as u64 + 1;
            snapshot = snapshot.apply([&twice]).expect("the same record");
        }
        prop_assert_eq!(snapshot.counts(), load(&records).counts());
        compare(&Naive::new(&records), &snapshot, DAYS[2].parse().expect("a day"))?;
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
