//! Windows (通办窗口) as callers see them.

use async_graphql::{Context, ID, Object};
use catalogue::{Kept, Listed};
use domain::RecordKind;
use futures::FutureExt as _;

use super::asked;
use super::at_once::AtOnce;
use super::change::{ChangeConnection, Feed};
use super::district::{District, Provenance};
use super::error::Fault;
use super::matter::{Matter, MatterConnection};
use super::page::{Paging, connection};
use super::scalar::{Date, Revision};
use super::words::{self, HandlingMode, MatterDomain, WindowKind};

#[derive(Debug, Clone)]
pub struct Window(pub Kept<domain::Window>);

connection! {
    /// A page of windows.
    WindowConnection,
    /// A window in a list.
    WindowEdge, Window
}

impl AtOnce for Window {}

impl Window {
    /// A list by name, by which a district's windows are known.
    pub(crate) fn by_name(windows: impl IntoIterator<Item = Kept<domain::Window>>) -> Vec<Listed<String, Self>> {
        let mut listed: Vec<_> = windows.into_iter().map(|window| Listed { rank: 0, code: window.name.to_string(), item: Self(window) }).collect();
        listed.sort_by(|a, b| a.code.cmp(&b.code));
        listed
    }
}

/// A window (通办窗口): a place of a district that serves applicants of other districts.
#[Object(serial)]
impl Window {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The newest change of this window.
    async fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// Whose window it is.
    async fn district(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.0.district)
    }

    /// Its name; a district has it once.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn kind(&self) -> WindowKind {
        words::stored(&self.0.kind, domain::WindowKind::Other)
    }

    /// Where it is.
    async fn address(&self) -> &str {
        &self.0.address
    }

    /// When it is open.
    async fn hours(&self) -> Option<&str> {
        self.0.hours.as_deref()
    }

    /// Where to call.
    async fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The handling modes that it serves; none named: all that need a window.
    async fn modes(&self) -> Vec<HandlingMode> {
        words::schema(&self.0.modes)
    }

    /// The domains that it serves; none named: all.
    async fn domains(&self) -> Vec<MatterDomain> {
        words::schema(&self.0.domains)
    }

    /// The matters that it serves, by code; none named: all of its domains.
    async fn matters(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<MatterConnection, Fault> {
        Ok(Matter::page(asked(ctx), &self.0.matters, &Paging::new(first, after, last, before)?)?.into())
    }

    /// Its first day; null: always.
    async fn valid_from(&self) -> Option<Date> {
        self.0.open().from.map(Date)
    }

    /// Its last day; null: no end.
    async fn valid_to(&self) -> Option<Date> {
        self.0.open().to.map(Date)
    }

    /// The day from which it is closed for good; `validTo` is the day before it at the latest.
    async fn closed_from(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }

    /// Why it was closed.
    async fn closed_reason(&self) -> Option<&str> {
        self.0.closed_reason.as_deref()
    }

    /// Where the record comes from.
    async fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// Every change of this window that the caller may see, oldest first.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<ChangeConnection, Fault> {
        let paging = Paging::new(first, after, last, before)?;
        Feed::of_record(RecordKind::Window, self.0.id.number()).page(ctx, &paging).boxed().await
    }
}
