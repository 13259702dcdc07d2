//! What an operation costs, in points. Work costs points: a search, a scan, a question to the database. What the answer holds
//! costs a point for every ten fields. Whatever is asked, the request itself takes as long as two points may.
//!
//! Beforehand lists are counted at the length that they usually have in this registry, at most that of the page. Afterwards the
//! fields are counted that the answer has; the work stays as it was. Prices follow from the schema itself, so a new list has
//! one from the start.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, FieldDefinition, OperationDefinition, Selection, SelectionSet, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Value, Variables};
use catalogue::Lengths;

use crate::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// The least that an operation costs: a request takes its time, whatever it asks.
const LEAST: u64 = 2;
/// How many fields of an answer cost a point.
const FIELDS_OF_A_POINT: u64 = 10;
/// How long a list is taken to be of which nothing else is known.
const USUAL_LENGTH: u64 = 3;
/// What searching costs: every name is looked at.
const SEARCH: u64 = 20;
/// What it costs to search among agreements: of these nothing says which titles are worth looking at.
const SEARCH_OF_TITLES: u64 = 80;
/// What it costs to sort the offerings of a district by their names.
const NAMES: u64 = 2;
/// As many fields as an offering counts that is read from the database.
pub(super) const FIELDS_OF_ROW: u64 = 2;
/// What it costs to sort by promises: every offering of everybody who is competent is looked at.
const PROMISES: u64 = 100;
/// So many bytes of a change's line cost another point: it is read, and written anew as the caller may see it.
const BYTES_OF_A_POINT: u64 = 8 * 1024;
/// A text that is longer names nothing that has a price.
const LONG_TEXT: usize = 256;
/// The whole schema as an answer, however it is asked for.
const SCHEMA: u64 = 100;

/// The work that is done for a field, in points; where values are listed, for each of them.
fn work(of: &str, field: &str) -> u64 {
    match (of, field) {
        // A change is checked against everything, and written down for ever.
        ("Mutation", _) => 100,
        // The whole table of who serves whom is sieved, and counted by every filter.
        ("Query", "availableMatters") => 50,
        ("Query", "handling" | "handlings" | "node" | "nodes") => 5,
        // It is looked for in the database.
        ("Query", "offering") => 4,
        // Its line is looked up in the journal and read.
        ("Query", "nodeAsRecorded") => 6,
        // Every name is looked at, and of matters who serves whom.
        ("Query", "suggest") => 10,
        // Names are compared with what was typed, letter by letter.
        (_, "didYouMean") => 20,
        // All that a district offers is looked at.
        ("Query" | "District", "offerings") => 1,
        // All that was agreed is written as canonical JSON, or compared with what was agreed before.
        ("AgreementVersion", "digest") => 4,
        ("AgreementVersion", "changes") => 3,
        // What is available between the two is counted.
        ("PartnerEdge", "mattersIn" | "mattersOut") => 1,
        // Each cell is counted over all matters.
        ("Query", "coverage") => 2,
        // All agreements are looked at.
        ("Query" | "District", "agreements") | ("Change", "document") => 1,
        ("District", "partners") => 2,
        // The journal is in the database.
        ("Query", "changes" | "findings") | ("Viewer", "tasks") | (_, "history" | "diff") => 20,
        _ => 0,
    }
}

/// How long a list usually is; `None`: nothing is known.
fn usual(lengths: &Lengths, of: &str, field: &str) -> Option<u64> {
    Some(match (of, field) {
        ("Query", "districts") => lengths.districts,
        ("Query", "matters" | "availableMatters") => lengths.matters,
        ("Query", "agreements") => lengths.agreements,
        ("Query", "policies") => lengths.policies,
        ("Query" | "District", "offerings") => lengths.offerings_of_district,
        ("District" | "HandlingRoute", "windows") => lengths.windows_of_district,
        ("District", "agreements") => lengths.agreements_of_district,
        ("Matter", "offerings") => lengths.offerings_of_matter,
        ("Agreement", "versions") => lengths.versions,
        ("AgreementVersion", "parties" | "signatures" | "rejections") => lengths.parties,
        ("AgreementVersion" | "Policy", "schedule") => lengths.clauses,
        (_, "matters") => lengths.matters_of_clause,
        ("Handling", "routes") | ("FoundName", "parts") => 2,
        ("HandlingRoute", "duties") => 7,
        ("Offering", "materials") => 5,
        ("HandlingRoute", "offerings") | (_, "reasons" | "notices" | "problems") => 1,
        ("AvailableMatterFacets", "domains") => 10,
        _ => return None,
    })
}

/// What an operation costs before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Price {
    /// With lists as long as they usually are.
    pub(crate) usual: u64,
    /// With every page as long as it may be.
    pub(crate) most: u64,
    /// What of the usual price is for work, and not for the length of the answer.
    pub(crate) work: u64,
}

impl Price {
    /// Of what is looked at and no more.
    pub(crate) const LEAST: Self = Self { usual: LEAST, most: LEAST, work: 0 };
}

/// How often what is inside a field may come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Often {
    Once,
    /// As often as the page around it is long: its edges.
    PerEntry,
    /// A page of its own: what is inside comes once, its edges per entry.
    Page,
    /// At most as often as this argument says, or else as its default does.
    UpTo(String, u64),
    /// Once for each value in this argument.
    ForEach(String),
    /// Once for each pair of values in this argument.
    ForEachPair(String),
    /// A list of which nobody says how long it is.
    Usually,
}

#[derive(Debug)]
struct Priced {
    of: String,
    work: u64,
    often: Often,
    searches: bool,
}

/// The prices of all fields of a schema.
#[derive(Debug)]
pub(crate) struct Prices {
    fields: HashMap<String, HashMap<String, Priced>>,
}

/// Those of the registry's schema.
static PRICES: LazyLock<Prices> = LazyLock::new(|| Prices::of(&super::plain_sdl()));

/// What an operation costs before it runs.
pub(crate) fn of(document: &ExecutableDocument, operation: &OperationDefinition, variables: &Variables, lengths: &Lengths) -> Price {
    let root = root(operation);
    let price = |lengths: Option<&Lengths>| {
        let mut reckoning = Reckoning { prices: &PRICES, document, variables, lengths, known: HashMap::new() };
        reckoning.set(&root, &operation.selection_set.node, 1)
    };
    let usual = price(Some(lengths));
    Price { usual: usual.points(), most: price(None).points().max(usual.points()), work: usual.work }
}

/// What it cost: the same work, and the fields that the answer has, of which so many were told at once.
pub(crate) fn actual(document: &ExecutableDocument, operation: &OperationDefinition, variables: &Variables, data: &Value, told: u64) -> u64 {
    let reckoning = Reckoning { prices: &PRICES, document, variables, lengths: None, known: HashMap::new() };
    let counted = reckoning.count(&root(operation), &operation.selection_set.node, data);
    counted.and(Sum { work: 0, fields: told }).points()
}

fn root(operation: &OperationDefinition) -> String {
    let root = operation.ty.to_string();
    root[..1].to_uppercase() + &root[1..]
}

/// Work in points, and fields.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    work: u64,
    fields: u64,
}

impl Sum {
    fn and(self, other: Self) -> Self {
        Self { work: self.work.saturating_add(other.work), fields: self.fields.saturating_add(other.fields) }
    }

    fn times(self, times: u64) -> Self {
        Self { work: self.work.saturating_mul(times), fields: self.fields.saturating_mul(times) }
    }

    fn points(self) -> u64 {
        self.work.saturating_add(self.fields.div_ceil(FIELDS_OF_A_POINT)).max(LEAST)
    }
}

impl Prices {
    fn of(sdl: &str) -> Self {
        let document = async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let fields = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let of = definition.node.name.node.to_string();
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
            };
            let priced = fields.into_iter().map(|field| (field.node.name.node.to_string(), Priced::new(&of, &field.node))).collect();
            Some((of, priced))
        });
        Self { fields: fields.collect() }
    }
}

impl Priced {
    fn new(of: &str, field: &FieldDefinition) -> Self {
        let name = field.name.node.as_str();
        let argument = |wanted: &str| field.arguments.iter().find(|argument| argument.node.name.node == wanted).map(|argument| &argument.node);
        let listed = field.arguments.iter().find(|argument| is_list(&argument.node.ty.node) && !argument.node.ty.node.nullable);
        let often = if argument("first").is_some() {
            Often::Page
        } else if let ("Mutation", Some(listed)) = (of, listed) {
            // Several acts at once.
            Often::ForEach(listed.node.name.node.to_string())
        } else if !is_list(&field.ty.node) {
            Often::Once
        } else if name == "edges" {
            Often::PerEntry
        } else if let Some(limit) = argument("limit") {
            let default = limit.default_value.as_ref().and_then(|default| number(&default.node));
            Often::UpTo("limit".to_owned(), default.unwrap_or(USUAL_LENGTH))
        } else if let Some(listed) = listed {
            let listed = listed.node.name.node.to_string();
            if (of, name) == ("Query", "coverage") { Often::ForEachPair(listed) } else { Often::ForEach(listed) }
        } else {
            Often::Usually
        };
        Self { of: named(&field.ty.node).to_owned(), work: work(of, name), often, searches: argument("search").is_some() }
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::Null | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) | Value::List(_) | Value::Object(_) => None,
    }
}

/// What prices look at of the variables: all but long texts, which are kept nowhere twice.
pub(crate) fn outline(variables: &Variables) -> Variables {
    let mut outline = Variables::default();
    variables.iter().for_each(|(name, value)| {
        outline.insert(name.clone(), without_long_texts(value));
    });
    outline
}

fn without_long_texts(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > LONG_TEXT => Value::String(String::new()),
        Value::List(values) => Value::List(values.iter().map(without_long_texts).collect()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), without_long_texts(value))).collect()),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Boolean(_) | Value::Binary(_) | Value::Enum(_) => value.clone(),
    }
}

/// What costs by its length.
fn read(of: &str, field: &Field, value: &Value) -> Sum {
    match (of, field.name.node.as_str(), value) {
        ("Change", "document", Value::Binary(line)) => Sum { work: line.len() as u64 / BYTES_OF_A_POINT, fields: 0 },
        _ => Sum::default(),
    }
}

struct Reckoning<'a> {
    prices: &'a Prices,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    /// How long lists usually are; `None`: pages are as long as they may be.
    lengths: Option<&'a Lengths>,
    /// Fragments, by the length of the page that they are spread in.
    known: HashMap<(&'a str, u64), Sum>,
}

impl<'a> Reckoning<'a> {
    fn set(&mut self, of: &str, set: &'a SelectionSet, page: u64) -> Sum {
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

    /// Circles were refused before.
    fn fragment(&mut self, name: &'a str, page: u64) -> Sum {
        if let Some(known) = self.known.get(&(name, page)) {
            return *known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Sum::default() };
        let price = self.set(fragment.node.type_condition.node.on.node.as_str(), &fragment.node.selection_set.node, page);
        self.known.insert((name, page), price);
        price
    }

    fn field(&mut self, of: &str, field: &'a Field, page: u64) -> Sum {
        let name = field.name.node.as_str();
        let Some(priced) = self.prices.fields.get(of).and_then(|fields| fields.get(name)) else {
            return self.own(of, field);
        };
        let usual = self.lengths.and_then(|lengths| usual(lengths, of, name));
        let (times, inner_page) = match &priced.often {
            Often::Once => (1, 1),
            Often::Page => (1, self.page(field).min(usual.unwrap_or(u64::MAX))),
            Often::PerEntry => (page, 1),
            // Of these nobody may ask for more, so they are always as long as usual.
            Often::Usually => (usual.or_else(|| self::usual(&Lengths::default(), of, name).filter(|length| *length > 0)).unwrap_or(USUAL_LENGTH), 1),
            Often::UpTo(argument, default) => {
                let most = self.argument(field, argument).and_then(|limit| number(&limit)).unwrap_or(*default).min(MAX_PAGE_SIZE as u64);
                (most.min(usual.unwrap_or(u64::MAX)), 1)
            }
            Often::ForEach(argument) => (self.length(field, argument), 1),
            Often::ForEachPair(argument) => (self.length(field, argument).saturating_pow(2), 1),
        };
        let inner = self.set(&priced.of, &field.selection_set.node, inner_page);
        let rows = if (of, name) == ("OfferingConnection", "edges") { FIELDS_OF_ROW } else { 0 };
        inner.and(Sum { work: 0, fields: rows }).times(times).and(self.own(of, field))
    }

    /// A field without what is inside: the work that is done for it, and itself.
    fn own(&self, of: &str, field: &Field) -> Sum {
        let name = field.name.node.as_str();
        if matches!(name, "__schema" | "__type") {
            return Sum { work: SCHEMA, fields: 1 };
        }
        // Nobody's field: the engine will say so.
        let Some(priced) = self.prices.fields.get(of).and_then(|fields| fields.get(name)) else { return Sum { work: 0, fields: 1 } };
        let times = match &priced.often {
            Often::ForEach(argument) => self.length(field, argument),
            Often::ForEachPair(argument) => self.length(field, argument).saturating_pow(2),
            Often::Once | Often::Page | Often::PerEntry | Often::Usually | Often::UpTo(..) => 1,
        };
        let search = if (of, name) == ("Query", "agreements") { SEARCH_OF_TITLES } else { SEARCH };
        let searched = if priced.searches && self.argument(field, "search").is_some() { search } else { 0 };
        let order = match self.argument(field, "orderBy") {
            Some(Value::Enum(order)) => order.to_string(),
            // In variables an enum is a text.
            Some(Value::String(order)) => order,
            _ => String::new(),
        };
        let sorted = match (name, &*order) {
            (_, "PROMISED_DAYS") => PROMISES,
            ("offerings", "NAME") => NAMES,
            _ => 0,
        };
        Sum { work: priced.work.saturating_mul(times).saturating_add(searched + sorted), fields: 1 }
    }

    /// What an answer holds. Where a part of it was told at once, somebody else has counted.
    fn count(&self, of: &str, set: &SelectionSet, data: &Value) -> Sum {
        match data {
            Value::List(entries) => entries.iter().fold(Sum::default(), |sum, entry| sum.and(self.count(of, set, entry))),
            Value::Object(fields) => set.items.iter().fold(Sum::default(), |sum, item| {
                sum.and(match &item.node {
                    Selection::Field(field) => {
                        let field = &field.node;
                        let Some(value) = fields.get(&field.response_key().node) else { return sum };
                        let inner = self.prices.fields.get(of).and_then(|fields| fields.get(field.name.node.as_str()));
                        let inner = inner.map_or(Sum::default(), |priced| self.count(&priced.of, &field.selection_set.node, value));
                        inner.and(self.own(of, field)).and(read(of, field, value))
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
        let asked = self.argument(field, "first").or_else(|| self.argument(field, "last"));
        asked.and_then(|count| number(&count)).unwrap_or(DEFAULT_PAGE_SIZE as u64).min(MAX_PAGE_SIZE as u64)
    }

    /// A single value stands for a list of it.
    fn length(&self, field: &Field, argument: &str) -> u64 {
        match self.argument(field, argument) {
            Some(Value::List(values)) => values.len() as u64,
            Some(_) => 1,
            None => 0,
        }
    }

    /// `None` for null, too.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let (_, given) = field.arguments.iter().find(|(argument, _)| argument.node == name)?;
        let given = given.node.clone().into_const_with(|variable| self.variables.get(&variable).cloned().ok_or(()));
        given.ok().filter(|given| *given != Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Name;
    use async_graphql::parser::parse_query;
    use serde_json::{Value as Json, json};

    use super::actual as counted;
    use super::*;

    const LENGTHS: Lengths = Lengths {
        districts: 3_500,
        matters: 5_000,
        agreements: 45_000,
        policies: 2,
        windows_of_district: 2,
        offerings_of_district: 1_000,
        offerings_of_matter: 700,
        agreements_of_district: 30,
        versions: 1,
        parties: 3,
        clauses: 2,
        matters_of_clause: 40,
    };

    fn priced_with(document: &str, variables: Json) -> Price {
        let document = parse_query(document).expect("a document");
        let (_, operation) = document.operations.iter().next().expect("an operation");
        of(&document, &operation.node, &Variables::from_json(variables), &LENGTHS)
    }

    fn priced(document: &str) -> Price {
        priced_with(document, json!({}))
    }

    /// Points for so many fields.
    fn fields(count: u64) -> u64 {
        count.div_ceil(10)
    }

    #[test]
    fn every_field_has_a_price() {
        for (document, price) in [
            ("{ __typename }", LEAST),
            ("{ registry { name revision } }", LEAST),
            ("{ nobodysField }", LEAST),
            // A page: the connection, 20 edges with 3 fields, and what comes once.
            ("{ districts { totalCount edges { cursor node { name } } } }", fields(1 + 1 + 1 + 20 * 3)),
            ("{ districts(first: 3) { edges { cursor } pageInfo { hasNextPage } } }", LEAST),
            ("{ districts(last: 100) { edges { cursor } } }", fields(1 + 1 + 100)),
            ("{ districts(first: 0) { edges { cursor } } }", LEAST),
            ("{ offering(code: 1) { name } }", 4 + fields(2)),
            ("{ districts(search: \"nansha\") { totalCount } }", 20 + fields(2)),
            (
                "{ ...F } fragment F on Query { districts(first: 20) { ...G } } fragment G on DistrictConnection { edges { node { code } } }",
                fields(1 + 1 + 20 * 2),
            ),
            ("{ node(id: \"x\") { ... on District { name aliases } } }", 5 + fields(3)),
            ("{ nodes(ids: [\"x\", \"y\"]) { id } }", 2 * 5 + fields(3)),
            ("{ handling(matter: 1, receiving: 1, competent: 1) { answer routes { mode } } }", 5 + fields(1 + 1 + 1 + 2)),
            ("{ handlings(questions: [{}, {}, {}]) { answer } }", 3 * 5 + fields(1 + 3)),
            ("{ coverage(districts: [1, 2, 3]) { total } }", 9 * 2 + fields(1 + 9)),
            ("{ availableMatters(receiving: 1) { totalCount } }", 50 + fields(2)),
            ("{ availableMatters(receiving: 1, first: 1) { edges { routes(limit: 100) { mode } } } }", 50 + fields(1 + 1 + 1 + 100)),
            ("{ availableMatters(receiving: 1, orderBy: PROMISED_DAYS) { totalCount } }", 50 + 100 + fields(2)),
            ("{ districts(search: \"nansha\") { didYouMean } }", 20 + 20 + fields(2)),
            ("{ suggest(text: 1) { found { text } } }", 10 + fields(1 + 10 * 2)),
            ("{ changes { totalCount } }", 20 + fields(2)),
            ("mutation { voidAgreement(input: {}) { problems { code } } }", 100 + fields(3)),
            ("{ __schema { types { name } } }", SCHEMA + 1),
        ] {
            assert_eq!(priced(document).usual, price, "{document}");
        }
    }

    #[test]
    fn variables_count_as_what_they_are() {
        let page = "query ($n: Int) { districts(first: $n) { edges { cursor } } }";
        assert_eq!(priced_with(page, json!({ "n": 77 })).usual, fields(1 + 1 + 77));
        assert_eq!(priced_with(page, json!({ "n": null })).usual, fields(1 + 1 + 20));
        assert_eq!(priced_with(page, json!({})).usual, fields(1 + 1 + 20));
        let questions = "query ($q: [HandlingQuestion!]!) { handlings(questions: $q) { answer } }";
        assert_eq!(priced_with(questions, json!({ "q": [{}, {}] })).usual, 2 * 5 + fields(1 + 2));
    }

    #[test]
    fn a_page_of_pages_is_priced_at_its_usual_and_at_its_full_length() {
        let document = "{ agreements(first: 100) { edges { node { versions(first: 100) { edges { cursor } } } } } }";
        assert_eq!(priced(document).usual, 1 + fields(1 + 1 + 100 * (1 + 1 + 1 + 1)), "most have one version");
        assert_eq!(priced(document).most, 1 + fields(1 + 1 + 100 * (1 + 1 + 1 + 100)));
        let wide =
            "{ agreements(first: 100) { edges { node { versions(first: 100) { edges { node { parties(first: 100) { edges { cursor } } } } } } } } }";
        assert!(priced(wide).most > 100_000 && priced(wide).usual < 200);
    }

    #[test]
    fn what_an_answer_has_is_counted_and_work_is_never_given_back() {
        let actual = |document: &str, data: Json| -> u64 {
            let document = parse_query(document).expect("a document");
            let (_, operation) = document.operations.iter().next().expect("an operation");
            let data = Value::from_json(data).expect("a value");
            counted(&document, &operation.node, &Variables::default(), &data, 0)
        };
        let searched = "{ d: districts(search: \"x\", first: 100) { edges { node { name } } } }";
        assert_eq!(actual(searched, json!({ "d": { "edges": [] } })), 20 + 1);
        let entries = vec![json!({ "node": { "name": "x" } }); 60];
        assert_eq!(actual(searched, json!({ "d": { "edges": entries } })), 20 + fields(2 + 60 * 2));
        let histories = "{ matters { edges { node { ...F } } } } fragment F on Matter { history { totalCount } }";
        let with = |count: usize| json!({ "matters": { "edges": vec![json!({ "node": { "history": { "totalCount": 1 } } }); count] } });
        assert_eq!([0, 1, 3].map(|count| actual(histories, with(count))), [LEAST, 20 + 1, 3 * 20 + fields(2 + 9)]);
        // A scalar is one field, whatever is in it.
        let document = "{ changes { edges { node { document } } } }";
        assert_eq!(actual(document, json!({ "changes": { "edges": [{ "node": { "document": { "a": [1, 2, 3] } } }] } })), 20 + 1 + 1);
        // The line of a change is read, so it costs by its length.
        let line = |bytes: usize| {
            let document = parse_query(document).expect("a document");
            let (_, operation) = document.operations.iter().next().expect("an operation");
            let line = Value::Binary(vec![b' '; bytes].into());
            let object = |key: &str, value: Value| Value::Object([(Name::new(key), value)].into_iter().collect());
            let data = object("changes", object("edges", Value::List(vec![object("node", object("document", line))])));
            counted(&document, &operation.node, &Variables::default(), &data, 0)
        };
        assert_eq!([1_000, 20_000].map(line), [20 + 1 + 1, 20 + 1 + 1 + 2]);
        assert_eq!(actual("{ nodes(ids: [1, 2, 3]) { id } }", json!({ "nodes": [null, null, null] })), 15 + 1);
    }

    #[test]
    fn every_list_is_priced_by_its_length() {
        let prices = Prices::of(&super::super::plain_sdl());
        let named = |of: &str, field: &str| &prices.fields[of][field].often;
        assert_eq!(*named("Query", "handlings"), Often::ForEach("questions".to_owned()));
        assert_eq!(*named("Query", "coverage"), Often::ForEachPair("districts".to_owned()));
        assert_eq!(*named("AvailableMatterEdge", "routes"), Often::UpTo("limit".to_owned(), 10));
        for (of, fields) in &prices.fields {
            for (field, priced) in fields {
                let is_connection = priced.of.ends_with("Connection");
                assert_eq!(is_connection, priced.often == Often::Page, "{of}.{field}");
                assert!(!of.ends_with("Connection") || field != "edges" || priced.often == Often::PerEntry, "{of}.{field}");
            }
        }
    }
}
