//! The measures of a document.

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
fn nested_fragments_are_measured_without_expanding_them() {
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
fn circular_fragments_are_refused() {
    let document = "{ ...a } fragment a on Query { b { ...c } } fragment c on Query { ...a }";
    assert!(matches!(checked(document), Err(Excess::Circle(_))));
    assert!(matches!(checked("{ a } fragment lost on Query { ...lost }"), Err(Excess::Circle(_))));
}

#[test]
fn too_many_aliases_are_refused_also_in_a_fragment() {
    let aliases = |count: u64| (0..count).fold(String::new(), |text, at| text + &format!("a{at}: name "));
    assert_eq!(checked(&format!("{{ registry {{ {} }} }}", aliases(MAX_ALIASES))), Ok(()));
    assert_eq!(checked(&format!("{{ registry {{ {} }} }}", aliases(MAX_ALIASES + 1))), Err(Excess::Aliases));
    let twice =
        format!("{{ registry {{ ...f }} b {{ ...f }} }} fragment f on Registry {{ {} }}", aliases(MAX_ALIASES / 2));
    assert_eq!(checked(&twice), Err(Excess::Aliases), "the fragment itself counts too");
}

#[test]
fn too_many_fields_are_refused() {
    assert_eq!(checked(&format!("{{ {} }}", times("__typename ", MAX_ROOT_FIELDS))), Ok(()));
    assert_eq!(checked(&format!("{{ {} }}", times("__typename ", MAX_ROOT_FIELDS + 1))), Err(Excess::RootFields));
    assert_eq!(
        checked(&format!("{{ ...f }} fragment f on Query {{ {} }}", times("__typename ", 500))),
        Err(Excess::RootFields)
    );
    assert_eq!(checked(&format!("{{ a {{ {} }} }}", times("b ", MAX_FIELDS - 1))), Ok(()));
    assert_eq!(checked(&format!("{{ a {{ {} }} }}", times("b ", MAX_FIELDS))), Err(Excess::Fields));
}

#[test]
fn too_many_directives_are_refused() {
    assert_eq!(checked(&format!("{{ a {} }}", times("@skip(if: true) ", MAX_DIRECTIVES))), Ok(()));
    assert_eq!(checked(&format!("{{ a {} }}", times("@skip(if: true) ", MAX_DIRECTIVES + 1))), Err(Excess::Directives));
    assert_eq!(checked(&format!("query {} {{ a }}", times("@unknown ", 1000))), Err(Excess::Directives));
    assert_eq!(
        checked(&format!("{{ ...f }} fragment f on Query {} {{ a }}", times("@unknown ", 1000))),
        Err(Excess::Directives)
    );
}

#[test]
fn depth_is_bounded() {
    assert_eq!(checked(&nested("a", MAX_DEPTH)), Ok(()));
    assert_eq!(checked(&nested("a", MAX_DEPTH + 1)), Err(Excess::Depth));
}

#[test]
fn too_many_operations_are_refused() {
    let operations = |count: usize| (0..count).fold(String::new(), |text, at| text + &format!("query q{at} {{ a }} "));
    assert_eq!(checked(&operations(MAX_OPERATIONS)), Ok(()));
    assert_eq!(checked(&operations(MAX_OPERATIONS + 1)), Err(Excess::Operations));
}

#[test]
fn too_many_tokens_are_refused_before_parsing() {
    let tokens = |count: usize| "a ".repeat(count);
    assert_eq!(count_tokens(&tokens(MAX_TOKENS)), Ok(MAX_TOKENS));
    assert_eq!(count_tokens(&tokens(MAX_TOKENS + 1)), Err(Excess::Tokens));
    assert_eq!(count_tokens(&"{".repeat(100_000)), Err(Excess::Tokens));
    // Strings and comments are not split into tokens.
    let long = "a ".repeat(MAX_TOKENS);
    for one in [
        format!("\"{long}\""),
        format!("\"\"\"{long}\"\"\""),
        format!("# {long}\n"),
        format!(r#""\" {long}""#),
        format!("\"{long}"),
    ] {
        assert!(count_tokens(&one).is_ok_and(|tokens| tokens <= 1), "{}", &one[..8]);
    }
    assert_eq!(count_tokens(&format!("\"\" {}", "a ".repeat(MAX_TOKENS))), Err(Excess::Tokens));
}

#[test]
fn circular_introspection_is_refused_and_that_of_tools_passes() {
    assert_eq!(checked(include_str!("../../../tests/introspection.graphql")), Ok(()));
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(checked(circle), Err(Excess::Introspection));
    let split = "{ __schema { types { ...f } } } fragment f on __Type { fields { type { ...g } } } fragment g on __Type { interfaces { fields { name } } }";
    assert_eq!(checked(split), Err(Excess::Introspection));
    assert_eq!(
        checked("{ a { fields { fields { fields { fields } } } } }"),
        Ok(()),
        "fields of the registry may have the same names"
    );
    let deep = format!("{{ __schema {{ types {} }} }}", nested("ofType", MAX_INTROSPECTION_DEPTH));
    assert_eq!(checked(&deep), Err(Excess::Introspection));
}

#[test]
fn an_ordinary_document_passes() {
    assert_eq!(
        checked("query A { a { ...f ...f } } fragment f on B { c @skip(if: true) ... on D { e } ...unknown }"),
        Ok(())
    );
}

proptest! {
    #[test]
    fn no_input_panics(text in "[ -~\\n\"\\\\#{}.@é]{0,400}") {
        let _ = count_tokens(&text);
        if let Ok(document) = parse_query(&text) {
            let _ = check(&document);
        }
    }
}
