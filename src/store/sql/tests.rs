//! Parameters, columns and errors.
#![allow(clippy::unwrap_used)]
use super::{Connection, OptionalExtension, Sql, SqlError};
use uuid::Uuid;

const ONE: Sql<'_> = Sql::composed("select ?1");

#[test]
fn values_come_back_as_they_were_bound() {
    let db = Connection::in_memory("");
    let db = Connection::of(&db);
    let id = Uuid::now_v7();
    let mut query = db.prepare(Sql::composed("select ?1, ?2, ?3, ?4, ?5")).unwrap();
    let row = query.query_row((id, 7_u64, true, None::<&str>, "text"), |row| {
        assert_eq!(row.text(0)?, id.to_string(), "an ID is stored as text");
        assert_eq!((row.get::<i64>(1)?, row.get::<bool>(2)?, row.optional_text(3)?), (7, true, None));
        row.get::<String>(4)
    });
    assert_eq!(row.unwrap(), "text");
}

#[test]
fn wrong_parameters_are_refused() {
    let db = Connection::in_memory("");
    let mut query = Connection::of(&db).prepare(ONE).unwrap();
    assert!(matches!(query.exists(()), Err(SqlError::Parameters { given: 0, expected: 1 })));
    assert!(query.exists((1_u32, 2_u32)).is_err());
    assert!(matches!(query.exists([u64::MAX]), Err(SqlError::TooLarge)));
    assert!(query.exists([1_u32]).unwrap(), "it can still be used");
}

#[test]
fn a_column_of_another_type_is_an_error_that_names_it() {
    let db = Connection::in_memory("");
    let mut query = Connection::of(&db).prepare(ONE).unwrap();
    let error = query.query_row(["text"], |row| row.get::<i64>(0)).unwrap_err();
    assert!(matches!(error, SqlError::Column { at: 0, .. }), "{error}");
    assert!(matches!(query.query_row([-1_i64], |row| row.get::<u32>(0)), Err(SqlError::Column { at: 0, .. })));
    assert!(query.query_row([-1_i64], |row| row.text(0).map(drop)).is_err());
    assert!(query.query_row([-1_i64], |row| row.get::<i64>(1)).is_err(), "there is no such column");
}

#[test]
fn errors_tell_what_went_wrong() {
    let schema = "pragma foreign_keys = on; create table t (id text primary key, other text references t(id)) strict";
    let db = Connection::in_memory(schema);
    let db = Connection::of(&db);
    let mut insert = db.prepare(Sql::composed("insert into t values (?1, ?2)")).unwrap();
    let rows = [("a", None), ("b", Some("a"))];
    insert.send_all(rows).unwrap();
    assert!(insert.execute(("a", None::<&str>)).unwrap_err().is_duplicate());
    let dangling = insert.execute(("c", Some("nothing"))).unwrap_err();
    assert!(dangling.is_dangling() && !dangling.is_duplicate());
    let mut find = db.prepare(Sql::composed("select id from t where id = ?1")).unwrap();
    assert_eq!(find.query_row(["b"], |row| row.get::<String>(0)).optional().unwrap().as_deref(), Some("b"));
    assert_eq!(find.query_row(["c"], |row| row.get::<String>(0)).optional().unwrap(), None);
    assert!(db.prepare(Sql::composed("select nothing from t")).is_err());
}
