//! Sign-in with an identity provider: valid tokens of each kind of key, and tokens that are invalid in every way we
//! know of.

mod console;
mod provider;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Role;
use gateway::http::oidc::provider::{KeySource, Provider, Settings};
use jsonwebtoken::{Algorithm, EncodingKey};
use registry::clock;
use serde_json::{Value, json};
use tempfile::TempDir;

use provider::{Idp, Pair, base64, ed25519, forge, p256, rsa_pairs, sign, sign_as};
use server::{AUDIENCE, TestServer};

#[tokio::test]
async fn a_valid_token_of_every_kind_of_key_is_accepted() {
    let idp = Idp::new().await;
    let [rsa, pss] = rsa_pairs();
    let pairs = [rsa, pss, p256("ec"), ed25519("ed")];
    idp.publish(&pairs.each_ref());
    let server = TestServer::new(idp.settings()).await;
    for pair in &pairs {
        let viewer = server.accepts(&sign(pair, &idp.claims())).await;
        assert_eq!(
            viewer,
            json!({ "name": "王小明", "roles": ["REGISTRAR"], "district": { "code": "440115" } }),
            "{:?}",
            pair.algorithm
        );
    }
    assert_eq!(idp.fetches(), 1);
    // A `typ` of `JWT` or none, and several audiences.
    let [.., ed] = &pairs;
    server.accepts(&sign_as(ed, &idp.claims(), |header| header.typ = Some("JWT".to_owned()))).await;
    server
        .accepts(&sign_as(ed, &idp.claims_with(json!({ "aud": ["another", AUDIENCE] })), |header| header.typ = None))
        .await;
    // A key is used with its own algorithm only, and a public key never as a shared secret.
    let [rsa, pss, ..] = &pairs;
    let swapped = Pair { public: rsa.public.clone(), private: pss.private.clone(), algorithm: Algorithm::PS256 };
    server.refuses("another algorithm of the same family", &sign(&swapped, &idp.claims())).await;
    let modulus = URL_SAFE_NO_PAD.decode(rsa.public["n"].as_str().expect("a modulus")).expect("base64url");
    for secret in [modulus, rsa.public.to_string().into_bytes()] {
        let confused = Pair {
            public: rsa.public.clone(),
            private: EncodingKey::from_secret(&secret),
            algorithm: Algorithm::HS256,
        };
        server.refuses("HS256 with the public key", &sign(&confused, &idp.claims())).await;
    }
}

#[tokio::test]
async fn an_invalid_token_of_every_kind_is_refused_and_never_anonymous() {
    let idp = Idp::new().await;
    let (ed, other) = (ed25519("ed"), ed25519("ed"));
    idp.publish(&[&ed]);
    let server = TestServer::new(idp.settings()).await;
    let good = sign(&ed, &idp.claims());
    server.accepts(&good).await;
    let now = clock::now().timestamp();

    for (what, more) in [
        ("expired", json!({ "exp": now - 120 })),
        ("no end", json!({ "exp": null })),
        ("an end that is no time", json!({ "exp": "never" })),
        ("not valid yet", json!({ "nbf": now + 120 })),
        ("for somebody else", json!({ "aud": "https://elsewhere.example.cn" })),
        ("for nobody", json!({ "aud": null })),
        ("from somebody else", json!({ "iss": "https://id.example.cn" })),
        ("from two at once", json!({ "iss": ["https://id.example.cn", idp.issuer] })),
        ("from nobody", json!({ "iss": null })),
        ("of nobody", json!({ "sub": null })),
        ("of an empty name", json!({ "sub": "" })),
    ] {
        server.refuses(what, &sign(&ed, &idp.claims_with(more))).await;
    }
    // ID tokens, recognized by their claims.
    for more in
        [json!({ "nonce": "n" }), json!({ "at_hash": "h" }), json!({ "typ": "ID" }), json!({ "typ": "Refresh" })]
    {
        let token = sign_as(&ed, &idp.claims_with(more.clone()), |header| header.typ = Some("JWT".to_owned()));
        server.refuses(&format!("an ID token {more}"), &token).await;
    }

    let header = |more: Value| {
        let mut header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": "ed" });
        header.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        header
    };
    let signed = |header: &Value| {
        let message = format!("{}.{}", base64(header.to_string()), base64(idp.claims().to_string()));
        format!(
            "{message}.{}",
            jsonwebtoken::crypto::sign(message.as_bytes(), &ed.private, Algorithm::EdDSA).expect("a signature")
        )
    };
    server.accepts(&signed(&header(json!({})))).await;
    for alg in ["none", "None", "nOnE", "NONE", ""] {
        for signature in [Vec::new(), b"x".to_vec()] {
            server.refuses("no algorithm", &forge(&header(json!({ "alg": alg })), &idp.claims(), |_| signature)).await;
        }
    }
    let secret = ed.public["x"].as_str().expect("a key").to_owned();
    let confused = Pair {
        public: ed.public.clone(),
        private: EncodingKey::from_secret(secret.as_bytes()),
        algorithm: Algorithm::HS256,
    };
    server.refuses("HS256 with the public key", &sign(&confused, &idp.claims())).await;
    for (what, more) in [
        ("an unknown key", json!({ "kid": "another" })),
        ("a path for a key", json!({ "kid": "../../../../etc/passwd" })),
        ("an address for a key", json!({ "kid": "https://evil.example/keys" })),
        ("a query for a key", json!({ "kid": "ed' OR '1'='1" })),
        ("an empty name of a key", json!({ "kid": "" })),
        ("another type", json!({ "typ": "logout+jwt" })),
        ("a demand that is not understood", json!({ "crit": ["exp"] })),
    ] {
        server.refuses(what, &signed(&header(more))).await;
    }
    let nameless = json!({ "alg": "EdDSA", "typ": "at+jwt" });
    // The provider has one key, so a token need not name it.
    server.accepts(&signed(&nameless)).await;

    // A key inside the token, or an address of a key in the token.
    server.refuses("another key of the same name", &sign(&other, &idp.claims())).await;
    let jwk = serde_json::from_value(other.public.clone()).expect("a key");
    server.refuses("a key of its own", &sign_as(&other, &idp.claims(), |header| header.jwk = Some(jwk))).await;
    let evil = Idp::new().await;
    evil.publish(&[&other]);
    let address = format!("{}/keys", evil.issuer);
    server
        .refuses("an address of keys", &sign_as(&other, &idp.claims(), |header| header.jku = Some(address.clone())))
        .await;
    server
        .refuses("an address of certificates", &sign_as(&other, &idp.claims(), |header| header.x5u = Some(address)))
        .await;
    assert_eq!(evil.fetches(), 0);

    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let (head, _) = message.split_once('.').expect("three parts");
    let steward = base64(idp.claims_with(json!({ "roles": ["STEWARD"] })).to_string());
    let cut = &good[..good.len() - 8];
    for (what, token) in [
        ("other claims under the signature", format!("{head}.{steward}.{signature}")),
        ("a cut signature", cut.to_owned()),
        ("no signature", format!("{message}.")),
        ("two parts", message.to_owned()),
        ("four parts", format!("{good}.x")),
        ("a doubled token", format!("{good}{good}")),
        ("nothing between the dots", "..".to_owned()),
        ("no token", "x".to_owned()),
        ("a key of ours that nobody has", "tb_nobody".to_owned()),
        ("something very long", "x".repeat(20_000)),
    ] {
        server.refuses(what, &token).await;
    }
}

#[tokio::test]
async fn claims_are_read_as_the_settings_say() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let mut settings = idp.settings();
    settings.claims.roles = Some("realm_access.roles".to_owned());
    settings.claims.role_map = vec![("经办人".to_owned(), Role::Registrar), ("签发人".to_owned(), Role::Signatory)];
    let server = TestServer::new(settings).await;
    let is = async |more: Value| server.accepts(&sign(&ed, &idp.claims_with(more))).await;
    let nobody = json!([]);

    let both =
        is(json!({ "realm_access": { "roles": ["签发人", "经办人", "经办人", "STEWARD", "offline_access"] } })).await;
    assert_eq!(both["roles"], json!(["REGISTRAR", "SIGNATORY"]), "where names are mapped, only those count");
    assert_eq!(is(json!({ "realm_access": { "roles": "经办人 别的" } })).await["roles"], json!(["REGISTRAR"]));

    // Signed in without a role: only public records are visible.
    for more in [
        json!({}),
        json!({ "realm_access": { "roles": [] } }),
        json!({ "realm_access": 7 }),
        json!({ "realm_access": { "roles": [7, null] } }),
    ] {
        assert_eq!(is(more.clone()).await["roles"], nobody, "{more}");
    }
    for district in [json!("999999"), json!("南沙"), json!(7), json!(440_115.5), json!(null)] {
        assert_eq!(is(json!({ "district": district })).await["district"], Value::Null, "{district}");
    }
    for district in [json!("440115000000"), json!(440_115), json!(440_115_000_000_u64)] {
        assert_eq!(is(json!({ "district": district })).await["district"]["code"], "440115", "{district}");
    }
    assert_eq!(is(json!({ "name": null, "preferred_username": "wang" })).await["name"], "wang");
    assert_eq!(is(json!({ "name": null })).await["name"], "person-7");
}

#[tokio::test]
async fn a_caller_has_one_reference_that_names_no_person() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let provider = Arc::new(Provider::new(idp.settings()).expect("the certificates of this machine"));
    let mut clients = BTreeMap::new();
    for (subject, subtree) in [("person-7", json!(true)), ("person-7", json!("no")), ("person-8", json!("SUBTREE"))] {
        let claimant = provider
            .claimant(&sign(&ed, &idp.claims_with(json!({ "sub": subject, "subtree": subtree }))))
            .await
            .expect("it is good");
        let client = claimant.person.reference();
        assert!(client.len() == 21 && client.starts_with("oidc_") && !client.contains("person"), "{client}");
        clients.entry(client).or_insert_with(Vec::new).push(claimant.claimed.expect("claims grant").subtree);
    }
    let mut extents: Vec<_> = clients.into_values().collect();
    extents.sort();
    assert_eq!(extents, [vec![true], vec![true, false]]);
}

#[tokio::test]
async fn keys_may_change_and_the_provider_may_be_down() {
    let mut idp = Idp::new().await;
    let (old, new) = (ed25519("old"), p256("new"));
    idp.publish(&[&old]);
    idp.stop().await;
    let server = TestServer::new(idp.settings()).await;

    // Without the keys the token cannot be verified, so the response is 503 and not 401.
    let answer = server.show(&sign(&old, &idp.claims())).await;
    assert_eq!((answer.status, answer.code.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
    server.refuses("what needs no key to be refused", "x.y.z").await;
    idp.start_again().await;
    server.accepts(&sign(&old, &idp.claims())).await;

    // A new key is found when it is first named; the old one is good for as long as it is published.
    idp.publish(&[&old, &new]);
    server.accepts(&sign(&new, &idp.claims())).await;
    server.accepts(&sign(&old, &idp.claims())).await;
    idp.publish(&[&new]);
    server.refuses("an unknown key", &sign(&ed25519("third"), &idp.claims())).await;
    server.refuses("a key that was withdrawn", &sign(&old, &idp.claims())).await;

    // Keys that were fetched stay valid while the provider is down.
    idp.stop().await;
    server.accepts(&sign(&new, &idp.claims())).await;
    let answer = server.show(&sign(&ed25519("fourth"), &idp.claims())).await;
    assert_eq!((answer.status, answer.code.as_str()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"));
}

#[tokio::test]
async fn a_new_key_is_found_although_keys_were_fetched_just_now() {
    let idp = Idp::new().await;
    let (old, new) = (ed25519("old"), ed25519("new"));
    idp.publish(&[&old]);
    let server = TestServer::new(Settings { min_fetch_interval: Duration::from_secs(1), ..idp.settings() }).await;
    server.accepts(&sign(&old, &idp.claims())).await;
    idp.publish(&[&old, &new]);
    server.accepts(&sign(&new, &idp.claims())).await;
    assert_eq!(idp.fetches(), 2);
}

#[tokio::test]
async fn a_token_need_not_name_the_only_key() {
    let idp = Idp::new().await;
    let (one, two) = (ed25519("one"), ed25519("two"));
    let nameless = |pair: &Pair| sign_as(pair, &idp.claims(), |header| header.kid = None);
    idp.publish(&[&one]);
    TestServer::new(idp.settings()).await.accepts(&nameless(&one)).await;
    TestServer::new(idp.settings()).await.refuses("another key", &nameless(&two)).await;
    idp.publish(&[&one, &two]);
    TestServer::new(idp.settings()).await.refuses("which of two?", &nameless(&one)).await;
    let mut bare = one.public.clone();
    bare.as_object_mut().expect("an object").remove("kid");
    idp.published.lock().expect("the lock is not poisoned").keys = vec![bare];
    TestServer::new(idp.settings()).await.accepts(&nameless(&one)).await;
}

#[tokio::test]
async fn an_issuer_that_differs_by_a_slash_is_reported_with_both_names() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let slash = Settings { issuer: format!("{}/", idp.issuer), ..idp.settings() };
    let told = Provider::new(slash.clone()).expect("a provider").check().await.expect_err("another issuer").to_string();
    assert!(
        told.contains(&format!("{:?}", idp.issuer))
            && told.contains(&format!("{:?}", slash.issuer))
            && told.contains("slash"),
        "{told}"
    );
    assert_eq!(Provider::new(idp.settings()).expect("a provider").check().await.expect("it answers"), 1);
    // The keys are right, and the token's own `iss` has the slash.
    let provider = Arc::new(Provider::new(idp.settings()).expect("a provider"));
    let refused = provider
        .claimant(&sign(&ed, &idp.claims_with(json!({ "iss": slash.issuer }))))
        .await
        .expect_err("another issuer");
    let told = format!("{refused:?}");
    assert!(told.contains("iss") && told.contains("slash") && told.contains(&slash.issuer), "{told}");
}

#[tokio::test]
async fn unknown_keys_do_not_cause_repeated_fetches() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let server = TestServer::new(Settings { min_fetch_interval: Duration::from_secs(3_600), ..idp.settings() }).await;
    for i in 0..20 {
        server.refuses("an unknown key", &sign(&ed25519(&format!("unknown-{i}")), &idp.claims())).await;
    }
    server.accepts(&sign(&ed, &idp.claims())).await;
    assert_eq!(idp.fetches(), 1);
}

#[tokio::test]
async fn keys_are_fetched_from_the_named_provider_or_read_from_a_file() {
    let idp = Idp::new().await;
    let ed = ed25519("ed");
    idp.publish(&[&ed]);
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("keys.json");
    std::fs::write(&file, json!({ "keys": [ed.public] }).to_string()).expect("a file");
    let address = format!("{}/keys", idp.issuer).parse().expect("an address");
    for keys in [KeySource::File(file), KeySource::Address(address)] {
        let server = TestServer::new(Settings { keys, ..idp.settings() }).await;
        server.accepts(&sign(&ed, &idp.claims())).await;
    }
    // A discovery document with another issuer is refused.
    let server = TestServer::new(idp.settings()).await;
    idp.published.lock().expect("the lock is not poisoned").issuer = format!("{}/other", idp.issuer);
    assert_eq!(server.show(&sign(&ed, &idp.claims())).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
