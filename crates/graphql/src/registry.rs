//! The registry itself, and the caller.

use async_graphql::{Context, ID, Object, SimpleObject};
use registry::error::Error;
use registry::limits;
use registry::rate_limit::Allowance;
use registry::request_context::RequestContext;

use super::connection::arguments::Paging;
use super::context::request_context;
use super::district::District;
use super::enums;
use super::enums::caller::Role;
use super::scalar::{DateTime, Digest, Revision, int};
use super::task::{Task, TaskConnection};

/// This registry: its software, the state of its journal, and its limits.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Registry {
    /// The name of the registry.
    name: String,
    /// The version of the software.
    version: String,
    /// The id of this journal. A restore from a backup starts a new one: a mirror of the registry then has to load
    /// everything again.
    epoch: ID,
    /// The newest revision (数据版本) that this answer contains.
    revision: Revision,
    /// When that revision was recorded.
    recorded_at: DateTime,
    /// The digest of that revision. Every change contains the digest of the change before it, so this one digest covers
    /// the whole journal.
    head: Digest,
    /// The number of records of each kind that the caller may see.
    counts: RegistryCounts,
    /// The limits of one request, and the rate limit of the caller.
    limits: Limits,
}

/// The number of records of each kind that the caller may see.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct RegistryCounts {
    /// The number of districts (区域).
    districts: i32,
    /// The number of matters (事项).
    matters: i32,
    /// The number of offerings (实施清单).
    offerings: i32,
    /// The number of windows (通办窗口).
    windows: i32,
    /// The number of agreements (协议).
    agreements: i32,
    /// The number of policies (政策依据).
    policies: i32,
}

impl From<catalogue::Counts> for RegistryCounts {
    fn from(counts: catalogue::Counts) -> Self {
        let catalogue::Counts { districts, matters, offerings, windows, agreements, policies } = counts;
        Self {
            districts: int(districts),
            matters: int(matters),
            offerings: int(offerings),
            windows: int(windows),
            agreements: int(agreements),
            policies: int(policies),
        }
    }
}

/// The limits of one request. A request that exceeds one of them is refused as a whole, with the error
/// `OPERATION_TOO_COSTLY`.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Limits {
    /// The size of a request body in bytes. Callers with a credential have a higher limit, since they may attach
    /// documents.
    max_body_bytes: i32,
    /// The number of tokens in a document.
    max_tokens: i32,
    /// The number of operations in a document.
    max_operations: i32,
    /// The number of fields at the top of an operation.
    max_root_fields: i32,
    /// The number of fields in a document, each fragment counted wherever it is used.
    max_fields: i32,
    /// The number of aliases in a document, each fragment counted wherever it is used.
    max_aliases: i32,
    /// The number of directives in a document, each fragment counted wherever it is used.
    max_directives: i32,
    /// The depth of nested fields.
    max_depth: i32,
    /// The cost of an operation of this caller in points. Ten fields of the answer cost one point; searching, sorting
    /// and computing cost more. `extensions.cost` of an answer contains `requested` (an estimate before execution, from
    /// the usual length of lists) and `actual` (the cost of the answer itself).
    max_cost: i32,
    /// The number of entries of a page.
    max_page_size: i32,
    /// The number of entries of a page when neither `first` nor `last` is given.
    default_page_size: i32,
    /// The size of an answer in bytes.
    max_answer_bytes: i32,
    /// The duration of an operation in seconds.
    timeout: i32,
    /// The number of points that the caller can save up for one burst. Null without a rate limit.
    points: Option<i32>,
    /// The number of points that the caller regains each second. Null without a rate limit.
    points_per_second: Option<i32>,
}

impl Limits {
    fn new(request: &RequestContext, allowance: Option<Allowance>) -> Self {
        let few = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            max_body_bytes: int(if request.viewer.client.is_some() {
                limits::MAX_SIGNED_IN_REQUEST_BYTES
            } else {
                limits::MAX_REQUEST_BYTES
            }),
            max_tokens: int(limits::MAX_TOKENS),
            max_operations: int(limits::MAX_OPERATIONS),
            max_root_fields: few(limits::MAX_ROOT_FIELDS),
            max_fields: few(limits::MAX_FIELDS),
            max_aliases: few(limits::MAX_ALIASES),
            max_directives: few(limits::MAX_DIRECTIVES),
            max_depth: few(limits::MAX_DEPTH),
            max_cost: few(allowance.map_or(limits::MAX_COST, |allowance| limits::MAX_COST.min(allowance.points.into()))),
            max_page_size: int(limits::MAX_PAGE_SIZE),
            default_page_size: int(limits::DEFAULT_PAGE_SIZE),
            max_answer_bytes: int(limits::MAX_RESPONSE_BYTES),
            timeout: few(limits::OPERATION_TIMEOUT.as_secs()),
            points: allowance.map(|allowance| few(allowance.points.into())),
            points_per_second: allowance.map(|allowance| few(allowance.per_second.into())),
        }
    }
}

impl Registry {
    pub(crate) fn new(request: &RequestContext, allowance: Option<Allowance>) -> Self {
        let head = request.snapshot.head();
        Self {
            name: "通办 Tongban".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            epoch: ID(head.epoch.clone()),
            revision: Revision(head.revision),
            recorded_at: DateTime(head.recorded_at),
            head: Digest(head.digest),
            counts: request.snapshot.counts(&request.scope).into(),
            limits: Limits::new(request, allowance),
        }
    }
}

#[derive(Debug)]
pub struct Viewer;

/// The caller: the API key of this request and its permissions.
#[Object(serial)]
impl Viewer {
    /// The name of the API key. Null without a credential.
    async fn name<'a>(&self, ctx: &Context<'a>) -> Option<&'a str> {
        request_context(ctx).viewer.name.as_deref()
    }

    /// The roles of the caller. Empty without a credential: the caller then reads public records only.
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        enums::to_schema(&request_context(ctx).viewer.roles)
    }

    /// The tasks (待办) of the district of the caller and, with the extent `SUBTREE`, of the districts below it. Tasks
    /// with a last day come first, the earliest first.
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<TaskConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        Ok(paging.cut(Task::waiting(request_context(ctx)).await?)?.into())
    }

    /// The district on whose behalf the caller acts. Null when there is none.
    async fn district(&self, ctx: &Context<'_>) -> Option<District> {
        let request = request_context(ctx);
        request.viewer.district.and_then(|code| request.snapshot.district(code)).cloned().map(District)
    }
}
