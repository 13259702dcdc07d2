use async_graphql::{Context, InputObject, Object};
use domain::Id;
use futures::FutureExt as _;
use registry::acts::several::several;
use registry::acts::window;
use registry::error::Error;

use super::payload::{payload, payload_of_several};
use crate::context::request_context;
use crate::enums::handling::HandlingMode;
use crate::enums::matter::MatterDomain;
use crate::enums::window::{Weekday, WindowKind};
use crate::input::{ProvenanceInput, WriteOptionsInput};
use crate::scalar::{Date, DistrictCode, MatterCode, Url};
use crate::window::Window;
use crate::write::{Submitted, acted, all_acted};

/// The complete form of a window (通办窗口). District and name identify the window.
#[derive(Debug, InputObject)]
pub struct WindowInput {
    /// The district of the window.
    district: DistrictCode,
    /// The name, unique within the district.
    name: String,
    /// The kind of the window. Default: `HALL`.
    kind: Option<WindowKind>,
    /// The postal address.
    address: String,
    /// The opening hours, as a text.
    hours: Option<String>,
    /// The telephone number.
    phone: Option<String>,
    /// The telephone for complaints (监督投诉).
    complaint_phone: Option<String>,
    /// The address for making an appointment (预约).
    appointment_url: Option<Url>,
    /// The opening hours as data, at most 50 entries: they tell whether the window is open today.
    opening: Option<Vec<OpeningInput>>,
    /// Single days on which the window is closed, at most 100.
    closed_on: Option<Vec<Date>>,
    /// How to get there (交通指引).
    transport: Option<String>,
    /// The handling modes that the window serves. Absent: all that need a window.
    modes: Option<Vec<HandlingMode>>,
    /// The domains that the window serves. Absent: all.
    domains: Option<Vec<MatterDomain>>,
    /// The codes of the matters that the window serves. Absent: all matters of its domains.
    matters: Option<Vec<MatterCode>>,
    /// The first day of service. Null: no start.
    valid_from: Option<Date>,
    /// The last day of service. Null: no end.
    valid_to: Option<Date>,
    /// The source and the licence of the record. Absent: unchanged.
    provenance: Option<ProvenanceInput>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

/// One entry of the opening hours: on these weekdays from one time to another.
#[derive(Debug, InputObject)]
pub struct OpeningInput {
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

/// The closing of a window.
#[derive(Debug, InputObject)]
pub struct CloseWindowInput {
    /// The district of the window.
    district: DistrictCode,
    /// The name of the window.
    name: String,
    /// The reason.
    reason: String,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}

payload! {
    /// The result of registering or closing a window.
    WindowPayload {
        /// The window after the change. Null when there are problems.
        async fn window(&self, ctx: &Context<'_>) -> Option<Window> {
            let saved = self.0.saved.as_ref()?;
            request_context(ctx).snapshot.window_by_id(Id::new(saved.record)).cloned().map(Window)
        }
    }
}

payload_of_several! {
    /// The result of registering several windows.
    RegisterWindowsPayload of WindowPayload
}

#[derive(Debug, Default)]
pub struct WindowMutation;

#[Object(serial)]
impl WindowMutation {
    /// Registers a window: creates it, or replaces the window with the same district and name. Only for registrars of
    /// the district.
    async fn register_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete record.")] input: Submitted<WindowInput>,
    ) -> Result<WindowPayload, Error> {
        acted(ctx, window::register(request_context(ctx), input.fields())).await.map(WindowPayload)
    }

    /// Registers up to 100 windows, one after the other, each as `registerWindow` does. Each has its own result: a
    /// problem of one does not stop the others. Only for registrars of all these districts.
    async fn register_windows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The complete record.")] input: Vec<Submitted<WindowInput>>,
    ) -> Result<RegisterWindowsPayload, Error> {
        let inputs = input.into_iter().map(Submitted::fields).collect();
        all_acted(
            ctx,
            several(request_context(ctx), "registerWindows", inputs, |request, input| {
                window::register(request, input).boxed()
            }),
        )
        .await
        .map(RegisterWindowsPayload)
    }

    /// Closes a window: yesterday was its last day. Only for registrars of the district.
    async fn close_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The window and the reason.")] input: Submitted<CloseWindowInput>,
    ) -> Result<WindowPayload, Error> {
        acted(ctx, window::close(request_context(ctx), input.fields())).await.map(WindowPayload)
    }
}
