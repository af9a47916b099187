//! The API document, made from the handlers' own types, and a page that shows it.
use super::{App, documented::BEARER};
use aide::{
    axum::ApiRouter,
    openapi::{Info, OpenApi, ReferenceOr, SecurityScheme},
    transform::TransformOpenApi,
};
use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    response::{Html, IntoResponse},
    routing::get,
};
use bytes::Bytes;

/// Splits documented routes into routes and their document (JSON).
pub fn documented(routes: ApiRouter<App>) -> (Router<App>, Bytes) {
    // the errors it reports are answers that two extractors share: the first one stands
    aide::generate::on_error(|_| {});
    aide::generate::infer_responses(true);
    let mut api = OpenApi {
        info: Info { title: "jet-admin".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), ..Info::default() },
        ..OpenApi::default()
    };
    let served = routes.finish_api_with(&mut api, describe);
    api.paths.iter_mut().for_each(|paths| {
        for (_, item) in &mut paths.paths {
            let ReferenceOr::Item(item) = item else { continue };
            // aide names them in a group of its own; ours say it on each operation
            item.parameters.clear();
        }
    });
    let json = serde_json::to_vec(&api).unwrap_or_default();
    (served, json.into())
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

/// The page's own script and style, and nothing from elsewhere.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The document itself and a readable page without foreign assets.
pub fn routes(document: Bytes) -> Router<App> {
    let json = move || async move {
        ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")], document).into_response()
    };
    Router::new()
        .route("/api/v1/openapi.json", get(json))
        .route("/api/docs", get(async || ([(CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(include_str!("docs.html")))))
}
