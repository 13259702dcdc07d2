//! Walks a document or a response, and adds up its price.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Value, Variables};
use catalogue::Lengths;
use registry::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

use super::table::{
    BYTES_PER_POINT, FIELDS_PER_ROW, INTROSPECTION, SEARCH, SEARCH_OF_TITLES, SORT_BY_NAME, SORT_BY_PROMISE, USUAL_LENGTH, usual_length,
};
use super::{Multiplicity, Price, Prices, Sum, number, root};

impl Prices {
    /// The price of an operation before execution.
    pub(crate) fn estimate(&self, document: &ExecutableDocument, operation: &OperationDefinition, variables: &Variables, lengths: &Lengths) -> Price {
        let root = root(operation);
        let price = |lengths: Option<&Lengths>| {
            let mut estimation = Estimation { prices: self, document, variables, lengths, fragments: HashMap::new() };
            estimation.set(&root, &operation.selection_set.node, 1)
        };
        let usual = price(Some(lengths));
        Price { usual: usual.points(), most: price(None).points().max(usual.points()), work: usual.work }
    }

    /// The price of an operation after execution: the estimated work, the fields of the response, and the fields that were
    /// written as JSON directly.
    pub(crate) fn actual(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
        data: &Value,
        direct_fields: u64,
    ) -> u64 {
        let estimation = Estimation { prices: self, document, variables, lengths: None, fragments: HashMap::new() };
        let counted = estimation.count(&root(operation), &operation.selection_set.node, data);
        counted.and(Sum { work: 0, fields: direct_fields }).points()
    }
}

/// The state of one walk.
pub(super) struct Estimation<'a> {
    pub(super) prices: &'a Prices,
    pub(super) document: &'a ExecutableDocument,
    pub(super) variables: &'a Variables,
    /// The usual lengths of lists; `None`: pages have their full length.
    pub(super) lengths: Option<&'a Lengths>,
    /// The prices of fragments, by the length of the page that contains them.
    pub(super) fragments: HashMap<(&'a str, u64), Sum>,
}

impl<'a> Estimation<'a> {
    /// The price of a selection, for a page of so many entries.
    pub(super) fn set(&mut self, of: &str, set: &'a SelectionSet, page: u64) -> Sum {
        set.items.iter().fold(Sum::default(), |sum, item| {
            sum.and(match &item.node {
                Selection::Field(field) => self.field(of, &field.node, page),
                Selection::InlineFragment(fragment) => {
                    let of = fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(of, &fragment.node.selection_set.node, page)
                }
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str(), page),
            })
        })
    }

    /// Fragment cycles were refused before.
    fn fragment(&mut self, name: &'a str, page: u64) -> Sum {
        if let Some(price) = self.fragments.get(&(name, page)) {
            return *price;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Sum::default() };
        let price = self.set(fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node, page);
        self.fragments.insert((name, page), price);
        price
    }

    fn field(&mut self, of: &str, field: &'a Field, page: u64) -> Sum {
        let name = field.name.node.as_str();
        let Some(priced) = self.prices.fields.get(of).and_then(|fields| fields.get(name)) else {
            return self.own(of, field);
        };
        let usual = self.lengths.and_then(|lengths| usual_length(lengths, of, name));
        let (times, inner_page) = match &priced.multiplicity {
            Multiplicity::Once => (1, 1),
            Multiplicity::Page => (1, self.page(field).min(usual.unwrap_or(u64::MAX))),
            Multiplicity::PerEntry => (page, 1),
            // No argument makes these lists longer, so they have their usual length in both estimates.
            Multiplicity::Unlimited => {
                (usual.or_else(|| usual_length(&Lengths::default(), of, name).filter(|length| *length > 0)).unwrap_or(USUAL_LENGTH), 1)
            }
            Multiplicity::UpTo(argument, default) => {
                let most = self.argument(field, argument).and_then(|limit| number(&limit)).unwrap_or(*default).min(MAX_PAGE_SIZE as u64);
                (most.min(usual.unwrap_or(u64::MAX)), 1)
            }
            Multiplicity::ForEach(argument) => (self.length(field, argument), 1),
            Multiplicity::ForEachPair(argument) => (self.length(field, argument).saturating_pow(2), 1),
        };
        let inner = self.set(&priced.of, &field.selection_set.node, inner_page);
        let rows = if (of, name) == ("OfferingConnection", "edges") { FIELDS_PER_ROW } else { 0 };
        inner.and(Sum { work: 0, fields: rows }).times(times).and(self.own(of, field))
    }

    /// The price of a field without its selection.
    fn own(&self, of: &str, field: &Field) -> Sum {
        let name = field.name.node.as_str();
        if matches!(name, "__schema" | "__type") {
            return Sum { work: INTROSPECTION, fields: 1 };
        }
        // No such field: validation refuses it.
        let Some(priced) = self.prices.fields.get(of).and_then(|fields| fields.get(name)) else { return Sum { work: 0, fields: 1 } };
        let times = match &priced.multiplicity {
            Multiplicity::ForEach(argument) => self.length(field, argument),
            Multiplicity::ForEachPair(argument) => self.length(field, argument).saturating_pow(2),
            Multiplicity::Once | Multiplicity::Page | Multiplicity::PerEntry | Multiplicity::Unlimited | Multiplicity::UpTo(..) => 1,
        };
        let search = if (of, name) == ("Query", "agreements") { SEARCH_OF_TITLES } else { SEARCH };
        let searched = if priced.searches && self.argument(field, "search").is_some() { search } else { 0 };
        let order = match self.argument(field, "orderBy") {
            Some(Value::Enum(order)) => order.to_string(),
            // In variables an enum is a string.
            Some(Value::String(order)) => order,
            _ => String::new(),
        };
        let sorted = match (name, &*order) {
            (_, "PROMISED_DAYS") => SORT_BY_PROMISE,
            ("offerings", "NAME") => SORT_BY_NAME,
            _ => 0,
        };
        Sum { work: priced.work.saturating_mul(times).saturating_add(searched + sorted), fields: 1 }
    }

    /// The price of a response. Parts that were written as JSON directly are counted by their writer.
    pub(super) fn count(&self, of: &str, set: &SelectionSet, data: &Value) -> Sum {
        match data {
            Value::List(entries) => entries.iter().fold(Sum::default(), |sum, entry| sum.and(self.count(of, set, entry))),
            Value::Object(fields) => set.items.iter().fold(Sum::default(), |sum, item| {
                sum.and(match &item.node {
                    Selection::Field(field) => {
                        let field = &field.node;
                        let Some(value) = fields.get(&field.response_key().node) else { return sum };
                        let inner = self.prices.fields.get(of).and_then(|fields| fields.get(field.name.node.as_str()));
                        let inner = inner.map_or(Sum::default(), |priced| self.count(&priced.of, &field.selection_set.node, value));
                        inner.and(self.own(of, field)).and(by_length(of, field, value))
                    }
                    Selection::InlineFragment(fragment) => {
                        let of = fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                        self.count(of, &fragment.node.selection_set.node, data)
                    }
                    Selection::FragmentSpread(spread) => match self.document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => {
                            let fragment = &fragment.node;
                            self.count(fragment.type_condition.node.on.node.as_str(), &fragment.selection_set.node, data)
                        }
                        None => Sum::default(),
                    },
                })
            }),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => Sum::default(),
        }
    }

    fn page(&self, field: &Field) -> u64 {
        let given = self.argument(field, "first").or_else(|| self.argument(field, "last"));
        given.and_then(|count| number(&count)).unwrap_or(DEFAULT_PAGE_SIZE as u64).min(MAX_PAGE_SIZE as u64)
    }

    /// The length of a list argument. A single value is a list of one.
    fn length(&self, field: &Field, argument: &str) -> u64 {
        match self.argument(field, argument) {
            Some(Value::List(values)) => values.len() as u64,
            Some(_) => 1,
            None => 0,
        }
    }

    /// The value of an argument; `None` also for null.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let (_, given) = field.arguments.iter().find(|(argument, _)| argument.node == name)?;
        let given = given.node.clone().into_const_with(|variable| self.variables.get(&variable).cloned().ok_or(()));
        given.ok().filter(|given| *given != Value::Null)
    }
}

/// The price of a value by its length.
fn by_length(of: &str, field: &Field, value: &Value) -> Sum {
    match (of, field.name.node.as_str(), value) {
        ("Change", "document", Value::Binary(line)) => Sum { work: line.len() as u64 / BYTES_PER_POINT, fields: 0 },
        _ => Sum::default(),
    }
}
