//! Reads the fields of an object: texts, codes, enums, numbers, dates and content.

use std::collections::BTreeSet;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, Utc};
use serde_json::Value;

use crate::code::ListedCode;
use crate::period::{Date, Period};
use crate::problem::{Malformed, Message, Problem, ProblemCode, Problems};
use crate::reading::format::{is_url, parse_date, parse_moment};
use crate::reading::shape::{Form, type_name};
use crate::reading::spreadsheet::spreadsheet_number;
use crate::reading::{EndField, Reader, parsed, wrong_type};
use crate::text::{self, Layout, quoting};
use crate::words::Word;

impl Reader<'_> {
    fn checked(&mut self, field: &'static str, text: String, most: usize, layout: Layout) -> Option<String> {
        let text = match text.trim() {
            trimmed if trimmed.len() == text.len() => text,
            trimmed => trimmed.to_owned(),
        };
        if let Some(text::Fault { rule, message, remedy }) = text::fault(&text, most, layout) {
            self.refuse(ProblemCode::Invalid, field, rule, message, remedy);
            return None;
        }
        Some(text)
    }

    /// A required text of one line.
    pub fn line(&mut self, field: &'static str, most: usize) -> String {
        self.required_line(field, most, |text| text.trim().is_empty())
    }

    /// A required name: a line with at least one letter or digit. Punctuation alone is not a name.
    pub fn name(&mut self, field: &'static str, most: usize) -> String {
        self.required_line(field, most, |text| !text::is_readable(text))
    }

    fn required_line(&mut self, field: &'static str, most: usize, is_blank: impl FnOnce(&str) -> bool) -> String {
        self.note(field, || Form::Line(most));
        match self.string(field) {
            Some(text) if is_blank(&text) => self.missing(field),
            Some(text) => return self.checked(field, text, most, Layout::OneLine).unwrap_or_default(),
            None if !self.has(field) => self.missing(field),
            None => {}
        }
        String::new()
    }

    /// A text of one line; blank counts as absent.
    pub fn optional_line(&mut self, field: &'static str, most: usize) -> Option<String> {
        self.note(field, || Form::Line(most));
        let text = self.string(field).filter(|text| !text.trim().is_empty())?;
        self.checked(field, text, most, Layout::OneLine)
    }

    /// A text of several lines, which end in line feeds; blank counts as absent.
    pub fn optional_text(&mut self, field: &'static str, most: usize) -> Option<String> {
        self.note(field, || Form::Text(most));
        let text = self.string(field).filter(|text| !text.trim().is_empty())?;
        self.checked(field, text::with_line_feeds(&text).into_owned(), most, Layout::Lines)
    }

    /// A number kept as text, such as a code or a phone number; blank counts as absent. Scientific notation is refused:
    /// a spreadsheet wrote it, and digits are lost.
    pub fn optional_number_text(&mut self, field: &'static str, most: usize) -> Option<String> {
        let text = self.optional_line(field, most)?;
        self.not_of_a_spreadsheet(field, text)
    }

    /// A required number kept as text.
    pub fn number_text(&mut self, field: &'static str, most: usize) -> String {
        let text = self.line(field, most);
        self.not_of_a_spreadsheet(field, text).unwrap_or_default()
    }

    fn not_of_a_spreadsheet(&mut self, field: &str, text: String) -> Option<String> {
        let Some((message, remedy)) = spreadsheet_number(&text) else { return Some(text) };
        self.refuse(ProblemCode::Invalid, field, "SPREADSHEET_NUMBER", message, remedy);
        None
    }

    /// A list of lines.
    pub fn lines(&mut self, field: &'static str, most: usize) -> Vec<String> {
        self.note(field, || Form::Lines(most));
        self.list(field, |value, path, problems| {
            let text = text_of(value, &path, problems)?.trim();
            let fault = if text::is_readable(text) { text::fault(text, most, Layout::OneLine) } else { Some(blank()) };
            if let Some(text::Fault { rule, message, remedy }) = fault {
                problems.push(Problem { remedy: Some(remedy), ..Problem::invalid(path, rule, message) });
                return None;
            }
            Some(text.to_owned())
        })
    }

    /// A required code.
    pub fn code<T: FromStr<Err = Malformed>>(&mut self, field: &'static str) -> Option<T> {
        if !self.has(field) {
            self.missing(field);
        }
        self.optional_code(field)
    }

    pub fn optional_code<T: FromStr<Err = Malformed>>(&mut self, field: &'static str) -> Option<T> {
        self.note(field, || Form::Code(type_name::<T>()));
        let text = self.string(field)?;
        let path = self.at(field);
        parsed(&text, path, self.problems)
    }

    /// A set of codes; a duplicate is a problem. A code that cannot be parsed becomes `UNREAD`.
    pub fn codes<T: ListedCode>(&mut self, field: &'static str) -> Vec<T> {
        self.note(field, || Form::Codes(type_name::<T>()));
        let mut seen = BTreeSet::new();
        self.list(field, |value, path, problems| {
            let Some(text) = text_of(value, &path, problems) else { return Some(T::UNREAD) };
            let Some(code) = parsed(text, path.clone(), problems) else { return Some(T::UNREAD) };
            if !seen.insert(code) {
                problems.push(
                    Problem::invalid(
                        path,
                        "DUPLICATE",
                        Message::new(format!("“{text}”重复出现"), format!("{text} is named twice")),
                    )
                    .remedy("请删去重复的一项", "remove one of the two"),
                );
                return Some(T::UNREAD);
            }
            Some(code)
        })
    }

    /// A required enum value.
    pub fn word<T: Word>(&mut self, field: &'static str) -> Option<T> {
        if !self.has(field) {
            self.missing(field);
        }
        self.optional_word(field)
    }

    pub fn optional_word<T: Word>(&mut self, field: &'static str) -> Option<T> {
        self.note(field, || Form::Word(names::<T>()));
        let text = self.string(field)?;
        let path = self.at(field);
        word(&text, path, self.problems)
    }

    pub fn words<T: Word + PartialEq>(&mut self, field: &'static str) -> Vec<T> {
        self.note(field, || Form::Words(names::<T>()));
        let mut words = self.list(field, |value, path, problems| {
            let text = text_of(value, &path, problems)?;
            word(text, path, problems)
        });
        let mut at = 0;
        while at < words.len() {
            if words[..at].contains(&words[at]) {
                words.remove(at);
            } else {
                at += 1;
            }
        }
        words
    }

    /// Whether a list of texts has a duplicate.
    pub fn repeats(&mut self, field: &'static str) -> bool {
        let texts = self.value(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut seen = BTreeSet::new();
        !texts.into_iter().all(|text| seen.insert(text))
    }

    pub fn date(&mut self, field: &'static str) -> Option<Date> {
        self.note(field, || Form::Date);
        let text = self.string(field)?;
        let date = parse_date(&text);
        if date.is_none() {
            let path = self.at(field);
            self.problems.push(
                Problem::invalid(path, "DATE", quoting(&text, "不是日期", "is not a date"))
                    .remedy("请按 2021-05-28 的形式填写", "write it like 2021-05-28"),
            );
        }
        date
    }

    /// A timestamp in RFC 3339.
    pub fn moment(&mut self, field: &'static str) -> Option<DateTime<Utc>> {
        self.note(field, || Form::Moment);
        let text = self.string(field)?;
        let moment = parse_moment(&text);
        if moment.is_none() {
            let path = self.at(field);
            self.problems.push(
                Problem::invalid(path, "DATE_TIME", quoting(&text, "不是时间", "is not a moment"))
                    .remedy("请按 2021-05-28T09:30:00Z 的形式填写", "write it like 2021-05-28T09:30:00Z"),
            );
        }
        moment
    }

    /// A first and a last day, in order.
    pub fn period(&mut self, from: &'static str, to: &'static str) -> Period {
        let period = Period::new(self.date(from), self.date(to));
        if period.is_backwards() {
            let message = Message::new(format!("{to} 早于 {from}"), format!("{to} is before {from}"));
            let remedy = Message::new("截止日不得早于起始日", "let the last day be the first day or later");
            self.refuse(ProblemCode::Invalid, to, "DATES_OUT_OF_ORDER", message, remedy);
        }
        period
    }

    /// The planned days `validFrom` to `validTo`, and the act that ended the record, with its day and reason. Lines of
    /// earlier releases have the last day before the act as `validTo`, and no day of the act.
    pub fn planned_and_ended(
        &mut self,
        ended_on: &'static str,
        reason: &'static str,
    ) -> (Period, Option<Date>, Option<String>) {
        let is_earlier_format = self.has(reason) && self.end(ended_on) == EndField::LeftOut;
        if is_earlier_format && self.has("validTo") {
            let (from, to) = (self.date("validFrom"), self.date("validTo"));
            let ended_on = to.map(|to| to.succ_opt().filter(|day| day.year() <= 9_999).unwrap_or(to));
            return (Period::new(from, None), ended_on, self.optional_text(reason, 2_000));
        }
        let period = self.period("validFrom", "validTo");
        let on = self.date(ended_on);
        if on.is_none() && self.has(reason) {
            let message = Message::new("写明了原因，但没有日期", "there is a reason, but no day");
            let remedy = Message::new(
                format!("请填写 {ended_on}，或删去原因"),
                format!("give {ended_on}, or leave the reason out"),
            );
            self.refuse(ProblemCode::Invalid, ended_on, "REQUIRED", message, remedy);
        }
        (period, on, self.optional_text(reason, 2_000))
    }

    /// A whole number from 0 to `most`.
    pub fn number(&mut self, field: &'static str, most: u32) -> Option<u32> {
        self.note(field, || Form::Number(most));
        let value = self.value(field)?.clone();
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            // The cells of a table are text.
            Value::String(text) => text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        match number.and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= most) {
            Some(number) => Some(number),
            None => {
                let given = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let message = quoting(
                    &given,
                    &format!("不是 0 到 {most} 的整数"),
                    &format!("is not a whole number from 0 to {most}"),
                );
                let remedy = Message::new("只填数字，如 5", "write the number alone, such as 5");
                self.refuse(ProblemCode::Invalid, field, "NUMBER", message, remedy);
                None
            }
        }
    }

    pub fn required_number(&mut self, field: &'static str, most: u32) -> u32 {
        self.readable_number(field, most).unwrap_or_default()
    }

    /// A required number; `None` if it could not be read.
    pub fn readable_number(&mut self, field: &'static str, most: u32) -> Option<u32> {
        self.require(field);
        self.number(field, most)
    }

    /// A boolean; absent is false.
    pub fn flag(&mut self, field: &'static str) -> bool {
        self.note(field, || Form::Flag);
        match self.value(field) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
            Some(_) => {
                let path = self.at(field);
                self.problems.push(wrong_type(path, "true 或 false", "true or false"));
                false
            }
        }
    }

    /// An `http` or `https` URL.
    pub fn url(&mut self, field: &'static str) -> Option<String> {
        self.note(field, || Form::Url);
        let url = self.optional_line(field, 2_000)?;
        if is_url(&url) {
            return Some(url);
        }
        let message = quoting(&url, "不是网址", "is not a web address");
        let remedy = Message::new(
            "网址应以 https:// 或 http:// 开头，后接有效的主机名，不含用户名、空格、引号和 \\",
            "a web address begins with https:// or http:// and a valid host, without a user, blanks, quotation marks and \\",
        );
        self.refuse(ProblemCode::Invalid, field, "URL", message, remedy);
        None
    }

    /// Required base64 content of 1 to `most` bytes. The text is not among the fields: it is large.
    pub fn content(&mut self, field: &'static str, text: Option<&[u8]>, most: usize) -> Option<Vec<u8>> {
        self.note(field, || Form::Content);
        let Some(text) = text else {
            self.require(field);
            return None;
        };
        // Reject by length before decoding.
        let decoded = if text.len() / 4 * 3 > most + 3 { Ok(None) } else { STANDARD.decode(text).map(Some) };
        let (rule, message, remedy) = match decoded {
            Ok(Some(content)) if content.is_empty() => (
                "EMPTY",
                Message::new("内容为空", "there is no content"),
                Message::new("请附上有内容的文件", "attach a file that has content"),
            ),
            Ok(Some(content)) if content.len() <= most => return Some(content),
            Ok(_) => (
                "TOO_LARGE",
                Message::new(format!("超过 {} MiB", most >> 20), format!("longer than {} MiB", most >> 20)),
                Message::new("请压缩或分成几份文件", "make it smaller, or attach it in parts"),
            ),
            Err(_) => (
                "BASE64",
                Message::new("不是 base64", "it is not base64"),
                Message::new(
                    "请按 RFC 4648 第 4 节编码，不含换行",
                    "encode it after RFC 4648 section 4, without line breaks",
                ),
            ),
        };
        self.refuse(ProblemCode::Invalid, field, rule, message, remedy);
        None
    }
}

fn names<T: Word>() -> Vec<&'static str> {
    T::all().iter().map(|word| word.word()).collect()
}

fn text_of<'v>(value: &'v Value, path: &[String], problems: &mut Problems) -> Option<&'v str> {
    let text = value.as_str();
    if text.is_none() {
        problems.push(wrong_type(path.to_vec(), "文本", "text"));
    }
    text
}

fn blank() -> text::Fault {
    text::Fault {
        rule: "BLANK",
        message: Message::new("不能为空", "must not be blank"),
        remedy: Message::new("请填写内容，或删去这一项", "write something, or leave the entry out"),
    }
}

fn word<T: Word>(text: &str, path: Vec<String>, problems: &mut Problems) -> Option<T> {
    let word = text.parse().ok();
    if word.is_none() {
        let known = names::<T>().join(", ");
        problems.push(
            Problem::invalid(path, "UNKNOWN_WORD", quoting(text, "不在取值范围内", "is not one of the values"))
                .remedy(format!("可取：{known}"), format!("one of {known}")),
        );
    }
    word
}
