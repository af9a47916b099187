//! The admin UI's files, from inside the binary.
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, VARY,
        },
    },
    response::{Html, IntoResponse, Response},
};
use std::io::Read;

/// Every file gzipped at build time.
#[derive(rust_embed::RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; \
    font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors ";

const NOT_BUILT: &str = "<!doctype html><meta charset=utf-8><title>jet-admin</title><h1>jet-admin is running</h1>\
    <p>This binary was built without the admin UI. Run <code>make ui</code> and build again; the API is at <a href=/api/docs>/api/docs</a>.";

/// The page of a shared dashboard, as a path without its token.
pub const SHARE: &str = "/share/";

/// A file of the UI; any other path is a page of the app, which its router knows. `embedders` may show it in a frame.
pub fn serve(request: &Request, embedders: &[String]) -> Response {
    let mut response = file(request);
    let ancestors = if embedders.is_empty() { "'none'".to_owned() } else { embedders.join(" ") };
    match HeaderValue::from_str(&format!("{POLICY}{ancestors}")) {
        Ok(policy) => response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    response
}

fn file(request: &Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let is_asset = path.starts_with("assets/");
    let (name, file) = match Files::get(path).filter(|_| !path.is_empty()) {
        Some(file) => (path, file),
        None if is_asset => return StatusCode::NOT_FOUND.into_response(),
        None => match Files::get("index.html") {
            Some(file) => ("index.html", file),
            None => return Html(NOT_BUILT).into_response(),
        },
    };
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..8]));
    // who may embed a page can change while the page does not
    let keeps = !request.uri().path().starts_with(SHARE);
    if keeps && request.headers().get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    let accepts = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let cache = if is_asset { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, media_type(name)), (CACHE_CONTROL, cache), (VARY, "accept-encoding")];
    let mut response = if accepts.contains("gzip") {
        (headers, [(CONTENT_ENCODING, "gzip")], Body::from(file.data)).into_response()
    } else {
        let mut plain = Vec::new();
        match flate2::read::GzDecoder::new(&*file.data).read_to_end(&mut plain) {
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
