//! Feedback in the schema. The words are in the database; a page takes one statement.

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::Id;
use persistence::FeedbackCase;
use registry::error::Error;
use registry::feedback;
use registry::request_context::RequestContext;

use super::connection::cursor::LazyCursor;
use super::connection::page::{Page, PageInfo};
use super::context::request_context;
use super::engine::field_order::Serial;
use super::enums::feedback::FeedbackState;
use super::ids::GlobalId;
use super::node::Node;
use super::scalar::{Date, DateTime};

#[derive(Debug, Clone)]
pub struct Feedback(pub(crate) FeedbackCase);

impl Feedback {
    /// A case that the caller may see.
    pub(crate) async fn find(request: &RequestContext, id: Id<domain::Feedback>) -> Result<Option<Self>, Error> {
        Ok(feedback::case(request, id).await?.map(Self))
    }
}

/// Feedback (纠错): what somebody says is wrong in a record. Registrars of the district that answers for the record and
/// stewards see it. The answer is on the portal, for those who know the case number.
#[Object(serial)]
impl Feedback {
    /// The global id. `node(id:)` returns the record again.
    #[graphql(name = "id")]
    pub(super) async fn resolve_id(&self) -> ID {
        ID(GlobalId::Feedback(self.0.feedback.id).to_string())
    }

    /// The number by which the sender finds the answer.
    async fn case_number(&self) -> &str {
        &self.0.feedback.case_number
    }

    /// The record that it is about.
    async fn about(&self, ctx: &Context<'_>) -> Result<Serial<Node>, Error> {
        let about = ID(self.0.feedback.about.clone());
        let found = Box::pin(Node::find(request_context(ctx), &[about])).await?.pop().flatten();
        found
            .map(Serial)
            .ok_or_else(|| Error::Internal(format!("feedback is about {}, which is not there", self.0.feedback.about)))
    }

    /// What is wrong, in the sender's words.
    async fn text(&self) -> &str {
        &self.0.text
    }

    /// Whether it is answered.
    async fn state(&self) -> FeedbackState {
        self.0.feedback.state().into()
    }

    /// The answer. Null while there is none.
    async fn reply(&self) -> Option<&str> {
        self.0.reply.as_deref()
    }

    /// When it was received.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.feedback.received_at)
    }

    /// The last day for the answer: five working days after it was received.
    async fn due(&self) -> Date {
        Date(self.0.feedback.due)
    }

    /// The day of the answer. Null while there is none.
    async fn answered_on(&self) -> Option<Date> {
        self.0.feedback.answered_on.map(Date)
    }

    /// The telephone number that the sender left, for whoever answers. Null when there is none, and from 90 days after
    /// the answer on, when it is erased.
    async fn phone(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        feedback::phone(request_context(ctx), &self.0).await
    }
}

/// A page of feedback.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct FeedbackConnection {
    /// The entries of this page, in the order of the list.
    edges: Vec<FeedbackEdge>,
    /// Whether there are more pages, and the first and last cursor of this one.
    page_info: PageInfo,
    /// The number of entries of the whole list, not of this page alone.
    total_count: i32,
}

/// Feedback in a list.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct FeedbackEdge {
    /// The cursor of this entry: an opaque text for the arguments `after` and `before`.
    cursor: LazyCursor,
    /// The record.
    node: Feedback,
}

impl From<Page<Feedback>> for FeedbackConnection {
    fn from(page: Page<Feedback>) -> Self {
        let edges = page.entries.into_iter().map(|(cursor, node)| FeedbackEdge { cursor, node }).collect();
        Self { edges, page_info: page.info, total_count: page.total }
    }
}
