//! Decides which hosts the server may connect to for a user. Every resolved address is checked, and connections use the
//! checked addresses.
use super::stage::ConnectStage;
use crate::{Error, Result};
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpStream, sync::OnceCell};
use url::Url;

/// Timeout of a DNS lookup.
const RESOLVE: Duration = Duration::from_secs(5);
const OWN: &str = "this is the server's own port";

/// The egress rules, with the resolver that applies them.
#[derive(Clone)]
pub struct Guard {
    allow_private: bool,
    own_ports: Arc<[u16]>,
    /// Whether every address of this machine is refused on every port, including public addresses.
    elsewhere: bool,
    /// The path that is reachable on the server's own ports, with everything below it.
    open_path: Option<&'static str>,
    /// The name server to use; `None` for the system's.
    nameserver: Option<SocketAddr>,
    resolver: Arc<OnceCell<TokioResolver>>,
}

/// Why the server does not connect to a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EgressRefusal {
    /// The name does not resolve.
    Unresolved(String),
    /// The address is always refused, or refused by the server's settings.
    Forbidden(String),
}

impl Guard {
    /// `allow_private` allows loopback and private networks, but never the server's own ports there.
    pub fn new(allow_private: bool, own_ports: impl Into<Arc<[u16]>>) -> Self {
        Self {
            allow_private,
            own_ports: own_ports.into(),
            elsewhere: false,
            open_path: None,
            nameserver: None,
            resolver: Arc::default(),
        }
    }

    /// Allows `path` and everything below it on the server's own ports.
    #[must_use]
    pub fn with_open_path(self, path: &'static str) -> Self {
        Self { open_path: Some(path), ..self }
    }

    /// Returns whether `url` is within the open path on one of the server's own ports.
    pub fn is_open(&self, url: &Url) -> bool {
        let below =
            |path: &str| url.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        url.port_or_known_default().is_some_and(|port| self.is_own(port)) && self.open_path.is_some_and(below)
    }

    /// Uses the name server at `address` instead of the system's.
    #[must_use]
    pub fn with_nameserver(self, address: SocketAddr) -> Self {
        Self { nameserver: Some(address), resolver: Arc::default(), ..self }
    }

    /// Returns a guard that also refuses all private networks and this machine, for requests to one of the server's own
    /// ports.
    pub(in crate::connect) fn outward(&self) -> Self {
        Self { allow_private: false, own_ports: Arc::default(), elsewhere: true, ..self.clone() }
    }

    /// Returns whether this server listens on `port`.
    pub fn is_own(&self, port: u16) -> bool {
        self.own_ports.contains(&port)
    }

    /// Resolves `host`.
    ///
    /// # Errors
    /// [`EgressRefusal`] if the name does not resolve or any of its addresses is not allowed.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, EgressRefusal> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses = match bare.parse::<IpAddr>() {
            Ok(address) => vec![address],
            Err(_) => self.look_up(bare).await?,
        };
        for address in &addresses {
            self.check(*address, port).map_err(|why| EgressRefusal::Forbidden(format!("{host}: {why}")))?;
        }
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    /// Connects to the first address of `host` that accepts; `limit` covers all attempts.
    ///
    /// # Errors
    /// `Datasource`, naming the stage that failed.
    pub async fn dial(&self, host: &str, port: u16, limit: Duration) -> Result<TcpStream> {
        let addresses = self.resolve(host, port).await?;
        match tokio::time::timeout(limit, TcpStream::connect(&*addresses)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                Ok(stream)
            }
            Ok(Err(error)) => Err(ConnectStage::Tcp.failed(error)),
            Err(_) => Err(ConnectStage::Tcp.failed(format!("no response within {} ms", limit.as_millis()))),
        }
    }

    /// Checks whether the server may connect to an address.
    ///
    /// # Errors
    /// The reason for the refusal.
    pub fn check(&self, address: IpAddr, port: u16) -> Result<(), &'static str> {
        match class(address) {
            Class::Never => Err("link-local, metadata, multicast and unspecified addresses are never allowed"),
            Class::Private if !self.allow_private => {
                Err("loopback and private networks are refused; the person who runs this server can allow them with \
                 --allow-private-network")
            }
            Class::Private if self.is_own(port) => Err(OWN),
            // the server may listen on every address of the machine, including public ones
            Class::Public if (self.elsewhere || self.is_own(port)) && is_local(address) => Err(OWN),
            Class::Private | Class::Public => Ok(()),
        }
    }

    async fn look_up(&self, host: &str) -> Result<Vec<IpAddr>, EgressRefusal> {
        let unresolved = || EgressRefusal::Unresolved(format!("the name {host} cannot be resolved"));
        let resolver =
            self.resolver.get_or_try_init(|| async { resolver(self.nameserver) }).await.map_err(|()| unresolved())?;
        let found = tokio::time::timeout(RESOLVE, resolver.lookup_ip(host)).await;
        let found: Vec<IpAddr> = found.map_err(|_| unresolved())?.map_err(|_| unresolved())?.iter().collect();
        if found.is_empty() {
            return Err(unresolved());
        }
        Ok(found)
    }
}

fn resolver(nameserver: Option<SocketAddr>) -> Result<TokioResolver, ()> {
    let mut builder = match nameserver {
        None => TokioResolver::builder_tokio().map_err(drop)?,
        Some(address) => {
            let mut connection = ConnectionConfig::udp();
            connection.port = address.port();
            let server = NameServerConfig::new(address.ip(), true, vec![connection]);
            let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
    };
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    builder.build().map_err(drop)
}

/// How an address is treated, strictest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Never,
    Private,
    Public,
}

/// Returns whether an interface of this machine has the address: a socket can only be bound to such an address.
fn is_local(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

fn class(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => class_v4(inner),
            // the stricter of the ISATAP address and its embedded IPv4 address counts
            None => isatap(address).map_or(Class::Public, class_v4).min(class_v6(address)),
        },
    }
}

fn class_v4(address: Ipv4Addr) -> Class {
    let [a, b, c, _] = address.octets();
    if a == 0 || address.is_link_local() || address.is_multicast() || a >= 240 {
        return Class::Never;
    }
    // cloud metadata outside the link-local range
    if [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)]
        .contains(&address)
    {
        return Class::Never;
    }
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    if address.is_loopback() || address.is_private() || shared || benchmark || (a, b, c) == (192, 0, 0) {
        return Class::Private;
    }
    Class::Public
}

fn class_v6(address: Ipv6Addr) -> Class {
    let metadata = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    if address.is_unspecified() || address.is_multicast() || address.is_unicast_link_local() || address == metadata {
        return Class::Never;
    }
    let site_local = address.segments()[0] & 0xffc0 == 0xfec0;
    if address.is_loopback() || address.is_unique_local() || site_local {
        return Class::Private;
    }
    // The public internet is 2000::/3, except 2001::/23, which is for protocols such as Teredo that tunnel to other
    // addresses. The rest is for local use, such as the NAT64 range 64:ff9b:1::/48, or unassigned.
    let [first, second, ..] = address.segments();
    if first & 0xe000 != 0x2000 || (first == 0x2001 && second < 0x200) {
        return Class::Never;
    }
    Class::Public
}

/// Returns the IPv4 address embedded in an IPv6 address: mapped, compatible, translated (NAT64) or tunnelled (6to4).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0, 0, 0, 0, 0, 0, high @ 1..=0xffff, low]
        | [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Returns the IPv4 address in an ISATAP interface identifier (RFC 5214), under any prefix.
fn isatap(address: Ipv6Addr) -> Option<Ipv4Addr> {
    match address.segments() {
        [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(v4(high, low)),
        _ => None,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Ipv4Addr::new(a, b, c, d)
}

impl fmt::Display for EgressRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(why) | Self::Forbidden(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for EgressRefusal {}

impl From<EgressRefusal> for Error {
    fn from(refusal: EgressRefusal) -> Self {
        match refusal {
            EgressRefusal::Unresolved(why) => ConnectStage::Dns.failed(why),
            EgressRefusal::Forbidden(message) => Self::unreachable(message),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Class, Guard, class};

    #[test]
    fn addresses_are_classified() {
        for (text, expected) in [
            ("169.254.169.254", Class::Never),
            ("0.0.0.0", Class::Never),
            ("0.1.2.3", Class::Never),
            ("224.0.0.1", Class::Never),
            ("255.255.255.255", Class::Never),
            ("100.100.100.200", Class::Never),
            ("192.0.0.192", Class::Never),
            ("::", Class::Never),
            ("fe80::1", Class::Never),
            ("ff02::1", Class::Never),
            ("fd00:ec2::254", Class::Never),
            ("::ffff:169.254.169.254", Class::Never),
            ("64:ff9b::a9fe:a9fe", Class::Never),
            ("2002:a9fe:a9fe::1", Class::Never),
            ("::ffff:0:169.254.169.254", Class::Never),
            ("64:ff9b:1::7f00:1", Class::Never),
            ("64:ff9b:1:a9fe:a9:fe00::", Class::Never),
            ("64:ff9b:0:1::7f00:1", Class::Never),
            ("2001::1", Class::Never),
            ("2001:0:5601:5601:0:0:80ff:fffe", Class::Never),
            ("2001:10::1", Class::Never),
            ("100::1", Class::Never),
            ("5f00::1", Class::Never),
            ("4000::1", Class::Never),
            ("2606:4700::5efe:a9fe:a9fe", Class::Never),
            ("fe80::5efe:10.0.0.1", Class::Never),
            ("2606:4700::5efe:127.0.0.1", Class::Private),
            ("2606:4700::200:5efe:10.0.0.1", Class::Private),
            ("fd00::5efe:1.1.1.1", Class::Private),
            ("2002:a00:1::5efe:1.1.1.1", Class::Private),
            ("64:ff9b::10.0.0.1", Class::Private),
            ("::ffff:0:10.0.0.1", Class::Private),
            ("64:ff9b::1.1.1.1", Class::Public),
            ("2606:4700::5efe:1.1.1.1", Class::Public),
            ("2001:4860:4860::8888", Class::Public),
            ("127.0.0.1", Class::Private),
            ("127.8.8.8", Class::Private),
            ("10.0.0.1", Class::Private),
            ("172.16.0.1", Class::Private),
            ("192.168.1.1", Class::Private),
            ("100.64.0.1", Class::Private),
            ("198.18.0.1", Class::Private),
            ("::1", Class::Private),
            ("fc00::1", Class::Private),
            ("::ffff:127.0.0.1", Class::Private),
            ("::127.0.0.1", Class::Private),
            ("fec0::1", Class::Private),
            ("1.1.1.1", Class::Public),
            ("172.32.0.1", Class::Public),
            ("100.128.0.1", Class::Public),
            ("2606:4700::1111", Class::Public),
        ] {
            assert_eq!(class(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn the_servers_own_port_is_refused_on_every_address_of_the_machine() {
        // a test machine may have no public address, so loopback represents an address of an interface
        assert!(super::is_local("127.0.0.1".parse().unwrap()));
        for elsewhere in ["192.0.2.1", "198.51.100.7", "2001:db8::1"] {
            assert!(!super::is_local(elsewhere.parse().unwrap()), "{elsewhere}");
            for guard in [Guard::new(true, [8080]), Guard::new(true, [8080]).outward()] {
                assert!(guard.check(elsewhere.parse().unwrap(), 8080).is_ok(), "{elsewhere}");
            }
        }
        // the machine's own outbound address, if it is public
        let out = std::net::UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
            socket.connect("198.51.100.7:9")?;
            socket.local_addr()
        });
        if let Ok(own) = out.map(|own| own.ip()) {
            assert!(super::is_local(own), "{own}");
            assert!(Guard::new(true, [8080]).check(own, 8080).is_err(), "{own}");
            assert!(Guard::new(true, [8080]).outward().check(own, 0).is_err(), "{own}");
        }
    }

    #[tokio::test]
    async fn private_networks_can_be_allowed_but_own_ports_cannot() {
        let (shut, open) = (Guard::new(false, []), Guard::new(true, [8080]));
        assert!(shut.resolve("127.0.0.1", 5432).await.unwrap_err().to_string().contains("--allow-private-network"));
        assert!(shut.resolve("localhost", 5432).await.is_err());
        assert_eq!(open.resolve("[::1]", 5432).await.unwrap().len(), 1);
        assert!(!open.resolve("localhost", 5432).await.unwrap().is_empty());
        for host in ["127.0.0.1", "localhost", "::1", "::ffff:127.0.0.1"] {
            let refused = open.resolve(host, 8080).await.unwrap_err().to_string();
            assert!(refused.contains("own port"), "{host}: {refused}");
        }
        assert!(open.resolve("169.254.169.254", 80).await.is_err());
        let nowhere = crate::Error::from(open.resolve("no-such-host.invalid", 80).await.unwrap_err()).to_string();
        assert!(nowhere.starts_with("DNS:"), "{nowhere}");
    }
}
