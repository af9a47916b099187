//! `mysql`: `MariaDB`, `MySQL`, and databases that use their protocol.
mod catalog;
mod dial;
mod edits;
mod imports;
mod kind;
mod output;
mod plan;
mod refusal;
mod run;
mod settings;
mod undo;
mod values;
mod wire;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, EditCounts, EditRequest, ImportRequest, OpenDatasource,
    QueryEffect, QueryRequest, ResultFuture, Rows, Sink, TableInfo,
    options::schema_of,
    sql::{self, ServerOptions, SqlDialect, Statement, Statements},
};
use crate::{Error, model::parse};
use dial::{MysqlDialer, MysqlPool};
use schemars::Schema;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct MysqlConnector;

impl Connector for MysqlConnector {
    fn kind(&self) -> &'static str {
        "mysql"
    }

    fn dialect(&self) -> Option<SqlDialect> {
        Some(SqlDialect::Mysql)
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "MySQL or MariaDB",
            category: "database",
            description: "A MariaDB or MySQL server, or a database that uses their protocol.",
            capabilities: Capabilities {
                sql: true,
                schema: true,
                read_only: true,
                explain: true,
                preview: true,
                slices: true,
                edits: true,
                ..Capabilities::default()
            },
        }
    }

    fn options_schema(&self) -> Schema {
        ServerOptions::schema(3306, "mysql://user:password@host:3306/database")
    }

    fn query_schema(&self) -> Schema {
        let mut schema = schema_of::<Statement>();
        if let Some(Value::Object(sql)) = schema.pointer_mut("/properties/sql") {
            sql.insert("x-quote".to_owned(), "`".into());
        }
        schema
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        sql::effect(options, SqlDialect::Mysql)
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: ServerOptions = parse::from_value(Value::Object(options.clone()), "options")?;
            let dialer = MysqlDialer::new(&options, context.guard.clone())?;
            let size = dialer.size(&options);
            let pool = Arc::new(MysqlPool::new(dialer, size));
            Ok(Arc::new(MysqlServer { pool, statements: Statements::new(SqlDialect::Mysql) })
                as Arc<dyn OpenDatasource>)
        })
    }
}

struct MysqlServer {
    pool: Arc<MysqlPool>,
    statements: Statements,
}

impl OpenDatasource for MysqlServer {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let version = lease.connection().wire.ask("select version()").await;
            let version = version.map_err(|error| refusal::to_error(&error, None))?;
            let version = version.into_iter().next().and_then(|row| row.into_iter().next().flatten());
            lease.finish();
            Ok(version)
        })
    }

    fn notes(&self) -> Option<String> {
        self.pool.dialer.notes()
    }

    fn schema(&self) -> ResultFuture<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let tables = catalog::tables(&mut lease.connection().wire).await;
            let tables = tables.map_err(|error| refusal::to_error(&error, None))?;
            lease.finish();
            Ok(tables)
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let reading = self.statements.reading(&statement.text);
            let rows = run::run(&self.pool, &statement, &request, &reading).await?;
            Ok(statement.describe(rows, SqlDialect::Mysql))
        })
    }

    fn stream(&self, request: QueryRequest, sink: Sink) -> ResultFuture<'_, ()> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let reading = self.statements.reading(&statement.text);
            run::stream(&self.pool, &statement, &request, &reading, sink).await
        })
    }

    fn edit(&self, request: EditRequest) -> ResultFuture<'_, EditCounts> {
        Box::pin(async move { edits::edit(&self.pool, &request).await })
    }

    fn import(&self, request: ImportRequest) -> ResultFuture<'_, u64> {
        Box::pin(async move { imports::import(&self.pool, request).await })
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
