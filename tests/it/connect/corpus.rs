//! Small files in every format, each with the table it must produce: `tests/corpus`.
use super::{House, Source, TENANT, object, sql};
use jet_admin::Error;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus");

/// What reading a file must produce.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub options: Map<String, Value>,
    /// A part of the expected error message.
    pub refused: Option<String>,
    /// Each column as `name type`.
    #[serde(default)]
    pub columns: Vec<String>,
    #[serde(default)]
    pub rows: Vec<Vec<Value>>,
    /// Options that the preview must propose.
    #[serde(default)]
    suggests: Vec<String>,
    /// Parts of the expected notes and warnings about the table and its columns.
    #[serde(default)]
    notes: Vec<String>,
}

/// Returns the files of the corpus that have a file with the expected table beside them.
pub fn cases() -> Vec<(PathBuf, Expected)> {
    let mut found = Vec::new();
    for folder in fs::read_dir(FOLDER).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for entry in fs::read_dir(folder.path()).unwrap().flatten() {
            let file = entry.path();
            let beside = PathBuf::from(format!("{}.json", file.display()));
            if beside.exists() {
                found.push((file, serde_json::from_slice(&fs::read(beside).unwrap()).unwrap()));
            }
        }
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

/// Copies a file of the corpus to the tenant's uploads and returns the options that select it.
fn uploaded(house: &House, file: &Path, at: usize, options: &Map<String, Value>) -> Map<String, Value> {
    let folder = house.dir.path().join("uploads").join(TENANT.to_string());
    fs::create_dir_all(&folder).unwrap();
    let id = Uuid::from_u128(1000 + at as u128);
    fs::copy(file, folder.join(id.to_string())).unwrap();
    let mut all = object(json!({"fileID": id}));
    all.extend(options.clone());
    all
}

/// Returns the columns and rows of `data`, or the error message.
async fn table(house: &House, options: Map<String, Value>) -> Result<(Vec<String>, Vec<Vec<Value>>), String> {
    let outcome = match house.run(&Source::new("file", options.into()), sql("select * from data"), json!({})).await {
        Ok(outcome) => outcome,
        Err(Error::Datasource(problem)) => return Err(problem.message),
        Err(other) => return Err(format!("{other:?}")),
    };
    let columns = outcome.columns.unwrap();
    let row = |row: &Value| columns.iter().map(|column| row[&column.name].clone()).collect();
    let rows = outcome.data.as_array().unwrap().iter().map(row).collect();
    Ok((columns.iter().map(|column| format!("{} {}", column.name, column.r#type)).collect(), rows))
}

/// Returns the columns and rows of a preview, in the same form as `table`.
fn previewed(preview: &Value) -> (Vec<String>, Vec<Vec<Value>>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let table = &preview["tables"][0];
    let columns = table["columns"].as_array().unwrap().iter();
    let rows = table["rows"].as_array().unwrap().iter();
    (
        columns.map(|column| format!("{} {}", text(&column["name"]), text(&column["type"]))).collect(),
        rows.map(|row| row["values"].as_array().unwrap().clone()).collect(),
    )
}

/// Returns all notes and warnings of a preview.
fn notes(preview: &Value) -> Vec<String> {
    let of = |table: &Value| {
        let columns = table["columns"].as_array().unwrap().clone().into_iter().map(|column| column["note"].clone());
        let warnings = table["warnings"].as_array().unwrap().clone();
        columns.chain(warnings).filter_map(|note| note.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    preview["tables"].as_array().unwrap().iter().flat_map(of).collect()
}

#[tokio::test]
async fn every_file_of_the_corpus_yields_its_table_or_its_error() {
    let cases = cases();
    assert!(cases.len() >= 190, "{} files", cases.len());
    let mut wrong = Vec::new();
    for (at, (file, expected)) in cases.iter().enumerate() {
        // a separate engine per file, because the number of open files is bounded
        let house = House::new();
        let name = file.strip_prefix(FOLDER).unwrap().display().to_string();
        let options = uploaded(&house, file, at, &expected.options);
        let preview = house.queries.preview_file(TENANT, None, &options).await.unwrap();
        let preview = serde_json::to_value(preview).unwrap();
        match (table(&house, options).await, &expected.refused) {
            (Err(message), Some(part)) if message.contains(part.as_str()) => {
                if preview["error"] != json!(message) {
                    wrong.push(format!("{name}: refused with {message}, but the preview reports {}", preview["error"]));
                }
            }
            (Ok(found), None) => {
                let (columns, rows) = (&expected.columns, &expected.rows);
                if (&found.0, &found.1) != (columns, rows) {
                    wrong.push(format!("{name}: {found:?}"));
                }
                let (seen_columns, seen_rows) = previewed(&preview);
                let is_empty = *columns == ["column_1 text"] && rows.is_empty();
                if !is_empty && (&seen_columns != columns || seen_rows != rows[..rows.len().min(50)]) {
                    wrong.push(format!("{name}: previewed as {seen_columns:?} {seen_rows:?}"));
                }
                if !preview["error"].is_null() {
                    wrong.push(format!("{name}: the preview reports {}", preview["error"]));
                }
            }
            (found, refused) => wrong.push(format!("{name}: {found:?} instead of {refused:?}")),
        }
        let suggested: Vec<&String> = preview["suggestions"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one["options"].as_object().unwrap().keys())
            .collect();
        for option in expected.suggests.iter().filter(|option| !suggested.contains(option)) {
            wrong.push(format!("{name}: {option} is not suggested in {}", preview["suggestions"]));
        }
        let notes = notes(&preview);
        for note in expected.notes.iter().filter(|note| !notes.iter().any(|found| found.contains(note.as_str()))) {
            wrong.push(format!("{name}: the note {note} is missing in {notes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn suggested_options_make_a_file_readable() {
    let house = House::new();
    for (at, (file, expected)) in cases().iter().enumerate().filter(|(_, (_, expected))| !expected.suggests.is_empty())
    {
        let options = uploaded(&house, file, at, &expected.options);
        let preview = serde_json::to_value(house.queries.preview_file(TENANT, None, &options).await.unwrap()).unwrap();
        for suggestion in preview["suggestions"].as_array().unwrap() {
            let mut better = options.clone();
            better.extend(suggestion["options"].as_object().unwrap().clone());
            let read = serde_json::to_value(house.queries.preview_file(TENANT, None, &better).await.unwrap()).unwrap();
            assert_eq!(read["error"], Value::Null, "{}: {suggestion}", file.display());
        }
    }
}

#[tokio::test]
async fn suggestions_lead_to_the_types_of_a_file_with_a_few_other_words() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("messy.csv");
    let days = (1..=28).map(|day| format!("{day:02}.01.2026;1.{day:03},50;{day}\n"));
    let rest = "n/a;n/a;0\n29.01.2026;k. A.;viele\nSumme;9.999,00;29\n";
    fs::write(&file, format!("Tag;Umsatz;Menge\n{}{rest}", days.collect::<String>())).unwrap();
    let mut options = uploaded(&house, &file, 0, &Map::new());
    let mut used = Vec::new();
    loop {
        let preview = serde_json::to_value(house.queries.preview_file(TENANT, None, &options).await.unwrap()).unwrap();
        assert_eq!(preview["error"], Value::Null);
        let Some(next) = preview["suggestions"].as_array().unwrap().first() else { break };
        used.push(next["message"].clone());
        assert!(used.len() < 8, "{used:?}");
        options.extend(next["options"].as_object().unwrap().clone());
    }
    let (columns, rows) = table(&house, options).await.unwrap();
    assert_eq!(columns, ["Tag date", "Umsatz real", "Menge integer"], "{used:?}");
    assert_eq!(rows[0], [json!("2026-01-01"), json!(1001.5), json!(1)]);
    assert_eq!(rows[29], [json!("2026-01-29"), Value::Null, Value::Null]);
}

#[tokio::test]
async fn names_of_columns_that_are_read_as_values_are_no_missing_values() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("headed.csv");
    let rows = (1..=30).map(|n| format!("Item {n};{n}.5;2026-01-{n:02}\n"));
    fs::write(&file, format!("Name;Amount;Day\n{}", rows.collect::<String>())).unwrap();
    let options = uploaded(&house, &file, 0, &object(json!({"header": false})));
    let preview = serde_json::to_value(house.queries.preview_file(TENANT, None, &options).await.unwrap()).unwrap();
    let suggested: Vec<_> = preview["suggestions"].as_array().unwrap().iter().map(|one| &one["options"]).collect();
    assert_eq!(suggested, [&json!({"header": true})], "{preview}");
}

#[tokio::test]
async fn rows_without_values_are_kept_until_they_are_left_out() {
    let (house, other) = (House::new(), House::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("padded.csv");
    fs::write(&file, "name;amount\nA;1\n;\nB;2\n\"\"; n/a\n;;\n").unwrap();
    let given = object(json!({"raggedRows": "fill", "nulls": ["n/a"], "trim": true}));
    let options = uploaded(&house, &file, 0, &given);
    assert_eq!(table(&house, options.clone()).await.unwrap().1.len(), 5);
    let preview = serde_json::to_value(house.queries.preview_file(TENANT, None, &options).await.unwrap()).unwrap();
    let suggested = json!({"message": "Leave out 3 empty rows", "options": {"skipEmptyRows": true}});
    assert!(preview["suggestions"].as_array().unwrap().contains(&suggested), "{preview}");
    let mut better = uploaded(&other, &file, 0, &given);
    better.extend(object(suggested["options"].clone()));
    assert_eq!(table(&other, better).await.unwrap().1, [[json!("A"), json!(1)], [json!("B"), json!(2)]]);
}

#[test]
fn other_readers_produce_the_same_tables_except_for_known_differences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/python/bin/python");
    let is_there = Command::new(&python).args(["-c", "import duckdb, openpyxl, pandas"]).output();
    assert!(
        is_there.is_ok_and(|done| done.status.success()),
        "pandas, openpyxl and DuckDB are missing: `make test` installs them"
    );
    let compared = Command::new(python).arg(root.join("tests/formats/compare.py")).arg(FOLDER).output().unwrap();
    assert!(
        compared.status.success(),
        "{}{}",
        String::from_utf8_lossy(&compared.stdout),
        String::from_utf8_lossy(&compared.stderr)
    );
}

#[tokio::test]
async fn amounts_with_a_decimal_comma_are_numbers_whatever_their_decimal_places() {
    let house = House::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("amounts.csv");
    fs::write(&file, "name;amount;version\na;99,90;1.9\nb;1.234,5;1.10\nc;-12;1.11\n").unwrap();
    let options = uploaded(&house, &file, 0, &Map::new());
    let read = async |options: &Map<String, Value>| {
        let preview = house.queries.preview_file(TENANT, None, options).await.unwrap();
        serde_json::to_value(preview).unwrap()
    };
    let before = read(&options).await;
    let suggestion = &before["suggestions"][0];
    assert_eq!(suggestion["options"], json!({"decimal": "comma", "thousands": "point"}), "{before}");
    let mut better = options.clone();
    better.extend(suggestion["options"].as_object().unwrap().clone());
    let after = read(&better).await;
    let types: Vec<_> = after["tables"][0]["columns"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(types, ["text", "real", "text"], "{after}");
    assert_eq!(after["tables"][0]["rows"][0]["values"][1], 99.9);
}
