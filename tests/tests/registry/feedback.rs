//! Feedback (纠错): anybody submits, the district that answers for the record answers. Words and telephone numbers stay
//! out of the journal, the feed and the export.

use chrono::Days;
use scenarios::agreement::{MINHANG, NANSHA, RENEWING};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::{TestRegistry, on_every_database};
use serde_json::{Value, json};

on_every_database! {
    anybody_submits_and_the_district_of_the_record_answers,
    what_is_wrong_with_a_submission_is_told_at_once,
    words_and_telephone_numbers_are_in_no_feed_and_the_number_is_erased,
}

async fn window(registry: &TestRegistry) -> String {
    let told = registry
        .ask(&format!(r#"{{ district(code: "{NANSHA}") {{ windows {{ edges {{ node {{ id }} }} }} }} }}"#))
        .await;
    told["district"]["windows"]["edges"][0]["node"]["id"].as_str().expect("an id").to_owned()
}

const CASE: &str = "feedback { id caseNumber text state reply due answeredOn phone about { id } }";
const LIST: &str = "{ feedback { totalCount edges { node { text phone state } } } }";

async fn anybody_submits_and_the_district_of_the_record_answers(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let about = window(&registry).await;
    let said = format!(r#"about: "{about}", text: "电话打不通，应为 020-12345", phone: "138 0013 8000""#);
    let told = registry.anybody().does("submitFeedback", &said, CASE).await["feedback"].clone();
    assert_eq!((&told["state"], &told["reply"], &told["about"]["id"]), (&json!("OPEN"), &Value::Null, &json!(about)));
    assert_eq!(told["phone"], Value::Null, "the sender's number is for whoever answers");
    assert!(told["caseNumber"].as_str().is_some_and(|number| number.starts_with("JC")), "{told}");
    // The district of the window and stewards see it, others do not.
    let id = told["id"].as_str().expect("an id");
    for clerk in [registry.registrar(NANSHA), registry.steward()] {
        let list = clerk.ask(LIST).await["feedback"].clone();
        assert_eq!(list["totalCount"], 1, "{list}");
        assert_eq!(list["edges"][0]["node"]["phone"], "138 0013 8000");
    }
    let node = format!(r#"{{ node(id: "{id}") {{ ... on Feedback {{ text }} }} }}"#);
    for other in [registry.registrar(MINHANG), registry.anybody()] {
        assert_eq!(other.ask(LIST).await["feedback"]["totalCount"], 0);
        assert_eq!(other.ask(&node).await["node"], Value::Null);
    }
    let reply = format!(r#"id: "{id}", reply: "已更正，谢谢。""#);
    let refused = registry.registrar(MINHANG).refused("answerFeedback", &reply).await;
    assert_eq!(refused, ["NOT_FOUND id NOT_FOUND"]);
    let answered = registry.registrar(NANSHA).does("answerFeedback", &reply, CASE).await["feedback"].clone();
    assert_eq!((&answered["state"], &answered["reply"]), (&json!("ANSWERED"), &json!("已更正，谢谢。")));
    let again = registry.registrar(NANSHA).refused("answerFeedback", &reply).await;
    assert_eq!(again, ["REFUSED id ALREADY_ANSWERED"]);
    // A matter belongs to no district: stewards answer.
    let matter = registry.ask(&format!(r#"{{ matter(code: "{RENEWING}") {{ id }} }}"#)).await;
    let said = format!(r#"about: {}, text: "名称有错字""#, matter["matter"]["id"]);
    registry.anybody().does("submitFeedback", &said, CASE).await;
    assert_eq!(registry.registrar(NANSHA).ask(LIST).await["feedback"]["totalCount"], 1);
    assert_eq!(registry.steward().ask(LIST).await["feedback"]["totalCount"], 2);
    assert!(registry.verify().await.is_ok());
}

async fn what_is_wrong_with_a_submission_is_told_at_once(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let anybody = registry.anybody();
    let bad = r#"about: "win_ffff", text: "我的身份证 11010519491231002X", phone: "见上""#;
    let refused = anybody.refused("submitFeedback", bad).await;
    assert_eq!(refused, ["NOT_FOUND about NOT_FOUND", "INVALID phone PHONE", "INVALID text IDENTITY_NUMBER"]);
    let about = window(&registry).await;
    let blank = anybody.refused("submitFeedback", &format!(r#"about: "{about}", text: " ""#)).await;
    assert_eq!(blank, ["INVALID text REQUIRED"]);
    let long = "长".repeat(2_001);
    let refused = anybody.refused("submitFeedback", &format!(r#"about: "{about}", text: "{long}""#)).await;
    assert_eq!(refused, ["INVALID text TOO_LONG"]);
    // Repeated with its key it is one case, and open cases of a record are bounded.
    let keyed = format!(r#"about: "{about}", text: "地址有误", idempotencyKey: "a""#);
    let first = anybody.does("submitFeedback", &keyed, CASE).await;
    assert_eq!(anybody.does("submitFeedback", &keyed, CASE).await, first);
    for at in 1..50 {
        anybody.does("submitFeedback", &format!(r#"about: "{about}", text: "有误 {at}""#), CASE).await;
    }
    let full = anybody.refused("submitFeedback", &format!(r#"about: "{about}", text: "又有误""#)).await;
    assert_eq!(full, ["REFUSED about TOO_MANY_OPEN"]);
}

async fn words_and_telephone_numbers_are_in_no_feed_and_the_number_is_erased(registry: TestRegistry) {
    registry.import(NANSHA_AND_MINHANG).await;
    let about = window(&registry).await;
    let said = format!(r#"about: "{about}", text: "独一无二的话", phone: "13912345678""#);
    let case = registry.anybody().does("submitFeedback", &said, CASE).await["feedback"].clone();
    let changes = "{ changes(last: 5) { edges { node { kind document } } } }";
    let seen = registry.steward().ask(changes).await.to_string();
    assert!(seen.contains("FEEDBACK") && !seen.contains("独一无二") && !seen.contains("13912345678"), "{seen}");
    for other in [registry.registrar(NANSHA), registry.anybody()] {
        assert!(!other.ask(changes).await.to_string().contains("FEEDBACK"));
    }
    let reply = format!(r#"id: {}, reply: "已改""#, case["id"]);
    registry.registrar(NANSHA).does("answerFeedback", &reply, CASE).await;
    let phone = async || registry.registrar(NANSHA).ask(LIST).await["feedback"]["edges"][0]["node"]["phone"].clone();
    assert_eq!(phone().await, "13912345678");
    registry.pass(89);
    assert_eq!(phone().await, "13912345678");
    registry.pass(1);
    assert_eq!(phone().await, Value::Null);
    let id = case["id"].as_str().expect("an id").parse().expect("an id");
    registry.clock().await;
    let before = registry.today().checked_sub_days(Days::new(1)).expect("a day");
    assert_eq!(registry.store().feedback_phone(id, before).await.expect("it is read"), None, "the row is gone");
    assert!(registry.verify().await.is_ok());
}
