//! The shape of an object: which fields a reader requests, in which form. The reader records it, so a description
//! of the records cannot differ from what is read.

use std::collections::BTreeSet;

use serde_json::Map;

use crate::problem::Problems;
use crate::reading::Reader;

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub form: Form,
    pub is_required: bool,
}

/// How a field is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A text of one line with at most so many characters.
    Line(usize),
    /// A text of several lines.
    Text(usize),
    Lines(usize),
    /// A code, by the name of its type.
    Code(&'static str),
    Codes(&'static str),
    /// One of these words.
    Word(Vec<&'static str>),
    Words(Vec<&'static str>),
    Date,
    Dates,
    Moment,
    /// A whole number from 0 to this.
    Number(u32),
    Flag,
    Url,
    Content,
    Object(Vec<Field>),
    Objects(Vec<Field>),
    /// A list of codes, or of objects with further fields.
    CodesOrObjects(&'static str, Vec<Field>),
}

/// The fields that a reader has requested so far.
#[derive(Debug, Default)]
pub(super) struct Shape {
    fields: Vec<Field>,
    required: BTreeSet<&'static str>,
}

/// The fields that `read` requests, in the order in which it first does.
pub(crate) fn shape<T>(read: impl FnOnce(&mut Reader<'_>) -> T) -> Vec<Field> {
    let (mut shape, mut problems) = (Shape::default(), Problems::new());
    read(&mut Reader {
        fields: &Map::new(),
        path: Vec::new(),
        requested: Vec::new(),
        problems: &mut problems,
        shape: Some(&mut shape),
    });
    let Shape { mut fields, required } = shape;
    fields.iter_mut().for_each(|field| field.is_required = required.contains(field.name));
    fields
}

/// The name of a type without its module.
pub(super) fn type_name<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

impl Reader<'_> {
    /// Notes the form of a field, where a shape is wanted. A field that is read twice has the form that was noted
    /// first.
    pub(super) fn note(&mut self, name: &'static str, form: impl FnOnce() -> Form) {
        if let Some(shape) = &mut self.shape
            && !shape.fields.iter().any(|field| field.name == name)
        {
            shape.fields.push(Field { name, form: form(), is_required: false });
        }
    }

    pub(super) fn note_required(&mut self, name: &'static str) {
        if let Some(shape) = &mut self.shape {
            shape.required.insert(name);
        }
    }
}
