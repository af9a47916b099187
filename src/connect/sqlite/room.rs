//! How large the values of a statement may be, so that all of them together stay within bounds. The library counts no
//! memory for a statement, but it limits a value's length, and a statement's program tells how many values it holds.
use super::LENGTH;
use rusqlite::{Connection, Result, limits::Limit};
use std::collections::{HashMap, HashSet};

/// What the values of one statement may take together.
const TOGETHER: usize = 64 << 20;
/// No statement's values are held shorter than this.
const LEAST: usize = 4 << 10;
/// Arguments of one function: some copy them all into one value before they look how long it is.
const ARGUMENTS: i32 = 100;
/// Bytes of a `like` or `glob` pattern, and of a value in a statement with one: the pattern is compared with every place of
/// the text, which cannot be interrupted.
const PATTERN: i32 = 100;
const MATCHED: usize = 1 << 20;
/// Statements whose room a connection remembers.
const KNOWN: usize = 100;

/// What a connection knows of its statements: the version of the schema, and the length of a value then.
pub(super) type Rooms = HashMap<String, (i64, usize)>;

/// What holds for every statement.
pub(super) fn limit(connection: &Connection) -> Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_FUNCTION_ARG, ARGUMENTS)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, PATTERN)?;
    reset(connection)
}

/// Forgets the room of the statement before.
pub(super) fn reset(connection: &Connection) -> Result<()> {
    set(connection, LENGTH)
}

/// Before a statement: lets its values be as long as their number allows.
pub(super) fn settle(connection: &Connection, rooms: &mut Rooms, text: &str) -> Result<()> {
    reset(connection)?;
    // what a statement does also depends on views and triggers
    let version = connection.prepare_cached("pragma schema_version")?.query_row([], |row| row.get(0))?;
    let length = match rooms.get(text) {
        Some((then, length)) if *then == version => *length,
        _ => {
            // one that cannot be explained is itself an explanation, or refused when it is prepared
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

/// How many large values a statement holds at once, at most: one for each register that may get one, and one for each
/// other instruction that is not known to hold none. And whether it compares patterns.
fn values(connection: &Connection, text: &str) -> Result<(usize, bool)> {
    let mut explained = connection.prepare(&format!("explain {text}"))?;
    let mut rows = explained.query([])?;
    let (mut registers, mut others, mut program, mut matches) = (HashSet::new(), 0, 0, false);
    while let Some(row) = rows.next()? {
        let (address, opcode): (i64, String) = (row.get(0)?, row.get(1)?);
        let (p2, p3): (i64, i64) = (row.get(3)?, row.get(4)?);
        let about = row.get_ref(5)?.as_str().unwrap_or_default();
        matches |= about.starts_with("like(") || about.starts_with("glob(");
        // a trigger's program begins again, with registers of its own
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

/// Instructions that only move on, compare, count, or hold text of the statement itself.
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
    use super::{MATCHED, Rooms, TOGETHER, settle, values};
    use crate::connect::sqlite::LENGTH;
    use rusqlite::{Connection, limits::Limit};

    #[test]
    fn a_statement_with_many_values_holds_shorter_ones() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table t (a, b, c, d, e)").unwrap();
        let plain = values(&connection, "select * from t where a = 1 order by b limit 10").unwrap().0;
        assert!(plain < 30, "{plain}");
        let many = format!("select max({})", vec!["hex(zeroblob(9))"; 90].join(", "));
        assert!(values(&connection, &many).unwrap().0 >= 90);
        let mut rooms = Rooms::new();
        let length = |rooms: &mut Rooms, text: &str| {
            settle(&connection, rooms, text).unwrap();
            usize::try_from(connection.limit(Limit::SQLITE_LIMIT_LENGTH).unwrap()).unwrap()
        };
        assert_eq!(length(&mut rooms, "select a from t"), LENGTH);
        assert_eq!(length(&mut rooms, "select a from t where b like '%' || a || '%'"), MATCHED);
        assert!(length(&mut rooms, &many) <= TOGETHER / 90);
        // the same text means something else once a view has changed
        connection.execute_batch("create view v as select a from t").unwrap();
        assert_eq!(length(&mut rooms, "select * from v"), LENGTH);
        let columns: Vec<String> = (0..50).map(|at| format!("hex(a) as c{at}")).collect();
        connection
            .execute_batch(&format!("drop view v; create view v as select {} from t", columns.join(", ")))
            .unwrap();
        assert!(length(&mut rooms, "select * from v") <= TOGETHER / 50);
    }
}
