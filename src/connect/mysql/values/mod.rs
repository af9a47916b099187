//! Converts values to and from the binary protocol without loss.
pub(super) mod json;
mod wkb;

use crate::{
    Result,
    connect::{
        self,
        rows::{decimal, float, integer, json, not_text, short_float},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use mysql_common::{
    Value as Sql,
    constants::{ColumnFlags, ColumnType},
    packets::Column,
};
use serde_json::Value;
use std::fmt::Write;

/// The character set of binary data.
pub(super) const BINARY: u16 = 63;
/// The maximum number of fractional digits; a larger `decimals` means that the number is not fixed.
const FRACTION: u8 = 6;

/// Converts a JSON value to a bound value of the corresponding type.
pub(super) fn argument(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::NULL,
        Value::Bool(value) => Sql::Int((*value).into()),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Sql::Int(integer),
            (None, Some(integer), _) => Sql::UInt(integer),
            (None, None, float) => Sql::Double(float.unwrap_or_default()),
        },
        Value::String(text) => Sql::Bytes(text.clone().into_bytes()),
        nested => Sql::Bytes(nested.to_string().into_bytes()),
    }
}

/// Describes a column of a result with its declared type.
pub(super) fn column(column: &Column, is_json: bool) -> connect::Column {
    let declared = if is_json { "json".to_owned() } else { type_of(column) };
    connect::Column { name: column.name_str().into_owned(), r#type: declared }
}

fn type_of(column: &Column) -> String {
    use ColumnType as T;
    let flags = column.flags();
    let (binary, length) = (column.character_set() == BINARY, column.column_length());
    let number = |name: &str| {
        let unsigned = if flags.contains(ColumnFlags::UNSIGNED_FLAG) { " unsigned" } else { "" };
        format!("{name}{unsigned}")
    };
    let name = match column.column_type() {
        T::MYSQL_TYPE_TINY => return number("tinyint"),
        T::MYSQL_TYPE_SHORT => return number("smallint"),
        T::MYSQL_TYPE_INT24 => return number("mediumint"),
        T::MYSQL_TYPE_LONG => return number("int"),
        T::MYSQL_TYPE_LONGLONG => return number("bigint"),
        T::MYSQL_TYPE_FLOAT => return number("float"),
        T::MYSQL_TYPE_DOUBLE => return number("double"),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => return number("decimal"),
        T::MYSQL_TYPE_NULL => "null",
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => "timestamp",
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => "date",
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => "time",
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => "datetime",
        T::MYSQL_TYPE_YEAR => "year",
        T::MYSQL_TYPE_BIT => "bit",
        T::MYSQL_TYPE_GEOMETRY => "geometry",
        T::MYSQL_TYPE_ENUM => "enum",
        T::MYSQL_TYPE_SET => "set",
        _ if flags.contains(ColumnFlags::ENUM_FLAG) => "enum",
        _ if flags.contains(ColumnFlags::SET_FLAG) => "set",
        T::MYSQL_TYPE_STRING if binary => "binary",
        T::MYSQL_TYPE_STRING => "char",
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING if binary => "varbinary",
        T::MYSQL_TYPE_VARCHAR | T::MYSQL_TYPE_VAR_STRING => "varchar",
        _ => return sized(binary, length),
    };
    name.to_owned()
}

/// Returns the type of a text or blob column by its maximum length in bytes; text has up to four bytes per character.
fn sized(binary: bool, length: u32) -> String {
    let unit = if binary { 1 } else { 4 };
    let size = match u64::from(length) {
        length if length <= 255 * unit => "tiny",
        length if length <= 65_535 * unit => "",
        length if length <= 16_777_215 * unit => "medium",
        _ => "long",
    };
    format!("{size}{}", if binary { "blob" } else { "text" })
}

/// Converts a value of a result. `is_json` tells that text contains JSON.
///
/// # Errors
/// `Datasource` for text that is not UTF-8.
pub(super) fn decode(value: Sql, column: &Column, is_json: bool) -> Result<Value> {
    Ok(match value {
        Sql::NULL => Value::Null,
        Sql::Int(value) => integer(value),
        Sql::UInt(value) => i64::try_from(value).map_or_else(|_| value.to_string().into(), integer),
        Sql::Float(value) => short_float(value),
        Sql::Double(value) => float(value),
        Sql::Date(year, month, day, hour, minute, second, micros) => {
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if column.column_type() != ColumnType::MYSQL_TYPE_DATE {
                let _ = write!(text, "T{hour:02}:{minute:02}:{second:02}{}", fraction(micros, column));
                text.push_str(if column.column_type() == ColumnType::MYSQL_TYPE_TIMESTAMP { "Z" } else { "" });
            }
            text.into()
        }
        Sql::Time(negative, days, hours, minutes, seconds, micros) => {
            let sign = if negative { "-" } else { "" };
            let hours = u64::from(days) * 24 + u64::from(hours);
            format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(micros, column)).into()
        }
        Sql::Bytes(bytes) => return from_bytes(&bytes, column, is_json),
    })
}

fn from_bytes(bytes: &[u8], column: &Column, is_json: bool) -> Result<Value> {
    let garbled = || {
        let name = column.name_str();
        not_text(&name, &format!("select it as bytes, such as hex({name})"))
    };
    Ok(match column.column_type() {
        ColumnType::MYSQL_TYPE_DECIMAL | ColumnType::MYSQL_TYPE_NEWDECIMAL => {
            decimal(std::str::from_utf8(bytes).map_err(|_| garbled())?)
        }
        ColumnType::MYSQL_TYPE_BIT => bits(bytes, column.column_length()).into(),
        ColumnType::MYSQL_TYPE_GEOMETRY => {
            wkb::text(bytes).unwrap_or_else(|| format!("\\x{}", hex::encode(bytes))).into()
        }
        _ if is_json => json(bytes).ok_or_else(garbled)?,
        ColumnType::MYSQL_TYPE_NULL => Value::Null,
        kind if column.character_set() == BINARY && kind.is_character_type() => BASE64.encode(bytes).into(),
        _ => std::str::from_utf8(bytes).map_err(|_| garbled())?.into(),
    })
}

/// Formats the fraction of a second with the number of digits of the column, or all six if that is not fixed.
fn fraction(micros: u32, column: &Column) -> String {
    let digits = usize::from(column.decimals().min(FRACTION));
    if column.decimals() > FRACTION && micros == 0 {
        return String::new();
    }
    let all = format!("{micros:06}");
    if digits == 0 { String::new() } else { format!(".{}", &all[..digits]) }
}

/// Formats the last `count` bits.
fn bits(bytes: &[u8], count: u32) -> String {
    let all = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| if byte >> bit & 1 == 1 { '1' } else { '0' }));
    all.skip((bytes.len() * 8).saturating_sub(count as usize)).collect()
}
