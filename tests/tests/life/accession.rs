//! Newcomers join: at once, by consent of the lead, or by consent of all members.

use scenarios::TestRegistry;
use serde_json::{Value, json};

use crate::oracle::Registry;
use crate::oracle::admission::Admission;
use crate::proposals::{exported, list, versions};
use crate::world::{DISTRICTS, World, attempt};

/// Each is as likely as the others.
pub(crate) const ADMISSIONS: [&str; 3] = ["OPEN", "LEAD", "ALL"];

impl World {
    /// Sets how newcomers are admitted, and perhaps the lead.
    pub(crate) fn admission(&mut self, version: &mut Value, members: &[String]) {
        version["admission"] = json!(ADMISSIONS[self.rng.usize(0..3)]);
        version["lead"] = json!(members[if self.once_in(2) { 0 } else { 1 }]);
        let newcomer = DISTRICTS.map(|(code, ..)| code).into_iter().find(|code| members.iter().all(|it| it != code));
        if let Some(newcomer) = newcomer.filter(|_| version["admission"] != "OPEN" && self.once_in(2)) {
            let on = self.today;
            let signature = json!({ "party": newcomer, "at": format!("{on}T02:00:00Z"), "on": on, "digest": format!("sha-256:{}", "0".repeat(64)) });
            let consents: Vec<&String> = members.iter().filter(|_| self.once_in(3)).collect();
            version["accessions"] = json!([{ "party": { "district": newcomer, "extent": "SUBTREE" }, "signature": signature, "consents": consents }]);
        }
    }

    /// A newcomer signs the digest of the version that stands. The outcome is what the naive rules say.
    pub(crate) async fn accede(&mut self, registry: &TestRegistry, number: &str, newcomer: &str) {
        let caller = registry.signatory(newcomer);
        let asked = caller.ask(&format!(r#"{{ agreement(number: "{number}") {{ inForce {{ digest }} }} }}"#)).await;
        let Some(digest) = asked["agreement"]["inForce"]["digest"].as_str() else { return };
        let known = Registry::read(&registry.steward().export().await, self.today);
        let input = format!(
            r#"number: "{number}", digest: "{digest}", party: "{newcomer}", newcomer: {{ district: "{newcomer}", extent: SUBTREE }}"#
        );
        let payload = attempt(&caller, "accedeToAgreement", &input, "agreement { number }").await;
        let expected = known.accede(number, newcomer);
        self.expect(registry, (number, newcomer), &payload, expected, "accedes").await;
    }

    /// The parties of a version consent to an accession, most of them.
    pub(crate) async fn admit(&mut self, registry: &TestRegistry) {
        let mut lines = registry.steward().export().await;
        lines.retain(|line| versions(line).iter().any(|version| !list(&version["accessions"]).is_empty()));
        if lines.is_empty() {
            return;
        }
        let line = &lines[self.rng.usize(0..lines.len())];
        let number = line["number"].as_str().expect("a number");
        let waiting = versions(line).into_iter().find(|version| !list(&version["accessions"]).is_empty());
        let Some((version, accession)) =
            waiting.and_then(|version| Some((version, list(&version["accessions"]).first()?)))
        else {
            return;
        };
        let newcomer = accession["party"]["district"].as_str().expect("a code");
        let asked =
            registry.steward().ask(&format!(r#"{{ agreement(number: "{number}") {{ inForce {{ digest }} }} }}"#)).await;
        let Some(digest) = asked["agreement"]["inForce"]["digest"].as_str() else { return };
        for party in list(&version["parties"]).iter().filter_map(|party| party["district"].as_str()) {
            if self.once_in(8) {
                continue;
            }
            let known = Registry::read(&registry.steward().export().await, self.today);
            let input = format!(
                r#"number: "{number}", digest: "{digest}", party: "{party}", newcomer: {{ district: "{newcomer}", extent: SUBTREE }}"#
            );
            let payload = attempt(&registry.signatory(party), "admitParty", &input, "agreement { number }").await;
            let expected = known.admit(number, party, newcomer);
            let is_over = expected == Admission::Joins;
            self.expect(registry, (number, newcomer), &payload, expected, &format!("is admitted by {party}")).await;
            if is_over {
                break;
            }
        }
    }

    /// The line of the agreement says what the naive rules say.
    async fn expect(
        &self,
        registry: &TestRegistry,
        (number, newcomer): (&str, &str),
        payload: &Value,
        expected: Admission,
        act: &str,
    ) {
        // A caller of a district that is retired may not act.
        if payload.is_null() {
            return;
        }
        let line = exported(registry, number).await.expect("it is there");
        let waits = versions(&line)
            .iter()
            .any(|version| list(&version["accessions"]).iter().any(|it| it["party"]["district"] == *newcomer));
        let outcome = match (payload["agreement"].is_null(), waits) {
            (true, _) => Admission::Refused,
            (false, true) => Admission::Waits,
            (false, false) => Admission::Joins,
        };
        assert_eq!(outcome, expected, "{newcomer} {act} {number} on {}: {}\n{line:#}", self.today, payload["problems"]);
    }
}
