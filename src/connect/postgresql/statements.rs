//! Prepared statements of a connection, with their descriptions.
use super::{
    dial::{PgConnection, PgStatement},
    wire::{PgError, PgFault},
};
use crate::connect::{Column, rows::with_unique_names};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::{Message, ParameterDescriptionBody, RowDescriptionBody};
use postgres_types::Type;
use std::sync::Arc;

/// The maximum number of statements kept per connection.
const STATEMENTS: usize = 100;
/// The maximum size of their descriptions, in bytes.
const DESCRIBED: usize = 2 << 20;

/// A column as the server describes it: its name and the OID of its type.
type Described = (String, u32);

impl PgConnection {
    /// Returns a statement's description, preparing it on first use.
    pub async fn prepare(&mut self, text: &str) -> Result<Arc<PgStatement>, PgFault> {
        if let Some(prepared) = self.statements.get(text) {
            return Ok(Arc::clone(prepared));
        }
        if self.statements.len() >= STATEMENTS || self.described > DESCRIBED {
            self.described = 0;
            for old in std::mem::take(&mut self.statements).into_values().filter(|old| !old.name.is_empty()) {
                self.wire.close(&old.name)?;
            }
        }
        let name = if self.direct {
            self.named += 1;
            format!("s{}", self.named)
        } else {
            String::new()
        };
        self.wire.parse(&name, text)?;
        self.wire.sync();
        self.wire.send().await?;
        let (parameters, fields) = self.description().await?;
        let oids = parameters.iter().copied().chain(fields.iter().map(|(_, oid)| *oid));
        self.types.learn(&mut self.wire, oids).await?;
        let kind = |oid: u32| self.types.get(oid).unwrap_or(Type::UNKNOWN);
        let column = |(name, oid): &Described| Column { name: name.clone(), r#type: kind(*oid).name().to_owned() };
        let prepared = Arc::new(PgStatement {
            name,
            columns: with_unique_names(fields.iter().map(column).collect()),
            parameters: parameters.iter().map(|oid| kind(*oid)).collect(),
            fields: fields.iter().map(|(_, oid)| kind(*oid)).collect(),
        });
        let names: usize = prepared.columns.iter().map(|column| column.name.len() + column.r#type.len()).sum();
        let each = size_of::<Column>() + size_of::<Type>();
        self.described += text.len() + names + each * (prepared.columns.len() + prepared.parameters.len());
        self.statements.insert(text.to_owned(), Arc::clone(&prepared));
        Ok(prepared)
    }

    async fn description(&mut self) -> Result<(Vec<u32>, Vec<Described>), PgFault> {
        let (mut parameters, mut fields) = (Vec::new(), Vec::new());
        loop {
            match self.wire.next().await? {
                Message::ParameterDescription(body) => parameters = parameters_of(&body)?,
                Message::RowDescription(body) => fields = fields_of(&body)?,
                Message::ReadyForQuery(_) => return Ok((parameters, fields)),
                Message::ErrorResponse(body) => {
                    let refusal = PgError::read(&body)?;
                    if !refusal.fatal {
                        self.wire.end().await?;
                    }
                    return Err(PgFault::Refused(refusal.into()));
                }
                _ => {}
            }
        }
    }
}

impl PgStatement {
    /// Returns whether the server's description in `message` matches this one.
    pub fn fits(&self, message: &Message) -> Result<bool, PgFault> {
        Ok(match message {
            Message::ParameterDescription(body) => {
                parameters_of(body)?.into_iter().eq(self.parameters.iter().map(Type::oid))
            }
            Message::RowDescription(body) => {
                fields_of(body)?.into_iter().map(|(_, oid)| oid).eq(self.fields.iter().map(Type::oid))
            }
            _ => true,
        })
    }
}

fn parameters_of(body: &ParameterDescriptionBody) -> Result<Vec<u32>, PgFault> {
    Ok(body.parameters().collect()?)
}

fn fields_of(body: &RowDescriptionBody) -> Result<Vec<Described>, PgFault> {
    Ok(body.fields().map(|field| Ok((field.name().to_owned(), field.type_oid()))).collect()?)
}
