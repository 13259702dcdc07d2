//! Threads for operations that may compute for long. They give way to the threads that answer everybody: so many of them as there
//! may be, whoever asks briefly waits no longer.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// By how much its priority is lower: where there are not enough processors, such a thread gets about a tenth of what another gets.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Computes something on a thread of its own. It panics where that panics.
pub(crate) async fn run<T: Send + 'static>(computing: impl Future<Output = T> + Send + 'static) -> std::io::Result<T> {
    let (tell, told) = oneshot::channel::<Result<T, Box<dyn Any + Send>>>();
    let runtime = Handle::current();
    std::thread::Builder::new().name("beside".to_owned()).spawn(move || {
        give_way();
        // Who does not wait any more does not want to know.
        let _ = tell.send(catch_unwind(AssertUnwindSafe(|| runtime.block_on(computing))));
    })?;
    match told.await {
        Ok(Ok(computed)) => Ok(computed),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(std::io::Error::other("the thread has ended")),
    }
}

/// Lowers the priority of this thread, where threads have one of their own.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the priority of a thread could not be lowered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_computed_beside_comes_back_and_so_does_a_panic() {
        let computed = run(async {
            tokio::task::yield_now().await;
            std::thread::current().name().map(str::to_owned)
        });
        assert_eq!(computed.await.expect("a thread").as_deref(), Some("beside"));
        let panicked = tokio::spawn(run(async { assert!(std::hint::black_box(false), "as it was meant") })).await;
        assert!(panicked.expect_err("a panic").is_panic());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn it_gives_way_and_nobody_else_does() {
        let nice = || rustix::process::getpriority_process(None).expect("a priority");
        let before = nice();
        let beside = run(async { rustix::process::getpriority_process(None).expect("a priority") }).await.expect("a thread");
        assert_eq!((beside, nice()), ((before + NICE).min(19), before));
    }
}
