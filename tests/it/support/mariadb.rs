//! A private `MariaDB` server on a free port that runs until this test process ends.
use super::{
    authority::Authority,
    background::{free_port, is_root, run, unprivileged, wait, watched},
};
use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command, sync::LazyLock};
use tempfile::TempDir;

pub const PASSWORD: &str = "s3cret-pässword";

pub struct Mariadb {
    pub port: u16,
    pub certificates: Certificates,
    _dir: TempDir,
}

/// All as PEM. The server's certificate is for `db.example` and `localhost`; the user `certified` must present the
/// client certificate.
pub struct Certificates {
    pub authority: String,
    pub stranger: String,
    pub client: String,
    pub client_key: String,
}

static SERVER: LazyLock<Option<Mariadb>> = LazyLock::new(Mariadb::start);

/// The server, started once.
pub fn mariadb() -> &'static Mariadb {
    SERVER.as_ref().expect("MariaDB is not installed: tests/setup installs it (Debian package mariadb-server)")
}

impl Mariadb {
    fn start() -> Option<Self> {
        let server =
            ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"].map(Path::new).into_iter().find(|p| p.exists())?;
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let certificates = certify(dir.path());
        let users = dir.path().join("users.sql");
        fs::write(
            &users,
            format!(
                "set names utf8mb4;\n\
                 create user admin@'%' identified by '{PASSWORD}';\n\
                 grant all on *.* to admin@'%' with grant option;\n\
                 create user certified@'%' identified by '{PASSWORD}' require x509;\n\
                 create user nobody@'%' identified by '{PASSWORD}';\n\
                 create database one;\n"
            ),
        )
        .unwrap();
        if is_root() {
            run(Command::new("chown").args(["-R", "mysql"]).arg(dir.path()));
        }
        let data = format!("--datadir={}", dir.path().join("data").display());
        run(unprivileged("mysql", "mariadb-install-db").current_dir(dir.path()).args(["--no-defaults", &data]).args([
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ]));
        let port = free_port();
        let file = |name: &str| dir.path().join(name).display().to_string();
        // a watcher stops the server when this process ends and its end of the pipe closes
        let script = "dir=$1; shift; \"$@\" >\"$dir/log\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$dir\"";
        let mut watcher = unprivileged("mysql", "sh");
        watcher
            .args(["-c", script, "sh"])
            .arg(dir.path())
            .arg(server)
            .args(["--no-defaults", &data, "--bind-address=127.0.0.1", "--skip-log-bin", "--skip-name-resolve"])
            .arg(format!("--port={port}"))
            .arg(format!("--socket={}", file("socket")))
            .arg(format!("--pid-file={}", file("pid")))
            .arg(format!("--init-file={}", users.display()))
            .arg(format!("--ssl-ca={}", file("ca.pem")))
            .arg(format!("--ssl-cert={}", file("server.pem")))
            .arg(format!("--ssl-key={}", file("server.key")))
            .args([
                "--character-set-server=utf8mb4",
                "--max-connections=200",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=32M",
            ])
            .current_dir(dir.path());
        let child = watched(&mut watcher);
        std::mem::forget(child);
        wait(port);
        Some(Self { port, certificates, _dir: dir })
    }
}

/// Creates an authority, and certificates from it for the server and for a client.
fn certify(dir: &Path) -> Certificates {
    let authority = Authority::new();
    let server = authority.issue("db.example", &["db.example", "localhost"]);
    let client = authority.issue("client.example", &["client.example"]);
    for (name, pem) in
        [("ca.pem", &authority.certificate), ("server.pem", &server.certificate), ("server.key", &server.key)]
    {
        fs::write(dir.join(name), pem).unwrap();
    }
    Certificates {
        authority: authority.certificate,
        stranger: Authority::new().certificate,
        client: client.certificate,
        client_key: client.key,
    }
}
