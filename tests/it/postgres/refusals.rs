//! Databases that cannot be used: one clear sentence with the remedy, and nothing is changed.
use super::{refused, serve};
use crate::support::{backend::Database, background::free_port, process};

#[tokio::test]
async fn a_database_that_cannot_be_reached_or_used_is_explained() {
    let database = Database::create();
    let (_dir, root) = process::data_dir();
    let nobody = format!("postgres://admin:x@127.0.0.1:{}/jet", free_port());
    let wrong_password = database.url().replacen("s3cret", "other", 1);
    let unknown = database.url().replacen("/jet_", "/nowhere_", 1);
    for (url, expected) in [
        (nobody.as_str(), "check the host and the port"),
        (&wrong_password, "check the user and the password"),
        (&unknown, "create the database, or correct its name"),
        ("postgres://127.0.0.1", "names no database"),
        ("sqlite://x", "must start with postgres://"),
    ] {
        let text = refused(&root, url);
        assert!(text.contains(expected), "{url}: {text}");
    }
}

#[tokio::test]
async fn schemas_of_others_and_of_newer_versions_are_left_alone() {
    let (_dir, root) = process::data_dir();
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
        assert!(text.contains(expected), "{text}");
        // the second schema was not created either
        database.execute("create schema jet_admin_runs");
    }
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
    assert!(process::run_here(&["user", "list", "--data-dir", lone]).status.success());
    let made = process::run_here(&[&backup[..], &["--data-dir", lone]].concat());
    assert!(made.status.success(), "{}", process::text(&made));
    let restore = ["restore", file.to_str().unwrap(), "--without-keys", "--data-dir", root.to_str().unwrap()];
    let text = process::text(&process::run_here(&restore));
    assert!(text.contains("is in the database") && !root.join("jet-admin.db").exists(), "{text}");
}
