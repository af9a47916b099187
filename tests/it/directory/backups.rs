//! Backups: one moment of everything, made beside a server at work; restored whole or not at all.
use super::{
    PASSPHRASE, contents, copy, furnished, number, replace, shop, start_run, upload, with_passphrase, workflow,
};
use crate::support::{
    Client, Process,
    client::id,
    process::{data_dir, fails, succeeds, text},
};
use rusqlite::Connection;
use serde_json::json;
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// How many backups the long test makes: a few, unless it is told.
fn backups() -> usize {
    std::env::var("BACKUPS").ok().and_then(|backups| backups.parse().ok()).unwrap_or(5)
}

#[track_caller]
fn backup(root: &Path, file: &Path) -> String {
    let arguments = ["backup", file.to_str().unwrap(), "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&arguments, PASSPHRASE);
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

#[track_caller]
fn restore(file: &Path, root: &Path) -> String {
    let arguments = ["restore", file.to_str().unwrap(), "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&arguments, PASSPHRASE);
    assert!(output.status.success(), "{}", text(&output));
    text(&output)
}

/// Why it is not restored.
#[track_caller]
fn refused(file: &Path, root: &Path, passphrase: &str) -> String {
    let arguments = ["restore", file.to_str().unwrap(), "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&arguments, passphrase);
    assert!(!output.status.success(), "{}", text(&output));
    text(&output)
}

/// Counts up in three places, one after the other: a variable, a run and the content of a file.
async fn count(
    client: Client,
    run: String,
    file: serde_json::Value,
    variable: String,
    at: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) {
    while !stop.load(Ordering::Relaxed) {
        let n = at.load(Ordering::SeqCst) + 1;
        client.patch(&variable, json!({"value": n.to_string()})).await.expect(200);
        start_run(&client, &run, n).await;
        replace(&client, &file, format!("n\n{n}\n").as_bytes()).await;
        at.store(n, Ordering::SeqCst);
    }
}

/// Writes other things meanwhile.
async fn crowd(client: Client, name: String, stop: Arc<AtomicBool>) {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = json!({"name": format!("{name} {n}"), "permissions": []});
        let made = client.post("roles", body).await.expect(201);
        let file = upload(&client, &format!("{name}-{n}.csv"), format!("n\n{name}{n}\n").as_bytes()).await;
        client.delete(&format!("files/{}", id(&file))).await.expect(204);
        client.delete(&format!("roles/{}", id(&made))).await.expect(204);
    }
}

/// What the three places say in a directory that nobody uses.
fn counted(root: &Path, file: &str) -> [u64; 3] {
    let workspace = Connection::open(root.join("jet-admin.db")).unwrap();
    let spec: String =
        workspace.query_row("select spec from objects where kind = 'variable'", (), |row| row.get(0)).unwrap();
    let spec: serde_json::Value = serde_json::from_str(&spec).unwrap();
    let variable = spec["value"].as_str().unwrap().parse().unwrap();
    let runs = number(&root.join("runs.db"), "select count(*) from instances");
    let name = contents(&root.join("uploads")).into_keys().find(|path| path.ends_with(file)).unwrap();
    let content = fs::read_to_string(root.join("uploads").join(name)).unwrap();
    [variable, u64::try_from(runs).unwrap(), content.lines().nth(1).unwrap().parse().unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_backup_of_a_server_under_load_is_one_moment_of_everything() {
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner(&root).await;
    shop(&client, &root).await;
    let run = workflow(&client).await;
    let variable = client.post("variables", json!({"name": "n", "value": "0"})).await.expect(201);
    let file = upload(&client, "n.csv", b"n\n0\n").await;
    let (at, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let path = format!("variables/{}", id(&variable));
    let counting = tokio::spawn(count(client.clone(), run, file.clone(), path, Arc::clone(&at), Arc::clone(&stop)));
    let crowd: Vec<_> =
        (0..4).map(|n| tokio::spawn(crowd(client.clone(), format!("w{n}"), Arc::clone(&stop)))).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut largest_step = 0;
    for n in 0..backups() {
        let archive = folder.path().join(format!("{n}.tar"));
        let before = at.load(Ordering::SeqCst);
        let (from, to) = (root.clone(), archive.clone());
        let said = tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap();
        let after = at.load(Ordering::SeqCst);
        assert!(!said.contains("warning"), "{said}");
        let to = folder.path().join(format!("restored-{n}"));
        let restoring = to.clone();
        tokio::task::spawn_blocking(move || {
            restore(&archive, &restoring);
            succeeds(&["doctor"], &restoring, "");
            fs::remove_file(archive).unwrap();
        })
        .await
        .unwrap();
        let [variable, runs, content] = counted(&to, &id(&file).to_string());
        assert!(variable >= runs && runs >= content && content + 1 >= variable, "{variable} {runs} {content}");
        assert!((before..=after + 1).contains(&variable), "{variable} is not between {before} and {after}");
        largest_step = largest_step.max(after - before);
        fs::remove_dir_all(to).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    counting.await.unwrap();
    for writer in crowd {
        writer.await.unwrap();
    }
    assert!(largest_step > 0, "nothing was written meanwhile");
    assert!(!process.log().contains("ERROR"), "{}", process.log());
    let left = fs::read_dir(root.join("backup")).unwrap().count();
    assert_eq!(left, 0, "links are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_directory_works_as_the_one_before() {
    let (_dir, root, client) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    // the folders of datasources may hold more than databases
    let files = root.join("files").join(client.tenant.unwrap().to_string());
    fs::create_dir_all(files.join("a deeper/folder")).unwrap();
    fs::write(files.join("a deeper/folder").join("x".repeat(120)), "note").unwrap();
    let said = backup(&root, &archive);
    assert!(said.contains("2 uploaded files and 2 datasource files"), "{said}");
    assert!(archive.metadata().unwrap().len() > 100_000);
    let mode = std::os::unix::fs::PermissionsExt::mode(&archive.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let to = folder.path().join("new");
    restore(&archive, &to);
    succeeds(&["doctor"], &to, "");
    for part in ["keys", "uploads", "files"] {
        let of = |root: &Path| {
            let mut found = contents(&root.join(part));
            found.retain(|path, _| !path.ends_with(".instance"));
            found.values().cloned().collect::<Vec<_>>().len()
        };
        assert_eq!(of(&to), of(&root), "{part}");
    }
    let process = Process::start(&to, &[]);
    let client = process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap());
    let files = client.all("files").await;
    assert_eq!(files.len(), 2);
    for file in files {
        client.get(&format!("files/{}/content", id(&file))).await;
    }
    let shop = &client.all("datasources").await[0];
    client.post(&format!("datasources/{}/test", id(shop)), json!({})).await.expect(200);
    assert_eq!(client.get("workflows/instances").await.expect(200)["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_kept_and_nothing_changes_before_all_is_checked() {
    let (_dir, root, _) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    backup(&root, &archive);
    let whole = fs::read(&archive).unwrap();
    let before = contents(&root);
    let broken = folder.path().join("b.tar");
    let refuses = |bytes: &[u8], why: &str| {
        fs::write(&broken, bytes).unwrap();
        let said = refused(&broken, &root, PASSPHRASE);
        assert!(why.split('|').any(|why| said.contains(why)), "{why}: {said}");
        let now = contents(&root);
        assert_eq!(now, before, "{said}");
    };
    assert!(refused(&archive, &root, "another passphrase").contains("the passphrase is not the one"));
    for cut in [0, 100, 512, 5000, whole.len() / 2, whole.len() - 2048, whole.len() - 1] {
        refuses(&whole[..cut], "damaged or incomplete|is not a backup");
    }
    // any byte, wherever it is: headers, padding, the seal, the end
    for part in 0..24 {
        let mut altered = whole.clone();
        let at = part * (whole.len() - 1) / 23;
        altered[at] ^= 1;
        refuses(&altered, "damaged or incomplete|was altered|is not a backup|later one|passphrase");
    }
    let mut longer = whole.clone();
    longer.extend_from_slice(&[0; 512]);
    refuses(&longer, "damaged or incomplete");

    let verify = ["restore", archive.to_str().unwrap(), "--verify", "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&verify, PASSPHRASE);
    assert!(output.status.success() && text(&output).contains("is intact"), "{}", text(&output));
    assert_eq!(contents(&root), before);

    let said = restore(&archive, &root);
    assert!(said.contains("the previous content is in"), "{said}");
    let replaced: Vec<_> = contents(&root.join("replaced")).into_values().collect();
    for (path, digest) in before.iter().filter(|(path, _)| !path.ends_with("lock")) {
        assert!(replaced.contains(digest), "{} is gone", path.display());
    }
    succeeds(&["doctor"], &root, "");
    let _running = Process::start(&root, &[]);
    assert!(refused(&archive, &root, PASSPHRASE).contains("another jet-admin is using"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_leave_the_directory_sealed_or_not_at_all() {
    let (_dir, root, client) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    let name = archive.to_str().unwrap();
    let said = fails(&["backup", name], &root, "");
    assert!(said.contains("--passphrase-file") && said.contains("--without-keys"), "{said}");
    let short = folder.path().join("short");
    fs::write(&short, "short\n").unwrap();
    let said = fails(&["backup", name, "--passphrase-file", short.to_str().unwrap()], &root, "");
    assert!(said.contains("at least 8"), "{said}");
    assert!(!archive.exists());

    let long = folder.path().join("long");
    fs::write(&long, format!("{PASSPHRASE}\nnot this line\n")).unwrap();
    succeeds(&["backup", name, "--passphrase-file", long.to_str().unwrap()], &root, "");
    let secret = fs::read(root.join("keys/secret.key")).unwrap();
    let bytes = fs::read(&archive).unwrap();
    for key in [&secret[..], b"PRIVATE KEY", PASSPHRASE.as_bytes()] {
        assert!(!bytes.windows(key.len()).any(|window| window == key), "a key is in the clear");
    }
    let said = fails(&["backup", name, "--passphrase-file", long.to_str().unwrap()], &root, "");
    assert!(said.contains("already exists"), "{said}");

    // without them, those of the directory are used
    let bare = folder.path().join("bare.tar");
    let said = succeeds(&["backup", bare.to_str().unwrap(), "--without-keys"], &root, "");
    assert!(said.contains("the keys are not part of the backup"), "{said}");
    let said = fails(&["restore", bare.to_str().unwrap(), "--passphrase-file", long.to_str().unwrap()], &root, "");
    assert!(said.contains("created without a passphrase"), "{said}");
    succeeds(&["restore", bare.to_str().unwrap(), "--without-keys"], &root, "");
    succeeds(&["doctor"], &root, "");
    let empty = folder.path().join("empty");
    let said = succeeds(&["restore", bare.to_str().unwrap(), "--without-keys"], &empty, "");
    assert!(said.contains("the keys are missing"), "{said}");
    let said = fails(&["serve", "--listen", "127.0.0.1:0"], &empty, "");
    assert!(said.contains("keys/secret.key") && said.contains("is missing"), "{said}");
    for key in ["secret.key", "signing.pem"] {
        copy(&root.join("keys").join(key), &empty.join("keys").join(key));
    }
    let process = Process::start(&empty, &[]);
    let client = process.client().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    client.get("variables").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_killed_leaves_no_file_and_is_cleared_away_by_the_next() {
    let (_dir, root, _) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    for n in 0..8 {
        let file = folder.path().join(format!("{n}.tar"));
        let mut command = crate::support::process::command(&["backup", file.to_str().unwrap(), "--data-dir"]);
        let mut child = command.arg(&root).env("JET_ADMIN_BACKUP_PASSPHRASE", PASSPHRASE).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(n * 12)).await;
        let _ = child.kill();
        child.wait().unwrap();
        if file.exists() {
            // it was quicker
            let verify = ["restore", file.to_str().unwrap(), "--verify", "--data-dir", root.to_str().unwrap()];
            assert!(with_passphrase(&verify, PASSPHRASE).status.success());
        }
    }
    let file = folder.path().join("last.tar");
    backup(&root, &file);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(names.iter().all(|name| name.extension().is_some_and(|end| end == "tar")), "{names:?}");
    assert_eq!(fs::read_dir(root.join("backup")).unwrap().count(), 0);
    drop(Process::start(&root, &[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_directory_is_told_of_rather_than_backed_up_in_silence() {
    let (_dir, root, _) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    let uploads = contents(&root.join("uploads"));
    let file = uploads.keys().find(|path| path.components().count() == 2).unwrap();
    fs::write(root.join("uploads").join(file), "altered").unwrap();
    let said = backup(&root, &folder.path().join("a.tar"));
    assert!(said.contains("was altered since it was uploaded"), "{said}");
    fs::remove_file(root.join("uploads").join(file)).unwrap();
    let said = backup(&root, &folder.path().join("b.tar"));
    assert!(said.contains("is missing"), "{said}");
    let mut bytes = fs::read(root.join("jet-admin.db")).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(root.join("jet-admin.db"), bytes).unwrap();
    let file = folder.path().join("c.tar");
    let said = fails(&["backup", file.to_str().unwrap(), "--without-keys"], &root, "");
    assert!(said.contains("jet-admin.db is damaged") && !file.exists(), "{said}");
}
