//! A form for a whole record: what stands in the line becomes the values of the fields, and what was submitted becomes
//! the input of the act. Fields of the line without a field of the form are kept.

use domain::{Message, Problem, Problems, Revision};
use maud::{Markup, html};
use registry::acts::Input;
use registry::entries;
use registry::presentation::Say as _;
use serde_json::{Map, Value as Json};

use crate::console::act::Acted;
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::token::token;
use crate::submission::Submission;
use crate::visit::Visit;

/// The hidden field with the revision that the form was made from.
pub(super) const EXPECTED: &str = "expectedRevision";
/// Fields that an act does not take as the line has them: the end of a record is taken back by publishing it again, and
/// the single days of a window are `closedOn` in a form.
const NOT_SENT: [&str; 7] =
    ["type", "provenance", "withdrawnOn", "withdrawnReason", "closedOn", "closedReason", "closedDates"];

/// A record and the form that edits it.
pub(super) struct Editor {
    pub(super) form: Form,
    /// The line as it is registered; empty for a new record.
    pub(super) line: Map<String, Json>,
    /// 0 for a new record.
    pub(super) revision: Revision,
}

impl Editor {
    pub(super) fn new(fields: Vec<Field>, line: Map<String, Json>, revision: Revision) -> Self {
        let form = Form::new(fields);
        let mut editor = Self { form, line, revision };
        for field in &editor.form.fields {
            for value in values(field, &editor.line) {
                editor.form.values.fields.push((field.name.to_string(), value));
            }
        }
        editor
    }

    /// The input of the act: the line with what the form has. `key`: what identifies the record.
    pub(super) fn input(&self, visit: &Visit, submission: &Submission, key: &[(&str, Json)]) -> Input {
        let mut input: Input = self.line.clone();
        input.retain(|field, _| !NOT_SENT.contains(&field.as_str()));
        let mut typed = self.form.input(visit, submission);
        for field in &self.form.fields {
            let steps: Vec<&str> = field.name.split('.').collect();
            let value = typed.remove(&*field.name).map(|value| as_entries(field, submission, value));
            put(&mut input, &steps, value);
        }
        input.extend(key.iter().map(|(field, value)| ((*field).to_owned(), value.clone())));
        let expected: Revision = submission.get(EXPECTED).parse().unwrap_or(self.revision);
        input.insert(EXPECTED.to_owned(), expected.into());
        input
    }

    /// Takes over what kept the act from being done, with each problem at its field.
    pub(super) fn take(&mut self, submission: &Submission, acted: Acted) {
        self.form.values = submission.clone();
        self.form.take(acted);
        self.form.problems = std::mem::take(&mut self.form.problems).into_iter().map(placed).collect();
    }

    /// Was the record changed by somebody else since the form was made?
    fn has_moved(&self) -> bool {
        self.form.problems.iter().any(|problem| problem.rule == "RECORD_MOVED")
    }

    /// The form. A second editor sees what is registered now beside what was typed, and may then submit again.
    pub(super) fn draw(&self, visit: &Visit, act: &str, button: &str) -> Markup {
        let locale = visit.locale;
        let fields = self.form.fields.iter();
        // Whoever is told of a change may write over it; until then the form is that of its revision.
        let typed = self.form.values.get(EXPECTED).parse().ok().filter(|_| !self.has_moved());
        let expected: Revision = typed.unwrap_or(self.revision);
        html! {
            (self.form.summary(locale))
            @if self.has_moved() { (self.moved(visit)) }
            form method="post" action=(visit.address.clone().without(crate::console::act::DONE)) class="form" {
                (token(visit))
                input type="hidden" name=(EXPECTED) value=(expected) {}
                @for field in fields {
                    (field.draw(&self.form.values, &self.form.problems_of(&field.name, locale), locale))
                }
                p class="buttons" { button class="button" type="submit" name="act" value=(act) { (button) } }
            }
        }
    }

    fn moved(&self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        let typed = |field: &Field| self.form.values.all(&field.name).collect::<Vec<_>>().join("\n");
        let now = |field: &Field| values(field, &self.line).join("\n");
        let same = |text: &str| text.split_whitespace().collect::<String>();
        let differing = self.form.fields.iter().filter(|field| same(&typed(field)) != same(&now(field)));
        html! {
            div class="note" {
                p { (locale.say("您打开表单之后，他人更新了这条记录。请核对下表；再次提交会以您填写的为准。", "Somebody else changed the record after you opened the form. Check this table; submitting again writes what you typed.")) }
                div class="scroll" tabindex="0" role="group" aria-label=(locale.say("差别", "Differences")) {
                    table class="compared" {
                        thead { tr { th { (locale.say("字段", "field")) } th { (locale.say("现在登记的", "registered now")) } th { (locale.say("您填写的", "typed by you")) } } }
                        tbody {
                            @for field in differing {
                                tr { th scope="row" { (field.label.text(locale)) } td class="text" { (now(field)) } td class="text" { (typed(field)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Sets a field at a path; without a value it is removed.
fn put(fields: &mut Map<String, Json>, steps: &[&str], value: Option<Json>) {
    match (steps, value) {
        ([field], Some(value)) => {
            fields.insert((*field).to_owned(), value);
        }
        ([field], None) => {
            fields.remove(*field);
        }
        ([field, rest @ ..], value) => {
            if value.is_none() && !fields.contains_key(*field) {
                return;
            }
            let inner = fields.entry(*field).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
                if inner.is_empty() {
                    fields.remove(*field);
                }
            }
        }
        ([], _) => {}
    }
}

/// Lists that are written as lines become entries.
fn as_entries(field: &Field, submission: &Submission, value: Json) -> Json {
    let text = submission.get(&field.name);
    match &*field.name {
        name if entries::is_written(name) => entries::read(name, text).into(),
        // What does not read is refused as it is.
        "opening" => entries::read_hours(text).map_or_else(|_| text.into(), Json::from),
        _ => value,
    }
}

/// What stands in a field.
fn values(field: &Field, line: &Map<String, Json>) -> Vec<String> {
    // In a line `closedOn` is the day of the closing.
    let path = if field.name == "closedOn" { "closedDates" } else { &*field.name };
    let mut steps = path.split('.');
    let first = line.get(steps.next().unwrap_or_default());
    let value = steps.fold(first, |value, step| value.and_then(|value| value.get(step)));
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(list)) if entries::is_written(path) => {
            vec![entries::written(path, list, domain::Locale::Zh)]
        }
        Some(Json::Array(list)) if path == "opening" => vec![entries::written_hours(list)],
        Some(Json::Array(list)) if matches!(field.kind, Kind::Choices(_)) => list.iter().map(text).collect(),
        Some(Json::Array(list)) => vec![list.iter().map(text).collect::<Vec<_>>().join("\n")],
        Some(value) => vec![text(value)],
    }
}

/// A problem with the path of its field, and with the line of a list in words.
fn placed(problem: Problem) -> Problem {
    let steps: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    match steps.as_slice() {
        ["authority", part] => Problem { path: vec![format!("authority.{part}")], ..problem },
        [field, at, rest @ ..] if at.parse::<usize>().is_ok() => {
            let number = at.parse::<usize>().unwrap_or(0) + 1;
            let part = rest.first().and_then(|part| entries::label(field, part));
            let (zh, en) = part.map_or_else(Default::default, |part| (part.zh, part.en));
            let message = Message::new(
                format!("第 {number} 行{zh}：{}", problem.message.zh),
                format!("line {number} {en}: {}", problem.message.en),
            );
            Problem { path: vec![(*field).to_owned()], message, ..problem }
        }
        _ => problem,
    }
}

/// The problem of opening hours in place of what the act says about text that it cannot read.
pub(super) fn hours_at_fault(mut problems: Problems, text: &str) -> Problems {
    if let Err(problem) = entries::read_hours(text)
        && !text.is_empty()
    {
        problems.retain(|other| other.path.first().is_none_or(|field| field != "opening"));
        problems.push(Problem { path: vec!["opening".to_owned()], ..problem });
    }
    problems
}
