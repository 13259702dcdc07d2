//! Feedback (纠错): which districts a case is about, and who may see and answer it.

use std::collections::BTreeSet;

use catalogue::Snapshot;
use domain::{District, DistrictCode, Feedback, Id, Scope};
pub use persistence::FeedbackCase;

use crate::error::Error;
use crate::request_context::RequestContext;

/// How many cases a list has at most, the newest.
const MAX_LISTED: u64 = 2_000;

/// The districts that answer for a record; `None`: there is no public record with this id. A matter and a policy belong
/// to no district, so stewards answer.
pub fn districts_of(snapshot: &Snapshot, about: &str) -> Option<Vec<DistrictCode>> {
    let codes = match about.split_once('_')?.0 {
        "dis" => vec![snapshot.district_by_id(about.parse().ok()?)?.code],
        "mat" => snapshot.matter_by_id(about.parse().ok()?).map(|_| Vec::new())?,
        "off" => vec![snapshot.offering_by_id(about.parse().ok()?)?.district.code],
        "win" => vec![snapshot.window_by_id(about.parse().ok()?)?.district],
        "pol" => snapshot.policy_by_id(about.parse().ok()?).map(|_| Vec::new())?,
        "agr" => {
            let agreement = snapshot.agreement_by_id(about.parse().ok()?, &Scope::Public)?;
            agreement.latest().parties.iter().map(|party| party.district).collect()
        }
        _ => return None,
    };
    // By the codes of today.
    let current = |code: &DistrictCode| snapshot.district(*code).map_or(*code, |district| district.code);
    Some(codes.iter().map(current).collect::<BTreeSet<_>>().into_iter().collect())
}

/// Whether the caller answers for one of these districts.
pub(crate) fn is_in_charge(request: &RequestContext, districts: &[DistrictCode]) -> bool {
    match &request.scope {
        Scope::Steward => true,
        Scope::Districts(own) => districts.iter().any(|code| own.contains(code)),
        Scope::Public | Scope::Partner(_) => false,
    }
}

fn may_see(request: &RequestContext, case: &FeedbackCase) -> bool {
    is_in_charge(request, &case.feedback.districts)
}

/// A case that the caller may see.
pub async fn case(request: &RequestContext, id: Id<Feedback>) -> Result<Option<FeedbackCase>, Error> {
    if matches!(request.scope, Scope::Public | Scope::Partner(_)) {
        return Ok(None);
    }
    Ok(request.store.feedback(id).await?.filter(|case| may_see(request, case)))
}

/// A case that the caller has just written.
pub async fn written(request: &RequestContext, id: Id<Feedback>) -> Result<Option<FeedbackCase>, Error> {
    Ok(request.store.feedback(id).await?)
}

/// The case with a number, for whoever knows it.
pub async fn by_case_number(request: &RequestContext, number: &str) -> Result<Option<FeedbackCase>, Error> {
    Ok(request.store.feedback_by_case_number(number).await?)
}

/// The cases that the caller may see: of one district, or of all that the caller answers for. The oldest come first.
pub async fn list(request: &RequestContext, district: Option<DistrictCode>) -> Result<Vec<FeedbackCase>, Error> {
    let Some(ids) = asked(request, district) else { return Ok(Vec::new()) };
    let found = request.store.feedback_list(ids.as_deref(), MAX_LISTED).await?;
    Ok(found.into_iter().rev().filter(|case| may_see(request, case)).collect())
}

/// How many cases wait for an answer of the caller.
pub async fn open_count(request: &RequestContext) -> Result<u64, Error> {
    let Some(ids) = asked(request, None) else { return Ok(0) };
    Ok(request.store.open_feedback_count(ids.as_deref()).await?)
}

/// The districts whose cases are asked for: `Some(None)` are all, `None` is none.
fn asked(request: &RequestContext, district: Option<DistrictCode>) -> Option<Option<Vec<Id<District>>>> {
    let wanted: Option<BTreeSet<DistrictCode>> = match (&request.scope, district) {
        (Scope::Public | Scope::Partner(_), _) => return None,
        (Scope::Steward, None) => None,
        (Scope::Steward, Some(code)) => Some(BTreeSet::from([code])),
        (Scope::Districts(own), None) => Some(own.clone()),
        (Scope::Districts(own), Some(code)) => {
            let current = request.snapshot.district(code).map_or(code, |district| district.code);
            Some(own.iter().copied().filter(|code| *code == current).collect())
        }
    };
    let ids = wanted.map(|codes| {
        let known = codes.iter().filter_map(|code| request.snapshot.district(*code));
        known.map(|district| district.id).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    });
    (!ids.as_ref().is_some_and(Vec::is_empty)).then_some(ids)
}

/// The telephone number of a case, for whoever answers it.
pub async fn phone(request: &RequestContext, case: &FeedbackCase) -> Result<Option<String>, Error> {
    if !may_see(request, case) {
        return Ok(None);
    }
    Ok(request.store.feedback_phone(case.feedback.id, request.today).await?)
}
