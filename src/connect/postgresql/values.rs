//! Values to and from the server: arguments as text, so that the server reads them as what the statement needs; answers
//! from the binary format, exactly.
use super::{
    exact::{json, numeric},
    literal::{array as array_literal, may_be_list, quoted, text_of},
    texts,
    times::{date, interval, time, timestamp, zone},
};
use crate::connect::rows::{decimal, float, integer, short_float};
use bytes::BytesMut;
use serde_json::{Map, Value};
use std::{
    error::Error,
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
};
use tokio_postgres::types::{Format, FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

pub(super) type Problem = Box<dyn Error + Sync + Send>;

/// A bound value.
#[derive(Debug)]
pub(super) struct Argument<'a>(pub &'a Value);

impl ToSql for Argument<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        let Some(text) = text_of(kind, self.0) else { return Ok(IsNull::Yes) };
        out.extend_from_slice(text.as_bytes());
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
pub(super) struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or("the value is cut short")?;
        self.0 = rest;
        Ok(*head)
    }
    pub fn i16(&mut self) -> Result<i16, Problem> {
        self.take().map(i16::from_be_bytes)
    }
    pub fn i32(&mut self) -> Result<i32, Problem> {
        self.take().map(i32::from_be_bytes)
    }
    pub fn i64(&mut self) -> Result<i64, Problem> {
        self.take().map(i64::from_be_bytes)
    }
    /// A value with its length before it; none for null.
    pub fn sized(&mut self) -> Result<Option<&'a [u8]>, Problem> {
        let Ok(length) = usize::try_from(self.i32()?) else {
            return Ok(None);
        };
        let (head, rest) = self.0.split_at_checked(length).ok_or("the value is cut short")?;
        self.0 = rest;
        Ok(Some(head))
    }
    pub fn until_nul(&mut self) -> Result<String, Problem> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or("the value is cut short")?;
        let (head, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Ok(String::from_utf8_lossy(head).into_owned())
    }
}

fn decode(kind: &Type, raw: &[u8]) -> Result<Value, Problem> {
    let mut bytes = Bytes(raw);
    Ok(match *kind {
        Type::BOOL => (bytes.take::<1>()? != [0]).into(),
        Type::INT2 => bytes.i16()?.into(),
        Type::INT4 => bytes.i32()?.into(),
        Type::INT8 => integer(bytes.i64()?),
        Type::OID
        | Type::XID
        | Type::CID
        | Type::REGCLASS
        | Type::REGTYPE
        | Type::REGPROC
        | Type::REGPROCEDURE
        | Type::REGOPER
        | Type::REGOPERATOR
        | Type::REGCONFIG
        | Type::REGDICTIONARY
        | Type::REGNAMESPACE
        | Type::REGROLE
        | Type::REGCOLLATION => u32::from_be_bytes(bytes.take()?).into(),
        Type::XID8 => decimal(&bytes.i64()?.cast_unsigned().to_string()),
        Type::FLOAT4 => short_float(f32::from_be_bytes(bytes.take()?)),
        Type::FLOAT8 => float(f64::from_be_bytes(bytes.take()?)),
        Type::NUMERIC => numeric(&mut bytes)?,
        Type::MONEY => money(bytes.i64()?).into(),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML => {
            String::from_utf8_lossy(raw).into()
        }
        Type::CHAR => match bytes.take()? {
            [0] => "".into(),
            [byte] if byte.is_ascii() => char::from(byte).to_string().into(),
            [byte] => format!("\\{byte:03o}").into(),
        },
        Type::JSON => json(raw),
        Type::JSONB => json(raw.get(1..).unwrap_or_default()),
        Type::UUID => uuid::Uuid::from_bytes(bytes.take()?).to_string().into(),
        Type::BYTEA => format!("\\x{}", hex::encode(raw)).into(),
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
        Type::PG_LSN => format!("{:X}/{:X}", bytes.i32()?.cast_unsigned(), bytes.i32()?.cast_unsigned()).into(),
        Type::INT2_VECTOR | Type::OID_VECTOR => list(kind, &mut bytes)?.into(),
        Type::RECORD => record(&mut bytes)?,
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
        Kind::Enum(_) => Ok(String::from_utf8_lossy(raw).into()),
        _ => match (texts::text(kind, raw)?, std::str::from_utf8(raw)) {
            (Some(text), _) => Ok(text.into()),
            // the types of many extensions are their text; what is not is shown as bytes
            (None, Ok(text)) if kind.name() == "citext" || !text.chars().any(char::is_control) => Ok(text.into()),
            (None, _) => Ok(format!("\\x{}", hex::encode(raw)).into()),
        },
    }
}

fn optional(kind: &Type, raw: Option<&[u8]>) -> Result<Value, Problem> {
    raw.map_or(Ok(Value::Null), |raw| decode(kind, raw))
}

/// A list of lists for each dimension; one that does not count from 1, or whose items could be taken for a dimension,
/// is given in the server's notation.
fn array(inner: &Type, bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
    let dimensions = bytes.i32()?;
    bytes.i64()?;
    let (mut lengths, mut bounds) = (Vec::new(), String::new());
    let mut plain = dimensions < 2 || !may_be_list(inner);
    for _ in 0..dimensions.clamp(0, 6) {
        let (length, first) = (bytes.i32()?, bytes.i32()?);
        lengths.push(usize::try_from(length)?);
        plain &= first == 1;
        let _ = write!(bounds, "[{first}:{}]", i64::from(first) + i64::from(length) - 1);
    }
    if lengths.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    match level(&lengths, inner, bytes)? {
        Value::Array(items) if !plain => {
            let text = nested(lengths.len(), inner, &items);
            Ok(format!("{bounds}={text}").into())
        }
        list => Ok(list),
    }
}

/// The notation of an array of so many dimensions.
fn nested(dimensions: usize, inner: &Type, items: &[Value]) -> String {
    if dimensions < 2 {
        return array_literal(inner, items);
    }
    let rows = items.iter().map(|item| nested(dimensions - 1, inner, item.as_array().map_or(&[], Vec::as_slice)));
    format!("{{{}}}", rows.collect::<Vec<_>>().join(","))
}

/// An array that the server writes as a list of numbers.
fn list(kind: &Type, bytes: &mut Bytes<'_>) -> Result<String, Problem> {
    bytes.take::<20>()?;
    let mut numbers = Vec::new();
    while let Some(raw) = (!bytes.0.is_empty()).then(|| bytes.sized()).transpose()? {
        let inner = if *kind == Type::INT2_VECTOR { Type::INT2 } else { Type::OID };
        numbers.push(optional(&inner, raw)?.to_string());
    }
    Ok(numbers.join(" "))
}

/// A row of no declared type.
fn record(bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
    let mut object = Map::new();
    for at in 1..=bytes.i32()? {
        let kind = Type::from_oid(bytes.i32()?.cast_unsigned()).unwrap_or(Type::UNKNOWN);
        object.insert(format!("f{at}"), optional(&kind, bytes.sized()?)?);
    }
    Ok(Value::Object(object))
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
        let value = optional(inner, bytes.sized()?)?;
        let text = text_of(inner, &value).unwrap_or_default();
        let special = |c: char| c.is_whitespace() || ",()[]\"\\".contains(c);
        Ok(if text.is_empty() || text.contains(special) { quoted(&text) } else { text })
    };
    let (low, high) = (bound(8)?, bound(16)?);
    let (left, right) = (if flags & 2 != 0 { '[' } else { '(' }, if flags & 4 != 0 { ']' } else { ')' });
    Ok(format!("{left}{low},{high}{right}"))
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
