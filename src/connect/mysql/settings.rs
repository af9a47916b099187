//! Connection settings of a server, from options or a connection string.
use super::invalid;
use crate::{
    Result,
    connect::{
        network::tls::SslMode,
        sql::{ConnectionString, ServerOptions, tls_mode},
    },
};

const SHAPE: &str = "mysql://user:password@host:3306/database";
const PORT: u16 = 3306;

/// Parameters of frameworks and drivers that do not affect results.
const HARMLESS: [&str; 24] = [
    "allowpublickeyretrieval",
    "autoreconnect",
    "connecttimeout",
    "connectiontimeout",
    "loc",
    "maxallowedpacket",
    "maxidleconnectionlifetime",
    "maxpoolsize",
    "minpoolsize",
    "multistatements",
    "parsetime",
    "pool",
    "pooling",
    "poolsize",
    "pooltimeout",
    "readtimeout",
    "reconnect",
    "rewritebatchedstatements",
    "serverversion",
    "sockettimeout",
    "statementcachesize",
    "tcpkeepalive",
    "usepipelineauth",
    "writetimeout",
];

/// The server's address and the account.
#[derive(Debug, Default, PartialEq)]
pub(super) struct MysqlSettings {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Option<String>,
    pub database: Option<String>,
    pub mode: SslMode,
    /// The maximum number of connections, if the connection string sets it.
    pub size: Option<usize>,
    /// Ignored parameters of the connection string.
    pub ignored: Vec<String>,
}

impl MysqlSettings {
    pub fn new(options: &ServerOptions) -> Result<Self> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(text) = filled(&options.connection_string) {
            return Self::from_string(&text, options.ssl_mode).map_err(|why| invalid("connectionString", &why));
        }
        let host = filled(&options.host);
        let host = host.ok_or_else(|| invalid("host", "is required without a connection string"))?;
        if host.contains(['/', '\\', '@']) {
            return Err(invalid("host", "must be a host name or an address"));
        }
        Ok(Self {
            host,
            port: options.port.unwrap_or(PORT),
            user: filled(&options.user).unwrap_or_else(|| "root".to_owned()),
            password: filled(&options.password),
            database: filled(&options.database),
            mode: options.ssl_mode,
            ..Self::default()
        })
    }

    fn from_string(text: &str, mode: SslMode) -> Result<Self, String> {
        let mut address = ConnectionString::parse(text, &["mysql", "mysql2", "mariadb"], SHAPE)?;
        let [(host, port)] = address.hosts.as_slice() else {
            return Err(
                if address.hosts.is_empty() { "must name a host" } else { "names more than one host" }.to_owned()
            );
        };
        let mut settings = Self {
            host: host.clone(),
            port: port.unwrap_or(PORT),
            user: address.user.take().unwrap_or_else(|| "root".to_owned()),
            password: address.password.take(),
            database: address.database.take(),
            mode,
            ..Self::default()
        };
        for (name, value) in address.parameters {
            settings.take(&name, &value)?;
        }
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
        let plain = name.to_ascii_lowercase().replace(['-', '_'], "");
        let value = value.to_ascii_lowercase();
        match plain.as_str() {
            "user" | "password" | "host" | "port" | "dbname" | "database" => {
                return Err(format!("has the parameter `{name}`: it belongs before the `?`, as in {SHAPE}"));
            }
            "connectionlimit" => match value.parse() {
                Ok(size @ 1..=50) => self.size = Some(size),
                _ => return Err(format!("has a `{name}` that is not a number from 1 to 50")),
            },
            "sslca" | "sslcert" | "sslkey" | "sslcapath" | "sslcipher" | "sslrootcert" => {
                return Err(format!(
                    "has `{name}`, a file on another machine: paste the PEM text into the certificate fields"
                ));
            }
            // the sessions use these values anyway
            "charset" | "characterencoding" | "characterset" if value.starts_with("utf8") || value == "utf-8" => {
                self.ignored.push(name.to_owned());
            }
            "useunicode" | "useserverprepstmts" | "preparestatements" if matches!(&*value, "true" | "1") => {
                self.ignored.push(name.to_owned());
            }
            "timezone" | "servertimezone" if matches!(&*value, "utc" | "z" | "+00:00" | "gmt") => {
                self.ignored.push(name.to_owned());
            }
            known if HARMLESS.contains(&known) => self.ignored.push(name.to_owned()),
            _ => return Err(format!("has the parameter `{name}` with a value that is not supported: leave it out")),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::MysqlSettings;
    use crate::connect::network::tls::SslMode;

    #[test]
    fn a_connection_string_is_parsed() {
        let settings = |text: &str| MysqlSettings::from_string(text, SslMode::Prefer);
        let whole = settings("mariadb://j%40n:p%3Aw@db.example:3307/shop?ssl-mode=VERIFY_IDENTITY").unwrap();
        let expected = MysqlSettings {
            host: "db.example".to_owned(),
            port: 3307,
            user: "j@n".to_owned(),
            password: Some("p:w".to_owned()),
            database: Some("shop".to_owned()),
            mode: SslMode::VerifyFull,
            ..MysqlSettings::default()
        };
        assert_eq!(whole, expected);
        let planet =
            settings("mysql://u:pscale_pw_x@aws.connect.psdb.cloud/db?ssl={\"rejectUnauthorized\":true}").unwrap();
        assert_eq!((planet.mode, planet.port), (SslMode::VerifyFull, 3306));
        let prisma =
            settings("mysql://u:p@h/db?sslaccept=strict&connection_limit=3&pool_timeout=5&charset=utf8mb4").unwrap();
        assert_eq!((prisma.mode, prisma.size), (SslMode::VerifyFull, Some(3)));
        assert_eq!(prisma.ignored, ["pool_timeout", "charset"]);
        let go = settings("mysql+pymysql://u:p@h/db?parseTime=true&tls=skip-verify&serverTimezone=UTC").unwrap();
        assert_eq!((go.mode, go.ignored.len()), (SslMode::Require, 2));
        let short = settings("mysql://[::1]").unwrap();
        assert_eq!((&*short.host, short.port, &*short.user, short.database), ("::1", 3306, "root", None));
        assert_eq!(short.mode, SslMode::Prefer);
        for (wrong, message) in [
            ("postgresql://h/db", "must be like"),
            ("mysql:h", "must be like"),
            ("mysql://", "must name a host"),
            ("mysql:///db", "must name a host"),
            ("mysql://a,b/db", "more than one host"),
            ("mysql://h/a/b", "must be like"),
            ("mysql://h:port/db", "port"),
            ("jdbc:mysql://h/db", "`jdbc:`"),
            ("mysql://h/db?socket=/tmp/x", "`socket`"),
            ("mysql://h/db?sslmode=odd", "`sslmode`"),
            ("mysql://h/db?sslca=/etc/x", "`sslca`"),
            ("mysql://h/db?local_infile=1", "`local_infile`"),
            ("mysql://h/db?timezone=%2B02:00", "`timezone`"),
            ("mysql://h/db?charset=latin1", "`charset`"),
        ] {
            let error = settings(wrong).unwrap_err();
            assert!(error.contains(message), "{wrong}: {error}");
        }
    }
}
