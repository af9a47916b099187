//! What the caller of a webhook waits for: a run's end, or what a `respond` step in it says.
use super::super::{Definition, Runner, active::read_journal, hub::News, view::LiveEvent};
use crate::{
    Error, Result,
    model::{
        Scope,
        run::{Failure, Status},
    },
};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// The node type whose output answers the caller.
pub(in crate::runner) const RESPOND: &str = "respond";

/// What became of a run that was waited for.
pub enum Heard {
    /// The output of a `respond` step; the run goes on.
    Response(Value),
    End(End),
    /// Nothing as yet.
    Nothing,
}

/// How a run ended.
pub struct End {
    pub status: Status,
    pub output: Value,
    pub error: Option<Failure>,
}

impl Runner {
    /// Waits for the run's end, or its first response where `responds`, as long as `patience` lasts.
    ///
    /// # Errors
    /// `Unavailable` when the server stops; the run goes on after its next start.
    pub async fn hear(
        &self,
        scope: &Scope,
        id: Uuid,
        definition: &Definition,
        responds: bool,
        patience: Duration,
    ) -> Result<Heard> {
        let mut follower = self.0.hub.follow(id);
        let listening = async {
            loop {
                // what happened before there was a follower, or while it was behind
                if let Some(heard) = self.so_far(scope, id, definition, responds)? {
                    return Ok::<_, Error>(heard);
                }
                while let News::Event(event) = follower.next().await {
                    if let Some(heard) = heard(&event, definition, responds) {
                        return Ok(heard);
                    }
                }
            }
        };
        tokio::select! {
            heard = listening => heard,
            () = tokio::time::sleep(patience) => Ok(Heard::Nothing),
            () = self.0.draining.cancelled() => Err(Error::Unavailable("the server is stopping: the run goes on later")),
        }
    }

    fn so_far(&self, scope: &Scope, id: Uuid, definition: &Definition, responds: bool) -> Result<Option<Heard>> {
        let (stored, journal) = self.0.store.runs.get(|tx| {
            let stored = tx.instance(scope, id)?.ok_or(Error::NotFound("instance"))?;
            Ok((stored.instance, if responds { tx.journal(scope, id, 0)? } else { Vec::new() }))
        })?;
        for entry in read_journal(&journal)? {
            if let Some(heard) = heard(&LiveEvent::of(&entry, definition), definition, responds) {
                return Ok(Some(heard));
            }
        }
        let end = End { status: stored.status, output: stored.output.unwrap_or_default(), error: stored.error };
        Ok(stored.status.is_final().then_some(Heard::End(end)))
    }
}

fn heard(event: &LiveEvent, definition: &Definition, responds: bool) -> Option<Heard> {
    let data = &event.data;
    if event.is_last {
        let status = Status::parse(data.status).unwrap_or_default();
        let output = data.output.clone().unwrap_or_default();
        return Some(Heard::End(End { status, output, error: data.error.clone() }));
    }
    if !responds || event.name != "step.completed" {
        return None;
    }
    let node = definition.graph.index_of(data.node_id.as_deref()?)?;
    (definition.workflow.nodes[node].r#type == RESPOND)
        .then(|| Heard::Response(data.output.clone().unwrap_or_default()))
}
