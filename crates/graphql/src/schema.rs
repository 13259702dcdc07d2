//! The schema as the engine builds it, and as text.

use std::sync::LazyLock;

use async_graphql::{EmptySubscription, SDLExportOptions, Schema as Engine, SchemaBuilder, Value};

use super::mutation::Mutation;
use super::nullability::Root;
use super::query::Query;
use super::vocabulary::{EnumDescriptions, SharedEnumDescriptions};

/// The registry's schema.
pub type Schema = Engine<Root<Query>, Root<Mutation>, EmptySubscription>;

/// The schema before it is finished: extensions can be added.
pub type Building = SchemaBuilder<Root<Query>, Root<Mutation>, EmptySubscription>;

pub fn schema() -> Schema {
    building().finish()
}

pub fn building() -> Building {
    Engine::build(Root(Query::default()), Root::default(), EmptySubscription)
        .data::<SharedEnumDescriptions>(&ENUM_DESCRIPTIONS)
        .disable_suggestions()
}

/// The descriptions of enum values, for the vocabularies.
pub(crate) static ENUM_DESCRIPTIONS: LazyLock<EnumDescriptions> = LazyLock::new(|| EnumDescriptions::of(&plain_sdl()));

/// The description of the schema itself.
const DESCRIPTION: &str = "Tongban (通办): a registry of the agreements by which districts of China handle matters for each other. Its main query is \
`handling`: can a matter that one district decides on be submitted in another district on a given day, and if so, by which handling mode, at which \
window, with which materials, in how many days and on what basis; and if not, why not? Every answer is computed from one revision of the registry, \
which `extensions.revision` names.";

/// The description that async-graphql gives to every schema.
const DEFAULT_DESCRIPTION: &str = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types and directives on the server, as well as the entry points for query, mutation, and subscription operations.";

/// Replaces the default description of the schema in the answer to an introspection query: async-graphql offers no way
/// to set it.
pub(super) fn describe(data: &mut Value) {
    let Value::Object(fields) = data else { return };
    for field in fields.values_mut() {
        let Value::Object(selected) = field else { continue };
        for value in selected.values_mut().filter(|value| **value == Value::String(DEFAULT_DESCRIPTION.to_owned())) {
            *value = Value::String(DESCRIPTION.to_owned());
        }
    }
}

/// The schema as text: the content of `schema.graphql`.
pub fn sdl() -> String {
    plain_sdl().replace("\nschema {\n", &format!("\n\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n"))
}

/// The same without the description of the schema, which async-graphql's own parser does not accept.
pub fn plain_sdl() -> String {
    let sdl =
        on_own_stack(|| schema().sdl_with_options(SDLExportOptions::new().include_specified_by().use_space_ident()));
    let lines: Vec<&str> = sdl.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Runs work that recurses through all types of the schema on a new thread, since the caller's stack may be deep
/// already.
pub(super) fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join()).expect("the schema is sound")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address that is only in the schema is soon wrong.
    #[test]
    fn every_specification_of_a_scalar_is_in_the_guide() {
        let guide = include_str!("../../../docs/graphql.md");
        let sdl = sdl();
        let specified: Vec<_> = sdl.lines().filter_map(|line| line.split_once(" @specifiedBy(url: \"")).collect();
        assert!(!specified.is_empty());
        for (scalar, url) in specified {
            let name = scalar.trim_start_matches("scalar ");
            let url = url.trim_end_matches("\")");
            assert!(url.starts_with("https://"), "{name}: {url}");
            let row = |line: &&str| line.starts_with('|') && line.contains(&format!("`{name}`"));
            assert!(guide.lines().find(row).is_some_and(|line| line.contains(&format!("({url})"))), "{name}: {url}");
        }
    }

    #[test]
    fn schema_graphql_is_up_to_date() {
        let committed = include_str!("../../../schema.graphql");
        assert!(sdl() == committed, "print it: cargo run -- schema > schema.graphql");
    }
}
