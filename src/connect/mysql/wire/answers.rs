//! Statements and their answers.
use super::{
    Fault, ROW, Wire,
    bytes::{Nullable, Reader, lossy, put_number},
    garbled,
};
use crate::{budget::Hold, connect::sql::OwnAnswer};
use bytes::Bytes;
use mysql_common::{Value, constants::ColumnType, io::ParseBuf, packets::Column};
use std::sync::Arc;

/// Columns of an answer, as many as a server can have, and what their descriptions take together.
const COLUMNS: u64 = 4096;
const DESCRIPTIONS: usize = 4 << 20;
/// What the descriptions of kept statements may take.
const DESCRIBED: usize = 2 << 20;
/// Statements that are kept on the server, and how long their text may be.
const KEPT: usize = 32;
const LONGEST: usize = 10_000;

/// A statement that the server has read.
pub(in crate::connect::mysql) struct Prepared {
    text: String,
    id: u32,
    parameters: u16,
    pub columns: Vec<Column>,
    size: usize,
}

impl Prepared {
    /// How many values it takes.
    pub fn takes(&self) -> usize {
        self.parameters.into()
    }
}

/// How an answer begins.
pub(in crate::connect::mysql) enum Head {
    /// Nothing but the number of rows that were changed.
    Done(u64),
    /// Rows of these columns follow.
    Rows(Arc<[Column]>),
}

impl Wire {
    /// Whether the server still answers.
    pub async fn ping(&mut self) -> Result<(), Fault> {
        self.command(0x0E, &[]).await?;
        self.head().await.map(drop)
    }

    /// Runs a statement of ours and gives its rows as text.
    pub async fn ask(&mut self, text: &str) -> Result<Vec<Vec<Option<String>>>, Fault> {
        self.command(0x03, text.as_bytes()).await?;
        let Head::Rows(columns) = self.head().await? else { return Ok(Vec::new()) };
        self.gather(columns.len(), |row| {
            let mut reader = Reader::new(row);
            (0..columns.len()).map(|_| reader.cell().map(|cell| cell.map(lossy))).collect()
        })
        .await
    }

    /// The same with values bound.
    pub async fn ask_with(&mut self, text: &str, bound: &[Value]) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let prepared = self.prepare(text).await?;
        let Head::Rows(columns) = self.execute(&prepared, bound).await? else { return Ok(Vec::new()) };
        let rows = self.gather(columns.len(), |row| values(row, &columns)?.into_iter().map(text_of).collect()).await?;
        Ok(rows)
    }

    async fn gather(
        &mut self,
        columns: usize,
        read: impl Fn(&[u8]) -> Option<Vec<Option<String>>>,
    ) -> Result<Vec<Vec<Option<String>>>, Fault> {
        let (mut rows, mut answer) = (Vec::new(), OwnAnswer::default());
        while let Some(row) = self.row(None).await? {
            if !answer.takes(row.len(), columns).await {
                return Err(Fault::Garbled("it answers with more than 32 MiB about itself".to_owned()));
            }
            rows.push(read(&row).ok_or_else(garbled)?);
        }
        self.skip().await?;
        Ok(rows)
    }

    /// Lets the server read a statement, once for each connection.
    pub async fn prepare(&mut self, text: &str) -> Result<Arc<Prepared>, Fault> {
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
                let mut reader = Reader::new(&packet[1..]);
                let read = (|| Some((reader.long()?, reader.short()?, reader.short()?)))();
                read.ok_or_else(garbled)?
            }
            Some(0xFF) => return Err(self.refused(&packet)),
            _ => return Err(garbled()),
        };
        // the server says nothing of use about parameters
        for _ in 0..parameters {
            self.word().await?;
        }
        self.end_of_descriptions(parameters > 0).await?;
        let (columns, size) = self.descriptions(columns.into()).await?;
        let size = size + text.len();
        self.busy = false;
        let prepared = Arc::new(Prepared { text: text.to_owned(), id, parameters, columns, size });
        self.prepared.push_back(Arc::clone(&prepared));
        Ok(prepared)
    }

    /// Forgets a long statement that has run; short ones may be wanted again.
    pub async fn finish(&mut self, prepared: &Prepared) -> Result<(), Fault> {
        if prepared.text.len() > LONGEST && self.is_ready() {
            self.prepared.retain(|kept| kept.id != prepared.id);
            self.forget(prepared.id).await?;
        }
        Ok(())
    }

    /// The server does not answer to it.
    async fn forget(&mut self, id: u32) -> Result<(), Fault> {
        self.command(0x19, &id.to_le_bytes()).await?;
        self.busy = false;
        Ok(())
    }

    /// Runs a statement with a value for each of its placeholders.
    pub async fn execute(&mut self, prepared: &Prepared, bound: &[Value]) -> Result<Head, Fault> {
        debug_assert_eq!(usize::from(prepared.parameters), bound.len(), "checked by the caller");
        let mut body = prepared.id.to_le_bytes().to_vec();
        // no cursor, once
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

    /// The beginning of the next result.
    pub async fn head(&mut self) -> Result<Head, Fault> {
        let packet = self.word().await?;
        match packet.first() {
            Some(0) => self.done(&packet).map(Head::Done),
            Some(0xFF) => Err(self.refused(&packet)),
            Some(0xFB) => Err(Fault::Infile),
            _ => {
                let count = Reader::new(&packet).number().ok_or_else(garbled)?;
                let (columns, _) = self.descriptions(count).await?;
                Ok(Head::Rows(columns.into()))
            }
        }
    }

    async fn descriptions(&mut self, count: u64) -> Result<(Vec<Column>, usize), Fault> {
        if count > COLUMNS {
            return Err(Fault::Garbled(format!("it announces {count} columns, and {COLUMNS} are the most")));
        }
        let (mut columns, mut size) = (Vec::new(), 0);
        for _ in 0..count {
            let packet = self.word().await?;
            size += packet.len() + size_of::<Column>();
            if size > DESCRIPTIONS {
                return Err(Fault::Garbled("its columns' names take more than 4 MiB".to_owned()));
            }
            columns.push(ParseBuf(&packet).parse::<Column>(()).map_err(|_| garbled())?);
        }
        self.end_of_descriptions(count > 0).await?;
        Ok((columns, size))
    }

    async fn end_of_descriptions(&mut self, any: bool) -> Result<(), Fault> {
        if any && !self.short_ends {
            let packet = self.word().await?;
            if packet.first() != Some(&0xFE) {
                return Err(garbled());
            }
        }
        Ok(())
    }

    /// The next row of a result, none after the last. What a large one takes while it arrives is counted in `hold`.
    pub async fn row(&mut self, hold: Option<&Hold>) -> Result<Option<Bytes>, Fault> {
        let packet = self.read(ROW, hold).await?;
        match packet.first() {
            Some(0xFF) => Err(self.refused(&packet)),
            Some(0xFE) if self.short_ends && packet.len() < super::PIECE => {
                self.done(&packet)?;
                Ok(None)
            }
            Some(0xFE) if packet.len() < 9 => {
                let mut reader = Reader::new(&packet[1..]);
                let read = (|| Some((reader.short()?, reader.short()?)))();
                let (warnings, status) = read.ok_or_else(garbled)?;
                self.said(status, warnings);
                Ok(None)
            }
            _ => Ok(Some(packet)),
        }
    }

    /// Reads results that nobody wants; true when one of them had rows.
    pub async fn skip(&mut self) -> Result<bool, Fault> {
        let mut any = false;
        while self.more() {
            if let Head::Rows(_) = self.head().await? {
                any = true;
                while self.row(None).await?.is_some() {}
            }
        }
        Ok(any)
    }
}

/// The values of a binary row.
pub(in crate::connect::mysql) fn values(row: &[u8], columns: &[Column]) -> Option<Vec<Value>> {
    let mut reader = Reader::new(row.get(1..)?);
    // the first two bits mean nothing
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

/// How a bound value is told: its type, and whether it is without a sign.
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
        // nobody binds one
        Value::Date(..) | Value::Time(..) => put_number(out, 0),
    }
}
