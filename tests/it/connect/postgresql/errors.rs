//! What an error contains: code, message, position and hint.
use super::{database, exec};
use crate::{
    connect::{House, Source, sql},
    support::postgres::{PASSWORD, postgres},
};
use jet_admin::{Error, error::DatasourceProblem};
use serde_json::{Value, json};

async fn refused(house: &House, source: &Source, query: Value, values: Value) -> DatasourceProblem {
    match house.run(source, query.clone(), values).await {
        Err(Error::Datasource(problem)) => *problem,
        other => panic!("{query}: not a datasource error: {other:?}"),
    }
}

#[tokio::test]
async fn each_error_has_its_code_message_and_position() {
    let house = House::new();
    let db = database(&house, postgres(), "errors", json!({})).await;
    let role = format!("create role errors_reader login password '{PASSWORD}'");
    exec(
        &house,
        &db,
        &["create table item (id int primary key, price numeric)", "insert into item values (1, 2)", &role],
    )
    .await;
    for (text, code, message, position) in [
        ("select 1 frm item where", "42601", "syntax error at or near \"item\"", Some(14)),
        ("select prize from item", "42703", "column \"prize\" does not exist", Some(8)),
        ("select 1 from nowhere", "42P01", "relation \"nowhere\" does not exist", Some(15)),
        ("insert into item values (1)", "23505", "(Key (id)=(1) already exists.)", None),
        ("select 1 / (price - 2) from item", "22012", "division by zero", None),
        ("select 'größer 𝒳', nope from item", "42703", "column \"nope\" does not exist", Some(20)),
        ("select 'x'::int", "22P02", "invalid input syntax for type integer: \"x\"", Some(8)),
    ] {
        let problem = refused(&house, &db, sql(text), json!({})).await;
        assert_eq!((problem.code.as_deref(), problem.position), (Some(code), position), "{text}");
        assert!(problem.message.contains(message), "{text}: {}", problem.message);
        assert!(!problem.transient, "{text}");
    }
    let hint = refused(&house, &db, sql("select prise from item"), json!({})).await.hint.unwrap();
    assert!(hint.contains("item.price"), "{hint}");
    let mut reader = db.clone();
    reader.0.id = uuid::Uuid::new_v4();
    reader.0.options.insert("user".to_owned(), "errors_reader".into());
    let problem = refused(&house, &reader, sql("select * from item"), json!({})).await;
    assert_eq!(problem.code.as_deref(), Some("42501"));
    assert_eq!(problem.message, "permission denied for table item");
}

#[tokio::test]
async fn a_position_refers_to_the_users_text() {
    let house = House::new();
    let db = database(&house, postgres(), "positions", json!({})).await;
    let parameters = json!([{"name": "long_name"}, {"name": "ids", "type": "array"}, {"name": "c", "allowed": ["cé"]}]);
    let values = json!({"long_name": "größer 𝒳", "ids": [1, 2, 3], "c": "cé"});
    for text in [
        "select {{ params.long_name }}::text, nope",
        "select 'é𝒳' || {{ params.long_name }}, 1 in ({{ params.ids }}), 'ü' || nope",
        "select 1 as {{ ident(params.c) }}, {{ array(params.ids) }}::int[], nope",
        "select /* é */ nope",
        "select nope, {{ params.long_name }}::text",
    ] {
        let expected = u32::try_from(text[..text.find("nope").unwrap()].chars().count() + 1).unwrap();
        let query = json!({"options": {"sql": text}, "parameters": parameters});
        let problem = refused(&house, &db, query, values.clone()).await;
        assert_eq!((problem.code.as_deref(), problem.position), (Some("42703"), Some(expected)), "{text}");
    }
}

#[tokio::test]
async fn text_with_a_nul_character_is_refused() {
    let house = House::new();
    let db = database(&house, postgres(), "nul", json!({})).await;
    let query = json!({"options": {"sql": "select {{ params.p }}::text"}, "parameters": [{"name": "p"}]});
    let problem = refused(&house, &db, query, json!({"p": "a\0b"})).await;
    assert_eq!(problem.code.as_deref(), Some("22021"));
}
