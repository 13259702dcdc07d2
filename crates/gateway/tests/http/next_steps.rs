//! What a visitor does next: buttons beside a yes, open windows, forms, print, workbooks, advice that a citizen can
//! follow, feedback, pages for documents that are not there.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::Role;
use persistence::{Mode, import};
use registry::clock;

use crate::TestServer;

const MORE: &str = r#"
{"type":"offering","district":"310112","matter":"LGA000000001","visits":1,"promisedDays":20,"dayKind":"WORKING_DAY","consultPhone":"021-12345","complaintPhone":"021-12346","forms":[{"name":"申领登记表","url":"https://forms.example/a.docx"},{"name":"申领登记表样表","url":"https://forms.example/b.pdf","sample":true}],"questions":[{"question":"可以代领吗？","answer":"可以，带双方证件。"}],"resultSample":"https://forms.example/c.png","materials":[{"name":"居民户口簿","necessity":"REQUIRED"}]}
{"type":"window","district":"440115","name":"开放窗口","address":"凤凰大道1号一楼","phone":"020-99990000","appointmentUrl":"https://yuyue.example/ns","transport":"地铁4号线","opening":[{"days":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY"],"from":"09:00","to":"12:00"},{"days":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY"],"from":"13:30","to":"17:00"}],"closedDates":["2026-10-09"]}
"#;

/// A server with an office that is easy to reach.
async fn server() -> TestServer {
    let server = TestServer::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("more.ndjson");
    std::fs::write(&file, MORE.trim()).expect("it is written");
    let report = import(&server.store, &[file], Mode::Write, clock::now(), &|_| {}).await.expect("it imports");
    assert_eq!(report.faults, []);
    server.app.wait_for_revision(report.revision, Duration::from_secs(10)).await.expect("it is applied");
    server
}

const ANSWER: &str = "/matter/LGA000000001?receiving=440115&competent=310112&lang=zh";

async fn shows(server: &TestServer, address: &str, texts: &[&str]) -> String {
    let page = server.get(address).await;
    assert!(page.status.is_success(), "{address}: {}", page.status);
    for text in texts {
        assert!(page.text.contains(text), "{address}: {text} is missing");
    }
    page.text
}

#[tokio::test]
async fn a_yes_says_what_to_do_next() {
    let server = server().await;
    let told = [
        "https://yuyue.example/ns",
        "打电话 020-99990000（开放窗口）",
        "周一至周五 09:00–12:00、13:30–17:00",
        "节假日以窗口公告为准",
        "https://forms.example/b.pdf",
        "样表",
        "监督投诉",
        "可以代领吗？",
        "不少于",
        "<svg class=\"qr\"",
        "打印日期",
    ];
    let page = shows(&server, ANSWER, &told).await;
    // Codes for machines are folded.
    let (before, _) = page.split_once("供系统对接").expect("they are there");
    assert!(!before.ends_with("<code>"));
    // A Wednesday, a Saturday, and a day on which the window is closed.
    for (day, told) in
        [("2026-10-14", "当日开放 09:00–12:00、13:30–17:00"), ("2026-10-17", "当日休息"), ("2026-10-09", "当日休息")]
    {
        shows(&server, &format!("{ANSWER}&on={day}"), &[told]).await;
        shows(&server, &format!("/district/440115?lang=zh&on={day}"), &[told, "020-99990000"]).await;
    }
}

#[tokio::test]
async fn announced_holidays_are_respected() {
    let server = server().await;
    let calendar = "2026-10-14 休\n2026-10-17 班\n".parse().expect("a calendar");
    let app = gateway::app::App::load(server.store.clone()).await.expect("it loads");
    app.configure(gateway::app::Settings { calendar: std::sync::Arc::new(calendar), ..Default::default() });
    let router = gateway::http::router(app.clone(), gateway::http::settings::Settings::default());
    let server = TestServer { router, app, ..server };
    let holiday = shows(&server, &format!("{ANSWER}&on=2026-10-14"), &["当日休息"]).await;
    assert!(!holiday.contains("节假日以窗口公告为准"), "the holidays of the year are known");
    shows(&server, &format!("{ANSWER}&on=2026-10-17"), &["当日开放"]).await;
}

#[tokio::test]
async fn a_no_tells_a_citizen_what_to_do() {
    let server = server().await;
    let page = server.get("/matter/LGA000000001?receiving=310112&competent=440115&lang=zh").await.text;
    assert!(page.contains("不能办") && !page.contains("修订清单") && !page.contains("登记人员"), "{page}");
    let code = page.find("ONLY_OTHER_DIRECTION").expect("a code");
    assert!(page[..code].rfind("<details") > page[..code].rfind("</details>"), "the code is folded");
}

#[tokio::test]
async fn a_district_leads_to_the_agreements_below_it() {
    let server = server().await;
    for above in ["440000", "440100"] {
        shows(&server, &format!("/network?of={above}&lang=zh"), &["下辖区域的协议", "of=440115"]).await;
    }
}

#[tokio::test]
async fn a_document_that_is_not_there_has_a_page() {
    let server = server().await;
    let page = server.get_as("/documents/doc_ffff", "text/html,*/*;q=0.8").await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::NOT_FOUND, "text/html; charset=utf-8"));
    assert!(page.text.contains("没有这个文件"));
    let json = server.get_as("/documents/doc_ffff", "application/json").await;
    assert_eq!((json.status, json.code().as_str()), (StatusCode::NOT_FOUND, "NOT_FOUND"));
}

async fn send(server: &TestServer, form: &str, headers: &[(&str, &str)]) -> crate::TestResponse {
    let mut request =
        Request::post("/feedback?lang=zh").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request.body(Body::from(form.to_owned())).expect("a request")).await
}

#[tokio::test]
async fn feedback_is_taken_by_a_form_without_script() {
    let server = server().await;
    let page = server.get(ANSWER).await.text;
    let link = page.split("/feedback?").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    let link = link.split("of=").nth(1).and_then(|rest| rest.split('&').next()).expect("a record");
    assert!(link.starts_with("off_"), "{link}");
    shows(&server, &format!("/feedback?of={link}&lang=zh"), &["闵行区", "哪里有误", "method=\"post\""]).await;
    // Wrong: the form comes back with what was typed.
    let refused = send(&server, &format!("of={link}&text=11010519491231002X&phone=1"), &[]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    for told in ["内容中有身份证号码", "href=\"#text\"", "href=\"#phone\"", ">11010519491231002X</textarea>"] {
        assert!(refused.text.contains(told), "{told}");
    }
    // Another site sends nothing.
    let right = format!("of={link}&text=%E6%97%B6%E9%99%90%E6%9C%89%E8%AF%AF&phone=");
    for foreign in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")] {
        assert_eq!(send(&server, &right, &[foreign]).await.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    let sent = send(&server, &right, &[("sec-fetch-site", "same-origin")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let case = sent.header("location").to_owned();
    assert!(case.starts_with("/feedback?"), "{case}");
    shows(&server, &case, &["待答复", "时限有误", "JC"]).await;
    assert_eq!(send(&server, &right, &[]).await.header("location"), case, "sent twice it is one case");
    assert_eq!(server.get("/feedback?case=JC000000-AAAAAAAAAA").await.status, StatusCode::NOT_FOUND);
    // The district answers.
    server.key_for("tb_minhang", Role::Registrar, Some("310112"), None).await;
    let key = [("authorization", "Bearer tb_minhang")];
    let listed = server.ask(&key, "{ feedback { edges { node { id } } } }").await.json();
    let id = listed["data"]["feedback"]["edges"][0]["node"]["id"].as_str().expect("an id").to_owned();
    let answer =
        format!(r#"mutation {{ answerFeedback(input: {{ id: "{id}", reply: "已更正" }}) {{ problems {{ rule }} }} }}"#);
    let answered = server.ask(&key, &answer).await.json();
    assert_eq!(answered["data"]["answerFeedback"]["problems"], serde_json::json!([]), "{answered}");
    shows(&server, &case, &["已答复", "已更正"]).await;
}
