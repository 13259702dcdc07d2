//! Reads how people are reached: telephone numbers, and lists of days and objects of bounded length.

use std::collections::BTreeSet;

use super::shape::Form;
use super::{Reader, wrong_type};
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode};
use crate::reading::format::parse_date;
use crate::text::{self, quoting};

impl Reader<'_> {
    /// A telephone number as people write it, perhaps with an extension or several numbers. It has at least three
    /// digits.
    pub fn phone(&mut self, field: &'static str) -> Option<String> {
        let phone = self.optional_number_text(field, 120)?;
        if phone.chars().filter(char::is_ascii_digit).count() >= 3 {
            return Some(phone);
        }
        let message = quoting(&phone, "不是电话号码", "is no telephone number");
        let remedy = Message::new("请填写号码，如 020-12345678", "give the number, such as 020-12345678");
        self.refuse(ProblemCode::Invalid, field, "PHONE", message, remedy);
        None
    }

    /// A required text of several lines.
    pub fn required_text(&mut self, field: &'static str, most: usize) -> String {
        self.note(field, || Form::Text(most));
        if self.string(field).is_none_or(|text| !text::is_readable(&text)) {
            self.missing(field);
            return String::new();
        }
        self.optional_text(field, most).unwrap_or_default()
    }

    /// A list of days, each once, in their order.
    pub fn dates(&mut self, field: &'static str, most: usize) -> Vec<Date> {
        self.note(field, || Form::Dates);
        let dates = self.list(field, |value, path, problems| {
            let Some(text) = value.as_str() else {
                problems.push(wrong_type(path, "日期", "a date"));
                return None;
            };
            let date = parse_date(text);
            if date.is_none() {
                problems.push(
                    Problem::invalid(path, "DATE", quoting(text, "不是日期", "is not a date"))
                        .remedy("请按 2021-05-28 的形式填写", "write it like 2021-05-28"),
                );
            }
            date
        });
        self.bounded(field, dates.len(), most);
        dates.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Refuses a list that is longer than allowed.
    pub(crate) fn bounded(&mut self, field: &'static str, length: usize, most: usize) {
        if length > most {
            let message = Message::new(format!("超过 {most} 项"), format!("more than {most} entries"));
            let remedy = Message::new(format!("请保留至多 {most} 项"), format!("keep at most {most} entries"));
            self.refuse(ProblemCode::Invalid, field, "TOO_MANY", message, remedy);
        }
    }
}
