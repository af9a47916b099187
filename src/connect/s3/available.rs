//! Whether the file storage answers: a request is repeated if it fails, and fails at once while none succeeds.
use crate::{Error, Result};
use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often a request is sent, and how long to wait before the second time; then longer.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// How long requests fail at once after one has failed.
const REST: Duration = Duration::from_secs(2);
const DOWN: Error = Error::Unavailable("the file storage cannot be reached: try again in a moment");
const REFUSED: Error = Error::Unavailable("the file storage refuses access: ask the person who runs this server");

#[derive(Default)]
pub(super) struct Availability {
    /// When a request failed, if none has succeeded since.
    failed: Mutex<Option<Instant>>,
}

/// The tries of one request.
pub(super) struct Tries<'a> {
    available: &'a Availability,
    left: u32,
    pause: Duration,
}

impl Availability {
    /// # Errors
    /// `Unavailable` if a request failed a moment ago.
    pub fn check(&self) -> Result<()> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_some_and(|at| at.elapsed() < REST) { Err(DOWN) } else { Ok(()) }
    }

    /// Begins a request.
    ///
    /// # Errors
    /// `Unavailable` if another one failed a moment ago.
    pub fn tries(&self) -> Result<Tries<'_>> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let left = match *failed {
            None => TRIES,
            Some(at) if at.elapsed() < REST => return Err(DOWN),
            // one request finds out, and the others do not wait for it
            Some(_) => {
                *failed = Some(Instant::now());
                1
            }
        };
        Ok(Tries { available: self, left, pause: PAUSE })
    }

    fn note(&self, failure: Option<&Error>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let was_down = failed.is_some();
        *failed = failure.map(|_| Instant::now());
        match failure {
            Some(error) if !was_down => tracing::warn!(%error, "the file storage cannot be reached"),
            None if was_down => tracing::info!("the file storage answers again"),
            _ => {}
        }
    }
}

impl Tries<'_> {
    /// Returns what became of the request; `None` if it should be sent again, after a wait.
    pub async fn end<T>(&mut self, outcome: Result<T>) -> Option<Result<T>> {
        match outcome {
            Ok(done) => {
                self.available.note(None);
                Some(Ok(done))
            }
            Err(Error::NotFound(what)) => {
                self.available.note(None);
                Some(Err(Error::NotFound(what)))
            }
            Err(error) if is_passing(&error) => {
                // one that got no answer in time is not repeated: its caller has waited long enough
                self.left = if matches!(error, Error::Timeout(_)) { 0 } else { self.left - 1 };
                if self.left == 0 {
                    self.available.note(Some(&error));
                    return Some(Err(DOWN));
                }
                tokio::time::sleep(self.pause.mul_f64(0.5 + rand::random::<f64>())).await;
                self.pause *= 4;
                None
            }
            Err(Error::Datasource(problem)) => {
                tracing::error!(error = problem.message, code = problem.code, "the file storage refuses access");
                Some(Err(REFUSED))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// Returns whether another try may succeed.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Datasource(problem) => problem.transient || problem.unreachable,
        Error::Timeout(_) => true,
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Availability;
    use crate::Error;

    #[tokio::test]
    async fn requests_fail_at_once_while_none_succeeds() {
        let available = Availability::default();
        let lost = || Err::<(), _>(Error::unreachable("lost"));
        let mut tries = available.tries().unwrap();
        assert!(tries.end(lost()).await.is_none() && tries.end(lost()).await.is_none());
        assert!(matches!(tries.end(lost()).await, Some(Err(Error::Unavailable(_)))));
        assert!(matches!(available.tries().err(), Some(Error::Unavailable(_))));
        *available.failed.lock().unwrap() = std::time::Instant::now().checked_sub(super::REST);
        let mut one = available.tries().unwrap();
        assert!(available.tries().is_err(), "one request finds out");
        assert!(one.end(Ok(())).await.unwrap().is_ok());
        let late = available.tries().unwrap().end(Err::<(), _>(Error::Timeout("late".to_owned()))).await;
        assert!(late.is_some() && available.tries().is_err());
    }

    #[tokio::test]
    async fn a_missing_object_is_an_answer_and_a_refusal_names_no_secret() {
        let available = Availability::default();
        let missing = available.tries().unwrap().end(Err::<(), _>(Error::NotFound("object"))).await;
        assert!(matches!(missing, Some(Err(Error::NotFound("object")))));
        let refused = available.tries().unwrap().end(Err::<(), _>(Error::datasource("Access Denied"))).await;
        assert_eq!(refused.unwrap().unwrap_err().to_string(), super::REFUSED.to_string());
        assert!(available.tries().is_ok());
    }
}
