//! The basis of a route (依据).

use async_graphql::{ID, Interface};
use graphql_macros::DirectJson;
use registry::request_context::RequestContext;

use super::Agreement;
use super::version::AgreementVersion;
use crate::policy::Policy;
use crate::scalar::Date;

/// The basis of a route (依据): a version of an agreement, or a policy. More types may be added: clients need a
/// fallback.
#[derive(Debug, Interface, DirectJson)]
#[expect(clippy::duplicated_attributes, reason = "two fields of one type")]
#[graphql(
    field(
        name = "id",
        method = "resolve_id",
        ty = "ID",
        desc = "The global id. `node(id:)` returns the record again."
    ),
    field(name = "title", method = "resolve_title", ty = "&str", desc = "The title."),
    field(
        name = "documentNumber",
        method = "resolve_document_number",
        ty = "Option<&str>",
        desc = "The document number (发文字号)."
    ),
    field(
        name = "effectiveFrom",
        method = "resolve_effective_from",
        ty = "Option<Date>",
        desc = "The first day of validity. Null: no start."
    ),
    field(
        name = "effectiveTo",
        method = "resolve_effective_to",
        ty = "Option<Date>",
        desc = "The last day of validity. Null: no end."
    )
)]
pub enum Basis {
    AgreementVersion(AgreementVersion),
    Policy(Policy),
}

impl Basis {
    /// The basis of an answer as the caller may see it. Answers are computed from what is published.
    pub(crate) fn new(request: &RequestContext, basis: &catalogue::Basis) -> Self {
        match basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let number = agreement.versions[*version].number;
                let seen = AgreementVersion::numbered(&Agreement::through(request, agreement).0, number);
                Self::AgreementVersion(
                    seen.unwrap_or_else(|| AgreementVersion { agreement: agreement.clone(), version: *version }),
                )
            }
            catalogue::Basis::Policy(policy) => Self::Policy(Policy(policy.clone())),
        }
    }
}
