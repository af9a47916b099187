//! `postgresql`: `PostgreSQL` and databases that use its protocol.
mod catalog;
mod dial;
mod edits;
mod errors;
mod exchange;
mod imports;
mod page;
mod run;
mod settings;
mod statements;
mod transaction;
mod values;
mod wire;

use super::{
    Capabilities, Connector, ConnectorInfo, Context, EditCounts, EditRequest, ImportRequest, OpenDatasource,
    QueryEffect, QueryRequest, ResultFuture, Rows, Sink, TableInfo,
    options::schema_of,
    sql::{self, ServerOptions, SqlDialect, Statement, Statements},
};
use crate::{Error, model::parse};
use dial::{PgDialer, PgPool};
use schemars::Schema;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct PostgresConnector;

impl Connector for PostgresConnector {
    fn kind(&self) -> &'static str {
        "postgresql"
    }

    fn dialect(&self) -> Option<SqlDialect> {
        Some(SqlDialect::Postgresql)
    }

    fn about(&self) -> ConnectorInfo {
        ConnectorInfo {
            name: "PostgreSQL",
            category: "database",
            description: "A PostgreSQL server, or a database that uses its protocol.",
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
        ServerOptions::schema(5432, "postgresql://user:password@host:5432/database")
    }

    fn query_schema(&self) -> Schema {
        schema_of::<Statement>()
    }

    fn effect(&self, options: &Map<String, Value>) -> QueryEffect {
        sql::effect(options, SqlDialect::Postgresql)
    }

    fn connect<'a>(
        &'a self,
        options: &'a Map<String, Value>,
        context: &'a Context,
    ) -> ResultFuture<'a, Arc<dyn OpenDatasource>> {
        Box::pin(async move {
            let options: ServerOptions = parse::from_value(Value::Object(options.clone()), "options")?;
            let dialer = PgDialer::new(&options, context.guard.clone())?;
            let size = dialer.size(&options);
            let pool = PgPool::new(dialer, size);
            Ok(Arc::new(PgServer { pool: Arc::new(pool), statements: Statements::new(SqlDialect::Postgresql) })
                as Arc<dyn OpenDatasource>)
        })
    }
}

struct PgServer {
    pool: Arc<PgPool>,
    statements: Statements,
}

impl OpenDatasource for PgServer {
    fn test(&self) -> ResultFuture<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let wire = &mut lease.connection().wire;
            let asked = wire.ask("select current_setting('server_version')").await;
            let rows = asked.map_err(|fault| errors::to_error(&fault, None))?;
            let version = rows.into_iter().next().and_then(|row| row.into_iter().next().flatten());
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
            let tables = catalog::tables(&mut lease.connection().wire).await?;
            lease.finish();
            Ok(tables)
        })
    }

    fn run(&self, request: QueryRequest) -> ResultFuture<'_, Rows> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let rows = run::run(self, &statement, &request).await?;
            Ok(statement.describe(rows, SqlDialect::Postgresql))
        })
    }

    fn stream(&self, request: QueryRequest, sink: Sink) -> ResultFuture<'_, ()> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            run::stream(self, &statement, &request, &sink).await
        })
    }

    fn edit(&self, request: EditRequest) -> ResultFuture<'_, EditCounts> {
        Box::pin(async move { edits::edit(self, &request).await })
    }

    fn import(&self, request: ImportRequest) -> ResultFuture<'_, u64> {
        Box::pin(async move { imports::import(self, request).await })
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
