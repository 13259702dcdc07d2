//! Derived fields: what the feed and the export add to a record's line. They follow from the record and the day, so they are
//! never stored, hashed, digested or compared, and import ignores them.

use serde_json::Value;

/// Added to every line.
pub const OF_LINES: [&str; 2] = ["id", "revision"];
/// Added to the line of an agreement.
pub const OF_AGREEMENTS: [&str; 2] = ["standing", "members"];
/// Added to each version of an agreement; a single version stands flat in the line.
pub const OF_VERSIONS: [&str; 1] = ["concludedOn"];
/// Added to each clause of an agreement's version.
pub const OF_CLAUSES: [&str; 1] = ["excluded"];

/// Removes the derived fields of a line of any type, so that what is left is the record.
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
    fn what_is_left_is_the_record() {
        let mut line = json!({
            "type": "agreement", "id": "agr_2c", "revision": 44, "title": "协议", "standing": "IN_FORCE", "members": [], "concludedOn": "2026-10-01",
            "schedule": [{ "key": "1", "excluded": ["440115"] }],
            "versions": [{ "version": 2, "concludedOn": "2026-10-01", "schedule": [{ "key": "1", "excluded": [] }] }],
        });
        strip(&mut line);
        let versions = json!([{ "version": 2, "schedule": [{ "key": "1" }] }]);
        assert_eq!(line, json!({ "type": "agreement", "title": "协议", "schedule": [{ "key": "1" }], "versions": versions }));
        let mut window = json!({ "type": "window", "id": "win_2", "revision": 2, "name": "窗口" });
        strip(&mut window);
        assert_eq!(window, json!({ "type": "window", "name": "窗口" }));
    }
}
