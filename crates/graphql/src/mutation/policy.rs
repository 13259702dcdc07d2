use async_graphql::{Context, InputObject, Object};
use domain::Id;
use registry::acts::policy;
use registry::error::Error;

use super::payload::payload;
use crate::context::request_context;
use crate::enums::handling::{HandlingMode, Reach};
use crate::input::{PartyInput, ProvenanceInput, WriteOptionsInput};
use crate::policy::Policy;
use crate::scalar::{Date, MatterCode};
use crate::terms::ModeTermsInput;
use crate::write::{Submitted, acted};

/// The complete form of a policy. The document number identifies it.
#[derive(Debug, InputObject)]
pub struct PolicyInput {
    /// The title.
    title: String,
    /// The document number (发文字号), which identifies the policy.
    document_number: String,
    /// The names of the bodies that issued the policy (发文机关).
    issued_by: Vec<String>,
    /// The first day of validity.
    effective_from: Date,
    /// The last day of validity. Default: no end.
    effective_to: Option<Date>,
    /// The receiving territories of all clauses without territories of their own. Absent: everywhere.
    receiving: Option<Vec<PartyInput>>,
    /// The competent territories of all clauses without territories of their own. Absent: everywhere.
    competent: Option<Vec<PartyInput>>,
    /// The clauses.
    schedule: Vec<PolicyClauseInput>,
    /// The source and the licence of the record. Absent: unchanged.
    provenance: Option<ProvenanceInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A clause (清单条款) of a policy.
#[derive(Debug, InputObject)]
pub struct PolicyClauseInput {
    /// The key of the clause within its policy. Keep it from revision to revision. Default: the position in the
    /// schedule.
    key: Option<String>,
    /// The receiving territories. Absent: those of the policy.
    receiving: Option<Vec<PartyInput>>,
    /// The competent territories. Absent: those of the policy.
    competent: Option<Vec<PartyInput>>,
    /// Between which districts the clause applies.
    #[graphql(default_with = "Some(Reach::Any)")]
    reach: Option<Reach>,
    /// The codes of the matters.
    matters: Vec<MatterCode>,
    /// The handling mode of all these matters.
    mode: HandlingMode,
    /// The name that the policy document uses for the mode, when it differs.
    mode_label: Option<String>,
    /// The terms of the mode.
    terms: Option<ModeTermsInput>,
    /// The batch (批次), as the policy document names it.
    batch: Option<String>,
    /// The first day of the clause. Null: the first day of the policy.
    valid_from: Option<Date>,
    /// The last day of the clause. Null: the last day of the policy.
    valid_to: Option<Date>,
}

payload! {
    /// The result of registering or revising a policy.
    PolicyPayload {
        /// The policy after the change. Null when there are problems.
        async fn policy(&self, ctx: &Context<'_>) -> Option<Policy> {
            let saved = self.0.saved.as_ref()?;
            request_context(ctx).snapshot.policy_by_id(Id::new(saved.record)).cloned().map(Policy)
        }
    }
}

#[derive(Debug, Default)]
pub struct PolicyMutation;

#[Object(serial)]
impl PolicyMutation {
    /// Registers a policy (政策依据): a basis that needs no signatures, such as the State Council's national list. Only
    /// for stewards.
    async fn register_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete record.")] input: Submitted<PolicyInput>,
    ) -> Result<PolicyPayload, Error> {
        acted(ctx, policy::register(request_context(ctx), input.fields())).await.map(PolicyPayload)
    }

    /// Replaces the form of the policy with this document number. Only for stewards.
    async fn revise_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete new form of the policy.")] input: Submitted<PolicyInput>,
    ) -> Result<PolicyPayload, Error> {
        acted(ctx, policy::revise(request_context(ctx), input.fields())).await.map(PolicyPayload)
    }
}
