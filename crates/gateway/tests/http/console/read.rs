//! What pages of the console show, and to whom; and the documents of an agreement.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use domain::Role;

use super::{Browser, PAPER, between, draft, has, problems};
use crate::TestServer;
use crate::portal_life::server as server_with_history;

#[tokio::test]
async fn pages_show_nothing_that_their_caller_may_not_see() {
    let server = TestServer::new().await;
    server.key_for("tb_drafting", Role::Registrar, Some("440115"), None).await;
    let number = draft(&server, "tb_drafting").await;
    let revision = server.app.request_context(registry::viewer::Viewer::default()).snapshot.revision();
    let nansha = Browser::new(&server, "tb_nansha", Role::Registrar, Some("440115")).await;
    let minhang = Browser::new(&server, "tb_minhang", Role::Registrar, Some("310112")).await;
    let path = format!("/console/agreements/{number}");
    has(&nansha.page(&path).await, &["南沙、闵行补充协议", "未公开", "起草中"]);
    has(&nansha.page(&format!("/console/journal?entry={revision}")).await, &["起草", "南沙、闵行补充协议"]);
    let pages = [
        "",
        "/suspend",
        "/notice",
        "/confirm",
        "/accession",
        "/renewal",
        "/versions/1",
        "/versions/1/sign",
        "/versions/1/diff",
        "/versions/1/withdraw",
        "/versions/1/receipt",
    ];
    for page in pages {
        let missing = minhang.get(&format!("{path}{page}")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND, "{page}");
        assert!(!missing.text.contains("南沙、闵行补充协议"), "{page}");
    }
    let hidden = minhang.get(&format!("/console/journal?entry={revision}&lang=zh")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    for page in ["/console", "/console/tasks", "/console/findings", "/console/journal"] {
        assert!(!minhang.page(page).await.contains("南沙、闵行补充协议"), "{page}");
    }
    // Another version of an agreement that the caller sees does not exist either.
    assert_eq!(minhang.get(&format!("/console/agreements/{PAPER}/versions/7")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_document_is_attached_and_read_by_the_parties() {
    let server = TestServer::new().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Registrar, Some("440115")).await;
    let stranger = Browser::new(&server, "tb_gulou", Role::Registrar, Some("320106")).await;
    let path = format!("/console/agreements/{PAPER}");
    let upload = async |content: &str| {
        let part =
            |head: &str, body: &str| format!("--xyz\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
        let body = [
            part("name=\"csrf\"", &nansha.csrf),
            part("name=\"act\"", "attach"),
            part("name=\"party\"", "440115"),
            part("name=\"content\"; filename=\"扫描件.pdf\"", content),
            "--xyz--\r\n".to_owned(),
        ];
        let request = Request::post(format!("{path}?lang=zh"))
            .header(header::COOKIE, &nansha.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz")
            .body(Body::from(body.concat()));
        server.send(request.expect("a request")).await
    };
    has(&upload("<html>").await.text, &["无法识别文件内容"]);
    let attached = upload("%PDF-1.7 scan").await;
    assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", problems(&attached.text));
    let page = nansha.page(&path).await;
    has(&page, &["扫描件.pdf", "仅签约方可见"]);
    let address = format!("{path}/documents/{}", between(&page, &format!("{path}/documents/"), "?"));
    let content = nansha.get(&address).await;
    assert_eq!((content.status, content.text.as_str()), (StatusCode::OK, "%PDF-1.7 scan"));
    assert!(content.header("content-disposition").starts_with("attachment"));
    assert_eq!(stranger.get(&address).await.status, StatusCode::NOT_FOUND);
    has(&stranger.page(&path).await, &["不能添加文件的原因", "不是签约方"]);
}

#[tokio::test]
async fn versions_are_compared_by_clause_and_by_matter() {
    let server = server_with_history().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Registrar, Some("440115")).await;
    let list = server.get("/agreements?lang=zh").await.text;
    let number = list.split("三地通办联盟协议（修订）").next().and_then(|before| before.rsplit("/agreement/").next());
    let number = number.and_then(|rest| rest.split(['"', '?']).next()).expect("a link").to_owned();
    let path = format!("/console/agreements/{number}/versions/2");
    has(&nansha.page(&path).await, &["全文", "与第 1 版相比", "逐项查看差别"]);
    has(
        &nansha.page(&format!("{path}/diff")).await,
        &["三地通办联盟协议（修订）", "原来", "现在", "异地就医&lt;备案&gt;", "新增"],
    );
    has(&nansha.page(&format!("{path}/diff?by=matter")).await, &["有变化的事项", "条款 one"]);
    has(&nansha.page(&format!("{path}/diff?from=1")).await, &["第 2 版与第 1 版的差别"]);
}

#[tokio::test]
async fn every_page_answers_in_both_languages_and_is_short() {
    let server = server_with_history().await;
    let steward = Browser::new(&server, "tb_steward", Role::Steward, None).await;
    let signatory = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let path = format!("/console/agreements/{PAPER}");
    let pages = [
        "/console".to_owned(),
        "/console/tasks".to_owned(),
        "/console/findings".to_owned(),
        "/console/findings?district=all&severity=WARNING".to_owned(),
        "/console/journal".to_owned(),
        "/console/journal?kind=AGREEMENT&day=2098-01-01".to_owned(),
        "/console/journal?entry=1".to_owned(),
        "/console/settings".to_owned(),
        path.clone(),
        format!("{path}/suspend"),
        format!("{path}/notice"),
        format!("{path}/confirm"),
        format!("{path}/accession"),
        format!("{path}/renewal"),
        format!("{path}/versions/1"),
        format!("{path}/versions/1/sign"),
        format!("{path}/versions/1/diff"),
        format!("{path}/versions/1/withdraw"),
    ];
    for browser in [&steward, &signatory] {
        for page in &pages {
            for language in ["zh", "en"] {
                let address = format!("{page}{}lang={language}", if page.contains('?') { '&' } else { '?' });
                let answer = browser.get(&address).await;
                assert_eq!(answer.status, StatusCode::OK, "{address}");
                assert!(answer.text.len() < 50_000, "{address} has {} bytes", answer.text.len());
                assert_eq!(answer.header("cache-control"), "no-store", "{address}");
            }
        }
    }
    has(&steward.page("/console/status").await, &["正常", "纪元", "sha-256:", "SQLite"]);
    assert_eq!(signatory.get("/console/status").await.status, StatusCode::FORBIDDEN);
    // Before the first day of the journal there is nothing.
    has(&steward.page("/console/journal?day=2001-01-01").await, &["没有这样的记录"]);
    let elder = steward.get("/console/settings?view=elder").await;
    assert_eq!((elder.status, elder.header("location")), (StatusCode::SEE_OTHER, "/console/settings"));
}
