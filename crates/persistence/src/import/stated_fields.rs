//! Which acts on an agreement a line states.

use std::collections::BTreeSet;

use serde_json::Value;

/// Fields for acts on an agreement after its conclusion.
pub(super) const ACTS: [&str; 4] = ["suspensions", "notices", "discarded", "voided"];
/// Fields that are not part of the agreed content.
pub(super) const METADATA: [&str; 2] = ["key", "provenance"];
/// Fields for acts on a version.
pub(super) const ACTS_OF_VERSION: [&str; 14] = [
    "baseVersion",
    "recordedOn",
    "recorder",
    "corrections",
    "draft",
    "proposal",
    "accessions",
    "accessionSignatures",
    "objections",
    "approval",
    "consultation",
    "remarks",
    "bodyOpinions",
    "reminders",
];
/// Fields for acts of a party, and who signed for it.
pub(super) const ACTS_OF_PARTY: [&str; 4] = ["confirmation", "joinedOn", "earlier", "bodies"];

/// The fields outside of the agreed content that a line states.
#[derive(Debug, Clone, Default)]
pub(crate) struct StatedFields {
    pub(super) fields: BTreeSet<&'static str>,
    pub(super) of_parties: BTreeSet<&'static str>,
    pub(super) versions: bool,
}

impl StatedFields {
    pub(crate) fn of(line: &Value) -> Self {
        if line.get("type").and_then(Value::as_str) != Some("agreement") {
            return Self::default();
        }
        let there = |field: &&str| line.get(*field).is_some();
        let stated = |field: &&str| line.get(*field).is_some_and(|value| !value.is_null());
        let acts = ACTS.into_iter().chain(ACTS_OF_VERSION).filter(there);
        let parties = line.get("parties").and_then(Value::as_array).into_iter().flatten();
        let of_parties =
            parties.flat_map(|party| ACTS_OF_PARTY.into_iter().filter(|field| party.get(*field).is_some())).collect();
        Self {
            fields: acts.chain(METADATA.into_iter().filter(stated)).collect(),
            of_parties,
            versions: stated(&"versions"),
        }
    }
}
