//! A public type has one name in the crate, so that readers know from the name alone which type is meant.
use crate::house::{files, read};
use std::collections::BTreeMap;

/// Returns the name that a line gives to a public struct, enum, trait or alias; `None` for a macro's parameter.
/// Associated types have no visibility.
fn declared(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(rest, |(_, rest)| rest);
    let (kind, name) = rest.strip_prefix(' ')?.split_once(' ')?;
    let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
    (["struct", "enum", "trait", "type"].contains(&kind) && end > 0).then_some(&name[..end])
}

#[test]
fn a_public_type_name_is_used_once() {
    assert_eq!(declared("    pub(in crate::connect) struct Pool<D: Dial> {"), Some("Pool"));
    assert_eq!(declared("pub type Rows = Vec<Row>;"), Some("Rows"));
    assert_eq!(declared("    type Output = u8;"), None);
    assert_eq!(declared("pub fn struct_of(name: &str) {"), None);
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files("src", &[".rs"]) {
        let path = file.display().to_string();
        if path.contains("/tests") || path.ends_with("_tests.rs") {
            continue;
        }
        let text = read(&file);
        // a module of tests is the last item of its file
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let mut names: Vec<&str> = code.lines().filter_map(declared).collect();
        names.sort_unstable();
        // the same type for another operating system
        names.dedup();
        for name in names {
            places.entry(name.to_owned()).or_default().push(path.clone());
        }
    }
    assert!(places.len() > 500, "only {} types were found", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(places.is_empty(), "names of several public types: {places:#?}");
}
