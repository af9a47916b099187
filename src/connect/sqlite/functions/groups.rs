//! Replaces `json_group_array` and `json_group_object` of SQLite, which check the maximum length only at the end.
use super::{SqliteText, library, text};
use crate::connect::sqlite::LENGTH;
use rusqlite::{
    Connection, Error, Result, ffi,
    functions::{Aggregate, Context, FunctionFlags, SubType, WindowAggregate},
    types::ValueRef,
};
use std::collections::VecDeque;

/// The subtype of JSON text.
const JSON: u32 = b'J' as u32;
/// The overhead of an item, in bytes.
const FRAME: usize = size_of::<Vec<u8>>();

pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS
        | FunctionFlags::SQLITE_SUBTYPE
        | FunctionFlags::SQLITE_RESULT_SUBTYPE;
    connection.create_window_function("json_group_array", 1, flags, Group { item: value_at_0, ends: *b"[]" })?;
    connection.create_window_function("json_group_object", 2, flags, Group { item: field, ends: *b"{}" })
}

/// Collects the results of `item` for each row; `None` skips the row.
struct Group {
    item: fn(&Context<'_>) -> Result<Option<Vec<u8>>>,
    ends: [u8; 2],
}

/// The items of the rows in the window, and their size in bytes.
#[derive(Default)]
struct Items {
    items: VecDeque<Option<Vec<u8>>>,
    size: usize,
}

fn size(item: Option<&Vec<u8>>) -> usize {
    FRAME + item.map_or(0, Vec::len)
}

impl Group {
    fn whole(&self, items: Option<&Items>) -> (SqliteText, SubType) {
        let [begin, end] = self.ends;
        let mut whole = vec![begin];
        for item in items.into_iter().flat_map(|items| items.items.iter().flatten()) {
            if whole.len() > 1 {
                whole.push(b',');
            }
            whole.extend_from_slice(item);
        }
        whole.push(end);
        (SqliteText(whole), Some(JSON))
    }
}

impl Aggregate<Items, (SqliteText, SubType)> for Group {
    fn init(&self, _: &mut Context<'_>) -> Result<Items> {
        Ok(Items::default())
    }

    fn step(&self, context: &mut Context<'_>, items: &mut Items) -> Result<()> {
        let item = (self.item)(context)?;
        items.size += size(item.as_ref());
        if items.size > LENGTH {
            return Err(Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None));
        }
        items.items.push_back(item);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, items: Option<Items>) -> Result<(SqliteText, SubType)> {
        Ok(self.whole(items.as_ref()))
    }
}

impl WindowAggregate<Items, (SqliteText, SubType)> for Group {
    fn value(&self, items: Option<&mut Items>) -> Result<(SqliteText, SubType)> {
        Ok(self.whole(items.as_deref()))
    }

    fn inverse(&self, _: &mut Context<'_>, items: &mut Items) -> Result<()> {
        if let Some(item) = items.items.pop_front() {
            items.size -= size(item.as_ref());
        }
        Ok(())
    }
}

fn value_at_0(context: &Context<'_>) -> Result<Option<Vec<u8>>> {
    value(context, 0).map(Some)
}

/// Converts a value to JSON.
fn value(context: &Context<'_>, at: usize) -> Result<Vec<u8>> {
    match context.get_raw(at) {
        ValueRef::Text(text) if context.get_subtype(at) == JSON => Ok(text.to_vec()),
        value => library("select json_quote(?1)", value),
    }
}

/// Converts a name and a value to a JSON field; `None` if the name is null.
fn field(context: &Context<'_>) -> Result<Option<Vec<u8>>> {
    let Some(name) = text(context, 0)? else { return Ok(None) };
    let mut field = library("select json_quote(?1)", ValueRef::Text(&name))?;
    field.push(b':');
    field.extend(value(context, 1)?);
    Ok(Some(field))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::register;
    use rusqlite::Connection;

    #[test]
    fn they_return_what_sqlite_returns() {
        let (plain, ours) = (Connection::open_in_memory().unwrap(), Connection::open_in_memory().unwrap());
        register(&ours).unwrap();
        let rows = "(values ('a', 1), ('b\"', 2.5), (null, null), ('c', 'text \n\u{1}é'), (3, json('[1, {\"x\": 2}]')), ('', 1e300)) as t";
        for sql in [
            format!("select json_group_array(column2) from {rows}"),
            format!("select json_group_array(json_array(column1)) from {rows}"),
            format!("select json_group_object(column1, column2) from {rows}"),
            format!("select json_group_array(column2) filter (where column1 > 'a') from {rows}"),
            format!("select json_group_array(column2) from {rows} where false"),
            format!("select json_group_object(column1, column2) from {rows} where false"),
            format!("select json_object('all', json_group_array(column1)) from {rows}"),
            format!(
                "select group_concat(w, ' ') from (select json_group_array(column1) over (rows between 1 preceding and current row) as w from {rows})"
            ),
            format!(
                "select group_concat(w, ' ') from (select json_group_object(column1, column2) over (rows between 1 preceding and current row) as w from {rows})"
            ),
        ] {
            let ask = |connection: &Connection| connection.query_row(&sql, [], |row| row.get::<_, String>(0)).unwrap();
            assert_eq!(ask(&plain), ask(&ours), "{sql}");
        }
        for connection in [plain, ours] {
            let refused = connection.query_row("select json_group_array(x'ff00')", [], |row| row.get::<_, String>(0));
            assert!(refused.unwrap_err().to_string().contains("JSON cannot hold BLOB values"));
        }
    }

    #[test]
    fn they_stop_at_the_maximum_length() {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) ";
        for group in ["json_group_array(hex(zeroblob(1000)))", "json_group_object(i, null)"] {
            let refused = connection.query_row(&format!("{endless} select {group} from n"), [], |_| Ok(()));
            assert!(refused.unwrap_err().to_string().contains("too big"));
        }
    }
}
