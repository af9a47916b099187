//! Numbers as text. A text counts as a number only if the number, written with as many digits, gives the same text
//! again.
use crate::json::number::{DecimalParts, are_digits};
use std::borrow::Cow;

pub use crate::json::number::EXACT;

/// How a file writes its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numerals {
    /// `.` or `,`.
    pub decimal: char,
    /// The separator between groups of three digits, if there is one.
    pub thousands: Option<char>,
}

impl Default for Numerals {
    fn default() -> Self {
        Self { decimal: '.', thousands: None }
    }
}

/// A number, and how it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i64),
    Real { value: f64, spelling: Spelling },
}

/// How many decimal places a number was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// This many, ending with a zero that the number does not need, as in `9.50`.
    Padded(usize),
    /// This many, and no more than the number needs. `10.0` has one: programs write whole numbers like this.
    Shortest(usize),
    /// With an exponent.
    Scientific,
}

/// Parses text as a number, unless the number would be written differently: `007`, `+49`, ` 5`, `12E3` and `-0` are
/// text.
pub fn written(text: &str, numerals: Numerals) -> Option<Number> {
    let plain = plain(text, numerals)?;
    let parts = DecimalParts::of(&plain)?;
    if parts.whole.len() > 1 && parts.whole.starts_with('0') {
        return None;
    }
    match (parts.fraction, parts.exponent) {
        (None, None) if plain == "-0" => None,
        // `1e-05` is how programs write a number; `12E3` may be a code
        (None, Some(exponent)) if parts.whole.len() > 1 || !exponent.starts_with(['+', '-']) => None,
        _ => number(&plain, &parts),
    }
}

/// Parses the text of a column that is declared as numeric: spaces around it, a plus sign and leading zeros are
/// allowed, too. The value must still be exact.
pub fn declared(text: &str, numerals: Numerals) -> Option<Number> {
    let bare = text.trim();
    let plain = plain(bare.strip_prefix('+').unwrap_or(bare), numerals)?;
    number(&plain, &DecimalParts::of(&plain)?)
}

/// Parses a number from a format that has numbers, such as JSON. Returns `None` if it cannot be represented exactly.
pub fn believed(text: &str) -> Option<Number> {
    number(text, &DecimalParts::of(text)?)
}

/// Returns all digits of a number, with a decimal point. Written as loosely as in [`declared`], it may have any number of
/// digits.
pub fn decimal(text: &str, numerals: Numerals) -> Option<String> {
    let bare = text.trim();
    let plain = plain(bare.strip_prefix('+').unwrap_or(bare), numerals)?;
    DecimalParts::of(&plain)?;
    Some(plain.into_owned())
}

fn number(plain: &str, parts: &DecimalParts<'_>) -> Option<Number> {
    if parts.fraction.is_none() && parts.exponent.is_none() && plain != "-0" {
        return plain.parse().ok().map(Number::Integer);
    }
    let value: f64 = plain.parse().ok()?;
    let spelling = match (parts.fraction, parts.exponent) {
        (Some(fraction), None) if fraction.ends_with('0') && fraction.len() > 1 => Spelling::Padded(fraction.len()),
        (Some(fraction), None) => Spelling::Shortest(fraction.len()),
        _ => Spelling::Scientific,
    };
    parts.reads_back(value).then_some(Number::Real { value, spelling })
}

/// Returns the text with a decimal point, and without thousands separators.
fn plain(text: &str, numerals: Numerals) -> Option<Cow<'_, str>> {
    if numerals == Numerals::default() {
        return Some(text.into());
    }
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = match unsigned.split_once(numerals.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let whole = match numerals.thousands.filter(|mark| whole.contains(|c| is_mark(c, *mark))) {
        Some(mark) => grouped(whole, mark)?,
        None => whole.to_owned(),
    };
    // a stray decimal sign is rejected here, anything else when the parts are parsed
    let fraction = match fraction {
        Some(fraction) if fraction.contains(['.', ',']) => return None,
        Some(fraction) => format!(".{fraction}"),
        None if whole.contains(['.', ',']) => return None,
        None => String::new(),
    };
    Some(format!("{sign}{whole}{fraction}").into())
}

/// Non-breaking spaces and typographic apostrophes count as the plain characters.
fn is_mark(character: char, mark: char) -> bool {
    character == mark || mark == ' ' && "\u{a0}\u{202f}".contains(character) || mark == '\'' && character == '\u{2019}'
}

/// Returns `1.234.567` without its separators: the first group has one to three digits, the others have three.
fn grouped(whole: &str, mark: char) -> Option<String> {
    let mut groups = whole.split(|c| is_mark(c, mark));
    let first = groups.next().filter(|first| are_digits(first) && first.len() <= 3 && !first.starts_with('0'))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || !are_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Number, Numerals, Spelling, decimal, declared, written};
    use proptest::prelude::*;

    fn plainly(text: &str) -> Option<Number> {
        written(text, Numerals::default())
    }

    #[test]
    fn text_that_would_change_as_a_number_stays_text() {
        let texts = "007|-0|+49|1,234|12E3|12e3|12E-3|0x1F|1.|.5|1_000|9223372036854775808|0.1234567890123456789|\
                     1.5e999|1.5e-999|NaN|inf|1.5e|--1|1.2.3|١٢| 5|5 ||-|9007199254740993.0|00.5";
        for text in texts.split('|') {
            assert_eq!(plainly(text), None, "{text}");
        }
    }

    #[test]
    fn long_decimals_are_numbers_if_a_double_represents_them() {
        let real = |text: &str| match plainly(text) {
            Some(Number::Real { value, .. }) => value,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(real("48.858370000000004").to_bits(), "48.858370000000004".parse::<f64>().unwrap().to_bits());
        for text in
            ["0.30000000000000004", "0.10000000000000001", "1.000000000000000056e-01", "5e-324", "1e-05", "1e+16"]
        {
            assert_eq!(real(text).to_bits(), text.parse::<f64>().unwrap().to_bits());
        }
        // these would become slightly different numbers
        for text in ["12345678901234.567", "100000000000.00001", "0.12345678901234567"] {
            assert_eq!(plainly(text), None, "{text}");
        }
        assert_eq!(plainly("9.50"), Some(Number::Real { value: 9.5, spelling: Spelling::Padded(2) }));
        assert_eq!(plainly("10.0"), Some(Number::Real { value: 10.0, spelling: Spelling::Shortest(1) }));
    }

    #[test]
    fn separators_of_other_countries_are_accepted_if_declared() {
        let german = Numerals { decimal: ',', thousands: Some('.') };
        let value = |text: &str| match written(text, german) {
            Some(Number::Real { value, .. }) => Some(value.to_string()),
            Some(Number::Integer(value)) => Some(value.to_string()),
            None => None,
        };
        assert_eq!(value("1.234,56").as_deref(), Some("1234.56"));
        assert_eq!(value("-12,5").as_deref(), Some("-12.5"));
        assert_eq!(value("1.234").as_deref(), Some("1234"));
        for text in ["1.23", "12.34,5", "1,234.5", "1.2345", "0.123", "1,2,3", ".123"] {
            assert_eq!(value(text), None, "{text}");
        }
        let spaced = Numerals { decimal: ',', thousands: Some(' ') };
        assert_eq!(written("1\u{a0}234", spaced), Some(Number::Integer(1234)));
    }

    #[test]
    fn a_decimal_keeps_all_its_digits() {
        let german = Numerals { decimal: ',', thousands: Some('.') };
        let digits = |text: &str, numerals| decimal(text, numerals);
        for (text, expected) in [
            ("0.1234567890123456789", "0.1234567890123456789"),
            (" +12345678901234567890.10 ", "12345678901234567890.10"),
            ("1e-7", "1e-7"),
        ] {
            assert_eq!(digits(text, Numerals::default()).as_deref(), Some(expected));
        }
        assert_eq!(digits("1.234.567,890", german).as_deref(), Some("1234567.890"));
        for text in ["", "n/a", "1,2", "1.2.3", "--1", "0x1"] {
            assert_eq!(digits(text, Numerals::default()), None, "{text}");
        }
    }

    #[test]
    fn declared_numbers_may_be_written_loosely_but_stay_exact() {
        for (text, value) in [(" 007 ", 7), ("+49", 49)] {
            assert_eq!(declared(text, Numerals::default()), Some(Number::Integer(value)));
        }
        for text in ["0.1234567890123456789", "n/a", "", "12345678901234567890"] {
            assert_eq!(declared(text, Numerals::default()), None);
        }
    }

    proptest! {
        #[test]
        fn every_double_is_read_as_it_was_written(bits in any::<u64>(), digits in 17_usize..30) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            for text in [format!("{value:?}"), format!("{:.*e}", digits - 1, value)] {
                if let Some(Number::Real { value: read, .. }) = plainly(&text) {
                    prop_assert_eq!(read.to_bits(), value.to_bits(), "{}", text);
                } else {
                    prop_assert!(!text.contains('.') || value == 0.0 || text.contains('e'), "{}", text);
                }
            }
        }

        #[test]
        fn no_text_becomes_another_number(text in "-?[0-9]{1,22}(\\.[0-9]{1,22})?") {
            match plainly(&text) {
                Some(Number::Integer(value)) => prop_assert_eq!(value.to_string(), text),
                Some(Number::Real { value, .. }) => {
                    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
                    // the nearest number, or the other one if two are equally near
                    let (again, shortest) = (format!("{value:.decimals$}"), format!("{value:?}"));
                    prop_assert!(again == text || shortest == text, "{} becomes {}", text, shortest);
                }
                None => {}
            }
        }
    }
}
