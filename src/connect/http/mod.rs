//! HTTP under the egress guard: every address is checked, on every redirect too, and the size of responses is limited.
pub mod address;
mod answer;
mod api;
pub mod auth;
mod connections;
pub mod content;
mod later;
mod missing;
mod multipart;

use super::{
    Guard,
    egress::EgressRefusal,
    network::{
        stage::ConnectStage,
        tls::{self, SslMode, TlsOptions},
    },
};
use crate::{
    Error, Result,
    bodies::{self, BrokenCoding, UnknownCoding, UnpackFailure, Unpacker},
    budget::HoldPortion,
    clock::Time,
    error::DatasourceProblem,
    json::Room,
};
use connections::Connections;
use hyper::Request;
use reqwest::{
    Body, Method, StatusCode, Url,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION},
};
use std::{error::Error as StdError, time::Duration};

pub(super) use answer::{Document, fields, is_transient};
pub(super) use api::{Api, Opening};
pub(super) use later::hint as later_hint;

const REDIRECTS: usize = 5;
/// The longest `Retry-After` of a redirect that is waited for. A redirect that asks for more is returned as the
/// response.
const PATIENCE: Duration = Duration::from_secs(5);

/// A request that is ready to be sent.
#[derive(Clone)]
pub struct OutgoingRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Vec<u8>>,
}

/// A server's response.
pub struct HttpResponse {
    pub status: StatusCode,
    /// The URL that it came from, after redirects.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether the body was within the limit. The rest of a longer one is not read.
    pub whole: bool,
    limit: usize,
    /// The coding that the body still has, because it is not supported.
    packed: Option<String>,
    /// The memory of the body that is counted in the budget.
    counted: Option<HoldPortion>,
}

/// How many bytes of a body are read before other tasks get a turn, and the size of a piece of a compressed one, which
/// may expand to a thousand times as much.
const TURN: usize = 256 << 10;
const PACKED: usize = 256;

/// Sends requests to the addresses that the guard allows.
#[derive(Clone)]
pub struct Client {
    guard: Guard,
    http: Connections,
    /// For ports on which this server itself listens: reaches no private address at all.
    outside: Connections,
}

impl Client {
    /// Creates a client for servers whose certificates are signed by a public authority.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn public(guard: Guard) -> Result<Self> {
        Self::new(guard, TlsOptions { mode: SslMode::VerifyFull, ..TlsOptions::default() })
    }

    /// Creates a client with these TLS options.
    ///
    /// # Errors
    /// `Invalid` if the certificates are not valid.
    pub(super) fn new(guard: Guard, tls: TlsOptions<'_>) -> Result<Self> {
        let outside = guard.outward();
        let tls = tls::config(tls)?;
        Ok(Self { http: Connections::new(guard.clone(), tls.clone()), outside: Connections::new(outside, tls), guard })
    }

    /// Sends a request, follows redirects under the same rules, and reads as much as `room` allows.
    pub async fn send(&self, mut outgoing: OutgoingRequest, room: impl Into<Room>) -> Result<HttpResponse> {
        let room = room.into();
        for _ in 0..=REDIRECTS {
            let response = self.once(&outgoing).await?;
            let Some(next) = target(&outgoing.url, &response) else {
                return read(response, outgoing.url, room).await;
            };
            if let Some(wait) = later::asked(response.headers(), Time::now()) {
                if wait > PATIENCE {
                    return read(response, outgoing.url, room).await;
                }
                tokio::time::sleep(wait).await;
            }
            follow(&mut outgoing, next?, response.status())?;
        }
        Err(Error::unreachable(format!("the server redirected more than {REDIRECTS} times")))
    }

    /// Sends a request without following redirects, for bodies that no other server may receive.
    pub async fn exchange(&self, outgoing: OutgoingRequest, room: impl Into<Room>) -> Result<HttpResponse> {
        let room = room.into();
        let response = self.once(&outgoing).await?;
        read(response, outgoing.url, room).await
    }

    async fn once(&self, outgoing: &OutgoingRequest) -> Result<reqwest::Response> {
        let mut request = Request::new(outgoing.body.clone().map(Body::from).unwrap_or_default());
        *request.method_mut() = outgoing.method.clone();
        *request.headers_mut() = outgoing.headers.clone();
        self.begin(&outgoing.url, request).await
    }

    /// Sends a request whose body may be read while it is sent, and returns when the head of the response has arrived.
    /// Follows no redirects.
    pub async fn begin(&self, url: &Url, request: Request<Body>) -> Result<reqwest::Response> {
        let port = url.port_or_known_default().unwrap_or_default();
        let open = self.guard.is_open(url);
        // names are checked by the client's resolver, addresses here, because the client connects to them directly
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        // paths of this server that are open to datasources are reachable on loopback, even if private addresses are
        // not
        if let Some(address) = address.filter(|address: &std::net::IpAddr| !(open && address.is_loopback())) {
            self.guard.check(address, port).map_err(|why| EgressRefusal::Forbidden(format!("{address}: {why}")))?;
        }
        let connections = if self.guard.is_own(port) && !open { &self.outside } else { &self.http };
        connections.send(url, request).await
    }
}

/// Returns where the response redirects to.
fn target(from: &Url, response: &reqwest::Response) -> Option<Result<Url>> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| redirects)?;
    // servers write it in plain UTF-8, though they should not: browsers accept it, and a URL encodes it
    let next = from.join(&bodies::header_text(location.as_bytes())).ok();
    let next = next.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // credentials come from the datasource, never from another server
    let next = next.filter(|url| url.username().is_empty() && url.password().is_none());
    Some(next.ok_or_else(|| Error::unreachable("the server redirected to an invalid URL, or to one with credentials")))
}

/// Turns the request into the one that the server redirects to. Another origin receives neither credentials nor a body,
/// because both were meant for this one.
fn follow(outgoing: &mut OutgoingRequest, next: Url, status: StatusCode) -> Result<()> {
    let elsewhere = next.origin() != outgoing.url.origin();
    let keeps = matches!(status.as_u16(), 307 | 308) || matches!(outgoing.method, Method::GET | Method::HEAD);
    if elsewhere && keeps && (outgoing.body.is_some() || !matches!(outgoing.method, Method::GET | Method::HEAD)) {
        let to = next.origin().ascii_serialization();
        let why = format!("the server redirected a {} request to {to}, which is not followed", outgoing.method);
        let hint = Some("use the URL that the server redirects to".to_owned());
        return Err(Error::Datasource(Box::new(DatasourceProblem {
            message: why,
            hint,
            ..DatasourceProblem::default()
        })));
    }
    if elsewhere {
        outgoing.headers.clear();
    }
    if !keeps {
        outgoing.method = Method::GET;
        outgoing.body = None;
        outgoing.headers.remove(CONTENT_TYPE);
    }
    outgoing.url = next;
    Ok(())
}

async fn read(mut response: reqwest::Response, url: Url, room: Room) -> Result<HttpResponse> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let (mut unpacker, packed) = match Unpacker::of(&headers) {
        Ok(unpacker) => (unpacker, None),
        Err(UnknownCoding(coding)) => (Unpacker::default(), Some(coding)),
    };
    let is_packed = !unpacker.is_idle();
    let Room { bytes: limit, hold } = room;
    let counted = hold.map(HoldPortion::of);
    let mut answer = HttpResponse { status, url, headers, body: Vec::new(), whole: true, limit, packed, counted };
    let mut turn = TURN;
    while let Some(chunk) = response.chunk().await.map_err(|error| broke_off(&error.without_url()))? {
        for piece in chunk.chunks(if is_packed { PACKED } else { chunk.len().max(1) }) {
            match unpacker.push(piece, &mut |bytes| answer.take(bytes)) {
                Ok(()) => {}
                Err(UnpackFailure::Taker(Full::Limit)) => {
                    answer.whole = false;
                    return Ok(answer);
                }
                Err(failed) => return Err(unreadable(failed)),
            }
            // what has arrived may expand to many pieces without a wait: other tasks get a turn in between
            if answer.body.len() >= turn {
                turn = answer.body.len() + TURN;
                tokio::task::yield_now().await;
            }
        }
    }
    match unpacker.finish(&mut |bytes| answer.take(bytes)) {
        Ok(()) => {}
        Err(UnpackFailure::Taker(Full::Limit)) => answer.whole = false,
        Err(failed) => return Err(unreadable(failed)),
    }
    if is_packed && !answer.body.is_empty() {
        // they describe the compressed body
        answer.headers.remove(CONTENT_ENCODING);
        answer.headers.remove(CONTENT_LENGTH);
    }
    Ok(answer)
}

/// Why a response accepts no more bytes.
enum Full {
    Limit,
    Budget(Error),
}

impl HttpResponse {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let (needed, had) = (self.body.len() + bytes.len(), self.body.capacity());
        if needed > self.limit {
            return Err(Full::Limit);
        }
        if needed > had {
            let wanted = needed.max(2 * had).min(self.limit);
            if let Some(counted) = &mut self.counted {
                counted.grow(wanted - had).map_err(Full::Budget)?;
            }
            self.body.reserve_exact(wanted - self.body.len());
        }
        self.body.extend_from_slice(bytes);
        Ok(())
    }
}

fn unreadable(failed: UnpackFailure<Full>) -> Error {
    match failed {
        UnpackFailure::Taker(Full::Budget(error)) => error,
        UnpackFailure::Taker(Full::Limit) => Error::datasource("the response is too large"),
        UnpackFailure::Broken(BrokenCoding(why)) => Error::Datasource(Box::new(DatasourceProblem {
            message: format!("the response {why}"),
            transient: true,
            ..DatasourceProblem::default()
        })),
    }
}

/// Returns the error for a connection that ended before the response did.
fn broke_off(error: &(dyn StdError + 'static)) -> Error {
    match to_error(error, false) {
        Error::Datasource(problem) if problem.message.starts_with("HTTP: ") => {
            let message = format!("the response was cut off: {}", &problem.message["HTTP: ".len()..]);
            Error::Datasource(Box::new(DatasourceProblem { message, ..*problem }))
        }
        other => other,
    }
}

/// Returns an error that names the stage that failed, but not the URL: its query string may contain a key.
fn to_error(error: &(dyn StdError + 'static), connecting: bool) -> Error {
    let mut causes = Vec::new();
    let mut encryption = false;
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(refusal) = cause.downcast_ref::<EgressRefusal>() {
            return refusal.clone().into();
        }
        encryption |= tls::is_cause(cause);
        causes.push(cause.to_string());
        next = cause.source();
    }
    let deepest = causes.last().cloned().unwrap_or_default();
    match (encryption, connecting) {
        (true, _) => ConnectStage::Tls.failed(deepest),
        (false, true) => ConnectStage::Tcp.failed(deepest),
        (false, false) => Error::Datasource(Box::new(DatasourceProblem {
            message: format!("HTTP: {deepest}"),
            transient: true,
            ..DatasourceProblem::default()
        })),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::read;
    use crate::json::Room;
    use futures_util::stream;
    use std::{
        convert::Infallible,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering::Relaxed},
        },
    };
    use url::Url;

    #[tokio::test]
    async fn a_body_that_has_arrived_leaves_turns_to_other_tasks() {
        let chunks = stream::iter((0..10_000).map(|_| Ok::<_, Infallible>(vec![b'x'; 1000])));
        let answer = hyper::Response::new(reqwest::Body::wrap_stream(chunks));
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let others = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Relaxed);
                tokio::task::yield_now().await;
            }
        });
        let answer = read(answer.into(), Url::parse("http://example.com").unwrap(), Room::of(100 << 20)).await.unwrap();
        others.abort();
        assert_eq!(answer.body.len(), 10_000_000);
        assert!(turns.load(Relaxed) > 20, "others had {} turns", turns.load(Relaxed));
    }
}
