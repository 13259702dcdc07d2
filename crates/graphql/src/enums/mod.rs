//! The enums of the schema, a file for each noun. Each has one value for each value of the domain's enum.

pub mod agreement;
pub mod caller;
pub mod change;
pub mod district;
pub mod feedback;
pub mod finding;
pub mod handling;
pub mod import;
pub mod list;
pub mod matter;
pub mod offering;
pub mod order;
pub mod problem;
pub mod window;

/// The values of a list in the domain, without duplicates, so that the list is not longer than the enum.
pub(crate) fn to_domain<G: Into<D>, D: PartialEq>(values: Option<Vec<G>>) -> Vec<D> {
    let mut once = Vec::new();
    for value in values.into_iter().flatten().map(Into::into) {
        if !once.contains(&value) {
            once.push(value);
        }
    }
    once
}

/// The values of a list in the schema.
pub(crate) fn to_schema<D: Copy + Into<G>, G>(values: &[D]) -> Vec<G> {
    values.iter().map(|value| (*value).into()).collect()
}

/// The text of a record as a value of the schema's enum.
pub(crate) fn from_text<D, G>(word: &str, other: D) -> G
where
    D: std::str::FromStr + Into<G>,
{
    word.parse().unwrap_or(other).into()
}
