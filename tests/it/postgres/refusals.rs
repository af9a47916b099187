//! Databases that cannot be used: one clear sentence with the remedy, and nothing is changed.
use super::{refused, serve};
use crate::support::{backend::Database, background::free_port, process};
use std::path::PathBuf;
use tempfile::TempDir;

/// A data directory that does not exist yet.
fn absent_dir() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("data");
    (dir, root)
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_or_used_is_explained() {
    let database = Database::create();
    let (_dir, root) = absent_dir();
    let nobody = format!("postgres://admin:x@127.0.0.1:{}/jet", free_port());
    let wrong_password = database.url().replacen("s3cret", "other", 1);
    let unknown = database.url().replacen("/jet_", "/nowhere_", 1);
    let no_password = format!("postgres://admin@{}", database.url().split_once('@').unwrap().1);
    let (strange_certificate, no_host) =
        (format!("{}?sslmode=verify-full", database.url()), database.url().replacen("127.0.0.1", "nowhere.invalid", 1));
    let reading = Database::create();
    reading.execute(&format!("alter database {} set default_transaction_read_only to on", reading.name()));
    for (url, expected) in [
        (nobody.as_str(), "check the host and the port"),
        (&wrong_password, "check the user and the password"),
        (&unknown, "create the database, or correct its name"),
        (&no_password, "add the password to the URL"),
        (&strange_certificate, "certificate is valid for the host"),
        (&no_host, "check the host in the URL"),
        (&reading.url(), "transactions are not read-only"),
        ("postgres://127.0.0.1", "names no database"),
        ("sqlite://x", "must start with postgres://"),
    ] {
        let text = refused(&root, url);
        assert!(text.contains(expected), "{url}: {text}");
        assert!(!root.exists(), "{url}: the data directory was created");
    }
}

#[tokio::test]
async fn schemas_of_others_and_of_newer_versions_are_left_alone() {
    let (_dir, root) = absent_dir();
    for (prepare, expected) in [
        ("create schema jet_admin; create table jet_admin.theirs (a text)", "belongs to another program"),
        (
            "create schema jet_admin; create table jet_admin.schema_version (number bigint, usable_from bigint);
             insert into jet_admin.schema_version values (9999, 9998)",
            "from a newer jet-admin (schema 9999",
        ),
    ] {
        let database = Database::create();
        database.execute(prepare);
        let text = refused(&root, &database.url());
        assert!(text.contains(expected) && !root.exists(), "{text}");
        // the second schema was not created either
        database.execute("create schema jet_admin_runs");
    }
}

#[tokio::test]
async fn what_a_database_has_lost_is_not_replaced_by_nothing() {
    let (_dir, root) = process::data_dir();
    for (lose, expected) in [
        ("drop table jet_admin.api_keys", "the schema jet_admin in "),
        ("drop view jet_admin_runs.ended_counts", "lacks ended_counts: restore a backup"),
        ("drop schema jet_admin cascade", "jet_admin in postgres://127.0.0.1"),
        ("drop schema jet_admin_runs cascade", "is missing, but the other one is there: restore a backup"),
    ] {
        let database = Database::create();
        fill(&database);
        database.execute(lose);
        let text = refused(&root, &database.url());
        assert!(text.contains(expected), "{lose}: {text}");
        let doctor = process::text(&process::run(&["doctor", "--database", &database.url()], ""));
        assert!(
            doctor.contains(&format!("FAIL  schema: {}", text.trim().trim_start_matches("jet-admin: "))),
            "{doctor}"
        );
    }
}

/// Creates the schemas, and an account.
fn fill(database: &Database) {
    let arguments = ["user", "create", "ada@example.com", "--database", &database.url()];
    let created = process::run(&arguments, "correct horse battery\n");
    assert!(created.status.success(), "{}", process::text(&created));
}

#[tokio::test]
async fn commands_that_need_accounts_leave_an_empty_place_empty() {
    let (database, dir) = (Database::create(), tempfile::tempdir().unwrap());
    let (url, missing) = (database.url(), dir.path().join("typo"));
    for place in [["--database", &url], ["--data-dir", missing.to_str().unwrap()]] {
        for command in [&["list"][..], &["disable", "ada@example.com"], &["reset-password", "ada@example.com"]] {
            let output = process::run(&[&["user"], command, &place].concat(), "correct horse battery\n");
            let text = process::text(&output);
            assert!(!output.status.success() && text.contains("contains no data of jet-admin"), "{command:?}: {text}");
        }
    }
    assert_eq!(database.number("select count(*) from pg_namespace where nspname like 'jet%'"), 0);
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_database_that_cannot_store_all_texts_is_refused() {
    let database = Database::create();
    let latin = format!("{}_latin", database.name());
    database.execute(&format!("create database {latin} encoding 'LATIN1' locale 'C' template template0"));
    let (_dir, root) = process::data_dir();
    let text = refused(&root, &database.url().replacen(database.name(), &latin, 1));
    database.execute(&format!("drop database {latin}"));
    assert!(text.contains("encoding LATIN1") && text.contains("encoding UTF8"), "{text}");
}

#[tokio::test]
async fn a_user_without_rights_is_told_which_one_is_missing() {
    let database = Database::create();
    let name = database.name();
    database.execute(&format!("create user {name} password 'pw'"));
    let (_dir, root) = process::data_dir();
    let url = database.url();
    let (_, rest) = url.split_once('@').unwrap();
    let text = refused(&root, &format!("postgres://{name}:pw@{rest}"));
    assert!(text.contains("grant create on database"), "{text}");
    // one that may only read
    fill(&database);
    database.execute(&format!(
        "grant usage on schema jet_admin, jet_admin_runs to {name};
         grant select on all tables in schema jet_admin, jet_admin_runs to {name}"
    ));
    let text = refused(&root, &format!("postgres://{name}:pw@{rest}"));
    assert!(text.contains("may not read and write jet_admin.action_codes,"), "{text}");
    assert!(text.contains("use the user that created the schemas"), "{text}");
    database.execute(&format!("drop owned by {name}"));
}

#[tokio::test]
async fn a_server_with_another_secret_key_or_another_directory_does_not_start() {
    let database = Database::create();
    let ((_first, root), (_second, other)) = (process::data_dir(), process::data_dir());
    drop(serve(&root, &database));
    let text = refused(&other, &database.url());
    assert!(text.contains("JET_ADMIN_SECRET_KEY"), "{text}");
    std::fs::copy(root.join("keys/secret.key"), other.join("keys/secret.key")).unwrap();
    drop(serve(&other, &database));
    // without its database, it says where the data is
    let forgotten = process::fails(&["serve", "--listen", "127.0.0.1:0"], &root, "");
    assert!(forgotten.contains("start with --database"), "{forgotten}");
    let elsewhere = Database::create();
    let text = refused(&root, &elsewhere.url());
    assert!(text.contains("belongs to another database"), "{text}");
}

#[tokio::test]
async fn databases_in_the_data_directory_are_not_ignored() {
    let (_dir, root) = process::data_dir();
    std::fs::write(root.join("jet-admin.db"), "").unwrap();
    let text = refused(&root, &Database::create().url());
    assert!(text.contains("contains databases"), "{text}");
}

#[tokio::test]
async fn commands_say_that_the_data_of_a_directory_is_in_a_database() {
    let database = Database::create();
    let (dir, root) = process::data_dir();
    drop(serve(&root, &database));
    let file = dir.path().join("backup.tar");
    let backup = ["backup", file.to_str().unwrap(), "--without-keys"];
    for arguments in [&["user", "list"][..], &backup, &["doctor"], &["rollback"], &["accept"]] {
        let output = process::run_here(&[arguments, &["--data-dir", root.to_str().unwrap()]].concat());
        let text = process::text(&output);
        assert!(
            !output.status.success() && text.contains("is in the database postgres://127.0.0.1"),
            "{arguments:?} {text}"
        );
        assert!(text.contains("--database"), "{text}");
    }
    let output = process::run(&[&backup[..], &["--database", &database.url()]].concat(), "");
    let text = process::text(&output);
    assert!(!output.status.success() && text.contains("pg_dump") && text.contains("uploads/"), "{text}");
    assert!(!text.contains(crate::support::postgres::PASSWORD) && !file.exists(), "{text}");
    // an old backup is not put beside the database
    let (_other, lone) = process::data_dir();
    let lone = lone.to_str().unwrap();
    let created = process::run(&["user", "create", "ada@example.com", "--data-dir", lone], "correct horse battery\n");
    assert!(created.status.success(), "{}", process::text(&created));
    let made = process::run_here(&[&backup[..], &["--data-dir", lone]].concat());
    assert!(made.status.success(), "{}", process::text(&made));
    let restore = ["restore", file.to_str().unwrap(), "--without-keys", "--data-dir", root.to_str().unwrap()];
    let text = process::text(&process::run_here(&restore));
    assert!(text.contains("is in the database") && !root.join("jet-admin.db").exists(), "{text}");
}
