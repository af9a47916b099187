//! The API document, generated from the handlers' types, and a page that shows it.
use crate::Error;
use crate::api::{
    App, document,
    responses::{
        documented::{self, BEARER, CANCELLED},
        fixed::Fixed,
    },
};
use aide::{
    axum::ApiRouter,
    openapi::{Info, OpenApi, ReferenceOr, SecurityScheme},
    transform::TransformOpenApi,
};
use axum::{
    Router,
    http::{HeaderMap, Method, header::CONTENT_SECURITY_POLICY},
    response::Html,
    routing::get,
};
use bytes::Bytes;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::OnceCell;

/// Whether requests are cancelled when their callers go away, by path and method, for routes that specify it.
#[derive(Default)]
pub struct CancelledRoutes(HashMap<String, Vec<(Method, bool)>>);

impl CancelledRoutes {
    /// Returns whether a request is cancelled with its caller: as the route specifies, or else if its method only
    /// reads.
    pub fn with_caller(&self, path: Option<&str>, method: &Method) -> bool {
        let specified = path.and_then(|path| self.0.get(path)?.iter().find(|(known, _)| known == method));
        specified.map_or_else(|| method.is_safe(), |(_, cancelled)| *cancelled)
    }
}

/// Returns the routes, and which of them are cancelled with their callers.
pub fn served(routes: impl FnOnce() -> ApiRouter<App>) -> (Router<App>, CancelledRoutes) {
    let (served, api) = finished(routes, false);
    let mut cancelled = CancelledRoutes::default();
    for (path, item) in api.paths.iter().flat_map(|paths| &paths.paths) {
        let ReferenceOr::Item(item) = item else { continue };
        for (method, operation) in item.iter() {
            let specified = operation.extensions.get(CANCELLED).and_then(serde_json::Value::as_bool);
            if let (Some(specified), Ok(method)) = (specified, method.to_uppercase().parse()) {
                cancelled.0.entry(path.clone()).or_default().push((method, specified));
            }
        }
    }
    (served, cancelled)
}

/// Returns the API document of the routes as JSON. `base` is the path of the public URL. Takes about 20 ms.
pub fn document_of(routes: impl FnOnce() -> ApiRouter<App>, base: &str) -> Bytes {
    let (_, mut api) = finished(routes, true);
    for item in api.paths.iter_mut().flat_map(|paths| paths.paths.values_mut()) {
        // aide also lists the parameters on the path item; ours are on each operation
        if let ReferenceOr::Item(item) = item {
            item.parameters.clear();
        }
    }
    let api = document::finish(serde_json::to_value(&api).unwrap_or_default(), base);
    serde_json::to_vec(&api).unwrap_or_default().into()
}

/// Returns the routes and their document; without `is_complete`, inputs and responses are left out, because every server
/// starts with this.
fn finished(routes: impl FnOnce() -> ApiRouter<App>, is_complete: bool) -> (Router<App>, OpenApi) {
    // it reports responses that two extractors both document; the first one is used
    aide::generate::on_error(|_| {});
    // operations are documented while the routes are created
    aide::generate::infer_responses(is_complete);
    documented::skip_inputs(!is_complete);
    let mut api = OpenApi {
        info: Info { title: "jet-admin".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), ..Info::default() },
        ..OpenApi::default()
    };
    let served = routes().finish_api_with(&mut api, describe);
    documented::skip_inputs(false);
    (served, api)
}

fn describe(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    let scheme =
        serde_json::json!({"type": "http", "scheme": "bearer", "bearerFormat": "an ID token, or an API key `jet_…`"});
    let scheme = serde_json::from_value::<SecurityScheme>(scheme);
    let api = api.summary("Internal tools: datasources, queries, widgets, dashboards and workflows, per tenant");
    match scheme {
        Ok(scheme) => api.security_scheme(BEARER, scheme),
        Err(_) => api,
    }
}

/// Allows only the page's inline script and style.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Returns the routes of the document, and of a page that shows it without external assets. `write` writes the document
/// when it is first asked for: most servers never are, and it takes longer than the rest of the start.
pub fn routes(write: impl FnOnce() -> Bytes + Clone + Send + Sync + 'static) -> Router<App> {
    let written = Arc::new(OnceCell::new());
    let json = move |headers: HeaderMap| async move {
        let document = written.get_or_try_init(async || {
            Ok::<_, Error>(tokio::task::spawn_blocking(move || Fixed::<()>::new(write().into())).await?)
        });
        Ok::<_, Error>(document.await?.answer(&headers, "no-cache"))
    };
    Router::new()
        .route("/api/v1/openapi.json", get(json))
        .route("/api/docs", get(async || ([(CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(include_str!("docs.html")))))
}
