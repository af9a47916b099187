//! Temporary files of queries and exports: limited for each tenant, and freed at once.
use super::*;
use crate::support::caller::Request;

/// SQL that sorts this many different rows of 100 kB.
fn sort(rows: usize) -> String {
    format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})
         select i from (select i, randomblob(100000) as r from n) order by r"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_stops_at_the_tenants_quota_of_temporary_files() {
    let world = world(|config| config.quotas.temporary = 20 << 20).await;
    let client = &world.client;
    let source = async |kind: &str, options: Value| {
        let body = json!({"name": noise(8), "type": kind, "options": options});
        id(&client.post("datasources", body).await.expect(201))
    };
    let run = async |source, sql: &str| {
        let body = json!({"datasourceID": source, "options": {"sql": sql}});
        client.post("data-queries/test", body).await
    };
    let writing = source("sqlite", json!({"path": "a.db", "readOnly": false})).await;
    run(writing, "create table t (x)").await.expect(200);
    let upload = client.call(Method::POST, "files?name=a.csv").raw("text/csv", "a,b\n1,2\n").send().await.expect(201);
    let sources = [
        writing,
        source("sqlite", json!({"path": "a.db"})).await,
        source("file", json!({"fileID": upload["id"], "format": "csv"})).await,
    ];
    for source in sources {
        for rows in [100, 2000, 100] {
            let answer = run(source, &sort(rows)).await;
            if rows == 100 {
                assert_eq!(answer.expect(200)["rowCount"], rows);
                continue;
            }
            let refused = answer.refused(507, "QUOTA_EXCEEDED");
            assert!(refused.message.contains("temporary files"), "{}", refused.message);
            assert!(refused.message.contains("the quota of 20 MiB: sort"), "{}", refused.message);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_read_spreadsheets_slowly_do_not_block_others() {
    let world = world(|config| config.quotas.temporary = 90 << 20).await;
    let (other, address) = (neighbor(&world).await, world.server.server.address);
    let export = async |client: &Client, rows: usize| {
        let source = json!({"name": "own", "type": "sqlite", "options": {"path": "own.db", "readOnly": false}});
        let source = id(&client.post("datasources", source).await.expect(201));
        let sql = format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows})
             select i, hex(randomblob(8000)) as h from n"
        );
        let query = json!({"name": "rows", "datasourceID": source, "options": {"sql": sql}});
        let query = id(&client.post("data-queries", query).await.expect(201));
        Request::new(client, "POST", format!("data-queries/{query}/export?format=xlsx")).json(&json!({}))
    };
    // each has 6 MB, which is more than the buffers of a connection
    let slow = export(&world.client, 700).await;
    let quick = export(&other, 1).await;
    let mut unread = Vec::new();
    for _ in 0..8 {
        let (status, connection) = slow.leave_unread(address).await;
        assert_eq!(status, 200);
        unread.push(connection);
    }
    assert_eq!(quick.send().await.status, 200);
    // they use the space of their own tenant until none is left
    loop {
        let (status, connection) = slow.leave_unread(address).await;
        if status != 200 {
            break;
        }
        unread.push(connection);
        assert!(unread.len() < 20, "no export was refused");
    }
    let refused = slow.send().await.refused(507, "QUOTA_EXCEEDED");
    assert!(refused.message.contains("temporary files"), "{}", refused.message);
    assert_eq!(quick.send().await.status, 200);
    drop(unread);
    until("the space is freed", async || slow.send().await.status == 200).await;
}
