//! Compresses JSON responses for clients that accept gzip. Files and exports are sent as they are.
use super::{SESSION, is_at};
use crate::api::responses::fixed::takes_gzip;
use axum::{
    body::{Body, BodyDataStream, HttpBody, to_bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY},
    },
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::{Stream, StreamExt, stream};
use std::{io::Write, mem};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Responses below this size are sent as they are, in bytes: they fit in one packet.
const SMALL: u64 = 1024;
/// Responses up to this size are compressed in one piece, in bytes.
const WHOLE: usize = 256 << 10;
/// How many longer responses may be compressed at the same time. Each takes about 300 KiB until its client has read
/// it, so further ones are sent as they are.
static LONG: Semaphore = Semaphore::const_new(64);

/// Compresses the response if it is JSON of at least 1 KiB and the client accepts gzip.
pub async fn compress(request: Request, next: Next) -> Response {
    // these responses belong to a cookie and contain tokens, whose text a compressed length may reveal (BREACH)
    let is_session = is_at(request.uri().path(), SESSION);
    let accepted = takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if is_session || !is_json(response.headers()) || size(&response).is_some_and(|size| size < SMALL) {
        return response;
    }
    let headers = response.headers_mut();
    let varies = headers.get_all(VARY).iter().any(|names| names.as_bytes().eq_ignore_ascii_case(b"accept-encoding"));
    if !varies {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    if accepted { packed(response).await } else { response }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|media| media.to_str().ok()).unwrap_or_default();
    let name = media.split(';').next().unwrap_or_default().trim();
    let is_json = name == "application/json" || name.ends_with("+json");
    is_json && ![CONTENT_ENCODING, CONTENT_DISPOSITION, ACCEPT_RANGES].iter().any(|one| headers.contains_key(one))
}

/// Returns the size of the body, if it is known.
fn size(response: &Response) -> Option<u64> {
    let length = || response.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok();
    response.body().size_hint().exact().or_else(length)
}

async fn packed(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let body = if body.size_hint().exact().is_some_and(|size| size <= WHOLE as u64) {
        match whole(body).await {
            Ok(packed) => packed.into(),
            // as if it had failed while it was sent
            Err(error) => Body::from_stream(stream::once(async { Err::<Bytes, _>(error) })),
        }
    } else {
        let Ok(permit) = LONG.try_acquire() else { return Response::from_parts(head, body) };
        Body::from_stream(pieces(body.into_data_stream(), permit))
    };
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(head, body)
}

async fn whole(body: Body) -> Result<Vec<u8>, axum::Error> {
    let text = to_bytes(body, WHOLE).await?;
    let mut encoder = encoder();
    encoder.write_all(&text).and_then(|()| encoder.finish()).map_err(axum::Error::new)
}

fn encoder() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

/// Compresses a body piece by piece. Returns the permit at the end.
fn pieces(
    body: BodyDataStream,
    permit: SemaphorePermit<'static>,
) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
    stream::try_unfold((body, Some(encoder()), permit), async |(mut body, encoder, permit)| {
        let Some(mut encoder) = encoder else { return Ok(None) };
        while let Some(piece) = body.next().await {
            encoder.write_all(&piece?).map_err(axum::Error::new)?;
            let packed = mem::take(encoder.get_mut());
            if !packed.is_empty() {
                return Ok(Some((packed.into(), (body, Some(encoder), permit))));
            }
        }
        let rest = encoder.finish().map_err(axum::Error::new)?;
        Ok(Some((rest.into(), (body, None, permit))))
    })
}
