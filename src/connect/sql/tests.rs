#![allow(clippy::unwrap_used)]

use super::{Params, SqlDialect, Statements, bind};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn params() -> Params {
    let declared: Arc<[_]> = serde_json::from_value(json!([
        {"name": "id", "type": "number"}, {"name": "ids", "type": "array"}, {"name": "none", "type": "array"},
        {"name": "o", "type": "object"}, {"name": "col", "allowed": ["id", "we\"ird"]}, {"name": "free"},
    ]))
    .unwrap();
    let given = json!({"id": 7, "ids": [1, "b"], "none": [], "o": {"a": {"b": 1}}, "col": "we\"ird", "free": "x"});
    Params::resolve(&declared, serde_json::from_value::<serde_json::Map<_, _>>(given).unwrap()).unwrap()
}

fn both(sql: &str) -> [Result<(String, Value), String>; 2] {
    [SqlDialect::Postgresql, SqlDialect::Sqlite].map(|dialect| {
        bind(sql, dialect, &params())
            .map(|statement| (statement.text, Value::Array(statement.arguments)))
            .map_err(|error| error.to_string())
    })
}

#[test]
fn values_are_bound() {
    let [pg, lite] =
        both("select {{ params.id }}, {{params.o.a.b}} where id in ({{ params.ids }}) and x in ({{ params.none }})");
    assert_eq!(
        pg.unwrap(),
        ("select $1, $2 where id in ($3, $4) and x = any ($5)".to_owned(), json!([7, 1, 1, "b", []]))
    );
    assert_eq!(lite.unwrap().0, "select ?1, ?2 where id in (?3, ?4) and x in ()");
    let [pg, _] = both("select {{ params.o }}, {{ params.o.missing }}");
    assert_eq!(pg.unwrap().1, json!([{"a": {"b": 1}}, null]));
}

#[test]
fn an_empty_list_can_be_used_with_in() {
    let [pg, lite] = both("select 1 where é not in ( {{ params.none }} ) and {{ params.id }} = 7");
    let (text, arguments) = pg.unwrap();
    assert_eq!(text, "select 1 where é <> all ($1 ) and $2 = 7");
    assert_eq!(arguments, json!([[], 7]));
    assert_eq!(lite.unwrap().0, "select 1 where é not in (  ) and ?1 = 7");
    let [pg, _] = both("select 1 where x = any ({{ params.ids }}) or y <> all({{ params.none }})");
    assert_eq!(pg.unwrap(), ("select 1 where x = any ($1) or y <> all($2)".to_owned(), json!([[1, "b"], []])));
    for sql in [
        "select {{ params.none }}",
        "select f({{ params.none }})",
        "select 1 where x not in (1, {{ params.none }})",
        "select 1 where x not in ({{ params.none }}, 1)",
        "insert into t values ({{ params.none }})",
    ] {
        for bound in both(sql).into_iter().chain([mysql(sql).map(|(text, _)| (text, json!(null)))]) {
            let error = bound.unwrap_err();
            assert!(
                error.contains("`params.none` is an empty list") && error.contains("`array(params.none)`"),
                "{error}"
            );
        }
    }
    let [pg, _] = both("select array[{{ params.none }}]");
    assert!(pg.unwrap_err().contains("is an empty list"));
    let statement = bind("select 1 where a not in ({{ params.none }}), x", SqlDialect::Postgresql, &params()).unwrap();
    assert_eq!(statement.text, "select 1 where a <> all ($1), x");
    assert_eq!((statement.origin(8), statement.origin(31)), (8, 46), "positions survive");
}

#[test]
fn a_null_in_not_in_is_refused() {
    let declared: Arc<[_]> = serde_json::from_value(json!([{"name": "ids", "type": "array"}, {"name": "id"}])).unwrap();
    for (ids, expected) in [(json!(null), "has no value"), (json!([1, null]), "contains null")] {
        let given = json!({"ids": ids});
        let params =
            Params::resolve(&declared, serde_json::from_value::<serde_json::Map<_, _>>(given).unwrap()).unwrap();
        for dialect in [SqlDialect::Postgresql, SqlDialect::Sqlite, SqlDialect::Mysql] {
            let bound = |sql: &str| bind(sql, dialect, &params).map_err(|error| error.to_string());
            let error = bound("select 1 where id not in ({{ params.ids }})").unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(bound("select 1 where id in ({{ params.ids }}) or id not in ({{ params.id }})").is_ok());
        }
    }
}

#[test]
fn a_parameter_in_a_comment_is_not_bound() {
    for sql in [
        "select 1 -- {{ params.id }}",
        "select /* {{ params.undeclared }} */ 1",
        "select 1 -- where id = {{ params.id }} and '",
        "-- {{ params.none }}\nselect 1",
    ] {
        for bound in both(sql) {
            assert_eq!(bound.unwrap(), (sql.to_owned(), json!([])), "{sql}");
        }
    }
    let [pg, _] = both("select {{ params.id }} /* {{ params.ids }} */, {{ params.free }} -- {{ ident(params.col) }}");
    let (text, arguments) = pg.unwrap();
    assert_eq!(text, "select $1 /* {{ params.ids }} */, $2 -- {{ ident(params.col) }}");
    assert_eq!(arguments, json!([7, "x"]));
    for bound in both("select /*+ SeqScan({{ params.id }}) */ 1") {
        assert!(bound.unwrap_err().contains("a comment that the database interprets"));
    }
}

#[test]
fn a_name_is_quoted_and_must_be_allowed() {
    let [pg, lite] = both("select {{ ident(params.col) }} from t");
    assert_eq!(pg, lite);
    assert_eq!(pg.unwrap(), ("select \"we\"\"ird\" from t".to_owned(), json!([])));
    for error in both("select {{ ident(params.free) }}").into_iter().chain(both("select {{ ident('x') }}")) {
        assert!(error.is_err());
    }
}

#[test]
fn a_parameter_in_quotes_is_refused() {
    for sql in [
        "select '{{ params.id }}'",
        "select 'a''{{params.id}}'",
        "select \"{{ params.id }}\"",
        "select '%{{ params.id }}%'",
        "select '{{ params.id }}",
        "select \"{{ ident(params.col) }}\"",
    ] {
        for error in both(sql) {
            let error = error.unwrap_err();
            assert!(error.contains("cannot be used in"), "{sql}: {error}");
        }
    }
    let [pg, _] = both("select $x$ {{ params.id }} $x$");
    assert!(pg.unwrap_err().contains("remove the quotes"));
    let [pg, _] = both(r"select E'it\'s {{ params.id }}'");
    assert!(pg.is_err());
    let [_, lite] = both("select [{{ params.id }}], `{{ params.id }}`");
    assert!(lite.is_err());
}

#[test]
fn only_parameters_are_accepted() {
    for sql in [
        "{{ 1 + 1 }}",
        "{{ params }}",
        "{{ process.env }}",
        "{{ params.id + 1 }}",
        "{{ params.nope }}",
        "{{ params.id",
        "{{ }}",
        "{{ params['id'].constructor.x }}",
    ] {
        for error in both(&format!("select {sql}")) {
            assert!(error.is_err(), "{sql}");
        }
    }
    let error = both("sélect {{ params.nope }}")[0].clone().unwrap_err();
    assert!(error.ends_with("(at character 8)"), "{error}");
}

#[test]
fn quotes_and_comments_end_as_in_each_database() {
    let [pg, lite] = both("select '{{1,2},{3,4}}', 'it''s' || {{ params.id }}");
    assert_eq!(pg.unwrap().0, "select '{{1,2},{3,4}}', 'it''s' || $1");
    assert!(lite.is_ok());
    let [pg, lite] = both("/* a /* b */ {{ params.id }} */ select 1");
    assert!(pg.unwrap().0.contains("{{"), "comments nest in PostgreSQL");
    assert!(lite.unwrap().0.contains("?1"));
    let [pg, lite] = both(r"select '\' || {{ params.id }}");
    assert_eq!(pg.unwrap().0, r"select '\' || $1");
    assert!(lite.is_ok());
    let [pg, _] = both("select a$b$ + {{ params.id }} + $1x$");
    assert!(pg.is_ok(), "$ inside a word opens nothing");
    let [pg, _] = both("select $$a$$ || {{ params.id }}");
    assert_eq!(pg.unwrap().0, "select $$a$$ || $1");
    for arrow in both("select a -> {{ params.id }} - 1 / 2") {
        arrow.unwrap();
    }
}

#[test]
fn positions_map_back_to_the_source() {
    let statement =
        bind("select {{ params.id }}, x from {{ params.id }} y", SqlDialect::Postgresql, &params()).unwrap();
    assert_eq!(statement.text, "select $1, x from $2 y");
    assert_eq!(statement.origin(1), 1);
    assert_eq!(statement.origin(12), 25);
    assert_eq!(statement.origin(22), 48);
}

#[test]
fn a_list_can_be_bound_as_one_value() {
    let [pg, lite] = both("select {{ array(params.ids) }}, {{ array(params.none) }}");
    assert_eq!(pg.unwrap(), ("select $1, $2".to_owned(), json!([[1, "b"], []])));
    assert_eq!(lite.unwrap().0, "select ?1, ?2");
    for error in both("select '{{ array(params.ids) }}'").into_iter().chain(both("select {{ array(1) }}")) {
        error.unwrap_err();
    }
}

fn mysql(sql: &str) -> Result<(String, Vec<Value>), String> {
    let bound = bind(sql, SqlDialect::Mysql, &params());
    bound.map(|statement| (statement.text, statement.arguments)).map_err(|error| error.to_string())
}

#[test]
fn mysql_binds_by_position() {
    let (text, arguments) =
        mysql("select {{ params.id }}, {{ params.o.a.b }} where id in ({{ params.ids }}) and x in ({{ params.none }})")
            .unwrap();
    assert_eq!(text, "select ?, ? where id in (?, ?) and x in (select null from dual where false)");
    assert_eq!(arguments, [json!(7), json!(1), json!(1), json!("b")]);
    assert_eq!(mysql("select {{ ident(params.col) }}").unwrap().0, "select `we\"ird`");
    for own in ["select ?", "select :name", "select a from t where b = ? and c = {{ params.id }}", "select @a:=:b"] {
        assert!(mysql(own).unwrap_err().contains("write values as `{{ params.name }}`"), "{own}");
    }
    for fine in ["select '?', \"?\", `?` # ?\n", "select 1 -- ?", "select 1 /* ? */", "set @a := 1", "select '10:ab'"] {
        assert_eq!(mysql(fine).unwrap().0, fine);
    }
}

#[test]
fn quotes_and_comments_end_as_in_mysql() {
    for held in [
        r"select 'it\'s {{ params.id }}'",
        r#"select "it\"s {{ params.id }}""#,
        "select `{{ params.id }}`",
        "select /*! {{ params.id }} */ 1",
        "select /*!50000 {{ params.id }} */ 1",
        "select /*M!100000 {{ params.id }} */ 1",
        "select /*+ {{ params.id }} */ 1",
    ] {
        assert!(mysql(held).unwrap_err().contains("cannot be used in"), "{held}");
    }
    for (sql, text) in [
        (r"select '\\', {{ params.id }}", r"select '\\', ?"),
        (r"select `\`, {{ params.id }}", r"select `\`, ?"),
        ("select 'a''b', {{ params.id }}", "select 'a''b', ?"),
        ("select 1 # {{ params.id }}", "select 1 # {{ params.id }}"),
        ("select 1 -- {{ params.id }}", "select 1 -- {{ params.id }}"),
        ("select 1 --\t{{ params.id }}", "select 1 --\t{{ params.id }}"),
        ("select 5--{{ params.id }}", "select 5--?"),
        ("/* a /* b */ select {{ params.id }}", "/* a /* b */ select ?"),
        ("select 1 # it's\n, {{ params.id }}", "select 1 # it's\n, ?"),
        ("select $$a, {{ params.id }}", "select $$a, ?"),
        ("select a[{{ params.id }}]", "select a[?]"),
    ] {
        assert_eq!(mysql(sql).unwrap().0, text);
    }
}

#[test]
fn a_time_with_an_offset_becomes_utc_for_mysql() {
    let declared =
        serde_json::from_value::<Arc<[_]>>(json!([{"name": "at", "type": "date"}, {"name": "text"}])).unwrap();
    for (at, bound) in [
        ("2026-01-31T12:00:00Z", "2026-01-31 12:00:00"),
        ("2026-01-31T00:30:00.5+02:00", "2026-01-30 22:30:00.500"),
        ("2026-01-31", "2026-01-31"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00"),
    ] {
        let given = json!({"at": at, "text": at});
        let params =
            Params::resolve(&declared, serde_json::from_value::<serde_json::Map<_, _>>(given).unwrap()).unwrap();
        let statement = bind("{{ params.at }} {{ params.text }}", SqlDialect::Mysql, &params).unwrap();
        assert_eq!(statement.arguments, [json!(bound), json!(at)]);
    }
}

#[test]
fn a_plain_query_can_be_wrapped() {
    let statements = Statements::new(SqlDialect::Postgresql);
    let limited = |text: &str| statements.reading(text).limited(11);
    for (text, inner) in [
        ("select 1", "select 1"),
        ("select (1), ';' -- all; of it", "select (1), ';' -- all; of it"),
        (" with a as (select 1) table a ; -- done", " with a as (select 1) table a "),
        ("select 1;;\n /* ; */", "select 1"),
        ("select 'insert'", "select 'insert'"),
    ] {
        for _ in 0..2 {
            assert_eq!(limited(text), Some(format!("select * from ({inner}\n) as page limit 11")));
        }
    }
    for text in [
        "insert into t values (1)",
        "with a as (delete from t returning *) select * from a",
        "select 1 into t",
        "select * from t for update",
        "select 1) as q, (select 2",
        "select 1; select 2",
        "select 1; 'x'",
        "explain select 1",
        "show all",
        "vacuum",
        "",
    ] {
        assert_eq!(limited(text), None, "{text}");
    }
}

#[test]
fn positions_stay_correct_after_prepending() {
    let statement = bind("select {{ params.id }}, x", SqlDialect::Postgresql, &params()).unwrap().after("explain ");
    assert_eq!(statement.text, "explain select $1, x");
    assert_eq!((statement.origin(9), statement.origin(20)), (1, 25));
}

/// Pieces of SQL without digits, so that every `$1` and `?1` in the output is a placeholder.
const PIECES: &[&str] = &[
    "select ",
    "x",
    "é",
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "$",
    "$$",
    "$a$",
    "E'",
    "\\",
    "\\'",
    "--",
    "\n",
    "/*",
    "*/",
    ";",
    " ",
    "(",
    ")",
    ",",
    "{",
    "}",
    "?",
    ":",
    "{{",
    "}}",
    "{{ params.v }}",
    "{{params.v}}",
    "{{ params.list }}",
    "{{ params.list[1] }}",
    "{{ array(params.list) }}",
    "{{ params.o.k }}",
    "{{ params.o }}",
    "{{ ident(params.c) }}",
    "{{ params.empty }}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn values_are_never_inserted_as_text(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        hostile in "['\"$;\\\\{} a-z-]{0,8}",
    ) {
        let marked = format!("{hostile}⟦value⟧{hostile}");
        let declared: Arc<[_]> = serde_json::from_value(json!([
            {"name": "v"}, {"name": "list", "type": "array"}, {"name": "o", "type": "object"},
            {"name": "c", "allowed": ["na\"me"]}, {"name": "empty", "type": "array"},
        ])).unwrap();
        let given = json!({"v": marked, "list": [marked, [marked], {"k": marked}], "o": {"k": marked}, "c": "na\"me", "empty": []});
        let params = Params::resolve(&declared, serde_json::from_value::<serde_json::Map<_, _>>(given).unwrap()).unwrap();
        for dialect in [SqlDialect::Postgresql, SqlDialect::Sqlite] {
            let Ok(statement) = bind(&pieces.concat(), dialect, &params) else { continue };
            prop_assert!(!statement.text.contains('⟦'), "{}", statement.text);
            let mark = if dialect == SqlDialect::Sqlite { '?' } else { '$' };
            let numbered = |(at, _): &(usize, &str)| statement.text[at + 1..].starts_with(|c: char| c.is_ascii_digit());
            let placeholders = statement.text.match_indices(mark).filter(numbered).count();
            prop_assert_eq!(placeholders, statement.arguments.len(), "{}", statement.text);
        }
    }
}
