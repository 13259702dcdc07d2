//! What a document may be before the engine looks at it. Spread out, fragments that spread fragments
//! double with every line; the engine follows every spread before it looks at any limit of its own, and
//! nothing can stop it then. So each fragment is measured once, here.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use domain::Message;

use crate::limits::{
    MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_FIELDS, MAX_INTROSPECTION_DEPTH, MAX_INTROSPECTION_LISTS, MAX_OPERATIONS, MAX_ROOT_FIELDS, MAX_TOKENS,
};

/// Why a document is not even looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    #[error("the document has more than {MAX_TOKENS} tokens")]
    Tokens,
    #[error("the document has more than {MAX_OPERATIONS} operations")]
    Operations,
    #[error("an operation has more than {MAX_ROOT_FIELDS} fields at its top")]
    RootFields,
    #[error("the document has more than {MAX_FIELDS} fields when its fragments are spread out")]
    Fields,
    #[error("the document has more than {MAX_ALIASES} aliases when its fragments are spread out")]
    Aliases,
    #[error("the document has more than {MAX_DIRECTIVES} directives when its fragments are spread out")]
    Directives,
    #[error("the document is nested more than {MAX_DEPTH} fields deep")]
    Depth,
    #[error("what is asked about the schema is nested more than {MAX_INTROSPECTION_DEPTH} fields deep, or leads in circles")]
    Introspection,
    #[error("the fragment `{0}` spreads itself")]
    Circle(String),
}

impl Excess {
    /// The same in both languages.
    pub(crate) fn message(&self) -> Message {
        let zh = match self {
            Self::Tokens => format!("文档超过 {MAX_TOKENS} 个词元"),
            Self::Operations => format!("文档超过 {MAX_OPERATIONS} 个操作"),
            Self::RootFields => format!("操作的顶层字段超过 {MAX_ROOT_FIELDS} 个"),
            Self::Fields => format!("展开片段后，文档超过 {MAX_FIELDS} 个字段"),
            Self::Aliases => format!("展开片段后，文档超过 {MAX_ALIASES} 个别名"),
            Self::Directives => format!("展开片段后，文档超过 {MAX_DIRECTIVES} 个指令"),
            Self::Depth => format!("文档的嵌套超过 {MAX_DEPTH} 层字段"),
            Self::Introspection => format!("内省的嵌套超过 {MAX_INTROSPECTION_DEPTH} 层字段，或成循环"),
            Self::Circle(name) => format!("片段 `{name}` 引用了自己"),
        };
        Message::new(zh, self.to_string())
    }
}

/// Counts the tokens of a text that may be a document: the parser is quick, but not that quick.
pub(crate) fn check_text(document: &str) -> Result<usize, Excess> {
    let mut rest = document.as_bytes();
    let mut tokens = 0;
    while let [byte, after @ ..] = rest {
        let length = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = after;
                continue;
            }
            b'#' => {
                rest = &after[after.iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count()..];
                continue;
            }
            b'"' => quoted(rest),
            byte if is_word(*byte) => rest.iter().take_while(|byte| is_word(**byte)).count(),
            _ => 1,
        };
        rest = &rest[length..];
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(Excess::Tokens);
        }
    }
    Ok(tokens)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// How long the text in quotes is that begins here; one that never ends ends with the document.
fn quoted(from: &[u8]) -> usize {
    let (quotes, escape): (&[u8], &[u8]) = if from.starts_with(b"\"\"\"") { (b"\"\"\"", b"\\\"\"\"") } else { (b"\"", b"\\") };
    let mut at = quotes.len();
    while at < from.len() {
        if from[at..].starts_with(escape) {
            // What is escaped ends nothing.
            at += escape.len().max(2);
        } else if from[at..].starts_with(quotes) {
            return at + quotes.len();
        } else {
            at += 1;
        }
    }
    from.len()
}

pub(crate) fn check(document: &ExecutableDocument) -> Result<(), Excess> {
    if document.operations.iter().count() > MAX_OPERATIONS {
        return Err(Excess::Operations);
    }
    let mut measuring = Measuring { fragments: &document.fragments, known: HashMap::new(), open: HashSet::new() };
    let mut whole = Measure::default();
    for (_, operation) in document.operations.iter() {
        let measure = measuring.of(&operation.node.selection_set.node)?;
        if measure.own > MAX_ROOT_FIELDS {
            return Err(Excess::RootFields);
        }
        whole = whole.and(measure);
        whole.directives = whole.directives.saturating_add(count(&operation.node.directives));
    }
    // Fragments that nobody spreads are walked by the engine too.
    for fragment in document.fragments.values() {
        whole = whole.and(measuring.of(&fragment.node.selection_set.node)?);
    }
    if whole.fields > MAX_FIELDS {
        Err(Excess::Fields)
    } else if whole.aliases > MAX_ALIASES {
        Err(Excess::Aliases)
    } else if whole.directives > MAX_DIRECTIVES {
        Err(Excess::Directives)
    } else if whole.depth > MAX_DEPTH {
        Err(Excess::Depth)
    } else if whole.introspection > MAX_INTROSPECTION_DEPTH || whole.introspection_lists > MAX_INTROSPECTION_LISTS {
        Err(Excess::Introspection)
    } else {
        Ok(())
    }
}

/// What a selection comes to when it is spread out.
#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    fields: u64,
    /// Those of them that are nested in no other.
    own: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    /// The lists of the schema that lead into one another, wherever they stand.
    lists: u64,
    /// How deep the questions about the schema are.
    introspection: u64,
    introspection_lists: u64,
}

impl Measure {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            own: self.own.saturating_add(other.own),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection: self.introspection.max(other.introspection),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// The same selection, of a field.
    fn under(self, field: &str) -> Self {
        let mut measure = Self { own: 1, ..self };
        if matches!(field, "__schema" | "__type") {
            measure.introspection = self.depth;
            measure.introspection_lists = self.lists;
            measure.depth = 1;
            measure.lists = 0;
        } else {
            measure.depth = self.depth.saturating_add(1);
            if matches!(field, "fields" | "interfaces" | "possibleTypes" | "inputFields") {
                measure.lists = self.lists.saturating_add(1);
            }
        }
        measure
    }
}

struct Measuring<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    known: HashMap<&'a str, Measure>,
    /// Those that are being measured.
    open: HashSet<&'a str>,
}

impl<'a> Measuring<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> Result<Measure, Excess> {
        let mut whole = Measure::default();
        for item in &set.items {
            let mut measure = match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let mut measure = self.of(&field.selection_set.node)?.under(field.name.node.as_str());
                    measure.aliases = measure.aliases.saturating_add(u64::from(field.alias.is_some()));
                    measure.directives = measure.directives.saturating_add(count(&field.directives));
                    measure
                }
                Selection::InlineFragment(fragment) => {
                    let mut measure = self.of(&fragment.node.selection_set.node)?;
                    measure.directives = measure.directives.saturating_add(count(&fragment.node.directives));
                    measure
                }
                Selection::FragmentSpread(spread) => {
                    let mut measure = self.of_fragment(spread.node.fragment_name.node.as_str())?;
                    measure.directives = measure.directives.saturating_add(count(&spread.node.directives));
                    measure
                }
            };
            // Whatever stands in a selection is walked, and counts.
            measure.fields = measure.fields.saturating_add(1);
            whole = whole.and(measure);
        }
        Ok(whole)
    }

    fn of_fragment(&mut self, name: &'a str) -> Result<Measure, Excess> {
        if let Some(measure) = self.known.get(name) {
            return Ok(*measure);
        }
        // That there is none of this name is for the engine to say.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Measure::default()) };
        if !self.open.insert(name) {
            return Err(Excess::Circle(name.to_owned()));
        }
        let mut measure = self.of(&fragment.node.selection_set.node)?;
        measure.directives = measure.directives.saturating_add(count(&fragment.node.directives));
        self.open.remove(name);
        self.known.insert(name, measure);
        Ok(measure)
    }
}

fn count<T>(of: &[T]) -> u64 {
    of.len() as u64
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    fn checked(document: &str) -> Result<(), Excess> {
        check(&parse_query(document).expect("a document"))
    }

    fn times(what: &str, count: u64) -> String {
        what.repeat(usize::try_from(count).expect("a count"))
    }

    fn nested(field: &str, depth: u64) -> String {
        times(&format!("{{ {field} "), depth) + &times("}", depth)
    }

    #[test]
    fn fragment_bombs_are_measured_not_followed() {
        for doublings in [16, 20, 28, 60] {
            let mut document = String::from("{ ...f0 }");
            for at in 0..doublings {
                let _ = write!(document, " fragment f{at} on Query {{ ...f{} ...f{} }}", at + 1, at + 1);
            }
            let _ = write!(document, " fragment f{doublings} on Query {{ __typename }}");
            assert_eq!(checked(&document), Err(Excess::RootFields), "2^{doublings}");
        }
        let mut document = String::from("{ registry { ...f0 } }");
        for at in 0..28 {
            let _ = write!(document, " fragment f{at} on Registry {{ ...f{} ...f{} }}", at + 1, at + 1);
        }
        assert_eq!(checked(&(document + " fragment f28 on Registry { name }")), Err(Excess::Fields));
    }

    #[test]
    fn a_circle_of_fragments_is_found() {
        let document = "{ ...a } fragment a on Query { b { ...c } } fragment c on Query { ...a }";
        assert!(matches!(checked(document), Err(Excess::Circle(_))));
        assert!(matches!(checked("{ a } fragment lost on Query { ...lost }"), Err(Excess::Circle(_))));
    }

    #[test]
    fn alias_overload_is_refused_also_in_a_fragment() {
        let aliases = |count: u64| (0..count).fold(String::new(), |text, at| text + &format!("a{at}: name "));
        assert_eq!(checked(&format!("{{ registry {{ {} }} }}", aliases(MAX_ALIASES))), Ok(()));
        assert_eq!(checked(&format!("{{ registry {{ {} }} }}", aliases(MAX_ALIASES + 1))), Err(Excess::Aliases));
        let twice = format!("{{ registry {{ ...f }} b {{ ...f }} }} fragment f on Registry {{ {} }}", aliases(MAX_ALIASES / 2));
        assert_eq!(checked(&twice), Err(Excess::Aliases), "the fragment itself counts too");
    }

    #[test]
    fn field_duplication_is_refused() {
        assert_eq!(checked(&format!("{{ {} }}", times("__typename ", MAX_ROOT_FIELDS))), Ok(()));
        assert_eq!(checked(&format!("{{ {} }}", times("__typename ", MAX_ROOT_FIELDS + 1))), Err(Excess::RootFields));
        assert_eq!(checked(&format!("{{ ...f }} fragment f on Query {{ {} }}", times("__typename ", 500))), Err(Excess::RootFields));
        assert_eq!(checked(&format!("{{ a {{ {} }} }}", times("b ", MAX_FIELDS - 1))), Ok(()));
        assert_eq!(checked(&format!("{{ a {{ {} }} }}", times("b ", MAX_FIELDS))), Err(Excess::Fields));
    }

    #[test]
    fn directive_overload_is_refused() {
        assert_eq!(checked(&format!("{{ a {} }}", times("@skip(if: true) ", MAX_DIRECTIVES))), Ok(()));
        assert_eq!(checked(&format!("{{ a {} }}", times("@skip(if: true) ", MAX_DIRECTIVES + 1))), Err(Excess::Directives));
        assert_eq!(checked(&format!("query {} {{ a }}", times("@unknown ", 1000))), Err(Excess::Directives));
        assert_eq!(checked(&format!("{{ ...f }} fragment f on Query {} {{ a }}", times("@unknown ", 1000))), Err(Excess::Directives));
    }

    #[test]
    fn depth_is_bounded() {
        assert_eq!(checked(&nested("a", MAX_DEPTH)), Ok(()));
        assert_eq!(checked(&nested("a", MAX_DEPTH + 1)), Err(Excess::Depth));
    }

    #[test]
    fn many_operations_are_refused() {
        let operations = |count: usize| (0..count).fold(String::new(), |text, at| text + &format!("query q{at} {{ a }} "));
        assert_eq!(checked(&operations(MAX_OPERATIONS)), Ok(()));
        assert_eq!(checked(&operations(MAX_OPERATIONS + 1)), Err(Excess::Operations));
    }

    #[test]
    fn many_tokens_are_refused_before_they_are_parsed() {
        let tokens = |count: usize| "a ".repeat(count);
        assert_eq!(check_text(&tokens(MAX_TOKENS)), Ok(MAX_TOKENS));
        assert_eq!(check_text(&tokens(MAX_TOKENS + 1)), Err(Excess::Tokens));
        assert_eq!(check_text(&"{".repeat(100_000)), Err(Excess::Tokens));
        // What is in a text or a remark is no token.
        let long = "a ".repeat(MAX_TOKENS);
        for one in [format!("\"{long}\""), format!("\"\"\"{long}\"\"\""), format!("# {long}\n"), format!(r#""\" {long}""#), format!("\"{long}")] {
            assert!(check_text(&one).is_ok_and(|tokens| tokens <= 1), "{}", &one[..8]);
        }
        assert_eq!(check_text(&format!("\"\" {}", "a ".repeat(MAX_TOKENS))), Err(Excess::Tokens));
    }

    #[test]
    fn circular_introspection_is_refused_and_that_of_the_tools_is_not() {
        assert_eq!(checked(include_str!("../../tests/introspection.graphql")), Ok(()));
        let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert_eq!(checked(circle), Err(Excess::Introspection));
        let split = "{ __schema { types { ...f } } } fragment f on __Type { fields { type { ...g } } } fragment g on __Type { interfaces { fields { name } } }";
        assert_eq!(checked(split), Err(Excess::Introspection));
        assert_eq!(checked("{ a { fields { fields { fields { fields } } } } }"), Ok(()), "our own fields may be called so");
        let deep = format!("{{ __schema {{ types {} }} }}", nested("ofType", MAX_INTROSPECTION_DEPTH));
        assert_eq!(checked(&deep), Err(Excess::Introspection));
    }

    #[test]
    fn what_people_write_passes() {
        assert_eq!(checked("query A { a { ...f ...f } } fragment f on B { c @skip(if: true) ... on D { e } ...unknown }"), Ok(()));
    }

    proptest! {
        #[test]
        fn nothing_that_comes_in_stops_the_guard(text in "[ -~\\n\"\\\\#{}.@é]{0,400}") {
            let _ = check_text(&text);
            if let Ok(document) = parse_query(&text) {
                let _ = check(&document);
            }
        }
    }
}
