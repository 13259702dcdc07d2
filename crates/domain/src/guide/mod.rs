//! A guide to the records: every field of every line, with its meaning in both languages and an example. The fields
//! are those that the reader requests, so the guide cannot differ from what is read.

mod agreement_texts;
mod texts;

use serde_json::Value;

use crate::guide::agreement_texts::AGREEMENT_TEXTS;
use crate::guide::texts::{MODES, SAME, TEXTS};
use crate::handling::HandlingMode;
use crate::handling::mode_terms::FieldText;
use crate::problem::{Locale, Message};
use crate::reading::shape::{Field, Form};
use crate::record::shapes;

/// A type of line.
#[derive(Debug)]
pub struct Kind {
    /// The value of `type`.
    pub name: &'static str,
    /// The description of the type.
    pub text: Message,
    /// A line of this type.
    pub example: &'static str,
    /// The fields of the line, then those of the objects in it.
    pub objects: Vec<Object>,
}

/// An object: the line itself, or one that is nested in it.
#[derive(Debug)]
pub struct Object {
    /// The type of the line, or the field that holds the object.
    pub name: &'static str,
    pub fields: Vec<Described>,
}

/// A field with its meaning.
#[derive(Debug)]
pub struct Described {
    pub field: Field,
    pub text: Message,
    /// A value of it, of an example.
    pub example: Option<Value>,
}

const KINDS: &[(&str, &str, &str)] = &[
    ("district", "区域：省、市、县和功能区", "A district: a province, prefecture, county or functional zone."),
    ("matter", "事项：各地共用的基本目录中的一项", "A matter: an entry of the catalogue that all districts share."),
    (
        "offering",
        "实施清单（办事指南）：一个事项在一个区域如何办理",
        "An offering: how a district implements a matter (its service guide).",
    ),
    ("window", "通办窗口", "A window where applications are taken in."),
    ("agreement", "协议及其清单", "An agreement with its schedule."),
    (
        "clause",
        "清单的一条，单独成行；导入时并入所属协议",
        "A clause of a schedule on a line of its own; import adds it to its agreement.",
    ),
    ("policy", "国家或地方的通办清单", "A national or regional list of matters."),
    ("document", "协议的附件；导出时没有内容", "A file attached to an agreement; an export does not have its content."),
];

/// Lines that together have every field. An agreement has several, since a version is a draft, a proposal or a paper
/// record.
const EXAMPLES: &str = include_str!("examples.ndjson");

/// Every type of line, in the order in which an export has them.
pub fn kinds() -> Vec<Kind> {
    let lines: Vec<(&str, Value)> =
        EXAMPLES.lines().filter_map(|line| Some((line, serde_json::from_str(line).ok()?))).collect();
    let kind = |(name, fields): (&'static str, Vec<Field>)| {
        let of_kind: Vec<&(&str, Value)> = lines.iter().filter(|(_, line)| line["type"] == name).collect();
        // A single version is written flat in the line, several have a list.
        let versions = of_kind.iter().filter_map(|(_, line)| line["versions"].as_array()).flatten();
        let values: Vec<&Value> = of_kind.iter().map(|(_, line)| line).chain(versions).collect();
        let mut objects = Vec::new();
        describe(name, fields, &values, &mut objects);
        let (_, zh, en) = KINDS.iter().find(|(kind, ..)| *kind == name).copied().unwrap_or((name, "", ""));
        Kind { name, text: Message::new(zh, en), example: of_kind.first().map_or("", |(line, _)| line), objects }
    };
    shapes().into_iter().map(kind).collect()
}

/// Describes an object, then those in it. Each is described once for a type of line.
fn describe(name: &'static str, fields: Vec<Field>, values: &[&Value], objects: &mut Vec<Object>) {
    if objects.iter().any(|object| shared_name(object.name) == shared_name(name)) {
        return;
    }
    let at = objects.len();
    let name_of_object = if at == 0 { name } else { shared_name(name) };
    objects.push(Object { name: name_of_object, fields: Vec::new() });
    let mut described = Vec::new();
    for field in fields {
        let within: Vec<&Value> = values.iter().filter_map(|value| value.get(field.name)).collect();
        let example = within.first().map(|value| (*value).clone());
        if let Form::Object(fields) | Form::Objects(fields) | Form::CodesOrObjects(_, fields) = &field.form {
            let entries =
                within.iter().flat_map(|value| value.as_array().map_or(std::slice::from_ref(*value), Vec::as_slice));
            describe(field.name, fields.clone(), &entries.collect::<Vec<_>>(), objects);
        }
        described.push(Described { text: text(name, field.name), example, field });
    }
    objects[at].fields = described;
}

/// The name under which an object is described; several fields hold objects with the same fields.
pub fn shared_name(object: &str) -> &str {
    SAME.iter().find(|(name, _)| *name == object).map_or(object, |(_, same)| same)
}

/// Every text: those of the terms of a mode stand with the mode.
fn texts() -> impl Iterator<Item = &'static FieldText> {
    TEXTS.iter().chain(AGREEMENT_TEXTS).chain(HandlingMode::ALL.iter().flat_map(|mode| mode.texts()))
}

fn text(object: &str, field: &str) -> Message {
    let of = |object: &str| texts().find(|(key, ..)| key.split_once('.') == Some((object, field)));
    let Some((_, zh, en)) = of(object).or_else(|| of(shared_name(object))) else { return Message::new("", "") };
    let modes: Vec<_> = HandlingMode::ALL.iter().map(|mode| mode.label(Locale::Zh)).collect();
    Message::new(zh.replace(MODES, &modes.join("、")), *en)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::agreement::clause::AgreementClause;
    use crate::problem::Problems;
    use crate::reading;
    use crate::record::Submitted;

    #[test]
    fn every_field_has_a_text_and_an_example() {
        for kind in kinds() {
            assert!(!kind.text.en.is_empty(), "{}", kind.name);
            for object in &kind.objects {
                for described in &object.fields {
                    let key = format!("{}: {}.{}", kind.name, object.name, described.field.name);
                    assert!(!described.text.zh.is_empty() && !described.text.en.is_empty(), "{key} has no text");
                    assert!(described.example.is_some(), "{key} has no example");
                }
            }
        }
    }

    #[test]
    fn every_text_is_of_a_field() {
        let fields: BTreeSet<(&str, &str)> = kinds()
            .iter()
            .flat_map(|kind| &kind.objects)
            .flat_map(|object| {
                object.fields.iter().flat_map(|described| {
                    [(object.name, described.field.name), (shared_name(object.name), described.field.name)]
                })
            })
            .collect();
        for (key, ..) in texts() {
            assert!(key.split_once('.').is_some_and(|key| fields.contains(&key)), "{key} is no field");
        }
    }

    #[test]
    fn every_example_is_read_without_a_problem() {
        for line in EXAMPLES.lines() {
            let value: Value = serde_json::from_str(line).expect("JSON");
            let mut problems = Problems::new();
            let is_read = if value["type"] == "clause" {
                // Import reads these two before it adds the clause to its agreement.
                let clause = reading::read(&value, &mut problems, |r| {
                    (r.has("type"), r.has("agreement"), AgreementClause::read(r))
                });
                clause.is_some() && problems.is_empty()
            } else {
                Submitted::read(&value, &mut problems).is_some()
            };
            assert!(is_read, "{line}: {problems:?}");
        }
    }
}
