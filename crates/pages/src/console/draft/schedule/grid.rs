//! The grid: a row for each matter, a column for each direction, and in the cells the modes.

use std::str::FromStr as _;

use domain::{HandlingMode, Locale, MatterCode};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name, sentence};

use super::cells::{Change, Direction, Row};
use crate::name;
use crate::submission::Submission;
use crate::visit::Visit;

/// The most columns.
pub(super) const MAX_DIRECTIONS: usize = 6;
/// Between the modes of one cell.
const AND: char = '+';

/// The name of a cell's field.
fn id(column: usize, matter: MatterCode) -> String {
    format!("c.{column}.{matter}")
}

fn value(modes: &[HandlingMode]) -> String {
    modes.iter().map(|mode| mode.name()).collect::<Vec<_>>().join("+")
}

/// The cells that a form states. A row that is marked for removal has no mode.
pub(super) fn changes(form: &Submission, directions: &[Direction]) -> Vec<Change> {
    let dropped: Vec<&str> = form.all("drop").collect();
    let change = |(name, value): &(String, String)| {
        let (column, matter) = name.strip_prefix("c.")?.split_once('.')?;
        let direction = directions.get(column.parse::<usize>().ok()?)?.clone();
        let modes = value.split(AND).filter_map(|mode| HandlingMode::from_str(mode.trim()).ok());
        let modes = if dropped.contains(&matter) { Vec::new() } else { modes.collect() };
        Some(Change { matter: matter.parse().ok()?, direction, modes })
    };
    form.fields.iter().filter_map(change).collect()
}

/// A direction in words, short enough for the head of a column.
pub(super) fn direction_text(visit: &Visit, direction: &Direction) -> String {
    let locale = visit.locale;
    let side = |codes: &[domain::DistrictCode], all: &str| {
        let name = |code: &domain::DistrictCode| {
            let known = visit.context.snapshot.district(*code);
            known.map_or_else(|| code.to_string(), |known| district_name(known, locale).to_owned())
        };
        match codes {
            [] => all.to_owned(),
            [one] => name(one),
            [first, ..] => match locale {
                Locale::Zh => format!("{}等 {} 地", name(first), codes.len()),
                Locale::En => format!("{} and {} more", name(first), codes.len() - 1),
            },
        }
    };
    let all = locale.say("各方", "any party");
    let (receiving, competent) = (side(&direction.receiving, all), side(&direction.competent, all));
    match locale {
        Locale::Zh => format!("在{receiving}办{competent}的业务"),
        Locale::En => format!("in {receiving}, for {competent}"),
    }
}

pub(super) fn draw(visit: &Visit, directions: &[Direction], rows: &[Row]) -> Markup {
    let locale = visit.locale;
    let heads: Vec<String> = directions.iter().map(|direction| direction_text(visit, direction)).collect();
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(locale.say("事项清单", "Schedule")) {
            table class="sheet" data-sheet aria-describedby="sheet-help" {
                thead { tr {
                    th scope="col" { (locale.say("事项", "Matter")) }
                    @for head in &heads { th scope="col" { (head) } }
                    th scope="col" { (locale.say("移出", "Remove")) }
                } }
                tbody {
                    @for (matter, cells) in rows {
                        tr {
                            th scope="row" { (name::matter_of(visit, *matter)) }
                            @for (column, modes) in cells.iter().enumerate() {
                                td { (cell(visit, &id(column, *matter), modes, &heads[column])) }
                            }
                            td { input type="checkbox" name="drop" value=(matter) aria-label=(locale.say("移出这一行", "Remove this row")) {} }
                        }
                    }
                }
            }
        }
    }
}

fn cell(visit: &Visit, id: &str, modes: &[HandlingMode], head: &str) -> Markup {
    let locale = visit.locale;
    let now = value(modes);
    html! {
        select name=(id) aria-label=(head) {
            option value="" { "—" }
            @for mode in HandlingMode::ALL { option value=(mode.name()) selected[now == mode.name()] { (sentence(mode.label(locale))) } }
            @if modes.len() > 1 {
                option value=(now) selected { (modes.iter().map(|mode| sentence(mode.label(locale))).collect::<Vec<_>>().join(" + ")) }
            }
        }
    }
}
