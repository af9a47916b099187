//! The entry to the engine: limits, deadlines and fair turns.
use super::{
    Globals, ScriptProblem, ScriptProblemKind, pattern,
    worker::{
        engine::FailedProgram,
        pool::WorkerPool,
        task::{self, ScopedJob},
        wire::{JobLimits, Program, ScriptOutcome},
    },
};
use crate::{
    json::JsonRefusal,
    turns::{Accounts, Turns},
};
use serde_json::Value;
use std::{
    io,
    path::PathBuf,
    process::ExitStatus,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long after the deadline a worker may still report how far a script came. Then it is killed, because many
/// builtins of the engine never check whether their time is up.
const GRACE: Duration = Duration::from_millis(250);
/// How long a script runs undisturbed while others wait. Doubles each time that the script has to start again.
const QUANTUM: Duration = Duration::from_millis(500);
/// A worker that is lost within this time may have been lost before the job.
const AT_ONCE: Duration = Duration::from_millis(200);

/// The longest that a script may run.
pub const LONGEST: Duration = Duration::from_mins(1);

/// What one script may use.
#[derive(Clone, Debug)]
pub struct ScriptLimits {
    /// Bytes of memory per script.
    pub memory: usize,
    /// Bytes of JSON that a script may return.
    pub output: usize,
    /// How many lines of `console.log` are kept, and how many bytes in total.
    pub log_lines: usize,
    pub log_bytes: usize,
    /// How many scripts run at once. The others wait their turn.
    pub concurrent: usize,
    /// How many scripts may wait.
    pub queue: usize,
    /// The longest deadline.
    pub time: Duration,
    /// The accounts behind tenants: tenants of the same account share turns.
    pub accounts: Accounts,
    /// The program to start as a worker. If absent, this process's own.
    pub worker: Option<PathBuf>,
}

impl Default for ScriptLimits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            output: 4 << 20,
            log_lines: 1000,
            log_bytes: 64 << 10,
            // at most 4 × (64 + 32) MiB in total: see `confine`
            concurrent: 4,
            queue: 1000,
            time: LONGEST,
            accounts: Accounts::default(),
            worker: None,
        }
    }
}

/// Runs JavaScript without any I/O, in separate processes. Every script gets a new engine: scripts share nothing.
#[derive(Clone)]
pub struct Sandbox {
    limits: Arc<ScriptLimits>,
    turns: Arc<Turns>,
    pool: Arc<WorkerPool>,
    owner: Uuid,
}

/// The result of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptResult {
    /// `undefined` becomes null.
    pub value: Value,
    /// What it wrote with `console.log`.
    pub logs: Vec<String>,
}

impl Sandbox {
    pub fn new(limits: ScriptLimits) -> Self {
        Self {
            turns: Turns::new(limits.concurrent, limits.concurrent, limits.queue, limits.accounts.clone()),
            pool: WorkerPool::new(limits.worker.clone()),
            limits: Arc::new(limits),
            owner: Uuid::nil(),
        }
    }

    /// Returns the same sandbox, which takes turns on behalf of `owner` (a tenant).
    #[must_use]
    pub fn owned_by(&self, owner: Uuid) -> Self {
        Self { owner, ..self.clone() }
    }

    pub fn limits(&self) -> &ScriptLimits {
        &self.limits
    }

    /// Ends the idle workers.
    pub fn close(&self) {
        self.pool.close();
    }

    /// Runs `code`, the body of an async function.
    pub async fn run(
        &self,
        code: &str,
        scope: impl Into<Globals>,
        deadline: Duration,
    ) -> Result<ScriptResult, ScriptProblem> {
        let program = Program::Body(code.to_owned());
        let mut ran = self.submit(vec![program], scope.into(), deadline).await.map_err(|failed| failed.problem)?;
        Ok(ScriptResult { value: ran.values.pop().unwrap_or_default(), logs: ran.logs })
    }

    /// Evaluates one expression.
    pub async fn eval(
        &self,
        expression: &str,
        scope: impl Into<Globals>,
        deadline: Duration,
    ) -> Result<Value, ScriptProblem> {
        let program = Program::Expression(expression.to_owned());
        let mut ran = self.submit(vec![program], scope.into(), deadline).await.map_err(|failed| failed.problem)?;
        Ok(ran.values.pop().unwrap_or_default())
    }

    /// Returns whether the regular expression `pattern` matches `text`.
    pub async fn matches(&self, pattern: &str, text: String, deadline: Duration) -> Result<bool, ScriptProblem> {
        if let Some(known) = pattern::at_once(pattern, &text) {
            return Ok(known);
        }
        let mut scope = Globals::default();
        scope.set_value("text", text);
        let program = Program::Matches(pattern.to_owned());
        let ran = self.submit(vec![program], scope, deadline).await.map_err(|failed| failed.problem)?;
        Ok(ran.values == [Value::Bool(true)])
    }

    /// Runs programs one after the other in one engine, and stops at the first that fails.
    pub(super) async fn submit(
        &self,
        programs: Vec<Program>,
        scope: Globals,
        deadline: Duration,
    ) -> Result<Evaluation, FailedProgram> {
        let deadline = deadline.min(self.limits.time);
        let late = || ScriptProblem::timeout(deadline);
        let busy = || ScriptProblem::new(ScriptProblemKind::Busy, "too many scripts are waiting");
        let mut until = None;
        let (mut quantum, mut is_second) = (QUANTUM, false);
        let mut task = ScopedJob::new(programs, scope, deadline, self.bounds());
        loop {
            let turn = self.turns.borrow(self.owner, quantum);
            // the first wait does not count as the script's time
            let turn = match until {
                None => turn.await,
                Some(until) => tokio::time::timeout_at(Instant::into(until), turn).await.map_err(|_| late())?,
            };
            let (turn, notice) = turn.ok_or_else(busy)?;
            let begun = Instant::now();
            let until = *until.get_or_insert(begun + deadline);
            task.job.deadline = until.saturating_duration_since(begun);
            let mut lease = self.pool.lease(turn).map_err(|error| no_worker(&error))?;
            let shared = Arc::new(task);
            let outcome = tokio::select! {
                outcome = lease.run(&shared) => Some(outcome),
                () = tokio::time::sleep_until((until + GRACE).into()) => {
                    lease.kill();
                    return Err(late().into());
                }
                () = notice.notified() => None,
            };
            match outcome {
                Some(Ok(outcome)) => {
                    lease.finish();
                    return evaluated(outcome, deadline).await;
                }
                Some(Err(error)) => {
                    // an idle worker may have died at the same moment, for another reason
                    let is_others = lease.is_reused() && !is_second && begun.elapsed() < AT_ONCE;
                    let status = lease.end().await;
                    if !is_others {
                        return Err(lost(&error, status).into());
                    }
                    is_second = true;
                }
                // others wait: a script has no side effects, so it starts again from its beginning
                None => {
                    lease.kill();
                    quantum *= 2;
                }
            }
            task = Arc::unwrap_or_clone(shared);
        }
    }

    fn bounds(&self) -> JobLimits {
        let ScriptLimits { memory, output, log_lines, log_bytes, .. } = *self.limits;
        JobLimits { memory, output, log_lines, log_bytes }
    }
}

/// The values of the programs, and what they logged in total.
pub(super) struct Evaluation {
    pub values: Vec<Value>,
    pub logs: Vec<String>,
}

async fn evaluated(outcome: ScriptOutcome, deadline: Duration) -> Result<Evaluation, FailedProgram> {
    let (texts, logs) = outcome.map_err(|mut failed| {
        // the deadline that the caller set, not what was left of it
        if failed.problem.kind == ScriptProblemKind::Timeout {
            failed.problem.message = ScriptProblem::timeout(deadline).message;
        }
        failed
    })?;
    match task::parsed(texts).await {
        Ok(values) => Ok(Evaluation { values, logs }),
        Err((index, refused)) => {
            let message = match refused {
                JsonRefusal::Syntax(error) if error.to_string().contains("recursion limit") => {
                    "the result is nested too deeply: at most 127 levels are allowed".to_owned()
                }
                JsonRefusal::Syntax(_) | JsonRefusal::Wrong(_) => {
                    "the result contains text that is not valid Unicode".to_owned()
                }
                JsonRefusal::TooMuch(_) | JsonRefusal::Full(_) => {
                    format!("the result has too many values: they would take more than {} MiB", task::VALUES >> 20)
                }
            };
            let mut problem = ScriptProblem::new(ScriptProblemKind::Limit, message);
            problem.logs = logs;
            Err(FailedProgram { index, problem })
        }
    }
}

fn no_worker(error: &io::Error) -> ScriptProblem {
    tracing::error!(%error, "could not start a process for a script");
    ScriptProblem::new(ScriptProblemKind::Unavailable, format!("could not start a process for the script: {error}"))
}

/// Returns why a worker was lost in the middle of a job.
fn lost(error: &io::Error, status: Option<ExitStatus>) -> ScriptProblem {
    tracing::warn!(%error, status = status.map(|status| status.to_string()), "the process of a script was lost");
    match signal(status) {
        // the program aborts when it cannot allocate memory
        Some(6) => ScriptProblem::new(ScriptProblemKind::Limit, "the script ran out of memory"),
        Some(9) => ScriptProblem::new(
            ScriptProblemKind::Unavailable,
            "the script's process was killed from outside; the machine may be short of memory: try again",
        ),
        _ => ScriptProblem::new(ScriptProblemKind::Unavailable, "the script engine failed: try again"),
    }
}

#[cfg(unix)]
fn signal(status: Option<ExitStatus>) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status?)
}

#[cfg(not(unix))]
fn signal(_: Option<ExitStatus>) -> Option<i32> {
    None
}
