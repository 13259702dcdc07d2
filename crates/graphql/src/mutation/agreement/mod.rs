//! Mutations of agreements, a file for each group of acts with its inputs. This file has their common parts.

pub mod accession;
pub mod document;
pub mod draft;
pub mod import;
pub mod notice;
pub mod office;
pub mod paper;
pub mod proposal;
pub mod stop;
pub mod suspension;

use async_graphql::{Context, InputObject};
use domain::{Id, RecordKind};
use registry::error::Error;

use super::payload::payload;
use crate::agreement::Agreement;
use crate::agreement::effect::{Effect, narrowing};
use crate::agreement::version::AgreementVersion;
use crate::context::request_context;
use crate::document::Document;
use crate::enums::agreement::RejectionKind;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, DistrictCode};

payload! {
    /// The result of a mutation of an agreement.
    AgreementPayload {
        /// The agreement after the change. Null when there are problems, and when nothing of the agreement is left.
        async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
            self.seen(ctx)
        }

        /// The version that was changed. For a change of the whole agreement: its newest version. Null when there are
        /// problems.
        async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
            let Agreement(agreement) = self.seen(ctx)?;
            let about = self.0.saved.as_ref()?.version.and_then(|version| AgreementVersion::numbered(&agreement, version));
            // Another party's draft does not exist for the caller.
            about.or_else(|| AgreementVersion::numbered(&agreement, agreement.latest().number))
        }

        /// What would change. Null unless `preview` was asked for.
        async fn effect(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "Only answers for this receiving district. Needed when very many districts take part.")]
            receiving: Option<DistrictCode>,
            #[graphql(desc = "Only answers for this competent district. Needed when very many districts take part.")]
            competent: Option<DistrictCode>,
        ) -> Result<Option<Effect>, Error> {
            Effect::of_preview(ctx, self.0.preview.as_ref(), narrowing(receiving, competent)).await
        }

        /// The document that was attached. Null for every other mutation.
        async fn document(&self, ctx: &Context<'_>) -> Option<Document> {
            let saved = self.0.saved.as_ref().filter(|saved| saved.kind == RecordKind::Document)?;
            let request = request_context(ctx);
            request.snapshot.document_by_id(Id::new(saved.record), &request.scope).map(Document)
        }
    }
}

impl AgreementPayload {
    fn seen(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let request = request_context(ctx);
        let saved = self.0.saved.as_ref()?;
        let agreement = if saved.kind == RecordKind::Document {
            let document = request.snapshot.document_by_id(Id::new(saved.record), &request.scope)?;
            request.snapshot.agreement(document.agreement, &request.scope)
        } else {
            request.snapshot.agreement_by_id(Id::new(saved.record), &request.scope)
        };
        agreement.map(Agreement)
    }
}

/// A version of an agreement.
#[derive(Debug, InputObject)]
pub struct VersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The reason. Required when a steward withdraws a proposal.
    reason: Option<String>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A version of an agreement, and the party for which the caller acts.
#[derive(Debug, InputObject)]
pub struct PartyVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The party for which the caller acts.
    party: DistrictCode,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// A rejection of a version, or an objection to a paper record, with its reason.
#[derive(Debug, InputObject)]
pub struct RejectVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The party for which the caller acts.
    party: DistrictCode,
    /// The reason.
    reason: String,
    /// Whether the party does not agree, or returns the version for changes. Not for paper records.
    #[graphql(default_with = "Some(RejectionKind::Refuse)")]
    kind: Option<RejectionKind>,
    /// What the party wants changed, at most 200 remarks. Not for paper records.
    remarks: Option<Vec<office::RemarkInput>>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// An agreement, and the party for which the caller acts.
#[derive(Debug, InputObject)]
pub struct PartyInputRef {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party for which the caller acts.
    party: DistrictCode,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// An agreement and a reason.
#[derive(Debug, InputObject)]
pub struct ReasonInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The reason.
    reason: String,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
