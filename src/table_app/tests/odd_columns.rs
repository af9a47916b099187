//! Columns with odd types, defaults, keys and names.
use super::{app, column, key, sql_of, table, widget};
use crate::{
    connect::{ColumnInfo, Reference, SqlDialect},
    model::DataQuery,
};
use serde_json::json;
use std::collections::BTreeSet;

fn with_default(name: &str, r#type: &str, default: &str) -> ColumnInfo {
    ColumnInfo { default: Some(default.to_owned()), ..column(name, r#type) }
}

#[test]
fn a_cast_to_an_array_of_characters_or_bits_has_no_length() {
    let columns = vec![
        key("id", "integer"),
        column("codes", "character(3)[]"),
        column("flags", "bit(3)[]"),
        column("mask", "bit(5)"),
        column("names", "character varying(4)[]"),
    ];
    let app = app(SqlDialect::Postgresql, &[table("t", columns)], |_| ()).unwrap();
    let update = sql_of(&app, "update");
    for (name, cast) in
        [("codes", "bpchar[]"), ("flags", "bit varying[]"), ("mask", "bit varying"), ("names", "character varying[]")]
    {
        let set = format!("\"{name}\" = cast(cast({{{{ params.{name} }}}} as text) as {cast})");
        assert!(update.contains(&set), "{update}");
    }
}

#[test]
fn a_default_of_another_type_is_cast_to_the_type_of_its_column() {
    let columns = vec![
        ColumnInfo { default: Some("gen_random_uuid()".to_owned()), ..key("id", "text") },
        with_default("price", "money", "3"),
        with_default("daily", "time with time zone", "now()"),
        with_default("size", "numeric(6,2)", "1"),
    ];
    let app = app(SqlDialect::Postgresql, &[table("t", columns)], |_| ()).unwrap();
    assert_eq!(
        sql_of(&app, "insert"),
        "insert into \"public\".\"t\" (\"id\", \"price\", \"daily\", \"size\")\n\
         values (coalesce(cast({{ params.id }} as text), cast((gen_random_uuid()) as text)), \
         coalesce(cast(cast({{ params.price }} as text) as money), cast((3) as money)), \
         coalesce(cast(cast({{ params.daily }} as text) as time with time zone), cast((now()) as time with time zone)), \
         coalesce(cast({{ params.size }} as numeric), cast((1) as numeric)))"
    );
}

#[test]
fn a_row_is_changed_only_as_it_was_read_in_each_dialect() {
    let columns = || {
        vec![
            key("id", "int"),
            column("name", "varchar(20)"),
            column("version", "float"),
            ColumnInfo { on_update: Some("current_timestamp()".to_owned()), ..column("changed", "timestamp") },
        ]
    };
    for (dialect, contents) in [
        (SqlDialect::Postgresql, "cast(row(\"id\", \"name\", \"version\") as text)"),
        (SqlDialect::Mysql, "sha2(json_array(`id`, `name`, `version`), 256)"),
        (SqlDialect::Sqlite, "quote(\"id\") || ',' || quote(\"name\") || ',' || quote(\"version\")"),
    ] {
        let app = app(dialect, &[table("t", columns())], |_| ()).unwrap();
        let quote = if dialect == SqlDialect::Mysql { '`' } else { '"' };
        let read = format!("{contents} as {quote}version_2{quote}\nfrom ");
        assert!(sql_of(&app, "get").contains(&read), "{}", sql_of(&app, "get"));
        let update = sql_of(&app, "update");
        assert!(update.ends_with(&format!("\n  and {contents} = {{{{ params.version_2 }}}}")), "{update}");
        assert!(!update.contains("changed") && sql_of(&app, "list").contains("changed"), "{update}");
        let edit = widget(&app, "Edit row");
        assert_eq!(edit["action"]["values"]["version_2"], "{{ row.version_2 }}");
    }
}

#[test]
fn a_column_that_changes_with_its_row_is_entered_only_if_a_new_row_needs_it() {
    let changed = ColumnInfo { on_update: Some("current_timestamp()".to_owned()), ..column("changed", "timestamp") };
    let needed = ColumnInfo { nullable: false, ..changed.clone() };
    for (changed, in_new) in [(changed, false), (needed, true)] {
        let tables = [table("t", vec![key("id", "int"), column("name", "text"), changed])];
        let app = app(SqlDialect::Mysql, &tables, |_| ()).unwrap();
        assert_eq!(sql_of(&app, "insert").contains("changed"), in_new);
        assert!(!sql_of(&app, "update").contains("changed"));
    }
}

#[test]
fn names_of_the_parts_of_an_app_are_unique() {
    let reference = Some(Reference {
        schema: Some("public".into()),
        table: "orders".into(),
        column: "id".into(),
        composite: false,
    });
    let tables = [
        table(
            "new_row",
            vec![
                key("id", "integer"),
                ColumnInfo { references: reference.clone(), ..column("order_id", "integer") },
                ColumnInfo { references: reference, ..column("Order id", "integer") },
            ],
        ),
        table("orders", vec![key("id", "integer")]),
    ];
    let texts = super::AppTexts { edit_row: "NEW ROW".to_owned(), ..super::AppTexts::default() };
    for dialect in super::DIALECTS {
        let app = app(dialect, &tables, |source| source.texts = &texts).unwrap();
        for records in [&app.queries, &app.widgets] {
            let names: BTreeSet<String> =
                records.iter().map(|record| record.draft["name"].as_str().unwrap().to_lowercase()).collect();
            assert_eq!(names.len(), records.len(), "{names:?}");
        }
        widget(&app, "New row (2)");
        sql_of(&app, "Order choices (2)");
    }
}

#[test]
fn a_key_with_bytes_is_no_key_for_an_app_and_the_note_says_so() {
    for more in [None, Some(key("id", "integer"))] {
        let columns = more.into_iter().chain([key("hash", "bytea"), column("name", "text")]).collect();
        let app = app(SqlDialect::Postgresql, &[table("t", columns)], |_| ()).unwrap();
        assert!(widget(&app, "note")["markdown"].as_str().unwrap().contains("contains bytes"));
        assert_eq!(widget(&app, "T").get("rowActions"), None, "the other columns may find several rows");
        assert_eq!(app.queries.len(), 2);
    }
}

#[test]
fn parameters_take_the_values_that_a_database_has() {
    let columns =
        vec![key("code", "varchar(3)"), column("day", "date"), column("opens", "time"), column("size", "double")];
    for (dialect, types) in [
        (SqlDialect::Postgresql, ["string", "string", "string"]),
        (SqlDialect::Mysql, ["date", "string", "number"]),
        (SqlDialect::Sqlite, ["string", "string", "number"]),
    ] {
        let mut columns = columns.clone();
        if dialect == SqlDialect::Postgresql {
            "time without time zone".clone_into(&mut columns[2].r#type);
            "double precision".clone_into(&mut columns[3].r#type);
        }
        let app = app(dialect, &[table("t", columns)], |_| ()).unwrap();
        let update = app.queries.iter().find(|query| query.draft["name"] == "App: update").unwrap();
        let update: DataQuery = super::accept(update);
        for (name, r#type) in ["day", "opens", "size"].into_iter().zip(types) {
            let declared = update.parameters.iter().find(|one| one.name == name).unwrap();
            assert_eq!(serde_json::to_value(declared.r#type).unwrap(), r#type, "{dialect:?} {name}");
        }
        let key = update.parameters.iter().find(|one| one.name == "code_key").unwrap();
        assert!(!key.required, "an empty text is a key, too");
        let form = widget(&app, "Edit row")["fields"].as_array().unwrap();
        let opens = form.iter().find(|field| field["name"] == "opens").unwrap();
        let input = if dialect == SqlDialect::Mysql { "text" } else { "time" };
        assert_eq!(opens["type"], json!(input), "a time of MySQL may be longer than a day");
    }
}

#[test]
fn amounts_show_as_many_decimals_as_their_columns_have_and_a_choice_cannot_be_cleared() {
    let status = ColumnInfo { nullable: false, values: vec!["new".into(), "done".into()], ..column("status", "text") };
    let columns = vec![key("id", "integer"), column("price", "numeric(10,2)"), column("share", "numeric"), status];
    let app = app(SqlDialect::Postgresql, &[table("t", columns)], |_| ()).unwrap();
    let list = app.widgets.iter().find(|widget| widget.draft["type"] == "table").unwrap();
    let decimals: Vec<_> =
        list.draft["config"]["columns"].as_array().unwrap().iter().map(|one| &one["decimals"]).collect();
    assert_eq!(decimals, [&json!(null), &json!(2), &json!(null), &json!(null)]);
    let edit = widget(&app, "Edit row")["fields"].as_array().unwrap();
    assert_eq!(edit.iter().find(|field| field["name"] == "status").unwrap()["required"], true);
}

#[test]
fn texts_that_must_not_be_null_are_required_unless_they_have_a_default() {
    let text = |name: &str, nullable: bool, default: Option<&str>| ColumnInfo {
        nullable,
        default: default.map(str::to_owned),
        ..column(name, "character varying(80)")
    };
    let columns = vec![
        key("id", "integer"),
        text("name", false, None),
        text("remark", false, Some("''")),
        text("nickname", true, None),
        ColumnInfo { nullable: false, ..column("notes", "text") },
    ];
    for dialect in [SqlDialect::Postgresql, SqlDialect::Mysql, SqlDialect::Sqlite] {
        let app = app(dialect, &[table("t", columns.clone())], |_| ()).unwrap();
        for (form, expected) in [
            (
                "New row",
                [("name", true, false), ("remark", false, false), ("nickname", false, false), ("notes", true, false)],
            ),
            (
                "Edit row",
                [("name", true, true), ("remark", false, true), ("nickname", false, false), ("notes", true, true)],
            ),
        ] {
            let fields = widget(&app, form)["fields"].as_array().unwrap();
            for (name, required, empty_text) in expected {
                let field = fields.iter().find(|field| field["name"] == name).unwrap();
                assert_eq!(field["required"], json!(required), "{dialect:?} {form} {name}");
                assert_eq!(field["emptyText"] == json!(true), empty_text, "{dialect:?} {form} {name}");
            }
        }
    }
}
