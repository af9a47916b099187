//! What does not fit is refused by row and column, and leaves nothing behind.
use super::{DATABASES, audited, make, number_columns, numbers, tables, upload};
use crate::{support::client::id, table_apps::Shop};
use serde_json::{Value, json};

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_and_nothing_remains() {
    for kind in DATABASES {
        let shop = Shop::new(kind, &["create table kept (id integer)"]).await;
        let columns = |changes: Value| {
            let mut columns = number_columns();
            for (column, change) in columns.as_array_mut().unwrap().iter_mut().zip(changes.as_array().unwrap()) {
                column.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            }
            columns
        };
        let plain = columns(json!([]));
        let mut same = numbers(700, None);
        same.push_str("1,701,again\n");
        let mut none = numbers(700, None);
        none.push_str(",701,no id\n");
        let cases = [
            // a text in a column of numbers
            (
                numbers(1300, Some(1234)),
                json!({"columns": plain}),
                "line 1235, column amount: \"many\" is not an integer",
            ),
            // the key occurs twice
            (same, json!({"columns": plain, "key": ["id"]}), "line 702"),
            // no value in the key
            (none, json!({"columns": plain, "key": ["id"]}), "line 702, column id"),
            // no value where one is required
            (
                "id,amount,note\n1,1,a\n2,,b\n".to_owned(),
                json!({"columns": columns(json!([{}, {"nullable": false}]))}),
                "line 3, column amount (no value)",
            ),
        ];
        for (at, (content, body, expected)) in cases.into_iter().enumerate() {
            let file = upload(&shop, &format!("{at}.csv"), content.as_bytes()).await;
            let mut body = body;
            body["table"] = "numbers".into();
            let refused = make(&shop, &file, body).await.refused(422, "DATASOURCE_ERROR");
            assert!(refused.message.contains(expected), "{kind}: {}", refused.message);
            assert!(refused.message.contains("Nothing was written"), "{kind}: {}", refused.message);
            assert_eq!(tables(&shop).await, ["kept"], "{kind}: {expected}");
        }
        assert!(audited(&shop).await.is_empty(), "{kind}");
    }
}

#[tokio::test]
async fn values_that_a_database_would_change_silently_are_refused() {
    for (kind, of, value, expected) in [
        ("postgresql", "text", "a\u{0}b", "line 2, column v"),
        ("postgresql", "datetime", "2026-01-31T10:00:00.1234567", "7 decimal places of seconds: the column keeps 6"),
        ("mysql", "datetime", "2026-01-31T10:00:00.1234567", "7 decimal places of seconds: the column keeps 6"),
        ("postgresql", "datetime", "2026-01-31T10:00:00Z", "has a time zone"),
        ("mysql", "datetime", "2026-01-31T10:00:00Z", "has a time zone"),
        ("postgresql", "timestamp", "2026-01-31T10:00:00", "has no time zone"),
        ("mysql", "decimal", "0.12345678901", "11 decimal places: the column keeps 10"),
        ("mysql", "decimal", "123456789012345678901234567890", "line 2, column v"),
        ("sqlite", "integer", "9223372036854775808", "is not an integer of 64 bits"),
    ] {
        let shop = Shop::new(kind, &[]).await;
        let file = upload(&shop, "v.csv", format!("v,w\n{value},1\n").as_bytes()).await;
        let body = json!({"table": "t", "columns": [{"from": "v", "type": of}], "numbered": "id"});
        let refused = make(&shop, &file, body).await.refused(422, "DATASOURCE_ERROR");
        assert!(refused.message.contains(expected), "{kind} {value}: {}", refused.message);
        assert!(tables(&shop).await.is_empty(), "{kind} {value}");
    }
}

#[tokio::test]
async fn an_existing_table_and_wrong_names_are_refused_by_field() {
    for kind in DATABASES {
        let shop = Shop::new(kind, &["create table taken (id integer)"]).await;
        let file = upload(&shop, "a.csv", b"id,Name\n1,a\n").await;
        for (body, path, part) in [
            (json!({"table": "taken"}), "table", "choose another name, or append"),
            (json!({"table": " x"}), "table", "space"),
            (json!({"table": "x".repeat(63) + "ä"}), "table", "63"),
            (json!({"table": "none", "append": true}), "table", "there is no table"),
            (json!({"table": "t", "source": "Sheet9"}), "source", "it has data"),
            (json!({"table": "t", "columns": [{"from": "nr"}]}), "columns[0].from", "it has id, Name"),
            (
                json!({"table": "t", "columns": [{"from": "id"}, {"from": "Name", "name": "id"}]}),
                "columns[1].name",
                "another column",
            ),
            (json!({"table": "t", "key": ["nr"]}), "key[0]", "one of the columns"),
            (json!({"table": "t", "key": ["id"], "numbered": "nr"}), "numbered", "one primary key"),
            (json!({"table": "t", "numbered": "id"}), "numbered", "a column of the file"),
            (
                json!({"table": "t", "columns": [{"from": "id", "nullable": true}], "key": ["id"]}),
                "columns[0].nullable",
                "false",
            ),
            (json!({"table": "t", "options": {"fileID": id(&file)}}), "options.fileID", "omitted"),
            (json!({"table": "t", "append": true, "key": ["id"]}), "key", "omitted"),
        ] {
            let refused = make(&shop, &file, body.clone()).await.refused(400, "INVALID_REQUEST");
            assert_eq!(refused.path, path, "{kind} {body}: {}", refused.message);
            assert!(refused.message.contains(part), "{kind} {body}: {}", refused.message);
        }
        assert_eq!(tables(&shop).await, ["taken"], "{kind}");
    }
}

#[tokio::test]
async fn only_databases_that_allow_writing_get_tables() {
    let shop = Shop::new("sqlite", &["create table one (id integer)"]).await;
    let client = &shop.world.client;
    let file = upload(&shop, "a.csv", b"id\n1\n").await;
    let reader = json!({"name": "Reader", "type": "file", "options": {"fileID": id(&file)}});
    let reader = id(&client.post("datasources", reader).await.expect(201));
    let path = format!("files/{}/tables", id(&file));
    let refused =
        client.post(&path, json!({"datasourceID": reader, "table": "t"})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "datasourceID", "{}", refused.message);
    let only = json!({"name": "Only", "type": "sqlite", "options": {"path": "apps.db"}});
    let only = id(&client.post("datasources", only).await.expect(201));
    let refused =
        client.post(&path, json!({"datasourceID": only, "table": "t"})).await.refused(422, "DATASOURCE_ERROR");
    assert!(refused.message.contains("read-only"), "{}", refused.message);
    for body in [json!({"table": "t"}), json!({"table": "t", "datasourceID": only, "newDatabase": {"name": "x"}})] {
        let refused = client.post(&path, body).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "datasourceID", "{}", refused.message);
    }
    let (_, viewer) = shop.world.reader("viewer@example.com").await;
    viewer.post(&path, json!({"datasourceID": shop.datasource, "table": "t"})).await.refused(403, "PERMISSION_DENIED");
}
