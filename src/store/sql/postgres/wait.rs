//! Waits for a future on a thread that may block, whether or not it belongs to a runtime.
use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

/// Wakes the thread that waits.
struct Alarm {
    thread: Thread,
    rang: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.rang.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs a future to its end; `None` if it takes longer than `limit`. Another thread must drive what it waits for.
pub fn wait<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
    let alarm = Arc::new(Alarm { thread: thread::current(), rang: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&alarm));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let begun = Instant::now();
    loop {
        if let Poll::Ready(outcome) = future.as_mut().poll(&mut context) {
            return Some(outcome);
        }
        while !alarm.rang.swap(false, Ordering::Acquire) {
            let left = limit.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return None;
            }
            thread::park_timeout(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[test]
    fn a_result_of_another_thread_arrives() {
        let (sender, receiver) = oneshot::channel();
        let other = thread::spawn(move || sender.send(7));
        assert_eq!(wait(receiver, Duration::from_mins(1)), Some(Ok(7)));
        assert_eq!(other.join().ok(), Some(Ok(())));
    }

    #[test]
    fn what_never_ends_is_given_up() {
        assert_eq!(wait(std::future::pending::<()>(), Duration::from_millis(1)), None);
    }
}
