//! Deleted files and replaced content can be restored for a while.
use crate::{
    files::{CSV, datasource, names, put},
    support::{TestServer, World, client::id},
};
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn a_deleted_file_is_restored_with_its_content_and_the_datasources_that_read_it() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let source = datasource(&world, &file).await;
    let path = format!("files/{}", id(&file));
    world.client.delete(&format!("{path}?cascade=true")).await.expect(204);
    let other = world.upload("b.csv", b"x\n").await;
    let listed = world.client.get("trash?kind=file").await.expect(200);
    assert_eq!(listed["items"][0]["name"], "a.csv");
    let restored = world.client.post(&format!("trash/{}/restore", id(&file)), json!({})).await.expect(200);
    assert_eq!(restored["items"].as_array().unwrap().len(), 2, "with the datasource: {restored}");
    assert_eq!(world.client.get(&format!("{path}/content")).await.text.as_bytes(), CSV);
    let sql = json!({"datasourceID": id(&source), "options": {"sql": "select name from data order by id"}});
    let rows = world.client.post("data-queries/test", sql).await.expect(200)["data"].clone();
    assert_eq!(rows, json!([{"name": "Lamp"}, {"name": "Chair"}]));
    assert_eq!(world.server.server.app.store.recount_usage().await.unwrap(), 0, "every counter must be right");
    // the trash expires
    world.client.delete(&format!("files/{}", id(&other))).await.expect(204);
    let app = &world.server.server.app;
    let keep = jet_admin::store::RetentionLimits::default();
    let later = jet_admin::clock::Time::now().plus(std::time::Duration::from_hours(24 * 31));
    app.store.prune_workspace(keep, later).await.unwrap();
    app.uploads.remove_deleted().await.unwrap();
    let left = names(&world).into_iter().filter(|name| !name.starts_with(".table-"));
    assert_eq!(left.collect::<Vec<_>>(), [id(&file).to_string()]);
}

#[tokio::test]
async fn an_earlier_version_is_restored_with_its_content_and_name() {
    let world = World::empty().await;
    let file = world.upload("a.csv", CSV).await;
    let path = format!("files/{}", id(&file));
    let content = async || world.client.get(&format!("{path}/content")).await.text;
    let call = world.client.call(Method::PUT, &format!("{path}/content?fileName=second.tsv"));
    call.raw("text/tab-separated-values", "second").send().await.expect(200);
    world.client.patch(&path, json!({"name": "Renamed"})).await.expect(200);
    let versions = world.client.get(&format!("{path}/versions")).await.expect(200);
    assert_eq!(versions["items"].as_array().unwrap().len(), 3);
    let first = world.client.get(&format!("{path}/versions/1")).await.expect(200);
    assert_eq!((&first["spec"]["size"], &first["spec"]["fileName"]), (&json!(CSV.len()), &json!("a.csv")));

    let restore = async |version: u32, expected: &str| {
        let call = world.client.call(Method::POST, &format!("{path}/versions/{version}/restore"));
        call.header("if-match", expected).json(&json!({})).send().await
    };
    restore(1, "\"2\"").await.refused(412, "VERSION_CONFLICT");
    restore(9, "\"3\"").await.refused(404, "NOT_FOUND");
    let restored = restore(1, "\"3\"").await.expect(200);
    assert_eq!((&restored["version"], &restored["name"]), (&json!(4), &json!("a.csv")));
    assert_eq!((&restored["mediaType"], &restored["sha256"]), (&json!("text/csv"), &file["sha256"]));
    assert_eq!(content().await.as_bytes(), CSV);
    // and back again
    let restored = restore(3, "\"4\"").await.expect(200);
    assert_eq!((&restored["name"], &restored["fileName"]), (&json!("Renamed"), &json!("second.tsv")));
    assert_eq!(content().await, "second");
    assert_eq!(names(&world).len(), 2, "each content is kept once");
    let used = world.server.server.app.store.quotas().files(world.tenant).used();
    assert_eq!(used, CSV.len() as u64 + 6, "all of it counts towards the quota");

    for n in 0..25 {
        put(&world.client, &file, format!("content {n}").as_bytes()).await.expect(200);
    }
    assert_eq!(names(&world).len(), 21, "the content of only the newest versions is kept");
    let refused = restore(1, "\"30\"").await.refused(409, "CONFLICT");
    assert!(refused.message.contains("upload it again"), "{}", refused.message);
    restore(10, "\"30\"").await.expect(200);
    assert_eq!(content().await, "content 4");
}

#[tokio::test]
async fn earlier_content_takes_at_most_a_quarter_of_the_quota() {
    let server = TestServer::start_with(|config| config.quotas.files = 40_000).await;
    let world = World::on(server).await;
    let file = world.upload("a.csv", &[b'a'; 6000]).await;
    for byte in [b'b', b'c', b'd'] {
        put(&world.client, &file, &[byte; 6000]).await.expect(200);
    }
    assert_eq!(names(&world).len(), 2, "the oldest are removed first");
    put(&world.client, &file, b"small").await.expect(200);
    let call = world.client.call(Method::POST, &format!("files/{}/versions/4/restore", id(&file)));
    let restored = call.json(&json!({})).send().await.expect(200);
    assert_eq!(restored["size"], 6000);
    assert!(world.server.server.app.store.quotas().files(world.tenant).used() <= 6000 + 10_000);
}
