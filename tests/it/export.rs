//! A million rows exported to a file by the real process: every row arrives, and memory use stays low.
use crate::support::{
    Client, Process,
    client::id,
    postgres::{PASSWORD, postgres},
    process::data_dir,
};
use calamine::{DataRef, Reader, Xlsx};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom, Write},
};
use uuid::Uuid;

const ROWS: usize = 1_000_000;
/// KiB that the process may grow by.
const GROWTH: u64 = 100 << 10;

async fn query(client: &Client, kind: &str, options: Value, text: &str) -> Uuid {
    let datasource = json!({"name": kind, "type": kind, "options": options});
    let datasource = id(&client.post("datasources", datasource).await.expect(201));
    let query = json!({"name": kind, "datasourceID": datasource, "options": {"sql": text}});
    id(&client.post("data-queries", query).await.expect(201))
}

/// Receives a file in chunks, as a browser does.
async fn receive(client: &Client, query: Uuid, format: &str) -> File {
    let mut answer = client.call(Method::POST, &format!("data-queries/{query}/export?format={format}")).open().await;
    let status = answer.status();
    assert!(status == 200, "{status}: {}", answer.text().await.unwrap());
    let mut file = tempfile::tempfile().unwrap();
    while let Some(piece) = answer.chunk().await.unwrap() {
        file.write_all(&piece).unwrap();
    }
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

/// The number of rows in a file, and the first cell of its last row.
fn read(file: File, format: &str) -> (usize, String) {
    let file = BufReader::new(file);
    if format == "xlsx" {
        let mut book = Xlsx::new(file).unwrap();
        let name = book.sheet_names()[0].clone();
        let mut cells = book.worksheet_cells_reader(&name).unwrap();
        let mut last = (0, String::new());
        while let Some(cell) = cells.next_cell().unwrap() {
            if let ((row, 0), DataRef::Float(value)) = (cell.get_position(), cell.get_value()) {
                last = (row as usize, value.to_string());
            }
        }
        return last;
    }
    let (mut count, mut last) = (0, String::new());
    for line in file.lines() {
        (count, last) = (count + 1, line.unwrap());
    }
    if format == "csv" {
        return (count - 1, last.split(',').next().unwrap().to_owned());
    }
    let row: Value = serde_json::from_str(&last).unwrap();
    (count, row["i"].to_string())
}

async fn exports(client: &Client, process: &Process, kind: &str, query: Uuid) {
    for format in ["csv", "ndjson", "xlsx"] {
        // other work of the process may coincide with an export, but not with each of them
        let mut growths = Vec::new();
        while growths.last().is_none_or(|grown| *grown >= GROWTH) {
            assert!(growths.len() < 3, "{kind} {format}: the process grew by {growths:?} KiB");
            process.reset_peak();
            let before = process.peak();
            let file = receive(client, query, format).await;
            growths.push(process.grown(before));
            assert_eq!(read(file, format), (ROWS, ROWS.to_string()), "{kind} {format}");
        }
    }
}

#[tokio::test]
async fn exporting_a_million_rows_from_sqlite_uses_little_memory() {
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner(&root).await;
    let files = root.join("files").join(client.tenant.unwrap().to_string());
    std::fs::create_dir_all(&files).unwrap();
    rusqlite::Connection::open(files.join("a.db")).unwrap().execute_batch("create table t (a)").unwrap();
    let text = format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < {ROWS}) select i, 'row ' || i as name from n"
    );
    let query = query(&client, "sqlite", json!({"path": "a.db"}), &text).await;
    exports(&client, &process, "sqlite", query).await;
}

#[tokio::test]
async fn exporting_a_million_rows_from_postgresql_uses_little_memory() {
    let (_dir, root) = data_dir();
    let (process, client) = Process::with_owner(&root).await;
    let options = json!({"host": "127.0.0.1", "port": postgres().port, "database": "postgres", "user": "admin", "password": PASSWORD});
    let text = format!("select i, 'row ' || i as name from generate_series(1, {ROWS}) i");
    let query = query(&client, "postgresql", options, &text).await;
    exports(&client, &process, "postgresql", query).await;
}
