//! Cooperative execution: an operation that may compute for long checks its deadline before each field and yields to
//! others.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{ServerResult, Value};

use crate::context::Views;

/// The time after which an operation yields.
const TIME_SLICE: Duration = Duration::from_millis(1);

#[derive(Debug)]
pub(crate) struct Cooperative;

#[derive(Debug)]
struct TimeSlice {
    began: Mutex<Instant>,
}

impl ExtensionFactory for Cooperative {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(TimeSlice { began: Mutex::new(Instant::now()) })
    }
}

impl TimeSlice {
    /// Has the time slice passed? Then a new one begins.
    fn is_over(&self) -> bool {
        let mut began = self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = began.elapsed() >= TIME_SLICE;
        if is_over {
            *began = Instant::now();
        }
        is_over
    }
}

#[async_trait]
impl Extension for TimeSlice {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let deadline = &ctx.data_unchecked::<Arc<Views>>().newest().deadline;
        let checked = if self.is_over() { deadline.pause().await } else { deadline.check() };
        checked.map_err(|error| async_graphql::Error::from(error).into_server_error(info.field.name.pos))?;
        next.run(ctx, info).await
    }
}
