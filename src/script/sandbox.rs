//! The door to the engine: bounds, deadlines and fair turns.
use super::{
    Globals, Problem, ProblemKind,
    engine::{self, Failed, Program},
};
use crate::turns::Turns;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// What one script may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of memory per script.
    pub memory: usize,
    /// Bytes of JSON that a script may return.
    pub output: usize,
    /// Lines kept of `console.log`, and their bytes together.
    pub log_lines: usize,
    pub log_bytes: usize,
    /// How many scripts run at once; the rest wait their turn.
    pub concurrent: usize,
    /// How many may wait.
    pub queue: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self {
            memory: 64 << 20,
            output: 4 << 20,
            log_lines: 1000,
            log_bytes: 64 << 10,
            concurrent: (cores * 4).clamp(4, 16),
            queue: 1000,
        }
    }
}

/// Runs JavaScript without any I/O. Every script gets an engine of its own: nothing is shared between two.
#[derive(Clone)]
pub struct Sandbox {
    limits: Arc<Limits>,
    turns: Arc<Turns>,
    owner: Uuid,
}

/// What a script gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// `undefined` is null.
    pub value: Value,
    /// What it wrote with `console.log`.
    pub logs: Vec<String>,
}

impl Sandbox {
    pub fn new(limits: Limits) -> Self {
        Self {
            turns: Turns::new(limits.concurrent, limits.concurrent, limits.queue),
            limits: Arc::new(limits),
            owner: Uuid::nil(),
        }
    }

    /// The same sandbox, taking turns in the name of `owner` (a tenant).
    #[must_use]
    pub fn owned_by(&self, owner: Uuid) -> Self {
        Self { owner, ..self.clone() }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Runs `code`, the body of an async function.
    pub async fn run(&self, code: &str, scope: impl Into<Globals>, deadline: Duration) -> Result<Ran, Problem> {
        let program = Program::Body(code.to_owned());
        let mut ran = self.submit(vec![program], scope.into(), deadline).await.map_err(|failed| failed.problem)?;
        Ok(Ran { value: ran.values.pop().unwrap_or_default(), logs: ran.logs })
    }

    /// The value of one expression.
    pub async fn eval(
        &self,
        expression: &str,
        scope: impl Into<Globals>,
        deadline: Duration,
    ) -> Result<Value, Problem> {
        let program = Program::Expression(expression.to_owned());
        let mut ran = self.submit(vec![program], scope.into(), deadline).await.map_err(|failed| failed.problem)?;
        Ok(ran.values.pop().unwrap_or_default())
    }

    /// Runs programs one after the other in one engine, stopping at the first that fails.
    pub(super) async fn submit(
        &self,
        programs: Vec<Program>,
        scope: Globals,
        deadline: Duration,
    ) -> Result<engine::Evaluated, Failed> {
        let busy = || Problem::new(ProblemKind::Busy, "too many scripts are waiting");
        let turn = self.turns.take(self.owner).await.ok_or_else(busy)?;
        let cancelled = Cancelled::default();
        let job = engine::Job {
            programs,
            scope,
            started: Instant::now(),
            deadline,
            cancelled: Arc::clone(&cancelled.0),
            limits: Arc::clone(&self.limits),
        };
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            engine::evaluate(&job)
        });
        // the engine minds its deadline itself, but cannot stop one long builtin (a search in a huge string): its
        // caller goes on, and it holds its owner's turn until it ends
        match tokio::time::timeout(deadline + Duration::from_millis(250), work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => Err(Problem::new(ProblemKind::Limit, "the script engine failed").into()),
            Err(_) => Err(Problem::timeout(deadline).into()),
        }
    }
}

/// Stops the script when its caller goes away.
#[derive(Default)]
struct Cancelled(Arc<AtomicBool>);

impl Drop for Cancelled {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
