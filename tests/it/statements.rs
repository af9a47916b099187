//! Every statement of the store means the same on `SQLite` and on `PostgreSQL`, and both schemas are the same.
use crate::{
    house::{files, read},
    support::postgres::{PASSWORD, postgres},
};
use regex::Regex;
use std::{collections::HashMap, path::Path, sync::LazyLock};
use tokio_postgres::{Client, NoTls, types::Type};

/// The text of a statement, and where it is.
struct Found {
    place: String,
    text: String,
}

const RUNS_PART: &str = "-- == runs: runs.db ==";

/// What differs between the schemas: words of `schema.sql`, and what stands for them in `schema.pg.sql`.
const DIFFERENCES: [(&str, &str); 9] = [
    (r"\binteger\b", "bigint"),
    (r"([a-z_]) text\b", r#"$1 text collate "C""#),
    (r"\bany\b", "bytea"),
    (r"\) strict , without rowid$", ")"),
    (r"\) strict$", ")"),
    // checked otherwise, because a foreign key costs each run a lock
    (r" , foreign key \( tenant_id , definition \) references definitions\( tenant_id , hash \)", ""),
    (
        r"(instance_id , seq \)) , foreign key \( tenant_id , instance_id \) references instances\( tenant_id , id \) on delete cascade",
        "$1",
    ),
    // a reserved word
    (r"\( only\b", r#"( "only""#),
    (r"lower\( hex\( randomblob\( 16 \) \) \)", "replace( gen_random_uuid( )::text , '-' , '' )"),
];

static CONSTANT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?s)const (\w+): &str =\s*"((?:[^"\\]|\\.)*)";"#).unwrap());
/// A literal or the name of a constant, at the start of a text.
static PART: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?s)^[\s,]*(?:"((?:[^"\\]|\\.)*)"|(\w+))"#).unwrap());

/// Returns the value of a literal without its quotes.
fn value(literal: &str) -> String {
    let (mut value, mut rest) = (String::new(), literal);
    while let Some((before, after)) = rest.split_once('\\') {
        value.push_str(before);
        rest = match &after[..1] {
            "\n" => after.trim_start(),
            quoted => {
                value.push_str(quoted);
                &after[1..]
            }
        };
    }
    value + rest
}

fn constants(source: &str) -> HashMap<String, String> {
    CONSTANT.captures_iter(source).map(|found| (found[1].to_owned(), value(&found[2]))).collect()
}

/// Returns every statement in the source of the store: in each `sql!`, and those that are put together at run time.
fn statements() -> Vec<Found> {
    let mut all = Vec::new();
    let paths = files("src/store", &[".rs"]).into_iter().filter(|path| !path.ends_with("sql/text.rs"));
    for path in paths {
        let source = read(&path);
        let mut known = constants(&source);
        if source.contains("super::instances::{COLUMNS") {
            known.extend(constants(&read(&path.with_file_name("instances.rs"))));
        }
        for (at, start) in source.match_indices("sql!(") {
            let place = format!("{}:{}", path.display(), source[..at].matches('\n').count() + 1);
            let (mut text, mut rest) = (String::new(), &source[at + start.len()..]);
            while let Some(part) = PART.captures(rest) {
                match (part.get(1), part.get(2)) {
                    (Some(literal), _) => text.push_str(&value(literal.as_str())),
                    (_, Some(name)) => match known.get(name.as_str()) {
                        Some(value) => text.push_str(value),
                        None => panic!("{place}: {} is no constant of this file", name.as_str()),
                    },
                    _ => {}
                }
                rest = &rest[part[0].len()..];
            }
            assert!(rest.trim_start_matches([',', ' ', '\n']).starts_with(')'), "{place}: an unknown form of `sql!`");
            all.push(Found { place, text });
        }
    }
    let composed = jet_admin::store::composed_statements().into_iter();
    all.extend(composed.map(|text| Found { place: "put together".to_owned(), text }));
    all
}

/// Returns the parts of a schema for the two databases.
fn parts(name: &str) -> [String; 2] {
    let schema = read(Path::new(name));
    let (workspace, runs) = schema.split_once(RUNS_PART).unwrap();
    [workspace.to_owned(), runs.to_owned()]
}

/// Returns a new database with the schema of `PostgreSQL`, in the schemas `workspace` and `runs`.
async fn database(name: &str) -> Client {
    connect("postgres").await.batch_execute(&format!("create database {name}")).await.unwrap();
    let client = connect(name).await;
    for (schema, script) in SCHEMAS.into_iter().zip(parts("schema.pg.sql")) {
        let script = format!("create schema {schema}; set search_path to {schema}; {script}");
        client.batch_execute(&script).await.unwrap_or_else(|error| panic!("{schema}: {error:?}"));
    }
    client
}

const SCHEMAS: [&str; 2] = ["workspace", "runs"];

async fn connect(database: &str) -> Client {
    let mut config = tokio_postgres::Config::new();
    config.host("127.0.0.1").port(postgres().port).user("admin").password(PASSWORD).dbname(database);
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Returns a statement as `PostgreSQL` writes it.
fn on_postgres(text: &str) -> String {
    static HINT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" indexed by \w+").unwrap());
    static PARAMETER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\?(\d+)").unwrap());
    PARAMETER.replace_all(&HINT.replace_all(text, ""), "$$$1").into_owned()
}

/// Compares a statement on both engines. Returns what differs.
async fn compare(sqlite: &rusqlite::Statement<'_>, client: &Client, text: &str) -> Result<(), String> {
    let other = client.prepare(&on_postgres(text)).await.map_err(|error| format!("{error:?}"))?;
    if other.params().len() != sqlite.parameter_count() {
        return Err(format!("{} and {} parameters", sqlite.parameter_count(), other.params().len()));
    }
    if let Some(kind) = other.params().iter().find(|kind| ![Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)) {
        return Err(format!("a parameter has the type {kind}"));
    }
    let columns = sqlite.columns();
    if columns.len() != other.columns().len() {
        return Err(format!("{} and {} columns", columns.len(), other.columns().len()));
    }
    for (column, same) in columns.zip(other.columns()) {
        let fits: &[Type] = match column.decl_type().map(str::to_lowercase).as_deref() {
            Some("integer") => &[Type::INT8],
            Some("text") => &[Type::TEXT],
            Some("any") => &[Type::BYTEA],
            // an expression
            _ => &[Type::INT4, Type::INT8, Type::BOOL, Type::TEXT],
        };
        if !fits.contains(same.type_()) {
            let decl = column.decl_type().unwrap_or("an expression");
            return Err(format!("the column {} is {decl} and {}", column.name(), same.type_()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_statement_means_the_same_on_both_engines() {
    let all = statements();
    assert!(all.len() > 250, "{} statements were found", all.len());
    let client = database("every_statement").await;
    let databases = parts("schema.sql").map(|script| {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(&script).unwrap();
        db
    });
    let mut wrong = Vec::new();
    for Found { place, text } in &all {
        // some are for both databases
        let mut refused = Vec::new();
        for (schema, db) in SCHEMAS.into_iter().zip(&databases) {
            match db.prepare(text) {
                Err(error) => refused.push(error),
                Ok(sqlite) => {
                    client.batch_execute(&format!("set search_path to {schema}")).await.unwrap();
                    if let Err(error) = compare(&sqlite, &client, text).await {
                        wrong.push(format!("{place} in {schema}: {error}\n  {text}"));
                    }
                }
            }
        }
        if refused.len() == databases.len() {
            wrong.push(format!("{place}: {refused:?}\n  {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_difference_between_the_engines_is_found() {
    let client = database("differences").await;
    let [workspace, _] = parts("schema.sql");
    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(&workspace).unwrap();
    client.batch_execute("set search_path to workspace").await.unwrap();
    for (text, expected) in [
        ("select id from users where created_at = ?1", None),
        ("select id from users where ?1 + 1 > 2", Some("a parameter has the type int4")),
        ("select sum(created_at) from users", Some("numeric")),
        ("select rowid from users", Some("rowid")),
        ("select 1 from users where ?1 or id = ?2", Some("a parameter has the type bool")),
    ] {
        let found = compare(&db.prepare(text).unwrap(), &client, text).await.err();
        match expected {
            Some(expected) => {
                assert!(found.as_ref().is_some_and(|found| found.contains(expected)), "{text}: {found:?}");
            }
            None => assert_eq!(found, None, "{text}"),
        }
    }
}

/// Returns the statements of a schema without comments, each with one space between its words.
fn plain(schema: &str) -> Vec<String> {
    let lines = schema.lines().map(|line| line.split("--").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ").replace('(', "( ").replace(')', " )").replace(',', " , ");
    let one_space = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split(';').map(one_space).filter(|statement| !statement.is_empty()).collect()
}

#[test]
fn both_schemas_are_the_same_but_for_the_listed_differences() {
    let translated = plain(&read(Path::new("schema.sql"))).into_iter().map(|statement| {
        DIFFERENCES.iter().fold(statement, |statement, (word, other)| {
            Regex::new(word).unwrap().replace_all(&statement, *other).into_owned()
        })
    });
    let (translated, written) = (translated.collect::<Vec<_>>(), plain(&read(Path::new("schema.pg.sql"))));
    for (expected, found) in translated.iter().zip(&written) {
        assert_eq!(found, expected);
    }
    assert_eq!(translated.len(), written.len());
}

#[test]
fn statements_are_made_where_tests_find_them() {
    let may_compose = [
        "sql/",
        "directory/",
        "exam/",
        "fleet.rs",
        "contents.rs",
        "hidden.rs",
        "memory/",
        "transfer/",
        "database/postgres/",
        "database/tallies.rs",
        "migrations/postgres.rs",
        "migrations/usable.rs",
        "records/objects.rs",
        "audit.rs",
        "tests.rs",
        "runs/packed.rs",
    ];
    for path in files("src/store", &[".rs"]).into_iter().filter(|path| !path.starts_with("src/store/sql")) {
        let (source, name) = (read(&path), path.strip_prefix("src/store").unwrap());
        assert!(!source.contains("Sql::fixed"), "{}: use `sql!`", path.display());
        let may = may_compose.iter().any(|place| name.starts_with(place));
        assert!(may || !source.contains("Sql::composed"), "{}: add it to `composed_statements`", path.display());
    }
}
