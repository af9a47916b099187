//! Files that are small on the wire and large once they are read.
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

const MIB: usize = 1 << 20;

/// 99 MB of commas: one record of a hundred million fields.
pub fn commas() -> Vec<u8> {
    vec![b','; 99 * MIB]
}

/// One JSON object with a million and a half names.
pub fn names() -> Vec<u8> {
    let mut text = String::with_capacity(20 * MIB);
    text.push_str("[{");
    for i in 0..1_500_000 {
        text.push_str(if i == 0 { "\"" } else { ",\"" });
        text.push_str(&i.to_string());
        text.push_str("\":0");
    }
    text.push_str("}]");
    text.into_bytes()
}

/// A JSON list of small numbers.
pub fn zeros(bytes: usize) -> Vec<u8> {
    let mut text = vec![b'['];
    while text.len() < bytes - 2 {
        text.extend_from_slice(b"0,");
    }
    text.extend_from_slice(b"0]");
    text
}

/// A workbook whose only cell is 860 MB of blanks.
pub fn blanks() -> Vec<u8> {
    workbook(&[], |sheet| {
        write(sheet, b"<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>");
        let blanks = vec![b' '; MIB];
        for _ in 0..860 {
            write(sheet, &blanks);
        }
        write(sheet, b"</t></is></c></row>");
    })
}

/// A workbook with seven million shared strings.
pub fn strings() -> Vec<u8> {
    let mut strings = Vec::with_capacity(128 * MIB);
    strings.extend_from_slice(
        b"<?xml version=\"1.0\"?><sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
    );
    for _ in 0..7_000_000 {
        strings.extend_from_slice(b"<si><t>a</t></si>");
    }
    strings.extend_from_slice(b"</sst>");
    workbook(&strings, |sheet| write(sheet, b"<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>"))
}

type Zip = ZipWriter<Cursor<Vec<u8>>>;

fn write(zip: &mut Zip, bytes: &[u8]) {
    zip.write_all(bytes).unwrap();
}

fn workbook(strings: &[u8], sheet: impl FnOnce(&mut Zip)) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let mut zip = Zip::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let types = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/></Types>"
    );
    let root = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let parts = format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
         <Relationship Id=\"r2\" Type=\"{OFFICE}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
    );
    for (name, text) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", root),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", parts),
    ] {
        zip.start_file(name, options).unwrap();
        write(&mut zip, text.as_bytes());
    }
    if !strings.is_empty() {
        zip.start_file("xl/sharedStrings.xml", options.large_file(true)).unwrap();
        write(&mut zip, strings);
    }
    zip.start_file("xl/worksheets/sheet1.xml", options.large_file(true)).unwrap();
    write(&mut zip, format!("<worksheet xmlns=\"{MAIN}\"><sheetData>").as_bytes());
    sheet(&mut zip);
    write(&mut zip, b"</sheetData></worksheet>");
    zip.finish().unwrap().into_inner()
}
