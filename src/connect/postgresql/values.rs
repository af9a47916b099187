//! Values to and from the server: arguments as text, so that the server reads them as what the statement needs; answers
//! from the binary format, exactly.
use super::times::{date, interval, time, timestamp, zone};
use crate::connect::rows::{decimal, float, integer, short_float};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::BytesMut;
use serde_json::{Map, Value};
use std::{
    error::Error,
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
};
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

type Problem = Box<dyn Error + Sync + Send>;

/// A bound value.
#[derive(Debug)]
pub(super) struct Argument<'a>(pub &'a Value);

impl ToSql for Argument<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::String(text) => out.extend_from_slice(text.as_bytes()),
            other => out.extend_from_slice(other.to_string().as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// An answered value.
pub(super) struct Cell(pub Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Problem> {
        decode(kind, raw).map(Self)
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problem> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The bytes of a value, read from the front.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("the value is cut short")?;
        self.0 = rest;
        Ok(*head)
    }
    fn i16(&mut self) -> Result<i16, Problem> {
        self.take().map(i16::from_be_bytes)
    }
    fn i32(&mut self) -> Result<i32, Problem> {
        self.take().map(i32::from_be_bytes)
    }
    fn i64(&mut self) -> Result<i64, Problem> {
        self.take().map(i64::from_be_bytes)
    }
    /// A value with its length before it; none for null.
    fn sized(&mut self) -> Result<Option<&'a [u8]>, Problem> {
        let Ok(length) = usize::try_from(self.i32()?) else {
            return Ok(None);
        };
        let (head, rest) = self.0.split_at_checked(length).ok_or("the value is cut short")?;
        self.0 = rest;
        Ok(Some(head))
    }
}

fn decode(kind: &Type, raw: &[u8]) -> Result<Value, Problem> {
    let mut bytes = Bytes(raw);
    Ok(match *kind {
        Type::BOOL => (bytes.take::<1>()? != [0]).into(),
        Type::INT2 => bytes.i16()?.into(),
        Type::INT4 => bytes.i32()?.into(),
        Type::INT8 => integer(bytes.i64()?),
        Type::OID | Type::XID | Type::CID | Type::REGCLASS | Type::REGTYPE | Type::REGPROC => {
            u32::from_be_bytes(bytes.take()?).into()
        }
        Type::FLOAT4 => short_float(f32::from_be_bytes(bytes.take()?)),
        Type::FLOAT8 => float(f64::from_be_bytes(bytes.take()?)),
        Type::NUMERIC => numeric(&mut bytes)?,
        Type::MONEY => money(bytes.i64()?).into(),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML => {
            String::from_utf8_lossy(raw).into()
        }
        Type::CHAR => char::from(bytes.take::<1>()?[0]).to_string().into(),
        Type::JSON => json(raw),
        Type::JSONB => json(raw.get(1..).unwrap_or_default()),
        Type::UUID => uuid::Uuid::from_bytes(bytes.take()?).to_string().into(),
        Type::BYTEA => BASE64.encode(raw).into(),
        Type::DATE => date(bytes.i32()?).into(),
        Type::TIME => time(bytes.i64()?).into(),
        Type::TIMETZ => format!("{}{}", time(bytes.i64()?), zone(bytes.i32()?)).into(),
        Type::TIMESTAMP => timestamp(bytes.i64()?, "").into(),
        Type::TIMESTAMPTZ => timestamp(bytes.i64()?, "Z").into(),
        Type::INTERVAL => interval(bytes.i64()?, bytes.i32()?, bytes.i32()?).into(),
        Type::INET | Type::CIDR => address(raw)?.into(),
        Type::MACADDR | Type::MACADDR8 => {
            raw.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":").into()
        }
        Type::BIT | Type::VARBIT => bits(bytes.i32()?, bytes.0).into(),
        Type::POINT => format!("({},{})", f64::from_be_bytes(bytes.take()?), f64::from_be_bytes(bytes.take()?)).into(),
        Type::PG_LSN => format!("{:X}/{:X}", bytes.i32()?.cast_unsigned(), bytes.i32()?.cast_unsigned()).into(),
        Type::VOID => Value::Null,
        _ => return compound(kind, raw),
    })
}

fn compound(kind: &Type, raw: &[u8]) -> Result<Value, Problem> {
    let mut bytes = Bytes(raw);
    match kind.kind() {
        Kind::Domain(inner) => decode(inner, raw),
        Kind::Array(inner) => array(inner, &mut bytes),
        Kind::Range(inner) => range(inner, &mut bytes).map(Value::from),
        Kind::Multirange(inner) => {
            let inner = match inner.kind() {
                Kind::Range(element) => element,
                _ => inner,
            };
            let mut ranges = Vec::new();
            for _ in 0..bytes.i32()? {
                ranges.push(range(inner, &mut Bytes(bytes.sized()?.unwrap_or_default()))?);
            }
            Ok(format!("{{{}}}", ranges.join(",")).into())
        }
        Kind::Composite(fields) => {
            let mut object = Map::new();
            bytes.i32()?;
            for field in fields {
                bytes.i32()?;
                object.insert(field.name().to_owned(), optional(field.type_(), bytes.sized()?)?);
            }
            Ok(Value::Object(object))
        }
        // enums are their text; so are the types of many extensions, and what is not is shown as bytes
        _ => match std::str::from_utf8(raw) {
            Ok(text) if !text.chars().any(char::is_control) => Ok(text.into()),
            _ => Ok(format!("\\x{}", hex::encode(raw)).into()),
        },
    }
}

fn optional(kind: &Type, raw: Option<&[u8]>) -> Result<Value, Problem> {
    raw.map_or(Ok(Value::Null), |raw| decode(kind, raw))
}

fn array(inner: &Type, bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
    let dimensions = bytes.i32()?;
    bytes.i64()?;
    let mut lengths = Vec::new();
    for _ in 0..dimensions.clamp(0, 6) {
        lengths.push(usize::try_from(bytes.i32()?)?);
        bytes.i32()?;
    }
    if lengths.is_empty() { Ok(Value::Array(Vec::new())) } else { level(&lengths, inner, bytes) }
}

fn level(lengths: &[usize], inner: &Type, bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
    match lengths.split_first() {
        None => optional(inner, bytes.sized()?),
        Some((length, rest)) => (0..*length).map(|_| level(rest, inner, bytes)).collect(),
    }
}

fn range(inner: &Type, bytes: &mut Bytes<'_>) -> Result<String, Problem> {
    let [flags] = bytes.take()?;
    if flags & 1 != 0 {
        return Ok("empty".to_owned());
    }
    let mut bound = |open: u8| -> Result<String, Problem> {
        if flags & open != 0 {
            return Ok(String::new());
        }
        Ok(match optional(inner, bytes.sized()?)? {
            Value::String(text) => text,
            other => other.to_string(),
        })
    };
    let (low, high) = (bound(8)?, bound(16)?);
    let (left, right) = (if flags & 2 != 0 { '[' } else { '(' }, if flags & 4 != 0 { ']' } else { ')' });
    Ok(format!("{left}{low},{high}{right}"))
}

fn json(raw: &[u8]) -> Value {
    serde_json::from_slice(raw).unwrap_or_else(|_| String::from_utf8_lossy(raw).into())
}

fn numeric(bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
    let (count, weight, sign, scale) = (bytes.i16()?, bytes.i16()?, bytes.i16()?.cast_unsigned(), bytes.i16()?);
    match sign {
        0xC000 => return Ok("NaN".into()),
        0xD000 => return Ok("Infinity".into()),
        0xF000 => return Ok("-Infinity".into()),
        _ => {}
    }
    let mut groups = Vec::new();
    for _ in 0..count {
        groups.push(bytes.i16()?);
    }
    let group = |i: i32| usize::try_from(i).ok().and_then(|i| groups.get(i)).copied().unwrap_or(0);
    let written = |range: std::ops::RangeInclusive<i32>| {
        range.fold(String::new(), |mut text, i| {
            let _ = write!(text, "{:04}", group(i));
            text
        })
    };
    let weight = i32::from(weight);
    let mut text = String::from(if sign == 0x4000 { "-" } else { "" });
    let whole = written(0..=weight);
    let whole = whole.trim_start_matches('0');
    text.push_str(if whole.is_empty() { "0" } else { whole });
    let scale = usize::try_from(scale)?;
    if scale > 0 {
        let groups = i32::try_from(scale.div_ceil(4))?;
        let fraction = written(weight + 1..=weight + groups);
        let _ = write!(text, ".{}", fraction.get(..scale).unwrap_or(&fraction));
    }
    Ok(decimal(&text))
}

fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn address(raw: &[u8]) -> Result<String, Problem> {
    let mut bytes = Bytes(raw);
    let [family, prefix, is_network, _] = bytes.take()?;
    let (text, whole) = if family == 2 {
        (Ipv4Addr::from(bytes.take::<4>()?).to_string(), 32)
    } else {
        (Ipv6Addr::from(bytes.take::<16>()?).to_string(), 128)
    };
    Ok(if prefix == whole && is_network == 0 { text } else { format!("{text}/{prefix}") })
}

fn bits(count: i32, bytes: &[u8]) -> String {
    let all = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| if byte >> bit & 1 == 1 { '1' } else { '0' }));
    all.take(usize::try_from(count).unwrap_or(0)).collect()
}
