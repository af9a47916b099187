//! Columns that refer to rows of another table: their labels, and what people find and paste.
use super::{DATABASES, Database, GridWorld};
use serde_json::{Value, json};

/// An editable table whose column `count` refers to people.
async fn world(database: Database) -> (GridWorld, String) {
    let grid = GridWorld::new(database, &["name", "count"]).await;
    let key = if database == Database::Mariadb { "varchar(200)" } else { "text" };
    grid.run(&format!("create table people (id bigint primary key, label {key})")).await;
    grid.run(
        "insert into people values (1, 'Ada'), (2, 'Bob'), (3, 'bob'), (5, '7'), (7, 'O''Hara 100%'), (9007199254740993, 'Größe'), (8, null)",
    )
    .await;
    grid.run("insert into items (id, name, count) values (1, 'one', 1), (2, 'two', 9007199254740993)").await;
    let widget = format!("widgets/{}", grid.widget);
    let mut config = grid.world.client.get(&widget).await.expect(200)["config"].clone();
    config["columns"][2]["references"] = json!({"table": "people", "key": "id", "label": "label"});
    grid.world.client.patch(&widget, json!({"config": config})).await.expect(200);
    let path = grid.path.replace("/changes", "/choices");
    (grid, path)
}

fn ask(more: Value) -> Value {
    let mut body = json!({"item": "grid", "field": "count"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn found(answer: &Value) -> Vec<(Value, String)> {
    let choices = answer["choices"].as_array().unwrap().iter();
    choices.map(|one| (one["value"].clone(), one["label"].as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn keys_are_shown_with_the_labels_of_their_rows() {
    for database in DATABASES {
        let (grid, path) = world(database).await;
        let keys = grid.rows().await.iter().map(|row| row["count"].clone()).collect::<Vec<_>>();
        let answer = grid.world.client.post(&path, ask(json!({"values": keys}))).await.expect(200);
        assert_eq!(
            found(&answer),
            [(json!(1), "Ada".to_owned()), (json!("9007199254740993"), "Größe".to_owned())],
            "{database:?}"
        );
        assert_eq!(answer["more"], false);
        // a row without a label is called by its key, and a key without a row is left out
        let answer = grid.world.client.post(&path, ask(json!({"values": [8, 99, null]}))).await.expect(200);
        assert_eq!(found(&answer), [(json!(8), "8".to_owned())], "{database:?}");
    }
}

#[tokio::test]
async fn rows_are_found_by_a_part_of_their_label_or_key() {
    for database in DATABASES {
        let (grid, path) = world(database).await;
        let search =
            async |text: &str| found(&grid.world.client.post(&path, ask(json!({"search": text}))).await.expect(200));
        assert_eq!(search("").await.len(), 7, "{database:?}");
        assert_eq!(search("BOB").await.len(), 2, "{database:?}");
        assert_eq!(search("100%").await, [(json!(7), "O'Hara 100%".to_owned())], "{database:?}");
        assert_eq!(search("_").await, [], "{database:?}: no character has a special meaning");
        assert_eq!(search("900719").await.len(), 1, "{database:?}");
        let answer = grid.world.client.post(&path, ask(json!({"texts": ["Ada", "bob", "7", "größe", "nobody"]}))).await;
        let mut labels: Vec<_> = found(&answer.expect(200)).into_iter().map(|(_, label)| label).collect();
        labels.sort();
        let mut expected = vec!["7", "Ada", "Bob", "O'Hara 100%", "bob"];
        // SQLite and the C collation of the test server only know the case of ASCII
        if labels.contains(&"Größe".to_owned()) {
            expected.insert(2, "Größe");
            expected.sort_unstable();
        }
        assert_eq!(labels, expected, "{database:?}");
    }
}

#[tokio::test]
async fn many_rows_are_found_page_by_page() {
    let (grid, path) = world(Database::Sqlite).await;
    grid.run(
        "insert into people with recursive n(i) as (select 100 union all select i + 1 from n where i < 1099) select i, 'Same' from n",
    )
    .await;
    let answer = grid.world.client.post(&path, ask(json!({"search": "same"}))).await.expect(200);
    assert_eq!((answer["choices"].as_array().unwrap().len(), &answer["more"]), (50, &json!(true)));
    let keys: Vec<_> = (100..600).collect();
    let answer = grid.world.client.post(&path, ask(json!({"values": keys}))).await.expect(200);
    assert_eq!(answer["choices"].as_array().unwrap().len(), 500);
    for (name, many) in [("values", json!(vec![1; 501])), ("texts", json!(vec!["a"; 501]))] {
        let refused = grid.world.client.post(&path, ask(json!({ name: many }))).await.refused(400, "INVALID_REQUEST");
        assert_eq!((refused.path.as_str(), refused.message.contains("500")), (name, true));
    }
}

#[tokio::test]
async fn labels_are_part_of_reading_a_dashboard_and_searching_of_using_it() {
    let (mut grid, path) = world(Database::Sqlite).await;
    grid.world.role("Reader", &["tenant:read", "dashboard:read"]).await;
    grid.world.role("User", &["tenant:read", "dashboard:read", "dashboard:use"]).await;
    let reader = grid.world.member("reader@example.com", "Reader").await.1;
    let user = grid.world.member("user@example.com", "User").await.1;
    for client in [&reader, &user] {
        let answer = client.post(&path, ask(json!({"values": [1]}))).await.expect(200);
        assert_eq!(found(&answer), [(json!(1), "Ada".to_owned())]);
        assert!(!answer.to_string().contains("select"), "no SQL is shown");
        client.post("data-queries/test", json!({})).await.refused(403, "PERMISSION_DENIED");
    }
    for more in [json!({"search": "a"}), json!({"texts": ["Ada"]}), json!({})] {
        user.post(&path, ask(more.clone())).await.expect(200);
        let refused = reader.post(&path, ask(more)).await.refused(403, "PERMISSION_DENIED");
        assert!(refused.message.contains("dashboard:use"), "{}", refused.message);
    }
    let other = json!({"item": "grid", "field": "name", "values": [1]});
    let refused = user.post(&path, other).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "field");
}

#[tokio::test]
async fn only_who_may_write_queries_chooses_the_table_that_a_column_refers_to() {
    let (mut grid, _) = world(Database::Sqlite).await;
    grid.run("create table secrets (id integer primary key, word text)").await;
    let widget = format!("widgets/{}", grid.widget);
    grid.world.role("Designer", &["tenant:read", "widget:read", "widget:update", "dataquery:execute"]).await;
    let designer = grid.world.member("designer@example.com", "Designer").await.1;
    let config = designer.get(&widget).await.expect(200)["config"].clone();
    let with = |reference: Value| {
        let mut config = config.clone();
        config["columns"][2]["references"] = reference;
        json!({"config": config})
    };
    designer.patch(&widget, with(config["columns"][2]["references"].clone())).await.expect(200);
    let secret = with(json!({"table": "secrets", "key": "id", "label": "word"}));
    let refused = designer.patch(&widget, secret.clone()).await.refused(403, "PERMISSION_DENIED");
    assert!(refused.message.contains("dataquery:create"), "{}", refused.message);
    grid.world.client.patch(&widget, secret).await.expect(200);
    for (reference, path) in [
        (json!({"table": " ", "key": "id", "label": "word"}), "config.columns[2].references.table"),
        (json!({"table": "a\u{0}", "key": "id", "label": "word"}), "config.columns[2].references.table"),
        (json!({"table": "secrets", "key": "id"}), "config.columns[2].references.label"),
    ] {
        let refused = grid.world.client.patch(&widget, with(reference)).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, path, "{}", refused.message);
    }
    let mut both = with(json!({"table": "people", "key": "id", "label": "label"}));
    both["config"]["columns"][2]["choices"] = json!(["1"]);
    let refused = grid.world.client.patch(&widget, both).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config.columns[2].choices");
}

#[tokio::test]
async fn visitors_do_not_learn_the_table_that_a_column_refers_to() {
    let (grid, path) = world(Database::Sqlite).await;
    let shares = path.replace("/choices", "/shares");
    let link = grid.world.client.post(&shares, json!({})).await.expect(201);
    let token = link["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let shown = grid.world.server.anyone().get(&format!("/api/v1/shared/{token}")).await.expect(200);
    assert!(!shown.to_string().contains("people"), "{shown}");
}

#[tokio::test]
async fn a_key_that_no_row_has_is_refused_by_the_foreign_key() {
    for database in DATABASES {
        let (grid, _) = world(database).await;
        let constraint = match database {
            Database::Sqlite => {
                grid.run("drop table items").await;
                "create table items (id bigint primary key, name text, count bigint references people(id))"
            }
            _ => "alter table items add constraint items_count_fkey foreign key (count) references people(id)",
        };
        grid.run(constraint).await;
        grid.run("delete from items").await;
        grid.save(json!([{"insert": {"values": {"id": 1, "count": 2}}}])).await;
        let change = json!([{"update": {"key": {"id": 1}, "before": {"count": 2}, "after": {"count": 99}}}]);
        let refused = grid.world.client.post(&grid.path, GridWorld::body(change)).await.refused(400, "INVALID_REQUEST");
        assert!(refused.path.starts_with("changes[0].update"), "{database:?}: {}", refused.path);
        assert_eq!(grid.rows().await[0]["count"], 2, "{database:?}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_read_lacks_only_its_own_label() {
    for database in DATABASES {
        let (grid, path) = world(database).await;
        let keys = json!([1, "not a number", 2, {"odd": true}, "9007199254740993"]);
        let answer = grid.world.client.post(&path, ask(json!({"values": keys}))).await.expect(200);
        let mut labels: Vec<_> = found(&answer).into_iter().map(|(_, label)| label).collect();
        labels.sort();
        assert_eq!(labels, ["Ada", "Bob", "Größe"], "{database:?}");
    }
}
