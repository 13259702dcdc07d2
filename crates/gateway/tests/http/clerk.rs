//! The clerk's test: an office brings an agreement from nothing to a proposal in the console, with a list as offices
//! have them, and without a script.

use std::path::Path;

use axum::http::{StatusCode, header};
use domain::Role;
use serde_json::{Value, json};

use crate::TestServer;
use crate::browser::{Browser, Form, main_of};

fn clerks(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../exchange/tests/data");
    std::fs::read(folder.join(name)).expect("a file of the tests")
}

async fn server_with_clerk() -> TestServer {
    let server = TestServer::demo().await;
    server.key_for("tb_clerk", Role::Registrar, Some("440115"), None).await;
    server
}

/// What the API says of the newest version.
async fn version(server: &TestServer, number: &str) -> Value {
    let query = format!(
        r#"{{ agreement(number: "{number}") {{ latest {{ state title noticeDays runOut lead {{ code }} proposal {{ answerBy }}
            parties(first: 9) {{ edges {{ node {{ district {{ code }} extent bodies {{ name domains }} }} }} }}
            schedule(first: 99) {{ edges {{ node {{ key mode receiving {{ edges {{ node {{ code }} }} }}
                matters {{ totalCount }} terms {{ ... on ProxyCollectionTerms {{ transferDays transferChannel }} }} }} }} }} }} }} }}"#
    );
    let answer = server.ask(&[("authorization", "Bearer tb_clerk")], &query).await.json();
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"]["agreement"]["latest"].clone()
}

fn cells(version: &Value) -> u64 {
    let clauses = version["schedule"]["edges"].as_array().expect("clauses").iter();
    let of = |clause: &Value| {
        let node = &clause["node"];
        let sides = node["receiving"]["edges"].as_array().map_or(1, Vec::len).max(1) as u64;
        node["matters"]["totalCount"].as_u64().expect("a count") * sides
    };
    clauses.map(of).sum()
}

fn number_in(address: &str) -> String {
    address
        .split('/')
        .find(|part| part.starts_with("TB-"))
        .expect("a number")
        .split('?')
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Begins a draft, and gives its number with the page after it.
async fn begun(clerk: &Browser<'_>, how: &str, parties: &str) -> (String, crate::TestResponse) {
    let page = clerk.get(&format!("/console/agreements/new?how={how}")).await;
    let form = Form::of(&page, "name=\"parties\"");
    assert_eq!(form.get("parties"), "广东省 广州市 南沙区（440115）\n", "the clerk's own district stands there");
    let form = form.with("title", "南沙区、昆山市“跨域通办”合作协议").with("parties", parties);
    let answer = clerk.submit(form).await;
    let number = number_in(answer.header(header::LOCATION));
    (number, clerk.follow(answer).await)
}

#[tokio::test]
async fn a_list_of_sixty_matters_is_proposed_to_the_partner() {
    for file in ["20-clerk.xlsx", "20-clerk-gbk.csv"] {
        let server = server_with_clerk().await;
        let clerk = Browser::sign_in(&server, "tb_clerk").await;
        let question = clerk.get("/console/agreements/new").await;
        assert_eq!(question.status, StatusCode::OK);
        assert!(question.text.contains("value=\"sheet\""));
        let (number, upload) = begun(&clerk, "sheet", "南沙区\n昆山").await;

        // The file is read; nothing is written.
        let form = Form::of(&upload, "type=\"file\"").with_file("file", file, clerks(file));
        let read = clerk.submit(form).await;
        assert_eq!(read.status, StatusCode::OK, "{}", main_of(&read.text));
        for told in [
            "<strong>60</strong> 可用",
            "<strong>1</strong> 待确认",
            "<strong>1</strong> 没有找到事项",
            "居民身份证办理",
            "火星居留许可",
        ] {
            assert!(read.text.contains(told), "{told}: {}", main_of(&read.text));
        }
        assert_eq!(cells(&version(&server, &number).await), 0);

        // What the clerk chooses contradicts another row: the page says so, and it is chosen again.
        let form = Form::of(&read, "写入清单");
        let (text, other) = if form.get("text.0") == "居民身份证办理" { ("0", "1") } else { ("1", "0") };
        let field = format!("choice.{text}");
        let candidate = read.text.split(&format!("name=\"{field}\" value=\"")).nth(1).expect("a choice");
        let candidate = candidate.split('"').next().expect("a code");
        let form = form.with(&field, candidate).with(&format!("choice.{other}"), "skip").with("do", "write");
        let refused = clerk.submit(form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        for told in ["2 行有错误", "是同一事项、方向和方式", "已经确定的"] {
            assert!(refused.text.contains(told), "{told}: {}", main_of(&refused.text));
        }
        let again = Form::of(&refused, "写入清单").with("again", "居民身份证办理").with("do", "read");
        let again = clerk.submit(again).await;
        assert_eq!(again.status, StatusCode::OK, "{}", main_of(&again.text));
        // One row is forgotten: nothing is written, and the file has survived.
        let refused = clerk.submit(Form::of(&again, "写入清单").with("do", "write")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.text.contains("1 行待确认") && !refused.text.contains("LEAVE_OUT"),
            "{}",
            main_of(&refused.text)
        );
        let skipped = Form::of(&refused, "写入清单").with("choice.0", "skip").with("do", "write");
        let schedule = clerk.follow(clerk.submit(skipped).await).await;
        assert!(schedule.text.contains("清单已写入草稿"), "{}", main_of(&schedule.text));
        assert!(schedule.text.len() < 50_000, "{} bytes", schedule.text.len());
        assert_eq!(clerk.download(&format!("/agreements/{number}/versions/1/schedule.xlsx")).await.0, StatusCode::OK);

        // It is read once more and proposed.
        let check = clerk.get(&format!("/console/agreements/{number}/draft/check")).await;
        assert!(check.text.contains("首份文本") && check.text.contains("数据问题"), "{}", main_of(&check.text));
        assert!(check.text.len() < 60_000, "{} bytes", check.text.len());
        let sent = clerk.submit(Form::of(&check, "发送签约方</button>")).await;
        assert_eq!(
            sent.header(header::LOCATION),
            format!("/console/agreements/{number}?done=proposed"),
            "{}",
            main_of(&sent.text)
        );
        let proposed = version(&server, &number).await;
        assert_eq!(proposed["state"], "PROPOSED");
        let gone = clerk.get(&format!("/console/agreements/{number}/draft/check")).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        let list = clerk.get("/console/agreements?stage=answer").await;
        assert!(list.text.contains(&number) && list.text.contains("轮到我方"), "{}", main_of(&list.text));
    }
}

#[tokio::test]
async fn names_that_are_not_plain_are_asked_back() {
    let server = server_with_clerk().await;
    let clerk = Browser::sign_in(&server, "tb_clerk").await;
    let page = clerk.get("/console/agreements/new?how=draft").await;
    let form = Form::of(&page, "name=\"parties\"").with("title", "协议").with("parties", "南沙区、朝阳区\n火星市");
    let asked = clerk.submit(form).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "“朝阳区”不止一处",
        "“火星市”没有找到",
        "name=\"meant.朝阳区\" value=\"110105\"",
        "广东省 广州市 南沙区（440115）",
    ] {
        assert!(asked.text.contains(told), "{told}: {}", main_of(&asked.text));
    }
    let form = Form::of(&asked, "name=\"parties\"");
    assert_eq!(form.get("title"), "协议");
    let parties = form.get("parties").replace("\n火星市", "");
    let answer = clerk.submit(form.with("parties", &parties).with("meant.朝阳区", "110105")).await;
    let number = number_in(answer.header(header::LOCATION));
    let parties = version(&server, &number).await["parties"]["edges"].clone();
    assert_eq!(parties[1]["node"]["district"]["code"], "110105");
    // Another district cannot be drafted for.
    let page = clerk.get("/console/agreements/new?how=draft").await;
    let form = Form::of(&page, "name=\"parties\"").with("title", "协议").with("parties", "昆山\n上海 闵行");
    let refused = clerk.submit(form).await;
    assert!(refused.text.contains("签约方中没有您所在的区域"), "{}", main_of(&refused.text));
}

#[tokio::test]
async fn parties_terms_and_cells_are_edited_without_losing_the_rest() {
    let server = server_with_clerk().await;
    let clerk = Browser::sign_in(&server, "tb_clerk").await;
    let (number, terms) = begun(&clerk, "draft", "南沙区\n昆山").await;
    assert!(terms.text.contains("草稿已保存") && terms.text.contains("保存于"), "{}", main_of(&terms.text));

    let at = |page: &str| format!("/console/agreements/{number}/draft/{page}");
    let stale = Form::of(&terms, "name=\"noticeDays\"").with("noticeDays", "45");
    let form = Form::of(&terms, "name=\"noticeDays\"")
        .with("noticeDays", "x")
        .with("effectiveFrom", "2030-01-01")
        .with("effectiveTo", "2029-01-01");
    let refused = clerk.submit(form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in ["href=\"#noticeDays\"", "id=\"noticeDays-trouble\"", "href=\"#effectiveTo\"", "value=\"x\""] {
        assert!(refused.text.contains(told), "{told}: {}", main_of(&refused.text));
    }
    let form = Form::of(&refused, "name=\"noticeDays\"")
        .with("noticeDays", "60")
        .with("effectiveTo", "2031-12-31")
        .with("runOut", "原件退回");
    let schedule = clerk.follow(clerk.submit(form).await).await;

    // Lines from a spreadsheet become cells.
    let lines = "居民身份证换领\t代收代办\n失业登记|网上办理|昆山|南沙";
    let pasted = clerk.submit(Form::of(&schedule, "name=\"lines\"").with("lines", lines).with("do", "paste")).await;
    let schedule = clerk.follow(pasted).await;
    let form = Form::of(&schedule, "data-sheet");
    let cell = |column: usize, name: &str| {
        let row = schedule.text.split("<tr>").find(|row| row.contains(name)).expect("a row");
        let field = row.split("<select ").nth(column + 1).expect("a cell");
        field.split("name=\"").nth(1).expect("a name").split('"').next().expect("a name").to_owned()
    };
    assert_eq!(form.get(&cell(0, "居民身份证换领")), "PROXY_COLLECTION");
    assert_eq!(form.get(&cell(1, "居民身份证换领")), "PROXY_COLLECTION");
    assert_eq!((form.get(&cell(0, "失业登记")), form.get(&cell(1, "失业登记"))), ("", "FULL_ONLINE"));
    let form = form.with(&cell(0, "居民身份证换领"), "FULL_ONLINE").with("do", "stay");
    let schedule = clerk.follow(clerk.submit(form).await).await;
    assert!(schedule.text.contains("已保存"));

    // Matters are found by words.
    let found = clerk.get(&format!("{}?find=%E6%8A%A4%E7%85%A7", at("schedule"))).await;
    let form = Form::of(&found, "name=\"pick\"");
    let code = found
        .text
        .split("name=\"pick\" value=\"")
        .nth(1)
        .expect("a matter")
        .split('"')
        .next()
        .expect("a code")
        .to_owned();
    let form = form.with("pick", &code).with("pick-mode", "PROXY_COLLECTION").with("pick-way", "1").with("do", "pick");
    clerk.follow(clerk.submit(form).await).await;

    // The terms of a mode.
    let terms = clerk.get(&at("terms")).await;
    let form = Form::of(&terms, "name=\"noticeDays\"");
    assert_eq!((form.get("noticeDays"), form.get("runOut")), ("60", "原件退回"));
    let days = form
        .fields
        .iter()
        .find(|(name, _)| name.ends_with(".transferDays"))
        .expect("the days of proxy collection")
        .0
        .clone();
    let form = form.with(&days, "2").with(&days.replace("Days", "Channel"), "邮政快递");
    clerk.follow(clerk.submit(form).await).await;

    let parties = clerk.get(&at("parties")).await;
    let form = Form::of(&parties, "name=\"lead\"")
        .with("bodies.440115", "南沙区政务服务数据管理局 | | 公安、民政")
        .with("extent.320583", "SUBTREE")
        .with("lead", "320583");
    clerk.follow(clerk.submit(form).await).await;

    let now = version(&server, &number).await;
    assert_eq!(
        (&now["noticeDays"], &now["runOut"], &now["lead"]["code"]),
        (&json!(60), &json!("原件退回"), &json!("320583"))
    );
    let party = &now["parties"]["edges"][0]["node"]["bodies"][0];
    assert_eq!(*party, json!({ "name": "南沙区政务服务数据管理局", "domains": ["PUBLIC_SECURITY", "CIVIL_AFFAIRS"] }));
    assert_eq!(now["parties"]["edges"][1]["node"]["extent"], "SUBTREE");
    let proxy: Vec<&Value> = now["schedule"]["edges"]
        .as_array()
        .expect("clauses")
        .iter()
        .filter(|clause| clause["node"]["mode"] == "PROXY_COLLECTION")
        .collect();
    assert!(
        proxy
            .iter()
            .all(|clause| clause["node"]["terms"] == json!({ "transferDays": 2, "transferChannel": "邮政快递" })),
        "{proxy:?}"
    );

    // A form that was opened before the change is refused, and keeps what was typed.
    let told = clerk.submit(stale).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("他人修改了这份草稿") && told.text.contains("value=\"45\""), "{}", main_of(&told.text));
    clerk.follow(clerk.submit(Form::of(&told, "name=\"noticeDays\"")).await).await;
    assert_eq!(version(&server, &number).await["noticeDays"], json!(45));

    // A draft is discarded with a confirmation.
    let check = clerk.get(&at("check")).await;
    let discard = Form::of(&check, "value=\"discard\"").with("do", "discard");
    let refused = clerk.submit(discard.clone()).await;
    assert!(refused.text.contains("请勾选确认"), "{}", main_of(&refused.text));
    let gone = clerk.follow(clerk.submit(discard.with("confirmed", "1")).await).await;
    assert!(gone.text.contains("草稿已删除"));
    let query = format!(r#"{{ agreement(number: "{number}") {{ number }} }}"#);
    let answer = server.ask(&[("authorization", "Bearer tb_clerk")], &query).await.json();
    assert!(answer["data"]["agreement"].is_null());
}

#[tokio::test]
async fn an_agreement_is_copied_for_another_partner() {
    let server = server_with_clerk().await;
    let clerk = Browser::sign_in(&server, "tb_clerk").await;
    let choose = clerk.get("/console/agreements/new?how=copy").await;
    assert!(choose.text.contains("TB-2021-000001"), "{}", main_of(&choose.text));
    let page = clerk.get("/console/agreements/new?how=copy&from=TB-2021-000001").await;
    let form = Form::of(&page, "name=\"parties\"");
    let parties = form
        .get("parties")
        .lines()
        .map(|line| if line.contains("310112") { "昆山" } else { line })
        .collect::<Vec<_>>()
        .join("\n");
    let answer = clerk.submit(form.with("title", "南沙—昆山协议").with("parties", &parties)).await;
    let number = number_in(answer.header(header::LOCATION));
    let (copy, original) = (version(&server, &number).await, version(&server, "TB-2021-000001").await);
    assert_eq!((&copy["state"], &copy["title"]), (&json!("DRAFT"), &json!("南沙—昆山协议")));
    assert_eq!(cells(&copy), cells(&original));
}

#[tokio::test]
async fn a_paper_agreement_is_recorded_with_its_list_and_scan() {
    let server = server_with_clerk().await;
    let clerk = Browser::sign_in(&server, "tb_clerk").await;
    let page = clerk.get("/console/agreements/new?how=paper").await;
    let form = Form::of(&page, "name=\"signedOn\"")
        .with("title", "纸质协议")
        .with("signedOn", "2025-01-10")
        .with("parties", "南沙区\n昆山")
        .with("lines", "居民身份证换领\t代收代办\n火星居留许可\t代收代办");
    let asked = clerk.submit(form.with_file("scan", "协议.pdf", b"%PDF-1.7".to_vec())).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(asked.text.contains("火星居留许可"), "{}", main_of(&asked.text));
    let form = Form::of(&asked, "name=\"signedOn\"").with("leaveOut", "1");
    let answer = clerk.submit(form.with_file("scan", "协议.pdf", b"%PDF-1.7".to_vec())).await;
    assert!(answer.header(header::LOCATION).ends_with("?done=recorded"), "{}", main_of(&answer.text));
    let number = number_in(answer.header(header::LOCATION));
    assert_eq!(cells(&version(&server, &number).await), 2);
    let query = format!(r#"{{ agreement(number: "{number}") {{ documents {{ url }} }} }}"#);
    let documents = server.ask(&[("authorization", "Bearer tb_clerk")], &query).await.json();
    let url = documents["data"]["agreement"]["documents"][0]["url"].as_str().expect("an address");
    let path = format!("/documents/{}", url.rsplit('/').next().expect("an id"));
    assert_eq!(clerk.download(&path).await, (StatusCode::OK, 8));
    assert_eq!(server.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_registrars_draft_and_others_are_told_why() {
    let server = TestServer::demo().await;
    server.key_for("tb_signatory", Role::Signatory, Some("440115"), None).await;
    let signatory = Browser::sign_in(&server, "tb_signatory").await;
    let page = signatory.get("/console/agreements/new").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("只有经办人可以起草"));
    let list = signatory.get("/console/agreements").await;
    assert!(list.text.contains("TB-2021-000001") && !list.text.contains("起草或补录协议"), "{}", main_of(&list.text));
}
