//! Replaces functions of SQLite that take quadratic time and cannot be interrupted: with large texts, they would run
//! for minutes. These take linear time.
mod groups;

use super::LENGTH;
use memchr::memmem;
use rusqlite::{
    Connection, Error, Result, ffi,
    functions::{Context, FunctionFlags, SqlFnOutput},
    types::{ToSql, ToSqlOutput, Value, ValueRef},
};
use std::{borrow::Cow, cell::RefCell, collections::HashSet};

/// Registers the functions on a connection.
pub(super) fn register(connection: &Connection) -> Result<()> {
    add(connection, "instr", 2, instr)?;
    add(connection, "replace", 3, replace)?;
    add(connection, "trim", 2, |context| trim(context, true, true))?;
    add(connection, "ltrim", 2, |context| trim(context, true, false))?;
    add(connection, "rtrim", 2, |context| trim(context, false, true))?;
    add(connection, "unhex", 2, unhex)?;
    groups::register(connection)
}

fn add<T: SqlFnOutput + 'static>(
    connection: &Connection,
    name: &str,
    arguments: i32,
    function: fn(&Context<'_>) -> Result<T>,
) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function(name, arguments, flags, move |context| function(context))
}

/// A text of SQLite, which is not necessarily UTF-8.
pub(super) struct SqliteText(pub Vec<u8>);

impl ToSql for SqliteText {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

/// Returns an argument as text; `None` for null.
pub(super) fn text<'c>(context: &'c Context<'_>, at: usize) -> Result<Option<Cow<'c, [u8]>>> {
    Ok(match context.get_raw(at) {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string().into_bytes().into()),
        ValueRef::Real(value) => Some(real(value)?.into_bytes().into()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.into()),
    })
}

/// Formats a number like SQLite.
fn real(value: f64) -> Result<String> {
    library("select cast(?1 as text)", ValueRef::Real(value)).map(|text| String::from_utf8_lossy(&text).into_owned())
}

/// Runs a query with a value on a plain connection, for the result of SQLite's own functions.
pub(super) fn library(sql: &str, value: ValueRef<'_>) -> Result<Vec<u8>> {
    thread_local!(static LIBRARY: RefCell<Option<Connection>> = const { RefCell::new(None) });
    LIBRARY.with_borrow_mut(|kept| {
        let library = match kept {
            Some(library) => library,
            None => kept.insert(Connection::open_in_memory()?),
        };
        let mut query = library.prepare_cached(sql)?;
        query.query_row([ToSqlOutput::Borrowed(value)], |row| Ok(row.get_ref(0)?.as_bytes()?.to_vec()))
    })
}

fn instr(context: &Context<'_>) -> Result<Option<i64>> {
    let (Some(hay), Some(needle)) = (text(context, 0)?, text(context, 1)?) else { return Ok(None) };
    let blobs = (0..2).all(|at| matches!(context.get_raw(at), ValueRef::Blob(_)));
    let is_rest = |byte: &u8| byte & 0xC0 == 0x80;
    let found = match needle.first() {
        None => Some(0),
        // matches start at character boundaries
        Some(first) if !blobs && is_rest(first) => hay.starts_with(&needle).then_some(0),
        Some(_) => memmem::find(&hay, &needle),
    };
    let place = |at: usize| {
        let before = if blobs { at } else { hay[..at].iter().filter(|byte| !is_rest(byte)).count() };
        // continuation bytes at the start count as one character
        let broken = !blobs && at > 0 && hay.first().is_some_and(is_rest);
        i64::try_from(before + usize::from(broken) + 1).unwrap_or(i64::MAX)
    };
    Ok(Some(found.map_or(0, place)))
}

fn replace(context: &Context<'_>) -> Result<Option<SqliteText>> {
    let (Some(whole), Some(part)) = (text(context, 0)?, text(context, 1)?) else { return Ok(None) };
    if part.first().is_none_or(|first| *first == 0) {
        return Ok(Some(SqliteText(whole.into_owned())));
    }
    let Some(new) = text(context, 2)? else { return Ok(None) };
    let (mut out, mut at) = (Vec::new(), 0);
    for found in memmem::find_iter(&whole, &*part) {
        out.extend_from_slice(&whole[at..found]);
        out.extend_from_slice(&new);
        at = found + part.len();
        if out.len() > LENGTH {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None));
        }
    }
    out.extend_from_slice(&whole[at..]);
    Ok(Some(SqliteText(out)))
}

fn trim(context: &Context<'_>, left: bool, right: bool) -> Result<Option<SqliteText>> {
    let (Some(whole), Some(characters)) = (text(context, 0)?, text(context, 1)?) else { return Ok(None) };
    let (set, mut rest) = (Set::of(&characters), &*whole);
    while left && !rest.is_empty() {
        let (first, after) = rest.split_at(first(rest));
        if !set.contains(first) {
            break;
        }
        rest = after;
    }
    while right && !rest.is_empty() {
        let start = rest.iter().rposition(|byte| byte & 0xC0 != 0x80).unwrap_or(rest.len() - 1);
        let (before, last) = rest.split_at(start);
        if !set.contains(last) {
            break;
        }
        rest = before;
    }
    Ok(Some(SqliteText(rest.to_vec())))
}

/// Decodes hexadecimal digits that may be separated by the given characters; null for anything else.
fn unhex(context: &Context<'_>) -> Result<Option<Value>> {
    let (Some(digits), Some(between)) = (text(context, 0)?, text(context, 1)?) else { return Ok(None) };
    let (set, mut rest, mut out) = (Set::of(&between), ended(&digits), Vec::new());
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some(byte) = rest.first() {
        if let Some(high) = digit(*byte) {
            let Some(low) = rest.get(1).and_then(|byte| digit(*byte)) else { return Ok(None) };
            out.push(high << 4 | low);
            rest = &rest[2..];
        } else {
            let (first, after) = rest.split_at(first(rest));
            if !set.contains(first) {
                return Ok(None);
            }
            rest = after;
        }
    }
    Ok(Some(Value::Blob(out)))
}

/// Returns the length of the first character in bytes.
fn first(text: &[u8]) -> usize {
    match text.first() {
        Some(0xC0..) => 1 + text[1..].iter().take_while(|byte| **byte & 0xC0 == 0x80).count(),
        _ => 1.min(text.len()),
    }
}

/// A set of characters: those of one byte, and longer ones.
struct Set<'t> {
    short: [bool; 256],
    long: HashSet<&'t [u8]>,
}

impl<'t> Set<'t> {
    fn of(text: &'t [u8]) -> Self {
        let (mut set, mut rest) = (Self { short: [false; 256], long: HashSet::new() }, ended(text));
        while !rest.is_empty() {
            let (one, after) = rest.split_at(first(rest));
            match one {
                [byte] => set.short[usize::from(*byte)] = true,
                _ => drop(set.long.insert(one)),
            }
            rest = after;
        }
        set
    }

    fn contains(&self, one: &[u8]) -> bool {
        match one {
            [byte] => self.short[usize::from(*byte)],
            _ => self.long.contains(one),
        }
    }
}

/// Returns a text up to its first NUL.
fn ended(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::register;
    use proptest::prelude::*;
    use rusqlite::{Connection, params_from_iter, types::Value};

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            (-200i64..200).prop_map(Value::Integer),
            prop_oneof![Just(1.5), Just(-0.1), Just(1e300), Just(3.0)].prop_map(Value::Real),
            "[abé€1.]{0,6}".prop_map(Value::Text),
            "[0-9a-f .é]{0,12}".prop_map(Value::Text),
            "[ab]{0,5}".prop_map(|text| Value::Blob(text.into_bytes())),
        ]
    }

    proptest! {
        #[test]
        fn they_return_what_sqlite_returns(values in prop::collection::vec(any_value(), 3)) {
            let (plain, ours) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
            register(&ours).unwrap();
            for call in [
                "instr(?1, ?2)", "replace(?1, ?2, ?3)", "trim(?1, ?2)", "ltrim(?1, ?2)", "rtrim(?1, ?2)", "unhex(?1, ?2)",
            ] {
                let sql = format!("select {call}, ?3");
                let ask = |connection: &Connection| {
                    connection.query_row(&sql, params_from_iter(&values), |row| row.get::<_, Value>(0)).unwrap()
                };
                prop_assert_eq!(ask(&plain), ask(&ours), "{}", call);
            }
        }
    }
}
