//! Walks a document or a response, and adds up its price.

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Value, Variables};
use catalogue::Lengths;
use registry::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

use super::table::{
    BYTES_PER_POINT, CHANGES_OF_DISTRICT, FIELDS_PER_ROW, INTROSPECTION, SEARCH, SEARCH_OF_TITLES, SORT_BY_NAME,
    SORT_BY_PROMISE, USUAL_LENGTH, usual_length,
};
use super::{Multiplicity, Price, PricedField, Prices, Sum, number, root};

impl Prices {
    /// The price of an operation before execution.
    pub(crate) fn estimate(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
        lengths: &Lengths,
    ) -> Price {
        let walk = Walk { prices: self, document, variables };
        let mut estimation = Estimation { walk, lengths, fragments: Vec::new() };
        let Both { usual, most } = estimation.set(root(operation.ty), &operation.selection_set.node, Both::same(1));
        Price::of(usual, most)
    }

    /// The price of an operation after execution: the estimated work, the fields of the response, and the fields that
    /// were written as JSON directly.
    pub(crate) fn actual(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
        data: &Value,
        direct_fields: u64,
    ) -> u64 {
        let counted =
            Walk { prices: self, document, variables }.count(root(operation.ty), &operation.selection_set.node, data);
        counted.and(Sum { work: 0, fields: direct_fields }).points()
    }
}

/// A value for lists of their usual length in this registry, and one for pages at their full length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Both<T> {
    usual: T,
    most: T,
}

impl<T: Copy> Both<T> {
    fn same(value: T) -> Self {
        Self { usual: value, most: value }
    }

    fn with<U, V>(self, other: Both<U>, combine: impl Fn(T, U) -> V) -> Both<V> {
        Both { usual: combine(self.usual, other.usual), most: combine(self.most, other.most) }
    }
}

/// The state of an estimate.
struct Estimation<'a> {
    walk: Walk<'a>,
    /// The usual lengths of lists.
    lengths: &'a Lengths,
    /// The prices of fragments, by the length of the page that contains them. A document has few.
    fragments: Vec<(FragmentInPage<'a>, Both<Sum>)>,
}

/// The name of a fragment, and the length of the page that contains it.
type FragmentInPage<'a> = (&'a str, Both<u64>);

impl<'a> Estimation<'a> {
    /// The price of a selection, for a page of so many entries.
    fn set(&mut self, of: &str, set: &'a SelectionSet, page: Both<u64>) -> Both<Sum> {
        let fields = self.walk.prices.fields.get(of);
        set.items.iter().fold(Both::default(), |sum, item| {
            let price = match &item.node {
                Selection::Field(field) => match fields.and_then(|fields| fields.get(field.node.name.node.as_str())) {
                    Some(priced) => self.field(of, &field.node, priced, page),
                    None => Both::same(unpriced(&field.node)),
                },
                Selection::InlineFragment(fragment) => {
                    let of =
                        fragment.node.type_condition.as_ref().map_or(of, |condition| condition.node.on.node.as_str());
                    self.set(of, &fragment.node.selection_set.node, page)
                }
                Selection::FragmentSpread(spread) => self.fragment(spread.node.fragment_name.node.as_str(), page),
            };
            sum.with(price, Sum::and)
        })
    }

    /// Fragment cycles were refused before.
    fn fragment(&mut self, name: &'a str, page: Both<u64>) -> Both<Sum> {
        if let Some((_, price)) = self.fragments.iter().find(|(key, _)| *key == (name, page)) {
            return *price;
        }
        let Some(fragment) = self.walk.document.fragments.get(name) else { return Both::default() };
        let price =
            self.set(fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node, page);
        self.fragments.push(((name, page), price));
        price
    }

    fn field(&mut self, of: &str, field: &'a Field, priced: &PricedField, page: Both<u64>) -> Both<Sum> {
        let own = Both::same(self.walk.own(of, field, priced));
        if field.selection_set.node.items.is_empty() {
            return own;
        }
        let name = field.name.node.as_str();
        let usual = || usual_length(self.lengths, of, name);
        let once = Both::same(1);
        let at_most = |most: u64| Both { usual: most.min(usual().unwrap_or(u64::MAX)), most };
        let (times, inner_page) = match &priced.multiplicity {
            Multiplicity::Once => (once, once),
            Multiplicity::Page => (once, at_most(self.walk.page(field))),
            Multiplicity::PerEntry => (page, once),
            // No argument makes these lists longer, so they have a usual length in both estimates.
            Multiplicity::Unlimited => {
                let most =
                    usual_length(&Lengths::default(), of, name).filter(|length| *length > 0).unwrap_or(USUAL_LENGTH);
                (Both { usual: usual().unwrap_or(most), most }, once)
            }
            Multiplicity::UpTo(argument, default) => {
                let limit = self.walk.argument(field, argument).and_then(|limit| number(&limit)).unwrap_or(*default);
                (at_most(limit.min(MAX_PAGE_SIZE as u64)), once)
            }
            Multiplicity::ForEach(argument) => (Both::same(self.walk.length(field, argument)), once),
            Multiplicity::ForEachPair(argument) => {
                (Both::same(self.walk.length(field, argument).saturating_pow(2)), once)
            }
        };
        let inner = self.set(&priced.of, &field.selection_set.node, inner_page);
        let rows =
            Sum { work: 0, fields: if (of, name) == ("OfferingConnection", "edges") { FIELDS_PER_ROW } else { 0 } };
        inner.with(times, |inner, times| inner.and(rows).times(times)).with(own, Sum::and)
    }
}

/// The inputs of both prices.
#[derive(Clone, Copy)]
struct Walk<'a> {
    prices: &'a Prices,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
}

/// The price of a field that the type does not have: `__typename`, the introspection, or one that validation refuses.
fn unpriced(field: &Field) -> Sum {
    let introspects = matches!(field.name.node.as_str(), "__schema" | "__type");
    Sum { work: if introspects { INTROSPECTION } else { 0 }, fields: 1 }
}

impl Walk<'_> {
    /// The price of a field without its selection.
    fn own(&self, of: &str, field: &Field, priced: &PricedField) -> Sum {
        if field.arguments.is_empty()
            && !matches!(priced.multiplicity, Multiplicity::ForEach(_) | Multiplicity::ForEachPair(_))
        {
            return Sum { work: priced.work, fields: 1 };
        }
        let name = field.name.node.as_str();
        let times = match &priced.multiplicity {
            Multiplicity::ForEach(argument) => self.length(field, argument),
            Multiplicity::ForEachPair(argument) => self.length(field, argument).saturating_pow(2),
            Multiplicity::Once
            | Multiplicity::Page
            | Multiplicity::PerEntry
            | Multiplicity::Unlimited
            | Multiplicity::UpTo(..) => 1,
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
        let is_of_district = (of, name) == ("Query", "changes") && self.argument(field, "district").is_some();
        let filtered = if is_of_district { CHANGES_OF_DISTRICT } else { 0 };
        Sum { work: priced.work.saturating_mul(times).saturating_add(searched + sorted + filtered), fields: 1 }
    }

    /// The price of a response. Parts that were written as JSON directly are counted by their writer.
    fn count(&self, of: &str, set: &SelectionSet, data: &Value) -> Sum {
        match data {
            Value::List(entries) => {
                entries.iter().fold(Sum::default(), |sum, entry| sum.and(self.count(of, set, entry)))
            }
            Value::Object(fields) => set.items.iter().fold(Sum::default(), |sum, item| {
                sum.and(match &item.node {
                    Selection::Field(field) => {
                        let field = &field.node;
                        let Some(value) = fields.get(&field.response_key().node) else { return sum };
                        let priced = self.prices.fields.get(of).and_then(|fields| fields.get(field.name.node.as_str()));
                        let Some(priced) = priced else { return sum.and(unpriced(field)) };
                        let inner = self.count(&priced.of, &field.selection_set.node, value);
                        inner.and(self.own(of, field, priced)).and(by_length(of, field, value))
                    }
                    Selection::InlineFragment(fragment) => {
                        let of = fragment
                            .node
                            .type_condition
                            .as_ref()
                            .map_or(of, |condition| condition.node.on.node.as_str());
                        self.count(of, &fragment.node.selection_set.node, data)
                    }
                    Selection::FragmentSpread(spread) => {
                        match self.document.fragments.get(&spread.node.fragment_name.node) {
                            Some(fragment) => {
                                let fragment = &fragment.node;
                                self.count(
                                    fragment.type_condition.node.on.node.as_str(),
                                    &fragment.selection_set.node,
                                    data,
                                )
                            }
                            None => Sum::default(),
                        }
                    }
                })
            }),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => Sum::default(),
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
