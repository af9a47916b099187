//! The filters of an app's table.
use super::{app, column, key, sql_of, table, widget};
use crate::{connect::SqlDialect, table_app::TableApp};

/// Returns the columns and operators of a table's filters.
pub fn of<'a>(app: &'a TableApp, name: &str) -> Vec<(&'a str, &'a str)> {
    let filters = widget(app, name)["server"]["filters"].as_array().unwrap();
    filters.iter().map(|one| (one["field"].as_str().unwrap(), one["operator"].as_str().unwrap())).collect()
}

#[test]
fn keys_numbers_and_days_are_found_by_their_value() {
    let columns = vec![
        key("id", "uuid"),
        column("amount", "numeric(10,2)"),
        column("weight", "real"),
        column("day", "date"),
        column("at", "timestamp with time zone"),
        column("data", "jsonb"),
    ];
    let app = app(SqlDialect::Postgresql, &[table("orders", columns)], |_| ()).unwrap();
    let found: Vec<&str> = of(&app, "Orders").into_iter().filter(|one| one.1 == "equals").map(|one| one.0).collect();
    assert_eq!(found, ["id", "amount", "day"]);
    let list = sql_of(&app, "list");
    assert!(list.contains("cast(t.\"id\" as text) = {{ params.id_is }}"), "a text that is no UUID is not refused");
    assert!(list.contains("t.\"amount\" = cast({{ params.amount_is }} as numeric)"), "{list}");
}
