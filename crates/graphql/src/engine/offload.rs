//! Runs expensive operations on threads with a low priority, so that short requests do not wait for them.

use std::panic::resume_unwind;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// With this niceness, a thread on a busy processor gets about a tenth of the time of another.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Only its pool of threads for blocking work is used: it keeps idle threads for some seconds. To start a thread for
/// each operation costs more than most operations.
static THREADS: LazyLock<std::io::Result<Runtime>> =
    LazyLock::new(|| Builder::new_current_thread().thread_name("offload").on_thread_start(lower_priority).build());

/// Runs a future on a thread of its own, and propagates its panic.
pub(crate) async fn run<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> std::io::Result<T> {
    let threads = THREADS.as_ref().map_err(|error| std::io::Error::new(error.kind(), error.to_string()))?;
    // Timers and connections stay with the runtime of the caller.
    let runtime = Handle::current();
    match threads.spawn_blocking(move || runtime.block_on(future)).await {
        Ok(value) => Ok(value),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => Err(std::io::Error::other(error)),
        },
    }
}

/// Lowers the priority of this thread. On Linux each thread has its own.
fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the priority of a thread could not be lowered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_value_is_returned_and_a_panic_is_propagated() {
        let computed = run(async {
            tokio::task::yield_now().await;
            std::thread::current().name().map(str::to_owned)
        });
        assert_eq!(computed.await.expect("a thread").as_deref(), Some("offload"));
        let panicked = tokio::spawn(run(async { assert!(std::hint::black_box(false), "as intended") })).await;
        assert!(panicked.expect_err("a panic").is_panic());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_offloaded_thread_has_a_lower_priority() {
        let nice = || rustix::process::getpriority_process(None).expect("a priority");
        let before = nice();
        let offloaded =
            run(async { rustix::process::getpriority_process(None).expect("a priority") }).await.expect("a thread");
        assert_eq!((offloaded, nice()), ((before + NICE).min(19), before));
    }
}
