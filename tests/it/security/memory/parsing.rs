//! One place where JSON from outside becomes values.
use std::{fs, path::Path};

/// Files that read JSON of this server's own making, or into types that hold no values: with what it is.
const OWN: &[(&str, &str)] = &[
    ("src/json/", "the place itself"),
    ("src/store/", "rows of our own files, bounded when they were written"),
    ("src/data_dir/replacing.rs", "a plan of our own"),
    ("src/backup/archive.rs", "what a backup lists, bounded, into types that hold no values"),
    ("src/demo/", "the sample tenant's own text"),
    ("src/cli/openapi.rs", "our own document"),
    ("src/runner/definition.rs", "a stored definition"),
    ("src/runner/start.rs", "a stored input"),
    ("src/runner/active.rs", "a stored journal"),
    ("src/runner/engine/properties/", "tests"),
    ("src/api/workflows/hooks/input.rs", "the calls of webhooks, which stay text"),
    ("src/api/workflows/hooks/output.rs", "what a run has answered, which stays text"),
    ("src/model/json.rs", "checked text, weighed before it becomes values"),
    ("src/runner/line.rs", "a stored journal, whose values stay text"),
    ("src/execute.rs", "sealed secrets of our own"),
    ("src/auth/token/external.rs", "the keys of an issuer whom the operator names, bounded in size"),
    ("src/connect/file/json.rs", "rows that are read piece by piece, each bounded"),
    ("src/bodies/", "bodies that are only checked, and nothing of them kept"),
    ("src/api/document/", "the document, which is our own"),
    ("src/connect/file/cell.rs", "a cell that is only checked, and nothing of it kept"),
    ("src/connect/file/shape.rs", "the name of a field, bounded"),
    ("src/connect/file/xlsx/xml.rs", "XML"),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_str().unwrap().to_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn json_from_outside_is_read_in_one_place() {
    let ways = [
        "serde_json::from_slice",
        "serde_json::from_str",
        "serde_json::from_reader",
        "serde_json::Deserializer",
        ".json::<",
        "axum::extract::Json",
        "from_reader(",
    ];
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 200);
    let mut wrong = Vec::new();
    for (name, text) in &found {
        if OWN.iter().any(|(own, _)| name.starts_with(own)) || name.ends_with("tests.rs") || name.contains("/tests/") {
            continue;
        }
        // unit tests at a file's end read what they like
        let text = text.split("#[cfg(test)]").next().unwrap();
        wrong.extend(
            ways.iter().filter(|way| text.contains(*way)).map(|way| format!("{name} uses {way}: use crate::json")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
