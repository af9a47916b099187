//! Serves below a path of another server, such as `https://example.com/jet`.
use axum::{
    extract::Request,
    http::{HeaderValue, Uri, header::LOCATION},
    response::Response,
};
use std::sync::Arc;
use tower::{
    Service,
    util::{MapRequest, MapResponse},
};

/// The path prefix of our own `Location` headers.
const OWN: &str = "/api/v1/";

type Below<S, F, G> = MapResponse<MapRequest<S, F>, G>;

/// Accepts requests with or without `base` in front of the path, because some proxies strip it, and adds it to
/// `Location` headers.
pub fn below<S>(
    base: Arc<str>,
    service: S,
) -> Below<S, impl Fn(Request) -> Request + Clone, impl Fn(Response) -> Response + Clone>
where
    S: Service<Request, Response = Response>,
{
    let prefix = Arc::clone(&base);
    let inward = move |mut request: Request| {
        if let Some(uri) = without(request.uri(), &prefix) {
            *request.uri_mut() = uri;
        }
        request
    };
    let outward = move |mut response: Response| {
        let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
        let location = location.filter(|location| !base.is_empty() && location.starts_with(OWN));
        if let Some(Ok(location)) = location.map(|location| HeaderValue::from_str(&format!("{base}{location}"))) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    };
    MapResponse::new(MapRequest::new(service, inward), outward)
}

/// Strips `base` from the URI's path; `None` if the path does not start with it.
fn without(uri: &Uri, base: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(base).filter(|_| !base.is_empty())?;
    let path = match rest.chars().next() {
        Some('/') => rest.to_owned(),
        None | Some('?') => format!("/{rest}"),
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::without;

    #[test]
    fn only_whole_segments_are_stripped() {
        let cases = [
            ("/jet/api/v1/setup?x=1", Some("/api/v1/setup?x=1")),
            ("/jet", Some("/")),
            ("/jet?x", Some("/?x")),
            ("/jet/", Some("/")),
            ("/jetty/x", None),
            ("/api/v1/jet", None),
        ];
        for (from, to) in cases {
            assert_eq!(without(&from.parse().unwrap(), "/jet").map(|uri| uri.to_string()).as_deref(), to, "{from}");
        }
        assert!(without(&"/x".parse().unwrap(), "").is_none());
    }
}
