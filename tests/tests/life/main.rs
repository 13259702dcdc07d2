//! Simulated registries: districts move, merge and are administered for a time, parties join, leave and suspend,
//! versions follow each other, proposals wait for answers and objections until a day, offerings have dates. Naive loops
//! over exported lines compute the answers, with the first and last day of each route and the standing of each
//! agreement; the registry must agree before and after acts, after a restart, in a copy, and after its file is imported
//! again.
//!
//! `LIFE_ANSWERS` sets how many answers are compared; a run of 100,000 prints how many there were of each kind, and
//! requires a thousand of each.

mod accession;
mod kinds;
mod oracle;
mod proposals;
mod stops;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use catalogue::{Answer as Told, Basis, ReasonCode, Snapshot};
use domain::{Date, Scope};
use scenarios::{TestRegistry, on_every_database};

use kinds::kinds;
use oracle::{Answer, Registry, Route};
use world::{MATTERS, World, after};

on_every_database! {
    a_simulated_registry_answers_as_the_naive_loops,
}

/// All events are within these days.
const BEFORE: i64 = -22;
const AFTER: i64 = 50;

/// All answers of the oracle: for each day, receiving district, competent district and matter.
struct Expected {
    days: Vec<Date>,
    answers: Vec<Answer>,
    districts: usize,
}

impl Expected {
    fn new(registry: &Registry, first: Date) -> Self {
        let days: Vec<Date> = (BEFORE..=AFTER).map(|offset| after(first, offset)).collect();
        let districts = registry.districts.len();
        let answers = days.iter().flat_map(|day| registry.answers(*day)).collect();
        Self { days, answers, districts }
    }

    fn at(&self, day: usize, (a, c, m): (usize, usize, usize)) -> &Answer {
        &self.answers[((day * self.districts + a) * self.districts + c) * MATTERS.len() + m]
    }

    /// The first and the last day of a route, and whether another of its mode follows.
    fn span(&self, day: usize, question: (usize, usize, usize), route: &Route) -> (Option<Date>, Option<Date>, bool) {
        let has = |day: &usize| self.at(*day, question).routes.contains(route);
        let first = (0..day).rev().take_while(has).last().unwrap_or(day);
        let last = (day + 1..self.days.len()).take_while(has).last().unwrap_or(day);
        let follows =
            last + 1 < self.days.len() && self.at(last + 1, question).routes.iter().any(|other| other.3 == route.3);
        ((first > 0).then(|| self.days[first]), (last + 1 < self.days.len()).then(|| self.days[last]), follows)
    }
}

#[derive(Default)]
struct Table(BTreeMap<String, usize>);

impl Table {
    fn count(&mut self, kind: &str) {
        *self.0.entry(kind.to_owned()).or_default() += 1;
    }
}

/// Compares the registry's answers on some days with the oracle.
fn compare(
    phase: &str,
    snapshot: &Snapshot,
    registry: &Registry,
    expected: &Expected,
    world: &mut World,
    table: &mut Table,
) -> usize {
    let mut count = 0;
    let codes: Vec<_> = registry.districts.iter().map(|district| district.code.parse().expect("a code")).collect();
    for _ in 0..DAYS_EACH {
        let day = world.rng.usize(1..expected.days.len() - 1);
        let on = expected.days[day];
        for agreement in &registry.agreements {
            let kept =
                snapshot.agreement(agreement.number.parse().expect("a number"), &Scope::Steward).expect("it is there");
            let standing = kept.published_standing(on, registry.today).name();
            assert_eq!(
                standing,
                agreement.standing(on, registry.today),
                "{phase}: standing of {} on {on}",
                agreement.number
            );
        }
        for a in 0..codes.len() {
            for c in (0..codes.len()).filter(|c| *c != a) {
                for m in 0..MATTERS.len() {
                    let told =
                        snapshot.handling(registry.matters[m].0.parse().expect("a code"), codes[a], codes[c], on);
                    let right = expected.at(day, (a, c, m));
                    let asked =
                        || format!("{phase}: {} from {} to {} on {on}", registry.matters[m].0, codes[a], codes[c]);
                    let answer = match (right.routes.is_empty(), right.is_blocked) {
                        (false, _) => Told::Available,
                        (true, true) => Told::NotOffered,
                        (true, false) => Told::NotCovered,
                    };
                    assert_eq!(told.answer, answer, "{}", asked());
                    let named: BTreeSet<Route> = told.routes.iter().map(named).collect();
                    assert_eq!(named, right.routes, "{}", asked());
                    assert_eq!(told.routes.len(), named.len(), "a clause gives one route, {}", asked());
                    for route in &told.routes {
                        let (from, to, follows) = expected.span(day, (a, c, m), &self::named(route));
                        assert_eq!(
                            (route.valid.from, route.valid.to),
                            (from, to),
                            "days of {:?}, {}",
                            self::named(route),
                            asked()
                        );
                        let warned = route.notices.iter().any(|notice| notice.code == ReasonCode::EndsSoon);
                        assert_eq!(
                            warned,
                            to.is_some() && !follows,
                            "the warning of {:?}, {}",
                            self::named(route),
                            asked()
                        );
                    }
                    kinds(registry, a, c, m).into_iter().for_each(|kind| table.count(kind));
                    table.count(phase);
                    if named.iter().any(|(_, version, (of, _), _)| version != of && *of > 0) {
                        table.count("old clause for who objected");
                    }
                    table.count(if told.routes.is_empty() { "no" } else { "yes" });
                    count += 1;
                }
            }
        }
    }
    count
}

/// Days that are compared each time.
const DAYS_EACH: usize = 8;

fn named(route: &catalogue::Route) -> Route {
    let (version, clause) = match &route.basis {
        Basis::Agreement { agreement, version } => {
            let position = agreement.clause_at(*version, route.clause);
            (agreement.versions[*version].number, (agreement.versions[position.version].number, position.clause))
        }
        Basis::Policy(_) => (0, (0, route.clause)),
    };
    (route.basis.number(), version, clause, route.mode.name().to_owned())
}

#[expect(clippy::disallowed_macros, reason = "the table and the seed are for the reader of the test's output")]
async fn a_simulated_registry_answers_as_the_naive_loops(registry: TestRegistry) {
    let wanted: usize = std::env::var("LIFE_ANSWERS").ok().and_then(|count| count.parse().ok()).unwrap_or(12_000);
    let seed: u64 = std::env::var("LIFE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut table = Table::default();
    let mut answers = 0;
    for number in 0.. {
        if answers >= wanted {
            break;
        }
        let other = registry.another().await;
        answers += live(&other, seed + number, &mut table).await;
    }
    eprintln!("{answers} answers");
    table.0.iter().for_each(|(kind, count)| eprintln!("{kind}: {count}"));
    if answers >= 100_000 {
        assert_eq!(table.0.iter().filter(|(_, count)| **count < 1_000).collect::<Vec<_>>(), []);
    }
}

/// One registry, from its first import to a copy of its last state.
#[expect(clippy::disallowed_macros, reason = "the table and the seed are for the reader of the test's output")]
async fn live(registry: &TestRegistry, seed: u64, table: &mut Table) -> usize {
    eprintln!("LIFE_SEED={seed}");
    let first = registry.today();
    let mut world = World { rng: fastrand::Rng::with_seed(seed), today: first, agreements: 0 };
    let lines: String = world.lines().iter().map(|line| format!("{line}\n")).collect();
    registry.import(&lines).await;
    let mut count = 0;
    let mut check = async |phase: &str, asked: &TestRegistry, world: &mut World| {
        // A registry that was opened anew has the first day.
        asked.pass((world.today - asked.today()).num_days().unsigned_abs());
        let known = Registry::read(&asked.steward().export().await, world.today);
        known.agreements.iter().for_each(|agreement| agreement.ensure_exclusions(world.today));
        let expected = Expected::new(&known, first);
        count += compare(phase, &asked.snapshot_on(world.today), &known, &expected, world, table);
        expected
    };
    let mut before = check("imported", registry, &mut world).await;
    for _ in 0..3 {
        for _ in 0..8 {
            world.act(registry).await;
        }
        let now = check("acted", registry, &mut world).await;
        // Answers for past days do not change: acts affect today and later.
        let past = now.days.iter().take_while(|day| **day < world.today).count();
        let each = now.answers.len() / now.days.len();
        let changed = (0..past * each).find(|at| now.answers[*at] != before.answers[*at]);
        assert_eq!(
            changed.map(|at| (now.days[at / each], at % each, &before.answers[at], &now.answers[at])),
            None,
            "the past has changed"
        );
        let days = world.rng.u64(0..4);
        registry.pass(days);
        world.today = registry.today();
        before = check("a day later", registry, &mut world).await;
    }
    let restarted = registry.second_reader().await;
    check("restarted", &restarted, &mut world).await;
    // The first file again, after all acts: nothing is written.
    let revision = registry.revision();
    registry.import(&lines).await;
    assert_eq!(registry.revision(), revision, "the first file again is written");
    let again = check("first file again", registry, &mut world).await;
    assert!(again.answers == before.answers, "the first file again changed something");
    let copy = registry.another().await;
    let export = registry.export().await;
    copy.import(&export).await;
    let copied = check("copied", &copy, &mut world).await;
    assert!(copied.answers == before.answers, "the copy differs");
    // The same file again changes nothing.
    registry.import(&export).await;
    let again = check("imported again", registry, &mut world).await;
    assert!(again.answers == before.answers, "the same file changed something");
    registry.verify().await.expect("the journal and the records agree");
    count
}
