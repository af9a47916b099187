//! The life of this server, and what it takes over from lives that ended.
use super::notices::FleetNotice;
use crate::{Error, Result, runner::Inner};
use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

/// How often a life is extended. It ends when it was not for three seconds.
const BEAT: Duration = Duration::from_secs(1);
/// How often dead lives are looked for.
const LOOK: Duration = Duration::from_millis(200);
/// How long this life must have been extended without a failure before it judges others: after the database was away,
/// all lives look dead at first.
const TRUSTED: Duration = Duration::from_secs(3);
/// How often counters are added up.
const COUNT: Duration = Duration::from_millis(500);
/// How often old notices are deleted, and clocks are compared.
const TIDY: Duration = Duration::from_mins(1);

impl Inner {
    /// Begins the life of this server.
    ///
    /// # Errors
    /// `Conflict` if the clock of this machine is wrong, and if the database cannot be written.
    pub(in crate::runner) async fn join(self: &Arc<Self>) -> Result<()> {
        let skew = self.store.compare_clocks().await?;
        if skew.is_too_large() {
            return Err(Error::conflict(format!(
                "the clock of this machine is {skew} that of the database server: synchronize both machines with a time \
                 server, then start again (servers that share a database may differ by 2 s)"
            )));
        }
        self.begin_life().await?;
        let inner = Arc::clone(self);
        let beat = tokio::spawn(async move { inner.keep_alive().await });
        *self.fleet.beat.lock().unwrap_or_else(PoisonError::into_inner) = Some(beat);
        // written by a single server
        self.store.runs.write(|tx| tx.adopt()).await?;
        self.tasks.spawn(Arc::clone(self).watch_lives());
        self.tasks.spawn(Arc::clone(self).listen());
        Ok(())
    }

    async fn begin_life(&self) -> Result<()> {
        let asked = Instant::now();
        self.store.begin_life(name()).await?;
        self.fleet.extend(asked);
        tracing::debug!(life = &*self.store.life(), "this server has joined the others");
        self.fleet.begin();
        Ok(())
    }

    /// Ends the life of this server, so that others take its runs over at once.
    pub(in crate::runner) async fn leave(&self) {
        let beat = self.fleet.beat.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(beat) = beat {
            beat.abort();
            let left = async { self.store.end_life(FleetNotice::Left.text()?).await };
            if let Err(error) = left.await {
                tracing::warn!(%error, "the other servers will take over the runs of this one in some seconds");
            }
        }
    }

    async fn keep_alive(self: Arc<Self>) {
        loop {
            tokio::time::sleep(BEAT).await;
            let asked = Instant::now();
            match self.store.extend_life().await {
                Ok(Some(others)) => {
                    self.fleet.others.store(others, Ordering::Relaxed);
                    self.fleet.extend(asked);
                }
                Ok(None) => {
                    tracing::warn!("this server was not seen for some seconds: others have taken its runs over");
                    self.abandon();
                    if let Err(error) = self.begin_life().await {
                        tracing::error!(%error, "could not join the other servers again; retrying");
                    }
                }
                Err(error) => tracing::warn!(%error, "could not tell the other servers that this one works"),
            }
        }
    }

    /// Takes over the runs of dead lives until the server shuts down.
    async fn watch_lives(self: Arc<Self>) {
        let (mut trusted, mut tidied, mut counted) = (Instant::now(), Instant::now(), Instant::now());
        self.compare_clocks().await;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = self.fleet.left.notified() => {}
                () = self.draining.cancelled() => return,
            }
            let judges = trusted.elapsed() >= TRUSTED;
            if let Err(error) = self.take_over(judges).await {
                trusted = Instant::now();
                if !matches!(error, Error::Unavailable(_)) {
                    tracing::error!(%error, "could not take over the runs of other servers; retrying");
                }
            }
            if counted.elapsed() >= COUNT {
                counted = Instant::now();
                self.add_up_counters().await;
            }
            if tidied.elapsed() >= TIDY {
                tidied = Instant::now();
                self.compare_clocks().await;
                if let Err(error) = self.store.runs.write_aside(|tx| tx.tidy_fleet()).await {
                    tracing::warn!(%error, "could not delete old notices");
                }
            }
        }
    }

    async fn compare_clocks(&self) {
        match self.store.compare_clocks().await {
            Ok(skew) if skew.is_notable() => {
                let difference = skew.to_string();
                tracing::warn!(difference, "the clock of this machine differs from that of the database server");
            }
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "could not compare clocks"),
        }
    }

    async fn add_up_counters(&self) {
        // do not write if there is nothing to add up
        while matches!(self.store.runs.survey(|tx| tx.has_tallies()).await, Ok(true)) {
            match self.store.runs.write_aside(|tx| tx.add_up_counters()).await {
                Ok(true) => {}
                Ok(false) => return,
                // another server may be adding up the same counters
                Err(error) => return tracing::debug!(%error, "could not add up counters"),
            }
        }
    }

    async fn take_over(self: &Arc<Self>, judges: bool) -> Result<()> {
        let (silent, orphans) = self.store.runs.survey(|tx| Ok((tx.has_silent()?, tx.has_orphans()?))).await?;
        if silent && judges {
            self.store.runs.write_aside(|tx| tx.bury_silent()).await?;
        } else if !orphans {
            return Ok(());
        }
        let _taking = self.fleet.taking.write().await;
        loop {
            let taken = self.store.runs.write_aside(|tx| {
                let taken = tx.take_over()?;
                let found = taken.iter().map(|(tenant, run)| tx.unfinished_run(*tenant, *run));
                found.filter_map(Result::transpose).collect::<Result<Vec<_>>>()
            });
            let taken = taken.await?;
            if taken.is_empty() {
                return Ok(());
            }
            tracing::info!(runs = taken.len(), "took over runs of a server that has stopped");
            self.resume_owned(taken).await?;
        }
    }
}

/// Returns what operators know this server by.
fn name() -> String {
    let process = format!("process {}", std::process::id());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("HOSTNAME").ok());
    match host.as_deref().map(str::trim).filter(|host| !host.is_empty()) {
        Some(host) => format!("{host}, {process}"),
        None => process,
    }
}
