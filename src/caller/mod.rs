//! Finds the client of a request: its address behind trusted proxies, the network that limits count it under, and the
//! host names that it may use.
mod hosts;

pub use hosts::Hosts;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// The proxies whose `X-Forwarded-For` header is trusted.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

impl Proxies {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Parses a network such as `10.0.0.0/8`, or a single address.
    ///
    /// # Errors
    /// A message for the operator if the text is neither.
    pub fn parse(text: &str) -> Result<IpNet, String> {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network
            .map(|network| network.trunc())
            .map_err(|_| format!("`{text}` is not an IP address or a network: use one such as 10.0.0.2 or 10.0.0.0/8"))
    }

    /// Whether `address` is one of the trusted proxies.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the client's address: the rightmost entry of `forwarded` that is not a trusted proxy. The entries left
    /// of it come from the client and cannot be trusted. If `peer` is not a trusted proxy, none of the entries can.
    pub fn caller<'a, I>(&self, peer: IpAddr, forwarded: I) -> IpAddr
    where
        I: DoubleEndedIterator<Item = &'a str>,
    {
        let mut caller = peer.to_canonical();
        if !self.contains(caller) {
            return caller;
        }
        for entry in forwarded.rev().flat_map(|line| line.rsplit(',')) {
            // stop at an entry that is not an address, and keep the one that a trusted proxy added right of it
            let Some(address) = address(entry) else { break };
            caller = address;
            if !self.contains(caller) {
                break;
            }
        }
        caller
    }
}

/// Parses an address with or without a port: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    let bare = match entry.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None if entry.matches(':').count() == 1 => entry.split(':').next()?,
        None => entry,
    };
    bare.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Returns the network that limits count: one IPv4 address, or the /64 of an IPv6 address, because a client with IPv6
/// usually has a whole /64.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Proxies, network};
    use std::net::IpAddr;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn trusts_only_entries_that_trusted_proxies_added() {
        let networks = ["10.0.0.0/8", "127.0.0.1", "2001:db8:1::/48"].map(|text| Proxies::parse(text).unwrap());
        let proxies = Proxies::new(networks.to_vec());
        for (peer, lines, caller) in [
            ("192.0.2.7", &["203.0.113.1"][..], "192.0.2.7"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.1"], "203.0.113.1"),
            ("::ffff:10.1.2.3", &["203.0.113.1:4711"], "203.0.113.1"),
            ("10.1.2.3", &["198.51.100.9, 203.0.113.1"], "203.0.113.1"),
            ("10.1.2.3", &["198.51.100.9", "203.0.113.1, 10.9.9.9"], "203.0.113.1"),
            ("10.1.2.3", &["10.5.5.5, 10.9.9.9"], "10.5.5.5"),
            ("10.1.2.3", &["203.0.113.1, nonsense, 10.9.9.9"], "10.9.9.9"),
            ("127.0.0.1", &["[2001:db8:2::1]:80, 2001:db8:1::5"], "2001:db8:2::1"),
            ("127.0.0.1", &["::ffff:203.0.113.1"], "203.0.113.1"),
            ("127.0.0.1", &[""], "127.0.0.1"),
        ] {
            assert_eq!(proxies.caller(ip(peer), lines.iter().copied()), ip(caller), "{peer} {lines:?}");
        }
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_count_as_one_client() {
        assert_eq!(network(ip("2001:db8::1")), network(ip("2001:db8::ffff:2")));
        assert_ne!(network(ip("2001:db8::1")), network(ip("2001:db8:0:1::1")));
        assert_ne!(network(ip("192.0.2.1")), network(ip("192.0.2.2")));
        assert_eq!(network(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }

    #[test]
    fn an_invalid_network_is_rejected_with_an_example() {
        assert!(Proxies::parse("proxy.example.com").unwrap_err().contains("10.0.0.0/8"));
        assert!(Proxies::parse("10.0.0.0/33").is_err());
    }
}
