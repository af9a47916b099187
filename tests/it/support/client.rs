//! A small HTTP client that checks on every response what all responses must have.
use super::wait::PATIENCE;
use futures_util::stream;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;
use std::{
    fmt,
    sync::Once,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// A caller: a base URL, and optionally a token and a tenant.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    pub token: Option<String>,
    pub tenant: Option<Uuid>,
}

impl Client {
    pub fn new(base: impl Into<String>) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().no_gzip();
        let tls = rustls::ClientConfig::builder()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let http = http.tls_backend_preconfigured(tls).build().unwrap();
        Self { http, base: base.into(), token: None, tenant: None }
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Sends `x-tenant-id`, and resolves paths without a leading slash below the tenant's path.
    pub fn in_tenant(&self, tenant: Uuid) -> Self {
        Self { tenant: Some(tenant), ..self.clone() }
    }

    /// The same caller of another server.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// A request with this caller's token and tenant.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let path = match self.tenant {
            Some(tenant) if !path.starts_with('/') => format!("/api/v1/tenants/{tenant}/{path}"),
            _ => path.to_owned(),
        };
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(tenant) = self.tenant {
            request = request.header("x-tenant-id", tenant.to_string());
        }
        Call { request, what: format!("{method} {path}") }
    }

    /// Uploads a file.
    pub async fn upload(&self, name: &str, content: &[u8]) -> Value {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("name", name).finish();
        let call = self.call(Method::POST, &format!("files?{query}"));
        call.raw("text/csv", content).send().await.expect(201)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path).json(&body).send().await
    }
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path).json(&body).send().await
    }
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    /// Every item of a list, from all its pages.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let next = cursor.map(|cursor| format!("{join}cursor={cursor}")).unwrap_or_default();
            let mut page = self.get(&format!("{path}{next}")).await.expect(200);
            items.append(page["items"].as_array_mut().unwrap());
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return items,
            }
        }
    }

    /// Waits until the list has at least `count` items and returns all: some records are written after the response.
    pub async fn all_of(&self, path: &str, count: usize) -> Vec<Value> {
        let start = Instant::now();
        loop {
            let items = self.all(path).await;
            if items.len() >= count {
                return items;
            }
            assert!(start.elapsed() < PATIENCE, "{path} still has only {items:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A request that is being built.
pub struct Call {
    request: reqwest::RequestBuilder,
    what: String,
}

impl Call {
    /// Returns the same request once more. It must not have a body that is a stream.
    pub fn again(&self) -> Self {
        Self { request: self.request.try_clone().unwrap(), what: self.what.clone() }
    }

    /// Adds a header. If it is already set, both values are sent.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body), ..self }
    }

    /// Sets the body to these bytes, with the content type `media`.
    #[must_use]
    pub fn raw(self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { request: self.request.header("content-type", media).body(body.into()), ..self }
    }

    /// Sends parts of the body as they arrive.
    #[must_use]
    pub fn stream(self, media: &str, parts: mpsc::Receiver<Vec<u8>>) -> Self {
        let parts = stream::unfold(parts, |mut parts| async move {
            let part = parts.recv().await?;
            Some((Ok::<_, std::io::Error>(part), parts))
        });
        let body = reqwest::Body::wrap_stream(parts);
        Self { request: self.request.header("content-type", media).body(body), ..self }
    }

    pub async fn send(self) -> Answer {
        let what = self.what.clone();
        self.try_send().await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// Sends the request. The body of a successful response is not read, because it may be endless.
    pub async fn begin(self) -> Answer {
        let what = self.what.clone();
        let answer = self.open().await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = if status.is_success() { String::new() } else { answer.text().await.unwrap() };
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { what, status, headers, text, body };
        answer.check();
        answer
    }

    /// Sends the request and returns as soon as the headers arrive, before the body is read.
    pub async fn open(self) -> reqwest::Response {
        self.request.send().await.unwrap_or_else(|error| panic!("{}: {error:?}", self.what))
    }

    /// Returns an error if the server is down or closes the connection before it has responded.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let answer = self.request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let text = answer.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { what: self.what, status, headers, text, body };
        answer.check();
        Ok(answer)
    }
}

/// A response.
#[derive(Clone)]
pub struct Answer {
    what: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// `null` if the body is not JSON.
    pub body: Value,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.text.chars().take(2000).collect();
        write!(f, "{} answered {}: {text}", self.what, self.status)
    }
}

impl Answer {
    /// Checks that the response is not a 500 and has a request ID, and that errors below `/api` have the standard shape
    /// with that ID.
    fn check(&self) {
        assert_ne!(self.status, StatusCode::INTERNAL_SERVER_ERROR, "{self}");
        let id = self.header("x-request-id").unwrap_or_default();
        assert!(!id.is_empty(), "{self} has no x-request-id");
        if self.status.as_u16() >= 400 && self.what.contains(" /api/") && !self.what.starts_with("HEAD") {
            let error = &self.body["error"];
            assert!(error["code"].is_string() && error["message"].is_string(), "{self}");
            assert_eq!(error["requestId"], id, "{self}");
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the body. Panics if the status differs.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self.body
    }

    /// Returns the error. Panics if the status or the error code differs.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Refusal {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{self}");
        let error = &self.body["error"];
        let path = error["details"][0]["path"].as_str().unwrap_or_default().to_owned();
        Refusal { message: error["message"].as_str().unwrap_or_default().to_owned(), path }
    }

    /// The error code; empty if the response is not an error.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

/// The error of a refused request.
pub struct Refusal {
    pub message: String,
    /// The first invalid field.
    pub path: String,
}

/// The ID in a response body.
pub fn id(body: &Value) -> Uuid {
    body["id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_else(|| panic!("no id in {body}"))
}
