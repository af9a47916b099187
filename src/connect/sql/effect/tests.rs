//! The effects of realistic and of hostile statements.
use super::effect_of;
use crate::connect::{
    QueryEffect::{self, Changes, MayChange, Reads},
    sql::SqlDialect::{self, Clickhouse, Mysql, Postgresql, Sqlite},
};

const ALL: [SqlDialect; 4] = [Postgresql, Mysql, Sqlite, Clickhouse];

fn check(dialects: &[SqlDialect], expected: QueryEffect, statements: &[&str]) {
    for dialect in dialects {
        for statement in statements {
            assert_eq!(effect_of(statement, *dialect), expected, "{dialect:?}: {statement}");
        }
    }
}

#[test]
fn queries_read_in_every_dialect() {
    check(
        &ALL,
        Reads,
        &[
            "",
            ";",
            "-- nothing\n",
            "select 1",
            "  (select a from t) union all (select b from u) order by 1;",
            "SELECT * FROM orders WHERE state = 'delete from orders' -- update orders set a = 1",
            "select /* insert into t values (1) */ id from t",
            "with recent as (select * from orders), top as (select * from recent limit 3) select * from top",
            "with recursive n(i) as (values (1) union all select i + 1 from n where i < 9) select i from n",
            "select replace(name, 'a', 'b'), (replace(name, 'into', '')) from t",
            "select t.update, t.delete, t . into, \"t\".into from t",
            "select 1 as update, 2 as \"into\", count(*) as delete from t",
            "select updated_at, deleted, inserted_by, last_update from t where is_deleted = false",
            "select {{ params.update }}, {{ ident(params.into) }} from t order by 1 {{ direction(params.delete) }}",
            "select * from t where id in ({{ params.ids }}) and name = {{ params.name }}",
            "with a as (select 'delete') select * from a",
            "with \"insert\"(n) as (select 1) select n from \"insert\" update",
            "with a as (select (1)) select * from a where x in (select 1) -- delete",
            "values (1, 2), (3, 4)",
            "explain select * from t",
            "explain delete from t",
            "select 1; select 2",
            "select case when a then 'x' end from t group by rollup(a) having count(*) > 1",
            "select json_extract(data, '$.into'), data from t",
        ],
    );
}

#[test]
fn statements_that_write_change_data_in_every_dialect() {
    check(
        &ALL,
        Changes,
        &[
            "insert into t values (1)",
            "INSERT INTO t SELECT * FROM u",
            "update t set a = {{ params.a }} where id = {{ params.id }}",
            "delete from t",
            "\n\n-- clean up\n/* all */ Delete From t where id = 1;",
            "replace into t values (1)",
            "create table t (a int)",
            "create temporary table t as select 1",
            "alter table t add b int",
            "drop table if exists t",
            "truncate table t",
            "truncate t",
            "grant select on t to u",
            "select 1; delete from t",
            "select ';'; drop table t",
            "with a as (select 1) delete from t where x in (select * from a)",
            "with a as (select 1) insert into t select * from a",
            "with a as (select 1), b(x) as (select 2) /* ) */ update t set x = 1",
            "with a as (select replace(x, 'a', 'b') from t) delete from t where x in (select * from a)",
            "with recursive \"insert\"(n) as (select 1 union select n + 1 from \"insert\") delete from t",
            "with a as (select 1)delete from t",
            "((insert into t values (1)))",
            "merge into t using u on t.id = u.id when matched then delete",
            "select * into archive from t",
            "with a as (select 1) select * into archive from a",
        ],
    );
}

#[test]
fn what_else_postgresql_offers_is_known() {
    check(
        &[Postgresql],
        Reads,
        &[
            "table t",
            "show search_path",
            "select * from t for update",
            "select * from t for no key update of t skip locked",
            "select $$delete from t$$, $x$ insert into t $x$",
            "select E'it\\'s'' delete', U&\"d\\0061t\" from t",
            "select '{\"into\": 1}'::jsonb ->> 'into', a[1].update from t",
            "select (row).into, (select 1).delete from t",
            "select update, (update), (delete, insert), (update is null) from t",
            "/* a /* nested; delete from t */ b */ select 1",
            "explain (format json, buffers) delete from t",
            "explain (analyze false) delete from t",
            "explain (analyze, buffers) select * from t",
            "explain analyze select * from t",
            "explain verbose update t set a = 1",
            "with t as materialized (select 1) select * from t",
            "with recursive t as (select 1 id) search depth first by id set update select * from t",
            "select 'a' 'b', \"a\"\"; delete\" from t",
            "select $1::int",
        ],
    );
}

#[test]
fn what_else_certainly_changes_data_in_postgresql_is_known() {
    check(
        &[Postgresql],
        Changes,
        &[
            "with gone as (delete from t returning *) select * from gone",
            "with gone as materialized (/* x */ delete /* y */ from t returning *) select count(*) from gone",
            "with a as (select 1), b as (insert into t select * from a returning id) select * from b",
            "with a as (update only t set x = 1 returning *) table a",
            "with a as (update \"t\" set x = 1 returning *) select * from a",
            "with a as (update {{ ident(params.t) }} set x = 1 returning *) select * from a",
            "with a as (merge into t using u on true when matched then delete returning *) select * from a",
            "with a as (with b as (delete from t returning *) select * from b) select * from a",
            "with recursive t as (select 1 id) search depth first by id set o delete from x",
            "with delete as (select 1) delete from t",
            "select 1.into t",
            "explain analyze delete from t",
            "explain (analyze) update t set a = 1",
            "EXPLAIN (ANALYZE true, VERBOSE) with a as (delete from t returning 1) select * from a",
            "explain analyze verbose insert into t values (1)",
            "explain analyze create table x as select 1",
            "copy t from stdin",
            "do $$ begin delete from t; end $$",
            "refresh materialized view v",
            "select $$a$$; delete from t",
            "select $a$ $b$ $a$; delete from t --$a$",
            "/* /* */ select 1; */ delete from t",
            "comment on table t is 'x'",
        ],
    );
}

#[test]
fn what_may_change_data_in_postgresql_is_known() {
    check(
        &[Postgresql],
        MayChange,
        &[
            "call archive()",
            "execute stored(1)",
            "select nextval('orders_id_seq')",
            // over another connection, which is not read-only
            "select * from dblink('dbname=x', 'insert into t values (1) returning id') as x(id int)",
            "select public.dblink_exec('dbname=x', 'delete from t')",
            "select * from \"public\".\"dblink\"('dbname=x', 'delete from t') as x(id int)",
            "select U&\"dbl\\0069nk_exec\"('dbname=x', 'delete from t')",
            "select query_to_xml('select dblink_exec(''dbname=x'', ''delete from t'')', true, true, '')",
            "select pg_catalog.nextval('orders_id_seq')",
            "select pg_stat_reset()",
            "select pg_drop_replication_slot('a')",
            "select setval('orders_id_seq', 1)",
            "select pg_notify('c', 'x'), pg_terminate_backend (1)",
            "explain analyze execute stored",
            "vacuum t",
            "analyze t",
            "set work_mem = '1MB'",
            "begin",
            "notify c",
            "lock table t",
            "\"select\" 1",
        ],
    );
}

#[test]
fn what_else_mysql_offers_is_known() {
    check(
        &[Mysql],
        Reads,
        &[
            "show full tables",
            "describe t",
            "desc t",
            "table t order by a",
            "select * from `update` where `into` = 1 # delete from t",
            "select \"delete from t\", 'a\\' into ' from t",
            "select insert('abc', 1, 1, 'x'), (insert(a, 1, 1, 'x')) from t",
            "select count(*) into @total from t",
            "select * from t for update",
            "select /*+ MAX_EXECUTION_TIME(1000) */ 1",
            "explain format=json update t set a = 1",
            "explain analyze select * from t",
            "analyze format=json select * from t",
            "check table t",
            "checksum table t",
            "select 5--1",
        ],
    );
    check(
        &[Mysql],
        Changes,
        &[
            "select * from t into outfile '/tmp/x'",
            "select a into dumpfile '/tmp/x' from t",
            "/*! delete from t */",
            "/*!50000 insert into t values (1) */",
            "/*M!100100 drop table t */",
            "select 1 /*! into outfile '/tmp/x' */",
            "load data infile 'x' into table t",
            "with a as (select 1) replace into t select * from a",
            "with a as (select 1) delete t1, t2 from t1 join t2",
            "analyze delete from t",
            "explain analyze delete from t",
            "-- a\ndelete from t",
            "# a\ndelete from t",
            "rename table a to b",
        ],
    );
    check(
        &[Mysql],
        MayChange,
        &["call report()", "do sleep(1)", "analyze table t", "optimize table t", "handler t open", "set @a = 1", "--1"],
    );
}

#[test]
fn what_else_sqlite_offers_is_known() {
    check(
        &[Sqlite],
        Reads,
        &[
            "select [into], `update` from [delete from t]",
            "explain query plan delete from t",
            "pragma table_info(orders)",
            "pragma main.index_list('orders')",
            "pragma foreign_keys",
        ],
    );
    check(
        &[Sqlite],
        Changes,
        &[
            "pragma user_version = 4",
            "pragma main.journal_mode=wal",
            "attach 'x' as y",
            "insert or replace into t values (1)",
            "reindex",
        ],
    );
    check(&[Sqlite], MayChange, &["pragma user_version(4)", "pragma optimize", "vacuum", "select load_extension('x')"]);
}

#[test]
fn what_else_clickhouse_offers_is_known() {
    check(
        &[Clickhouse],
        Reads,
        &[
            "from t select a",
            "exists table t",
            "show create table t",
            "describe table t",
            "select {'a': 1}['a'], {id:UInt32} from t",
            "explain pipeline select 1",
            "with 1 as x select x",
        ],
    );
    check(&[Clickhouse], Changes, &["insert into t format JSONEachRow {}", "rename table a to b", "attach table t"]);
    check(&[Clickhouse], MayChange, &["optimize table t final", "system flush logs", "kill query where 1"]);
}

#[test]
fn nothing_makes_it_panic() {
    let pieces = [
        "(", ")", "with", "select", "'", "\"", "/*!", "*/", "{{", "}}", ";", ".", "as", "$$", "explain", "(analyze",
        "é", "\\",
    ];
    let mut number = 7_usize;
    for _ in 0..20_000 {
        let text: Vec<&str> = std::iter::repeat_with(|| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            pieces[(number >> 33) % pieces.len()]
        })
        .take(8)
        .collect();
        for dialect in ALL {
            effect_of(&text.join(" "), dialect);
            effect_of(&text.concat(), dialect);
        }
    }
}
