//! The question: can a matter of one district be handled in another on a day?

use scenarios::records::{NANSHA_AND_MINHANG, NATIONAL_LIST};
use scenarios::{TestRegistry, on_every_database};
use serde_json::json;

on_every_database! {
    a_matter_of_minhang_is_handled_in_nansha,
    an_agreement_covers_one_direction_only,
    a_list_covers_only_the_matters_it_names,
    an_agreement_does_not_apply_before_its_first_day,
    an_ended_agreement_is_named_as_the_reason,
    a_suspension_stops_the_route_while_it_applies,
    a_withdrawn_offering_blocks_a_signed_clause,
    districts_without_an_agreement_have_no_common_basis,
    unregistered_codes_are_unknown,
    a_national_matter_is_covered_from_its_published_deadline_on,
    a_national_list_needs_a_published_guide,
    a_district_below_a_party_with_its_subtree_is_covered,
    administered_districts_count_as_below_the_zone,
    the_twelve_digit_code_means_the_same_district,
    a_verdict_comes_with_its_days_and_other_places,
    suspended_matters_are_counted_beside_a_list,
}

async fn a_matter_of_minhang_is_handled_in_nansha(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let data = registry
        .ask(
            r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310112", on: "2021-07-01") {
                answer
                routes {
                    mode basis { title effectiveFrom } clause { batch } validFrom validTo
                    terms { ... on ProxyCollectionTerms { transferDays } }
                    windows { edges { node { name address } } }
                    offerings { promisedDays visits materials { name necessity deferrableDays } }
                    duties { actor district { name } task(locale: EN) days }
                }
                reasons { code }
            } }"#,
        )
        .await;
    assert_eq!(
        data["handling"],
        json!({
            "answer": "AVAILABLE",
            "routes": [{
                "mode": "PROXY_COLLECTION",
                "basis": { "title": "南沙区、闵行区“跨域通办”框架合作协议", "effectiveFrom": "2021-06-01" },
                "clause": { "batch": "第一批" },
                "validFrom": "2021-06-01",
                "validTo": null,
                "terms": { "transferDays": 2 },
                "windows": { "edges": [{ "node": { "name": "跨域通办专窗", "address": "政务服务中心一楼" } }] },
                "offerings": [{ "promisedDays": 20, "visits": 1, "materials": [
                    { "name": "居民户口簿", "necessity": "REQUIRED", "deferrableDays": null },
                    { "name": "原居民身份证", "necessity": "DEFERRABLE", "deferrableDays": 5 },
                ] }],
                "duties": [
                    { "actor": "APPLICANT", "district": null, "task": "hand in the materials at a window of the receiving district", "days": null },
                    { "actor": "RECEIVING_WINDOW", "district": { "name": "南沙区" }, "task": "receive the application, check the applicant's identity", "days": null },
                    { "actor": "RECEIVING_WINDOW", "district": { "name": "南沙区" }, "task": "forward the materials to the competent district", "days": 2 },
                    { "actor": "COMPETENT_AUTHORITY", "district": { "name": "闵行区" }, "task": "accept, examine and decide (the days run from acceptance)", "days": 20 },
                    { "actor": "COMPETENT_AUTHORITY", "district": { "name": "闵行区" }, "task": "return the result", "days": null },
                ],
            }],
            "reasons": [],
        })
    );
}

async fn an_agreement_covers_one_direction_only(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.handling("000109001000", "310112", "440115", "2021-07-01").await,
        "NOT_COVERED: ONLY_OTHER_DIRECTION"
    );
}

async fn a_list_covers_only_the_matters_it_names(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.handling("000109002000", "440115", "310112", "2021-07-01").await,
        "NOT_COVERED: MATTER_NOT_IN_SCHEDULE"
    );
}

async fn an_agreement_does_not_apply_before_its_first_day(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2021-05-31").await,
        "NOT_COVERED: BASIS_NOT_YET_IN_FORCE"
    );
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2021-06-01").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
}

async fn an_ended_agreement_is_named_as_the_reason(registry: TestRegistry) {
    let ends = r#""effectiveFrom":"2021-06-01","effectiveTo":"2024-05-31""#;
    registry.import(&NANSHA_AND_MINHANG.replace(r#""effectiveFrom":"2021-06-01""#, ends)).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2024-05-31").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
    assert_eq!(registry.handling("000109001000", "440115", "310112", "2024-06-01").await, "NOT_COVERED: BASIS_ENDED");
}

async fn a_suspension_stops_the_route_while_it_applies(registry: TestRegistry) {
    let flag = r#""suspensions":[{"party":"310112","since":"2022-04-01","until":"2022-05-31","reason":"疫情防控","publicText":"暂停办理"}],"signedOn""#;
    registry.import(&NANSHA_AND_MINHANG.replace(r#""signedOn""#, flag)).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2022-03-31").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
    assert_eq!(registry.handling("000109001000", "440115", "310112", "2022-04-01").await, "NOT_COVERED: SUSPENDED");
    assert_eq!(registry.handling("000109001000", "440115", "310112", "2022-05-31").await, "NOT_COVERED: SUSPENDED");
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2022-06-01").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
}

async fn a_withdrawn_offering_blocks_a_signed_clause(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry
        .import(r#"{"type":"offering","district":"310112","matter":"000109001000","visits":1,"validTo":"2023-03-31"}"#)
        .await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2023-03-31").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2023-04-01").await,
        "NOT_OFFERED: OFFERING_WITHDRAWN"
    );
}

async fn districts_without_an_agreement_have_no_common_basis(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry.import(r#"{"type":"district","code":"310115","name":"浦东新区","kind":"COUNTY","parent":"310000"}"#).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310115", "2021-07-01").await,
        "NOT_COVERED: NO_COMMON_BASIS"
    );
    assert_eq!(registry.handling("000109001000", "440115", "440115", "2021-07-01").await, "NOT_COVERED: SAME_DISTRICT");
}

async fn unregistered_codes_are_unknown(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "999999", "2021-07-01").await,
        "UNKNOWN_DISTRICT: UNKNOWN_DISTRICT"
    );
    assert_eq!(
        registry.handling("000999999000", "440115", "310112", "2021-07-01").await,
        "UNKNOWN_MATTER: UNKNOWN_MATTER"
    );
    let wrong = registry
        .answer(r#"{ handling(matter: "000109001000", receiving: "南沙", competent: "310112") { answer } }"#)
        .await;
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

async fn a_national_matter_is_covered_from_its_published_deadline_on(registry: TestRegistry) {
    registry.import(&format!("{NANSHA_AND_MINHANG}{NATIONAL_LIST}")).await;
    registry.import(r#"{"type":"district","code":"310115","name":"浦东新区","kind":"COUNTY","parent":"310000"}"#).await;
    registry.import(r#"{"type":"offering","district":"310115","matter":"000109001000","visits":0,"url":"https://pudong.example/"}"#).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310115", "2020-09-23").await,
        "NOT_COVERED: BASIS_NOT_YET_IN_FORCE"
    );
    assert_eq!(
        registry.handling("000109001000", "440115", "310115", "2021-12-30").await,
        "NOT_COVERED: CLAUSE_NOT_IN_DATE"
    );
    assert_eq!(registry.handling("000109001000", "440115", "310115", "2021-12-31").await, "AVAILABLE: FULL_ONLINE");
    // It is an additional route beside the agreement, and full online is the better one.
    assert_eq!(
        registry.handling("000109001000", "440115", "310112", "2021-12-31").await,
        "AVAILABLE: FULL_ONLINE, PROXY_COLLECTION"
    );
    let data = registry
        .ask(r#"{ handling(matter: "000109001000", receiving: "440115", competent: "310115", on: "2021-12-31") { routes { basis { __typename documentNumber } clause { batch } } } }"#)
        .await;
    assert_eq!(
        data["handling"]["routes"],
        json!([{ "basis": { "__typename": "Policy", "documentNumber": "国办发〔2020〕35号" }, "clause": { "batch": "2021年底前实现" } }])
    );
}

async fn a_national_list_needs_a_published_guide(registry: TestRegistry) {
    registry.import(&format!("{NANSHA_AND_MINHANG}{NATIONAL_LIST}")).await;
    registry.import(r#"{"type":"district","code":"310115","name":"浦东新区","kind":"COUNTY","parent":"310000"}"#).await;
    assert_eq!(
        registry.handling("000109001000", "440115", "310115", "2022-01-01").await,
        "NOT_OFFERED: OFFERING_MISSING"
    );
}

async fn a_district_below_a_party_with_its_subtree_is_covered(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry
        .import(
            r#"
{"type":"district","code":"320000","name":"江苏省","kind":"PROVINCE"}
{"type":"district","code":"320300","name":"徐州市","kind":"PREFECTURE","parent":"320000"}
{"type":"district","code":"320303","name":"云龙区","kind":"COUNTY","parent":"320300"}
{"type":"agreement","title":"南沙区、徐州市“跨域通办”合作协议","signedOn":"2021-05-31","parties":[{"district":"440115"},{"district":"320300","extent":"SUBTREE"}],"schedule":[{"matters":["000109002000"],"mode":"FULL_ONLINE"}]}
"#,
        )
        .await;
    assert_eq!(registry.handling("000109002000", "440115", "320303", "2021-07-01").await, "AVAILABLE: FULL_ONLINE");
    assert_eq!(registry.handling("000109002000", "320303", "440115", "2021-07-01").await, "AVAILABLE: FULL_ONLINE");
    assert_eq!(registry.handling("000109002000", "320303", "320300", "2021-07-01").await, "NOT_COVERED: SAME_PARTY");
}

async fn administered_districts_count_as_below_the_zone(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    registry
        .import(
            r#"
{"type":"district","code":"130000","name":"河北省","kind":"PROVINCE"}
{"type":"district","code":"130600","name":"保定市","kind":"PREFECTURE","parent":"130000"}
{"type":"district","code":"130629","name":"容城县","kind":"COUNTY","parent":"130600"}
{"type":"district","code":"130600-Z01","name":"雄安新区","kind":"FUNCTIONAL_ZONE","parent":"130000","administers":["130629"]}
{"type":"agreement","title":"南沙区、雄安新区“跨域通办”合作协议","signedOn":"2021-05-31","parties":[{"district":"440115"},{"district":"130600-Z01","extent":"SUBTREE"}],"schedule":[{"matters":["000109002000"],"mode":"FULL_ONLINE"}]}
"#,
        )
        .await;
    assert_eq!(registry.handling("000109002000", "440115", "130629", "2021-07-01").await, "AVAILABLE: FULL_ONLINE");
    assert_eq!(
        registry.handling("000109002000", "440115", "130600", "2021-07-01").await,
        "NOT_COVERED: NO_COMMON_BASIS"
    );
}

async fn the_twelve_digit_code_means_the_same_district(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    assert_eq!(
        registry.handling("000109001000", "440115000000", "310112000000", "2021-07-01").await,
        "AVAILABLE: PROXY_COLLECTION"
    );
}

/// The verdict of a question, with its days and the other places.
async fn verdict(registry: &TestRegistry, receiving: &str, competent: &str, on: &str) -> serde_json::Value {
    let query = format!(
        r#"{{ handling(matter: "000109001000", receiving: "{receiving}", competent: "{competent}", on: "{on}")
            {{ verdict from until elsewhere {{ code }} }} }}"#
    );
    registry.ask(&query).await["handling"].take()
}

async fn a_verdict_comes_with_its_days_and_other_places(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let plain = |verdict: &str| json!({ "verdict": verdict, "from": null, "until": null, "elsewhere": [] });
    assert_eq!(verdict(&registry, "440115", "310112", "2021-07-01").await, plain("AVAILABLE"));
    assert_eq!(
        verdict(&registry, "440115", "310112", "2021-05-30").await,
        json!({ "verdict": "NOT_IN_DATE", "from": "2021-06-01", "until": null, "elsewhere": [] })
    );
    assert_eq!(verdict(&registry, "310112", "440115", "2021-07-01").await, plain("NOT_AVAILABLE"));
    // Of another district nearby, Nansha is where it can be done.
    registry.import(r#"{"type":"district","code":"440106","name":"天河区","kind":"COUNTY","parent":"440100"}"#).await;
    assert_eq!(
        verdict(&registry, "440106", "310112", "2021-07-01").await,
        json!({ "verdict": "NOT_AVAILABLE", "from": null, "until": null, "elsewhere": [{ "code": "440115" }] })
    );
}

async fn suspended_matters_are_counted_beside_a_list(registry: TestRegistry) {
    let flag = r#""suspensions":[{"party":"310112","since":"2022-04-01","until":"2022-05-31","reason":"疫情防控","publicText":"暂停办理"}],"signedOn""#;
    registry.import(&NANSHA_AND_MINHANG.replace(r#""signedOn""#, flag)).await;
    assert_eq!(
        verdict(&registry, "440115", "310112", "2022-05-01").await,
        json!({ "verdict": "SUSPENDED", "from": "2022-04-01", "until": "2022-05-31", "elsewhere": [] })
    );
    let list = async |on: &str| {
        let query = format!(
            r#"{{ availableMatters(receiving: "440115", competent: "310112", on: "{on}")
                {{ totalCount suspended suspensions {{ party {{ code }} since until publicText reason }} }} }}"#
        );
        registry.ask(&query).await["availableMatters"].take()
    };
    assert_eq!(
        list("2022-05-01").await,
        json!({ "totalCount": 0, "suspended": 1, "suspensions": [
            { "party": { "code": "310112" }, "since": "2022-04-01", "until": "2022-05-31", "publicText": "暂停办理", "reason": "" }
        ] })
    );
    assert_eq!(list("2022-06-01").await, json!({ "totalCount": 1, "suspended": 0, "suspensions": [] }));
}
