//! A version as the input of an act. The input has everything that the draft has, so that a form which shows a part of
//! it loses nothing.

use domain::agreement::diff::Field;
use domain::{AgreementNumber, Version};
use registry::acts::Input;
use serde_json::Value as Json;

/// What the registry records itself; inputs have no such fields.
const RECORDED: [&str; 10] = [
    "version",
    "baseVersion",
    "draft",
    "proposal",
    "signedOn",
    "recordedOn",
    "recorder",
    "accessions",
    "accessionSignatures",
    "objections",
];
const RECORDED_OF_PARTY: [&str; 3] = ["joinedOn", "earlier", "confirmation"];

/// The agreed content of a version.
pub(crate) fn content(version: &Version) -> Input {
    let Ok(Json::Object(mut fields)) = serde_json::to_value(version) else { return Input::new() };
    RECORDED.iter().for_each(|field| drop(fields.remove(*field)));
    for party in fields.get_mut("parties").and_then(Json::as_array_mut).into_iter().flatten() {
        if let Json::Object(party) = party {
            RECORDED_OF_PARTY.iter().for_each(|field| drop(party.remove(*field)));
        }
    }
    // A line leaves out its defaults; an omitted term would be taken from the base.
    fields.insert("objectionDays".to_owned(), version.objection_days.into());
    for field in Field::ALL {
        fields.entry(field.name()).or_insert(Json::Null);
    }
    fields
}

/// The input of `reviseDraft` that leaves a draft as it is.
pub(super) fn revision(number: AgreementNumber, version: &Version) -> Input {
    let mut input = content(version);
    input.insert("number".to_owned(), number.to_string().into());
    input.insert("version".to_owned(), version.number.into());
    input.insert("baseVersion".to_owned(), version.base_version.unwrap_or(0).into());
    input.insert("proposer".to_owned(), version.author().unwrap_or(version.lead).to_string().into());
    input
}
