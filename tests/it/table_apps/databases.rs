//! What each database says about its columns, and apps for odd tables.
use super::{Shop, values};
use serde_json::{Value, json};

const POSTGRESQL: [&str; 7] = [
    "create type mood as enum ('ok', 'so so')",
    "create table people (id int generated always as identity primary key, email text not null unique, full_name text)",
    "create table orders (
        id serial primary key, buyer_id int not null references people (id), status text not null default 'new'
        check (status in ('new', 'it''s done')), mood mood, total numeric(30, 10), half numeric generated always as (total / 2) stored,
        paid boolean not null default false, maybe boolean, day date, at timestamptz, span interval, tags text[], data jsonb,
        note text not null default '', photo bytea)",
    "create table pairs (a int, b text, value text, primary key (a, b))",
    "create view open_orders as select id, status from orders",
    "create table notes (body text)",
    "create table \"Odd \"\"table\" (\"select\" int primary key, \"a b\" text, \"größe; drop\" text, \"a_b\" text, \"Ü'\"\"`?\" text)",
];
const MYSQL: [&str; 6] = [
    "create table people (id int auto_increment primary key, email varchar(100) not null unique, full_name varchar(100))",
    "create table orders (
        id int auto_increment primary key, buyer_id int not null, status varchar(20) not null default 'new'
        check (status in ('new', 'it''s done')), mood enum('ok', 'so so'), total decimal(30, 10),
        half decimal(30, 10) as (total / 2) stored, paid tinyint(1) not null default 0, maybe tinyint(1), day date,
        at timestamp null, data json, note varchar(200) not null default '', photo blob,
        made datetime not null default current_timestamp, foreign key (buyer_id) references people (id))",
    "create table pairs (a int, b varchar(20), value text, primary key (a, b))",
    "create view open_orders as select id, status from orders",
    "create table notes (body text)",
    "create table `Odd ``table` (`select` int primary key, `a b` text, `größe; drop` text, `a_b` text, `Ü'\"``x` text)",
];
const SQLITE: [&str; 6] = [
    "create table people (id integer primary key, email text not null unique, full_name text)",
    "create table orders (
        id integer primary key, buyer_id integer not null references people (id), status text not null default 'new'
        check (status in ('new', 'it''s done')), mood text check (mood in ('ok', 'so so')), total real,
        half real as (total / 2) stored, paid boolean not null default false, maybe boolean, day date, at datetime,
        note text not null default '', photo blob, made text not null default current_timestamp)",
    "create table pairs (a int, b text, value text, primary key (a, b))",
    "create view open_orders as select id, status from orders",
    "create table notes (body text)",
    "create table \"Odd \"\"table\" (\"select\" int primary key, \"a b\" text, \"größe; drop\" text, \"a_b\" text, \"Ü'\"\"`?\" text)",
];

pub async fn shop(kind: &'static str) -> Shop {
    match kind {
        "postgresql" => Shop::new(kind, &POSTGRESQL).await,
        "mysql" => Shop::new(kind, &MYSQL).await,
        _ => Shop::new(kind, &SQLITE).await,
    }
}

pub const KINDS: [&str; 3] = ["postgresql", "mysql", "sqlite"];

#[tokio::test]
async fn the_schema_tells_what_a_form_needs_to_know() {
    for kind in KINDS {
        let shop = shop(kind).await;
        let orders = shop.columns("orders").await;
        assert_eq!(orders["id"]["generated"], "identity", "{kind}: {}", orders["id"]);
        assert_eq!(orders["half"]["generated"], "computed", "{kind}: {}", orders["half"]);
        assert_eq!(orders["status"]["values"], json!(["new", "it's done"]), "{kind}: {}", orders["status"]);
        assert_eq!(orders["mood"]["values"], json!(["ok", "so so"]), "{kind}: {}", orders["mood"]);
        assert_eq!((&orders["status"]["nullable"], &orders["mood"]["nullable"]), (&json!(false), &json!(true)));
        assert_eq!(orders["buyer_id"]["references"]["table"], "people", "{kind}");
        assert_eq!(orders["buyer_id"]["references"]["column"], "id", "{kind}");
        assert!(orders["note"]["default"].as_str().unwrap().starts_with("''"), "{kind}: {}", orders["note"]);
        let people = shop.columns("people").await;
        assert_eq!(
            (&people["email"]["unique"], people.get("full_name").and_then(|one| one.get("unique"))),
            (&json!(true), None)
        );
        let pairs = shop.columns("pairs").await;
        let keys = ["a", "b", "value"].map(|name| pairs[name]["primaryKey"].clone());
        assert_eq!(keys, [true, true, false].map(Value::from), "{kind}");
        assert_eq!(pairs["a"].get("generated"), None, "{kind}: only part of the key");
    }
}

#[tokio::test]
async fn odd_names_work_in_every_statement() {
    for kind in KINDS {
        let shop = shop(kind).await;
        let client = &shop.world.client;
        let last = if kind == "mysql" { "Ü'\"`x" } else { "Ü'\"`?" };
        let table = if kind == "mysql" { "Odd `table" } else { "Odd \"table" };
        let app = shop.app(json!({"table": table, "name": "Odd"})).await;
        let name = |label: &str| app.field("create", label)["name"].as_str().unwrap().to_owned();
        let (key, odd, other) = (name("Select"), name(last), name("größe; drop"));
        assert_ne!(name("A b"), String::new());
        assert_eq!(
            app.create(client, json!({key.as_str(): 1, odd.as_str(): "x'\"`", other.as_str(): "Größe"})).await,
            1,
            "{kind}"
        );
        assert_eq!(
            app.create(client, json!({key.as_str(): 2, odd.as_str(): null, other.as_str(): "A"})).await,
            1,
            "{kind}"
        );
        let found = app.rows(client, json!({"search": "GR"})).await;
        assert_eq!((values(&found, &key), &found["total"]), (vec![json!(1)], &json!(1)), "{kind}: {found}");
        let sorted = app.rows(client, json!({"sort": other, "direction": "desc"})).await;
        assert_eq!(values(&sorted, &key), [1, 2], "{kind}");
        let row = app.selected(client, json!({key.as_str(): 2})).await;
        assert_eq!((&row[&odd], &row[&other]), (&Value::Null, &json!("A")), "{kind}");
        let mut form = row.clone();
        form[&key] = json!(3);
        form[&odd] = json!("new");
        assert_eq!(app.save(client, &row, form).await, 1, "{kind}: the original key finds the row");
        let all = app.rows(client, json!({"sort": key})).await;
        assert_eq!(
            (values(&all, &key), values(&all, &odd)),
            (vec![json!(1), json!(3)], vec![json!("x'\"`"), json!("new")])
        );
        assert_eq!(app.delete(client, &all["data"][1]).await, 1, "{kind}");
        assert_eq!(app.rows(client, json!({})).await["total"], 1, "{kind}");
    }
}

#[tokio::test]
async fn every_part_of_a_composite_key_counts() {
    for kind in KINDS {
        let shop = shop(kind).await;
        let client = &shop.world.client;
        shop.sql("insert into pairs values (1, 'x', 'a'), (1, 'y', 'b'), (2, 'x', 'c')").await;
        let app = shop.app(json!({"table": "pairs", "name": "Pairs"})).await;
        let row = app.selected(client, json!({"a": 1, "b": "y"})).await;
        assert_eq!((&row["a"], &row["b"]), (&json!(1), &json!("y")), "{kind}");
        let text = app.field("edit", "Value")["name"].as_str().unwrap().to_owned();
        assert_eq!(row[&text], "b", "{kind}");
        let mut form = row.clone();
        form["b"] = json!("z");
        form[&text] = json!("changed");
        assert_eq!(app.save(client, &row, form.clone()).await, 1, "{kind}");
        assert_eq!(app.save(client, &row, form).await, 0, "{kind}: the row has another key now");
        assert_eq!(app.delete(client, &json!({"a": 2, "b": "x"})).await, 1, "{kind}");
        let rows = shop.sql("select a, b, value from pairs order by a, b").await;
        assert_eq!(rows, json!([{"a": 1, "b": "x", "value": "a"}, {"a": 1, "b": "z", "value": "changed"}]), "{kind}");
    }
}

#[tokio::test]
async fn views_and_tables_without_a_key_are_only_read() {
    for kind in KINDS {
        let shop = shop(kind).await;
        shop.sql("insert into notes values ('one'), ('two'), (null)").await;
        for table in ["notes", "open_orders"] {
            let app = shop.app(json!({"table": table, "name": table})).await;
            assert_eq!(app.items(), ["note", "rows"], "{kind}");
            assert!(app.config("note")["markdown"].as_str().unwrap().contains("no primary key"), "{kind}");
            assert_eq!(app.config("rows").get("rowActions"), None, "{kind}");
        }
        let app = shop.app(json!({"table": "notes", "name": "Again"})).await;
        let found = app.rows(&shop.world.client, json!({"search": "O", "sort": "body"})).await;
        assert_eq!(values(&found, "body"), ["one", "two"], "{kind}");
    }
}

#[tokio::test]
async fn a_datasource_that_is_read_only_gets_an_app_without_forms() {
    let shop = shop("sqlite").await;
    let draft = json!({"name": "Safe", "type": "sqlite", "options": {"path": "apps.db"}});
    let safe = shop.world.client.post("datasources", draft).await.expect(201)["id"].clone();
    let path = format!("datasources/{}/apps", safe.as_str().unwrap());
    let created = shop.world.client.post(&path, json!({"table": "people", "name": "People"})).await.expect(201);
    assert_eq!(created["items"].as_array().unwrap().len(), 2);
    assert!(created["widgets"][0]["config"]["markdown"].as_str().unwrap().contains("read-only"), "{created}");
}
