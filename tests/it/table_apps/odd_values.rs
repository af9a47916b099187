//! Values that inputs cannot represent: a row that has some can still be saved and deleted.
use super::{
    App, Shop,
    databases::{KINDS, shop},
};
use crate::support::Client;
use serde_json::{Value, json};

/// Changes only the name of a row.
async fn rename(app: &App, client: &Client, key: Value) {
    let row = app.selected(client, key).await;
    let mut form = app.form(&row);
    form["name"] = json!("changed");
    let press = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
    let answer = client.post(&format!("{}/actions", app.path), press).await.expect(200);
    assert_eq!(answer["affectedRows"], 1, "{row}");
}

#[tokio::test]
async fn values_beyond_a_calendar_stay_as_they_are_in_postgresql() {
    let shop = Shop::new(
        "postgresql",
        &[
            "create table t (id int primary key, day date, at timestamptz, local timestamp, size float8, total numeric, opens time, name text)",
            "insert into t values
                (1, 'infinity', '0044-03-15 00:00:00+00 BC', '10000-01-01 00:00:00', 'NaN', 'NaN', '24:00:00', 'x'),
                (2, '0044-03-15 BC', '-infinity', 'infinity', '-Infinity', '0.1', '23:59:59.999999', 'y')",
        ],
    )
    .await;
    let read = "select cast(row(day, at, local, size, total, opens) as text) as all from t order by id";
    let before = shop.sql(read).await;
    let client = &shop.world.client;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    for key in [1, 2] {
        rename(&app, client, json!({"id": key})).await;
    }
    assert_eq!(shop.sql(read).await, before);
    // only what the row already has
    let row = app.selected(client, json!({"id": 2})).await;
    let mut form = app.form(&row);
    form["day"] = json!("infinity");
    let press = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
    let refused = client.post(&format!("{}/actions", app.path), press).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "form.day");
}

#[tokio::test]
async fn long_times_and_zero_dates_stay_as_they_are_in_mysql() {
    let shop = Shop::new(
        "mysql",
        &[
            "create table t (id int primary key, span time(3), day date, at datetime, moment timestamp null, name varchar(20))",
            "insert into t values
                (1, '24:30:00', '0000-00-00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', 'x'),
                (2, '-838:59:59.999', null, null, null, 'y')",
        ],
    )
    .await;
    let read = "select cast(span as char) as span, cast(day as char) as day, cast(at as char) as at, cast(moment as char) as moment from t order by id";
    let before = shop.sql(read).await;
    let client = &shop.world.client;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    for key in [1, 2] {
        rename(&app, client, json!({"id": key})).await;
    }
    assert_eq!(shop.sql(read).await, before);
    let row = app.selected(client, json!({"id": 2})).await;
    let mut form = app.form(&row);
    form["span"] = json!("100:00:00");
    assert_eq!(app.save(client, &row, form).await, 1, "a time may be longer than a day");
}

#[tokio::test]
async fn numbers_in_columns_of_dates_stay_as_they_are_in_sqlite() {
    let shop = Shop::new(
        "sqlite",
        &[
            "create table t (id integer primary key, at datetime, day date, name text)",
            "insert into t values (1, 1700000000, 2460000.5, 'x')",
        ],
    )
    .await;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    rename(&app, &shop.world.client, json!({"id": 1})).await;
    let stored = shop.sql("select typeof(at) as at, typeof(day) as day, day = 2460000.5 as same from t").await;
    assert_eq!(stored, json!([{"at": "integer", "day": "real", "same": 1}]));
}

#[tokio::test]
async fn a_row_whose_key_is_the_empty_text_is_saved_and_deleted() {
    for kind in KINDS {
        let shop = Shop::new(
            kind,
            &["create table t (code varchar(20) primary key, name varchar(20))", "insert into t values ('', 'x')"],
        )
        .await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "t", "name": "T"})).await;
        rename(&app, client, json!({"code": ""})).await;
        assert_eq!(shop.sql("select name from t").await, json!([{"name": "changed"}]), "{kind}");
        assert_eq!(app.delete(client, &json!({"code": ""})).await, 1, "{kind}");
    }
}

#[tokio::test]
async fn an_empty_text_is_no_value_where_nothing_says_so() {
    for kind in KINDS {
        let shop = shop(kind).await;
        shop.sql("insert into people (email, full_name) values ('ada@x.example', 'Ada'), ('bob@x.example', '')").await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        let mut form = app.blank();
        for name in ["mood", "status", "day", "maybe"] {
            form[name] = json!("");
        }
        form["buyer_id"] = json!(1);
        form["paid"] = json!(false);
        assert_eq!(app.create(client, form).await, 1, "{kind}");
        let stored = shop.sql("select mood, status, day, maybe from orders").await;
        let expected = json!([{"mood": null, "status": "new", "day": null, "maybe": null}]);
        assert_eq!(stored, expected, "{kind}");
        let send = json!({"item": "create", "action": "config.action", "form": {"buyer_id": ""}});
        let refused = client.post(&format!("{}/actions", app.path), send).await.refused(400, "INVALID_REQUEST");
        assert_eq!((refused.path.as_str(), refused.message.contains("is required")), ("form.buyer_id", true), "{kind}");
        // a text that the row has stays, another one becomes null
        let app = shop.app(json!({"table": "people", "name": "People"})).await;
        for (key, kept) in [(1, Value::Null), (2, json!(""))] {
            let row = app.selected(client, json!({"id": key})).await;
            let mut form = app.form(&row);
            form["full_name"] = json!("");
            form["email"] = json!(format!("{key}@x.example"));
            assert_eq!(app.save(client, &row, form).await, 1, "{kind}");
            let stored = shop.sql(&format!("select full_name from people where id = {key}")).await;
            assert_eq!(stored, json!([{"full_name": kept}]), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_text_that_must_not_be_null_cannot_be_cleared_but_may_be_empty_already() {
    for kind in KINDS {
        let shop = Shop::new(
            kind,
            &[
                "create table t (id int primary key, name varchar(20) not null)",
                "insert into t values (1, 'Ada'), (2, '')",
            ],
        )
        .await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "t", "name": "T"})).await;
        let actions = format!("{}/actions", app.path);
        let row = app.selected(client, json!({"id": 1})).await;
        let mut form = app.form(&row);
        for empty in [json!(""), Value::Null] {
            form["name"] = empty;
            let press = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
            let refused = client.post(&actions, press).await.refused(400, "INVALID_REQUEST");
            let why = (refused.path.as_str(), refused.message.contains("is required"));
            assert_eq!(why, ("form.name", true), "{kind}");
        }
        let row = app.selected(client, json!({"id": 2})).await;
        let mut form = app.form(&row);
        form["id"] = json!(3);
        assert_eq!(app.save(client, &row, form).await, 1, "{kind}");
        assert_eq!(shop.sql("select name from t where id = 3").await, json!([{"name": ""}]), "{kind}");
    }
}

#[tokio::test]
async fn an_answer_tells_what_became_of_the_rows() {
    for kind in KINDS {
        let shop = Shop::new(kind, &["create table t (id int primary key, name varchar(20))"]).await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "t", "name": "T"})).await;
        let actions = format!("{}/actions", app.path);
        let mut form = app.blank();
        form["id"] = json!(1);
        form["name"] = json!("x");
        let create = json!({"item": "create", "action": "config.action", "form": form});
        assert_eq!(client.post(&actions, create).await.expect(200)["rowChange"], "added", "{kind}");
        let row = app.selected(client, json!({"id": 1})).await;
        let mut form = app.form(&row);
        form["name"] = json!("y");
        let edit = json!({"item": "edit", "action": "config.action", "row": row, "form": form});
        assert_eq!(client.post(&actions, edit).await.expect(200)["rowChange"], "changed", "{kind}");
        let delete = json!({"item": "rows", "action": "config.rowActions[0].action", "row": {"id": 1}});
        let gone = client.post(&actions, delete).await.expect(200);
        assert_eq!((&gone["affectedRows"], &gone["rowChange"]), (&json!(1), &json!("deleted")), "{kind}");
    }
}

#[tokio::test]
async fn a_foreign_key_may_refer_to_several_rows_in_mysql() {
    let shop = Shop::new(
        "mysql",
        &[
            "create table kinds (id int, name varchar(20), key (id))",
            "create table things (id int primary key, kind_id int, foreign key (kind_id) references kinds (id))",
            "insert into kinds values (1, 'a'), (1, 'b')",
            "insert into things values (1, 1)",
        ],
    )
    .await;
    let app = shop.app(json!({"table": "things", "name": "Things"})).await;
    let listed = app.rows(&shop.world.client, json!({"search": "1"})).await;
    assert!(["a", "b"].map(Value::from).contains(&listed["data"][0]["kind_id_label"]), "{listed}");
}

#[tokio::test]
async fn a_default_of_another_type_applies_to_a_new_row() {
    let shop = Shop::new(
        "postgresql",
        &[
            "create type pair as (a int, b text)",
            "create table t (id text primary key default gen_random_uuid(), at text default now(), price money default 3,
                             daily timetz default now(), pair pair default row(1, 'x'), name text)",
        ],
    )
    .await;
    let app = shop.app(json!({"table": "t", "name": "T"})).await;
    let mut form = app.blank();
    form["name"] = json!("x");
    assert_eq!(app.create(&shop.world.client, form).await, 1);
    let stored = shop
        .sql("select length(id) as id, at is null as at, cast(cast(price as numeric) as int) as price, daily is null as daily, cast(pair as text) as pair from t")
        .await;
    assert_eq!(stored, json!([{"id": 36, "at": false, "price": 3, "daily": false, "pair": "(1,x)"}]));
}
