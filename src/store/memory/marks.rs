//! Marks: something has happened, and must not happen again for a while.
use super::{MOST, MemoryPlace, SOON};
use crate::{
    Result,
    clock::Time,
    store::{
        RunsTx,
        sql::{OptionalExtension, Sql},
    },
};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};
use tokio::runtime::Handle;

/// A mark to be set.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    pub key: String,
    /// What those are told who come too late.
    pub value: String,
    pub lifetime: Duration,
    /// Whether the mark stays if its server dies. Others go with it.
    pub is_final: bool,
}

/// What became of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkClaim {
    /// It was set.
    Fresh,
    /// Another one with this value has the key.
    Taken(String),
}

/// The marks of one kind.
#[derive(Clone)]
pub struct Marks(Arc<Inner>);

struct Inner {
    kind: &'static str,
    here: Cache<String, (String, Time)>,
    place: MemoryPlace,
}

impl Marks {
    /// `kind` must differ from that of all others. No mark lives longer than `longest`.
    pub fn new(kind: &'static str, longest: Duration, place: MemoryPlace) -> Self {
        Self::of_many(kind, MOST, longest, place)
    }

    /// The same, with the number of marks that a process remembers.
    pub fn of_many(kind: &'static str, most: u64, longest: Duration, place: MemoryPlace) -> Self {
        let here = Cache::builder().max_capacity(most).time_to_live(longest).build();
        Self(Arc::new(Inner { kind, here, place }))
    }

    /// Sets a mark unless there is one with this key. Of several callers, on all servers, one succeeds.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn claim(&self, mark: Mark) -> Result<MarkClaim> {
        let MemoryPlace::Servers(store) = &self.0.place else { return Ok(self.claim_here(mark)) };
        let mark = Mark { key: self.place_of(&mark.key), ..mark };
        store.runs.write_aside(move |tx| tx.claim_mark(&mark)).await
    }

    fn claim_here(&self, mark: Mark) -> MarkClaim {
        let now = Time::now();
        let mine = (mark.value, now.plus(mark.lifetime));
        let entry = self.0.here.entry(mark.key.clone()).or_insert_with(|| mine.clone());
        if entry.is_fresh() {
            return MarkClaim::Fresh;
        }
        let (value, until) = entry.into_value();
        if now < until {
            return MarkClaim::Taken(value);
        }
        self.0.here.insert(mark.key, mine);
        MarkClaim::Fresh
    }

    /// Sets a mark, and extends one that exists. This process knows it at once.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn set(&self, mark: Mark) -> Result<()> {
        self.0.here.insert(mark.key.clone(), (mark.value.clone(), Time::now().plus(mark.lifetime)));
        let MemoryPlace::Servers(store) = &self.0.place else { return Ok(()) };
        let mark = Mark { key: self.place_of(&mark.key), ..mark };
        store.runs.write_aside(move |tx| tx.set_mark(&mark)).await
    }

    /// Returns whether this process has set a mark.
    pub fn is_set_here(&self, key: &str) -> bool {
        self.0.here.get(key).is_some_and(|(_, until)| Time::now() < until)
    }

    /// Returns whether a mark is set.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn is_set(&self, key: &str) -> Result<bool> {
        match &self.0.place {
            MemoryPlace::Process => Ok(self.is_set_here(key)),
            MemoryPlace::Servers(_) if self.is_set_here(key) => Ok(true),
            MemoryPlace::Servers(store) => {
                let key = self.place_of(key);
                store.runs.survey(move |tx| tx.has_mark(&key)).await
            }
        }
    }

    /// Lets a mark of this server stay if the server dies.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn finish(&self, key: &str) -> Result<()> {
        let MemoryPlace::Servers(store) = &self.0.place else { return Ok(()) };
        let key = self.place_of(key);
        store.runs.write_aside(move |tx| tx.finish_mark(&key)).await
    }

    /// Removes a mark of this server.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn release(&self, key: &str) -> Result<()> {
        let MemoryPlace::Servers(store) = &self.0.place else {
            self.0.here.invalidate(key);
            return Ok(());
        };
        let key = self.place_of(key);
        store.runs.write_aside(move |tx| tx.release_mark(&key)).await
    }

    /// Like [`Marks::release`], for callers that cannot wait.
    pub fn release_later(&self, key: String) {
        if matches!(self.0.place, MemoryPlace::Process) {
            return self.0.here.invalidate(&key);
        }
        let Ok(runtime) = Handle::try_current() else { return };
        let marks = self.clone();
        runtime.spawn(async move {
            if let Err(error) = marks.release(&key).await {
                tracing::warn!(%error, "could not remove a mark; it expires");
            }
        });
    }

    fn place_of(&self, key: &str) -> String {
        super::stored_key(self.0.kind, key)
    }
}

/// How many times a mark that has just expired is looked for.
const LOOKS: usize = 3;

impl RunsTx<'_> {
    fn claim_mark(&self, mark: &Mark) -> Result<MarkClaim> {
        let claim = format!(
            "insert into marks as m (key, value, owner, is_final, until)
               select ?1, ?2, ?3, cast(?4 as bigint) = 1, clock_timestamp() + cast(?5 as bigint) * interval '1 millisecond'
               from {SOON}
             on conflict (key) do update
               set value = excluded.value, owner = excluded.owner, is_final = excluded.is_final, until = excluded.until
               where m.until <= clock_timestamp()
                 or not m.is_final and m.owner in (select id from servers where is_dead)"
        );
        for _ in 0..LOOKS {
            if self.put_mark(&claim, mark)? > 0 {
                return Ok(MarkClaim::Fresh);
            }
            let mut value = self.db.prepare(Sql::composed("select value from marks where key = ?1"))?;
            if let Some(value) = value.query_row([&mark.key], |row| row.get(0)).optional()? {
                return Ok(MarkClaim::Taken(value));
            }
        }
        Ok(MarkClaim::Taken(String::new()))
    }

    fn set_mark(&self, mark: &Mark) -> Result<()> {
        let set = format!(
            "insert into marks (key, value, owner, is_final, until)
               select ?1, ?2, ?3, cast(?4 as bigint) = 1, clock_timestamp() + cast(?5 as bigint) * interval '1 millisecond'
               from {SOON}
             on conflict (key) do update set value = excluded.value, until = excluded.until"
        );
        self.put_mark(&set, mark)?;
        Ok(())
    }

    fn put_mark(&self, sql: &str, mark: &Mark) -> Result<usize> {
        let lifetime = i64::try_from(mark.lifetime.as_millis()).unwrap_or(i64::MAX);
        let given = (&mark.key, &mark.value, &*self.life(), mark.is_final, lifetime);
        Ok(self.db.prepare(Sql::composed(sql))?.execute(given)?)
    }

    fn has_mark(&self, key: &str) -> Result<bool> {
        let sql = "select 1 from marks where key = ?1 and until > clock_timestamp()";
        Ok(self.db.prepare(Sql::composed(sql))?.exists([key])?)
    }

    fn finish_mark(&self, key: &str) -> Result<()> {
        let sql = format!("update marks set is_final = true from {SOON} and key = ?1 and owner = ?2");
        self.db.prepare(Sql::composed(&sql))?.execute((key, &*self.life()))?;
        Ok(())
    }

    fn release_mark(&self, key: &str) -> Result<()> {
        let sql = format!("delete from marks using {SOON} and key = ?1 and owner = ?2");
        self.db.prepare(Sql::composed(&sql))?.execute((key, &*self.life()))?;
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn mark(key: &str, value: &str, lifetime: Duration) -> Mark {
        Mark { key: key.to_owned(), value: value.to_owned(), lifetime, is_final: true }
    }

    #[tokio::test]
    async fn a_mark_is_set_once_until_it_is_released_or_expires() {
        const LONG: Duration = Duration::from_mins(1);
        let marks = Marks::new("test", LONG, MemoryPlace::Process);
        assert_eq!(marks.claim(mark("a", "1", LONG)).await.unwrap(), MarkClaim::Fresh);
        assert_eq!(marks.claim(mark("a", "2", LONG)).await.unwrap(), MarkClaim::Taken("1".to_owned()));
        assert!(marks.is_set("a").await.unwrap() && !marks.is_set("b").await.unwrap());
        marks.release_later("a".to_owned());
        assert_eq!(marks.claim(mark("a", "3", Duration::ZERO)).await.unwrap(), MarkClaim::Fresh);
        assert_eq!(marks.claim(mark("a", "4", Duration::ZERO)).await.unwrap(), MarkClaim::Fresh, "expired at once");
    }
}
