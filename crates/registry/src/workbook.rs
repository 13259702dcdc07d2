//! Workbooks of what a caller may see: templates with the registry's lists, the schedule of a version, and what can be
//! done between two districts.

use catalogue::{Detail, Order, Question, Slice, Snapshot};
use domain::{AgreementNumber, Date, DistrictCode, Locale, Matter};
use exchange::workbook::schedule::{Schedule, schedule as write_schedule};
use exchange::workbook::table::table;
use exchange::workbook::template::{Lists, Template, template as write_template};

use crate::error::Error;
use crate::request_context::RequestContext;

/// The matters that a schedule may still agree on.
pub(crate) fn current_matters(snapshot: &Snapshot, today: Date) -> impl Iterator<Item = &Matter> {
    let is_retired = move |matter: &Matter| matter.retired_on.is_some_and(|day| day <= today);
    snapshot.matters().map(|matter| &matter.record).filter(move |matter| !is_retired(matter))
}

/// A template whose drop-downs offer what the registry has; `district` fills it in.
pub fn template(
    snapshot: &Snapshot,
    template: Template,
    district: Option<DistrictCode>,
    today: Date,
) -> Result<Vec<u8>, Error> {
    write_template(template, &lists(snapshot, district, today)).map_err(|error| unwritten(&error))
}

/// What drop-downs offer.
pub(crate) fn lists(snapshot: &Snapshot, district: Option<DistrictCode>, today: Date) -> Lists {
    let mut matters: Vec<(String, String)> =
        current_matters(snapshot, today).map(|matter| (matter.code.to_string(), matter.name.to_string())).collect();
    matters.sort_unstable();
    let named = |code: DistrictCode| Some((code, snapshot.district(code)?.name.to_string()));
    Lists { district: district.and_then(named), districts: Vec::new(), matters }
}

/// The schedule of a version, if the caller may see it.
pub fn schedule(request: &RequestContext, number: AgreementNumber, version: u32) -> Option<Result<Vec<u8>, Error>> {
    let snapshot = &request.snapshot;
    let agreement = snapshot.agreement(number, &request.scope)?;
    let version = agreement.version(version)?;
    let name = |code| snapshot.district(code).map_or_else(|| code.to_string(), |district| district.name.to_string());
    let parties: Vec<_> = version.parties.iter().map(|party| (party.district, name(party.district))).collect();
    let written = write_schedule(&Schedule {
        title: &version.title,
        clauses: &version.schedule,
        parties: &parties,
        matter: &|code| snapshot.matter(code).map(|matter| (matter.name.to_string(), matter.domain)),
    });
    Some(written.map_err(|error| unwritten(&error)))
}

/// The most matters in a workbook.
const MAX_MATTERS: usize = 2_000;

/// What can be done in one district for another on a day, with the best route of each matter.
pub fn between(
    request: &RequestContext,
    receiving: DistrictCode,
    competent: DistrictCode,
    on: Date,
) -> Result<Vec<u8>, Error> {
    let snapshot = &request.snapshot;
    let question = Question::unfiltered(Some(receiving), Some(competent), on);
    let available = snapshot.available(&question, &Slice::first(MAX_MATTERS, Order::Code));
    let codes: Vec<_> = available.matters.items().map(|item| item.matter.code).collect();
    let routes = snapshot.routes(&question, &available, &codes, 1, Detail::Whole);
    let row = |(item, routes): (&catalogue::AvailableMatter, &Vec<catalogue::Route>)| {
        let matter = &item.matter;
        let modes: Vec<&str> = item.modes.iter().map(|mode| mode.label(Locale::Zh)).collect();
        let route = routes.first();
        let fastest =
            route.and_then(|route| route.offerings.iter().min_by_key(|offering| offering.days.unwrap_or(u32::MAX)));
        let text = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        vec![
            matter.name.to_string(),
            matter.code.to_string(),
            matter.domain.label(Locale::Zh).to_owned(),
            modes.join("；"),
            text(fastest.and_then(|offering| offering.days)),
            text(fastest.map(|offering| offering.visits)),
            route.map_or_else(String::new, |route| route.basis.number()),
            route.map_or_else(String::new, |route| route.basis.title().to_owned()),
        ]
    };
    let rows: Vec<Vec<String>> = available.matters.items().zip(&routes).map(row).collect();
    let headers = ["事项名称", "基本编码", "领域", "通办方式", "承诺天数", "到现场次数", "依据编号", "依据"];
    table("可通办事项", &headers, &rows).map_err(|error| unwritten(&error))
}

fn unwritten(error: &exchange::workbook::Error) -> Error {
    Error::Internal(format!("a workbook could not be written: {error}"))
}
