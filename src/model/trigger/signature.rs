//! How a webhook authenticates its caller: by a known sender, or by a custom signature scheme.
use super::{
    SignedPart, WebhookSender, short,
    signed::{self, covers_body},
};
use crate::{Error, Result, model::Sealed};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The prefix of Standard Webhooks secrets.
const WHSEC: &str = "whsec_";
const TOLERANT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, TOLERANT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, TOLERANT);

/// What calls must carry to be accepted
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WebhookSignature")]
pub struct Signature {
    /// The service that calls. Selecting a known sender sets its scheme. For any other, describe the scheme in the
    /// fields below.
    #[serde(default)]
    #[schemars(title = "Sender")]
    pub sender: WebhookSender,
    /// The shared key, as the sender shows it, or `user:password` for Basic authentication. It is never returned. If
    /// absent, the current secret is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Secret", extend("writeOnly" = true), length(min = 1, max = 1024))]
    pub secret: Option<String>,
    /// The secret, encrypted. Never leaves the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub sealed: Option<Sealed<String>>,
    #[serde(default)]
    #[schemars(title = "Proof", extend("x-when" = {"sender": ["custom"]}))]
    pub proof: SignatureProof,
    /// The header that contains the signature, token or credentials.
    #[serde(default)]
    #[schemars(title = "Header", length(max = 100), extend("x-placeholder" = "X-Signature", "x-when" = {"sender": ["custom"]}))]
    pub header: String,
    /// The text before the signature in its header, such as `sha256=`. In a list, the text before each signature.
    #[serde(default)]
    #[schemars(title = "Prefix", length(max = 100), extend("x-placeholder" = "sha256=", "x-when" = {"sender": ["custom"]}))]
    pub prefix: String,
    #[serde(default)]
    #[schemars(title = "Algorithm", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub algorithm: Algorithm,
    #[serde(default)]
    #[schemars(title = "Encoding", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub encoding: SignatureEncoding,
    /// How the secret is encoded. Signatures use the decoded bytes.
    #[serde(default)]
    #[schemars(title = "Secret format", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub secret_format: SecretFormat,
    /// The separator of several values in the header, such as `,` in `t=1700000000,v1=5257a8…`. One valid signature is
    /// enough. Leave empty if the header is a single value.
    #[serde(default)]
    #[schemars(title = "Separator", length(max = 5), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub separator: String,
    /// The header with the time of the call: seconds or milliseconds since 1970, or RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Timestamp header", length(max = 100), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub timestamp_header: Option<String>,
    /// The text before the time of the call if the time is a value in the signature's header, such as `t=`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(title = "Timestamp prefix", length(max = 100), extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub timestamp_prefix: Option<String>,
    /// The text that is signed. It may contain `{body}`, `{timestamp}`, `{url}`, `{method}`, `{path}`, `{query}`,
    /// `{form}` (the names and values of a form, sorted) and `{header:X-Name}`. If empty, the body; with a timestamp,
    /// `{timestamp}.{body}`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(title = "Signed text", length(max = 500), extend("x-placeholder" = "{timestamp}.{body}", "x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub signed: String,
    /// Whether GET requests are accepted without a signature. Some services send a `challenge` this way before they
    /// send events. The run's input then contains `signed: false`.
    #[serde(default)]
    #[schemars(title = "Accept unsigned GET", extend("x-group" = "More", "x-when" = {"sender": ["custom"]}))]
    pub unsigned_get: bool,
    /// The maximum age of a call, and how long a repeated signature is refused. With 0 and no timestamp, repeated
    /// signatures are accepted.
    #[serde(default = "Signature::default_tolerance")]
    #[schemars(title = "Tolerance (s)", range(max = 3600), extend("x-group" = "More"))]
    pub tolerance_seconds: u32,
}

/// How the caller proves its identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignatureProof {
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
    /// For senders that support nothing else
    #[schemars(title = "SHA-1 (legacy)")]
    Sha1,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignatureEncoding {
    #[default]
    Hex,
    Base64,
    Base64url,
}

/// How a secret is encoded.
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
            sender: WebhookSender::Custom,
            secret: None,
            sealed: None,
            proof: SignatureProof::Hmac,
            header: String::new(),
            prefix: String::new(),
            algorithm: Algorithm::Sha256,
            encoding: SignatureEncoding::Hex,
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

    /// Returns the scheme that verifies calls: the known sender's, or the custom one.
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

    /// Returns whether calls carry a timestamp.
    pub fn has_time(&self) -> bool {
        self.timestamp_header.is_some() || self.timestamp_prefix.is_some()
    }

    /// Parses the text that is signed.
    ///
    /// # Errors
    /// Says why the text is invalid.
    pub fn parts(&self) -> Result<Vec<SignedPart>, String> {
        let usual = if self.has_time() { "{timestamp}.{body}" } else { "{body}" };
        signed::parse(if self.signed.is_empty() { usual } else { &self.signed })
    }

    /// Checks sizes and contradictions. Missing values are listed in the workflow's problems.
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
                return wrong(field, "is set by the sender: leave it out, or set the sender to `custom`");
            }
        }
        let scheme = self.scheme();
        if let Some(Err(why)) = self.secret.as_deref().map(|secret| scheme.key(secret)) {
            return wrong("secret", why);
        }
        match scheme.parts() {
            Err(why) => wrong("signed", &why),
            Ok(parts) if scheme.proof == SignatureProof::Hmac => {
                if !covers_body(&parts) {
                    return wrong("signed", "must contain {body} or {form}: otherwise anyone could change the body");
                }
                if parts.contains(&SignedPart::Timestamp) && !scheme.has_time() {
                    return wrong(
                        "signed",
                        "contains {timestamp}: set `timestampHeader` or `timestampPrefix` to say where it comes from",
                    );
                }
                if !parts.contains(&SignedPart::Timestamp) && scheme.has_time() {
                    return wrong("signed", "must contain {timestamp}: an unsigned timestamp can be changed");
                }
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }

    /// Returns the first field that differs from `other`.
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

    /// Decodes the secret to the bytes that calls are signed with.
    ///
    /// # Errors
    /// Says what the secret must be.
    pub fn key(&self, secret: &str) -> Result<Vec<u8>, &'static str> {
        let trimmed = secret.trim();
        let decode = |text: &str| BASE64.decode(text).or_else(|_| BASE64URL.decode(text)).ok();
        let key = match (self.proof, self.secret_format) {
            (SignatureProof::Basic, _) if !secret.contains(':') => {
                return Err("must be a user name and a password, as user:password");
            }
            (SignatureProof::Basic | SignatureProof::Token, _) | (_, SecretFormat::Text) => {
                Some(secret.as_bytes().to_vec())
            }
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

    /// Decodes a caller's signature; `None` if it is not in this encoding.
    pub fn decode(&self, text: &str) -> Option<Vec<u8>> {
        match self.encoding {
            SignatureEncoding::Hex => hex::decode(text).ok(),
            SignatureEncoding::Base64 => BASE64.decode(text).ok(),
            SignatureEncoding::Base64url => BASE64URL.decode(text).ok(),
        }
    }
}
