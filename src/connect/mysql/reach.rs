//! Where a server is and who asks, from options or a connection string.
use super::invalid;
use crate::{
    Result,
    connect::{sql::ServerOptions, tls::SslMode},
};
use mysql_async::Opts;

/// The server's address and the account.
#[derive(Debug, PartialEq)]
pub(super) struct Reach {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Option<String>,
    pub database: Option<String>,
    pub mode: SslMode,
}

impl Reach {
    pub fn new(options: &ServerOptions) -> Result<Self> {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(text) = filled(&options.connection_string) {
            return Self::from_string(&text, options.ssl_mode);
        }
        let host = filled(&options.host);
        let host = host.ok_or_else(|| invalid("host", "is required without a connection string"))?;
        if host.contains(['/', '\\', '@']) {
            return Err(invalid("host", "must be a host name or an address"));
        }
        Ok(Self {
            host,
            port: options.port.unwrap_or(3306),
            user: filled(&options.user).unwrap_or_else(|| "root".to_owned()),
            password: filled(&options.password),
            database: filled(&options.database),
            mode: options.ssl_mode,
        })
    }

    fn from_string(text: &str, mode: SslMode) -> Result<Self> {
        let wrong = |what| invalid("connectionString", what);
        let shape = "must be like mysql://user:password@host:3306/database";
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let rest = address.strip_prefix("mysql://").or_else(|| address.strip_prefix("mariadb://"));
        let rest = rest.ok_or_else(|| wrong(shape))?;
        let found = Opts::from_url(&format!("mysql://{rest}")).map_err(|_| wrong(shape))?;
        let host = found.ip_or_hostname().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(wrong("must name a host"));
        }
        if rest.split_once('/').is_some_and(|(_, database)| database.contains('/')) {
            return Err(wrong(shape));
        }
        Ok(Self {
            host,
            port: found.tcp_port(),
            user: found.user().filter(|user| !user.is_empty()).unwrap_or("root").to_owned(),
            password: found.pass().map(str::to_owned),
            database: found.db_name().filter(|name| !name.is_empty()).map(str::to_owned),
            mode: mode_in(query).map_err(wrong)?.unwrap_or(mode),
        })
    }
}

/// The TLS mode among a connection string's parameters, by libpq's name or by that of `MySQL`'s own client.
fn mode_in(query: &str) -> Result<Option<SslMode>, &'static str> {
    let mut mode = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !matches!(name.to_ascii_lowercase().as_str(), "sslmode" | "ssl-mode" | "ssl_mode") {
            return Err("has a parameter that is not known: only `sslmode` is");
        }
        let value = value.to_ascii_lowercase().replace('_', "-");
        let known = match value.as_str() {
            "disabled" => Some(SslMode::Disable),
            "preferred" => Some(SslMode::Prefer),
            "required" => Some(SslMode::Require),
            "verify-identity" => Some(SslMode::VerifyFull),
            libpq => SslMode::named(libpq),
        };
        let known = known.ok_or("has an unknown sslmode: use disable, prefer, require, verify-ca or verify-full")?;
        mode = Some(known);
    }
    Ok(mode)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::Reach;
    use crate::connect::tls::SslMode;

    #[test]
    fn a_connection_string_is_taken_apart() {
        let reach = |text: &str| Reach::from_string(text, SslMode::Prefer);
        let whole = reach("mariadb://j%40n:p%3Aw@db.example:3307/shop?ssl-mode=VERIFY_IDENTITY").unwrap();
        let expected = Reach {
            host: "db.example".to_owned(),
            port: 3307,
            user: "j@n".to_owned(),
            password: Some("p:w".to_owned()),
            database: Some("shop".to_owned()),
            mode: SslMode::VerifyFull,
        };
        assert_eq!(whole, expected);
        let short = reach("mysql://[::1]").unwrap();
        assert_eq!((&*short.host, short.port, &*short.user, short.database), ("::1", 3306, "root", None));
        assert_eq!(short.mode, SslMode::Prefer);
        for wrong in [
            "postgresql://h/db",
            "mysql:h",
            "mysql://",
            "mysql:///db",
            "mysql://h/a/b",
            "mysql://h:port/db",
            "mysql://h/db?socket=/tmp/x",
            "mysql://h/db?sslmode=odd",
            "mysql://h/db?local_infile=1",
        ] {
            let error = reach(wrong).unwrap_err().to_string();
            assert!(error.starts_with("options.connectionString: "), "{wrong}: {error}");
        }
    }
}
