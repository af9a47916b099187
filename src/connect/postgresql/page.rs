//! Reads one page of a query's rows.
use super::{
    dial::{PgConnection, PgStatement},
    exchange::{Exchange, PgFailure, begin},
    run::PgExecution,
    values::forms::formats,
};
use crate::connect::{Rows, Slice, sql::not_pageable};
use std::sync::Arc;

impl PgExecution<'_> {
    /// Reads a page with a cursor, which skips rows on the server.
    pub async fn page(&mut self, connection: &mut PgConnection, slice: Slice) -> Result<Rows, PgFailure> {
        let prepared = connection.prepare(&self.statement.text).await?;
        if prepared.fields.is_empty() {
            return Err(PgFailure::Ours(not_pageable()));
        }
        let read = self.cursor(connection, &prepared, slice).await;
        if connection.wire.is_ready() {
            connection.wire.ask("rollback").await?;
        }
        read
    }

    async fn cursor(
        &mut self,
        connection: &mut PgConnection,
        prepared: &PgStatement,
        slice: Slice,
    ) -> Result<Rows, PgFailure> {
        let formats = formats(&prepared.fields, self.records);
        let start = begin(connection, " read only", &formats);
        let text = format!("declare page no scroll cursor for {}", self.statement.text);
        let declaration = PgStatement {
            name: String::new(),
            parameters: prepared.parameters.clone(),
            fields: Vec::new(),
            columns: Arc::default(),
        };
        let declare = Exchange {
            text: &text,
            prepared: &declaration,
            bound: connection.bind(prepared, &self.statement.arguments).await?,
            formats: Vec::new(),
            most: 0,
            before: Some(start),
            after: None,
        };
        self.exchange(connection, declare).await.map_err(|failure| match failure.code() {
            Some("42601") => PgFailure::Ours(not_pageable()),
            _ => failure,
        })?;
        let mut left = slice.offset;
        while left > 0 {
            let step = left.min(1 << 30);
            let (_, tag) = connection.wire.command(&format!("move forward {step} from page")).await?;
            let passed = tag.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok());
            left = if passed.is_some_and(|passed| passed < step) { 0 } else { left - step };
        }
        let fetched = format!("fetch forward {} from page", self.request.limits.rows.saturating_add(1));
        let fetch = PgStatement {
            name: String::new(),
            parameters: Vec::new(),
            fields: prepared.fields.clone(),
            columns: Arc::clone(&prepared.columns),
        };
        let fetch = Exchange {
            text: &fetched,
            prepared: &fetch,
            bound: Vec::new(),
            formats,
            most: 0,
            before: None,
            after: None,
        };
        self.exchange(connection, fetch).await.map(|(_, rows)| rows)
    }
}
