use async_graphql::{Context, InputObject, Object};
use domain::Id;

use super::payload;
use crate::acts::policy;
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::input::{ModeTermsInput, PartyInput, ProvenanceInput};
use crate::graphql::policy::Policy;
use crate::graphql::scalar::{Date, MatterCode, Revision};
use crate::graphql::words::{HandlingMode, Reach};
use crate::graphql::write::{Submitted, acted};

/// Input of a policy. It is known by its document number, and entered and revised as a whole.
#[derive(Debug, InputObject)]
pub struct PolicyInput {
    /// Its title.
    title: String,
    /// The number of its document (发文字号), by which it is known.
    document_number: String,
    /// The issuing bodies.
    issued_by: Vec<String>,
    /// Its first day.
    effective_from: Date,
    /// Its last day; left out: no end.
    effective_to: Option<Date>,
    /// Where applications are received; left out: everywhere.
    receiving: Option<Vec<PartyInput>>,
    /// Whose matters; left out: everywhere.
    competent: Option<Vec<PartyInput>>,
    /// Its clauses.
    schedule: Vec<PolicyClauseInput>,
    /// Where the record comes from; left out, it stays.
    provenance: Option<ProvenanceInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

/// A clause of a policy. Territories left out: the policy's; there left out too: everywhere.
#[derive(Debug, InputObject)]
pub struct PolicyClauseInput {
    /// Stable from revision to revision; left out: its place.
    key: Option<String>,
    /// Where applications are received.
    receiving: Option<Vec<PartyInput>>,
    /// Whose matters.
    competent: Option<Vec<PartyInput>>,
    /// Between which districts it holds.
    #[graphql(default_with = "Some(Reach::Any)")]
    reach: Option<Reach>,
    /// The matters.
    matters: Vec<MatterCode>,
    /// How it is handled.
    mode: HandlingMode,
    /// The document's own name of the mode.
    mode_label: Option<String>,
    /// The terms of the mode.
    terms: Option<ModeTermsInput>,
    /// The batch (批次), as the document says it.
    batch: Option<String>,
    /// The clause's first day.
    valid_from: Option<Date>,
    /// The clause's last day.
    valid_to: Option<Date>,
}

payload! {
    /// Result of writing a policy.
    PolicyPayload {
        /// The policy as it is now; null when there are problems.
        async fn policy(&self, ctx: &Context<'_>) -> Option<Policy> {
            let saved = self.0.saved.as_ref()?;
            asked(ctx).snapshot.policy_by_id(Id::new(saved.record)).cloned().map(Policy)
        }
    }
}

#[derive(Debug, Default)]
pub struct PolicyMutation;

#[Object(serial)]
impl PolicyMutation {
    /// Registers a policy: a basis that needs no signatures, such as the State Council's national list. For stewards.
    async fn register_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<PolicyInput>,
    ) -> Result<PolicyPayload, Fault> {
        acted(ctx, policy::register(asked(ctx), input.fields())).await.map(PolicyPayload)
    }

    /// Revises the policy with this document number as a whole. For stewards.
    async fn revise_policy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The policy as it is to be.")] input: Submitted<PolicyInput>,
    ) -> Result<PolicyPayload, Fault> {
        acted(ctx, policy::revise(asked(ctx), input.fields())).await.map(PolicyPayload)
    }
}
