mod filters;
mod odd_columns;

use super::{AppSource, AppTexts, NewRecord, TableApp, WrittenDates, generate};
use crate::{
    connect::{ColumnInfo, Generation, Reference, SqlDialect, TableInfo},
    model::{Dashboard, DataQuery, Label, Resource, Widget, text::is_identifier},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, sync::LazyLock};
use uuid::Uuid;

const DIALECTS: [SqlDialect; 3] = [SqlDialect::Postgresql, SqlDialect::Mysql, SqlDialect::Sqlite];

fn column(name: &str, r#type: &str) -> ColumnInfo {
    ColumnInfo { name: name.to_owned(), r#type: r#type.to_owned(), nullable: true, ..ColumnInfo::default() }
}

fn key(name: &str, r#type: &str) -> ColumnInfo {
    ColumnInfo { primary_key: true, nullable: false, ..column(name, r#type) }
}

fn table(name: &str, columns: Vec<ColumnInfo>) -> TableInfo {
    TableInfo {
        schema: Some("public".to_owned()),
        name: name.to_owned(),
        kind: "table".to_owned(),
        comment: None,
        columns,
    }
}

static TEXTS: LazyLock<AppTexts> = LazyLock::new(AppTexts::default);
static DATES: LazyLock<WrittenDates> = LazyLock::new(WrittenDates::default);

fn app<'a>(
    dialect: SqlDialect,
    tables: &'a [TableInfo],
    change: impl FnOnce(&mut AppSource<'a>),
) -> crate::Result<TableApp> {
    let mut source = AppSource {
        dialect,
        datasource: Uuid::nil(),
        table: &tables[0],
        tables,
        columns: None,
        dates: &DATES,
        is_writable: true,
        name: "App",
        texts: &TEXTS,
    };
    change(&mut source);
    generate(&source)
}

fn sql_of<'a>(app: &'a TableApp, what: &str) -> &'a str {
    let query = app.queries.iter().find(|query| query.draft["name"] == format!("App: {what}"));
    query.and_then(|query| query.draft["options"]["sql"].as_str()).unwrap_or_else(|| panic!("no query {what}"))
}

fn widget<'a>(app: &'a TableApp, name: &str) -> &'a Value {
    let widget = app.widgets.iter().find(|widget| widget.draft["name"] == format!("App: {name}"));
    widget.map_or_else(|| panic!("no widget {name}"), |widget| &widget.draft["config"])
}

/// Parses a draft as the API does, and checks it.
fn accept<R: Resource>(record: &NewRecord) -> R {
    let mut fields: Map<String, Value> = record.draft.clone();
    let name = fields.shift_remove("name").unwrap();
    Label::new(name.as_str().unwrap(), "").unwrap();
    let spec: R = serde_json::from_value(Value::Object(fields)).unwrap();
    spec.check().unwrap();
    spec
}

/// A table without references.
fn plain_table() -> TableInfo {
    table(
        "orders",
        vec![
            ColumnInfo { generated: Some(Generation::Identity), ..key("id", "integer") },
            ColumnInfo { nullable: false, ..column("title", "character varying(80)") },
            ColumnInfo {
                default: Some("'new'::text".to_owned()),
                values: vec!["new".into(), "done".into()],
                ..column("status", "text")
            },
        ],
    )
}

#[test]
fn the_statements_of_a_plain_table_are_readable() {
    let app = app(SqlDialect::Postgresql, &[plain_table()], |_| ()).unwrap();
    assert_eq!(
        sql_of(&app, "list"),
        "select t.\"id\" as \"id\",\n       t.\"title\" as \"title\",\n       t.\"status\" as \"status\"\n\
         from \"public\".\"orders\" t\n\
         where (cast({{ params.search }} as text) is null or strpos(lower(cast(t.\"id\" as text)), \
         lower(cast({{ params.search }} as text))) > 0\n       or strpos(lower(cast(t.\"title\" as text)), \
         lower(cast({{ params.search }} as text))) > 0\n       or strpos(lower(cast(t.\"status\" as text)), \
         lower(cast({{ params.search }} as text))) > 0)\n  \
         and (cast({{ params.id_is }} as text) is null or t.\"id\" = cast({{ params.id_is }} as numeric))\n  \
         and (cast({{ params.id_from }} as text) is null or t.\"id\" >= cast({{ params.id_from }} as numeric))\n  \
         and (cast({{ params.id_to }} as text) is null or t.\"id\" <= cast({{ params.id_to }} as numeric))\n  \
         and (cast({{ params.title_contains }} as text) is null or strpos(lower(cast(t.\"title\" as text)), \
         lower(cast({{ params.title_contains }} as text))) > 0)\n  \
         and (cast({{ params.title_is }} as text) is null or t.\"title\" = {{ params.title_is }})\n  \
         and (cast({{ params.title_empty }} as text) is null or (t.\"title\" is null or t.\"title\" = '') = \
         {{ params.title_empty }})\n  \
         and (cast({{ params.status_is }} as text) is null or cast(t.\"status\" as text) = {{ params.status_is }})\n\
         order by {{ ident(params.sort) }} {{ direction(params.direction) }}, t.\"id\"\n\
         limit {{ params.limit }} offset {{ params.offset }}"
    );
    assert_eq!(
        sql_of(&app, "insert"),
        "insert into \"public\".\"orders\" (\"title\", \"status\")\n\
         values ({{ params.title }}, coalesce(cast({{ params.status }} as text), cast(('new'::text) as text)))"
    );
    assert_eq!(
        sql_of(&app, "update"),
        "update \"public\".\"orders\"\nset \"title\" = {{ params.title }},\n    \"status\" = {{ params.status }}\n\
         where \"id\" = {{ params.id_key }}\n  \
         and cast(row(\"title\", \"status\") as text) = {{ params.version }}"
    );
    assert_eq!(sql_of(&app, "delete"), "delete from \"public\".\"orders\"\nwhere \"id\" = {{ params.id_key }}");
}

#[test]
fn the_forms_of_a_plain_table_ask_for_what_it_needs() {
    let app = app(SqlDialect::Postgresql, &[plain_table()], |_| ()).unwrap();
    let edit = widget(&app, "Edit row");
    assert_eq!(edit["action"]["values"]["id_key"], "{{ row.id }}", "the key of the row that was read");
    let create = widget(&app, "New row");
    let field = |form: &Value, name: &str| {
        form["fields"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned().unwrap()
    };
    assert_eq!(
        (field(create, "title")["required"].clone(), field(create, "title")["max"].clone()),
        (json!(true), json!(80))
    );
    assert_eq!(
        (field(create, "status")["type"].clone(), field(create, "status")["required"].clone()),
        (json!("select"), json!(false))
    );
    assert_eq!(
        (field(create, "status")["placeholder"].clone(), field(edit, "status")["placeholder"].clone()),
        (json!("new"), Value::Null)
    );
    assert_eq!(
        (field(edit, "title")["required"].clone(), field(edit, "title")["emptyText"].clone()),
        (json!(true), json!(true)),
        "a text cannot be cleared, but one that is empty may stay so"
    );
}

#[test]
fn a_foreign_key_is_shown_and_selected_by_its_label() {
    let reference = |composite| {
        Some(Reference { schema: Some("public".into()), table: "people".into(), column: "id".into(), composite })
    };
    let tables = [
        table(
            "orders",
            vec![
                key("id", "integer"),
                ColumnInfo { references: reference(false), ..column("buyer_id", "integer") },
                ColumnInfo { references: reference(true), ..column("part_id", "integer") },
            ],
        ),
        table("people", vec![key("id", "integer"), column("email", "text"), column("full_name", "text")]),
    ];
    for dialect in DIALECTS {
        let app = app(dialect, &tables, |_| ()).unwrap();
        let names: Vec<&str> = app.queries.iter().filter_map(|query| query.draft["name"].as_str()).collect();
        assert_eq!(names.iter().filter(|name| name.ends_with("choices")).count(), 1, "{names:?}");
        assert!(sql_of(&app, "Buyer choices").contains("full_name"));
        let columns = widget(&app, "Orders")["columns"].as_array().unwrap();
        assert_eq!(columns[1], json!({"field": "buyer_id_label", "label": "Buyer"}));
        assert_eq!(columns[2], json!({"field": "buyer_id", "label": "Buyer id", "hidden": true}));
        assert_eq!(columns[3], json!({"field": "part_id", "label": "Part id"}), "one column does not tell which row");
        let filters = filters::of(&app, "Orders");
        let about_buyers: Vec<_> = filters.into_iter().filter(|(field, _)| field.starts_with("buyer")).collect();
        assert_eq!(about_buyers, [("buyer_id_label", "contains"), ("buyer_id", "equals")]);
        let searched = widget(&app, "Orders")["server"]["searched"].as_array().unwrap();
        assert!(searched.contains(&json!("buyer_id_label")), "{searched:?}");
    }
}

#[test]
fn a_table_that_cannot_change_gets_a_note_instead_of_forms() {
    let plain = [table("log", vec![column("at", "text"), column("what", "text")])];
    for dialect in DIALECTS {
        let read = app(dialect, &plain, |_| ()).unwrap();
        assert_eq!((read.queries.len(), read.widgets.len()), (2, 2));
        assert!(widget(&read, "note")["markdown"].as_str().unwrap().contains("no primary key"));
        assert_eq!(read.dashboard.draft["variables"], json!([]));
    }
    let keyed = [table("log", vec![key("id", "integer")])];
    let read = app(SqlDialect::Sqlite, &keyed, |source| source.is_writable = false).unwrap();
    assert!(widget(&read, "note")["markdown"].as_str().unwrap().contains("read-only"));
}

#[test]
fn rows_are_added_only_with_every_needed_column() {
    let tables = [table(
        "t",
        vec![
            key("id", "integer"),
            ColumnInfo { nullable: false, ..column("needed", "text") },
            ColumnInfo { generated: Some(Generation::Computed), default: Some("x".into()), ..column("sum", "integer") },
            ColumnInfo { default: Some("'{{ params.x }}'".into()), ..column("odd", "text") },
            column("photo", "bytea"),
        ],
    )];
    let all = app(SqlDialect::Postgresql, &tables, |_| ()).unwrap();
    assert_eq!(
        sql_of(&all, "insert"),
        "insert into \"public\".\"t\" (\"id\", \"needed\")\nvalues ({{ params.id }}, {{ params.needed }})"
    );
    assert!(!sql_of(&all, "update").contains("sum") && sql_of(&all, "update").contains("odd"));
    assert!(!sql_of(&all, "list").contains("photo"));
    let chosen = ["odd".to_owned()];
    let some = app(SqlDialect::Postgresql, &tables, |source| source.columns = Some(&chosen)).unwrap();
    assert_eq!(some.widgets.len(), 2, "no form for a new row");
    assert!(sql_of(&some, "list").contains("\"id\""), "the key is always read");
    let unknown = ["other".to_owned()];
    let refused = app(SqlDialect::Postgresql, &tables, |source| source.columns = Some(&unknown)).unwrap_err();
    assert_eq!(refused.to_string(), "columns[0]: the table has no column `other`");
    let none: [String; 0] = [];
    assert!(app(SqlDialect::Postgresql, &tables, |source| source.columns = Some(&none)).is_err());
}

/// Returns a statement without names, parameters and texts.
fn skeleton(sql: &str, dialect: SqlDialect) -> String {
    let quote = if dialect == SqlDialect::Mysql { '`' } else { '"' };
    let (mut rest, mut bare) = (sql, String::new());
    while let Some(start) = rest.find([quote, '{', '\'']) {
        bare.push_str(&rest[..start]);
        let at = &rest[start..];
        if at.starts_with('{') {
            rest = &at[at.find("}}").unwrap() + 2..];
            continue;
        }
        let mark = at.chars().next().unwrap();
        let mut end = 1;
        loop {
            end += at[end..].find(mark).unwrap() + 1;
            if !at[end..].starts_with(mark) {
                break;
            }
            end += 1;
        }
        rest = &at[end..];
    }
    bare + rest
}

const KEYWORDS: &[&str] = &[
    "select",
    "as",
    "from",
    "where",
    "is",
    "null",
    "or",
    "and",
    "order",
    "by",
    "limit",
    "offset",
    "insert",
    "into",
    "values",
    "update",
    "set",
    "delete",
    "cast",
    "text",
    "char",
    "lower",
    "strpos",
    "locate",
    "instr",
    "count",
    "case",
    "when",
    "then",
    "else",
    "end",
    "coalesce",
    "numeric",
    "integer",
    "timestamp",
    "with",
    "time",
    "zone",
    "inet",
    "t",
    "f",
    "0",
    "1",
    "2",
    "50",
    "date",
    "boolean",
    "now",
    "bigint",
    "row",
    "json_array",
    "sha2",
    "256",
    "quote",
];

fn parameters_in(sql: &str) -> BTreeSet<String> {
    let names = sql.split("params.").skip(1);
    names.map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
}

fn types(dialect: SqlDialect) -> &'static [&'static str] {
    match dialect {
        SqlDialect::Postgresql => {
            &["integer", "text", "numeric(10,2)", "boolean", "date", "timestamp(3) with time zone", "inet", "bytea"]
        }
        SqlDialect::Mysql => {
            &["int", "varchar(20)", "decimal(10,2)", "tinyint(1)", "date", "timestamp", "json", "blob"]
        }
        _ => &["integer", "text", "real", "boolean", "date", "datetime", "", "blob"],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_names_stay_within_their_quotes(
        names in prop::collection::hash_set("[^\\x00]{1,30}", 2..12),
        label in "[^\\x00]{1,30}",
        which in 0..3_usize,
        seed in any::<u32>(),
    ) {
        let dialect = DIALECTS[which];
        let names: Vec<String> = names.into_iter().collect();
        let bit = |i: usize, shift: usize| seed.rotate_left(u32::try_from(i * 3 + shift).unwrap()) & 1 == 1;
        let columns = names.iter().skip(1).enumerate().map(|(i, name)| {
            let kinds = types(dialect);
            let kind = if i == 0 { kinds[0] } else { kinds[(seed as usize).wrapping_add(i) % kinds.len()] };
            ColumnInfo {
                primary_key: i == 0 || bit(i, 0),
                nullable: bit(i, 1),
                default: bit(i, 2).then(|| "null".to_owned()),
                values: if bit(i, 3) { vec![label.clone()] } else { Vec::new() },
                references: bit(i, 4).then(|| Reference {
                    schema: Some("public".to_owned()), table: label.clone(), column: label.clone(), composite: false,
                }),
                ..column(name, kind)
            }
        });
        let tables = [table(&names[0], columns.collect()), table(&label, vec![key(&label, types(dialect)[0])])];
        let has_template = names.iter().chain([&label]).any(|name| name.contains("{{"));
        let Ok(app) = app(dialect, &tables, |_| ()) else {
            prop_assert!(has_template || names.len() < 2, "{names:?}");
            return Ok(());
        };
        for query in &app.queries {
            let sql = query.draft["options"]["sql"].as_str().unwrap();
            if !has_template {
                let bare = skeleton(sql, dialect);
                for word in bare.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
                    prop_assert!(KEYWORDS.contains(&word), "{word} in {sql}");
                }
                let parsed: DataQuery = accept(query);
                let declared: BTreeSet<String> = parsed.parameters.iter().map(|one| one.name.clone()).collect();
                prop_assert_eq!(parameters_in(&skeleton_of_values(sql)), declared, "{}", sql);
            }
        }
        for one in &app.widgets {
            let parsed: Widget = accept(one);
            prop_assert!(parsed.links().iter().all(|link| app.queries.iter().any(|query| query.id == link.id)));
        }
        let dashboard: Dashboard = accept(&app.dashboard);
        prop_assert!(dashboard.variables.iter().all(|variable| is_identifier(&variable.name)));
    }
}

/// Returns only the placeholders of a statement whose names contain none.
fn skeleton_of_values(sql: &str) -> String {
    sql.split("{{")
        .skip(1)
        .filter_map(|part| part.split_once("}}"))
        .map(|(inside, _)| inside)
        .collect::<Vec<_>>()
        .join(" ")
}
