//! Follows a run: past events from the journal, then live events until it ends.
use super::{hub::Follower, view::LiveEvent};
use crate::{
    Error, Result,
    model::{Scope, run::Instance},
    runner::{AcceptedRun, Runner},
    store::{JournalPart, RunsTx},
};
use futures_util::{Stream, stream};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How often a server that stops looks what others do with a run.
const LOOK: Duration = Duration::from_millis(100);
/// How much of a journal a follower reads at once.
const PART: JournalPart = JournalPart { lines: 256, bytes: 256 << 10 };

/// How a waiter has learned that a run has ended.
pub(in crate::runner) enum SeenEnd {
    /// The stored run says so.
    Stored,
    /// The last event of the run.
    Event(Arc<LiveEvent>),
}

/// A position in the events of a run.
struct Reader {
    runner: Runner,
    scope: Scope,
    id: Uuid,
    follower: Follower,
    /// The number of the last event that was returned.
    last: u64,
    ready: VecDeque<Arc<LiveEvent>>,
    ended: bool,
    /// Whether to return what other servers add while this one stops. Clients with a stream reconnect to one of them.
    outlasts_drain: bool,
}

impl Runner {
    /// Streams the events of a run after the one numbered `after` (0: from the beginning), then live events until it
    /// ends.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn events(
        &self,
        scope: &Scope,
        id: Uuid,
        after: u64,
    ) -> Result<impl Stream<Item = Result<Arc<LiveEvent>>> + Send + use<>> {
        self.0.store.runs.get(|tx| tx.instance_state(scope, id)?.ok_or(Error::NotFound("instance")))?;
        Ok(self.follow(scope, id, after, self.0.hub.follow(scope.tenant, id), false))
    }

    /// Streams the events of a run that was just accepted, from the first one. When this server stops, what others do
    /// with the run is part of the stream, as long as this one may see it.
    pub(in crate::runner) fn events_of(
        &self,
        scope: &Scope,
        run: AcceptedRun,
    ) -> impl Stream<Item = Result<Arc<LiveEvent>>> + Send + use<> {
        let follower = run.follower.unwrap_or_else(|| self.0.hub.follow(scope.tenant, run.id));
        self.follow(scope, run.id, 0, follower, true)
    }

    fn follow(
        &self,
        scope: &Scope,
        id: Uuid,
        last: u64,
        follower: Follower,
        outlasts_drain: bool,
    ) -> impl Stream<Item = Result<Arc<LiveEvent>>> + Send + use<> {
        let (runner, scope) = (self.clone(), scope.clone());
        let ready = VecDeque::new();
        let reader = Reader { runner, scope, id, follower, last, ready, ended: false, outlasts_drain };
        stream::try_unfold(reader, |mut reader| async move {
            let event = reader.next().await?;
            Ok(event.map(|event| (event, reader)))
        })
    }

    /// Returns whether the run has ended and `last` is its last event.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn was_sent(&self, scope: &Scope, id: Uuid, last: u64) -> Result<bool> {
        let state = self.0.store.runs.get(|tx| tx.instance_state(scope, id))?;
        let (status, seq) = state.ok_or(Error::NotFound("instance"))?;
        Ok(status.is_final() && last >= seq)
    }

    /// Waits until the run ends, at most for `patience`, and returns it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn wait(&self, scope: &Scope, run: AcceptedRun, patience: Duration) -> Result<Instance> {
        self.seen_end(scope, run.id, run.follower, patience).await?;
        self.get(scope, run.id).await
    }

    /// Waits until the run ends, at most for `patience`. Returns `None` if it has not ended. With a follower from before
    /// the first event, the stored run is not read.
    ///
    /// # Errors
    /// `NotFound`.
    pub(in crate::runner) async fn seen_end(
        &self,
        scope: &Scope,
        id: Uuid,
        follower: Option<Follower>,
        patience: Duration,
    ) -> Result<Option<SeenEnd>> {
        let mut known = follower.is_some().then_some(0);
        let mut follower = follower.unwrap_or_else(|| self.0.hub.follow(scope.tenant, id));
        let state = || self.0.store.runs.get(|tx| tx.instance_state(scope, id)?.ok_or(Error::NotFound("instance")));
        let ended = async {
            loop {
                let mut last = match known.take() {
                    Some(last) => last,
                    None => match state()? {
                        (status, _) if status.is_final() => return Ok::<_, Error>(SeenEnd::Stored),
                        (_, seq) => seq,
                    },
                };
                loop {
                    follower.wait(last).await;
                    // if some events were missed, the stored run tells more
                    let Some(newest) = follower.story.after(last).and_then(|mut events| events.pop()) else { break };
                    if newest.is_last {
                        return Ok(SeenEnd::Event(newest));
                    }
                    last = newest.id;
                }
            }
        };
        tokio::select! {
            ended = ended => ended.map(Some),
            () = tokio::time::sleep(patience) => Ok(state()?.0.is_final().then_some(SeenEnd::Stored)),
            () = self.0.draining.cancelled() => {
                while !state()?.0.is_final() {
                    if !self.may_see_rest() {
                        return Ok(None);
                    }
                    tokio::time::sleep(LOOK).await;
                }
                Ok(Some(SeenEnd::Stored))
            }
        }
    }

    /// Returns whether this server, which stops, may still see what another server does with a run.
    fn may_see_rest(&self) -> bool {
        self.0.fleet.has_others() && self.0.stops_at.get().is_none_or(|at| Instant::now() < *at)
    }
}

impl Reader {
    async fn next(&mut self) -> Result<Option<Arc<LiveEvent>>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.last = event.id;
                self.ended = event.is_last;
                return Ok(Some(event));
            }
            if self.ended {
                return Ok(None);
            }
            if let Some(events) = self.follower.story.after(self.last) {
                self.ready.extend(events);
                continue;
            }
            if self.catch_up().await? {
                continue;
            }
            let last = self.last;
            tokio::select! {
                () = self.follower.wait(last) => {}
                () = self.runner.0.draining.cancelled() => {
                    if !self.outlasts_drain || !self.runner.may_see_rest() {
                        return Ok(None);
                    }
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Reads the next part of the journal, once for all followers. Returns `false` if there is nothing new yet.
    async fn catch_up(&mut self) -> Result<bool> {
        let story = Arc::clone(&self.follower.story);
        let _reading = story.reading.lock().await;
        if let Some(events) = story.after(self.last) {
            self.ready.extend(events);
            return Ok(true);
        }
        let inner = &self.runner.0;
        let (scope, id, last) = (self.scope.clone(), self.id, self.last);
        let read = move |tx: &RunsTx<'_>| {
            let state = tx.instance_state(&scope, id)?.ok_or(Error::NotFound("instance"))?;
            let definition = tx.definition_of(&scope, id)?.ok_or(Error::NotFound("instance"))?;
            Ok((state, definition, tx.journal(&scope, id, last, PART)?))
        };
        let ((status, _), definition, journal) = inner.store.runs.read(self.scope.tenant, read).await?;
        let definition = inner.definition(&self.scope, &definition)?;
        let event = |entry| Ok(Arc::new(LiveEvent::of(entry, &definition)?));
        let events = journal.iter().map(event).collect::<Result<Vec<_>>>()?;
        // nothing comes after the last event of an ended run
        self.ended = events.is_empty() && status.is_final();
        story.add(events.iter().cloned());
        self.ready.extend(events);
        Ok(self.ended || !self.ready.is_empty())
    }
}
