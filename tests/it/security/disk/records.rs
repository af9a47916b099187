//! Quotas of records, versions and histories.
use super::*;

async fn text(client: &Client, name: &str, bytes: usize) -> Answer {
    client.post("widgets", json!({"name": name, "type": "text", "config": {"markdown": noise(bytes)}})).await
}

async fn versions(client: &Client, widget: &str) -> Vec<u64> {
    let list = client.get(&format!("widgets/{widget}/versions")).await.expect(200);
    list["items"].as_array().unwrap().iter().map(|version| version["version"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_limited_per_record_and_by_the_tenants_quota() {
    const QUOTA: u64 = 1 << 20;
    let world = world(|config| config.quotas.versions = QUOTA).await;
    let client = &world.client;
    let first = id(&text(client, "First", 20_000).await.expect(201)).to_string();
    for _ in 0..10 {
        client.patch(&format!("widgets/{first}"), json!({"config": {"markdown": noise(20_000)}})).await.expect(200);
    }
    assert_eq!(
        versions(client, &first).await,
        [11, 10, 9],
        "the newest versions, up to a sixteenth of the quota, must be kept"
    );
    let shown = client.get(&format!("widgets/{first}")).await.expect(200);
    client.patch(&format!("widgets/{first}"), json!({"config": shown["config"], "name": "First"})).await.expect(200);
    assert_eq!(versions(client, &first).await[0], 11, "an update without changes must not create a version");
    for n in 0..40 {
        let widget = id(&text(client, &format!("More {n}"), 20_000).await.expect(201));
        for _ in 0..2 {
            client
                .patch(&format!("widgets/{widget}"), json!({"config": {"markdown": noise(20_000)}}))
                .await
                .expect(200);
        }
        // only current versions can exceed the quota, and the quota of records limits those
        let (used, records) = (usage(client, "versions").await.0, usage(client, "records").await.0);
        assert!(used <= QUOTA + records, "{used}");
    }
    until("old versions are deleted", async || usage(client, "versions").await.0 <= QUOTA).await;
    // the current version is kept even if it is larger than a record's share
    let large = id(&text(client, "Large", 90_000).await.expect(201)).to_string();
    client.patch(&format!("widgets/{large}"), json!({"description": "x"})).await.expect(200);
    assert_eq!(versions(client, &large).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_versions_of_the_tenant_are_deleted_first() {
    let world = world(|config| config.quotas.versions = 1 << 20).await;
    let client = &world.client;
    let mut widgets = Vec::new();
    for n in 0..24 {
        let widget = id(&text(client, &format!("W {n}"), 20_000).await.expect(201)).to_string();
        client.patch(&format!("widgets/{widget}"), json!({"config": {"markdown": noise(20_000)}})).await.expect(200);
        widgets.push(widget);
    }
    let server = &world.server.server;
    server.app.store.prune_workspace(jet_admin::store::RetentionLimits::default(), Time::now()).await.unwrap();
    assert!(usage(client, "versions").await.0 <= (1 << 20) * 9 / 10);
    assert_eq!(versions(client, &widgets[0]).await, [2], "the oldest must be deleted, but never the current version");
    assert_eq!(versions(client, &widgets[23]).await, [2, 1]);
    assert_eq!(server.app.store.recount_usage().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_stop_at_the_quota_and_deleting_frees_space() {
    let world = world(|config| config.quotas.records = 200 << 10).await;
    let client = &world.client;
    let mut created = Vec::new();
    let refused = loop {
        let answer = text(client, &format!("W {}", created.len()), 20_000).await;
        if answer.status != 201 {
            break answer.refused(507, "QUOTA_EXCEEDED");
        }
        created.push(id(&answer.body));
        assert!(created.len() < 50, "no record was refused");
    };
    assert!(
        refused.message.contains("the tenant's records") && refused.message.contains("200 KiB"),
        "{}",
        refused.message
    );
    let first = format!("widgets/{}", created[0]);
    client.patch(&first, json!({"config": {"markdown": noise(60_000)}})).await.refused(507, "QUOTA_EXCEEDED");
    client.patch(&first, json!({"config": {"markdown": "short"}})).await.expect(200);
    client.delete(&format!("widgets/{}", created[1])).await.expect(204);
    text(client, "Again", 20_000).await.expect(201);
    // another tenant has its own quota
    text(&neighbor(&world).await, "Theirs", 20_000).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn histories_stop_at_their_quotas_and_totals_stay_correct() {
    let world = world(|config| {
        config.quotas.query_history = 20 << 10;
        config.quotas.audit = 40 << 10;
    });
    let world = world.await.filled().await;
    let client = &world.client;
    let path = format!("data-queries/{}", world.id("queryID"));
    for n in 0..100 {
        client.post(&format!("{path}/execute"), json!({})).await.expect(200);
        client.patch(&path, json!({"description": format!("{n}")})).await.expect(200);
    }
    until("the last execution is recorded", async || usage(client, "queryHistory").await.0 > 18 << 10).await;
    let (used, limit) = usage(client, "queryHistory").await;
    assert!(used <= limit, "{used}");
    let (used, limit) = usage(client, "auditLog").await;
    assert!(used <= limit && used > limit / 2, "{used}");
    let total = client.get("audit-logs?limit=1").await.expect(200)["total"].as_u64().unwrap();
    assert_eq!(client.all("audit-logs?limit=200").await.len() as u64, total);
    let newest = client.get("audit-logs?limit=1").await.expect(200);
    assert_eq!(newest["items"][0]["action"], "dataquery.update", "the newest entry must be kept");
}

#[tokio::test]
async fn the_number_of_tenants_that_a_person_owns_is_limited() {
    let world = world(|config| config.quotas.tenants_per_person = 3).await;
    for name in ["Second", "Third"] {
        world.owner.client.post("/api/v1/tenants", json!({"name": name})).await.expect(201);
    }
    let fourth = world.owner.client.post("/api/v1/tenants", json!({"name": "Fourth"})).await;
    assert!(fourth.refused(507, "QUOTA_EXCEEDED").message.contains("3 tenants"));
    world.client.delete(&format!("/api/v1/tenants/{}", world.tenant)).await.expect(204);
    world.owner.client.post("/api/v1/tenants", json!({"name": "Fourth"})).await.expect(201);
}
