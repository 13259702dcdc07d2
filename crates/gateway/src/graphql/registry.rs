//! The registry itself, and who asks.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, Json, Object, SimpleObject};

use super::district::District;
use super::error::Fault;
use super::page::{Paging, cost};
use super::scalar::{DateTime, Digest, Revision};
use super::task::{Task, TaskConnection};
use super::words::{self, Role};
use crate::asked::Asked;

/// The registry that answers, and where it stands.
#[derive(Debug, SimpleObject)]
pub struct Registry {
    /// What it is called.
    name: String,
    /// The version of the software.
    version: String,
    /// One life of the registry: a restored backup begins a new one, and followers start over.
    epoch: ID,
    /// The newest change that it answers from (数据版次).
    revision: Revision,
    /// When that change was recorded.
    recorded_at: DateTime,
    /// The digest of that change: the whole journal hangs on it.
    head: Digest,
    /// How many records of each kind it holds.
    counts: Json<serde_json::Value>,
}

impl Registry {
    pub(crate) fn new(asked: &Asked) -> Result<Self, Fault> {
        let head = asked.snapshot.head();
        let counts = serde_json::to_value(asked.snapshot.counts(&asked.eyes)).map_err(|error| Fault::Internal(format!("the counts: {error}")))?;
        Ok(Self {
            name: "通办 Tongban".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            epoch: ID(head.epoch.clone()),
            revision: Revision(head.revision),
            recorded_at: DateTime(head.recorded_at),
            head: Digest(head.digest),
            counts: Json(counts),
        })
    }
}

#[derive(Debug)]
pub struct Viewer;

/// Who asks, and what they may do.
#[Object]
impl Viewer {
    /// The name of the key; null for anybody.
    async fn name<'a>(&self, ctx: &Context<'a>) -> Option<&'a str> {
        super::asked(ctx).viewer.name.as_deref()
    }

    /// What the caller may do; nothing named: read what is public.
    async fn roles(&self, ctx: &Context<'_>) -> Vec<Role> {
        words::schema(&super::asked(ctx).viewer.roles)
    }

    /// What waits for the district that the caller acts for, and with the extent `SUBTREE` for those below it: what is
    /// due first at the top, what has no day at the end (待办).
    #[graphql(complexity = "cost(first, last, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after the entry with this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before the entry with this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection, Fault> {
        let asked = super::asked(ctx);
        let paging = Paging::new(first, after, last, before)?;
        // Without a role a credential opens nothing that is not public.
        let roles = &asked.viewer.roles;
        let districts = if roles.is_empty() { BTreeSet::new() } else { asked.viewer.districts(&asked.snapshot, asked.today) };
        Ok(paging.cut(asked.snapshot.tasks(&districts))?.map(Task).into())
    }

    /// The district that the caller acts for.
    async fn district(&self, ctx: &Context<'_>) -> Option<District> {
        let asked = super::asked(ctx);
        asked.viewer.district.and_then(|code| asked.snapshot.district(code)).cloned().map(District)
    }
}
