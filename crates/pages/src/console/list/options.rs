//! How a list is read, as its form says: columns, defaults, direction, and what texts mean.

use domain::MatterCode;
use domain::import::Direction;
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::agreement::import::{ListReport, list_fields};
use registry::naming::{Named, matter};
use registry::presentation::{Say as _, matter_name};
use serde_json::{Value as Json, json};

use super::file::ListFile;
use crate::console::field::{Field, Kind};
use crate::console::trouble::Trouble;
use crate::submission::Submission;
use crate::visit::Visit;

/// The value of a choice that leaves the rows out.
pub(super) const SKIP: &str = "skip";
/// The value of a choice that is named beside it.
pub(super) const OTHER: &str = "other";
/// The most columns and rows of one form.
const MAX_COLUMNS: usize = 60;
const MAX_ROWS: usize = 200;
/// How many matters an ambiguous name lists.
const MAX_MEANT: usize = 5;

/// The fields that a form carries on: defaults, and choices that were made before.
const DEFAULT: [&str; 2] = ["default.field", "default.value"];
const CHOSEN: [&str; 2] = ["chosen.text", "chosen.value"];

/// The texts that are decided on again.
const AGAIN: &str = "again";

/// How a list is read.
#[derive(Debug, Default)]
pub(crate) struct Options {
    direction: Direction,
    columns: Vec<(String, String)>,
    defaults: Vec<(String, String)>,
    /// What texts mean: a code, or `SKIP`.
    choices: Vec<(String, String)>,
    sheet: String,
    header_row: String,
}

impl Options {
    /// Reads a form. A name that is not plain is noted.
    pub(crate) fn read(visit: &Visit, form: &Submission, trouble: &mut Trouble) -> Self {
        let mut options = Self {
            direction: form.get("direction").parse().unwrap_or_default(),
            columns: Vec::new(),
            defaults: pairs(form, DEFAULT),
            choices: pairs(form, CHOSEN)
                .into_iter()
                .filter(|(text, _)| !form.all(AGAIN).any(|again| again == text))
                .collect(),
            sheet: form.get("sheet").to_owned(),
            header_row: form.get("headerRow").to_owned(),
        };
        for at in 0..MAX_COLUMNS {
            let [header, column, recognised] =
                ["header", "column", "recognised"].map(|name| form.get(&format!("{name}.{at}")));
            if !header.is_empty() && !column.is_empty() && column != recognised {
                options.columns.push((header.to_owned(), column.to_owned()));
            }
        }
        for at in 0..MAX_ROWS {
            let [text, choice, other] = ["text", "choice", "other"].map(|name| form.get(&format!("{name}.{at}")));
            if text.is_empty() {
                continue;
            }
            let value = match choice {
                "" | OTHER if !other.is_empty() => named(visit, &format!("other.{at}"), other, trouble),
                "" | OTHER => None,
                chosen => Some(chosen.to_owned()),
            };
            if let Some(value) = value {
                options.choices.retain(|(known, _)| known != text);
                options.choices.push((text.to_owned(), value));
            }
        }
        options
    }

    /// The fields of the act's input that say how to read a file.
    pub(crate) fn input(&self, file: &ListFile) -> Input {
        let columns: Vec<Json> =
            self.columns.iter().map(|(header, field)| json!({ "header": header, "field": field })).collect();
        let defaults: Vec<Json> =
            self.defaults.iter().map(|(field, value)| json!({ "field": field, "value": value })).collect();
        let choice = |(text, value): &(String, String)| {
            if value == SKIP { json!({ "text": text, "skip": true }) } else { json!({ "text": text, "matter": value }) }
        };
        let name = if file.name.is_empty() { "清单" } else { &file.name };
        let mut stated = json!({
            "name": name, "columns": columns, "defaults": defaults,
            "choices": self.choices.iter().map(choice).collect::<Vec<_>>(),
        });
        if !self.sheet.is_empty() {
            stated["sheet"] = self.sheet.as_str().into();
        }
        if !self.header_row.is_empty() {
            stated["headerRow"] =
                self.header_row.parse::<u32>().map_or_else(|_| self.header_row.as_str().into(), Json::from);
        }
        let direction = Json::from(self.direction.name());
        Input::from_iter([("file".to_owned(), stated), ("direction".to_owned(), direction)])
    }

    /// What the next form carries on.
    pub(crate) fn carry(&self) -> Markup {
        let listed = [(DEFAULT, &self.defaults), (CHOSEN, &self.choices)];
        html! {
            @for (names, pairs) in listed {
                @for (key, value) in pairs {
                    input type="hidden" name=(names[0]) value=(key) {}
                    input type="hidden" name=(names[1]) value=(value) {}
                }
            }
        }
    }

    /// The choices that were made, to take them back.
    pub(crate) fn draw_choices(&self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        html! {
            @if !self.choices.is_empty() {
                details class="columns" open {
                    summary { (locale.say("已经确定的", "Decided")) " " span class="count" { (self.choices.len()) } }
                    @for (at, (text, value)) in self.choices.iter().enumerate() {
                        @let id = format!("{AGAIN}-{at}");
                        p class="check" {
                            input type="checkbox" id=(id) name=(AGAIN) value=(text) {}
                            " " label for=(id) {
                                (locale.say("重新选择：", "Decide again: ")) "“" (text) "” → "
                                @match value.parse() { Ok(code) => (matter_text(visit, code)), Err(_) => { (locale.say("不写入", "left out")) } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The fields that say how the file is read, with what was recognised.
    pub(crate) fn draw(&self, visit: &Visit, form: &Submission, report: &ListReport) -> Markup {
        let locale = visit.locale;
        let fields: Vec<(&str, &str)> = list_fields(locale).collect();
        let columns = report.columns.iter().enumerate().take(MAX_COLUMNS);
        html! {
            (draw_direction(visit, form))
            details class="columns" open[!report.unread_columns().is_empty()] {
                summary {
                    (locale.say("每一列是什么", "What each column is"))
                    @if !report.unread_columns().is_empty() { (locale.say("：没有读的列 ", ": not read ")) (report.unread_columns().join(locale.say("、", ", "))) }
                }
                div class="scroll" tabindex="0" role="group" aria-label=(locale.say("列", "Columns")) {
                    table {
                        thead { tr {
                            th scope="col" { (locale.say("表头", "Header")) }
                            th scope="col" { (locale.say("例子", "Examples")) }
                            th scope="col" { (locale.say("是什么", "Field")) }
                        } }
                        tbody {
                            @for (at, column) in columns.filter(|(_, column)| !column.header.is_empty()) {
                                @let id = format!("column.{at}");
                                @let now = column.field.map_or("", |field| field.name());
                                @let before = form.get(&format!("recognised.{at}"));
                                @let recognised = if form.has(&format!("recognised.{at}")) { before } else { now };
                                tr {
                                    th scope="row" { label for=(id) { (column.header) } }
                                    td { (column.samples.join(locale.say("、", ", "))) }
                                    td {
                                        input type="hidden" name=(format!("header.{at}")) value=(column.header) {}
                                        input type="hidden" name=(format!("recognised.{at}")) value=(recognised) {}
                                        select id=(id) name=(id) {
                                            option value="" { (locale.say("不读", "not read")) }
                                            @for (name, label) in &fields { option value=(name) selected[*name == now] { (label) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                (Field::new("sheet", Kind::Line, "工作表", "Sheet").hint("不填则用第一张能识别的", "Left empty: the first that can be read").draw(form, &[], locale))
                (Field::new("headerRow", Kind::Number, "表头在第几行", "Row of the header").hint("不填则自动查找", "Left empty: it is looked for").draw(form, &[], locale))
            }
        }
    }
}

/// The field for the direction; without a choice the list says it.
pub(crate) fn draw_direction(visit: &Visit, form: &Submission) -> Markup {
    let locale = visit.locale;
    let labels = [
        (Direction::AsWritten, "按清单中的收件地、业务属地", "As the columns of the districts say"),
        (Direction::Both, "双向：各方互相都可以办", "Both ways between all parties"),
        (Direction::Reversed, "收件地与业务属地互换（清单由对方编写）", "Exchanged: the other side wrote the list"),
    ];
    let options = labels.iter().map(|(direction, zh, en)| (direction.name().to_owned(), locale.say(zh, en).to_owned()));
    let field = Field::new("direction", Kind::Choice(options.collect()), "办理方向", "Direction").required();
    let chosen = form.get("direction").parse::<Direction>().unwrap_or_default();
    let fields = vec![("direction".to_owned(), chosen.name().to_owned())];
    field.draw(&Submission { fields, files: Vec::new() }, &[], locale)
}

/// The values of two fields that come in pairs.
fn pairs(form: &Submission, [keys, values]: [&'static str; 2]) -> Vec<(String, String)> {
    form.all(keys).map(str::to_owned).zip(form.all(values).map(str::to_owned)).collect()
}

/// The code of the matter that a text names.
fn named(visit: &Visit, id: &str, text: &str, trouble: &mut Trouble) -> Option<String> {
    let locale = visit.locale;
    let listed = |found: &[catalogue::Kept<domain::Matter>]| {
        let names =
            found.iter().take(MAX_MEANT).map(|matter| format!("{}（{}）", matter_name(matter, locale), matter.code));
        names.collect::<Vec<_>>().join(locale.say("、", ", "))
    };
    match matter(text, &visit.context.snapshot) {
        Named::One(found) => return Some(found.code.to_string()),
        Named::Several(found) => {
            let told = locale.say("可能指几个事项，请写全名或编码：", "may mean several matters, write one in full: ");
            trouble.add(id, format!("“{text}”{told}{}", listed(&found)));
        }
        Named::Unknown(guesses) => {
            let told = locale.say("不在事项目录中", "is not in the catalogue");
            let guesses = guesses.join(locale.say("、", ", "));
            let meant = if guesses.is_empty() {
                String::new()
            } else {
                format!("{}{guesses}", locale.say("；是否要找：", "; did you mean "))
            };
            trouble.add(id, format!("“{text}”{told}{meant}"));
        }
    }
    None
}

/// The name of a matter with its code.
pub(super) fn matter_text(visit: &Visit, code: MatterCode) -> Markup {
    let known = visit.context.snapshot.matter(code);
    html! { @if let Some(known) = known { (matter_name(known, visit.locale)) " " } code { (code) } }
}
