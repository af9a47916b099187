//! Sends every value of every type to the server and back, and compares with what other drivers return.
mod mysql;
mod postgresql;
mod redis;
mod sqlite;

use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// A query for a value of some type, and the value that we return.
struct Question {
    kind: String,
    sql: String,
    ours: Value,
}

#[derive(Deserialize)]
struct Answer {
    same: bool,
    theirs: String,
}

/// Types whose values another driver returns differently, with the reason why ours are right.
#[derive(Deserialize)]
struct Differences {
    postgresql: BTreeMap<String, String>,
    mysql: BTreeMap<String, String>,
}

/// Runs the same queries with a Python driver. Exactly the types whose values differ must be listed with a reason.
fn compare(kind: &str, server: &Value, questions: &[Question]) {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/python");
    assert!(python.exists(), "the drivers are not installed: run `make test`");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers/ask.py");
    let queries: Vec<Value> = questions.iter().map(|one| json!({"sql": one.sql, "ours": one.ours})).collect();
    let mut input = server.clone();
    input["kind"] = kind.into();
    input["questions"] = queries.into();
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let answers: Vec<Answer> = serde_json::from_slice(&output.stdout).unwrap();
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers/differences.toml");
    let listed: Differences = toml::from_str(&std::fs::read_to_string(list).unwrap()).unwrap();
    let listed = if kind == "mysql" { listed.mysql } else { listed.postgresql };
    let (mut seen, mut unlisted) = (BTreeSet::new(), Vec::new());
    for (question, answer) in questions.iter().zip(answers) {
        if !answer.same {
            seen.insert(question.kind.clone());
            if !listed.contains_key(&question.kind) {
                unlisted.push(format!(
                    "{}: {}: ours {}, theirs {}",
                    question.kind, question.sql, question.ours, answer.theirs
                ));
            }
        }
    }
    assert!(unlisted.is_empty(), "{}", unlisted.join("\n"));
    let stale: Vec<_> = listed.keys().filter(|kind| !seen.contains(*kind)).collect();
    assert!(stale.is_empty(), "no longer different: {stale:?}");
}
