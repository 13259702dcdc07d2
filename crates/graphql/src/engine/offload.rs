//! Runs expensive operations on threads of their own with a low priority, so that short requests do not wait for them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// With this niceness, a thread on a busy processor gets about a tenth of the time of another.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Runs a future on a thread of its own, and propagates its panic.
pub(crate) async fn run<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> std::io::Result<T> {
    let (sender, receiver) = oneshot::channel::<Result<T, Box<dyn Any + Send>>>();
    let runtime = Handle::current();
    std::thread::Builder::new().name("offload".to_owned()).spawn(move || {
        lower_priority();
        // The receiver was dropped; ignore.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(|| runtime.block_on(future))));
    })?;
    match receiver.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(std::io::Error::other("the thread has ended")),
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
        let offloaded = run(async { rustix::process::getpriority_process(None).expect("a priority") }).await.expect("a thread");
        assert_eq!((offloaded, nice()), ((before + NICE).min(19), before));
    }
}
