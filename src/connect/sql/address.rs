//! Parses connection strings as hosting providers and frameworks write them.
use crate::connect::network::tls::SslMode;
use std::collections::VecDeque;

/// The maximum number of hosts in a connection string.
const HOSTS: usize = 8;

/// The parts of a connection string, not yet validated.
#[derive(Debug, Default, PartialEq)]
pub(in crate::connect) struct ConnectionString {
    pub user: Option<String>,
    pub password: Option<String>,
    /// Host names or IP addresses without brackets, each with its port if given.
    pub hosts: Vec<(String, Option<u16>)>,
    pub database: Option<String>,
    /// The parameters after `?`, in order.
    pub parameters: VecDeque<(String, String)>,
}

/// Returns a note that lists ignored parameters of a connection string; `None` if there are none.
pub(in crate::connect) fn ignored(parameters: &[String]) -> Option<String> {
    (!parameters.is_empty()).then(|| format!("ignored parameters in the connection string: {}", parameters.join(", ")))
}

impl ConnectionString {
    /// Parses `scheme://user:password@host:port,host:port/database?name=value`. `schemes` are the accepted schemes; a
    /// driver's name after a plus sign is ignored. `shape` is the example for error messages.
    ///
    /// # Errors
    /// A message that says what is wrong and what to write instead.
    pub fn parse(text: &str, schemes: &[&str], shape: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("jdbc:") {
            let scheme = rest.split(':').next().unwrap_or_default();
            return Err(format!(
                "is a JDBC URL: leave out `jdbc:`, and write `{scheme}://user:password@host/database`"
            ));
        }
        let wrong = || format!("must be like {shape}");
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let scheme = scheme.split('+').next().unwrap_or_default().to_ascii_lowercase();
        if !schemes.contains(&scheme.as_str()) {
            return Err(wrong());
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut address = Self::default();
        // a password may contain `@` and `/` that are not encoded: the last `@` ends it
        let (account, place) = place.rsplit_once('@').map_or((None, place), |(account, place)| (Some(account), place));
        if let Some(account) = account {
            let (user, password) = account.split_once(':').map_or((account, None), |(user, rest)| (user, Some(rest)));
            address.user = Some(decoded(user)?).filter(|user| !user.is_empty());
            address.password = password.map(decoded).transpose()?;
        }
        let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
        if database.contains('/') {
            return Err(wrong());
        }
        address.database = Some(decoded(database)?).filter(|name| !name.is_empty());
        for host in hosts.split(',').filter(|host| !host.is_empty()) {
            address.hosts.push(host_and_port(host)?);
        }
        if address.hosts.len() > HOSTS {
            return Err(format!("names more than {HOSTS} hosts"));
        }
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            address.parameters.push_back((decoded(name)?, decoded(value)?));
        }
        Ok(address)
    }
}

/// Parses a host name or an IP address, with brackets around IPv6, and its optional port.
pub(in crate::connect) fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let bad = || "has a port that is not a number".to_owned();
    let number = |port: &str| port.parse().map(Some).map_err(|_| bad());
    if let Some(rest) = text.strip_prefix('[') {
        let (host, port) = rest.split_once(']').ok_or("has a `[` that is not closed")?;
        let port = if port.is_empty() { None } else { number(port.strip_prefix(':').ok_or_else(bad)?)? };
        return Ok((host.to_owned(), port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, number(port)?),
        None => (text, None),
    };
    Ok((decoded(host)?, port))
}

/// Decodes percent-encoding. A percent sign that is not followed by two hexadecimal digits is kept.
fn decoded(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digits = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let coded = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let decoded = coded.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    let text = String::from_utf8(out).map_err(|_| "has percent-encoded bytes that are not UTF-8".to_owned())?;
    if text.contains('\0') { Err("has a NUL character".to_owned()) } else { Ok(text) }
}

/// Returns the TLS mode of a connection string parameter, with the names and values of libpq, the `MySQL` client and
/// common drivers. `None` for other parameters.
///
/// # Errors
/// A message for an unknown value.
pub(in crate::connect) fn tls_mode(name: &str, value: &str) -> Option<Result<SslMode, String>> {
    let given = name;
    let name = name.to_ascii_lowercase().replace(['-', '_'], "");
    let value = value.to_ascii_lowercase().replace('_', "-");
    let known = match (name.as_str(), value.as_str()) {
        ("sslmode", "disabled") | ("ssl" | "usessl" | "requiressl" | "tls", "false" | "0") => Some(SslMode::Disable),
        ("sslmode" | "tls", "preferred") => Some(SslMode::Prefer),
        ("sslmode", "required" | "no-verify")
        | ("ssl" | "usessl" | "requiressl", "true" | "1" | "" | "no-verify")
        | ("tls", "skip-verify")
        | ("sslaccept", "accept-invalid-certs")
        | ("verifyservercertificate", "false") => Some(SslMode::Require),
        ("sslmode", "verify-identity") | ("sslaccept", "strict") | ("tls" | "verifyservercertificate", "true") => {
            Some(SslMode::VerifyFull)
        }
        ("ssl", object) if object.starts_with('{') => rejects(object),
        ("sslmode" | "ssl", mode) => SslMode::named(mode),
        ("usessl" | "requiressl" | "tls" | "sslaccept" | "verifyservercertificate", _) => None,
        _ => return None,
    };
    let modes = "disable, prefer, require, verify-ca or verify-full";
    Some(known.ok_or_else(|| format!("has an unknown value of `{given}`: use sslmode={modes}")))
}

/// Parses `{"rejectUnauthorized":true}`, which Node.js drivers use.
fn rejects(object: &str) -> Option<SslMode> {
    let object = crate::json::parse(object.as_bytes(), &crate::json::Room::of(64 << 10)).ok()?;
    let fields = object.as_object()?;
    match (fields.len(), fields.get("rejectunauthorized").and_then(serde_json::Value::as_bool)) {
        (1, Some(false)) => Some(SslMode::Require),
        (1, Some(true)) | (0, _) => Some(SslMode::VerifyFull),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{ConnectionString, tls_mode};
    use crate::connect::network::tls::SslMode;
    use proptest::prelude::*;

    const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

    fn parse(text: &str) -> Result<ConnectionString, String> {
        ConnectionString::parse(text, &SCHEMES, "postgresql://…")
    }

    #[test]
    fn a_connection_string_is_parsed() {
        let whole =
            parse("postgresql+psycopg2://j%40n:p:w@b%2F1@[::1]:6543,db.example/shop%201?sslmode=require&a&b=%26")
                .unwrap();
        assert_eq!((whole.user.as_deref(), whole.password.as_deref()), (Some("j@n"), Some("p:w@b/1")));
        assert_eq!(whole.hosts, [("::1".to_owned(), Some(6543)), ("db.example".to_owned(), None)]);
        assert_eq!(whole.database.as_deref(), Some("shop 1"));
        let parameters: Vec<_> = whole.parameters.iter().map(|(name, value)| (&**name, &**value)).collect();
        assert_eq!(parameters, [("sslmode", "require"), ("a", ""), ("b", "&")]);
        assert_eq!(parse("postgres://h").unwrap().hosts, [("h".to_owned(), None)]);
        assert_eq!(parse("postgres://u:100%@h").unwrap().password.as_deref(), Some("100%"));
    }

    #[test]
    fn errors_say_what_is_wrong() {
        for (text, expected) in [
            ("jdbc:postgresql://h/db", "leave out `jdbc:`"),
            ("mysql://h/db", "must be like"),
            ("h:5432/db", "must be like"),
            ("postgres://h/a/b", "must be like"),
            ("postgres://h:port/db", "port"),
            ("postgres://[::1/db", "not closed"),
            ("postgres://a,b,c,d,e,f,g,h,i/db", "more than 8 hosts"),
            ("postgres://u%FF@h", "not UTF-8"),
            ("postgres://u%00@h", "NUL"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn tls_parameters_of_all_drivers_are_recognized() {
        for (name, value, mode) in [
            ("sslmode", "verify-full", SslMode::VerifyFull),
            ("sslmode", "no-verify", SslMode::Require),
            ("ssl-mode", "VERIFY_IDENTITY", SslMode::VerifyFull),
            ("ssl_mode", "PREFERRED", SslMode::Prefer),
            ("ssl", "true", SslMode::Require),
            ("ssl", "{\"rejectUnauthorized\":true}", SslMode::VerifyFull),
            ("ssl", "{\"rejectUnauthorized\":false}", SslMode::Require),
            ("useSSL", "false", SslMode::Disable),
            ("sslaccept", "strict", SslMode::VerifyFull),
            ("tls", "skip-verify", SslMode::Require),
        ] {
            assert_eq!(tls_mode(name, value), Some(Ok(mode)), "{name}={value}");
        }
        assert!(tls_mode("sslmode", "odd").unwrap().unwrap_err().contains("`sslmode`"));
        assert!(tls_mode("ssl", "{\"ca\":\"x\"}").unwrap().is_err());
        assert_eq!(tls_mode("schema", "public"), None);
    }

    proptest! {
        #[test]
        fn parsing_arbitrary_text_never_panics(text in "(postgres://)?[ -~é%@:/,\\[\\]?&=]{0,60}") {
            let _ = parse(&text);
        }
    }
}
