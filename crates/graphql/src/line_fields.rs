//! Every field of a line is a field of the object and of the input of its kind, so that a new one is not forgotten.

use domain::record::shapes;

use crate::permission_table::schema;

/// The kinds of lines, with their objects and inputs.
const KINDS: [(&str, &str, &str); 6] = [
    ("district", "District", "DistrictInput"),
    ("matter", "Matter", "MatterInput"),
    ("offering", "Offering", "OfferingInput"),
    ("window", "Window", "WindowInput"),
    ("policy", "Policy", "PolicyInput"),
    ("document", "Document", "AttachDocumentInput"),
];

/// Fields of lines that the schema has in another form, and in which.
const ELSEWHERE: [(&str, &str, &str); 13] = [
    ("District", "parents", "`parent` on the day of the question; `Change.document` has all"),
    ("OfferingInput", "withdrawnOn", "`withdrawOffering`"),
    ("OfferingInput", "withdrawnReason", "`withdrawOffering`"),
    ("Window", "closedDates", "`closedOn`; the day of the line's `closedOn` is `closedFrom`"),
    ("WindowInput", "closedDates", "`closedOn`; the day of the line's `closedOn` is that of `closeWindow`"),
    ("WindowInput", "closedReason", "`closeWindow`"),
    ("Policy", "key", "a name within import files"),
    ("PolicyInput", "key", "the document number identifies it"),
    ("Document", "agreement", "documents are read below their agreement"),
    ("AttachDocumentInput", "agreement", "`number`"),
    ("AttachDocumentInput", "size", "that of `content`"),
    ("AttachDocumentInput", "digest", "that of `content`"),
    ("AttachDocumentInput", "attachedOn", "today"),
];

#[test]
fn objects_and_inputs_have_every_field_of_a_line() {
    let (schema, shapes) = (schema(), shapes());
    let mut missing = Vec::new();
    for (kind, object, input) in KINDS {
        let (_, fields) = shapes.iter().find(|(name, _)| *name == kind).expect("a kind of lines");
        for (of, field) in [object, input].into_iter().flat_map(|of| fields.iter().map(move |field| (of, field.name))) {
            if !schema[of].contains_key(field)
                && !ELSEWHERE.iter().any(|(known, name, _)| (*known, *name) == (of, field))
            {
                missing.push((of, field));
            }
        }
    }
    assert_eq!(missing, [], "not in the schema");
    for (of, field, _) in ELSEWHERE {
        assert!(!schema[of].contains_key(field), "{of}.{field} is in the schema");
    }
}
