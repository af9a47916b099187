//! Verifies signatures of webhook calls: one of the given signatures must match the text that the scheme signs.
use crate::{
    bodies::{Media, MediaKind, form},
    clock::Time,
    model::trigger::{Algorithm, Signature, SignatureProof, SignedPart},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::hmac;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use subtle::ConstantTimeEq;

/// Maximum number of signatures that are verified for a call.
const CANDIDATES: usize = 20;

/// Why a call is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureRefusal {
    /// The signature is missing or invalid.
    Signature,
    /// The signature is valid, but its time is outside the tolerance.
    Time,
}

/// The parts of a call that can be signed.
pub struct SignedCall<'a> {
    pub method: &'a str,
    /// The path, as received.
    pub path: &'a str,
    /// The query, as received, without the `?`.
    pub query: &'a str,
    /// The URLs that the caller may have used; behind a proxy the exact one is not known.
    pub urls: &'a [String],
    /// Returns all values of a header.
    pub header: &'a (dyn Fn(&str) -> Vec<&'a str> + Sync),
    pub media: &'a Media,
    pub body: &'a [u8],
    /// The body before decompression, if it was compressed: some senders sign that.
    pub packed: Option<&'a [u8]>,
}

impl<'a> SignedCall<'a> {
    fn first(&self, name: &str) -> Option<&'a str> {
        (self.header)(name).first().map(|value| value.trim())
    }
}

/// Verifies `call` at the time `now` by `scheme`, in which the settings of a known sender are filled in. Returns the
/// bytes of the matching signature; `None` for tokens and passwords, which are the same in every call.
pub fn verify(
    scheme: &Signature,
    key: &[u8],
    call: &SignedCall<'_>,
    now: Time,
) -> Result<Option<Vec<u8>>, SignatureRefusal> {
    let given = (call.header)(&scheme.header);
    match scheme.proof {
        SignatureProof::Hmac => {}
        SignatureProof::Token => {
            let token =
                given.first().map(|value| value.trim()).and_then(|value| value.strip_prefix(scheme.prefix.as_str()));
            return same(token.unwrap_or_default().as_bytes(), key);
        }
        SignatureProof::Basic => {
            let given = call.first("authorization").and_then(|value| value.split_once(' '));
            let given = given.filter(|(kind, _)| kind.eq_ignore_ascii_case("basic"));
            let given = given.and_then(|(_, encoded)| BASE64_STANDARD.decode(encoded.trim()).ok());
            return same(&given.unwrap_or_default(), key);
        }
    }
    let items: Vec<&str> = given.iter().flat_map(|value| split(value, &scheme.separator)).collect();
    let signatures = items.iter().filter_map(|item| scheme.decode(item.strip_prefix(scheme.prefix.as_str())?));
    let signatures: Vec<Vec<u8>> = signatures.take(CANDIDATES).collect();
    let timestamp = match (&scheme.timestamp_header, &scheme.timestamp_prefix) {
        (Some(header), _) => Some(call.first(header).ok_or(SignatureRefusal::Signature)?),
        (None, Some(prefix)) => {
            let found = items.iter().find_map(|item| item.strip_prefix(prefix.as_str()));
            Some(found.ok_or(SignatureRefusal::Signature)?)
        }
        (None, None) => None,
    };
    let parts = scheme.parts().map_err(|_| SignatureRefusal::Signature)?;
    let key = hmac::Key::new(algorithm(scheme.algorithm), key);
    let fits = |text: &[u8]| signatures.iter().find(|given| hmac::verify(&key, text, given).is_ok()).cloned();
    let fitting = candidates(&parts, call, timestamp).into_iter().find_map(|text| fits(&text));
    let fitting = fitting.ok_or(SignatureRefusal::Signature)?;
    if let Some(timestamp) = timestamp {
        let at = time(timestamp).ok_or(SignatureRefusal::Time)?;
        if at.abs_diff(now.seconds()) > u64::from(scheme.tolerance_seconds) {
            return Err(SignatureRefusal::Time);
        }
    }
    Ok(Some(fitting))
}

/// Compares in constant time, even if the lengths differ.
fn same(given: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, SignatureRefusal> {
    let is_same: bool = Sha256::digest(given).ct_eq(&Sha256::digest(key)).into();
    if is_same && !key.is_empty() { Ok(None) } else { Err(SignatureRefusal::Signature) }
}

fn algorithm(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::Sha256 => hmac::HMAC_SHA256,
        Algorithm::Sha512 => hmac::HMAC_SHA512,
        Algorithm::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
    }
}

fn split<'v>(value: &'v str, separator: &str) -> Vec<&'v str> {
    if separator.is_empty() {
        return vec![value.trim()];
    }
    value.split(separator).map(str::trim).filter(|item| !item.is_empty()).collect()
}

/// Returns the texts that may have been signed: one for each URL and each form of the body.
fn candidates(parts: &[SignedPart], call: &SignedCall<'_>, timestamp: Option<&str>) -> Vec<Vec<u8>> {
    if !parts.contains(&SignedPart::Body) && !is_covered(call) {
        return Vec::new();
    }
    let none = [String::new()];
    let urls = if parts.contains(&SignedPart::Url) { call.urls } else { &none };
    let packed = call.packed.filter(|_| parts.contains(&SignedPart::Body));
    let bodies = std::iter::once(call.body).chain(packed);
    bodies.flat_map(|body| urls.iter().map(move |url| text(parts, call, timestamp, url, body))).collect()
}

/// Returns whether a signature without the body covers it: the body is empty or a form, or the query contains its
/// digest.
fn is_covered(call: &SignedCall<'_>) -> bool {
    if call.body.is_empty() || call.media.kind() == MediaKind::Form {
        return true;
    }
    let mut digests = form::pairs(call.query.as_bytes()).filter(|(name, _)| name == b"bodySHA256");
    let digest = hex::encode(Sha256::digest(call.body));
    digests.next().is_some_and(|(_, given)| given.to_ascii_lowercase() == digest.as_bytes())
}

fn text(parts: &[SignedPart], call: &SignedCall<'_>, timestamp: Option<&str>, url: &str, body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len() + 200);
    for part in parts {
        let bytes: Cow<'_, [u8]> = match part {
            SignedPart::Text(own) => own.as_bytes().into(),
            SignedPart::Body => body.into(),
            SignedPart::Timestamp => timestamp.unwrap_or_default().as_bytes().into(),
            SignedPart::Url => url.as_bytes().into(),
            SignedPart::Method => call.method.as_bytes().into(),
            SignedPart::Path => call.path.as_bytes().into(),
            SignedPart::Query => call.query.as_bytes().into(),
            SignedPart::Form => sorted(call).into(),
            SignedPart::Header(name) => call.first(name).unwrap_or_default().as_bytes().into(),
        };
        text.extend_from_slice(&bytes);
    }
    text
}

/// Returns the form's names and values, sorted and without duplicate pairs.
fn sorted(call: &SignedCall<'_>) -> Vec<u8> {
    if call.media.kind() != MediaKind::Form {
        return Vec::new();
    }
    let mut pairs: Vec<_> = form::pairs(call.body).collect();
    pairs.sort();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name, value].concat()).collect()
}

/// Parses the signed time of a call, in seconds since 1970.
fn time(text: &str) -> Option<i64> {
    /// From this number on, a time is in milliseconds: they reached it in 1973, seconds will in 5138.
    const MILLISECONDS: i64 = 100_000_000_000;
    match text.parse::<i64>() {
        Ok(number) if number.abs() >= MILLISECONDS => Some(number / 1000),
        Ok(number) => Some(number),
        Err(_) => Time::parse(text).map(|at| at.seconds()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
mod tests {
    use super::{SignatureRefusal, SignedCall, sorted, verify};
    use crate::{bodies::Media, clock::Time, model::trigger::Signature};
    use serde_json::{Value, json};

    fn rules(more: Value) -> Signature {
        let mut rules = json!({"header": "x-signature"});
        rules.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(rules).unwrap()
    }

    fn check(
        rules: &Signature,
        key: &[u8],
        headers: &[(&str, &str)],
        body: &[u8],
        now: Time,
    ) -> Result<Option<Vec<u8>>, SignatureRefusal> {
        let media = Media::default();
        let values = |name: &str| -> Vec<&str> {
            headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value).collect()
        };
        let call = SignedCall {
            method: "POST",
            path: "/hooks/t",
            query: "",
            urls: &[],
            header: &values,
            media: &media,
            body,
            packed: None,
        };
        verify(rules, key, &call, now)
    }

    #[test]
    fn known_signatures_are_valid_and_others_are_not() {
        // RFC 4231, test case 2
        let (key, body) = (b"Jefe", b"what do ya want for nothing?");
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let check = |rules: &Signature, given: &str| check(rules, key, &[("X-Signature", given)], body, Time(0));
        let plain = rules(json!({}));
        assert_eq!(check(&plain, sha256).unwrap(), Some(hex::decode(sha256).unwrap()));
        assert!(check(&plain, &sha256.to_uppercase()).is_ok());
        let base64 = rules(json!({"encoding": "base64", "prefix": "v1="}));
        assert!(check(&base64, "v1=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=").is_ok());
        let base64url = rules(json!({"encoding": "base64url"}));
        assert!(check(&base64url, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM").is_ok());
        // RFC 2202, test case 2
        let sha1 = rules(json!({"algorithm": "sha1"}));
        assert!(check(&sha1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79").is_ok());
        for wrong in ["", "zz", &sha256[2..], &sha256.replace('5', "6"), "sha256=5bdc"] {
            assert_eq!(check(&plain, wrong), Err(SignatureRefusal::Signature), "{wrong}");
        }
        let sha512 = rules(json!({"algorithm": "sha512"}));
        assert_eq!(check(&sha512, sha256), Err(SignatureRefusal::Signature));
        let list = rules(json!({"separator": ",", "prefix": "v1="}));
        assert!(check(&list, &format!("v0=ab, v1=zz,v1=00,v1={sha256}")).is_ok());
        assert_eq!(check(&list, &format!("v0={sha256}")), Err(SignatureRefusal::Signature));
        let many = "v1=00,".repeat(20) + "v1=" + sha256;
        assert_eq!(
            check(&list, &many),
            Err(SignatureRefusal::Signature),
            "the number of verified signatures is limited"
        );
    }

    #[test]
    fn a_signed_time_must_be_within_the_tolerance() {
        let timed = rules(json!({"timestampHeader": "x-time", "toleranceSeconds": 300}));
        // `printf '1000.{}' | openssl dgst -sha256 -hmac key`
        let given = "c32de42341dece79a1511c9e7f74a2734112edcfcf48943c976faf07047065db";
        let check = |time: Option<&str>, now: i64| {
            let mut headers = vec![("x-signature", given)];
            headers.extend(time.map(|time| ("x-time", time)));
            check(&timed, b"key", &headers, b"{}", Time(now * 1000))
        };
        assert!(check(Some("1000"), 1300).is_ok() && check(Some("1000"), 700).is_ok());
        assert_eq!(check(Some("1000"), 1301), Err(SignatureRefusal::Time));
        assert_eq!(check(Some("1000"), 699), Err(SignatureRefusal::Time));
        assert_eq!(check(Some("1001"), 1000), Err(SignatureRefusal::Signature));
        assert_eq!(check(None, 1000), Err(SignatureRefusal::Signature));
    }

    #[test]
    fn times_have_three_formats() {
        for (text, seconds) in [
            ("1700000000", Some(1_700_000_000)),
            ("1700000000123", Some(1_700_000_000)),
            ("2023-11-14T22:13:20Z", Some(1_700_000_000)),
            ("soon", None),
        ] {
            assert_eq!(super::time(text), seconds, "{text}");
        }
    }

    #[test]
    fn tokens_and_passwords_are_compared_directly() {
        let token = rules(json!({"proof": "token", "prefix": "Bearer "}));
        let call = |rules: &Signature, name: &str, value: &str| check(rules, b"u:p", &[(name, value)], b"", Time(0));
        assert_eq!(call(&token, "x-signature", "Bearer u:p"), Ok(None));
        let basic = rules(json!({"proof": "basic"}));
        assert_eq!(call(&basic, "authorization", "basic dTpw"), Ok(None));
        for (rules, name, value) in [
            (&token, "x-signature", "u:p"),
            (&token, "x-signature", "Bearer u:"),
            (&token, "authorization", "Bearer u:p"),
            (&basic, "authorization", "Basic dTpx"),
            (&basic, "authorization", "Bearer dTpw"),
            (&basic, "x-signature", "Basic dTpw"),
        ] {
            assert_eq!(call(rules, name, value), Err(SignatureRefusal::Signature), "{name}: {value}");
        }
        assert_eq!(check(&token, b"", &[("x-signature", "Bearer ")], b"", Time(0)), Err(SignatureRefusal::Signature));
    }

    #[test]
    fn a_form_is_sorted() {
        let media = Media::parse("application/x-www-form-urlencoded");
        let call = SignedCall {
            method: "POST",
            path: "",
            query: "",
            urls: &[],
            header: &|_| Vec::new(),
            media: &media,
            body: b"To=%2B1&From=x+y&MediaUrl=b&MediaUrl=a&MediaUrl=a&body=z",
            packed: None,
        };
        assert_eq!(String::from_utf8(sorted(&call)).unwrap(), "Fromx yMediaUrlaMediaUrlbTo+1bodyz");
    }
}
