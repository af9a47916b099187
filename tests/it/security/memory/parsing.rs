//! JSON from outside is parsed in only one module.
use std::{fs, path::Path};

/// Files that may parse JSON themselves, because the server wrote it or because it is parsed into types without
/// arbitrary values, each with the reason.
const OWN: &[(&str, &str)] = &[
    ("src/json/", "the module for parsing"),
    ("src/store/", "rows of our own databases, limited when they were written"),
    ("src/data_dir/replacing.rs", "a plan of our own"),
    ("src/backup/archive.rs", "the list of a backup, limited in size, parsed into types without arbitrary values"),
    ("src/demo/", "text of the sample tenant"),
    ("src/cli/openapi.rs", "our own document"),
    ("src/runner/definition.rs", "a stored definition"),
    ("src/runner/journal/stored.rs", "a stored journal"),
    ("src/runner/engine/properties/", "tests"),
    ("src/api/workflows/hooks/input.rs", "webhook calls, which stay text"),
    ("src/api/workflows/hooks/output.rs", "responses of runs, which stay text"),
    ("src/model/values/json.rs", "checked text, measured before it is parsed into values"),
    ("src/runner/journal/line.rs", "a stored journal, whose values stay text"),
    ("src/execute.rs", "our own sealed secrets"),
    ("src/model/resource.rs", "records of our own database"),
    ("src/runner/fleet/", "notices and answers in our own database"),
    ("src/api/records/stored.rs", "records of our own database"),
    ("src/auth/token/external.rs", "keys of an issuer that the operator configured, limited in size"),
    ("src/connect/file/formats/json.rs", "rows that are read in pieces, each limited in size"),
    ("src/bodies/", "bodies that are only validated, not stored"),
    ("src/api/document/", "our own API document"),
    ("src/connect/file/values/cell.rs", "a cell that is only validated, not stored"),
    ("src/connect/file/formats/shape.rs", "the name of a field, limited in size"),
    ("src/connect/file/formats/xlsx/xml.rs", "XML"),
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
fn json_from_outside_is_parsed_in_one_module() {
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
        // unit tests at the end of a file may parse anything
        let text = text.split("#[cfg(test)]").next().unwrap();
        wrong.extend(
            ways.iter().filter(|way| text.contains(*way)).map(|way| format!("{name} uses {way}: use crate::json")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
