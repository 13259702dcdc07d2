//! Windows (通办窗口) in the schema.

use async_graphql::{Context, Object, SimpleObject};
use catalogue::{Kept, Listed};
use domain::RecordKind;
use futures::FutureExt as _;
use graphql_macros::{DirectJson, direct_json};
use registry::error::Error;
use registry::feed::Feed;
use registry::request_context::RequestContext;

use super::change::feed::{self, ChangeConnection};
use super::connection::arguments::Paging;
use super::connection::connection;
use super::district::{District, Provenance};
use super::enums;
use super::enums::handling::HandlingMode;
use super::enums::list::EnumList;
use super::enums::matter::MatterDomain;
use super::enums::window::{Weekday, WindowKind};
use super::ids::GlobalId;
use super::matter::{Matter, MatterConnection};
use super::scalar::{Date, Revision, UrlRef};

#[derive(Debug, Clone)]
pub struct Window(pub Kept<domain::Window>);

connection! {
    /// A page of windows.
    WindowConnection,
    /// A window in a list.
    WindowEdge, Window
}

impl Window {
    /// Windows by name, which is unique within a district.
    pub(crate) fn by_name(windows: impl IntoIterator<Item = Kept<domain::Window>>) -> Vec<Listed<String, Self>> {
        let mut listed: Vec<_> = windows
            .into_iter()
            .map(|window| Listed { rank: 0, code: window.name.to_string(), item: Self(window) })
            .collect();
        listed.sort_by(|a, b| a.code.cmp(&b.code));
        listed
    }
}

/// A window (通办窗口): a place of a district that serves applicants of other districts.
#[direct_json]
#[Object(serial)]
impl Window {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Window(self.0.id)
    }

    /// The revision (数据版本) of the newest change of this window.
    fn revision(&self) -> Revision {
        Revision(self.0.revision)
    }

    /// The district of the window.
    fn district(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.0.district)
    }

    /// The name, unique within the district.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// The kind of the window.
    fn kind(&self) -> WindowKind {
        enums::from_text(&self.0.kind, domain::WindowKind::Other)
    }

    /// The postal address.
    fn address(&self) -> &str {
        &self.0.address
    }

    /// The opening hours, as a text. Null when they are not stated.
    fn hours(&self) -> Option<&str> {
        self.0.hours.as_deref()
    }

    /// The telephone number. Null when none is stated.
    fn phone(&self) -> Option<&str> {
        self.0.phone.as_deref()
    }

    /// The telephone for complaints (监督投诉). Null when none is stated.
    fn complaint_phone(&self) -> Option<&str> {
        self.0.complaint_phone.as_deref()
    }

    /// The address for making an appointment (预约). Null when there is none.
    fn appointment_url(&self) -> Option<UrlRef<'_>> {
        self.0.appointment_url.as_deref().map(UrlRef)
    }

    /// The opening hours as data. Empty when they are given as a text at most.
    fn opening(&self) -> Vec<Opening> {
        self.0.opening.iter().map(Into::into).collect()
    }

    /// Single days on which the window is closed.
    fn closed_on(&self) -> Vec<Date> {
        self.0.closed_dates.iter().copied().map(Date).collect()
    }

    /// How to get there (交通指引). Null when it is not stated.
    fn transport(&self) -> Option<&str> {
        self.0.transport.as_deref()
    }

    /// The handling modes that the window serves. Empty: all that need a window.
    fn modes(&self) -> EnumList<'_, domain::HandlingMode, HandlingMode> {
        EnumList::new(&self.0.modes)
    }

    /// The domains that the window serves. Empty: all.
    fn domains(&self) -> EnumList<'_, domain::MatterDomain, MatterDomain> {
        EnumList::new(&self.0.domains)
    }

    /// The matters that the window serves, by code. Empty: all matters of its domains.
    fn matters(
        &self,
        request: &RequestContext,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<MatterConnection, Error> {
        Ok(Matter::page(request, &self.0.matters, &Paging::new(first, after, last, before)?)?.into())
    }

    /// The first day of service. Null: no start.
    fn valid_from(&self) -> Option<Date> {
        self.0.open().from.map(Date)
    }

    /// The last day of service. Null: no end.
    fn valid_to(&self) -> Option<Date> {
        self.0.open().to.map(Date)
    }

    /// The day from which the window is closed for good. `validTo` is then at the latest the day before. Null while it
    /// is not closed.
    fn closed_from(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }

    /// The reason of the closing. Null while the window is not closed.
    fn closed_reason(&self) -> Option<&str> {
        self.0.closed_reason.as_deref()
    }

    /// The source and the licence of the record.
    fn provenance(&self) -> Provenance {
        (&self.0.provenance).into()
    }

    /// The changes (变更) of this window that the caller may see, oldest first. Null when the database is not
    /// available.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20."
        )]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<ChangeConnection, Error> {
        let paging = Paging::new(first, after, last, before)?;
        feed::page(&Feed::of_record(RecordKind::Window, self.0.id.number()), ctx, &paging).boxed().await
    }
}

/// One entry of the opening hours: on these weekdays from one time to another.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Opening {
    /// The weekdays.
    days: Vec<Weekday>,
    /// The time of opening in China (UTC+8): `09:00`.
    from: String,
    /// The time of closing: `17:00`.
    to: String,
    /// The first day of the entry. Null: no start.
    valid_from: Option<Date>,
    /// The last day of the entry. Null: no end.
    valid_to: Option<Date>,
}

impl From<&domain::Opening> for Opening {
    fn from(opening: &domain::Opening) -> Self {
        let domain::Opening { days, from, to, period } = opening;
        Self {
            days: enums::to_schema(days),
            from: from.to_string(),
            to: to.to_string(),
            valid_from: period.from.map(Date),
            valid_to: period.to.map(Date),
        }
    }
}
