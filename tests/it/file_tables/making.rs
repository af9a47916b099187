//! Making tables: types, keys, exact values, databases that are created, and rows that are appended.
use super::{DATABASES, audited, make, number_columns, numbers, tables, upload};
use crate::{support::client::id, table_apps::Shop};
use serde_json::{Value, json};

const ORDERS: &str = "Order No;Price;Big;Day;At;Paid;Note\n\
    A-1;1.234,50;9007199254740993;31.01.2026;31.01.2026 10:30;true;\"\"\n\
    A-2;0,1;-9223372036854775808;01.02.2026;01.02.2026 00:00;false;n/a\n\
    A-3;99,99;1;28.02.2026;28.02.2026 23:59;true;äöü 👋\n";

fn settings() -> Value {
    json!({"decimal": "comma", "thousands": "point", "dateOrder": "dmy", "nulls": ["n/a"]})
}

#[tokio::test]
async fn values_keep_their_digits_and_missing_values_stay_missing() {
    for kind in DATABASES {
        let shop = Shop::new(kind, &[]).await;
        let file = upload(&shop, "orders.csv", ORDERS.as_bytes()).await;
        let price = if kind == "sqlite" { json!({"type": "real"}) } else { json!({"type": "decimal", "decimals": 2}) };
        let mut columns = json!([
            {"from": "Order No", "name": "number"}, {"from": "Price", "name": "price", "nullable": false},
            {"from": "Big", "name": "big"}, {"from": "Day", "name": "day"}, {"from": "At", "name": "at"},
            {"from": "Paid", "name": "paid"}, {"from": "Note", "name": "note"},
        ]);
        columns[1].as_object_mut().unwrap().extend(price.as_object().unwrap().clone());
        let body = json!({"table": "orders", "options": settings(), "columns": columns, "key": ["number"]});
        let made = make(&shop, &file, body.clone()).await.expect(200);
        assert_eq!((&made["rows"], &made["table"]), (&json!(3), &json!("orders")), "{kind}");
        assert_eq!(made["datasourceID"], shop.datasource.to_string());
        let rows = shop.sql("select * from orders order by number").await;
        let paid = |truth: bool| if kind == "mysql" { json!(i32::from(truth)) } else { json!(truth) };
        assert_eq!(rows[0]["price"], 1234.5, "{kind}: {rows}");
        assert_eq!((&rows[0]["big"], &rows[1]["big"]), (&json!("9007199254740993"), &json!("-9223372036854775808")));
        assert_eq!(
            (&rows[0]["day"], &rows[0]["paid"], &rows[1]["paid"]),
            (&json!("2026-01-31"), &paid(true), &paid(false))
        );
        assert!(rows[0]["at"].as_str().unwrap().starts_with("2026-01-31T10:30"), "{kind}: {rows}");
        let notes: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["note"].clone()).collect();
        assert_eq!(notes, [json!(""), Value::Null, json!("äöü 👋")], "{kind}");
        let columns = shop.columns("orders").await;
        assert_eq!((&columns["number"]["primaryKey"], &columns["price"]["nullable"]), (&json!(true), &json!(false)));
        assert_eq!(columns["note"]["nullable"], true, "{kind}");
        // it is in the audit log
        let acts = audited(&shop).await;
        assert_eq!(acts.len(), 1, "{kind}");
        assert_eq!(acts[0]["object"]["id"], shop.datasource.to_string());
        assert_eq!((&acts[0]["details"]["rows"], &acts[0]["details"]["table"]), (&json!(3), &json!("orders")));
        assert_eq!(acts[0]["details"]["file"]["name"], "orders.csv");
        // and it becomes an app
        let app = shop.app(json!({"table": "orders", "name": "Orders"})).await;
        assert!(!app.dashboard["items"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn digits_that_no_double_holds_are_kept_as_decimals() {
    for kind in ["postgresql", "mysql"] {
        let shop = Shop::new(kind, &[]).await;
        let text = "amount\n0.1234567890123456789\n12345678901234567.891\n-0.5\n";
        let file = upload(&shop, "exact.csv", text.as_bytes()).await;
        let columns = json!([{"from": "amount", "type": "decimal", "decimals": 19}]);
        make(&shop, &file, json!({"table": "exact", "columns": columns, "numbered": "id"})).await.expect(200);
        let rows = shop.sql("select amount from exact order by id").await;
        let amount =
            |at: usize| rows[at]["amount"].as_str().map_or_else(|| rows[at]["amount"].to_string(), str::to_owned);
        assert!(amount(0).starts_with("0.1234567890123456789"), "{kind}: {rows}");
        assert!(amount(1).starts_with("12345678901234567.891"), "{kind}: {rows}");
        assert_eq!(rows[2]["amount"], -0.5, "{kind}");
    }
}

#[tokio::test]
async fn many_rows_are_written_in_their_order_and_can_be_edited() {
    for kind in DATABASES {
        let shop = Shop::new(kind, &[]).await;
        let file = upload(&shop, "many.csv", numbers(3001, None).as_bytes()).await;
        let body = json!({"table": "many", "columns": [{"from": "amount"}, {"from": "note"}], "numbered": "nr"});
        assert_eq!(make(&shop, &file, body).await.expect(200)["rows"], 3001, "{kind}");
        let last = shop.sql("select nr, amount, note from many order by nr desc limit 1").await;
        assert_eq!(last, json!([{"nr": 3001, "amount": 3001, "note": "note 3001"}]), "{kind}");
        // the database numbers new rows after these
        shop.sql("insert into many (amount, note) values (1, 'new')").await;
        let count = shop.sql("select count(*) as n, max(nr) as nr from many").await;
        assert_eq!(count, json!([{"n": 3002, "nr": 3002}]), "{kind}");
    }
}

#[tokio::test]
async fn rows_are_appended_to_columns_of_the_same_name() {
    for kind in DATABASES {
        let create = "create table stock (id integer primary key, amount decimal(10,2) not null, note varchar(20) default 'none')";
        let shop = Shop::new(kind, &[create, "insert into stock values (1, 1.5, 'old')"]).await;
        let file = upload(&shop, "more.csv", b"ID,amount\n2,2.25\n3,3\n").await;
        let body = json!({"table": "stock", "append": true});
        assert_eq!(make(&shop, &file, body.clone()).await.expect(200)["rows"], 2, "{kind}");
        let rows = shop.sql("select id, amount, note from stock order by id").await;
        let notes: Vec<_> = rows.as_array().unwrap().iter().map(|row| (&row["amount"], &row["note"])).collect();
        let (old, none) = (json!("old"), json!("none"));
        let amounts = [json!(1.5), json!(2.25)];
        assert_eq!(notes[..2], [(&amounts[0], &old), (&amounts[1], &none)], "{kind}");
        // again: the keys are taken
        let refused = make(&shop, &file, body.clone()).await.refused(422, "DATASOURCE_ERROR");
        assert!(
            refused.message.contains("line 2") && refused.message.contains("Nothing was written"),
            "{}",
            refused.message
        );
        let odd = upload(&shop, "odd.csv", b"id,colour\n9,red\n").await;
        let refused = make(&shop, &odd, body.clone()).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "columns[1].name", "{}", refused.message);
        assert!(refused.message.contains("it has id, amount, note"), "{}", refused.message);
        let exact = upload(&shop, "exact.csv", b"id,amount\n9,0.125\n").await;
        let answer = make(&shop, &exact, body).await;
        if kind == "sqlite" {
            // its decimals are floating-point numbers
            answer.expect(200);
        } else {
            let refused = answer.refused(422, "DATASOURCE_ERROR");
            assert!(refused.message.contains("3 decimal places: the column keeps 2"), "{}", refused.message);
        }
        assert_eq!(audited(&shop).await[0]["details"]["created"], false);
    }
}

#[tokio::test]
async fn a_table_of_a_new_database_becomes_a_datasource() {
    let shop = Shop::new("sqlite", &["create table one (id integer)"]).await;
    let client = &shop.world.client;
    let file = upload(&shop, "new.csv", numbers(10, None).as_bytes()).await;
    let path = format!("files/{}/tables", id(&file));
    let body = json!({"newDatabase": {"name": "Imported"}, "table": "numbers", "key": ["id"]});
    let made = client.post(&path, body.clone()).await.expect(200);
    let source = client.get(&format!("datasources/{}", made["datasourceID"].as_str().unwrap())).await.expect(200);
    assert_eq!(
        (&source["name"], &source["type"], &source["options"]["readOnly"]),
        (&json!("Imported"), &json!("sqlite"), &json!(false))
    );
    let sql = json!({"datasourceID": made["datasourceID"], "options": {"sql": "select sum(amount) as n from numbers"}});
    assert_eq!(client.post("data-queries/test", sql).await.expect(200)["data"], json!([{"n": 55}]));

    let refused = client.post(&path, body.clone()).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "newDatabase.name", "{}", refused.message);
    let wrong = upload(&shop, "wrong.csv", numbers(900, Some(800)).as_bytes()).await;
    let body = json!({"newDatabase": {"name": "Other"}, "table": "numbers", "columns": number_columns()});
    let path = format!("files/{}/tables", id(&wrong));
    let refused = client.post(&path, body).await.refused(422, "DATASOURCE_ERROR");
    assert!(refused.message.contains("line 801, column amount: \"many\""), "{}", refused.message);
    let folder = shop.world.server.data_dir().join("files").join(shop.world.tenant.to_string());
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name()).collect();
    names.retain(|name| name.to_string_lossy().starts_with("other"));
    assert!(names.is_empty(), "no database of the failed import may remain: {names:?}");
    assert_eq!(client.all("datasources").await.len(), 2);
    assert_eq!(tables(&shop).await, ["one"]);
}
