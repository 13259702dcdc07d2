//! A mutation reports all problems at once: any two problems are both reported, whether they concern the form of the
//! input, its references, a rule or the state of the record. Pairs that may be reported one after the other are listed
//! in `LET_OFF`, with the reason.

mod acts;
mod agreements;
mod records;
mod stops;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use futures::{StreamExt as _, stream};
use scenarios::agreement::{MINHANG, NANSHA, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    any_two_problems_of_a_mutation_are_both_reported,
    a_reused_idempotency_key_is_reported_with_the_other_problems,
    problems_reveal_no_state_of_records_that_the_caller_may_not_see,
}

/// The caller.
#[derive(Clone, Copy)]
enum Who {
    Steward,
    Registrar(&'static str),
    Signatory(&'static str),
}

impl Who {
    fn of(self, registry: &TestRegistry) -> Caller<'_> {
        match self {
            Self::Steward => registry.steward(),
            Self::Registrar(district) => registry.registrar(district),
            Self::Signatory(district) => registry.signatory(district),
        }
    }
}

/// A mutation with a valid input, except for problems that already exist (`stands`).
#[derive(Clone)]
struct Case {
    mutation: &'static str,
    who: Who,
    input: Value,
    stands: Vec<&'static str>,
    faults: Vec<Fault>,
}

/// A change of the input, and the problem it causes.
#[derive(Clone)]
struct Fault {
    told: &'static str,
    changes: Vec<(&'static str, Value)>,
}

fn fault(told: &'static str, field: &'static str, value: impl Into<Value>) -> Fault {
    Fault { told, changes: vec![(field, value.into())] }
}

/// A fault in two fields.
fn between(told: &'static str, changes: [(&'static str, Value); 2]) -> Fault {
    Fault { told, changes: changes.into() }
}

impl Fault {
    /// The same with another field.
    fn also(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.changes.push((field, value.into()));
        self
    }
}

impl Case {
    fn new(mutation: &'static str, who: Who, input: Value, faults: impl IntoIterator<Item = Fault>) -> Self {
        let faults =
            faults.into_iter().chain([fault("INVALID idempotencyKey IDEMPOTENCY_KEY", "idempotencyKey", "")]).collect();
        Self { mutation, who, input, stands: Vec::new(), faults }
    }

    /// Each fault, and each pair of faults in different fields. If the input has an existing problem, each single fault
    /// is a pair.
    fn faults_and_pairs(&self) -> Vec<Vec<&Fault>> {
        let mut all = Vec::new();
        for (i, one) in self.faults.iter().enumerate() {
            let others = if !self.stands.is_empty() { &[][..] } else { &self.faults[..i] };
            all.push(vec![one]);
            all.extend(others.iter().filter(|other| !overlap(one, other)).map(|other| vec![one, other]));
        }
        all
    }

    /// The record changed since it was read.
    fn moving(mut self) -> Self {
        self.faults.push(fault("STALE expectedRevision RECORD_MOVED", "expectedRevision", 2));
        self.faults.push(fault("INVALID expectedRevision REVISION", "expectedRevision", 9_007_199_254_740_992_u64));
        self
    }

    fn with(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// This problem is reported for any input.
    fn against(mut self, stands: &'static str) -> Self {
        self.stands.push(stands);
        self
    }
}

/// The most pairs in `LET_OFF`.
const MOST_LET_OFF: usize = 166;

/// Pairs that may be reported one after the other: the reported problem, the beginning of the one reported later, and
/// the reason.
const LET_OFF: &[(&[&str], &[&str], &str)] = &[
    (
        &["NOT_FOUND number NOT_FOUND", "INVALID number AGREEMENT_NUMBER"],
        &["STALE ", "NOT_FOUND version", "NOT_FOUND baseVersion", "REFUSED "],
        "nobody knows which agreement is meant, or the caller may not know",
    ),
    (
        &["NOT_FOUND version UNKNOWN_VERSION", "INVALID version NUMBER"],
        &["STALE digest", "REFUSED "],
        "nobody knows which version is meant, or the caller may not know",
    ),
    (
        &["REFUSED party NOT_A_PARTY"],
        &["STALE digest OTHER_DIGEST"],
        "who is no party signs nothing, whatever its digest",
    ),
    (
        &["INVALID code ", "INVALID district DISTRICT_CODE", "INVALID matter MATTER_CODE", "INVALID name REQUIRED"],
        &["STALE expectedRevision RECORD_MOVED"],
        "nobody knows which record is meant",
    ),
    (
        &["INVALID code DISTRICT_CODE"],
        &["CONFLICT codes DISTRICT_CODE_", "INVALID parent OWN_ANCESTOR"],
        "nobody knows which district is meant",
    ),
    (
        &["INVALID effectiveFrom DATE"],
        &["INVALID effectiveTo DATES_OUT_OF_ORDER"],
        "a day is compared with one that can be read",
    ),
    (
        &["INVALID parties.2.district DISTRICT_CODE"],
        &["INVALID lead NOT_A_PARTY", "INVALID schedule.0.receiving.0 NOT_A_PARTY", "REFUSED proposer NOT_A_PARTY"],
        "the party that cannot be read may be the one that is missed",
    ),
    (
        &["INVALID proposer DISTRICT_CODE"],
        &["REFUSED proposer NOT_A_PARTY", "REFUSED version NO_DRAFT"],
        "nobody knows who drafts it",
    ),
];

fn let_off(told: &str, hidden: &str) -> bool {
    let begins = |texts: &[&str], text: &str| texts.iter().any(|begin| text.starts_with(begin));
    LET_OFF.iter().any(|(first, second, _)| begins(first, told) && begins(second, hidden))
}

/// JSON as a GraphQL value. A text that begins with `~` is an enum value.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => text.strip_prefix('~').map_or_else(|| value.to_string(), str::to_owned),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(_) => format!("{{ {} }}", fields(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn fields(value: &Value) -> String {
    let fields = value.as_object().expect("an object").iter();
    fields.map(|(field, value)| format!("{field}: {}", literal(value))).collect::<Vec<_>>().join(", ")
}

/// The input with these faults.
fn with(input: &Value, faults: &[&Fault]) -> Value {
    let mut input = input.clone();
    for (field, value) in faults.iter().flat_map(|fault| &fault.changes) {
        let (above, last) = field.rsplit_once('.').map_or(("", *field), |(above, last)| (above, last));
        let pointer = if above.is_empty() { String::new() } else { format!("/{}", above.replace('.', "/")) };
        match input.pointer_mut(&pointer) {
            Some(Value::Array(items)) => items[last.parse::<usize>().expect("a place")] = value.clone(),
            Some(Value::Object(fields)) => drop(fields.insert(last.to_owned(), value.clone())),
            other => panic!("{field}: {other:?}"),
        }
    }
    input
}

/// Do two faults change the same field, or one a part of the other?
fn overlap(one: &Fault, other: &Fault) -> bool {
    let within = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    let touch = |a: &str, b: &str| within(a, b) || within(b, a);
    one.changes.iter().any(|(a, _)| other.changes.iter().any(|(b, _)| touch(a, b)))
}

async fn told(registry: &TestRegistry, case: &Case, faults: &[&Fault]) -> BTreeSet<String> {
    let payload = case
        .who
        .of(registry)
        .act(case.mutation, &fields(&with(&case.input, faults)), "remedies: problems { remedy }")
        .await;
    let remedies = payload["remedies"].as_array().expect("a list");
    assert!(remedies.iter().all(|problem| problem["remedy"].is_string()), "each has a remedy: {payload}");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let problems = payload["problems"].as_array().expect("a list").iter();
    let told = problems.map(|problem| {
        let path: Vec<String> = problem["path"].as_array().expect("a list").iter().map(text).collect();
        format!("{} {} {}", text(&problem["code"]), path.join("."), text(&problem["rule"]))
    });
    told.collect()
}

async fn any_two_problems_of_a_mutation_are_both_reported(registry: TestRegistry) {
    let cases = [
        records::cases(&registry).await,
        agreements::cases(&registry).await,
        acts::cases(&registry).await,
        stops::cases(&registry).await,
    ]
    .concat();
    let revision = registry.revision();
    let (mut free, mut wrong) = (BTreeSet::new(), String::new());
    let all = cases.iter().flat_map(|case| case.faults_and_pairs().into_iter().map(move |faults| (case, faults)));
    // Concurrently, so that they share transactions.
    let asking =
        stream::iter(all).map(async |(case, faults)| (case, told(&registry, case, &faults).await, faults)).buffered(32);
    let mut asking = Box::pin(asking);
    while let Some((case, told, faults)) = asking.next().await {
        let wanted: BTreeSet<String> =
            faults.iter().map(|fault| fault.told).chain(case.stands.iter().copied()).map(str::to_owned).collect();
        let hidden = wanted
            .difference(&told)
            .map(|hidden| (hidden.clone(), told.iter().find(|told| let_off(told, hidden)).cloned()));
        let hidden: Vec<(String, Option<String>)> = hidden.collect();
        if told.is_subset(&wanted) && hidden.iter().all(|(_, by)| by.is_some()) {
            free.extend(hidden.into_iter().map(|(hidden, by)| (case.mutation, by, hidden)));
        } else {
            let _ = writeln!(wrong, "{} {wanted:?}\n    told {told:?}", case.mutation);
        }
    }
    drop(asking);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(free.len() <= MOST_LET_OFF, "{} pairs are let off:\n{free:#?}", free.len());
    for (first, second, why) in LET_OFF {
        let is_used = |(_, told, hidden): &(&str, Option<String>, String)| {
            let begins = |texts: &[&str], text: &str| texts.iter().any(|begin| text.starts_with(begin));
            begins(first, told.as_deref().unwrap_or_default()) && begins(second, hidden)
        };
        assert!(free.iter().any(is_used), "nothing is let off since {why}: {first:?}");
    }
    registry.follow().await;
    assert_eq!(registry.revision(), revision, "nothing was written");
    // Each of several entries is handled like a single one.
    let of_several = ["publishOfferings", "registerWindows"];
    let mutations: BTreeSet<&str> = cases.iter().map(|case| case.mutation).chain(of_several).collect();
    assert_eq!(
        mutations.into_iter().collect::<Vec<_>>(),
        mutations_of_the_schema(&registry).await,
        "every mutation has a case"
    );
}

async fn a_reused_idempotency_key_is_reported_with_the_other_problems(registry: TestRegistry) {
    let steward = registry.steward();
    let matter = |code: &str, name: &str| {
        format!(r#"code: "{code}", name: "{name}", domain: OTHER, audience: [NATURAL_PERSON], idempotencyKey: "k1""#)
    };
    let first = steward.does("registerMatter", &matter("000109001000", "示例"), "").await;
    let faulty = matter("000109001000", " ");
    let expected =
        ["CONFLICT code ALREADY_REGISTERED", "CONFLICT idempotencyKey IDEMPOTENCY_KEY_USED", "INVALID name REQUIRED"];
    assert_eq!(steward.refused("registerMatter", &faulty).await, expected);
    // A refused mutation does not use up the key.
    assert_eq!(
        steward.does("registerMatter", &matter("000109001000", "示例"), "").await["revision"],
        first["revision"]
    );
}

async fn problems_reveal_no_state_of_records_that_the_caller_may_not_see(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let both = terms(&[NANSHA, MINHANG]);
    let (draft, proposed) = (registry.drafted(&both).await.number, registry.proposed(&both).await.number);
    let theirs = registry.registrar(MINHANG);
    // A draft of another district looks missing, whatever else is wrong.
    for number in [draft.as_str(), "TB-2026-000999"] {
        let propose = format!(
            r#"number: "{number}", version: 1, answerBy: "2026-09-30", expectedRevision: 2, idempotencyKey: "" "#
        );
        let expected = ["INVALID idempotencyKey IDEMPOTENCY_KEY", "NOT_FOUND number NOT_FOUND"];
        assert_eq!(theirs.refused("proposeVersion", &propose).await, expected);
        let revise = format!(
            r#"number: "{number}", proposer: "{MINHANG}", baseVersion: 0, version: 1, {}"#,
            both.replace("跨域通办合作协议", " ")
        );
        assert_eq!(
            theirs.refused("reviseDraft", &revise).await,
            ["NOT_FOUND number NOT_FOUND", "INVALID title REQUIRED"]
        );
    }
    // A proposal is visible: other parties are told that they are not its author, but not whether it can be withdrawn.
    let withdraw = format!(r#"number: "{proposed}", version: 1, reason: "a\nb""#);
    assert_eq!(
        theirs.refused("withdrawProposal", &withdraw).await,
        ["INVALID reason CONTROL_CHARACTER", "REFUSED version NOT_THE_AUTHOR"]
    );
}

async fn mutations_of_the_schema(registry: &TestRegistry) -> Vec<String> {
    let told = registry.ask("{ __schema { mutationType { fields { name } } } }").await;
    let fields = told["__schema"]["mutationType"]["fields"].as_array().expect("a list").iter();
    let mut names: Vec<String> = fields.map(|field| field["name"].as_str().expect("a name").to_owned()).collect();
    names.sort();
    names
}

/// A party, or a territory.
fn party(district: &str) -> Value {
    json!({ "district": district })
}
