//! Clauses (清单条款) of agreements and of policies in the schema.

use async_graphql::{Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::{Agreement, AgreementClause, DistrictCode, Policy, PolicyClause};
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::connection::arguments::Paging;
use super::connection::{connection, in_order};
use super::context::language;
use super::district::{District, DistrictConnection};
use super::enums::caller::Locale;
use super::enums::district::Extent;
use super::enums::handling::{HandlingMode, Reach};
use super::ids::GlobalId;
use super::matter::{Matter, MatterConnection};
use super::scalar::Date;
use super::terms::ModeTerms;
use crate::engine::field_order::Serial;

/// A clause of a version or of a policy, by its position in the schedule.
#[derive(Debug, Clone)]
pub enum Clause {
    Agreement { agreement: Kept<Agreement>, version: usize, clause: usize },
    Policy { policy: Kept<Policy>, clause: usize },
}

connection! {
    /// A page of clauses, in the order of the schedule.
    ClauseConnection,
    /// A clause in a list.
    ClauseEdge, Clause
}

impl Clause {
    /// The clause at a position of a version.
    pub(crate) fn listed(agreement: &Kept<Agreement>, version: usize, clause: usize) -> Option<Listed<String, Self>> {
        let code = agreement.versions[version].schedule.get(clause)?.key.to_string();
        Some(Listed {
            rank: u32::try_from(clause).ok()?,
            code,
            item: Self::Agreement { agreement: agreement.clone(), version, clause },
        })
    }

    /// The clauses of a policy.
    pub(crate) fn of_policy(policy: &Kept<Policy>) -> Vec<Listed<String, Self>> {
        let keys = policy.schedule.iter().map(|clause| clause.key.to_string());
        in_order(keys.enumerate().map(|(clause, key)| (key, Self::Policy { policy: policy.clone(), clause })))
    }

    fn clause(&self) -> &domain::Clause {
        match self {
            Self::Agreement { agreement, version, clause } => &agreement.versions[*version].schedule[*clause],
            Self::Policy { policy, clause } => &policy.schedule[*clause],
        }
    }

    /// The districts of one side as written. Empty: all.
    fn side(
        &self,
        of_agreement: impl FnOnce(&AgreementClause) -> &[DistrictCode],
        of_policy: impl for<'a> FnOnce(&'a Policy, &'a PolicyClause) -> &'a [domain::Territory],
    ) -> Vec<DistrictCode> {
        match self {
            Self::Agreement { agreement, version, clause } => {
                of_agreement(&agreement.versions[*version].schedule[*clause]).to_vec()
            }
            Self::Policy { policy, clause } => {
                of_policy(policy, &policy.schedule[*clause]).iter().map(|territory| territory.district).collect()
            }
        }
    }

    fn receiving_codes(&self) -> Vec<DistrictCode> {
        self.side(|clause| &clause.receiving, |policy, clause| policy.receiving_of(clause))
    }

    fn competent_codes(&self) -> Vec<DistrictCode> {
        self.side(|clause| &clause.competent, |policy, clause| policy.competent_of(clause))
    }
}

/// A clause (清单条款) of a schedule: receiving districts, competent districts, matters and one handling mode. It
/// applies to every combination of the three.
#[direct_json]
#[Object(serial)]
impl Clause {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        let key = self.clause().key.to_string();
        match self {
            Self::Agreement { agreement, version, .. } => {
                GlobalId::Clause(agreement.id, agreement.versions[*version].number, key)
            }
            Self::Policy { policy, .. } => GlobalId::PolicyClause(policy.id, key),
        }
    }

    /// The key of the clause within its schedule. An agreement keeps it from version to version.
    fn key(&self) -> &str {
        &self.clause().key
    }

    /// The handling mode (通办方式) of all matters of the clause.
    fn mode(&self) -> HandlingMode {
        self.clause().mode.into()
    }

    /// The label of the mode.
    fn mode_name(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.clause().mode.label(language(request, locale))
    }

    /// The name that the parties themselves use for the mode. Null when it is the usual one.
    fn mode_label(&self) -> Option<&str> {
        self.clause().mode_label.as_deref()
    }

    /// The terms of the mode.
    async fn terms(&self) -> Serial<ModeTerms> {
        Serial((&self.clause().terms).into())
    }

    /// The batch (批次) in which the clause was published, as its document names it. Null when none is stated.
    fn batch(&self) -> Option<&str> {
        self.clause().batch.as_deref()
    }

    /// The first day of the clause. Null: the first day of its basis.
    fn valid_from(&self) -> Option<Date> {
        self.clause().period.from.map(Date)
    }

    /// The last day of the clause. Null: the last day of its basis.
    fn valid_to(&self) -> Option<Date> {
        self.clause().period.to.map(Date)
    }

    /// For a clause of a policy: between which districts it applies. Null for a clause of an agreement.
    fn reach(&self) -> Option<Reach> {
        match self {
            Self::Agreement { .. } => None,
            Self::Policy { policy, clause } => Some(policy.schedule[*clause].reach.into()),
        }
    }

    /// True when the clause names no receiving districts. In an agreement it then applies to all parties, including
    /// later ones; in a policy everywhere.
    fn all_receiving(&self) -> bool {
        self.receiving_codes().is_empty()
    }

    /// True when the clause names no competent districts. In an agreement it then applies to all parties, including
    /// later ones; in a policy everywhere.
    fn all_competent(&self) -> bool {
        self.competent_codes().is_empty()
    }

    /// The receiving districts (收件地) that the clause names: where applicants submit. Empty when `allReceiving` is
    /// true.
    fn receiving(
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
        let listed = District::in_order(request, self.receiving_codes())?;
        Ok(Paging::new(first, after, last, before)?.cut(listed)?.into())
    }

    /// The competent districts (业务属地) that the clause names: whose authorities decide. Empty when `allCompetent` is
    /// true.
    fn competent(
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
        let listed = District::in_order(request, self.competent_codes())?;
        Ok(Paging::new(first, after, last, before)?.cut(listed)?.into())
    }

    /// Parties to which the latest change of the clause does not apply, because they objected under the amendment rule
    /// `NO_OBJECTION`. For the matters that the clause already had, its earlier form still applies to them. Always
    /// empty for a policy.
    fn excluded(&self, request: &RequestContext) -> Result<Vec<District>, Error> {
        let Self::Agreement { agreement, version, clause } = self else { return Ok(Vec::new()) };
        let version = &agreement.versions[*version];
        let excluded = agreement.excluded(version, &version.schedule[*clause]);
        excluded.into_iter().map(|code| District::named(request, code)).collect()
    }

    /// The matters (事项) of the clause, by code.
    fn matters(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        Ok(Matter::page(request, &self.clause().matters, &Paging::new(first, after, last, before)?)?.into())
    }
}

/// A district, alone or with all districts below it.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Territory {
    /// The district.
    district: District,
    /// Whether the districts below it are included.
    extent: Extent,
}

impl Territory {
    pub(crate) fn list(request: &RequestContext, territories: &[domain::Territory]) -> Result<Vec<Self>, Error> {
        let named = |territory: &domain::Territory| {
            Ok(Self { district: District::named(request, territory.district)?, extent: territory.extent.into() })
        };
        territories.iter().map(named).collect()
    }
}
