//! Values of every type, and the format of some of them.
use super::{database, exec};
use crate::connect::{House, sql};
use crate::support::postgres::postgres;
use serde_json::{Value, json};

/// How two values of a type are compared.
#[derive(Clone, Copy)]
pub enum By {
    /// With `is not distinct from`.
    Value,
    /// By the server's text format, for types whose equality is less strict (shapes compare by area) or missing.
    Text,
    /// By the meaning of the JSON.
    Json,
}

pub const SETUP: &[&str] = &[
    "create extension hstore",
    "create extension citext",
    "create extension ltree",
    "create type mood as enum ('ok', 'so, so', 'it''s \"bad\"', '')",
    "create type pair as (a int, b text)",
    "create type nest as (p pair, l int[], \"we\"\"ird\" text)",
    "create domain positive as int check (value > 0)",
    "create domain list as int[]",
    "create type textrange as range (subtype = text)",
];

pub const TYPES: &[(&str, By, &[&str])] = &[
    ("bool", By::Value, &["true", "false", "null"]),
    ("int2", By::Value, &["-32768", "0", "32767"]),
    ("int4", By::Value, &["-2147483648", "2147483647"]),
    ("int8", By::Value, &["-9223372036854775808", "9223372036854775807", "9007199254740992", "9007199254740993"]),
    ("oid", By::Value, &["0", "'4294967295'"]),
    ("xid8", By::Value, &["'18446744073709551615'"]),
    ("regclass", By::Value, &["'pg_class'"]),
    ("regtype", By::Value, &["'int4'"]),
    ("float4", By::Text, &["0", "'-0'", "0.1", "3.4028235e38", "1.4e-45", "'NaN'", "'Infinity'", "'-Infinity'"]),
    (
        "float8",
        By::Text,
        &[
            "0.1",
            "'-0'",
            "0.30000000000000004",
            "1.7976931348623157e308",
            "5e-324",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
            "9007199254740994",
        ],
    ),
    (
        "numeric",
        By::Value,
        &[
            "0",
            "0.00",
            "12.50",
            "-0.000001",
            "12345678901234567890.123456789",
            "1e-1000",
            "1e1000",
            "-1e100",
            "9007199254740993",
            "0.30000000000000004",
            "0.1234567890123456789",
            "10000",
            "100000000.0001",
            "'NaN'",
            "'Infinity'",
            "'-Infinity'",
        ],
    ),
    ("numeric(30, 10)", By::Value, &["12345678901234567890.0000000001"]),
    ("money", By::Value, &["'0'", "'-0.05'", "'92233720368547758.07'", "'-92233720368547758.08'"]),
    ("text", By::Value, &["''", "'größer 𝒳 '", "e'tab\\tline\\n\\\\ '", "'{{1},{2}}'"]),
    ("varchar(20)", By::Value, &["'a b'", "' '"]),
    ("char(5)", By::Value, &["'ab'", "''"]),
    ("\"char\"", By::Value, &["'x'", "''", "'\\377'"]),
    ("name", By::Value, &["'some_name'"]),
    ("bytea", By::Value, &["''", "'\\x00ff'", "'abc'"]),
    (
        "date",
        By::Value,
        &[
            "'2026-01-31'",
            "'2000-02-29'",
            "'1999-12-31'",
            "'0001-01-01'",
            "'0044-03-15 BC'",
            "'0001-12-31 BC'",
            "'4713-01-01 BC'",
            "'10000-01-01'",
            "'5874897-12-31'",
            "'infinity'",
            "'-infinity'",
        ],
    ),
    ("time", By::Value, &["'00:00'", "'24:00'", "'10:11:12.123456'"]),
    ("timetz", By::Value, &["'10:11:12+05:30'", "'10:11:12.5-08'", "'10:11:12+01:02:03'"]),
    (
        "timestamp",
        By::Value,
        &[
            "'2026-01-31 10:11:12.123456'",
            "'0044-03-15 10:11:12.5 BC'",
            "'294276-12-31 23:59:59.999999'",
            "'4714-11-24 BC'",
            "'1999-12-31 23:59:59.9'",
            "'infinity'",
            "'-infinity'",
        ],
    ),
    (
        "timestamptz",
        By::Value,
        &[
            "'2026-01-31 10:11:12+02'",
            "'0044-03-15 10:11:12.5+00 BC'",
            "'294276-12-31 23:59:59.999999+00'",
            "'infinity'",
            "'-infinity'",
        ],
    ),
    (
        "interval",
        By::Text,
        &[
            "'0'",
            "'1 year 2 mons 3 days 04:05:06.7'",
            "'-1 day'",
            "'-1 year 2 mons -3 days +04:05:06'",
            "'1 mon -1 day'",
            "'-00:00:00.000001'",
            "'-178000000 years'",
            "'-2147483648 days'",
            "'2562047788:00:54.775807'",
        ],
    ),
    ("uuid", By::Value, &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"]),
    (
        "json",
        By::Json,
        &[
            "'{\"a\": [1, 2.5, null], \"b\": \"x\"}'",
            "'5'",
            "'\"text\"'",
            "'\"5\"'",
            "'true'",
            "'[]'",
            "'{\"big\": 12345678901234567890.5}'",
        ],
    ),
    (
        "jsonb",
        By::Value,
        &[
            "'{\"a\": [1, 2.5, null], \"b\": \"x\"}'",
            "'-1.5e3'",
            "'\"text\"'",
            "'\"5\"'",
            "'\"null\"'",
            "'[1, [2]]'",
            "'[9007199254740993]'",
            "'0.30000000000000004'",
        ],
    ),
    ("jsonpath", By::Text, &["'$.a[*] ? (@ > 1)'"]),
    ("xml", By::Text, &["'<a b=\"c\">größer</a>'", "'<?xml version=\"1.0\" standalone=\"yes\"?><a/>'"]),
    ("inet", By::Value, &["'10.0.0.1'", "'10.0.0.1/8'", "'::1'", "'2001:db8::/32'"]),
    ("cidr", By::Value, &["'10.0.0.0/8'", "'10.0.0.1/32'", "'2001:db8::/32'"]),
    ("macaddr", By::Value, &["'08:00:2b:01:02:03'"]),
    ("macaddr8", By::Value, &["'08:00:2b:01:02:03:04:05'"]),
    ("bit(5)", By::Value, &["'10110'"]),
    ("varbit", By::Value, &["''", "'101100111'"]),
    ("point", By::Text, &["'(1.5,-2)'", "'(1e300,Infinity)'"]),
    ("line", By::Text, &["'{1,-2,3.5}'"]),
    ("lseg", By::Text, &["'[(1,2),(3,4.5)]'"]),
    ("box", By::Text, &["'(3,4.5),(1,2)'"]),
    ("path", By::Text, &["'[(1,2),(3,4),(5,6.5)]'", "'((1,2),(3,4))'"]),
    ("polygon", By::Text, &["'((1,2),(3,4),(5,6.5))'"]),
    ("circle", By::Text, &["'<(1,2),3.5>'"]),
    ("tsvector", By::Text, &["''", "'a:1A,3 b:2C c d:4B'", "'''it''''s'' ''back\\\\\\\\slash'':5'"]),
    ("tsquery", By::Text, &["''", "'a & (b | !c) & d:*AB'", "'!(a <-> b) <3> (''it''''s'' | c:D)'", "'a & b & c | d'"]),
    ("pg_lsn", By::Value, &["'16/B374D848'", "'0/0'"]),
    ("pg_snapshot", By::Text, &["'10:20:10,14,15'", "'10:10:'"]),
    ("tid", By::Value, &["'(4294967295,65535)'"]),
    ("int2vector", By::Value, &["'1 2 -3'", "''"]),
    ("oidvector", By::Value, &["'1 2'"]),
    ("mood", By::Value, &["'ok'", "'so, so'", "'it''s \"bad\"'", "''"]),
    ("positive", By::Value, &["5", "null"]),
    ("pair", By::Value, &["row(1, 'x')", "row(null, '')", "row(-1, 'a \"b\" \\c, (d)')", "row(null, null)"]),
    ("nest", By::Value, &["row(row(1, 'x,\"y')::pair, array[1, null], 'z')"]),
    (
        "int4[]",
        By::Value,
        &[
            "'{}'",
            "'{1,null,3}'",
            "'{{1,2},{3,4}}'",
            "'{{{1},{2}},{{3},{null}}}'",
            "'[0:1]={1,2}'",
            "'[-2:-1][5:6]={{1,2},{3,4}}'",
        ],
    ),
    ("int8[]", By::Value, &["'{9007199254740993}'"]),
    ("text[]", By::Value, &["array['', 'a\"b', 'c\\d', 'NULL', null, 'e,f', '{g}']", "'{{a,b},{\"c d\",NULL}}'"]),
    ("bytea[]", By::Value, &["array['\\x00ff'::bytea, '']"]),
    ("float8[]", By::Value, &["'{NaN,Infinity,0.1}'"]),
    ("numeric[]", By::Value, &["'{1.10,12345678901234567890.5}'"]),
    ("timestamptz[]", By::Value, &["array['2026-01-31 10:11:12+02'::timestamptz, 'infinity']"]),
    (
        "jsonb[]",
        By::Value,
        &["array['{\"a\": 1}'::jsonb, '\"x\"', '[1]']", "array[array['[1]'::jsonb], array['2'::jsonb]]"],
    ),
    ("box[]", By::Text, &["'{(1,1),(0,0);(2,2),(1,1)}'"]),
    ("mood[]", By::Value, &["array['ok', 'it''s \"bad\"']::mood[]"]),
    ("pair[]", By::Value, &["array[row(1, 'x')::pair, row(2, 'a,\"b\"')::pair, null]"]),
    ("list", By::Value, &["'{1,2}'"]),
    ("int4range", By::Value, &["'[1,10)'", "'empty'", "'(,)'", "'[5,)'"]),
    ("int8range", By::Value, &["'[9007199254740993,)'"]),
    ("numrange", By::Value, &["'[1.5,2.5]'", "'(,0]'"]),
    ("daterange", By::Value, &["'[2026-01-01,infinity)'", "'[0044-03-15 BC,)'"]),
    ("tsrange", By::Value, &["'[2026-01-01 10:00,2026-01-02)'"]),
    ("tstzrange", By::Value, &["'(2026-01-01 10:00+02,infinity]'"]),
    ("textrange", By::Value, &["textrange('a,b', 'c\"d]')", "textrange('', 'x\\y')"]),
    ("int4multirange", By::Value, &["'{}'", "'{[1,3),[5,7)}'"]),
    ("datemultirange", By::Value, &["'{[2026-01-01,2026-02-01)}'"]),
    ("int4range[]", By::Value, &["array['[1,2)'::int4range, 'empty']"]),
    ("hstore", By::Value, &["''", "'a=>1, \"b c\"=>NULL, \"q\\\"\"=>\"x\\\\y\"'"]),
    ("citext", By::Text, &["'Größer'", "e'line\\n'"]),
    ("ltree", By::Value, &["'Top.Science'"]),
    ("lquery", By::Text, &["'Top.*{1,2}.!a'"]),
];

#[tokio::test]
async fn values_have_a_readable_format() {
    let house = House::new();
    let db = database(&house, postgres(), "forms", json!({})).await;
    exec(&house, &db, SETUP).await;
    for (expression, expected) in [
        ("'\\x00ff'::bytea", json!("\\x00ff")),
        ("'-infinity'::float8", json!("-Infinity")),
        ("'0044-03-15 BC'::date", json!("0044-03-15 BC")),
        ("'0044-03-15 01:00 BC'::timestamp", json!("0044-03-15T01:00:00 BC")),
        ("'10000-01-01'::date", json!("10000-01-01")),
        ("'-1 year 3 days'::interval", json!("-1 year +3 days")),
        ("'<(1,2),3>'::circle", json!("<(1,2),3>")),
        ("'a:1A b'::tsvector", json!("'a':1A 'b'")),
        ("'a & !b:*'::tsquery", json!("( 'a' & !( 'b':* ) )")),
        ("'a=>1'::hstore", json!("\"a\"=>\"1\"")),
        ("'[0:1]={1,2}'::int[]", json!("[0:1]={\"1\",\"2\"}")),
        ("row(1, 'x'::text, null)", json!({"f1": 1, "f2": "x", "f3": null})),
        ("'1 2'::int2vector", json!("1 2")),
        ("'\"x\"'::jsonb", json!("\"x\"")),
        // JSON's null and a missing value cannot be distinguished
        ("'null'::jsonb", Value::Null),
    ] {
        let found = house.data(&db, sql(&format!("select {expression} as v")), json!({})).await;
        assert_eq!(found, json!([{"v": expected}]), "{expression}");
    }
}

#[tokio::test]
async fn types_with_too_many_parts_are_refused_immediately() {
    let house = House::new();
    let db = database(&house, postgres(), "doubled", json!({})).await;
    let mut statements = vec!["create type d0 as (a int, b int)".to_owned()];
    statements.extend((1..16).map(|at| format!("create type d{at} as (a d{0}, b d{0})", at - 1)));
    for statement in &statements {
        exec(&house, &db, &[statement]).await;
    }
    let started = std::time::Instant::now();
    let refused = house.run(&db, sql("select null::d15 as v"), json!({})).await.unwrap_err();
    assert!(refused.to_string().contains("too many other types"), "{refused}");
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert_eq!(house.data(&db, sql("select null::d9 as v"), json!({})).await, json!([{"v": null}]));
}
