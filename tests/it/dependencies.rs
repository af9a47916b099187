//! Each dependency is used, by the code that it is declared for.
use regex::Regex;
use std::{fs, path::Path};

fn rust(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust(&path, text);
        } else if path.extension().is_some_and(|end| end == "rs") {
            *text += &fs::read_to_string(path).unwrap();
        }
    }
}

fn code(folders: &[&str]) -> String {
    let mut text = String::new();
    for folder in folders {
        rust(Path::new(folder), &mut text);
    }
    text
}

#[test]
fn every_dependency_is_used() {
    let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml")).unwrap();
    let (server, build) = (code(&["src"]), fs::read_to_string("build.rs").unwrap());
    let tests = code(&["src", "tests", "benches"]);
    let mut unused = Vec::new();
    let platforms = manifest["target"].as_table().unwrap().values().map(|platform| ("dependencies", platform, &server));
    let sections = [("dependencies", &server), ("build-dependencies", &build), ("dev-dependencies", &tests)];
    let whole = toml::Value::Table(manifest.clone());
    for (section, of, text) in sections.map(|(section, text)| (section, &whole, text)).into_iter().chain(platforms) {
        for name in of[section].as_table().unwrap().keys() {
            let path = Regex::new(&format!(r"\b{}(::|!|;)", name.replace('-', "_"))).unwrap();
            if !path.is_match(text) {
                unused.push(format!("{name} in [{section}]"));
            }
        }
    }
    assert!(unused.is_empty(), "these dependencies are not used, so remove them: {}", unused.join(", "));
}
