//! Numbers of any size, compared digit by digit: 64-bit identifiers do not fit into a double.
use serde_json::Value;
use std::cmp::Ordering;

/// A number as its digits, normalized: equal numbers have equal fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DecimalNumber {
    is_negative: bool,
    /// Without leading or trailing zeros. Empty for zero.
    digits: Vec<u8>,
    /// The position of the decimal point: the value is `0.digits × 10^point`.
    point: i64,
}

impl DecimalNumber {
    /// Parses a JSON number, or a string with one. A string may also start with a plus sign or zeros.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => Self::parse(&number.to_string()),
            Value::String(text) => Self::parse(text.trim()),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { is_negative: false, digits, point: 0 });
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self { is_negative: text.starts_with('-'), digits, point: point.saturating_add(exponent) })
    }

    /// Compares the absolute values.
    fn size(&self, other: &Self) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
            (is_zero, other_is_zero) => other_is_zero.cmp(&is_zero),
        }
    }
}

/// Parses an exponent. Clamps exponents that are too large.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX / 2);
    Some(if text.starts_with('-') { -size } else { size })
}

impl Ord for DecimalNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => other.size(self),
        }
    }
}

impl PartialOrd for DecimalNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::DecimalNumber;
    use proptest::prelude::*;
    use std::cmp::Ordering::{Equal, Greater, Less};

    fn compare(left: &str, right: &str) -> Option<std::cmp::Ordering> {
        Some(DecimalNumber::parse(left)?.cmp(&DecimalNumber::parse(right)?))
    }

    #[test]
    fn numbers_are_compared_digit_by_digit() {
        for (left, right, order) in [
            ("9007199254740993", "9007199254740992", Greater),
            ("5", "5.0", Equal),
            ("0.1", ".10", Equal),
            ("1e3", "1000", Equal),
            ("12e-1", "1.2", Equal),
            ("-0", "0.000", Equal),
            ("-1", "0", Less),
            ("-2", "-1", Less),
            ("0", "0.0001", Less),
            ("+007", "7", Equal),
            ("99999999999999999999999999999999", "1e32", Less),
            ("1e99999999999999999999", "1e308", Greater),
            ("1e-99999999999999999999", "0", Greater),
        ] {
            assert_eq!(compare(left, right), Some(order), "{left} {right}");
            assert_eq!(compare(right, left), Some(order.reverse()), "{right} {left}");
        }
    }

    #[test]
    fn other_text_is_not_a_number() {
        for text in ["", "-", ".", "e5", "1e", "nan", "NaN", "inf", "Infinity", "0x10", "1_000", "1 000", "--1", "１"]
        {
            assert_eq!(DecimalNumber::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn doubles_keep_their_order(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(left.is_finite() && right.is_finite());
            prop_assert_eq!(compare(&left.to_string(), &right.to_string()), left.partial_cmp(&right));
            prop_assert_eq!(compare(&format!("{left:e}"), &left.to_string()), Some(Equal));
        }

        #[test]
        fn integers_are_ordered_exactly(left in any::<i128>(), near in -2i128..3) {
            let right = left.saturating_add(near);
            prop_assert_eq!(compare(&left.to_string(), &right.to_string()), Some(left.cmp(&right)));
        }
    }
}
