//! Derived fields, which the change feed and the export add to a record's line. They follow from the record and the
//! day, so they are never stored, hashed, digested or compared, and import ignores them.

use serde_json::{Value, json};

use crate::agreement::Agreement;
use crate::agreement::lifecycle::VersionState;
use crate::agreement::party::Party;
use crate::agreement::version::Version;
use crate::clause::Extent;
use crate::code::DistrictCode;
use crate::id::Revision;
use crate::period::{Date, Period};
use crate::visibility::Scope;

/// Added to every line.
pub const OF_LINES: [&str; 2] = ["id", "revision"];
/// Added to the line of an agreement.
pub const OF_AGREEMENTS: [&str; 2] = ["standing", "members"];
/// Added to each version of an agreement; a single version is written flat in the line.
pub const OF_VERSIONS: [&str; 1] = ["concludedOn"];
/// Added to each clause of an agreement's version.
pub const OF_CLAUSES: [&str; 1] = ["excluded"];

/// A member in a line: the days on which a district is bound by the version in force.
#[derive(serde::Serialize)]
struct Member {
    district: DistrictCode,
    extent: Extent,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Date>,
}

/// Adds the derived fields to the line of the visible part of an agreement. They follow from the published part, so
/// they are the same for every caller.
pub fn add_to_agreement(line: &mut Value, whole: &Agreement, seen: &Agreement, on: Date) {
    let published = whole.seen_by(&Scope::Public, on);
    let member = |(party, days): (Party, Period)| Member {
        district: party.district,
        extent: party.extent,
        from: days.from,
        to: days.to,
    };
    let members: Vec<Member> =
        published.iter().flat_map(|published| published.members_over_time(on)).map(member).collect();
    line["standing"] = json!(whole.published_standing(on, on));
    line["members"] = json!(members);
    match seen.versions.as_slice() {
        [only] => add_to_version(line, whole, only, on),
        versions => elements(line, "versions")
            .zip(versions)
            .for_each(|(line, version)| add_to_version(line, whole, version, on)),
    }
}

fn add_to_version(line: &mut Value, whole: &Agreement, version: &Version, on: Date) {
    if version.state(on) != VersionState::Concluded {
        return;
    }
    if let Some(concluded) = version.signed_on().filter(|concluded| *concluded <= on) {
        line["concludedOn"] = json!(concluded);
    }
    for (line, clause) in elements(line, "schedule").zip(&version.schedule) {
        let excluded = whole.excluded(version, clause);
        if !excluded.is_empty() {
            line["excluded"] = json!(excluded);
        }
    }
}

/// Appends the id of the record and the revision of its newest change to a line.
pub fn with_identity(line: &str, id: &str, revision: Revision) -> String {
    let open = line.strip_suffix('}').unwrap_or(line);
    format!("{open},\"id\":\"{id}\",\"revision\":{revision}}}")
}

/// Removes the derived fields from a line of any type, which leaves the record.
pub fn strip(line: &mut Value) {
    remove(line, &OF_LINES);
    if line["type"] != "agreement" {
        return;
    }
    remove(line, &OF_AGREEMENTS);
    strip_version(line);
    elements(line, "versions").for_each(strip_version);
}

fn strip_version(version: &mut Value) {
    remove(version, &OF_VERSIONS);
    elements(version, "schedule").for_each(|clause| remove(clause, &OF_CLAUSES));
}

fn elements<'a>(of: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    of.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

fn remove(of: &mut Value, fields: &[&str]) {
    if let Some(object) = of.as_object_mut() {
        fields.iter().for_each(|field| drop(object.remove(*field)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_derived_fields_the_line_is_the_record() {
        let mut line = json!({
            "type": "agreement", "id": "agr_2c", "revision": 44, "title": "协议", "standing": "IN_FORCE", "members": [], "concludedOn": "2026-10-01",
            "schedule": [{ "key": "1", "excluded": ["440115"] }],
            "versions": [{ "version": 2, "concludedOn": "2026-10-01", "schedule": [{ "key": "1", "excluded": [] }] }],
        });
        strip(&mut line);
        let versions = json!([{ "version": 2, "schedule": [{ "key": "1" }] }]);
        assert_eq!(
            line,
            json!({ "type": "agreement", "title": "协议", "schedule": [{ "key": "1" }], "versions": versions })
        );
        let mut window = json!({ "type": "window", "id": "win_2", "revision": 2, "name": "窗口" });
        strip(&mut window);
        assert_eq!(window, json!({ "type": "window", "name": "窗口" }));
    }
}
