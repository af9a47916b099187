//! Imports that end in the middle leave nothing behind: cancelled, or with the process.
use super::{DATABASES, audited, number_columns, numbers, tables, upload};
use crate::{
    support::{Client, Process, client::id, mariadb, postgres, process::data_dir, wait::until},
    table_apps::Shop,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, path::Path};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_leaves_nothing() {
    for kind in DATABASES {
        let shop = Shop::new(kind, &["create table kept (id integer)"]).await;
        let file = upload(&shop, "many.csv", numbers(40_000, None).as_bytes()).await;
        let path = format!("files/{}/tables", id(&file));
        let body =
            json!({"datasourceID": shop.datasource, "table": "many", "columns": number_columns(), "key": ["id"]});
        let call = shop.world.client.call(Method::POST, &path).json(&body);
        let data = shop.world.server.data_dir();
        tokio::select! {
            ended = call.try_send() => panic!("{kind}: ended before it was cancelled: {}", ended.map_or_else(|error| error.to_string(), |answer| answer.to_string())),
            () = until("rows are written", async || is_writing(&shop.world.client, kind, shop.datasource, &data).await) => {}
        }
        until("the import leaves nothing", async || tables(&shop).await == ["kept"]).await;
        assert!(audited(&shop).await.is_empty(), "{kind}");
        // the name is free, and nothing blocks another import
        let small = upload(&shop, "small.csv", numbers(3, None).as_bytes()).await;
        let made = shop.world.client.post(&format!("files/{}/tables", id(&small)), body).await.expect(200);
        assert_eq!(made["rows"], 3, "{kind}");
    }
}

/// Creates a datasource with an empty database.
async fn datasource(client: &Client, kind: &str) -> Uuid {
    let name = format!("killed_{}", Uuid::now_v7().simple());
    let server =
        |port: u16, password: &str| json!({"host": "127.0.0.1", "port": port, "user": "admin", "password": password});
    let mut options = match kind {
        "postgresql" => server(postgres::postgres().port, postgres::PASSWORD),
        "mysql" => server(mariadb::mariadb().port, mariadb::PASSWORD),
        _ => json!({"path": "killed.db", "readOnly": false}),
    };
    if kind != "sqlite" {
        options["database"] = json!(if kind == "mysql" { "one" } else { "postgres" });
        let admin = json!({"name": format!("Admin {kind}"), "type": kind, "options": options});
        let admin = id(&client.post("datasources", admin).await.expect(201));
        let sql = json!({"datasourceID": admin, "options": {"sql": format!("create database {name}")}});
        client.post("data-queries/test", sql).await.expect(200);
        options["database"] = json!(name);
    }
    id(&client.post("datasources", json!({"name": kind, "type": kind, "options": options})).await.expect(201))
}

/// Returns the tables of a datasource.
async fn names(client: &Client, datasource: Uuid) -> Vec<String> {
    let schema = client.get(&format!("datasources/{datasource}/schema?refresh=true")).await.expect(200);
    schema["items"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap().to_owned()).collect()
}

/// Returns whether a transaction writes to the database of a datasource.
async fn is_writing(client: &Client, kind: &str, datasource: Uuid, data: &Path) -> bool {
    let sql = match kind {
        "postgresql" => "select 1 from pg_stat_activity where datname = current_database() and backend_xid is not null",
        "mysql" => "select 1 from information_schema.processlist where db = database() and info like 'insert%'",
        _ => return has_journal(data),
    };
    let query = json!({"datasourceID": datasource, "options": {"sql": sql}});
    client.post("data-queries/test", query).await.expect(200)["data"] != json!([])
}

/// Returns whether a folder contains the journal of a transaction of SQLite.
fn has_journal(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() { has_journal(&path) } else { path.to_string_lossy().ends_with("-journal") }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_leaves_no_table_of_its_name() {
    let (_dir, data) = data_dir();
    let (mut process, mut client) = Process::with_owner(&data).await;
    let call = client.call(Method::POST, "files?name=many.csv").raw("text/csv", numbers(40_000, None));
    let file = id(&call.send().await.expect(201));
    let mut sources: Vec<(&str, Uuid)> = Vec::new();
    for kind in DATABASES {
        sources.push((kind, datasource(&client, kind).await));
    }
    for (kind, source) in sources {
        let body = json!({"datasourceID": source, "table": "many", "columns": number_columns(), "key": ["id"]});
        let running = client.call(Method::POST, &format!("files/{file}/tables")).json(&body);
        let running = tokio::spawn(async move { running.try_send().await.ok() });
        until("rows are written", async || is_writing(&client, kind, source, &data).await).await;
        process.kill();
        assert!(running.await.unwrap().is_none(), "{kind}: ended before the process was killed");
        process = Process::start(&data, &[]);
        let token = client.token.clone().unwrap();
        client = process.client().with_token(token).in_tenant(client.tenant.unwrap());
        // the database notices the lost connection by itself
        let left = async || {
            let left: Vec<String> = names(&client, source).await;
            // the remedy for MySQL is documented: drop the table
            left.iter().all(|name| kind == "mysql" && name.starts_with("jet_admin_import_"))
        };
        until("the rows are rolled back", left).await;
        for name in names(&client, source).await {
            let sql = |sql: String| json!({"datasourceID": source, "options": {"sql": sql}});
            let rows = client.post("data-queries/test", sql(format!("select count(*) as n from {name}"))).await;
            assert_eq!(rows.expect(200)["data"], json!([{"n": 0}]), "{kind}");
        }
        let made: Value = client.post(&format!("files/{file}/tables"), body).await.expect(200);
        assert_eq!(made["rows"], 40_000, "{kind}");
    }
}
