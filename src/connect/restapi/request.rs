//! Builds a request from its options. What callers send fills its place, and never becomes more of the URL, a header or
//! JSON than that.
use super::{CallOptions, ParameterLocation, RestCall, Service};
use crate::{
    Error, Result,
    connect::http::{
        OutgoingRequest,
        address::{self, UrlPiece},
        content::{self, OutgoingBody},
    },
    script::template::{self, Expression, Segment, Template, TemplatePart},
};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde_json::{Map, Value};
use url::{Position, Url};

const PATH: &str = "options.path";

/// A request with resolved templates. The request for the next page is a modified copy.
#[derive(Clone)]
pub(super) struct PreparedRequest {
    method: Method,
    /// Without `pairs`.
    pub url: Url,
    headers: HeaderMap,
    pub pairs: Vec<(String, String)>,
    body: OutgoingBody,
}

impl PreparedRequest {
    pub fn outgoing(self) -> OutgoingRequest {
        let mut url = self.url;
        if !self.pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(self.pairs);
        }
        OutgoingRequest { method: self.method, url, headers: self.headers, body: self.body.into_bytes() }
    }

    /// Returns the value of a numeric parameter.
    pub fn number(&self, place: ParameterLocation, name: &str) -> Option<u64> {
        match (place, &self.body) {
            (ParameterLocation::Query, _) => {
                self.pairs.iter().rev().find(|(known, _)| known == name)?.1.trim().parse().ok()
            }
            (ParameterLocation::Body, OutgoingBody::Json(body)) => body.get(name)?.as_u64(),
            (ParameterLocation::Body, _) => None,
        }
    }

    /// Replaces a parameter of the query string or of the JSON body.
    pub fn set(&mut self, place: ParameterLocation, name: &str, value: Value) -> Result<()> {
        match (place, &mut self.body) {
            (ParameterLocation::Query, _) => {
                self.pairs.retain(|(known, _)| known != name);
                self.pairs.push((name.to_owned(), template::as_text(&value).into_owned()));
            }
            (ParameterLocation::Body, OutgoingBody::Json(Value::Object(fields))) => {
                drop(fields.insert(name.to_owned(), value));
            }
            (ParameterLocation::Body, body @ OutgoingBody::None) => {
                *body = OutgoingBody::Json(Value::Object(Map::from_iter([(name.to_owned(), value)])));
                self.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            }
            (ParameterLocation::Body, _) => {
                return Err(Error::invalid("options.pagination.in", "requires a JSON body that is an object"));
            }
        }
        Ok(())
    }
}

pub(super) async fn prepare(service: &Service, call: &RestCall, terms: &CallOptions<'_>) -> Result<PreparedRequest> {
    let resolver = Resolver { service, terms };
    let url = resolver.address(&call.path).await?;
    let mut headers = fixed_headers(service)?;
    for (i, pair) in call.headers.iter().enumerate() {
        let value = resolver.value(&pair.value.clone().into(), &format!("options.headers[{i}].value")).await?;
        // a header without a value is not sent
        if !value.is_null() {
            put(&mut headers, &pair.name, &template::as_text(&value), i)?;
        }
    }
    let mut pairs = fixed_pairs(service);
    for (i, pair) in call.query_params.iter().enumerate() {
        let value = resolver.value(&pair.value.clone().into(), &format!("options.queryParams[{i}].value")).await?;
        pairs.extend(content::query_pairs(&pair.name, &value));
    }
    let body = resolver.body(call, &mut headers).await?;
    Ok(PreparedRequest { method: call.method.into(), url, headers, pairs, body })
}

/// Returns a request to the base URL.
pub(super) fn probe(service: &Service) -> Result<PreparedRequest> {
    let (headers, pairs) = (fixed_headers(service)?, fixed_pairs(service));
    Ok(PreparedRequest { method: Method::GET, url: service.base.clone(), headers, pairs, body: OutgoingBody::None })
}

fn fixed_headers(service: &Service) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (i, fixed) in service.headers.iter().enumerate() {
        put(&mut headers, &fixed.name, &fixed.value, i)?;
        if let Some(value) = headers.get_mut(fixed.name.trim()).filter(|_| fixed.secret) {
            value.set_sensitive(true);
        }
    }
    Ok(headers)
}

fn fixed_pairs(service: &Service) -> Vec<(String, String)> {
    service.query_params.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect()
}

/// Whether a segment of an author's text consists of dots.
fn climbs(text: &str) -> bool {
    text.split(['/', '\\']).any(|segment| matches!(segment.trim(), "." | ".."))
}

/// Returns the field of a service's operation whose value an expression uses.
fn field(expression: &Expression) -> Option<String> {
    match expression.path.as_deref() {
        Some([Segment::Key(root), Segment::Key(name)]) if root == "fields" => Some(format!("options.{name}")),
        _ => None,
    }
}

struct Resolver<'a> {
    service: &'a Service,
    terms: &'a CallOptions<'a>,
}

impl Resolver<'_> {
    async fn value(&self, value: &Value, path: &str) -> Result<Value> {
        template::resolve_value(value, &self.terms.scope, &self.service.sandbox, self.terms.request.timeout)
            .await
            .map_err(|problem| problem.at(path))
    }

    /// Adds the path to the base URL. Slashes in the query's text separate segments, slashes in a value do not.
    async fn address(&self, path: &str) -> Result<Url> {
        let wrong = |why: &str| Error::invalid(PATH, why.to_owned());
        let parsed = Template::parse(path).map_err(|problem| wrong(&problem.to_string()))?;
        if parsed.text().is_some_and(climbs) {
            return Err(wrong("must not contain `.` or `..` as a segment"));
        }
        let mut pieces = Vec::with_capacity(parsed.parts.len());
        for part in &parsed.parts {
            pieces.push(match part {
                TemplatePart::Text(text) if text.contains(['?', '#']) => {
                    return Err(wrong("must not contain `?` or `#`: use query parameters"));
                }
                TemplatePart::Text(text) => UrlPiece::Text(address::encode_text(text)),
                TemplatePart::Expression(expression) => {
                    let template = Value::String(format!("{{{{ {} }}}}", expression.source));
                    let value = self.value(&template, PATH).await?;
                    UrlPiece::Value { source: expression.source.clone(), field: field(expression), value }
                }
            });
        }
        let base = &self.service.base;
        let mut beginning = base[..Position::AfterPath].to_owned();
        if beginning.ends_with('/') {
            beginning.pop();
        }
        // one slash between the base and the path, however either is written
        if let Some(UrlPiece::Text(first)) = pieces.first_mut() {
            *first = first.trim_start_matches('/').to_owned();
        }
        let empty = pieces.iter().all(|piece| matches!(piece, UrlPiece::Text(text) if text.is_empty()));
        if !empty {
            pieces.insert(0, UrlPiece::Text("/".to_owned()));
        }
        let mut url = address::build(&beginning, &pieces, PATH)?;
        url.set_query(base.query());
        Ok(url)
    }

    async fn body(&self, call: &RestCall, headers: &mut HeaderMap) -> Result<OutgoingBody> {
        if call.body.is_null() {
            return Ok(OutgoingBody::None);
        }
        content::encode(call.body_type, self.value(&call.body, "options.body").await?, headers, "options.body")
    }
}

fn put(headers: &mut HeaderMap, name: &str, value: &str, index: usize) -> Result<()> {
    content::put_header(headers, name, value).map_err(|(field, why)| {
        let field = if field == content::HeaderPart::Name { "name" } else { "value" };
        Error::invalid(format!("options.headers[{index}].{field}"), why)
    })
}
