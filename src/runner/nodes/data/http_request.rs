//! Sends a request to any HTTP service, under the same rules as datasources.
use crate::{
    Error, Result,
    bodies::BodyContent,
    budget::{Hold, MemoryOwner},
    connect::http::{
        HttpResponse, OutgoingRequest,
        auth::{self, KeyPlace},
        content::{self, BodyType, HttpVerb, put_header, query_pairs},
    },
    json::Room,
    model::parse,
    runner::nodes::{
        NodeConfig, NodeFuture, NodeInfo, NodeKind, Schema, StepContext, StepFailure, StepOutcome, StepResult,
        external,
        http::{address, headers},
        problem, read, schema_of,
    },
    script::template::as_text,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::{HeaderMap, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use url::form_urlencoded::byte_serialize;

/// Maximum size of a response, in bytes.
const LARGEST: usize = 4 << 20;
/// Maximum memory that its values may take, in bytes.
const VALUES: usize = 32 << 20;
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The code of failures that the other service caused.
const CODE: &str = "HTTP_ERROR";

pub struct HttpRequestNode;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    #[schemars(title = "Method", extend("default" = "GET"))]
    #[serde(default)]
    method: HttpVerb,
    /// For example `https://api.example.com/items/{{ input.id }}`. Values in the path and the query are URL-encoded. A
    /// template at the start may give the whole URL or its beginning: `{{ vars.base }}/items`.
    #[schemars(title = "URL", length(min = 1, max = 4000))]
    url: String,
    /// A list adds the parameter once for each item; null leaves it out.
    #[schemars(title = "Query parameters")]
    #[serde(default)]
    query: Map<String, Value>,
    /// Names and values. `Idempotency-Key` is always sent, with the same value for every attempt of the step.
    #[schemars(title = "Headers")]
    #[serde(default)]
    headers: Map<String, Value>,
    #[schemars(title = "Authentication")]
    #[serde(default)]
    auth: Auth,
    /// Any JSON for a JSON body, an object for a form, a string for text. In a multipart body, each field is a value or
    /// a file: `{filename, contentType, base64}` or `{filename, contentType, text}`. Templates keep the types of their
    /// values.
    #[schemars(title = "Body")]
    #[serde(default)]
    body: Value,
    #[schemars(title = "Body type", extend("default" = "json"))]
    #[serde(default)]
    body_type: BodyType,
    /// The statuses of a successful response: `2xx`, or a list such as `200, 404, 5xx`. Any other status fails the
    /// step.
    #[schemars(title = "Expected status", length(max = 200), extend("default" = "2xx"))]
    #[serde(default = "success")]
    expect_status: String,
    #[schemars(title = "Response", extend("default" = "auto"))]
    #[serde(default)]
    response: Response,
    /// Follows up to five redirects. Other hosts do not get the headers. If off, a redirect is returned like any other
    /// response.
    #[schemars(title = "Follow redirects", extend("default" = true))]
    #[serde(default = "yes")]
    follow_redirects: bool,
}

/// Credentials for the service. Templates such as `{{ vars.token }}` are supported.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
enum Auth {
    #[default]
    None,
    /// User name and password
    Basic {
        #[schemars(title = "User name")]
        username: String,
        #[schemars(title = "Password")]
        #[serde(default)]
        password: String,
    },
    /// A token in the `Authorization` header
    Bearer {
        #[schemars(title = "Token")]
        token: String,
    },
    /// A key in a header or in the query string
    ApiKey {
        #[schemars(title = "Name")]
        name: String,
        #[schemars(title = "Key")]
        value: String,
        #[schemars(title = "Sent in", extend("default" = "header"))]
        #[serde(default, rename = "in")]
        place: KeyPlace,
    },
}

impl From<Auth> for auth::Auth {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::None => Self::None,
            Auth::Basic { username, password } => Self::Basic { username, password },
            Auth::Bearer { token } => Self::Bearer { token },
            Auth::ApiKey { name, value, place } => Self::ApiKey { name, value, place },
        }
    }
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Response {
    /// By content type: JSON and forms as values, text as text, anything else as base64 (see `bodyEncoding`)
    #[default]
    Auto,
    /// JSON, regardless of the content type
    Json,
    Text,
    Base64,
}

fn success() -> String {
    "2xx".to_owned()
}

fn yes() -> bool {
    true
}

/// Parses a list such as `2xx, 404`. Each status has three digits; `None` matches any digit.
fn statuses(text: &str) -> Result<Vec<[Option<u16>; 3]>> {
    let wrong =
        || Error::invalid("expectStatus", format!("`{text}` is not a status: enter 2xx, or a list such as 200, 404"));
    let digit = |c: char| match c {
        'x' | 'X' => Some(None),
        _ => c.to_digit(10).and_then(|digit| u16::try_from(digit).ok()).map(Some),
    };
    let status = |word: &str| {
        let digits: Vec<_> = word.trim().chars().map(digit).collect::<Option<_>>()?;
        let digits: [Option<u16>; 3] = digits.try_into().ok()?;
        digits[0].is_none_or(|first| (1..=5).contains(&first)).then_some(digits)
    };
    text.split(',').map(|word| status(word).ok_or_else(wrong)).collect()
}

fn expected(statuses: &[[Option<u16>; 3]], status: u16) -> bool {
    let digits = [status / 100, status / 10 % 10, status % 10];
    statuses.iter().any(|known| known.iter().zip(digits).all(|(known, digit)| known.is_none_or(|known| known == digit)))
}

impl Settings {
    /// Returns the request without credentials, and records what may be shown of it.
    async fn request(&self, step: &StepContext<'_>) -> Result<OutgoingRequest, StepFailure> {
        let mut url = address::resolve(step, &self.url, "url").await?;
        let query = step.resolve(&Value::Object(self.query.clone()), "query").await?;
        let pairs = query.as_object().into_iter().flatten().flat_map(|(name, value)| query_pairs(name, value));
        let pairs: Vec<_> = pairs.collect();
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let mut headers = headers::resolve(step, self.headers.clone()).await?;
        let body = step.resolve(&self.body, "body").await?;
        step.saw(&json!({
            "method": self.method, "url": url.as_str(), "headers": headers::shown(&headers), "body": body,
        }));
        let body = match body {
            Value::Null => None,
            body => content::encode(self.body_type, body, &mut headers, "body")?.into_bytes(),
        };
        headers.entry(IDEMPOTENCY_KEY).or_insert(key(&step.idempotency_key())?);
        Ok(OutgoingRequest { method: self.method.into(), url, headers, body })
    }

    async fn output(&self, answer: &mut HttpResponse, hold: &Arc<Hold>) -> Result<Value> {
        let mut output = answer.head();
        if self.response != Response::Base64 || !answer.whole {
            answer.check_whole()?;
        }
        let room = Room::within(VALUES, hold);
        let bytes = |output: &mut Value, bytes: &[u8]| {
            output["bodyEncoding"] = "base64".into();
            Value::from(BASE64_STANDARD.encode(bytes))
        };
        output["body"] = match self.response {
            Response::Base64 => bytes(&mut output, &answer.body),
            Response::Text => answer.text().into(),
            Response::Json => answer.json(room, None).await?,
            Response::Auto => match answer.content(room, None).await? {
                BodyContent::Empty => Value::Null,
                BodyContent::Value(value) => value,
                BodyContent::Text(text) => text.into(),
                BodyContent::Bytes(body) => bytes(&mut output, &body),
            },
        };
        Ok(output)
    }
}

/// Returns a step's idempotency key as a header value. Encodes it if necessary, because node ids may be any text.
fn key(key: &str) -> Result<HeaderValue> {
    let encoded = || byte_serialize(key.as_bytes()).collect::<String>();
    HeaderValue::from_str(key).or_else(|_| HeaderValue::try_from(encoded())).map_err(Error::internal)
}

/// Resolves the templates of the credentials, and converts their values to text.
async fn credentials(step: &StepContext<'_>) -> Result<auth::Auth, StepFailure> {
    let Some(given) = step.config.get("auth") else { return Ok(auth::Auth::None) };
    let mut resolved = step.resolve(given, "auth").await?;
    for value in resolved.as_object_mut().into_iter().flat_map(Map::values_mut) {
        *value = as_text(value).into_owned().into();
    }
    Ok(parse::from_value::<Auth>(resolved, "auth")?.into())
}

impl NodeKind for HttpRequestNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "httpRequest",
            name: "HTTP request",
            category: "Data",
            description: "Sends a request to any HTTP service and returns status, headers and body",
            handles: &[("out", "Next"), ("error", "On error")],
            dynamic_handles: None,
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        let mut problems = headers::check(&settings.headers);
        for checked in [address::check(&settings.url, "url"), statuses(&settings.expect_status).map(drop)] {
            if let Err(Error::Invalid(more)) = checked {
                problems.extend(more);
            }
        }
        if let Auth::ApiKey { name, place: KeyPlace::Header, .. } = &settings.auth
            && !name.contains("{{")
            && put_header(&mut HeaderMap::new(), name, "").is_err()
        {
            problems.push(problem("auth.name", "is not a valid header name"));
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            let mut outgoing = settings.request(step).await?;
            credentials(step).await?.sign(&mut outgoing, "auth")?;
            let sent = outgoing.headers.clone();
            let web = &step.services.web;
            let hold = step.services.budget.of(MemoryOwner::Tenant(step.scope.tenant)).hold();
            let room = Room::within(LARGEST, &hold);
            let asked = async {
                if settings.follow_redirects {
                    web.send(outgoing, room).await
                } else {
                    web.exchange(outgoing, room).await
                }
            };
            let mut answer = step.in_time(asked).await.map_err(external(CODE))?;
            if !expected(&statuses(&settings.expect_status)?, answer.status.as_u16()) {
                answer.scrub(step.secrets, &sent);
                return Err(external(CODE)(answer.refusal()));
            }
            let output = settings.output(&mut answer, &hold).await.map_err(external(CODE))?;
            Ok(StepOutcome::Done(StepResult::out(output)))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_check_reports_problems_of_a_request() {
        let problem_of = |config: Value| {
            HttpRequestNode
                .check(config.as_object().unwrap())
                .map_or_else(|error| error.to_string(), |()| String::new())
        };
        let with = |field: &str, value: Value| {
            let mut config = json!({"url": "https://example.com/"});
            config[field] = value;
            config
        };
        assert_eq!(problem_of(with("method", json!("POST"))), "");
        assert_eq!(problem_of(with("auth", json!({"type": "apiKey", "name": "X-Key", "value": "{{ vars.key }}"}))), "");
        for (config, words) in [
            (json!({}), "url: is required"),
            (json!({"url": "https://{{ input.host }}/"}), "url: a template cannot be a part of the host"),
            (with("method", json!("BREW")), "method: must be one of GET, "),
            (with("headers", json!({"A b": "c"})), "headers.A b: is not a valid header name"),
            (with("headers", json!({"Host": "elsewhere"})), "is set by the connection itself"),
            (with("headers", json!({"X-A": "b\r\nX-Evil: 1"})), "must be one line of text"),
            (with("auth", json!({"type": "oauth2"})), "auth"),
            (with("auth", json!({"type": "apiKey", "name": "a b", "value": "c"})), "auth.name"),
            (with("expectStatus", json!("fine")), "expectStatus: `fine` is not a status"),
            (with("response", json!("xml")), "response"),
        ] {
            assert!(problem_of(config.clone()).contains(words), "{config}: {}", problem_of(config.clone()));
        }
    }

    #[test]
    fn statuses_are_single_codes_or_classes() {
        let known = |text: &str, status| expected(&statuses(text).unwrap(), status);
        assert!(known("2xx", 200) && known("2xx", 299) && !known("2xx", 300));
        assert!(known("200, 404,5XX", 503) && known("200, 404", 404) && !known("200, 404", 201));
        assert!(known("xxx", 599) && known("20x", 206) && !known("20x", 226));
        for wrong in ["", "2", "2xxx", "six", "200,", "600", "-20"] {
            assert!(statuses(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_key_becomes_a_valid_header() {
        assert_eq!(key("a/b/").unwrap(), "a/b/");
        assert_eq!(key("a/né\n/").unwrap(), "a%2Fn%C3%A9%0A%2F");
    }
}
