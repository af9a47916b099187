//! Decodes the values of a result, from the binary format where it is supported, else as the server's text.
pub(super) mod bytes;
mod exact;
pub(super) mod forms;
mod literal;
mod texts;
mod times;
pub(super) mod types;

use self::bytes::{DecodeProblem, ValueBytes};
use super::wire::WireFormat;
use crate::connect::rows::{decimal, float, integer, json, short_float};
use exact::{money, numeric};
use forms::is_exact;
use literal::{array as array_literal, base, items, may_be_list, quoted, text_of};
use postgres_types::{Field, Kind, Type};
use serde_json::{Map, Value};
use std::{
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
};
use times::{date, interval, time, timestamp, zone};
use types::KnownTypes;

/// The maximum nesting of values, such as rows in arrays in rows.
const DEPTH: usize = 64;
/// The maximum number of array dimensions in `PostgreSQL`.
const DIMENSIONS: i32 = 6;

/// Decodes the values of a result.
#[derive(Clone, Copy)]
pub(super) struct ValueDecoder<'a> {
    pub types: &'a KnownTypes,
    /// The number of decimal places of `money` values.
    pub cents: Option<u8>,
}

impl ValueDecoder<'_> {
    pub fn read(&self, kind: &Type, format: WireFormat, raw: Option<&[u8]>) -> Result<Value, DecodeProblem> {
        match (format, raw) {
            (_, None) => Ok(Value::Null),
            (WireFormat::Binary, Some(raw)) => self.binary(kind, raw, DEPTH),
            (WireFormat::Text, Some(raw)) => self.text(kind, raw),
        }
    }

    /// Returns the server's text; the text of an array becomes a list of strings.
    fn text(&self, kind: &Type, raw: &[u8]) -> Result<Value, DecodeProblem> {
        let text = std::str::from_utf8(raw).map_err(|_| DecodeProblem::NotText)?;
        let items = match base(kind).kind() {
            Kind::Array(inner) if self.types.has_commas(inner) => items(text),
            _ if *kind == Type::RECORD_ARRAY => items(text),
            _ => None,
        };
        Ok(items.unwrap_or_else(|| text.into()))
    }

    /// `depth` is the number of levels that may still follow.
    fn binary(&self, kind: &Type, raw: &[u8], depth: usize) -> Result<Value, DecodeProblem> {
        let depth = depth.checked_sub(1).ok_or("the value is nested too deeply")?;
        let mut bytes = ValueBytes(raw);
        Ok(match *kind {
            Type::BOOL => (bytes.take::<1>()? != [0]).into(),
            Type::INT2 => bytes.i16()?.into(),
            Type::INT4 => bytes.i32()?.into(),
            Type::INT8 => integer(bytes.i64()?),
            Type::OID | Type::XID | Type::CID => u32::from_be_bytes(bytes.take()?).into(),
            Type::XID8 => decimal(&bytes.i64()?.cast_unsigned().to_string()),
            Type::FLOAT4 => short_float(f32::from_be_bytes(bytes.take()?)),
            Type::FLOAT8 => float(f64::from_be_bytes(bytes.take()?)),
            Type::NUMERIC => numeric(&mut bytes)?,
            Type::MONEY => money(bytes.i64()?, self.cents.ok_or(DecodeProblem::Money)?),
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::XML | Type::REFCURSOR => {
                characters(raw)?
            }
            Type::CHAR => match bytes.take()? {
                [0] => "".into(),
                [byte] if byte.is_ascii() => char::from(byte).to_string().into(),
                [byte] => format!("\\{byte:03o}").into(),
            },
            Type::JSON => json(raw).ok_or(DecodeProblem::NotText)?,
            Type::JSONB => match raw.split_first() {
                Some((1, text)) => json(text).ok_or(DecodeProblem::NotText)?,
                _ => return Err(DecodeProblem::Textual),
            },
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
            Type::INT2_VECTOR | Type::OID_VECTOR => self.list(kind, &mut bytes)?.into(),
            Type::RECORD => self.record(&mut bytes, depth)?,
            // its `Kind` is not `Array`
            Type::RECORD_ARRAY => self.array(&Type::RECORD, &mut bytes, depth)?,
            Type::VOID => Value::Null,
            _ => return self.compound(kind, raw, depth),
        })
    }

    fn compound(&self, kind: &Type, raw: &[u8], depth: usize) -> Result<Value, DecodeProblem> {
        let mut bytes = ValueBytes(raw);
        match kind.kind() {
            Kind::Domain(inner) => self.binary(inner, raw, depth),
            Kind::Array(inner) => self.array(inner, &mut bytes, depth),
            Kind::Range(inner) => self.range(inner, &mut bytes, depth).map(Value::from),
            Kind::Multirange(inner) => {
                let inner = match inner.kind() {
                    Kind::Range(element) => element,
                    _ => inner,
                };
                let mut ranges = Vec::new();
                for _ in 0..bytes.i32()? {
                    ranges.push(self.range(inner, &mut ValueBytes(bytes.sized()?.unwrap_or_default()), depth)?);
                }
                Ok(format!("{{{}}}", ranges.join(",")).into())
            }
            Kind::Composite(fields) => self.composite(fields, &mut bytes, depth),
            Kind::Enum(_) => characters(raw),
            _ => texts::text(kind, raw)?.map(Value::from).ok_or(DecodeProblem::Textual),
        }
    }

    /// The binary form repeats the number and types of the fields: if they differ from the known ones, the type has
    /// changed.
    fn composite(&self, fields: &[Field], bytes: &mut ValueBytes<'_>, depth: usize) -> Result<Value, DecodeProblem> {
        if usize::try_from(bytes.i32()?) != Ok(fields.len()) {
            return Err(DecodeProblem::Stale);
        }
        let mut object = Map::new();
        for field in fields {
            if bytes.i32()?.cast_unsigned() != field.type_().oid() {
                return Err(DecodeProblem::Stale);
            }
            object.insert(field.name().to_owned(), self.optional(field.type_(), bytes.sized()?, depth)?);
        }
        Ok(Value::Object(object))
    }

    fn optional(&self, kind: &Type, raw: Option<&[u8]>, depth: usize) -> Result<Value, DecodeProblem> {
        raw.map_or(Ok(Value::Null), |raw| self.binary(kind, raw, depth))
    }

    /// Decodes an array as nested lists. An array with other lower bounds than 1, or whose items could be mistaken for
    /// a dimension, is returned in the server's notation.
    fn array(&self, inner: &Type, bytes: &mut ValueBytes<'_>, depth: usize) -> Result<Value, DecodeProblem> {
        let dimensions = bytes.i32()?;
        bytes.i64()?;
        if !(0..=DIMENSIONS).contains(&dimensions) {
            return Err("the array has too many dimensions".into());
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
        // each item takes at least the 4 bytes of its length; an empty array has no dimensions
        let items = lengths.iter().try_fold(1, |items: usize, length| items.checked_mul(*length));
        if items.is_none_or(|items| items == 0 || items > bytes.0.len() / 4) {
            return Err("the array is shorter than its number of items requires".into());
        }
        match self.level(&lengths, inner, bytes, depth)? {
            Value::Array(items) if !plain => {
                let text = nested(lengths.len(), inner, &items);
                Ok(format!("{bounds}={text}").into())
            }
            list => Ok(list),
        }
    }

    /// Decodes a vector, which the server writes as numbers separated by spaces.
    fn list(&self, kind: &Type, bytes: &mut ValueBytes<'_>) -> Result<String, DecodeProblem> {
        bytes.take::<20>()?;
        let mut numbers = Vec::new();
        while let Some(raw) = (!bytes.0.is_empty()).then(|| bytes.sized()).transpose()? {
            let inner = if *kind == Type::INT2_VECTOR { Type::INT2 } else { Type::OID };
            numbers.push(self.optional(&inner, raw, 1)?.to_string());
        }
        Ok(numbers.join(" "))
    }

    /// Decodes a row without a declared type.
    fn record(&self, bytes: &mut ValueBytes<'_>, depth: usize) -> Result<Value, DecodeProblem> {
        let mut object = Map::new();
        for at in 1..=bytes.i32()? {
            let oid = bytes.i32()?.cast_unsigned();
            let kind = self.types.get(oid).ok_or(DecodeProblem::Unknown(oid))?;
            if !is_exact(&kind, true) {
                return Err(DecodeProblem::Textual);
            }
            object.insert(format!("f{at}"), self.optional(&kind, bytes.sized()?, depth)?);
        }
        Ok(Value::Object(object))
    }

    fn level(
        &self,
        lengths: &[usize],
        inner: &Type,
        bytes: &mut ValueBytes<'_>,
        depth: usize,
    ) -> Result<Value, DecodeProblem> {
        match lengths.split_first() {
            None => self.optional(inner, bytes.sized()?, depth),
            Some((length, rest)) => (0..*length).map(|_| self.level(rest, inner, bytes, depth)).collect(),
        }
    }

    fn range(&self, inner: &Type, bytes: &mut ValueBytes<'_>, depth: usize) -> Result<String, DecodeProblem> {
        let [flags] = bytes.take()?;
        if flags & 1 != 0 {
            return Ok("empty".to_owned());
        }
        let mut bound = |open: u8| -> Result<String, DecodeProblem> {
            if flags & open != 0 {
                return Ok(String::new());
            }
            let value = self.optional(inner, bytes.sized()?, depth)?;
            let text = text_of(inner, &value).unwrap_or_default();
            let special = |c: char| c.is_whitespace() || ",()[]\"\\".contains(c);
            Ok(if text.is_empty() || text.contains(special) { quoted(&text) } else { text })
        };
        let (low, high) = (bound(8)?, bound(16)?);
        let (left, right) = (if flags & 2 != 0 { '[' } else { '(' }, if flags & 4 != 0 { ']' } else { ')' });
        Ok(format!("{left}{low},{high}{right}"))
    }
}

fn characters(raw: &[u8]) -> Result<Value, DecodeProblem> {
    std::str::from_utf8(raw).map(Value::from).map_err(|_| DecodeProblem::NotText)
}

/// Formats an array with this number of dimensions in the server's notation.
fn nested(dimensions: usize, inner: &Type, items: &[Value]) -> String {
    if dimensions < 2 {
        return array_literal(inner, items);
    }
    let rows = items.iter().map(|item| nested(dimensions - 1, inner, item.as_array().map_or(&[], Vec::as_slice)));
    format!("{{{}}}", rows.collect::<Vec<_>>().join(","))
}

fn address(raw: &[u8]) -> Result<String, DecodeProblem> {
    let mut bytes = ValueBytes(raw);
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
    use super::types::KnownTypes;
    use super::{DEPTH, DecodeProblem, ValueDecoder};
    use postgres_types::Type;
    use proptest::prelude::*;
    use serde_json::Value;

    fn decode(kind: &Type, raw: &[u8], _: usize) -> Result<Value, DecodeProblem> {
        ValueDecoder { types: &KnownTypes::default(), cents: Some(2) }.binary(kind, raw, DEPTH)
    }

    fn words(words: &[i32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn lengths_from_a_hostile_server_are_checked_against_the_bytes() {
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
    fn nested_rows_are_refused_before_the_stack_overflows() {
        const RECORD: i32 = 2249;
        let mut raw = words(&[0]);
        for _ in 0..100_000 {
            let length = i32::try_from(raw.len()).unwrap();
            raw = [words(&[1, RECORD, length]), raw].concat();
            if raw.len() > 12 * 5000 {
                break;
            }
        }
        assert!(decode(&Type::RECORD, &raw, DEPTH).unwrap_err() == "the value is nested too deeply".into());
    }

    proptest! {
        #[test]
        fn decoding_arbitrary_bytes_stays_bounded(
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
