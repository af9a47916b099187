//! One evaluation in a fresh engine, on the calling thread.
use super::wire::{JobLimits, Program, ScriptJob};
use crate::script::{ScriptProblem, ScriptProblemKind, pattern};
use rquickjs::{
    Context, Ctx, Error, Exception, Function, Promise, Runtime, Value as Js,
    context::EvalOptions,
    function::{Rest, This},
    object::{Accessor, Property},
    promise::PromiseState,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Instant,
};

/// The engine's stack limit, well below the stack size of the threads that it runs on.
const STACK: usize = 512 << 10;
/// The name of user code in stack traces.
const FILE: &str = "script";

/// Returns the JSON text of a variable of the scope, or of one field of a group.
pub(super) type ReadVariable = Rc<dyn Fn(usize, Option<usize>) -> Option<Vec<u8>>>;
/// Returns whether nobody waits for the script any longer.
pub(super) type IsCancelled = Box<dyn Fn() -> bool>;

/// A runtime in which nothing has run yet. Creating one takes longer than most scripts, so it is created in advance.
pub(super) struct FreshEngine {
    runtime: Runtime,
    context: Context,
}

/// What the programs returned, as JSON, and what they logged.
pub(in crate::script) type ProgramResults = (Vec<JsonText>, Vec<String>);
/// JSON text.
pub(super) type JsonText = String;

/// The program that failed, and why.
pub(in crate::script) struct FailedProgram {
    pub index: usize,
    pub problem: ScriptProblem,
}

impl From<ScriptProblem> for FailedProgram {
    fn from(problem: ScriptProblem) -> Self {
        Self { index: 0, problem }
    }
}

impl FreshEngine {
    pub fn new() -> Result<Self, ScriptProblem> {
        let full = |_| ScriptProblem::new(ScriptProblemKind::Limit, "the script ran out of memory");
        let runtime = Runtime::new().map_err(full)?;
        runtime.set_max_stack_size(STACK);
        let context = Context::full(&runtime).map_err(full)?;
        Ok(Self { runtime, context })
    }

    /// Runs the programs one after the other, and stops at the first that fails.
    pub fn evaluate(
        &self,
        job: &ScriptJob,
        read: &ReadVariable,
        cancelled: IsCancelled,
    ) -> Result<ProgramResults, FailedProgram> {
        let until = Instant::now() + job.deadline;
        self.runtime.set_memory_limit(job.bounds.memory);
        let stopped = Rc::new(Cell::new(false));
        let flag = Rc::clone(&stopped);
        self.runtime.set_interrupt_handler(Some(Box::new(move || {
            if Instant::now() >= until || cancelled() {
                flag.set(true);
            }
            flag.get()
        })));
        let logs = Rc::new(RefCell::new(Logs::default()));
        let result = self.context.with(|ctx| {
            let run = Evaluator { ctx, until, job, left: Cell::new(job.bounds.output), stopped };
            run.install(read, &logs).map_err(|error| FailedProgram::from(run.problem(&error, 0)))?;
            let mut values = Vec::with_capacity(job.programs.len());
            for (index, program) in job.programs.iter().enumerate() {
                let ran = match program {
                    Program::Matches(pattern) => pattern::matches(pattern, read(0, None)),
                    Program::Body(_) | Program::Expression(_) => run.one(program),
                };
                match ran {
                    Ok(value) => values.push(value),
                    Err(problem) => return Err(FailedProgram { index, problem }),
                }
            }
            Ok(values)
        });
        let logs = logs.take().lines;
        match result {
            Ok(values) => Ok((values, logs)),
            Err(mut failed) => {
                failed.problem.logs = logs;
                Err(failed)
            }
        }
    }
}

struct Evaluator<'js, 'a> {
    ctx: Ctx<'js>,
    until: Instant,
    job: &'a ScriptJob,
    /// How many more bytes of JSON may be returned.
    left: Cell<usize>,
    /// Set by the interrupt handler when the script must stop.
    stopped: Rc<Cell<bool>>,
}

impl<'js> Evaluator<'js, '_> {
    /// Creates global variables for the names of the scope, each of which is read into the engine on first use, and
    /// `console`.
    fn install(&self, read: &ReadVariable, logs: &Rc<RefCell<Logs>>) -> rquickjs::Result<()> {
        let globals = self.ctx.globals();
        for (variable, (name, fields)) in self.job.names.iter().enumerate() {
            let Some(fields) = fields else {
                let read = Rc::clone(read);
                lazily(&globals, name, move || read(variable, None))?;
                continue;
            };
            let object = rquickjs::Object::new(self.ctx.clone())?;
            for (field, name) in fields.iter().enumerate() {
                let read = Rc::clone(read);
                lazily(&object, name, move || read(variable, Some(field)))?;
            }
            globals.prop(name.as_str(), Property::from(object).configurable().enumerable().writable())?;
        }
        let console = rquickjs::Object::new(self.ctx.clone())?;
        for name in ["log", "info", "warn", "error", "debug"] {
            let (logs, bounds) = (Rc::clone(logs), self.job.bounds);
            let write = move |ctx: Ctx<'js>, parts: Rest<Js<'js>>| {
                if logs.borrow().full {
                    return;
                }
                let line: Vec<String> = parts.iter().map(|part| shown(&ctx, part)).collect();
                logs.borrow_mut().push(&line.join(" "), bounds);
            };
            console.set(name, Function::new(self.ctx.clone(), write)?)?;
        }
        globals.set("console", console)
    }

    fn one(&self, program: &Program) -> Result<JsonText, ScriptProblem> {
        // the wrapper takes the first line, so that lines and columns in the user's code can be reported correctly
        let code = program.text();
        let source = match program {
            Program::Body(_) => format!("(async function () {{\n{code}\n}})()"),
            Program::Expression(_) | Program::Matches(_) => format!("(\n{code}\n)"),
        };
        let lines = u32::try_from(code.lines().count()).unwrap_or(u32::MAX);
        let mut options = EvalOptions::default();
        options.filename = Some(FILE.to_owned());
        self.ctx
            .eval_with_options::<Js<'js>, _>(source, options)
            .and_then(|value| self.settle(value))
            .and_then(|value| self.ctx.json_stringify(value))
            .map_err(|error| self.problem(&error, lines))
            .and_then(|text| self.read(text))
    }

    /// Waits for a promise, and returns any other value unchanged.
    fn settle(&self, value: Js<'js>) -> rquickjs::Result<Js<'js>> {
        let Some(promise) = value.as_promise().cloned() else {
            return Ok(value);
        };
        let promise: Promise<'js> = promise;
        while promise.state() == PromiseState::Pending {
            let due = Instant::now() >= self.until;
            self.stopped.set(self.stopped.get() || due);
            if self.stopped.get() {
                return Err(Error::Exception);
            }
            if !self.ctx.execute_pending_job() {
                return Err(Error::WouldBlock);
            }
        }
        promise.result().unwrap_or(Err(Error::WouldBlock))
    }

    fn read(&self, text: Option<rquickjs::String<'js>>) -> Result<JsonText, ScriptProblem> {
        let limit = |message: String| ScriptProblem::new(ScriptProblemKind::Limit, message);
        let Some(text) = text else {
            return Ok("null".to_owned());
        };
        let text =
            text.to_string().map_err(|_| limit("the result contains text that is not valid Unicode".to_owned()))?;
        let Some(left) = self.left.get().checked_sub(text.len()) else {
            let most = self.job.bounds.output;
            return Err(limit(format!("the result has {} bytes; at most {most} are allowed", text.len())));
        };
        self.left.set(left);
        Ok(text)
    }

    /// Converts an error. `lines` is the number of lines in the user's code.
    fn problem(&self, error: &Error, lines: u32) -> ScriptProblem {
        let thrown = self.ctx.catch();
        if self.stopped.get() {
            return ScriptProblem::timeout(self.job.deadline);
        }
        match error {
            Error::Exception => self.thrown(&thrown, lines),
            Error::WouldBlock => {
                ScriptProblem::new(ScriptProblemKind::Thrown, "the script waits for a promise that nothing can resolve")
            }
            Error::Allocation => ScriptProblem::new(ScriptProblemKind::Limit, "the script ran out of memory"),
            Error::InvalidString(_) => {
                ScriptProblem::new(ScriptProblemKind::Syntax, "the script contains a NUL character")
            }
            _ => ScriptProblem::new(ScriptProblemKind::Thrown, "the script's value cannot be read"),
        }
    }

    fn thrown(&self, thrown: &Js<'js>, lines: u32) -> ScriptProblem {
        let Some(exception) = thrown.as_object().cloned().and_then(Exception::from_object) else {
            // running out of memory may appear as a thrown null
            return if thrown.is_null() {
                ScriptProblem::new(ScriptProblemKind::Thrown, "the script threw null, or ran out of memory")
            } else {
                ScriptProblem::new(ScriptProblemKind::Thrown, cut(shown(&self.ctx, thrown)))
            };
        };
        let name: Option<String> = exception.as_object().get("name").ok();
        let name = name.unwrap_or_else(|| "Error".to_owned());
        let message = exception.message().unwrap_or_default();
        let kind = match name.as_str() {
            "SyntaxError" => ScriptProblemKind::Syntax,
            "InternalError" if message.contains("out of memory") => ScriptProblemKind::Limit,
            _ => ScriptProblemKind::Thrown,
        };
        let text = if message.is_empty() { name } else { format!("{name}: {message}") };
        let mut problem = ScriptProblem::new(kind, cut(text));
        let place = exception.stack().as_deref().and_then(place);
        // reading the error may have thrown again
        self.ctx.catch();
        if let Some((line, column)) = place {
            problem.line = Some(line.min(lines.max(1)));
            problem.column = column.filter(|_| line <= lines);
        }
        problem
    }
}

/// Adds a property to `object` that is read into the engine on first use.
fn lazily<'js>(
    object: &rquickjs::Object<'js>,
    name: &str,
    json: impl Fn() -> Option<Vec<u8>> + 'js,
) -> rquickjs::Result<()> {
    let key = name.to_owned();
    let read = move |ctx: Ctx<'js>, this: This<rquickjs::Object<'js>>| -> rquickjs::Result<Js<'js>> {
        let text = json().ok_or_else(|| Exception::throw_message(&ctx, "the scope cannot be read"))?;
        let value = ctx.json_parse(text)?;
        let plain = Property::from(value.clone()).configurable().enumerable().writable();
        this.prop(key.as_str(), plain)?;
        Ok(value)
    };
    object.prop(name, Accessor::new_get(read).configurable().enumerable())
}

/// Returns line and column of the innermost stack frame in the user's code.
fn place(stack: &str) -> Option<(u32, Option<u32>)> {
    let marker = format!("{FILE}:");
    let frame = stack.lines().find_map(|line| Some(line.split_once(&marker)?.1))?;
    let mut numbers = frame.split(|c: char| !c.is_ascii_digit());
    let line: u32 = numbers.next()?.parse().ok()?;
    let column = numbers.next().and_then(|text| text.parse().ok());
    Some((line.saturating_sub(1).max(1), column))
}

/// Formats a value as `console.log` does.
fn shown<'js>(ctx: &Ctx<'js>, value: &Js<'js>) -> String {
    if let Some(text) = value.as_string().and_then(|text| text.to_string().ok()) {
        return text;
    }
    let error = value.as_object().cloned().and_then(Exception::from_object);
    if let Some(message) = error.and_then(|error| error.message()) {
        return message;
    }
    match ctx.json_stringify(value.clone()) {
        Ok(Some(text)) => text.to_string().unwrap_or_default(),
        Ok(None) => value.type_name().to_owned(),
        Err(_) => {
            ctx.catch();
            value.type_name().to_owned()
        }
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(1000) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[derive(Default)]
struct Logs {
    lines: Vec<String>,
    bytes: usize,
    full: bool,
}

impl Logs {
    fn push(&mut self, line: &str, bounds: JobLimits) {
        self.full = self.lines.len() >= bounds.log_lines || self.bytes.saturating_add(line.len()) > bounds.log_bytes;
        if self.full {
            self.lines.push("… and more that was discarded".to_owned());
        } else {
            self.bytes += line.len();
            self.lines.push(line.to_owned());
        }
    }
}
