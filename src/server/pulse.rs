//! Tracks what a connection is waiting for, and since when, from its reads, writes and requests.
use super::connections::ConnectionTimeouts;
use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Returns the milliseconds since the process started, but never 0.
fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
}

/// Nothing has arrived yet.
const NEW: u8 = 3;
/// Between two requests.
const IDLE: u8 = 0;
/// Part of a request's head has arrived.
const HEAD: u8 = 1;
/// A request is being served.
const SERVING: u8 = 2;

/// The state of a connection. Only the connection's task writes it; the search for connections to close reads it.
pub(super) struct Pulse {
    phase: AtomicU8,
    /// When the phase began.
    since: AtomicU64,
    /// When the peer stopped reading while there was data to write; 0 while it reads.
    stuck: AtomicU64,
    /// When data last arrived.
    heard: AtomicU64,
    /// Whether a request's body is still arriving.
    is_receiving: AtomicBool,
}

impl Pulse {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            phase: AtomicU8::new(NEW),
            since: AtomicU64::new(now()),
            stuck: AtomicU64::new(0),
            heard: AtomicU64::new(now()),
            is_receiving: AtomicBool::new(false),
        })
    }

    fn enter(&self, phase: u8) {
        self.since.store(now(), Ordering::Relaxed);
        self.phase.store(phase, Ordering::Release);
    }

    /// Marks the start of a request whose head has arrived; dropping the guard marks its end.
    pub(super) fn serving(self: &Arc<Self>) -> Serving {
        self.enter(SERVING);
        Serving(Arc::clone(self))
    }

    /// Returns whether no data has arrived yet.
    pub(super) fn is_new(&self) -> bool {
        self.phase.load(Ordering::Acquire) == NEW
    }

    /// Returns how long the connection has been waiting for the peer's next request; `None` while it is serving one.
    pub(super) fn waiting(&self) -> Option<Duration> {
        let answering = self.phase.load(Ordering::Acquire) == SERVING || self.stuck.load(Ordering::Relaxed) != 0;
        (!answering).then(|| Duration::from_millis(now().saturating_sub(self.since.load(Ordering::Relaxed))))
    }

    /// Returns whether the peer has kept the connection waiting for too long.
    pub(super) fn is_overdue(&self, patience: &ConnectionTimeouts) -> bool {
        let stuck = self.stuck.load(Ordering::Relaxed);
        if stuck != 0 && Duration::from_millis(now().saturating_sub(stuck)) > patience.write {
            return true;
        }
        let most = if self.phase.load(Ordering::Acquire) == IDLE { patience.idle } else { patience.head };
        self.waiting().is_some_and(|waiting| waiting > most)
    }

    /// Returns whether the rest of a request is missing and nothing has arrived for `patience`.
    pub(super) fn is_stalled(&self, patience: Duration) -> bool {
        let owes = self.phase.load(Ordering::Acquire) != SERVING || self.is_receiving.load(Ordering::Acquire);
        owes && Duration::from_millis(now().saturating_sub(self.heard.load(Ordering::Relaxed))) > patience
    }

    fn has_read(&self) {
        self.heard.store(now(), Ordering::Relaxed);
        if matches!(self.phase.load(Ordering::Relaxed), NEW | IDLE) {
            self.enter(HEAD);
        }
    }

    fn has_written<T>(&self, outcome: &Poll<io::Result<T>>) {
        let stuck = self.stuck.load(Ordering::Relaxed);
        match outcome {
            Poll::Pending if stuck == 0 => self.stuck.store(now(), Ordering::Relaxed),
            Poll::Ready(_) if stuck != 0 => self.stuck.store(0, Ordering::Relaxed),
            _ => {}
        }
    }
}

/// A guard for a request that is being served.
pub(super) struct Serving(Arc<Pulse>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.enter(IDLE);
    }
}

/// A request body that clears `is_receiving` when it has arrived completely or is dropped.
pub(super) struct Arriving {
    body: Incoming,
    pulse: Arc<Pulse>,
}

impl Arriving {
    pub(super) fn new(body: Incoming, pulse: Arc<Pulse>) -> Self {
        pulse.is_receiving.store(!body.is_end_stream(), Ordering::Release);
        Self { body, pulse }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.pulse.is_receiving.store(false, Ordering::Release);
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream() {
            self.pulse.is_receiving.store(false, Ordering::Release);
        }
        frame
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A response body that marks the end of the request when it is dropped.
pub(super) struct Answering {
    body: Body,
    _serving: Serving,
}

impl Answering {
    pub(super) fn new(body: Body, serving: Serving) -> Self {
        Self { body, _serving: serving }
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that records in the pulse when it reads, and when it cannot write.
pub(super) struct Watched {
    stream: TcpStream,
    pulse: Arc<Pulse>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self { stream, pulse }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pulse.has_read();
        }
        outcome
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.pulse.has_written(&outcome);
        outcome
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.pulse.has_written(&outcome);
        outcome
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
