//! Adds rows to the grid: found by words, or pasted as lines.

use catalogue::{Kept, MatterFilter, Order, Slice};
use domain::{HandlingMode, Matter, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, matter_name, sentence};

use super::cells::{Change, Direction, directions};
use super::grid::{MAX_DIRECTIONS, direction_text};
use crate::console::act::DONE;
use crate::console::draft::open::Open;
use crate::console::field::{Field, Kind};
use crate::console::list::file::ListFile;
use crate::console::trouble::Trouble;
use crate::submission::Submission;
use crate::visit::Visit;

/// The parameter with the words of a search.
const FIND: &str = "find";
/// How many matters a search shows.
const MAX_FOUND: usize = 15;
/// The fields of the forms.
const LINES: &str = "lines";
const MODE: &str = "mode";
const WAY: &str = "way";
/// All parties for each other.
const BOTH: &str = "both";
const PICK_MODE: &str = "pick-mode";
const PICK_WAY: &str = "pick-way";

/// The cells of the matters that were chosen from a search. Modes that are there stay.
pub(super) fn picked(form: &Submission, version: &Version, rows: &[super::cells::Row]) -> Vec<Change> {
    let directions = directions(version);
    let Ok(mode) = form.get(PICK_MODE).parse::<HandlingMode>() else { return Vec::new() };
    let wanted = form.get(PICK_WAY).parse::<usize>().ok();
    let mut changes = Vec::new();
    for matter in form.all("pick").filter_map(|code| code.parse().ok()) {
        let known = rows.iter().find(|(known, _)| *known == matter);
        for (column, direction) in directions.iter().enumerate() {
            // Between more than two parties “both ways” is the one direction between all of them.
            let is_all = if directions.len() == 2 && version.parties.len() == 2 {
                true
            } else {
                direction.receiving.is_empty() && direction.competent.is_empty()
            };
            if !wanted.map_or(is_all, |wanted| wanted == column) {
                continue;
            }
            let mut modes = known.map(|(_, cells)| cells[column].clone()).unwrap_or_default();
            modes.push(mode);
            changes.push(Change { matter, direction: direction.clone(), modes });
        }
    }
    changes
}

/// Pasted lines as a list, with the fields that say what they leave out. `None`: nothing was pasted.
pub(super) fn pasted(visit: &Visit, form: &Submission, version: &Version) -> Option<(ListFile, Submission)> {
    let text = form.get(LINES);
    if text.is_empty() {
        return None;
    }
    let way = form.get(WAY).parse::<usize>().ok().and_then(|way| directions(version).into_iter().nth(way));
    let side = |codes: &[domain::DistrictCode]| {
        if codes.is_empty() {
            "双方".to_owned()
        } else {
            codes.iter().map(ToString::to_string).collect::<Vec<_>>().join("、")
        }
    };
    let (receiving, competent) = way.map_or_else(
        || (side(&[]), side(&[])),
        |Direction { receiving, competent }| (side(&receiving), side(&competent)),
    );
    let defaults = [("mode", form.get(MODE).to_owned()), ("receiving", receiving), ("competent", competent)];
    let mut fields = form.fields.clone();
    for (field, value) in defaults.into_iter().filter(|(_, value)| !value.is_empty()) {
        fields.push(("default.field".to_owned(), field.to_owned()));
        fields.push(("default.value".to_owned(), value));
    }
    let name = visit.locale.say("粘贴的内容", "pasted lines");
    Some((ListFile::of_lines(name, text), Submission { fields, files: Vec::new() }))
}

/// The forms that add rows.
pub(super) fn draw(visit: &Visit, open: &Open, form: &Submission, trouble: &Trouble) -> Markup {
    let locale = visit.locale;
    let words = visit.address.get(FIND);
    let found = found(visit, words);
    let action = visit.address.clone().without(DONE);
    html! {
        section class="add" id="add" {
            h2 { (locale.say("增加事项", "Add matters")) }
            form class="search" method="get" action=(visit.address.path()) role="search" {
                p class="field" {
                    label for=(FIND) { (locale.say("查找事项", "Find matters")) }
                    input id=(FIND) name=(FIND) type="search" value=(words) autocomplete="off" data-matters {}
                }
                (visit.address.clone().without(DONE).hidden_except(&[FIND]))
                button class="button quiet" type="submit" { (locale.say("查找", "Find")) }
            }
            @if !words.is_empty() {
                @if found.is_empty() { p role="status" { (locale.say("事项目录中没有找到，换个说法试试。", "Nothing was found; try other words.")) } }
                @else {
                    form method="post" action=(action) class="form" {
                        (open.hidden(visit))
                        fieldset class="field" {
                            legend { (locale.say("选择要增加的事项", "Choose the matters to add")) }
                            @for (at, matter) in found.iter().enumerate() {
                                p class="check" {
                                    input type="checkbox" id=(format!("pick-{at}")) name="pick" value=(matter.code) {}
                                    " " label for=(format!("pick-{at}")) { (matter_name(matter, locale)) " " code { (matter.code) } " " span class="quiet" { (sentence(matter.domain.label(locale))) } }
                                }
                            }
                        }
                        (mode(visit, PICK_MODE).draw(form, &[], locale))
                        (way(visit, open.version(), PICK_WAY, form))
                        p class="buttons" { button class="button quiet" type="submit" name="do" value="pick" { (locale.say("增加选中的事项", "Add them")) } }
                    }
                }
            }
            form method="post" action=(action) class="form" {
                (open.hidden(visit))
                (Field::new(LINES, Kind::Text, "粘贴多行", "Paste lines")
                    .hint("从表格中复制后粘贴，每行：事项（名称或编码）、通办方式，用制表符或 | 分开；后两列可以是收件地和业务属地。", "Copied from a spreadsheet, each line: matter, mode, and if you like receiving and competent district, between tabs or |.")
                    .draw(form, &trouble.at(LINES), locale))
                (mode(visit, MODE).draw(form, &[], locale))
                (way(visit, open.version(), WAY, form))
                p class="buttons" { button class="button quiet" type="submit" name="do" value="paste" { (locale.say("增加这些行", "Add these lines")) } }
            }
        }
    }
}

/// The mode of matters for which none is written. Two forms have the field, so their ids differ.
fn mode(visit: &Visit, id: &'static str) -> Field {
    let options = HandlingMode::ALL.iter().map(|mode| (mode.name().to_owned(), sentence(mode.label(visit.locale))));
    let kind = Kind::Choice(options.collect());
    let field = Field::new(id, kind, "通办方式（没有写明的行）", "Mode, where none is written");
    if id == MODE { field } else { Field { is_required: true, ..field } }
}

/// The direction of matters for which none is written; both ways unless another one is chosen.
fn way(visit: &Visit, version: &Version, id: &'static str, form: &Submission) -> Markup {
    let directions = directions(version).into_iter().take(MAX_DIRECTIONS).enumerate();
    let each = directions.map(|(at, direction)| (at.to_string(), direction_text(visit, &direction)));
    let both = (BOTH.to_owned(), visit.locale.say("双向：各方互相都可以办", "both ways").to_owned());
    let kind = Kind::Choice(std::iter::once(both).chain(each).collect());
    let field = Field::new(id, kind, "办理方向（没有写明的行）", "Direction, where none is written").required();
    let chosen = Some(form.get(id)).filter(|chosen| !chosen.is_empty()).unwrap_or(BOTH);
    let fields = vec![(id.to_owned(), chosen.to_owned())];
    field.draw(&Submission { fields, files: Vec::new() }, &[], visit.locale)
}

fn found(visit: &Visit, words: &str) -> Vec<Kept<Matter>> {
    let snapshot = &visit.context.snapshot;
    let filter = MatterFilter { search: snapshot.matter_query(words), ..MatterFilter::default() };
    if filter.search.is_none() {
        return Vec::new();
    }
    snapshot.list_matters(&filter, &Slice::first(MAX_FOUND, Order::Relevance)).items().cloned().collect()
}
