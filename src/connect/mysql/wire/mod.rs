//! The server's protocol: packets out and in, each of bounded size, and nothing kept because the server announces it.
mod answers;
mod bytes;
mod start;

pub(super) use answers::{Head, values};
pub(super) use start::Login;

use self::answers::Prepared;
use self::bytes::{Reader, lossy};
use crate::{Error, budget::Hold, connect::tls::Stream};
use ::bytes::{Bytes, BytesMut};
use mysql_common::constants::StatusFlags;
use std::{collections::VecDeque, io, sync::Arc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The largest row; somewhat more than an answer may hold.
const ROW: usize = 40 << 20;
/// The largest packet that is no row: a refusal, a column's description, a step of signing in.
const WORD: usize = 64 << 10;
/// The largest piece of a packet.
const PIECE: usize = 0xFF_FFFF;
/// How much is read at once.
const CHUNK: usize = 16 << 10;

/// Why an exchange failed.
#[derive(Debug)]
pub(in crate::connect::mysql) enum Fault {
    /// The server refused; the connection is as good as before, once it has been opened.
    Refused(Refusal),
    /// The connection is of no more use.
    Broken(io::Error),
    /// The encryption layer, or a server without one.
    Tls(io::Error),
    /// We have no way to sign in that the server takes.
    Authentication(String),
    /// The server wants a file of ours.
    Infile,
    /// A row is larger than what is taken.
    TooLarge,
    /// There is no memory for it.
    Ours(Error),
    /// What came is not in the server's protocol, or beyond its bounds.
    Garbled(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// What the server says when it refuses.
#[derive(Clone, Debug)]
pub(in crate::connect::mysql) struct Refusal {
    pub code: u16,
    /// SQLSTATE.
    pub state: String,
    pub message: String,
}

/// One connection, one exchange at a time.
pub(in crate::connect::mysql) struct Wire {
    stream: Box<dyn Stream>,
    incoming: BytesMut,
    /// The number of the next packet in this exchange.
    sequence: u8,
    /// Whether results end with a packet of their own kind, and no packet follows descriptions.
    short_ends: bool,
    /// The server's number of this connection.
    pub id: u32,
    /// What the server last said of the session.
    pub status: StatusFlags,
    pub warnings: u16,
    /// Set while an answer is on its way: a connection that is left then is of no more use.
    busy: bool,
    prepared: VecDeque<Arc<Prepared>>,
}

impl Wire {
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

    /// Whether it can be used, and no answer is still on its way.
    pub fn is_ready(&self) -> bool {
        !self.busy
    }

    /// Begins an exchange.
    async fn command(&mut self, code: u8, body: &[u8]) -> Result<(), Fault> {
        self.busy = true;
        self.sequence = 0;
        let mut packet = Vec::with_capacity(body.len() + 1);
        packet.push(code);
        packet.extend_from_slice(body);
        self.write(&packet).await
    }

    async fn write(&mut self, packet: &[u8]) -> Result<(), Fault> {
        let mut out = Vec::with_capacity(packet.len() + 4);
        // a packet of whole pieces ends with an empty one
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

    /// The next packet, of at most `most` bytes; more than that is [`Fault::TooLarge`].
    async fn read(&mut self, most: usize, hold: Option<&Hold>) -> Result<Bytes, Fault> {
        let mut whole: Option<BytesMut> = None;
        let mut counted = Counted { hold, bytes: 0 };
        loop {
            self.fill(4, &mut counted).await?;
            let header = self.incoming.split_to(4);
            let length = usize::from(header[0]) | usize::from(header[1]) << 8 | usize::from(header[2]) << 16;
            if header[3] != self.sequence {
                return Err(Fault::Garbled("its packets are out of order".to_owned()));
            }
            self.sequence = self.sequence.wrapping_add(1);
            if length + whole.as_ref().map_or(0, BytesMut::len) > most {
                return Err(Fault::TooLarge);
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

    /// Reads until so many bytes are there. Room is made as they come, whatever was announced.
    async fn fill(&mut self, count: usize, counted: &mut Counted<'_>) -> Result<(), Fault> {
        while self.incoming.len() < count {
            counted.step(count.saturating_sub(WORD).min(self.incoming.len()))?;
            self.incoming.reserve(CHUNK);
            if self.stream.read_buf(&mut self.incoming).await? == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
        }
        Ok(())
    }

    /// A packet that is no row.
    async fn word(&mut self) -> Result<Bytes, Fault> {
        self.read(WORD, None).await.map_err(|fault| match fault {
            Fault::TooLarge => Fault::Garbled(format!("it sends more than {WORD} bytes where a short answer belongs")),
            other => other,
        })
    }

    /// Ends the exchange with what the server says that it has done: rows changed.
    fn done(&mut self, packet: &[u8]) -> Result<u64, Fault> {
        let mut reader = Reader::new(packet.get(1..).unwrap_or_default());
        let read = (|| {
            let affected = reader.number()?;
            reader.number()?;
            Some((affected, reader.short()?, reader.short()?))
        })();
        let (affected, status, warnings) = read.ok_or_else(garbled)?;
        self.said(status, warnings);
        Ok(affected)
    }

    /// Sets something; false where the server does not know it. Servers that only speak the protocol have not every
    /// setting, and nothing to set then.
    pub async fn ask_if_known(&mut self, setting: &str) -> Result<bool, Fault> {
        /// An unknown variable, a syntax error, something unsupported.
        const LACKING: &[u16] = &[1064, 1193, 1235, 1238];
        match self.ask(&format!("set {setting}")).await {
            Err(Fault::Refused(refused)) if LACKING.contains(&refused.code) => Ok(false),
            outcome => outcome.map(|_| true),
        }
    }

    /// Keeps what the server says of the session; the exchange ends unless more results follow.
    fn said(&mut self, status: u16, warnings: u16) {
        self.status = StatusFlags::from_bits_truncate(status);
        self.warnings = warnings;
        self.busy = self.more();
    }

    /// Whether another result follows.
    pub fn more(&self) -> bool {
        self.status.contains(StatusFlags::SERVER_MORE_RESULTS_EXISTS)
    }

    /// Ends the exchange with a refusal.
    fn refused(&mut self, packet: &[u8]) -> Fault {
        self.busy = false;
        self.status.remove(StatusFlags::SERVER_MORE_RESULTS_EXISTS);
        let code = packet.get(1..3).map_or(0, |code| u16::from_le_bytes([code[0], code[1]]));
        let text = packet.get(3..).unwrap_or_default();
        let (state, message) = match text {
            [b'#', rest @ ..] if rest.len() >= 5 => (lossy(&rest[..5]), &rest[5..]),
            text => ("HY000".to_owned(), text),
        };
        Fault::Refused(Refusal { code, state, message: lossy(message) })
    }
}

/// What a packet takes while it arrives.
struct Counted<'h> {
    hold: Option<&'h Hold>,
    bytes: usize,
}

impl Counted<'_> {
    /// Counts a piece that is there so far, when it is a large one.
    fn step(&mut self, bytes: usize) -> Result<(), Fault> {
        if let Some(hold) = self.hold
            && bytes > self.bytes
        {
            hold.grow(bytes - self.bytes).map_err(Fault::Ours)?;
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

fn garbled() -> Fault {
    Fault::Garbled("an answer is not in the protocol of MySQL".to_owned())
}
