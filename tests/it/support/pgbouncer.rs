//! A private `PgBouncer` in front of the tests' `PostgreSQL`, on a free port.
use super::{
    background::{free_port, is_root, run, unprivileged, wait, watched},
    postgres::{PASSWORD, postgres},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command},
};
use tempfile::TempDir;

pub struct Pgbouncer {
    pub port: u16,
    /// Stops the pooler when its standard input closes.
    _watcher: Child,
    _dir: TempDir,
}

/// Starts a pooler with `size` connections in `transaction` or `session` mode.
pub fn pgbouncer(mode: &str, size: usize) -> Pgbouncer {
    pgbouncer_to(postgres().port, mode, size)
}

/// The same for a `PostgreSQL` server on this port.
pub fn pgbouncer_to(server: u16, mode: &str, size: usize) -> Pgbouncer {
    let program = Path::new("/usr/sbin/pgbouncer");
    assert!(program.exists(), "PgBouncer is not installed: tests/setup installs it (Debian package pgbouncer)");
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let port = free_port();
    let file = |name: &str| dir.path().join(name);
    fs::write(file("users"), format!("\"admin\" \"{PASSWORD}\"\n")).unwrap();
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\n\
         auth_file = {}\npool_mode = {mode}\ndefault_pool_size = {size}\nmax_client_conn = 200\n",
        file("users").display()
    );
    fs::write(file("settings"), settings).unwrap();
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres"]).arg(dir.path()));
    }
    let script = "\"$0\" \"$1/settings\" >\"$1/log\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$1\"";
    let mut shell = unprivileged("postgres", "sh");
    let watcher = watched(shell.args(["-c", script]).arg(program).arg(dir.path()).current_dir(dir.path()));
    wait(port);
    Pgbouncer { port, _watcher: watcher, _dir: dir }
}
