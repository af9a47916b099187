//! Statements and their results.
use super::{
    MysqlFault, MysqlWire, ROW,
    bytes::{Nullable, PacketReader, lossy, put_number},
    garbled,
};
use crate::{budget::Hold, connect::sql::InternalResult};
use bytes::Bytes;
use mysql_common::{Value, constants::ColumnType, io::ParseBuf, packets::Column};
use std::sync::Arc;

/// The maximum number of columns of a result, which is that of the server, and the maximum size of their descriptions.
const COLUMNS: u64 = 4096;
const DESCRIPTIONS: usize = 4 << 20;
/// The maximum size of the descriptions of kept statements.
const DESCRIBED: usize = 2 << 20;
/// The maximum number of statements kept on the server, and the maximum length of their text.
const KEPT: usize = 32;
const LONGEST: usize = 10_000;

/// A prepared statement.
pub(in crate::connect::mysql) struct PreparedStatement {
    text: String,
    id: u32,
    parameters: u16,
    pub columns: Vec<Column>,
    size: usize,
}

impl PreparedStatement {
    /// Returns the number of parameters.
    pub fn takes(&self) -> usize {
        self.parameters.into()
    }
}

/// The start of a result.
pub(in crate::connect::mysql) enum ResultHead {
    /// No rows, only the number of changed rows.
    Done(u64),
    /// Rows with these columns follow.
    Rows(Arc<[Column]>),
}

impl MysqlWire {
    /// Checks that the server still responds.
    pub async fn ping(&mut self) -> Result<(), MysqlFault> {
        self.command(0x0E, &[]).await?;
        self.head().await.map(drop)
    }

    /// Ends what the session holds, such as locks and temporary tables.
    pub async fn reset(&mut self) -> Result<(), MysqlFault> {
        self.command(0x1F, &[]).await?;
        self.head().await.map(drop)
    }

    /// Runs an internal statement and returns its rows as text.
    pub async fn ask(&mut self, text: &str) -> Result<Vec<Vec<Option<String>>>, MysqlFault> {
        self.command(0x03, text.as_bytes()).await?;
        let ResultHead::Rows(columns) = self.head().await? else { return Ok(Vec::new()) };
        self.gather(columns.len(), |row| {
            let mut reader = PacketReader::new(row);
            (0..columns.len()).map(|_| reader.cell().map(|cell| cell.map(lossy))).collect()
        })
        .await
    }

    /// Like [`MysqlWire::ask`], with bound values.
    pub async fn ask_with(&mut self, text: &str, bound: &[Value]) -> Result<Vec<Vec<Option<String>>>, MysqlFault> {
        let prepared = self.prepare(text).await?;
        let ResultHead::Rows(columns) = self.execute(&prepared, bound).await? else { return Ok(Vec::new()) };
        let rows = self.gather(columns.len(), |row| values(row, &columns)?.into_iter().map(text_of).collect()).await?;
        Ok(rows)
    }

    async fn gather(
        &mut self,
        columns: usize,
        read: impl Fn(&[u8]) -> Option<Vec<Option<String>>>,
    ) -> Result<Vec<Vec<Option<String>>>, MysqlFault> {
        let (mut rows, mut answer) = (Vec::new(), InternalResult::default());
        while let Some(row) = self.row(None).await? {
            if !answer.takes(row.len(), columns).await {
                return Err(MysqlFault::Garbled("the result of an internal statement exceeds 32 MiB".to_owned()));
            }
            rows.push(read(&row).ok_or_else(garbled)?);
        }
        self.skip().await?;
        Ok(rows)
    }

    /// Prepares a statement, once per connection.
    pub async fn prepare(&mut self, text: &str) -> Result<Arc<PreparedStatement>, MysqlFault> {
        if let Some(at) = self.prepared.iter().position(|prepared| prepared.text == text)
            && let Some(known) = self.prepared.remove(at)
        {
            self.prepared.push_back(Arc::clone(&known));
            return Ok(known);
        }
        while self.prepared.len() >= KEPT || self.prepared.iter().map(|kept| kept.size).sum::<usize>() > DESCRIBED {
            let Some(oldest) = self.prepared.pop_front() else { break };
            self.forget(oldest.id).await?;
        }
        self.command(0x16, text.as_bytes()).await?;
        let packet = self.word().await?;
        let (id, columns, parameters) = match packet.first() {
            Some(0) => {
                let mut reader = PacketReader::new(&packet[1..]);
                let read = (|| Some((reader.long()?, reader.short()?, reader.short()?)))();
                read.ok_or_else(garbled)?
            }
            Some(0xFF) => return Err(self.refused(&packet)),
            _ => return Err(garbled()),
        };
        // the descriptions of parameters contain nothing useful
        for _ in 0..parameters {
            self.word().await?;
        }
        self.end_of_descriptions(parameters > 0).await?;
        let (columns, size) = self.descriptions(columns.into()).await?;
        let size = size + text.len();
        self.busy = false;
        let prepared = Arc::new(PreparedStatement { text: text.to_owned(), id, parameters, columns, size });
        self.prepared.push_back(Arc::clone(&prepared));
        Ok(prepared)
    }

    /// Closes a long statement after it has run; short ones are kept for the next execution.
    pub async fn finish(&mut self, prepared: &PreparedStatement) -> Result<(), MysqlFault> {
        if prepared.text.len() > LONGEST && self.is_ready() {
            self.prepared.retain(|kept| kept.id != prepared.id);
            self.forget(prepared.id).await?;
        }
        Ok(())
    }

    /// Closes a prepared statement. The server sends no response to this command.
    async fn forget(&mut self, id: u32) -> Result<(), MysqlFault> {
        self.command(0x19, &id.to_le_bytes()).await?;
        self.busy = false;
        Ok(())
    }

    /// Runs a statement with a value for each of its placeholders.
    pub async fn execute(&mut self, prepared: &PreparedStatement, bound: &[Value]) -> Result<ResultHead, MysqlFault> {
        debug_assert_eq!(usize::from(prepared.parameters), bound.len(), "checked by the caller");
        let mut body = prepared.id.to_le_bytes().to_vec();
        // no cursor, one iteration
        body.extend_from_slice(&[0, 1, 0, 0, 0]);
        if !bound.is_empty() {
            let mut nulls = vec![0u8; bound.len().div_ceil(8)];
            for (at, _) in bound.iter().enumerate().filter(|(_, value)| matches!(value, Value::NULL)) {
                nulls[at / 8] |= 1 << (at % 8);
            }
            body.extend_from_slice(&nulls);
            body.push(1);
            for value in bound {
                body.extend_from_slice(&kind(value));
            }
            for value in bound {
                put(&mut body, value);
            }
        }
        self.command(0x17, &body).await?;
        self.head().await
    }

    /// Reads the start of the next result.
    pub async fn head(&mut self) -> Result<ResultHead, MysqlFault> {
        let packet = self.word().await?;
        match packet.first() {
            Some(0) => self.done(&packet).map(ResultHead::Done),
            Some(0xFF) => Err(self.refused(&packet)),
            Some(0xFB) => Err(MysqlFault::Infile),
            _ => {
                let count = PacketReader::new(&packet).number().ok_or_else(garbled)?;
                let (columns, _) = self.descriptions(count).await?;
                Ok(ResultHead::Rows(columns.into()))
            }
        }
    }

    async fn descriptions(&mut self, count: u64) -> Result<(Vec<Column>, usize), MysqlFault> {
        if count > COLUMNS {
            return Err(MysqlFault::Garbled(format!("it has {count} columns, but the maximum is {COLUMNS}")));
        }
        let (mut columns, mut size) = (Vec::new(), 0);
        for _ in 0..count {
            let packet = self.word().await?;
            size += packet.len() + size_of::<Column>();
            if size > DESCRIPTIONS {
                return Err(MysqlFault::Garbled("its column descriptions exceed 4 MiB".to_owned()));
            }
            columns.push(ParseBuf(&packet).parse::<Column>(()).map_err(|_| garbled())?);
        }
        self.end_of_descriptions(count > 0).await?;
        Ok((columns, size))
    }

    async fn end_of_descriptions(&mut self, any: bool) -> Result<(), MysqlFault> {
        if any && !self.short_ends {
            let packet = self.word().await?;
            if packet.first() != Some(&0xFE) {
                return Err(garbled());
            }
        }
        Ok(())
    }

    /// Reads the next row of a result; `None` after the last. The memory of a large row is counted in `hold` while it
    /// is received.
    pub async fn row(&mut self, hold: Option<&Hold>) -> Result<Option<Bytes>, MysqlFault> {
        let packet = self.read(ROW, hold).await?;
        match packet.first() {
            Some(0xFF) => Err(self.refused(&packet)),
            Some(0xFE) if self.short_ends && packet.len() < super::PIECE => {
                self.done(&packet)?;
                Ok(None)
            }
            Some(0xFE) if packet.len() < 9 => {
                let mut reader = PacketReader::new(&packet[1..]);
                let read = (|| Some((reader.short()?, reader.short()?)))();
                let (warnings, status) = read.ok_or_else(garbled)?;
                self.set_status(status, warnings);
                Ok(None)
            }
            _ => Ok(Some(packet)),
        }
    }

    /// Skips the remaining results. Returns whether one of them had rows.
    pub async fn skip(&mut self) -> Result<bool, MysqlFault> {
        let mut any = false;
        while self.more() {
            if let ResultHead::Rows(_) = self.head().await? {
                any = true;
                while self.row(None).await?.is_some() {}
            }
        }
        Ok(any)
    }
}

/// Decodes the values of a binary row.
pub(in crate::connect::mysql) fn values(row: &[u8], columns: &[Column]) -> Option<Vec<Value>> {
    let mut reader = PacketReader::new(row.get(1..)?);
    // the first two bits of the null bitmap are reserved
    let nulls = reader.take((columns.len() + 2).div_ceil(8))?;
    let is_null = |at: usize| nulls.get((at + 2) / 8).is_some_and(|byte| byte >> ((at + 2) % 8) & 1 == 1);
    let value = |(at, column)| if is_null(at) { Some(Value::NULL) } else { reader.value(column) };
    columns.iter().enumerate().map(value).collect()
}

fn text_of(value: Value) -> Option<Nullable<String>> {
    Some(match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(lossy(&bytes)),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        _ => return None,
    })
}

/// Returns the type bytes of a bound value: its type, and the flag for unsigned integers.
fn kind(value: &Value) -> [u8; 2] {
    let (kind, unsigned) = match value {
        Value::NULL => (ColumnType::MYSQL_TYPE_NULL, 0),
        Value::Int(_) => (ColumnType::MYSQL_TYPE_LONGLONG, 0),
        Value::UInt(_) => (ColumnType::MYSQL_TYPE_LONGLONG, 0x80),
        Value::Float(_) => (ColumnType::MYSQL_TYPE_FLOAT, 0),
        Value::Double(_) => (ColumnType::MYSQL_TYPE_DOUBLE, 0),
        Value::Bytes(_) | Value::Date(..) | Value::Time(..) => (ColumnType::MYSQL_TYPE_VAR_STRING, 0),
    };
    [kind as u8, unsigned]
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::NULL => {}
        Value::Int(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::UInt(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Float(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Double(number) => out.extend_from_slice(&number.to_le_bytes()),
        Value::Bytes(bytes) => {
            put_number(out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        }
        // such values are never bound
        Value::Date(..) | Value::Time(..) => put_number(out, 0),
    }
}
