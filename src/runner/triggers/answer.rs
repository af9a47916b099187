//! What the caller of a webhook waits for: the end of the run, or the response of a `respond` step.
use crate::{
    Result,
    model::{
        Json, Scope,
        run::{Failure, Instance, Status},
    },
    runner::{AcceptedRun, Definition, EventData, LiveEvent, Runner, journal::SeenEnd, nodes::RESPOND},
};
use futures_util::{StreamExt, TryStreamExt};
use std::time::Duration;
use uuid::Uuid;

/// The result of waiting for a run.
pub enum WaitResult {
    /// The output of a `respond` step. The run continues.
    Response(Json),
    End(RunEnd),
    /// Neither a response nor the end within the given time.
    Nothing,
}

/// How a run ended.
pub struct RunEnd {
    pub status: Status,
    pub output: Json,
    pub error: Option<Failure>,
}

impl RunEnd {
    /// Returns the end that the last event of a run tells; `None` if it does not contain the output.
    fn at(event: &LiveEvent) -> Option<Self> {
        let EventData { status, output, omitted, error, .. } = &event.data;
        let status = Status::parse(status).filter(|_| event.is_last && !omitted.output_omitted)?;
        Some(Self { status, output: output.clone().unwrap_or_default(), error: error.clone() })
    }
}

impl Runner {
    /// Waits for the end of the run, at most for `patience`, and not much longer once the server stops.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub async fn wait_for_end(&self, scope: &Scope, run: AcceptedRun, patience: Duration) -> Result<WaitResult> {
        let id = run.id;
        match self.seen_end(scope, id, run.follower, patience).await? {
            Some(SeenEnd::Event(event)) => self.end_at(scope, id, &event).await,
            Some(SeenEnd::Stored) => self.end(scope, id).await,
            None => Ok(WaitResult::Nothing),
        }
    }

    /// Waits for the first response of the run, or for its end, at most for `patience`, and not much longer once the
    /// server stops.
    ///
    /// # Errors
    /// If the run cannot be read.
    pub async fn wait_for_response(
        &self,
        scope: &Scope,
        run: AcceptedRun,
        definition: &Definition,
        patience: Duration,
    ) -> Result<WaitResult> {
        let id = run.id;
        let mut events = self.events_of(scope, run).boxed();
        let listening = async {
            while let Some(event) = events.try_next().await? {
                if !answers(&event, definition) {
                    continue;
                }
                if event.is_last {
                    return self.end_at(scope, id, &event).await;
                }
                return Ok(WaitResult::Response(self.output_at(scope, id, event.id).await?));
            }
            Ok(WaitResult::Nothing)
        };
        tokio::time::timeout(patience, listening).await.unwrap_or(Ok(WaitResult::Nothing))
    }

    /// Returns the end of a run with this last event. Reads the stored run only for an output that is too long for events.
    async fn end_at(&self, scope: &Scope, id: Uuid, event: &LiveEvent) -> Result<WaitResult> {
        match RunEnd::at(event) {
            Some(end) => Ok(WaitResult::End(end)),
            None => self.end(scope, id).await,
        }
    }

    async fn end(&self, scope: &Scope, id: Uuid) -> Result<WaitResult> {
        let stored = self.0.must_be_stored(scope, id).await?;
        let Instance { status, output, error, .. } = stored.instance;
        Ok(WaitResult::End(RunEnd { status, output: output.unwrap_or_default(), error }))
    }
}

/// Returns whether the event is what the caller waits for: a response, or the end of the run.
fn answers(event: &LiveEvent, definition: &Definition) -> bool {
    let node = event.data.node_id.as_deref().and_then(|node| definition.graph.index_of(node));
    let responds = node.is_some_and(|node| definition.workflow.nodes[node].r#type == RESPOND);
    event.is_last || (event.name == "step.completed" && responds)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{clock::Time, model::run::Omitted};
    use serde_json::json;

    fn event(name: &'static str, node: &str, is_last: bool) -> LiveEvent {
        let data =
            EventData { at: Time(0), node_id: Some(node.to_owned()), status: "COMPLETED", ..EventData::default() };
        LiveEvent { id: 1, name, data, is_last }
    }

    #[test]
    fn only_respond_steps_and_the_end_answer_the_caller() {
        let graph = json!({
            "nodes": [
                {"id": "s", "type": "start", "name": "start"},
                {"id": "r", "type": "respond", "name": "answer"},
                {"id": "e", "type": "end", "name": "end"},
            ],
            "edges": [{"id": "1", "source": "s", "target": "r"}, {"id": "2", "source": "r", "target": "e"}],
        });
        let definition = Definition::stored("hash".into(), &graph.to_string()).unwrap();
        let hears = |name, node, is_last| answers(&event(name, node, is_last), &definition);
        assert!(hears("step.completed", "r", false) && hears("run.completed", "e", true));
        for (name, node) in
            [("step.completed", "s"), ("step.started", "r"), ("step.failed", "r"), ("step.completed", "x")]
        {
            assert!(!hears(name, node, false), "{name} {node}");
        }
    }

    #[test]
    fn the_last_event_tells_the_end_unless_its_output_is_omitted() {
        let mut last = event("run.completed", "", true);
        last.data.output = Some(Json::of(&json!({"sum": 3})).unwrap());
        let end = RunEnd::at(&last).unwrap();
        assert_eq!((end.status, end.error), (Status::Completed, None));
        assert_eq!(end.output, json!({"sum": 3}));
        last.data.omitted = Omitted { output_omitted: true, ..Omitted::default() };
        assert!(RunEnd::at(&last).is_none() && RunEnd::at(&event("step.completed", "r", false)).is_none());
    }
}
