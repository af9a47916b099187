//! Limits the number of connections, and how long each may keep the server waiting.
use super::{
    accept::{AcceptFailures, BusyState},
    pulse::{Answering, Arriving, Pulse, Watched},
};
use crate::caller::{Proxies, network};
use axum::{body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream, lookup_host},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt};

/// The default limit's maximum: more connections need more than one server.
const MOST: usize = 10_000;
/// How long a server that is stopping waits for the rest of a partially received request.
const LEFT: Duration = Duration::from_secs(1);
/// The size of a connection's read buffer, which also limits the size of a request's head.
const BUFFER: usize = 64 << 10;

/// How long a peer may keep a connection waiting.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionTimeouts {
    /// For the whole head of a request: from its first byte, or from when the connection was opened.
    pub head: Duration,
    /// Between two requests. Proxies keep connections for a minute: one that they still use must not be closed.
    pub idle: Duration,
    /// While there is data to write that the peer does not read.
    pub write: Duration,
}

impl Default for ConnectionTimeouts {
    fn default() -> Self {
        Self { head: Duration::from_secs(15), idle: Duration::from_secs(90), write: Duration::from_secs(45) }
    }
}

/// The maximum number of connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectionLimits {
    pub(super) total: usize,
    /// Per network. Loopback and trusted proxies are exempt, because they act for many clients.
    pub(super) each: usize,
}

impl ConnectionLimits {
    /// Uses the operator's limit if given, or half of the files that the process may open: databases, uploads and
    /// datasources need the rest.
    pub(super) fn new(wanted: Option<usize>) -> Self {
        let files = raise_file_limit();
        let total = wanted.unwrap_or(files / 2).clamp(1, MOST.max(wanted.unwrap_or(0)));
        if total >= files {
            tracing::warn!(
                files,
                connections = total,
                "the process may open fewer files than the maximum number of connections"
            );
        }
        Self { total, each: (total / 2).max(1) }
    }
}

/// Raises the process's limit of open files to the maximum that the system allows, and returns it.
#[cfg(unix)]
fn raise_file_limit() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let raised = setrlimit(Resource::Nofile, raised).is_ok();
    let files = if raised { limit.maximum } else { limit.current };
    files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn raise_file_limit() -> usize {
    1024
}

/// A connection, as seen by the others.
struct Entry {
    /// The network that it counts for; `None` if it is exempt.
    from: Option<IpAddr>,
    pulse: Arc<Pulse>,
    close: Arc<Notify>,
}

/// All open connections.
struct Open {
    limits: ConnectionLimits,
    patience: ConnectionTimeouts,
    entries: Mutex<Entries>,
    /// Permits for `limits.total` connections.
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Entries {
    next: u64,
    all: HashMap<u64, Entry>,
    by_network: HashMap<IpAddr, usize>,
}

/// A connection's entry; removed when dropped.
struct Place {
    open: Arc<Open>,
    id: u64,
    close: Arc<Notify>,
    _room: OwnedSemaphorePermit,
}

impl Open {
    fn new(limits: ConnectionLimits, patience: ConnectionTimeouts) -> Arc<Self> {
        let room = Arc::new(Semaphore::new(limits.total));
        Arc::new(Self { limits, patience, entries: Mutex::default(), room })
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether another connection of the network may be opened. At the limit, closes a waiting connection of
    /// the network to make room.
    fn admits(&self, from: Option<IpAddr>) -> bool {
        let Some(from) = from else { return true };
        let entries = self.lock();
        let held = entries.by_network.get(&from).copied().unwrap_or(0);
        // briefly one above the limit, until the connection that was told to close is gone
        held < self.limits.each || (held == self.limits.each && entries.close_waiting(Some(from)))
    }

    /// Waits for room, and closes connections that are only waiting for their next request, if there are any.
    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(room) = Arc::clone(&self.room).try_acquire_owned() {
                return Some(room);
            }
            self.lock().close_waiting(None);
            let room = Arc::clone(&self.room).acquire_owned();
            // connections that start waiting later are found on the next attempt
            if let Ok(room) = timeout(Duration::from_millis(100), room).await {
                return room.ok();
            }
        }
    }

    fn enter(self: &Arc<Self>, from: Option<IpAddr>, pulse: Arc<Pulse>, room: OwnedSemaphorePermit) -> Place {
        let close = Arc::new(Notify::new());
        let mut entries = self.lock();
        let id = entries.next;
        entries.next += 1;
        entries.all.insert(id, Entry { from, pulse, close: Arc::clone(&close) });
        if let Some(from) = from {
            *entries.by_network.entry(from).or_default() += 1;
        }
        Place { open: Arc::clone(self), id, close, _room: room }
    }

    /// Continuously closes connections that have kept the server waiting for too long.
    async fn watch(&self) {
        let ConnectionTimeouts { head, idle, write } = self.patience;
        let shortest = head.min(idle).min(write);
        let mut interval =
            tokio::time::interval((shortest / 4).clamp(Duration::from_millis(20), Duration::from_secs(1)));
        loop {
            interval.tick().await;
            for entry in self.lock().all.values().filter(|entry| entry.pulse.is_overdue(&self.patience)) {
                entry.close.notify_one();
            }
        }
    }
}

impl Entries {
    /// Closes the connection that has been waiting longest, either of the given network or of the network with the most
    /// connections. Returns whether there was one.
    fn close_waiting(&self, from: Option<IpAddr>) -> bool {
        let candidates = self.all.values().filter(|entry| from.is_none() || entry.from == from);
        let waiting = candidates.filter_map(|entry| Some((entry, entry.pulse.waiting()?)));
        let held = |entry: &Entry| entry.from.and_then(|from| self.by_network.get(&from)).copied().unwrap_or(0);
        let longest = waiting.max_by_key(|(entry, waiting)| (held(entry), *waiting));
        longest.map(|(entry, _)| entry.close.notify_one()).is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut entries = self.open.lock();
        let from = entries.all.remove(&self.id).and_then(|entry| entry.from);
        if let Some(from) = from
            && let Some(held) = entries.by_network.get_mut(&from)
        {
            *held -= 1;
            if *held == 0 {
                entries.by_network.remove(&from);
            }
        }
    }
}

/// How many connections may wait to be accepted; the system may allow fewer. Beyond that, a client's first packet is
/// lost and sent again a second later.
const BACKLOG: u32 = 4096;

/// Listens on the first address of the name that can be bound.
///
/// # Errors
/// The last address's error, if none can be bound.
pub(super) async fn listen(address: &str) -> io::Result<TcpListener> {
    let mut failed = io::Error::new(io::ErrorKind::InvalidInput, "the host name has no IP address");
    for address in lookup_host(address).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(BACKLOG)) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Accepts connections until `stop`, and returns when the last of them has closed; `abort` closes them immediately.
pub(super) async fn serve<S>(
    listener: TcpListener,
    service: S,
    options: (ConnectionLimits, ConnectionTimeouts, Proxies),
    (stop, abort): (CancellationToken, CancellationToken),
) where
    S: Service<axum::extract::Request, Response = axum::response::Response, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    let (limits, patience, proxies) = options;
    let open = Open::new(limits, patience);
    let tasks = TaskTracker::new();
    let accepting = async {
        let (mut failures, mut busy) = (AcceptFailures::default(), BusyState::default());
        loop {
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    failures.pause(&error).await;
                    continue;
                }
            };
            let address = peer.ip().to_canonical();
            let exempt = address.is_loopback() || proxies.contains(address);
            let from = (!exempt).then(|| network(address));
            if !open.admits(from) {
                continue;
            }
            let room = match timeout(busy.patience(), open.room()).await {
                Ok(Some(room)) => room,
                Ok(None) => return,
                Err(_) => {
                    busy.refuse(stream, open.limits.total);
                    continue;
                }
            };
            busy.has_room();
            let pulse = Pulse::new();
            let place = open.enter(from, Arc::clone(&pulse), room);
            let connection = connection(stream, peer, pulse, service.clone(), stop.clone());
            let abort = abort.clone();
            tasks.spawn(async move {
                tokio::select! {
                    () = connection => {}
                    () = place.close.notified() => {}
                    () = abort.cancelled() => {}
                }
            });
        }
    };
    let mut watching = pin!(open.watch());
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
        () = watching.as_mut() => {}
    }
    drop(listener);
    tasks.close();
    tokio::select! {
        () = tasks.wait() => {}
        () = watching => {}
    }
}

/// Serves a connection until it closes; after `stop`, until the end of its current request.
async fn connection<S>(stream: TcpStream, peer: SocketAddr, pulse: Arc<Pulse>, service: S, stop: CancellationToken)
where
    S: Service<axum::extract::Request, Response = axum::response::Response, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    // responses are written in one piece, so Nagle's algorithm would only delay them
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&pulse)));
    let beats = Arc::clone(&pulse);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let serving = beats.serving();
        request.extensions_mut().insert(ConnectInfo(peer));
        let arriving = |body| Body::new(Arriving::new(body, Arc::clone(&beats)));
        let answer = service.clone().oneshot(request.map(arriving));
        async move { Ok::<_, Infallible>(answer.await?.map(|body| Answering::new(body, serving))) }
    });
    // the pulse enforces the timeout of heads
    let mut http = http1::Builder::new();
    http.header_read_timeout(None).max_buf_size(BUFFER);
    let mut connection = pin!(http.serve_connection(io, service));
    tokio::select! {
        // the peer has closed the connection or failed: there is no one to respond to
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    if pulse.is_new() {
        return;
    }
    let mut looks = tokio::time::interval(LEFT / 4);
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = looks.tick() => {}
        }
        if pulse.is_stalled(LEFT) {
            return;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ConnectionLimits, ConnectionTimeouts, Open, Pulse};
    use std::{net::IpAddr, sync::Arc};

    #[tokio::test]
    async fn one_network_cannot_take_every_connection() {
        let open = Open::new(ConnectionLimits { total: 4, each: 2 }, ConnectionTimeouts::default());
        let (here, there) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        let (busy, waiting) = (Pulse::new(), Pulse::new());
        let _serving = busy.serving();
        let enter = async |from, pulse: &Arc<Pulse>| open.enter(from, Arc::clone(pulse), open.room().await.unwrap());
        let _first = enter(here, &busy).await;
        let second = enter(here, &busy).await;
        assert!(!open.admits(here) && open.admits(there), "both are busy");
        assert!(open.admits(None), "loopback and proxies are exempt");
        drop(second);
        assert!(open.admits(here));
        let second = enter(here, &waiting).await;
        assert!(open.admits(here), "a waiting connection makes room");
        second.close.notified().await;
        drop(second);
        let entries = open.lock();
        assert_eq!((entries.by_network[&here.unwrap()], entries.all.len()), (1, 1));
    }

    #[tokio::test]
    async fn the_network_with_most_connections_makes_room_first() {
        let open = Open::new(ConnectionLimits { total: 3, each: 3 }, ConnectionTimeouts::default());
        let (many, one) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        let enter = async |from| open.enter(from, Pulse::new(), open.room().await.unwrap());
        let (oldest, first, second) = (enter(one).await, enter(many).await, enter(many).await);
        let room = tokio::spawn({
            let open = Arc::clone(&open);
            async move { open.room().await.is_some() }
        });
        tokio::select! {
            () = oldest.close.notified() => panic!("closed a connection of the network with a single one"),
            () = first.close.notified() => drop(first),
            () = second.close.notified() => drop(second),
        }
        assert!(room.await.unwrap());
    }
}
