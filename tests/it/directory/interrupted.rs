//! A backup or a check of one that is interrupted leaves nothing behind.
use super::filled;
use crate::support::process::{command, succeeds};
use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

/// Large enough to be still at work when the signal arrives.
const LARGE: u64 = 400 << 20;

/// Waits until the folder has content, sends a signal, and returns the exit code. `None` if the command was done before.
fn interrupted(mut child: Child, folder: &Path, signal: &str) -> Option<i32> {
    while fs::read_dir(folder).unwrap().next().is_none() {
        assert!(child.try_wait().unwrap().is_none(), "it ended without a temporary folder");
        thread::sleep(Duration::from_millis(1));
    }
    let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait().unwrap().code()
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_backup_or_check_leaves_nothing_behind() {
    let (_dir, root, _) = filled().await;
    let tenant = fs::read_dir(root.join("files")).unwrap().flatten().find(|entry| entry.path().is_dir()).unwrap();
    File::create(tenant.path().join("large.bin")).unwrap().set_len(LARGE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let data = root.to_str().unwrap();
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let target = folder.path().join("a.tar");
        let backup = ["backup", target.to_str().unwrap(), "--without-keys", "--data-dir", data];
        let child = command(&backup).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        assert_eq!(interrupted(child, folder.path(), signal), Some(code));
        assert!(names(folder.path()).is_empty(), "{signal}: {:?}", names(folder.path()));
        assert!(names(&root.join("backup")).is_empty(), "{signal}: {:?}", names(&root.join("backup")));
    }
    let kept = tempfile::tempdir().unwrap();
    let target = kept.path().join("a.tar");
    succeeds(&["backup", target.to_str().unwrap(), "--without-keys"], &root, "");
    let verify = ["restore", target.to_str().unwrap(), "--without-keys", "--verify", "--data-dir", data];
    let child = command(&verify).env("TMPDIR", folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    assert_eq!(interrupted(child.unwrap(), folder.path(), "TERM"), Some(143));
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}
