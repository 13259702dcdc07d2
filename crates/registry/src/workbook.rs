//! Workbooks of what a caller may see: templates with the registry's lists, and the schedule of a version.

use catalogue::Snapshot;
use domain::{AgreementNumber, Date, DistrictCode, Matter};
use exchange::workbook::schedule::{Schedule, schedule as write_schedule};
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
    let mut matters: Vec<(String, String)> =
        current_matters(snapshot, today).map(|matter| (matter.code.to_string(), matter.name.to_string())).collect();
    matters.sort_unstable();
    let named = |code: DistrictCode| Some((code, snapshot.district(code)?.name.to_string()));
    let lists = Lists { district: district.and_then(named), districts: Vec::new(), matters };
    write_template(template, &lists).map_err(|error| unwritten(&error))
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

fn unwritten(error: &exchange::workbook::Error) -> Error {
    Error::Internal(format!("a workbook could not be written: {error}"))
}
