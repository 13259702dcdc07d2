//! Signatures (签署).

use std::collections::BTreeMap;

use async_graphql::Object;
use catalogue::Listed;
use domain::DistrictCode;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::version::AgreementVersion;
use crate::connection::connection;
use crate::connection::in_order;
use crate::district::District;
use crate::ids::GlobalId;
use crate::scalar::{Date, DateTime, Digest};

/// The signature of a party under a version.
#[derive(Debug, Clone)]
pub struct Signature {
    pub(super) version: AgreementVersion,
    pub(super) district: District,
    /// The number of earlier signatures of this party.
    pub(crate) nth: u32,
    pub(super) signed_at: chrono::DateTime<chrono::Utc>,
    pub(super) digest: domain::Digest,
    approval_number: Option<String>,
    approved_on: Option<domain::Date>,
}

connection! {
    /// A page of signatures.
    SignatureConnection,
    /// A signature in a list.
    SignatureEdge, Signature
}

/// The signature (签署) of a party over the digest of a version.
#[direct_json]
#[Object(serial)]
impl Signature {
    /// The global id. `node(id:)` returns the record again.
    pub(crate) fn id(&self) -> GlobalId {
        GlobalId::Signature(self.version.agreement.id, self.version.of().number, self.district.0.id, self.nth)
    }

    /// The party that signed.
    fn district(&self) -> &District {
        &self.district
    }

    /// When the party signed.
    fn signed_at(&self) -> DateTime {
        DateTime(self.signed_at)
    }

    /// The digest that the party signed.
    fn digest(&self) -> Digest {
        Digest(self.digest)
    }

    /// The number of the internal approval behind the signature. Only callers of the party see it. Null when none was
    /// given.
    fn approval_number(&self) -> Option<&str> {
        self.approval_number.as_deref()
    }

    /// The day of the internal approval behind the signature. Only callers of the party see it. Null when none was
    /// given.
    fn approved_on(&self) -> Option<Date> {
        self.approved_on.map(Date)
    }
}

impl AgreementVersion {
    /// The signatures, in their order.
    pub(crate) fn listed_signatures(
        &self,
        request: &RequestContext,
    ) -> Result<Vec<Listed<DistrictCode, Signature>>, Error> {
        let mut counted: BTreeMap<DistrictCode, u32> = BTreeMap::new();
        let signature = |given: &domain::agreement::lifecycle::Signature| {
            let district = District::named(request, given.party)?;
            let count = counted.entry(given.party).or_default();
            let nth = *count;
            *count += 1;
            let domain::agreement::lifecycle::Signature { party, at, on: _, digest, approval_number, approved_on } =
                given;
            let signature = Signature {
                version: self.clone(),
                district,
                nth,
                signed_at: *at,
                digest: *digest,
                approval_number: approval_number.as_deref().map(str::to_owned),
                approved_on: *approved_on,
            };
            Ok((*party, signature))
        };
        Ok(in_order(self.of().signatures().map(signature).collect::<Result<Vec<_>, Error>>()?))
    }
}
