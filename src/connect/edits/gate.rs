//! Decides whether a transaction may still be committed: its deadline may pass at the same moment.
use crate::{Error, Result};
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const OPEN: u8 = 0;
const COMMITTING: u8 = 1;
const CLOSED: u8 = 2;

/// Shared by the transaction and the code that stops it: only the first of them gets its way, so that a timeout is never
/// reported for a change that was committed.
#[derive(Clone, Debug, Default)]
pub struct CommitGate(Arc<AtomicU8>);

impl CommitGate {
    /// Called right before the commit.
    ///
    /// # Errors
    /// `Timeout` if the gate is closed: roll back.
    pub fn pass(&self) -> Result<()> {
        match self.0.compare_exchange(OPEN, COMMITTING, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Timeout("the change was stopped before it was committed".to_owned())),
        }
    }

    /// Returns whether neither the commit has begun nor the change was stopped.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst) == OPEN
    }

    /// Prevents the commit. Returns false if it has begun already.
    pub fn close(&self) -> bool {
        self.0.compare_exchange(OPEN, CLOSED, Ordering::SeqCst, Ordering::SeqCst) != Err(COMMITTING)
    }
}

#[cfg(test)]
mod tests {
    use super::CommitGate;

    #[test]
    fn only_the_first_of_commit_and_stop_succeeds() {
        let gate = CommitGate::default();
        assert!(gate.is_open());
        assert!(gate.pass().is_ok());
        assert!(!gate.is_open());
        assert!(!gate.close(), "the commit has begun");
        let gate = CommitGate::default();
        assert!(gate.close());
        assert!(gate.close(), "it stays closed");
        assert!(gate.pass().is_err());
    }
}
