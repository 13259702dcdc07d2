//! Feedback (纠错): a report that a record is wrong. The reporter's name is not asked for. The text and the reply are kept
//! beside the record and sealed by it; a telephone number is kept apart and erased some time after the answer.

use chrono::{DateTime, Days, NaiveDate, SubsecRound as _, Utc};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::code::DistrictCode;
use crate::id::RecordType;
use crate::journal::Digest;
use crate::kind::RecordKind;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode};
use crate::reading::Reader;
use crate::words::words;

/// Within how many working days it is answered.
const ANSWERED_WITHIN: usize = 5;
/// How many days after the answer a telephone number is erased.
const PHONE_KEPT: Days = Days::new(90);
/// The most characters of a text and of a reply.
pub const MAX_TEXT: usize = 2_000;
/// How many open cases a record may have: further ones tell nothing new.
pub const MAX_OPEN: u64 = 50;

words! {
    /// Whether feedback is answered. Open: clients need a fallback.
    FeedbackState {
        Open = "OPEN", "待答复", "open";
        Answered = "ANSWERED", "已答复", "answered";
    }
}

/// A case as the journal keeps it: without the words and without a telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Feedback {
    /// By which the sender finds the answer.
    pub case_number: String,
    /// The global id of the record that it is about.
    pub about: String,
    /// The districts that answer for the record. Without any, stewards answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub districts: Vec<DistrictCode>,
    pub received_at: DateTime<Utc>,
    /// The last day for the answer.
    pub due: Date,
    /// The digest of the text.
    pub seal: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_on: Option<Date>,
    /// The digest of the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_seal: Option<Digest>,
}

impl RecordType for Feedback {
    const KIND: RecordKind = RecordKind::Feedback;
    const PREFIX: &'static str = "fbk";
}

impl Feedback {
    /// A case that is received now.
    pub fn received(
        case_number: String,
        (about, districts): (String, Vec<DistrictCode>),
        text: &str,
        (now, today): (DateTime<Utc>, Date),
        calendar: &Calendar,
    ) -> Self {
        Self {
            case_number,
            about,
            districts,
            received_at: now.trunc_subsecs(6),
            due: calendar.working_days_after(today, ANSWERED_WITHIN),
            seal: Digest::of(text.as_bytes()),
            answered_on: None,
            reply_seal: None,
        }
    }

    pub fn state(&self) -> FeedbackState {
        if self.answered_on.is_some() { FeedbackState::Answered } else { FeedbackState::Open }
    }

    /// Answers the case. It is answered once.
    pub fn answer(self, reply: &str, today: Date) -> Result<Self, Problem> {
        if self.answered_on.is_some() {
            return Err(Problem::new(
                ProblemCode::Refused,
                vec!["id".to_owned()],
                "ALREADY_ANSWERED",
                Message::new("该纠错已答复", "the feedback has been answered already"),
            )
            .remedy("无需重复答复", "nothing to do"));
        }
        Ok(Self { answered_on: Some(today), reply_seal: Some(Digest::of(reply.as_bytes())), ..self })
    }

    /// The day from which the telephone number is gone. `None` while there is no answer.
    pub fn phone_erased_on(&self) -> Option<Date> {
        self.answered_on.and_then(|day| day.checked_add_days(PHONE_KEPT))
    }
}

/// What is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    pub about: String,
    pub text: String,
    pub phone: Option<String>,
}

impl Submission {
    pub fn read(r: &mut Reader<'_>) -> Self {
        let about = r.line("about", 120);
        let text = words_of(r, "text");
        let phone = r.phone("phone");
        if phone.as_deref().is_some_and(|phone| phone.chars().count() > 40 || has_identity_number(phone)) {
            r.refuse(
                ProblemCode::Invalid,
                "phone",
                "PHONE",
                Message::new("这里只填一个电话号码", "this field takes one telephone number"),
                Message::new("请填写号码，如 13800138000，或不填", "give the number, or leave it out"),
            );
        }
        Self { about, text, phone }
    }
}

/// A required text without numbers of identity cards.
pub fn words_of(r: &mut Reader<'_>, field: &'static str) -> String {
    let text = r.required_text(field, MAX_TEXT);
    if has_identity_number(&text) {
        r.refuse(
            ProblemCode::Invalid,
            field,
            "IDENTITY_NUMBER",
            Message::new("内容中有身份证号码", "the text has the number of an identity card"),
            Message::new(
                "请删去身份证号码后再提交；纠错不需要个人信息",
                "take the number out: no personal data is needed",
            ),
        );
    }
    text
}

/// Whether a text has the number of an identity card: 18 characters with a day of birth and a right check character
/// (GB 11643), perhaps written in groups.
pub fn has_identity_number(text: &str) -> bool {
    let narrow = |character: char| match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        other => other,
    };
    let is_gap = |character: &char| matches!(character, ' ' | '-' | '\u{3000}' | '\t');
    let plain: Vec<char> = text.chars().map(narrow).filter(|character| !is_gap(character)).collect();
    let is_digit = |at: usize| plain.get(at).is_some_and(char::is_ascii_digit);
    (0..plain.len().saturating_sub(17)).any(|at| {
        let stands_alone = (at == 0 || !is_digit(at - 1)) && !is_digit(at + 18);
        stands_alone && is_identity_number(&plain[at..at + 18])
    })
}

fn is_identity_number(characters: &[char]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let (digits, check) = characters.split_at(17);
    let Some(digits) = digits.iter().map(|digit| digit.to_digit(10)).collect::<Option<Vec<u32>>>() else {
        return false;
    };
    let number = |range: std::ops::Range<usize>| digits[range].iter().fold(0, |number, digit| number * 10 + digit);
    let year = i32::try_from(number(6..10)).unwrap_or_default();
    let born = NaiveDate::from_ymd_opt(year, number(10..12), number(12..14));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    (1850..2200).contains(&year) && born.is_some() && CHECKS[(sum % 11) as usize] == check[0].to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problems;

    #[test]
    fn numbers_of_identity_cards_are_recognised() {
        // An example of GB 11643.
        for text in [
            "11010519491231002X",
            "我的号码是11010519491231002x，请改",
            "110105 19491231 002X",
            "１１０１０５１９４９１２３１００２Ｘ",
            "440524188001010014",
        ] {
            assert!(has_identity_number(text), "{text}");
        }
        for text in [
            "110105194912310021",
            "000109001000000109",
            "020-12345678 13800138000",
            "1110105194912310021",
            "协议 TB-2021-000001",
        ] {
            assert!(!has_identity_number(text), "{text}");
        }
    }

    #[test]
    fn a_submission_names_all_its_problems() {
        let read = |value: serde_json::Value| {
            let mut problems = Problems::new();
            crate::reading::read(&value, &mut problems, Submission::read);
            problems.iter().map(|problem| format!("{} {}", problem.field(), problem.rule)).collect::<Vec<_>>()
        };
        assert_eq!(read(serde_json::json!({})), ["about REQUIRED", "text REQUIRED"]);
        let bad = serde_json::json!({ "about": "mat_1", "text": "号码 11010519491231002X", "phone": "见上" });
        assert_eq!(read(bad), ["text IDENTITY_NUMBER", "phone PHONE"]);
        assert_eq!(read(serde_json::json!({ "about": "mat_1", "text": " ？ " })), ["text REQUIRED"]);
        assert_eq!(read(serde_json::json!({ "about": "mat_1", "text": "长".repeat(2_001) })), ["text TOO_LONG"]);
        assert_eq!(
            read(serde_json::json!({ "about": "mat_1", "text": "电话错了", "phone": "138 0013 8000" })),
            [""; 0]
        );
    }

    #[test]
    fn a_case_is_answered_once_and_its_telephone_number_goes_after_ninety_days() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let now = DateTime::from_timestamp(1_796_000_000, 0).expect("a time");
        let received = Feedback::received(
            "JC1".into(),
            ("mat_1".into(), Vec::new()),
            "错了",
            (now, day("2026-11-30")),
            &Calendar::default(),
        );
        assert_eq!((received.due, received.state()), (day("2026-12-07"), FeedbackState::Open));
        let answered = received.answer("已改", day("2026-12-01")).expect("it may");
        assert_eq!((answered.state(), answered.phone_erased_on()), (FeedbackState::Answered, Some(day("2027-03-01"))));
        assert_eq!(answered.answer("再改", day("2026-12-02")).map_err(|problem| problem.rule), Err("ALREADY_ANSWERED"));
    }
}
