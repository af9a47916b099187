//! The API document, generated from the handlers' types, and a page that shows it.
use crate::api::{
    App, document,
    responses::{
        documented::{BEARER, CANCELLED},
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

/// Whether requests are cancelled when their callers go away, by path and method, for routes that specify it.
#[derive(Default)]
pub struct Cancelled(HashMap<String, Vec<(Method, bool)>>);

impl Cancelled {
    /// Returns whether a request is cancelled with its caller: as the route specifies, or else if its method only
    /// reads.
    pub fn with_caller(&self, path: Option<&str>, method: &Method) -> bool {
        let said = path.and_then(|path| self.0.get(path)?.iter().find(|(known, _)| known == method));
        said.map_or_else(|| method.is_safe(), |(_, cancelled)| *cancelled)
    }
}

/// Returns the routes, their API document as JSON, and which of them are cancelled with their callers. `base` is the
/// path of the public URL.
pub fn documented(routes: ApiRouter<App>, base: &str) -> (Router<App>, Bytes, Cancelled) {
    // it reports responses that two extractors both document; the first one is used
    aide::generate::on_error(|_| {});
    aide::generate::infer_responses(true);
    let mut api = OpenApi {
        info: Info { title: "jet-admin".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), ..Info::default() },
        ..OpenApi::default()
    };
    let served = routes.finish_api_with(&mut api, describe);
    let mut cancelled = Cancelled::default();
    api.paths.iter_mut().for_each(|paths| {
        for (path, item) in &mut paths.paths {
            let ReferenceOr::Item(item) = item else { continue };
            for (method, operation) in item.iter() {
                let said = operation.extensions.get(CANCELLED).and_then(serde_json::Value::as_bool);
                if let (Some(said), Ok(method)) = (said, method.to_uppercase().parse()) {
                    cancelled.0.entry(path.clone()).or_default().push((method, said));
                }
            }
            // aide also lists the parameters on the path item; ours are on each operation
            item.parameters.clear();
        }
    });
    let api = document::finish(serde_json::to_value(&api).unwrap_or_default(), base);
    let json = serde_json::to_vec(&api).unwrap_or_default();
    (served, json.into(), cancelled)
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

/// Returns the routes of the document, and of a page that shows it without external assets.
pub fn routes(document: Bytes) -> Router<App> {
    let document = Arc::new(Fixed::<()>::new(document.into()));
    let json = move |headers: HeaderMap| async move { document.answer(&headers, "no-cache") };
    Router::new()
        .route("/api/v1/openapi.json", get(json))
        .route("/api/docs", get(async || ([(CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(include_str!("docs.html")))))
}
