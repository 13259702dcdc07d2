//! The work of an office by a browser: approval, consultation, remarks, opinions, reminders, and stops of a steward.

use domain::Role;

use super::{Browser, between, draft, has, problems};
use crate::TestServer;

/// Sends version 1 to the parties by the API.
async fn propose(server: &TestServer, number: &str) {
    let propose = format!(
        r#"mutation {{ proposeVersion(input: {{ number: "{number}", version: 1, answerBy: "2098-12-31" }}) {{ problems {{ rule }} }} }}"#
    );
    let proposed = server.ask(&[("authorization", "Bearer tb_drafting")], &propose).await.json();
    assert_eq!(proposed["data"]["proposeVersion"]["problems"], serde_json::json!([]), "{proposed}");
}

#[tokio::test]
async fn a_draft_is_approved_in_the_office_and_returned_by_the_partner() {
    let server = TestServer::new().await;
    server.key_for("tb_drafting", Role::Registrar, Some("440115"), None).await;
    let number = draft(&server, "tb_drafting").await;
    let clerk = Browser::new(&server, "tb_clerk", Role::Registrar, Some("440115")).await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let path = format!("/console/agreements/{number}");
    let office = format!("{path}/versions/1/office");
    has(&clerk.page(&path).await, &["送审、审核与征求意见", &office]);

    // The clerk submits; only the signatory decides, and an act that is off says why.
    has(&clerk.page(&office).await, &["还没有送审", "须由该区域的签发人办理"]);
    let submitted = clerk.done(&office, &[("act", "submit")]).await;
    has(&submitted, &["已送审，等待本区域签发人审核", "送审中", "草稿已送审"]);
    has(&nansha.page("/console").await, &["待审核", &format!("{office}?")]);
    let nothing = nansha.post(&office, &[("act", "giveBack")]).await;
    has(problems(&nothing.text), &["审核退回须说明理由", "href=\"#reason\""]);
    let given_back = nansha.done(&office, &[("act", "giveBack"), ("reason", "清单须补充依据")]).await;
    has(&given_back, &["已退回经办人", "审核退回", "清单须补充依据", "草稿没有送审"]);

    clerk.done(&office, &[("act", "submit")]).await;
    let page = nansha.page(&office).await;
    let revision = between(&page, "name=\"expectedRevision\" value=\"", "\"").to_owned();
    let approving = [("act", "approve"), ("approvalNumber", "南政数审〔2026〕8号"), ("note", "同意")];
    let expected = |revision| [&approving[..], &[("expectedRevision", revision)]].concat();
    assert!(!problems(&nansha.post(&office, &expected("1")).await.text).is_empty(), "another edit is told");
    has(&nansha.done(&office, &expected(&revision)).await, &["审核已通过", "审核通过", "南政数审〔2026〕8号"]);

    propose(&server, &number).await;
    let minhang = Browser::new(&server, "tb_minhang", Role::Signatory, Some("310112")).await;
    let registrar = Browser::new(&server, "tb_minhang_clerk", Role::Registrar, Some("310112")).await;
    let hidden = minhang.page(&office).await;
    assert!(!hidden.contains("南政数审〔2026〕8号"), "the approval is seen in its own office alone");

    // The partner's office notes the opinion of a body, and is reminded once a day.
    let opinion = [("act", "confirmBody"), ("party", "310112"), ("body", "区公安分局"), ("opinion", "AGREE")];
    has(&registrar.done(&office, &opinion).await, &["部门意见已登记", "区公安分局"]);
    let reminding = [("act", "remind"), ("party", "440115"), ("awaited", "310112")];
    has(&clerk.done(&office, &reminding).await, &["已催办"]);
    has(&clerk.post(&office, &reminding).await.text, &["今天已催办过该方"]);

    // It is returned with remarks; a remark on an unknown clause is refused.
    let sign = format!("{path}/versions/1/sign");
    has(&minhang.page(&sign).await, &["办理途径的变化", "1 条办理途径开始，0 条结束", "退回修改", "批准文号"]);
    let returning = |clause| {
        [
            ("act", "return"),
            ("party", "310112"),
            ("returnReason", "第二项请改为全程网办"),
            ("clause-0", clause),
            ("matter-0", "居民身份证换领"),
            ("text-0", "我区须本人到场"),
        ]
    };
    let unknown = minhang.post(&sign, &returning("没有的条款")).await;
    has(problems(&unknown.text), &["没有条款“没有的条款”"]);
    let returned = minhang.done(&sign, &returning("户政")).await;
    has(&returned, &["已退回修改；答复期限之前可以收回", "退回修改", "我区须本人到场"]);
    has(&clerk.page(&office).await, &["退回和不同意", "第二项请改为全程网办", "我区须本人到场", "居民身份证换领"]);
}

#[tokio::test]
async fn the_number_of_an_approval_stands_beside_a_signature() {
    let server = TestServer::new().await;
    let number = super::proposal(&server).await;
    let minhang = Browser::new(&server, "tb_minhang", Role::Signatory, Some("310112")).await;
    let sign = format!("/console/agreements/{number}/versions/1/sign");
    let digest = between(&minhang.page(&sign).await, "name=\"digest\" value=\"", "\"").to_owned();
    let signing = |approved_on| {
        [
            ("act", "sign"),
            ("party", "310112"),
            ("digest", digest.as_str()),
            ("agreed", "1"),
            ("approvalNumber", "闵府批〔2026〕3号"),
            ("approvedOn", approved_on),
        ]
    };
    has(problems(&minhang.post(&sign, &signing("2098-01-01")).await.text), &["还没有到", "href=\"#approvedOn\""]);
    minhang.done(&sign, &signing("2026-01-05")).await;
    let paper = format!(
        r#"{{ agreement(number: "{number}") {{ versions(first: 1) {{ edges {{ node {{ signatures(first: 5) {{ edges {{ node {{ approvalNumber approvedOn }} }} }} }} }} }} }} }}"#
    );
    let seen = server.ask(&[("authorization", "Bearer tb_minhang")], &paper).await.text;
    assert!(seen.contains("闵府批〔2026〕3号") && seen.contains("2026-01-05"), "{seen}");
}

#[tokio::test]
async fn a_consulted_district_remarks_on_a_draft() {
    let server = TestServer::new().await;
    server.key_for("tb_drafting", Role::Registrar, Some("440115"), None).await;
    let number = draft(&server, "tb_drafting").await;
    let clerk = Browser::new(&server, "tb_clerk", Role::Registrar, Some("440115")).await;
    let gulou = Browser::new(&server, "tb_gulou", Role::Registrar, Some("320106")).await;
    let office = format!("/console/agreements/{number}/versions/1/office");
    assert_eq!(gulou.get(&office).await.status, axum::http::StatusCode::NOT_FOUND);

    let unknown = clerk.post(&office, &[("act", "consult"), ("with", "没有的地方"), ("answerBy", "2098-12-31")]).await;
    has(problems(&unknown.text), &["href=\"#with\""]);
    let asking = [("act", "consult"), ("with", "南京市鼓楼区\n310112"), ("answerBy", "2098-12-31")];
    has(&clerk.done(&office, &asking).await, &["已开始征求意见", "闵行区", "2098-12-31", "结束征求意见"]);

    has(&gulou.page("/console").await, &["待提意见", &format!("{office}?")]);
    has(&gulou.page(&office).await, &["提出意见", "南沙、闵行补充协议"]);
    let empty = gulou.post(&office, &[("act", "makeRemarks"), ("party", "320106")]).await;
    has(problems(&empty.text), &["没有填写意见"]);
    let remark = [("act", "makeRemarks"), ("party", "320106"), ("text-0", "建议写明邮寄费用"), ("text-2", "同意其余")];
    has(&gulou.done(&office, &remark).await, &["意见已提交", "建议写明邮寄费用", "同意其余"]);
    has(&clerk.page(&office).await, &["建议写明邮寄费用", "全文"]);

    has(&clerk.done(&office, &[("act", "endConsultation")]).await, &["征求意见已结束"]);
    assert_eq!(gulou.get(&office).await.status, axum::http::StatusCode::NOT_FOUND);
}
