//! Random histories of one agreement through GraphQL, compared with a small model: what is allowed, refused, seen and
//! answered must agree.
//!
//! It uses plain proptest with a list of acts: an impossible act is a refusal to compare, not a broken precondition. A
//! state machine that generates only possible acts would leave out half of the test.

mod act;
mod expected;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::Days;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use scenarios::agreement::{RENEWING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use self::act::{Act, Step, Version, step};
use self::expected::{ANSWER_DAYS, Model, NOTICE_DAYS};

on_every_database! {
    random_histories_agree_with_the_model,
}

/// A running history.
struct History<'a> {
    registry: &'a TestRegistry,
    model: Model,
    districts: [String; 3],
    number: String,
    acts: u32,
}

impl<'a> History<'a> {
    /// Three districts that no other history uses.
    async fn new(registry: &'a TestRegistry, at: u32) -> Self {
        let districts = [0, 1, 2].map(|party| (530_000 + 3 * at + party).to_string());
        let line =
            |code: &String| format!(r#"{{"type":"district","code":"{code}","name":"成员 {code}","kind":"COUNTY"}}"#);
        registry.import(&districts.each_ref().map(line).join("\n")).await;
        Self { registry, model: Model::default(), districts, number: "TB-2026-999999".to_owned(), acts: 0 }
    }

    fn agreed(&self) -> String {
        let parties = self.districts.each_ref().map(String::as_str);
        format!(
            "{}, noticeDays: {NOTICE_DAYS}",
            terms(&parties).replace("合作协议", &format!("合作协议（{}）", self.acts))
        )
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Try { act, by, back, again } => self.attempt(act, by, back, again).await,
            Step::Agree { first, back } => {
                let newest = self.model.versions.keys().copied().max().unwrap_or_default();
                let draft = newest
                    .checked_sub(back)
                    .and_then(|number| self.model.versions.get(&number))
                    .filter(|version| version.answer_by.is_none());
                if let Some(author) = draft.map(|draft| draft.author) {
                    self.attempt(Act::Propose, author, back, false).await;
                }
                for party in 0..3 {
                    self.attempt(Act::Sign, (first + party) % 3, back, false).await;
                }
            }
            Step::Pass(days) => {
                self.registry.pass(days);
                self.registry.clock().await;
            }
        }
        self.compare().await;
    }

    async fn attempt(&mut self, act: Act, by: usize, back: u32, again: bool) {
        self.acts += 1;
        if self.model.versions.is_empty() {
            return self.draft(by).await;
        }
        let today = self.registry.today();
        let newest = self.model.versions.keys().copied().max().unwrap_or_default();
        // There is none before the first, and none after the newest.
        let number = if back < newest { newest - back } else { newest + 1 };
        let district = self.districts[by].clone();
        let (registrar, signatory) = (
            |registry: &'a TestRegistry| registry.registrar(&district),
            |registry: &'a TestRegistry| registry.signatory(&district),
        );
        let version = format!("version: {number}");
        let party = format!(r#"party: "{district}""#);
        let answer_by = today + Days::new(ANSWER_DAYS);
        let ends_on = today + Days::new(NOTICE_DAYS);
        let base = self.model.versions.get(&number).and_then(|version| version.base).unwrap_or(0);
        let amendment = |base: u32| format!(r#"proposer: "{district}", baseVersion: {base}, {}"#, self.agreed());
        let (caller, mutation, input): (Caller<'a>, &str, String) = match act {
            Act::Amend => (registrar(self.registry), "amendAgreement", amendment(number)),
            Act::Revise => (registrar(self.registry), "reviseDraft", format!("{version}, {}", amendment(base))),
            Act::Discard => (registrar(self.registry), "discardDraft", version),
            Act::Propose => {
                (registrar(self.registry), "proposeVersion", format!(r#"{version}, answerBy: "{answer_by}""#))
            }
            Act::Withdraw => (registrar(self.registry), "withdrawProposal", version),
            Act::Sign => (
                signatory(self.registry),
                "signVersion",
                format!(r#"{version}, {party}, digest: "{}""#, self.digest(number).await),
            ),
            Act::SignAnother => {
                (signatory(self.registry), "signVersion", format!(r#"{version}, {party}, digest: "{NONE}""#))
            }
            Act::Reject => {
                (signatory(self.registry), "rejectVersion", format!(r#"{version}, {party}, reason: "清单有误""#))
            }
            Act::UndoRejection => (signatory(self.registry), "undoRejection", format!("{version}, {party}")),
            Act::Suspend => (signatory(self.registry), "suspendAgreement", format!(r#"{party}, reason: "系统升级""#)),
            Act::Resume => (signatory(self.registry), "resumeAgreement", party),
            Act::GiveNotice => {
                (signatory(self.registry), "giveNotice", format!(r#"{party}, endsOn: "{ends_on}", reason: "机构调整""#))
            }
            Act::RevokeNotice => (signatory(self.registry), "revokeNotice", party),
            Act::Stop => (self.registry.steward(), "stopAgreement", r#"reason: "紧急停用""#.to_owned()),
            Act::Release => (self.registry.steward(), "releaseAgreement", r#"reason: "已排除""#.to_owned()),
        };
        let input = format!(r#"number: "{}", {input}, idempotencyKey: "{}/{}""#, self.number, self.number, self.acts);
        let before = self.registry.revision();
        let payload = caller.act(mutation, &input, "").await;
        let expected = self.model.attempt(act, by, number, today);
        let problems = payload["problems"].as_array().expect("a list").iter();
        let mut told: Vec<String> = problems
            .map(|problem| {
                format!("{} {} {}", text(&problem["code"]), text(&problem["path"][0]), text(&problem["rule"]))
            })
            .collect();
        // A wrong digest is a problem in addition to any other.
        if told.len() > 1 && matches!(act, Act::SignAnother) {
            told.retain(|told| told != "STALE digest OTHER_DIGEST");
        }
        told.sort_unstable();
        let mut expected: Vec<String> = expected.err().unwrap_or_default().into_iter().map(str::to_owned).collect();
        expected.sort_unstable();
        assert_eq!(told, expected, "{act:?} by {by} on {number}");
        let is_done = told.is_empty();
        assert_eq!(self.registry.revision(), before + u64::from(is_done), "{act:?} is one change, or none");
        if again && is_done {
            assert_eq!(caller.act(mutation, &input, "").await, payload, "{act:?} again");
            assert_eq!(self.registry.revision(), before + 1, "{act:?} again");
        }
        if self.model.versions.is_empty() {
            self.model = Model::default();
        }
    }

    async fn draft(&mut self, by: usize) {
        let input = format!(r#"proposer: "{}", {}"#, self.districts[by], self.agreed());
        let payload =
            self.registry.registrar(&self.districts[by]).does("draftAgreement", &input, "agreement { number }").await;
        let number = text(&payload["agreement"]["number"]);
        assert_ne!(number, self.number, "numbers are never used twice");
        self.number = number;
        self.model.versions.insert(1, Version::draft(None, by));
        self.model.used = 1;
    }

    /// The digest of a version as a steward sees it; `NONE` if there is no such version.
    async fn digest(&self, version: u32) -> String {
        let query =
            format!(r#"{{ agreement(number: "{}") {{ version(number: {version}) {{ digest }} }} }}"#, self.number);
        let told = self.registry.steward().ask(&query).await;
        told["agreement"]["version"]["digest"].as_str().unwrap_or(NONE).to_owned()
    }

    /// All readers see exactly what the model says.
    async fn compare(&self) {
        let today = self.registry.today();
        let (number, [first, second, _]) = (&self.number, &self.districts);
        let query = format!(
            r#"{{ agreement(number: "{number}") {{ standing versions {{ edges {{ node {{ number state }} }} }} }}
                handling(matter: "{RENEWING}", receiving: "{first}", competent: "{second}") {{ answer routes {{ mode }} reasons {{ code }} }} }}"#
        );
        for party in [None, Some(0), Some(1), Some(2)] {
            let caller =
                party.map_or_else(|| self.registry.anybody(), |party| self.registry.registrar(&self.districts[party]));
            let told = caller.ask(&query).await;
            let seen =
                self.model.versions.keys().filter_map(|number| Some((number, self.model.seen(party, *number, today)?)));
            let seen: Vec<Value> =
                seen.map(|(number, state)| json!({ "node": { "number": number, "state": state } })).collect();
            let expected = if seen.is_empty() {
                Value::Null
            } else {
                json!({ "standing": self.model.standing(today), "versions": { "edges": seen } })
            };
            assert_eq!(told["agreement"], expected, "as {party:?} sees it on {today}");
            let handling = &told["handling"];
            let why = if handling["answer"] == "AVAILABLE" {
                &handling["routes"][0]["mode"]
            } else {
                &handling["reasons"][0]["code"]
            };
            assert_eq!(
                format!("{}: {}", text(&handling["answer"]), text(why)),
                self.model.answer(today),
                "as {party:?} is answered on {today}"
            );
        }
    }
}

const NONE: &str = "sha-256:0000000000000000000000000000000000000000000000000000000000000000";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

async fn random_histories_agree_with_the_model(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    // PostgreSQL is a little slower, and gives the same answers.
    let cases = if registry.url().starts_with("sqlite") { 24 } else { 12 };
    let registry = Arc::new(registry);
    let (histories, handle) = (registry.clone(), Handle::current());
    let at = AtomicU32::new(0);
    let outcome = tokio::task::spawn_blocking(move || {
        let config =
            ProptestConfig { cases, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() };
        TestRunner::new(config).run(&vec(step(), 25), |steps| {
            handle.block_on(async {
                let mut history = History::new(&histories, at.fetch_add(1, Ordering::Relaxed)).await;
                for step in steps {
                    history.take(step).await;
                }
            });
            Ok(())
        })
    });
    match outcome.await.expect("it ends") {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => panic!("{why}\n{steps:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    registry.verify().await.expect("one chain");
}
