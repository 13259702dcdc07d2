//! Windows (通办窗口) in the schema.

use async_graphql::{Context, ID, Object};
use catalogue::{Kept, Listed};
use domain::RecordKind;
use futures::FutureExt as _;
use registry::error::Error;
use registry::feed::Feed;

use super::change::feed::{self, ChangeConnection};
use super::connection::arguments::Paging;
use super::connection::connection;
use super::context::request_context;
use super::district::{District, Provenance};
use super::enums;
use super::enums::handling::HandlingMode;
use super::enums::matter::MatterDomain;
use super::enums::window::WindowKind;
use super::matter::{Matter, MatterConnection};
use super::scalar::{Date, Revision};
use crate::engine::direct_json::WriteJson;

#[derive(Debug, Clone)]
pub struct Window(pub Kept<domain::Window>);

connection! {
    /// A page of windows.
    WindowConnection,
    /// A window in a list.
    WindowEdge, Window
}

impl WriteJson for Window {}

impl Window {
    /// Windows by name, which is unique within a district.
    pub(crate) fn by_name(windows: impl IntoIterator<Item = Kept<domain::Window>>) -> Vec<Listed<String, Self>> {
        let mut listed: Vec<_> = windows.into_iter().map(|window| Listed { rank: 0, code: window.name.to_string(), item: Self(window) }).collect();
        listed.sort_by(|a, b| a.code.cmp(&b.code));
        listed
    }
}

/// A window (通办窗口): a place of a district that serves applicants of other districts.
#[Object(serial)]
impl Window {
    /// The global id. `node(id:)` returns the record again.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The revision (数据版本) of the newest change of this window.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The district of the window.
    async fn district(&self, ctx: &Context<'_>) -> Result<District, Error> {
        District::named(request_context(ctx), self.0.district)
    }

    /// The name, unique within the district.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The kind of the window.
    async fn kind(&self) -> WindowKind {
        enums::from_text(&self.0.kind, domain::WindowKind::Other)
    }

    /// The postal address.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// The opening hours, as a text. Null when they are not stated.
    async fn hours(&self) -> Option<&str> {
        self.0.hours.as_deref()
    }

    /// The telephone number. Null when none is stated.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The handling modes that the window serves. Empty: all that need a window.
    async fn modes(&self) -> Vec<HandlingMode> {
        enums::to_schema(&self.0.modes)
    }

    /// The domains that the window serves. Empty: all.
    async fn domains(&self) -> Vec<MatterDomain> {
        enums::to_schema(&self.0.domains)
    }

    /// The matters that the window serves, by code. Empty: all matters of its domains.
    async fn matters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        Ok(Matter::page(request_context(ctx), &self.0.matters, &Paging::new(first, after, last, before)?)?.into())
    }

    /// The first day of service. Null: no start.
    async fn valid_from(&self) -> Option<Date> {
        self.0.open().from.map(Date)
    }

    /// The last day of service. Null: no end.
    async fn valid_to(&self) -> Option<Date> {
        self.0.open().to.map(Date)
    }

    /// The day from which the window is closed for good. `validTo` is then at the latest the day before. Null while it
    /// is not closed.
    async fn closed_from(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }

    /// The reason of the closing. Null while the window is not closed.
    async fn closed_reason(&self) -> Option<&str> {
        self.0.closed_reason.as_deref()
    }

    /// The source and the licence of the record.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The changes (变更) of this window that the caller may see, oldest first. Null when the database is not available.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        feed::page(&Feed::of_record(RecordKind::Window, self.0.id.number()), ctx, &paging).boxed().await
    }
}
