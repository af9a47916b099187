//! Converts decimals and money without loss.
use super::bytes::{DecodeProblem, ValueBytes};
use crate::connect::rows::decimal;
use serde_json::Value;
use std::fmt::Write;

/// Decodes a `numeric`: a JSON number if that is exact, else text.
pub(super) fn numeric(bytes: &mut ValueBytes<'_>) -> Result<Value, DecodeProblem> {
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

/// Formats an amount of money with `digits` decimal places.
pub(super) fn money(units: i64, digits: u8) -> Value {
    let sign = if units < 0 { "-" } else { "" };
    let text = format!("{:01$}", units.unsigned_abs(), usize::from(digits) + 1);
    let (whole, fraction) = text.split_at(text.len() - usize::from(digits));
    let point = if digits == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}").into()
}

/// Converts a plain number to the smallest currency units; `None` if that is not exact.
pub(super) fn units(amount: &str, digits: u8) -> Option<i64> {
    let (sign, plain) = amount.strip_prefix('-').map_or(("", amount), |rest| ("-", rest));
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let short = fraction.trim_end_matches('0');
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || short.len() > usize::from(digits) {
        return None;
    }
    format!("{sign}{whole}{short:0<0$}", usize::from(digits)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{money, units};

    #[test]
    fn money_has_the_decimal_places_of_its_currency() {
        for (amount, digits, text) in [
            (123_456, 2, "1234.56"),
            (-5, 2, "-0.05"),
            (1234, 0, "1234"),
            (1, 3, "0.001"),
            (i64::MIN, 2, "-92233720368547758.08"),
        ] {
            assert_eq!(money(amount, digits), text);
            assert_eq!(units(text, digits), Some(amount), "{text}");
        }
        assert_eq!(units("12.5", 2), Some(1250));
        for text in ["1.2345", "1e3", "", "-", "$5", "92233720368547758.08", "1,5"] {
            assert_eq!(units(text, 2), None, "{text}");
        }
    }
}
