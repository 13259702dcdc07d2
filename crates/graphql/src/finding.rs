//! Findings (数据问题) in the schema.

use std::collections::HashMap;

use async_graphql::{Context, Object};
use catalogue::Subject;
use domain::Id;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::connection::connection;
use super::connection::page::Page;
use super::context::{language, request_context};
use super::district::District;
use super::enums::caller::Locale;
use super::enums::finding::{FindingRule, Severity};
use super::ids::GlobalId;
use super::node::Node;
use super::offering::Offering;
use super::scalar::int;
use crate::engine::field_order::Serial;

/// A finding, with its offering if that was fetched.
#[derive(Debug, Clone)]
pub struct Finding {
    finding: catalogue::Finding,
    offering: Option<Offering>,
}

connection! {
    /// A page of findings.
    FindingConnection,
    /// A finding in a list.
    FindingEdge, Finding
}

impl Finding {
    /// Findings with their offerings, if selected, in one statement.
    pub(crate) async fn load(
        request: &RequestContext,
        page: Page<catalogue::Finding>,
        subjects: bool,
    ) -> Result<Page<Self>, Error> {
        let ids: Vec<_> = page.items().filter(|_| subjects).filter_map(offering_of).collect();
        let offerings: HashMap<_, _> = Offering::fetch_known(request, ids).await?;
        Ok(page.map(|finding| {
            let offering = offering_of(&finding).and_then(|id| offerings.get(&id)).cloned();
            Self { finding, offering }
        }))
    }

    /// The finding with this key, as long as it exists.
    pub(crate) async fn find(request: &RequestContext, key: &str) -> Result<Option<Self>, Error> {
        let Ok(key) = key.parse() else { return Ok(None) };
        request.compute_findings().await?;
        let Some(finding) = request.snapshot.finding(&key, &request.scope) else { return Ok(None) };
        let offering =
            Offering::fetch_known(request, offering_of(&finding).into_iter().collect()).await?.into_values().next();
        Ok(Some(Self { finding, offering }))
    }
}

impl Finding {
    /// A finding that is not about an offering.
    pub(crate) fn of(finding: catalogue::Finding) -> Self {
        Self { finding, offering: None }
    }
}

fn offering_of(finding: &catalogue::Finding) -> Option<Id<domain::Offering>> {
    match &finding.subject {
        Some(Subject::Offering(id)) => Some(*id),
        Some(Subject::District(_) | Subject::Matter(_) | Subject::Agreement(_) | Subject::Policy(_)) | None => None,
    }
}

/// A finding (数据问题): a contradiction or a gap in the records. There is one finding for each rule and record, with a
/// count.
#[direct_json]
#[Object(serial)]
impl Finding {
    /// The global id. `node(id:)` returns the finding as long as it exists.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Finding(self.finding.key.to_string())
    }

    /// The rule that the finding violates.
    fn rule(&self) -> FindingRule {
        self.finding.rule.into()
    }

    /// The importance of the finding.
    fn severity(&self) -> Severity {
        self.finding.severity.into()
    }

    /// The district that has to correct the finding. Null when it is for the stewards.
    fn district(&self) -> Option<District> {
        self.finding.district.clone().map(District)
    }

    /// The record that the finding is about. Null when there is none, and when the caller may not see it.
    async fn subject(&self, ctx: &Context<'_>) -> Option<Serial<Node>> {
        let node = match &self.finding.subject {
            Some(Subject::Offering(_)) => self.offering.clone().map(Node::Offering),
            Some(subject) => Node::of_subject(request_context(ctx), subject),
            None => None,
        };
        node.map(Serial)
    }

    /// The number of occurrences in that record.
    fn count(&self) -> i32 {
        int(self.finding.count)
    }

    /// The finding in one sentence.
    fn message(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.finding.message.text(language(request, locale))
    }

    /// The remedy, in one sentence.
    fn remedy(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.finding.remedy.text(language(request, locale))
    }
}

/// Is the subject of findings selected?
pub(crate) fn looks_at_subjects(ctx: &Context<'_>) -> bool {
    ctx.look_ahead().field("edges").field("node").field("subject").exists()
}
