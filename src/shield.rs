//! Work that is finished once it has begun, whether or not anyone still waits for it.
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

/// Finishes work whose caller has gone; cheap to clone.
#[derive(Clone, Default)]
pub struct Shield {
    tasks: TaskTracker,
    abort: CancellationToken,
}

/// Shielded work. Whoever awaits it drives it; when it is dropped after its first poll, it goes on in its own task.
#[must_use = "it begins when it is awaited"]
pub struct Shielded<T: 'static> {
    work: Option<Work<T>>,
    abort: CancellationToken,
    /// Where to go on; set by the first poll.
    runtime: Option<Handle>,
    token: Option<TaskTrackerToken>,
}

type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl Shield {
    /// Shields `work`. Driving it here costs no task: one is spawned only if the caller goes away.
    pub fn run<T: 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Shielded<T> {
        let (work, token): (Work<T>, _) = (Box::pin(work), self.tasks.token());
        Shielded { work: Some(work), abort: self.abort.clone(), runtime: None, token: Some(token) }
    }

    /// How much shielded work there is, with a caller or without.
    pub fn pending(&self) -> usize {
        self.tasks.len()
    }

    /// Waits until all shielded work has ended, for `grace` at most; then drops what has lost its caller.
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
        // taken out, so that work that panics is not resumed
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
    async fn work_that_has_begun_outlives_its_caller() {
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
    async fn work_that_has_not_begun_ends_with_its_caller() {
        let shield = Shield::default();
        let (done, heard) = oneshot::channel();
        drop(shield.run(async move { done.send(()) }));
        assert!(heard.await.is_err());
    }

    #[tokio::test]
    async fn its_caller_gets_the_answer() {
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
        assert!(begin(&mut work).await.is_pending(), "it is gone");
    }

    #[tokio::test]
    async fn the_end_waits_for_what_goes_on_and_then_lets_go() {
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
