//! A private S3-compatible server on a free port.
use super::background::{free_port, wait, watched};
use std::{
    path::Path,
    process::{Child, Command},
};
use tempfile::TempDir;

pub struct Moto {
    pub port: u16,
    /// Stops the server when its standard input closes.
    _watcher: Child,
    _dir: TempDir,
}

pub fn moto() -> Moto {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/moto_server");
    assert!(tool.exists(), "moto is not installed: `make test` installs it");
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    let script = "\"$0\" -H 127.0.0.1 -p \"$1\" >\"$2/log\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$2\"";
    let watcher = watched(Command::new("sh").args(["-c", script]).arg(tool).arg(port.to_string()).arg(dir.path()));
    wait(port);
    Moto { port, _watcher: watcher, _dir: dir }
}
