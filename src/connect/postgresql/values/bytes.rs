//! Reads the bytes of a value.
use std::num::TryFromIntError;

/// Why a value could not be read.
#[derive(Debug, PartialEq)]
pub enum DecodeProblem {
    /// The server violated its format.
    Malformed(String),
    /// The type must be looked up first.
    Unknown(u32),
    /// The type's binary form is not supported: the text form must be requested.
    Textual,
    /// The type has changed since it was looked up.
    Stale,
    /// The number of decimal places of `money` must be queried first.
    Money,
    /// The bytes are not UTF-8.
    NotText,
}

impl From<&str> for DecodeProblem {
    fn from(what: &str) -> Self {
        Self::Malformed(what.to_owned())
    }
}

impl From<TryFromIntError> for DecodeProblem {
    fn from(_: TryFromIntError) -> Self {
        "the value has an invalid length".into()
    }
}

/// The bytes of a value, read from the front.
pub(super) struct ValueBytes<'a>(pub &'a [u8]);

impl<'a> ValueBytes<'a> {
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeProblem> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("the value is truncated")?;
        self.0 = rest;
        Ok(*head)
    }
    pub fn i16(&mut self) -> Result<i16, DecodeProblem> {
        self.take().map(i16::from_be_bytes)
    }
    pub fn i32(&mut self) -> Result<i32, DecodeProblem> {
        self.take().map(i32::from_be_bytes)
    }
    pub fn i64(&mut self) -> Result<i64, DecodeProblem> {
        self.take().map(i64::from_be_bytes)
    }
    /// Reads a value with a length prefix; `None` for null.
    pub fn sized(&mut self) -> Result<Option<&'a [u8]>, DecodeProblem> {
        let Ok(length) = usize::try_from(self.i32()?) else {
            return Ok(None);
        };
        let (head, rest) = self.0.split_at_checked(length).ok_or("the value is truncated")?;
        self.0 = rest;
        Ok(Some(head))
    }
    pub fn until_nul(&mut self) -> Result<String, DecodeProblem> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or("the value is truncated")?;
        let (head, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        String::from_utf8(head.to_vec()).map_err(|_| DecodeProblem::NotText)
    }
}
