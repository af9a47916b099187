use crate::connect::{House, Source, sql};
use serde_json::{Value, json};

const COLUMNS: [&str; 9] = ["", "integer", "real", "text", "numeric", "blob", "boolean", "date", "varchar(10)"];

fn values() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "",
        "a",
        "größer 𝒳",
        "it's \"x\"",
        "12",
        "012",
        "1.50",
        "-7",
        "1e3",
        "0x10",
        "9007199254740993",
        "99999999999999999999",
        "0.1",
        "NaN",
        "Infinity",
        "true",
        "null",
        "2026-01-31",
        "2026-01-31T10:11:12Z",
        " 5 ",
        "a\nb",
        "{\"a\":1}",
        "\u{1f600}",
        "+5",
        "5.",
    ]
    .map(Value::from)
    .to_vec();
    values.extend([
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(9_007_199_254_740_992_i64),
        json!(-9_007_199_254_740_992_i64),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(0.5),
        json!(-0.1),
        json!(0.300_000_000_000_000_04),
        json!(1e300),
        json!(5e-324),
        json!(1e15),
        json!(true),
        json!(false),
        json!(null),
    ]);
    values
}

/// Stores every value in columns of every affinity, then reads what the database stored, sends it back and finds it.
#[tokio::test]
async fn every_value_survives_a_round_trip() {
    let house = House::new();
    let db = Source::new("sqlite", json!({"path": "all.db", "readOnly": false}));
    let columns: Vec<String> = COLUMNS.iter().enumerate().map(|(i, kind)| format!("c{i} {kind}")).collect();
    house
        .run(&db, sql(&format!("create table t (i integer primary key, {})", columns.join(", "))), json!({}))
        .await
        .unwrap();
    let marks = vec!["{{ params.o.v }}"; COLUMNS.len()].join(", ");
    let mut count = 0;
    for (i, value) in values().into_iter().enumerate() {
        let insert = json!({"options": {"sql": format!("insert into t values ({i}, {marks})")}, "parameters": [{"name": "o", "type": "object"}]});
        house.run(&db, insert, json!({"o": {"v": value}})).await.unwrap();
        let file = rusqlite::Connection::open(house.files().join("all.db")).unwrap();
        let row = house.data(&db, sql(&format!("select * from t where i = {i}")), json!({})).await;
        for (at, kind) in COLUMNS.iter().enumerate() {
            let ours = row[0][format!("c{at}")].clone();
            // what another reader of the file sees
            let raw: rusqlite::types::Value =
                file.query_row(&format!("select c{at} from t where i = {i}"), [], |row| row.get(0)).unwrap();
            let theirs = match raw {
                rusqlite::types::Value::Null => Value::Null,
                rusqlite::types::Value::Integer(one @ 0..=1) if *kind == "boolean" => json!(one == 1),
                rusqlite::types::Value::Integer(whole) if whole.unsigned_abs() > 1 << 53 => whole.to_string().into(),
                rusqlite::types::Value::Integer(whole) => whole.into(),
                rusqlite::types::Value::Real(number) if number.is_finite() => number.into(),
                rusqlite::types::Value::Real(_) => panic!("only finite numbers were sent"),
                rusqlite::types::Value::Text(text) => text.into(),
                rusqlite::types::Value::Blob(_) => panic!("no bytes were sent"),
            };
            assert_eq!(ours, theirs, "{value} in {kind}");
            let find = json!({
                "options": {"sql": format!("select count(*) as n from t where i = {i} and (c{at} is {{{{ params.o.v }}}} or cast(c{at} as text) is {{{{ params.o.v }}}})")},
                "parameters": [{"name": "o", "type": "object"}],
            });
            assert_eq!(
                house.data(&db, find, json!({"o": {"v": ours}})).await,
                json!([{"n": 1}]),
                "{value} in {kind} as {ours}"
            );
            count += 1;
        }
    }
    assert!(count > 300, "{count}");
    for (expression, expected) in [
        ("x'00ff'", json!("AP8=")),
        ("9e999", json!("Infinity")),
        ("-9e999", json!("-Infinity")),
        ("1.0", json!(1.0)),
        ("9223372036854775808", json!(9.223_372_036_854_776e18)),
    ] {
        assert_eq!(
            house.data(&db, sql(&format!("select {expression} as v")), json!({})).await,
            json!([{"v": expected}]),
            "{expression}"
        );
    }
}
