//! An agreement and the acts of its parties, with the public view after each act.

use serde_json::{Value, json};

use crate::registry::{Caller, TestRegistry};

pub const NANSHA: &str = "440115";
pub const MINHANG: &str = "310112";
pub const KUNSHAN: &str = "320583";
/// 居民身份证换领, which every schedule here lists.
pub const RENEWING: &str = "000109001000";
/// 居民身份证补领, which is in no schedule at first.
pub const REPLACING: &str = "000109002000";
/// The deadline of proposals here.
pub const ANSWER_BY: &str = "2026-10-31";

/// An agreement and its registry.
#[derive(Debug)]
pub struct TestAgreement<'a> {
    registry: &'a TestRegistry,
    pub number: String,
}

/// A caller and the agreement.
#[derive(Debug)]
pub struct Hand<'a> {
    agreement: &'a TestAgreement<'a>,
    caller: Caller<'a>,
    /// Further fields of each of their acts.
    given: String,
}

/// The default terms: each party receives for each other, by proxy.
pub fn terms(parties: &[&str]) -> String {
    with_schedule(parties, &clause("1", "", RENEWING))
}

pub fn with_schedule(parties: &[&str], schedule: &str) -> String {
    let parties: Vec<String> = parties.iter().map(|party| format!(r#"{{ district: "{party}" }}"#)).collect();
    format!(r#"title: "跨域通办合作协议", parties: [{}], schedule: [{schedule}]"#, parties.join(", "))
}

/// A clause; `sides` names its districts, empty means all.
pub fn clause(key: &str, sides: &str, matter: &str) -> String {
    format!(r#"{{ key: "{key}", {sides} matters: ["{matter}"], mode: PROXY_COLLECTION }}"#)
}

/// The payload in a line: the version and its state, then the standing of the agreement.
fn outcome(payload: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if payload["agreement"].is_null() {
        return "nothing".to_owned();
    }
    format!(
        "{} {}, {}",
        payload["version"]["number"],
        word(&payload["version"]["state"]),
        word(&payload["agreement"]["standing"])
    )
}

const TOLD: &str = "agreement { number standing } version { number state }";

impl TestRegistry {
    /// 南沙 drafts an agreement with these terms.
    pub async fn drafted(&self, agreed: &str) -> TestAgreement<'_> {
        let input = format!(r#"proposer: "{NANSHA}", {agreed}"#);
        let payload = self.registrar(NANSHA).does("draftAgreement", &input, TOLD).await;
        self.agreement(&payload)
    }

    /// 南沙 drafts and proposes it.
    pub async fn proposed(&self, agreed: &str) -> TestAgreement<'_> {
        let agreement = self.drafted(agreed).await;
        assert_eq!(agreement.registrar(NANSHA).proposes(1).await, "1 PROPOSED, NOT_CONCLUDED");
        agreement
    }

    /// Proposes it and lets all these parties sign.
    pub async fn concluded(&self, parties: &[&str], more: &str) -> TestAgreement<'_> {
        self.agreed(parties, &format!("{}, {more}", terms(parties))).await
    }

    /// These parties sign it.
    pub async fn agreed(&self, parties: &[&str], agreed: &str) -> TestAgreement<'_> {
        let agreement = self.proposed(agreed).await;
        for party in parties {
            agreement.signatory(party).signs(1).await;
        }
        assert_eq!(agreement.state(1).await, "CONCLUDED");
        agreement
    }

    /// A paper record by any caller.
    pub async fn recorded(&self, by: &Caller<'_>, recorder: &str, agreed: &str) -> TestAgreement<'_> {
        let input = format!(r#"recorder: "{recorder}", signedOn: "2021-05-28", {agreed}"#);
        let payload = by.does("recordPaperAgreement", &input, TOLD).await;
        self.agreement(&payload)
    }

    fn agreement(&self, payload: &Value) -> TestAgreement<'_> {
        let number = payload["agreement"]["number"].as_str().expect("a number").to_owned();
        TestAgreement { registry: self, number }
    }
}

impl TestAgreement<'_> {
    pub fn registrar(&self, district: &str) -> Hand<'_> {
        self.in_hands_of(self.registry.registrar(district), None)
    }

    pub fn signatory(&self, party: &str) -> Hand<'_> {
        self.in_hands_of(self.registry.signatory(party), Some(party))
    }

    pub fn steward(&self) -> Hand<'_> {
        self.in_hands_of(self.registry.steward(), None)
    }

    /// The agreement with a caller, and a party if the act names one.
    pub fn in_hands_of<'a>(&'a self, caller: Caller<'a>, party: Option<&str>) -> Hand<'a> {
        let party = party.map_or_else(String::new, |party| format!(r#", party: "{party}""#));
        Hand { agreement: self, caller, given: format!(r#"number: "{}"{party}"#, self.number) }
    }

    /// The steward's view.
    pub async fn ask(&self, fields: &str) -> Value {
        let query = format!(r#"{{ agreement(number: "{}") {{ {fields} }} }}"#, self.number);
        self.registry.steward().ask(&query).await["agreement"].take()
    }

    pub async fn digest(&self, version: u32) -> String {
        let told = self.ask(&format!("version(number: {version}) {{ digest }}")).await;
        told["version"]["digest"].as_str().expect("a digest").to_owned()
    }

    pub async fn state(&self, version: u32) -> String {
        let told = self.ask(&format!("version(number: {version}) {{ state }}")).await;
        told["version"]["state"].as_str().expect("a state").to_owned()
    }

    pub async fn standing(&self) -> String {
        self.ask("standing").await["standing"].as_str().expect("a standing").to_owned()
    }

    /// The standing on a day.
    pub async fn standing_on(&self, day: &str) -> String {
        self.ask(&format!(r#"standing(on: "{day}")"#)).await["standing"].as_str().expect("a standing").to_owned()
    }

    /// The missing signatures.
    pub async fn outstanding(&self, version: u32) -> Vec<String> {
        let mut told =
            self.ask(&format!("version(number: {version}) {{ outstanding {{ edges {{ node {{ code }} }} }} }}")).await;
        let codes = told["version"]["outstanding"]["edges"].as_array_mut().expect("a list").iter_mut();
        let mut codes: Vec<String> =
            codes.map(|edge| edge["node"]["code"].as_str().expect("a code").to_owned()).collect();
        codes.sort();
        codes
    }

    /// Checks that all public answers agree: its standing and the list by standing, the handling question and the list
    /// of matters of 南沙 for 闵行, the findings, and the newest entry of the feed, which is given last.
    pub async fn is(&self, standing: &str, answer: &str, action: &str) {
        let number = &self.number;
        let sides = format!(r#"receiving: "{NANSHA}", competent: "{MINHANG}""#);
        let query = format!(
            r#"{{ agreement(number: "{number}") {{ standing }}
                agreements(standing: [{standing}]) {{ edges {{ node {{ number }} }} }}
                handling(matter: "{RENEWING}", {sides}) {{ answer routes {{ mode }} reasons {{ code }} }}
                availableMatters({sides}) {{ edges {{ node {{ code }} }} }}
                findings(district: "{NANSHA}", rule: [R102_PROXY_WITHOUT_WINDOW]) {{ totalCount }}
                changes(kinds: [AGREEMENT], last: 1) {{ edges {{ node {{ action record {{ ... on Agreement {{ number }} }} }} }} }} }}"#
        );
        let told = self.registry.ask(&query).await;
        let codes = |list: &Value, word: &str| {
            list.as_array().expect("a list").iter().map(|item| item[word].clone()).collect::<Vec<_>>()
        };
        let handling = &told["handling"];
        let why = [codes(&handling["routes"], "mode"), codes(&handling["reasons"], "code")].concat();
        let why: Vec<&str> = why.iter().filter_map(Value::as_str).collect();
        assert_eq!(format!("{}: {}", handling["answer"].as_str().unwrap_or_default(), why.join(", ")), answer);
        let matters = codes(&told["availableMatters"]["edges"], "node");
        let is_listed = matters.iter().any(|node| node["code"] == RENEWING);
        assert_eq!(is_listed, handling["answer"] == "AVAILABLE", "the list of matters and the question");
        let listed = codes(&told["agreements"]["edges"], "node").contains(&json!({ "number": number }));
        if told["agreement"].is_null() {
            assert_eq!((standing, listed), ("NOT_CONCLUDED", false), "what is not concluded is not published");
        } else {
            assert_eq!(
                (told["agreement"]["standing"].as_str(), listed),
                (Some(standing), true),
                "the list of agreements"
            );
        }
        let counts = matches!(standing, "SCHEDULED" | "IN_FORCE" | "SUSPENDED");
        assert_eq!(
            told["findings"]["totalCount"] != 0,
            counts,
            "a schedule without a window is a finding while it counts"
        );
        let newest = codes(&told["changes"]["edges"], "node").pop().unwrap_or_default();
        let newest =
            newest["record"]["number"].as_str().filter(|newest| newest == number).and(newest["action"].as_str());
        assert_eq!(newest.unwrap_or_default(), action, "the newest entry of the feed");
    }
}

impl Hand<'_> {
    fn input(&self, more: &str) -> String {
        format!("{}, {more}", self.given)
    }

    /// Runs a mutation that must succeed: the version and its state, then the standing.
    pub async fn does(&self, mutation: &str, more: &str) -> String {
        outcome(&self.caller.does(mutation, &self.input(more), TOLD).await)
    }

    /// Runs a mutation that must be refused for one reason: its code, path and rule.
    pub async fn refused(&self, mutation: &str, more: &str) -> String {
        let mut problems = self.refused_for(mutation, more).await;
        assert_eq!(problems.len(), 1, "{problems:?}");
        problems.remove(0)
    }

    /// Runs a mutation that must be refused: each reason as code, path and rule.
    pub async fn refused_for(&self, mutation: &str, more: &str) -> Vec<String> {
        self.caller.refused(mutation, &self.input(more)).await
    }

    /// Runs a mutation without permission: the code in `errors`.
    pub async fn forbidden(&self, mutation: &str, more: &str) -> String {
        self.caller.forbidden(mutation, &self.input(more)).await
    }

    pub async fn proposes(&self, version: u32) -> String {
        self.does("proposeVersion", &format!(r#"version: {version}, answerBy: "{ANSWER_BY}""#)).await
    }

    /// Signs the current text.
    pub async fn signs(&self, version: u32) -> String {
        self.does("signVersion", &self.over(version, &self.agreement.digest(version).await)).await
    }

    /// Tries to sign the current text.
    pub async fn cannot_sign(&self, version: u32) -> String {
        self.refused("signVersion", &self.over(version, &self.agreement.digest(version).await)).await
    }

    fn over(&self, version: u32, digest: &str) -> String {
        format!(r#"version: {version}, digest: "{digest}""#)
    }

    /// Drafts an amendment, or revises a draft.
    pub async fn amends(&self, district: &str, base: u32, agreed: &str) -> String {
        self.does("amendAgreement", &format!(r#"proposer: "{district}", baseVersion: {base}, {agreed}"#)).await
    }
}
