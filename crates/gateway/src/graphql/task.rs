//! Tasks (待办) as callers see them: what waits for the districts that they act for.

use async_graphql::{Context, Enum, ID, Object};
use catalogue::Listed;

use super::agreement::{Agreement, AgreementVersion};
use super::at_once::AtOnce;
use super::district::District;
use super::error::Fault;
use super::finding::Finding;
use super::ids::GlobalId;
use super::language;
use super::page::connection;
use super::scalar::Date;
use super::words::Locale;
use crate::request_context::RequestContext;

/// Kinds of tasks. Open: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "catalogue::TaskKind")]
pub enum TaskKind {
    /// A proposal needs the district's signature (待签署).
    ToSign,
    /// The district is asked: does it object to a version, does it consent to a newcomer (待答复)?
    ToAnswer,
    /// A record of what was signed on paper waits for the district's word (待确认).
    ToConfirm,
    /// The district's own proposal is to be answered within seven days, and somebody has not (将逾期).
    Lapsing,
    /// An agreement of the district ends within ninety days, and is not prolonged (将到期).
    Ending,
    /// A finding of severity error is the district's to mend (待整改).
    Finding,
}

#[derive(Debug, Clone)]
pub struct Task {
    /// By which it is known while it waits.
    key: String,
    task: catalogue::Task,
}

impl Task {
    /// What waits for those that the caller acts for.
    pub(crate) async fn waiting(asked: &RequestContext) -> Result<Vec<Listed<String, Self>>, Fault> {
        // A data key reads, and nothing waits for it; without a role a credential opens nothing that is not public.
        if !asked.viewer.roles.iter().any(|role| *role != domain::Role::Partner) {
            return Ok(Vec::new());
        }
        asked.make_findings().await?;
        let districts = asked.viewer.districts(&asked.snapshot, asked.today);
        let tasks = asked.snapshot.tasks(&districts).into_iter();
        Ok(tasks.map(|Listed { rank, code, item }| Listed { rank, item: Self { key: code.clone(), task: item }, code }).collect())
    }

    /// The task with a key, while it waits for those that the caller acts for.
    pub(crate) async fn find(asked: &RequestContext, key: &str) -> Result<Option<Self>, Fault> {
        Ok(Self::waiting(asked).await?.into_iter().find(|task| task.code == key).map(|listed| listed.item))
    }
}

connection! {
    /// A page of tasks.
    TaskConnection,
    /// A task in a list.
    TaskEdge, Task
}

impl AtOnce for Task {}

/// Something that waits for a district (待办). It follows from the records and the day, and is gone once it is done.
#[Object(serial)]
impl Task {
    /// The global id, for `node`; it stays while the task does, and leads somewhere for those whose task it is.
    pub(super) async fn id(&self) -> ID {
        ID(GlobalId::Task(self.key.clone()).to_string())
    }

    /// The task in a sentence.
    async fn kind(&self) -> TaskKind {
        self.task.kind.into()
    }

    /// The district that it waits for.
    async fn district(&self) -> District {
        District(self.task.district.clone())
    }

    /// The agreement that it is about.
    async fn agreement(&self) -> Option<Agreement> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { agreement, .. } => Some(Agreement(agreement.clone())),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The version that it is about.
    async fn version(&self) -> Option<AgreementVersion> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { agreement, version } => AgreementVersion::numbered(agreement, *version),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The finding that it is about.
    async fn finding(&self) -> Option<Finding> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { .. } => None,
            catalogue::TaskSubject::Finding(finding) => Some(Finding::of((**finding).clone())),
        }
    }

    /// The last day on which it can be done; null: it has none.
    async fn due(&self) -> Option<Date> {
        self.task.due.map(Date)
    }

    /// The task in a sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.task.message.text(language(ctx, locale))
    }
}
