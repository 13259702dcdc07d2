//! What a document may cost before the engine looks at it. Spread out, fragments that spread fragments
//! double with every line; the engine follows every spread before it looks at any limit of its own, and
//! nothing can stop it then. So each fragment is priced once, here.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{Name, Positioned};

/// The most fields of a document with its fragments spread out.
const MOST_FIELDS: u64 = 10_000;
/// The most directives, spread out likewise.
const MOST_DIRECTIVES: u64 = 200;
/// The most operations, of which only one runs.
const MOST_OPERATIONS: usize = 20;

/// Why a document is not even looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Excess {
    #[error("the document has more than {MOST_FIELDS} fields when its fragments are spread out")]
    Fields,
    #[error("the document has more than {MOST_DIRECTIVES} directives")]
    Directives,
    #[error("the document has more than {MOST_OPERATIONS} operations")]
    Operations,
    #[error("the fragment `{0}` spreads itself")]
    Circle(String),
}

pub(crate) fn check(document: &ExecutableDocument) -> Result<(), Excess> {
    if document.operations.iter().count() > MOST_OPERATIONS {
        return Err(Excess::Operations);
    }
    let mut pricing = Pricing { fragments: &document.fragments, known: HashMap::new(), open: HashSet::new() };
    // Fragments that nobody spreads are walked by the engine too.
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let mut whole = Price::default();
    for set in operations.chain(fragments) {
        whole = whole.and(pricing.of(set)?);
    }
    if whole.fields > MOST_FIELDS {
        Err(Excess::Fields)
    } else if whole.directives > MOST_DIRECTIVES {
        Err(Excess::Directives)
    } else {
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Price {
    fields: u64,
    directives: u64,
}

impl Price {
    fn and(self, other: Self) -> Self {
        Self { fields: self.fields.saturating_add(other.fields), directives: self.directives.saturating_add(other.directives) }
    }
}

struct Pricing<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    known: HashMap<&'a str, Price>,
    /// Those whose price is being worked out.
    open: HashSet<&'a str>,
}

impl<'a> Pricing<'a> {
    fn of(&mut self, set: &'a SelectionSet) -> Result<Price, Excess> {
        let mut price = Price::default();
        for item in &set.items {
            let (own, inner) = match &item.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    (Price { fields: 1, directives: count(&field.directives) }, self.of(&field.selection_set.node)?)
                }
                Selection::InlineFragment(fragment) => {
                    (Price { fields: 1, directives: count(&fragment.node.directives) }, self.of(&fragment.node.selection_set.node)?)
                }
                Selection::FragmentSpread(spread) => {
                    (Price { fields: 1, directives: count(&spread.node.directives) }, self.of_fragment(spread.node.fragment_name.node.as_str())?)
                }
            };
            price = price.and(own).and(inner);
        }
        Ok(price)
    }

    fn of_fragment(&mut self, name: &'a str) -> Result<Price, Excess> {
        if let Some(price) = self.known.get(name) {
            return Ok(*price);
        }
        // That there is none of this name is for the engine to say.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Price::default()) };
        if !self.open.insert(name) {
            return Err(Excess::Circle(name.to_owned()));
        }
        let price = self.of(&fragment.node.selection_set.node)?;
        self.open.remove(name);
        self.known.insert(name, price);
        Ok(price)
    }
}

fn count<T>(directives: &[T]) -> u64 {
    directives.len() as u64
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use async_graphql::parser::parse_query;

    use super::*;

    fn checked(document: &str) -> Result<(), Excess> {
        check(&parse_query(document).expect("a document"))
    }

    #[test]
    fn fragments_that_double_are_priced_not_followed() {
        let mut document = String::from("{ ...f0 }");
        for at in 0..60 {
            let _ = write!(document, " fragment f{at} on Query {{ ...f{} ...f{} }}", at + 1, at + 1);
        }
        document += " fragment f60 on Query { __typename }";
        assert_eq!(checked(&document), Err(Excess::Fields));
    }

    #[test]
    fn a_circle_of_fragments_is_found() {
        let document = "{ ...a } fragment a on Query { b { ...c } } fragment c on Query { ...a }";
        assert!(matches!(checked(document), Err(Excess::Circle(_))));
        assert!(matches!(checked("{ a } fragment lost on Query { ...lost }"), Err(Excess::Circle(_))));
    }

    #[test]
    fn what_people_write_passes() {
        assert_eq!(checked("query A { a { ...f ...f } } fragment f on B { c @skip(if: true) ... on D { e } ...unknown }"), Ok(()));
        assert_eq!(checked(&format!("{{ {} }}", "a ".repeat(9_000))), Ok(()));
        assert_eq!(checked(&format!("{{ {} }}", "a ".repeat(10_001))), Err(Excess::Fields));
        assert_eq!(checked(&format!("{{ a {} }}", "@include(if: true) ".repeat(201))), Err(Excess::Directives));
    }
}
