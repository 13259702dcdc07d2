//! Reads one JSON object into a typed record. Import lines and GraphQL inputs both use it, so that a problem has the same words
//! everywhere. Reading continues after a problem and reports all of them.

use std::collections::BTreeSet;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, Utc};
use serde_json::{Map, Value};
use url::Url;

use crate::code::{DistrictCode, ListedCode, Malformed};
use crate::merge::EndField;
use crate::period::{Date, Period};
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::tenure::Tenure;
use crate::text::{self, Layout, quoted};

/// An enum that is read by its name on the wire.
pub trait Word: FromStr + Copy + 'static {
    fn all() -> &'static [Self];
    fn word(self) -> &'static str;
}

/// Reads the fields of one JSON object and records which fields were requested, so that unknown fields can be reported.
#[derive(Debug)]
pub struct Reader<'a> {
    fields: &'a Map<String, Value>,
    path: Vec<String>,
    asked: BTreeSet<&'static str>,
    problems: &'a mut Problems,
}

/// Reads a whole object. A field that `read` does not request is a problem.
pub fn read<T>(value: &Value, problems: &mut Problems, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
    read_at(value, Vec::new(), problems, read)
}

/// The fields that `read` requests.
pub(crate) fn asked_for<T>(read: impl FnOnce(&mut Reader<'_>) -> T) -> BTreeSet<&'static str> {
    let mut reader = Reader { fields: &Map::new(), path: Vec::new(), asked: BTreeSet::new(), problems: &mut Problems::new() };
    read(&mut reader);
    reader.asked
}

fn read_at<T>(value: &Value, path: Vec<String>, problems: &mut Problems, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
    let Value::Object(fields) = value else {
        problems.push(wrong_type(path, "对象", "an object"));
        return None;
    };
    let mut reader = Reader { fields, path, asked: BTreeSet::new(), problems };
    let read = read(&mut reader);
    reader.refuse_unknown_fields();
    Some(read)
}

fn wrong_type(path: Vec<String>, zh: &str, en: &str) -> Problem {
    Problem::invalid(path, "TYPE", Message::new(format!("此处应为{zh}"), format!("{en} is expected here")))
        .remedy(format!("请改填{zh}"), format!("give {en} instead"))
}

impl Reader<'_> {
    /// The path of a field; a nested field has dots between its steps.
    fn at(&self, field: &str) -> Vec<String> {
        self.path.iter().map(String::as_str).chain(field.split('.')).map(Into::into).collect()
    }

    /// Reports a problem of this object.
    pub(crate) fn report(&mut self, problem: Problem) {
        let path = self.path.iter().cloned().chain(problem.path).collect();
        self.problems.push(Problem { path, ..problem });
    }

    /// Reports a problem of a field.
    pub fn refuse(&mut self, code: ProblemCode, field: &str, rule: &'static str, message: Message, remedy: Message) {
        let path = self.at(field);
        self.problems.push(Problem { code, path, rule, message, remedy: Some(remedy) });
    }

    /// The value of a field; `null` counts as absent.
    fn value(&mut self, field: &'static str) -> Option<&Value> {
        self.asked.insert(field);
        self.fields.get(field).filter(|value| !value.is_null())
    }

    pub fn has(&mut self, field: &'static str) -> bool {
        self.value(field).is_some()
    }

    /// Whether the field is present with the value `null`.
    pub fn is_null(&mut self, field: &'static str) -> bool {
        self.asked.insert(field);
        self.fields.get(field).is_some_and(Value::is_null)
    }

    /// Whether the field is an empty list.
    pub fn is_empty(&mut self, field: &'static str) -> bool {
        self.value(field).is_some_and(|value| value.as_array().is_some_and(Vec::is_empty))
    }

    fn missing(&mut self, field: &'static str) {
        let path = self.at(field);
        self.problems.push(
            Problem::invalid(path, "REQUIRED", Message::new("缺少必填项", "this field is required"))
                .remedy(format!("请补填 {field}"), format!("add {field}")),
        );
    }

    fn refuse_unknown_fields(&mut self) {
        for field in self.fields.keys().filter(|field| !self.asked.contains(field.as_str())) {
            let path = self.path.iter().chain([field]).cloned().collect();
            let known = self.asked.iter().copied().collect::<Vec<_>>().join(", ");
            self.problems.push(
                Problem::invalid(path, "UNKNOWN_FIELD", Message::new("没有这个字段", "there is no such field"))
                    .remedy(format!("可用字段：{known}"), format!("known fields: {known}")),
            );
        }
    }

    fn string(&mut self, field: &'static str) -> Option<String> {
        match self.value(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                let path = self.at(field);
                self.problems.push(wrong_type(path, "文本", "text"));
                None
            }
        }
    }

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
        let text = self.string(field).filter(|text| !text.trim().is_empty())?;
        self.checked(field, text, most, Layout::OneLine)
    }

    /// A text of several lines, which end in line feeds; blank counts as absent.
    pub fn optional_text(&mut self, field: &'static str, most: usize) -> Option<String> {
        let text = self.string(field).filter(|text| !text.trim().is_empty())?;
        self.checked(field, text::with_line_feeds(&text).into_owned(), most, Layout::Lines)
    }

    /// A number kept as text, such as a code or a phone number; blank counts as absent. Scientific notation is refused: a
    /// spreadsheet wrote it, and digits are lost.
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
        let text = self.string(field)?;
        let path = self.at(field);
        parsed(&text, path, self.problems)
    }

    /// A set of codes; a duplicate is a problem. A code that cannot be parsed becomes `UNREAD`.
    pub fn codes<T: ListedCode>(&mut self, field: &'static str) -> Vec<T> {
        let mut seen = BTreeSet::new();
        self.list(field, |value, path, problems| {
            let Some(text) = text_of(value, &path, problems) else { return Some(T::UNREAD) };
            let Some(code) = parsed(text, path.clone(), problems) else { return Some(T::UNREAD) };
            if !seen.insert(code) {
                problems.push(
                    Problem::invalid(path, "DUPLICATE", Message::new(format!("“{text}”重复出现"), format!("{text} is named twice")))
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
        let text = self.string(field)?;
        let path = self.at(field);
        word(&text, path, self.problems)
    }

    pub fn words<T: Word + PartialEq>(&mut self, field: &'static str) -> Vec<T> {
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

    /// The planned days `validFrom` to `validTo`, and the act that ended the record, with its day and reason. Lines of earlier
    /// releases have the last day before the act as `validTo`, and no day of the act.
    pub fn planned_and_ended(&mut self, ended_on: &'static str, reason: &'static str) -> (Period, Option<Date>, Option<String>) {
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
            let remedy = Message::new(format!("请填写 {ended_on}，或删去原因"), format!("give {ended_on}, or leave the reason out"));
            self.refuse(ProblemCode::Invalid, ended_on, "REQUIRED", message, remedy);
        }
        (period, on, self.optional_text(reason, 2_000))
    }

    /// Whether the input states the act whose day is in this field. `null` states it, too: it takes the act back.
    pub fn end(&mut self, field: &'static str) -> EndField {
        self.asked.insert(field);
        EndField::when(self.fields.contains_key(field))
    }

    /// A whole number from 0 to `most`.
    pub fn number(&mut self, field: &'static str, most: u32) -> Option<u32> {
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
                let message = quoting(&given, &format!("不是 0 到 {most} 的整数"), &format!("is not a whole number from 0 to {most}"));
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

    /// A nested object.
    pub fn object<T>(&mut self, field: &'static str, read: impl FnOnce(&mut Reader<'_>) -> T) -> Option<T> {
        self.asked.insert(field);
        let value = self.fields.get(field).filter(|value| !value.is_null())?;
        let path = self.at(field);
        read_at(value, path, self.problems, read)
    }

    /// A list of nested objects.
    pub fn objects<T>(&mut self, field: &'static str, mut read: impl FnMut(&mut Reader<'_>) -> T) -> Vec<T> {
        self.list(field, |value, path, problems| read_at(value, path, problems, &mut read))
    }

    fn list<T>(&mut self, field: &'static str, mut each: impl FnMut(&Value, Vec<String>, &mut Problems) -> Option<T>) -> Vec<T> {
        self.asked.insert(field);
        let path = self.at(field);
        match self.fields.get(field) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(values)) => {
                let step = |i: usize| path.iter().cloned().chain([i.to_string()]).collect();
                let mut list: Vec<T> = values.iter().enumerate().filter_map(|(i, value)| each(value, step(i), self.problems)).collect();
                // Records stay in memory by the thousands: give spare capacity back.
                list.shrink_to_fit();
                list
            }
            Some(_) => {
                self.problems.push(wrong_type(path, "列表", "a list"));
                Vec::new()
            }
        }
    }

    /// Relations to districts: a bare code, or an object with dates.
    pub fn tenures(&mut self, field: &'static str) -> Vec<Tenure> {
        self.list(field, |value, path, problems| match value {
            Value::String(text) => {
                let district = parsed(text, path, problems).unwrap_or(DistrictCode::UNREAD);
                Some(Tenure { district, period: Period::ALWAYS })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => read_at(value, path, problems, Tenure::read),
        })
    }

    /// An `http` or `https` URL.
    pub fn url(&mut self, field: &'static str) -> Option<String> {
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

    /// Required base64 content of 1 to `most` bytes.
    pub fn content(&mut self, field: &'static str, most: usize) -> Option<Vec<u8>> {
        self.require(field);
        let text = match self.value(field)? {
            Value::String(text) => text,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                let path = self.at(field);
                self.problems.push(wrong_type(path, "文本", "text"));
                return None;
            }
        };
        // Reject by length before decoding.
        let decoded = if text.len() / 4 * 3 > most + 3 { Ok(None) } else { STANDARD.decode(text).map(Some) };
        let (rule, message, remedy) = match decoded {
            Ok(Some(content)) if content.is_empty() => {
                ("EMPTY", Message::new("内容为空", "there is no content"), Message::new("请附上有内容的文件", "attach a file that has content"))
            }
            Ok(Some(content)) if content.len() <= most => return Some(content),
            Ok(_) => (
                "TOO_LARGE",
                Message::new(format!("超过 {} MiB", most >> 20), format!("longer than {} MiB", most >> 20)),
                Message::new("请压缩或分成几份文件", "make it smaller, or attach it in parts"),
            ),
            Err(_) => (
                "BASE64",
                Message::new("不是 base64", "it is not base64"),
                Message::new("请按 RFC 4648 第 4 节编码，不含换行", "encode it after RFC 4648 section 4, without line breaks"),
            ),
        };
        self.refuse(ProblemCode::Invalid, field, rule, message, remedy);
        None
    }

    pub fn require(&mut self, field: &'static str) {
        if !self.has(field) {
            self.missing(field);
        }
    }
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

/// A message that quotes the given text.
fn quoting(text: &str, zh: &str, en: &str) -> Message {
    let text = quoted(text);
    Message::new(format!("“{text}”{zh}"), format!("“{text}” {en}"))
}

/// Detects scientific notation such as `5.11602E+11`, which spreadsheets write for long numbers. Most digits are lost.
fn spreadsheet_number(text: &str) -> Option<(Message, Remedy)> {
    let (mantissa, exponent) = text.split_once(['E', 'e'])?;
    let exponent = exponent.strip_prefix(['+', '-'])?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let form = whole.len() == 1 && !part.is_empty() && (2..=3).contains(&exponent.len()) && digits(whole) && digits(part) && digits(exponent);
    form.then(|| {
        let message = quoting(
            text,
            "是科学计数：电子表格把编号改成了数字，后面的位数已丢失",
            "is in scientific notation: a spreadsheet made a number of the code, and its digits are lost",
        );
        (message, type_as_text())
    })
}

type Remedy = Message;

fn type_as_text() -> Remedy {
    Message::new(
        "请先把该列的格式设为“文本”，再按原件重新填写编号，然后另存",
        "set the format of the column to text, enter the code again after the original, and save the file",
    )
}

/// Detects a code that a spreadsheet changed into a number.
fn changed_by_spreadsheet(text: &str, malformed: Malformed) -> Option<(Message, Remedy)> {
    if let Some(changed) = spreadsheet_number(text) {
        return Some(changed);
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.strip_suffix(".0").is_some_and(digits) {
        let message = quoting(text, "是小数：电子表格把编号改成了数字", "is a decimal: a spreadsheet made a number of the code");
        return Some((message, type_as_text()));
    }
    // A matter's code begins with zeros, mostly with three.
    (malformed == Malformed::MatterCode && (8..12).contains(&text.len()) && digits(text)).then(|| {
        let message =
            quoting(text, "不足 12 位：可能是电子表格去掉了开头的 0", "has less than 12 digits: a spreadsheet may have taken off its leading zeros");
        (message, type_as_text())
    })
}

fn parsed<T: FromStr<Err = Malformed>>(text: &str, path: Vec<String>, problems: &mut Problems) -> Option<T> {
    match text.parse() {
        Ok(code) => Some(code),
        Err(malformed) => {
            let (message, remedy) =
                changed_by_spreadsheet(text, malformed).unwrap_or_else(|| (quoting(text, "格式不正确", "is malformed"), malformed.expected()));
            problems.push(Problem { remedy: Some(remedy), ..Problem::invalid(path, malformed.rule(), message) });
            None
        }
    }
}

fn word<T: Word>(text: &str, path: Vec<String>, problems: &mut Problems) -> Option<T> {
    let word = text.parse().ok();
    if word.is_none() {
        let known = T::all().iter().map(|word| word.word()).collect::<Vec<_>>().join(", ");
        problems.push(
            Problem::invalid(path, "UNKNOWN_WORD", quoting(text, "不在取值范围内", "is not one of the values"))
                .remedy(format!("可取：{known}"), format!("one of {known}")),
        );
    }
    word
}

/// Whether the text is an `http` or `https` URL with a host and without a user, parsed as browsers do (WHATWG). Texts that
/// could mislead a reader about the host are refused.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let misleads = |character: char| character.is_whitespace() || matches!(character, '"' | '<' | '>' | '\\');
    let plain = matches!(scheme, "https" | "http") && !authority.is_empty() && !authority.contains('@') && !text.contains(misleads);
    plain && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// A timestamp in RFC 3339 whose year has four digits in UTC, too.
pub fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9999).contains(&moment.year()).then_some(moment)
}

/// A day written as `2021-05-28`.
pub fn parse_date(text: &str) -> Option<Date> {
    let form = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    form.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_can_be_written_in_utc() {
        for (text, utc) in [
            ("2021-05-28T09:30:00+08:00", "2021-05-28T01:30:00+00:00"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60+00:00"),
        ] {
            assert_eq!(parse_moment(text).expect(text).to_rfc3339(), utc);
        }
        for elsewhere in ["9999-12-31T23:59:59-08:00", "0000-01-01T00:00:00+08:00"] {
            assert_eq!(parse_moment(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_url_that_misleads_about_its_host_is_refused() {
        for right in ["https://www.gov.cn/", "http://zwfw.example.cn:8080/a?b=c#d", "https://政务.example/办事", "https://192.0.2.1/a@b"] {
            assert!(is_url(right), "{right}");
        }
        for wrong in [
            "https://user:pw@evil.example/",
            "https://@evil.example/",
            "https://evil.example\\@gov.cn/",
            "https://[::1",
            "http://%",
            "https:///gov.cn/",
            "https:gov.cn",
            "https://xn--a/",
            "https://a b.cn/",
            "javascript:alert(1)",
            "ftp://gov.cn/",
            "//gov.cn/",
            "https://",
        ] {
            assert!(!is_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_number_that_a_spreadsheet_changed_is_detected() {
        for changed in ["5.11602E+11", "1.00E+08", "1E+12", "2.01235e+11", "1.14403E+30"] {
            assert!(spreadsheet_number(changed).is_some(), "{changed}");
        }
        for code in ["5.1E", "E+11", "511A0138000000", "1E10", "G-000007-001", "12E+11", "1.E+11", "020-12345678"] {
            assert_eq!(spreadsheet_number(code), None, "{code}");
        }
        let is_changed = |text| changed_by_spreadsheet(text, Malformed::MatterCode).is_some();
        assert!(is_changed("100000001") && is_changed("100000003.0") && !is_changed("00010000000A"));
    }

    #[test]
    fn a_date_has_one_format() {
        assert!(parse_date("2024-02-29").is_some());
        for wrong in ["2023-02-29", "2021-5-28", "+12021-05-28", "-2021-05-28", "2021-05-28 ", "２021-05-28"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
