//! A registrar maintains the records of its district: guides, windows, sheets, feedback.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use domain::Role;
use tower::ServiceExt as _;

use super::{Browser, between, has, problems};
use crate::{TestResponse, TestServer};

const OFFERINGS: &str = "/console/offerings";
const WINDOWS: &str = "/console/windows";
/// The matter of the records without a guide in Nansha.
const MATTER: &str = "LYB000000001";

impl Browser<'_> {
    /// Uploads a file with the fields of a form.
    async fn upload(&self, address: &str, fields: &[(&str, &str)], name: &str, content: &[u8]) -> TestResponse {
        let mut body = Vec::new();
        for (field, value) in [("csrf", self.csrf.as_str())].iter().chain(fields) {
            body.extend(
                format!("--border\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").as_bytes(),
            );
        }
        let head = format!("--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(content);
        body.extend(b"\r\n--border--\r\n");
        let request = Request::post(format!("{address}?lang=zh"))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=border")
            .body(Body::from(body));
        self.server.send(request.expect("a request")).await
    }

    /// The content of a file.
    async fn download(&self, address: &str) -> Vec<u8> {
        let request = Request::get(address).header(header::COOKIE, &self.cookie).body(Body::empty());
        let response = self.server.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        to_bytes(response.into_body(), usize::MAX).await.expect("a body").to_vec()
    }
}

/// A registrar of Nansha and one of Minhang.
async fn registrars(server: &TestServer) -> (Browser<'_>, Browser<'_>) {
    let nansha = Browser::new(server, "tb_nansha", Role::Registrar, Some("440115")).await;
    let minhang = Browser::new(server, "tb_minhang", Role::Registrar, Some("310112")).await;
    (nansha, minhang)
}

/// The hidden revision of a form.
fn revision(page: &str) -> String {
    between(page, "name=\"expectedRevision\" value=\"", "\"").to_owned()
}

/// The path of the first record of a list.
fn first_id<'a>(page: &'a str, prefix: &str) -> &'a str {
    let rest = &page[page.find(prefix).unwrap_or_else(|| panic!("{prefix} is missing"))..];
    rest.split(['"', '?']).next().expect("an address")
}

#[tokio::test]
async fn a_guide_is_published_by_a_form_and_a_second_editor_is_told() {
    let server = TestServer::new().await;
    let (nansha, minhang) = registrars(&server).await;
    has(&nansha.page("/console").await, &["办事指南", "通办窗口", "纠错"]);
    let address = format!("{OFFERINGS}/{MATTER}");
    has(&nansha.page(OFFERINGS).await, &["新增办事指南", "缺少指南 (1)", &address]);
    let page = nansha.page(&address).await;
    has(&page, &["异地就医&lt;备案&gt;", "到现场次数", "每行一项：名称 | 必要性 | 形式 | 份数"]);
    let expected = revision(&page);
    assert_eq!(expected, "0");

    // Every problem is at its field, and what was typed stays.
    let wrong = [
        ("expectedRevision", "0"),
        ("visits", "许多"),
        ("url", "不是网址"),
        ("materials", "社保卡 | 必要 | 原件 | 两份"),
        ("authority.level", "县级"),
        ("fee", "不收费"),
    ];
    let refused = nansha.post(&address, &wrong).await;
    assert_eq!(refused.status, StatusCode::OK);
    has(problems(&refused.text), &["#visits", "#url", "#materials", "第 1 行份数", "#authority.name"]);
    has(&refused.text, &["社保卡 | 必要 | 原件 | 两份", "不收费"]);

    let right = [
        ("expectedRevision", "0"),
        ("visits", "1"),
        ("promisedDays", "3"),
        ("dayKind", "WORKING_DAY"),
        ("fee", "不收费"),
        ("materials", "社会保障卡 | 必要 | 原件 | 1\n转诊证明 | 可容缺后补 | 复印件 | 1 | 5 | 核对公章"),
        ("forms", "备案表 | https://forms.example/b.pdf | 样表"),
        ("questions", "可以代办吗？ | 可以，带双方证件。"),
        ("consultPhone", "020-12345"),
        ("verifiedOn", "2020-01-01"),
    ];
    let done = nansha.done(&address, &right).await;
    has(&done, &["已发布", "按访客所见查看", "转诊证明 | 可容缺后补 | 复印件 | 1 | 5 | 核对公章"]);
    let visitor = server.get(&format!("/matter/{MATTER}?competent=440115&lang=zh")).await;
    has(&visitor.text, &["南沙区"]);
    let asked = r#"{ district(code: "440115") { offerings { edges { node { fee promisedDays materials { name necessity deferrableDays check } forms { name sample } questions { answer } } } } } }"#;
    let node = server.ask(&[], asked).await.json()["data"]["district"]["offerings"]["edges"][0]["node"].clone();
    assert_eq!(
        node["materials"][1],
        serde_json::json!({ "name": "转诊证明", "necessity": "DEFERRABLE", "deferrableDays": 5, "check": "核对公章" })
    );
    assert_eq!(
        (&node["fee"], &node["promisedDays"], &node["forms"][0]["sample"]),
        (&"不收费".into(), &3.into(), &true.into())
    );

    // It was verified long ago, so it comes with a badge. Another person edits it meanwhile.
    let list = nansha.page(OFFERINGS).await;
    has(&list, &["超过 12 个月未核对", "核对日期 2020-01-01"]);
    let of_id = first_id(&list, "/console/offerings/off_").to_owned();
    let stale = revision(&nansha.page(&of_id).await);
    let mut second = right;
    second[0] = ("expectedRevision", stale.as_str());
    second[4] = ("fee", "10元");
    nansha.done(&of_id, &second).await;
    second[4] = ("fee", "20元");
    let told = nansha.post(&of_id, &second).await;
    has(&told.text, &["他人更新了这条记录", "现在登记的", "10元", "20元", "该记录已更新到数据版本"]);
    let newest = revision(&told.text);
    second[0] = ("expectedRevision", newest.as_str());
    has(&nansha.done(&of_id, &second).await, &["20元"]);

    // Another district's registrar neither sees the form nor writes.
    for address in [of_id.clone(), format!("{of_id}?district=440115")] {
        let status = minhang.get(&address).await.status;
        assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status), "{address}: {status}");
    }
    assert_eq!(minhang.get(&format!("{OFFERINGS}?district=440115")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(minhang.post(&of_id, &second).await.status, StatusCode::NOT_FOUND);

    nansha.done(&of_id, &[("act", "withdraw"), ("reason", "流程调整")]).await;
    has(&nansha.page(&of_id).await, &["流程调整", "重新发布", "无需再撤销"]);
    has(&nansha.page(&format!("{OFFERINGS}?state=ended")).await, &["共 1 项"]);
}

#[tokio::test]
async fn a_matter_of_a_schedule_without_a_guide_comes_first() {
    let server = TestServer::new().await;
    let (_, minhang) = registrars(&server).await;
    let list = minhang.page(OFFERINGS).await;
    let id = first_id(&list, "/console/offerings/off_").to_owned();
    assert!(list.contains("缺少指南 (1)") && !list.contains("/console/offerings/LGA000000001"));
    minhang.done(&id, &[("act", "withdraw"), ("reason", "流程调整")]).await;
    let list = minhang.page(OFFERINGS).await;
    has(&list, &["生效的协议列出此事项", "/console/offerings/LGA000000001", "缺少指南 (2)", "已撤销或已失效 (1)"]);
    assert!(list.find("缺少指南</span>") < list.find("已撤销或已失效</span>"));
    has(&minhang.page(&format!("{OFFERINGS}?q=身份证")).await, &["共 2 项"]);
    has(&minhang.page(&format!("{OFFERINGS}?q=护照")).await, &["共 0 项"]);
}

#[tokio::test]
async fn a_window_is_registered_and_closed_by_a_form() {
    let server = TestServer::new().await;
    let (nansha, minhang) = registrars(&server).await;
    let new = format!("{WINDOWS}/new");
    let wrong = [("name", "远程视频窗口"), ("opening", "工作日"), ("closedOn", "国庆"), ("matters", "X")];
    let refused = nansha.post(&new, &wrong).await;
    has(problems(&refused.text), &["#address", "看不出是星期几", "#opening", "#closedOn", "#matters"]);
    let right = [
        ("expectedRevision", "0"),
        ("name", "远程视频窗口"),
        ("kind", "REMOTE_VIDEO"),
        ("address", "凤凰大道1号二楼"),
        ("phone", "020-11111111"),
        ("opening", "周一至周五 09:00-12:00，13:00-17:00\n周六 10:00-12:00 | 2026-07-01 | 2026-08-31"),
        ("closedOn", "2026-10-08"),
        ("modes", "PROXY_COLLECTION"),
        ("modes", "MULTI_SITE_JOINT"),
    ];
    let done = nansha.done(&new, &right).await;
    has(&done, &["窗口已登记", "周六 10:00-12:00 | 2026-07-01 | 2026-08-31", "2026-10-08"]);
    let list = nansha.page(&format!("{WINDOWS}?q=远程")).await;
    let id = first_id(&list, "/console/windows/win_").to_owned();
    let visitor = server.get(&format!("{}?lang=zh", id.replace("/console/windows", "/window"))).await;
    has(&visitor.text, &["远程视频窗口", "020-11111111", "凤凰大道1号二楼"]);
    // What is emptied in the form is gone, and the name stays.
    let fewer = [("address", "凤凰大道1号三楼"), ("phone", "020-11111111"), ("name", "别的名称")];
    let page = nansha.done(&id, &fewer).await;
    assert!(!page.contains("2026-10-08") && page.contains("三楼"));
    has(&nansha.page(WINDOWS).await, &["远程视频窗口", "缺少：办公时间", "跨域通办专窗"]);
    assert_eq!(minhang.get(&id).await.status, StatusCode::NOT_FOUND);
    has(&nansha.done(&id, &[("act", "close"), ("reason", "搬迁")]).await, &["窗口已关闭", "搬迁", "重新启用"]);
}

#[tokio::test]
async fn a_sheet_is_checked_and_then_imported() {
    let server = TestServer::new().await;
    let (nansha, minhang) = registrars(&server).await;
    let sheet = format!("{OFFERINGS}/sheet");
    has(&nansha.page(&sheet).await, &["/templates/offering.xlsx?district=440115", "空白模板", "检查"]);
    has(&nansha.post(&sheet, &[("act", "check")]).await.text, &["没有选择文件"]);
    let list = "基本编码,到现场次数,承诺办结时限,材料明细\nLGA000000001,1,20个工作日,居民身份证 | 必要 | 原件 | 1\nLYB000000001,许多,5,\n";
    let checked = nansha.upload(&sheet, &[("act", "check"), ("faults", "REFUSE")], "清单.csv", list.as_bytes()).await;
    has(&checked.text, &["新增 1", "有错误 1", "到现场次数：", "全部不写入"]);
    assert!(!checked.text.contains("value=\"write\""));
    let checked =
        nansha.upload(&sheet, &[("act", "check"), ("faults", "LEAVE_OUT")], "清单.csv", list.as_bytes()).await;
    has(&checked.text, &["写入 1 条", "尚未写入"]);
    assert!(!nansha.page(OFFERINGS).await.contains("居民身份证换领"), "nothing is written yet");
    let content = between(&checked.text, "name=\"content\" value=\"", "\"").to_owned();
    let expected = revision(&checked.text);
    let write = [
        ("act", "write"),
        ("faults", "LEAVE_OUT"),
        ("content", &content),
        ("fileName", "清单.csv"),
        ("expectedRevision", &expected),
    ];
    has(&nansha.done(&sheet, &write).await, &["表格已导入", "居民身份证换领", "共 2 项"]);
    // A long file is chosen again, and read before.
    let again = nansha.upload(&sheet, &[("act", "write"), ("faults", "LEAVE_OUT")], "清单.csv", list.as_bytes()).await;
    has(&again.text, &["尚未勾选"]);
    // The same rows again change nothing.
    let same = nansha.upload(&sheet, &[("act", "check"), ("faults", "LEAVE_OUT")], "清单.csv", list.as_bytes()).await;
    has(&same.text, &["无变化 1", "无需导入"]);

    // What is exported imports again to the same, and an edited record is told with its fields.
    for (browser, path) in [(&minhang, OFFERINGS), (&nansha, OFFERINGS), (&nansha, WINDOWS)] {
        let workbook = browser.download(&format!("{path}/export.xlsx")).await;
        let same = browser.upload(&format!("{path}/sheet"), &[("act", "check")], "导出.xlsx", &workbook).await;
        has(&same.text, &["新增 0，变更 0，无变化 1"]);
    }
    let workbook = nansha.download(&format!("{WINDOWS}/export.xlsx")).await;
    let id = first_id(&nansha.page(WINDOWS).await, "/console/windows/win_").to_owned();
    nansha.done(&id, &[("address", "新地址")]).await;
    let changed = nansha.upload(&format!("{WINDOWS}/sheet"), &[("act", "check")], "导出.xlsx", &workbook).await;
    has(&changed.text, &["变更 1", "地址：新地址 → 凤凰大道1号一楼"]);
    // The file of another district.
    let foreign = minhang.upload(&format!("{WINDOWS}/sheet"), &[("act", "check")], "导出.xlsx", &workbook).await;
    has(&foreign.text, &["不是区域 310112 的记录"]);
    let refused = minhang.get(&format!("{WINDOWS}/export.xlsx?district=440115")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn feedback_is_answered_by_the_district_that_it_is_about() {
    let server = TestServer::new().await;
    let (nansha, minhang) = registrars(&server).await;
    let window = first_id(&nansha.page(WINDOWS).await, "/console/windows/win_").replace("/console/windows/", "");
    let submit = format!(
        r#"mutation {{ submitFeedback(input: {{ about: "{window}", text: "电话打不通", phone: "13800138000" }}) {{ feedback {{ id caseNumber }} problems {{ rule }} }} }}"#
    );
    let case = server.ask(&[], &submit).await.json()["data"]["submitFeedback"]["feedback"].clone();
    let (id, number) = (case["id"].as_str().expect("an id"), case["caseNumber"].as_str().expect("a number"));
    has(&nansha.page("/console").await, &["答复公众指出的错误"]);
    assert!(!minhang.page("/console").await.contains("答复公众指出的错误"));
    has(&nansha.page("/console/feedback").await, &[number, "电话打不通", "待答复", "截止", "改窗口"]);
    assert!(!minhang.page("/console/feedback").await.contains(number));
    let address = format!("/console/feedback?case={id}");
    has(&nansha.page(&address).await, &["13800138000", "电话打不通", "答复"]);
    assert_eq!(minhang.get(&address).await.status, StatusCode::NOT_FOUND);
    let fields = |browser: &Browser<'_>, reply: &str| {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &browser.csrf)
            .append_pair("act", "answer")
            .append_pair("reply", reply)
            .finish()
    };
    let send = async |browser: &Browser<'_>, reply: &str| {
        let request = Request::post(format!("{address}&lang=zh"))
            .header(header::COOKIE, &browser.cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(fields(browser, reply)));
        server.send(request.expect("a request")).await
    };
    assert_eq!(send(&minhang, "不归我们").await.status, StatusCode::NOT_FOUND);
    has(&send(&nansha, "").await.text, &["#reply"]);
    let done = send(&nansha, "电话已更正，谢谢。").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", problems(&done.text));
    has(&nansha.page("/console/feedback").await, &["已答复", "没有等待答复的纠错", number]);
    has(&server.get(&format!("/feedback?case={number}&lang=zh")).await.text, &["电话已更正"]);
    let signatory = Browser::new(&server, "tb_signing", Role::Signatory, Some("440115")).await;
    assert_eq!(signatory.get("/console/feedback").await.status, StatusCode::FORBIDDEN);
    assert_eq!(signatory.get(OFFERINGS).await.status, StatusCode::FORBIDDEN);
}
