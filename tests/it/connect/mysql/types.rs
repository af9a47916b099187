use super::{House, Value, database, exec, json, sql};
use std::fmt::Write;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn every_type_is_read_exactly() {
    let house = House::new();
    let db = database(&house, "types", json!({})).await;
    // the declaration, the written literal, the expected value, and the type name in the result
    let columns = [
        ("tinyint", "-128", json!(-128), "tinyint"),
        ("tinyint unsigned", "255", json!(255), "tinyint unsigned"),
        ("boolean", "true", json!(1), "tinyint"),
        ("smallint", "-32768", json!(-32768), "smallint"),
        ("mediumint unsigned", "16777215", json!(16_777_215), "mediumint unsigned"),
        ("int", "-2147483648", json!(-2_147_483_648_i64), "int"),
        ("bigint", "9007199254740992", json!(9_007_199_254_740_992_i64), "bigint"),
        ("bigint", "-9223372036854775808", json!("-9223372036854775808"), "bigint"),
        ("bigint unsigned", "18446744073709551615", json!("18446744073709551615"), "bigint unsigned"),
        ("decimal(10,2)", "12.50", json!(12.5), "decimal"),
        ("decimal(10,0)", "7", json!(7), "decimal"),
        (
            "decimal(65,30)",
            "'12345678901234567890.123456789012345678901234567890'",
            json!("12345678901234567890.123456789012345678901234567890"),
            "decimal",
        ),
        ("float", "0.1", json!(0.1), "float"),
        ("double", "1.7976931348623157e308", json!(1.797_693_134_862_315_7e308), "double"),
        ("double", "-0.1", json!(-0.1), "double"),
        ("bit(1)", "b'1'", json!("1"), "bit"),
        ("bit(10)", "b'1000000001'", json!("1000000001"), "bit"),
        ("bit(64)", "b'1'", json!(format!("{:0>64}", "1")), "bit"),
        ("year", "2026", json!(2026), "year"),
        ("date", "'2026-01-31'", json!("2026-01-31"), "date"),
        ("date", "'0000-00-00'", json!("0000-00-00"), "date"),
        ("date", "'2026-00-00'", json!("2026-00-00"), "date"),
        ("datetime", "'2026-01-31 10:11:12'", json!("2026-01-31T10:11:12"), "datetime"),
        ("datetime(3)", "'2026-01-31 10:11:12.25'", json!("2026-01-31T10:11:12.250"), "datetime"),
        ("datetime(6)", "'0000-00-00'", json!("0000-00-00T00:00:00.000000"), "datetime"),
        ("timestamp null", "'2026-01-31 10:11:12'", json!("2026-01-31T10:11:12Z"), "timestamp"),
        ("timestamp(6) null", "'2026-01-31 10:11:12.000001'", json!("2026-01-31T10:11:12.000001Z"), "timestamp"),
        ("time", "'10:11:12'", json!("10:11:12"), "time"),
        ("time(1)", "'-838:59:58.5'", json!("-838:59:58.5"), "time"),
        ("time", "0", json!("00:00:00"), "time"),
        ("char(5)", "'größ'", json!("größ"), "char"),
        ("varchar(100)", "'größer 𝒳 \\\\ ''x'''", json!("größer 𝒳 \\ 'x'"), "varchar"),
        ("varchar(5) character set latin1", "'ß'", json!("ß"), "varchar"),
        ("tinytext", "'a'", json!("a"), "tinytext"),
        ("text", "'a'", json!("a"), "text"),
        ("mediumtext", "'a'", json!("a"), "mediumtext"),
        ("longtext", "'{\"a\": 1}'", json!("{\"a\": 1}"), "longtext"),
        ("json", "'{\"a\": [1, 2.5, null]}'", json!({"a": [1, 2.5, null]}), "json"),
        ("binary(3)", "x'00ff'", json!("AP8A"), "binary"),
        ("varbinary(10)", "x'00ff'", json!("AP8="), "varbinary"),
        ("tinyblob", "x'00ff'", json!("AP8="), "tinyblob"),
        ("blob", "x'00ff'", json!("AP8="), "blob"),
        ("mediumblob", "x'00ff'", json!("AP8="), "mediumblob"),
        ("longblob", "x'00ff'", json!("AP8="), "longblob"),
        ("enum('ok', 'bad')", "'bad'", json!("bad"), "enum"),
        ("set('a', 'b', 'c')", "'a,c'", json!("a,c"), "set"),
        ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), "char"),
        ("inet6", "'::1'", json!("::1"), "char"),
        ("inet4", "'10.0.0.1'", json!("10.0.0.1"), "char"),
        ("point", "st_geomfromtext('POINT(1.5 -2)')", json!("POINT(1.5 -2)"), "geometry"),
        ("polygon", "st_geomfromtext('POLYGON((0 0,1 0,1 1,0 0))')", json!("POLYGON((0 0,1 0,1 1,0 0))"), "geometry"),
        (
            "geometry",
            "st_geomfromtext('GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT(1 2,3 4))')",
            json!("GEOMETRYCOLLECTION(POINT(1 2),MULTIPOINT((1 2),(3 4)))"),
            "geometry",
        ),
        ("int", "null", Value::Null, "int"),
    ];
    let (mut declared, mut written) = (String::new(), String::new());
    for (i, (declaration, value, ..)) in columns.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        write!(declared, "{comma}c{i} {declaration}").unwrap();
        write!(written, "{comma}{value}").unwrap();
    }
    exec(&house, &db, &[&format!("create table t ({declared})")]).await;
    let insert = format!("set statement sql_mode = '' for insert into t values ({written})");
    exec(&house, &db, &[&insert]).await;
    let outcome = house.run(&db, sql("select * from t"), json!({})).await.unwrap();
    let names = outcome.columns.unwrap();
    for (i, (declaration, value, expected, name)) in columns.iter().enumerate() {
        assert_eq!(&outcome.data[0][format!("c{i}")], expected, "{declaration} {value}");
        assert_eq!(names[i].r#type, *name, "{declaration}");
    }
}

#[tokio::test]
async fn expressions_are_read_by_their_type() {
    let house = House::new();
    let db = database(&house, "expressions", json!({})).await;
    for (expression, expected) in [
        ("1 = 1", json!(1)),
        ("1.5", json!(1.5)),
        ("1e0", json!(1.0)),
        ("count(*)", json!(1)),
        ("'x'", json!("x")),
        ("null", Value::Null),
        ("json_object('a', 1)", json!("{\"a\": 1}")),
        ("timestamp'2026-01-31 10:11:12.5'", json!("2026-01-31T10:11:12.5")),
        ("cast('x' as binary)", json!("eA==")),
        ("concat('größer ', 7)", json!("größer 7")),
        ("@@session.time_zone", json!("+00:00")),
    ] {
        let found = house.data(&db, sql(&format!("select {expression} as v")), json!({})).await;
        assert_eq!(found, json!([{"v": expected}]), "{expression}");
    }
    let twice = house.run(&db, sql("select 1 as a, 'x' as a"), json!({})).await.unwrap();
    assert_eq!(*twice.data, json!([{"a": 1, "a_2": "x"}]));
}

#[tokio::test]
async fn values_are_bound_by_their_type() {
    let house = House::new();
    let db = database(&house, "binding", json!({})).await;
    exec(
        &house,
        &db,
        &["create table t (i int, n decimal(10,2), d date, ts timestamp null, b boolean, j json, x text)"],
    )
    .await;
    let query = json!({
        "options": {"sql": "insert into t values ({{ params.i }}, {{ params.n }}, {{ params.d }}, {{ params.ts }}, {{ params.b }}, {{ params.j }}, {{ params.x }}) returning *"},
        "parameters": [{"name": "i", "type": "number"}, {"name": "n", "type": "number"}, {"name": "d", "type": "date"}, {"name": "ts", "type": "date"},
            {"name": "b", "type": "boolean"}, {"name": "j", "type": "object"}, {"name": "x"}],
    });
    let row = json!({"i": 7, "n": 1.25, "d": "2026-01-31", "ts": "2026-01-31T14:00:00+02:00", "b": true, "j": {"k": [1]}, "x": "it's \\ a"});
    let outcome = house.run(&db, query.clone(), row).await.unwrap();
    let stored = json!([{"i": 7, "n": 1.25, "d": "2026-01-31", "ts": "2026-01-31T12:00:00Z", "b": 1, "j": {"k": [1]}, "x": "it's \\ a"}]);
    assert_eq!((&*outcome.data, outcome.affected_rows), (&stored, Some(1)));
    let nulls = house.data(&db, query, json!({})).await;
    assert_eq!(nulls[0]["j"], Value::Null);
    let find = json!({"options": {"sql": "select x from t where i in ({{ params.ids }}) order by {{ ident(params.by) }}"},
        "parameters": [{"name": "ids", "type": "array"}, {"name": "by", "allowed": ["x", "i"]}]});
    assert_eq!(house.data(&db, find.clone(), json!({"ids": [7, 8], "by": "x"})).await, json!([{"x": "it's \\ a"}]));
    assert_eq!(house.data(&db, find, json!({"ids": [], "by": "x"})).await, json!([]));
}
