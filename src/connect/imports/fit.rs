//! Checks whether a column can hold a value without changing it, where databases would change it silently.
use super::ImportColumn;
use crate::{
    connect::{imports::ImportType, sql::SqlDialect},
    json::number::DecimalParts,
};
use serde_json::Value;

/// The number of decimal places of seconds that databases keep at most.
const FRACTION: usize = 6;

/// What a column can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// The most decimal places of a number.
    decimals: Option<usize>,
    /// The most decimal places of seconds.
    fraction: Option<usize>,
    /// Whether numbers have 32 bits.
    is_single: bool,
    /// Whether it holds dates without a time.
    is_date: bool,
    /// Whether a moment must have a time zone, or must not have one.
    zoned: Option<bool>,
}

impl Fit {
    pub fn of(dialect: SqlDialect, column: &ImportColumn) -> Self {
        let declared = column.declared.as_str();
        let (name, rest) = declared.split_once('(').unwrap_or((declared, ""));
        let mut numbers = rest.split(')').next().unwrap_or_default().split(',').map(|part| part.trim().parse().ok());
        let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
        let name = name.split(' ').next().unwrap_or_default();
        let mut fit = Self::default();
        if dialect == SqlDialect::Sqlite {
            return fit;
        }
        match name {
            "numeric" | "decimal" if first.is_some() => fit.decimals = Some(second.unwrap_or(0)),
            "real" | "float4" => fit.is_single = true,
            "float" => fit.is_single = dialect == SqlDialect::Mysql,
            "date" => fit.is_date = true,
            "time" | "timetz" | "datetime" | "timestamp" | "timestamptz" => {
                let usual = if dialect == SqlDialect::Mysql { 0 } else { FRACTION };
                fit.fraction = Some(first.unwrap_or(usual));
                if dialect == SqlDialect::Postgresql && name.starts_with("timestamp") {
                    fit.zoned = Some(name == "timestamptz" || declared.ends_with(" with time zone"));
                }
            }
            _ => {}
        }
        if column.kind == ImportType::Datetime && fit.fraction.is_some() {
            fit.zoned = fit.zoned.or(Some(false));
        }
        fit
    }

    /// Checks a value.
    ///
    /// # Errors
    /// Why the column cannot hold it, as the predicate of a sentence.
    pub fn check(self, value: &Value) -> Result<(), String> {
        let text = match value {
            Value::String(text) => text.as_str(),
            Value::Number(number) if self.decimals.is_some() || self.is_single => {
                return self.number(&number.to_string());
            }
            _ => return Ok(()),
        };
        if self.decimals.is_some() || self.is_single {
            return self.number(text);
        }
        if self.is_date && text.len() > 10 {
            return Err("has a time of day, which a date does not have".to_owned());
        }
        let fraction = text.split_once('.').map_or(0, |(_, rest)| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest[..digits].trim_end_matches('0').len()
        });
        if self.fraction.is_some_and(|most| fraction > most) {
            let most = self.fraction.unwrap_or_default();
            return Err(format!("has {fraction} decimal places of seconds: the column keeps {most}"));
        }
        match self.zoned {
            Some(true) if !is_zoned(text) => Err("has no time zone, which the column requires".to_owned()),
            Some(false) if is_zoned(text) => Err("has a time zone, which the column does not keep".to_owned()),
            _ => Ok(()),
        }
    }

    fn number(self, text: &str) -> Result<(), String> {
        if self.is_single {
            #[allow(clippy::cast_possible_truncation)] // that is the question
            let exact = text.parse::<f64>().is_ok_and(|value| (value as f32).to_string() == value.to_string());
            return if exact { Ok(()) } else { Err("has more digits than the column keeps".to_owned()) };
        }
        let Some(most) = self.decimals else { return Ok(()) };
        let Some(parts) = DecimalParts::of(text) else { return Ok(()) };
        let exponent = parts.exponent.and_then(|digits| digits.parse::<i64>().ok()).unwrap_or_default();
        let digits = parts.fraction.unwrap_or_default().trim_end_matches('0').len();
        let decimals = i64::try_from(digits).unwrap_or(i64::MAX).saturating_sub(exponent);
        if decimals > i64::try_from(most).unwrap_or(i64::MAX) {
            return Err(format!("has {decimals} decimal places: the column keeps {most}"));
        }
        Ok(())
    }
}

/// Returns whether the text of a moment ends with a time zone.
fn is_zoned(text: &str) -> bool {
    text.get(10..).is_some_and(|time| time.ends_with(['Z', 'z']) || time.contains(['+', '-']))
}

#[cfg(test)]
mod tests {
    use super::{Fit, ImportColumn, ImportType, SqlDialect};
    use serde_json::{Value, json};

    fn fits(dialect: SqlDialect, declared: &str, kind: ImportType, value: &Value) -> bool {
        let column =
            ImportColumn { name: "a".to_owned(), kind, nullable: true, decimals: None, declared: declared.to_owned() };
        Fit::of(dialect, &column).check(value).is_ok()
    }

    #[test]
    fn a_value_fits_only_if_the_column_keeps_all_of_it() {
        use ImportType as T;
        use SqlDialect::{Mysql, Postgresql, Sqlite};
        for (dialect, declared, kind, value, expected) in [
            (Postgresql, "numeric(10,2)", T::Decimal, json!("1.50"), true),
            (Postgresql, "numeric(10,2)", T::Decimal, json!("1.500"), true),
            (Postgresql, "numeric(10,2)", T::Decimal, json!("1.505"), false),
            (Postgresql, "numeric(10,2)", T::Real, json!(1.505), false),
            (Postgresql, "numeric", T::Decimal, json!("1.505"), true),
            (Mysql, "decimal(10,0) unsigned", T::Real, json!(0.5), false),
            (Mysql, "decimal(20,8)", T::Real, json!(1e-8), true),
            (Mysql, "decimal(20,8)", T::Real, json!(1e-9), false),
            (Mysql, "float", T::Real, json!(0.5), true),
            (Postgresql, "real", T::Real, json!(0.123_456_789), false),
            (Postgresql, "double precision", T::Real, json!(0.123_456_789), true),
            (Postgresql, "date", T::Datetime, json!("2026-01-31T10:00:00"), false),
            (Postgresql, "date", T::Date, json!("2026-01-31"), true),
            (Postgresql, "timestamp", T::Datetime, json!("2026-01-31T10:00:00.123456"), true),
            (Postgresql, "timestamp", T::Datetime, json!("2026-01-31T10:00:00.1234567"), false),
            (Postgresql, "timestamp(0) without time zone", T::Datetime, json!("2026-01-31T10:00:00.5"), false),
            (Postgresql, "timestamp without time zone", T::Datetime, json!("2026-01-31T10:00:00Z"), false),
            (Postgresql, "timestamp with time zone", T::Timestamp, json!("2026-01-31T10:00:00+02:00"), true),
            (Postgresql, "timestamptz", T::Timestamp, json!("2026-01-31T10:00:00"), false),
            (Mysql, "datetime(6)", T::Datetime, json!("2026-01-31T10:00:00Z"), false),
            (Mysql, "datetime(6)", T::Timestamp, json!("2026-01-31T10:00:00Z"), true),
            (Mysql, "datetime", T::Datetime, json!("2026-01-31T10:00:00.5"), false),
            (Sqlite, "datetime", T::Datetime, json!("2026-01-31T10:00:00.123456789Z"), true),
            (Mysql, "mediumtext", T::Text, json!("1.23456789012"), true),
            (Postgresql, "timestamp", T::Datetime, Value::Null, true),
        ] {
            assert_eq!(fits(dialect, declared, kind, &value), expected, "{dialect:?} {declared} {value}");
        }
    }
}
