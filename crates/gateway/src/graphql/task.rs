//! Tasks (待办) as callers see them: what waits for the districts that they act for.

use async_graphql::{Enum, Object};

use super::agreement::{Agreement, AgreementVersion};
use super::district::District;
use super::finding::Finding;
use super::page::connection;
use super::scalar::Date;
use super::words::Locale;

/// What is to be done. Open: clients need a fallback.
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
pub struct Task(pub(crate) catalogue::Task);

connection! {
    /// A page of tasks.
    TaskConnection,
    /// A task in a list.
    TaskEdge, Task
}

/// Something that waits for a district (待办). It follows from the records and the day, and is gone once it is done.
#[Object]
impl Task {
    /// What is to be done.
    async fn kind(&self) -> TaskKind {
        self.0.kind.into()
    }

    /// For whom it waits.
    async fn district(&self) -> District {
        District(self.0.district.clone())
    }

    /// The agreement that it is about.
    async fn agreement(&self) -> Option<Agreement> {
        match &self.0.subject {
            catalogue::TaskSubject::Version { agreement, .. } => Some(Agreement(agreement.clone())),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The version that it is about.
    async fn version(&self) -> Option<AgreementVersion> {
        match &self.0.subject {
            catalogue::TaskSubject::Version { agreement, version } => AgreementVersion::numbered(agreement, *version),
            catalogue::TaskSubject::Finding(_) => None,
        }
    }

    /// The finding that it is about.
    async fn finding(&self) -> Option<Finding> {
        match &self.0.subject {
            catalogue::TaskSubject::Version { .. } => None,
            catalogue::TaskSubject::Finding(finding) => Some(Finding::of((**finding).clone())),
        }
    }

    /// The last day on which it can be done; null: it has none.
    async fn due(&self) -> Option<Date> {
        self.0.due.map(Date)
    }

    /// What it is, in a sentence.
    async fn message(&self, #[graphql(default_with = "Some(Locale::Zh)", desc = "In which language.")] locale: Option<Locale>) -> &str {
        self.0.message.text(locale.unwrap_or(Locale::Zh).into())
    }
}
