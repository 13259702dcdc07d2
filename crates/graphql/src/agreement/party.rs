//! Parties (签约方) and their signing bodies.

use async_graphql::{Object, SimpleObject};
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::version::AgreementVersion;
use crate::connection::connection;
use crate::district::District;
use crate::enums;
use crate::enums::agreement::{Confirmation, Membership};
use crate::enums::district::Extent;
use crate::enums::matter::MatterDomain;
use crate::ids::GlobalId;
use crate::scalar::{CreditCode, Date};

/// A party, by its position in the version.
#[derive(Debug, Clone)]
pub struct Party {
    pub(crate) version: AgreementVersion,
    pub(crate) party: usize,
}

connection! {
    /// A page of parties.
    PartyConnection,
    /// A party in a list.
    PartyEdge, Party
}

impl Party {
    pub(super) fn of(&self) -> &domain::Party {
        &self.version.of().parties[self.party]
    }

    fn period(&self, request: &RequestContext) -> domain::Period {
        self.version.agreement.membership(self.version.of(), self.of(), request.today)
    }
}

/// A party (签约方) of a version: a district that is bound by it, alone or with all districts below it.
#[direct_json]
#[Object(serial)]
impl Party {
    /// The global id. `node(id:)` returns the record again.
    pub(crate) fn id(&self, request: &RequestContext) -> Result<GlobalId, Error> {
        let district = District::named(request, self.of().district)?.0.id;
        Ok(GlobalId::Party(self.version.agreement.id, self.version.of().number, district))
    }

    /// The district.
    fn district(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.of().district)
    }

    /// Whether all districts below the district are bound as well.
    fn extent(&self) -> Extent {
        self.of().extent.into()
    }

    /// The bodies that signed for the party (签署部门), with the domains for which they are responsible.
    fn bodies(&self) -> Vec<SigningBody> {
        self.of().bodies.iter().map(Into::into).collect()
    }

    /// The first day of a newcomer. Null for a party from the beginning.
    fn joined_on(&self, request: &RequestContext) -> Option<Date> {
        self.period(request).from.map(Date)
    }

    /// The last day of a party that gave notice. Null for a party that stays.
    fn left_on(&self, request: &RequestContext) -> Option<Date> {
        self.period(request).to.map(Date)
    }

    /// The relation of the district to the agreement on a day. The text of a version keeps all districts that its
    /// digest covers, including those that have left or never joined.
    fn membership(
        &self,
        request: &RequestContext,
        #[graphql(desc = "The day for which the question is answered. Default: today in China (UTC+8).")] on: Option<
            Date,
        >,
    ) -> Membership {
        let agreement = &self.version.agreement;
        let on = on.map_or_else(|| agreement.known_on(request.today), |on| on.0);
        agreement.membership_of(self.version.of(), self.of(), on).into()
    }

    /// The answer of the party to a paper record.
    fn confirmation(&self) -> Confirmation {
        self.version.of().confirmation_of(self.of()).into()
    }
}

/// A body that signs for a party (签署部门).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct SigningBody {
    /// The name of the body.
    pub(super) name: String,
    /// The unified social credit code of the body. Null when it is not stated.
    pub(super) credit_code: Option<CreditCode>,
    /// The domains for which the body is responsible. Empty: all domains.
    pub(super) domains: Vec<MatterDomain>,
}

impl From<&domain::SigningBody> for SigningBody {
    fn from(body: &domain::SigningBody) -> Self {
        let domain::SigningBody { name, credit_code, domains } = body;
        Self { name: name.to_string(), credit_code: credit_code.map(CreditCode), domains: enums::to_schema(domains) }
    }
}
