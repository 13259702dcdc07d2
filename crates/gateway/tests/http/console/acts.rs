//! Acts on agreements by a browser: signing, rejecting, withdrawing, suspending, leaving, confirming.

use axum::http::StatusCode;
use domain::Role;
use registry::clock;

use super::{Browser, PAPER, between, has, problems, proposal};
use crate::TestServer;
use crate::portal_life::server as server_with_history;

#[tokio::test]
async fn two_districts_read_and_sign_a_version() {
    let server = TestServer::new().await;
    let number = proposal(&server).await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let mut minhang = Browser::new(&server, "tb_minhang", Role::Signatory, Some("310112")).await;
    let path = format!("/console/agreements/{number}");
    let sign = format!("{path}/versions/1/sign");

    // The task leads to the page of signing, which shows all that is signed.
    has(&minhang.page("/console").await, &[&format!("{sign}?")]);
    has(&minhang.page(&path).await, &["轮到本方", "阅读并签署（第 1 版）", "起草", "发送签约方"]);
    let page = minhang.page(&sign).await;
    has(
        &page,
        &[
            "南沙、闵行补充协议",
            "居民身份证换领",
            "异地就医&lt;备案&gt;",
            "3 个工作日",
            "我已阅读并同意上述文本",
            "未签署",
            "这是第一版",
        ],
    );
    let digest = between(&page, "name=\"digest\" value=\"", "\"").to_owned();
    assert!(page.contains(&digest[..20]) && digest.starts_with("sha-256:"));

    // Nothing is signed without the tick, with another digest, or when the identity was proved long ago.
    let signing = [("act", "sign"), ("party", "310112"), ("digest", digest.as_str())];
    let refused = minhang.post(&sign, &signing).await;
    has(&refused.text, &["尚未勾选“已阅读并同意”"]);
    let other = digest.replace("sha-256:", "sha-256:0").chars().take(72).collect::<String>();
    let stale = minhang.post(&sign, &[("act", "sign"), ("party", "310112"), ("digest", &other), ("agreed", "1")]).await;
    has(&stale.text, &["所签摘要与已发送签约方的版本不一致"]);
    let agreed = [("act", "sign"), ("party", "310112"), ("digest", digest.as_str()), ("agreed", "1")];
    minhang.grow_old().await;
    let again = minhang.page(&sign).await;
    assert!(!again.contains("name=\"agreed\""), "the form is not offered");
    has(&again, &["/console/sign-in?again=1"]);
    has(&minhang.post(&sign, &agreed).await.text, &["超过 5 分钟，没有签署"]);
    assert_eq!(minhang.sign_in("tb_minhang", &sign).await, sign, "proving the identity leads back");

    let receipt = minhang.done(&sign, &agreed).await;
    has(&receipt, &["签署回执", "闵行区", &digest, "数据版本", "北京时间"]);
    has(&minhang.page(&sign).await, &["该方已签署", "已签署"]);
    // A signature for another district is refused.
    has(&nansha.post(&sign, &agreed).await.text, &["signVersion 需要签发人角色"]);
    nansha.done(&sign, &[("act", "sign"), ("party", "440115"), ("digest", &digest), ("agreed", "1")]).await;
    has(&nansha.page(&path).await, &["已签订", "生效中"]);
    has(&server.get(&format!("/agreement/{number}?lang=zh")).await.text, &["南沙、闵行补充协议"]);
    let receipt = nansha.page(&format!("{path}/versions/1/receipt?party=440115")).await;
    has(&receipt, &["南沙区", "日志摘要"]);
}

#[tokio::test]
async fn a_rejection_is_asked_twice_and_can_be_taken_back() {
    let server = TestServer::new().await;
    let number = proposal(&server).await;
    let minhang = Browser::new(&server, "tb_minhang", Role::Signatory, Some("310112")).await;
    let path = format!("/console/agreements/{number}");
    let sign = format!("{path}/versions/1/sign");

    let empty = minhang.post(&sign, &[("act", "reject"), ("party", "310112")]).await;
    assert!(!problems(&empty.text).is_empty(), "a reason is needed");
    let reason = ("reason", "清单第二项我区不能办理");
    let asked = minhang.post(&sign, &[("act", "reject"), ("party", "310112"), reason]).await;
    has(&asked.text, &["请再确认一次", "清单第二项我区不能办理"]);
    assert!(minhang.page(&path).await.contains("已发送签约方"), "nothing was done yet");
    let page = minhang.done(&sign, &[("act", "reject"), ("party", "310112"), reason, ("sure", "1")]).await;
    has(&page, &["已记录“不同意”", "收回不同意", "请先收回退回意见"]);
    has(&minhang.page(&path).await, &["已退回", "清单第二项我区不能办理"]);
    let page = minhang.done(&sign, &[("act", "undo"), ("party", "310112")]).await;
    has(&page, &["已收回，可以重新阅读并签署", "我已阅读并同意上述文本"]);
}

#[tokio::test]
async fn a_proposal_is_withdrawn_by_its_author() {
    let server = TestServer::new().await;
    let number = proposal(&server).await;
    let minhang = Browser::new(&server, "tb_minhang", Role::Registrar, Some("310112")).await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Registrar, Some("440115")).await;
    let path = format!("/console/agreements/{number}");
    let withdraw = format!("{path}/versions/1/withdraw");
    has(&minhang.page(&withdraw).await, &["现在不能办理", "该版本由 440115 起草"]);
    let refused = minhang.post(&withdraw, &[("act", "withdraw")]).await;
    assert_eq!(refused.status, StatusCode::OK);
    has(&nansha.done(&withdraw, &[("act", "withdraw"), ("reason", "清单有误")]).await, &["已撤回"]);
    has(&nansha.page(&path).await, &["清单有误"]);
}

#[tokio::test]
async fn a_party_suspends_and_resumes() {
    let server = TestServer::new().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let clerk = Browser::new(&server, "tb_clerk", Role::Registrar, Some("440115")).await;
    let suspend = format!("/console/agreements/{PAPER}/suspend");

    has(&clerk.page(&suspend).await, &["现在不能办理", "须由该区域的签发人办理；您现在的身份是经办人"]);
    let page = nansha.page(&suspend).await;
    has(
        &page,
        &[
            "影响范围",
            "本方收件：1 个区域的 2 个事项不能再在本方办理",
            "居民身份证换领",
            "办理后协议的状态",
            "该方没有暂停协议",
        ],
    );
    let revision = between(&page, "name=\"expectedRevision\" value=\"", "\"").to_owned();
    let party = ("party", "440115");
    let expected = ("expectedRevision", revision.as_str());
    assert!(!problems(&nansha.post(&suspend, &[("act", "suspend"), party, expected]).await.text).is_empty());
    let suspending = [("act", "suspend"), party, expected, ("reason", "系统升级"), ("until", "2098-12-31")];
    has(&nansha.done(&suspend, &suspending).await, &["已暂停，今天起不再办理", "系统升级", "2098-12-31", "暂停中"]);
    // Somebody has changed it meanwhile.
    let stale = nansha.post(&suspend, &suspending).await;
    assert!(!problems(&stale.text).is_empty(), "the revision is old");
    has(&nansha.page(&suspend).await, &["正在暂停"]);
    has(&nansha.done(&suspend, &[("act", "resume"), party]).await, &["已恢复，今天起照常办理"]);
    let timeline = nansha.page(&format!("/console/agreements/{PAPER}")).await;
    has(&timeline, &["暂停", "恢复", "/console/journal?lang=zh&amp;entry="]);
}

#[tokio::test]
async fn notice_is_given_and_revoked() {
    let server = TestServer::new().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let notice = format!("/console/agreements/{PAPER}/notice");
    let party = ("party", "440115");
    has(&nansha.page(&notice).await, &["最早为", "该方没有发出退出通知"]);
    let early =
        [("act", "give"), party, ("endsOn", &clock::now().format("%Y-%m-%d").to_string()), ("reason", "机构调整")];
    has(problems(&nansha.post(&notice, &early).await.text), &["退出须提前"]);
    let given = [("act", "give"), party, ("endsOn", "2098-06-30"), ("reason", "机构调整")];
    has(&nansha.done(&notice, &given).await, &["退出通知已发出", "2098-06-30"]);
    has(&nansha.done(&notice, &[("act", "revoke"), party]).await, &["退出通知已撤销"]);
}

#[tokio::test]
async fn paper_records_are_confirmed_one_or_many() {
    let server = server_with_history().await;
    let nansha = Browser::new(&server, "tb_nansha", Role::Signatory, Some("440115")).await;
    let clerk = Browser::new(&server, "tb_clerk", Role::Registrar, Some("440115")).await;
    let tasks = nansha.page("/console/tasks?kind=TO_CONFIRM").await;
    let records: Vec<String> = tasks
        .split("name=\"record\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(records.len(), 2, "{tasks}");
    has(&tasks, &["核对登记", "确认之前"]);
    has(&clerk.page("/console/tasks").await, &["须由该区域的签发人办理"]);

    has(&nansha.post("/console/tasks", &[]).await.text, &["没有勾选任何一条登记"]);
    let mut fields: Vec<(&str, &str)> = records.iter().map(|record| ("record", record.as_str())).collect();
    fields.push(("record", "TB-2099-000001/1/440115"));
    let outcome = nansha.post("/console/tasks", &fields).await;
    has(&outcome.text, &["已确认 2 条，未确认 1 条", "TB-2099-000001"]);
    assert!(!nansha.page("/console/tasks").await.contains("name=\"record\""), "none is left");

    // The other party contests one of them on its page.
    let minhang = Browser::new(&server, "tb_minhang", Role::Signatory, Some("310112")).await;
    let confirm = format!("/console/agreements/{PAPER}/confirm");
    has(&minhang.page(&confirm).await, &["确认登记", "提出异议", "已确认", "待确认"]);
    let contesting = [("act", "contest"), ("party", "310112"), ("reason", "清单与纸质文本不同")];
    has(&minhang.done(&confirm, &contesting).await, &["异议已记录", "清单与纸质文本不同"]);
    has(&minhang.done(&confirm, &[("act", "confirm"), ("party", "310112")]).await, &["登记已确认"]);
}
