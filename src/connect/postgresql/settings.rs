//! Connection settings of a server, from options or a connection string.
use super::{invalid, wire::BindingPolicy};
use crate::{
    Result,
    connect::{
        network::tls::SslMode,
        sql::{ConnectionString, ServerOptions, host_and_port, tls_mode},
    },
};
use std::collections::VecDeque;

/// The server's addresses, the account and the session settings.
#[derive(Debug, Default, PartialEq)]
pub(super) struct PgSettings {
    /// Tried in order.
    pub hosts: Vec<(String, u16)>,
    pub user: String,
    pub password: Option<String>,
    pub binding: BindingPolicy,
    pub mode: SslMode,
    /// Sent in the startup message.
    pub parameters: Vec<(String, String)>,
    /// Whether the connection string indicates a connection pooler.
    pub pooled: bool,
    /// Whether only a server that accepts writes is acceptable.
    pub primary: bool,
    /// The maximum number of connections, if the connection string sets it.
    pub size: Option<usize>,
    /// Ignored parameters of the connection string.
    pub ignored: Vec<String>,
}

const SHAPE: &str = "postgresql://user:password@host:5432/database";
const PORT: u16 = 5432;

/// Parameters of poolers, frameworks and drivers that do not affect results.
const HARMLESS: [&str; 30] = [
    "uselibpqcompat",
    "pool_timeout",
    "socket_timeout",
    "connect_timeout",
    "connecttimeout",
    "sockettimeout",
    "logintimeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "tcpkeepalive",
    "sslcompression",
    "sslsni",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "fallback_application_name",
    "supa",
    "workaround",
    "pool_size",
    "pool_max_conns",
    "pool_min_conns",
    "pool_max_conn_lifetime",
    "pool_max_conn_idle_time",
    "max_idle_connection_lifetime",
    "prepared_statement_cache_queries",
    "rewritebatchedinserts",
    "binarytransfer",
    "serverversion",
];

impl PgSettings {
    pub fn new(options: &ServerOptions) -> Result<Self> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let settings = if let Some(text) = filled(&options.connection_string) {
            Self::from_string(&text, options.ssl_mode).map_err(|why| invalid("connectionString", &why))?
        } else {
            let host = filled(&options.host);
            let host = host.ok_or_else(|| invalid("host", "is required without a connection string"))?;
            let mut settings = Self {
                hosts: vec![(host.trim().to_owned(), options.port.unwrap_or(PORT))],
                user: filled(&options.user).unwrap_or_else(|| "postgres".to_owned()),
                password: options.password.clone().filter(|text| !text.is_empty()),
                mode: options.ssl_mode,
                ..Self::default()
            };
            settings.parameters.extend(filled(&options.database).map(|name| ("database".to_owned(), name)));
            settings
        };
        if settings.hosts.iter().any(|(host, _)| host.contains(['/', '\\', '@'])) {
            return Err(invalid("host", "must be a host name or an address: local sockets are not allowed"));
        }
        Ok(settings.with_defaults())
    }

    /// Adds the session settings that this module expects, unless the connection string sets them.
    fn with_defaults(mut self) -> Self {
        let defaults =
            [("application_name", "jet-admin"), ("client_encoding", "UTF8"), ("DateStyle", "ISO"), ("TimeZone", "UTC")];
        let options = self.parameters.iter().find(|(name, _)| name == "options");
        let options = options.map(|(_, value)| value.to_ascii_lowercase()).unwrap_or_default();
        for (name, value) in defaults {
            let named = self.parameters.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
            // the server would prefer this parameter to `options`
            let optional = name == "TimeZone" && options.contains("timezone");
            if !named && !optional {
                self.parameters.push((name.to_owned(), value.to_owned()));
            }
        }
        self
    }

    fn from_string(text: &str, mode: SslMode) -> Result<Self, String> {
        let mut address = if text.contains("://") || text.trim_start().starts_with("jdbc:") {
            ConnectionString::parse(text, &["postgres", "postgresql"], SHAPE)?
        } else {
            ConnectionString { parameters: pairs(text)?, ..ConnectionString::default() }
        };
        let mut settings = Self { mode, ..Self::default() };
        let mut ports = Vec::new();
        let mut database = address.database.take();
        while let Some((name, value)) = address.parameters.pop_front() {
            match name.as_str() {
                "host" => address.hosts = value.split(',').map(host_and_port).collect::<Result<_, _>>()?,
                "port" => {
                    let number = |port: &str| port.parse().map_err(|_| "has a `port` that is not a number".to_owned());
                    ports = value.split(',').map(number).collect::<Result<_, String>>()?;
                }
                "user" => address.user = Some(value),
                "password" => address.password = Some(value),
                "dbname" => database = Some(value),
                _ => settings.take(&name, &value)?,
            }
        }
        let port = |i: usize| ports.get(i).or(ports.first()).copied().unwrap_or(PORT);
        let hosts = address.hosts.into_iter().enumerate();
        settings.hosts = hosts.map(|(i, (host, own))| (host, own.unwrap_or_else(|| port(i)))).collect();
        if settings.hosts.is_empty() {
            return Err("must name a host".to_owned());
        }
        if settings.hosts.iter().any(|(host, _)| host.is_empty() || host.starts_with('/')) {
            return Err("must name a host: local sockets are not allowed".to_owned());
        }
        settings.user = address.user.unwrap_or_else(|| "postgres".to_owned());
        settings.password = address.password;
        settings.parameters.extend(database.map(|name| ("database".to_owned(), name)));
        Ok(settings)
    }

    /// Applies a parameter of the connection string.
    ///
    /// # Errors
    /// A message for a parameter or a value that is not supported.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        if let Some(mode) = tls_mode(name, value) {
            self.mode = mode?;
            return Ok(());
        }
        let lower = name.to_ascii_lowercase();
        let on = matches!(value.to_ascii_lowercase().as_str(), "true" | "1" | "yes" | "on" | "");
        let unknown = || Err(format!("has a value of `{name}` that is not supported: leave the parameter out"));
        let set = |settings: &mut Self, setting: &str, value: &str| {
            settings.parameters.push((setting.to_owned(), value.to_owned()));
        };
        match lower.as_str() {
            "application_name" | "applicationname" => set(self, "application_name", value),
            "options" => set(self, "options", value),
            "schema" | "currentschema" | "search_path" => set(self, "search_path", &path(value)),
            "timezone" => set(self, "TimeZone", value),
            "pgbouncer" => self.pooled |= on,
            "statement_cache_size"
            | "prepared_statement_cache_size"
            | "preparethreshold"
            | "max_prepared_statements" => {
                self.pooled |= value == "0";
            }
            "prepare" | "prepared_statements" | "preparedstatements" => self.pooled |= !on,
            "connection_limit" => match value.parse() {
                Ok(size @ 1..=50) => self.size = Some(size),
                _ => return Err("has a `connection_limit` that is not a number from 1 to 50".to_owned()),
            },
            "channel_binding" | "channelbinding" => {
                self.binding = match value.to_ascii_lowercase().as_str() {
                    "disable" => BindingPolicy::Never,
                    "prefer" => BindingPolicy::Prefer,
                    "require" => BindingPolicy::Require,
                    _ => return unknown(),
                }
            }
            "target_session_attrs" | "targetservertype" => {
                self.primary = match value {
                    "any" => false,
                    "read-write" | "primary" | "master" => true,
                    _ => return unknown(),
                }
            }
            "sslrootcert" | "sslcert" | "sslkey" | "sslpassword" if value != "system" => {
                return Err(format!(
                    "has `{name}`, a file on another machine: paste the PEM text into the certificate fields"
                ));
            }
            "hostaddr" => return Err("must use `host` instead of `hostaddr`".to_owned()),
            _ if is_harmless(&lower, value) => self.ignored.push(name.to_owned()),
            _ => return Err(format!("has the parameter `{name}`, which is not supported: leave it out")),
        }
        Ok(())
    }
}

/// Returns whether a parameter does not affect results, by its name or because its value is what applies anyway.
fn is_harmless(name: &str, value: &str) -> bool {
    match (name, value.to_ascii_lowercase().as_str()) {
        ("sslrootcert", "system")
        | ("client_encoding" | "charset", "utf8" | "utf-8" | "auto")
        | ("gssencmode", "disable" | "prefer")
        | ("load_balance_hosts", "disable")
        | ("sslnegotiation", "postgres") => true,
        _ => HARMLESS.contains(&name),
    }
}

/// Returns a search path; a value with characters that need quoting is treated as a single schema name.
fn path(value: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_,$\" ".contains(c);
    if value.chars().all(plain) { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
}

/// Parses libpq's keyword/value form, such as `host=db.example user='j a'`. A backslash escapes the next character.
fn pairs(text: &str) -> Result<VecDeque<(String, String)>, String> {
    let wrong = || format!("must be like {SHAPE}");
    let mut pairs = VecDeque::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(wrong)?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(wrong());
        }
        let after = after.trim_start();
        let quoted = after.starts_with('\'');
        let mut value = String::new();
        let mut chars = after.char_indices().skip(usize::from(quoted));
        let mut end = (!quoted).then_some(after.len());
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => value.push(chars.next().ok_or_else(wrong)?.1),
                '\'' if quoted => {
                    end = Some(at + 1);
                    break;
                }
                c if c.is_whitespace() && !quoted => {
                    end = Some(at);
                    break;
                }
                c => value.push(c),
            }
        }
        rest = after[end.ok_or_else(wrong)?..].trim_start();
        pairs.push_back((name.to_owned(), value));
    }
    if pairs.is_empty() { Err(wrong()) } else { Ok(pairs) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{BindingPolicy, PgSettings};
    use crate::connect::network::tls::SslMode;

    fn settings(text: &str) -> Result<PgSettings, String> {
        PgSettings::from_string(text, SslMode::Prefer)
    }

    #[test]
    fn connection_strings_of_providers_are_parsed() {
        let neon = settings(
            "postgresql://me:p%40ss@ep-x-pooler.eu.aws.neon.tech/db?sslmode=require&channel_binding=require&options=endpoint%3Dep-x",
        )
        .unwrap();
        assert_eq!((neon.mode, neon.binding), (SslMode::Require, BindingPolicy::Require));
        assert_eq!(neon.hosts, [("ep-x-pooler.eu.aws.neon.tech".to_owned(), 5432)]);
        assert_eq!(neon.password.as_deref(), Some("p@ss"));
        assert_eq!(neon.parameters[0], ("options".to_owned(), "endpoint=ep-x".to_owned()));
        let supabase =
            settings("postgres://postgres.abc:pw@aws-0.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1&supa=x")
                .unwrap();
        assert!(supabase.pooled);
        assert_eq!((supabase.size, supabase.ignored), (Some(1), vec!["supa".to_owned()]));
        let prisma = settings("postgresql://u:p@h:5433/db?schema=Sales%20EU&sslaccept=strict&pool_timeout=0").unwrap();
        assert_eq!(prisma.mode, SslMode::VerifyFull);
        assert_eq!(prisma.parameters[0], ("search_path".to_owned(), "\"Sales EU\"".to_owned()));
        assert_eq!(prisma.ignored, ["pool_timeout"]);
        let several =
            settings("postgres://u@a:1,b:2/db?target_session_attrs=read-write&statement_cache_size=0").unwrap();
        assert_eq!(several.hosts, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
        assert!(several.primary && several.pooled);
        let pairs =
            settings("host=a,b port=5,6 user='it\\'s me' password=x\\ y dbname=d sslmode='verify-full'").unwrap();
        assert_eq!(pairs.hosts, [("a".to_owned(), 5), ("b".to_owned(), 6)]);
        assert_eq!(
            (&*pairs.user, pairs.password.as_deref(), pairs.mode),
            ("it's me", Some("x y"), SslMode::VerifyFull)
        );
        for fine in ["sslmode=no-verify", "uselibpqcompat=true&sslmode=prefer", "ssl=true", "sslrootcert=system"] {
            assert!(settings(&format!("postgres://h/db?{fine}")).is_ok(), "{fine}");
        }
    }

    #[test]
    fn unsupported_parameters_are_named() {
        for (text, name) in [
            ("postgres://h/db?sslrootcert=/etc/ca.pem", "`sslrootcert`"),
            ("postgres://h/db?replication=database", "`replication`"),
            ("postgres://h/db?gssencmode=require", "`gssencmode`"),
            ("postgres://h/db?target_session_attrs=standby", "`target_session_attrs`"),
            ("postgres://h/db?connection_limit=0", "`connection_limit`"),
            ("postgres://h/db?sslmode=odd", "`sslmode`"),
            ("postgres://h/?hostaddr=1.2.3.4&host=h", "`hostaddr`"),
            ("host=/tmp user=x", "local sockets"),
            ("postgres:///db", "must name a host"),
            ("user=x", "must name a host"),
            ("not a string", "must be like"),
            ("jdbc:postgresql://h/db", "`jdbc:`"),
            ("host='x", "must be like"),
        ] {
            let error = settings(text).unwrap_err();
            assert!(error.contains(name), "{text}: {error}");
        }
    }
}
