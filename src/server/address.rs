//! Parses the address that a server listens on, and formats it as a URL.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Parses `host:port`, `port` (on loopback) or `:port` (on all addresses of the machine) and returns `host:port`.
///
/// # Errors
/// A message that lists the valid forms.
pub fn listening_address(text: &str) -> Result<String, String> {
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    let form = || {
        format!(
            "`{text}` is not an address to listen on: use host:port such as 127.0.0.1:4000 or [::1]:4000, \
             a port such as 4000, or :4000 for all addresses"
        )
    };
    if is_port(text) {
        return Ok(format!("127.0.0.1:{text}"));
    }
    let (host, port) = text.rsplit_once(':').filter(|(_, port)| is_port(port)).ok_or_else(form)?;
    let is_bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
    match host {
        "" => Ok(format!("0.0.0.0:{port}")),
        _ if is_bare_ipv6 || host.contains(['/', ' ', '@']) => Err(form()),
        _ => Ok(text.to_owned()),
    }
}

/// Returns the URL at which programs on this machine reach a server that listens on `address`. The unspecified
/// addresses `0.0.0.0` and `[::]` become loopback.
pub fn local_url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{listening_address, local_url};

    #[test]
    fn addresses_are_parsed_in_all_common_forms() {
        for (text, address) in [
            ("4000", "127.0.0.1:4000"),
            (":4000", "0.0.0.0:4000"),
            ("localhost:0", "localhost:0"),
            ("[::1]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            assert_eq!(listening_address(text).unwrap(), address, "{text}");
        }
        for wrong in [
            "",
            "localhost",
            "127.0.0.1",
            "::1",
            "::1:80",
            "http://localhost:80",
            "host:http",
            "65536",
            ":65536",
            "a b:1",
        ] {
            assert!(listening_address(wrong).unwrap_err().contains("host:port"), "{wrong}");
        }
    }

    #[test]
    fn local_urls_can_be_reached() {
        for (address, url) in [
            ("0.0.0.0:80", "http://127.0.0.1:80"),
            ("[::]:80", "http://[::1]:80"),
            ("10.0.0.1:80", "http://10.0.0.1:80"),
            ("[fe80::1]:80", "http://[fe80::1]:80"),
        ] {
            assert_eq!(local_url(address.parse().unwrap()), url);
        }
    }
}
