//! Work that completes once it has started, even if its caller goes away.
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::runtime::Handle;
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// Completes work whose caller has gone away. Cheap to clone.
#[derive(Clone, Default)]
pub struct Shield {
    tasks: TaskTracker,
    abort: CancellationToken,
}

/// Shielded work. It runs while it is awaited; if it is dropped after its first poll, it continues in a new task.
#[must_use = "it starts when it is awaited"]
pub struct Shielded<T: 'static> {
    work: Option<Work<T>>,
    abort: CancellationToken,
    /// The runtime to continue on; set by the first poll.
    runtime: Option<Handle>,
    token: Option<TaskTrackerToken>,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Shield {
    /// Shields `work`. A task is spawned only if the caller goes away.
    pub fn run<T: 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Shielded<T> {
        let (work, token): (Work<T>, _) = (Box::pin(work), self.tasks.token());
        Shielded { work: Some(work), abort: self.abort.clone(), runtime: None, token: Some(token) }
    }

    /// Returns the number of unfinished pieces of shielded work, with or without a caller.
    pub fn pending(&self) -> usize {
        self.tasks.len()
    }

    /// Waits at most `grace` until all shielded work has finished, then aborts the work that has lost its caller.
    pub async fn finish(&self, grace: Duration) {
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait()).await.is_err() {
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}

impl<T: 'static> Future for Shielded<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        // take it out, so that it is not polled again after a panic
        let Some(mut work) = this.work.take() else { return Poll::Pending };
        this.runtime.get_or_insert_with(Handle::current);
        let polled = work.as_mut().poll(cx);
        if polled.is_pending() {
            this.work = Some(work);
        }
        polled
    }
}

impl<T: 'static> Drop for Shielded<T> {
    fn drop(&mut self) {
        let (Some(work), Some(runtime)) = (self.work.take(), self.runtime.take()) else { return };
        let (abort, token) = (self.abort.clone(), self.token.take());
        runtime.spawn(async move {
            tokio::select! {
                _ = work => {}
                () = abort.cancelled() => {}
            }
            drop(token);
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Shield;
    use std::{pin::pin, task::Poll, time::Duration};
    use tokio::sync::oneshot;

    /// Polls a future once.
    async fn begin<F: Future + Unpin>(work: &mut F) -> Poll<F::Output> {
        std::future::poll_fn(|cx| Poll::Ready(std::pin::Pin::new(&mut *work).poll(cx))).await
    }

    #[tokio::test]
    async fn started_work_outlives_its_caller() {
        let shield = Shield::default();
        let (go, waits) = oneshot::channel::<()>();
        let (done, heard) = oneshot::channel();
        let mut work = shield.run(async move {
            waits.await.unwrap();
            done.send(7).unwrap();
        });
        assert!(begin(&mut work).await.is_pending());
        drop(work);
        go.send(()).unwrap();
        assert_eq!(heard.await.unwrap(), 7);
        shield.finish(Duration::from_secs(5)).await;
    }

    #[tokio::test]
    async fn work_that_was_never_polled_is_dropped_with_its_caller() {
        let shield = Shield::default();
        let (done, heard) = oneshot::channel();
        drop(shield.run(async move { done.send(()) }));
        assert!(heard.await.is_err());
    }

    #[tokio::test]
    async fn the_caller_gets_the_result() {
        assert_eq!(
            Shield::default()
                .run(async {
                    tokio::task::yield_now().await;
                    3
                })
                .await,
            3
        );
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_is_not_resumed() {
        let shield = Shield::default();
        let mut work = shield.run(async { panic!("on purpose") });
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = pin!(&mut work).poll(&mut cx);
        }));
        assert!(caught.is_err());
        assert!(begin(&mut work).await.is_pending(), "the work is gone");
    }

    #[tokio::test]
    async fn finish_waits_for_the_grace_period_and_then_aborts() {
        let shield = Shield::default();
        let (gone, heard) = oneshot::channel::<()>();
        let mut work = shield.run(async move {
            std::future::pending::<()>().await;
            drop(gone);
        });
        assert!(begin(&mut work).await.is_pending());
        drop(work);
        shield.finish(Duration::from_millis(10)).await;
        assert!(heard.await.is_err());
    }
}
