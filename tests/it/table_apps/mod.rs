//! Apps from a table: created in one request, used by people who see no SQL, on each of the databases.
mod databases;
mod odd_values;
mod rows;
mod stale_rows;
mod texts;
mod visitors;

use crate::support::{Client, World, client::id, mariadb, postgres};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A database of one test.
pub struct Shop {
    pub world: World,
    pub datasource: Uuid,
}

impl Shop {
    /// Creates a database in which the statements were executed.
    pub async fn new(kind: &'static str, statements: &[&str]) -> Self {
        let world = World::empty().await;
        let name = format!("apps_{}", Uuid::now_v7().simple());
        let server = |port: u16, password: &str| json!({"host": "127.0.0.1", "port": port, "user": "admin", "password": password});
        let mut options = match kind {
            "postgresql" => server(postgres::postgres().port, postgres::PASSWORD),
            "mysql" => server(mariadb::mariadb().port, mariadb::PASSWORD),
            _ => json!({"path": "apps.db", "readOnly": false}),
        };
        if kind != "sqlite" {
            options["database"] = json!(if kind == "mysql" { "one" } else { "postgres" });
            let admin = json!({"name": "Admin", "type": kind, "options": options});
            let admin = id(&world.client.post("datasources", admin).await.expect(201));
            run(&world.client, admin, &format!("create database {name}")).await;
            options["database"] = json!(name);
        }
        let draft = json!({"name": "Shop", "type": kind, "options": options});
        let datasource = id(&world.client.post("datasources", draft).await.expect(201));
        for statement in statements {
            run(&world.client, datasource, statement).await;
        }
        Self { world, datasource }
    }

    /// Runs a statement, and returns its rows.
    pub async fn sql(&self, statement: &str) -> Value {
        run(&self.world.client, self.datasource, statement).await
    }

    /// Creates an app, and returns it.
    pub async fn app(&self, body: Value) -> App {
        let path = format!("datasources/{}/apps", self.datasource);
        let created = self.world.client.post(&path, body).await.expect(201);
        let path = format!("dashboards/{}", id(&created));
        App { dashboard: self.world.client.get(&path).await.expect(200), path }
    }

    /// Describes the columns of a table, by name.
    pub async fn columns(&self, table: &str) -> BTreeMap<String, Value> {
        let path = format!("datasources/{}/schema?refresh=true", self.datasource);
        let tables = self.world.client.get(&path).await.expect(200);
        let found = tables["items"].as_array().unwrap().iter().find(|one| one["name"] == table);
        let columns = found.unwrap_or_else(|| panic!("no table {table}"))["columns"].as_array().unwrap();
        columns.iter().map(|column| (column["name"].as_str().unwrap().to_owned(), column.clone())).collect()
    }
}

async fn run(client: &Client, datasource: Uuid, statement: &str) -> Value {
    let draft = json!({"datasourceID": datasource, "options": {"sql": statement}});
    client.post("data-queries/test", draft).await.expect(200)["data"].clone()
}

/// A created app.
pub struct App {
    pub dashboard: Value,
    pub path: String,
}

impl App {
    /// Returns the config of an item's widget.
    pub fn config(&self, item: &str) -> &Value {
        let widget = self.widget(item);
        let widgets = self.dashboard["widgets"].as_array().unwrap();
        &widgets.iter().find(|one| one["id"] == widget).unwrap()["config"]
    }

    /// Returns the ID of an item's widget.
    pub fn widget(&self, item: &str) -> &str {
        let found = self.dashboard["items"].as_array().unwrap().iter().find(|one| one["key"] == item);
        found.unwrap_or_else(|| panic!("no item {item}"))["widgetID"].as_str().unwrap()
    }

    pub fn items(&self) -> Vec<&str> {
        self.dashboard["items"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect()
    }

    /// Returns the field of a form for a column, by its label.
    pub fn field(&self, form: &str, label: &str) -> Value {
        let fields = self.config(form)["fields"].as_array().unwrap();
        fields
            .iter()
            .find(|field| field["label"] == label)
            .unwrap_or_else(|| panic!("no field {label}: {fields:?}"))
            .clone()
    }

    pub fn labels(&self, form: &str) -> Vec<String> {
        let fields = self.config(form)["fields"].as_array().unwrap();
        fields.iter().map(|field| field["label"].as_str().unwrap().to_owned()).collect()
    }

    /// Loads the rows of the table.
    pub async fn rows(&self, client: &Client, ask: Value) -> Value {
        let result = item(client, &self.path, json!({"tables": {"rows": ask}}), "rows").await;
        assert!(result["error"].is_null(), "{result}");
        result["result"].clone()
    }

    /// Loads the row that the edit form shows.
    pub async fn selected(&self, client: &Client, variables: Value) -> Value {
        let result = item(client, &self.path, json!({"items": ["edit"], "variables": variables}), "edit").await;
        assert!(result["error"].is_null(), "{result}");
        result["result"]["data"][0].clone()
    }

    /// Sends a form or a row action, and returns how many rows changed.
    pub async fn act(&self, client: &Client, body: Value) -> u64 {
        client.post(&format!("{}/actions", self.path), body).await.expect(200)["affectedRows"].as_u64().unwrap()
    }

    pub async fn create(&self, client: &Client, form: Value) -> u64 {
        self.act(client, json!({"item": "create", "action": "config.action", "form": form})).await
    }

    /// Sends the edit form. The version of the row is not a field of it.
    pub async fn save(&self, client: &Client, row: &Value, mut form: Value) -> u64 {
        form.as_object_mut().unwrap().remove("version");
        self.act(client, json!({"item": "edit", "action": "config.action", "row": row, "form": form})).await
    }

    /// Returns the values of the form for a new row in which nothing was entered.
    pub fn blank(&self) -> Value {
        let fields = self.config("create")["fields"].as_array().unwrap();
        fields.iter().map(|field| (field["name"].as_str().unwrap().to_owned(), Value::Null)).collect()
    }

    /// Returns the values of the edit form for a row, as the browser fills it in.
    pub fn form(&self, row: &Value) -> Value {
        let fields = self.config("edit")["fields"].as_array().unwrap();
        let value = |field: &Value| {
            let name = field["name"].as_str().unwrap();
            let value = &row[name];
            let is_nested = value.is_object() || value.is_array();
            (name.to_owned(), if is_nested { value.to_string().into() } else { value.clone() })
        };
        Value::Object(fields.iter().map(value).collect())
    }

    pub async fn delete(&self, client: &Client, row: &Value) -> u64 {
        self.act(client, json!({"item": "rows", "action": "config.rowActions[0].action", "row": row})).await
    }
}

/// Returns the data event of one item.
pub async fn item(client: &Client, path: &str, body: Value, key: &str) -> Value {
    let answer = client.post(&format!("{path}/data"), body).await;
    assert_eq!(answer.status.as_u16(), 200, "{answer}");
    let data = answer.text.lines().filter_map(|line| line.strip_prefix("data: "));
    let mut events = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    events.find(|event| event["key"] == key).unwrap_or_else(|| panic!("{answer}"))
}

/// Returns the values of a column.
pub fn values(result: &Value, column: &str) -> Vec<Value> {
    result["data"].as_array().unwrap().iter().map(|row| row[column].clone()).collect()
}
