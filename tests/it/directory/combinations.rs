//! Directories that were put together wrongly: refused or recovered, never with a loss that nobody hears of, and never
//! with a deletion.
use super::{contents, copy, furnished, number, upload};
use crate::support::{
    Process,
    process::{fails, run, succeeds, text},
};
use jet_admin::server::{Config, Server};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The parts of a directory.
const PARTS: [&str; 6] = ["jet-admin.db", "runs.db", "keys/signing.pem", "keys/secret.key", "uploads", "files"];

/// What may have become of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Missing,
    Emptied,
    Truncated,
    /// Of another directory.
    Foreign,
    /// Of an earlier time.
    Older,
    /// A folder instead of a file, or a file instead of a folder.
    WrongKind,
}

const FATES: [Fate; 6] = [Fate::Missing, Fate::Emptied, Fate::Truncated, Fate::Foreign, Fate::Older, Fate::WrongKind];

/// Directories to take parts from.
struct Stock {
    own: PathBuf,
    older: PathBuf,
    foreign: PathBuf,
    _folder: tempfile::TempDir,
}

/// The same directory at two times, and another one.
async fn stock() -> Stock {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (_dir, root, client) = furnished().await;
    copy(&root, &place("older"));
    let mut process = Process::start(&root, &[]);
    let client = process.client().with_token(client.token.unwrap()).in_tenant(client.tenant.unwrap());
    upload(&client, "later.csv", b"n\n9\n").await;
    process.signal("TERM");
    process.wait();
    copy(&root, &place("own"));
    let (_dir, other, _) = furnished().await;
    copy(&other, &place("foreign"));
    Stock { own: place("own"), older: place("older"), foreign: place("foreign"), _folder: folder }
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
}

/// The largest file in a folder, or the file itself.
fn largest(path: &Path) -> PathBuf {
    if path.is_file() {
        return path.to_path_buf();
    }
    let files = contents(path).into_keys().map(|name| path.join(name));
    files.filter(|file| !file.ends_with(".instance")).max_by_key(|file| file.metadata().unwrap().len()).unwrap()
}

fn meet(root: &Path, part: &str, fate: Fate, stock: &Stock) {
    let path = root.join(part);
    let is_folder = path.is_dir();
    if fate == Fate::Truncated {
        let file = largest(&path);
        let half = file.metadata().unwrap().len() / 2;
        fs::OpenOptions::new().write(true).open(file).unwrap().set_len(half).unwrap();
        return;
    }
    remove(&path);
    match fate {
        Fate::Missing | Fate::Truncated => {}
        Fate::Emptied if is_folder => fs::create_dir(&path).unwrap(),
        Fate::Emptied => fs::write(&path, "").unwrap(),
        Fate::Foreign => copy(&stock.foreign.join(part), &path),
        Fate::Older => copy(&stock.older.join(part), &path),
        Fate::WrongKind if is_folder => fs::write(&path, "x").unwrap(),
        Fate::WrongKind => fs::create_dir(&path).unwrap(),
    }
}

/// The contents of everything that is no database of ours and no mark, wherever they are.
fn kept(root: &Path) -> BTreeSet<String> {
    let own = |path: &PathBuf| {
        let path = path.to_string_lossy();
        ["keys/", "uploads/", "files/", "quarantine/", "replaced/"].iter().any(|at| path.starts_with(at))
            && !path.ends_with(".instance")
    };
    contents(root).into_iter().filter(|(path, _)| own(path)).map(|(_, digest)| digest).collect()
}

/// Starts and stops a server; why it did not start, if so.
async fn start(root: &Path) -> Result<(), String> {
    let config = Config { listen: "127.0.0.1:0".to_owned(), ..Config::new(root.to_path_buf()) };
    match Server::start(config).await {
        Ok(server) => {
            server.stop().await.unwrap();
            Ok(())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Two hundred times one or two parts with their fates.
fn cases() -> Vec<Vec<(&'static str, Fate)>> {
    let singles = PARTS.into_iter().flat_map(|part| FATES.map(|fate| vec![(part, fate)]));
    let mut cases: Vec<_> = singles.collect();
    let mut random = StdRng::seed_from_u64(75);
    while cases.len() < 200 {
        let (one, other) = (random.random_range(0..PARTS.len()), random.random_range(0..PARTS.len()));
        let fates = [FATES[random.random_range(0..FATES.len())], FATES[random.random_range(0..FATES.len())]];
        if one < other {
            cases.push(vec![(PARTS[one], fates[0]), (PARTS[other], fates[1])]);
        }
    }
    cases
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_was_put_together_wrongly_is_refused_or_recovered_and_nothing_in_it_deleted() {
    let stock = stock().await;
    let rows = ["select count(*) from objects", "select count(*) from instances"];
    let all = |root: &Path| [number(&root.join("jet-admin.db"), rows[0]), number(&root.join("runs.db"), rows[1])];
    let expected = all(&stock.own);
    let mut started = 0;
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&stock.own, &root);
        for (part, fate) in &case {
            meet(&root, part, *fate, &stock);
        }
        let before = kept(&root);
        // started with a warning
        let is_older = case.contains(&("jet-admin.db", Fate::Older));
        let doctor = ["doctor", "--data-dir", root.to_str().unwrap()];
        let warned = is_older && text(&run(&doctor, "")).contains("is older than");
        let outcome = start(&root).await;
        let after = kept(&root);
        assert!(after.is_superset(&before), "{case:?}: something was deleted");
        if let Err(why) = outcome {
            let names = case.iter().any(|(part, _)| why.contains(part.split('/').next().unwrap()))
                || why.contains("secret key");
            let remedy = ["`jet-admin", "expected here", "from a backup"].iter().any(|remedy| why.contains(remedy));
            assert!(names && remedy && !why.contains("select"), "{case:?}: {why}");
            continue;
        }
        started += 1;
        assert!(all(&root) == expected || warned, "{case:?}: rows are gone without a word");
        if is_older {
            continue;
        }
        // what is not right is found
        let complete = contents(&stock.own.join("uploads")).into_iter().chain(contents(&stock.own.join("files")));
        let whole =
            complete.filter(|(path, _)| !path.ends_with(".instance")).all(|(_, digest)| after.contains(&digest));
        if whole {
            succeeds(&["doctor"], &root, "");
        } else {
            fails(&["doctor"], &root, "");
        }
    }
    assert!((1..50).contains(&started), "{started} of the directories started");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_workspace_beside_newer_uploads_is_noticed_and_takes_nothing_away() {
    let (_dir, root, client) = furnished().await;
    let folder = tempfile::tempdir().unwrap();
    let mut process = Process::start(&root, &[]);
    let again = |process: &Process| {
        process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap())
    };
    // within one run of the server, as a copy in the night would be
    let yesterday = folder.path().join("yesterday.db");
    let copied = rusqlite::Connection::open(root.join("jet-admin.db")).unwrap();
    copied.execute("vacuum into ?1", [yesterday.to_str().unwrap()]).unwrap();
    drop(copied);
    let later = upload(&again(&process), "later.csv", b"later-content").await;
    process.signal("TERM");
    process.wait();
    let today = folder.path().join("today.db");
    fs::rename(root.join("jet-admin.db"), &today).unwrap();
    fs::copy(&yesterday, root.join("jet-admin.db")).unwrap();
    let before = kept(&root);
    let said = succeeds(&["doctor"], &root, "");
    assert!(said.contains("warn  parts: jet-admin.db is older than"), "{said}");
    let mut process = Process::start(&root, &[]);
    process.log_with("jet-admin.db is older than");
    process.signal("TERM");
    process.wait();
    assert!(kept(&root).is_superset(&before));
    // and back to the database of today
    fs::copy(&today, root.join("jet-admin.db")).unwrap();
    let process = Process::start(&root, &[]);
    let content = format!("files/{}/content", crate::support::client::id(&later));
    assert_eq!(again(&process).get(&content).await.text, "later-content");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_said_and_used_from_then_on() {
    let stock = stock().await;
    for (part, fate, lost) in [
        ("runs.db", Fate::Missing, "history of runs"),
        ("runs.db", Fate::Foreign, "history of runs"),
        ("uploads", Fate::Missing, "content of uploaded files"),
        ("files", Fate::Emptied, "databases of SQLite datasources"),
        ("keys/signing.pem", Fate::Missing, "everyone must sign in again"),
        ("keys/secret.key", Fate::Foreign, "datasource secrets"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("data");
        copy(&stock.own, &root);
        meet(&root, part, fate, &stock);
        start(&root).await.unwrap_err();
        let before = contents(&root);
        let said = fails(&["accept"], &root, "");
        assert!(said.contains(lost) && said.contains("nothing was changed"), "{part}: {said}");
        if !part.starts_with("keys") {
            let said = fails(&["user", "list"], &root, "");
            assert!(said.contains("jet-admin accept"), "{part}: every command refuses: {said}");
        }
        assert_eq!(contents(&root), before, "{part}");
        succeeds(&["accept", "--yes"], &root, "");
        start(&root).await.unwrap();
        assert!(succeeds(&["accept"], &root, "").contains("nothing to accept"), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_workspace_a_directory_starts_under_no_circumstances() {
    let stock = stock().await;
    for fate in [Fate::Missing, Fate::Emptied] {
        let _ = fs::remove_file(stock.own.join("jet-admin.db"));
        if fate == Fate::Emptied {
            fs::write(stock.own.join("jet-admin.db"), "").unwrap();
        }
        for arguments in
            [&["serve", "--listen", "127.0.0.1:0"][..], &["accept", "--yes"], &["user", "create", "a@example.com"]]
        {
            let said = fails(arguments, &stock.own, "correct horse");
            assert!(said.contains("jet-admin.db") && said.contains("use another --data-dir"), "{said}");
        }
        assert_eq!(stock.own.join("jet-admin.db").exists(), fate == Fate::Emptied, "none is made");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_not_missed_where_nothing_was_written_since_it_was_copied() {
    let (_dir, root, _) = furnished().await;
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
async fn a_process_that_dies_at_any_moment_leaves_a_directory_that_starts() {
    let (_dir, root, client) = furnished().await;
    let mut random = StdRng::seed_from_u64(7);
    for n in 0..8 {
        let mut process = Process::start(&root, &[]);
        let client = process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap());
        if n == 0 {
            furnish_more(&client).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(random.random_range(0..60))).await;
        process.kill();
    }
    let output = run(&["doctor", "--data-dir", root.to_str().unwrap()], "");
    assert!(output.status.success(), "{}", text(&output));
    start(&root).await.unwrap();
}

async fn furnish_more(client: &crate::support::Client) {
    let body = serde_json::json!({"name": "More", "permissions": []});
    client.post("roles", body).await.expect(201);
    let file = upload(client, "more.csv", b"n\n4\n").await;
    client.delete(&format!("files/{}", crate::support::client::id(&file))).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_key_that_is_given_may_be_another_one() {
    let (_dir, root, _) = furnished().await;
    let given =
        Config { listen: "127.0.0.1:0".to_owned(), secret_key: Some("22".repeat(32)), ..Config::new(root.clone()) };
    Server::start(given).await.unwrap().stop().await.unwrap();
    // the directory's own key is still its own
    start(&root).await.unwrap();
    fs::write(root.join("keys/secret.key"), "22".repeat(32)).unwrap();
    assert!(start(&root).await.unwrap_err().contains("the secret key is not the one"));
}
