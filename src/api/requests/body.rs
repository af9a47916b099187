//! Reads request bodies, with limits on size, time and memory.
use crate::{
    Error,
    api::{
        App,
        edge::request_info,
        responses::{
            holds::Holds,
            problem::{ErrorCode, Problem},
        },
    },
    bodies::{self, BrokenCoding, UnknownCoding, Unpacker},
    budget::{Hold, MemoryOwner},
    json::{self, Room},
};
use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH, request::Parts},
};
use bytes::Bytes;
use serde_json::Value;
use std::{pin::Pin, sync::Arc, time::Duration};
use tokio::time::Instant;

/// The maximum body size of a request with a valid token.
const KNOWN: usize = 4 << 20;
/// The maximum body size of any other request.
const OPEN: usize = 64 << 10;
/// How much memory the values of a JSON body may use, as a multiple of the maximum body size.
const VALUES: usize = 8;
/// The byte order mark that some clients send before JSON.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// How long a body may take with a valid token, without one, and how long the sender may pause.
const WHOLE: Duration = Duration::from_mins(1);
const WHOLE_OPEN: Duration = Duration::from_secs(20);
const STALLED: Duration = Duration::from_secs(10);

/// The sender of a request: stored in its extensions once the token has been checked.
#[derive(Clone, Copy)]
pub struct RequestSender(pub MemoryOwner);

/// The limits of one body.
struct Terms {
    most: usize,
    whole: Duration,
    hold: Option<Arc<Hold>>,
}

impl Terms {
    /// Returns the limits of a request: smaller ones without a valid token. This is the only place that decides them.
    fn of(parts: &Parts, app: &App) -> Self {
        let known = parts.extensions.get::<RequestSender>();
        let (most, whole) = if known.is_some() { (KNOWN, WHOLE) } else { (OPEN, WHOLE_OPEN) };
        let owner = known.map_or_else(|| MemoryOwner::address(request_info(parts).address), |sender| sender.0);
        let hold = Arc::new(app.budget.hold(owner));
        if let Some(holds) = parts.extensions.get::<Holds>() {
            holds.add(Arc::clone(&hold));
        }
        Self { most, whole, hold: Some(hold) }
    }
}

/// Reads the whole body within its limits and removes its content codings.
pub async fn read(parts: &Parts, body: Body, app: &App) -> Result<Bytes, Problem> {
    let terms = Terms::of(parts, app);
    let bytes = collect(&parts.headers, body, &terms).await?;
    Ok(unpacked(&parts.headers, bytes, &terms)?)
}

/// Why a body's content codings cannot be removed.
pub enum Unpackable {
    Unknown(String),
    Broken(&'static str),
    TooLarge(usize),
    Full(Error),
}

impl From<Unpackable> for Problem {
    fn from(why: Unpackable) -> Self {
        match why {
            Unpackable::Unknown(coding) => Self::unknown_coding(&coding),
            Unpackable::Broken(why) => Error::invalid("", format!("the body {why}")).into(),
            Unpackable::TooLarge(most) => Self::payload_too_large(most),
            Unpackable::Full(error) => error.into(),
        }
    }
}

/// Creates a decoder for the content codings of a body.
///
/// # Errors
/// An error that becomes 415 if a coding is not supported.
pub fn unpacker(headers: &HeaderMap) -> Result<Unpacker, Unpackable> {
    Unpacker::of(headers).map_err(|UnknownCoding(coding)| Unpackable::Unknown(coding))
}

/// Decodes a whole body to at most `most` bytes.
///
/// # Errors
/// An error that becomes 413 if the result is larger, or 400 if the body cannot be decoded.
pub fn unpack(unpacker: Unpacker, packed: &[u8], most: usize) -> Result<Vec<u8>, Unpackable> {
    let whole = bodies::unpack(unpacker, packed, most).map_err(|BrokenCoding(why)| Unpackable::Broken(why))?;
    whole.ok_or(Unpackable::TooLarge(most))
}

fn unpacked(headers: &HeaderMap, bytes: Bytes, terms: &Terms) -> Result<Bytes, Unpackable> {
    let unpacker = unpacker(headers)?;
    if unpacker.is_idle() {
        return Ok(bytes);
    }
    // the decoded size is not known in advance, so reserve the maximum
    count(terms, terms.most).map_err(Unpackable::Full)?;
    let whole = unpack(unpacker, &bytes, terms.most)?;
    if let Some(hold) = &terms.hold {
        hold.shrink((terms.most + bytes.len()).saturating_sub(whole.len()));
    }
    Ok(whole.into())
}

/// Reads the body as JSON; `None` if it is empty. The memory of its values is counted until the response.
pub async fn read_json(parts: &Parts, body: Body, app: &App) -> Result<Option<Value>, Problem> {
    let terms = Terms::of(parts, app);
    let bytes = unpacked(&parts.headers, collect(&parts.headers, body, &terms).await?, &terms)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !is_json(&parts.headers) {
        return Err(Problem::unsupported_media_type());
    }
    let room = Room { bytes: VALUES * terms.most, hold: terms.hold.clone() };
    let counted = terms.hold.as_ref().map_or(0, |hold| hold.used());
    let value =
        json::long_work(bytes.len(), move || json::parse(bytes.strip_prefix(MARK).unwrap_or(&bytes), &room)).await?;
    if let Some(hold) = &terms.hold {
        hold.shrink(counted);
    }
    Ok(Some(value.map_err(|refused| refused.into_error(|why| Error::invalid("", format!("the body {why}"))))?))
}

/// Reads the whole body, at most `limit` bytes, without counting its memory.
pub async fn read_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    collect(headers, body, &Terms { most: limit, whole: WHOLE, hold: None }).await
}

async fn collect(headers: &HeaderMap, mut body: Body, terms: &Terms) -> Result<Bytes, Problem> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > terms.most) {
        return Err(Problem::payload_too_large(terms.most));
    }
    let until = Instant::now() + terms.whole;
    let mut first = Bytes::new();
    let mut all = Vec::new();
    loop {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let late = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, ErrorCode::Timeout, "the body did not arrive in time");
        let frame = tokio::time::timeout_at(until.min(Instant::now() + STALLED), frame).await.map_err(late)?;
        let Some(frame) = frame else { break };
        let broken = |_| Error::invalid("", "the body was interrupted: send the request again");
        let Ok(piece) = frame.map_err(broken)?.into_data() else { continue };
        if first.len() + all.len() + piece.len() > terms.most {
            return Err(Problem::payload_too_large(terms.most));
        }
        if first.is_empty() && all.is_empty() {
            // most bodies arrive in one piece
            count(terms, piece.len())?;
            first = piece;
            continue;
        }
        let (needed, had) = (first.len() + all.len() + piece.len(), all.capacity());
        if needed > had {
            let wanted = needed.max(2 * had).min(announced.unwrap_or(terms.most).max(needed));
            count(terms, wanted - had.max(first.len()))?;
            all.reserve_exact(wanted - all.len());
        }
        all.extend_from_slice(&std::mem::take(&mut first));
        all.extend_from_slice(&piece);
        // many large bodies at the same time must not keep short requests waiting
        tokio::task::yield_now().await;
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

fn count(terms: &Terms, bytes: usize) -> Result<(), Error> {
    terms.hold.as_ref().map_or(Ok(()), |hold| hold.grow(bytes))
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(axum::http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = essence.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}
