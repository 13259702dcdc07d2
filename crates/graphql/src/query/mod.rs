//! The root fields of queries, a file for each noun.

pub mod agreement;
mod arguments;
pub mod change;
pub mod coverage;
pub mod district;
pub mod feedback;
pub mod finding;
pub mod handling;
pub mod matter;
pub mod node;
pub mod offering;
pub mod person;
pub mod policy;
pub mod registry;

use async_graphql::MergedObject;

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
    person::PersonQuery,
    feedback::FeedbackQuery,
);
