//! Files of the data directory: only the server's user can access them, whatever created them.
use crate::support::process::{BINARY, Process, data_dir};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Every file and folder below `folder` that other users can access.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, meta) = (entry.path(), entry.metadata().unwrap());
        if meta.permissions().mode() & 0o077 != 0 {
            found.push(path.clone());
        }
        if meta.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

fn start(root: &Path) -> Process {
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 022; exec \"$0\" \"$@\"", BINARY, "serve", "--listen", "127.0.0.1:0", "--demo"]);
    shell.arg("--data-dir").arg(root);
    Process::of(shell)
}

#[tokio::test]
async fn no_file_of_the_data_directory_is_open_to_others() {
    let (_dir, root) = data_dir();
    let mut process = start(&root);
    let olivia = json!({"email": "olivia@acme.example", "password": "demo-1234"});
    let session = process.client().post("/api/v1/session", olivia).await.expect(200);
    let client = process.client().with_token(session["idToken"].as_str().unwrap());
    let me = client.get("/api/v1/auth").await.expect(200);
    let client = client.in_tenant(me["tenants"][0]["id"].as_str().unwrap().parse().unwrap());
    let upload = client.call(reqwest::Method::POST, "files?name=Numbers").raw("text/csv", "a,b\n1,2\n");
    upload.send().await.expect(201);
    for file in ["jet-admin.db", "jet-admin.db-wal", "jet-admin.db-shm", "runs.db", "runs.db-wal", "files", "uploads"] {
        assert!(root.join(file).exists(), "{file}");
    }
    assert_eq!(open_to_others(&root), Vec::<PathBuf>::new());
    process.kill();

    // files of an older version, or of a restored copy
    fs::create_dir_all(root.join("snapshots")).unwrap();
    fs::write(root.join("snapshots/old.db"), "").unwrap();
    let everything = Command::new("chmod").args(["-R", "go+rwX"]).arg(&root).status().unwrap();
    assert!(everything.success() && open_to_others(&root).len() > 8);
    let process = start(&root);
    process.client().get("/api/v1/setup").await.expect(200);
    assert_eq!(open_to_others(&root), Vec::<PathBuf>::new());
}
