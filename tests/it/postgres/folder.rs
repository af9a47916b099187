//! Servers that keep uploaded files in the same folder.
use crate::{
    files::{CSV, put},
    support::{Client, client::id, fleet::Fleet, wait::until},
};
use serde_json::Value;
use std::{fs, os::unix::fs::symlink, path::PathBuf};
use tokio::{sync::mpsc, task::JoinHandle};

/// Starts two servers with the same folder. Returns also that of their tenant.
async fn sharing() -> (Fleet, PathBuf) {
    let mut fleet = Fleet::start(2).await;
    fleet.servers[1].signal("TERM");
    assert!(fleet.servers[1].wait().success());
    let folders = [0, 1].map(|server: usize| fleet.roots[server].join("uploads"));
    fs::remove_dir_all(&folders[1]).unwrap();
    symlink(&folders[0], &folders[1]).unwrap();
    fleet.again(1);
    let tenant = folders[0].join(fleet.client(0).tenant.unwrap().to_string());
    (fleet, tenant)
}

fn names(folder: &PathBuf) -> Vec<String> {
    let found = fs::read_dir(folder).into_iter().flatten().flatten();
    found.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

/// Sends content whose parts come from a channel.
fn send(client: &Client, file: &Value) -> (mpsc::Sender<Vec<u8>>, JoinHandle<u16>) {
    let (parts, received) = mpsc::channel(1);
    let call = client.call(reqwest::Method::PUT, &format!("files/{}/content", id(file))).stream("text/csv", received);
    (parts, tokio::spawn(async move { call.send().await.status.as_u16() }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_leaves_the_uploads_of_others_alone() {
    let (mut fleet, folder) = sharing().await;
    let client = fleet.client(0);
    let file = client.upload("a.csv", CSV).await;
    assert_eq!(names(&folder), [id(&file).to_string()]);
    let (parts, sent) = send(&client, &file);
    parts.send(b"id\n1\n".to_vec()).await.unwrap();
    until("the upload has begun", async || names(&folder).len() == 2).await;
    // another server is about to move content into place
    let staged = folder.join(format!("{}.{}.{}", id(&file), "0".repeat(64), "1".repeat(32)));
    fs::write(&staged, "id\n").unwrap();
    let held = fs::File::open(&staged).unwrap();
    held.try_lock().unwrap();
    fleet.servers[1].kill();
    fleet.again(1);
    parts.send(b"2\n".to_vec()).await.unwrap();
    drop(parts);
    assert_eq!(sent.await.unwrap(), 200);
    assert!(staged.exists());
    // it has died
    drop(held);
    fleet.servers[1].kill();
    fleet.again(1);
    assert!(!staged.exists());
    let read = async |server: usize| fleet.client(server).get(&format!("files/{}/content", id(&file))).await.text;
    assert_eq!((read(0).await, read(1).await), ("id\n1\n2\n".to_owned(), "id\n1\n2\n".to_owned()));
    put(&fleet.client(1), &file, CSV).await.expect(200);
    assert_eq!(read(0).await.as_bytes(), CSV);
}
