//! Editable tables: rows of a dashboard that are changed together, on each database.
mod properties;
mod references;
mod refusals;
mod saving;

use crate::support::{Client, World, client::id, mariadb, postgres};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// The databases whose rows can be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgresql,
    Mariadb,
}

pub const DATABASES: [Database; 3] = [Database::Sqlite, Database::Postgresql, Database::Mariadb];

/// A tenant with an editable table on a dashboard.
pub struct GridWorld {
    pub world: World,
    pub database: Database,
    pub datasource: Uuid,
    pub query: Uuid,
    pub widget: Uuid,
    pub path: String,
}

impl Database {
    /// Creates an empty database, and returns the datasource's draft.
    async fn datasource(self, client: &Client) -> Value {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("grids_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let create =
            |kind: &str, options: Value| json!({"name": format!("Server of {name}"), "type": kind, "options": options});
        let (kind, options) = match self {
            Self::Sqlite => {
                let options = json!({"path": "grids.db", "readOnly": false});
                return json!({"name": "Shop", "type": "sqlite", "options": options});
            }
            Self::Postgresql => (
                "postgresql",
                json!({
                    "host": "127.0.0.1", "port": postgres::postgres().port, "database": "postgres", "user": "admin",
                    "password": postgres::PASSWORD,
                }),
            ),
            Self::Mariadb => (
                "mysql",
                json!({
                    "host": "127.0.0.1", "port": mariadb::mariadb().port, "user": "admin", "password": mariadb::PASSWORD,
                }),
            ),
        };
        let server = id(&client.post("datasources", create(kind, options.clone())).await.expect(201));
        run(client, server, &format!("create database {name}")).await;
        let mut options = options;
        options["database"] = name.into();
        json!({"name": "Shop", "type": kind, "options": options})
    }

    /// Returns the type of this database for a column.
    pub fn column(self, name: &str) -> &'static str {
        match (self, name) {
            (Self::Mariadb, "name" | "note") => "varchar(200)",
            (_, "name" | "note") => "text",
            (_, "amount") => "decimal(30,10)",
            (Self::Postgresql, "data") => "jsonb",
            (_, "data") => "json",
            (_, "flag") => "boolean",
            (_, "day") => "date",
            (Self::Postgresql, "moment") => "timestamptz",
            (Self::Mariadb, "moment") => "timestamp null",
            (_, "moment") => "timestamp",
            _ => "bigint",
        }
    }
}

/// Runs a statement, as a program outside would.
pub async fn run(client: &Client, datasource: Uuid, sql: &str) -> Value {
    let draft = json!({"datasourceID": datasource, "options": {"sql": sql}});
    client.post("data-queries/test", draft).await.expect(200)["data"].clone()
}

impl GridWorld {
    /// Creates a table `items` with these columns, of which `id` is the key, and an editable table for it.
    pub async fn new(database: Database, columns: &[&str]) -> Self {
        let world = World::empty().await;
        let client = &world.client;
        let draft = database.datasource(client).await;
        let datasource = id(&client.post("datasources", draft).await.expect(201));
        let others: Vec<_> = columns.iter().map(|name| format!("{name} {}", database.column(name))).collect();
        let engine = if database == Database::Mariadb { " character set utf8mb4" } else { "" };
        let create = format!("create table items (id bigint primary key, {}){engine}", others.join(", "));
        run(client, datasource, &create).await;
        let draft =
            json!({"name": "Items", "datasourceID": datasource, "options": {"sql": "select * from items order by id"}});
        let query = id(&client.post("data-queries", draft).await.expect(201));
        let fields = columns.iter().map(|name| json!({"field": name}));
        let fields: Vec<_> = [json!({"field": "id", "editing": "newRows"})].into_iter().chain(fields).collect();
        let widget = json!({"name": "Items", "type": "grid", "config": {
            "queryID": query, "table": "items", "key": ["id"], "columns": fields, "adding": true, "deleting": true,
        }});
        let widget = id(&client.post("widgets", widget).await.expect(201));
        let draft = json!({"name": "Stock", "items": [{"key": "grid", "widgetID": widget}]});
        let dashboard = id(&client.post("dashboards", draft).await.expect(201));
        let path = format!("dashboards/{dashboard}/changes");
        Self { world, database, datasource, query, widget, path }
    }

    pub async fn run(&self, sql: &str) -> Value {
        run(&self.world.client, self.datasource, sql).await
    }

    /// Returns all rows as the widget shows them.
    pub async fn rows(&self) -> Vec<Value> {
        let shown = self.world.client.post(&format!("widgets/{}/data", self.widget), json!({})).await.expect(200);
        shown["data"].as_array().unwrap().clone()
    }

    pub fn body(changes: Value) -> Value {
        json!({"item": "grid", "changes": changes})
    }

    pub fn preview(changes: Value) -> Value {
        json!({"item": "grid", "changes": changes, "preview": true})
    }

    /// Saves changes, which must succeed.
    pub async fn save(&self, changes: Value) -> Value {
        self.world.client.post(&self.path, Self::body(changes)).await.expect(200)
    }
}
