//! Numbers that keep their value. In Rust, integers of 64 bits and doubles are numbers, and any other is its text.
//! Browsers and scripts hold numbers as doubles, so they get integers beyond 2^53 as text: nobody calculates with less.
use serde_json::{Number, Value};
use std::borrow::Cow;

/// Up to this, every integer is exact as a double.
pub const EXACT: u64 = 1 << 53;
/// Decimal digits that every double preserves.
const DIGITS: usize = 15;
/// Decimal digits that distinguish each double from all others.
const NOISY: usize = 17;
/// This many equal digits before the last ones are no coincidence.
const SETTLED: usize = 6;
/// Nobody measures or counts in smaller fractions: amounts have at most nine decimals.
const FINE: usize = 10;
/// The maximum number of digits to compare: no program writes more.
const MOST: usize = 60;

/// Returns the number that `text` is in JSON's syntax, or `text` itself if no number holds it. `None` for anything else.
pub fn number(text: &str) -> Option<Value> {
    let parts = DecimalParts::of(text).filter(DecimalParts::is_json)?;
    if !is_exact(text, &parts, &|_, _| true) {
        return Some(text.into());
    }
    let whole = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    whole.or_else(|| Number::from_f64(text.parse().ok()?)).map(Value::Number)
}

/// Returns whether browsers have this number as its text, because a double would change it.
pub fn is_text_in_browsers(text: &str) -> bool {
    let value = number(text).map(|mut value| {
        text_beyond_doubles(&mut value);
        value
    });
    value.is_some_and(|value| value.is_string())
}

/// Returns whether two values are equal, numbers by their exact values: 5 and 5.0 are equal.
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (integer(one), integer(other)) {
            (None, None) => one.as_f64() == other.as_f64(),
            (one, other) => one == other,
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(name, one): (&String, &Value)| other.get(name).is_some_and(|other| is_same(one, other));
            one.len() == other.len() && one.iter().all(has)
        }
        (one, other) => one == other,
    }
}

/// Returns the same text for numbers with the same value, such as `1` and `1.0`, and other texts as they are.
pub fn canonical(text: &str) -> Cow<'_, str> {
    let Some(Value::Number(found)) = number(text) else { return text.into() };
    integer(&found).map_or_else(|| found.to_string(), |whole| whole.to_string()).into()
}

/// Returns the value of an integer, also of one that is written as a double. `None` if it is far beyond 64 bits.
fn integer(number: &Number) -> Option<i128> {
    const FAR: f64 = 1e30;
    let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    #[allow(clippy::cast_possible_truncation)] // it is whole, and `i128` holds it
    exact.or_else(|| {
        number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < FAR).map(|value| value as i128)
    })
}

/// Replaces every number of a JSON text that neither 64 bits nor a double hold by its text. What is not valid JSON stays
/// invalid.
pub fn exact(text: &[u8]) -> Cow<'_, [u8]> {
    replaced(text, |_, _| true)
}

/// Replaces integers beyond 2^53, too.
pub fn exact_for_browsers(text: &[u8]) -> Cow<'_, [u8]> {
    replaced(text, |_, whole| whole.unsigned_abs() <= u128::from(EXACT))
}

/// Replaces integers beyond 2^53 in `value` by their text.
pub fn text_beyond_doubles(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            if size.is_some_and(|size| size > EXACT) {
                *value = Value::String(number.to_string());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(text_beyond_doubles),
        Value::Object(fields) => fields.values_mut().for_each(text_beyond_doubles),
        _ => {}
    }
}

/// [`exact`] for a text that is kept as text.
pub fn exact_text(text: String) -> String {
    let changed = match exact(text.as_bytes()) {
        // digits and quotes are UTF-8
        Cow::Owned(changed) => String::from_utf8(changed).ok(),
        Cow::Borrowed(_) => None,
    };
    changed.unwrap_or(text)
}

/// [`exact_for_browsers`] for the values that a script sees: an integer that a script made is the double that it was.
pub fn exact_for_scripts(text: &[u8]) -> Cow<'_, [u8]> {
    #[allow(clippy::cast_precision_loss)] // that is the question
    replaced(text, |digits, whole| (whole as f64).to_string() == digits)
}

/// `keeps_integer` tells whether an integer of 64 bits stays a number.
fn replaced(text: &[u8], keeps_integer: impl Fn(&str, i128) -> bool) -> Cow<'_, [u8]> {
    if !has_long_number(text) && !has_small_exponent(text) {
        return Cow::Borrowed(text);
    }
    let (mut changed, mut copied, mut at) = (Vec::new(), 0, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at = after_string(text, at),
            b'-' | b'0'..=b'9' => {
                let end = at + text[at..].iter().take_while(|byte| is_part_of_number(**byte)).count();
                if changes(&text[at..end], &keeps_integer) {
                    changed.extend_from_slice(&text[copied..at]);
                    changed.push(b'"');
                    changed.extend_from_slice(&text[at..end]);
                    changed.push(b'"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    changed.extend_from_slice(&text[copied..]);
    Cow::Owned(changed)
}

/// Whether this number becomes text.
fn changes(number: &[u8], keeps_integer: &impl Fn(&str, i128) -> bool) -> bool {
    if number.len() <= DIGITS && !has_small_exponent(number) {
        return false;
    }
    let text = str::from_utf8(number).unwrap_or_default();
    let parts = DecimalParts::of(text).filter(DecimalParts::is_json);
    parts.is_some_and(|parts| !is_exact(text, &parts, keeps_integer))
}

fn is_exact(text: &str, parts: &DecimalParts<'_>, keeps_integer: &impl Fn(&str, i128) -> bool) -> bool {
    if parts.fraction.is_none() && parts.exponent.is_none() {
        let range = i128::from(i64::MIN)..=i128::from(u64::MAX);
        return text.parse().is_ok_and(|whole| range.contains(&whole) && keeps_integer(text, whole));
    }
    text.parse().is_ok_and(|value| parts.reads_back(value))
}

/// Whether there is a run of digits that is longer than every double preserves, be it within a string. Such a run covers
/// one of the places that are looked at.
fn has_long_number(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    (DIGITS..text.len()).step_by(DIGITS + 1).any(|at| {
        let (before, after) = text.split_at(at);
        let run =
            |bytes: &mut dyn Iterator<Item = &u8>| bytes.take(DIGITS + 1).take_while(|byte| is_digit(byte)).count();
        is_digit(&text[at]) && run(&mut before.iter().rev()) + run(&mut after.iter()) > DIGITS
    })
}

/// Whether there is an exponent with which a double may become zero, be it within a string. One that is too large for
/// doubles is refused by the parser.
fn has_small_exponent(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'e', b'E', text).any(|at| {
        let digits = text[at + 1..].strip_prefix(b"-").map(|exponent| exponent.iter().take(3));
        digits.is_some_and(|digits| digits.filter(|byte| byte.is_ascii_digit()).count() == 3)
    })
}

const fn is_part_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Returns where the string ends that begins at `at`.
fn after_string(text: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    loop {
        match text.get(at) {
            None => return text.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// The parts of a plain decimal number.
pub struct DecimalParts<'a> {
    pub whole: &'a str,
    pub fraction: Option<&'a str>,
    pub exponent: Option<&'a str>,
}

impl<'a> DecimalParts<'a> {
    pub fn of(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
        let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
        let fits = are_digits(whole)
            && fraction.is_none_or(are_digits)
            && exponent.is_none_or(|exponent| are_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)));
        fits.then_some(Self { whole, fraction, exponent })
    }

    /// Whether JSON allows its leading zeros.
    fn is_json(&self) -> bool {
        self.whole.len() == 1 || !self.whole.starts_with('0')
    }

    /// Whether the value has the same significant digits when written with as many of them, or with as few as possible.
    pub fn reads_back(&self, value: f64) -> bool {
        let digits = self.whole.bytes().chain(self.fraction.unwrap_or_default().bytes());
        let digits: Vec<u8> = digits.skip_while(|digit| *digit == b'0').collect();
        if digits.is_empty() {
            return true;
        }
        if !value.is_finite() || digits.len() > MOST {
            return false;
        }
        if digits.len() <= DIGITS && value.is_normal() {
            return true;
        }
        let is_it = |again: &str| {
            let mantissa = again.split('e').next().unwrap_or_default();
            mantissa.bytes().filter(|byte| *byte != b'.').eq(digits.iter().copied())
        };
        // the shortest text of a number halfway between two may be rounded the other way
        is_it(&format!("{:.*e}", digits.len() - 1, value.abs()))
            || is_it(&format!("{:e}", value.abs()))
            || is_noisy(self.fraction.unwrap_or_default(), digits.len())
    }
}

pub fn are_digits(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a fraction is that of a shorter number after a calculation, as in `48.858370000000004`: zeros or nines up to
/// the last digits of a double, followed by what rounding left.
fn is_noisy(fraction: &str, digits: usize) -> bool {
    let Some(kept) = (fraction.len() + DIGITS).checked_sub(digits).and_then(|kept| fraction.get(..kept)) else {
        return false;
    };
    let ends_with = |digit: char| {
        let shorter = kept.trim_end_matches(digit);
        !shorter.is_empty() && kept.len() - shorter.len() >= SETTLED
    };
    digits <= NOISY && fraction.len() >= FINE && (ends_with('0') || ends_with('9'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{exact, exact_for_scripts, is_text_in_browsers, number};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn changed(text: &str) -> String {
        String::from_utf8(exact(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn numbers_that_nothing_holds_become_text() {
        for number in [
            "18446744073709551616",
            "-9223372036854775809",
            "1e-400",
            "-2e-324",
            "1.23456e-320",
            "0.5e-0400",
            "123456789012345678901234567890",
            "1.00000000000000000001",
            "0.1234567890123456789",
            "12345678901234567.5",
            "9007199254740993.0",
            "100000000.00000002",
            "-99999999.999999998",
            "12345678.500000003",
            "123456789.1234567891e5",
        ] {
            assert_eq!(changed(number), format!("\"{number}\""));
            assert_eq!(super::number(number), Some(Value::from(number)));
            let text = format!("{{\"a\": [1,{number} ,2.5], \"{number}\":\"\\\"{number}\"}}");
            assert_eq!(changed(&text), text.replacen(number, &format!("\"{number}\""), 1));
        }
    }

    #[test]
    fn other_numbers_and_what_is_no_json_stay() {
        for text in [
            "9007199254740993",
            "-9223372036854775808",
            "18446744073709551615",
            "48.858370000000004",
            "0.30000000000000004",
            "1e300",
            "1.5e-300",
            "5e-324",
            "0e-999",
            "1e400",
            "0.1",
            "0.1000000000000000055511151231257827",
            "100000000000000000000e-5",
            "00009007199254740993",
            "9007199254740993.",
            "1234567890123456789-1",
            "[18446744073709551616",
            "\"18446744073709551616",
            "\"\\",
            "{\"4111111111111111\": \"4111 1111 1111 1111 9007199254740993\"}",
        ] {
            let expected = if text.starts_with('[') { "[\"18446744073709551616\"" } else { text };
            assert_eq!(changed(text), expected);
        }
        for (text, value) in [("12", json!(12)), ("-1.50", json!(-1.5)), ("1e3", json!(1000.0))] {
            assert_eq!(number(text), Some(value));
        }
        for text in ["", "007", "+1", "1.", ".5", "NaN", "1e", "1 "] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn browsers_have_numbers_that_a_double_would_change_as_text() {
        for (text, expected) in [
            ("9007199254740993", true),
            ("-9007199254740993", true),
            ("18446744073709551615", true),
            ("18446744073709551616", true),
            ("0.1234567890123456789", true),
            ("9007199254740992", false),
            ("-9007199254740992", false),
            ("5", false),
            ("0.5", false),
            ("1e300", false),
            ("", false),
            ("09007199254740993", false),
            ("9007199254740993 ", false),
            ("many", false),
        ] {
            assert_eq!(is_text_in_browsers(text), expected, "{text}");
        }
    }

    #[test]
    fn a_script_gets_back_the_integers_that_it_made() {
        for (text, expected) in [
            ("[1764482830470000000]", "[1764482830470000000]"),
            ("[9007199254740993]", "[\"9007199254740993\"]"),
            ("[1152921504606846976]", "[\"1152921504606846976\"]"),
            ("[1152921504606847000]", "[1152921504606847000]"),
        ] {
            assert_eq!(exact_for_scripts(text.as_bytes()), expected.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn what_is_read_has_the_digits_that_were_written(whole in any::<i128>(), scale in 0_usize..30, pad in 0_usize..40) {
            let digits = whole.unsigned_abs().to_string();
            let text = match digits.len().checked_sub(scale).filter(|at| *at > 0 && scale > 0) {
                Some(at) => format!("{}.{}", &digits[..at], &digits[at..]),
                None => digits,
            };
            let json = format!("{}[{text}]", " ".repeat(pad));
            let read: Value = serde_json::from_slice(&exact(json.as_bytes())).unwrap();
            match &read[0] {
                Value::String(kept) => prop_assert_eq!(kept, &text),
                // a number has the value of its text, as far as a double tells values apart
                number => {
                    let value = number.as_f64().unwrap();
                    prop_assert_eq!(value.to_bits(), text.parse::<f64>().unwrap().to_bits());
                    prop_assert!(text.bytes().filter(u8::is_ascii_digit).count() <= 60);
                }
            }
        }

        #[test]
        fn every_double_stays_a_number(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let text = json!([value]).to_string();
                prop_assert_eq!(changed(&text), text);
            }
        }
    }
}
