//! Signals that end a command.
use super::runtime;
use crate::{Result, backup};

/// Runs `work`. A signal ends the process, after the temporary folders of backups are removed.
///
/// # Errors
/// Those of `work`.
pub(super) fn interruptible<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let runtime = runtime()?;
    let mut signals = {
        let _context = runtime.enter();
        Signals::new()?
    };
    runtime.spawn(async move {
        let code = signals.next().await;
        backup::remove_work_folders();
        std::process::exit(code)
    });
    work()
}

/// SIGINT, SIGTERM and SIGHUP (the terminal was closed), including those that arrive before they are awaited.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal. Returns the exit code with which shells report it.
    pub(super) async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
            _ = self.hang_up.recv() => 129,
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> i32 {
        let _ = tokio::signal::ctrl_c().await;
        130
    }
}
