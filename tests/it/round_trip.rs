//! An exported table is the same table when the file is uploaded again.
use crate::support::{World, client::id};
use proptest::{
    prelude::{Just, any, prop},
    prop_oneof,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use reqwest::Method;
use serde_json::{Map, Value, json};

const TABLES: usize = 6;
const COLUMNS: [&str; 8] = ["whole", "large", "decimal", "flag", "text", "day", "moment", "mixed, \"name\""];

/// Texts that file formats often change.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::sample::select(
            [
                "007",
                " 5",
                "+1",
                "1.10",
                "NULL",
                "true",
                "=1+1",
                "-",
                "'",
                "\"",
                "a\"\"b",
                "a,b;c\td|e",
                "_x000D_",
                "2026-01-31",
                "\u{feff}x"
            ]
            .map(str::to_owned)
            .to_vec()
        ),
        "[a-z \n\r\t\"',;|éß東😀]{0,12}",
    ]
}

fn row() -> impl Strategy<Value = Map<String, Value>> {
    let number = any::<f64>().prop_filter_map("finite", |value| value.is_finite().then(|| json!(value)));
    let moment = (day(), 0_u32..24, 0_u32..60).prop_map(|(day, h, m)| json!(format!("{day}T{h:02}:{m:02}:00")));
    let cells = (
        any::<i32>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        number,
        any::<bool>().prop_map(Value::from),
        texts().prop_map(Value::from),
        day().prop_map(Value::from),
        moment,
        texts().prop_map(Value::from),
    );
    let cells = cells.prop_map(|(a, b, c, d, e, f, g, h)| [a, b, c, d, e, f, g, h]);
    (cells, prop::array::uniform8(0_u8..5)).prop_map(|(cells, missing)| {
        let value = |(value, missing)| if missing == 0 { Value::Null } else { value };
        COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells.into_iter().zip(missing).map(value)).collect()
    })
}

fn day() -> impl Strategy<Value = String> {
    (1900_i32..2100, 1_u32..13, 1_u32..29).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

/// A query over a file with this content.
async fn query(world: &World, name: &str, content: Vec<u8>, options: Value) -> uuid::Uuid {
    let file = world.client.call(Method::POST, &format!("files?name={name}")).raw("text/plain", content).send().await;
    let mut all = json!({"fileID": id(&file.expect(201))});
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    let datasource = json!({"name": name, "type": "file", "options": all});
    let datasource = id(&world.client.post("datasources", datasource).await.expect(201));
    let query = json!({"name": name, "datasourceID": datasource, "options": {"sql": "select * from data"}});
    id(&world.client.post("data-queries", query).await.expect(201))
}

/// Replaces empty texts with null, because spreadsheets cannot distinguish them.
fn as_in_a_sheet(rows: &Value) -> Value {
    let mut rows = rows.clone();
    for row in rows.as_array_mut().unwrap() {
        for (_, value) in row.as_object_mut().unwrap() {
            if value == "" {
                *value = Value::Null;
            }
        }
    }
    rows
}

#[tokio::test]
async fn every_export_can_be_imported_as_the_same_table() {
    let world = World::empty().await;
    let mut runner = TestRunner::deterministic();
    for table in 0..TABLES {
        let rows = prop::collection::vec(row(), 1..60).new_tree(&mut runner).unwrap().current();
        let lines: Vec<String> = rows.iter().map(|row| Value::Object(row.clone()).to_string()).collect();
        let types = ["integer", "integer", "real", "boolean", "text", "date", "datetime", "text"];
        let columns: Vec<Value> =
            COLUMNS.iter().zip(types).map(|(name, kind)| json!({"name": name, "type": kind})).collect();
        let options = json!({"format": "jsonl", "columns": columns});
        let first = query(&world, &format!("first-{table}"), lines.join("\n").into(), options).await;
        let execute = async |query: uuid::Uuid| {
            world.client.post(&format!("data-queries/{query}/execute"), json!({})).await.expect(200)
        };
        let before = execute(first).await;
        assert_eq!(before["data"].as_array().unwrap().len(), rows.len());
        for format in ["csv", "ndjson", "xlsx"] {
            let path = format!("data-queries/{first}/export?format={format}&formulas=keep");
            let answer = world.client.call(Method::POST, &path).open().await;
            assert_eq!(answer.status(), 200);
            let content = answer.bytes().await.unwrap().to_vec();
            let options = json!({"columns": columns, "format": if format == "ndjson" { "jsonl" } else { format }});
            let again = execute(query(&world, &format!("{format}-{table}"), content, options).await).await;
            assert_eq!(again["columns"], before["columns"], "{format}");
            if format == "xlsx" {
                assert_eq!(as_in_a_sheet(&again["data"]), as_in_a_sheet(&before["data"]), "{format}");
            } else {
                assert_eq!(again["data"], before["data"], "{format}");
            }
        }
    }
}
