//! Uploaded files as tables: every format, every type, and malicious files.
use super::{House, Source, TENANT, payloads::payloads, sql};
use jet_admin::Error;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Value, json};
use std::{fs, io::Write, path::PathBuf};
use uuid::Uuid;

const FILE: Uuid = Uuid::from_u128(9);

fn place(house: &House, id: Uuid) -> PathBuf {
    let folder = house.dir.path().join("uploads").join(TENANT.to_string());
    fs::create_dir_all(&folder).unwrap();
    folder.join(id.to_string())
}

fn upload(house: &House, content: impl AsRef<[u8]>) {
    fs::write(place(house, FILE), content).unwrap();
}

fn source(options: Value) -> Source {
    let mut all = json!({"fileID": FILE});
    all.as_object_mut().unwrap().extend(super::object(options));
    Source::new("file", all)
}

/// Returns the rows of `data`, and its columns as `name type`.
async fn read(options: Value, content: impl AsRef<[u8]>) -> (Value, Vec<String>) {
    let house = House::new();
    upload(&house, content);
    let outcome = house.run(&source(options), sql("select * from data"), json!({})).await.unwrap();
    let columns = outcome.columns.unwrap();
    ((*outcome.data).clone(), columns.iter().map(|column| format!("{} {}", column.name, column.r#type)).collect())
}

/// Returns the error message for a file that cannot be read.
async fn refused(options: Value, content: impl AsRef<[u8]>) -> String {
    let house = House::new();
    upload(&house, content);
    match house.run(&source(options), sql("select * from data"), json!({})).await {
        Err(Error::Datasource(problem)) => problem.message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn csv_columns_get_types_and_keep_exact_values() {
    let text = "id,zip,price,paid,day,at,note,big\n\
                1,01234,9.5,true,2026-01-31,2026-01-31T10:00:00Z,\"a, \"\"b\"\"\",12345678901234567890\n\
                2,99999,10,false,,2026-02-01 09:30,,7\n";
    let (rows, columns) = read(json!({}), text).await;
    let types =
        ["id integer", "zip text", "price real", "paid boolean", "day date", "at datetime", "note text", "big text"];
    assert_eq!(columns, types);
    assert_eq!(
        rows,
        json!([
            {"id": 1, "zip": "01234", "price": 9.5, "paid": true, "day": "2026-01-31", "at": "2026-01-31T10:00:00Z", "note": "a, \"b\"", "big": "12345678901234567890"},
            {"id": 2, "zip": "99999", "price": 10.0, "paid": false, "day": null, "at": "2026-02-01 09:30", "note": null, "big": "7"},
        ])
    );
}

#[tokio::test]
async fn delimiters_and_encodings_are_detected_or_configured() {
    let expected = json!([{"Straße": "Köln", "n": 1}]);
    let text = "Straße;n\nKöln;1\n";
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let latin1: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(read(json!({}), text).await.0, expected);
    assert_eq!(read(json!({}), format!("\u{feff}{text}")).await.0, expected);
    assert_eq!(read(json!({}), utf16).await.0, expected);
    assert_eq!(read(json!({"encoding": "latin1"}), latin1.clone()).await.0, expected);
    assert!(refused(json!({}), latin1).await.contains("line 1 is not UTF-8"));
    for (delimiter, given) in [(",", "comma"), ("\t", "tab"), ("|", "pipe"), (";", "semicolon")] {
        let text = text.replace(';', delimiter);
        assert_eq!(read(json!({}), &text).await.0, expected, "{given}");
        assert_eq!(read(json!({"delimiter": given, "format": "csv"}), &text).await.0, expected, "{given}");
    }
    assert_eq!(read(json!({"format": "tsv"}), text.replace(';', "\t")).await.0, expected);
    let (rows, columns) = read(json!({"header": false}), "a,1\nb,2\n").await;
    assert_eq!(columns, ["column_1 text", "column_2 integer"]);
    assert_eq!(rows.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn column_names_are_cleaned_up_and_unique() {
    let (_, columns) = read(json!({}), "id,ID,,\"two\nlines\",sqlite_x,\n1,2,3,4,5,\n").await;
    assert_eq!(columns, ["id integer", "ID_2 integer", "column_3 integer", "two lines integer", "column_5 integer"]);
}

#[tokio::test]
async fn json_rows_are_found_at_any_path() {
    let rows = json!([
        {"id": 1, "tag": "007", "deep": {"a": [1.10]}, "on": true, "when": "2026-01-31"},
        {"id": 2, "more": 12_345_678_901_234_567_890_u64, "deep": null},
    ]);
    let text = rows.to_string().replace("[1.1]", "[1.10]");
    let lines = "{\"id\": 1, \"tag\": \"007\", \"deep\": {\"a\":[1.10]}, \"on\": true, \"when\": \"2026-01-31\"}\n\n{\"id\": 2, \"more\": 12345678901234567890}\n";
    let expected = json!([
        {"id": 1, "tag": "007", "deep": "{\"a\":[1.10]}", "on": true, "when": "2026-01-31", "more": null},
        {"id": 2, "tag": null, "deep": null, "on": null, "when": null, "more": "12345678901234567890"},
    ]);
    let cases = [
        (json!({}), text.clone()),
        (json!({"format": "json"}), text.clone()),
        (json!({}), format!("{{\"count\": 2, \"meta\": {{\"x\": [1]}}, \"items\": {text}}}")),
        (
            json!({"path": "result.items"}),
            format!("{{\"tags\": [\"a\"], \"result\": {{\"other\": [], \"items\": {text}}}}}"),
        ),
        (json!({}), lines.to_owned()),
        (json!({"format": "jsonl"}), lines.to_owned()),
    ];
    for (options, text) in cases {
        let (rows, columns) = read(options.clone(), text).await;
        assert_eq!(rows, expected, "{options}");
        assert_eq!(columns, ["id integer", "tag text", "deep json", "on boolean", "when date", "more text"]);
    }
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Targets 2026").unwrap();
    for (column, name) in (0..).zip(["id", "amount", "day", "at", "paid", "code", "gap"]) {
        sheet.write_string(1, column, name).unwrap();
    }
    let (day, at) = (Format::new().set_num_format("yyyy-mm-dd"), Format::new().set_num_format("yyyy-mm-dd hh:mm"));
    for row in [2, 4] {
        sheet.write_number(row, 0, f64::from(row)).unwrap();
        sheet.write_number(row, 1, 1.25).unwrap();
        sheet.write_datetime_with_format(row, 2, ExcelDateTime::from_ymd(2026, 1, 31).unwrap(), &day).unwrap();
        let moment = ExcelDateTime::from_ymd(2026, 1, 31).unwrap().and_hms(10, 30, 0).unwrap();
        sheet.write_datetime_with_format(row, 3, moment, &at).unwrap();
        sheet.write_boolean(row, 4, row == 2).unwrap();
        sheet.write_string(row, 5, "007").unwrap();
    }
    let second = book.add_worksheet().set_name("Data").unwrap();
    second.write_string(0, 0, "x").unwrap();
    second.write_number(1, 0, 5).unwrap();
    book.add_worksheet().set_name("Empty").unwrap();
    book.save_to_buffer().unwrap()
}

#[tokio::test]
async fn each_sheet_of_a_workbook_is_a_table() {
    let (rows, columns) = read(json!({}), workbook()).await;
    let types = ["id integer", "amount real", "day date", "at datetime", "paid boolean", "code text", "gap text"];
    assert_eq!(columns, types);
    let row = |id: i32, paid: bool| json!({"id": id, "amount": 1.25, "day": "2026-01-31", "at": "2026-01-31T10:30:00", "paid": paid, "code": "007", "gap": null});
    assert_eq!(rows, json!([row(2, true), row(4, false)]));
    let house = House::new();
    upload(&house, workbook());
    let tables = house.queries.schema(TENANT, &source(json!({})).0, false).await.unwrap();
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.kind.as_str())).collect();
    assert_eq!(names, [("Data_2", "table"), ("Empty", "table"), ("Targets 2026", "table"), ("data", "view")]);
    assert_eq!(house.data(&source(json!({})), sql("select x from Data_2"), json!({})).await, json!([{"x": 5}]));
    let (rows, _) = read(json!({"sheet": "Data"}), workbook()).await;
    assert_eq!(rows, json!([{"x": 5}]));
    assert!(refused(json!({"sheet": "Nope"}), workbook()).await.contains("Targets 2026, Data, Empty"));
}

#[tokio::test]
async fn a_connection_test_summarizes_the_file() {
    let house = House::new();
    let test = async |options: Value| house.queries.test(TENANT, "file", &source(options).0.options).await.unwrap();
    upload(&house, format!("a,b\n{}", "1,2\n".repeat(3400)));
    assert_eq!(test(json!({})).await.server_version.as_deref(), Some("CSV, 2 columns, 3 400 rows"));
    upload(&house, workbook());
    assert_eq!(test(json!({})).await.server_version.as_deref(), Some("XLSX, 3 sheets, 8 columns, 3 rows"));
    fs::remove_file(place(&house, FILE)).unwrap();
    let missing = test(json!({})).await;
    assert!(!missing.ok && missing.error.unwrap().contains("upload it again"));
}

#[tokio::test]
async fn malformed_files_are_reported_with_the_position() {
    let deep = format!("[{{\"a\": {}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    let cases: Vec<(Value, Vec<u8>, &str)> = vec![
        (json!({}), b"a,b\n1,2\n3\n".to_vec(), "line 3 has 1 fields, but the first line has 2"),
        (json!({}), b"a,b\n1,2,3\n".to_vec(), "line 2 has 3 fields"),
        (json!({}), b"a\n\xff\n".to_vec(), "line 2 is not UTF-8"),
        (json!({}), format!("a\n\"{}", "x".repeat(2 << 20)).into_bytes(), "row 2 has a cell of more than 1 MiB"),
        (json!({}), format!("{}\n", "a,".repeat(1500)).into_bytes(), "more than 1000 columns"),
        (json!({}), b"[{\"a\": 1}, {\"a\": }]".to_vec(), "line 1 column 18"),
        (json!({}), b"[{\"a\": 1}, 2]".to_vec(), "expected an object"),
        (json!({}), b"[{\"a\": 1}".to_vec(), "the JSON is malformed"),
        (json!({"format": "json"}), b"{\"a\": {\"b\": []}}".to_vec(), "enter the path to the rows in `path`"),
        (json!({"path": "a.c"}), b"{\"a\": {\"b\": []}}".to_vec(), "the document has no array at a.c"),
        (json!({}), b"{\"a\": 1}\n{\"a\": \n".to_vec(), "line 2 is not an object"),
        (json!({"format": "jsonl"}), b"{\"a\": 1}\n[1]\n".to_vec(), "line 2 is not an object"),
        (json!({"format": "xlsx"}), b"a,b\n".to_vec(), "this is not an XLSX file"),
        (json!({}), b"PK\x03\x04 and nothing more".to_vec(), "the workbook is damaged"),
        (json!({"format": "json"}), deep.into_bytes(), ""),
    ];
    for (options, content, expected) in cases {
        let start = String::from_utf8_lossy(&content[..content.len().min(40)]).into_owned();
        if expected.is_empty() {
            // however deeply nested, the value is read as text
            assert_eq!(read(options, content).await.1, ["a json"]);
            continue;
        }
        let message = refused(options, content).await;
        assert!(message.contains(expected), "{start}: {message}");
        assert!(!message.contains("uploads") && !message.contains('/'), "must not reveal a path: {message}");
    }
}

/// Returns the test workbook with one part replaced.
fn with_part(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(workbook())).unwrap();
    let mut changed = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let part = archive.by_index_raw(at).unwrap();
        if part.name() != name {
            changed.raw_copy_file(part).unwrap();
        }
    }
    changed.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    changed.write_all(content).unwrap();
    changed.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_malicious_workbook_is_refused() {
    let strings = "xl/sharedStrings.xml";
    let bomb = with_part(strings, &vec![b' '; 130 << 20]);
    assert!(bomb.len() < 1 << 20, "the compressed file is small");
    assert!(refused(json!({}), bomb).await.contains("too large when unpacked"));
    for quote in ["\"99999999999999\"", " = '4000000000'", "=\"99999999999999999999999\""] {
        let equals = if quote.starts_with('"') { "=" } else { "" };
        let announced = format!("<sst uniqueCount{equals}{quote}><si><t>x</t></si></sst>");
        assert!(refused(json!({}), with_part(strings, announced.as_bytes())).await.contains("declares more texts"));
    }
    let sheet = |row: &str| format!("<worksheet><sheetData>{row}</sheetData></worksheet>");
    let far = sheet("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>");
    let refusal = refused(json!({}), with_part("xl/worksheets/sheet1.xml", far.as_bytes())).await;
    assert!(refusal.contains("more than 1000 columns"), "{refusal}");
    let low =
        sheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"A1048576\"><v>2</v></c></row>");
    let (rows, _) = read(json!({"header": false}), with_part("xl/worksheets/sheet1.xml", low.as_bytes())).await;
    assert_eq!(rows, json!([{"column_1": 1}, {"column_1": 2}]), "empty rows are skipped");
}

#[tokio::test]
async fn values_stay_values_and_the_file_cannot_be_changed() {
    let house = House::new();
    let source = source(json!({}));
    upload(&house, "id,name\n1,first\n2,second\n");
    for payload in payloads() {
        let query = json!({"options": {"sql": "select id from data where name = {{ params.name }}"}, "parameters": [{"name": "name"}]});
        assert_eq!(house.data(&source, query, json!({"name": payload})).await, json!([]), "{payload}");
    }
    for change in
        ["delete from data", "drop table data", "create table x (a)", "attach '/tmp/x' as x", "pragma query_only = off"]
    {
        house.run(&source, sql(change), json!({})).await.unwrap_err();
    }
    assert_eq!(house.data(&source, sql("select count(*) as n from data"), json!({})).await, json!([{"n": 2}]));
    // the content of a file is always data
    let lines: Vec<_> = payloads().iter().map(|text| format!("\"{}\"", text.replace('"', "\"\""))).collect();
    let hostile = lines.join("\n");
    upload(&house, format!("\"x\"\"); drop table data; --\"\n{hostile}"));
    let rows = house.data(&source, sql("select * from data"), json!({})).await;
    let kept: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["x\"); drop table data; --"].clone()).collect();
    assert_eq!(kept, payloads().iter().map(|text| json!(text)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_file_is_loaded_once_and_reloaded_after_a_change() {
    let house = House::new();
    let source = source(json!({}));
    upload(&house, format!("n\n{}", "1\n".repeat(1000)));
    let count = async || house.data(&source, sql("select count(*) as n from data"), json!({})).await[0]["n"].clone();
    let many = futures_util::future::join_all((0..20).map(|_| count())).await;
    assert!(many.iter().all(|n| *n == 1000));
    let tables = || {
        let names = fs::read_dir(place(&house, FILE).parent().unwrap()).unwrap().flatten();
        names.filter(|entry| entry.file_name().to_string_lossy().starts_with(".table-")).count()
    };
    assert_eq!(tables(), 1, "all queries used the same database");
    upload(&house, "n\n1\n2\n");
    assert_eq!(count().await, 2);
    assert_eq!(tables(), 1, "the old database is deleted");
}
