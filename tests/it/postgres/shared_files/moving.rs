//! `migrate-store` with the content of files: there and back.
use super::{Bucket, CREDENTIALS, server};
use crate::{
    files::{CSV, put},
    support::{
        World,
        backend::Database,
        client::id,
        process::{self, Process},
    },
};
use serde_json::json;
use std::{fs, path::Path};

fn migrate(from: &str, to: &str, dir: &Path, files: Option<&str>) -> (bool, String) {
    let mut command = process::command(&["migrate-store", "--from", from, "--to", to, "--data-dir"]);
    command.arg(dir).env("JET_ADMIN_SECRET_KEY", super::SECRET_KEY).envs(CREDENTIALS);
    let output = command.envs(files.map(|files| ("JET_ADMIN_FILES", files))).output().unwrap();
    let text = process::text(&output);
    assert!(!text.contains(CREDENTIALS[1].1) && !text.contains(crate::support::postgres::PASSWORD), "{text}");
    (output.status.success(), text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_of_files_goes_to_the_storage_and_back() {
    let own = crate::support::TestServer::start_with(|config| config.secret_key = Some(super::SECRET_KEY.to_owned()));
    let world = World::on(own.await).await;
    let file = world.upload("a.csv", CSV).await;
    put(&world.client, &file, b"second").await.expect(200);
    let deleted = world.upload("deleted.csv", b"in the trash").await;
    world.client.delete(&format!("files/{}", id(&deleted))).await.expect(204);
    let lost = world.upload("lost.csv", b"lost").await;
    let (client, tenant) = (world.client.clone(), world.tenant);
    let held = world.server.stop().await;
    let root = held.path().join("data");
    let uploads = root.join("uploads").join(tenant.to_string());
    fs::remove_file(uploads.join(id(&lost).to_string())).unwrap();
    let before = fs::read_dir(&uploads).unwrap().count();
    let (bucket, database, places) = (Bucket::create().await, Database::create(), tempfile::tempdir().unwrap());
    let [there, back] = ["there", "back"].map(|name| places.path().join(name));
    let (from, address) = (root.to_str().unwrap(), bucket.address());
    // it breaks off at every point, and nothing is lost
    for connections in 1..4 {
        bucket.gate.let_through(connections);
        let (moved, text) = migrate(from, &database.url(), &there, Some(&address));
        assert!(!moved && text.contains("file storage"), "{text}");
    }
    bucket.gate.open();
    let (moved, text) = migrate(from, &database.url(), &there, Some(&address));
    assert!(moved && text.contains("3 contents of files") && text.contains("1 files had no content"), "{text}");
    assert_eq!((fs::read_dir(&uploads).unwrap().count(), bucket.keys().await.len()), (before, 3));
    assert!(!there.join("uploads").exists(), "the content is in the storage");
    // servers use it
    let one = server(&database, &bucket, &|_| ()).await;
    let moved = client.at(&one.url);
    let path = format!("files/{}", id(&file));
    assert_eq!(moved.get(&format!("{path}/content")).await.text, "second");
    moved.post(&format!("{path}/versions/1/restore"), json!({})).await.expect(200);
    moved.post(&format!("trash/{}/restore", id(&deleted)), json!({})).await.expect(200);
    assert_eq!(moved.get(&format!("files/{}/content", id(&deleted))).await.text, "in the trash");
    let refused = moved.get(&format!("files/{}/content", id(&lost))).await.refused(404, "NOT_FOUND");
    assert!(refused.message.contains("content"), "{}", refused.message);
    // back: not without the storage, and not while a server lives
    let (went, text) = migrate(&database.url(), back.to_str().unwrap(), &there, None);
    assert!(!went && text.contains("add --files"), "{text}");
    let (went, text) = migrate(&database.url(), back.to_str().unwrap(), &there, Some(&address));
    assert!(!went && text.contains("a server uses postgres://"), "{text}");
    one.stop().await;
    bucket.gate.let_through(2);
    let (went, text) = migrate(&database.url(), back.to_str().unwrap(), &there, Some(&address));
    assert!(!went && !back.exists() && text.contains("file storage"), "{text}");
    bucket.gate.open();
    let (went, text) = migrate(&database.url(), back.to_str().unwrap(), &there, Some(&address));
    assert!(went && text.contains("3 contents of files"), "{text}");
    // `doctor` misses only what was lost before
    put_back(&back.join("uploads").join(tenant.to_string()).join(id(&lost).to_string()));
    let checked = process::text(&process::run(&["doctor", "--data-dir", back.to_str().unwrap()], ""));
    assert!(checked.contains("3 files are unchanged since their upload"), "{checked}");
    let server = Process::start(&back, &["--secret-key", super::SECRET_KEY]);
    let returned = client.at(&server.url);
    assert_eq!(returned.get(&format!("{path}/content")).await.text.as_bytes(), CSV);
    returned.post(&format!("{path}/versions/2/restore"), json!({})).await.expect(200);
    assert_eq!(returned.get(&format!("{path}/content")).await.text, "second");
    assert_eq!(bucket.keys().await.len(), 3, "the storage is kept");
}

fn put_back(lost: &Path) {
    fs::write(lost, "lost").unwrap();
    #[cfg(unix)]
    fs::set_permissions(lost, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
