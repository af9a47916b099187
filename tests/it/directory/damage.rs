//! `jet-admin doctor` finds every kind of damage without changing anything, and a start that fails names the cause.
use super::{contents, copy, filled};
use crate::support::process::{fails, run, succeeds, text};
use std::{fs, path::Path, process::Command};

fn sql(root: &Path, name: &str, sql: &str) {
    let db = rusqlite::Connection::open(root.join(name)).unwrap();
    db.execute_batch(&format!("pragma foreign_keys = off; {sql}")).unwrap();
}

/// Returns the first uploaded or tenant file in the folder `part`.
fn first(root: &Path, part: &str) -> std::path::PathBuf {
    let folder = root.join(part);
    let mut files: Vec<_> = contents(&folder).into_keys().filter(|name| name.components().count() == 2).collect();
    files.sort();
    folder.join(&files[0])
}

type Damage = fn(&Path);

/// A part of the expected output of `doctor`, and how to cause the damage in a sound directory.
const DAMAGES: &[(&str, Damage)] = &[
    ("FAIL  workspace", |root| corrupt(&root.join("jet-admin.db"), 3)),
    ("FAIL  runs", |root| corrupt(&root.join("runs.db"), 3)),
    ("refer to missing rows", |root| {
        sql(root, "jet-admin.db", "insert into links values ('t', 'a', 'b')");
    }),
    ("is missing", |root| fs::remove_file(first(root, "uploads")).unwrap()),
    ("was altered", |root| {
        let path = first(root, "uploads");
        let length = fs::read(&path).unwrap().len();
        fs::write(path, "x".repeat(length)).unwrap();
    }),
    ("bytes instead of", |root| fs::write(first(root, "uploads"), "x").unwrap()),
    ("shop.db of the datasource \"Shop\" is missing", |root| fs::remove_file(first(root, "files")).unwrap()),
    ("FAIL  files", |root| corrupt(&first(root, "files"), 1)),
    ("which is not in the workspace", |root| {
        sql(
            root,
            "runs.db",
            "insert into query_runs select 'gone', id, '', 1, 0, '', '', '', 0, null, '', null, '' from instances \
             limit 1",
        );
    }),
    ("is not a SQLite database", |root| fs::write(root.join("runs.db"), "no database, but long enough").unwrap()),
    ("runs.db is missing", |root| fs::remove_file(root.join("runs.db")).unwrap()),
    ("FAIL  signing key", |root| fs::write(root.join("keys/signing.pem"), "no key").unwrap()),
    ("keys/secret.key is empty", |root| fs::write(root.join("keys/secret.key"), "").unwrap()),
    ("secrets cannot be decrypted", |root| fs::remove_file(root.join("keys/secret.key")).unwrap()),
    ("secrets cannot be decrypted", |root| fs::write(root.join("keys/secret.key"), "ab".repeat(32)).unwrap()),
    ("keys/secret.key is missing: put it back", |root| fs::remove_file(root.join("keys/secret.key")).unwrap()),
    ("keys/secret.key is not the key of this directory", |root| {
        fs::write(root.join("keys/secret.key"), "ab".repeat(32)).unwrap();
    }),
    ("newer jet-admin", |root| sql(root, "jet-admin.db", "pragma user_version = 999")),
    ("invalid schema version", |root| sql(root, "runs.db", "pragma user_version = -5")),
    ("is older than", |root| sql(root, "runs.db", "update directory set epoch = 1")),
    ("belongs to a different data directory", |root| sql(root, "runs.db", "update directory set instance = 'x'")),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_damage_of_every_kind_and_changes_nothing() {
    let (_dir, sound, _) = filled().await;
    let output = succeeds(&["doctor"], &sound, "");
    for what in [
        "workspace: sound",
        "runs: sound",
        "parts: all belong",
        "secrets: 1 can be decrypted",
        "2 files are unchanged",
        "1 databases",
    ] {
        assert!(output.contains(what), "{what}: {output}");
    }
    let other = filled().await;
    let foreign: &Path = &other.1;
    for (what, damage) in DAMAGES {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&sound, &root);
        damage(&root);
        let before = contents(&root);
        let output = fails(&["doctor"], &root, "");
        assert!(output.contains(what), "{what}: {output}");
        assert_eq!(contents(&root), before, "{what}: `doctor` changed something");
    }
    // the key of another directory decrypts nothing
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("data");
    copy(&sound, &root);
    fs::copy(foreign.join("keys/secret.key"), root.join("keys/secret.key")).unwrap();
    assert!(fails(&["doctor"], &root, "").contains("secrets cannot be decrypted"));
    let key = fs::read_to_string(sound.join("keys/secret.key")).unwrap();
    succeeds(&["doctor", "--secret-key", &key], &root, "");
}

/// Overwrites the middle of a page.
fn corrupt(path: &Path, page: usize) {
    let mut bytes = fs::read(path).unwrap();
    let from = (page * 4096).min(bytes.len() - 4096);
    bytes[from..from + 2048].fill(0xA5);
    fs::write(path, bytes).unwrap();
}

/// Runs a command while `root` is mounted read-only; `None` if this machine does not allow the mount.
fn read_only(root: &Path, arguments: &[&str]) -> Option<std::process::Output> {
    let script = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" || exit 77; shift; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(root);
    command.arg(crate::support::process::BINARY).args(arguments).arg("--data-dir").arg(root);
    let output = command.output().ok()?;
    (output.status.code() != Some(77)).then_some(output)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_checks_a_directory_that_is_mounted_read_only() {
    let (_dir, root, client) = filled().await;
    let output = read_only(&root, &["doctor"]).expect("`unshare` must be able to mount");
    assert!(output.status.success(), "{}", text(&output));
    // also with a write-ahead log that a kill left behind
    let mut process = crate::support::Process::start(&root, &[]);
    let client = process.client().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    super::upload(&client, "late.csv", b"n\n5\n").await;
    process.kill();
    assert!(root.join("jet-admin.db-wal").metadata().unwrap().len() > 0);
    let output = read_only(&root, &["doctor"]).unwrap();
    assert!(
        output.status.success() && text(&output).contains("3 files are unchanged since their upload"),
        "{}",
        text(&output)
    );
    let output = read_only(&root, &["serve", "--listen", "127.0.0.1:0"]).unwrap();
    let message = text(&output);
    assert!(!output.status.success() && message.contains("mount its file system for writing"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_names_the_file_and_the_remedy() {
    let (_dir, sound, _) = filled().await;
    let cases: &[(&str, &str, Damage)] = &[
        ("runs.db", "is not a SQLite database", |root| fs::write(root.join("runs.db"), "x".repeat(5000)).unwrap()),
        ("jet-admin.db", "is damaged", |root| {
            fs::OpenOptions::new().write(true).open(root.join("jet-admin.db")).unwrap().set_len(4096).unwrap();
        }),
        ("jet-admin.db", "is a folder", |root| {
            fs::remove_file(root.join("jet-admin.db")).unwrap();
            fs::create_dir(root.join("jet-admin.db")).unwrap();
        }),
        ("jet-admin.db", "swapped with another", |root| {
            fs::copy(root.join("runs.db"), root.join("jet-admin.db")).unwrap();
        }),
        ("runs.db", "swapped with another", |root| {
            fs::rename(root.join("runs.db"), root.join("x")).unwrap();
            fs::rename(root.join("jet-admin.db"), root.join("runs.db")).unwrap();
            fs::rename(root.join("x"), root.join("jet-admin.db")).unwrap();
        }),
        ("runs.db", "another program", |root| sql(root, "runs.db", "pragma user_version = 0")),
        ("jet-admin.db", "do not match its schema version", |root| {
            sql(root, "jet-admin.db", "pragma user_version = 3");
        }),
        ("jet-admin.db", "newer jet-admin", |root| sql(root, "jet-admin.db", "pragma user_version = 77")),
        ("keys/secret.key", "put it back from a backup", |root| {
            fs::write(root.join("keys/secret.key"), "short").unwrap();
        }),
        ("keys/signing.pem", "put it back from a backup", |root| {
            fs::write(root.join("keys/signing.pem"), "x").unwrap();
        }),
        ("uploads", "a folder is expected here", |root| {
            fs::remove_dir_all(root.join("uploads")).unwrap();
            fs::write(root.join("uploads"), "x").unwrap();
        }),
    ];
    for (file, what, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&sound, &root);
        damage(&root);
        let before = contents(&root);
        let output = fails(&["serve", "--listen", "127.0.0.1:0"], &root, "");
        let line = output.lines().find(|line| line.starts_with("jet-admin:")).unwrap_or_default();
        assert!(line.contains(file) && line.contains(what), "{file} {what}: {output}");
        assert!(!line.contains("create table") && line.len() < 600, "{line}");
        let after = contents(&root);
        let is_counted = |path: &Path| {
            let end = path.extension().unwrap_or_default();
            // if only a key is wrong, the start has already raised the epoch
            end != "db-shm" && !(file.starts_with("keys") && (end == "db" || path.ends_with(".instance")))
        };
        let lost = before.iter().filter(|(path, digest)| is_counted(path) && after.get(*path) != Some(digest));
        let lost: Vec<_> = lost.collect();
        assert!(lost.is_empty(), "{file} {what}: {lost:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let output = fails(&["serve", "--listen", "127.0.0.1:0"], &folder.path().join("file"), "");
    assert!(output.contains("a folder is expected here"), "{output}");
}

#[test]
fn commands_on_a_missing_directory_do_not_create_it() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("none");
    for command in ["doctor", "backup"] {
        let file = folder.path().join("b.tar");
        let mut arguments = vec![command];
        if command == "backup" {
            arguments.extend([file.to_str().unwrap(), "--without-keys"]);
        }
        arguments.extend(["--data-dir", root.to_str().unwrap()]);
        run(&arguments, "");
        assert!(!root.exists(), "{command}");
    }
}
