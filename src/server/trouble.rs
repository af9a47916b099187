//! What keeps connections from being accepted: said in the log, but not over and over.
use std::{
    io::{self, Write},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// How often the same trouble is logged at most.
const COMPLAIN: Duration = Duration::from_secs(30);
/// How long a new connection waits while every other one is at work, and how long once that has lasted.
const ROOM: Duration = Duration::from_secs(5);
const NO_ROOM: Duration = Duration::from_millis(100);
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// Every connection being at work.
#[derive(Default)]
pub(super) struct Crowd {
    is_full: bool,
    said: Option<Instant>,
}

impl Crowd {
    /// How long a newcomer waits for room.
    pub(super) fn patience(&self) -> Duration {
        if self.is_full { NO_ROOM } else { ROOM }
    }

    pub(super) fn has_room(&mut self) {
        self.is_full = false;
    }

    /// Tells a newcomer to come back later, as far as it listens.
    pub(super) fn refuse(&mut self, stream: TcpStream, connections: usize) {
        self.is_full = true;
        // a few bytes always fit into what the system keeps of a new connection
        let _ = stream.into_std().and_then(|mut stream| stream.write(REFUSAL));
        if self.said.is_none_or(|at| at.elapsed() >= COMPLAIN) {
            tracing::warn!(connections, "every connection is at work: new ones are refused");
            self.said = Some(Instant::now());
        }
    }
}

/// Failing to accept connections.
#[derive(Default)]
pub(super) struct Trouble {
    said: Option<Instant>,
    since: u64,
}

impl Trouble {
    /// Waits before the next try, and says in the log what is wrong, but not over and over.
    pub(super) async fn pause(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        self.since += 1;
        if self.said.is_none_or(|at| at.elapsed() >= COMPLAIN) {
            tracing::error!(%error, times = self.since, "connections cannot be accepted; trying again");
            *self = Self { said: Some(Instant::now()), since: 0 };
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
