//! Limits the memory of a statement's values. SQLite does not limit the memory of a statement, but the length of a
//! value, and a statement's program shows how many values it holds at once.
use crate::connect::sqlite::LENGTH;
use rusqlite::{Connection, Result, limits::Limit};
use std::collections::{HashMap, HashSet};

/// The maximum total memory of the values of one statement, in bytes.
const TOGETHER: usize = 64 << 20;
/// The lowest limit for the length of a value, in bytes.
const LEAST: usize = 4 << 10;
/// The maximum number of arguments of a function: some functions copy all of them into one value before they check its
/// length.
const ARGUMENTS: i32 = 100;
/// The maximum length of a `like` or `glob` pattern, and of values in a statement with one, in bytes: matching takes
/// time proportional to the product, and cannot be interrupted.
const PATTERN: i32 = 100;
const MATCHED: usize = 1 << 20;
/// The maximum number of statements whose limits are cached per connection.
const KNOWN: usize = 100;

/// The cached limits by statement: the version of the schema, and the maximum length of a value.
pub type CachedLimits = HashMap<String, (i64, usize)>;

/// Sets the limits for all statements.
pub fn limit(connection: &Connection) -> Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_FUNCTION_ARG, ARGUMENTS)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN)?;
    reset(connection)
}

/// Resets the limit of the previous statement.
pub fn reset(connection: &Connection) -> Result<()> {
    set(connection, LENGTH)
}

/// Sets the maximum length of values for a statement, according to their number.
pub fn settle(connection: &Connection, rooms: &mut CachedLimits, text: &str) -> Result<()> {
    reset(connection)?;
    // the program also depends on views and triggers
    let version = connection.prepare_cached("pragma schema_version")?.query_row([], |row| row.get(0))?;
    let length = match rooms.get(text) {
        Some((then, length)) if *then == version => *length,
        _ => {
            // a statement that cannot be explained is itself an `explain`, or fails when it is prepared
            let (values, matches) = values(connection, text).unwrap_or((1, false));
            let length = (TOGETHER / values.max(1)).min(if matches { MATCHED } else { LENGTH });
            if rooms.len() >= KNOWN {
                rooms.clear();
            }
            rooms.insert(text.to_owned(), (version, length));
            length
        }
    };
    set(connection, length.clamp(LEAST, LENGTH))
}

fn set(connection: &Connection, length: usize) -> Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(length).unwrap_or(i32::MAX)).map(drop)
}

/// Returns the maximum number of large values that a statement holds at once: one per register that may hold one, and
/// one per instruction that is not in `NONE`. Also returns whether it matches patterns.
fn values(connection: &Connection, text: &str) -> Result<(usize, bool)> {
    let mut explained = connection.prepare(&format!("explain {text}"))?;
    let mut rows = explained.query([])?;
    let (mut registers, mut others, mut program, mut matches) = (HashSet::new(), 0, 0, false);
    while let Some(row) = rows.next()? {
        let (address, opcode): (i64, String) = (row.get(0)?, row.get(1)?);
        let (p2, p3): (i64, i64) = (row.get(3)?, row.get(4)?);
        let about = row.get_ref(5)?.as_str().unwrap_or_default();
        matches |= about.starts_with("like(") || about.starts_with("glob(");
        // a trigger's program starts at address 0 again, with its own registers
        program += i64::from(address == 0);
        match opcode.as_str() {
            "Column" | "VColumn" | "Function" | "PureFunc" | "Concat" | "MakeRecord" | "AggStep" | "AggStep1"
            | "AggInverse" | "AggValue" | "Param" => drop(registers.insert((program, p3))),
            "SCopy" | "RowData" | "SorterData" | "AggFinal" => drop(registers.insert((program, p2))),
            "Copy" => registers.extend((0..=p3.clamp(0, 10_000)).map(|next| (program, p2 + next))),
            known if holds_none(known) => {}
            _ => others += 1,
        }
    }
    Ok((registers.len() + others, matches))
}

/// Instructions that hold no large value: they only navigate, compare, count, or hold text of the statement itself.
const NONE: [&str; 60] = [
    "Init",
    "Halt",
    "HaltIfNull",
    "Goto",
    "Gosub",
    "Return",
    "InitCoroutine",
    "EndCoroutine",
    "Yield",
    "Transaction",
    "Savepoint",
    "AutoCommit",
    "ReadCookie",
    "SetCookie",
    "Integer",
    "Int64",
    "Real",
    "String8",
    "String",
    "Blob",
    "Null",
    "SoftNull",
    "Variable",
    "ResultRow",
    "Next",
    "Prev",
    "SorterNext",
    "Rewind",
    "Last",
    "SorterSort",
    "Sort",
    "Close",
    "Rowid",
    "IdxRowid",
    "NewRowid",
    "MustBeInt",
    "RealAffinity",
    "Affinity",
    "If",
    "IfNot",
    "IfPos",
    "IsNull",
    "NotNull",
    "Eq",
    "Ne",
    "Lt",
    "Le",
    "Gt",
    "Ge",
    "Once",
    "DecrJumpZero",
    "SeekRowid",
    "NotExists",
    "Found",
    "NotFound",
    "NullRow",
    "Add",
    "Subtract",
    "Noop",
    "Explain",
];

fn holds_none(opcode: &str) -> bool {
    NONE.contains(&opcode)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{CachedLimits, MATCHED, TOGETHER, settle, values};
    use crate::connect::sqlite::LENGTH;
    use rusqlite::{Connection, limits::Limit};

    #[test]
    fn a_statement_with_many_values_gets_a_lower_limit() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table t (a, b, c, d, e)").unwrap();
        let plain = values(&connection, "select * from t where a = 1 order by b limit 10").unwrap().0;
        assert!(plain < 30, "{plain}");
        let many = format!("select max({})", vec!["hex(zeroblob(9))"; 90].join(", "));
        assert!(values(&connection, &many).unwrap().0 >= 90);
        let mut rooms = CachedLimits::new();
        let length = |rooms: &mut CachedLimits, text: &str| {
            settle(&connection, rooms, text).unwrap();
            usize::try_from(connection.limit(Limit::SQLITE_LIMIT_LENGTH).unwrap()).unwrap()
        };
        assert_eq!(length(&mut rooms, "select a from t"), LENGTH);
        assert_eq!(length(&mut rooms, "select a from t where b like '%' || a || '%'"), MATCHED);
        assert!(length(&mut rooms, &many) <= TOGETHER / 90);
        // the same text has another program after a view has changed
        connection.execute_batch("create view v as select a from t").unwrap();
        assert_eq!(length(&mut rooms, "select * from v"), LENGTH);
        let columns: Vec<String> = (0..50).map(|at| format!("hex(a) as c{at}")).collect();
        connection
            .execute_batch(&format!("drop view v; create view v as select {} from t", columns.join(", ")))
            .unwrap();
        assert!(length(&mut rooms, "select * from v") <= TOGETHER / 50);
    }
}
