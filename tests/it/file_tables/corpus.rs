//! Every file of the corpus has the same values in a table as through a datasource that reads the file.
use super::{DATABASES, make, upload};
use crate::{connect::corpus::cases, table_apps::Shop};
use serde_json::{Value, json};

/// Files that cannot become tables of some databases, with the reason, and what helps.
const REFUSED: &[(&str, &str, &str)] = &[
    ("nul.csv", "postgresql", "invalid byte sequence"),
    ("control-characters.json", "postgresql", "invalid byte sequence"),
    ("types.csv", "postgresql", "has a time zone, which the column does not keep"),
    ("types.csv", "mysql", "has a time zone, which the column does not keep"),
    ("times.json", "postgresql", "has a time zone, which the column does not keep"),
    ("times.json", "mysql", "has a time zone, which the column does not keep"),
];

/// Returns a value in the form in which it can be compared.
fn plain(kind: &str, value: &Value) -> Value {
    match (kind, value) {
        // MySQL and SQLite have no booleans
        ("boolean", Value::Bool(truth)) => i64::from(*truth).into(),
        ("datetime" | "time", Value::String(text)) => {
            let text = text.replace('T', " ");
            let text = if text.matches(':').count() == 1 { format!("{text}:00") } else { text };
            let whole = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            whole.into()
        }
        ("json", Value::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        ("real", Value::Number(number)) => json!(number.as_f64()),
        _ => value.clone(),
    }
}

async fn check(kind: &'static str) -> Vec<String> {
    let shop = Shop::new(kind, &[]).await;
    let mut wrong = Vec::new();
    let mut made = 0;
    for (at, (path, expected)) in cases().into_iter().enumerate() {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if expected.refused.is_some() || expected.columns == ["column_1 text"] && expected.rows.is_empty() {
            continue;
        }
        let file = upload(&shop, &format!("{at} {name}"), &std::fs::read(&path).unwrap()).await;
        let table = format!("t{at}");
        let body = json!({"options": expected.options, "table": table, "numbered": "row_number_"});
        let answer = make(&shop, &file, body).await;
        let known = REFUSED.iter().find(|(file, database, _)| *file == name && *database == kind);
        if let Some((.., why)) = known {
            if answer.status == 200 || !answer.text.contains(why) {
                wrong.push(format!("{kind} {name}: {} instead of {why}", answer.text));
            }
            continue;
        }
        if answer.status != 200 {
            wrong.push(format!("{kind} {name}: {}", answer.text));
            continue;
        }
        made += 1;
        let written = answer.expect(200);
        if written["rows"] != json!(expected.rows.len()) {
            wrong.push(format!("{kind} {name}: {written}"));
        }
        let rows = shop.sql(&format!("select * from {table} order by row_number_")).await;
        let columns: Vec<(&str, &str)> =
            expected.columns.iter().map(|column| column.rsplit_once(' ').unwrap()).collect();
        for (row, expected) in rows.as_array().unwrap().iter().zip(&expected.rows) {
            for ((column, kind_of), expected) in columns.iter().zip(expected) {
                if plain(kind_of, &row[*column]) != plain(kind_of, expected) {
                    wrong.push(format!("{kind} {name}, {column} {kind_of}: {} instead of {expected}", row[*column]));
                }
            }
        }
    }
    assert!(made > 100, "{kind}: only {made} tables");
    wrong
}

#[tokio::test]
async fn a_table_has_the_values_of_its_file() {
    let mut wrong = Vec::new();
    for kind in DATABASES {
        wrong.extend(Box::pin(check(kind)).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
