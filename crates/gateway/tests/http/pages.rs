//! The pages of the portal.

use axum::http::StatusCode;
use gateway::http::settings::Settings;
use registry::request_context::DEFAULT_PUBLIC_URL;

use crate::TestServer;

const PAGES: [&str; 8] = [
    "/",
    "/?receiving=440115",
    "/?competent=310112",
    "/?receiving=440115&competent=310112",
    "/?receiving=%E9%BC%93%E6%A5%BC%E5%8C%BA",
    "/matter/LGA000000001",
    "/matter/LGA000000001?receiving=440115&competent=310112",
    "/matter/LGA000000001?receiving=310112&competent=440115",
];

#[tokio::test]
async fn pages_load_nothing_from_other_sites() {
    let server = TestServer::new().await;
    for address in PAGES {
        for lang in ["zh", "en"] {
            let with = if address.contains('?') { '&' } else { '?' };
            let page = server.get(&format!("{address}{with}lang={lang}")).await;
            assert_eq!(page.status, StatusCode::OK, "{address} {}", page.header("location"));
            // The vocabulary of the data for search engines, and the page's own address in print, are named, not loaded.
            let text = page.text.replace("https://schema.org", "").replace(DEFAULT_PUBLIC_URL, "");
            assert!(!text.contains("http://") && !text.contains("https://"), "{address}");
            assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
            let html_lang = if lang == "zh" { "zh-Hans" } else { "en" };
            assert!(page.text.contains(&format!("<html lang=\"{html_lang}\">")));
            for own in page.text.split("=\"/assets/").skip(1) {
                let own = own.split('"').next().expect("an address");
                let asset = server.get(&format!("/assets/{own}")).await;
                assert_eq!(
                    (asset.status, asset.header("cache-control")),
                    (StatusCode::OK, "public, max-age=31536000, immutable")
                );
            }
        }
    }
    let graphiql = server.get_as("/graphql", "text/html,*/*;q=0.8").await;
    assert!(
        graphiql.text.contains("graphiql.min.js")
            && !graphiql.text.contains("//unpkg")
            && !graphiql.text.contains("https://")
    );
}

#[tokio::test]
async fn the_page_of_a_matter_shows_everything_that_a_person_needs() {
    let server = TestServer::new().await;
    let page = server.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=zh").await.text;
    for told in [
        "可以办",
        "异地代收代办",
        "TB-2021-000001",
        "凤凰大道1号一楼",
        "20 个工作日",
        "22 个工作日",
        "自受理之日起算",
        "核对人像",
        "可容缺后补",
        "示例数据",
        "020-00000000",
    ] {
        assert!(page.contains(told), "{told}");
    }
    let page = server.get("/matter/LGA000000001?receiving=310112&competent=440115&lang=zh").await.text;
    assert!(page.contains("不能办：未纳入通办") && page.contains("ONLY_OTHER_DIRECTION") && page.contains("怎么办"));
    let page = server.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=en").await.text;
    for told in [
        "Yes, it can be done",
        "Renewal of a resident identity card",
        "Nansha District",
        "22 working days",
        "Sample data",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[tokio::test]
async fn user_input_is_escaped_on_pages() {
    let server = TestServer::new().await;
    let page = server.get("/?receiving=440115&competent=310112&q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(page.text.contains("&lt;script&gt;alert(1)") && !page.text.contains("<script>alert"));
    let page = server.get("/matter/LYB000000001?receiving=440115&competent=310112&lang=zh").await;
    assert!(page.text.contains("异地就医&lt;备案&gt;"));
}

#[tokio::test]
async fn an_address_is_redirected_to_the_canonical_one() {
    let server = TestServer::new().await;
    let to = async |address: &str| {
        let answer = server.get(address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        answer.header("location").to_owned()
    };
    assert_eq!(
        to("/?receiving=%E5%8D%97%E6%B2%99&competent=minhang&q=&on=&lang=en").await,
        "/?receiving=440115&competent=310112&lang=en"
    );
    assert_eq!(to("/?receiving=440115000000&competent=310112").await, "/?receiving=440115&competent=310112");
    assert_eq!(to("/?receiving=440115&competent=310112&swap=1").await, "/?receiving=310112&competent=440115");
    let several = server.get("/?receiving=%E9%BC%93%E6%A5%BC%E5%8C%BA&lang=zh").await.text;
    assert!(several.contains("您说的是哪一个") && several.contains("320106") && several.contains("320302"));
}

#[tokio::test]
async fn invalid_and_unknown_parameters_are_explained_on_the_page() {
    let server = TestServer::new().await;
    for (address, status, said) in [
        ("/?receiving=999999&lang=zh", StatusCode::NOT_FOUND, "没有找到“999999”"),
        ("/?receiving=zzzz&lang=en", StatusCode::NOT_FOUND, "No district “zzzz” is known"),
        ("/?on=2026-02-30&lang=zh", StatusCode::BAD_REQUEST, "不是日期"),
        ("/?mode=PIGEON&lang=en", StatusCode::BAD_REQUEST, "There is no filter"),
        ("/matter/LGA000000999?lang=zh", StatusCode::NOT_FOUND, "没有这个事项"),
        ("/matter/identity?lang=en", StatusCode::BAD_REQUEST, "not the code of a matter"),
        ("/nowhere", StatusCode::NOT_FOUND, "没有这个页面"),
    ] {
        let answer = server.get(address).await;
        assert_eq!(answer.status, status, "{address}");
        assert!(answer.text.contains(said), "{address}: {said}");
    }
}

#[tokio::test]
async fn requests_are_answered_from_memory_without_the_database() {
    let server = TestServer::new().await;
    server.store.close().await.expect("it closes");
    let database = async || server.get("/health/ready").await.json()["database"].as_str().map(str::to_owned);
    for _ in 0..50 {
        if database().await.as_deref() == Some("down") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(database().await.as_deref(), Some("down"));
    let asked = server
        .ask(&[], r#"{ handling(matter: "LGA000000001", receiving: "440115", competent: "310112") { answer } }"#)
        .await;
    assert_eq!(asked.json()["data"]["handling"]["answer"], "AVAILABLE");
    let page = server.get("/matter/LGA000000001?receiving=440115&competent=310112&lang=zh").await;
    assert!(
        page.status.is_success() && page.text.contains("凤凰大道1号一楼") && page.text.contains("办事指南暂时读不到")
    );
    assert_eq!(server.get("/export").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.ask(&[("authorization", "Bearer tb_any")], "{ __typename }").await.code(), "UNAVAILABLE");
}

#[tokio::test]
async fn graphiql_can_be_off() {
    let server = TestServer::with(Settings { graphiql: false, ..Settings::default() }).await;
    assert_eq!(server.get_as("/graphql", "text/html").await.status, StatusCode::NOT_ACCEPTABLE);
}
