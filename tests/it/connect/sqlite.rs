use super::{House, Source, effects::assert_plans_are_shown, sql};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn shop(house: &House) -> Source {
    let file = rusqlite::Connection::open(house.files().join("shop.db")).unwrap();
    file.execute_batch(
        "create table item (id integer primary key, name text not null, price real, big integer, data blob);
         insert into item values (1, 'tea', 2.5, 9007199254740993, x'00ff'), (2, 'milk', null, 2, null);
         create view cheap as select * from item where price < 3;",
    )
    .unwrap();
    Source::new("sqlite", json!({"path": "shop.db"}))
}

fn writable() -> Source {
    Source::new("sqlite", json!({"path": "shop.db", "readOnly": false}))
}

#[tokio::test]
async fn rows_are_returned_as_objects_with_exact_values() {
    let house = House::new();
    let shop = shop(&house);
    let outcome = house.run(&shop, sql("select *, id from item order by id"), json!({})).await.unwrap();
    assert_eq!(
        *outcome.data,
        json!([
            {"id": 1, "name": "tea", "price": 2.5, "big": "9007199254740993", "data": "AP8=", "id_2": 1},
            {"id": 2, "name": "milk", "price": null, "big": 2, "data": null, "id_2": 2},
        ])
    );
    let columns = outcome.columns.unwrap();
    assert_eq!((columns[1].name.as_str(), columns[1].r#type.as_str()), ("name", "text"));
    assert_eq!((outcome.row_count, outcome.affected_rows, outcome.truncated), (2, None, false));
    let one = json!({"maxRows": 1, "options": {"sql": "select id from item order by id"}});
    let outcome = house.run(&shop, one, json!({})).await.unwrap();
    assert_eq!((&*outcome.data, outcome.truncated), (&json!([{"id": 1}]), true));
    let big = sql(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select hex(zeroblob(50000)) from n",
    );
    let outcome = house.run(&shop, big, json!({})).await.unwrap();
    assert!(outcome.truncated && outcome.row_count < 400, "{}", outcome.row_count);
}

#[tokio::test]
async fn writing_requires_a_writable_datasource() {
    let house = House::new();
    let shop = shop(&house);
    let insert = || {
        json!({
            "options": {"sql": "insert into item (name) values ({{ params.name }}) returning id"},
            "parameters": [{"name": "name"}],
        })
    };
    let refused = house.run(&shop, insert(), json!({"name": "x"})).await.unwrap_err();
    assert!(refused.to_string().contains("readonly"), "{refused}");
    // the datasource's version changes with its options
    let mut open = writable();
    open.0.version = 2;
    let outcome = house.run(&open, insert(), json!({"name": "jam"})).await.unwrap();
    assert_eq!((&*outcome.data, outcome.affected_rows), (&json!([{"id": 3}]), Some(1)));
    let update = house.run(&open, sql("update item set price = 1"), json!({})).await.unwrap();
    assert_eq!((&*update.data, update.affected_rows), (&json!([]), Some(3)));
    let cut = json!({"maxRows": 1, "options": {"sql": "update item set price = 9 returning id"}});
    let cut = house.run(&open, cut, json!({})).await.unwrap();
    assert_eq!((cut.truncated, cut.affected_rows), (true, Some(3)), "a truncated result still writes all rows");
    let mut fresh = Source::new("sqlite", json!({"path": "new.db", "readOnly": false}));
    fresh.0.id = uuid::Uuid::from_u128(8);
    house.run(&fresh, sql("create table t (a)"), json!({})).await.unwrap();
    assert!(house.files().join("new.db").exists());
}

#[tokio::test]
async fn what_another_connection_has_dropped_can_be_created_again() {
    let house = House::new();
    let (_, own) = (shop(&house), writable());
    let elsewhere = |sql: &str| {
        rusqlite::Connection::open(house.files().join("shop.db")).unwrap().execute_batch(sql).unwrap();
    };
    // often enough for the second turn of each connection, and with another text each time, because a statement that is
    // prepared already is prepared again for the present schema
    for turn in 0..6 {
        for (create, undo) in [
            ("create table t (x)", "drop table t"),
            ("create view t as select 1", "drop view t"),
            ("create index t on item (name)", "drop index t"),
            ("create trigger t after delete on item begin select 1; end", "drop trigger t"),
            ("alter table item add column note", "alter table item drop column note"),
        ] {
            house.run(&own, sql(&format!("-- {turn}\n{create}")), json!({})).await.unwrap();
            elsewhere(undo);
        }
    }
}

#[tokio::test]
async fn tables_and_columns_are_renamed_with_what_mentions_them() {
    let house = House::new();
    shop(&house);
    let own = writable();
    for statement in [
        "create table part (id integer primary key, item_id integer references item(id))",
        "create index names on item (name)",
        "create trigger gone after delete on item begin delete from part where item_id = old.id; end",
        "alter table item rename to product",
        "alter table product rename column name to title",
        "alter table product add column note text",
        "alter table product drop column note",
        "create virtual table words using fts5(text)",
        "alter table words rename to terms",
        "insert into terms values ('found')",
    ] {
        let ran = house.run(&own, sql(statement), json!({})).await;
        assert!(ran.is_ok(), "{statement}: {ran:?}");
    }
    let rows = house.data(&own, sql("select title from product order by id"), json!({})).await;
    assert_eq!(rows, json!([{"title": "tea"}, {"title": "milk"}]));
    assert_eq!(house.data(&own, sql("select count(*) as n from cheap"), json!({})).await, json!([{"n": 1}]));
    assert_eq!(house.data(&own, sql("select text from terms"), json!({})).await, json!([{"text": "found"}]));
    // only the rename itself reaches the temporary schema
    for statement in [
        "update sqlite_temp_master set sql = 'x'",
        "update temp.sqlite_master set name = 'x'",
        "insert into sqlite_temp_schema (type) values ('table')",
        "delete from sqlite_temp_master",
        "update sqlite_master set sql = sqlite_rename_table('main', 'a', 'b', 'c', 'd', 'e', 0)",
        "update sqlite_schema set sql = 'x'",
        "select sqlite_rename_column('a')",
        "create temp table t (x)",
        "alter table product rename to sqlite_hidden",
    ] {
        let refused = house.run(&own, sql(statement), json!({})).await;
        assert!(refused.is_err(), "{statement}: {refused:?}");
    }
}

#[tokio::test]
async fn no_statement_reaches_another_file() {
    let house = House::new();
    shop(&house);
    let open = writable();
    for statement in [
        "attach database 'other.db' as other",
        "attach database '/etc/passwd' as other",
        "vacuum into 'copy.db'",
        "select load_extension('x')",
        "pragma journal_mode = delete",
        "pragma query_only = off",
        "pragma writable_schema = on",
        "pragma temp_store_directory = '/tmp'",
        "begin",
        "select 1; drop table item",
        "create virtual table x using csv(filename='/etc/passwd')",
        "select writefile('x', 'y')",
        "select ?1",
        "",
    ] {
        let refused = house.run(&open, sql(statement), json!({})).await;
        assert!(refused.is_err(), "{statement}: {refused:?}");
    }
    assert_eq!(house.data(&open, sql("select count(*) as n from item"), json!({})).await, json!([{"n": 2}]));
    assert_eq!(std::fs::read_dir(house.files()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_tenant_sees_its_own_folder_and_shared_folders() {
    let shared = tempfile::tempdir().unwrap();
    let mut house = House::new();
    shop(&house);
    std::fs::rename(house.files().join("shop.db"), shared.path().join("shop.db")).unwrap();
    std::fs::create_dir_all(house.dir.path().join("files/other")).unwrap();
    std::fs::copy(shared.path().join("shop.db"), house.dir.path().join("files/other/shop.db")).unwrap();
    let path = |folder: &std::path::Path| super::object(json!({"path": folder.join("shop.db")}));
    let test = async |house: &House, options| house.queries.test(super::TENANT, "sqlite", &options).await.unwrap().ok;
    assert!(!test(&house, path(shared.path())).await);
    house.open(shared.path());
    assert!(test(&house, path(shared.path())).await);
    assert!(!test(&house, path(&house.dir.path().join("files/other"))).await);
    assert!(!test(&house, path("../other".as_ref())).await);
}

#[tokio::test]
async fn only_files_in_the_tenants_folder_can_be_opened() {
    let house = House::new();
    shop(&house);
    let outside = tempfile::tempdir().unwrap();
    std::fs::copy(house.files().join("shop.db"), outside.path().join("secret.db")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.db"), house.files().join("link.db")).unwrap();
    std::os::unix::fs::symlink(outside.path(), house.files().join("folder")).unwrap();
    let absolute = outside.path().join("secret.db").display().to_string();
    for path in [
        "../secret.db",
        "/etc/passwd",
        &absolute,
        "link.db",
        "folder/secret.db",
        "missing.db",
        "",
        ".",
        "a/../../x.db",
        "file:shop.db?mode=rw",
        "shop.db\0x",
    ] {
        for read_only in [true, false] {
            let options = super::object(json!({"path": path, "readOnly": read_only}));
            match house.queries.test(super::TENANT, "sqlite", &options).await {
                Err(_) => {}
                Ok(report) if !read_only && ["missing.db", "file:shop.db?mode=rw"].contains(&path) => {
                    assert!(report.ok);
                }
                Ok(report) => {
                    assert!(!report.ok, "{path}");
                    assert!(!report.error.unwrap().contains(&*house.files().to_string_lossy()));
                }
            }
        }
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
    let good = house.queries.test(super::TENANT, "sqlite", &super::object(json!({"path": "shop.db"}))).await.unwrap();
    assert!(good.ok && good.server_version.unwrap().starts_with('3'));
}

#[tokio::test]
async fn a_slow_query_is_stopped() {
    let house = House::new();
    let shop = shop(&house);
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
    for _ in 0..6 {
        let started = Instant::now();
        let query = json!({"timeoutMs": 100, "options": {"sql": endless}});
        let error = house.run(&shop, query, json!({})).await.unwrap_err();
        assert!(error.to_string().contains("stopped after 100 ms"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(3));
    }
    // none of them is still running
    assert_eq!(house.data(&shop, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
}

#[tokio::test]
async fn the_tables_are_listed() {
    let house = House::new();
    let shop = shop(&house);
    let tables = house.queries.schema(super::TENANT, &shop.0, false).await.unwrap();
    let tables = serde_json::to_value(tables).unwrap();
    assert_eq!(tables[1]["name"], "item");
    assert_eq!(tables[0]["kind"], "view");
    assert_eq!(
        tables[1]["columns"][1],
        json!({"name": "name", "type": "text", "nullable": false, "primaryKey": false, "references": null, "default": null, "comment": null})
    );
    assert_eq!(tables[1]["columns"][0]["primaryKey"], Value::Bool(true));
}

#[tokio::test]
async fn foreign_keys_link_columns() {
    let house = House::new();
    let file = rusqlite::Connection::open(house.files().join("keys.db")).unwrap();
    file.execute_batch(
        "create table place (country text, city text, primary key (country, city));
         create table person (id integer primary key, boss integer references person, town text, land text,
            twice integer generated always as (boss * 2) virtual, thrice integer as (boss * 3) stored,
            foreign key (land, town) references place (country, city));",
    )
    .unwrap();
    let keys = Source::new("sqlite", json!({"path": "keys.db"}));
    let tables = house.queries.schema(super::TENANT, &keys.0, false).await.unwrap();
    let tables = serde_json::to_value(tables).unwrap();
    let columns = tables[0]["columns"].as_array().unwrap();
    let described =
        |at: usize| (columns[at]["name"].as_str().unwrap(), &columns[at]["references"], &columns[at]["default"]);
    let to = |table: &str, column: &str| json!({"schema": null, "table": table, "column": column});
    let (none, generated) = (Value::Null, json!("generated"));
    assert_eq!(described(0), ("id", &none, &none));
    assert_eq!(described(1), ("boss", &to("person", "id"), &none));
    let part = |column: &str| json!({"schema": null, "table": "place", "column": column, "composite": true});
    assert_eq!(described(2), ("town", &part("city"), &none));
    assert_eq!(described(3), ("land", &part("country"), &none));
    assert_eq!((described(4), described(5)), (("twice", &none, &generated), ("thrice", &none, &generated)));
}

#[tokio::test]
async fn an_abandoned_export_ends() {
    let house = House::new();
    let shop = shop(&house);
    let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n";
    // more than can run at once: each frees its slot for the next
    for _ in 0..6 {
        let mut rows = house.queries.export(shop.job(sql(endless), json!({}))).unwrap();
        rows.recv().await.unwrap().unwrap();
    }
    let started = Instant::now();
    assert_eq!(house.data(&shop, sql("select 1 as a"), json!({})).await, json!([{"a": 1}]));
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_error_has_its_position_in_the_users_text() {
    let house = House::new();
    let shop = shop(&house);
    let query = json!({
        "options": {"sql": "select {{ params.long_name }}, nope from item"},
        "parameters": [{"name": "long_name"}],
    });
    let jet_admin::Error::Datasource(problem) = house.run(&shop, query, json!({})).await.unwrap_err() else {
        panic!("not a datasource error");
    };
    assert_eq!((problem.message.as_str(), problem.position), ("no such column: nope", Some(32)));
}

fn export(house: &House, name: &str, value: &str) -> std::path::PathBuf {
    let path = house.files().join(name);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch(&format!("create table t (v); insert into t values ('{value}')")).unwrap();
    path
}

#[tokio::test]
async fn a_replaced_file_is_read_again() {
    let house = House::new();
    let shop = Source::new("sqlite", json!({"path": "shop.db"}));
    let mut open = writable();
    open.0.id = uuid::Uuid::from_u128(9);
    let path = export(&house, "shop.db", "monday");
    let days = async |source: &Source| house.data(source, sql("select v from t"), json!({})).await;
    let day = |name: &str| json!([{"v": name}]);
    assert_eq!((days(&shop).await, days(&open).await), (day("monday"), day("monday")));
    std::fs::rename(export(&house, "new.db", "tuesday"), &path).unwrap();
    assert_eq!((days(&shop).await, days(&open).await), (day("tuesday"), day("tuesday")), "another file moved over it");
    std::fs::copy(export(&house, "next.db", "wednesday"), &path).unwrap();
    assert_eq!(days(&shop).await, day("wednesday"), "another file copied over it");
    let link = house.files().join("linked.db");
    std::os::unix::fs::symlink("shop.db", &link).unwrap();
    let linked = Source::new("sqlite", json!({"path": "linked.db"}));
    let mut linked = linked;
    linked.0.id = uuid::Uuid::from_u128(10);
    assert_eq!(days(&linked).await, day("wednesday"));
    std::fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("next.db", &link).unwrap();
    house.run(&open, sql("update t set v = 'thursday'"), json!({})).await.unwrap();
    assert_eq!(
        (days(&linked).await, days(&shop).await),
        (day("wednesday"), day("thursday")),
        "a link that now points to another file"
    );
    std::fs::remove_file(&path).unwrap();
    assert!(house.run(&shop, sql("select v from t"), json!({})).await.is_err(), "a deleted file");
    export(&house, "shop.db", "friday");
    assert_eq!(days(&shop).await, day("friday"));
}

#[tokio::test]
async fn values_without_an_exact_form_are_refused_with_a_hint() {
    let house = House::new();
    let shop = shop(&house);
    let error = house.run(&shop, sql("select cast(x'41ff' as text) as name"), json!({})).await.unwrap_err();
    let jet_admin::Error::Datasource(problem) = error else { panic!("{error}") };
    assert!(problem.message.contains("column `name`") && problem.hint.unwrap().contains("hex(name)"));
    assert_eq!(
        house.data(&shop, sql("select hex(cast(x'41ff' as text)) as v"), json!({})).await,
        json!([{"v": "41FF"}])
    );
    let number =
        json!({"options": {"sql": "select {{ params.n }} as v"}, "parameters": [{"name": "n", "type": "number"}]});
    let error = house.run(&shop, number, json!({"n": u64::MAX})).await.unwrap_err();
    assert!(error.to_string().contains("18446744073709551615 exceeds"), "{error}");
}

#[tokio::test]
async fn an_empty_list_matches_no_rows() {
    let house = House::new();
    let shop = shop(&house);
    for (condition, n) in [
        ("id not in ({{ params.ids }})", 2),
        ("id in ({{ params.ids }})", 0),
        ("not (id in ({{ params.ids }}))", 2),
        ("price not in ( {{ params.ids }} )", 2),
        ("true -- id not in ({{ params.ids }}) or {{ params.undeclared }}", 2),
        ("true /* {{ params.undeclared }} */", 2),
    ] {
        let query = json!({"options": {"sql": format!("select count(*) as n from item where {condition}")}, "parameters": [{"name": "ids", "type": "array"}]});
        assert_eq!(house.data(&shop, query, json!({"ids": []})).await, json!([{"n": n}]), "{condition}");
    }
}

#[tokio::test]
async fn the_plan_of_a_statement_that_writes_is_a_read() {
    let house = House::new();
    shop(&house);
    assert_plans_are_shown(&house, &writable(), "item").await;
    let count = house.data(&writable(), sql("select count(*) as n from item"), json!({})).await;
    assert_eq!(count, json!([{"n": 2}]));
}
