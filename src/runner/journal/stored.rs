//! Reads stored runs. Journals and long records may be compressed, so they are read and unpacked away from the threads
//! that handle requests.
use crate::{
    Error, Result,
    model::Scope,
    runner::{Inner, engine::RunEntry},
    store::{JournalEntry, JournalPart, RunsTx, StoredInstance},
};
use uuid::Uuid;

impl Inner {
    /// Reads a run; `None` if it does not exist.
    pub(in crate::runner) async fn stored(&self, scope: &Scope, id: Uuid) -> Result<Option<StoredInstance>> {
        if let Some(short) = self.store.runs.get(|tx| tx.short_instance(scope, id))? {
            return Ok(Some(short));
        }
        let reader = scope.clone();
        self.store.runs.read(scope.tenant, move |tx| tx.instance(&reader, id)).await
    }

    /// # Errors
    /// `NotFound`.
    pub(in crate::runner) async fn must_be_stored(&self, scope: &Scope, id: Uuid) -> Result<StoredInstance> {
        self.stored(scope, id).await?.ok_or(Error::NotFound("instance"))
    }

    /// Reads a part of a run's journal, after the entry `after`.
    pub(super) async fn lines(
        &self,
        scope: &Scope,
        id: Uuid,
        after: u64,
        part: JournalPart,
    ) -> Result<Vec<JournalEntry>> {
        let reader = scope.clone();
        self.store.runs.read(scope.tenant, move |tx| tx.journal(&reader, id, after, part)).await
    }

    /// Like [`Self::lines`], parsed. Also returns the size of the text in bytes.
    pub(in crate::runner) async fn entries(
        &self,
        scope: &Scope,
        id: Uuid,
        after: u64,
    ) -> Result<(Vec<RunEntry>, usize)> {
        let reader = scope.clone();
        let read = move |tx: &RunsTx<'_>| {
            let lines = tx.journal(&reader, id, after, JournalPart::default())?;
            Ok((read_journal(&lines)?, lines.iter().map(|line| line.event.len()).sum()))
        };
        self.store.runs.read(scope.tenant, read).await
    }

    /// Reads a journal part by part.
    pub(in crate::runner) async fn each_part(
        &self,
        scope: &Scope,
        id: Uuid,
        mut take: impl FnMut(&[RunEntry]),
    ) -> Result<()> {
        let mut after = 0;
        loop {
            let (entries, _) = self.entries(scope, id, after).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            after = last.seq;
            take(&entries);
        }
    }
}

fn read_journal(lines: &[JournalEntry]) -> Result<Vec<RunEntry>> {
    let read = |line: &JournalEntry| {
        let event = serde_json::from_str(&line.event)?;
        Ok(RunEntry { seq: line.seq, at: line.at, event })
    };
    lines.iter().map(read).collect()
}
