//! Pages of stewards: stops with their preview, and the catalogue.

use axum::http::StatusCode;
use domain::Role;

use super::{Browser, PAPER, between, has, problems};
use crate::TestServer;

const ANSWER: &str = "/matter/LGA000000001?receiving=440115&competent=310112&lang=zh";

#[tokio::test]
async fn a_stop_is_previewed_confirmed_and_ended() {
    let server = TestServer::new().await;
    let steward = Browser::new(&server, "tb_steward", Role::Steward, None).await;
    let clerk = Browser::new(&server, "tb_clerk", Role::Registrar, Some("440115")).await;
    let stops = "/console/stops";
    assert_eq!(clerk.get(stops).await.status, StatusCode::FORBIDDEN);
    has(&steward.page(stops).await, &["新的停用", "没有停用或暂停", "停用", "目录"]);
    let before = server.get(ANSWER).await.text;
    assert!(before.contains("可以办"), "{before}");

    // Problems stand at the fields of the scope, and nothing is lost.
    let form = |matters| {
        [
            ("numbers", PAPER),
            ("matters", matters),
            ("receiving", "广州市南沙区"),
            ("reason", "省级系统故障"),
            ("publicText", "系统故障，正在修复"),
        ]
    };
    let act = |act, matters| [&[("act", act)][..], &form(matters)].concat();
    let unknown = steward.post(stops, &act("preview", "没有的事项")).await;
    has(problems(&unknown.text), &["href=\"#matters\""]);
    has(&unknown.text, &["系统故障，正在修复"]);

    let preview = steward.post(stops, &act("preview", "居民身份证换领")).await;
    assert_eq!(preview.status, StatusCode::OK);
    has(&preview.text, &["停用前的预览", "0 条办理途径开始，1 条结束", "南沙区", "闵行区", "请输入“停用”"]);
    assert!(server.get(ANSWER).await.text == before, "a preview writes nothing");
    let wrong = [&act("stop", "居民身份证换领")[..], &[("confirm", "是")]].concat();
    has(&steward.post(stops, &wrong).await.text, &["没有停用：确认的文字不对", "停用前的预览"]);
    has(&steward.post(stops, &act("edit", "居民身份证换领")).await.text, &["省级系统故障", "预览影响"]);

    let confirmed = [&act("stop", "居民身份证换领")[..], &[("confirm", "停用")]].concat();
    let page = steward.done(stops, &confirmed).await;
    has(&page, &["已停用", "停用中", "省级系统故障", "系统故障，正在修复"]);
    has(&server.get(ANSWER).await.text, &["系统故障，正在修复"]);

    let id = between(&page, "name=\"ids\" value=\"", "\"").to_owned();
    has(
        problems(&steward.post(stops, &[("act", "end"), ("endReason", "已修复")]).await.text),
        &["没有勾选任何一项停用"],
    );
    has(problems(&steward.post(stops, &[("act", "end"), ("ids", &id)]).await.text), &["href=\"#endReason\""]);
    let ended = steward.done(stops, &[("act", "end"), ("ids", &id), ("endReason", "已修复")]).await;
    has(&ended, &["停用已结束", "没有停用或暂停"]);
    assert!(!server.get(ANSWER).await.text.contains("系统故障，正在修复"));
}

#[tokio::test]
async fn a_party_previews_a_suspension_with_a_scope() {
    let server = TestServer::new().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let suspend = format!("/console/agreements/{PAPER}/suspend");
    let fields = [
        ("party", "440115"),
        ("matters", "居民身份证换领"),
        ("reason", "窗口搬迁"),
        ("publicText", "窗口搬迁，暂停收件"),
        ("from", "2098-01-01"),
        ("until", "2098-01-31"),
    ];
    let preview = nansha.post(&suspend, &[&[("act", "preview")][..], &fields].concat()).await;
    has(&preview.text, &["还没有暂停", "0 条办理途径开始，1 条结束", "2098-01-01", "窗口搬迁，暂停收件"]);
    let page = nansha.done(&suspend, &[&[("act", "suspend")][..], &fields].concat()).await;
    has(&page, &["窗口搬迁，暂停收件", "2098-01-01", "居民身份证换领"]);
}

#[tokio::test]
async fn the_catalogue_is_maintained() {
    let server = TestServer::new().await;
    let steward = Browser::new(&server, "tb_steward", Role::Steward, None).await;
    let matters = "/console/catalogue/matters";
    has(
        &steward.page(&format!("{matters}?q=%E8%BA%AB%E4%BB%BD%E8%AF%81")).await,
        &["居民身份证换领", "共 1 项", "修订"],
    );

    // A revision keeps what the form does not show, and an old form is refused.
    let edit = format!("{matters}?edit=LGA000000001");
    let page = steward.page(&edit).await;
    has(&page, &["居民身份证换领", "户籍地", "取消事项"]);
    let revision = between(&page, "name=\"expectedRevision\" value=\"", "\"").to_owned();
    let revise = [
        ("expectedRevision", revision.as_str()),
        ("name", "居民身份证换领"),
        ("aliases", "换身份证\n身份证换证"),
        ("domain", "PUBLIC_SECURITY"),
        ("audience", "NATURAL_PERSON"),
        ("competentBy", "户籍地"),
    ];
    let post = async |address: &str, fields: &[(&str, &str)]| {
        let fields: Vec<_> = [("csrf", steward.csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        steward.post_as_is(address, &fields).await
    };
    let address = format!("{edit}&lang=zh");
    let revised = post(&address, &revise).await;
    assert_eq!(revised.status, StatusCode::SEE_OTHER, "{}", problems(&revised.text));
    has(&steward.page(&edit).await, &["身份证换证"]);
    has(problems(&post(&address, &revise).await.text), &["该记录已更新到数据版本"]);
    has(problems(&post(&address, &[("act", "retire")]).await.text), &["href=\"#reason\""]);
    let retired = post(&address, &[("act", "retire"), ("reason", "并入其他事项")]).await;
    assert_eq!(retired.status, StatusCode::SEE_OTHER, "{}", problems(&retired.text));
    has(&steward.page(&edit).await, &["已取消", "并入其他事项"]);

    // Districts: registered, and revised with its parent kept.
    let districts = "/console/catalogue/districts";
    let new = format!("{districts}?new=1&lang=zh");
    has(problems(&post(&new, &[("code", "44011x")]).await.text), &["href=\"#code\"", "href=\"#name\""]);
    let registered =
        post(&new, &[("code", "440106"), ("name", "天河区"), ("kind", "COUNTY"), ("parent", "广州市")]).await;
    assert_eq!(registered.status, StatusCode::SEE_OTHER, "{}", problems(&registered.text));
    let edit = format!("{districts}?edit=440106&lang=zh");
    has(&steward.page(&format!("{districts}?edit=440106")).await, &["天河区", "value=\"440100\""]);
    let named =
        [("name", "天河区"), ("kind", "COUNTY"), ("parent", "440100"), ("hotline", "12345"), ("requiresApproval", "1")];
    assert_eq!(post(&edit, &named).await.status, StatusCode::SEE_OTHER);
    has(&steward.page(&format!("{districts}?q=%E5%A4%A9%E6%B2%B3")).await, &["广州市", "天河区", "发送前须审核"]);
    has(&server.get("/district/440106?lang=zh").await.text, &["天河区", "12345"]);

    // Policies: registered with a clause; a revision adds another one.
    let policies = "/console/catalogue/policies";
    let head = [
        ("title", "广州市市内通办清单"),
        ("documentNumber", "穗府办〔2026〕1号"),
        ("issuedBy", "广州市人民政府办公厅"),
        ("effectiveFrom", "2026-01-01"),
        ("receiving", "广州市 含下辖"),
    ];
    let clause = [("clauseMatters", "异地就医<备案>"), ("clauseMode", "FULL_ONLINE"), ("clauseBatch", "第一批")];
    let unknown = [&head[..], &[("clauseMatters", "没有的事项"), ("clauseMode", "FULL_ONLINE")]].concat();
    let new = format!("{policies}?new=1&lang=zh");
    has(problems(&post(&new, &unknown).await.text), &["href=\"#clauseMatters\""]);
    let registered = post(&new, &[&head[..], &clause].concat()).await;
    assert_eq!(registered.status, StatusCode::SEE_OTHER, "{}", problems(&registered.text));
    let list = steward.page(&format!("{policies}?q=%E5%B8%82%E5%86%85%E9%80%9A%E5%8A%9E")).await;
    let id = between(&list, "edit=", "\"").split('&').next().expect("an id");
    let edit = format!("{policies}?edit={id}&lang=zh");
    let added = [
        &head[..1],
        &head[2..],
        &[("clauseMatters", "LYB000000001"), ("clauseMode", "PROXY_COLLECTION"), ("clauseBatch", "第二批")],
    ]
    .concat();
    let revised = post(&edit, &added).await;
    assert_eq!(revised.status, StatusCode::SEE_OTHER, "{}", problems(&revised.text));
    let page = steward.get(&edit).await.text;
    has(&page, &["第一批", "第二批", "440100 含下辖", "广州市人民政府办公厅"]);
}
