//! Documents that do not change while the process runs: compressed once, and not sent again to clients that have them.
use super::documented;
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    body::Body,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{io::Write, marker::PhantomData};

/// A fixed JSON document that is a `T`.
pub struct Fixed<T> {
    plain: Bytes,
    packed: Bytes,
    tag: String,
    shape: PhantomData<fn() -> T>,
}

impl<T> Fixed<T> {
    pub fn new(text: Vec<u8>) -> Self {
        let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&text)[..8]));
        let mut packed = GzEncoder::new(Vec::new(), Compression::best());
        // writing to a vector cannot fail
        let packed = packed.write_all(&text).and_then(|()| packed.finish()).unwrap_or_default();
        Self { plain: text.into(), packed: packed.into(), tag, shape: PhantomData }
    }

    pub fn of(document: &T) -> Self
    where
        T: Serialize,
    {
        Self::new(serde_json::to_vec(document).unwrap_or_default())
    }

    /// Responds to a request with these headers; `cache` is the `Cache-Control` header.
    pub fn answer(&self, request: &HeaderMap, cache: &'static str) -> FixedResponse<T> {
        let common = [(ETAG, self.tag.as_str()), (CACHE_CONTROL, cache), (VARY, "accept-encoding")];
        let response = if knows(request, &self.tag) {
            (StatusCode::NOT_MODIFIED, common).into_response()
        } else if takes_gzip(request) {
            let headers = [(CONTENT_TYPE, "application/json"), (CONTENT_ENCODING, "gzip")];
            (common, headers, Body::from(self.packed.clone())).into_response()
        } else {
            (common, [(CONTENT_TYPE, "application/json")], Body::from(self.plain.clone())).into_response()
        };
        FixedResponse { response, shape: PhantomData }
    }
}

/// Returns whether `If-None-Match` names `tag`, as a weak or strong tag (RFC 9110, section 13.1.2).
pub fn knows(request: &HeaderMap, tag: &str) -> bool {
    let names_it = |known: &str| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag;
    let known = request.get_all(IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    known.flat_map(|known| known.split(',')).map(str::trim).any(names_it)
}

/// Returns whether the client accepts gzip (RFC 9110, section 12.5.3), by name or by `*`, with a weight above 0.
pub fn takes_gzip(request: &HeaderMap) -> bool {
    let mut any = false;
    let codings = request.get_all(ACCEPT_ENCODING).iter().filter_map(|codings| codings.to_str().ok());
    for coding in codings.flat_map(|codings| codings.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight =
            parts.filter_map(|part| part.split_once('=')).find(|(key, _)| key.trim().eq_ignore_ascii_case("q"));
        let takes = weight.is_none_or(|(_, weight)| weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            return takes;
        }
        any |= name == "*" && takes;
    }
    any
}

/// A response with a fixed document.
pub struct FixedResponse<T> {
    response: Response,
    shape: PhantomData<fn() -> T>,
}

impl<T> IntoResponse for FixedResponse<T> {
    fn into_response(self) -> Response {
        let mut response = self.response;
        if response.status() == StatusCode::NOT_MODIFIED {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        response
    }
}

impl<T: JsonSchema> OperationOutput for FixedResponse<T> {
    type Inner = T;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let tag = &[("ETag", "ETag")];
        let unchanged = documented::empty_answer("`If-None-Match` names the current version");
        vec![
            (documented::status(200), documented::with_headers(documented::answer::<T>(ctx, "Success"), tag)),
            (documented::status(304), documented::with_headers(unchanged, tag)),
        ]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{knows, takes_gzip};
    use axum::http::{
        HeaderMap,
        header::{ACCEPT_ENCODING, IF_NONE_MATCH},
    };

    #[test]
    fn a_weight_of_zero_excludes_a_coding() {
        let cases = [
            (&["gzip"][..], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["br, GZIP;Q=0.5"], true),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["gzip;q=0, *"], false),
            (&["*;q=0, gzip;q=1"], true),
            (&["br", "gzip"], true),
            (&["identity"], false),
            (&["gzipped"], false),
            (&[""], false),
        ];
        for (values, takes) in cases {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(ACCEPT_ENCODING, value.parse().unwrap());
            }
            assert_eq!(takes_gzip(&headers), takes, "{values:?}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn if_none_match_supports_lists_weak_tags_and_a_star() {
        for (value, known) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)]
        {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]);
            assert_eq!(knows(&headers, "\"a\""), known, "{value}");
        }
    }
}
