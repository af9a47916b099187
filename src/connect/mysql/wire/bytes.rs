//! Reads the protocol's numbers, texts and values without trusting their lengths.
use mysql_common::{
    Value,
    constants::{ColumnFlags, ColumnType},
    packets::Column,
};

/// A value that may be null.
pub(super) type Nullable<T> = Option<T>;

/// Reads from the front. Methods return `None` if bytes are missing.
pub(super) struct PacketReader<'b>(&'b [u8]);

impl<'b> PacketReader<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.fixed().map(u8::from_le_bytes)
    }

    pub fn short(&mut self) -> Option<u16> {
        self.fixed().map(u16::from_le_bytes)
    }

    pub fn long(&mut self) -> Option<u32> {
        self.fixed().map(u32::from_le_bytes)
    }

    /// Reads a length-encoded integer of one to nine bytes.
    pub fn number(&mut self) -> Option<u64> {
        match self.byte()? {
            first @ 0..=0xFA => Some(first.into()),
            0xFC => self.short().map(u64::from),
            0xFD => self.take(3).map(|bytes| bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))),
            0xFE => self.fixed().map(u64::from_le_bytes),
            _ => None,
        }
    }

    /// Reads a length-encoded string.
    pub fn text(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// Reads a value of a text row.
    pub fn cell(&mut self) -> Option<Nullable<&'b [u8]>> {
        if self.0.first() == Some(&0xFB) {
            self.take(1)?;
            return Some(None);
        }
        self.text().map(Some)
    }

    /// Reads a string up to a NUL or the end.
    pub fn name(&mut self) -> &'b [u8] {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(self.0.len());
        let name = &self.0[..length];
        self.0 = self.0.get(length + 1..).unwrap_or_default();
        name
    }

    pub fn rest(&self) -> &'b [u8] {
        self.0
    }

    /// Reads a value of a binary row.
    pub fn value(&mut self, column: &Column) -> Option<Value> {
        use ColumnType as T;
        let unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
        let integer = |signed: i64, plain: u64| if unsigned { Value::UInt(plain) } else { Value::Int(signed) };
        Some(match column.column_type() {
            T::MYSQL_TYPE_NULL => Value::NULL,
            T::MYSQL_TYPE_TINY => {
                self.fixed().map(|b| integer(i8::from_le_bytes(b).into(), u8::from_le_bytes(b).into()))?
            }
            T::MYSQL_TYPE_SHORT | T::MYSQL_TYPE_YEAR => {
                self.fixed().map(|b| integer(i16::from_le_bytes(b).into(), u16::from_le_bytes(b).into()))?
            }
            T::MYSQL_TYPE_LONG | T::MYSQL_TYPE_INT24 => {
                self.fixed().map(|b| integer(i32::from_le_bytes(b).into(), u32::from_le_bytes(b).into()))?
            }
            T::MYSQL_TYPE_LONGLONG => self.fixed().map(|b| integer(i64::from_le_bytes(b), u64::from_le_bytes(b)))?,
            T::MYSQL_TYPE_FLOAT => Value::Float(self.fixed().map(f32::from_le_bytes)?),
            T::MYSQL_TYPE_DOUBLE => Value::Double(self.fixed().map(f64::from_le_bytes)?),
            T::MYSQL_TYPE_DATE
            | T::MYSQL_TYPE_NEWDATE
            | T::MYSQL_TYPE_DATETIME
            | T::MYSQL_TYPE_DATETIME2
            | T::MYSQL_TYPE_TIMESTAMP
            | T::MYSQL_TYPE_TIMESTAMP2 => self.date()?,
            T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => self.time()?,
            _ => Value::Bytes(self.text()?.to_vec()),
        })
    }

    /// Reads a date, whose trailing zero fields are omitted.
    fn date(&mut self) -> Option<Value> {
        let mut part = self.part()?;
        let (year, month, day) = (part.short_or_zero(), part.byte_or_zero(), part.byte_or_zero());
        let (hour, minute, second) = (part.byte_or_zero(), part.byte_or_zero(), part.byte_or_zero());
        Some(Value::Date(year, month, day, hour, minute, second, part.long_or_zero()))
    }

    fn time(&mut self) -> Option<Value> {
        let mut part = self.part()?;
        let (negative, days) = (part.byte_or_zero() == 1, part.long_or_zero());
        let (hours, minutes, seconds) = (part.byte_or_zero(), part.byte_or_zero(), part.byte_or_zero());
        Some(Value::Time(negative, days, hours, minutes, seconds, part.long_or_zero()))
    }

    fn part(&mut self) -> Option<Self> {
        let length = self.byte()?;
        self.take(length.into()).map(Self)
    }

    fn byte_or_zero(&mut self) -> u8 {
        self.byte().unwrap_or_default()
    }

    fn short_or_zero(&mut self) -> u16 {
        self.short().unwrap_or_default()
    }

    fn long_or_zero(&mut self) -> u32 {
        self.long().unwrap_or_default()
    }
}

/// Appends a length-encoded integer of one to nine bytes.
pub(super) fn put_number(out: &mut Vec<u8>, number: u64) {
    match number {
        0..=0xFA => out.push(u8::try_from(number).unwrap_or_default()),
        0xFB..=0xFFFF => {
            out.push(0xFC);
            out.extend_from_slice(&number.to_le_bytes()[..2]);
        }
        0x1_0000..=0xFF_FFFF => {
            out.push(0xFD);
            out.extend_from_slice(&number.to_le_bytes()[..3]);
        }
        _ => {
            out.push(0xFE);
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
}

pub(super) fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
