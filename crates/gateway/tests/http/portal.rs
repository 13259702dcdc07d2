//! The pages of the portal beyond the question: records, lists, notices, help, and faults.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use gateway::http::settings::Settings;
use registry::rate_limit::RateLimits;

use crate::{TestResponse, TestServer};

const PAGES: [&str; 13] = [
    "/matters",
    "/matters?q=%E8%BA%AB%E4%BB%BD%E8%AF%81",
    "/matter/LGA000000001",
    "/districts",
    "/district/440115",
    "/agreements",
    "/agreement/TB-2021-000001",
    "/policies",
    "/notices",
    "/network",
    "/help",
    "/about",
    "/network?of=440115",
];

impl TestServer {
    async fn page(&self, address: &str) -> TestResponse {
        let page = self.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address} {}", page.header("location"));
        page
    }

    /// The first address on a page that begins like this.
    async fn link_on(&self, address: &str, begins: &str) -> String {
        let page = self.page(address).await.text;
        let found = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let found = found.map(|link| link.replace("&amp;", "&")).find(|link| link.starts_with(begins));
        found.unwrap_or_else(|| panic!("{address} has no link to {begins}"))
    }
}

fn shows(page: &TestResponse, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text} is missing");
    }
}

#[tokio::test]
async fn every_page_is_complete_in_both_languages_and_light() {
    let server = TestServer::new().await;
    for address in PAGES {
        for (lang, html_lang) in [("zh", "zh-Hans"), ("en", "en")] {
            let with = if address.contains('?') { '&' } else { '?' };
            let page = server.page(&format!("{address}{with}lang={lang}")).await;
            assert!(page.text.contains(&format!("<html lang=\"{html_lang}\"")), "{address}");
            assert!(page.text.len() < 50_000, "{address} has {} bytes", page.text.len());
            assert_eq!(page.text.matches("<h1").count(), 1, "{address} has one heading");
            assert!(!page.text.contains("style=") && !page.text.contains("http://"), "{address}");
            assert_eq!(page.header("vary"), "Accept-Language, Cookie", "{address}");
        }
    }
}

#[tokio::test]
async fn every_link_on_a_page_leads_to_a_page() {
    let server = TestServer::new().await;
    let mut seen = std::collections::BTreeSet::new();
    for address in PAGES {
        let page = server.page(address).await.text;
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        seen.extend(links.filter(|link| link.starts_with('/')).map(|link| link.replace("&amp;", "&")));
    }
    let is_page =
        |link: &&String| !link.starts_with("/graphql") && !link.starts_with("/export") && !link.contains(".xlsx");
    for link in seen.iter().filter(is_page) {
        let status = server.get(link).await.status;
        assert!(matches!(status, StatusCode::OK | StatusCode::SEE_OTHER), "{link}: {status}");
    }
}

#[tokio::test]
async fn the_page_of_an_agreement_tells_what_it_is_worth_and_why() {
    let server = TestServer::new().await;
    let page = server.page("/agreement/TB-2021-000001?lang=zh").await;
    shows(
        &page,
        &["生效中", "2021-06-01 起生效，未写明截止日", "南沙区", "闵行区", "异地代收代办", "sha-256:", "经过"],
    );
    // The schedule leads to the answer.
    shows(&page, &["/matter/LGA000000001?receiving=440115&amp;competent=310112"]);
    let page = server.page("/agreement/TB-2021-000001?lang=en").await;
    shows(&page, &["In force", "Parties", "Schedule", "Version 1", "Signed by", "History"]);
}

#[tokio::test]
async fn agreements_are_filtered_by_district_standing_and_words() {
    let server = TestServer::new().await;
    let page = server.page("/agreements?party=%E5%8D%97%E6%B2%99&standing=IN_FORCE&lang=zh").await;
    shows(&page, &["TB-2021-000001", "生效中"]);
    let page = server.page("/agreements?q=%E9%97%B5%E8%A1%8C&lang=zh").await;
    shows(&page, &["TB-2021-000001"]);
    let page = server.page("/agreements?standing=VOIDED&lang=zh").await;
    shows(&page, &["没有符合条件的协议", "看全部协议"]);
    let page = server.get("/agreements?party=zzzz&lang=en").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    shows(&page, &["This district is not known"]);
    assert!(!server.page("/agreements?q=%28%29&lang=zh").await.text.contains("TB-2021-000001"), "signs find nothing");
}

#[tokio::test]
async fn windows_and_districts_name_each_other() {
    let server = TestServer::new().await;
    let district = server.page("/district/440115?lang=zh").await;
    shows(&district, &["在南沙区能办哪里的事", "闵行区", "通办窗口", "跨域通办专窗", "生效中的协议"]);
    let window = server.link_on("/district/440115?lang=zh", "/window/").await;
    let page = server.page(&window).await;
    shows(&page, &["凤凰大道1号一楼", "工作日 9:00–17:00", "tel:02000000000", "/district/440115"]);
    let province = server.page("/district/440000?lang=zh").await;
    shows(&province, &["下辖区域", "广州市"]);
    // A code that is padded leads to the page itself.
    let padded = server.get("/district/440115000000").await;
    assert_eq!((padded.status, padded.header("location")), (StatusCode::SEE_OTHER, "/district/440115"));
}

#[tokio::test]
async fn a_matter_without_districts_tells_where_it_can_be_done() {
    let server = TestServer::new().await;
    let page = server.page("/matter/LGA000000001?lang=zh").await;
    shows(
        &page,
        &["谁来办理", "户籍地", "现在在哪里能办", "在南沙区办闵行区的业务", "receiving=440115&amp;competent=310112"],
    );
    // The form keeps the matter.
    shows(&page, &["action=\"/matter/LGA000000001\""]);
}

#[tokio::test]
async fn every_remedy_is_a_link() {
    let server = TestServer::new().await;
    let page = server.page("/matter/LGA000000001?receiving=310112&competent=440115&lang=zh").await;
    shows(&page, &["查看反方向", "href=\"/matter/LGA000000001?receiving=440115&amp;competent=310112&amp;lang=zh\""]);
    shows(&page, &["看协议 TB-2021-000001"]);
    let page = server.page("/?receiving=440115&competent=320106&lang=zh").await;
    shows(&page, &["看在这里能办哪里的事"]);
}

#[tokio::test]
async fn words_are_looked_up_among_all_matters_unless_two_districts_are_given() {
    let server = TestServer::new().await;
    let to = async |address: &str| server.get(address).await.header("location").to_owned();
    assert_eq!(to("/?q=sfz").await, "/matters?q=sfz");
    assert_eq!(to("/?receiving=440115&q=sfz").await, "/matters?receiving=440115&q=sfz");
    assert_eq!(
        to("/matters?receiving=440115&competent=310112&q=sfz").await,
        "/?receiving=440115&competent=310112&q=sfz"
    );
    assert_eq!(to("/between/440115/310112").await, "/?receiving=440115&competent=310112");
    shows(&server.page("/matters?receiving=440115&lang=zh").await, &["居民身份证换领", "办外地的业务"]);
    shows(&server.page("/matters?q=sfz&lang=zh").await, &["<mark>身份证</mark>", "1 地公布了办事指南"]);
}

#[tokio::test]
async fn an_empty_search_tells_which_of_four_reasons_it_has() {
    let server = TestServer::new().await;
    for (address, said) in [
        ("/matters?q=LGA000000999&lang=zh", "没有代码为"),
        ("/?receiving=310112&competent=440115&q=sfz&lang=zh", "不在这两地之间"),
        ("/matters?q=%E9%A3%9E%E8%88%B9&lang=zh", "本平台没有登记"),
        ("/matters?q=%3F%21&lang=zh", "没有可以查找的字"),
    ] {
        shows(&server.page(address).await, &[said]);
    }
}

#[tokio::test]
async fn notices_are_a_page_and_a_feed() {
    let server = TestServer::new().await;
    shows(
        &server.page("/notices?lang=zh").await,
        &["正在暂停", "签订，2021-06-01 起生效", "/agreement/TB-2021-000001"],
    );
    let feed = server.page("/notices.atom").await;
    assert_eq!(feed.header("content-type"), "application/atom+xml; charset=utf-8");
    shows(&feed, &["<feed xmlns=\"http://www.w3.org/2005/Atom\"", "/agreement/TB-2021-000001", "2021-05-31T00:00:00Z"]);
    assert!(!server.page("/notices?kind=district&lang=zh").await.text.contains("TB-2021-000001"));
}

#[tokio::test]
async fn the_network_counts_matters_by_direction() {
    let server = TestServer::new().await;
    shows(&server.page("/network?lang=zh").await, &["<table class=\"heat\">", "shade-4", "广东", "上海"]);
    shows(&server.page("/network?of=440115&lang=zh").await, &["南沙区的通办伙伴", "闵行区"]);
    assert_eq!(server.get("/network?of=zzzz").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_unknown_record_is_explained_with_a_search_form() {
    let server = TestServer::new().await;
    for (address, status, said) in [
        ("/agreement/TB-1999-000001?lang=zh", StatusCode::NOT_FOUND, "没有这个协议"),
        ("/agreement/first?lang=en", StatusCode::BAD_REQUEST, "not the number of an agreement"),
        ("/agreement/TB-2021-000001?version=9&lang=zh", StatusCode::NOT_FOUND, "没有这个版本"),
        ("/policy/pol_ffff?lang=zh", StatusCode::NOT_FOUND, "没有这个政策依据"),
        ("/window/win_ffff?lang=zh", StatusCode::NOT_FOUND, "没有这个窗口"),
        ("/district/999999?lang=zh", StatusCode::NOT_FOUND, "没有这个区域"),
        ("/district/%3Cb%3E?lang=en", StatusCode::BAD_REQUEST, "&lt;b&gt;"),
        ("/between/440115/999999?lang=zh", StatusCode::NOT_FOUND, "没有这个区域"),
        ("/%3Cscript%3E", StatusCode::NOT_FOUND, "没有这个页面"),
    ] {
        let page = server.get(address).await;
        assert_eq!(page.status, status, "{address}");
        shows(&page, &[said, "name=\"receiving\""]);
        assert!(!page.text.contains("<script>") && !page.text.contains("<b>"), "{address}");
    }
}

#[tokio::test]
async fn a_browser_beyond_its_rate_limit_gets_a_page_that_keeps_what_was_typed() {
    let rates = Some(RateLimits { anonymous: 1, signed_in: 1 });
    let server = TestServer::with(Settings { rates, ..Settings::default() }).await;
    let ask = async |accept: &str| {
        let request = Request::get("/?receiving=%E5%8D%97%E6%B2%99&lang=zh").header(header::ACCEPT, accept);
        server.send(request.body(Body::empty()).expect("a request")).await
    };
    ask("text/html").await;
    ask("text/html").await;
    let page = ask("text/html,application/xhtml+xml").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!page.header("retry-after").is_empty() && page.header("content-type").starts_with("text/html"));
    shows(&page, &["请求过于频繁", "value=\"南沙\""]);
    assert_eq!(ask("application/json").await.code(), "RATE_LIMITED");
}

#[tokio::test]
async fn a_browser_gets_a_page_while_too_many_requests_are_running() {
    let server = TestServer::with(Settings { max_running: 0, ..Settings::default() }).await;
    let request = Request::get("/?receiving=%E5%8D%97%E6%B2%99&lang=en").header(header::ACCEPT, "text/html");
    let page = server.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    shows(&page, &["The registry is busy", "Try again", "value=\"南沙\""]);
}

#[tokio::test]
async fn the_footer_names_who_runs_the_site_as_far_as_that_is_configured() {
    let server = TestServer::new().await;
    assert!(!server.page("/help?lang=zh").await.text.contains("主办单位"), "what is not configured is absent");
    let site = pages::site::Site {
        owner: Some("示范市政务服务中心".to_owned()),
        contact: Some("12345".to_owned()),
        icp: Some("某ICP备00000000号".to_owned()),
        ..pages::site::Site::default()
    };
    let configured = TestServer::configured(gateway::app::Settings { site: site.into(), ..Default::default() }).await;
    let page = configured.page("/help?lang=zh").await;
    shows(&page, &["主办单位：<span>示范市政务服务中心", "联系方式：<span>12345", "ICP备案", "联系我们"]);
    assert!(!page.text.contains("公安备案"));
    shows(&configured.get("/no-such-page?lang=en").await, &["Contact us", "12345"]);
}

#[tokio::test]
async fn large_type_is_remembered_by_a_cookie() {
    let server = TestServer::new().await;
    shows(&server.page("/help?lang=zh").await, &["长辈版", "/help?lang=zh&amp;view=elder"]);
    let switched = server.get("/help?lang=zh&view=elder").await;
    assert_eq!((switched.status, switched.header("location")), (StatusCode::SEE_OTHER, "/help?lang=zh"));
    assert!(switched.header("set-cookie").starts_with("view=elder; Path=/; Max-Age=31536000; SameSite=Lax"));
    let request = Request::get("/help?lang=zh").header(header::COOKIE, "a=b; view=elder");
    let page = server.send(request.body(Body::empty()).expect("a request")).await;
    shows(&page, &["class=\"elder\"", "标准版", "view=normal"]);
}

#[tokio::test]
async fn search_engines_find_the_pages_and_no_searches() {
    let server = TestServer::new().await;
    shows(&server.page("/robots.txt").await, &["Disallow: /*?", "/sitemap.xml"]);
    let map = server.page("/sitemap.xml").await;
    shows(&map, &["/matter/LGA000000001</loc>", "/agreement/TB-2021-000001</loc>", "/help</loc>"]);
}

#[tokio::test]
async fn a_matter_is_described_for_search_engines_and_its_texts_end_no_script() {
    let server = TestServer::new().await;
    let page = server.page("/matter/LYB000000001?lang=zh").await.text;
    let data = page.split("application/ld+json\">").nth(1).and_then(|rest| rest.split("</script>").next());
    let data: serde_json::Value = serde_json::from_str(data.expect("there is some")).expect("JSON");
    assert_eq!((&data["@type"], &data["name"]), (&"GovernmentService".into(), &"异地就医<备案>".into()));
}

#[tokio::test]
async fn examples_for_developers_name_records_that_exist() {
    let server = TestServer::new().await;
    let page = server.page("/developers?lang=zh").await;
    shows(&page, &["LGA000000001", "440115", "310112", "curl", "Python 3", "tongban records"]);
    let query = r#"{ handling(matter: "LGA000000001", receiving: "440115", competent: "310112") { answer routes { mode modeName validTo } reasons { code message remedy } } }"#;
    shows(&page, &["modeName validTo"]);
    assert_eq!(server.ask(&[], query).await.json()["data"]["handling"]["answer"], "AVAILABLE");
}
