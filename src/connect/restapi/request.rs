//! A request from its options: what callers send is data in its place, never more address, header or JSON than that.
use super::{Auth, BodyType, Call, Pair, Place, Service, Verb};
use crate::{
    Error, Result,
    connect::{Request, http::Outgoing},
    script::{
        Globals,
        template::{self, Part, Template},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use reqwest::{
    Method,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use url::{Url, form_urlencoded::Serializer};

/// Headers that the connection itself decides.
const RESERVED: [&str; 6] = ["host", "content-length", "transfer-encoding", "connection", "upgrade", "te"];

pub(super) async fn build(service: &Service, query: &Call, request: &Request) -> Result<Outgoing> {
    let resolver = Resolver { service, request, scope: request.params.scope() };
    let mut url = service.base.clone();
    resolver.path(&mut url, &query.path).await?;
    let mut headers = HeaderMap::new();
    for (pairs, given) in [(&service.options.headers, false), (&query.headers, true)] {
        for (i, pair) in pairs.iter().enumerate() {
            let value =
                if given { resolver.text(&pair.value, "options.headers", i).await? } else { pair.value.clone() };
            put(&mut headers, pair, &value, i)?;
        }
    }
    let mut pairs: Vec<(String, String)> =
        service.options.query_params.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect();
    for (i, pair) in query.query_params.iter().enumerate() {
        pairs.push((pair.name.clone(), resolver.text(&pair.value, "options.queryParams", i).await?));
    }
    authenticate(&service.options.auth, &mut headers, &mut pairs)?;
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    let body = resolver.body(query, &mut headers).await?;
    let method = match query.method {
        Verb::Get => Method::GET,
        Verb::Head => Method::HEAD,
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    };
    Ok(Outgoing { method, url, headers, body })
}

/// A request to the base address, with credentials.
pub(super) fn probe(service: &Service) -> Result<Outgoing> {
    let mut headers = HeaderMap::new();
    let mut pairs = Vec::new();
    for (i, pair) in service.options.headers.iter().enumerate() {
        put(&mut headers, pair, &pair.value, i)?;
    }
    authenticate(&service.options.auth, &mut headers, &mut pairs)?;
    let mut url = service.base.clone();
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    Ok(Outgoing { method: Method::GET, url, headers, body: None })
}

struct Resolver<'a> {
    service: &'a Service,
    request: &'a Request,
    scope: Globals,
}

impl Resolver<'_> {
    async fn value(&self, value: &Value, path: &str) -> Result<Value> {
        template::resolve_value(value, &self.scope, &self.service.sandbox, self.request.timeout)
            .await
            .map_err(|problem| problem.at(path))
    }

    async fn text(&self, text: &str, path: &str, index: usize) -> Result<String> {
        let value = self.value(&Value::String(text.to_owned()), &format!("{path}[{index}].value")).await?;
        Ok(template::as_text(&value).into_owned())
    }

    /// Adds the path: slashes in the query's text separate segments, those in a value do not.
    async fn path(&self, url: &mut Url, path: &str) -> Result<()> {
        let wrong = |why: &str| Error::invalid("options.path", why.to_owned());
        let parsed = Template::parse(path).map_err(|problem| wrong(&problem.to_string()))?;
        let mut segments = vec![String::new()];
        for part in &parsed.parts {
            match part {
                Part::Text(text) if text.contains(['?', '#']) => {
                    return Err(wrong("must not hold `?` or `#`: use query parameters"));
                }
                Part::Text(text) => {
                    let mut pieces = text.split('/');
                    if let (Some(last), Some(first)) = (segments.last_mut(), pieces.next()) {
                        last.push_str(first);
                    }
                    segments.extend(pieces.map(str::to_owned));
                }
                Part::Expression(expression) => {
                    let source = Value::String(format!("{{{{ {} }}}}", expression.source));
                    let value = self.value(&source, "options.path").await?;
                    if let Some(last) = segments.last_mut() {
                        last.push_str(&template::as_text(&value));
                    }
                }
            }
        }
        // a whole segment of dots would climb out of the base address
        if segments.iter().any(|segment| matches!(segment.trim(), "." | "..")) {
            return Err(wrong("must not hold `.` or `..` as a segment"));
        }
        let leading = segments.iter().take_while(|segment| segment.is_empty()).count();
        let mut path = url.path_segments_mut().map_err(|()| wrong("cannot be added to the base URL"))?;
        path.pop_if_empty().extend(segments.iter().skip(leading));
        Ok(())
    }

    async fn body(&self, query: &Call, headers: &mut HeaderMap) -> Result<Option<Vec<u8>>> {
        if query.body.is_null() {
            return Ok(None);
        }
        let body = self.value(&query.body, "options.body").await?;
        let (kind, bytes) = match query.body_type {
            BodyType::Json => ("application/json", serde_json::to_vec(&body)?),
            BodyType::Text => ("text/plain; charset=utf-8", template::as_text(&body).into_owned().into_bytes()),
            BodyType::Form => {
                let fields =
                    body.as_object().ok_or_else(|| Error::invalid("options.body", "must be an object for a form"))?;
                let mut form = Serializer::new(String::new());
                for (name, value) in fields {
                    let several = value.as_array().map(Vec::as_slice);
                    for item in several.unwrap_or(std::slice::from_ref(value)) {
                        form.append_pair(name, &template::as_text(item));
                    }
                }
                ("application/x-www-form-urlencoded", form.finish().into_bytes())
            }
        };
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(kind));
        Ok(Some(bytes))
    }
}

fn put(headers: &mut HeaderMap, pair: &Pair, value: &str, index: usize) -> Result<()> {
    let wrong = |field: &str, why: &str| Error::invalid(format!("options.headers[{index}].{field}"), why.to_owned());
    let name =
        HeaderName::from_bytes(pair.name.trim().as_bytes()).map_err(|_| wrong("name", "is not a header's name"))?;
    if RESERVED.contains(&name.as_str()) {
        return Err(wrong("name", "is set by the connection itself"));
    }
    let value = HeaderValue::from_str(value).map_err(|_| wrong("value", "must be one line of text"))?;
    headers.insert(name, value);
    Ok(())
}

fn authenticate(auth: &Auth, headers: &mut HeaderMap, pairs: &mut Vec<(String, String)>) -> Result<()> {
    let secret = |text: String, field: &str| {
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| Error::invalid(format!("options.auth.{field}"), "must be one line of text"))?;
        value.set_sensitive(true);
        Ok::<_, Error>(value)
    };
    match auth {
        Auth::None => {}
        Auth::Basic { username, password } => {
            let credentials = BASE64.encode(format!("{username}:{password}"));
            headers.insert(AUTHORIZATION, secret(format!("Basic {credentials}"), "password")?);
        }
        Auth::Bearer { token } => {
            headers.insert(AUTHORIZATION, secret(format!("Bearer {token}"), "token")?);
        }
        Auth::ApiKey { name, value, place: Place::Query } => pairs.push((name.clone(), value.clone())),
        Auth::ApiKey { name, value, place: Place::Header } => {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Error::invalid("options.auth.name", "is not a header's name"))?;
            headers.insert(name, secret(value.clone(), "value")?);
        }
    }
    Ok(())
}
