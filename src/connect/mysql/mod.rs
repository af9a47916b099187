//! `mysql`: `MariaDB`, `MySQL`, and databases that use their protocol.
mod catalog;
mod dial;
mod kind;
mod output;
mod plan;
mod reach;
mod refusal;
mod run;
mod undo;
mod values;
mod wire;

use super::{
    About, Capabilities, Connector, Context, Pending, Request, Rows, Sink, Source, TableInfo,
    options::schema_of,
    sql::{Dialect, ServerOptions, Statement, Statements},
};
use crate::{Error, model::parse};
use dial::{Dialer, Pool};
use schemars::Schema;
use serde_json::{Map, Value};
use std::sync::Arc;

pub(super) struct Mysql;

impl Connector for Mysql {
    fn kind(&self) -> &'static str {
        "mysql"
    }

    fn about(&self) -> About {
        About {
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

    fn connect<'a>(&'a self, options: &'a Map<String, Value>, context: &'a Context) -> Pending<'a, Arc<dyn Source>> {
        Box::pin(async move {
            let options: ServerOptions = parse::from_value(Value::Object(options.clone()), "options")?;
            let dialer = Dialer::new(&options, context.guard.clone())?;
            let size = dialer.size(&options);
            let pool = Arc::new(Pool::new(dialer, size));
            Ok(Arc::new(Server { pool, statements: Statements::new(Dialect::Mysql) }) as Arc<dyn Source>)
        })
    }
}

struct Server {
    pool: Arc<Pool>,
    statements: Statements,
}

impl Source for Server {
    fn test(&self) -> Pending<'_, Option<String>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let version = lease.connection().wire.ask("select version()").await;
            let version = version.map_err(|error| refusal::said(&error, None))?;
            let version = version.into_iter().next().and_then(|row| row.into_iter().next().flatten());
            lease.finish();
            Ok(version)
        })
    }

    fn notes(&self) -> Option<String> {
        self.pool.dialer.notes()
    }

    fn schema(&self) -> Pending<'_, Vec<TableInfo>> {
        Box::pin(async move {
            let mut lease = self.pool.lease().await?;
            let tables = catalog::tables(&mut lease.connection().wire).await;
            let tables = tables.map_err(|error| refusal::said(&error, None))?;
            lease.finish();
            Ok(tables)
        })
    }

    fn run(&self, request: Request) -> Pending<'_, Rows> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let reading = self.statements.reading(&statement.text);
            run::run(&self.pool, &statement, &request, &reading).await
        })
    }

    fn stream(&self, request: Request, sink: Sink) -> Pending<'_, ()> {
        Box::pin(async move {
            let statement = self.statements.compile(&request)?;
            let reading = self.statements.reading(&statement.text);
            run::stream(&self.pool, &statement, &request, &reading, sink).await
        })
    }
}

fn invalid(option: &str, message: &str) -> Error {
    Error::invalid(format!("options.{option}"), message)
}
