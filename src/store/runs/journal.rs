//! The journals of runs: appended in the transaction that advances the run, and read in order.
use super::packed::{Packed, unpack};
use crate::{
    Result,
    clock::Time,
    model::Scope,
    store::{RunsTx, database::column, sql::sql, usage::row},
};
use uuid::Uuid;

/// An entry of a run's journal. Only the runner interprets the text of the event.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    pub seq: u64,
    pub at: Time,
    pub event: String,
}

/// How much of a journal to read at once: at most `lines` entries, stopping after `bytes` bytes.
#[derive(Clone, Copy, Debug)]
pub struct JournalPart {
    pub lines: usize,
    pub bytes: usize,
}

impl Default for JournalPart {
    fn default() -> Self {
        Self { lines: 1000, bytes: 1 << 20 }
    }
}

/// Entries as they are stored.
pub struct PackedEntries<'e> {
    entries: Vec<(&'e JournalEntry, Packed<'e>)>,
    /// The number of bytes that they take.
    pub bytes: u64,
}

impl<'e> PackedEntries<'e> {
    pub fn of(entries: &'e [JournalEntry]) -> Self {
        let entries: Vec<_> = entries.iter().map(|entry| (entry, Packed::new(&entry.event))).collect();
        let bytes = entries.iter().map(|(_, event)| row::JOURNAL + event.size()).sum();
        Self { entries, bytes }
    }
}

impl RunsTx<'_> {
    /// Appends entries, which [`PackedEntries::of`] has packed.
    pub fn append_journal(&self, scope: &Scope, instance: Uuid, entries: PackedEntries<'_>) -> Result<()> {
        let sql = sql!("insert into journal (tenant_id, instance_id, seq, at, event) values (?1, ?2, ?3, ?4, ?5)");
        let mut insert = self.db.prepare(sql)?;
        let all = entries.entries.into_iter();
        insert.send_all(all.map(|(entry, event)| (scope.tenant, instance, entry.seq, entry.at.0, event)))?;
        Ok(())
    }

    /// Returns the entries after the entry `after` (0 for all), limited by `part`. Returns at least one entry if there
    /// are more.
    pub fn journal(&self, scope: &Scope, instance: Uuid, after: u64, part: JournalPart) -> Result<Vec<JournalEntry>> {
        let sql = sql!(
            "select seq, at, event from journal where tenant_id = ?1 and instance_id = ?2 and seq > ?3 order by seq limit ?4"
        );
        let mut query = self.db.prepare(sql)?;
        let mut rows = query.query((scope.tenant, instance, after, part.lines))?;
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let event = unpack(&row, 2)?.unwrap_or_default().into_owned();
            bytes += event.len();
            lines.push(JournalEntry { seq: row.get(0)?, at: column::time(&row, 1)?, event });
            if bytes >= part.bytes {
                break;
            }
        }
        Ok(lines)
    }
}
