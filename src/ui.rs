//! Serves the admin UI's files, which are embedded in the binary.
use crate::api::responses::fixed::{knows, takes_gzip};
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, VARY},
    },
    response::{Html, IntoResponse, Response},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    io::{Read, Write},
};

/// The files of the UI, gzipped at build time.
#[derive(rust_embed::RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; \
    font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors ";

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>jet-admin</title><h1>jet-admin is running</h1>\
    <p>This binary was built without the admin UI. Run <code>make ui</code> and build again; the API is at <a href=/api/docs>/api/docs</a>.";

/// The app's HTML page.
const INDEX: &str = "index.html";
/// The meta tag that gives the page's scripts the path of the public URL.
const BASE: &str = "name=\"base\" content=\"";

/// The path prefix of a shared dashboard's page; a token follows.
pub const SHARE: &str = "/share/";

/// The first segment of every path that the app's router handles.
pub const PAGES: &[&str] =
    &["", "t", "sign-in", "sign-out", "sign-up", "forgot", "reset", "verify", "invite", "share", "new-tenant"];

/// Serves a file of the UI, or the app's page for a path of its router. Returns `None` for any other path, and for page
/// requests from clients that do not accept HTML. `base` is the path of the public URL; `embedders` are the origins
/// that may embed the page.
pub fn serve(request: &Request, base: &str, embedders: &[String]) -> Option<Response> {
    let mut response = file(request, base)?;
    let ancestors = if embedders.is_empty() { "'none'".to_owned() } else { embedders.join(" ") };
    match HeaderValue::from_str(&format!("{POLICY}{ancestors}")) {
        Ok(policy) => response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy),
        Err(_) => return Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    };
    Some(response)
}

/// Returns whether the client accepts HTML: browsers name it, and a client without an `Accept` header accepts anything.
fn takes_html(headers: &HeaderMap) -> bool {
    let mut accepts = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok()).peekable();
    let is_html = |range: &str| {
        let name = range.split(';').next().unwrap_or_default().trim();
        ["text/html", "application/xhtml+xml", "text/*", "*/*"].iter().any(|known| name.eq_ignore_ascii_case(known))
    };
    accepts.peek().is_none() || accepts.flat_map(|accept| accept.split(',')).any(is_html)
}

fn file(request: &Request, base: &str) -> Option<Response> {
    let path = request.uri().path().trim_start_matches('/');
    let is_page = PAGES.contains(&path.split('/').next().unwrap_or_default()) && takes_html(request.headers());
    let found = Files::get(path).filter(|_| !path.is_empty() && path != INDEX);
    if found.is_none() && !is_page {
        return None;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some((StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response());
    }
    let is_asset = path.starts_with("assets/");
    Some(match found {
        Some(file) => {
            let cache = if is_asset { "public, max-age=31536000, immutable" } else { "no-cache" };
            send(request, path, file.data, cache)
        }
        None => match Files::get(INDEX) {
            Some(index) => send(request, INDEX, at_base(index.data, base), "no-cache"),
            None => Html(NOT_BUILT).into_response(),
        },
    })
}

/// Puts `base` in front of the paths in the page. Both the input and the result are gzipped.
fn at_base(packed: Cow<'static, [u8]>, base: &str) -> Cow<'static, [u8]> {
    if base.is_empty() {
        return packed;
    }
    let mut page = String::new();
    let read = GzDecoder::new(&*packed).read_to_string(&mut page);
    let page = page.replace("=\"/", &format!("=\"{base}/")).replace(BASE, &format!("{BASE}{base}"));
    let mut again = GzEncoder::new(Vec::new(), Compression::fast());
    match read.and_then(|_| again.write_all(page.as_bytes())).and_then(|()| again.finish()) {
        Ok(again) => again.into(),
        Err(_) => packed,
    }
}

/// Sends a gzipped file, or 304 if the client has the current version.
fn send(request: &Request, name: &str, packed: Cow<'static, [u8]>, cache: &'static str) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&packed)[..8]));
    // the allowed embedders may change while the page stays the same
    let keeps = !request.uri().path().starts_with(SHARE);
    if keeps && knows(request.headers(), &tag) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let headers = [(CONTENT_TYPE, media_type(name)), (CACHE_CONTROL, cache), (VARY, "accept-encoding")];
    let mut response = if takes_gzip(request.headers()) {
        (headers, [(CONTENT_ENCODING, "gzip")], Body::from(packed.into_owned())).into_response()
    } else {
        let mut plain = Vec::new();
        match GzDecoder::new(&*packed).read_to_end(&mut plain) {
            Ok(_) => (headers, Body::from(plain)).into_response(),
            Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
