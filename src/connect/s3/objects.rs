//! The server's own objects: put, got and deleted as a whole. Every request may be repeated, so that a short outage is
//! not noticed. During a long one, requests fail at once instead of waiting.
use super::{LIST, SIGNED, address::ObjectAddress, available::Availability, refusal, xml};
use crate::{
    Error, Result,
    connect::{
        Guard,
        http::Client,
        network::tls::{SslMode, TlsOptions},
    },
};
use futures_util::stream;
use hyper::Request;
use reqwest::{
    Body, Method, Response,
    header::{ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, IF_NONE_MATCH},
};
use rusty_s3::{S3Action, actions::ListObjectsV2};
use sha2::{Digest, Sha256};
use std::{
    io::SeekFrom,
    path::{Path, PathBuf},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    time::timeout,
};

/// How long a request may pass without any byte in either direction.
const STALLED: Duration = Duration::from_secs(10);
/// How much of a file is read at once.
const PIECE: usize = 256 << 10;
/// The longest error message, and the longest small object, in bytes.
const SMALL: usize = 64 << 10;

/// The objects below a prefix.
pub struct ObjectStorage {
    client: Client,
    address: ObjectAddress,
    available: Availability,
}

impl ObjectStorage {
    /// # Errors
    /// `Invalid` if the address names something that is not a certificate authority.
    pub fn new(address: ObjectAddress) -> Result<Self> {
        // the operator chose the server: it may be anywhere
        let guard = Guard::new(true, []);
        let tls = TlsOptions { mode: SslMode::VerifyFull, ca: address.authority.as_deref(), ..TlsOptions::default() };
        Ok(Self { client: Client::new(guard, tls)?, address, available: Availability::default() })
    }

    pub fn address(&self) -> &ObjectAddress {
        &self.address
    }

    /// # Errors
    /// `Unavailable` if a request failed a moment ago.
    pub fn check_available(&self) -> Result<()> {
        self.available.check()
    }

    /// Returns whether there are no objects.
    ///
    /// # Errors
    /// `Conflict`, with why the storage cannot be used and what to do.
    pub async fn is_empty(&self) -> Result<bool> {
        let mut list = self.address.bucket.list_objects_v2(Some(&self.address.credentials));
        list.with_max_keys(1);
        list.with_prefix(self.address.prefix.as_str());
        let work = async {
            let response = self.send(Method::GET, &list, HeaderMap::new(), Body::default(), &Arc::default()).await?;
            let body = small(response, LIST).await?;
            let page = std::str::from_utf8(&body).ok().filter(|text| xml::is_shallow(text));
            let page = page.and_then(|text| ListObjectsV2::parse_response(text).ok());
            Ok(page.ok_or_else(|| Error::datasource("the response is not a list of objects"))?.contents.is_empty())
        };
        work.await.map_err(|error| refusal::explain(&self.address, error))
    }

    /// Returns a small object; `None` if it does not exist.
    ///
    /// # Errors
    /// `Conflict`, with why the storage cannot be used and what to do.
    pub async fn read(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let key = self.key(key);
        let get = self.address.bucket.get_object(Some(&self.address.credentials), &key);
        let work = async {
            let response = self.send(Method::GET, &get, HeaderMap::new(), Body::default(), &Arc::default()).await?;
            small(response, SMALL).await
        };
        match work.await {
            Ok(body) => Ok(Some(body)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(refusal::explain(&self.address, error)),
        }
    }

    /// Creates a small object, unless it exists.
    ///
    /// # Errors
    /// `Conflict`, with why the storage cannot be used and what to do.
    pub async fn create(&self, key: &str, content: Vec<u8>) -> Result<()> {
        let key = self.key(key);
        let put = self.address.bucket.put_object(Some(&self.address.credentials), &key);
        let mut headers = put_headers(content.len() as u64);
        headers.insert(IF_NONE_MATCH, HeaderValue::from_static("*"));
        match self.send(Method::PUT, &put, headers, content.into(), &Arc::default()).await {
            Err(error) if !refusal::exists(&error) => Err(refusal::explain(&self.address, error)),
            _ => Ok(()),
        }
    }

    /// Stores the content of a file.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn put(&self, key: &str, path: &Path, bytes: u64) -> Result<()> {
        let mut tries = self.available.tries()?;
        loop {
            let outcome = self.put_once(key, path, bytes).await;
            if let Some(outcome) = tries.end(outcome).await {
                return outcome;
            }
        }
    }

    async fn put_once(&self, key: &str, path: &Path, bytes: u64) -> Result<()> {
        let key = self.key(key);
        let put = self.address.bucket.put_object(Some(&self.address.credentials), &key);
        let sent = Arc::<AtomicU64>::default();
        let body = pieces(path.to_path_buf(), Arc::clone(&sent)).await?;
        self.send(Method::PUT, &put, put_headers(bytes), body, &sent).await?;
        Ok(())
    }

    /// Writes an object of this size to a file, and returns its SHA-256 digest. A larger one is not read to its end.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`.
    pub async fn get(&self, key: &str, bytes: u64, to: &mut File) -> Result<String> {
        let mut tries = self.available.tries()?;
        loop {
            let outcome = self.get_once(key, bytes, to).await;
            if let Some(outcome) = tries.end(outcome).await {
                return outcome;
            }
        }
    }

    async fn get_once(&self, key: &str, bytes: u64, to: &mut File) -> Result<String> {
        let key = self.key(key);
        let get = self.address.bucket.get_object(Some(&self.address.credentials), &key);
        to.seek(SeekFrom::Start(0)).await?;
        to.set_len(0).await?;
        let mut response = self.send(Method::GET, &get, HeaderMap::new(), Body::default(), &Arc::default()).await?;
        let (mut digest, mut read) = (Sha256::new(), 0);
        while let Some(piece) = next(&mut response).await? {
            read += piece.len() as u64;
            if read > bytes {
                break;
            }
            digest.update(&piece);
            to.write_all(&piece).await?;
        }
        to.flush().await?;
        Ok(hex::encode(digest.finalize()))
    }

    /// Deletes an object. Succeeds if it does not exist.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let key = self.key(key);
        let delete = self.address.bucket.delete_object(Some(&self.address.credentials), &key);
        let mut tries = self.available.tries()?;
        loop {
            let sent = self.send(Method::DELETE, &delete, HeaderMap::new(), Body::default(), &Arc::default()).await;
            let outcome = match sent {
                Err(Error::NotFound(_)) => Ok(()),
                sent => sent.map(drop),
            };
            if let Some(outcome) = tries.end(outcome).await {
                return outcome;
            }
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.address.prefix)
    }

    /// Signs and sends one request, and waits for the head of its response. `sent` counts what is sent of the body.
    async fn send<'a, A: S3Action<'a>>(
        &self,
        method: Method,
        action: &A,
        mut headers: HeaderMap,
        body: Body,
        sent: &Arc<AtomicU64>,
    ) -> Result<Response> {
        // a digest is that of the stored bytes
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let url = action.sign(SIGNED);
        let response = moving(self.client.begin(&url, request), sent).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = small(response, SMALL).await.unwrap_or_default();
        Err(refusal::missing(refusal::read(status, &body, None)))
    }
}

fn put_headers(bytes: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_LENGTH, bytes.into());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers
}

/// Returns the content of a file as a body, which counts what was taken from it.
async fn pieces(path: PathBuf, sent: Arc<AtomicU64>) -> Result<Body> {
    let file = File::open(path).await?;
    let read = stream::try_unfold((file, sent), async |(mut file, sent)| {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).await?;
        piece.truncate(read);
        sent.fetch_add(read as u64, Ordering::Relaxed);
        Ok::<_, std::io::Error>((read > 0).then_some((piece, (file, sent))))
    });
    Ok(Body::wrap_stream(read))
}

/// Waits for `work` as long as `moved` grows.
async fn moving<T>(work: impl Future<Output = Result<T>>, moved: &AtomicU64) -> Result<T> {
    let mut work = pin!(work);
    loop {
        let before = moved.load(Ordering::Relaxed);
        match timeout(STALLED, &mut work).await {
            Ok(done) => return done,
            Err(_) if moved.load(Ordering::Relaxed) != before => {}
            Err(_) => return Err(stalled()),
        }
    }
}

/// Returns the next piece of a body.
async fn next(response: &mut Response) -> Result<Option<Vec<u8>>> {
    match timeout(STALLED, response.chunk()).await {
        Ok(Ok(piece)) => Ok(piece.map(Into::into)),
        Ok(Err(_)) => Err(Error::unreachable("the connection broke")),
        Err(_) => Err(stalled()),
    }
}

/// Returns a body of at most `most` bytes.
async fn small(mut response: Response, most: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = next(&mut response).await? {
        if body.len() + piece.len() > most {
            return Err(Error::datasource("the response is too large"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn stalled() -> Error {
    Error::Timeout(format!("no answer within {} s", STALLED.as_secs()))
}
