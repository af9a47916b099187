//! Converts values of a browser to arguments of a column's type, without loss: the same forms that queries return.
use crate::connect::{rows::faithful, sql::SqlDialect};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::DateTime;
use serde_json::Value;

/// An argument, with the SQL around its placeholder.
#[derive(Debug, PartialEq)]
pub(in crate::connect) struct Bound {
    pub before: &'static str,
    pub value: Value,
    pub after: &'static str,
}

/// Returns the argument for a value of a column of type `kind`, as the database names it. `compared` tells that the
/// value is compared with the column, not stored in it.
///
/// # Errors
/// Why the column cannot hold it, as the predicate of a sentence.
pub(in crate::connect) fn bind(
    dialect: SqlDialect,
    kind: &str,
    value: &Value,
    compared: bool,
) -> Result<Bound, String> {
    if value.is_null() {
        return Ok(plain(Value::Null));
    }
    match dialect {
        SqlDialect::Mysql => mysql(kind, value, compared),
        SqlDialect::Sqlite => sqlite(kind, value, compared),
        _ => postgresql(kind, value),
    }
}

fn plain(value: Value) -> Bound {
    Bound { before: "", value, after: "" }
}

/// Every argument is sent as text, which the server converts.
fn postgresql(kind: &str, value: &Value) -> Result<Bound, String> {
    match kind {
        "int2" | "int4" | "int8" | "oid" => whole(value)?,
        "numeric" | "float4" | "float8" if !is_special(value) => drop(number(value)?),
        "bool" => return truth(value).map(|truth| plain(truth.into())),
        _ => {}
    }
    Ok(plain(value.clone()))
}

fn mysql(kind: &str, value: &Value, compared: bool) -> Result<Bound, String> {
    let (name, _) = kind.split_once(' ').unwrap_or((kind, ""));
    Ok(match name {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => {
            // MySQL's booleans
            if name == "tinyint"
                && let Ok(truth) = truth(value)
            {
                return Ok(plain(i64::from(truth).into()));
            }
            let text = number(value)?;
            let signed = text.parse::<i64>().map(Value::from);
            // compared as text, a number beyond 2^53 would be rounded
            plain(signed.or_else(|_| text.parse::<u64>().map(Value::from)).map_err(|_| WHOLE.to_owned())?)
        }
        "decimal" => {
            let text = number(value)?;
            match (compared, text.contains(['.', 'e', 'E'])) {
                (false, _) => plain(text.into()),
                (true, true) => Bound { before: "cast(", value: text.into(), after: " as decimal(65,30))" },
                (true, false) => Bound { before: "cast(", value: text.into(), after: " as decimal(65,0))" },
            }
        }
        "float" | "double" => plain(double(&number(value)?)?),
        "timestamp" | "datetime" => plain(match value.as_str().map(DateTime::parse_from_rfc3339) {
            // these types have no zone, and the sessions use UTC
            Some(Ok(time)) => time.naive_utc().format("%Y-%m-%d %H:%M:%S%.f").to_string().into(),
            _ => text(value),
        }),
        "bit" => plain(bits(value)?),
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => {
            bytes(value)?;
            Bound { before: "from_base64(", value: value.clone(), after: ")" }
        }
        "geometry" => return Err("cannot be edited here: write a query that changes it".to_owned()),
        _ => plain(text(value)),
    })
}

fn sqlite(kind: &str, value: &Value, compared: bool) -> Result<Bound, String> {
    let has = |parts: &[&str]| parts.iter().any(|part| kind.contains(part));
    if has(&["blob"]) {
        return Ok(Bound { before: "unhex(", value: hex::encode(bytes(value)?).into(), after: ")" });
    }
    if has(&["bool"]) {
        return truth(value).map(|truth| plain(i64::from(truth).into()));
    }
    // SQLite converts a text by the type of the column, and keeps what it cannot convert
    if compared {
        return Ok(plain(if value.is_number() { value.clone() } else { text(value) }));
    }
    let is_number = has(&["int", "real", "floa", "doub", "dec", "num", "money"]);
    if !is_number || has(&["char", "clob", "text"]) {
        return Ok(plain(if has(&["char", "clob", "text"]) { text(value) } else { nested(value) }));
    }
    let text = number(value)?;
    // whole numbers, too, become doubles in these
    let is_double = has(&["real", "floa", "doub"]) && !has(&["int"]);
    match text.parse::<i64>() {
        Ok(whole) if !is_double || faithful(&text).is_some() => Ok(plain(whole.into())),
        Err(_) if has(&["int"]) => Err(WHOLE.to_owned()),
        Err(_) if faithful(&text).is_some() => Ok(plain(double(&text)?)),
        _ => Err("must be a number with fewer digits: SQLite would round it".to_owned()),
    }
}

const WHOLE: &str = "must be a whole number within the range of the column";

/// Checks that a value is an integer.
fn whole(value: &Value) -> Result<(), String> {
    number(value)?.parse::<i64>().map(drop).map_err(|_| WHOLE.to_owned())
}

/// Returns the digits of a number.
fn number(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => String::new(),
    };
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if digits && plain && text.parse::<f64>().is_ok() { Ok(text) } else { Err("must be a number".to_owned()) }
}

/// Returns whether a value is one of the numbers that JSON cannot represent.
fn is_special(value: &Value) -> bool {
    matches!(value.as_str(), Some("NaN" | "Infinity" | "-Infinity"))
}

fn double(text: &str) -> Result<Value, String> {
    let number = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
    number.map(Value::Number).ok_or_else(|| "must be a number that is not too large".to_owned())
}

fn truth(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Number(number) if number.as_i64() == Some(1) => Ok(true),
        Value::Number(number) if number.as_i64() == Some(0) => Ok(false),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}

/// Converts the text of a bit field to its number.
fn bits(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(truth) => Ok(i64::from(*truth).into()),
        Value::String(text) => u64::from_str_radix(text, 2)
            .map(Value::from)
            .map_err(|_| "must consist of the digits 0 and 1, such as 0101".to_owned()),
        other => Ok(other.clone()),
    }
}

fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    let decoded = value.as_str().and_then(|text| BASE64.decode(text).ok());
    decoded.ok_or_else(|| "must be Base64, because the column contains bytes".to_owned())
}

fn text(value: &Value) -> Value {
    if value.is_string() { value.clone() } else { value.to_string().into() }
}

/// Returns lists and objects as text, other values unchanged.
fn nested(value: &Value) -> Value {
    if value.is_array() || value.is_object() { value.to_string().into() } else { value.clone() }
}

#[cfg(test)]
mod tests {
    use super::{SqlDialect, bind};
    use serde_json::{Value, json};

    fn stored(dialect: SqlDialect, kind: &str, value: &Value) -> Result<Value, String> {
        bind(dialect, kind, value, false).map(|bound| bound.value)
    }

    #[test]
    fn values_keep_their_digits_and_get_the_type_of_their_column() {
        use SqlDialect::{Mysql, Postgresql, Sqlite};
        for (dialect, kind, value, expected) in [
            (Postgresql, "int8", json!("9007199254740993"), json!("9007199254740993")),
            (Postgresql, "numeric", json!("12345678901234567890.10"), json!("12345678901234567890.10")),
            (Postgresql, "numeric", json!("NaN"), json!("NaN")),
            (Postgresql, "bool", json!("TRUE"), json!(true)),
            (Postgresql, "text", json!(""), json!("")),
            (Mysql, "bigint unsigned", json!("18446744073709551615"), json!(u64::MAX)),
            (Mysql, "tinyint", json!(true), json!(1)),
            (Mysql, "decimal", json!("0.10"), json!("0.10")),
            (Mysql, "timestamp", json!("2026-01-31T10:00:00+02:00"), json!("2026-01-31 08:00:00")),
            (Mysql, "datetime", json!("2026-01-31T10:00:00"), json!("2026-01-31T10:00:00")),
            (Mysql, "bit", json!("101"), json!(5)),
            (Mysql, "json", json!({"a": 1}), json!("{\"a\":1}")),
            (Mysql, "varchar", json!(5), json!("5")),
            (Sqlite, "integer", json!("9007199254740993"), json!(9_007_199_254_740_993_i64)),
            (Sqlite, "decimal(10,2)", json!("12.50"), json!(12.5)),
            (Sqlite, "real", json!("9007199254740992"), json!(9_007_199_254_740_992_i64)),
            (Sqlite, "numeric", json!("9007199254740993"), json!(9_007_199_254_740_993_i64)),
            (Sqlite, "boolean", json!(false), json!(0)),
            (Sqlite, "varchar(10)", json!(5), json!("5")),
            (Sqlite, "date", json!("2026-01-31"), json!("2026-01-31")),
            (Sqlite, "blob", json!("AP8="), json!("00ff")),
            (Sqlite, "", json!(1.5), json!(1.5)),
        ] {
            assert_eq!(stored(dialect, kind, &value), Ok(expected), "{dialect:?} {kind} {value}");
            assert_eq!(stored(dialect, kind, &Value::Null), Ok(Value::Null));
        }
    }

    #[test]
    fn values_that_a_column_cannot_hold_are_refused() {
        use SqlDialect::{Mysql, Postgresql, Sqlite};
        for (dialect, kind, value) in [
            (Postgresql, "int4", json!("1.5")),
            (Postgresql, "int4", json!("")),
            (Postgresql, "numeric", json!("abc")),
            (Postgresql, "bool", json!("yes")),
            (Mysql, "int", json!("12abc")),
            (Mysql, "int", json!("1.5")),
            (Mysql, "bigint", json!("18446744073709551616")),
            (Mysql, "decimal", json!([1])),
            (Mysql, "blob", json!("%")),
            (Mysql, "geometry", json!("POINT(1 2)")),
            (Mysql, "bit", json!("2")),
            (Sqlite, "integer", json!("abc")),
            (Sqlite, "int", json!(1.5)),
            (Sqlite, "real", json!("inf")),
            (Sqlite, "real", json!("9007199254740993")),
            (Sqlite, "double precision", json!(9_007_199_254_740_993_i64)),
            (Mysql, "bigint", json!(true)),
            (Sqlite, "decimal(30,10)", json!("12345678901234567.89")),
            (Sqlite, "boolean", json!(2)),
        ] {
            assert!(stored(dialect, kind, &value).is_err(), "{dialect:?} {kind} {value}");
        }
    }

    #[test]
    fn a_decimal_is_compared_as_a_decimal() {
        let bound = bind(SqlDialect::Mysql, "decimal", &json!("0.10"), true);
        assert!(bound.is_ok_and(|bound| bound.after == " as decimal(65,30))"));
    }
}
