//! Problems of an input: all of them at once, each with its field, a stable rule, a message in both languages and a
//! remedy.

use std::fmt;

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

/// The text does not have the form of its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    DistrictCode,
    MatterCode,
    OfferingCode,
    CreditCode,
    AgreementNumber,
    Digest,
}

impl Malformed {
    /// The stable name of the rule.
    pub fn rule(self) -> &'static str {
        match self {
            Self::DistrictCode => "DISTRICT_CODE",
            Self::MatterCode => "MATTER_CODE",
            Self::OfferingCode => "OFFERING_CODE",
            Self::CreditCode => "CREDIT_CODE",
            Self::AgreementNumber => "AGREEMENT_NUMBER",
            Self::Digest => "DIGEST",
        }
    }

    /// The expected form, as a remedy.
    pub fn expected(self) -> Message {
        match self {
            Self::DistrictCode => Message::new(
                "区域代码应为 6 位数字（GB/T 2260）、乡级 9 位数字、以 0 补足的 12 位数字，或“6 位所在地代码-Z两位序号”，如 440115、440115001、440115000000、130600-Z01",
                "a district code is 6 digits (GB/T 2260), 9 for a township, the same padded with zeros to 12, or host-Znn: 440115, 440115001, 440115000000, 130600-Z01",
            ),
            Self::MatterCode => Message::new(
                "事项基本编码应为 12 位数字，或 L 加 11 位数字或大写字母",
                "a matter code is 12 digits, or L and 11 digits or capital letters",
            ),
            Self::OfferingCode => Message::new(
                "实施编码应为 31 位（统一社会信用代码 18 位 + 行使层级 1 位 + 基本编码 12 位），业务办理项编码为 33 位",
                "an implementing code has 31 characters (credit code 18, level 1, basic code 12), with the handling item 33",
            ),
            Self::CreditCode => Message::new(
                "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）",
                "a unified social credit code is 18 digits or capital letters without I, O, S, V and Z",
            ),
            Self::AgreementNumber => {
                Message::new("协议编号形如 TB-2021-000001", "an agreement number looks like TB-2021-000001")
            }
            Self::Digest => Message::new(
                "摘要形如 sha-256:… 后接 64 位十六进制数",
                "a digest is sha-256: and 64 hexadecimal digits",
            ),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expected().en)
    }
}

impl std::error::Error for Malformed {}
