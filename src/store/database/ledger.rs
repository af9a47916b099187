//! Adds up what writes add and remove, per tenant and kind of data, and stores it with their commit.
use super::{
    counters::Counters,
    tallies::{self, Amount, LedgerKey, RecentTotals},
};
use crate::store::sql::{Connection, OptionalExtension, SqlResult, sql};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The most totals that are cached.
const REMEMBERED: usize = 10_000;

#[derive(Clone, Copy, Default)]
struct Total {
    /// The total as of the last commit.
    stored: Amount,
    now: Amount,
}

/// The totals that the writer uses, and its changes of counters. Only the writer of a file changes totals, so each is read
/// once, and written once per commit. On a server, others change them too: they are read when they are needed.
#[derive(Default)]
pub struct Ledger {
    entries: RefCell<Entries>,
    pub counters: Counters,
    /// What the transactions of this server share, if others write, too.
    recent: Option<Arc<RecentTotals>>,
}

#[derive(Default)]
struct Entries {
    totals: HashMap<LedgerKey, Total>,
    changed: HashSet<LedgerKey>,
    /// The changes of the current write, which are undone if it fails.
    pending: Vec<(LedgerKey, Amount)>,
    /// Totals to read again after the commit.
    doubtful: Vec<LedgerKey>,
}

impl Ledger {
    /// Creates the ledger of one transaction on a server.
    pub fn shared(recent: &Arc<RecentTotals>) -> Self {
        Self { recent: Some(Arc::clone(recent)), ..Self::default() }
    }

    /// Like [`Ledger::now`], but without what other servers have added in the last second.
    pub fn recently(&self, db: Connection<'_>, key: LedgerKey) -> SqlResult<Amount> {
        let Some(recent) = &self.recent else { return self.now(db, key) };
        let (total, others) = (self.total(db, key)?.now, recent.read(db, key)?);
        Ok((total.0 + others.0, total.1 + others.1))
    }

    /// Returns the total including the changes of the current write.
    pub fn now(&self, db: Connection<'_>, key: LedgerKey) -> SqlResult<Amount> {
        let total = self.total(db, key)?.now;
        let others = if db.is_shared() { read(db, key)? } else { (0, 0) };
        Ok((total.0 + others.0, total.1 + others.1))
    }

    fn total(&self, db: Connection<'_>, key: LedgerKey) -> SqlResult<Total> {
        if let Some(total) = self.entries.borrow().totals.get(&key) {
            return Ok(*total);
        }
        let stored = if db.is_shared() { (0, 0) } else { read(db, key)? };
        let total = Total { stored, now: stored };
        self.entries.borrow_mut().totals.insert(key, total);
        Ok(total)
    }

    /// Counts a change that the current write makes.
    pub fn add(&self, db: Connection<'_>, key: LedgerKey, by: Amount) -> SqlResult<()> {
        self.total(db, key)?;
        let mut entries = self.entries.borrow_mut();
        entries.pending.push((key, by));
        entries.changed.insert(key);
        if let Some(total) = entries.totals.get_mut(&key) {
            total.now = (total.now.0 + by.0, total.now.1 + by.1);
        }
        Ok(())
    }

    /// Ends the current write. Undoes its changes unless it was kept.
    pub fn settle(&self, kept: bool) {
        self.counters.settle(kept);
        let mut entries = self.entries.borrow_mut();
        for (key, by) in std::mem::take(&mut entries.pending) {
            if !kept && let Some(total) = entries.totals.get_mut(&key) {
                total.now = (total.now.0 - by.0, total.now.1 - by.1);
            }
        }
    }

    /// Writes the changed totals in the transaction of the batch. Returns how many bytes were added.
    pub fn flush(&self, db: Connection<'_>) -> SqlResult<u64> {
        self.counters.flush(db)?;
        let mut entries = self.entries.borrow_mut();
        let (mut added, mut tallied) = (0, Vec::new());
        // in the same order by all writers, so that none waits for another in a circle
        let mut changed: Vec<LedgerKey> = std::mem::take(&mut entries.changed).into_iter().collect();
        changed.sort_unstable_by_key(|(tenant, kind)| (*tenant, kind.as_str()));
        for key in changed {
            let Some(total) = entries.totals.get_mut(&key) else { continue };
            let by = (total.now.0 - total.stored.0, total.now.1 - total.stored.1);
            if by == (0, 0) {
                continue;
            }
            total.stored = total.now;
            added += u64::try_from(by.0).unwrap_or(0);
            if let Some(recent) = self.recent.as_ref().filter(|_| tallies::is_tallied(key.1)) {
                recent.add(key, by);
                tallied.push((key, by));
                continue;
            }
            db.prepare(sql!(
                "insert into usage (tenant_id, kind, bytes, row_count) values (?1, ?2, ?3, ?4)
                 on conflict (tenant_id, kind) do update
                 set bytes = case when usage.bytes + ?5 > 0 then usage.bytes + ?5 else 0 end,
                   row_count = case when usage.row_count + ?6 > 0 then usage.row_count + ?6 else 0 end"
            ))?
            .send((key.0, key.1.as_str(), by.0.max(0), by.1.max(0), by.0, by.1))?;
        }
        tallies::add_usage(db, &tallied)?;
        for key in std::mem::take(&mut entries.doubtful) {
            entries.totals.remove(&key);
        }
        if entries.totals.len() > REMEMBERED {
            entries.totals.clear();
        }
        Ok(added)
    }

    /// Reads this total again after the commit.
    pub fn doubt(&self, key: LedgerKey) {
        self.entries.borrow_mut().doubtful.push(key);
    }

    /// Clears all totals, because the transaction was not committed.
    pub fn clear(&self) {
        *self.entries.borrow_mut() = Entries::default();
        self.counters.clear();
    }
}

/// Returns the committed total.
pub fn read(db: Connection<'_>, (tenant, kind): LedgerKey) -> SqlResult<Amount> {
    let mut query = db.prepare(sql!("select bytes, row_count from usage where tenant_id = ?1 and kind = ?2"))?;
    let found = query.query_row((tenant, kind.as_str()), |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?.unwrap_or_default())
}
