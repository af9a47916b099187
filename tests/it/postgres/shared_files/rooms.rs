//! The quota for files counts what all servers have stored.
use super::Pair;
use crate::support::{Client, client::id, wait::until};
use reqwest::Method;
use serde_json::Value;

async fn upload(client: &Client, name: &str, bytes: usize) -> crate::support::Answer {
    client.call(Method::POST, &format!("files?name={name}")).raw("text/plain", vec![b'x'; bytes]).send().await
}

async fn used(client: &Client) -> u64 {
    let usage = client.get(&format!("/api/v1/tenants/{}/usage", client.tenant.unwrap())).await.expect(200);
    let files = usage["items"].as_array().unwrap().iter().find(|item| item["kind"] == "files").cloned();
    files.as_ref().and_then(|item| item["used"].as_u64()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_cannot_exceed_a_quota_together() {
    let pair = Pair::start_with(|config| config.quotas.files = 300_000).await;
    let (one, two) = (&pair.one.client, &pair.other);
    // the database in the tenant's folder of the first server
    let before = used(one).await;
    let first = upload(one, "a", 150_000).await.expect(201);
    upload(two, "b", 200_000).await.refused(507, "QUOTA_EXCEEDED");
    let both = async || (used(one).await, used(two).await);
    until("both servers count it", async || both().await == (before + 150_000, 150_000)).await;
    // at the same time on both: one of them fits
    let (left, right) = tokio::join!(upload(one, "c", 100_000), upload(two, "d", 100_000));
    let mut statuses = [left.status.as_u16(), right.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 507], "{left} {right}");
    // what is deleted for good on one server is free on the other
    two.delete(&format!("files/{}", id(&first))).await.expect(204);
    upload(one, "e", 100_000).await.refused(507, "QUOTA_EXCEEDED");
    two.delete(&format!("trash/{}", id(&first))).await.expect(204);
    until("its space is free", async || used(one).await == before + 100_000).await;
    let _: Value = upload(one, "e", 100_000).await.expect(201);
    assert_eq!(pair.bucket.keys().await.len(), 2, "refused uploads leave nothing behind");
}
