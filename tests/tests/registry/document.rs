//! Documents: who sees them, media types, import and export.

use domain::Scope;
use futures::TryStreamExt as _;
use persistence::ExportFormat;
use scenarios::records::{NANSHA_AND_MINHANG, PEOPLE_AND_MATTERS};
use scenarios::{Caller, TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    a_document_is_visible_to_the_parties_until_it_is_released,
    only_parties_attach_documents,
    the_media_type_is_detected_from_the_content,
    the_same_content_is_stored_once,
    a_copy_has_the_documents_and_gets_their_contents_by_attaching_them_again,
    discarding_a_draft_removes_its_documents,
    documents_released_with_a_draft_appear_in_the_feed_at_conclusion,
    the_number_of_documents_of_a_party_is_limited,
}

/// `%PDF-1.7` and a line.
const PDF: &str = "JVBERi0xLjcKMQo=";
const PDF_BYTES: &[u8] = b"%PDF-1.7\n1\n";

fn scan(party: &str, more: &str) -> String {
    format!(
        r#"number: "TB-2021-000001", party: "{party}", name: "扫描件.pdf", mediaType: "application/pdf", content: "{PDF}"{more}"#
    )
}

/// The documents that a caller sees through the agreement, by id and in the feed.
async fn seen(caller: &Caller<'_>, id: &str) -> (u64, bool, u64) {
    let asked = format!(
        r#"{{ agreement(number: "TB-2021-000001") {{ documents {{ id }} }} node(id: "{id}") {{ id }} changes(kinds: [DOCUMENT]) {{ totalCount }} }}"#
    );
    let data = caller.ask(&asked).await;
    let listed = data["agreement"]["documents"].as_array().map_or(0, Vec::len) as u64;
    (listed, !data["node"].is_null(), data["changes"]["totalCount"].as_u64().expect("a number"))
}

async fn exported(registry: &TestRegistry, eyes: Scope) -> usize {
    let export = registry.store().export(ExportFormat::Ndjson, eyes, registry.today()).await.expect("it can be read");
    let lines: Vec<String> = export.lines.try_collect().await.expect("it can be read");
    lines.iter().filter(|line| line.contains(r#""type":"document""#)).count()
}

async fn a_document_is_visible_to_the_parties_until_it_is_released(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let fields = "document { id name } agreement { documents { id name mediaType size digest released attachedOn url party { code } } }";
    let attached = registry.registrar("440115").does("attachDocument", &scan("440115", ""), fields).await;
    let document = attached["agreement"]["documents"][0].clone();
    let id = document["id"].as_str().expect("an id").to_owned();
    assert_eq!(id, format!("doc_{:x}", registry.revision()));
    let expected = json!({
        "id": id, "name": "扫描件.pdf", "mediaType": "application/pdf", "size": 11, "digest": domain::Digest::of(PDF_BYTES).to_string(),
        "released": false, "attachedOn": "2026-10-01", "url": format!("http://127.0.0.1:8080/documents/{id}"), "party": { "code": "440115" },
    });
    assert_eq!(document, expected);
    assert_eq!(attached["document"], json!({ "id": id, "name": "扫描件.pdf" }), "it gives back what it made");
    for insider in [registry.signatory("310112"), registry.registrar("440115"), registry.steward()] {
        assert_eq!(seen(&insider, &id).await, (1, true, 1));
    }
    for outsider in
        [registry.anybody(), registry.registrar("440100"), registry.caller(&[], Some("440115"), domain::Extent::Itself)]
    {
        assert_eq!(seen(&outsider, &id).await, (0, false, 0));
    }
    let minhang = Scope::Districts(["310112".parse().expect("a code")].into());
    assert_eq!(exported(&registry, Scope::Public).await, 0);
    assert_eq!((exported(&registry, minhang).await, exported(&registry, Scope::Steward).await), (1, 1));

    // Released, it is public and still the same document.
    registry.signatory("440115").does("attachDocument", &scan("440115", ", released: true"), "").await;
    assert_eq!(seen(&registry.anybody(), &id).await, (1, true, 1));
    assert_eq!(exported(&registry, Scope::Public).await, 1);
    // Attached again without this field, it stays released; the same input again is no change.
    let revision = registry.revision();
    let again = registry.registrar("440115").does("attachDocument", &scan("440115", ""), "").await;
    assert_eq!((again["revision"].as_u64(), registry.revision()), (Some(revision), revision));
    // Readers who saw it get a tombstone.
    registry.registrar("440115").does("attachDocument", &scan("440115", ", released: false"), "").await;
    assert_eq!(seen(&registry.anybody(), &id).await, (0, false, 2));
    assert_eq!(seen(&registry.signatory("310112"), &id).await, (1, true, 3));
    assert_eq!(registry.verify().await.expect("it holds").without_content, 0);
}

async fn only_parties_attach_documents(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.registrar("440100").refused("attachDocument", &scan("440100", "")).await,
        ["REFUSED party NOT_A_PARTY"]
    );
    assert_eq!(registry.registrar("440115").forbidden("attachDocument", &scan("310112", "")).await, "FORBIDDEN");
    assert_eq!(registry.anybody().forbidden("attachDocument", &scan("310112", "")).await, "FORBIDDEN");
    let unknown = scan("440115", "").replace("000001", "000009");
    assert_eq!(registry.registrar("440115").refused("attachDocument", &unknown).await, ["NOT_FOUND number NOT_FOUND"]);
    registry.steward().does("attachDocument", &scan("310112", r#", idempotencyKey: "一""#), "").await;
    // A repeated request gets the same answer.
    let revision = registry.revision();
    let again = registry
        .steward()
        .does("attachDocument", &scan("310112", r#", idempotencyKey: "一""#), "agreement { documents { name } }")
        .await;
    assert_eq!(again["revision"].as_u64(), Some(revision));
    assert_eq!(again["agreement"]["documents"], json!([{ "name": "扫描件.pdf" }]));
}

async fn the_media_type_is_detected_from_the_content(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let clerk = registry.registrar("440115");
    let with = |from: &str, to: &str| scan("440115", "").replace(from, to);
    assert_eq!(
        clerk.refused("attachDocument", &with("application/pdf", "image/png")).await,
        ["INVALID mediaType MEDIA_TYPE"]
    );
    assert_eq!(clerk.refused("attachDocument", &with(PDF, "PHNjcmlwdD4=")).await, ["INVALID content UNKNOWN_CONTENT"]);
    assert_eq!(clerk.refused("attachDocument", &with(PDF, "不是编码")).await, ["INVALID content BASE64"]);
    assert_eq!(clerk.refused("attachDocument", &with(PDF, "")).await, ["INVALID content EMPTY"]);
    assert_eq!(clerk.refused("attachDocument", &with("扫描件.pdf", "a/b.pdf")).await, ["INVALID name FILE_NAME"]);
    let too_large = "JVBE".repeat(domain::document::MAX_BYTES / 3 + 1);
    assert_eq!(clerk.refused("attachDocument", &with(PDF, &too_large)).await, ["INVALID content TOO_LARGE"]);
}

async fn the_same_content_is_stored_once(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.registrar("440115").does("attachDocument", &scan("440115", ""), "").await;
    registry.registrar("310112").does("attachDocument", &scan("310112", ""), "").await;
    let documents = registry
        .steward()
        .ask(r#"{ agreement(number: "TB-2021-000001") { documents { party { code } digest } } }"#)
        .await;
    let digest = domain::Digest::of(PDF_BYTES).to_string();
    let of = |code: &str| json!({ "party": { "code": code }, "digest": digest });
    assert_eq!(documents["agreement"]["documents"], json!([of("440115"), of("310112")]));
    registry.execute("CREATE UNIQUE INDEX one_content ON document_chunk ((1))").await.expect("there is one row");
    assert_eq!(content(&registry).await.as_deref(), Some(PDF_BYTES));
}

async fn content(registry: &TestRegistry) -> Option<Vec<u8>> {
    let mut reader = registry.store().content(domain::Digest::of(PDF_BYTES)).await.expect("it can be read")?;
    reader.next_chunk().await.expect("it can be read")
}

async fn a_copy_has_the_documents_and_gets_their_contents_by_attaching_them_again(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.registrar("440115").does("attachDocument", &scan("440115", ", released: true"), "").await;
    registry.registrar("310112").does("attachDocument", &scan("310112", ""), "").await;
    let copy = registry.another().await;
    copy.import(&registry.export().await).await;
    assert_eq!(copy.export().await, registry.export().await);
    let table = registry.another().await;
    table.import_files(&[table.file("records.csv", registry.export_as(ExportFormat::Csv).await)]).await;
    assert_eq!(table.export().await, registry.export().await);
    assert_eq!(copy.import(&registry.export().await).await.unchanged, registry.export().await.lines().count() as u64);

    let asked = r#"{ agreement(number: "TB-2021-000001") { documents { name } } }"#;
    assert_eq!(copy.ask(asked).await["agreement"]["documents"], json!([{ "name": "扫描件.pdf" }]));
    assert_eq!((content(&copy).await, copy.verify().await.expect("it holds").without_content), (None, 2));
    let revision = copy.revision();
    copy.registrar("440115").does("attachDocument", &scan("440115", ""), "").await;
    assert_eq!(copy.revision(), revision, "nothing was changed but that the content is here");
    assert_eq!(content(&copy).await.as_deref(), Some(PDF_BYTES));
    assert_eq!(copy.verify().await.expect("it holds").without_content, 0);

    let line = r#"{"type":"document","agreement":"TB-2021-000009","party":"999999","name":"a.pdf","mediaType":"application/pdf","size":1,"digest":"sha-256:0000000000000000000000000000000000000000000000000000000000000000","attachedOn":"2026-10-01"}"#;
    assert_eq!(copy.refused(line).await, ["1 party UNKNOWN_DISTRICT", "1 agreement UNKNOWN_AGREEMENT"]);
}

const DRAFT: &str = r#"proposer: "440115", title: "试点协议", parties: [{ district: "440115" }, { district: "310112" }],
    schedule: [{ receiving: ["440115"], competent: ["310112"], matters: ["000109001000"], mode: PROXY_COLLECTION }]"#;

async fn discarding_a_draft_removes_its_documents(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let clerk = registry.registrar("440115");
    clerk.does("draftAgreement", DRAFT, "").await;
    let annex = scan("440115", ", released: true").replace("2021", "2026");
    let attached = clerk.does("attachDocument", &annex, "agreement { documents { id } }").await;
    let id = attached["agreement"]["documents"][0]["id"].as_str().expect("an id").to_owned();
    let node = format!(
        r#"{{ node(id: "{id}") {{ id }} changes(kinds: [DOCUMENT]) {{ edges {{ node {{ action document }} }} }} }}"#
    );
    // Draft and documents are visible to the author only.
    for other in [registry.anybody(), registry.registrar("310112")] {
        assert_eq!(other.ask(&node).await, json!({ "node": null, "changes": { "edges": [] } }));
    }
    clerk.does("discardDraft", r#"number: "TB-2026-000001", version: 1"#, "").await;
    let told = registry.steward().ask(&node).await;
    assert_eq!(told["node"], Value::Null);
    assert_eq!(told["changes"]["edges"][1]["node"], json!({ "action": "DRAFT_DISCARDED", "document": null }));
    registry.verify().await.expect("it holds");
    assert_eq!(registry.second_reader().await.export().await, registry.export().await);
    assert_eq!(exported(&registry, Scope::Steward).await, 0);
}

async fn documents_released_with_a_draft_appear_in_the_feed_at_conclusion(registry: TestRegistry) {
    registry.import(PEOPLE_AND_MATTERS).await;
    let clerk = registry.registrar("440115");
    clerk.does("draftAgreement", DRAFT, "").await;
    let of = |text: &str| text.replace("2021", "2026");
    clerk.does("attachDocument", &of(&scan("440115", ", released: true")), "").await;
    let told = async |caller: &Caller<'_>| {
        caller.ask("{ changes(kinds: [DOCUMENT]) { totalCount } }").await["changes"]["totalCount"].as_u64()
    };
    assert_eq!((told(&registry.registrar("310112")).await, told(&registry.anybody()).await), (Some(0), Some(0)));
    let proposed = clerk
        .does("proposeVersion", r#"number: "TB-2026-000001", version: 1, answerBy: "2026-10-31""#, "version { digest }")
        .await;
    assert_eq!((told(&registry.registrar("310112")).await, told(&registry.anybody()).await), (Some(1), Some(0)));
    let digest = proposed["version"]["digest"].as_str().expect("a digest");
    for party in ["440115", "310112"] {
        let signature = format!(r#"number: "TB-2026-000001", version: 1, digest: "{digest}", party: "{party}""#);
        registry.signatory(party).does("signVersion", &signature, "agreement { number }").await;
    }
    assert_eq!((told(&registry.registrar("310112")).await, told(&registry.anybody()).await), (Some(2), Some(1)));
    registry.verify().await.expect("it holds");
    assert_eq!(registry.second_reader().await.export().await, registry.export().await);
}

async fn the_number_of_documents_of_a_party_is_limited(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    // Each with another content: three bytes in base64 after the first line of a PDF.
    let numbered = |party: &str, number: usize| scan(party, "").replace(PDF, &format!("JVBERi0xLjcK{number:04}"));
    let clerk = registry.registrar("440115");
    for number in 0..domain::document::MAX_OF_PARTY {
        clerk.does("attachDocument", &numbered("440115", number), "").await;
    }
    let more = numbered("440115", domain::document::MAX_OF_PARTY);
    assert_eq!(clerk.refused("attachDocument", &more).await, ["REFUSED content TOO_MANY_DOCUMENTS"]);
    // Attached documents can still be released, and the other party has its own limit.
    clerk.does("attachDocument", &numbered("440115", 0).replace("扫描件", "签署件"), "").await;
    registry.registrar("310112").does("attachDocument", &more.replace("440115", "310112"), "").await;
}
