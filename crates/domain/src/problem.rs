//! What is wrong with what somebody handed in, said so that they can mend it: all of it at once, each
//! with the field it speaks of, a stable rule and a remedy.

use crate::words::words;

words! {
    /// The language of a text for people.
    Locale {
        Zh = "ZH", "中文", "Chinese";
        En = "EN", "英文", "English";
    }
}

words! {
    /// What a caller can do about a problem.
    ProblemCode {
        /// Lexically wrong or missing: correct the field.
        Invalid = "INVALID", "填写有误", "invalid";
        /// Understood, but a rule forbids it.
        Refused = "REFUSED", "不予受理", "refused";
        /// What is named does not exist.
        NotFound = "NOT_FOUND", "未找到", "not found";
        /// It clashes with what is there.
        Conflict = "CONFLICT", "冲突", "conflict";
        /// The record has moved on since it was read.
        Stale = "STALE", "已过时", "stale";
    }
}

/// A text for people in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    pub zh: String,
    pub en: String,
}

impl Message {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    pub fn text(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.zh,
            Locale::En => &self.en,
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// Where, as the input is nested: `["schedule", "0", "matters", "3"]`.
    pub path: Vec<String>,
    /// The rule that was broken, a stable word.
    pub rule: &'static str,
    pub message: Message,
    pub remedy: Option<Message>,
}

impl Problem {
    pub fn new(code: ProblemCode, path: Vec<String>, rule: &'static str, message: Message) -> Self {
        Self { code, path, rule, message, remedy: None }
    }

    pub fn invalid(path: Vec<String>, rule: &'static str, message: Message) -> Self {
        Self::new(ProblemCode::Invalid, path, rule, message)
    }

    #[must_use]
    pub fn remedy(self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { remedy: Some(Message::new(zh, en)), ..self }
    }

    /// The field as one word: `schedule[0].matters[3]`.
    pub fn field(&self) -> String {
        let mut field = String::new();
        for step in &self.path {
            if step.bytes().all(|b| b.is_ascii_digit()) {
                field += &format!("[{step}]");
            } else {
                if !field.is_empty() {
                    field.push('.');
                }
                field += step;
            }
        }
        field
    }
}

/// Everything that is wrong, in the order of the input.
pub type Problems = Vec<Problem>;

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        vec![problem]
    }
}
