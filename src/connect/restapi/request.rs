//! A request from its options: what callers send is data in its place, never more address, header or JSON than that.
use super::{Call, Pair, Place, Service, Terms};
use crate::{
    Error, Result,
    connect::http::{
        Outgoing,
        content::{self, Body},
    },
    script::template::{self, Part, Template},
};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde_json::{Map, Value};
use url::Url;

/// A request whose templates are resolved; the next page's is a changed copy.
#[derive(Clone)]
pub(super) struct Prepared {
    method: Method,
    /// Without `pairs`.
    pub url: Url,
    headers: HeaderMap,
    pub pairs: Vec<(String, String)>,
    body: Body,
}

impl Prepared {
    pub fn outgoing(self) -> Outgoing {
        let mut url = self.url;
        if !self.pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(self.pairs);
        }
        Outgoing { method: self.method, url, headers: self.headers, body: self.body.into_bytes() }
    }

    /// The value of a parameter that counts.
    pub fn number(&self, place: Place, name: &str) -> Option<u64> {
        match (place, &self.body) {
            (Place::Query, _) => self.pairs.iter().rev().find(|(known, _)| known == name)?.1.trim().parse().ok(),
            (Place::Body, Body::Json(body)) => body.get(name)?.as_u64(),
            (Place::Body, _) => None,
        }
    }

    /// Replaces a parameter of the query string or of the JSON body.
    pub fn set(&mut self, place: Place, name: &str, value: Value) -> Result<()> {
        match (place, &mut self.body) {
            (Place::Query, _) => {
                self.pairs.retain(|(known, _)| known != name);
                self.pairs.push((name.to_owned(), template::as_text(&value).into_owned()));
            }
            (Place::Body, Body::Json(Value::Object(fields))) => drop(fields.insert(name.to_owned(), value)),
            (Place::Body, body @ Body::None) => {
                *body = Body::Json(Value::Object(Map::from_iter([(name.to_owned(), value)])));
                self.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
            }
            (Place::Body, _) => {
                return Err(Error::invalid("options.pagination.in", "needs a JSON body that is an object"));
            }
        }
        Ok(())
    }
}

pub(super) async fn prepare(service: &Service, call: &Call, terms: &Terms<'_>) -> Result<Prepared> {
    let resolver = Resolver { service, terms };
    let mut url = service.base.clone();
    resolver.path(&mut url, &call.path).await?;
    let mut headers = fixed_headers(service)?;
    for (i, pair) in call.headers.iter().enumerate() {
        let value = resolver.value(&pair.value.clone().into(), &format!("options.headers[{i}].value")).await?;
        put(&mut headers, pair, &template::as_text(&value), i)?;
    }
    let mut pairs = fixed_pairs(service);
    for (i, pair) in call.query_params.iter().enumerate() {
        let value = resolver.value(&pair.value.clone().into(), &format!("options.queryParams[{i}].value")).await?;
        let several = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
        pairs.extend(several.iter().map(|item| (pair.name.clone(), template::as_text(item).into_owned())));
    }
    let body = resolver.body(call, &mut headers).await?;
    Ok(Prepared { method: call.method.into(), url, headers, pairs, body })
}

/// A request to the base address.
pub(super) fn probe(service: &Service) -> Result<Prepared> {
    let (headers, pairs) = (fixed_headers(service)?, fixed_pairs(service));
    Ok(Prepared { method: Method::GET, url: service.base.clone(), headers, pairs, body: Body::None })
}

fn fixed_headers(service: &Service) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (i, pair) in service.headers.iter().enumerate() {
        put(&mut headers, pair, &pair.value, i)?;
    }
    Ok(headers)
}

fn fixed_pairs(service: &Service) -> Vec<(String, String)> {
    service.query_params.iter().map(|pair| (pair.name.clone(), pair.value.clone())).collect()
}

struct Resolver<'a> {
    service: &'a Service,
    terms: &'a Terms<'a>,
}

impl Resolver<'_> {
    async fn value(&self, value: &Value, path: &str) -> Result<Value> {
        template::resolve_value(value, &self.terms.scope, &self.service.sandbox, self.terms.request.timeout)
            .await
            .map_err(|problem| problem.at(path))
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

    async fn body(&self, call: &Call, headers: &mut HeaderMap) -> Result<Body> {
        if call.body.is_null() {
            return Ok(Body::None);
        }
        content::encode(call.body_type, self.value(&call.body, "options.body").await?, headers, "options.body")
    }
}

fn put(headers: &mut HeaderMap, pair: &Pair, value: &str, index: usize) -> Result<()> {
    content::put_header(headers, &pair.name, value).map_err(|(field, why)| {
        let field = if field == content::Field::Name { "name" } else { "value" };
        Error::invalid(format!("options.headers[{index}].{field}"), why)
    })
}
