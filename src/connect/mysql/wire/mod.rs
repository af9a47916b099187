//! The wire protocol: packets of bounded size. Memory is only allocated for bytes received, not for announced lengths.
mod answers;
mod bytes;
mod start;

pub(super) use answers::{ResultHead, values};
pub(super) use start::MysqlLogin;

use self::answers::PreparedStatement;
use self::bytes::{PacketReader, lossy};
use crate::{Error, budget::Hold, connect::network::tls::Stream};
use ::bytes::{Bytes, BytesMut};
use mysql_common::constants::StatusFlags;
use std::{collections::VecDeque, io, sync::Arc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The maximum size of a row; somewhat more than a result may contain.
const ROW: usize = 40 << 20;
/// The maximum size of a packet that is not a row: an error, a column's description, a step of authentication.
const WORD: usize = 64 << 10;
/// The maximum size of a piece of a packet.
const PIECE: usize = 0xFF_FFFF;
/// The number of bytes to read at once.
const CHUNK: usize = 16 << 10;

/// Why an exchange failed.
#[derive(Debug)]
pub(in crate::connect::mysql) enum MysqlFault {
    /// The server returned an error; an open connection is still usable.
    Refused(MysqlError),
    /// The connection is not usable any more.
    Broken(io::Error),
    /// TLS failed, or the server does not offer it.
    Tls(io::Error),
    /// Authentication failed on our side, for example because the method is not supported.
    Authentication(String),
    /// The server requests a local file.
    Infile,
    /// A row exceeds the maximum size.
    TooLarge,
    /// The memory budget is exhausted.
    Ours(Error),
    /// The response violates the protocol or a limit.
    Garbled(String),
}

impl From<io::Error> for MysqlFault {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// An error response of the server.
#[derive(Clone, Debug)]
pub(in crate::connect::mysql) struct MysqlError {
    pub code: u16,
    /// SQLSTATE.
    pub state: String,
    pub message: String,
}

/// A connection that handles one exchange at a time.
pub(in crate::connect::mysql) struct MysqlWire {
    stream: Box<dyn Stream>,
    incoming: BytesMut,
    /// The number of the next packet in this exchange.
    sequence: u8,
    /// Whether results end with an OK packet, and no EOF packet follows the descriptions (`CLIENT_DEPRECATE_EOF`).
    short_ends: bool,
    /// The server's id of this connection.
    pub id: u32,
    /// The last status flags of the server.
    pub status: StatusFlags,
    pub warnings: u16,
    /// Set while a response is pending: a connection that is abandoned then cannot be reused.
    busy: bool,
    prepared: VecDeque<Arc<PreparedStatement>>,
}

impl MysqlWire {
    fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            incoming: BytesMut::with_capacity(CHUNK),
            sequence: 0,
            short_ends: false,
            id: 0,
            status: StatusFlags::empty(),
            warnings: 0,
            busy: false,
            prepared: VecDeque::new(),
        }
    }

    /// Returns whether the connection is usable and has no pending response.
    pub fn is_ready(&self) -> bool {
        !self.busy
    }

    /// Sends a command, which starts an exchange.
    async fn command(&mut self, code: u8, body: &[u8]) -> Result<(), MysqlFault> {
        self.busy = true;
        self.sequence = 0;
        let mut packet = Vec::with_capacity(body.len() + 1);
        packet.push(code);
        packet.extend_from_slice(body);
        self.write(&packet).await
    }

    async fn write(&mut self, packet: &[u8]) -> Result<(), MysqlFault> {
        let mut out = Vec::with_capacity(packet.len() + 4);
        // a packet whose last piece is full ends with an empty piece
        for start in (0..=packet.len()).step_by(PIECE) {
            let piece = &packet[start..packet.len().min(start + PIECE)];
            out.extend_from_slice(&u32::try_from(piece.len()).unwrap_or_default().to_le_bytes()[..3]);
            out.push(self.sequence);
            out.extend_from_slice(piece);
            self.sequence = self.sequence.wrapping_add(1);
        }
        self.stream.write_all(&out).await?;
        Ok(self.stream.flush().await?)
    }

    /// Reads the next packet, of at most `most` bytes; a larger one is [`MysqlFault::TooLarge`].
    async fn read(&mut self, most: usize, hold: Option<&Hold>) -> Result<Bytes, MysqlFault> {
        let mut whole: Option<BytesMut> = None;
        let mut counted = Counted { hold, bytes: 0 };
        loop {
            self.fill(4, &mut counted).await?;
            let header = self.incoming.split_to(4);
            let length = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
            if header[3] != self.sequence {
                return Err(MysqlFault::Garbled("its packets are out of order".to_owned()));
            }
            self.sequence = self.sequence.wrapping_add(1);
            if length + whole.as_ref().map_or(0, BytesMut::len) > most {
                return Err(MysqlFault::TooLarge);
            }
            self.fill(length, &mut counted).await?;
            let piece = self.incoming.split_to(length);
            match &mut whole {
                Some(whole) => whole.extend_from_slice(&piece),
                None if length < PIECE => return Ok(piece.freeze()),
                None => whole = Some(piece),
            }
            if length < PIECE {
                return Ok(whole.unwrap_or_default().freeze());
            }
        }
    }

    /// Reads until `count` bytes are available. The buffer grows with the received bytes, not with the announced
    /// length.
    async fn fill(&mut self, count: usize, counted: &mut Counted<'_>) -> Result<(), MysqlFault> {
        while self.incoming.len() < count {
            counted.step(count.saturating_sub(WORD).min(self.incoming.len()))?;
            self.incoming.reserve(CHUNK);
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        Ok(())
    }

    /// Reads a packet that is not a row.
    async fn word(&mut self) -> Result<Bytes, MysqlFault> {
        self.read(WORD, None).await.map_err(|fault| match fault {
            MysqlFault::TooLarge => MysqlFault::Garbled(format!("a packet exceeds {WORD} bytes")),
            other => other,
        })
    }

    /// Ends the exchange with an OK packet. Returns the number of changed rows.
    fn done(&mut self, packet: &[u8]) -> Result<u64, MysqlFault> {
        let mut reader = PacketReader::new(packet.get(1..).unwrap_or_default());
        let read = (|| {
            let affected = reader.number()?;
            reader.number()?;
            Some((affected, reader.short()?, reader.short()?))
        })();
        let (affected, status, warnings) = read.ok_or_else(garbled)?;
        self.set_status(status, warnings);
        Ok(affected)
    }

    /// Applies a setting. Returns false if the server does not know it: databases that only use the protocol lack some
    /// settings.
    pub async fn ask_if_known(&mut self, setting: &str) -> Result<bool, MysqlFault> {
        /// Syntax error, unknown variable, not supported, wrong scope.
        const LACKING: &[u16] = &[1064, 1193, 1235, 1238];
        match self.ask(&format!("set {setting}")).await {
            Err(MysqlFault::Refused(refused)) if LACKING.contains(&refused.code) => Ok(false),
            outcome => outcome.map(|_| true),
        }
    }

    /// Stores the server's status; the exchange ends unless more results follow.
    fn set_status(&mut self, status: u16, warnings: u16) {
        self.status = StatusFlags::from_bits_truncate(status);
        self.warnings = warnings;
        self.busy = self.more();
    }

    /// Returns whether another result follows.
    pub fn more(&self) -> bool {
        self.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
    }

    /// Ends the exchange with an error response.
    fn refused(&mut self, packet: &[u8]) -> MysqlFault {
        self.busy = false;
        self.status.remove(StatusFlags::SERVER_MORE_RESULTS_EXISTS);
        let code = packet.get(1..3).map_or(0, |code| u16::from_le_bytes([code[0], code[1]]));
        let text = packet.get(3..).unwrap_or_default();
        let (state, message) = match text {
            [b'#', rest @ ..] if rest.len() >= 5 => (lossy(&rest[..5]), &rest[5..]),
            text => ("HY000".to_owned(), text),
        };
        MysqlFault::Refused(MysqlError { code, state, message: lossy(message) })
    }
}

/// Counts the memory of a packet while it is received.
struct Counted<'h> {
    hold: Option<&'h Hold>,
    bytes: usize,
}

impl Counted<'_> {
    /// Counts the bytes received so far.
    fn step(&mut self, bytes: usize) -> Result<(), MysqlFault> {
        if let Some(hold) = self.hold
            && bytes > self.bytes
        {
            hold.grow(bytes - self.bytes).map_err(MysqlFault::Ours)?;
            self.bytes = bytes;
        }
        Ok(())
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.hold.inspect(|hold| hold.shrink(self.bytes));
    }
}

fn garbled() -> MysqlFault {
    MysqlFault::Garbled("it does not follow the MySQL protocol".to_owned())
}
