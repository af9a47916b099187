//! Timeouts with reusable timers: unlike creating and dropping a timer for each query, moving one to a later time takes
//! no lock in the runtime and wakes no thread.
use crate::{Error, Result};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    task::coop::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// The maximum number of idle timers to keep.
const KEPT: usize = 512;

/// The reusable timers of one runtime.
#[derive(Default)]
pub(super) struct Deadlines(Mutex<Vec<Pin<Box<Sleep>>>>);

/// A borrowed timer; it returns to the pool when dropped.
struct Timer<'a> {
    from: &'a Deadlines,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadlines {
    /// Runs `work`. `what` names the work in the error.
    ///
    /// # Errors
    /// `Timeout` if it takes longer than `limit`.
    pub async fn within<T>(&self, limit: Duration, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut timer = self.timer(Instant::now() + limit);
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => done,
            () = unconstrained(timer.passed()) => {
                Err(Error::Timeout(format!("{what} was stopped after {} ms", limit.as_millis())))
            }
        }
    }

    fn timer(&self, deadline: Instant) -> Timer<'_> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let sleep = if let Some(mut sleep) = kept {
            sleep.as_mut().reset(deadline);
            sleep
        } else {
            Box::pin(sleep_until(deadline))
        };
        Timer { from: self, sleep: Some(sleep) }
    }
}

impl Timer<'_> {
    async fn passed(&mut self) {
        if let Some(sleep) = &mut self.sleep {
            sleep.await;
        }
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        let mut kept = self.from.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.extend(self.sleep.take());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Deadlines;
    use crate::Error;
    use std::{future::pending, time::Duration};

    const SOON: Duration = Duration::from_millis(20);
    const LATE: Duration = Duration::from_mins(10);

    #[tokio::test]
    async fn a_reused_timer_fires_on_time() {
        let deadlines = Deadlines::default();
        for limit in [LATE, SOON, LATE, SOON, SOON] {
            if limit == LATE {
                let long = deadlines.within(limit, "it", async {
                    tokio::task::yield_now().await;
                    Ok(7)
                });
                assert_eq!(long.await.unwrap(), 7);
            } else {
                let started = std::time::Instant::now();
                let refused = deadlines.within(limit, "it", pending::<Result<(), Error>>()).await.unwrap_err();
                assert!(matches!(refused, Error::Timeout(why) if why == "it was stopped after 20 ms"));
                assert!(started.elapsed() >= SOON);
            }
            assert_eq!(deadlines.0.lock().unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn work_that_never_yields_is_stopped_too() {
        let deadlines = Deadlines::default();
        let busy = async {
            loop {
                tokio::task::coop::consume_budget().await;
            }
        };
        let refused = deadlines.within::<()>(SOON, "it", busy).await;
        assert!(matches!(refused, Err(Error::Timeout(_))));
    }
}
