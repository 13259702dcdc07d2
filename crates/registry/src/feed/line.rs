//! The line of a change as one caller may see it.

use std::borrow::Cow;

use domain::{Agreement, InRecord as _, Record, RecordKind as Kind, Scope, calendar, derived};
use persistence::JournalReader;

use crate::error::Error;
use crate::request_context::RequestContext;

/// The record after an act as the caller may see it, with derived values of that day. `None`: nothing.
pub async fn seen_line(request: &RequestContext, change: &domain::Change) -> Result<Option<String>, Error> {
    let unreadable = |why: String| Error::Internal(format!("the document of change {}: {why}", change.revision));
    let Some(line) = change.document.as_deref() else { return Ok(None) };
    let value =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).map_err(|error| unreadable(error.to_string()));
    // The record may carry a later time stamp, if a clock was ahead.
    let day = calendar::day_in_china(change.recorded_at).min(request.today);
    match change.kind {
        Kind::District
        | Kind::Matter
        | Kind::Offering
        | Kind::Window
        | Kind::Policy
        | Kind::ApiKey
        | Kind::Person
        | Kind::Grant
        | Kind::Feedback
        | Kind::Finding => Ok(Some(line.to_owned())),
        Kind::Document if request.scope == Scope::Steward => Ok(Some(line.to_owned())),
        Kind::Document => {
            let Some(Record::Document(document)) = record_of(line).map_err(unreadable)? else {
                return Err(unreadable("it is no document".to_owned()));
            };
            let agreement = request.snapshot.agreement_id(document.agreement);
            let agreement = match agreement {
                Some(id) => {
                    request.store.record_at(Kind::Agreement, id.number(), change.revision, JournalReader::All).await?
                }
                // A discarded draft: only its author sees the entries.
                None => None,
            };
            let shows = match agreement
                .as_ref()
                .and_then(|agreement| agreement.document.as_deref())
                .map(agreement_of)
                .transpose()
            {
                Ok(agreement) => agreement.is_none_or(|agreement| agreement.shows(&document, &request.scope, day)),
                Err(why) => return Err(unreadable(why)),
            };
            Ok(shows.then(|| line.to_owned()))
        }
        Kind::Agreement => {
            let whole = agreement_of(line).map_err(unreadable)?;
            let Some(seen) = whole.seen_by(&request.scope, day) else { return Ok(None) };
            let mut shown = match &seen {
                Cow::Borrowed(_) => value(line)?,
                Cow::Owned(seen) => value(&Record::Agreement(Box::new(seen.clone())).line())?,
            };
            derived::add_to_agreement(&mut shown, &whole, &seen, day);
            Ok(Some(shown.to_string()))
        }
    }
}

fn record_of(line: &str) -> Result<Option<Record>, String> {
    Record::from_line(line)
        .map(Some)
        .map_err(|problems| problems.first().map_or_else(String::new, |problem| problem.message.en.clone()))
}

fn agreement_of(line: &str) -> Result<Agreement, String> {
    record_of(line)?.and_then(Agreement::from_record).ok_or_else(|| "it is no agreement".to_owned())
}
