use super::{Question, compare};
use crate::{
    connect::{
        House,
        mysql::{database, exec},
        sql,
    },
    support::mariadb::{PASSWORD, mariadb},
};
use serde_json::json;

/// How a value is sent back: the expression that contains it, and the function whose results are compared.
const PLAIN: (&str, &str) = ("{{ params.o.v }}", "hex");
const JSON: (&str, &str) = ("{{ array(params.o.v) }}", "json_normalize");
const BYTES: (&str, &str) = ("from_base64({{ params.o.v }})", "hex");
const BITS: (&str, &str) = ("cast(conv({{ params.o.v }}, 2, 10) as unsigned)", "hex");
const SHAPE: (&str, &str) = (
    "st_geomfromtext(substring_index({{ params.o.v }}, ';', -1), if({{ params.o.v }} like 'SRID=%', substring_index(substring({{ params.o.v }}, 6), ';', 1), 0))",
    "hex",
);
const MOMENT: (&str, &str) = ("{{ params.v }}", "hex");

type Way = (&'static str, &'static str);
const TYPES: &[(&str, Way, &[&str])] = &[
    ("tinyint", PLAIN, &["-128", "127", "0", "1", "null"]),
    ("tinyint(1)", PLAIN, &["true", "false", "2"]),
    ("tinyint unsigned", PLAIN, &["0", "255"]),
    ("smallint", PLAIN, &["-32768", "32767"]),
    ("smallint unsigned zerofill", PLAIN, &["7", "65535"]),
    ("mediumint", PLAIN, &["-8388608", "8388607"]),
    ("mediumint unsigned", PLAIN, &["16777215"]),
    ("int", PLAIN, &["-2147483648", "2147483647", "0"]),
    ("int unsigned", PLAIN, &["4294967295"]),
    (
        "bigint",
        PLAIN,
        &["-9223372036854775808", "9223372036854775807", "9007199254740992", "9007199254740993", "-9007199254740993"],
    ),
    ("bigint unsigned", PLAIN, &["0", "9223372036854775808", "18446744073709551615", "9007199254740993"]),
    (
        "decimal(65,30)",
        PLAIN,
        &[
            "0",
            "0.1",
            "-0.000000000000000000000000000001",
            "12345678901234567890.123456789012345678901234567890",
            "99999999999999999999999999999999999.999999999999999999999999999999",
            "9007199254740993",
            "1e20",
        ],
    ),
    (
        "decimal(65,0)",
        PLAIN,
        &["99999999999999999999999999999999999999999999999999999999999999999", "-1", "9007199254740993"],
    ),
    ("decimal(10,2)", PLAIN, &["12.50", "-0.01", "99999999.99", "0.00"]),
    ("decimal(5,5) unsigned", PLAIN, &["0.00001", "0.99999"]),
    ("float", PLAIN, &["0", "-0.5", "0.25", "1.5", "16777216", "3e38", "1e-30"]),
    (
        "double",
        PLAIN,
        &[
            "0",
            "0.1",
            "-0.1",
            "0.30000000000000004",
            "1.7976931348623157e308",
            "2.2250738585072014e-308",
            "9007199254740994",
            "48.858370000000004",
            "1e15",
            "123456.789",
        ],
    ),
    ("bit(1)", BITS, &["b'0'", "b'1'"]),
    ("bit(10)", BITS, &["b'1000000001'", "b'0'"]),
    ("bit(63)", BITS, &["b'1'", "9223372036854775807"]),
    ("year", PLAIN, &["1901", "2155", "2026", "0"]),
    (
        "date",
        PLAIN,
        &[
            "'2026-01-31'",
            "'1000-01-01'",
            "'9999-12-31'",
            "'2024-02-29'",
            "'0000-00-00'",
            "'2026-00-00'",
            "'0001-01-01'",
        ],
    ),
    (
        "datetime",
        PLAIN,
        &["'2026-01-31 10:11:12'", "'1000-01-01'", "'9999-12-31 23:59:59'", "'0000-00-00'", "'2026-02-03 00:00:00'"],
    ),
    ("datetime(1)", PLAIN, &["'2026-01-31 10:11:12.5'", "'2026-01-31 10:11:12'"]),
    ("datetime(3)", PLAIN, &["'2026-01-31 10:11:12.25'", "'2026-01-31 10:11:12.001'"]),
    ("datetime(6)", PLAIN, &["'2026-01-31 10:11:12.000001'", "'2026-01-31 10:11:12.999999'", "'2026-01-31'"]),
    ("timestamp null", MOMENT, &["'2026-01-31 10:11:12'", "'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'"]),
    ("timestamp(6) null", MOMENT, &["'2026-01-31 10:11:12.000001'", "'2026-10-25 00:30:00'"]),
    (
        "time",
        PLAIN,
        &["'10:11:12'", "'838:59:59'", "'-838:59:59'", "'00:00:00'", "'24:00:00'", "'-00:00:01'", "'100:00:00'"],
    ),
    ("time(3)", PLAIN, &["'10:11:12.5'", "'-00:00:00.001'"]),
    ("time(6)", PLAIN, &["'838:59:58.999999'", "'00:00:00.000001'"]),
    ("char(5)", PLAIN, &["'größ'", "''", "'a'", "'𝒳𝒳𝒳𝒳𝒳'"]),
    ("char(5) character set latin1", PLAIN, &["'größe'"]),
    ("char(5) character set ucs2", PLAIN, &["'größe'"]),
    (
        "varchar(100)",
        PLAIN,
        &["'größer 𝒳 \\\\ ''x'''", "''", "' a '", "'12'", "'0.10'", "'NULL'", "'{\"a\":1}'", "'a\\nb\\tc'"],
    ),
    ("varchar(100) collate utf8mb4_bin", PLAIN, &["'A'", "'ä'"]),
    ("varchar(100) character set latin1", PLAIN, &["'ß€'"]),
    ("tinytext", PLAIN, &["'a'", "''"]),
    ("text", PLAIN, &["'größer 𝒳'", "repeat('ä', 3000)"]),
    ("mediumtext", PLAIN, &["'a'"]),
    ("longtext", PLAIN, &["'{\"a\": 1}'", "'x'"]),
    ("binary(3)", BYTES, &["x'00ff'", "x'000000'", "'abc'"]),
    ("varbinary(10)", BYTES, &["x''", "x'00ff'", "'text'", "x'ffffffff'"]),
    ("tinyblob", BYTES, &["x'00ff'"]),
    ("blob", BYTES, &["x'00ff'", "x''", "'größe'"]),
    ("mediumblob", BYTES, &["x'00ff'"]),
    ("longblob", BYTES, &["x'00ff'", "repeat(x'ff', 1000)"]),
    ("enum('ok','so, so','it''s','')", PLAIN, &["'ok'", "'so, so'", "'it''s'", "''"]),
    ("set('a','b','c')", PLAIN, &["'a,c'", "''", "'a'", "'a,b,c'"]),
    (
        "json",
        JSON,
        &[
            "'{\"a\": [1, 2.5, null]}'",
            "'[]'",
            "'7'",
            "'\"text\"'",
            "'{\"id\": 9007199254740993}'",
            "'[0.1234567890123456789]'",
            "'{\"big\": 123456789012345678901234567890}'",
            "'{\"a\": 1, \"a\": 2}'",
            "'1e400'",
            "'\"\\\\ud83d\\\\ude00\"'",
            "'{\"ä\": \"𝒳\"}'",
        ],
    ),
    ("uuid", PLAIN, &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'"]),
    ("inet4", PLAIN, &["'10.0.0.1'", "'255.255.255.255'"]),
    ("inet6", PLAIN, &["'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:10.0.0.1'"]),
    (
        "geometry",
        SHAPE,
        &[
            "st_geomfromtext('POINT(1.5 -2)')",
            "st_geomfromtext('POINT(1 2)', 4326)",
            "st_geomfromtext('LINESTRING(0 0,1 1)')",
            "st_geomfromtext('POLYGON((0 0,1 0,1 1,0 0))')",
            "st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))')",
            "st_geomfromtext('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')",
        ],
    ),
];

/// Reads every value, writes it back to another column, and compares the two; another driver reads the same values.
#[tokio::test]
async fn every_value_survives_a_round_trip_and_matches_another_driver() {
    let house = House::new();
    let db = database(&house, "everything", json!({"poolSize": 1})).await;
    let (mut lost, mut questions) = (Vec::new(), Vec::new());
    for (at, (kind, (back, equal), literals)) in TYPES.iter().enumerate() {
        let table = format!("t{at}");
        let rows: Vec<String> =
            literals.iter().enumerate().map(|(i, literal)| format!("({i}, {literal}, null, {literal})")).collect();
        let create = format!("create table {table} (i int primary key, a {kind} null, b {kind} null, c {kind} null)");
        exec(&house, &db, &[&create, &format!("insert into {table} values {}", rows.join(", "))]).await;
        let write = json!({
            "options": {"sql": format!("update {table} set b = {back} where i = {{{{ params.i }}}}")},
            "parameters": [{"name": "o", "type": "object"}, {"name": "v", "type": "date"}, {"name": "i", "type": "number"}],
        });
        for (i, literal) in literals.iter().enumerate() {
            let text = format!("select a as v from {table} where i = {i}");
            let ours = match house.run(&db, sql(&text), json!({})).await {
                Ok(read) => read.data[0]["v"].clone(),
                Err(error) => {
                    lost.push(format!("{kind} {literal} cannot be read: {error}"));
                    continue;
                }
            };
            let moment = kind.starts_with("timestamp");
            let value = if moment { json!({"i": i, "v": ours}) } else { json!({"i": i, "o": {"v": ours}}) };
            let same =
                format!("select {equal}(a) <=> {equal}(b) as same, a as first, c as v from {table} where i = {i}");
            match house.run(&db, write.clone(), value).await {
                Ok(_) => {
                    let found = house.data(&db, sql(&same), json!({})).await;
                    if found[0]["same"] != 1 || found[0]["first"] != ours {
                        lost.push(format!("{kind} {literal} changed when sent back as {ours}"));
                    }
                    let text = format!("select c as v from {table} where i = {i}");
                    questions.push(Question { kind: (*kind).to_owned(), sql: text, ours: found[0]["v"].clone() });
                }
                Err(error) => lost.push(format!("{kind} {literal} is not accepted as {ours}: {error}")),
            }
            questions.push(Question { kind: (*kind).to_owned(), sql: text, ours });
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    assert!(questions.len() > 300, "{}", questions.len());
    compare("mysql", &json!({"port": mariadb().port, "password": PASSWORD, "database": "everything"}), &questions);
}
