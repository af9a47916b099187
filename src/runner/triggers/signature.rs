//! Signatures of webhook calls: an HMAC over the raw body, or over the call's time and the body.
use crate::{
    clock::Time,
    model::trigger::{Algorithm, Encoding, Signature},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha512};

/// Why a call is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The signature is missing or wrong.
    Signature,
    /// It is right, but from another time.
    Time,
}

/// Checks what the headers say of `body` at `now`; answers the signature's bytes.
pub fn verify(
    rules: &Signature,
    secret: &[u8],
    given: Option<&str>,
    timestamp: Option<&str>,
    body: &[u8],
    now: Time,
) -> Result<Vec<u8>, Refused> {
    let given = given.map(str::trim).and_then(|given| given.strip_prefix(rules.prefix.as_str()));
    let given = given.and_then(|given| match rules.encoding {
        Encoding::Hex => hex::decode(given).ok(),
        Encoding::Base64 => BASE64_STANDARD.decode(given).ok(),
    });
    let given = given.ok_or(Refused::Signature)?;
    let timestamp = match rules.timestamp_header {
        Some(_) => Some(timestamp.map(str::trim).ok_or(Refused::Signature)?),
        None => None,
    };
    let is_right = match rules.algorithm {
        Algorithm::Sha256 => is_right::<Hmac<Sha256>>(secret, timestamp, body, &given),
        Algorithm::Sha512 => is_right::<Hmac<Sha512>>(secret, timestamp, body, &given),
    };
    if !is_right {
        return Err(Refused::Signature);
    }
    if let Some(timestamp) = timestamp {
        let at: i64 = timestamp.parse().map_err(|_| Refused::Time)?;
        if at.abs_diff(now.seconds()) > u64::from(rules.tolerance_seconds) {
            return Err(Refused::Time);
        }
    }
    Ok(given)
}

/// Compares in constant time.
fn is_right<M: Mac + KeyInit>(secret: &[u8], timestamp: Option<&str>, body: &[u8], given: &[u8]) -> bool {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else { return false };
    if let Some(timestamp) = timestamp {
        mac.update(timestamp.as_bytes());
        mac.update(b".");
    }
    mac.update(body);
    mac.verify_slice(given).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
mod tests {
    use super::{Refused, verify};
    use crate::{clock::Time, model::trigger::Signature};
    use serde_json::{Value, json};

    fn rules(more: Value) -> Signature {
        let mut rules = json!({"header": "x-signature"});
        rules.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(rules).unwrap()
    }

    #[test]
    fn known_signatures_are_right_and_others_wrong() {
        // RFC 4231, test case 2
        let (key, body) = (b"Jefe", b"what do ya want for nothing?");
        let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let check = |rules: &Signature, given: &str| verify(rules, key, Some(given), None, body, Time(0));
        let plain = rules(json!({}));
        assert_eq!(check(&plain, sha256).unwrap(), hex::decode(sha256).unwrap());
        assert!(check(&plain, &sha256.to_uppercase()).is_ok());
        let base64 = rules(json!({"encoding": "base64", "prefix": "v1="}));
        assert!(check(&base64, "v1=W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=").is_ok());
        for wrong in ["", "zz", &sha256[2..], &sha256.replace('5', "6"), "sha256=5bdc"] {
            assert_eq!(check(&plain, wrong), Err(Refused::Signature), "{wrong}");
        }
        assert_eq!(verify(&plain, key, None, None, body, Time(0)), Err(Refused::Signature));
        assert_eq!(verify(&plain, b"other", Some(sha256), None, body, Time(0)), Err(Refused::Signature));
        let sha512 = rules(json!({"algorithm": "sha512"}));
        assert_eq!(check(&sha512, sha256), Err(Refused::Signature));
    }

    #[test]
    fn a_signed_time_must_be_near() {
        let timed = rules(json!({"timestampHeader": "x-time", "toleranceSeconds": 300}));
        // `printf '1000.{}' | openssl dgst -sha256 -hmac key`
        let given = "c32de42341dece79a1511c9e7f74a2734112edcfcf48943c976faf07047065db";
        let check = |time: Option<&str>, now: i64| verify(&timed, b"key", Some(given), time, b"{}", Time(now * 1000));
        assert!(check(Some("1000"), 1300).is_ok() && check(Some("1000"), 700).is_ok());
        assert_eq!(check(Some("1000"), 1301), Err(Refused::Time));
        assert_eq!(check(Some("1000"), 699), Err(Refused::Time));
        assert_eq!(check(Some("1001"), 1000), Err(Refused::Signature));
        assert_eq!(check(None, 1000), Err(Refused::Signature));
    }
}
