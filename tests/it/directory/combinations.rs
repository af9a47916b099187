//! Directories with wrong or missing parts are refused or recovered: nothing is lost silently, and nothing is deleted.
use super::{contents, copy, filled, number, upload};
use crate::support::{
    Process,
    process::{fails, run, succeeds, text},
};
use jet_admin::server::{Server, ServerConfig};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The parts of a directory.
const PARTS: [&str; 6] = ["jet-admin.db", "runs.db", "keys/signing.pem", "keys/secret.key", "uploads", "files"];

/// What may be wrong with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Missing,
    Emptied,
    Truncated,
    /// From another directory.
    Foreign,
    /// From an earlier copy of the directory.
    Older,
    /// A folder instead of a file, or a file instead of a folder.
    WrongKind,
}

const FAULTS: [Fault; 6] =
    [Fault::Missing, Fault::Emptied, Fault::Truncated, Fault::Foreign, Fault::Older, Fault::WrongKind];

/// Data directories to take parts from.
struct Stock {
    own: PathBuf,
    older: PathBuf,
    foreign: PathBuf,
    _folder: tempfile::TempDir,
}

/// Creates two copies of one directory, from different times, and another directory.
async fn stock() -> Stock {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (_dir, root, client) = filled().await;
    copy(&root, &place("older"));
    let mut process = Process::start(&root, &[]);
    let client = process.client().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    upload(&client, "later.csv", b"n\n9\n").await;
    process.signal("TERM");
    process.wait();
    copy(&root, &place("own"));
    let (_dir, other, _) = filled().await;
    copy(&other, &place("foreign"));
    Stock { own: place("own"), older: place("older"), foreign: place("foreign"), _folder: folder }
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
}

/// Returns the largest file in a folder, or the file itself.
fn largest(path: &Path) -> PathBuf {
    if path.is_file() {
        return path.to_path_buf();
    }
    let files = contents(path).into_keys().map(|name| path.join(name));
    files.filter(|file| !file.ends_with(".instance")).max_by_key(|file| file.metadata().unwrap().len()).unwrap()
}

fn apply(root: &Path, part: &str, fault: Fault, stock: &Stock) {
    let path = root.join(part);
    let is_folder = path.is_dir();
    if fault == Fault::Truncated {
        let file = largest(&path);
        let half = file.metadata().unwrap().len() / 2;
        fs::OpenOptions::new().write(true).open(file).unwrap().set_len(half).unwrap();
        return;
    }
    remove(&path);
    match fault {
        Fault::Missing | Fault::Truncated => {}
        Fault::Emptied if is_folder => fs::create_dir(&path).unwrap(),
        Fault::Emptied => fs::write(&path, "").unwrap(),
        Fault::Foreign => copy(&stock.foreign.join(part), &path),
        Fault::Older => copy(&stock.older.join(part), &path),
        Fault::WrongKind if is_folder => fs::write(&path, "x").unwrap(),
        Fault::WrongKind => fs::create_dir(&path).unwrap(),
    }
}

/// Returns the digests of everything except our databases and the `.instance` files, wherever it is.
fn user_content(root: &Path) -> BTreeSet<String> {
    let own = |path: &PathBuf| {
        let path = path.to_string_lossy();
        ["keys/", "uploads/", "files/", "quarantine/", "replaced/"].iter().any(|at| path.starts_with(at))
            && !path.ends_with(".instance")
    };
    contents(root).into_iter().filter(|(path, _)| own(path)).map(|(_, digest)| digest).collect()
}

/// Starts and stops a server. Returns the error if it does not start.
async fn start(root: &Path) -> Result<(), String> {
    let config = ServerConfig { listen: "127.0.0.1:0".to_owned(), ..ServerConfig::new(root.to_path_buf()) };
    match Server::start(config).await {
        Ok(server) => {
            server.stop().await.unwrap();
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Returns two hundred cases: one or two parts with their faults.
fn cases() -> Vec<Vec<(&'static str, Fault)>> {
    let singles = PARTS.into_iter().flat_map(|part| FAULTS.map(|fault| vec![(part, fault)]));
    let mut cases: Vec<_> = singles.collect();
    let mut random = StdRng::seed_from_u64(75);
    while cases.len() < 200 {
        let (one, other) = (random.random_range(0..PARTS.len()), random.random_range(0..PARTS.len()));
        let faults = [FAULTS[random.random_range(0..FAULTS.len())], FAULTS[random.random_range(0..FAULTS.len())]];
        if one < other {
            cases.push(vec![(PARTS[one], faults[0]), (PARTS[other], faults[1])]);
        }
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_with_wrong_parts_is_refused_or_recovered_without_deletions() {
    let stock = stock().await;
    let rows = ["select count(*) from objects", "select count(*) from instances"];
    let all = |root: &Path| [number(&root.join("jet-admin.db"), rows[0]), number(&root.join("runs.db"), rows[1])];
    let expected = all(&stock.own);
    let mut started = 0;
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&stock.own, &root);
        for (part, fault) in &case {
            apply(&root, part, *fault, &stock);
        }
        let before = user_content(&root);
        // such a directory starts with a warning
        let is_older = case.contains(&("jet-admin.db", Fault::Older));
        let doctor = ["doctor", "--data-dir", root.to_str().unwrap()];
        let warned = is_older && text(&run(&doctor, "")).contains("is older than");
        let outcome = start(&root).await;
        let after = user_content(&root);
        assert!(after.is_superset(&before), "{case:?}: something was deleted");
        if let Err(why) = outcome {
            let names = case.iter().any(|(part, _)| why.contains(part.split('/').next().unwrap()))
                || why.contains("secret key");
            let remedy = ["`jet-admin", "expected here", "from a backup"].iter().any(|remedy| why.contains(remedy));
            assert!(names && remedy && !why.contains("select"), "{case:?}: {why}");
            continue;
        }
        started += 1;
        assert!(all(&root) == expected || warned, "{case:?}: rows were lost silently");
        if is_older {
            continue;
        }
        // `doctor` finds what is missing
        let complete = contents(&stock.own.join("uploads")).into_iter().chain(contents(&stock.own.join("files")));
        let is_complete =
            complete.filter(|(path, _)| !path.ends_with(".instance")).all(|(_, digest)| after.contains(&digest));
        if is_complete {
            succeeds(&["doctor"], &root, "");
        } else {
            fails(&["doctor"], &root, "");
        }
    }
    assert!((1..50).contains(&started), "{started} of the directories started");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_workspace_beside_newer_uploads_is_reported_and_deletes_nothing() {
    let (_dir, root, client) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&root, &[]);
    let reconnect = |process: &Process| {
        process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap())
    };
    // copied while the server runs, as a nightly copy would be
    let yesterday = folder.path().join("yesterday.db");
    let copied = rusqlite::Connection::open(root.join("jet-admin.db")).unwrap();
    copied.execute("vacuum into ?1", [yesterday.to_str().unwrap()]).unwrap();
    drop(copied);
    let later = upload(&reconnect(&process), "later.csv", b"later-content").await;
    process.signal("TERM");
    process.wait();
    let today = folder.path().join("today.db");
    fs::rename(root.join("jet-admin.db"), &today).unwrap();
    fs::copy(&yesterday, root.join("jet-admin.db")).unwrap();
    let before = user_content(&root);
    let output = succeeds(&["doctor"], &root, "");
    assert!(output.contains("warn  parts: jet-admin.db is older than"), "{output}");
    let mut process = Process::start(&root, &[]);
    process.log_with("jet-admin.db is older than");
    process.signal("TERM");
    process.wait();
    assert!(user_content(&root).is_superset(&before));
    // back to today's database
    fs::copy(&today, root.join("jet-admin.db")).unwrap();
    let process = Process::start(&root, &[]);
    let content = format!("files/{}/content", crate::support::client::id(&later));
    assert_eq!(reconnect(&process).get(&content).await.text, "later-content");
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_lists_the_losses_and_makes_the_directory_usable() {
    let stock = stock().await;
    for (part, fault, lost) in [
        ("runs.db", Fault::Missing, "history of runs"),
        ("runs.db", Fault::Foreign, "history of runs"),
        ("uploads", Fault::Missing, "content of uploaded files"),
        ("files", Fault::Emptied, "databases of SQLite datasources"),
        ("keys/signing.pem", Fault::Missing, "everyone must sign in again"),
        ("keys/secret.key", Fault::Foreign, "datasource secrets"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&stock.own, &root);
        apply(&root, part, fault, &stock);
        start(&root).await.unwrap_err();
        let before = contents(&root);
        let output = fails(&["accept"], &root, "");
        assert!(output.contains(lost) && output.contains("nothing was changed"), "{part}: {output}");
        if !part.starts_with("keys") {
            let output = fails(&["user", "list"], &root, "");
            assert!(output.contains("jet-admin accept"), "{part}: every command must refuse: {output}");
        }
        assert_eq!(contents(&root), before, "{part}");
        succeeds(&["accept", "--yes"], &root, "");
        start(&root).await.unwrap();
        assert!(succeeds(&["accept"], &root, "").contains("nothing to accept"), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_without_its_workspace_never_starts() {
    let stock = stock().await;
    for fault in [Fault::Missing, Fault::Emptied] {
        let _ = fs::remove_file(stock.own.join("jet-admin.db"));
        if fault == Fault::Emptied {
            fs::write(stock.own.join("jet-admin.db"), "").unwrap();
        }
        for arguments in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["accept", "--yes"], &["user", "create", "a@example.com"]]
        {
            let output = fails(arguments, &stock.own, "correct horse");
            assert!(output.contains("jet-admin.db") && output.contains("use another --data-dir"), "{output}");
        }
        assert_eq!(stock.own.join("jet-admin.db").exists(), fault == Fault::Emptied, "no database is created");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_instance_files_starts_and_is_sound() {
    let (_dir, root, _) = filled().await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("moved");
    copy(&root, &place);
    // without hidden files, as `cp uploads/*` copies them
    fs::remove_file(place.join("uploads/.instance")).unwrap();
    fs::remove_file(place.join("keys/.instance")).unwrap();
    let mut process = Process::start(&place, &[]);
    process.log_with("uploads/ lost its `.instance` file");
    process.signal("TERM");
    process.wait();
    succeeds(&["doctor"], &place, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_still_starts_after_the_process_was_killed_at_any_moment() {
    let (_dir, root, client) = filled().await;
    let mut random = StdRng::seed_from_u64(7);
    for n in 0..8 {
        let mut process = Process::start(&root, &[]);
        let client = process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap());
        if n == 0 {
            add_more(&client).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(random.random_range(0..60))).await;
        process.kill();
    }
    let output = run(&["doctor", "--data-dir", root.to_str().unwrap()], "");
    assert!(output.status.success(), "{}", text(&output));
    start(&root).await.unwrap();
}

async fn add_more(client: &crate::support::Client) {
    let body = serde_json::json!({"name": "More", "permissions": []});
    client.post("roles", body).await.expect(201);
    let file = upload(client, "more.csv", b"n\n4\n").await;
    client.delete(&format!("files/{}", crate::support::client::id(&file))).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_key_given_as_an_option_may_differ_from_the_stored_one() {
    let (_dir, root, _) = filled().await;
    let given = ServerConfig {
        listen: "127.0.0.1:0".to_owned(),
        secret_key: Some("22".repeat(32)),
        ..ServerConfig::new(root.clone())
    };
    Server::start(given).await.unwrap().stop().await.unwrap();
    // without the option, the stored key is used again
    start(&root).await.unwrap();
    fs::write(root.join("keys/secret.key"), "22".repeat(32)).unwrap();
    assert!(start(&root).await.unwrap_err().contains("the secret key is not the one"));
}
