//! Tests of schedules with a real store and a fixed clock.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value)]
use super::*;
use crate::{
    budget::Budget,
    connect::{Guard, http::Client},
    data_dir::DataDir,
    mail::Mailer,
    model::{Label, Workflow, tenant},
    quota::Quotas,
    runner::{
        InstanceFilter, RunnerLimits, Services,
        nodes::{Backend, NodeFuture},
    },
    script::{self, Sandbox},
    store::{Credential, DueOutcome, Durability, NewUser, TriggerRow},
    variables::Vars,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A backend that must not be used.
struct Nobody;

impl Backend for Nobody {
    fn execute_query<'a>(
        &'a self,
        _: &'a Scope,
        _: Uuid,
        _: Uuid,
        _: Map<String, Value>,
    ) -> NodeFuture<'a, Result<Value>> {
        Box::pin(async { Err(Error::internal("no query is run here")) })
    }

    fn variables(&self, _: &Scope) -> Result<Arc<Vars>> {
        Ok(Arc::new(Vars { values: Arc::new(json!({})), ..Vars::default() }))
    }
}

/// A tenant with one workflow. Its runs are started but not executed.
struct World {
    schedules: Schedules,
    scope: Scope,
    workflow: Uuid,
    _dir: DataDir,
    _root: tempfile::TempDir,
}

fn at(text: &str) -> Time {
    Time::parse(&format!("2026-01-01T{text}Z")).unwrap()
}

/// Creates a workflow with a required number as input and an hourly schedule.
fn hourly(change: Value) -> Workflow {
    let mut schedule = json!({"type": "schedule", "id": "hourly", "cron": "0 * * * *", "input": {"n": 1}});
    schedule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(json!({
        "nodes": [{"id": "s", "type": "start", "name": "start"}],
        "inputs": [{"name": "n", "type": "number", "required": true}],
        "triggers": [schedule],
        "enabled": true,
    }))
    .unwrap()
}

impl World {
    /// Saves the workflow at 08:30.
    async fn with(workflow: Workflow, limits: RunnerLimits) -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = DataDir::open(root.path()).unwrap();
        let store = Arc::new(Store::open(&dir, Durability::Normal, &Arc::new(Quotas::unlimited())).unwrap());
        let mut scope = Scope::system(Uuid::now_v7());
        scope.now = at("08:30:00");
        let user = NewUser {
            email: "ada@example.com".to_owned(),
            email_verified: true,
            name: String::new(),
            photo_url: None,
            credential: Credential::Password("no password fits this".to_owned()),
        };
        let (mut owner, id) = (scope.clone(), Uuid::now_v7());
        store
            .write(move |tx| {
                owner.actor.id = tx.create_user(&user, owner.now)?.id;
                let draft: tenant::Draft = serde_json::from_value(json!({"name": "Hers"}))?;
                tx.create_tenant(&owner, &draft)?;
                tx.insert(&owner, id, Label::new("Hourly", "")?, workflow)
            })
            .await
            .unwrap();
        let services = Services {
            sandbox: Sandbox::new(script::ScriptLimits::default()),
            backend: Box::new(Nobody),
            web: Client::public(Guard::new(true, [])).unwrap(),
            mail: Arc::new(Mailer::new(None, None).unwrap()),
            budget: Budget::new(64 << 20).into(),
        };
        let runner = Runner::new(store, services, limits, Budget::new(256 << 20));
        let workflows = Arc::new(Workflows::new(runner.clone()));
        Self { schedules: Schedules::new(runner, workflows), scope, workflow: id, _dir: dir, _root: root }
    }

    async fn step(&self, now: &str) -> Option<Time> {
        self.schedules.step(at(now)).await.unwrap()
    }

    async fn runs(&self) -> u64 {
        self.schedules.runner.list(&self.scope, InstanceFilter::default(), 10).await.unwrap().total
    }

    fn row(&self) -> TriggerRow {
        self.schedules.store().get(|tx| tx.trigger_rows(&self.scope, self.workflow)).unwrap().remove(0)
    }

    async fn save(&self, now: &str, workflow: Workflow) {
        let mut scope = self.scope.clone();
        scope.now = at(now);
        let id = self.workflow;
        let change = move |old: &crate::model::Record<Workflow>| Ok((old.label.clone(), workflow));
        self.schedules.store().write(move |tx| tx.update(&scope, id, None, change)).await.unwrap();
    }
}

#[tokio::test]
async fn each_time_starts_one_run_and_schedules_the_next() {
    let world = World::with(hourly(json!({})), RunnerLimits::default()).await;
    assert_eq!(world.step("08:59:59").await, Some(at("09:00:00")));
    assert_eq!(world.runs().await, 0);
    assert_eq!(world.step("09:00:00").await, Some(at("10:00:00")));
    assert_eq!(world.step("09:00:01").await, Some(at("10:00:00")));
    assert_eq!(world.runs().await, 1);
    assert_eq!(world.row().fired_at, Some(at("09:00:00")));
    // slightly late: starts one run, then continues on schedule
    assert_eq!(world.step("10:00:40").await, Some(at("11:00:00")));
    assert_eq!(world.runs().await, 2);
    let run = &world.schedules.runner.list(&world.scope, InstanceFilter::default(), 1).await.unwrap().items[0];
    assert_eq!((run.trigger, run.started_by.as_str()), (run::RunTrigger::Schedule, "schedule"));
}

#[tokio::test]
async fn a_crash_after_the_start_of_a_run_starts_no_second_one() {
    let world = World::with(hourly(json!({})), RunnerLimits::default()).await;
    let due = world.schedules.store().get(|tx| tx.due_triggers(at("09:00:00"), 10)).unwrap().remove(0);
    let (settled, next) = world.schedules.attempt(&world.scope, &due, at("09:00:00")).await.unwrap();
    assert!(matches!(settled, DueOutcome::Fired));
    assert_eq!((world.runs().await, next), (1, Some(at("10:00:00"))));
    // the row still has 09:00; in the meantime, the input was changed
    world.save("09:00:05", hourly(json!({"input": {"n": 2}}))).await;
    assert_eq!(world.step("09:00:10").await, Some(at("10:00:00")));
    assert_eq!((world.runs().await, world.row().failure), (1, None));
}

#[tokio::test]
async fn missed_times_are_skipped_or_replaced_by_one_run() {
    let skipping = World::with(hourly(json!({})), RunnerLimits::default()).await;
    assert_eq!(skipping.step("12:30:00").await, Some(at("13:00:00")));
    assert_eq!((skipping.runs().await, skipping.row().fired_at), (0, None));
    let failure = skipping.row().failure.unwrap();
    assert_eq!(failure.at, at("09:00:00"), "the failure is recorded");
    assert_eq!(failure.message, "this and 3 more runs were missed: the server was not running");
    skipping.step("13:00:00").await;
    assert_eq!((skipping.runs().await, skipping.row().failure.is_some()), (1, true), "it is kept after the next run");
    let making_up = World::with(hourly(json!({"missed": "runOnce"})), RunnerLimits::default()).await;
    assert_eq!(making_up.step("12:30:00").await, Some(at("13:00:00")));
    assert_eq!((making_up.runs().await, making_up.row().fired_at), (1, Some(at("09:00:00"))));
}

#[tokio::test]
async fn times_of_the_last_minute_are_started_and_older_ones_are_missed() {
    for missed in ["skip", "runOnce"] {
        let world =
            World::with(hourly(json!({"cron": "*/10 * * * * *", "missed": missed})), RunnerLimits::default()).await;
        assert_eq!(world.step("08:30:10").await, Some(at("08:30:20")));
        // half a minute down: all three times are started
        for next in ["08:30:30", "08:30:40", "08:30:50"] {
            assert_eq!(world.step("08:30:44").await, Some(at(next)), "{missed}");
        }
        assert_eq!((world.runs().await, world.row().failure), (4, None), "{missed}");
        // ten minutes down: times of the last minute are started, older ones are handled as the schedule says
        let mut next = world.step("08:40:55").await.unwrap();
        let made_up = u64::from(missed == "runOnce");
        assert_eq!((world.runs().await, next), (4 + made_up, at("08:40:00")), "{missed}");
        while next <= at("08:40:55") {
            next = world.step("08:40:55").await.unwrap();
        }
        assert_eq!((world.runs().await, next), (10 + made_up, at("08:41:00")), "{missed}");
        let failure = world.row().failure.map(|failure| (failure.at, failure.message));
        let expected = "this and 54 more runs were missed: the server was not running".to_owned();
        assert_eq!(failure, (missed == "skip").then_some((at("08:30:50"), expected)));
    }
}

#[tokio::test]
async fn after_the_clock_is_set_back_schedules_continue_and_start_no_time_twice() {
    let world = World::with(hourly(json!({})), RunnerLimits::default()).await;
    for hour in ["09:00:00", "10:00:00", "11:00:00"] {
        world.step(hour).await;
    }
    assert_eq!(world.runs().await, 3);
    let ahead = world.schedules.store().get(|tx| tx.has_fired_ahead(at("09:30:00"))).unwrap();
    assert!(ahead && !world.schedules.store().get(|tx| tx.has_fired_ahead(at("11:00:00"))).unwrap());
    world.schedules.rewind(at("09:30:00")).await.unwrap();
    assert_eq!(world.step("09:30:00").await, Some(at("10:00:00")));
    assert_eq!(world.step("10:00:00").await, Some(at("11:00:00")));
    assert_eq!(world.runs().await, 3, "10:00 has already started its run");
    world.step("11:00:00").await;
    world.step("12:00:00").await;
    assert_eq!(world.runs().await, 4);
}

#[tokio::test]
async fn a_rejected_start_is_retried_with_growing_delays() {
    let full = RunnerLimits { queued: 0, ..RunnerLimits::default() };
    let world = World::with(hourly(json!({})), full).await;
    assert_eq!(world.step("09:00:00").await, Some(at("09:00:01")));
    assert_eq!(world.step("09:00:01").await, Some(at("09:00:02")));
    assert_eq!(world.step("09:00:02").await, Some(at("09:00:04")));
    assert_eq!(
        world.step("09:05:00").await,
        Some(at("10:00:00")),
        "after several minutes without a check it counts as missed"
    );
    let world =
        World::with(hourly(json!({"missed": "runOnce"})), RunnerLimits { queued: 0, ..RunnerLimits::default() }).await;
    assert_eq!(world.step("09:10:00").await, Some(at("09:11:00")));
    let failure = world.row().failure.unwrap();
    assert_eq!((failure.at, world.runs().await), (at("09:00:00"), 0));
    assert!(failure.message.contains("try again later"), "{}", failure.message);
}

#[tokio::test]
async fn a_time_that_cannot_start_a_run_is_recorded_and_skipped() {
    let world = World::with(hourly(json!({"input": {}})), RunnerLimits::default()).await;
    assert_eq!(world.step("09:00:00").await, Some(at("10:00:00")));
    let failure = world.row().failure.unwrap();
    assert_eq!((failure.at, failure.message.as_str()), (at("09:00:00"), "input.n: is required"));
    world.save("09:30:00", hourly(json!({}))).await;
    world.step("10:00:00").await;
    assert_eq!((world.runs().await, world.row().failure), (1, None));
}

#[tokio::test]
async fn only_enabled_schedules_are_due() {
    let world = World::with(Workflow { enabled: false, ..hourly(json!({})) }, RunnerLimits::default()).await;
    assert_eq!(world.step("09:00:00").await, None);
    world.save("09:10:00", hourly(json!({"enabled": false}))).await;
    assert_eq!(world.step("10:00:00").await, None);
    world.save("10:10:00", hourly(json!({}))).await;
    assert_eq!(world.step("10:30:00").await, Some(at("11:00:00")));
    // a changed time replaces the previous one
    world.save("10:40:00", hourly(json!({"cron": "45 * * * *"}))).await;
    assert_eq!(world.step("10:41:00").await, Some(at("10:45:00")));
    assert_eq!(world.runs().await, 0);
    let (scope, id) = (world.scope.clone(), world.workflow);
    world.schedules.store().write(move |tx| tx.delete::<Workflow>(&scope, id, None, false)).await.unwrap();
    assert_eq!(world.step("10:45:00").await, None);
}

#[tokio::test]
async fn a_due_time_survives_saving_the_same_schedule() {
    let world = World::with(hourly(json!({})), RunnerLimits::default()).await;
    world.save("09:00:01", hourly(json!({"input": {"n": 5}}))).await;
    assert_eq!(world.row().scheduled_for, Some(at("09:00:00")));
    world.step("09:00:02").await;
    assert_eq!(world.runs().await, 1);
}
