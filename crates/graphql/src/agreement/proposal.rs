//! Proposals (发送签约方) and rejections (不同意).

use async_graphql::Object;
use catalogue::Listed;
use domain::DistrictCode;
use domain::agreement::lifecycle::Needs;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::version::AgreementVersion;
use crate::connection::arguments::Paging;
use crate::connection::connection;
use crate::connection::in_order;
use crate::district::{District, DistrictConnection};
use crate::enums::agreement::{ProposalNeeds, RejectionKind};
use crate::ids::GlobalId;
use crate::scalar::Date;

/// The proposal of a version.
#[derive(Debug, Clone)]
pub struct Proposal(pub(super) AgreementVersion);

impl Proposal {
    pub(super) fn of(&self) -> &domain::agreement::lifecycle::Proposal {
        self.0.of().proposal().expect("it is made only of a version that was proposed")
    }
}

/// The proposal (发送签约方) of a version to its parties, and their answers.
#[direct_json]
#[Object(serial)]
impl Proposal {
    /// The proposing party.
    fn by(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.of().by)
    }

    /// The day of the proposal.
    fn on(&self) -> Date {
        Date(self.of().on)
    }

    /// The last day on which a party may answer.
    fn answer_by(&self) -> Date {
        Date(self.of().answer_by)
    }

    /// Which parties must answer.
    fn needs(&self) -> ProposalNeeds {
        self.of().needs.into()
    }

    /// The last day for objections, under the amendment rule `NO_OBJECTION`. Null under other rules.
    fn objections_until(&self) -> Option<Date> {
        (self.of().needs == Needs::NoObjection).then(|| Date(self.of().objections_until(self.0.of().objection_days)))
    }

    /// The parties whose signature is required.
    fn signers(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<DistrictConnection, Error> {
        let signers = District::in_order(request, self.of().signers.clone())?;
        Ok(Paging::new(first, after, last, before)?.cut(signers)?.into())
    }

    /// The rejections that have not been taken back.
    fn rejections(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<RejectionConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(self.0.listed_rejections(request)?)?.into())
    }

    /// The day on which the proposal was withdrawn. Null when it was not.
    fn withdrawn_on(&self) -> Option<Date> {
        self.of().withdrawn_on.map(Date)
    }

    /// The reason of the withdrawal. Null when none was given.
    fn withdrawn_reason(&self) -> Option<&str> {
        self.of().withdrawn_reason.as_deref()
    }

    /// The day on which the proposal lapses because another version with the same base is concluded. Null when there is
    /// none.
    fn superseded_on(&self) -> Option<Date> {
        self.of().superseded_on.map(Date)
    }
}

/// The rejection of a proposal by a party.
#[derive(Debug, Clone)]
pub struct Rejection {
    pub(super) version: AgreementVersion,
    pub(super) district: District,
    pub(super) on: domain::Date,
    pub(super) kind: domain::agreement::lifecycle::RejectionKind,
    pub(super) reason: Option<String>,
}

connection! {
    /// A page of rejections.
    RejectionConnection,
    /// A rejection in a list.
    RejectionEdge, Rejection
}

/// The rejection of a proposal by a party (不同意、退回修改).
#[direct_json]
#[Object(serial)]
impl Rejection {
    /// The global id. `node(id:)` returns the rejection until it is taken back.
    pub(crate) fn id(&self) -> GlobalId {
        GlobalId::Rejection(self.version.agreement.id, self.version.of().number, self.district.0.id)
    }

    /// The party that rejected the proposal.
    fn district(&self) -> &District {
        &self.district
    }

    /// The day of the rejection.
    fn on(&self) -> Date {
        Date(self.on)
    }

    /// Whether the party does not agree, or asks for changes. Its remarks are among those of the version.
    fn kind(&self) -> RejectionKind {
        self.kind.into()
    }

    /// The reason. Null for callers who are not parties to the proposal.
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

impl AgreementVersion {
    /// The rejections, in their order.
    pub(crate) fn listed_rejections(
        &self,
        request: &RequestContext,
    ) -> Result<Vec<Listed<DistrictCode, Rejection>>, Error> {
        let given = self.of().proposal().map_or(&[][..], |proposal| &proposal.rejections);
        let rejection = |given: &domain::agreement::lifecycle::Rejection| {
            let domain::agreement::lifecycle::Rejection { party, on, kind, reason, remarks: _ } = given;
            let reason = (!reason.is_empty()).then(|| reason.to_string());
            let district = District::named(request, *party)?;
            Ok((*party, Rejection { version: self.clone(), district, on: *on, kind: *kind, reason }))
        };
        Ok(in_order(given.iter().map(rejection).collect::<Result<Vec<_>, Error>>()?))
    }
}
