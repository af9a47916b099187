//! Pages of lists that are ordered by time, newest first.
use crate::{Error, Result, clock::Time};
use uuid::Uuid;

/// Reads a cursor of [`end_page`]: the time and ID of the last item of the previous page.
///
/// # Errors
/// `Invalid` at `cursor`.
pub fn read_cursor(text: &str) -> Result<(Time, Uuid)> {
    let parts = text.split_once('.').and_then(|(at, id)| Some((Time(at.parse().ok()?), Uuid::parse_str(id).ok()?)));
    parts.ok_or_else(|| Error::invalid("cursor", "must be the nextCursor of the same list"))
}

/// Shortens the items, of which one more than `limit` was read, to a page. Returns the cursor of the next page, if there
/// is one.
pub fn end_page<T>(items: &mut Vec<T>, limit: u32, key: impl Fn(&T) -> (Time, Uuid)) -> Option<String> {
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    items.last().filter(|_| has_more).map(|last| {
        let (at, id) = key(last);
        format!("{}.{id}", at.0)
    })
}
