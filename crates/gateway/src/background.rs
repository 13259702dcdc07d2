//! Background tasks of the process: started by name, watched, and stopped together.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::JoinHandle;

/// The delay before a task that panicked is started again.
const RESTART_DELAY: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub struct Background(Mutex<Vec<Task>>);

#[derive(Debug)]
struct Task {
    name: &'static str,
    handle: JoinHandle<()>,
}

impl Background {
    /// Starts a task that runs until `stop`. A panic is logged, and the task is started again.
    pub fn start<F>(&self, name: &'static str, task: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn(name, async move {
            while AssertUnwindSafe(task()).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a background task panicked; it is started again");
                tokio::time::sleep(RESTART_DELAY).await;
            }
        });
    }

    /// Starts a task that runs once. A panic is logged.
    pub fn start_once(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(name, async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a background task panicked");
            }
        });
    }

    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        tasks.retain(|task| !task.handle.is_finished());
        tasks.push(Task { name, handle: tokio::spawn(task) });
    }

    /// The names of the running tasks.
    pub fn running(&self) -> Vec<&'static str> {
        self.tasks().iter().filter(|task| !task.handle.is_finished()).map(|task| task.name).collect()
    }

    /// Stops all tasks, and waits until they have stopped.
    pub async fn stop(&self) {
        let tasks = std::mem::take(&mut *self.tasks());
        for task in &tasks {
            task.handle.abort();
        }
        for task in tasks {
            // The error only reports the cancellation.
            let _ = task.handle.await;
        }
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_started_again_and_stop_ends_all() {
        let background = Background::default();
        let runs = Arc::new(AtomicU64::new(0));
        let counted = runs.clone();
        background.start("panics twice", move || {
            let counted = counted.clone();
            async move {
                assert!(counted.fetch_add(1, Ordering::Relaxed) >= 2, "as intended");
                std::future::pending::<()>().await;
            }
        });
        background.start_once("ends", async {});
        for _ in 0..100 {
            if runs.load(Ordering::Relaxed) == 3 {
                break;
            }
            tokio::time::sleep(RESTART_DELAY / 10).await;
        }
        assert_eq!((runs.load(Ordering::Relaxed), background.running()), (3, vec!["panics twice"]));
        background.stop().await;
        assert_eq!((Arc::strong_count(&runs), background.running()), (1, vec![]));
    }
}
