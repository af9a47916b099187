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
        decode(kind, raw, DEPTH).map(Self)
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problem> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// How deep values may be nested in others: rows in arrays in rows.
const DEPTH: usize = 64;
/// The dimensions that an array of the server's can have.
const DIMENSIONS: i32 = 6;

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

/// `depth` is how many levels more there may be.
fn decode(kind: &Type, raw: &[u8], depth: usize) -> Result<Value, Problem> {
    let depth = depth.checked_sub(1).ok_or("the value is nested too deep")?;
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
        Type::RECORD => record(&mut bytes, depth)?,
        Type::VOID => Value::Null,
        _ => return compound(kind, raw, depth),
    })
}

fn compound(kind: &Type, raw: &[u8], depth: usize) -> Result<Value, Problem> {
    let mut bytes = Bytes(raw);
    match kind.kind() {
        Kind::Domain(inner) => decode(inner, raw, depth),
        Kind::Array(inner) => array(inner, &mut bytes, depth),
        Kind::Range(inner) => range(inner, &mut bytes, depth).map(Value::from),
        Kind::Multirange(inner) => {
            let inner = match inner.kind() {
                Kind::Range(element) => element,
                _ => inner,
            };
            let mut ranges = Vec::new();
            for _ in 0..bytes.i32()? {
                ranges.push(range(inner, &mut Bytes(bytes.sized()?.unwrap_or_default()), depth)?);
            }
            Ok(format!("{{{}}}", ranges.join(",")).into())
        }
        Kind::Composite(fields) => {
            let mut object = Map::new();
            bytes.i32()?;
            for field in fields {
                bytes.i32()?;
                object.insert(field.name().to_owned(), optional(field.type_(), bytes.sized()?, depth)?);
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

fn optional(kind: &Type, raw: Option<&[u8]>, depth: usize) -> Result<Value, Problem> {
    raw.map_or(Ok(Value::Null), |raw| decode(kind, raw, depth))
}

/// A list of lists for each dimension; one that does not count from 1, or whose items could be taken for a dimension,
/// is given in the server's notation.
fn array(inner: &Type, bytes: &mut Bytes<'_>, depth: usize) -> Result<Value, Problem> {
    let dimensions = bytes.i32()?;
    bytes.i64()?;
    if !(0..=DIMENSIONS).contains(&dimensions) {
        return Err("the array has more dimensions than a server knows".into());
    }
    let (mut lengths, mut bounds) = (Vec::new(), String::new());
    let mut plain = dimensions < 2 || !may_be_list(inner);
    for _ in 0..dimensions {
        let (length, first) = (bytes.i32()?, bytes.i32()?);
        lengths.push(usize::try_from(length)?);
        plain &= first == 1;
        let _ = write!(bounds, "[{first}:{}]", i64::from(first) + i64::from(length) - 1);
    }
    if lengths.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    // each item has at least its length; an array of no items has no dimensions
    let items = lengths.iter().try_fold(1, |items: usize, length| items.checked_mul(*length));
    if items.is_none_or(|items| items == 0 || items > bytes.0.len() / 4) {
        return Err("the array has more items than there are bytes".into());
    }
    match level(&lengths, inner, bytes, depth)? {
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
        numbers.push(optional(&inner, raw, 1)?.to_string());
    }
    Ok(numbers.join(" "))
}

/// A row of no declared type.
fn record(bytes: &mut Bytes<'_>, depth: usize) -> Result<Value, Problem> {
    let mut object = Map::new();
    for at in 1..=bytes.i32()? {
        let kind = Type::from_oid(bytes.i32()?.cast_unsigned()).unwrap_or(Type::UNKNOWN);
        object.insert(format!("f{at}"), optional(&kind, bytes.sized()?, depth)?);
    }
    Ok(Value::Object(object))
}

fn level(lengths: &[usize], inner: &Type, bytes: &mut Bytes<'_>, depth: usize) -> Result<Value, Problem> {
    match lengths.split_first() {
        None => optional(inner, bytes.sized()?, depth),
        Some((length, rest)) => (0..*length).map(|_| level(rest, inner, bytes, depth)).collect(),
    }
}

fn range(inner: &Type, bytes: &mut Bytes<'_>, depth: usize) -> Result<String, Problem> {
    let [flags] = bytes.take()?;
    if flags & 1 != 0 {
        return Ok("empty".to_owned());
    }
    let mut bound = |open: u8| -> Result<String, Problem> {
        if flags & open != 0 {
            return Ok(String::new());
        }
        let value = optional(inner, bytes.sized()?, depth)?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{DEPTH, decode};
    use proptest::prelude::*;
    use tokio_postgres::types::Type;

    fn words(words: &[i32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn no_length_of_a_hostile_server_is_believed_beyond_its_bytes() {
        const INT4: i32 = 23;
        for raw in [
            words(&[2, 0, INT4, i32::MAX, 1, 0, 1]),
            words(&[1, 0, INT4, i32::MAX, 1]),
            words(&[1, 0, INT4, 0, 1]),
            words(&[6, 0, INT4, 1000, 1, 1000, 1, 1000, 1, 1000, 1, 1000, 1, 1000, 1]),
            words(&[2, 0, INT4, i32::MAX, 1, i32::MAX, 1, -1, -1]),
            words(&[7, 0, INT4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1]),
            words(&[-1, 0, INT4]),
            words(&[1, 0, INT4, -5, 1]),
        ] {
            assert!(decode(&Type::INT4_ARRAY, &raw, DEPTH).is_err(), "{raw:?}");
        }
        for (kind, raw) in [
            (Type::RECORD, words(&[i32::MAX])),
            (Type::INT4MULTI_RANGE, words(&[i32::MAX])),
            (Type::POLYGON, words(&[i32::MAX])),
            (Type::TS_VECTOR, words(&[i32::MAX])),
            (Type::TXID_SNAPSHOT, words(&[i32::MAX, 0, 0, 0, 0])),
            (Type::NUMERIC, words(&[0x7FFF_7FFF, 0])),
            (Type::TEXT_ARRAY, words(&[1, 0, 25, 1, 1, i32::MAX])),
        ] {
            assert!(decode(&kind, &raw, DEPTH).is_err(), "{kind}");
        }
        let bits = decode(&Type::VARBIT, &words(&[i32::MAX, 0]), DEPTH).unwrap();
        assert_eq!(bits.as_str().map(str::len), Some(32));
        let wide = decode(&Type::NUMERIC, &words(&[0x7FFF, 0x7FFF]), DEPTH).unwrap();
        assert!(wide.to_string().len() < 200_000);
    }

    #[test]
    fn rows_in_rows_end_before_the_stack_does() {
        const RECORD: i32 = 2249;
        let mut raw = words(&[0]);
        for _ in 0..100_000 {
            let length = i32::try_from(raw.len()).unwrap();
            raw = [words(&[1, RECORD, length]), raw].concat();
            if raw.len() > 12 * 5000 {
                break;
            }
        }
        assert!(decode(&Type::RECORD, &raw, DEPTH).unwrap_err().to_string().contains("nested too deep"));
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_server_make_more_than_they_are(
            raw in prop::collection::vec(any::<u8>(), 0..200),
            kind in prop::sample::select(vec![
                Type::INT4_ARRAY, Type::TEXT_ARRAY, Type::RECORD, Type::RECORD_ARRAY, Type::NUM_RANGE, Type::NUMERIC,
                Type::INT4MULTI_RANGE, Type::TS_VECTOR, Type::TSQUERY, Type::POLYGON, Type::PATH, Type::INT2_VECTOR,
                Type::INTERVAL, Type::INET, Type::VARBIT, Type::JSONB, Type::TIMESTAMPTZ, Type::TID,
            ]),
        ) {
            if let Ok(value) = decode(&kind, &raw, DEPTH) {
                prop_assert!(value.to_string().len() < 300_000);
            }
        }
    }
}
