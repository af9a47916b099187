//! Numbers and JSON that survive: as JSON where that holds them exactly, as text otherwise.
use super::values::{Bytes, Problem};
use crate::{
    connect::rows::{decimal, faithful, integer},
    json::{self, Room},
};
use serde_json::Value;
use std::fmt::Write;

/// An exact decimal: a JSON number when that holds it exactly, text otherwise.
pub(super) fn numeric(bytes: &mut Bytes<'_>) -> Result<Value, Problem> {
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

/// JSON as itself. Its text instead where that says more: a string on its own, and numbers that would be rounded.
pub(super) fn json(raw: &[u8]) -> Value {
    match json::parse(raw, &Room::of(json::CELL)) {
        Ok(value) if !matches!(value, Value::String(_)) && numbers(raw).all(keeps) => value,
        _ => String::from_utf8_lossy(raw).into(),
    }
}

fn keeps(number: &str) -> bool {
    number.parse::<i64>().map_or_else(|_| faithful(number).is_some(), |whole| integer(whole).is_number())
}

/// The numbers in valid JSON.
fn numbers(raw: &[u8]) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let pieces = raw.split(move |byte| {
        let inside = quoted;
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        inside || !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
    });
    let numeric = |piece: &&str| piece.contains(|c: char| c.is_ascii_digit());
    pieces.filter_map(|piece| std::str::from_utf8(piece).ok()).filter(numeric)
}

#[cfg(test)]
mod tests {
    use super::json;
    use serde_json::Value;

    #[test]
    fn json_that_would_be_rounded_is_text() {
        for text in [r#"{"a":[1,2.5,"9007199254740993 \" 1e999"],"b":true}"#, "1e300", "false", "[]"] {
            assert_eq!(json(text.as_bytes()), serde_json::from_str::<Value>(text).unwrap_or_default());
        }
        for text in [r#"{"a":9007199254740993}"#, "[0.1234567890123456789]", "1e999", "\"text\""] {
            assert_eq!(json(text.as_bytes()), Value::from(text));
        }
    }
}
