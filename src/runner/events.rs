//! Following a run: the whole story from the journal, then what happens live, to its end.
use super::{
    Runner,
    active::read_journal,
    hub::{Follower, News},
    view::LiveEvent,
};
use crate::{
    Error, Result,
    model::{Scope, run::Instance},
};
use futures_util::{Stream, stream};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use uuid::Uuid;

/// A reader of one run's events, somewhere in the story.
struct Reader {
    runner: Runner,
    scope: Scope,
    id: Uuid,
    follower: Follower,
    /// The last event that was given out.
    last: u64,
    ready: VecDeque<Arc<LiveEvent>>,
    /// Whether the journal must be read before the live events make sense.
    behind: bool,
    ended: bool,
}

impl Runner {
    /// The events of a run after the one numbered `after` (0: from the beginning), then live until it ends.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn events(
        &self,
        scope: &Scope,
        id: Uuid,
        after: u64,
    ) -> Result<impl Stream<Item = Result<Arc<LiveEvent>>> + Send + use<>> {
        self.0.store.runs.get(|tx| tx.instance(scope, id)?.ok_or(Error::NotFound("instance")))?;
        let reader = Reader {
            follower: self.0.hub.follow(id),
            runner: self.clone(),
            scope: scope.clone(),
            id,
            last: after,
            ready: VecDeque::new(),
            behind: true,
            ended: false,
        };
        Ok(stream::try_unfold(reader, |mut reader| async move {
            let event = reader.next().await?;
            Ok(event.map(|event| (event, reader)))
        }))
    }

    /// The run, once it has ended or `patience` is over.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn wait(&self, scope: &Scope, id: Uuid, patience: Duration) -> Result<Instance> {
        let mut follower = self.0.hub.follow(id);
        let ended = async {
            loop {
                let stored = self.0.store.runs.get(|tx| tx.instance(scope, id)?.ok_or(Error::NotFound("instance")))?;
                if stored.instance.status.is_final() {
                    return Ok::<_, Error>(());
                }
                while let News::Event(event) = follower.next().await {
                    if event.is_last {
                        return Ok(());
                    }
                }
            }
        };
        tokio::select! {
            ended = ended => ended?,
            () = tokio::time::sleep(patience) => {}
            () = self.0.draining.cancelled() => {}
        }
        self.get(scope, id)
    }
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Arc<LiveEvent>>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                if event.id <= self.last {
                    continue;
                }
                self.last = event.id;
                self.ended = event.is_last;
                return Ok(Some(event));
            }
            if self.ended {
                return Ok(None);
            }
            if self.behind {
                self.catch_up()?;
                continue;
            }
            let news = tokio::select! {
                news = self.follower.next() => news,
                // the follower comes back to the next process with the last id that it has
                () = self.runner.0.draining.cancelled() => return Ok(None),
            };
            match news {
                // a gap: events can come out of order from two tasks
                News::Event(event) if event.id > self.last + 1 => self.behind = true,
                News::Event(event) => self.ready.push_back(event),
                News::Missed => self.behind = true,
            }
        }
    }

    fn catch_up(&mut self) -> Result<()> {
        let inner = &self.runner.0;
        let (stored, journal) = inner.store.runs.get(|tx| {
            let stored = tx.instance(&self.scope, self.id)?.ok_or(Error::NotFound("instance"))?;
            Ok((stored, tx.journal(&self.scope, self.id, self.last)?))
        })?;
        let definition = inner.definition(&self.scope, &stored.definition)?;
        let entries = read_journal(&journal)?;
        self.ready.extend(entries.iter().map(|entry| Arc::new(LiveEvent::of(entry, &definition))));
        self.behind = false;
        // a reader that names the last event of an ended run has the whole story
        self.ended = self.ready.is_empty() && stored.instance.status.is_final();
        Ok(())
    }
}
