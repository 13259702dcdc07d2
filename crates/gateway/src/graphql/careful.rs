//! Operations that may compute for long look at their deadline before every field, and let others run in between.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{ServerResult, Value};

use crate::graphql::context::Views;

/// How long an operation computes before it lets others run.
const SLICE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(super) struct Careful;

#[derive(Debug)]
struct Watch {
    paused: Mutex<Instant>,
}

impl ExtensionFactory for Careful {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Watch { paused: Mutex::new(Instant::now()) })
    }
}

impl Watch {
    /// Has its slice of time passed? Then another one begins.
    fn is_over(&self) -> bool {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = paused.elapsed() >= SLICE;
        if is_over {
            *paused = Instant::now();
        }
        is_over
    }
}

#[async_trait]
impl Extension for Watch {
    async fn resolve(&self, ctx: &ExtensionContext<'_>, info: ResolveInfo<'_>, next: NextResolve<'_>) -> ServerResult<Option<Value>> {
        let deadline = &ctx.data_unchecked::<Arc<Views>>().newest().deadline;
        let checked = if self.is_over() { deadline.pause().await } else { deadline.check() };
        checked.map_err(|fault| async_graphql::Error::from(fault).into_server_error(info.field.name.pos))?;
        next.run(ctx, info).await
    }
}
