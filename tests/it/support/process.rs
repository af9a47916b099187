//! The real binary, run the way users run it.
use super::{Client, backend::database_of, client::id, server::with_signing_key, wait::PATIENCE};
use jet_admin::script::{Sandbox, ScriptLimits};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_jet-admin");

/// A sandbox that belongs to no server.
pub fn sandbox() -> Sandbox {
    Sandbox::new(ScriptLimits { worker: Some(BINARY.into()), ..ScriptLimits::default() })
}

/// `jet-admin serve` as a separate process; killed when dropped.
pub struct Process {
    child: Child,
    pub url: String,
    /// The output before it was ready.
    pub banner: String,
    log: Arc<Mutex<String>>,
}

/// A data directory that contains a signing key.
pub fn data_dir() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    with_signing_key(&root);
    (dir, root)
}

/// A command of the binary, without the `JET_ADMIN_` environment variables of the shell that runs the tests.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("JET_ADMIN_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command with `input` on its standard input, and waits until it ends.
pub fn run(arguments: &[&str], input: &str) -> Output {
    run_in(arguments, input, &[])
}

/// Runs a command on files, whatever the backend of the tests is.
pub fn run_here(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Runs a command with additional environment variables.
pub fn run_in(arguments: &[&str], input: &str, environment: &[(&str, String)]) -> Output {
    use std::io::Write;
    let mut command = command(arguments);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    if let Some(at) = arguments.iter().position(|argument| *argument == "--data-dir") {
        command.envs(database_of(Path::new(arguments[at + 1])).map(|url| ("JET_ADMIN_DATABASE", url)));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// The standard output and standard error of a command.
pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command on a data directory, checks that it succeeds, and returns its standard output.
#[track_caller]
pub fn succeeds(arguments: &[&str], dir: &Path, input: &str) -> String {
    let output = run(&[arguments, &["--data-dir", dir.to_str().unwrap()]].concat(), input);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command on a data directory, checks that it fails, and returns all its output.
#[track_caller]
pub fn fails(arguments: &[&str], dir: &Path, input: &str) -> String {
    let output = run(&[arguments, &["--data-dir", dir.to_str().unwrap()]].concat(), input);
    assert!(!output.status.success(), "{arguments:?}: {}", text(&output));
    text(&output)
}

impl Process {
    /// Serves `data_dir` on a free port with additional `flags`, and waits until it listens.
    pub fn start(data_dir: &Path, flags: &[&str]) -> Self {
        Self::start_with(data_dir, flags, &[])
    }

    /// The same, with additional environment variables.
    fn start_with(data_dir: &Path, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        // the databases and services of the tests are on this machine
        command.arg(data_dir).args(flags).env("JET_ADMIN_ALLOW_PRIVATE_NETWORK", "true");
        command.envs(database_of(data_dir).map(|url| ("JET_ADMIN_DATABASE", url)));
        command.envs(environment.iter().copied());
        Self::of(command)
    }

    /// The same for a complete command.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (errors, target) = (child.stderr.take().unwrap(), Arc::clone(&log));
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                *target.lock().unwrap() += &(line + "\n");
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut banner = String::new();
        let url = loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap_or(0) == 0 {
                let status = child.wait();
                panic!("the server exited ({status:?}) before it listened:\n{banner}{}", log.lock().unwrap());
            }
            banner += &line;
            if let Some(url) = line.trim().strip_prefix("listening on ") {
                break url.to_owned();
            }
        };
        // later output must not block on a full pipe
        thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Self { child, url, banner, log }
    }

    /// The same, with a first user who is signed in and owns a tenant.
    pub async fn with_owner(data_dir: &Path) -> (Self, Client) {
        Self::with_owner_in(data_dir, &[]).await
    }

    /// The same, with additional environment variables.
    pub async fn with_owner_in(data_dir: &Path, environment: &[(&str, &str)]) -> (Self, Client) {
        let user = ["user", "create", "ada@example.com", "--data-dir", data_dir.to_str().unwrap()];
        let created = run(&user, "correct horse battery\n");
        assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
        let process = Self::start_with(data_dir, &[], environment);
        let client = process.signed_in("ada@example.com").await;
        let tenant = client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
        (process, client.in_tenant(id(&tenant)))
    }

    /// A client of the user with this address, whose password is that of all users of the tests.
    pub async fn signed_in(&self, email: &str) -> Client {
        let account = json!({"email": email, "password": "correct horse battery", "returnSecureToken": true});
        let path = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any";
        let session = self.client().post(path, account).await.expect(200);
        self.client().with_token(session["idToken"].as_str().unwrap())
    }

    /// The process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resets the peak of its memory to what it uses now.
    pub fn reset_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    /// The peak of its resident memory, in KiB.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// How much its peak has grown since it was `before`, in KiB. The kernel counts approximately: a peak can be lower
    /// than an earlier one.
    pub fn grown(&self, before: u64) -> u64 {
        self.peak().saturating_sub(before)
    }

    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log contains `text`, and returns the log.
    pub fn log_with(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(start.elapsed() < PATIENCE, "`{text}` did not appear in the log:\n{log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it exits.
    pub fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the server did not exit in time:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it without warning, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
