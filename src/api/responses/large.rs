//! Responses of any size: serialized once, counted against the memory budget until sent, and dropped if the reader
//! stalls.
use super::documented;
use crate::{Error, Result, budget::Hold, json::long_work};
use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{Operation, Response as Answer},
};
use axum::{
    Json,
    body::Body,
    http::{
        HeaderValue,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use schemars::JsonSchema;
use serde::Serialize;
use std::{convert::Infallible, io, marker::PhantomData, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Values up to this size are serialized in one piece.
const SMALL: usize = 256 << 10;
/// The size of the pieces of a larger text.
const PIECE: usize = 256 << 10;
/// How long a reader may take to read one piece.
const STALLED: Duration = Duration::from_secs(30);

/// A JSON response that may be large.
pub struct Large<T> {
    response: Response,
    kind: PhantomData<fn() -> T>,
}

impl<T: Serialize + Send + 'static> Large<T> {
    /// Serializes `value`. `hold` counts the memory of the value, and afterwards that of the text.
    ///
    /// # Errors
    /// If the memory budget has no room for the text.
    pub async fn of(value: T, hold: Arc<Hold>) -> Result<Self> {
        let used = hold.used();
        let response = if used <= SMALL {
            body(serde_json::to_vec(&value)?.into())
        } else {
            let pieces = long_work(used, move || written(value, hold)).await??;
            let length = pieces.text.iter().map(Vec::len).sum::<usize>();
            let mut response = body(sent(pieces));
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
            response
        };
        Ok(Self { response, kind: PhantomData })
    }
}

fn body(body: Body) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// A text in pieces, counted in `hold`.
struct Pieces {
    text: Vec<Vec<u8>>,
    hold: Arc<Hold>,
    full: Option<Error>,
}

fn written<T: Serialize>(value: T, hold: Arc<Hold>) -> Result<Pieces> {
    let before = hold.used();
    let mut pieces = Pieces { text: Vec::new(), hold, full: None };
    if let Err(error) = serde_json::to_writer(&mut pieces, &value) {
        return Err(pieces.full.unwrap_or_else(|| error.into()));
    }
    drop(value);
    pieces.hold.shrink(before);
    Ok(pieces)
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.last().is_none_or(|last| last.len() == PIECE) {
            if let Err(full) = self.hold.grow(PIECE) {
                self.full = Some(full);
                return Err(io::ErrorKind::OutOfMemory.into());
            }
            self.text.push(Vec::with_capacity(PIECE));
        }
        let Some(last) = self.text.last_mut() else { return Ok(0) };
        let length = bytes.len().min(PIECE - last.len());
        last.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends the pieces in order; drops all of them if the reader stalls.
fn sent(pieces: Pieces) -> Body {
    let Pieces { text, hold, .. } = pieces;
    let pieces = stream::iter(text).map(move |piece| {
        hold.shrink(PIECE);
        Ok::<_, Infallible>(Bytes::from(piece))
    });
    Body::from_stream(paced(pieces))
}

/// Decouples a stream from its reader: if the reader goes away or stalls, the source stream is dropped.
pub fn paced<T: Send + 'static>(items: impl Stream<Item = T> + Send + 'static) -> impl Stream<Item = T> + Send {
    let (sender, mut receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut items = std::pin::pin!(items);
        loop {
            let next = tokio::select! {
                next = items.next() => next,
                () = sender.closed() => return,
            };
            let Some(item) = next else { return };
            let Ok(Ok(())) = tokio::time::timeout(STALLED, sender.send(item)).await else { return };
        }
    });
    stream::poll_fn(move |cx| receiver.poll_recv(cx))
}

impl<T> IntoResponse for Large<T> {
    fn into_response(self) -> Response {
        self.response
    }
}

/// Documented like any JSON response.
impl<T: JsonSchema> OperationOutput for Large<T> {
    type Inner = T;
    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Answer> {
        Json::<T>::operation_response(ctx, operation)
    }
    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> documented::DocumentedResponses {
        Json::<T>::inferred_responses(ctx, operation)
    }
}
