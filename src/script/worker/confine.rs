//! Confines a script worker before the first script runs: takes away everything that scripts have no use for.
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{self, Resource, Rlimit, Signal},
};
use std::{io, sync::Once, thread};
use tokio::signal::unix::{SignalKind, signal};

/// How much lower a worker's priority is than that of the server, which must respond whatever scripts do.
const NICENESS: i32 = 5;
/// Memory in addition to the engine's: the program's data, and the text of incoming and outgoing values.
const BESIDE: u64 = 32 << 20;
/// Open files: the standard streams, and those that signal handling uses.
const FILES: u64 = 16;

/// Ignores the signals that are meant for the server until it is dropped.
pub(super) struct IgnoredSignals(#[expect(dead_code, reason = "held until the process ends")] tokio::runtime::Runtime);

pub(super) fn confine() -> io::Result<IgnoredSignals> {
    // before anything else, so that the end of the server is never missed
    end_with_the_server()?;
    let kept = ignore_signals()?;
    process::setpriority_process(None, process::getpriority_process(None)? + NICENESS)?;
    #[cfg(target_os = "linux")]
    {
        // a name that the operator sees in `ps`, and the first process that the system kills when memory runs out:
        // neither is essential
        let _ = std::fs::write("/proc/self/comm", "jet-admin-js");
        let _ = std::fs::write("/proc/self/oom_score_adj", "500");
        rustix::thread::set_no_new_privs(true)?;
        // no core dumps and no debuggers: scopes contain secrets
        process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable)?;
    }
    for (resource, most) in [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Nofile, FILES), (Resource::Nproc, 0)]
    {
        limit(resource, most)?;
    }
    Ok(kept)
}

/// Limits the memory of the whole process to what one engine may take. Only the first call has an effect.
pub(super) fn bound_memory(engine: usize) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // if the system refuses this limit, the engine's own still applies
        let _ = limit(Resource::Data, engine as u64 + BESIDE);
    });
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let highest = process::getrlimit(resource).maximum.map_or(most, |highest| highest.min(most));
    Ok(process::setrlimit(resource, Rlimit { current: Some(highest), maximum: Some(highest) })?)
}

/// Starts a thread that kills the process when the server's end of the pipe closes, whatever the engine is doing.
fn end_with_the_server() -> io::Result<()> {
    let watch = || {
        let input = io::stdin();
        loop {
            let mut watched = [PollFd::new(&input, PollFlags::empty())];
            if poll(&mut watched, None).is_ok() && !watched[0].revents().is_empty() {
                let _ = process::kill_process(process::getpid(), Signal::KILL);
            }
        }
    };
    thread::Builder::new().name("watch".to_owned()).stack_size(64 << 10).spawn(watch)?;
    Ok(())
}

/// Ignores the signals that service managers and terminals send to all processes of the server: the server itself
/// decides when scripts end.
fn ignore_signals() -> io::Result<IgnoredSignals> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        // the handler stays installed when its listener is dropped
        drop(signal(kind)?);
    }
    drop(entered);
    Ok(IgnoredSignals(runtime))
}
