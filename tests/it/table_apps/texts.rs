//! Columns of text in an app: their filters, and the dates that some of them contain.
use super::{App, Shop};
use crate::support::Client;
use serde_json::{Value, json};

const KINDS: [&str; 3] = ["sqlite", "postgresql", "mysql"];

/// Returns the IDs of the rows that meet conditions, in order.
async fn ids(app: &App, client: &Client, filters: Value) -> Vec<i64> {
    let found = app.rows(client, json!({"filters": filters, "sort": "id", "direction": "asc"})).await;
    let rows = found["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn columns_of_text_are_filtered_by_the_server() {
    for kind in KINDS {
        let shop = Shop::new(
            kind,
            &[
                "create table notes (id integer primary key, title varchar(80) not null, body text)",
                "insert into notes values (1, '50% off', 'a_b'), (2, '50 off', 'a\\b'), (3, 'Größe', ''), (4, 'it''s', null), (5, '', 'AXB')",
            ],
        )
        .await;
        if kind == "mysql" {
            // a backslash in a literal means the next character
            shop.sql("update notes set body = concat('a', char(92), 'b') where id = 2").await;
        } else {
            shop.sql("update notes set body = 'a\\b' where id = 2").await;
        }
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "notes", "name": "Notes"})).await;
        let one =
            |field: &str, operator: &str, value: Value| json!([{"field": field, "operator": operator, "value": value}]);
        for (filters, expected) in [
            (one("title", "contains", json!("50% ")), vec![1]),
            (one("title", "contains", json!("OFF")), vec![1, 2]),
            (one("title", "contains", json!("'")), vec![4]),
            (one("body", "contains", json!("a_b")), vec![1]),
            (one("body", "contains", json!("\\")), vec![2]),
            (one("title", "equals", json!("50 off")), vec![2]),
            (one("title", "equals", json!("50")), vec![]),
            (one("body", "empty", json!(true)), vec![3, 4]),
            (one("body", "empty", json!("true")), vec![3, 4]),
            (one("body", "empty", json!(false)), vec![1, 2, 5]),
            (
                json!([
                    {"field": "title", "operator": "contains", "value": "off"},
                    {"field": "body", "operator": "contains", "value": "_"},
                ]),
                vec![1],
            ),
        ] {
            assert_eq!(ids(&app, client, filters.clone()).await, expected, "{kind}: {filters}");
        }
        let listed = app.rows(client, json!({"filters": one("title", "contains", json!("off"))})).await;
        assert_eq!(listed["total"], 2, "{kind}: the total counts what is shown");
    }
}

#[tokio::test]
async fn dates_in_columns_of_text_are_entered_as_dates_and_stay_as_they_are_written() {
    for (kind, key) in [("sqlite", "integer primary key"), ("mysql", "int auto_increment primary key")] {
        let declared = |sqlite: &'static str| if kind == "sqlite" { sqlite } else { "varchar(40)" };
        let create = format!(
            "create table visits (id {key}, day {}, at {}, moment {}, short {}, mixed {}, num {})",
            declared("date"),
            declared("datetime"),
            declared("text"),
            declared("timestamp"),
            declared("text"),
            declared("datetime"),
        );
        let insert = "insert into visits (day, at, moment, short, mixed, num) values
            ('2026-01-31', '2026-01-31T10:00:00', '2026-01-31T09:00:00.000Z', '2026-01-31 10:00', '2026-01-31', 1769853600),
            ('2026-02-01', '2026-02-01T10:00:00', '2026-02-01T09:00:00.000Z', '2026-02-01 10:00', 'soon', 1769940000)";
        let shop = Shop::new(kind, &[&create, insert]).await;
        let client = &shop.world.client;
        let app = shop.app(json!({"table": "visits", "name": "Visits"})).await;
        for (label, expected) in [
            ("Day", "date"),
            ("At", "dateTime"),
            ("Moment", "moment"),
            ("Short", "dateTime"),
            ("Mixed", "text"),
            ("Num", "text"),
        ] {
            assert_eq!(app.field("create", label)["type"], expected, "{kind} {label}");
            assert_eq!(app.field("edit", label)["type"], expected, "{kind} {label}");
        }
        // as the inputs of the browser send them
        let form = json!({
            "day": "2026-03-01", "at": "2026-03-01 11:30:00", "moment": "2026-03-01T10:30:00.000Z",
            "short": "2026-03-01 11:30:00", "mixed": "later", "num": "5",
        });
        assert_eq!(app.create(client, form).await, 1, "{kind}");
        let stored = &shop.sql("select day, at, moment, short, mixed from visits where id = 3").await[0];
        let expected = json!({
            "day": "2026-03-01", "at": "2026-03-01T11:30:00", "moment": "2026-03-01T10:30:00.000Z",
            "short": "2026-03-01 11:30", "mixed": "later",
        });
        assert_eq!(*stored, expected, "{kind}");
        // a row that is saved unchanged stays what it was, to the letter
        let before = shop.sql("select * from visits where id = 1").await;
        let row = app.selected(client, json!({"id": 1})).await;
        let mut form = app.form(&row);
        form["mixed"] = json!("changed");
        assert_eq!(app.save(client, &row, form).await, 1, "{kind}");
        let mut expected = before[0].clone();
        expected["mixed"] = json!("changed");
        assert_eq!(shop.sql("select * from visits where id = 1").await[0], expected, "{kind}");
        for (field, operator, value, expected) in [
            ("day", "atMost", "2026-01-31", vec![1]),
            ("at", "less", "2026-02-01", vec![1]),
            ("at", "atLeast", "2026-02-01 10:00:01", vec![3]),
            ("short", "atLeast", "2026-02-01", vec![2, 3]),
            ("mixed", "contains", "soon", vec![2]),
        ] {
            let filters = json!([{"field": field, "operator": operator, "value": value}]);
            assert_eq!(ids(&app, client, filters).await, expected, "{kind} {field} {operator} {value}");
        }
        let sorted = app.rows(client, json!({"sort": "at", "direction": "desc"})).await;
        assert_eq!(sorted["data"][0]["id"], 3, "{kind}");
    }
}
