//! Problems of an input: all of them at once, each with its field, a stable rule, a message in both languages and a remedy.

use crate::words::words;

words! {
    /// The language of a text for people.
    Locale {
        Zh = "ZH", "中文", "Chinese";
        En = "EN", "英文", "English";
    }
}

words! {
    /// The class of a problem: what a caller can do about it.
    ProblemCode {
        /// The field is malformed or missing.
        Invalid = "INVALID", "填写有误", "invalid";
        /// The input is well-formed, but a rule forbids it.
        Refused = "REFUSED", "不予受理", "refused";
        /// The record that is named does not exist.
        NotFound = "NOT_FOUND", "未找到", "not found";
        /// The input conflicts with an existing record.
        Conflict = "CONFLICT", "冲突", "conflict";
        /// The record has changed since the caller read it.
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

/// One problem of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: ProblemCode,
    /// The path of the field in the input: `["schedule", "0", "matters", "3"]`.
    pub path: Vec<String>,
    /// The stable name of the rule that was broken.
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

    /// The path as text: `schedule[0].matters[3]`.
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

/// All problems of an input, in the order of its fields.
pub type Problems = Vec<Problem>;

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        vec![problem]
    }
}
