//! A random registry with a past and a future, and acts on it.

use chrono::Days;
use domain::Date;
use fastrand::Rng;
use scenarios::{Caller, TestRegistry};
use serde_json::{Value, json};

/// A province with a prefecture and its counties, a municipality with its own, and a zone.
pub(crate) const DISTRICTS: [(&str, &str, Option<&str>); 8] = [
    ("440000", "PROVINCE", None),
    ("440100", "PREFECTURE", Some("440000")),
    ("440111", "COUNTY", Some("440100")),
    ("440112", "COUNTY", Some("440100")),
    ("310000", "PROVINCE", None),
    ("310112", "COUNTY", Some("310000")),
    ("310113", "COUNTY", Some("310000")),
    ("440100-Z01", "FUNCTIONAL_ZONE", Some("440100")),
];
pub(crate) const MATTERS: [&str; 3] = ["000109001000", "000109002000", "000115001000"];
pub(crate) const MODES: [&str; 3] = ["FULL_ONLINE", "PROXY_COLLECTION", "MULTI_SITE_JOINT"];
/// Dates are up to this many days before or after the first day.
pub(crate) const SPREAD: i64 = 20;

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) today: Date,
    /// Agreements have the numbers from 1 up to this.
    pub(crate) agreements: u32,
}

pub(crate) fn after(day: Date, days: i64) -> Date {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }.expect("a day")
}

impl World {
    pub(crate) fn day(&mut self) -> Date {
        after(self.today, self.rng.i64(-SPREAD..=SPREAD))
    }

    pub(crate) fn coming(&mut self) -> Date {
        after(self.today, self.rng.i64(0..=SPREAD))
    }

    pub(crate) fn once_in(&mut self, many: u32) -> bool {
        self.rng.u32(0..many) == 0
    }

    pub(crate) fn dates(&mut self, line: &mut Value, [from, to]: [&str; 2], once_in: u32) {
        let (mut first, mut last) = (self.day(), self.day());
        if last < first {
            (first, last) = (last, first);
        }
        if self.once_in(once_in) {
            line[from] = json!(first);
        }
        if self.once_in(once_in) {
            line[to] = json!(last);
        }
    }

    pub(crate) fn some(&mut self, of: &[&str], least: usize, most: usize) -> Vec<String> {
        let mut all: Vec<String> = of.iter().map(|&it| it.to_owned()).collect();
        self.rng.shuffle(&mut all);
        all.truncate(self.rng.usize(least..=most));
        all
    }

    fn district(&mut self) -> &'static str {
        DISTRICTS[self.rng.usize(0..DISTRICTS.len())].0
    }

    pub(crate) fn matter(&mut self) -> &'static str {
        MATTERS[self.rng.usize(0..MATTERS.len())]
    }

    /// The lines of the registry.
    pub(crate) fn lines(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        for (code, kind, parent) in DISTRICTS {
            let mut line = json!({ "type": "district", "code": code, "name": format!("区域{code}"), "kind": kind, "parent": parent });
            if kind == "COUNTY" && self.once_in(4) {
                let day = self.day();
                let other = if parent == Some("440100") { "440000" } else { "440100" };
                line["parent"] = Value::Null;
                line["parents"] =
                    json!([{ "district": parent, "validTo": after(day, -1) }, { "district": other, "validFrom": day }]);
            }
            if kind == "FUNCTIONAL_ZONE" {
                let county = ["440111", "440112", "310113"][self.rng.usize(0..3)];
                let mut charge = json!({ "district": county });
                self.dates(&mut charge, ["validFrom", "validTo"], 2);
                line["administers"] = json!([charge]);
            }
            if kind == "COUNTY" && self.once_in(8) {
                line["retiredOn"] = json!(self.day());
                let successors = if code.starts_with("44") {
                    ["440111", "440112", "440100-Z01"]
                } else {
                    ["310112", "310113", "440111"]
                };
                let successors: Vec<&str> = successors.into_iter().filter(|other| *other > code).collect();
                line["successors"] = json!(self.some(&successors, 0, successors.len().min(2)));
            }
            lines.push(line);
        }
        for code in MATTERS {
            let mut line = json!({ "type": "matter", "code": code, "name": format!("事项{code}"), "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] });
            if self.once_in(6) {
                line["retiredOn"] = json!(self.day());
            }
            lines.push(line);
        }
        for (district, ..) in DISTRICTS {
            for matter in MATTERS {
                for source in 0..self.rng.u32(0..3) {
                    let mut line = json!({ "type": "offering", "district": district, "matter": matter, "sourceCode": format!("{matter}-{source}"), "visits": 0 });
                    self.dates(&mut line, ["validFrom", "validTo"], 3);
                    lines.push(line);
                }
            }
        }
        for serial in 1..=4 {
            lines.push(self.agreement(serial));
        }
        for serial in [5, 6] {
            lines.push(self.alliance(serial));
        }
        for serial in [7, 8, 9] {
            lines.push(self.amended_without_objection(serial));
        }
        self.agreements = 9;
        lines.push(self.policy());
        lines
    }

    pub(crate) fn schedule(&mut self, members: &[String]) -> Vec<Value> {
        let members: Vec<&str> = members.iter().map(|member| &**member).collect();
        let clauses = self.rng.usize(1..=3);
        (1..=clauses)
            .map(|key| {
                let (matters, mode) = (self.some(&MATTERS, 1, 3), MODES[self.rng.usize(0..3)]);
                let mut clause = json!({ "key": key.to_string(), "matters": matters, "mode": mode });
                for side in ["receiving", "competent"] {
                    if self.once_in(3) {
                        clause[side] = json!(self.some(&members, 1, 2));
                    }
                }
                self.dates(&mut clause, ["validFrom", "validTo"], 4);
                clause
            })
            .collect()
    }

    pub(crate) fn agreement(&mut self, serial: u32) -> Value {
        let codes = DISTRICTS.map(|(code, ..)| code);
        let members = self.some(&codes, 3, 5);
        let versions: Vec<Value> = (1..=self.rng.u32(1..=2))
            .map(|number| {
                let mut parties: Vec<Value> = Vec::new();
                for (place, district) in members.iter().enumerate() {
                    let extent = if self.once_in(2) { "SUBTREE" } else { "SELF" };
                    let mut party = json!({ "district": district, "extent": extent, "confirmation": "CONFIRMED" });
                    // Two districts are parties from the start.
                    if place >= 2 && self.once_in(3) {
                        party["joinedOn"] = json!(self.day());
                    }
                    parties.push(party);
                }
                let schedule = self.schedule(&members);
                let mut version = json!({ "version": number, "title": format!("协议{serial}"), "noticeDays": 0, "parties": parties, "schedule": schedule });
                self.admission(&mut version, &members);
                self.dates(&mut version, ["effectiveFrom", "effectiveTo"], if number == 1 { 3 } else { 1 });
                if number == 2 && self.once_in(2) {
                    version.as_object_mut().expect("an object").remove("effectiveTo");
                }
                version
            })
            .collect();
        let mut line = json!({ "type": "agreement", "number": format!("TB-2026-{serial:06}"), "versions": versions });
        let mut flags = Vec::new();
        for _ in 0..self.rng.usize(0..=2) {
            let mut flag = json!({ "since": self.day(), "reason": "系统升级" });
            if !self.once_in(3) {
                let party = &members[self.rng.usize(0..members.len())];
                flag["party"] = json!(party);
            }
            let since: Date = flag["since"].as_str().and_then(|day| day.parse().ok()).expect("a day");
            let field = if self.once_in(2) { "until" } else { "clearedOn" };
            flag[field] = json!(after(since, self.rng.i64(0..10)));
            self.scope(&mut flag);
            flags.push(flag);
        }
        line["suspensions"] = json!(flags);
        if self.once_in(2) {
            let party = &members[self.rng.usize(0..members.len())];
            line["notices"] = json!([{ "party": party, "endsOn": self.day(), "reason": "机构调整" }]);
        }
        line
    }

    fn policy(&mut self) -> Value {
        let reach = ["ANY", "ACROSS_PROVINCES", "WITHIN_PROVINCE", "WITHIN_PREFECTURE"][self.rng.usize(0..4)];
        let matters = self.some(&MATTERS, 1, 2);
        let mut clause = json!({ "matters": matters, "mode": "FULL_ONLINE", "reach": reach });
        self.dates(&mut clause, ["validFrom", "validTo"], 3);
        if self.once_in(2) {
            let district = self.district();
            clause["receiving"] = json!([{ "district": district, "extent": "SUBTREE" }]);
        }
        let mut line = json!({ "type": "policy", "title": "跨省通办", "documentNumber": "国办发〔2020〕35号", "issuedBy": ["国务院办公厅"], "schedule": [clause] });
        self.dates(&mut line, ["effectiveFrom", "effectiveTo"], 3);
        line
    }

    /// A random act today. It may be refused.
    pub(crate) async fn act(&mut self, registry: &TestRegistry) {
        let steward = registry.steward();
        let number = format!("TB-2026-{:06}", self.rng.u32(1..=self.agreements));
        let party = self.district();
        let of_party = format!(r#"number: "{number}", party: "{party}""#);
        match self.rng.u32(0..26) {
            0..=2 => self.revise_district(&steward).await,
            3 => drop(
                attempt(&steward, "retireMatter", &format!(r#"code: "{}", reason: "并入""#, self.matter()), "").await,
            ),
            4 | 5 => {
                let matter = self.matter();
                let source = format!("{matter}-{}", self.rng.u32(0..2));
                let input =
                    format!(r#"district: "{party}", matter: "{matter}", sourceCode: "{source}", reason: "停用""#);
                drop(attempt(&registry.registrar(party), "withdrawOffering", &input, "").await);
            }
            6 => {
                let source = self.rng.u32(100..);
                let input = format!(
                    r#"district: "{party}", matter: "{}", sourceCode: "{source}", visits: 0, validFrom: "{}", validTo: "{}""#,
                    self.matter(),
                    self.coming(),
                    after(self.today, 25)
                );
                drop(attempt(&registry.registrar(party), "publishOffering", &input, "").await);
            }
            7 => self.suspend(registry, &number, party).await,
            8 => drop(attempt(&registry.signatory(party), "resumeAgreement", &of_party, "").await),
            9 => {
                let input = format!(r#"{of_party}, endsOn: "{}", reason: "机构调整""#, self.coming());
                drop(attempt(&registry.signatory(party), "giveNotice", &input, "").await);
            }
            10 => {
                let act = if self.once_in(2) { "stopAgreement" } else { "releaseAgreement" };
                drop(attempt(&steward, act, &format!(r#"number: "{number}", reason: "核查""#), "").await);
            }
            24 | 25 => self.stop(registry, &number).await,
            11 | 20 => self.accede(registry, &number, party).await,
            21..=23 => self.admit(registry).await,
            12 => self.amend(registry, &number).await,
            13 => self.propose_alliance(registry).await,
            14 | 15 => self.amend_schedule(registry, &number).await,
            _ => self.answer(registry, &number).await,
        }
    }

    async fn revise_district(&mut self, steward: &Caller<'_>) {
        let (code, kind, parent) = DISTRICTS[self.rng.usize(0..DISTRICTS.len())];
        let mut input = format!(r#"code: "{code}", name: "区域{code}", kind: {kind}"#);
        match parent {
            Some("440100") if self.once_in(2) => {
                input.push_str(&format!(r#", parent: "440000", parentFrom: "{}""#, self.coming()));
            }
            Some(parent) => input.push_str(&format!(r#", parent: "{parent}""#)),
            None => {}
        }
        if kind == "FUNCTIONAL_ZONE" {
            let some = self
                .some(&["440111", "440112", "310113"], 0, 2)
                .iter()
                .map(|code| format!(r#""{code}""#))
                .collect::<Vec<_>>();
            input.push_str(&format!(", administers: [{}]", some.join(", ")));
            if self.once_in(2) {
                input.push_str(&format!(r#", charges: [{{ district: "310112", validFrom: "{}" }}]"#, self.coming()));
            }
        }
        let asked = steward.ask(&format!(r#"{{ district(code: "{code}") {{ retiredOn }} }}"#)).await;
        let retired: Option<Date> = asked["district"]["retiredOn"].as_str().and_then(|day| day.parse().ok());
        // Ended agreements stay ended.
        if kind == "COUNTY" && retired.is_none_or(|day| self.today <= day) && self.once_in(3) {
            let successor = if code == "440111" { "440112" } else { "440111" };
            input.push_str(&format!(r#", retiredOn: "{}", successors: ["{successor}"]"#, self.coming()));
        }
        drop(attempt(steward, "reviseDistrict", &input, "").await);
    }

    /// A new version based on the newest one, signed by all its parties.
    async fn amend(&mut self, registry: &TestRegistry, number: &str) {
        let codes = DISTRICTS.map(|(code, ..)| code);
        let members = self.some(&codes, 2, 4);
        let steward = registry.steward();
        let asked = steward
            .ask(&format!(
                r#"{{ agreement(number: "{number}") {{ inForce {{ number parties {{ edges {{ node {{ district {{ code }} }} }} }} }} }} }}"#
            ))
            .await;
        let version = &asked["agreement"]["inForce"];
        let (Some(base), Some(proposer)) =
            (version["number"].as_u64(), version["parties"]["edges"][0]["node"]["district"]["code"].as_str())
        else {
            return;
        };
        let mut members: Vec<String> = members.into_iter().filter(|member| member != proposer).collect();
        members.push(proposer.to_owned());
        let parties = members
            .iter()
            .map(|code| format!(r#"{{ district: "{code}", extent: SUBTREE }}"#))
            .collect::<Vec<_>>()
            .join(", ");
        let from = self.coming();
        let input = format!(
            r#"number: "{number}", baseVersion: {base}, proposer: "{proposer}", title: "协议修订 {from}", effectiveFrom: "{from}", parties: [{parties}], schedule: [{{ key: "1", matters: ["{}"], mode: {} }}]"#,
            self.matter(),
            MODES[self.rng.usize(0..3)]
        );
        let payload = attempt(&registry.registrar(proposer), "amendAgreement", &input, "version { number }").await;
        let Some(version) = payload["version"]["number"].as_u64() else { return };
        let which = format!(r#"number: "{number}", version: {version}"#);
        let answer_by = after(self.today, 30);
        drop(
            attempt(
                &registry.registrar(proposer),
                "proposeVersion",
                &format!(r#"{which}, answerBy: "{answer_by}""#),
                "",
            )
            .await,
        );
        let asked = steward
            .ask(&format!(r#"{{ agreement(number: "{number}") {{ version(number: {version}) {{ digest }} }} }}"#))
            .await;
        let Some(digest) = asked["agreement"]["version"]["digest"].as_str() else { return };
        // Leaving parties of the base sign too.
        for party in codes {
            drop(
                attempt(
                    &registry.signatory(party),
                    "signVersion",
                    &format!(r#"{which}, party: "{party}", digest: "{digest}""#),
                    "",
                )
                .await,
            );
        }
    }
}

/// An act that may be refused, or forbidden to a district that is retired.
pub(crate) async fn attempt(caller: &Caller<'_>, mutation: &str, input: &str, asked: &str) -> Value {
    let mut answer = caller
        .answer(&format!("mutation {{ {mutation}(input: {{ {input} }}) {{ problems {{ rule }} {asked} }} }}"))
        .await;
    let errors = &answer["errors"];
    assert!(errors.is_null() || errors[0]["extensions"]["code"] == "FORBIDDEN", "{mutation} {input}\n{errors:#}");
    answer["data"][mutation].take()
}
