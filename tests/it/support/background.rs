//! Background servers for the tests: on free ports, run by unprivileged users, and stopped when this process ends.
use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long a server may take to start: generous, because machines are busy.
const PATIENCE: Duration = Duration::from_mins(1);

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until something listens on the port.
pub fn wait(port: u16) {
    wait_until("the server listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
}

/// Waits until `done` returns true. `what` completes "timed out waiting until".
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "timed out waiting until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0")
}

/// A command that runs as `user` when the tests run as root: database servers refuse to run as root.
pub fn unprivileged(user: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]).arg(program);
    command
}

/// Runs a command and checks that it succeeds.
pub fn run(command: &mut Command) {
    let log = tempfile::tempfile().unwrap();
    let status = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).status().unwrap();
    assert!(status.success(), "{command:?}");
}

/// Starts a shell whose script stops a server when its standard input closes: when the returned `Child` is dropped, or
/// when this process ends, even if it crashes.
pub fn watched(shell: &mut Command) -> Child {
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
