//! Malicious values must stay values: none of them changes what a statement does.
use super::{House, Source, payloads::payloads};
use jet_admin::Error;
use serde_json::{Value, json};

/// The SQL that a database supports, and what must not change in it. The database contains
/// `victim (id integer, name text)` with the rows 1 `first` and 2 `second`, `secret (value text)` with one row, and an
/// empty `kept (name text)`.
pub struct Dialect {
    /// Queries whose results together describe the whole database.
    pub whole: &'static [&'static str],
    /// Conditions on `victim` that match no row as long as values stay values.
    pub never: &'static [&'static str],
    /// Statements that may refuse a value, but must not change anything.
    pub anywhere: &'static [&'static str],
}

const NEVER: &[&str] = &[
    "name = {{ params.name }}",
    "name in ({{ params.names }})",
    "name in ({{ params.deep.a }})",
    "lower(name) = lower({{ params.names[1] }})",
    "name = coalesce({{ params.deep.b.c }}, 'x')",
    "id in (select id from victim where name = {{ params.name }})",
];

const ANYWHERE: &[&str] = &[
    "select id from victim where name like {{ params.name }}",
    "select id from victim where id = {{ params.name }}",
    "select {{ params.name }} from victim",
    "select id from victim limit {{ params.name }}",
    "select id from victim limit 1 offset {{ params.name }}",
    "select id from victim order by {{ params.name }}",
    "select id from victim group by id having {{ params.name }} = 'x'",
    "select id from victim where length({{ params.name }}) = {{ params.name }}",
    "select replace(name, {{ params.name }}, 'x') from victim",
    "select case when name = {{ params.name }} then {{ params.name }} else 'x' end from victim",
    "select id from {{ params.name }}",
    "select {{ params.name }}.name from victim",
    "update victim set name = name where name = {{ params.name }}",
    "delete from victim where name = {{ params.name }}",
    "select {{ params.deep }} from victim",
    "{{ params.name }}",
    "select 1 /* {{ params.name }} */",
    "select 1 -- {{ params.name }}",
];

/// Statements with parameters in places that take no value.
const QUOTED: &[&str] = &[
    "select '{{ params.name }}'",
    "select 'it''s {{ params.name }}'",
    "select \"{{ params.name }}\"",
    "select '{{ ident(params.column) }}'",
    "select '{{ array(params.names) }}'",
    "select '%{{ params.name }}%'",
    "select {{ ident(params.name) }} from victim",
    "select {{ params.name + 1 }}",
    "select {{ other.name }}",
];

pub const SQLITE: Dialect = Dialect {
    whole: &[
        "select type, name, tbl_name, sql from sqlite_schema order by name",
        "select * from victim order by id",
        "select * from secret",
        "select * from pragma_user_version",
    ],
    never: &[
        "name = {{ params.name }} collate nocase",
        "name in (select value from json_each({{ array(params.names) }}))",
    ],
    anywhere: &[
        "select id from victim where name glob {{ params.name }}",
        "select json_extract('{\"a\": 1}', {{ params.name }})",
        "select '{\"a\": 1}' -> {{ params.name }}",
        "select json({{ params.name }})",
        "select printf({{ params.name }}, 1)",
        "select `{{ params.name }}` from victim",
        "select [{{ params.name }}] from victim",
        "select * from pragma_table_info({{ params.name }})",
    ],
};

pub const POSTGRESQL: Dialect = Dialect {
    whole: &[
        "select relname, relkind, relnatts from pg_class where relnamespace = 'public'::regnamespace order by 1",
        "select proname from pg_proc where pronamespace = 'public'::regnamespace order by 1",
        "select attname from pg_attribute where attrelid = 'victim'::regclass order by 1",
        "select nspname from pg_namespace where nspname !~ '^pg_t' order by 1",
        "select * from victim order by id",
        "select * from secret",
        "select current_user, session_user, current_setting('search_path')",
    ],
    never: &[
        "name = any({{ array(params.names) }})",
        "name is not distinct from {{ params.name }}::text",
        "name = E'\\x' || {{ params.name }}",
        "name = $x$y$x$ || {{ params.name }}",
        "name = any(array[{{ params.names }}])",
        "name = ({{ params.deep }}::jsonb #>> '{a,0}')",
    ],
    anywhere: &[
        "select id from victim where name ~ {{ params.name }}",
        "select id from victim where name similar to {{ params.name }}",
        "select '{\"a\": 1}'::jsonb -> {{ params.name }}",
        "select '{\"a\": 1}'::jsonb #>> {{ params.name }}::text[]",
        "select jsonb_path_query_first('{\"a\": 1}', {{ params.name }}::jsonpath)",
        "select {{ params.name }}::jsonb",
        "select {{ params.name }}::int[]",
        "select {{ array(params.names) }}::int[]",
        "select {{ params.name }}::tsquery",
        "select {{ params.name }}::regclass",
        "select to_char(now(), {{ params.name }})",
        "select format({{ params.name }}, 1)",
        "select $${{ params.name }}$$",
        "select $a${{ params.name }}$a$",
        "select E'\\'{{ params.name }}'",
        "select interval {{ params.name }}",
    ],
};

pub const MYSQL: Dialect = Dialect {
    whole: &[
        "select table_name, table_type from information_schema.tables where table_schema = database() order by 1",
        "select column_name from information_schema.columns where table_schema = database() order by 1",
        "select routine_name from information_schema.routines where routine_schema = database()",
        "select * from victim order by id",
        "select * from secret",
        "select current_user(), database()",
    ],
    never: &[
        "name <=> {{ params.name }}",
        "name = concat('x', {{ params.name }})",
        "name = json_unquote(json_extract({{ params.deep }}, '$.a[0]'))",
    ],
    anywhere: &[
        "select json_extract('{\"a\": 1}', {{ params.name }})",
        "select cast({{ params.name }} as date)",
        "select date_format(now(), {{ params.name }})",
        "select `{{ params.name }}` from victim",
        "select 1 # {{ params.name }}",
        "select /*! {{ params.name }} */ 1",
        "select 'it\\'s {{ params.name }}'",
        "select \"it\\\"s {{ params.name }}\"",
        "select interval {{ params.name }} day + now()",
        "select @a := {{ params.name }}",
        "call {{ params.name }}",
    ],
};

async fn snapshot(house: &House, source: &Source, dialect: &Dialect) -> Vec<Value> {
    let mut answers = Vec::new();
    for text in dialect.whole {
        answers.push(house.data(source, json!({"options": {"sql": text}}), json!({})).await);
    }
    answers
}

/// Sends every payload through every place that takes a value, and checks the whole database after each.
pub async fn attack(house: &House, source: &Source, dialect: &Dialect) {
    let parameters = json!([
        {"name": "name"},
        {"name": "names", "type": "array"},
        {"name": "deep", "type": "object"},
        {"name": "column", "allowed": ["id", "name"]},
    ]);
    let query = |text: &str| json!({"options": {"sql": text}, "parameters": parameters});
    let before = snapshot(house, source, dialect).await;
    for text in QUOTED {
        let refused = house.run(source, query(text), json!({"name": "x", "names": ["x"], "column": "id"})).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{text}: {refused:?}");
    }
    for payload in payloads() {
        let shown: String = payload.chars().take(60).collect();
        let deep = json!({"a": [payload], "b": {"c": payload}, (&*payload): payload});
        let sent = json!({"name": payload, "names": [payload, payload], "deep": deep});
        for condition in NEVER.iter().chain(dialect.never) {
            let text = format!("select id from victim where {condition}");
            match house.run(source, query(&text), sent.clone()).await {
                Ok(found) => assert_eq!(*found.data, json!([]), "{shown} through {condition}"),
                Err(error) => assert!(payload.contains('\0'), "{shown} through {condition}: {error}"),
            }
        }
        for text in ANYWHERE.iter().chain(dialect.anywhere) {
            match house.run(source, query(text), sent.clone()).await {
                Ok(_) | Err(Error::Datasource(_) | Error::Invalid(_)) => {}
                Err(error) => panic!("{shown} through {text}: {error:?}"),
            }
        }
        let column = json!({"column": payload});
        match house.run(source, query("select {{ ident(params.column) }} from victim"), column).await {
            Err(Error::Invalid(problems)) => assert_eq!(problems[0].path, "parameters.column"),
            found => assert!(["id", "name"].contains(&&*payload), "{shown}: {found:?}"),
        }
        assert_eq!(snapshot(house, source, dialect).await, before, "after {shown}");
    }
    assert_types_are_checked(house, source).await;
}

/// Checks that a payload is refused as a number, a date and so on: the error names the field, and nothing runs.
async fn assert_types_are_checked(house: &House, source: &Source) {
    for payload in payloads() {
        for kind in ["number", "boolean", "date", "array", "object"] {
            let number = payload.trim().parse::<f64>().is_ok_and(f64::is_finite);
            if (kind == "number" && number) || (kind == "boolean" && ["true", "false"].contains(&&*payload)) {
                continue;
            }
            let query = json!({"options": {"sql": "delete from victim where id = {{ params.p }}"}, "parameters": [{"name": "p", "type": kind}]});
            match house.run(source, query, json!({"p": payload})).await {
                Err(Error::Invalid(problems)) => assert_eq!(problems[0].path, "parameters.p"),
                other => panic!("{payload} as {kind}: {other:?}"),
            }
        }
    }
}

/// Checks that every payload is stored unchanged, and that each one matches only itself.
pub async fn store_and_read(house: &House, source: &Source) {
    let query = |text: &str| json!({"options": {"sql": text}, "parameters": [{"name": "name"}]});
    for payload in payloads() {
        let sent = json!({"name": payload});
        match house.run(source, query("insert into kept (name) values ({{ params.name }})"), sent.clone()).await {
            Ok(written) => assert_eq!(written.affected_rows, Some(1)),
            Err(error) if payload.contains('\0') => assert!(matches!(error, Error::Datasource(_)), "{error:?}"),
            Err(error) => panic!("{payload}: {error}"),
        }
    }
    let all = json!({"options": {"sql": "select name from kept"}});
    let all = house.data(source, all, json!({})).await;
    let stored: Vec<&str> = all.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert!(stored.len() >= 300);
    for payload in payloads().into_iter().filter(|payload| !payload.contains('\0')) {
        assert!(stored.contains(&&*payload), "{payload} was not stored unchanged");
        let delete = query("delete from kept where name = {{ params.name }}");
        let deleted = house.run(source, delete, json!({"name": payload})).await.unwrap();
        assert_eq!(deleted.affected_rows, Some(1), "{payload}");
    }
}

#[tokio::test]
async fn sqlite_takes_values_as_values() {
    let house = House::new();
    let file = rusqlite::Connection::open(house.files().join("v.db")).unwrap();
    file.execute_batch(
        "create table victim (id integer primary key, name text); insert into victim values (1, 'first'), (2, 'second');
         create table secret (value text); insert into secret values ('hidden'); create table kept (name text);",
    )
    .unwrap();
    let source = Source::new("sqlite", json!({"path": "v.db", "readOnly": false}));
    attack(&house, &source, &SQLITE).await;
    store_and_read(&house, &source).await;
    assert_eq!(std::fs::read_dir(house.files()).unwrap().count(), 1, "no file was created");
}
