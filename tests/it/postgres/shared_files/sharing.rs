//! What one server has stored, every other one reads and changes.
use super::{Pair, SECRET_KEY};
use crate::{
    files::{CSV, put},
    support::{Client, client::id, process},
};
use jet_admin::clock::Time;
use reqwest::Method;
use serde_json::{Value, json};
use std::{collections::HashSet, time::Duration};

async fn content(client: &Client, file: &Value) -> String {
    client.get(&format!("files/{}/content", id(file))).await.text
}

/// Counts the rows of the file as a datasource.
async fn count(client: &Client, source: &Value) -> Value {
    let sql = json!({"datasourceID": id(source), "options": {"sql": "select count(*) as n from data"}});
    client.post("data-queries/test", sql).await.expect(200)["data"][0]["n"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_read_queried_replaced_and_restored_on_every_server() {
    let pair = Pair::start().await;
    let (one, two) = (&pair.one.client, &pair.other);
    let file = pair.one.upload("a.csv", CSV).await;
    let path = format!("files/{}", id(&file));
    let [key] = pair.bucket.keys().await.try_into().unwrap();
    let begin = format!("{}/{}.", pair.one.tenant, file["sha256"].as_str().unwrap());
    assert!(key.starts_with(&begin), "{key}");
    assert_eq!(pair.bucket.content(&key).await, CSV);
    // downloads, with ranges
    assert_eq!(content(two, &file).await.as_bytes(), CSV);
    let part = two.call(Method::GET, &format!("{path}/content")).header("range", "bytes=3-6").send().await;
    assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "name"));
    // queries
    let body = json!({"name": "Targets", "type": "file", "options": {"fileID": id(&file)}});
    let source = two.post("datasources", body).await.expect(201);
    assert_eq!((count(one, &source).await, count(two, &source).await), (json!(2), json!(2)));
    let preview = two.post("datasources/preview", json!({"type": "file", "options": {"fileID": id(&file)}})).await;
    assert_eq!(preview.expect(200)["tables"][0]["name"], "data");
    // new content
    put(two, &file, b"id\n1\n2\n3\n").await.expect(200);
    assert_eq!(content(one, &file).await, "id\n1\n2\n3\n");
    assert_eq!((count(one, &source).await, count(two, &source).await), (json!(3), json!(3)));
    let same = put(one, &file, b"id\n1\n2\n3\n").await.expect(200);
    assert_eq!(same["version"], 2, "the same content must not create a version");
    // an earlier version
    let restored = one.post(&format!("{path}/versions/1/restore"), json!({})).await.expect(200);
    assert_eq!((&restored["sha256"], &restored["fileName"]), (&file["sha256"], &json!("a.csv")));
    assert_eq!(content(two, &file).await.as_bytes(), CSV);
    let app = &pair.two.server.app;
    app.uploads.sweep(Time::now()).await.unwrap();
    assert_eq!(pair.bucket.keys().await.len(), 2, "each content is kept once");
    // the trash
    two.delete(&format!("{path}?cascade=true")).await.expect(204);
    one.post(&format!("trash/{}/restore", id(&file)), json!({})).await.expect(200);
    assert_eq!(content(two, &file).await.as_bytes(), CSV);
    assert_eq!(count(two, &source).await, json!(2));
    one.delete(&format!("{path}?cascade=true")).await.expect(204);
    two.delete(&format!("trash/{}", id(&file))).await.expect(204);
    assert!(pair.bucket.keys().await.is_empty(), "nothing is left");
    assert_eq!(app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
    assert_eq!(pair.database.number("select count(*) from jet_admin.contents"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn earlier_content_is_kept_for_a_number_of_versions() {
    let pair = Pair::start().await;
    let clients = [&pair.one.client, &pair.other];
    let file = pair.one.upload("a.csv", CSV).await;
    for n in 0..23 {
        put(clients[n % 2], &file, format!("content {n}").as_bytes()).await.expect(200);
    }
    for server in [&pair.one.server, &pair.two] {
        server.server.app.uploads.sweep(Time::now()).await.unwrap();
    }
    assert_eq!(pair.bucket.keys().await.len(), 21);
    let path = format!("files/{}/versions", id(&file));
    let refused = clients[1].post(&format!("{path}/1/restore"), json!({})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("upload it again"), "{}", refused.message);
    clients[1].post(&format!("{path}/10/restore"), json!({})).await.expect(200);
    assert_eq!(content(clients[0], &file).await, "content 8");
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_with_the_same_content_share_nothing() {
    let pair = Pair::start().await;
    let file = pair.one.upload("a.csv", CSV).await;
    let second = pair.one.server.tenant(&pair.one.owner, "Second").await;
    let call = || second.call(Method::POST, "files?name=a.csv").raw("text/csv", CSV);
    let theirs = call().send().await.expect(201);
    let keys = pair.bucket.keys().await;
    let tenants: HashSet<&str> = keys.iter().map(|key| key.split('/').next().unwrap()).collect();
    assert_eq!((keys.len(), tenants.len()), (2, 2));
    let elsewhere = second.at(&pair.two.url);
    elsewhere.get(&format!("files/{}/content", id(&file))).await.refused(404, "NOT_FOUND");
    let options = json!({"type": "file", "options": {"fileID": id(&file)}});
    assert_eq!(elsewhere.post("datasources/test", options).await.expect(200)["ok"], false);
    // a tenant is deleted: its content is kept for the days of the quarantine
    pair.other.delete(&format!("/api/v1/tenants/{}", pair.one.tenant)).await.expect(204);
    let app = &pair.one.server.server.app;
    app.uploads.sweep(Time::now()).await.unwrap();
    assert_eq!(pair.bucket.keys().await.len(), 2);
    app.uploads.sweep(Time::now().plus(Duration::from_hours(24 * 8))).await.unwrap();
    let left = pair.bucket.keys().await;
    assert!(left.len() == 1 && left[0].starts_with(&second.tenant.unwrap().to_string()), "{left:?}");
    assert_eq!(content(&elsewhere, &theirs).await.as_bytes(), CSV);
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_was_altered_or_lost_in_the_storage_is_detected() {
    let pair = Pair::start().await;
    let file = pair.one.upload("a.csv", CSV).await;
    let body = json!({"name": "Targets", "type": "file", "options": {"fileID": id(&file)}});
    let source = pair.other.post("datasources", body).await.expect(201);
    let [key] = pair.bucket.keys().await.try_into().unwrap();
    let path = format!("files/{}/content", id(&file));
    let mut longer = CSV.to_vec();
    longer.extend_from_slice(b"3,Sofa\n");
    for other in [&CSV[1..], b"id,name\n1,Lamp\n2,Chaos\n", &longer] {
        pair.bucket.alter(&key, other).await;
        let refused = pair.other.get(&path).await.refused(422, "DATASOURCE_ERROR");
        assert!(refused.message.contains("was altered in the file storage"), "{}", refused.message);
        let tested = pair.other.post(&format!("datasources/{}/test", id(&source)), json!({})).await.expect(200);
        assert!(tested["ok"] == false && tested["error"].as_str().unwrap().contains("altered"), "{tested}");
    }
    let left = std::fs::read_dir(pair.copies(&pair.two)).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing of it is kept");
    pair.bucket.lose(&key).await;
    let refused = pair.other.get(&path).await.refused(422, "DATASOURCE_ERROR");
    assert!(refused.message.contains("is missing in the file storage"), "{}", refused.message);
    // the first server still has its copy, and the content can be replaced
    assert_eq!(pair.one.client.get(&path).await.text.as_bytes(), CSV);
    put(&pair.one.client, &file, b"id\n1\n").await.expect(200);
    assert_eq!(pair.other.get(&path).await.text, "id\n1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_bounded_and_survive_a_restart() {
    let pair = Pair::start_with(|config| config.files_cache = 100 << 10).await;
    let mut files = Vec::new();
    for n in 0..6_u8 {
        files.push(pair.one.upload(&format!("{n}.txt"), &vec![b'a' + n; 30_000]).await);
    }
    for file in &files {
        assert_eq!(content(&pair.other, file).await.len(), 30_000);
    }
    for server in [&pair.one.server, &pair.two] {
        server.server.app.uploads.remove_deleted().await.unwrap();
        let names = || std::fs::read_dir(pair.copies(server)).unwrap().flatten();
        let bytes: u64 = names().map(|entry| entry.metadata().unwrap().len()).sum();
        assert!((60_000..=100 << 10).contains(&bytes), "{bytes}");
        #[cfg(unix)]
        for entry in names() {
            let mode = std::os::unix::fs::PermissionsExt::mode(&entry.metadata().unwrap().permissions());
            assert_eq!(mode & 0o077, 0, "must be private");
        }
    }
    // a file that is larger than the cache, and content that somebody has deleted from it
    let large = vec![b'x'; 5 << 20];
    let file = pair.one.upload("large", &large).await;
    assert_eq!(content(&pair.other, &file).await.len(), large.len());
    pair.forget_copies(&pair.two);
    assert_eq!(content(&pair.other, &files[5]).await.len(), 30_000);
    // after a restart, copies are used without the storage
    let (bucket, tenant, token) = (pair.bucket, pair.one.tenant, pair.one.client.token.clone().unwrap());
    let dir = pair.two.stop().await;
    let cache = dir.path().join("data/cache").join(tenant.to_string());
    std::fs::write(cache.join(".copy-x"), "half").unwrap();
    let mut config = jet_admin::server::ServerConfig::new(dir.path().join("data"));
    config.listen = "127.0.0.1:0".to_owned();
    config.database = Some(pair.database.url().parse().unwrap());
    config.secret_key = Some(SECRET_KEY.to_owned());
    config.files = Some(super::parsed(&bucket.address()));
    let server = jet_admin::server::Server::start(config).await.unwrap();
    let client = Client::new(format!("http://{}", server.address)).with_token(token).in_tenant(tenant);
    assert!(!cache.join(".copy-x").exists());
    bucket.gate.close();
    assert_eq!(content(&client, &files[5]).await.len(), 30_000);
    client.get(&format!("files/{}/content", id(&files[0]))).await.refused(503, "UNAVAILABLE");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_does_not_miss_shared_files_in_the_data_directory_of_a_server() {
    let pair = Pair::start().await;
    pair.one.upload("a.csv", CSV).await;
    let (url, root) = (pair.database.url(), pair.two.data_dir());
    let flags = ["doctor", "--database", &url, "--secret-key", SECRET_KEY, "--data-dir", root.to_str().unwrap()];
    let examined = process::run(&flags, "");
    let text = process::text(&examined);
    assert!(text.contains("info  uploads: in the file storage, which is not examined; objects there: 1"), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
}
