//! Counts the memory that a response will take while it is read: a short response may contain millions of values.
use crate::{Error, json::Room};
use redis::Value as Answer;
use serde_json::Value;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, ReadBuf};

/// The memory of one value, as a protocol value and as JSON, in lists with up to twice the needed capacity.
const EACH: usize = 2 * (size_of::<Answer>() + size_of::<Value>());
/// The minimum number of bytes to take from the budget at once.
const STEP: usize = 64 << 10;

pub(super) struct MeteredReader<'r, R> {
    input: R,
    room: &'r Room,
    place: ParserState,
    used: usize,
    taken: usize,
    /// Why reading stopped.
    refused: Option<Error>,
}

/// The parser's state at the next byte.
enum ParserState {
    /// At the type byte of a value.
    Kind,
    /// In a line of this type, with the digits of its number so far.
    Line { kind: u8, number: usize },
    /// In a string with this many bytes left.
    Text(usize),
}

impl<'r, R> MeteredReader<'r, R> {
    pub fn new(input: R, room: &'r Room) -> Self {
        Self { input, room, place: ParserState::Kind, used: 0, taken: 0, refused: None }
    }

    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Returns the error for which reading stopped.
    pub fn refused(&mut self) -> Error {
        self.refused.take().unwrap_or_else(|| Error::unreachable("the response could not be read"))
    }

    fn observe(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            bytes = rest;
            match &mut self.place {
                ParserState::Kind => self.place = ParserState::Line { kind: *first, number: 0 },
                ParserState::Line { kind, number } => match first {
                    b'0'..=b'9' => *number = number.saturating_mul(10).saturating_add(usize::from(first - b'0')),
                    b'\n' => {
                        self.used += EACH;
                        let is_text = matches!(kind, b'$' | b'=' | b'!') && *number > 0;
                        self.place =
                            if is_text { ParserState::Text(number.saturating_add(2)) } else { ParserState::Kind };
                    }
                    _ => self.used += 1,
                },
                ParserState::Text(left) => {
                    let passed = (*left - 1).min(rest.len());
                    bytes = &rest[passed..];
                    self.used += passed + 1;
                    *left -= passed + 1;
                    if *left == 0 {
                        self.place = ParserState::Kind;
                    }
                }
            }
        }
    }

    fn count(&mut self) -> Result<(), Error> {
        if self.used > self.room.bytes {
            let most = self.room.bytes >> 20;
            let why = format!("the result has too many values: they would take more than {most} MiB of memory");
            return Err(Error::datasource(why));
        }
        if let Some(hold) = self.room.hold.as_ref().filter(|_| self.used > self.taken) {
            let more = (self.used - self.taken).max(self.taken.min(STEP));
            hold.grow(more)?;
            self.taken += more;
        }
        Ok(())
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for MeteredReader<'_, R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.input).poll_read(cx, into);
        if let Poll::Ready(Ok(())) = &polled {
            self.observe(&into.filled()[before..]);
            if let Err(refused) = self.count() {
                self.refused = Some(refused);
                return Poll::Ready(Err(io::Error::other("refused")));
            }
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::{EACH, MeteredReader};
    use crate::json::Room;

    fn used(pieces: &[&[u8]]) -> usize {
        let room = Room::of(1 << 20);
        let mut metered = MeteredReader::new(tokio::io::empty(), &room);
        for piece in pieces {
            metered.observe(piece);
        }
        metered.used / EACH
    }

    #[test]
    fn values_are_counted_but_not_lines_within_strings() {
        assert_eq!(used(&[b"*3\r\n:1\r\n:2\r\n:3\r\n"]), 4);
        assert_eq!(used(&[b"*2\r\n$6\r\n\n:1\n:2\r\n$-1\r\n"]), 3);
        assert_eq!(used(&[b"*2\r", b"\n$", b"1", b"0\r\n0123", b"456\n", b"89\r", b"\n+a", b"\r\n"]), 3);
        assert_eq!(used(&[b"$0\r\n\r\n:1\r\n"]), 3, "an empty string ends with an extra line");
    }
}
