//! The wire protocol: outgoing messages are sent together, incoming messages are read one by one with bounded sizes.
mod binding;
mod refusal;
mod start;
#[cfg(test)]
mod tests;

pub(super) use refusal::PgError;
pub(super) use start::{BindingPolicy, LoginFailure, PgLogin, encrypt};

use crate::{
    Error,
    budget::Hold,
    connect::{network::tls::Stream, sql::InternalResult},
};
use bytes::{Buf, BytesMut};
use fallible_iterator::FallibleIterator;
use futures_util::FutureExt;
use postgres_protocol::{
    IsNull,
    message::{
        backend::{DataRowBody, Header, Message},
        frontend,
    },
};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Maximum message sizes. A row may be somewhat larger than a whole result. A description has room for the server's
/// maximum number of columns and parameters with their names. Errors and notices may quote a value.
const ROW: usize = 48 << 20;
const DESCRIPTION: usize = 512 << 10;
const SAID: usize = 4 << 20;
const OTHER: usize = 64 << 10;
/// The number of bytes to read at once.
const CHUNK: usize = 16 << 10;
/// The outgoing buffer is kept up to this capacity for the next statement.
const KEPT: usize = 64 << 10;

/// Why an exchange failed.
#[derive(Debug)]
pub(in crate::connect::postgresql) enum PgFault {
    /// The server returned an error; the connection is still usable.
    Refused(Box<PgError>),
    /// The connection is not usable any more.
    Broken(io::Error),
    /// A message exceeds its maximum size.
    TooLarge,
    /// The memory budget is exhausted.
    Ours(Error),
}

impl From<io::Error> for PgFault {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl PgFault {
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(&refusal.code),
            _ => None,
        }
    }

    /// Returns whether the connection is lost or about to close because the server is shutting down.
    pub fn breaks(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.fatal || refusal.code.starts_with("57P"),
            Self::Broken(_) | Self::TooLarge | Self::Ours(_) => true,
        }
    }
}

/// The format of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect::postgresql) enum WireFormat {
    Text,
    Binary,
}

/// A parameter's format and value; `None` for null.
pub(in crate::connect::postgresql) type BoundParameter = (WireFormat, Option<Vec<u8>>);

/// Rows of text values; `None` for null.
pub(in crate::connect::postgresql) type TextRows = Vec<Vec<Option<String>>>;

/// A connection that handles one exchange at a time.
pub(in crate::connect::postgresql) struct PgWire {
    stream: Box<dyn Stream>,
    incoming: BytesMut,
    outgoing: BytesMut,
    /// The number of exchanges that the server has not completed yet.
    owed: usize,
    /// The server process and the secret for cancelling it, as the server sent them.
    key: (i32, i32),
    broken: bool,
}

impl PgWire {
    fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            incoming: BytesMut::with_capacity(CHUNK),
            outgoing: BytesMut::new(),
            owed: 0,
            key: (0, 0),
            broken: false,
        }
    }

    pub fn key(&self) -> (i32, i32) {
        self.key
    }

    /// Returns whether the connection is usable and has no pending response.
    pub fn is_ready(&self) -> bool {
        !self.broken && self.owed == 0
    }

    /// Returns whether an idle connection is still open, by looking for a close or an error that has arrived meanwhile.
    pub fn is_alive(&mut self) -> bool {
        loop {
            match self.stream.read_buf(&mut self.incoming).now_or_never() {
                None => break,
                Some(Ok(count)) if count > 0 => {}
                Some(_) => return false,
            }
        }
        loop {
            match self.parse_message() {
                Ok(Some(message)) if is_unasked(&message) => {}
                Ok(None) => return true,
                Ok(Some(_)) | Err(_) => return false,
            }
        }
    }

    /// Queues a statement without parameters; its rows are returned as text.
    pub fn query(&mut self, text: &str) -> Result<(), PgFault> {
        frontend::query(text, &mut self.outgoing)?;
        self.owed += 1;
        Ok(())
    }

    /// Queues parsing and describing a statement.
    pub fn parse(&mut self, name: &str, text: &str) -> Result<(), PgFault> {
        frontend::parse(name, text, [], &mut self.outgoing)?;
        Ok(frontend::describe(b'S', name, &mut self.outgoing)?)
    }

    /// Queues executing a statement that returns at most `most` rows; 0 for all.
    pub fn run(
        &mut self,
        name: &str,
        bound: &[BoundParameter],
        results: &[WireFormat],
        most: i32,
    ) -> Result<(), PgFault> {
        let code = |format: WireFormat| i16::from(format == WireFormat::Binary);
        let formats = bound.iter().map(|(format, _)| code(*format));
        let value = |value: &BoundParameter, out: &mut BytesMut| {
            Ok(value.1.as_ref().map_or(IsNull::Yes, |bytes| {
                out.extend_from_slice(bytes);
                IsNull::No
            }))
        };
        let results = results.iter().map(|format| code(*format));
        frontend::bind("", name, formats, bound, value, results, &mut self.outgoing).map_err(|error| match error {
            frontend::BindError::Conversion(why) => io::Error::other(why),
            frontend::BindError::Serialization(error) => error,
        })?;
        Ok(frontend::execute("", most, &mut self.outgoing)?)
    }

    /// Queues the end of an exchange that [`PgWire::parse`] or [`PgWire::run`] started.
    pub fn sync(&mut self) {
        frontend::sync(&mut self.outgoing);
        self.owed += 1;
    }

    /// Queues closing a prepared statement on the server.
    pub fn close(&mut self, name: &str) -> Result<(), PgFault> {
        Ok(frontend::close(b'S', name, &mut self.outgoing)?)
    }

    pub async fn send(&mut self) -> Result<(), PgFault> {
        self.send_all().await.inspect_err(|_| self.broken = true)?;
        Ok(())
    }

    async fn send_all(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing).await?;
        self.stream.flush().await?;
        self.outgoing.clear();
        if self.outgoing.capacity() > KEPT {
            self.outgoing = BytesMut::new();
        }
        Ok(())
    }

    /// Returns the next response message, including error responses.
    pub async fn next(&mut self) -> Result<Message, PgFault> {
        self.next_within(None).await
    }

    /// Like [`PgWire::next`], counting the memory of a large message in `hold` while it is received.
    pub async fn next_within(&mut self, hold: Option<&Hold>) -> Result<Message, PgFault> {
        let message = self.read(hold).await.inspect_err(|_| self.broken = true)?;
        if matches!(message, Message::ReadyForQuery(_)) {
            self.owed = self.owed.saturating_sub(1);
        }
        Ok(message)
    }

    async fn read(&mut self, hold: Option<&Hold>) -> Result<Message, PgFault> {
        let mut counted = 0;
        loop {
            while let Some(message) = self.parse_message()? {
                if !is_unasked(&message) {
                    hold.inspect(|hold| hold.shrink(counted));
                    return Ok(message);
                }
            }
            let large = self.incoming.len().saturating_sub(OTHER);
            if let Some(hold) = hold
                && large > counted
            {
                hold.grow(large - counted).map_err(PgFault::Ours)?;
                counted = large;
            }
            self.incoming.reserve(CHUNK);
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
    }

    fn parse_message(&mut self) -> Result<Option<Message>, PgFault> {
        if let Some(header) = Header::parse(&self.incoming)?
            && usize::try_from(header.len()).is_ok_and(|length| length > most(header.tag()))
        {
            return Err(PgFault::TooLarge);
        }
        Ok(Message::parse(&mut self.incoming)?)
    }

    /// Reads the rest of the current exchange.
    ///
    /// # Errors
    /// The first error response in it.
    pub async fn end(&mut self) -> Result<(), PgFault> {
        let mut refused = None;
        loop {
            match self.next().await? {
                Message::ReadyForQuery(_) => return refused.map_or(Ok(()), Err),
                Message::ErrorResponse(body) => {
                    let refusal = PgError::read(&body)?;
                    if refusal.fatal {
                        return Err(PgFault::Refused(refusal.into()));
                    }
                    refused = refused.or(Some(PgFault::Refused(refusal.into())));
                }
                // `copy` from the client is not supported: tell the server, so that it continues
                Message::CopyInResponse(_) => {
                    frontend::copy_fail("copy from the client is not supported", &mut self.outgoing)?;
                    self.send().await?;
                }
                _ => {}
            }
        }
    }

    /// Runs an internal statement and returns its rows as text, within the limits of [`InternalResult`].
    pub async fn ask(&mut self, text: &str) -> Result<TextRows, PgFault> {
        self.command(text).await.map(|(rows, _)| rows)
    }

    /// Like [`PgWire::ask`], also returning the command tag, such as `MOVE 5`.
    pub async fn command(&mut self, text: &str) -> Result<(TextRows, String), PgFault> {
        self.query(text)?;
        self.send().await?;
        let (mut rows, mut answer, mut tag) = (Vec::new(), InternalResult::default(), String::new());
        loop {
            match self.next().await? {
                Message::DataRow(row) => {
                    if !answer.takes(row.buffer().len(), cells(&row)?.len()).await {
                        self.broken = true;
                        return Err(PgFault::TooLarge);
                    }
                    let text = |raw: Option<&[u8]>| raw.map(|raw| String::from_utf8_lossy(raw).into_owned());
                    rows.push(cells(&row)?.into_iter().map(text).collect());
                }
                Message::CommandComplete(body) => body.tag()?.clone_into(&mut tag),
                Message::ReadyForQuery(_) => return Ok((rows, tag)),
                Message::ErrorResponse(body) => {
                    let refusal = PgError::read(&body)?;
                    if !refusal.fatal {
                        self.end().await?;
                    }
                    return Err(PgFault::Refused(refusal.into()));
                }
                _ => {}
            }
        }
    }
}

/// Returns the maximum length of a message of this kind.
fn most(kind: u8) -> usize {
    match kind {
        b'D' => ROW,
        b'T' | b't' => DESCRIPTION,
        b'E' | b'N' | b'A' | b'd' => SAID,
        _ => OTHER,
    }
}

/// Returns whether the server sends this message at any time, not as part of a response.
fn is_unasked(message: &Message) -> bool {
    matches!(message, Message::NoticeResponse(_) | Message::NotificationResponse(_) | Message::ParameterStatus(_))
}

/// Returns the values of a row; `None` for null.
pub(in crate::connect::postgresql) fn cells(row: &DataRowBody) -> Result<Vec<Option<&[u8]>>, PgFault> {
    let mut cells = Vec::new();
    let (mut ranges, whole) = (row.ranges(), row.buffer());
    while let Some(range) = ranges.next()? {
        cells.push(range.map(|range| &whole[range]));
    }
    Ok(cells)
}

/// Cancels the query of the process of `key`, over a separate connection.
pub(in crate::connect::postgresql) async fn cancel(mut stream: Box<dyn Stream>, key: (i32, i32)) -> io::Result<()> {
    let mut message = BytesMut::new();
    frontend::cancel_request(key.0, key.1, &mut message);
    while message.has_remaining() {
        stream.write_buf(&mut message).await?;
    }
    stream.flush().await?;
    stream.shutdown().await?;
    // the server closes the connection once it has sent the signal
    let _ = stream.read_u8().await;
    Ok(())
}
