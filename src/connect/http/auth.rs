//! Authentication to a service: credentials in a header or in the URL, or a token that is fetched with them.
use super::{Client, OutgoingRequest};
use crate::{Error, Result, connect::secrets::Scrubber, error::DatasourceProblem};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::form_urlencoded::{Serializer, byte_serialize};

/// The path of the authentication among a datasource's options.
const AT: &str = "options.auth";
/// The maximum size of a token response, in bytes.
const ANSWER: usize = 64 << 10;
/// How many seconds a token without a stated lifetime is used.
const LIFETIME: f64 = 3600.0;
/// At most how many seconds before its expiry a token is replaced.
const MARGIN: f64 = 60.0;

#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Auth {
    #[default]
    None,
    /// User name and password
    Basic {
        #[schemars(title = "User name")]
        username: String,
        #[schemars(title = "Password", extend("writeOnly" = true))]
        #[serde(default)]
        password: String,
    },
    /// A token in the `Authorization` header
    Bearer {
        #[schemars(title = "Token", extend("writeOnly" = true))]
        token: String,
    },
    /// A key in a header or in the query string
    ApiKey {
        #[schemars(title = "Name")]
        name: String,
        #[schemars(title = "Key", extend("writeOnly" = true))]
        value: String,
        #[schemars(title = "Sent in", extend("default" = "header"))]
        #[serde(default, rename = "in")]
        place: KeyPlace,
    },
    /// OAuth 2.0: a token that this server fetches
    #[serde(rename = "oauth2")]
    #[schemars(title = "OAuth 2.0 client credentials")]
    OAuth2(OAuth2),
}

impl Auth {
    /// Adds the credentials that are known without fetching a token.
    ///
    /// # Errors
    /// `Invalid`, at a path below `at`, for values that no request can contain.
    pub fn sign(&self, outgoing: &mut OutgoingRequest, at: &str) -> Result<()> {
        match self {
            Self::None | Self::OAuth2(_) => {}
            Self::Basic { username, password } => {
                outgoing.headers.insert(AUTHORIZATION, secret(&basic(username, password), at, "password")?);
            }
            Self::Bearer { token } => {
                outgoing.headers.insert(AUTHORIZATION, secret(&format!("Bearer {token}"), at, "token")?);
            }
            Self::ApiKey { name, value, place: KeyPlace::Query } => {
                // the URL of a next page may contain it already
                if !outgoing.url.query_pairs().any(|(known, _)| known == name.as_str()) {
                    outgoing.url.query_pairs_mut().append_pair(name, value);
                }
            }
            Self::ApiKey { name, value, place: KeyPlace::Header } => {
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Error::invalid(format!("{at}.name"), "is not a valid header name"))?;
                outgoing.headers.insert(name, secret(value, at, "value")?);
            }
        }
        Ok(())
    }
}

/// A client that fetches its own tokens (RFC 6749, sections 4.4 and 6)
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OAuth2 {
    /// The URL that issues tokens, such as `https://login.example.com/oauth/token`.
    #[schemars(title = "Token URL", length(min = 1, max = 2000))]
    token_url: String,
    #[schemars(title = "Client ID", length(min = 1, max = 1000))]
    #[serde(rename = "clientID")]
    client_id: String,
    #[schemars(title = "Client secret", length(max = 4000), extend("writeOnly" = true))]
    #[serde(default)]
    client_secret: String,
    /// Fetch tokens with this refresh token, on behalf of its user instead of the client.
    #[schemars(title = "Refresh token", length(max = 8000), extend("writeOnly" = true))]
    refresh_token: Option<String>,
    /// The scopes to request, separated by spaces.
    #[schemars(title = "Scope", length(max = 2000))]
    scope: Option<String>,
    #[schemars(title = "Audience", length(max = 2000))]
    audience: Option<String>,
    #[schemars(title = "Client credentials sent in", extend("default" = "header"))]
    #[serde(default)]
    client_auth: ClientAuth,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    #[default]
    Header,
    Query,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ClientAuth {
    #[default]
    Header,
    Body,
}

/// Adds credentials to requests, and keeps the token if there is one.
pub(super) struct Authenticator {
    auth: Auth,
    token: Mutex<Option<Token>>,
}

struct Token {
    value: String,
    /// When to stop using it.
    until: Instant,
}

impl Authenticator {
    /// Creates an authenticator.
    ///
    /// # Errors
    /// `Invalid` at `options.auth` for values that no request can contain.
    pub fn new(auth: Auth) -> Result<Self> {
        if let Auth::OAuth2(client) = &auth {
            token_url(client)?;
        }
        Ok(Self { auth, token: Mutex::default() })
    }

    /// Adds the credentials. Returns the token that was used, if it can be renewed. `stale` is a token that the service
    /// rejected: it is not used again.
    pub async fn sign(
        &self,
        client: &Client,
        scrubber: &Scrubber,
        outgoing: &mut OutgoingRequest,
        stale: Option<&str>,
    ) -> Result<Option<String>> {
        let Auth::OAuth2(options) = &self.auth else { return self.auth.sign(outgoing, AT).map(|()| None) };
        let token = self.token(client, scrubber, options, stale).await?;
        outgoing.headers.insert(AUTHORIZATION, secret(&format!("Bearer {token}"), AT, "tokenUrl")?);
        Ok(Some(token))
    }

    /// Returns the current token, or a new one. Callers that come while one is being fetched wait for it.
    async fn token(
        &self,
        client: &Client,
        scrubber: &Scrubber,
        options: &OAuth2,
        stale: Option<&str>,
    ) -> Result<String> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref()
            && Some(token.value.as_str()) != stale
            && Instant::now() < token.until
        {
            return Ok(token.value.clone());
        }
        *kept = None;
        let token = fetch(client, scrubber, options).await?;
        let value = token.value.clone();
        *kept = Some(token);
        Ok(value)
    }
}

fn token_url(options: &OAuth2) -> Result<Url> {
    let url = Url::parse(options.token_url.trim()).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.filter(|url| url.username().is_empty() && url.password().is_none()).ok_or_else(|| {
        Error::invalid("options.auth.tokenUrl", "must be a URL such as https://login.example.com/oauth/token")
    })
}

/// Returns the request for a token.
fn token_request(options: &OAuth2) -> Result<OutgoingRequest> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut form = Serializer::new(String::new());
    match given(options.refresh_token.as_deref()) {
        Some(token) => form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token),
        None => form.append_pair("grant_type", "client_credentials"),
    };
    for (name, value) in [("scope", &options.scope), ("audience", &options.audience)] {
        if let Some(value) = given(value.as_deref()) {
            form.append_pair(name, value);
        }
    }
    match options.client_auth {
        ClientAuth::Header => {
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let credentials = basic(&encoded(&options.client_id), &encoded(&options.client_secret));
            headers.insert(AUTHORIZATION, secret(&credentials, AT, "clientSecret")?);
        }
        ClientAuth::Body => {
            form.append_pair("client_id", &options.client_id);
            if !options.client_secret.is_empty() {
                form.append_pair("client_secret", &options.client_secret);
            }
        }
    }
    let body = Some(form.finish().into_bytes());
    Ok(OutgoingRequest { method: Method::POST, url: token_url(options)?, headers, body })
}

async fn fetch(client: &Client, scrubber: &Scrubber, options: &OAuth2) -> Result<Token> {
    let asked = Instant::now();
    // no redirects: the secret is only for this URL
    let request = token_request(options)?;
    let sent = request.headers.clone();
    let mut answer = client.exchange(request, ANSWER).await.map_err(at_token_url)?;
    if !answer.status.is_success() {
        answer.scrub(scrubber, &sent);
        return Err(at_token_url(answer.refusal()));
    }
    let none = || at_token_url(Error::unreachable("the response contains no access token"));
    let given = answer.values_if_small().ok_or_else(none)?;
    let value = given["access_token"].as_str().filter(|token| !token.is_empty()).ok_or_else(none)?;
    let seconds = match &given["expires_in"] {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let seconds = seconds.filter(|seconds: &f64| seconds.is_finite()).unwrap_or(LIFETIME).clamp(0.0, 31.0 * 86_400.0);
    let usable = Duration::from_secs_f64(seconds - MARGIN.min(seconds / 10.0));
    Ok(Token { value: value.to_owned(), until: asked + usable })
}

/// Names the token URL in an error.
fn at_token_url(error: Error) -> Error {
    match error {
        Error::Datasource(problem) => Error::Datasource(Box::new(DatasourceProblem {
            message: format!("token URL: {}", problem.message),
            ..*problem
        })),
        other => other,
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{username}:{password}")))
}

/// Creates a header value that no log shows.
fn secret(text: &str, at: &str, field: &str) -> Result<HeaderValue> {
    let mut value =
        HeaderValue::from_str(text).map_err(|_| Error::invalid(format!("{at}.{field}"), "must be one line of text"))?;
    value.set_sensitive(true);
    Ok(value)
}
