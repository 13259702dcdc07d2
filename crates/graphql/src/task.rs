//! Tasks (待办) in the schema: what the caller's districts have to do.

use async_graphql::{Enum, Object};
use catalogue::Listed;
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::request_context::RequestContext;

use super::agreement::Agreement;
use super::agreement::version::AgreementVersion;
use super::connection::connection;
use super::context::language;
use super::district::District;
use super::enums::caller::Locale;
use super::finding::Finding;
use super::ids::GlobalId;
use super::scalar::Date;

/// Kinds of tasks. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "catalogue::TaskKind")]
pub enum TaskKind {
    /// The district has to sign a proposal (待签署).
    ToSign,
    /// The district may object to a version, or is asked to consent to a newcomer (待答复).
    ToAnswer,
    /// The district has to confirm or contest a paper record (待确认).
    ToConfirm,
    /// A draft of the district waits for the approval of its signatory (待审核).
    ToApprove,
    /// The district is consulted on a draft (待提意见).
    ToRemark,
    /// An agreement of the district was concluded 15 days ago or earlier, and no sealed copy is attached (待用印).
    ToSeal,
    /// The proposal of the district lapses within seven days unless the missing signatures are given (将逾期).
    Lapsing,
    /// An agreement of the district ends within ninety days and is not renewed (将到期).
    Ending,
    /// The district has to correct a finding of severity error (待整改).
    Finding,
}

#[derive(Debug, Clone)]
pub struct Task {
    /// The key of the task. It stays the same as long as the task exists.
    key: String,
    task: catalogue::Task,
}

impl Task {
    /// The tasks of the districts for which the caller acts.
    pub(crate) async fn waiting(request: &RequestContext) -> Result<Vec<Listed<String, Self>>, Error> {
        // Keys that only read have no tasks, nor have credentials without a role.
        if !request.viewer.roles.iter().any(|role| *role != domain::Role::Partner) {
            return Ok(Vec::new());
        }
        request.compute_findings().await?;
        let districts = request.viewer.districts(&request.snapshot, request.today);
        let tasks = request.snapshot.tasks(&districts).into_iter();
        Ok(tasks
            .map(|Listed { rank, code, item }| Listed { rank, item: Self { key: code.clone(), task: item }, code })
            .collect())
    }

    /// The task with this key, if the caller acts for its district.
    pub(crate) async fn find(request: &RequestContext, key: &str) -> Result<Option<Self>, Error> {
        Ok(Self::waiting(request).await?.into_iter().find(|task| task.code == key).map(|listed| listed.item))
    }
}

connection! {
    /// A page of tasks.
    TaskConnection,
    /// A task in a list.
    TaskEdge, Task
}

/// A task (待办): something that a district has to do. Tasks follow from the records and the day; a task disappears
/// when it is done.
#[direct_json]
#[Object(serial)]
impl Task {
    /// The global id. `node(id:)` returns the task to the callers who have it, until it is done.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Task(self.key.clone())
    }

    /// The kind of the task.
    fn kind(&self) -> TaskKind {
        self.task.kind.into()
    }

    /// The district that has to do the task.
    fn district(&self) -> District {
        District(self.task.district.clone())
    }

    /// The agreement that the task is about. Null when it is about none.
    fn agreement(&self) -> Option<Agreement> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { agreement, .. } => Some(Agreement(agreement.clone())),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The version that the task is about. Null when it is about none.
    fn version(&self) -> Option<AgreementVersion> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { agreement, version } => AgreementVersion::numbered(agreement, *version),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The finding that the task is about. Null when it is about none.
    fn finding(&self) -> Option<Finding> {
        match &self.task.subject {
            catalogue::TaskSubject::Version { .. } => None,
            catalogue::TaskSubject::Finding(finding) => Some(Finding::of((**finding).clone())),
        }
    }

    /// The last day for the task. Null when there is none.
    fn due(&self) -> Option<Date> {
        self.task.due.map(Date)
    }

    /// The task in one sentence.
    fn message(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.task.message.text(language(request, locale))
    }
}
