//! Queries about findings.

use async_graphql::{Context, Object};
use registry::error::Error;

use crate::connection::arguments::Paging;
use crate::context::request_context;
use crate::enums::finding::{FindingRule, Severity};
use crate::finding::{Finding, FindingConnection};
use crate::scalar::DistrictCode;
use crate::{enums, finding};

#[derive(Debug, Clone, Copy, Default)]
pub struct FindingQuery;

#[Object(serial)]
impl FindingQuery {
    /// The findings (数据问题): contradictions and gaps in the records of today.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the schema")]
    async fn findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Filter: findings that this district has to correct, or that concern it as the successor of a party."
        )]
        district: Option<DistrictCode>,
        #[graphql(desc = "Filter: findings of one of these severities.")] severity: Option<Vec<Severity>>,
        #[graphql(desc = "Filter: findings of one of these rules.")] rule: Option<Vec<FindingRule>>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<FindingConnection, Error> {
        let request = request_context(ctx);
        let paging = Paging::new(first, after, last, before)?;
        let (severities, rules): (_, Vec<catalogue::Rule>) = (enums::to_domain(severity), enums::to_domain(rule));
        request.compute_findings().await?;
        let list =
            request.snapshot.findings(request.today, district.map(|code| code.0), &severities, &rules, &request.scope);
        let page = paging.cut_from(list.len(), |at| list.get(at))?;
        Ok(Finding::load(request, page, finding::looks_at_subjects(ctx)).await?.into())
    }
}
