use super::{House, changed, database, exec, injection, json, problem, sql};
use jet_admin::Error;

#[tokio::test]
async fn hostile_values_stay_values() {
    let house = House::new();
    let db = database(&house, "victim", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table victim (id integer primary key, name text)",
            "insert into victim values (1, 'first'), (2, 'second')",
            "create table secret (value text)",
            "insert into secret values ('hidden')",
            // a binary collation distinguishes similar values, and long values fit
            "create table kept (name longtext character set utf8mb4 collate utf8mb4_nopad_bin)",
        ],
    )
    .await;
    injection::attack(&house, &db, &injection::MYSQL).await;
    injection::store_and_read(&house, &db).await;
}

#[tokio::test]
async fn several_statements_and_driver_placeholders_are_refused() {
    let house = House::new();
    let db = database(&house, "single", json!({})).await;
    exec(&house, &db, &["create table t (a int)", "insert into t values (1)"]).await;
    for several in ["select 1; delete from t", "delete from t; select 1", "select 1;\n/* x */ delete from t"] {
        assert_eq!(
            problem(house.run(&db, sql(several), json!({})).await).code.as_deref(),
            Some("1064 (42000)"),
            "{several}"
        );
    }
    for marks in ["select ?", "select :name", "select * from t where a = ?", "select /*! ? */", "select /*! :name */"] {
        let error = house.run(&db, sql(marks), json!({})).await.unwrap_err();
        let message = match &error {
            Error::Datasource(problem) => problem.hint.clone().unwrap_or_default(),
            other => other.to_string(),
        };
        assert!(message.contains("{{ params.name }}"), "{marks}: {error}");
    }
    for fine in ["select '?', \":name\", `a` as `?` from t -- ? :name", "select 1 # ?", "select '10:ab'"] {
        let _ = house.run(&db, sql(fine), json!({})).await.unwrap();
    }
    // the driver's own parser would misread the quotes here and change the text
    let mixed = house.run(&db, sql("select 4/'2', '2:ab' as t, '\\'' as q, '3:cd' as u"), json!({})).await;
    assert!(mixed.is_err() || mixed.unwrap().data[0]["t"] == "2:ab");
    assert_eq!(house.data(&db, sql("select * from t"), json!({})).await, json!([{"a": 1}]));
}

#[tokio::test]
async fn load_data_local_is_refused() {
    let house = House::new();
    let db = database(&house, "sent", json!({})).await;
    exec(&house, &db, &["create table t (a text)"]).await;
    let error = problem(house.run(&db, sql("load data local infile '/etc/hostname' into table t"), json!({})).await);
    assert!(error.message.starts_with("LOAD DATA LOCAL is not allowed"), "{}", error.message);
    assert_eq!(house.data(&db, sql("select * from t"), json!({})).await, json!([]));
}

#[tokio::test]
async fn a_read_only_datasource_refuses_writes() {
    let house = House::new();
    let db = database(&house, "readonly", json!({})).await;
    exec(
        &house,
        &db,
        &[
            "create table t (a int)",
            "insert into t values (1)",
            "create table isam (a int) engine = myisam",
            "create sequence numbers",
            "create function put() returns int begin insert into t values (2); return 1; end",
            "create function put_isam() returns int begin insert into isam values (2); return 1; end",
            "create procedure escapes() begin commit; set session transaction read write; insert into t values (9); commit; end",
        ],
    )
    .await;
    let safe = changed(&db, json!({"readOnly": true, "poolSize": 1}));
    for statement in [
        "insert into t values (2)",
        "insert into isam values (2)",
        "update t set a = 2",
        "delete from t",
        "drop table t",
        "create table u (a int)",
        "create temporary table u (a int)",
        "truncate t",
        "optimize table t",
        "grant select on readonly.* to admin",
        "select nextval(numbers)",
        "select put()",
        "select put_isam()",
        "select * from t for update",
        "select a into outfile '/tmp/never' from t",
        "call escapes()",
        "begin not atomic call escapes(); end",
        "execute immediate 'delete from t'",
        "set global max_connections = 151",
        "set statement max_statement_time = 1 for delete from t",
        "flush tables",
        "/*! delete from t */",
        "select 1 /*!50000 from t for update */",
        "lock tables t write",
        "kill 1",
        "analyze update t set a = 3",
    ] {
        assert!(house.run(&safe, sql(statement), json!({})).await.is_err(), "{statement}");
    }
    assert!(house.queries.export(safe.job(sql("delete from t"), json!({}))).unwrap().recv().await.unwrap().is_err());
    let left = sql("select (select count(*) from t) as t, (select count(*) from isam) as isam");
    assert_eq!(house.data(&db, left, json!({})).await, json!([{"t": 1, "isam": 0}]));
}

#[tokio::test]
async fn read_only_cannot_be_turned_off_and_reads_still_work() {
    let house = House::new();
    let db = database(&house, "turned", json!({})).await;
    let put = "create function put() returns int begin insert into t values (2); return 1; end";
    exec(&house, &db, &["create table t (a int)", "insert into t values (1)", put]).await;
    let safe = changed(&db, json!({"readOnly": true, "poolSize": 1}));
    for statement in [
        "set transaction read write",
        "set session transaction read write",
        "set tx_read_only = 0",
        "commit",
        "start transaction read write",
        "select @@tx_read_only into @@session.tx_read_only",
    ] {
        let _ = house.run(&safe, sql(statement), json!({})).await;
        assert!(house.run(&safe, sql("select put()"), json!({})).await.is_err(), "after {statement}");
    }
    for read in ["select * from t", "with x as (select a from t) select * from x", "(select a from t)"] {
        assert_eq!(house.data(&safe, sql(read), json!({})).await, json!([{"a": 1}]), "{read}");
    }
    for read in ["show tables", "describe t", "explain select * from t", "values (1)"] {
        house.run(&safe, sql(read), json!({})).await.unwrap();
    }
}
