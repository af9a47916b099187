//! The house rules that a compiler cannot check.
use crate::layers::LAYERS;
use jet_admin::connect::Connector;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Words and the only places in `src/` that may use them.
const ALLOWED_PLACES: &[(&str, &[&str])] = &[
    (
        "rusqlite",
        // three folders look at files of databases, and a test evaluates expressions
        &[
            "src/store/sql/",
            "src/store/database/",
            "src/store/directory/",
            "src/store/migrations/",
            "src/store/transfer/",
            "src/connect/sqlite",
            "src/table_app/written.rs",
        ],
    ),
    ("tokio_postgres", &["src/store/sql/", "src/store/migrations/postgres.rs"]),
    ("axum", &["src/api/", "src/ui.rs", "src/server/"]),
    // long-lived responses must end when their caller loses access, so only this module may create them
    ("Sse", &["src/api/access/live.rs"]),
    // `large` only sends data that is already written
    ("from_stream", &["src/api/access/live.rs", "src/api/edge/compression.rs", "src/api/responses/large.rs"]),
];

/// The maximum number of lines of a file, so that readers can keep it in mind.
const LONGEST: usize = 400;

/// The maximum number of Rust files in a folder, so that its list fits on a screen.
const MOST_FILES: usize = 12;

/// Folders with generated or downloaded files.
const NOT_OURS: &[&str] = &["target", "node_modules", "dist", ".git", "venv"];

/// Every file below `dir` whose name ends in one of `endings`, or every file if `endings` is empty.
pub fn files(dir: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(dir)) else { return found };
    for entry in entries.flatten() {
        let name = entry.file_name().into_string().unwrap();
        let path = if dir == "." { name.clone() } else { format!("{dir}/{name}") };
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&path, endings));
        } else if endings.is_empty() || endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path.into());
        }
    }
    found.sort();
    found
}

pub fn read(path: &Path) -> String {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The top-level modules that a file uses: `crate::a::b`, `crate::{a, b::{c}}`.
fn modules_named(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in text.split("crate::").skip(1) {
        if let Some(list) = after.strip_prefix('{') {
            let mut depth = 0_usize;
            let mut part = String::new();
            for c in list.chars() {
                match c {
                    '}' if depth == 0 => break,
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut part)),
                    c if depth == 0 => part.push(c),
                    _ => {}
                }
            }
            names.push(part);
        } else {
            names.push(after.to_owned());
        }
    }
    let first =
        |name: String| -> String { name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    names.into_iter().map(first).filter(|name| name.starts_with(char::is_lowercase)).collect()
}

#[test]
fn imports_point_downwards() {
    let mut wrong = Vec::new();
    for file in files("src", &[".rs"]) {
        let inside = file.strip_prefix("src").unwrap();
        let layer = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if matches!(layer.as_str(), "lib" | "main") {
            continue;
        }
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("{} is in no layer: add `{layer}` to LAYERS", file.display()));
            continue;
        };
        for name in modules_named(&read(&file)) {
            if name != layer && LAYERS.iter().any(|(known, _)| *known == name) && !below.contains(&name.as_str()) {
                wrong.push(format!("{} uses crate::{name}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nested_import_lists_are_parsed() {
    let names =
        modules_named("use crate::{Error, model::{self, Role}, store::Tx};\nlet t = crate::clock::Time::now();");
    assert_eq!(names, ["model", "store", "clock"]);
}

#[test]
fn sql_and_http_are_used_only_in_their_modules() {
    let mut wrong = Vec::new();
    for file in files("src", &[".rs"]) {
        let text = read(&file);
        for (word, homes) in ALLOWED_PLACES {
            let found = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|token| token == *word);
            if found && !homes.iter().any(|home| file.to_str().unwrap().starts_with(home)) {
                wrong.push(format!("{} uses {word}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The text up to the closing parenthesis; `text` starts after the opening one.
fn argument(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &text[..end.unwrap_or(text.len())]
}

/// Waiting until a wall-clock time can take hours too long, or forever, if the clock is set or the machine sleeps. So
/// only `clock` computes how long to wait, and it checks the time again while it waits.
#[test]
fn only_the_clock_module_waits_until_a_time() {
    let moments = ["Time::now", ".until(", ".since(", "due", "expires", "scheduled", "_at"];
    assert!(moments.iter().any(|word| argument("Time::now().until(due)).await").contains(word)));
    let mut wrong = Vec::new();
    for file in files("src", &[".rs"]) {
        let (path, text) = (file.to_str().unwrap(), read(&file));
        // a signed URL and the day of a sample are not used for waiting
        let may_ask = ["src/clock.rs", "src/connect/s3/operation.rs", "src/api/sample.rs"].contains(&path);
        if !may_ask && ["Utc::now", "SystemTime::now", "Local::now"].iter().any(|word| text.contains(word)) {
            wrong.push(format!("{path} reads the time: use clock::Time"));
        }
        for wait in ["sleep(", "timeout(", "interval("].iter().filter(|_| path != "src/clock.rs") {
            for after in text.split(wait).skip(1) {
                // the duration of a timeout is its first argument
                let length = argument(after).split(',').next().unwrap_or_default();
                if moments.iter().any(|word| length.contains(word)) {
                    wrong.push(format!("{path} waits until a time: {wait}{length}): use clock::sleep_until"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_a_connector_contains_the_name_of_its_type() {
    // these words have other meanings too
    let common = ["file", "javascript", "graphql", "slack"];
    let kinds: Vec<&str> =
        jet_admin::connect::all().map(Connector::kind).filter(|kind| !common.contains(kind)).collect();
    assert!(kinds.len() > 15);
    let browser = files("assets/admin/src", &[".ts", ".tsx"]);
    let written = |file: &PathBuf| {
        let path = file.to_str().unwrap();
        // examples may name a type
        // and the URL of the store's own database starts with one
        let homes = ["src/connect/", "src/demo/", "src/api/document/examples.rs", "src/store/sql/postgres/connect.rs"];
        let marks = [".gen.", ".test.", "/features/home/templates/"];
        !homes.iter().any(|home| path.starts_with(home)) && !marks.iter().any(|mark| path.contains(mark))
    };
    for file in files("src", &[".rs"]).into_iter().chain(browser).filter(written) {
        let text = read(&file);
        for kind in &kinds {
            let found = ["\"", "'", "`"].iter().any(|quote| text.contains(&format!("{quote}{kind}{quote}")));
            assert!(!found, "{} contains the name of the datasource type {kind}", file.display());
        }
    }
}

#[test]
fn permissions_are_named_by_their_type() {
    // built here, so that only the text of a permission in the code matches
    let texts: Vec<String> =
        jet_admin::model::Permission::ALL.iter().map(|permission| format!("\"{permission}\"")).collect();
    assert!(texts.contains(&["\"workflow", "execute\""].join(":")));
    for file in files("src", &[".rs"]) {
        let text = read(&file);
        // what follows in a file are its tests
        let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
        let permission = texts.iter().find(|permission| code.contains(permission.as_str()));
        let path = file.display();
        assert_eq!(permission, None, "{path} contains the text of a permission: use model::Permission");
    }
}

#[test]
fn every_test_file_is_registered() {
    for file in files("tests/it", &[".rs"]) {
        let (folder, stem) = (file.parent().unwrap(), file.file_stem().unwrap().to_str().unwrap());
        let (parent, name) = match (stem, folder == Path::new("tests/it")) {
            ("main", true) => continue,
            ("mod", _) => (folder.parent().unwrap(), folder.file_name().unwrap().to_str().unwrap()),
            _ => (folder, stem),
        };
        let register = if parent == Path::new("tests/it") { "main.rs" } else { "mod.rs" };
        let register = read(&parent.join(register));
        let found = register.lines().any(|line| line.trim_start_matches("pub ").trim() == format!("mod {name};"));
        assert!(found, "{} is not registered, so it would never run", file.display());
    }
}

#[test]
fn no_file_is_too_long() {
    let mut long = Vec::new();
    let rust = ["src", "tests", "benches"].into_iter().flat_map(|dir| files(dir, &[".rs"]));
    for file in rust.chain(files("assets/admin/src", &[".ts", ".tsx", ".css"])) {
        let generated = file.to_str().unwrap().contains(".gen.");
        let lines = read(&file).lines().count();
        if lines > LONGEST && !generated {
            long.push(format!("{} has {lines} lines: split it", file.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_folder_has_too_many_files() {
    let mut counts = BTreeMap::new();
    let is_root = |file: &PathBuf| ["src/lib.rs", "src/main.rs"].map(Path::new).contains(&file.as_path());
    for file in files("src", &[".rs"]).into_iter().filter(|file| !is_root(file)) {
        *counts.entry(file.parent().unwrap().to_owned()).or_insert(0) += 1;
    }
    counts.retain(|_, count| *count > MOST_FILES);
    assert!(counts.is_empty(), "folders with more than {MOST_FILES} files, to divide by subject: {counts:?}");
}

#[test]
fn no_file_contains_paths_of_a_developer_machine() {
    // built here, so that this file does not contain them
    let mut words: Vec<String> = ["/ro+ot/", "/wo+rk/", "/Us+ers/"].map(|word| word.replace('+', "")).to_vec();
    words.push(env!("CARGO_MANIFEST_DIR").to_owned());
    for file in files(".", &[]) {
        let text = read(&file);
        for word in words.iter().filter(|word| word.len() > 5) {
            assert!(!text.contains(word.as_str()), "{} contains {word}", file.display());
        }
    }
}

#[test]
fn no_file_contains_stubs_or_todos() {
    let stubs = ["to+do!(", "unimple+mented!(", "FIX+ME", "TO+DO", "X+XX"].map(|word| word.replace('+', ""));
    let written = files("src", &[]).into_iter().chain(files("assets/admin/src", &[])).chain(files("tests", &[".rs"]));
    for file in written {
        let text = read(&file);
        for stub in &stubs {
            assert!(!text.contains(stub.as_str()), "{} contains {stub}", file.display());
        }
    }
}

#[test]
fn lock_files_contain_no_registry_urls() {
    for file in files(".", &["package-lock.json", ".npmrc"]) {
        assert!(!read(&file).contains("\"resolved\": \"http"), "{} records where packages came from", file.display());
    }
}
