//! A field that fails leaves its neighbours alone; closed lists are enums with labels in both languages.

use axum::http::Method;
use axum::http::Request;
use domain::Role;
use gateway::http::settings::Settings;
use serde_json::{Value, json};

use crate::TestServer;

#[tokio::test]
async fn a_field_with_a_wrong_argument_is_null_and_its_neighbours_are_answered() {
    let server = TestServer::new().await;
    for wrong in ["first: 101", "first: -1", "first: 1, last: 1", r#"after: "%%%""#] {
        let query = format!(
            r#"{{ matters(first: 1) {{ totalCount }} districts({wrong}) {{ totalCount }} registry {{ epoch }}
                district(code: "440115") {{ code windows({wrong}) {{ totalCount }} offerings({wrong}) {{ totalCount }} history({wrong}) {{ totalCount }} parent {{ code }} }}
                agreement(number: "TB-2021-000001") {{ number latest {{ number parties({wrong}) {{ totalCount }} schedule {{ totalCount }} }} }}
                viewer {{ name tasks({wrong}) {{ totalCount }} roles }} }}"#
        );
        let answer = server.ask(&[], &query).await.json();
        assert_eq!(answer["errors"].as_array().expect("errors").len(), 6, "{wrong} {answer}");
        let data = &answer["data"];
        assert!(
            data["matters"]["totalCount"].is_u64()
                && data["registry"]["epoch"].is_string()
                && data["districts"].is_null(),
            "{answer}"
        );
        let district = &data["district"];
        assert_eq!(district["code"], "440115");
        assert!(
            ["windows", "offerings", "history"].iter().all(|list| district.get(*list) == Some(&Value::Null)),
            "{answer}"
        );
        assert!(district["parent"]["code"].is_string());
        let latest = &data["agreement"]["latest"];
        assert!(
            latest["number"].is_u64() && latest["parties"].is_null() && latest["schedule"]["totalCount"].is_u64(),
            "{answer}"
        );
        assert_eq!(data["viewer"], json!({ "name": null, "tasks": null, "roles": [] }));
    }
    let mutation = r#"mutation { a: registerMatter(input: {code: "LYB000000077", name: "示例", domain: OTHER, audience: [NATURAL_PERSON]}) { revision } b: voidAgreement(input: {number: "TB-2021-000001", reason: "…"}) { revision } }"#;
    let answer = server.ask(&[], mutation).await.json();
    assert_eq!(answer["data"], json!({ "a": null, "b": null }), "{answer}");
}

/// The types of the schema by their names, as introspection reports them.
async fn types(server: &TestServer) -> Vec<Value> {
    let fields = "fields { name description type { kind name ofType { kind name ofType { kind name } } } } inputFields { name type { name ofType { name } } }";
    let query = format!("{{ __schema {{ description types {{ kind name specifiedByURL {fields} }} }} }}");
    let answer = server.ask(&[], &query).await.json();
    let schema = &answer["data"]["__schema"];
    assert!(
        schema["description"].as_str().is_some_and(|text| text.starts_with("Tongban")),
        "{}",
        schema["description"]
    );
    schema["types"].as_array().expect("types").clone()
}

#[tokio::test]
async fn root_fields_are_nullable_and_leaves_are_not() {
    let types = types(&TestServer::new().await).await;
    let fields = |name: &str| {
        let ty = types.iter().find(|ty| ty["name"] == name).expect("the type");
        ty["fields"]
            .as_array()
            .expect("fields")
            .iter()
            .map(|field| (field["name"].as_str().expect("a name"), field["type"]["kind"] == "NON_NULL"))
            .collect::<Vec<_>>()
    };
    for root in ["Query", "Mutation"] {
        for (field, is_sure) in fields(root) {
            assert_eq!(is_sure, ["registry", "viewer", "vocabularies"].contains(&field), "{root}.{field}");
        }
    }
    let required = |of: &str, field: &str| fields(of).contains(&(field, true));
    assert!(
        required("Matter", "name")
            && required("Handling", "answer")
            && required("DistrictConnection", "edges")
            && required("PageInfo", "hasNextPage")
    );
    assert!(
        !required("District", "history") && !required("Viewer", "tasks") && !required("AvailableMatterEdge", "routes")
    );
}

#[tokio::test]
async fn closed_lists_are_enums_and_scalars_are_specified() {
    let types = types(&TestServer::new().await).await;
    for ty in &types {
        let name = ty["name"].as_str().expect("a name");
        // The numbers of agreements are the registry's own.
        let is_builtin = ["Int", "Float", "String", "Boolean", "ID", "AgreementNumber"].contains(&name);
        if ty["kind"] == "SCALAR" && !is_builtin {
            assert!(ty["specifiedByURL"].is_string(), "{name}");
        }
        for field in ty["fields"].as_array().into_iter().flatten() {
            let description = field["description"].as_str().unwrap_or_default();
            let lists_words = description
                .split("`, `")
                .filter(|part| {
                    part.rsplit('`').next().is_some_and(|word| {
                        word.len() > 2 && word.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_')
                    })
                })
                .count()
                > 1;
            assert!(!lists_words, "{name}.{}: {description}", field["name"]);
        }
    }
    let input = |of: &str, field: &str| {
        let ty = types.iter().find(|ty| ty["name"] == of).expect("the type");
        let field = ty["inputFields"]
            .as_array()
            .expect("fields")
            .iter()
            .find(|known| known["name"] == field)
            .expect("the field")
            .clone();
        field["type"]["name"].as_str().or(field["type"]["ofType"]["name"].as_str()).expect("a type").to_owned()
    };
    assert_eq!(
        [input("OfferingInput", "dayKind"), input("MaterialInput", "necessity"), input("WindowInput", "kind")],
        ["DayKind", "MaterialNecessity", "WindowKind"]
    );
}

#[tokio::test]
async fn a_string_for_an_enum_is_refused_before_anything_runs() {
    let server = TestServer::new().await;
    server.key_for("tb_nansha", Role::Registrar, Some("440115"), None).await;
    let key = [("authorization", "Bearer tb_nansha")];
    let window = |kind: &str| {
        format!(
            r#"mutation {{ registerWindow(input: {{ district: "440115", name: "一号窗口", address: "示例路 1 号", kind: {kind} }}) {{ window {{ kind }} problems {{ rule }} }} }}"#
        )
    };
    let refused = server.ask(&key, &window("\"HALL\"")).await;
    assert_eq!(refused.code(), "GRAPHQL_VALIDATION_FAILED", "{}", refused.text);
    assert_eq!(server.ask(&key, &window("DRAGON")).await.code(), "GRAPHQL_VALIDATION_FAILED");
    let answer = server.ask(&key, &window("BANK_OUTLET")).await.json();
    assert_eq!(
        answer["data"]["registerWindow"],
        json!({ "window": { "kind": "BANK_OUTLET" }, "problems": [] }),
        "{answer}"
    );
}

#[tokio::test]
async fn every_enum_value_has_labels_in_both_languages() {
    let server = TestServer::new().await;
    let query = "{ zh: vocabularies(locale: ZH) { name values { value label description } } en: vocabularies(locale: EN) { name values { value label description } } own: vocabularies { values { label } } }";
    let data = server.ask(&[("accept-language", "en")], query).await.json()["data"].clone();
    let label = |lists: &Value, name: &str, word: &str| {
        let list = lists.as_array().expect("lists").iter().find(|list| list["name"] == name).expect("the list").clone();
        list["values"].as_array().expect("words").iter().find(|value| value["value"] == word).expect("the word").clone()
    };
    assert_eq!(label(&data["zh"], "HandlingMode", "FULL_ONLINE")["label"], "全程网办");
    let english = label(&data["en"], "HandlingMode", "FULL_ONLINE");
    assert!(
        english["label"] == "full online"
            && english["description"].as_str().is_some_and(|text| text.contains("never travels")),
        "{english}"
    );
    assert_eq!(
        data["own"][0]["values"],
        json!(
            data["en"][0]["values"]
                .as_array()
                .expect("words")
                .iter()
                .map(|word| json!({ "label": word["label"] }))
                .collect::<Vec<_>>()
        )
    );

    let facets = r#"{ availableMatters(receiving: "440115", competent: "310112") { facets { modes { mode label en: label(locale: EN) } domains { label } audiences { label } } } }"#;
    let facets = server.ask(&[], facets).await.json()["data"]["availableMatters"]["facets"].clone();
    assert!(
        facets["modes"][0]["label"].is_string()
            && facets["domains"][0]["label"].is_string()
            && facets["audiences"][0]["label"].is_string(),
        "{facets}"
    );
    assert!(facets["modes"][0]["en"].as_str().is_some_and(str::is_ascii));

    let names = r#"{ district(code: "440115") { fullName en: fullName(locale: EN) } registry { counts { districts matters offerings windows agreements policies } } }"#;
    let data = server.ask(&[], names).await.json()["data"].clone();
    assert!(
        data["district"]["fullName"].as_str().is_some_and(|name| name.ends_with("南沙区") && name.chars().count() > 3),
        "{data}"
    );
    assert!(data["district"]["en"].as_str().is_some_and(|name| name.contains(", ")), "{data}");
    assert!(data["registry"]["counts"]["districts"].is_u64());
}

#[tokio::test]
async fn scripts_of_an_allowed_site_may_read_headers_and_revalidate() {
    let named = ["content-type".parse().expect("a name")];
    let settings = Settings {
        cors_origins: vec!["https://gov.example.cn".parse().expect("a site")],
        cors_headers: named.to_vec(),
        ..Settings::default()
    };
    let server = TestServer::with(settings).await;
    let from = |method: Method| {
        Request::builder()
            .method(method)
            .uri("/graphql?query=%7B__typename%7D")
            .header("origin", "https://gov.example.cn")
    };
    let preflight = from(Method::OPTIONS)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "if-none-match");
    let allowed = server.send(preflight.body(axum::body::Body::empty()).expect("a request")).await;
    assert!(allowed.header("access-control-allow-headers").contains("if-none-match"), "{:?}", allowed.headers);
    let answer = server.send(from(Method::GET).body(axum::body::Body::empty()).expect("a request")).await;
    let exposed = answer.header("access-control-expose-headers").to_owned();
    assert!(["x-request-id", "etag", "retry-after"].iter().all(|name| exposed.contains(name)), "{exposed}");
}
