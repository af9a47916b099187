//! Handles failures to accept connections, and logs them at a limited rate.
use std::{
    io::{self, Write},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// The minimum interval between log lines about the same problem.
const COMPLAIN: Duration = Duration::from_secs(30);
/// How long a new connection waits while all others are busy, and how long once a connection was refused.
const ROOM: Duration = Duration::from_secs(5);
const NO_ROOM: Duration = Duration::from_millis(100);
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Tracks whether all connections are busy.
#[derive(Default)]
pub(super) struct BusyState {
    is_full: bool,
    logged_at: Option<Instant>,
}

impl BusyState {
    /// Returns how long a new connection waits for a free place.
    pub(super) fn patience(&self) -> Duration {
        if self.is_full { NO_ROOM } else { ROOM }
    }

    pub(super) fn has_room(&mut self) {
        self.is_full = false;
    }

    /// Answers a new connection with 503, on a best-effort basis.
    pub(super) fn refuse(&mut self, stream: TcpStream, connections: usize) {
        self.is_full = true;
        // so few bytes always fit into the send buffer of a new connection
        let _ = stream.into_std().and_then(|mut stream| stream.write(REFUSAL));
        if self.logged_at.is_none_or(|at| at.elapsed() >= COMPLAIN) {
            tracing::warn!(connections, "all connections are busy: refusing new ones");
            self.logged_at = Some(Instant::now());
        }
    }
}

/// Tracks failures to accept connections.
#[derive(Default)]
pub(super) struct AcceptFailures {
    logged_at: Option<Instant>,
    since: u64,
}

impl AcceptFailures {
    /// Logs the error at a limited rate, and waits before the next attempt.
    pub(super) async fn pause(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        self.since += 1;
        if self.logged_at.is_none_or(|at| at.elapsed() >= COMPLAIN) {
            tracing::error!(%error, times = self.since, "cannot accept connections; retrying");
            *self = Self { logged_at: Some(Instant::now()), since: 0 };
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
