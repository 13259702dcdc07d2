//! The registry itself, and who asks.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::district::District;
use super::error::Fault;
use super::page::Paging;
use super::scalar::{DateTime, Digest, Revision, int};
use super::task::{Task, TaskConnection};
use super::words::{self, Role};
use crate::limits;
use crate::request_context::RequestContext;

/// The registry that answers, and where it stands.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Registry {
    /// Its name.
    name: String,
    /// The version of the software.
    version: String,
    /// The id of this journal. A restored backup has a new one: then clients that mirror the registry load it anew.
    epoch: ID,
    /// The newest change that it answers from (数据版本).
    revision: Revision,
    /// When that change was recorded.
    recorded_at: DateTime,
    /// The digest of that change. Each change contains the digest of the one before, so it stands for the whole journal.
    head: Digest,
    /// How many records of each kind it holds that the caller sees.
    counts: RegistryCounts,
    /// Limits of one request, and the caller's rate limit.
    limits: Limits,
}

/// How many records of each kind there are that the caller sees.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct RegistryCounts {
    /// Districts (区域).
    districts: i32,
    /// Matters (事项).
    matters: i32,
    /// Offerings (实施清单).
    offerings: i32,
    /// Windows (通办窗口).
    windows: i32,
    /// Agreements (协议).
    agreements: i32,
    /// Policies (政策依据).
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

/// Limits of one request. A request beyond them is refused as a whole, with the code `OPERATION_TOO_COSTLY`.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Limits {
    /// The most bytes of a request's body: more for who has a credential, who may attach documents.
    max_body_bytes: i32,
    /// The most tokens of a document.
    max_tokens: i32,
    /// The most operations of a document.
    max_operations: i32,
    /// The most fields at the top of an operation.
    max_root_fields: i32,
    /// The most fields of a document, its fragments spread out.
    max_fields: i32,
    /// The most aliases of a document, its fragments spread out.
    max_aliases: i32,
    /// The most directives of a document, its fragments spread out.
    max_directives: i32,
    /// The deepest that fields may be nested.
    max_depth: i32,
    /// The most points that an operation of this caller may cost: one for ten fields of the answer, and more where much is done.
    /// `extensions.cost` says what it was: `requested` beforehand, by the usual length of lists, and `actual` afterwards.
    max_cost: i32,
    /// The most entries of a page.
    max_page_size: i32,
    /// How many entries a page has when neither `first` nor `last` is given.
    default_page_size: i32,
    /// The most bytes of an answer.
    max_answer_bytes: i32,
    /// How many seconds an operation may take.
    timeout: i32,
    /// How many points the caller may spend at once; null where there is no rate limit.
    points: Option<i32>,
    /// How many points are restored each second; null where there is no rate limit.
    points_per_second: Option<i32>,
}

/// The points that a caller may spend: so many at once, and so many that come back in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) points: u32,
    pub(crate) per_second: u32,
}

impl Limits {
    fn new(asked: &RequestContext, allowance: Option<Allowance>) -> Self {
        let few = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            max_body_bytes: int(if asked.viewer.client.is_some() { limits::MAX_SIGNED_IN_REQUEST_BYTES } else { limits::MAX_REQUEST_BYTES }),
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
    pub(crate) fn new(asked: &RequestContext, allowance: Option<Allowance>) -> Self {
        let head = asked.snapshot.head();
        Self {
            name: "通办 Tongban".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            epoch: ID(head.epoch.clone()),
            revision: Revision(head.revision),
            recorded_at: DateTime(head.recorded_at),
            head: Digest(head.digest),
            counts: asked.snapshot.counts(&asked.eyes).into(),
            limits: Limits::new(asked, allowance),
        }
    }
}

#[derive(Debug)]
pub struct Viewer;

/// The caller and its permissions.
#[Object(serial)]
impl Viewer {
    /// The name of the caller's key; null without a credential.
    async fn name<'a>(&self, ctx: &Context<'a>) -> Option<&'a str> {
        super::asked(ctx).viewer.name.as_deref()
    }

    /// The caller's roles; empty without a credential, which reads what is public.
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        words::schema(&super::asked(ctx).viewer.roles)
    }

    /// What waits for the district that the caller acts for, and with the extent `SUBTREE` for those below it: what is
    /// due first at the top, what has no day at the end (待办).
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Ok(paging.cut(Task::waiting(super::asked(ctx)).await?)?.into())
    }

    /// The district that the caller acts for.
    async fn district(&self, ctx: &Context<'_>) -> Option<District> {
        let asked = super::asked(ctx);
        asked.viewer.district.and_then(|code| asked.snapshot.district(code)).cloned().map(District)
    }
}
