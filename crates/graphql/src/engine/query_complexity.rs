//! Query limits: tokens, fields, aliases, directives, depth and introspection, checked before validation. Fragments
//! that spread fragments can double the size of a query with every line, and the engine expands them before it checks
//! any limit of its own. Here each fragment is measured once, and its measure is used wherever it is spread.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned, Response};
use domain::Message;
use registry::error::Code;
use registry::limits::{
    MAX_ALIASES, MAX_DEPTH, MAX_DIRECTIVES, MAX_FIELDS, MAX_INTROSPECTION_DEPTH, MAX_INTROSPECTION_LISTS,
    MAX_OPERATIONS, MAX_ROOT_FIELDS, MAX_TOKENS,
};

use crate::engine::error::response as error_response;

/// The limit that a document exceeds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    #[error("the document has more than {MAX_TOKENS} tokens")]
    Tokens,
    #[error("the document has more than {MAX_OPERATIONS} operations")]
    Operations,
    #[error("an operation has more than {MAX_ROOT_FIELDS} root fields")]
    RootFields,
    #[error("the document has more than {MAX_FIELDS} fields with its fragments expanded")]
    Fields,
    #[error("the document has more than {MAX_ALIASES} aliases with its fragments expanded")]
    Aliases,
    #[error("the document has more than {MAX_DIRECTIVES} directives with its fragments expanded")]
    Directives,
    #[error("the document is nested more than {MAX_DEPTH} fields deep")]
    Depth,
    #[error("introspection is nested more than {MAX_INTROSPECTION_DEPTH} fields deep, or is circular")]
    Introspection,
    #[error("the fragment `{0}` contains itself")]
    Circle(String),
}

impl Excess {
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

/// Counts the tokens of a document without parsing it, and refuses one with too many.
pub(crate) fn count_tokens(document: &str) -> Result<usize, Excess> {
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
            b'"' => string_length(rest),
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

/// The length of the string literal that begins here. One that is not closed ends with the document.
fn string_length(from: &[u8]) -> usize {
    let (quotes, escape): (&[u8], &[u8]) =
        if from.starts_with(b"\"\"\"") { (b"\"\"\"", b"\\\"\"\"") } else { (b"\"", b"\\") };
    let mut at = quotes.len();
    while at < from.len() {
        if from[at..].starts_with(escape) {
            // An escaped quote does not close the string.
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
    let mut measurer = Measurer { fragments: &document.fragments, measured: HashMap::new(), open: HashSet::new() };
    let mut whole = Complexity::default();
    for (_, operation) in document.operations.iter() {
        let measure = measurer.of(&operation.node.selection_set.node)?;
        if measure.root_fields > MAX_ROOT_FIELDS {
            return Err(Excess::RootFields);
        }
        whole = whole.and(measure);
        whole.directives = whole.directives.saturating_add(count(&operation.node.directives));
    }
    // The engine also walks fragments that are never spread.
    for fragment in document.fragments.values() {
        whole = whole.and(measurer.of(&fragment.node.selection_set.node)?);
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

/// The measures of a selection with its fragments expanded.
#[derive(Debug, Clone, Copy, Default)]
struct Complexity {
    fields: u64,
    /// The fields that are nested in no other.
    root_fields: u64,
    aliases: u64,
    directives: u64,
    depth: u64,
    /// How many lists of the schema are nested in one another.
    lists: u64,
    /// The depth of introspection, which has a limit of its own.
    introspection: u64,
    introspection_lists: u64,
}

impl Complexity {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            root_fields: self.root_fields.saturating_add(other.root_fields),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            depth: self.depth.max(other.depth),
            lists: self.lists.max(other.lists),
            introspection: self.introspection.max(other.introspection),
            introspection_lists: self.introspection_lists.max(other.introspection_lists),
        }
    }

    /// The measures of a field with this selection.
    fn under(self, field: &str) -> Self {
        let mut measure = Self { root_fields: 1, ..self };
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

struct Measurer<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    measured: HashMap<&'a str, Complexity>,
    /// The fragments that are being measured: one of them again is a circle.
    open: HashSet<&'a str>,
}

impl<'a> Measurer<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> Result<Complexity, Excess> {
        let mut whole = Complexity::default();
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
            // Fragment spreads count too: the engine walks them.
            measure.fields = measure.fields.saturating_add(1);
            whole = whole.and(measure);
        }
        Ok(whole)
    }

    fn of_fragment(&mut self, name: &'a str) -> Result<Complexity, Excess> {
        if let Some(measure) = self.measured.get(name) {
            return Ok(*measure);
        }
        // Validation reports a fragment that does not exist.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Complexity::default()) };
        if !self.open.insert(name) {
            return Err(Excess::Circle(name.to_owned()));
        }
        let mut measure = self.of(&fragment.node.selection_set.node)?;
        measure.directives = measure.directives.saturating_add(count(&fragment.node.directives));
        self.open.remove(name);
        self.measured.insert(name, measure);
        Ok(measure)
    }
}

fn count<T>(of: &[T]) -> u64 {
    of.len() as u64
}

impl From<Excess> for Response {
    fn from(excess: Excess) -> Self {
        let code = match excess {
            Excess::Tokens
            | Excess::Operations
            | Excess::RootFields
            | Excess::Fields
            | Excess::Aliases
            | Excess::Directives
            | Excess::Depth
            | Excess::Introspection => Code::TooCostly,
            Excess::Circle(_) => Code::ValidationFailed,
        };
        error_response(code, excess.message())
    }
}

#[cfg(test)]
mod tests;
