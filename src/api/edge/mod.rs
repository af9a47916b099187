//! Middleware that every request passes first: it finds the client's address, checks host name and origin, and sets
//! cache headers.
pub mod changes;
pub mod compression;
mod cors;

use crate::{
    api::{
        health,
        responses::problem::{ErrorCode, Problem, RequestId},
    },
    caller::{Hosts, Proxies},
    model::RequestInfo,
};
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{
        Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HOST, ORIGIN},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use cors::Grant;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The path of the endpoints that create sessions or take the session cookie.
const SESSION: &str = "/api/v1/session";

/// The rules of the edge.
pub struct EdgeRules {
    proxies: Proxies,
    hosts: Hosts,
    /// Origins whose pages may read responses.
    origins: Vec<String>,
}

/// The address of the client behind trusted proxies.
#[derive(Clone, Copy)]
struct Caller(IpAddr);

/// Returns the client's address, if it is known.
pub fn caller(request: &Extensions) -> Option<IpAddr> {
    request.get::<Caller>().map(|caller| caller.0)
}

/// Returns the request's ID and the client's address.
pub fn request_info(parts: &Parts) -> RequestInfo {
    RequestInfo {
        id: parts.extensions.get::<RequestId>().map(|id| Arc::clone(&id.0)),
        address: caller(&parts.extensions),
    }
}

impl EdgeRules {
    pub fn new(proxies: Proxies, hosts: Hosts, origins: Vec<String>) -> Self {
        Self { proxies, hosts, origins }
    }

    fn caller(&self, request: &Request) -> Option<Caller> {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip();
        let lines = request.headers().get_all(FORWARDED).iter();
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        Some(Caller(self.proxies.caller(peer, lines.into_iter())))
    }

    fn check(&self, request: &Request) -> Result<(), Box<Problem>> {
        let (path, headers) = (request.uri().path(), request.headers());
        if !is_hook(path) && path != health::HEALTH && path != health::READINESS {
            self.check_host(request)?;
        }
        let is_session = is_at(path, SESSION);
        if is_session && !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            self.check_page(headers)?;
        }
        Ok(())
    }

    /// Rejects unknown host names, because a browser does not protect against DNS rebinding.
    fn check_host(&self, request: &Request) -> Result<(), Box<Problem>> {
        let target = request.uri().authority().map(|authority| authority.as_str().as_bytes());
        let named = request.headers().get_all(HOST).iter().map(HeaderValue::as_bytes).chain(target);
        for name in named {
            let name = String::from_utf8_lossy(name);
            if !self.hosts.admits(&name) {
                let shown: String = name.chars().take(255).collect();
                let why = format!(
                    "this server does not accept the host name `{shown}`: the person who runs this server can \
                     allow it with --public-url or --allow-host"
                );
                return Err(Box::new(Problem::new(
                    StatusCode::MISDIRECTED_REQUEST,
                    ErrorCode::MisdirectedRequest,
                    why,
                )));
            }
        }
        Ok(())
    }

    /// Rejects requests from other origins, because browsers send the cookie with requests from pages of the same site.
    fn check_page(&self, headers: &HeaderMap) -> Result<(), Box<Problem>> {
        let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
        if site == Some(b"same-origin") {
            return Ok(());
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let is_own = match headers.get(ORIGIN) {
            Some(origin) => origin.to_str().is_ok_and(|origin| self.hosts.is_own_origin(origin, host)),
            None => matches!(site, None | Some(b"none")),
        };
        if is_own {
            return Ok(());
        }
        let why = "sessions are only for pages of this server: behind a proxy, the person who runs this server must set \
                   --public-url; other programs must sign in without an Origin header";
        Err(Box::new(Problem::new(StatusCode::FORBIDDEN, ErrorCode::PermissionDenied, why)))
    }
}

/// Passes a request on, unless the rules reject it.
pub async fn guard(State(edge): State<Arc<EdgeRules>>, mut request: Request, next: Next) -> Response {
    if let Some(caller) = edge.caller(&request) {
        request.extensions_mut().insert(caller);
    }
    let grant = edge.grant(&request);
    let is_api = is_api(request.uri().path());
    let mut response = match (edge.check(&request), grant.as_ref().and_then(|_| Grant::preflight(&request))) {
        (Err(problem), _) => problem.into_response(),
        (Ok(()), Some(preflight)) => preflight,
        (Ok(()), None) => next.run(request).await,
    };
    if let Some(grant) = grant {
        grant.add_to(response.headers_mut());
    }
    if is_api {
        keep_nowhere(response.headers_mut());
    }
    response
}

/// Disables caching of API responses, unless a route sets its own cache header: many contain tokens or links.
fn keep_nowhere(headers: &mut HeaderMap) {
    // axum lets browsers cache event streams
    let is_stream = headers.get(CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"text/event-stream"));
    if is_stream {
        // proxies such as nginx buffer a response unless this header says otherwise
        headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    }
    if is_stream || !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Returns whether `path` is `place` or below it.
fn is_at(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether `path` is a webhook's. Webhooks have their secret in the path, and accept any host name and origin.
fn is_hook(path: &str) -> bool {
    path.starts_with("/hooks/")
}

/// Returns whether `path` belongs to the API, which responds only with JSON.
pub fn is_api(path: &str) -> bool {
    ["/api", "/identitytoolkit", "/securetoken"].iter().any(|place| path.starts_with(place))
}
