//! Proposals that wait for answers until a day: alliances of those who sign in time, and amendments to which parties
//! may object.

use domain::Date;
use scenarios::TestRegistry;
use serde_json::{Value, json};

use crate::accession::ADMISSIONS;
use crate::world::{DISTRICTS, MATTERS, MODES, SPREAD, World, after, attempt};

/// Where clauses of a new version get their keys from.
const KEYS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

impl World {
    /// A day from the first to the last, both included.
    fn between(&mut self, first: Date, last: Date) -> Date {
        let days = (last - first).num_days().max(0);
        after(first, self.rng.i64(0..=days))
    }

    fn signature(&mut self, party: &str, first: Date, last: Date) -> Value {
        let on = self.between(first, last);
        json!({ "party": party, "at": format!("{on}T02:00:00Z"), "on": on, "digest": format!("sha-256:{}", "0".repeat(64)) })
    }

    /// An agreement of those who sign by a day, proposed in the last days.
    pub(crate) fn alliance(&mut self, serial: u32) -> Value {
        let members = self.some(&DISTRICTS.map(|(code, ..)| code), 3, 5);
        let proposed = after(self.today, -self.rng.i64(0..=SPREAD));
        let answer_by = after(proposed, self.rng.i64(0..=SPREAD));
        let last = answer_by.min(self.today);
        let (mut parties, mut signatures, mut rejections) = (Vec::new(), Vec::new(), Vec::new());
        let unwilling = self.rng.u32(0..4);
        for member in &members {
            let mut party = json!({ "district": member, "extent": if self.once_in(2) { "SUBTREE" } else { "SELF" } });
            if self.rng.u32(0..4) >= unwilling {
                signatures.push(self.signature(member, proposed, last));
            } else if self.once_in(2) {
                rejections.push(json!({ "party": member, "on": self.between(proposed, last), "reason": "暂不加入" }));
            } else if answer_by < after(self.today, -1) && self.once_in(2) {
                party["joinedOn"] = json!(self.between(after(answer_by, 1), self.today));
            }
            parties.push(party);
        }
        // No district can join a version that was not concluded.
        if signatures.len() < 2 {
            parties.iter_mut().filter_map(Value::as_object_mut).for_each(|party| drop(party.remove("joinedOn")));
        }
        let mut proposal = json!({
            "by": members[0], "on": proposed, "answerBy": answer_by, "needs": "SIGNATORIES", "signers": members, "signatures": signatures,
            "rejections": rejections
        });
        if answer_by >= self.today && self.once_in(8) {
            proposal["withdrawnOn"] = json!(self.between(proposed, last));
        }
        let mut line = json!({
            "type": "agreement", "number": format!("TB-2026-{serial:06}"), "title": format!("联盟{serial}"), "concludes": "SIGNATORIES",
            "noticeDays": 0, "amendmentRule": "NO_OBJECTION", "objectionDays": self.rng.u32(0..6), "parties": parties,
            "schedule": self.schedule(&members), "proposal": proposal
        });
        self.admission(&mut line, &members);
        if self.once_in(3) {
            line["effectiveFrom"] = json!(self.day());
        }
        if self.once_in(3) {
            line["effectiveTo"] = json!(after(answer_by, self.rng.i64(1..=SPREAD)));
        }
        line
    }

    /// A paper record with one or two changes of its schedule, to which parties may object or have objected.
    pub(crate) fn amended_without_objection(&mut self, serial: u32) -> Value {
        let mut line = self.agreement(serial);
        let days = self.rng.i64(0..8);
        let versions = line["versions"].as_array_mut().expect("a list");
        for version in versions.iter_mut().filter_map(Value::as_object_mut) {
            version.insert("amendmentRule".to_owned(), json!("NO_OBJECTION"));
            version.insert("objectionDays".to_owned(), json!(days));
            version.remove("effectiveTo");
        }
        let mut earliest = after(self.today, -SPREAD);
        for _ in 0..2 {
            let base = versions.last().expect("a version").clone();
            let next = self.objected(&base, earliest, days);
            let proposal = &next["proposal"];
            let signed: Option<Date> = proposal["signatures"][0]["on"].as_str().and_then(|on| on.parse().ok());
            let proposed: Date = proposal["on"].as_str().and_then(|on| on.parse().ok()).expect("a day");
            let concluded = signed.map(|signed| signed.max(after(proposed, days + 1)));
            let is_withdrawn = proposal.get("withdrawnOn").is_some();
            versions.push(next);
            match concluded.filter(|concluded| !is_withdrawn && *concluded <= self.today) {
                Some(concluded) => earliest = concluded,
                None => break,
            }
        }
        line
    }

    /// A version that changes the schedule of its base, with its answers so far.
    fn objected(&mut self, base: &Value, earliest: Date, days: i64) -> Value {
        let parties: Vec<Value> = list(&base["parties"])
            .iter()
            .map(|party| json!({ "district": party["district"], "extent": party["extent"] }))
            .collect();
        let members: Vec<String> =
            parties.iter().filter_map(|party| party["district"].as_str()).map(str::to_owned).collect();
        let by = members[self.rng.usize(0..members.len())].clone();
        let proposed = self.between(earliest, self.today);
        let objections_until = after(proposed, days);
        let answer_by = after(objections_until, self.rng.i64(0..4));
        let signatures: Vec<Value> =
            if self.once_in(5) { Vec::new() } else { vec![self.signature(&by, proposed, answer_by.min(self.today))] };
        let mut rejections = Vec::new();
        for member in members.iter().filter(|member| **member != by) {
            if self.once_in(2) {
                rejections.push(json!({ "party": member, "on": self.between(proposed, objections_until.min(self.today)), "reason": "窗口不足" }));
            }
        }
        let mut proposal = json!({ "by": by, "on": proposed, "answerBy": answer_by, "needs": "NO_OBJECTION", "signers": [by],
            "signatures": signatures, "rejections": rejections });
        if objections_until >= self.today && self.once_in(8) {
            proposal["withdrawnOn"] = json!(self.between(proposed, self.today));
        }
        let number = base["version"].as_u64().expect("a number");
        json!({ "version": number + 1, "baseVersion": number, "title": base["title"], "noticeDays": 0, "admission": base["admission"], "lead": base["lead"], "amendmentRule": "NO_OBJECTION",
            "objectionDays": days, "parties": parties, "schedule": self.changed(list(&base["schedule"]), &members), "proposal": proposal })
    }

    /// A schedule with clauses removed, changed, kept and added.
    fn changed(&mut self, schedule: &[Value], members: &[String]) -> Vec<Value> {
        let mut next: Vec<Value> = Vec::new();
        for clause in schedule {
            let mut clause = clause.clone();
            clause.as_object_mut().expect("an object").remove("excluded");
            match self.rng.u32(0..5) {
                0 => continue,
                1 => clause["matters"] = json!(self.some(&MATTERS, 1, 3)),
                2 => clause["mode"] = json!(MODES[self.rng.usize(0..3)]),
                _ => {}
            }
            next.push(clause);
        }
        if next.is_empty() || self.once_in(2) {
            let mut added = self.schedule(members).swap_remove(0);
            let key = KEYS.into_iter().find(|key| next.iter().all(|clause| clause["key"] != *key));
            added["key"] = json!(key.expect("one is free"));
            if next.len() < KEYS.len() - 1 {
                next.push(added);
            }
        }
        next
    }

    /// Proposes a new alliance. Some answer at once.
    pub(crate) async fn propose_alliance(&mut self, registry: &TestRegistry) {
        let members = self.some(&DISTRICTS.map(|(code, ..)| code), 3, 5);
        let proposer = &members[0];
        let parties: Vec<String> =
            members.iter().map(|code| format!(r#"{{ district: "{code}", extent: SUBTREE }}"#)).collect();
        let schedule = self.schedule(&members).iter().map(literal).collect::<Vec<_>>().join(", ");
        let input = format!(
            r#"proposer: "{proposer}", title: "联盟", concludes: SIGNATORIES, admission: {}, noticeDays: 0, amendmentRule: NO_OBJECTION, objectionDays: {}, parties: [{}], schedule: [{schedule}]"#,
            ADMISSIONS[self.rng.usize(0..3)],
            self.rng.u32(0..4),
            parties.join(", ")
        );
        let payload = attempt(&registry.registrar(proposer), "draftAgreement", &input, "agreement { number }").await;
        let Some(number) = payload["agreement"]["number"].as_str().map(str::to_owned) else { return };
        self.agreements += 1;
        assert_eq!(number, format!("TB-2026-{:06}", self.agreements));
        let answer_by = after(self.today, self.rng.i64(0..6));
        let input = format!(r#"number: "{number}", version: 1, answerBy: "{answer_by}""#);
        drop(attempt(&registry.registrar(proposer), "proposeVersion", &input, "").await);
        for _ in 0..members.len() {
            self.answer(registry, &number).await;
        }
    }

    /// Proposes a changed schedule with the same parties and terms. Some answer at once.
    pub(crate) async fn amend_schedule(&mut self, registry: &TestRegistry, number: &str) {
        let Some(line) = exported(registry, number).await else { return };
        let versions = versions(&line);
        let is_concluded = |version: &&&Value| {
            version.get("draft").is_none()
                && (version.get("proposal").is_none() || version.get("concludedOn").is_some())
        };
        let newest = versions.iter().rev().find(is_concluded);
        // Now and then a counter-proposal to the newest proposal.
        let Some(base) = newest.filter(|_| !self.once_in(4)).or(versions.last()) else { return };
        let has_left = |party: &Value| {
            list(&line["notices"])
                .iter()
                .any(|notice| notice["party"] == *party && notice["endsOn"].as_str() < Some(&self.today.to_string()))
        };
        let parties: Vec<&Value> =
            list(&base["parties"]).iter().filter(|party| !has_left(&party["district"])).collect();
        let members: Vec<String> =
            parties.iter().filter_map(|party| party["district"].as_str()).map(str::to_owned).collect();
        if members.is_empty() {
            return;
        }
        let proposer = &members[self.rng.usize(0..members.len())];
        let extent = |party: &Value| party["extent"].as_str().unwrap_or("SELF").to_owned();
        let parties: Vec<String> = parties
            .iter()
            .map(|party| format!("{{ district: {}, extent: {} }}", party["district"], extent(party)))
            .collect();
        let schedule =
            self.changed(list(&base["schedule"]), &members).iter().map(literal).collect::<Vec<_>>().join(", ");
        let input = format!(
            r#"number: "{number}", baseVersion: {}, proposer: "{proposer}", title: {}, parties: [{}], schedule: [{schedule}]"#,
            base["version"].as_u64().unwrap_or(1),
            base["title"],
            parties.join(", ")
        );
        let clerk = registry.registrar(proposer);
        let payload = attempt(&clerk, "amendAgreement", &input, "version { number }").await;
        let Some(version) = payload["version"]["number"].as_u64() else { return };
        let days = i64::try_from(base["objectionDays"].as_u64().unwrap_or(15)).expect("few");
        let answer_by = after(self.today, days + self.rng.i64(0..4));
        drop(
            attempt(
                &clerk,
                "proposeVersion",
                &format!(r#"number: "{number}", version: {version}, answerBy: "{answer_by}""#),
                "",
            )
            .await,
        );
        if !self.once_in(4) {
            self.sign(registry, number, version, proposer).await;
        }
        for _ in 0..2 {
            self.answer(registry, number).await;
        }
    }

    /// A party answers the newest version, or takes its rejection back; the version may not be a proposal any more.
    pub(crate) async fn answer(&mut self, registry: &TestRegistry, number: &str) {
        let Some(line) = exported(registry, number).await else { return };
        let Some(newest) = versions(&line).pop() else { return };
        let parties: Vec<&str> =
            list(&newest["parties"]).iter().filter_map(|party| party["district"].as_str()).collect();
        let party = parties[self.rng.usize(0..parties.len())];
        let version = newest["version"].as_u64().unwrap_or(1);
        let which = format!(r#"number: "{number}", version: {version}, party: "{party}""#);
        let caller = registry.signatory(party);
        match self.rng.u32(0..8) {
            0..=3 => self.sign(registry, number, version, party).await,
            4..=6 => drop(attempt(&caller, "rejectVersion", &format!(r#"{which}, reason: "窗口不足""#), "").await),
            _ => drop(attempt(&caller, "undoRejection", &which, "").await),
        }
    }

    async fn sign(&self, registry: &TestRegistry, number: &str, version: u64, party: &str) {
        let asked = registry
            .steward()
            .ask(&format!(r#"{{ agreement(number: "{number}") {{ version(number: {version}) {{ digest }} }} }}"#))
            .await;
        let Some(digest) = asked["agreement"]["version"]["digest"].as_str() else { return };
        let input = format!(r#"number: "{number}", version: {version}, party: "{party}", digest: "{digest}""#);
        drop(attempt(&registry.signatory(party), "signVersion", &input, "").await);
    }
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The line of an agreement.
pub(crate) async fn exported(registry: &TestRegistry, number: &str) -> Option<Value> {
    registry.steward().export().await.into_iter().find(|line| line["type"] == "agreement" && line["number"] == *number)
}

pub(crate) fn versions(line: &Value) -> Vec<&Value> {
    line.get("versions").map_or_else(|| vec![line], |versions| list(versions).iter().collect())
}

/// A clause as the input of a mutation.
fn literal(clause: &Value) -> String {
    let mut fields = format!(
        "key: {}, matters: {}, mode: {}",
        clause["key"],
        clause["matters"],
        clause["mode"].as_str().expect("a mode")
    );
    for field in ["receiving", "competent", "validFrom", "validTo"] {
        if let Some(value) = clause.get(field) {
            fields.push_str(&format!(", {field}: {value}"));
        }
    }
    format!("{{ {fields} }}")
}
