//! Accession of newcomers (加入).

use async_graphql::SimpleObject;
use graphql_macros::DirectJson;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::district::District;
use crate::enums::district::Extent;
use crate::scalar::{DateTime, Digest};

/// A newcomer that has signed the newest concluded version and waits for consent (加入).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Accession {
    /// The newcomer.
    pub(super) district: District,
    /// Whether the newcomer also joins for all districts below it.
    pub(super) extent: Extent,
    /// When the newcomer signed.
    pub(super) signed_at: DateTime,
    /// The digest that the newcomer signed.
    pub(super) digest: Digest,
    /// The parties that have consented so far.
    pub(super) consents: Vec<District>,
}

impl Accession {
    pub(super) fn of(request: &RequestContext, accession: &domain::agreement::party::Accession) -> Result<Self, Error> {
        let domain::agreement::party::Accession { party, signature, consents } = accession;
        Ok(Self {
            district: District::named(request, party.district)?,
            extent: party.extent.into(),
            signed_at: DateTime(signature.at),
            digest: Digest(signature.digest),
            consents: consents.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>()?,
        })
    }
}
