//! The process in which scripts run. Unlike a thread, it can be killed: many builtins of the engine never check whether
//! their time is up.
//!
//! It reads jobs from its standard input, one after the other, and uses a new engine for each. It opens no files, knows
//! nothing but what a job contains, and ends when the server does.
#[cfg(unix)]
mod confine;
pub(super) mod engine;
pub(super) mod link;
pub(super) mod pool;
pub(super) mod task;
pub(super) mod wire;

use engine::{FreshEngine, IsCancelled, ReadVariable};
use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fs::File,
    io::{self, Read as _, Seek, Write},
    process::ExitCode,
    rc::Rc,
};
use wire::{FrameBuilder, FrameKind, ScriptJob, VariableKey};

/// The JSON text of the values that came with a job.
type Values = HashMap<VariableKey, Vec<u8>>;

/// The longest frame that the server sends: more would be too much for the engine.
const LONGEST: usize = 1 << 30;

/// Where jobs come from.
trait Input: io::Read {
    /// Whether there is something to read, without waiting for it.
    fn is_readable(&self) -> bool;
}

/// The pipe, as the engine's callbacks use it.
struct Link<R, W> {
    input: RefCell<R>,
    output: RefCell<W>,
    cancelled: Cell<bool>,
}

/// Serves the server on standard input and output until the server ends.
pub fn run() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("jet-admin script-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(unix)]
fn start() -> io::Result<()> {
    use std::os::fd::AsFd;
    let (input, output) = (io::stdin(), io::stdout());
    let input = File::from(input.as_fd().try_clone_to_owned()?);
    let output = File::from(output.as_fd().try_clone_to_owned()?);
    let _kept = confine::confine()?;
    serve(input, output, confine::bound_memory)
}

#[cfg(not(unix))]
fn start() -> io::Result<()> {
    impl Input for io::Stdin {
        fn is_readable(&self) -> bool {
            false
        }
    }
    serve(io::stdin(), io::stdout(), |_| ())
}

#[cfg(unix)]
impl<T: io::Read + std::os::fd::AsFd> Input for T {
    fn is_readable(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut [PollFd::new(self, PollFlags::IN)], Some(&now)).is_ok_and(|ready| ready > 0)
    }
}

/// Runs one job after the other until the end of `input`. Passes to `bound` how much memory an engine may take.
fn serve(input: impl Input + 'static, output: impl Write + 'static, bound: impl Fn(usize)) -> io::Result<()> {
    let link = Rc::new(Link { input: RefCell::new(input), output: RefCell::new(output), cancelled: Cell::new(false) });
    let mut pages = File::open("/proc/self/statm").ok();
    let mut fresh = FreshEngine::new();
    // stays above the engine's memory, so that the allocator does not return that to the system and request it again
    // for each job
    let _ballast = vec![0_u8; 1024];
    loop {
        let mut ready = FrameBuilder::new(FrameKind::Ready);
        ready.number(resident(pages.as_mut()) >> 10);
        link.send(&ready.finish())?;
        let Some((job, values)) = link.job()? else { return Ok(()) };
        bound(job.bounds.memory);
        let values = RefCell::new(values);
        let asked = Rc::clone(&link);
        let read: ReadVariable = Rc::new(move |variable, field| {
            let given = values.borrow_mut().remove(&(variable, field));
            given.or_else(|| asked.ask((variable, field)).ok().flatten())
        });
        let watched = Rc::clone(&link);
        let cancelled: IsCancelled = Box::new(move || watched.is_cancelled());
        let outcome = match &fresh {
            Ok(fresh) => fresh.evaluate(&job, &read, cancelled),
            Err(problem) => Err(problem.clone().into()),
        };
        link.send(&wire::write_outcome(&outcome))?;
        drop(fresh);
        // in advance of the next job, because this takes longer than most scripts
        fresh = FreshEngine::new();
    }
}

impl<R: Input, W: Write> Link<R, W> {
    fn send(&self, frame: &[u8]) -> io::Result<()> {
        let mut output = self.output.borrow_mut();
        output.write_all(frame)?;
        output.flush()
    }

    /// Returns the next job with the values that come with it; `None` if the server has gone.
    fn job(&self) -> io::Result<Option<(ScriptJob, Values)>> {
        let mut input = self.input.borrow_mut();
        let payload = loop {
            match wire::read(&mut *input, LONGEST)? {
                None => return Ok(None),
                Some((FrameKind::Job, payload)) => break payload,
                // for a job that has already ended
                Some((FrameKind::Cancel, _)) => {}
                Some(_) => return Err(wire::InvalidFrame.into()),
            }
        };
        self.cancelled.set(false);
        let (job, given) = ScriptJob::read(&payload)?;
        let mut values = Values::new();
        for key in given {
            let Some((FrameKind::Value, value)) = wire::read(&mut *input, LONGEST)? else {
                return Err(wire::InvalidFrame.into());
            };
            values.insert(key, value);
        }
        Ok(Some((job, values)))
    }

    /// Requests a value from the server.
    fn ask(&self, key: VariableKey) -> io::Result<Option<Vec<u8>>> {
        let mut need = FrameBuilder::new(FrameKind::Need);
        wire::write_key(&mut need, key);
        self.send(&need.finish())?;
        if let Some((FrameKind::Value, value)) = wire::read(&mut *self.input.borrow_mut(), LONGEST)? {
            return Ok(Some(value));
        }
        self.cancelled.set(true);
        Ok(None)
    }

    /// Whether the job was cancelled. While a script runs, the server sends nothing unrequested but `Cancel`.
    fn is_cancelled(&self) -> bool {
        self.cancelled.get() || self.input.try_borrow().is_ok_and(|input| input.is_readable())
    }
}

/// Returns how many bytes of memory this process holds, without the program itself; 0 if that is unknown.
fn resident(pages: Option<&mut File>) -> usize {
    let read = |file: &mut File| {
        let mut text = [0; 64];
        file.rewind().ok()?;
        let length = file.read(&mut text).ok()?;
        let mut fields = std::str::from_utf8(&text[..length]).ok()?.split(' ').skip(1);
        let (all, of_files) = (fields.next()?.parse::<usize>().ok()?, fields.next()?.parse().ok()?);
        Some(all.saturating_sub(of_files))
    };
    pages.and_then(read).unwrap_or_default() * 4096
}
