//! Tests with a real store and a backend that counts its queries.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
mod behaviour;
mod control;
mod durability;
mod loops;
mod parked;
mod recovery;
mod retention;

use super::{nodes::NodeFuture, *};
use crate::{
    budget::Budget,
    connect::{Guard, http::Client},
    data_dir::DataDir,
    mail::Mailer,
    model::run::StepStatus,
    quota::Quotas,
    script::Sandbox,
    store::Durability,
    variables::Vars,
};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Map, Value, json};
use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

/// Counts queries, and answers each after `ms` with `bytes` of data. The first `fails` queries fail.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Backend for Counting {
    fn execute_query<'a>(
        &'a self,
        _: &'a Scope,
        _: Uuid,
        _: Uuid,
        parameters: Map<String, Value>,
    ) -> NodeFuture<'a, Result<Value>> {
        Box::pin(async move {
            let count = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            let number = |name: &str| parameters.get(name).and_then(Value::as_u64).unwrap_or(0);
            tokio::time::sleep(Duration::from_millis(number("ms"))).await;
            if number("fails") >= count as u64 {
                return Err(Error::Timeout("the database did not answer".to_owned()));
            }
            let data = "x".repeat(usize::try_from(number("bytes")).unwrap());
            Ok(json!({"data": [data], "columns": [], "rowCount": 1, "truncated": false}))
        })
    }

    fn variables(&self, _: &Scope) -> Result<Arc<Vars>> {
        Ok(Arc::default())
    }
}

struct World {
    runner: Runner,
    scope: Scope,
    asked: Counting,
    _dir: DataDir,
}

impl World {
    fn open(dir: &Path, limits: RunnerLimits) -> Self {
        let dir = DataDir::open(dir).unwrap();
        let store = Arc::new(Store::open(&dir, Durability::Normal, &Arc::new(Quotas::unlimited())).unwrap());
        let asked = Counting::default();
        let sandbox = Sandbox::new(crate::script::ScriptLimits::default());
        let web = Client::public(Guard::new(true, [])).unwrap();
        let mail = Arc::new(Mailer::new(None, None).unwrap());
        let services =
            Services { sandbox, backend: Box::new(asked.clone()), web, mail, budget: Budget::new(64 << 20).into() };
        let scope = Scope::system(Uuid::from_u128(7));
        Self { runner: Runner::new(store, services, limits, Budget::new(256 << 20)), scope, asked, _dir: dir }
    }

    fn running(dir: &Path) -> Self {
        let world = Self::open(dir, RunnerLimits::default());
        world.runner.run().unwrap();
        world
    }

    fn request(&self, workflow: &Workflow) -> RunRequest {
        RunRequest {
            workflow_id: Some(Uuid::from_u128(1)),
            workflow_name: "Test".to_owned(),
            workflow_version: 3,
            definition: self.runner.prepare(&self.scope, workflow).unwrap(),
            input: Json::of(&json!({"n": 20})).unwrap(),
            trigger: RunTrigger::Manual,
            is_test: false,
            idempotency_key: None,
            is_awaited: false,
        }
    }

    async fn start(&self, workflow: &Workflow) -> Uuid {
        self.runner.start(&self.scope, self.request(workflow)).await.unwrap().id
    }

    /// Waits until a run is at a step.
    async fn reach(&self, id: Uuid, step: &str) {
        let events = self.runner.events(&self.scope, id, 0).unwrap();
        let is_there = events.any(|event| async move { event.unwrap().data.name.as_deref() == Some(step) });
        assert!(tokio::time::timeout(Duration::from_secs(20), is_there).await.unwrap(), "the run ended before {step}");
    }

    async fn finish(&self, id: Uuid) -> Instance {
        self.finish_within(id, Duration::from_secs(20)).await
    }

    async fn finish_within(&self, id: Uuid, patience: Duration) -> Instance {
        let accepted = AcceptedRun { id, status: Status::Pending, follower: None };
        let run = self.runner.wait(&self.scope, accepted, patience).await.unwrap();
        assert!(run.status.is_final(), "{:?} {:?}", run.status, run.steps);
        run
    }
}

/// Creates a workflow from nodes, whose ids are also their names, and edges of the form `a>b` or `a:handle>b`.
fn workflow(nodes: Value, edges: &[&str]) -> Workflow {
    let edge = |(i, text): (usize, &&str)| {
        let (source, target) = text.split_once('>').unwrap();
        let (source, handle) = source.split_once(':').unwrap_or((source, "out"));
        json!({"id": format!("e{i}"), "source": source, "sourceHandle": handle, "target": target})
    };
    let nodes = nodes.as_array().unwrap().iter().map(|node| {
        let mut node = node.clone();
        node["name"] = node["id"].clone();
        node
    });
    let edges: Vec<_> = edges.iter().enumerate().map(edge).collect();
    serde_json::from_value(json!({"nodes": nodes.collect::<Vec<_>>(), "edges": edges})).unwrap()
}

fn query(id: &str, parameters: Value) -> Value {
    json!({"id": id, "type": "dataQuery", "config": {"queryID": Uuid::from_u128(5), "parameters": parameters}})
}

fn delayed(length: &str) -> Workflow {
    let nodes = json!([
        {"id": "start", "type": "start"},
        query("before", json!({})),
        {"id": "wait", "type": "delay", "config": {"for": length}},
        query("after", json!({})),
        {"id": "end", "type": "end", "config": {"output": "{{ input.n + 1 }}"}},
    ]);
    workflow(nodes, &["start>before", "before>wait", "wait>after", "after>end"])
}

fn output(run: &Instance) -> Value {
    run.output.as_ref().unwrap().value().unwrap()
}

fn statuses(run: &Instance) -> Vec<(String, StepStatus)> {
    run.steps.as_ref().unwrap().iter().map(|step| (step.name.clone(), step.status)).collect()
}
