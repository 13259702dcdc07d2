//! The mutations, a file for each noun.

pub mod agreement;
pub mod api_key;
pub mod district;
pub mod feedback;
pub mod import;
pub mod matter;
pub mod offering;
mod payload;
pub mod person;
pub mod policy;
pub mod window;

use async_graphql::MergedObject;

/// Mutations. Every mutation takes one `input` and returns the changed record, the revision of the change, and all
/// problems at once. When there are problems, nothing was written.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    district::DistrictMutation,
    matter::MatterMutation,
    policy::PolicyMutation,
    offering::OfferingMutation,
    window::WindowMutation,
    import::RecordsMutation,
    agreement::draft::DraftMutation,
    agreement::import::ImportMutation,
    agreement::office::OfficeMutation,
    agreement::proposal::ProposalMutation,
    agreement::accession::AccessionMutation,
    agreement::paper::PaperMutation,
    agreement::suspension::SuspensionMutation,
    agreement::notice::NoticeMutation,
    agreement::document::DocumentMutation,
    agreement::suspension::StopMutation,
    agreement::stop::ScopedStopMutation,
    api_key::ApiKeyMutation,
    person::PersonMutation,
    feedback::FeedbackMutation,
);
