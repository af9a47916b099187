//! A private nginx with its default proxy settings, on a free port.
use super::background::{free_port, wait, watched};
use std::{
    fs,
    path::Path,
    process::{Child, Command},
};
use tempfile::TempDir;

pub struct Nginx {
    pub url: String,
    /// Stops it when its standard input closes.
    _watcher: Child,
    _dir: TempDir,
}

/// Forwards requests below `path` (such as `/jet/`) to `server`. `target` is appended to the server's URL: an empty
/// string keeps the path, `/` strips it.
pub fn nginx(path: &str, server: &str, target: &str) -> Nginx {
    let program = Path::new("/usr/sbin/nginx");
    assert!(program.exists(), "nginx is not installed: tests/setup installs it (Debian package nginx-light)");
    let dir = tempfile::tempdir().unwrap();
    let (port, root) = (free_port(), dir.path().display());
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {root}/{kind};\n"))
        .concat();
    let settings = format!(
        "daemon off;\nmaster_process off;\npid {root}/pid;\nerror_log {root}/error;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}\
         server {{\nlisten 127.0.0.1:{port};\nlocation {path} {{ proxy_pass {server}{target}; }}\n}}\n}}\n"
    );
    fs::write(dir.path().join("settings"), settings).unwrap();
    let script = "\"$0\" -c \"$1/settings\" -e \"$1/error\" & cat >/dev/null; kill -9 $!; rm -rf \"$1\"";
    let watcher = watched(Command::new("sh").args(["-c", script]).arg(program).arg(dir.path()).current_dir(dir.path()));
    wait(port);
    Nginx { url: format!("http://127.0.0.1:{port}"), _watcher: watcher, _dir: dir }
}
