//! A private SMTP server on a free port that records the messages it receives.
use super::background::{free_port, wait, watched};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Child, Command},
};
use tempfile::TempDir;

pub struct Smtp {
    pub port: u16,
    /// Stops the server when its standard input closes.
    _watcher: Child,
    dir: TempDir,
}

pub fn smtp() -> Smtp {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = here.join("target/python/bin/python");
    assert!(python.exists(), "aiosmtpd is not installed: `make test` installs it");
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let script = "\"$0\" \"$1\" \"$2\" \"$3/letters\" >\"$3/log\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$3\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(python).arg(here.join("tests/aiosmtpd/server.py"));
    let watcher = watched(shell.arg(port.to_string()).arg(dir.path()));
    wait(port);
    Smtp { port, _watcher: watcher, dir }
}

impl Smtp {
    /// The messages received so far: `{from, to, user, data}`.
    pub fn letters(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.dir.path().join("letters")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
