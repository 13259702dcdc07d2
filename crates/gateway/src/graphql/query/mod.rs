//! The root fields of queries, a file for each noun.

pub mod agreement;
pub mod change;
pub mod coverage;
pub mod district;
pub mod finding;
pub mod handling;
pub mod matter;
pub mod node;
pub mod offering;
pub mod policy;
pub mod registry;

use async_graphql::{Context, MergedObject};
use domain::Message;

/// The queries of the registry. Each answer is computed from one revision of the registry, which `extensions.revision`
/// names.
#[derive(Debug, Clone, Copy, Default, MergedObject)]
pub struct Query(
    registry::RegistryQuery,
    node::NodeQuery,
    district::DistrictQuery,
    matter::MatterQuery,
    offering::OfferingQuery,
    handling::HandlingQuery,
    agreement::AgreementQuery,
    policy::PolicyQuery,
    change::ChangeQuery,
    finding::FindingQuery,
    coverage::CoverageQuery,
);

fn search(text: Option<&str>) -> Option<catalogue::search::Query> {
    text.and_then(catalogue::search::Query::new)
}

fn at_most(given: usize, most: usize, zh: &str, en: &str) -> Message {
    Message::new(format!("一次最多可问 {most} {zh}，不能是 {given}"), format!("at most {most} {en} can be asked for at once, not {given}"))
}

/// Is `didYouMean` selected? It takes longer than the search itself.
fn selects_suggestions(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("didYouMean").exists()
}

/// Are the parts of the found name selected?
fn selects_name_parts(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("edges").field("found").exists()
}
