//! Numbers that survive: as JSON numbers where those hold them exactly, as text otherwise.
use super::values::{Bytes, Problem};
use crate::connect::rows::{float, integer};
use serde_json::Value;
use std::fmt::Write;

/// Up to here a browser's numbers hold every integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// As the server shows it: the shortest text that reads back the same.
pub(super) fn short_float(value: f32) -> Value {
    float(value.to_string().parse().unwrap_or(f64::NAN))
}

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
    Ok(exact(&text))
}

/// A number from its digits: as text when JSON's numbers do not hold it, or a browser's not every integer around it.
pub(super) fn exact(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => integer(whole),
        Err(_) => faithful(text).filter(|number| number.abs() <= EXACT).map_or_else(|| text.into(), float),
    }
}

/// The floating-point number that is written with just these digits.
fn faithful(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    (digits(&format!("{number:e}"))? == digits(text)?).then_some(number)
}

/// The digits that count, and the power of ten of the last of them.
fn digits(text: &str) -> Option<(String, i64)> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
    let short = all.trim_end_matches('0');
    let cut = i64::try_from(all.len() - short.len()).ok()?;
    let last = power.parse::<i64>().ok()?.checked_add(cut)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let short = short.trim_start_matches('0');
    Some((short.to_owned(), if short.is_empty() { 0 } else { last }))
}

/// JSON as itself. Its text instead where that says more: a string on its own, and numbers that would be rounded.
pub(super) fn json(raw: &[u8]) -> Value {
    match serde_json::from_slice(raw) {
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
    use super::{exact, json};
    use serde_json::{Value, json as value};

    #[test]
    fn a_number_is_one_only_if_nothing_is_lost() {
        for text in ["0.1", "0.30000000000000004", "-12.5", "1e-7"] {
            assert!(exact(text).is_number(), "{text}");
        }
        for text in ["0.1234567890123456789", "9007199254740993", "1e20", "12345678901234567.5", "1e999", "1e-999"] {
            assert_eq!(exact(text), Value::from(text));
        }
        assert_eq!(exact("12.50"), value!(12.5));
        assert_eq!(exact("0.00"), value!(0.0));
    }

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
