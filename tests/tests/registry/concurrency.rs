//! Concurrency over two gateways on one database: no acknowledged write is lost, nothing is done twice, and the journal
//! has no gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use futures::future::join_all;
use scenarios::agreement::{KUNSHAN, MINHANG, NANSHA, RENEWING, terms};
use scenarios::records::PEOPLE_AND_MATTERS;
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    any_gateway_repeats_a_lost_answer,
    the_same_mutation_at_two_gateways_is_done_once,
    only_one_of_concurrent_revisions_succeeds,
    an_idempotency_key_is_used_once_by_concurrent_clients,
    a_thousand_mutations_of_sixteen_clients_are_each_done_once,
    a_copy_preserves_all_states_of_an_agreement,
}

async fn any_gateway_repeats_a_lost_answer(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let other = registry.second_reader().await;
    let input = format!(r#"proposer: "{NANSHA}", {}, idempotencyKey: "2026-10-01/1""#, terms(&[NANSHA, MINHANG]));
    let asked = "agreement { number } version { number }";
    let first = registry.registrar(NANSHA).does("draftAgreement", &input, asked).await;
    other.follow().await;
    for gateway in [&registry, &other] {
        assert_eq!(gateway.registrar(NANSHA).does("draftAgreement", &input, asked).await, first);
    }
    let another = input.replace("合作协议", "框架协议");
    assert_eq!(
        other.registrar(NANSHA).refused("draftAgreement", &another).await,
        ["CONFLICT idempotencyKey IDEMPOTENCY_KEY_USED"]
    );
    // An idempotency key belongs to a client and a mutation.
    let theirs = input.replacen(NANSHA, MINHANG, 1);
    assert_ne!(other.registrar(MINHANG).does("draftAgreement", &theirs, asked).await["agreement"], first["agreement"]);
    for gateway in [&registry, &other] {
        gateway.pass(8);
    }
    let anew = other.registrar(NANSHA).does("draftAgreement", &input, asked).await;
    assert_ne!(anew["agreement"]["number"], first["agreement"]["number"]);
}

async fn the_same_mutation_at_two_gateways_is_done_once(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let agreement = registry.proposed(&terms(&[NANSHA, MINHANG])).await;
    agreement.signatory(NANSHA).signs(1).await;
    let other = registry.second_reader().await;
    let sign = format!(
        r#"number: "{}", version: 1, digest: "{}", party: "{MINHANG}""#,
        agreement.number,
        agreement.digest(1).await
    );
    let (here, there) = (registry.signatory(MINHANG), other.signatory(MINHANG));
    let before = registry.revision();
    let (one, two) = tokio::join!(here.act("signVersion", &sign, ""), there.act("signVersion", &sign, ""));
    let (done, refused): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(|payload| payload["revision"].is_u64());
    assert_eq!((done.len(), &refused[0]["problems"][0]["rule"]), (1, &json!("ALREADY_SIGNED")));
    for gateway in [&registry, &other] {
        gateway.follow().await;
        assert_eq!(gateway.revision(), before + 1);
        assert_eq!(gateway.handling(RENEWING, NANSHA, MINHANG, "2026-10-01").await, "AVAILABLE: PROXY_COLLECTION");
    }
    // 闵行 suspends at one gateway while 南沙 gives notice at the other: both are recorded.
    let (suspend, notice) = (
        format!(r#"number: "{}", party: "{MINHANG}", reason: "系统升级""#, agreement.number),
        format!(r#"number: "{}", party: "{NANSHA}", endsOn: "2026-12-31", reason: "机构调整""#, agreement.number),
    );
    let signatory = registry.signatory(NANSHA);
    tokio::join!(there.does("suspendAgreement", &suspend, ""), signatory.does("giveNotice", &notice, ""));
    registry.follow().await;
    assert_eq!(agreement.standing().await, "SUSPENDED");
    assert_eq!(agreement.standing_on("2027-01-01").await, "TERMINATED");
    registry.verify().await.expect("one chain");
}

async fn only_one_of_concurrent_revisions_succeeds(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let other = registry.second_reader().await;
    let read = registry.ask(&format!(r#"{{ matter(code: "{RENEWING}") {{ revision }} }}"#)).await["matter"]["revision"]
        .clone();
    let revise = async |at: usize| {
        let gateway = if at.is_multiple_of(2) { &registry } else { &other };
        let input = format!(
            r#"code: "{RENEWING}", name: "居民身份证换领（{at}）", domain: PUBLIC_SECURITY, audience: [NATURAL_PERSON], expectedRevision: {read}"#
        );
        gateway.steward().act("reviseMatter", &input, "matter { name }").await
    };
    let payloads = join_all((0..8).map(revise)).await;
    let (done, refused): (Vec<_>, Vec<_>) = payloads.into_iter().partition(|payload| payload["revision"].is_u64());
    assert_eq!((done.len(), refused.len()), (1, 7));
    for payload in refused {
        let problem = &payload["problems"][0];
        assert_eq!(
            (&problem["code"], &problem["path"], &problem["rule"]),
            (&json!("STALE"), &json!(["expectedRevision"]), &json!("RECORD_MOVED"))
        );
    }
    registry.follow().await;
    assert_eq!(
        registry.ask(&format!(r#"{{ matter(code: "{RENEWING}") {{ name }} }}"#)).await["matter"]["name"],
        done[0]["matter"]["name"]
    );
    // A client that comes second.
    let input =
        format!(r#"district: "{NANSHA}", name: "跨域通办专窗", address: "政务服务中心一楼", expectedRevision: 0"#);
    let (here, there) = (registry.registrar(NANSHA), other.registrar(NANSHA));
    let (one, two) = tokio::join!(here.act("registerWindow", &input, ""), there.act("registerWindow", &input, ""));
    assert_eq!([one, two].iter().filter(|payload| payload["revision"].is_u64()).count(), 1);
}

async fn an_idempotency_key_is_used_once_by_concurrent_clients(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let other = registry.second_reader().await;
    let before = registry.revision();
    let input = format!(r#"proposer: "{NANSHA}", {}, idempotencyKey: "2026-10-01/2""#, terms(&[NANSHA, MINHANG]));
    let draft = async |at: usize| {
        let gateway = if at.is_multiple_of(2) { &registry } else { &other };
        gateway.registrar(NANSHA).does("draftAgreement", &input, "agreement { number }").await
    };
    let payloads = join_all((0..8).map(draft)).await;
    assert!(payloads.iter().all(|payload| *payload == payloads[0]), "{payloads:#?}");
    registry.follow().await;
    assert_eq!(registry.revision(), before + 1);
}

/// The answer to a client.
struct Acknowledged {
    mutation: &'static str,
    revision: u64,
}

/// One of sixteen clients, with its own district and partner. It uses either gateway.
struct Client<'a> {
    gateways: [&'a TestRegistry; 2],
    at: usize,
    district: String,
    partner: String,
    acts: usize,
    acknowledged: Vec<Acknowledged>,
}

/// Does an allowed act; if the registry is busy, retries with the same key.
async fn does(caller: &Caller<'_>, mutation: &str, input: &str, asked: &str) -> Value {
    let query = format!(
        "mutation {{ {mutation}(input: {{ {input} }}) {{ revision problems {{ code path rule message }} {asked} }} }}"
    );
    let mut answer = caller.answer(&query).await;
    for _ in 0..20 {
        if answer["errors"][0]["extensions"]["code"] != "UNAVAILABLE" {
            break;
        }
        answer = caller.answer(&query).await;
    }
    assert!(answer["errors"].is_null(), "{query}\n{:#}", answer["errors"]);
    let payload = answer["data"][mutation].take();
    assert_eq!(payload["problems"], json!([]), "{mutation} {input}");
    payload
}

impl Client<'_> {
    /// Sends a mutation once, twice in sequence, or twice concurrently.
    async fn act(
        &mut self,
        by: impl Fn(&TestRegistry) -> Caller<'_>,
        mutation: &'static str,
        input: &str,
        asked: &str,
    ) -> Value {
        self.acts += 1;
        let turn = self.at + self.acts;
        let (here, there) = (self.gateways[turn % 2], self.gateways[(turn + 1) % 2]);
        let input = format!(r#"{input}, idempotencyKey: "{}/{}""#, self.at, self.acts);
        let (here, there) = (by(here), by(there));
        let payload = match turn % 5 {
            0 => {
                let (one, two) = tokio::join!(does(&here, mutation, &input, ""), does(&there, mutation, &input, ""));
                assert_eq!(one["revision"], two["revision"], "{mutation} {input}");
                does(&here, mutation, &input, asked).await
            }
            1 => {
                let first = does(&here, mutation, &input, asked).await;
                assert_eq!(
                    does(&there, mutation, &input, "").await["revision"],
                    first["revision"],
                    "{mutation} {input}"
                );
                first
            }
            _ => does(&here, mutation, &input, asked).await,
        };
        self.acknowledged.push(Acknowledged { mutation, revision: payload["revision"].as_u64().expect("a revision") });
        payload
    }

    /// An agreement from draft to suspension: six acts.
    async fn agrees(&mut self) {
        let (district, partner) = (self.district.clone(), self.partner.clone());
        let draft = format!(r#"proposer: "{district}", {}"#, terms(&[&district, &partner]));
        let drafted =
            self.act(|gateway| gateway.registrar(&district), "draftAgreement", &draft, "agreement { number }").await;
        let number = format!(r#"number: "{}""#, drafted["agreement"]["number"].as_str().expect("a number"));
        let propose = format!(r#"{number}, version: 1, answerBy: "2026-10-31""#);
        let proposed =
            self.act(|gateway| gateway.registrar(&district), "proposeVersion", &propose, "version { digest }").await;
        let digest = proposed["version"]["digest"].as_str().expect("a digest").to_owned();
        for party in [&district, &partner] {
            let sign = format!(r#"{number}, version: 1, digest: "{digest}", party: "{party}""#);
            self.act(|gateway| gateway.signatory(party), "signVersion", &sign, "").await;
        }
        let suspend = format!(r#"{number}, party: "{district}", reason: "系统升级""#);
        let suspended = self
            .act(|gateway| gateway.signatory(&district), "suspendAgreement", &suspend, "agreement { standing }")
            .await;
        assert_eq!(suspended["agreement"]["standing"], "SUSPENDED");
        let window = format!(r#"district: "{district}", name: "专窗 {}", address: "政务服务中心""#, self.acts);
        self.act(|gateway| gateway.registrar(&district), "registerWindow", &window, "").await;
    }
}

const CLIENTS: usize = 16;
/// 16 clients × 11 agreements × 6 acts: 1,056.
const AGREEMENTS: usize = 11;

async fn a_thousand_mutations_of_sixteen_clients_are_each_done_once(registry: TestRegistry) {
    let mut lines = PEOPLE_AND_MATTERS.to_owned();
    let code = |at: usize| (530_001 + at % CLIENTS).to_string();
    for at in 0..CLIENTS {
        writeln!(lines, r#"{{"type":"district","code":"{}","name":"成员 {at}","kind":"COUNTY"}}"#, code(at))
            .expect("memory");
    }
    registry.import(&lines).await;
    let other = registry.second_reader().await;
    let before = registry.revision();
    let live = async |at: usize| {
        let gateways = [&registry, &other];
        let mut client =
            Client { gateways, at, district: code(at), partner: code(at + 1), acts: 0, acknowledged: Vec::new() };
        for _ in 0..AGREEMENTS {
            client.agrees().await;
        }
        client.acknowledged
    };
    let acknowledged: Vec<Acknowledged> = join_all((0..CLIENTS).map(live)).await.into_iter().flatten().collect();

    // Each is a change, and there are no others.
    let revisions: BTreeMap<u64, &str> = acknowledged.iter().map(|act| (act.revision, act.mutation)).collect();
    assert_eq!((acknowledged.len(), revisions.len()), (CLIENTS * AGREEMENTS * 6, CLIENTS * AGREEMENTS * 6));
    assert!(revisions.keys().copied().eq(before + 1..=before + revisions.len() as u64), "gap-free");
    registry.verify().await.expect("one chain");

    // The feed has all of them at both gateways, as acknowledged.
    for gateway in [&registry, &other] {
        gateway.follow().await;
        assert_eq!(gateway.revision(), before + revisions.len() as u64);
        let mut since = before;
        let mut numbers = BTreeSet::new();
        while since < gateway.revision() {
            let page = format!(
                "{{ changes(since: {since}, first: 100) {{ readThrough edges {{ node {{ revision action document }} }} }} }}"
            );
            let mut page = gateway.steward().ask(&page).await["changes"].take();
            for change in page["edges"].as_array_mut().expect("a list").iter_mut().map(|edge| edge["node"].take()) {
                let revision = change["revision"].as_u64().expect("a revision");
                let expected: &[&str] = match revisions[&revision] {
                    "draftAgreement" => &["DRAFTED"],
                    "proposeVersion" => &["PROPOSED"],
                    "signVersion" => &["SIGNED", "CONCLUDED"],
                    "suspendAgreement" => &["SUSPENDED"],
                    _ => &["REGISTERED"],
                };
                assert!(change["action"].as_str().is_some_and(|action| expected.contains(&action)), "{change}");
                numbers.extend(change["document"]["number"].as_str().map(str::to_owned));
                since = revision;
            }
            assert_eq!(page["readThrough"].as_u64(), Some(since));
        }
        assert_eq!(numbers.len(), CLIENTS * AGREEMENTS, "every agreement has a number of its own");
    }
    same_again(&registry).await;
}

/// The export, imported into an empty registry, gives the same standings, answers and export.
async fn same_again(registry: &TestRegistry) {
    let copy = registry.another().await;
    copy.pass((registry.today() - copy.today()).num_days().unsigned_abs());
    copy.import(&registry.export().await).await;
    assert_eq!(copy.export().await, registry.export().await);
    let mut told = Vec::new();
    for registry in [registry, &copy] {
        let standings = "{ agreements(first: 100) { totalCount edges { node { number title standing voidedOn versions { edges { node { number state digest signedOn outstanding { totalCount } parties { edges { node { district { code } joinedOn confirmation } } } } } } } } } }";
        let (all, published) = (registry.steward().ask(standings).await, registry.ask(standings).await);
        let between = format!(
            r#"{{ availableMatters(receiving: "{NANSHA}", competent: "{MINHANG}") {{ totalCount reasons {{ code message }} }} }}"#
        );
        let mut answers = vec![registry.ask(&between).await];
        for (receiving, competent) in
            [(NANSHA, MINHANG), (MINHANG, NANSHA), (NANSHA, KUNSHAN), ("530001", "530002"), ("530001", "530009")]
        {
            let day = registry.today().to_string();
            answers.push(json!(registry.handling(RENEWING, receiving, competent, &day).await));
        }
        told.push((all, published, answers));
    }
    assert_eq!(told[0], told[1]);
    copy.verify().await.expect("it is proven");
}

async fn a_copy_preserves_all_states_of_an_agreement(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let both = [NANSHA, MINHANG];
    let one_more = [NANSHA, MINHANG, KUNSHAN];
    let gone = registry.drafted(&terms(&both)).await;
    gone.registrar(NANSHA).does("discardDraft", "version: 1").await;
    registry.drafted(&terms(&both).replace("合作协议", "草稿")).await;
    let rejected = registry.proposed(&terms(&one_more)).await;
    rejected.signatory(NANSHA).signs(1).await;
    rejected.signatory(MINHANG).does("rejectVersion", r#"version: 1, reason: "清单有误""#).await;
    let withdrawn = registry.proposed(&terms(&both)).await;
    withdrawn.registrar(NANSHA).does("withdrawProposal", "version: 1").await;
    let silent = registry.proposed(&format!("{}, concludes: SIGNATORIES", terms(&one_more))).await;
    for party in both {
        silent.signatory(party).signs(1).await;
    }
    let living = registry
        .concluded(&both, r#"admission: LEAD, effectiveTo: "2027-10-31", renewal: { months: 12, objectionDays: 30 }"#)
        .await;
    living.signatory(NANSHA).does("opposeRenewal", "").await;
    living.signatory(MINHANG).does("suspendAgreement", r#"reason: "系统升级", until: "2026-10-20""#).await;
    living.signatory(MINHANG).does("giveNotice", r#"endsOn: "2026-12-31", reason: "机构调整""#).await;
    let accede = format!(r#"digest: "{}", newcomer: {{ district: "{KUNSHAN}" }}"#, living.digest(1).await);
    living.signatory(KUNSHAN).does("accedeToAgreement", &accede).await;
    living.registrar(NANSHA).amends(NANSHA, 1, &terms(&one_more)).await;
    living.registrar(NANSHA).proposes(2).await;
    living.registrar(MINHANG).amends(MINHANG, 2, &terms(&both)).await;
    let stopped = registry.concluded(&both, "admission: OPEN").await;
    stopped.steward().does("stopAgreement", r#"reason: "紧急停用""#).await;
    let accede = format!(r#"digest: "{}", newcomer: {{ district: "{KUNSHAN}" }}"#, stopped.digest(1).await);
    stopped.signatory(KUNSHAN).does("accedeToAgreement", &accede).await;
    let contested = registry.recorded(&registry.registrar(NANSHA), NANSHA, &terms(&one_more)).await;
    contested.signatory(KUNSHAN).does("contestRecord", r#"version: 1, reason: "未签署过""#).await;
    let right = format!(r#"recorder: "{NANSHA}", signedOn: "2021-06-28", {}, reason: "日期更正""#, terms(&one_more));
    contested.registrar(NANSHA).does("correctRecord", &right).await;
    let void = registry.recorded(&registry.steward(), NANSHA, &terms(&both)).await;
    void.steward().does("voidAgreement", r#"reason: "重复登记""#).await;
    same_again(&registry).await;
    registry.pass(31);
    registry.clock().await;
    same_again(&registry).await;
}
