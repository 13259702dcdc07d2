//! Pages of records with a history: versions, stops, notices, ends, policies, and districts that are gone.

use std::path::Path;
use std::time::Duration;

use persistence::{Mode, import};
use registry::clock;

use crate::TestServer;

/// A server with agreements that have a history.
pub(crate) async fn server() -> TestServer {
    let server = TestServer::new().await;
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http/portal_life.ndjson");
    let report = import(&server.store, &[records], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.app.wait_for_revision(report.revision, Duration::from_secs(10)).await.expect("it is applied");
    server
}

async fn shows(server: &TestServer, address: &str, texts: &[&str]) {
    let page = server.get(address).await;
    assert!(page.status.is_success(), "{address}: {}", page.status);
    for text in texts {
        assert!(page.text.contains(text), "{address}: {text} is missing");
    }
}

/// The number of the agreement with this title.
async fn number(server: &TestServer, title: &str) -> String {
    let page = server.get("/agreements?lang=zh").await.text;
    let before = page.split(title).next().expect("a text");
    let number = before.rsplit("/agreement/").next().and_then(|rest| rest.split(['"', '?']).next());
    number.expect("a link").to_owned()
}

#[tokio::test]
async fn an_agreement_shows_its_stops_versions_and_history() {
    let server = server().await;
    let number = number(&server, "三地通办联盟协议（修订）").await;
    let address = format!("/agreement/{number}?lang=zh");
    shows(&server, &address, &["生效中", "暂停，自 2026-01-05 起；预计 2099-12-31 后恢复", "窗口搬迁"]).await;
    shows(&server, &address, &["已通知退出，最后一日 2098-12-31", "牵头方"]).await;
    // Three parties: the directions are as the clauses say.
    shows(&server, &address, &["在任一方办其他各方的业务", "https://two.example/apply"]).await;
    shows(&server, &address, &["第 2 版", "与第 1 版的差别", "增加 1 个事项", "新增", "version=1"]).await;
    shows(&server, &address, &["第 1 版在纸质文件上签署", "第 2 版生效"]).await;
    shows(&server, &format!("/agreement/{number}?version=1&lang=zh"), &["三地通办联盟协议", "version=2"]).await;
    shows(&server, &format!("/agreement/{number}?lang=en"), &["is stopped since 2026-01-05", "Changes from version 1"])
        .await;
}

#[tokio::test]
async fn an_ended_agreement_says_so() {
    let server = server().await;
    let number = number(&server, "已到期的协议").await;
    shows(&server, &format!("/agreement/{number}?lang=zh"), &["已到期", "有效期到 2020-05-31 为止", "还没有列出事项"])
        .await;
    // On a day before its end it was in force.
    shows(&server, &format!("/agreement/{number}?lang=zh&on=2020-01-01"), &["生效中", "2020-05-31 截止"]).await;
    shows(&server, "/agreements?standing=EXPIRED&lang=zh", &["已到期的协议"]).await;
}

#[tokio::test]
async fn stops_are_told_above_the_list_and_in_the_notices() {
    let server = server().await;
    shows(
        &server,
        "/?receiving=440115&competent=310112&lang=zh",
        &["三地通办联盟协议（修订）", "预计 2099-12-31 后恢复"],
    )
    .await;
    shows(&server, "/notices?lang=zh", &["闵行区暂停：窗口搬迁", "徐汇区退出", "已到期", "撤销，由徐汇区承接"]).await;
    shows(&server, "/notices.atom?lang=zh", &["闵行区暂停：窗口搬迁；预计 2099-12-31 后恢复"]).await;
    shows(&server, "/?lang=zh", &["近期公告", "常办事项"]).await;
}

#[tokio::test]
async fn a_policy_lists_its_clauses_and_matters() {
    let server = server().await;
    let page = server.get("/policies?lang=zh").await.text;
    let id = page.split("/policy/").nth(1).and_then(|rest| rest.split(['"', '?']).next()).expect("a link");
    shows(
        &server,
        &format!("/policy/{id}?lang=zh"),
        &["国办发〔2020〕35号", "第一批（58项）", "跨省", "异地就医&lt;备案&gt;"],
    )
    .await;
    shows(&server, &format!("/policy/{id}?clause=2020&lang=zh"), &["第 1 条", "/matter/LYB000000001"]).await;
    shows(&server, &format!("/policy/{id}?lang=en"), &["Across provinces", "Issued by"]).await;
    shows(&server, "/matter/LYB000000001?lang=zh", &["业务属地公布办事指南后，外地即可办理"]).await;
}

#[tokio::test]
async fn a_district_that_is_gone_names_its_successor() {
    let server = server().await;
    shows(&server, "/district/310119?lang=zh", &["自 2009-08-01 起撤销", "由以下区域承接", "/district/310104"]).await;
    let page = server.get("/districts?lang=zh").await.text;
    assert!(page.contains("/district/310104") && !page.contains("/district/310119"), "the tree has what exists");
}
