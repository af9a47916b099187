//! Hostile values must stay values: none of them changes what a statement does.
use super::{House, Source};
use serde_json::{Value, json};

/// What people try.
pub const PAYLOADS: [&str; 60] = [
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE victim; --",
    "\"; DROP TABLE victim; --",
    "1; DROP TABLE victim",
    "1 OR 1=1",
    "') OR ('1'='1",
    "'; DELETE FROM victim; --",
    "' UNION SELECT name FROM victim --",
    "' UNION ALL SELECT NULL --",
    "admin'--",
    "admin' #",
    "admin'/*",
    "*/ DROP TABLE victim; /*",
    "\\'; DROP TABLE victim; --",
    "\\\\'; DROP TABLE victim; --",
    "\\",
    "'",
    "''",
    "'''",
    "\"",
    "\"\"",
    "`",
    "``",
    "$$",
    "$$; DROP TABLE victim; $$",
    "$x$; DROP TABLE victim; $x$",
    "$1",
    "$2",
    "?",
    "?1",
    ":name",
    "@name",
    "%s",
    "%27",
    "%00",
    "{{ params.name }}",
    "{{ ident(params.name) }}",
    "{{",
    "}}",
    "}}; DROP TABLE victim; {{",
    "E'\\''; DROP TABLE victim; --",
    "U&'\\0027'",
    "\u{2019}; DROP TABLE victim; --",
    "\u{ff07} OR 1=1",
    "\u{02bc} OR 1=1",
    "0x27",
    "CHR(39)||'x'",
    "1/**/OR/**/1=1",
    "1 AND SLEEP(1)",
    "'; SELECT pg_sleep(10); --",
    "'||(SELECT name FROM victim LIMIT 1)||'",
    "\n'; DROP TABLE victim; --\n",
    "\r\nGO\r\nDROP TABLE victim",
    "\t'\t",
    "NULL",
    "true",
    "1e309",
    "-1",
    "'; COMMIT; BEGIN; DROP TABLE victim; --",
];

/// Runs every payload through every place that takes a value, and looks at the table after each.
pub async fn attack(house: &House, source: &Source) {
    let parameters = json!([
        {"name": "name"},
        {"name": "names", "type": "array"},
        {"name": "deep", "type": "object"},
        {"name": "column", "allowed": ["id", "name"]},
    ]);
    let query = |text: &str| json!({"options": {"sql": text}, "parameters": parameters});
    let intact = json!([{"id": 1, "name": "first"}, {"id": 2, "name": "second"}]);
    for payload in PAYLOADS {
        let sent = json!({"name": payload, "names": [payload, payload], "deep": {"a": [payload]}});
        for condition in [
            "name = {{ params.name }}",
            "name in ({{ params.names }})",
            "name in ({{ params.deep.a }})",
            "name like {{ params.name }} || 'x'",
        ] {
            let found =
                house.data(source, query(&format!("select id from victim where {condition}")), sent.clone()).await;
            assert_eq!(found, json!([]), "{payload} through {condition}");
        }
        let echoed = house
            .data(
                source,
                query("select lower(upper({{ params.name }})) = lower(upper({{ params.names[0] }})) as same"),
                sent.clone(),
            )
            .await;
        assert!(matches!(echoed[0]["same"], Value::Bool(true)) || echoed[0]["same"] == 1, "{payload}: {echoed}");
        let column = json!({"column": payload});
        house.run(source, query("select {{ ident(params.column) }} from victim"), column).await.unwrap_err();
        // quotes around a parameter are refused before anything runs
        for quoted in [
            "select '{{ params.name }}'",
            "select \"{{ params.name }}\"",
            "select 1 /* {{ params.name }} */",
            "select 1 -- {{ params.name }}",
        ] {
            house.run(source, query(quoted), sent.clone()).await.unwrap_err();
        }
        let left = house.data(source, query("select id, name from victim order by id"), json!({})).await;
        assert_eq!(left, intact, "after {payload}");
    }
}

/// What is written is exactly what was sent.
pub async fn store_and_read(house: &House, source: &Source) {
    let parameters = json!([{"name": "name"}]);
    for payload in PAYLOADS {
        let query = json!({"options": {"sql": "insert into kept (name) values ({{ params.name }}) returning name"}, "parameters": parameters});
        let stored = house.data(source, query, json!({"name": payload})).await;
        assert_eq!(stored, json!([{"name": payload}]));
    }
}

#[tokio::test]
async fn sqlite_takes_values_as_values() {
    let house = House::new();
    let file = rusqlite::Connection::open(house.files().join("v.db")).unwrap();
    file.execute_batch("create table victim (id integer primary key, name text); insert into victim values (1, 'first'), (2, 'second'); create table kept (name text);").unwrap();
    let source = Source::new("sqlite", json!({"path": "v.db", "readOnly": false}));
    attack(&house, &source).await;
    store_and_read(&house, &source).await;
}
