//! A private server that speaks the protocol of S3, on a free port.
use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
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
    assert!(tool.exists(), "moto is not installed: `make test` does it");
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let watcher = Command::new("sh")
        .args(["-c", "\"$0\" -H 127.0.0.1 -p \"$1\" >\"$2/log\" 2>&1 & cat >/dev/null; kill -9 $!; rm -rf \"$2\""])
        .arg(tool)
        .arg(port.to_string())
        .arg(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(started.elapsed() < Duration::from_mins(1), "the server does not start");
        std::thread::sleep(Duration::from_millis(50));
    }
    Moto { port, _watcher: watcher, _dir: dir }
}
