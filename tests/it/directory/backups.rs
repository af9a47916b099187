//! Backups: a consistent copy of everything, taken while the server runs, and restored completely or not at all.
use super::{PASSPHRASE, contents, copy, filled, number, replace, shop, start_run, upload, with_passphrase, workflow};
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

/// Returns how many backups the long test makes: `BACKUPS`, or a few.
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

/// Returns the output of a restore that must fail.
#[track_caller]
fn refused(file: &Path, root: &Path, passphrase: &str) -> String {
    let arguments = ["restore", file.to_str().unwrap(), "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&arguments, passphrase);
    assert!(!output.status.success(), "{}", text(&output));
    text(&output)
}

/// Counts up in three places, one after the other: a variable, the number of runs and the content of a file.
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

/// Creates and deletes other records at the same time.
async fn write_other_records(client: Client, name: String, stop: Arc<AtomicBool>) {
    let mut n = 0;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = json!({"name": format!("{name} {n}"), "permissions": []});
        let role = client.post("roles", body).await.expect(201);
        let file = upload(&client, &format!("{name}-{n}.csv"), format!("n\n{name}{n}\n").as_bytes()).await;
        client.delete(&format!("files/{}", id(&file))).await.expect(204);
        client.delete(&format!("roles/{}", id(&role))).await.expect(204);
    }
}

/// Returns the three counts of a data directory that is not in use.
fn read_counts(root: &Path, file: &str) -> [u64; 3] {
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
async fn each_backup_of_a_server_under_load_is_consistent() {
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner(&root).await;
    shop(&client, &root).await;
    let run = workflow(&client).await;
    let variable = client.post("variables", json!({"name": "n", "value": "0"})).await.expect(201);
    let file = upload(&client, "n.csv", b"n\n0\n").await;
    let (at, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let path = format!("variables/{}", id(&variable));
    let counting = tokio::spawn(count(client.clone(), run, file.clone(), path, Arc::clone(&at), Arc::clone(&stop)));
    let others: Vec<_> =
        (0..4).map(|n| tokio::spawn(write_other_records(client.clone(), format!("w{n}"), Arc::clone(&stop)))).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut largest_step = 0;
    for n in 0..backups() {
        let archive = folder.path().join(format!("{n}.tar"));
        let before = at.load(Ordering::SeqCst);
        let (from, to) = (root.clone(), archive.clone());
        let output = tokio::task::spawn_blocking(move || backup(&from, &to)).await.unwrap();
        let after = at.load(Ordering::SeqCst);
        assert!(!output.contains("warning"), "{output}");
        let to = folder.path().join(format!("restored-{n}"));
        let restoring = to.clone();
        tokio::task::spawn_blocking(move || {
            restore(&archive, &restoring);
            succeeds(&["doctor"], &restoring, "");
            fs::remove_file(archive).unwrap();
        })
        .await
        .unwrap();
        let [variable, runs, content] = read_counts(&to, &id(&file).to_string());
        assert!(variable >= runs && runs >= content && content + 1 >= variable, "{variable} {runs} {content}");
        assert!((before..=after + 1).contains(&variable), "{variable} is not between {before} and {after}");
        largest_step = largest_step.max(after - before);
        fs::remove_dir_all(to).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    counting.await.unwrap();
    for writer in others {
        writer.await.unwrap();
    }
    assert!(largest_step > 0, "nothing was written during the backups");
    assert!(!process.log().contains("ERROR"), "{}", process.log());
    let left = fs::read_dir(root.join("backup")).unwrap().count();
    assert_eq!(left, 0, "hard links remain in the backup folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_directory_works_like_the_original() {
    let (_dir, root, client) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    // the folders of datasources may contain more than databases
    let files = root.join("files").join(client.tenant.unwrap().to_string());
    fs::create_dir_all(files.join("a deeper/folder")).unwrap();
    fs::write(files.join("a deeper/folder").join("x".repeat(120)), "note").unwrap();
    let output = backup(&root, &archive);
    assert!(output.contains("2 uploaded files and 2 datasource files"), "{output}");
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
async fn a_restore_changes_nothing_until_the_backup_is_verified_and_keeps_the_old_content() {
    let (_dir, root, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    backup(&root, &archive);
    let complete = fs::read(&archive).unwrap();
    let before = contents(&root);
    let broken = folder.path().join("b.tar");
    let refuses = |bytes: &[u8], why: &str| {
        fs::write(&broken, bytes).unwrap();
        let output = refused(&broken, &root, PASSPHRASE);
        assert!(why.split('|').any(|why| output.contains(why)), "{why}: {output}");
        let now = contents(&root);
        assert_eq!(now, before, "{output}");
    };
    assert!(refused(&archive, &root, "another passphrase").contains("the passphrase is not the one"));
    for length in [0, 100, 512, 5000, complete.len() / 2, complete.len() - 2048, complete.len() - 1] {
        refuses(&complete[..length], "damaged or incomplete|is not a backup");
    }
    // a changed byte anywhere: headers, padding, the seal, the end
    for part in 0..24 {
        let mut altered = complete.clone();
        let at = part * (complete.len() - 1) / 23;
        altered[at] ^= 1;
        refuses(&altered, "damaged or incomplete|was altered|is not a backup|later one|passphrase");
    }
    let mut longer = complete.clone();
    longer.extend_from_slice(&[0; 512]);
    refuses(&longer, "damaged or incomplete");

    let verify = ["restore", archive.to_str().unwrap(), "--verify", "--data-dir", root.to_str().unwrap()];
    let output = with_passphrase(&verify, PASSPHRASE);
    assert!(output.status.success() && text(&output).contains("is intact"), "{}", text(&output));
    assert_eq!(contents(&root), before);

    let output = restore(&archive, &root);
    assert!(output.contains("the previous content is in"), "{output}");
    let replaced: Vec<_> = contents(&root.join("replaced")).into_values().collect();
    for (path, digest) in before.iter().filter(|(path, _)| !path.ends_with("lock")) {
        assert!(replaced.contains(digest), "{} was not kept", path.display());
    }
    succeeds(&["doctor"], &root, "");
    let _running = Process::start(&root, &[]);
    assert!(refused(&archive, &root, PASSPHRASE).contains("another jet-admin is using"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_backed_up_encrypted_or_not_at_all() {
    let (_dir, root, client) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar");
    let name = archive.to_str().unwrap();
    let output = fails(&["backup", name], &root, "");
    assert!(output.contains("--passphrase-file") && output.contains("--without-keys"), "{output}");
    let short = folder.path().join("short");
    fs::write(&short, "short\n").unwrap();
    let output = fails(&["backup", name, "--passphrase-file", short.to_str().unwrap()], &root, "");
    assert!(output.contains("at least 8"), "{output}");
    assert!(!archive.exists());

    let long = folder.path().join("long");
    fs::write(&long, format!("{PASSPHRASE}\nnot this line\n")).unwrap();
    succeeds(&["backup", name, "--passphrase-file", long.to_str().unwrap()], &root, "");
    let secret = fs::read(root.join("keys/secret.key")).unwrap();
    let bytes = fs::read(&archive).unwrap();
    for key in [&secret[..], b"PRIVATE KEY", PASSPHRASE.as_bytes()] {
        assert!(!bytes.windows(key.len()).any(|window| window == key), "a key is not encrypted");
    }
    let output = fails(&["backup", name, "--passphrase-file", long.to_str().unwrap()], &root, "");
    assert!(output.contains("already exists"), "{output}");

    // a backup without keys is restored with the keys of the directory
    let bare = folder.path().join("bare.tar");
    let output = succeeds(&["backup", bare.to_str().unwrap(), "--without-keys"], &root, "");
    assert!(output.contains("the keys are not part of the backup"), "{output}");
    let output = fails(&["restore", bare.to_str().unwrap(), "--passphrase-file", long.to_str().unwrap()], &root, "");
    assert!(output.contains("created without a passphrase"), "{output}");
    succeeds(&["restore", bare.to_str().unwrap(), "--without-keys"], &root, "");
    succeeds(&["doctor"], &root, "");
    let empty = folder.path().join("empty");
    let output = succeeds(&["restore", bare.to_str().unwrap(), "--without-keys"], &empty, "");
    assert!(output.contains("the keys are missing"), "{output}");
    let output = fails(&["serve", "--listen", "127.0.0.1:0"], &empty, "");
    assert!(output.contains("keys/secret.key") && output.contains("is missing"), "{output}");
    for key in ["secret.key", "signing.pem"] {
        copy(&root.join("keys").join(key), &empty.join("keys").join(key));
    }
    let process = Process::start(&empty, &[]);
    let client = process.client().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    client.get("variables").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_leaves_no_file_and_the_next_one_cleans_up() {
    let (_dir, root, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    for n in 0..8 {
        let file = folder.path().join(format!("{n}.tar"));
        let mut command = crate::support::process::command(&["backup", file.to_str().unwrap(), "--data-dir"]);
        let mut child = command.arg(&root).env("JET_ADMIN_BACKUP_PASSPHRASE", PASSPHRASE).spawn().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(n * 12)).await;
        let _ = child.kill();
        child.wait().unwrap();
        if file.exists() {
            // the backup finished before it was killed
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
async fn a_backup_of_a_damaged_directory_reports_the_damage() {
    let (_dir, root, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let uploads = contents(&root.join("uploads"));
    let file = uploads.keys().find(|path| path.components().count() == 2).unwrap();
    fs::write(root.join("uploads").join(file), "altered").unwrap();
    let output = backup(&root, &folder.path().join("a.tar"));
    assert!(output.contains("was altered since it was uploaded"), "{output}");
    fs::remove_file(root.join("uploads").join(file)).unwrap();
    let output = backup(&root, &folder.path().join("b.tar"));
    assert!(output.contains("is missing"), "{output}");
    let mut bytes = fs::read(root.join("jet-admin.db")).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(root.join("jet-admin.db"), bytes).unwrap();
    let file = folder.path().join("c.tar");
    let output = fails(&["backup", file.to_str().unwrap(), "--without-keys"], &root, "");
    assert!(output.contains("jet-admin.db is damaged") && !file.exists(), "{output}");
}
