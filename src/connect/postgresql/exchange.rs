//! Executes one statement over the wire and reads its result within the limits.
use super::{
    dial::{FORMS, PgConnection, PgStatement},
    errors::problem,
    values::{
        ValueDecoder,
        bytes::DecodeProblem,
        forms::{bound, has_money},
    },
    wire::{BoundParameter, PgError, PgFault, WireFormat, cells},
};
use crate::{
    Error, Result,
    budget::Hold,
    connect::{
        Column, ResultLimits, Rows, Sink,
        rows::{Collector, not_text},
        stream::Batch,
    },
};
use postgres_protocol::message::backend::{DataRowBody, Message};
use postgres_types::Type;
use serde_json::Value;
use std::sync::Arc;

/// Why an exchange failed.
pub(super) enum PgFailure {
    Fault(PgFault),
    /// A value of the named column could not be decoded.
    Value(DecodeProblem, String),
    /// The statement's parameters or columns have changed since it was prepared.
    Changed,
    Ours(Error),
}

impl<T: Into<PgFault>> From<T> for PgFailure {
    fn from(fault: T) -> Self {
        Self::Fault(fault.into())
    }
}

impl PgFailure {
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Fault(fault) => fault.code(),
            _ => None,
        }
    }
}

/// The destination of the rows.
pub(super) enum PgOutput {
    Kept { collector: Collector, hold: Arc<Hold> },
    Sent { batch: Option<Batch>, sink: Sink, most: usize, any: bool, hold: Arc<Hold> },
}

impl PgOutput {
    pub fn new(columns: Arc<[Column]>, limits: &ResultLimits, sink: Option<&Sink>) -> Self {
        match sink {
            None => Self::Kept { collector: Collector::new(columns, limits.clone()), hold: Arc::clone(&limits.hold) },
            Some(sink) => {
                let (sink, hold) = (sink.clone(), Arc::clone(&limits.hold));
                Self::Sent { batch: Some(Batch::new(columns)), sink, most: limits.bytes, any: false, hold }
            }
        }
    }

    /// Adds a row. Returns false when no more rows are wanted.
    async fn push(&mut self, row: Vec<Value>) -> Result<bool> {
        match self {
            Self::Kept { collector, .. } => collector.push(row),
            Self::Sent { batch, sink, most, any, .. } => {
                if let Some(batch) = batch {
                    for part in batch.push(row, *most)? {
                        *any = true;
                        sink.send(part).await?;
                    }
                }
                Ok(true)
            }
        }
    }

    /// Returns what counts the memory of the result.
    fn hold(&self) -> &Hold {
        match self {
            Self::Kept { hold, .. } | Self::Sent { hold, .. } => hold,
        }
    }

    /// Returns whether rows were sent, so that the query cannot be retried.
    pub fn is_sent(&self) -> bool {
        matches!(self, Self::Sent { any: true, .. })
    }

    pub async fn finish(self) -> Result<Rows> {
        match self {
            Self::Kept { collector, .. } => Ok(collector.finish()),
            Self::Sent { batch, sink, .. } => {
                for part in batch.into_iter().flat_map(Batch::finish) {
                    sink.send(part).await?;
                }
                Ok(Rows::default())
            }
        }
    }
}

/// The parts of one execution of a statement.
pub(super) struct Exchange<'a> {
    pub text: &'a str,
    pub prepared: &'a PgStatement,
    pub bound: Vec<BoundParameter>,
    pub formats: Vec<WireFormat>,
    /// The maximum number of rows to return; 0 for all.
    pub most: i32,
    /// Statements to send before and after it, in the same round trip.
    pub before: Option<String>,
    pub after: Option<&'static str>,
}

/// Returns the statements that start a transaction, including the settings that text forms depend on if the session
/// does not have them.
pub(super) fn begin(connection: &PgConnection, how: &str, formats: &[WireFormat]) -> String {
    let mut text = format!("begin{how}");
    if !connection.direct && formats.contains(&WireFormat::Text) {
        for form in FORMS {
            text.push_str("; set local ");
            text.push_str(form);
        }
    }
    text
}

impl PgConnection {
    /// Encodes the values of a statement's parameters.
    pub async fn bind(
        &mut self,
        prepared: &PgStatement,
        arguments: &[Value],
    ) -> Result<Vec<BoundParameter>, PgFailure> {
        let (fields, parameters) = (&prepared.fields, &prepared.parameters);
        if self.cents.is_none() && fields.iter().chain(parameters).any(has_money) {
            self.learn_cents().await?;
        }
        let kinds = parameters.iter().chain(std::iter::repeat(&Type::UNKNOWN));
        Ok(arguments.iter().zip(kinds).map(|(value, kind)| bound(kind, value, self.cents)).collect())
    }

    /// Queries the number of decimal places of `money`, which depends on the server's `lc_monetary`.
    pub async fn learn_cents(&mut self) -> Result<(), PgFault> {
        let rows = self.wire.ask("select scale(0::money::numeric)").await?;
        self.cents = rows.first().and_then(|row| row.first()?.as_ref()?.parse().ok());
        Ok(())
    }

    /// Executes the statement and reads the complete response. Returns the command tag, such as `UPDATE 5`.
    pub async fn exchange(&mut self, exchange: &Exchange<'_>, output: &mut PgOutput) -> Result<String, PgFailure> {
        let Exchange { prepared, before, after, .. } = exchange;
        if let Some(before) = before {
            self.wire.query(before)?;
        }
        if prepared.name.is_empty() {
            self.wire.parse("", exchange.text)?;
        }
        self.wire.run(&prepared.name, &exchange.bound, &exchange.formats, exchange.most)?;
        self.wire.sync();
        if let Some(after) = after {
            self.wire.query(after)?;
        }
        self.wire.send().await?;
        let began = if before.is_some() { self.wire.end().await } else { Ok(()) };
        if began.as_ref().is_err_and(PgFault::breaks) {
            return Err(began.err().map_or(PgFailure::Changed, PgFailure::from));
        }
        let answered = self.answer(exchange, output).await;
        let kept = match &answered {
            Err(PgFailure::Fault(fault)) => !fault.breaks(),
            Err(PgFailure::Ours(_)) => false,
            _ => true,
        };
        let ended = if after.is_some() && kept { self.wire.end().await } else { Ok(()) };
        began?;
        let tag = answered?;
        ended?;
        Ok(tag)
    }

    async fn answer(&mut self, exchange: &Exchange<'_>, output: &mut PgOutput) -> Result<String, PgFailure> {
        let (mut tag, mut failed) = (String::new(), None);
        let mut wanted = true;
        loop {
            let message = self.wire.next_within(Some(output.hold())).await?;
            if !exchange.prepared.fits(&message)? {
                failed = failed.or(Some(PgFailure::Changed));
            }
            match message {
                Message::DataRow(row) if failed.is_none() && wanted => match self.row(exchange, &row) {
                    Ok(values) => wanted = output.push(values).await.map_err(PgFailure::Ours)?,
                    Err(failure) => failed = Some(failure),
                },
                Message::CommandComplete(body) => body.tag()?.clone_into(&mut tag),
                Message::ErrorResponse(body) => {
                    let refusal = PgError::read(&body)?;
                    let fatal = refusal.fatal;
                    let refused = PgFailure::from(PgFault::Refused(refusal.into()));
                    if fatal {
                        return Err(refused);
                    }
                    failed = failed.or(Some(refused));
                }
                Message::CopyInResponse(_) | Message::CopyOutResponse(_) => {
                    return Err(PgFailure::Ours(problem(
                        "`copy` to or from the client is not supported",
                        "use `select` to read rows and `insert` to write them",
                    )));
                }
                Message::ReadyForQuery(_) => return failed.map_or(Ok(tag), Err),
                _ => {}
            }
        }
    }

    fn row(&self, exchange: &Exchange<'_>, row: &DataRowBody) -> Result<Vec<Value>, PgFailure> {
        let reader = ValueDecoder { types: &self.types, cents: self.cents };
        let PgStatement { fields, columns, .. } = exchange.prepared;
        let kinds = fields.iter().zip(&exchange.formats).zip(columns.iter());
        let values = cells(row)?.into_iter().zip(kinds).map(|(raw, ((kind, format), column))| {
            reader.read(kind, *format, raw).map_err(|problem| PgFailure::Value(problem, column.name.clone()))
        });
        values.collect()
    }
}

/// Creates the error for a value that cannot be decoded.
pub(super) fn unreadable(what: DecodeProblem, column: &str) -> Error {
    let text = &format!("select it as bytes: encode(convert_to({column}, 'SQL_ASCII'), 'hex')");
    match what {
        DecodeProblem::NotText => not_text(column, text),
        DecodeProblem::Malformed(why) => problem(
            &format!("column `{column}` cannot be read: {why}"),
            "cast it to text, and report this problem with the column's type",
        ),
        DecodeProblem::Stale | DecodeProblem::Unknown(_) | DecodeProblem::Money | DecodeProblem::Textual => problem(
            &format!("column `{column}` cannot be read: its type changed in the meantime"),
            "run the query again",
        ),
    }
}
