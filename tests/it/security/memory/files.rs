//! Uploaded files that expand when they are read.
use super::{MIB, released};
use crate::support::{
    Client, World,
    client::id,
    process::{Process, data_dir},
};
use reqwest::Method;
use serde_json::json;
use std::io::Write;

/// A workbook with this sheet and these shared strings.
fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let root = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let book =
        format!(r#"<workbook xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="a"/></sheets></workbook>"#);
    let parts = format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="a" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    for (name, content) in [
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", strings),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn sheet(cell: &str) -> Vec<u8> {
    format!("<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{cell}</t></is></c></row></sheetData></worksheet>")
        .into_bytes()
}

/// Files with the expected error; empty if the file is fine.
fn bombs() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let names: Vec<String> = (0..300_000).map(|number| format!("\"{number}\":1")).collect();
    let blanks = " ".repeat(48 * MIB);
    let many = format!("<sst>{}</sst>", "<si/>".repeat(2 * MIB)).into_bytes();
    let strings = b"<sst></sst>".as_slice();
    let pieces = format!("<r><t>{}</t></r>", "x".repeat(MIB / 2)).repeat(64);
    let long = format!("[{{\"a\": \"{}\"}}]", "x".repeat(32 * MIB));
    let nested = format!("[{{\"a\": [{}0]}}]", "0,".repeat(16 * MIB));
    let name = format!("{{\"{}\": []}}", "x".repeat(32 * MIB));
    let wide: Vec<u8> = "a\n".bytes().chain(vec![b','; 48 * MIB]).collect();
    let sixteen: Vec<u8> = [0xFF, 0xFE].into_iter().chain(*b"a\0\n\0\"\0").chain(b"x\0".repeat(24 * MIB)).collect();
    vec![
        ("a line of commas", vec![b','; 48 * MIB], "more than 1000 columns"),
        ("a second line of commas", wide, "more than 1000 columns"),
        (
            "a quote without an end",
            format!("a\n\"{}", format!("{}\n", "x".repeat(99)).repeat(MIB / 2)).into_bytes(),
            "more than 1 MiB",
        ),
        ("the same in UTF-16", sixteen, "more than 1 MiB"),
        ("an object of many names", format!("[{{{}}}]", names.join(",")).into_bytes(), "more than 1000 columns"),
        ("a line of many names", format!("{{\"a\": 1}}\n{{{}}}\n", names.join(",")).into_bytes(), "1000 columns"),
        ("a long text", long.into_bytes(), "more than 1 MiB"),
        ("a long list", nested.into_bytes(), "more than 1 MiB"),
        ("a long name", name.into_bytes(), "more than 1 MiB"),
        ("a sheet of blanks", workbook(&sheet(&blanks), strings), "more than 1 MiB"),
        ("a cell of many pieces", workbook(&sheet(&pieces), strings), "more than 1 MiB"),
        ("many shared strings", workbook(&sheet("x"), &many), "too large when unpacked"),
        ("a workbook without harm", workbook(&sheet("x"), strings), ""),
    ]
}

async fn test(client: &Client, name: &str, content: Vec<u8>) -> String {
    let path = format!("files?name={}", name.replace(' ', "-"));
    let file = client.call(Method::POST, &path).raw("text/csv", content).send().await.expect(201);
    let options = json!({"type": "file", "options": {"fileID": id(&file)}});
    let report = client.post("datasources/test", options).await.expect(200);
    report["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_expand_in_memory_are_refused_while_they_are_read() {
    let (_dir, data) = data_dir();
    let (process, client) = Process::with_owner(&data).await;
    for (name, content, expected) in bombs() {
        let size = content.len();
        // measure the peak after this point
        process.reset_peak();
        let before = process.peak();
        let error = test(&client, name, content).await;
        let grown = process.grown(before) >> 10;
        assert!(error.contains(expected) && error.is_empty() == expected.is_empty(), "{name}: {error}");
        assert!(grown < 100, "{name} of {size} bytes used {grown} MiB");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_for_loading_files_is_released() {
    let world = World::empty().await;
    let error = test(&world.client, "fine", b"a,b\n1,2\n".to_vec()).await;
    assert_eq!(error, "");
    released(&world.server.server.app.budget).await;
}
