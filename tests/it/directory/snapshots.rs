//! Snapshots before an upgrade: complete or absent, and usable for a rollback.
use super::{contents, number};
use crate::support::{
    Process,
    process::{data_dir, fails, succeeds},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use rusqlite::Connection;
use std::{fs, path::Path, time::Duration};

const WORKSPACE: [&str; 6] = [
    include_str!("../../../src/store/migrations/0001_workspace.sql"),
    include_str!("../../../src/store/migrations/0002_triggers.sql"),
    include_str!("../../../src/store/migrations/0003_shares.sql"),
    include_str!("../../../src/store/migrations/0004_disk.sql"),
    include_str!("../../../src/store/migrations/0005_assignees.sql"),
    include_str!("../../../src/store/migrations/0006_accounts.sql"),
];
const RUNS: [&str; 4] = [
    include_str!("../../../src/store/migrations/0001_runs.sql"),
    include_str!("../../../src/store/migrations/0002_query_run_mode.sql"),
    include_str!("../../../src/store/migrations/0003_runs.sql"),
    include_str!("../../../src/store/migrations/0004_disk_runs.sql"),
];

/// Creates databases as an earlier version left them, with this number of accounts.
fn create_earlier_version(root: &Path, accounts: i64) {
    for (name, steps) in [("jet-admin.db", &WORKSPACE[..]), ("runs.db", &RUNS[..])] {
        let db = Connection::open(root.join(name)).unwrap();
        db.execute_batch("pragma journal_mode = wal; begin").unwrap();
        for step in steps {
            db.execute_batch(step).unwrap();
        }
        db.pragma_update(None, "user_version", steps.len()).unwrap();
        if name == "jet-admin.db" {
            let mut insert =
                db.prepare("insert into users (id, email, name, created_at) values (?1, ?1, ?2, 0)").unwrap();
            for n in 0..accounts {
                insert.execute((format!("u{n}"), "x".repeat(400))).unwrap();
            }
        }
        db.execute_batch("commit").unwrap();
    }
}

fn snapshots(root: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(root.join("snapshots")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "db")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_upgrade_leaves_no_incomplete_snapshot() {
    const ACCOUNTS: i64 = 20_000;
    let (_dir, root) = data_dir();
    create_earlier_version(&root, ACCOUNTS);
    let mut random = StdRng::seed_from_u64(13);
    let (mut cut_short, mut found) = (0, 0);
    let mut n = 0;
    // on a slow machine it takes more attempts until a snapshot is complete
    while n < 12 || found == 0 && n < 60 {
        n += 1;
        let mut command = crate::support::process::command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        let mut child =
            command.arg(&root).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(random.random_range(20..300 + 50 * n))).await;
        child.kill().unwrap();
        child.wait().unwrap();
        for path in snapshots(&root) {
            found += 1;
            assert_eq!(
                number(&path, "select integrity_check = 'ok' from pragma_integrity_check"),
                1,
                "{}",
                path.display()
            );
            if path.to_string_lossy().contains("jet-admin-schema") {
                assert_eq!(number(&path, "select count(*) from users"), ACCOUNTS, "{}", path.display());
            }
        }
        let parts = fs::read_dir(root.join("snapshots")).into_iter().flatten().flatten();
        cut_short += parts.filter(|entry| entry.path().extension().is_some_and(|end| end == "part")).count();
    }
    drop(Process::start(&root, &[]));
    assert_eq!(number(&root.join("jet-admin.db"), "select count(*) from users"), ACCOUNTS);
    assert!(found > 0, "no snapshot was completed; {cut_short} were cut short");
    let left = contents(&root.join("snapshots"));
    assert!(left.keys().all(|path| path.extension().is_some_and(|end| end == "db")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_restores_both_databases_and_keeps_the_upgraded_ones() {
    let (_dir, root) = data_dir();
    create_earlier_version(&root, 3);
    assert!(fails(&["rollback", "--yes"], &root, "").contains("no snapshot"));
    let (mut process, client) = Process::with_owner(&root).await;
    let output = fails(&["rollback", "--yes"], &root, "");
    assert!(output.contains("another jet-admin is using"), "{output}");
    let path = super::workflow(&client).await;
    super::start_run(&client, &path, 1).await;
    process.signal("TERM");
    process.wait();
    let before = contents(&root);
    let output = fails(&["rollback"], &root, "");
    for lost in ["schema versions 6 and 4", "lost: 1 accounts", "lost: 1 workflow runs", "nothing was changed"] {
        assert!(output.contains(lost), "{lost}: {output}");
    }
    assert_eq!(contents(&root).get(Path::new("jet-admin.db")), before.get(Path::new("jet-admin.db")));
    let output = succeeds(&["rollback", "--yes"], &root, "");
    assert!(output.contains("start the earlier version"), "{output}");
    for (name, schema) in [("jet-admin.db", 6), ("runs.db", 4)] {
        let db = Connection::open(root.join(name)).unwrap();
        assert_eq!(db.query_row("pragma user_version", (), |row| row.get::<_, i64>(0)).unwrap(), schema);
    }
    assert_eq!(number(&root.join("jet-admin.db"), "select count(*) from users"), 3);
    let replaced = contents(&root.join("replaced"));
    assert!(replaced.values().any(|digest| Some(digest) == before.get(Path::new("jet-admin.db"))), "{replaced:?}");
    // the same version upgrades again
    let process = Process::start(&root, &[]);
    process.client().get("/api/v1/setup").await.expect(200);
    drop(process);
    assert_eq!(number(&root.join("jet-admin.db"), "select count(*) from users"), 3);
    succeeds(&["doctor"], &root, "");
}
