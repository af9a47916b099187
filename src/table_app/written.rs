//! Dates in columns of text, or of a database without a type for dates: how their values are written.
use super::{
    fields::{AppFieldKind, is_binary},
    statements::{path, quoted},
};
use crate::connect::{ColumnInfo, SqlDialect, TableInfo};
use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;
use std::collections::HashMap;

/// How all values of a column are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrittenDate {
    /// As 2026-01-31.
    Day,
    /// As 2026-01-31 10:00, with what the fields say.
    Moment {
        /// Between the day and the time: a space, or `T`.
        separator: char,
        has_seconds: bool,
        /// The digits after the seconds; 0 if they differ.
        fraction: usize,
        /// Whether it ends with `Z`.
        is_utc: bool,
    },
}

/// What is known about the values of columns: those that were looked at, with how their dates are written. `None` for
/// values that are no dates, or written in different ways.
pub type WrittenDates = HashMap<String, Option<WrittenDate>>;

/// Returns the columns whose values tell whether they are dates: those that a database without such a type declares as
/// dates, and columns of text.
pub fn undecided(dialect: SqlDialect, table: &TableInfo) -> Vec<&ColumnInfo> {
    let may_be = |column: &&ColumnInfo| {
        let is_free = column.values.is_empty() && column.references.is_none() && column.generated.is_none();
        is_free
            && !is_binary(dialect, &column.r#type)
            && matches!(
                (dialect, AppFieldKind::of(dialect, column)),
                (SqlDialect::Sqlite, AppFieldKind::Date | AppFieldKind::DateTime)
                    | (SqlDialect::Sqlite | SqlDialect::Mysql, AppFieldKind::Text | AppFieldKind::LongText)
            )
    };
    table.columns.iter().filter(may_be).collect()
}

/// Returns how the dates of these columns are written, by some of the table's rows. A column without any value is not
/// part of it.
pub fn written_dates(columns: &[&ColumnInfo], rows: &[Value]) -> WrittenDates {
    let one = |column: &&ColumnInfo| {
        let values = rows.iter().filter_map(|row| row.get(&column.name)).filter(|value| !value.is_null());
        let mut forms = values.map(|value| value.as_str().and_then(WrittenDate::of));
        let first = forms.next()?;
        let common = first.and_then(|first| forms.try_fold(first, |common, form| common.shared(form?)));
        Some((column.name.clone(), common))
    };
    columns.iter().filter_map(one).collect()
}

/// How many rows are looked at from each end of the table.
pub const SAMPLE: usize = 500;

/// Returns the statements that read the columns of some rows: of the first, and of the last if there is a key.
pub fn sample(dialect: SqlDialect, table: &TableInfo, columns: &[&ColumnInfo]) -> Vec<String> {
    if columns.is_empty() {
        return Vec::new();
    }
    // a text that is longer than this is no date
    let read = columns.iter().map(|column| quoted(dialect, &column.name));
    let read: Vec<_> = read.map(|name| format!("substr(t.{name}, 1, 40) as {name}")).collect();
    let from = path(dialect, table.schema.as_deref(), &table.name);
    let first = format!("select {}\nfrom {from} t", read.join(", "));
    let key = table.columns.iter().filter(|column| column.primary_key);
    let key: Vec<_> = key.map(|column| format!("t.{} desc", quoted(dialect, &column.name))).collect();
    let last = (!key.is_empty()).then(|| format!("{first}\norder by {}\nlimit {SAMPLE}", key.join(", ")));
    [format!("{first}\nlimit {SAMPLE}")].into_iter().chain(last).collect()
}

impl WrittenDate {
    /// Returns how a text is written; `None` if it is no date of the ISO, or has an offset from UTC: such texts are not
    /// in the order of their times.
    fn of(text: &str) -> Option<Self> {
        let day = text.get(..10)?;
        let digits = day
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        if !digits || day.parse::<NaiveDate>().is_err() {
            return None;
        }
        let mut rest = text[10..].chars();
        let separator = match rest.next() {
            None => return Some(Self::Day),
            Some(separator @ (' ' | 'T')) => separator,
            Some(_) => return None,
        };
        let time = rest.as_str();
        let (time, is_utc) = time.strip_suffix('Z').map_or((time, false), |time| (time, true));
        let has_seconds = time.len() > 5;
        let fraction = time.split_once('.').map_or(0, |(_, digits)| digits.len());
        let is_time = match time.len() {
            5 => !is_utc && NaiveTime::parse_from_str(time, "%H:%M").is_ok(),
            8.. => NaiveTime::parse_from_str(time, "%H:%M:%S%.f").is_ok(),
            _ => false,
        };
        is_time.then_some(Self::Moment { separator, has_seconds, fraction, is_utc })
    }

    /// Returns how both are written; `None` if they differ so that texts are not in the order of their times.
    fn shared(self, other: Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Moment { separator, has_seconds, is_utc: false, fraction: one },
                Self::Moment { fraction: two, .. },
            ) if one != two && other.without_fraction() == self.without_fraction() => {
                Some(Self::Moment { separator, has_seconds, is_utc: false, fraction: 0 })
            }
            _ => (self == other).then_some(self),
        }
    }

    fn without_fraction(self) -> Self {
        match self {
            Self::Moment { separator, has_seconds, is_utc, .. } => {
                Self::Moment { separator, has_seconds, is_utc, fraction: 0 }
            }
            Self::Day => self,
        }
    }

    pub fn kind(self) -> AppFieldKind {
        match self {
            Self::Day => AppFieldKind::Date,
            Self::Moment { is_utc: true, .. } => AppFieldKind::Moment,
            Self::Moment { .. } => AppFieldKind::DateTime,
        }
    }

    /// Returns SQL that writes a value of an input like the others: inputs send `2026-01-31 10:00:00`, and moments as
    /// `2026-01-31T10:00:00.000Z`.
    pub fn sql(self, dialect: SqlDialect, value: &str) -> String {
        let Self::Moment { separator, has_seconds, fraction, is_utc } = self else { return value.to_owned() };
        let (from, to) = if separator == 'T' { (' ', 'T') } else { ('T', ' ') };
        let whole = format!("replace({value}, '{from}', '{to}')");
        let zeros = "0".repeat(fraction);
        if is_utc {
            let end = if fraction == 0 { "Z".to_owned() } else { format!(".{zeros}Z") };
            return format!("replace({whole}, '.000Z', '{end}')");
        }
        if !has_seconds {
            let is_full = format!("length({value}) = 19 and substr({value}, 17) = ':00'");
            return format!("case when {is_full} then substr({whole}, 1, 16) else {whole} end");
        }
        if fraction == 0 {
            return whole;
        }
        let longer = match dialect {
            SqlDialect::Mysql => format!("concat({whole}, '.{zeros}')"),
            _ => format!("{whole} || '.{zeros}'"),
        };
        format!("case when length({value}) = 19 then {longer} else {whole} end")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{WrittenDate, written_dates};
    use crate::connect::{ColumnInfo, SqlDialect};
    use serde_json::{Value, json};

    /// Returns what is known about a column with these values: nothing, or how its dates are written.
    fn common(values: &[Value]) -> Vec<Option<WrittenDate>> {
        let column = ColumnInfo { name: "c".to_owned(), ..ColumnInfo::default() };
        let rows: Vec<Value> = values.iter().map(|value| json!({"c": value})).collect();
        written_dates(&[&column], &rows).into_values().collect()
    }

    fn moment(separator: char, has_seconds: bool, fraction: usize, is_utc: bool) -> Vec<Option<WrittenDate>> {
        vec![Some(WrittenDate::Moment { separator, has_seconds, fraction, is_utc })]
    }

    #[test]
    fn values_that_are_all_written_alike_are_dates() {
        assert_eq!(common(&[json!("2026-01-31"), Value::Null, json!("1999-12-01")]), [Some(WrittenDate::Day)]);
        for (values, expected) in [
            (vec!["2026-01-31 10:00", "2026-02-28 23:59"], moment(' ', false, 0, false)),
            (vec!["2026-01-31T10:00:00"], moment('T', true, 0, false)),
            (vec!["2026-01-31 10:00:00.123", "2026-01-31 10:00:00.000"], moment(' ', true, 3, false)),
            (vec!["2026-01-31 10:00:00", "2026-01-31 10:00:00.5"], moment(' ', true, 0, false)),
            (vec!["2026-01-31T10:00:00.000Z"], moment('T', true, 3, true)),
        ] {
            assert_eq!(common(&values.iter().map(|value| json!(value)).collect::<Vec<_>>()), expected, "{values:?}");
        }
        assert_eq!(common(&[Value::Null]), [], "no value tells anything");
    }

    #[test]
    fn one_other_value_makes_the_column_text() {
        for other in [
            json!("soon"),
            json!(""),
            json!(1_769_852_400),
            json!("2026-02-30"),
            json!("2026-1-5"),
            json!("2026-01-31 10:00"),
            json!("2026-01-31T10:00:00+02:00"),
            json!("2026-01-31x"),
            json!("31.01.2026"),
            json!("２０２６-01-31"),
        ] {
            assert_eq!(common(&[json!("2026-01-31"), other.clone()]), [None], "{other}");
        }
        // the text of the later time comes first
        assert_eq!(common(&[json!("2026-01-31T10:00:00.5Z"), json!("2026-01-31T10:00:00Z")]), [None]);
        assert_eq!(common(&[json!("2026-01-31 10:00:00"), json!("2026-01-31T09:00:00")]), [None]);
    }

    #[test]
    fn entered_values_are_written_like_the_others() {
        let file = evaluator();
        for (stored, entered, expected) in [
            ("2026-01-31", "2026-03-01", "2026-03-01"),
            ("2026-01-31 10:00", "2026-03-01 11:30:00", "2026-03-01 11:30"),
            ("2026-01-31 10:00", "2026-03-01 11:30:15", "2026-03-01 11:30:15"),
            ("2026-01-31T10:00:00", "2026-03-01 11:30:00", "2026-03-01T11:30:00"),
            ("2026-01-31T10:00", "2026-01-31T10:00", "2026-01-31T10:00"),
            ("2026-01-31 10:00:00.125", "2026-03-01 11:30:00", "2026-03-01 11:30:00.000"),
            ("2026-01-31T10:00:00Z", "2026-03-01T11:30:00.000Z", "2026-03-01T11:30:00Z"),
            ("2026-01-31T10:00:00.000Z", "2026-03-01T11:30:00.000Z", "2026-03-01T11:30:00.000Z"),
            ("2026-01-31 10:00:00Z", "2026-03-01T11:30:00.000Z", "2026-03-01 11:30:00Z"),
        ] {
            let form = common(&[json!(stored)])[0].unwrap();
            let sql = form.sql(SqlDialect::Sqlite, &format!("'{entered}'"));
            assert_eq!(file(&sql), expected, "{stored}: {sql}");
            assert_eq!(file(&form.sql(SqlDialect::Sqlite, &format!("'{stored}'"))), stored, "unchanged");
        }
    }

    /// Returns what evaluates an expression.
    fn evaluator() -> impl Fn(&str) -> String {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        move |sql| database.query_row(&format!("select {sql}"), [], |row| row.get(0)).unwrap()
    }
}
