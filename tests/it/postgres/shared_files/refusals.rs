//! A storage that cannot be used: one clear sentence with the remedy at the start, and nothing is changed.
use super::{Bucket, CREDENTIALS, Pair, server};
use crate::{
    files::CSV,
    support::{World, backend::Database, background::free_port, process},
};
use std::{
    io::{Read, Write},
    net::TcpListener,
    path::Path,
    process::Stdio,
};

/// Starts a server that must refuse to start, and returns what it printed. It must not show a secret.
fn refused(root: &Path, database: Option<&Database>, files: Option<&str>, variables: &[(&str, &str)]) -> String {
    let mut command = process::command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(root).env("JET_ADMIN_SECRET_KEY", super::SECRET_KEY);
    for (name, _) in CREDENTIALS {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    command.envs(database.map(|database| ("JET_ADMIN_DATABASE", database.url())));
    command.envs(files.map(|files| ("JET_ADMIN_FILES", files)));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success());
    let text = process::text(&output);
    for hidden in [crate::support::postgres::PASSWORD, CREDENTIALS[0].1, CREDENTIALS[1].1] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
    text
}

/// A server that answers every request with this status and this error of S3. Returns its port.
fn refusing(status: &'static str, code: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let _ = client.read(&mut [0; 8192]);
            let body = format!("<Error><Code>{code}</Code><Message>No access.</Message></Error>");
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = client.write_all(format!("{head}{body}").as_bytes());
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_cannot_be_used_is_explained() {
    let (bucket, database) = (Bucket::create().await, Database::create());
    let (_dir, root) = process::data_dir();
    let at = |bucket: &str, port: u16| format!("s3://{bucket}/jet?endpoint=http://127.0.0.1:{port}");
    let right = bucket.address();
    for (address, variables, expected) in [
        ("/somewhere".to_owned(), &CREDENTIALS[..], "must look like s3://bucket/prefix"),
        ("s3://user:hidden-s3-key@box".to_owned(), &CREDENTIALS, "AWS_SECRET_ACCESS_KEY"),
        (right.clone(), &CREDENTIALS[1..], "AWS_ACCESS_KEY_ID is not set"),
        (right.clone(), &CREDENTIALS[..1], "AWS_SECRET_ACCESS_KEY is not set"),
        ("s3://box".to_owned(), &CREDENTIALS[..2], "AWS_REGION is not set"),
        (at("nowhere", bucket.gate.port), &CREDENTIALS, "create the bucket"),
        (at("box", free_port()), &CREDENTIALS, "that the server is running"),
        (at("box", refusing("403 Forbidden", "AccessDenied")), &CREDENTIALS, "allow the access key"),
        (at("box", refusing("403 Forbidden", "InvalidAccessKeyId")), &CREDENTIALS, "check AWS_ACCESS_KEY_ID"),
        (at("box", refusing("403 Forbidden", "SignatureDoesNotMatch")), &CREDENTIALS, "check AWS_SECRET_ACCESS_KEY"),
        (at("box", refusing("301 Moved", "PermanentRedirect")), &CREDENTIALS, "check AWS_REGION"),
    ] {
        let text = refused(&root, Some(&database), Some(&address), variables);
        assert!(text.contains(expected), "{address}: {text}");
    }
    let text = refused(&root, None, Some(&right), &CREDENTIALS);
    assert!(text.contains("--files requires --database"), "{text}");
    // nothing was created
    database.execute("create schema jet_admin; create schema jet_admin_runs");
    assert!(bucket.keys().await.is_empty() && !root.join("uploads").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storage_of_others_is_left_alone() {
    let pair = Pair::start().await;
    pair.one.upload("a.csv", CSV).await;
    let (_dir, root) = process::data_dir();
    let others = Database::create();
    let text = refused(&root, Some(&others), Some(&pair.bucket.address()), &CREDENTIALS);
    assert!(text.contains("belongs to another installation"), "{text}");
    // a prefix that something else uses
    let elsewhere = pair.bucket.address().replace("/jet?", "?");
    let text = refused(&root, Some(&others), Some(&elsewhere), &CREDENTIALS);
    assert!(text.contains("contains objects of another program"), "{text}");
    // another prefix than that of the files
    let (_dir, root) = process::data_dir();
    let wrong = pair.bucket.address().replace("/jet?", "/other?");
    let text = refused(&root, Some(&pair.database), Some(&wrong), &CREDENTIALS);
    assert!(text.contains("keep files in s3://box/jet, not in s3://box/other"), "{text}");
    // none at all
    let text = refused(&root, Some(&pair.database), None, &[]);
    assert!(text.contains("start with --files"), "{text}");
    assert_eq!(pair.bucket.keys().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_servers_use_the_same_storage_from_the_first_start() {
    let pair = Pair::start().await;
    let (_dir, root) = process::data_dir();
    let wrong = pair.bucket.address().replace("/jet?", "/other?");
    let text = refused(&root, Some(&pair.database), Some(&wrong), &CREDENTIALS);
    assert!(text.contains("start with the same --files"), "{text}");
    let text = refused(&root, Some(&pair.database), None, &[]);
    assert!(text.contains("keep files in s3://box/jet: start with --files"), "{text}");
    // what the message recommends for files that were moved, without their mark
    pair.database.execute("update jet_admin.storage set address = 's3://box/other'");
    pair.one.upload("a.csv", CSV).await;
    let text = refused(&root, Some(&pair.database), Some(&wrong), &CREDENTIALS);
    assert!(text.contains("is not the file storage of this database, which has 1 files"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_a_data_directory_are_not_left_behind() {
    let (bucket, database) = (Bucket::create().await, Database::create());
    let url: jet_admin::store::PostgresUrl = database.url().parse().unwrap();
    let own = crate::support::TestServer::start_with(|config| {
        config.database = Some(url);
        config.secret_key = Some(super::SECRET_KEY.to_owned());
    });
    let world = World::on(own.await).await;
    let file = world.upload("a.csv", CSV).await;
    let (client, held) = (world.client.clone(), world.server.stop().await);
    let root = held.path().join("data");
    let text = refused(&root, Some(&database), Some(&bucket.address()), &CREDENTIALS);
    assert!(text.contains("the content of 1 files is not in s3://box/jet") && text.contains("migrate-store"), "{text}");
    // what it recommends
    let mut command = process::command(&["migrate-store", "--from", &database.url(), "--to", &bucket.address()]);
    let output = command.arg("--data-dir").arg(&root).envs(CREDENTIALS).output().unwrap();
    let text = process::text(&output);
    assert!(output.status.success() && text.contains("1 contents of files"), "{text}");
    let server = server(&database, &bucket, &|_| ()).await;
    let path = format!("files/{}/content", crate::support::client::id(&file));
    assert_eq!(client.at(&server.url).get(&path).await.text.as_bytes(), CSV);
}
