//! How a webhook knows its caller: who sends, or by which scheme calls are signed.
use super::{
    Part, Sender, short,
    signed::{self, covers_body},
};
use crate::{Error, Result};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the secrets of Standard Webhooks begin with.
const WHSEC: &str = "whsec_";
const TOLERANT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, TOLERANT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, TOLERANT);

/// What calls must carry to be let in
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WebhookSignature")]
pub struct Signature {
    /// Who calls. A known sender's scheme is set with its name; any other is described by the fields below.
    #[serde(default)]
    #[schemars(title = "Sender")]
    pub sender: Sender,
    /// The key that both sides know, as the sender shows it; `user:password` for Basic authentication. Goes in and never
    /// comes out; the one that is set stays when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Secret", extend("writeOnly" = true), length(min = 1, max = 1024))]
    pub secret: Option<String>,
    /// The secret, encrypted; never leaves the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub sealed: Option<String>,
    #[serde(default)]
    #[schemars(title = "Proof", extend("x-when" = {"sender": ["custom"]}))]
    pub proof: Proof,
    /// The header that holds it.
    #[serde(default)]
    #[schemars(title = "Header", length(max = 100), extend("x-placeholder" = "X-Signature", "x-when" = {"sender": ["custom"]}))]
    pub header: String,
    /// What stands before the signature in its header, such as `sha256=`; in a list, before each.
    #[serde(default)]
    #[schemars(title = "Prefix", length(max = 100), extend("x-placeholder" = "sha256=", "x-when" = {"sender": ["custom"]}))]
    pub prefix: String,
    #[serde(default)]
    #[schemars(title = "Algorithm", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub algorithm: Algorithm,
    #[serde(default)]
    #[schemars(title = "Encoding", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub encoding: Encoding,
    /// What the secret is written in. What is signed with are its bytes.
    #[serde(default)]
    #[schemars(title = "Secret format", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub secret_format: SecretFormat,
    /// What stands between several values in the header, such as `,` in `t=1700000000,v1=5257a8…`. Any signature among them
    /// will do. Without it the header is one value.
    #[serde(default)]
    #[schemars(title = "Separator", length(max = 5), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub separator: String,
    /// The header that holds the call's time: seconds or milliseconds since 1970, or RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Timestamp header", length(max = 100), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub timestamp_header: Option<String>,
    /// What stands before the call's time where it is one of the values in the signature's own header, such as `t=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Timestamp prefix", length(max = 100), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub timestamp_prefix: Option<String>,
    /// What is signed: text with `{body}`, `{timestamp}`, `{url}`, `{method}`, `{path}`, `{query}`, `{form}` (a form's names
    /// and values, sorted) and `{header:X-Name}` in it. Empty: the body, after the timestamp and a dot where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(title = "Signed text", length(max = 500), extend("x-placeholder" = "{timestamp}.{body}", "x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub signed: String,
    /// Whether GET requests are let in without a signature: some services ask for a `challenge` so before they send. The
    /// run's input says `signed: false` then.
    #[serde(default)]
    #[schemars(title = "Let in unsigned GET", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub unsigned_get: bool,
    /// How old a call may be, and how long the same signature is refused. 0, without a timestamp: never refused.
    #[serde(default = "Signature::default_tolerance")]
    #[schemars(title = "Tolerance (s)", range(max = 3600), extend("x-group" = "More"))]
    pub tolerance_seconds: u32,
}

/// What shows who calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureProof")]
pub enum Proof {
    /// A signature with the secret (HMAC)
    #[default]
    #[schemars(title = "Signature (HMAC)")]
    Hmac,
    /// The secret itself, in the header
    #[schemars(title = "Shared token")]
    Token,
    /// User name and password
    #[schemars(title = "Basic authentication")]
    Basic,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureAlgorithm")]
pub enum Algorithm {
    #[default]
    Sha256,
    Sha512,
    /// For senders that know no other
    #[schemars(title = "SHA-1 (legacy)")]
    Sha1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureEncoding")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
    Base64url,
}

/// What a secret is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "SignatureSecretFormat")]
pub enum SecretFormat {
    /// The text itself
    #[default]
    Text,
    Base64,
    Hex,
    /// Base64 after `whsec_`
    #[schemars(title = "whsec_ (Standard Webhooks)")]
    Whsec,
}

impl Default for Signature {
    fn default() -> Self {
        Self {
            sender: Sender::Custom,
            secret: None,
            sealed: None,
            proof: Proof::Hmac,
            header: String::new(),
            prefix: String::new(),
            algorithm: Algorithm::Sha256,
            encoding: Encoding::Hex,
            secret_format: SecretFormat::Text,
            separator: String::new(),
            timestamp_header: None,
            timestamp_prefix: None,
            signed: String::new(),
            unsigned_get: false,
            tolerance_seconds: Self::default_tolerance(),
        }
    }
}

impl Signature {
    const fn default_tolerance() -> u32 {
        300
    }

    /// The scheme by which calls are checked: a known sender's, or its own.
    #[must_use]
    pub fn scheme(&self) -> Self {
        let own = || self.clone();
        self.sender.scheme().map_or_else(own, |scheme| Self {
            secret: self.secret.clone(),
            sealed: self.sealed.clone(),
            tolerance_seconds: self.tolerance_seconds,
            ..scheme
        })
    }

    /// Whether calls say when they were made.
    pub fn has_time(&self) -> bool {
        self.timestamp_header.is_some() || self.timestamp_prefix.is_some()
    }

    /// What is signed.
    ///
    /// # Errors
    /// Why the text cannot be used.
    pub fn parts(&self) -> Result<Vec<Part>, String> {
        let usual = if self.has_time() { "{timestamp}.{body}" } else { "{body}" };
        signed::parse(if self.signed.is_empty() { usual } else { &self.signed })
    }

    /// Sizes, and what cannot be so; what is only missing is told with the workflow's problems.
    pub(super) fn check(&self, at: &str) -> Result<()> {
        let wrong = |field: &str, why: &str| Err(Error::invalid(format!("{at}.{field}"), why));
        for (field, text, most) in [
            ("header", self.header.as_str(), 100),
            ("prefix", &self.prefix, 100),
            ("separator", &self.separator, 5),
            ("timestampHeader", self.timestamp_header.as_deref().unwrap_or_default(), 100),
            ("timestampPrefix", self.timestamp_prefix.as_deref().unwrap_or_default(), 100),
            ("signed", &self.signed, 500),
            ("secret", self.secret.as_deref().unwrap_or_default(), 1024),
        ] {
            short(&format!("{at}.{field}"), text, most)?;
        }
        if self.tolerance_seconds > 3600 {
            return wrong("toleranceSeconds", "must be at most 3600 (an hour)");
        }
        if let Some(scheme) = self.sender.scheme() {
            let own = Self { secret: None, sealed: None, tolerance_seconds: scheme.tolerance_seconds, ..self.clone() };
            let bare = Self { sender: self.sender, ..Self::default() };
            if let Some(field) = own.differs(&bare).filter(|_| own.differs(&scheme).is_some()) {
                return wrong(field, "is set by the sender: leave it out, or choose the sender `custom`");
            }
        }
        let scheme = self.scheme();
        if let Some(Err(why)) = self.secret.as_deref().map(|secret| scheme.key(secret)) {
            return wrong("secret", why);
        }
        match scheme.parts() {
            Err(why) => wrong("signed", &why),
            Ok(parts) if scheme.proof == Proof::Hmac => {
                if !covers_body(&parts) {
                    return wrong("signed", "must hold {body} or {form}: anyone could send another body otherwise");
                }
                if parts.contains(&Part::Timestamp) && !scheme.has_time() {
                    return wrong("signed", "holds {timestamp}: say which header or prefix it comes from");
                }
                if !parts.contains(&Part::Timestamp) && scheme.has_time() {
                    return wrong("signed", "must hold {timestamp}: a time that is not signed proves nothing");
                }
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// The first field that says something else than in `other`.
    fn differs(&self, other: &Self) -> Option<&'static str> {
        [
            ("proof", self.proof == other.proof),
            ("header", self.header == other.header),
            ("prefix", self.prefix == other.prefix),
            ("algorithm", self.algorithm == other.algorithm),
            ("encoding", self.encoding == other.encoding),
            ("secretFormat", self.secret_format == other.secret_format),
            ("separator", self.separator == other.separator),
            ("timestampHeader", self.timestamp_header == other.timestamp_header),
            ("timestampPrefix", self.timestamp_prefix == other.timestamp_prefix),
            ("signed", self.signed == other.signed),
            ("unsignedGet", self.unsigned_get == other.unsigned_get),
        ]
        .into_iter()
        .find_map(|(field, is_same)| (!is_same).then_some(field))
    }

    /// The bytes that calls are signed with.
    ///
    /// # Errors
    /// Why the secret is none in its format.
    pub fn key(&self, secret: &str) -> Result<Vec<u8>, &'static str> {
        let trimmed = secret.trim();
        let decode = |text: &str| BASE64.decode(text).or_else(|_| BASE64URL.decode(text)).ok();
        let key = match (self.proof, self.secret_format) {
            (Proof::Basic, _) if !secret.contains(':') => {
                return Err("must be a user name and a password: user:password");
            }
            (Proof::Basic | Proof::Token, _) | (_, SecretFormat::Text) => Some(secret.as_bytes().to_vec()),
            (_, SecretFormat::Base64) => decode(trimmed),
            (_, SecretFormat::Whsec) => decode(trimmed.strip_prefix(WHSEC).unwrap_or(trimmed)),
            (_, SecretFormat::Hex) => hex::decode(trimmed).ok(),
        };
        let why = match self.secret_format {
            SecretFormat::Hex => "must be hexadecimal digits",
            SecretFormat::Whsec => "must be base64 after `whsec_`",
            _ => "must be base64",
        };
        key.filter(|key| !key.is_empty()).ok_or(why)
    }

    /// A signature as a caller writes it; none when it is not written so.
    pub fn decode(&self, text: &str) -> Option<Vec<u8>> {
        match self.encoding {
            Encoding::Hex => hex::decode(text).ok(),
            Encoding::Base64 => BASE64.decode(text).ok(),
            Encoding::Base64url => BASE64URL.decode(text).ok(),
        }
    }
}
