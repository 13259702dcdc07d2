//! Search finds records in any spelling, highlights the matches and sorts as requested, equally on both databases.

use scenarios::{TestRegistry, demo, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    matches_are_highlighted_in_the_original_name,
    spelling_suggestions_come_from_existing_names,
    suggestions_are_available_between_the_districts,
    an_offering_is_found_by_its_own_name_in_any_spelling,
    a_cursor_of_another_order_is_refused,
    the_shortest_promise_comes_first,
    a_district_is_found_by_its_path,
}

/// Names with matches in brackets.
fn marked(founds: &Value) -> Vec<String> {
    let part = |part: &Value| {
        let text = part["text"].as_str().expect("a text");
        if part["hit"] == true { format!("[{text}]") } else { text.to_owned() }
    };
    let name = |found: &Value| found["found"]["parts"].as_array().expect("parts").iter().map(part).collect();
    founds.as_array().expect("a list").iter().map(name).collect()
}

async fn matches_are_highlighted_in_the_original_name(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    for (typed, expected) in [
        ("身份證補領", "居民[身份证补领]"),
        ("shenfenzhengbuling", "居民[身份证补领]"),
        ("sfzh", "居民[身份证换]领"),
        ("身份证丢", "[身份证丢]了"),
        ("良民证", "[良民证]"),
    ] {
        let answer = registry
            .ask(&format!(
                r#"{{ matters(search: "{typed}") {{ edges {{ found {{ text parts {{ text hit }} }} }} }} }}"#
            ))
            .await;
        assert_eq!(marked(&answer["matters"]["edges"])[0], expected, "{typed}");
    }
    let answer = registry.ask("{ matters(first: 1) { edges { found { text } } didYouMean } }").await;
    assert_eq!(
        answer["matters"],
        json!({ "edges": [{ "found": null }], "didYouMean": [] }),
        "nothing was searched for"
    );
}

async fn spelling_suggestions_come_from_existing_names(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let meant = async |list: &str| {
        let answer = registry.ask(&format!("{{ list: {list} {{ totalCount didYouMean }} }}")).await;
        (
            answer["list"]["totalCount"].as_u64().expect("a count"),
            answer["list"]["didYouMean"][0].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(meant(r#"matters(search: "身分证")"#).await, (0, "身份证".to_owned()));
    assert_eq!(meant(r#"matters(search: "公集金")"#).await, (0, "公积金".to_owned()));
    let (found, spelled) = meant(r#"matters(search: "shenfenzhen")"#).await;
    assert!(found > 0 && spelled == "身份证", "letters say what they spell");
    assert_eq!(meant(r#"matters(search: "shengfenzheng")"#).await, (0, "身份证".to_owned()));
    assert!(meant(r#"matters(search: "身份证")"#).await.1.is_empty(), "it was found as it was typed");
    assert_eq!(meant(r#"districts(search: "南莎")"#).await, (0, "南沙".to_owned()));
    let between = r#"receiving: "440115", competent: "310112", on: "2022-03-01""#;
    assert_eq!(meant(&format!(r#"availableMatters({between}, search: "身分证")"#)).await, (0, "身份证".to_owned()));
    assert_eq!(meant(&format!(r#"availableMatters({between}, search: "天文台")"#)).await, (0, String::new()));
    // The suggested spelling has results.
    let (found, _) = meant(&format!(r#"availableMatters({between}, search: "身份证")"#)).await;
    assert!(found > 0);
}

async fn suggestions_are_available_between_the_districts(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    const FOUND: &str = "found { text parts { text hit } } matter { code } district { code }";
    let anywhere =
        registry.ask(&format!(r#"{{ suggest(text: "sfz", limit: 3) {{ {FOUND} }} }}"#)).await["suggest"].clone();
    assert_eq!(anywhere.as_array().map(Vec::len), Some(3));
    assert!(marked(&anywhere).iter().all(|name| name.contains("[身份证]")), "{anywhere}");
    let district = registry.ask(&format!(r#"{{ suggest(text: "nansha") {{ {FOUND} }} }}"#)).await["suggest"].clone();
    assert_eq!(district[0]["district"]["code"], "440115", "{district}");

    let between = r#"receiving: "440115", competent: "310112", on: "2022-03-01""#;
    let available = registry
        .ask(&format!(
            r#"{{ availableMatters({between}, search: "证", first: 100) {{ edges {{ node {{ code }} }} }} }}"#
        ))
        .await;
    let suggested =
        registry.ask(&format!(r#"{{ suggest(text: "证", {between}, limit: 50) {{ {FOUND} }} }}"#)).await["suggest"]
            .clone();
    let codes = |list: &Value, of: &str| -> Vec<Value> {
        list.as_array().expect("a list").iter().map(|entry| entry[of]["code"].clone()).collect()
    };
    assert_eq!(codes(&suggested, "matter"), codes(&available["availableMatters"]["edges"], "node"));
    assert!(codes(&suggested, "district").iter().all(Value::is_null));

    let words =
        registry.ask(&format!(r#"{{ suggest(text: "身分证", {between}) {{ {FOUND} }} }}"#)).await["suggest"].clone();
    assert_eq!(
        words[0],
        json!({ "found": { "text": "身份证", "parts": [{ "text": "身份证", "hit": false }] }, "matter": null, "district": null })
    );
    assert_eq!(registry.ask(r#"{ suggest(text: " ") { found { text } } }"#).await["suggest"], json!([]));
}

async fn an_offering_is_found_by_its_own_name_in_any_spelling(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    registry.import(r#"{"type":"offering","district":"310112","sourceCode":"S1","name":"高龄津贴（８０岁以上）发放ＥＴＣ","visits":0}"#).await;
    for typed in ["80岁", "８０岁以上发放", "高齡津貼", "gaolingjintie", "gljt", "etc", "津贴 发放"] {
        let list = format!(
            r#"offerings(district: "310112", search: "{typed}") {{ totalCount edges {{ node {{ sourceCode }} found {{ parts {{ text hit }} }} }} }}"#
        );
        let answer = registry.ask(&format!("{{ {list} }}")).await;
        assert_eq!(answer["offerings"]["edges"][0]["node"]["sourceCode"], "S1", "{typed}");
        assert!(marked(&answer["offerings"]["edges"])[0].contains('['), "{typed}");
    }
    let none = registry.ask(r#"{ offerings(district: "310112", search: "%岁") { totalCount } }"#).await;
    assert_eq!(none["offerings"]["totalCount"], 1, "punctuation is dropped, so it is no pattern");
}

async fn a_cursor_of_another_order_is_refused(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let between = r#"receiving: "440115", on: "2022-03-01""#;
    let lists = [
        (r#"matters"#, String::new(), &["RELEVANCE", "NAME", "CODE"][..]),
        (r#"districts"#, String::new(), &["RELEVANCE", "NAME", "CODE"]),
        (r#"availableMatters"#, format!("{between},"), &["RELEVANCE", "NAME", "PROMISED_DAYS", "CODE"]),
        (r#"offerings"#, r#"district: "310112","#.to_owned(), &["RELEVANCE", "NAME", "PROMISED_DAYS"]),
    ];
    for (list, given, orders) in lists {
        for order in orders {
            let first = registry
                .ask(&format!(
                    "{{ {list}({given} first: 2, orderBy: {order}) {{ edges {{ cursor node {{ id }} }} }} }}"
                ))
                .await;
            let edges = &first[list]["edges"];
            let cursor = edges[0]["cursor"].as_str().expect("a cursor");
            for other in orders {
                let question = format!(
                    r#"{{ {list}({given} first: 1, after: "{cursor}", orderBy: {other}) {{ edges {{ node {{ id }} }} }} }}"#
                );
                let answer = registry.answer(&question).await;
                if order == other {
                    assert_eq!(answer["data"][list]["edges"][0]["node"], edges[1]["node"], "{list} by {order}");
                } else {
                    assert_eq!(
                        answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
                        "{list}: a cursor by {order} for {other}"
                    );
                }
            }
        }
    }
}

async fn the_shortest_promise_comes_first(registry: TestRegistry) {
    registry.import_files(&demo()).await;
    let answer = registry
        .ask(
            r#"{ availableMatters(receiving: "440115", competent: "310112", on: "2022-03-01", orderBy: PROMISED_DAYS, first: 100) {
                edges { node { name } routes { offerings { promisedDays statutoryDays dayKind } } } }
              districts(orderBy: NAME, kind: [PROVINCE], first: 100) { edges { node { name } } } }"#,
        )
        .await;
    let days = |offering: &Value| match (
        offering["dayKind"].as_str(),
        offering["promisedDays"].as_u64(),
        offering["statutoryDays"].as_u64(),
    ) {
        (Some("AT_ONCE"), ..) => Some(0),
        (_, promised, statutory) => promised.or(statutory),
    };
    let shortest = |edge: &Value| -> u64 {
        let offerings = edge["routes"]
            .as_array()
            .expect("routes")
            .iter()
            .flat_map(|route| route["offerings"].as_array().expect("offerings"));
        offerings.filter_map(days).min().unwrap_or(u64::MAX)
    };
    let listed: Vec<u64> =
        answer["availableMatters"]["edges"].as_array().expect("edges").iter().map(shortest).collect();
    assert!(listed.is_sorted(), "{listed:?}");
    let names: Vec<&str> = answer["districts"]["edges"]
        .as_array()
        .expect("edges")
        .iter()
        .filter_map(|edge| edge["node"]["name"].as_str())
        .collect();
    let place = |name| names.iter().position(|other| *other == name).expect(name);
    let read = ["安徽省", "北京市", "重庆市", "福建省", "陕西省", "山西省", "西藏自治区"].map(place);
    assert!(
        read[0] == 0 && read[..4].is_sorted() && read[3] < read[4].min(read[5]) && read[6] > read[4].max(read[5]),
        "{names:?}"
    );
}

async fn a_district_is_found_by_its_path(registry: TestRegistry) {
    let districts = [
        ("110000", "北京市", "PROVINCE", None, "Beijing"),
        ("110105", "朝阳区", "COUNTY", Some("110000"), "Chaoyang District"),
        ("220000", "吉林省", "PROVINCE", None, "Jilin Province"),
        ("220100", "长春市", "PREFECTURE", Some("220000"), "Changchun"),
        ("220104", "朝阳区", "COUNTY", Some("220100"), "Chaoyang District"),
        ("320000", "江苏省", "PROVINCE", None, "Jiangsu Province"),
        ("320100", "南京市", "PREFECTURE", Some("320000"), "Nanjing"),
        ("320106", "鼓楼区", "COUNTY", Some("320100"), "Gulou District"),
        ("320300", "徐州市", "PREFECTURE", Some("320000"), "Xuzhou"),
        ("320302", "鼓楼区", "COUNTY", Some("320300"), "Gulou District"),
        ("350000", "福建省", "PROVINCE", None, "Fujian Province"),
        ("350100", "福州市", "PREFECTURE", Some("350000"), "Fuzhou"),
        ("350102", "鼓楼区", "COUNTY", Some("350100"), "Gulou District"),
    ];
    let line = |(code, name, kind, parent, english): &(&str, &str, &str, Option<&str>, &str)| {
        json!({ "type": "district", "code": code, "name": name, "kind": kind, "parent": parent, "englishName": english }).to_string()
    };
    registry.import(&districts.iter().map(line).collect::<Vec<_>>().join("\n")).await;
    for (typed, expected) in [
        ("北京朝阳", &["110105"][..]),
        ("北京市朝阳区", &["110105"]),
        ("朝阳区，北京市", &["110105"]),
        ("Chaoyang District, Beijing", &["110105"]),
        ("福建鼓楼区", &["350102"]),
        ("福建 鼓楼", &["350102"]),
        ("福州鼓楼", &["350102"]),
        ("福建省福州市鼓楼区", &["350102"]),
        ("江苏鼓楼", &["320106", "320302"]),
        ("江苏省 徐州市 鼓楼区", &["320302"]),
        ("江苏省 朝阳区", &[]),
        ("朝阳区", &["110105", "220104"]),
    ] {
        let answer = registry
            .ask(&format!(r#"{{ districts(search: "{typed}") {{ didYouMean edges {{ node {{ code }} }} }} suggest(text: "{typed}") {{ district {{ code }} }} }}"#))
            .await;
        let codes = |list: &Value, path: &str| -> Vec<String> {
            list.as_array()
                .expect("a list")
                .iter()
                .filter_map(|entry| entry.pointer(path)?.as_str().map(str::to_owned))
                .collect()
        };
        assert_eq!(codes(&answer["districts"]["edges"], "/node/code"), expected, "{typed}");
        assert_eq!(codes(&answer["suggest"], "/district/code"), expected, "{typed}");
        if !expected.is_empty() {
            assert_eq!(answer["districts"]["didYouMean"], json!([]), "{typed}");
        }
    }
}
