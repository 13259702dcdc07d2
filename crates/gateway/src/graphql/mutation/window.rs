use async_graphql::{Context, InputObject, Object};
use domain::Id;
use futures::FutureExt as _;

use super::{payload, payload_of_several};
use crate::acts::several::several;
use crate::acts::window;
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::input::ProvenanceInput;
use crate::graphql::scalar::{Date, DistrictCode, MatterCode, Revision};
use crate::graphql::window::Window;
use crate::graphql::words::{HandlingMode, MatterDomain, WindowKind};
use crate::graphql::write::{Submitted, acted, all_acted};

/// Input of a window (通办窗口). It is known by district and name, and registered as a whole.
#[derive(Debug, InputObject)]
pub struct WindowInput {
    /// Whose window it is.
    district: DistrictCode,
    /// Its name.
    name: String,
    /// Its kind; left out: `HALL`.
    kind: Option<WindowKind>,
    /// Where it is.
    address: String,
    /// When it is open.
    hours: Option<String>,
    /// Its telephone number.
    phone: Option<String>,
    /// The modes that it serves; left out: all that need a window.
    modes: Option<Vec<HandlingMode>>,
    /// The domains that it serves; left out: all.
    domains: Option<Vec<MatterDomain>>,
    /// The matters that it serves; left out: all of its domains.
    matters: Option<Vec<MatterCode>>,
    /// Its first day.
    valid_from: Option<Date>,
    /// Its last day.
    valid_to: Option<Date>,
    /// Where the record comes from; left out, it stays.
    provenance: Option<ProvenanceInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one; 0: only if there is none yet.
    expected_revision: Option<Revision>,
}

/// Which window closes, and why.
#[derive(Debug, InputObject)]
pub struct CloseWindowInput {
    /// Whose window it is.
    district: DistrictCode,
    /// Its name.
    name: String,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Writes only if the record's revision is this one.
    expected_revision: Option<Revision>,
}

payload! {
    /// Result of writing a window.
    WindowPayload {
        /// The window as it is now; null when there are problems.
        async fn window(&self, ctx: &Context<'_>) -> Option<Window> {
            let saved = self.0.saved.as_ref()?;
            asked(ctx).snapshot.window_by_id(Id::new(saved.record)).cloned().map(Window)
        }
    }
}

payload_of_several! {
    /// Result of registering several windows.
    RegisterWindowsPayload of WindowPayload
}

#[derive(Debug, Default)]
pub struct WindowMutation;

#[Object(serial)]
impl WindowMutation {
    /// Registers a window: creates it, or replaces it as a whole. For registrars of the district.
    async fn register_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Submitted<WindowInput>,
    ) -> Result<WindowPayload, Fault> {
        acted(ctx, window::register(asked(ctx), input.fields())).await.map(WindowPayload)
    }

    /// Registers up to 100 windows, each as `registerWindow` does, one after the other. Each has a verdict: what is wrong with one stops
    /// none of the others. For registrars of all the districts.
    async fn register_windows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is registered.")] input: Vec<Submitted<WindowInput>>,
    ) -> Result<RegisterWindowsPayload, Fault> {
        let inputs = input.into_iter().map(Submitted::fields).collect();
        all_acted(ctx, several(asked(ctx), "registerWindows", inputs, |asked, input| window::register(asked, input).boxed()))
            .await
            .map(RegisterWindowsPayload)
    }

    /// Closes a window: yesterday was its last day. For registrars of the district.
    async fn close_window(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which window, and why.")] input: Submitted<CloseWindowInput>,
    ) -> Result<WindowPayload, Fault> {
        acted(ctx, window::close(asked(ctx), input.fields())).await.map(WindowPayload)
    }
}
