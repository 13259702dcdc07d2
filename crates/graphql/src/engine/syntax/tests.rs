use async_graphql::parser::parse_query;
use serde_json::{Value as Json, json};

use super::*;

fn argument(value: &str) -> std::result::Result<Json, String> {
    let document = parse(&format!("{{ a(b: {value}) }}")).map_err(|error| error.message)?;
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!("a field") };
    let value = field.node.arguments[0].1.node.clone().into_const().expect("a constant");
    Ok(value.into_json().expect("JSON"))
}

#[test]
fn a_document_of_2025_is_read() {
    let document = r#"
        "What it is for." query q(
            "How many." $n: Int = 3 @deprecated(reason: "no more")
            """
            Words.
            """
            $s: [String!]! = ["a"]
        ) @x { a(n: $n, s: $s) { ...f } }
        """A fragment.""" fragment f on A @y { b: c ... @include(if: true) { d } ... on E { g } }
        "Another." mutation m { h }
    "#;
    let document = parse(document).expect("a document");
    let DocumentOperations::Multiple(operations) = &document.operations else { panic!("two operations") };
    let query = &operations["q"].node;
    let [n, s] = &*query.variable_definitions else { panic!("two variables") };
    assert_eq!(
        (n.node.directives.len(), n.node.default_value.is_some(), s.node.var_type.node.to_string()),
        (1, true, "[String!]!".to_owned())
    );
    assert!(
        operations["m"].node.ty == OperationType::Mutation
            && document.fragments["f"].node.selection_set.node.items.len() == 3
    );
}

#[test]
fn a_string_is_any_text() {
    for (written, text) in [
        (r#""""#, ""),
        (r#""通办 \"a\" \\ \/ \b\f\n\r\t""#, "通办 \"a\" \\ / \u{8}\u{c}\n\r\t"),
        (r#""\u{20BB7}\u{1f600}\u{0000041}""#, "𠮷😀A"),
        (r#""\uD83D\uDE00\u529e""#, "😀办"),
        ("\"\"\"\n    one\n      two \\\"\"\" \\n\n\n  \"\"\"", "one\n  two \"\"\" \\n"),
        ("\"\"\"\"\"\"", ""),
        ("\"\"\"a\r\n  b\"\"\"", "a\nb"),
    ] {
        assert_eq!(argument(written), Ok(json!(text)), "{written}");
    }
    for wrong in [
        r#""\uD83D""#,
        r#""\uDE00\uD83D""#,
        r#""\u{110000}""#,
        r#""\u{}""#,
        r#""\u{+41}""#,
        r#""\x""#,
        "\"a\nb\"",
        "\"a",
        "\"\"\"a\"\"",
        r#""\u12""#,
    ] {
        assert!(argument(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn values_are_parsed_as_the_specification_says() {
    for (written, value) in [
        ("-0", json!(0)),
        ("10.0", json!(10.0)),
        ("-1.5e+3", json!(-1500.0)),
        ("HEALTH", json!("HEALTH")),
        ("[1 [] {a: null, b: [true]}]", json!([1, [], { "a": null, "b": [true] }])),
        ("{}", json!({})),
    ] {
        assert_eq!(argument(written), Ok(value), "{written}");
    }
    for wrong in [
        "01",
        "1.",
        ".5",
        "1e",
        "0x1",
        "1a",
        "1.5.2",
        "--1",
        "{a 1}",
        "{a: 1 a: 2}",
        "{a: {b: 1, b: 1}}",
        "[",
        "@",
        "é",
        "",
    ] {
        assert!(argument(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_syntax_error_has_a_position_and_a_reason() {
    for (document, message, at) in [
        ("", "the document is not GraphQL: expected an operation or a fragment, found the end of the document", (1, 1)),
        ("{ a", "the document is not GraphQL: expected a name, found the end of the document", (1, 4)),
        ("{\r\n  办 }", "the document is not GraphQL: unexpected character '办'", (2, 3)),
        ("{ a(b: ) }", "the document is not GraphQL: expected a value, found `)`", (1, 8)),
        ("{ a() }", "the document is not GraphQL: expected a name, found `)`", (1, 5)),
        ("{ a {} }", "the document is not GraphQL: expected a name, found `}`", (1, 6)),
        ("query ($a: Int = $b) { a }", "the document is not GraphQL: a default value has no variables", (1, 18)),
        (
            "\"x\" { a }",
            "the document is not GraphQL: a description must precede `query`, `mutation`, `subscription` or `fragment`",
            (1, 1),
        ),
        ("fragment on on A { a }", "the document is not GraphQL: expected the name of a fragment, found `on`", (1, 10)),
        ("{ a } query b { c }", "an anonymous operation must be the only operation", (1, 7)),
        ("query b { c } query b { c }", "there are two operations `b`", (1, 15)),
        ("fragment a on B { c }", "the document has no operation", (1, 22)),
        ("{ a(b: {c: 1, c: 2}) }", "an input object has the field `c` twice", (1, 15)),
    ] {
        let error = parse(document).expect_err(document);
        assert_eq!((error.message.as_str(), (error.at.line, error.at.column)), (message, at), "{document}");
    }
}

#[test]
fn deep_nesting_is_refused_before_the_stack_overflows() {
    for deep in [
        format!("{{ a(b: {}1) }}", "[".repeat(4_000)),
        "{ a ".repeat(4_000),
        format!("query ($a: {}", "[".repeat(4_000)),
    ] {
        assert_eq!(parse(&deep).expect_err("too deep").code, Code::TooCostly);
    }
}

#[test]
fn a_name_beyond_the_longest_is_refused() {
    let longest = "a".repeat(LONGEST_NAME);
    assert!(parse(&format!("{{ {longest}: b }}")).is_ok());
    assert_eq!(parse(&format!("{{ {longest}a: b }}")).expect_err("too long").code, Code::TooCostly);
}

/// Parses to the same tree as async-graphql's parser.
#[test]
fn the_tree_equals_that_of_async_graphql() {
    for document in [
        include_str!("../../../tests/introspection.graphql"),
        include_str!("../../../../gateway/assets/ask.graphql"),
        "query a($x: [Int!]! = [1], $y: T) @d(e: $y) { b: c(d: {e: $x}) @skip(if: true) { ...F ... on G { h } ... @i { j } } } fragment F on K { l }",
    ] {
        assert_eq!(
            format!("{:?}", ordered(&parse(document).expect("a document"))),
            format!("{:?}", ordered(&parse_query(document).expect("a document")))
        );
    }
}

fn ordered(document: &ExecutableDocument) -> Vec<String> {
    let operations = document.operations.iter().map(|(name, operation)| format!("{name:?} {:?}", operation.node));
    let fragments = document.fragments.iter().map(|(name, fragment)| format!("{name} {:?}", fragment.node));
    let mut all: Vec<String> = operations.chain(fragments).map(|tree| without_places(&tree)).collect();
    all.sort();
    all
}

/// The tree without positions: async-graphql's differ for some nodes.
fn without_places(tree: &str) -> String {
    let mut without = String::new();
    let mut rest = tree;
    while let Some((before, after)) = rest.split_once("pos: Pos(") {
        without.push_str(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    without + rest
}
