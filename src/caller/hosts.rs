//! The host names that the server accepts.
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use url::Url;

/// Prevents DNS rebinding: if `evil.example` resolves to this server's address, a browser treats pages of
/// `evil.example` as same-origin with this server. So the server accepts only names that nobody else can point to it:
///
/// - loopback: `localhost`, names below `.localhost`, `127.0.0.0/8`, `[::1]`;
/// - the host of the public URL, and what the operator adds;
/// - unless it listens only on loopback: any IP address, and names without a dot, which public DNS does not resolve.
#[derive(Debug)]
pub struct Hosts {
    on_loopback: bool,
    any: bool,
    names: HashSet<String>,
    /// The origin of the public URL.
    own_origin: Option<String>,
}

impl Hosts {
    /// Creates the rules for a server that listens on `address`; an `extra` host `*` accepts any name.
    pub fn new(address: IpAddr, public_url: &str, extra: &[String]) -> Self {
        let public = Url::parse(public_url).ok();
        let host = public.as_ref().and_then(Url::host_str).map(str::to_owned);
        let names = extra.iter().cloned().chain(host).filter_map(|host| host_of(&host));
        Self {
            on_loopback: address.to_canonical().is_loopback(),
            any: extra.iter().any(|host| host == "*"),
            names: names.collect(),
            own_origin: public.map(|url| url.origin().ascii_serialization()),
        }
    }

    /// Parses a host that the operator allows, or `*`.
    ///
    /// # Errors
    /// A message for the operator.
    pub fn parse(text: &str) -> Result<String, String> {
        match text {
            "*" => Ok(text.to_owned()),
            host => {
                host_of(host).ok_or_else(|| format!("`{text}` is not a host name: use one such as tools.example.com"))
            }
        }
    }

    /// Returns whether the server accepts `authority`, a host with or without a port.
    pub fn admits(&self, authority: &str) -> bool {
        if self.any {
            return true;
        }
        let Some(host) = host_of(authority) else { return false };
        if self.names.contains(&host) {
            return true;
        }
        match host.parse::<IpAddr>() {
            Ok(address) => !self.on_loopback || address.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost") || (!self.on_loopback && !host.contains('.')),
        }
    }

    /// Returns whether `origin` is the server's own: that of the request's `host`, or of the public URL.
    pub fn is_own_origin(&self, origin: &str, host: Option<&str>) -> bool {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let is_reached = authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host));
        is_reached || self.own_origin.as_deref() == Some(origin)
    }
}

/// Normalizes the host of an authority: lower case, without port, brackets and trailing dot. `None` if it is invalid.
fn host_of(authority: &str) -> Option<String> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        let address = address.parse::<Ipv6Addr>().ok().filter(|_| fits)?;
        return Some(IpAddr::from(address).to_canonical().to_string());
    }
    let host = match authority.split_once(':') {
        Some((host, port)) if is_port(port) => host,
        Some(_) => return None,
        None => authority,
    };
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let fits = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    // a host that ends in a number must be an IPv4 address in dotted form
    let numeric = host.rsplit('.').next().is_some_and(|last| last.chars().all(|c| c.is_ascii_digit()));
    (fits && (!numeric || host.parse::<Ipv4Addr>().is_ok())).then_some(host)
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Hosts;

    fn hosts(address: &str, extra: &[&str]) -> Hosts {
        let extra: Vec<String> = extra.iter().map(|host| (*host).to_owned()).collect();
        Hosts::new(address.parse().unwrap(), "https://Tools.example.com", &extra)
    }

    #[test]
    fn names_that_others_can_point_to_the_server_are_rejected() {
        let (local, everywhere) = (hosts("127.0.0.1", &["tunnel.example.net"]), hosts("0.0.0.0", &[]));
        for (host, on_loopback, on_any) in [
            ("localhost", true, true),
            ("LOCALHOST.:4000", true, true),
            ("app.localhost:4000", true, true),
            ("127.0.0.1:4000", true, true),
            ("127.8.8.8", true, true),
            ("[::1]:4000", true, true),
            ("[::ffff:127.0.0.1]", true, true),
            ("tools.example.com", true, true),
            ("TOOLS.example.com:443", true, true),
            ("tunnel.example.net", true, false),
            ("192.0.2.1:4000", false, true),
            ("[2001:db8::1]:4000", false, true),
            ("jet-admin:4000", false, true),
            ("evil.example", false, false),
            ("evil.example:4000", false, false),
            ("localhost.evil.example", false, false),
            ("127.0.0.1.evil.example", false, false),
            ("evil-localhost.example", false, false),
            ("tools.example.com.evil.example", false, false),
            ("tools.example.com@evil.example", false, false),
            ("evil.example#localhost", false, false),
            ("[::1].evil.example", false, false),
            ("[::1", false, false),
            ("127.1", false, false),
            ("2130706433", false, false),
            ("localhost:port", false, false),
            ("", false, false),
        ] {
            assert_eq!((local.admits(host), everywhere.admits(host)), (on_loopback, on_any), "{host}");
        }
        assert!(hosts("127.0.0.1", &["*"]).admits("evil.example"));
    }

    #[test]
    fn own_pages_come_from_the_requested_host_or_the_public_url() {
        let hosts = hosts("127.0.0.1", &[]);
        for (origin, own) in [
            ("http://localhost:4000", true),
            ("https://tools.example.com", true),
            ("http://localhost:5173", false),
            ("http://tools.example.com", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            assert_eq!(hosts.is_own_origin(origin, Some("localhost:4000")), own, "{origin}");
        }
    }
}
