//! Private Redis servers on free ports; each stops when its `Redis` value is dropped, or when this process ends.
use super::{
    authority::{Authority, Issued},
    background::{free_port, wait, watched},
};
use std::{
    fs,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

pub struct Redis {
    pub port: u16,
    /// Stops the server when its standard input closes.
    _watcher: Child,
    _dir: TempDir,
}

/// Starts a server with additional `settings`, each a line of `redis.conf`.
pub fn redis(settings: &[&str]) -> Redis {
    let port = free_port();
    Redis::start(port, port, settings)
}

/// Starts a server that accepts only TLS, with a certificate for `name`. `client` is the value of `tls-auth-clients`:
/// whether clients need a certificate.
pub fn redis_with_tls(authority: &Authority, name: &str, client: &str) -> Redis {
    let keys = tempfile::tempdir().unwrap();
    let Issued { certificate, key } = authority.issue(name, &[name]);
    let file = |name: &str, text: &str| {
        let path = keys.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let port = free_port();
    let settings = [
        format!("tls-port {port}"),
        format!("tls-cert-file {}", file("cert.pem", &certificate)),
        format!("tls-key-file {}", file("key.pem", &key)),
        format!("tls-ca-cert-file {}", file("ca.pem", &authority.certificate)),
        format!("tls-auth-clients {client}"),
    ];
    // the files are read before the port opens
    Redis::start(0, port, &settings.each_ref().map(String::as_str))
}

impl Redis {
    fn start(plain: u16, port: u16, settings: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("redis.conf");
        let fixed = format!("port {plain}\nbind 127.0.0.1\nsave \"\"\ndir {}\n", dir.path().display());
        fs::write(&config, fixed + &settings.join("\n")).unwrap();
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        assert!(
            found.is_ok_and(|status| status.success()),
            "Redis is not installed: tests/setup installs it (Debian package redis-server)"
        );
        let script = "redis-server \"$0\" >\"$1\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$2\"";
        let mut watcher = Command::new("sh");
        watcher.args(["-c", script]).arg(&config).arg(dir.path().join("log")).arg(dir.path());
        let watcher = watched(&mut watcher);
        wait(port);
        Self { port, _watcher: watcher, _dir: dir }
    }
}
