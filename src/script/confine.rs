//! What a script worker takes from itself before the first script: everything that a script has no use for.
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{self, Resource, Rlimit, Signal},
};
use std::{io, sync::Once, thread};
use tokio::signal::unix::{SignalKind, signal};

/// How much nicer it is than the server, which must answer whatever scripts do.
const NICENESS: i32 = 5;
/// Memory beside the engine's own: the program's data, the text of values on their way in and out.
const BESIDE: u64 = 32 << 20;
/// Standard streams, and what waits for signals.
const FILES: u64 = 16;

/// Holds back the signals that are meant for the server.
pub(super) struct Kept(#[expect(dead_code, reason = "held until the process ends")] tokio::runtime::Runtime);

pub(super) fn confine() -> io::Result<Kept> {
    // before anything else, so that no moment is left in which the server's death goes unnoticed
    end_with_the_server()?;
    let kept = ignore_signals()?;
    process::setpriority_process(None, process::getpriority_process(None)? + NICENESS)?;
    #[cfg(target_os = "linux")]
    {
        // names that the operator finds in `ps`, and the first process that a machine short of memory ends: nobody
        // depends on either
        let _ = std::fs::write("/proc/self/comm", "jet-admin-js");
        let _ = std::fs::write("/proc/self/oom_score_adj", "500");
        rustix::thread::set_no_new_privs(true)?;
        // no core dumps and no debuggers: scopes hold secrets
        process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable)?;
    }
    for (resource, most) in [(Resource::Core, 0), (Resource::Fsize, 0), (Resource::Nofile, FILES), (Resource::Nproc, 0)]
    {
        limit(resource, most)?;
    }
    Ok(kept)
}

/// Bounds the whole process by what one engine may take; the first call counts.
pub(super) fn bound_memory(engine: usize) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // the engine's own bound stays where the system refuses this one
        let _ = limit(Resource::Data, engine as u64 + BESIDE);
    });
}

fn limit(resource: Resource, most: u64) -> io::Result<()> {
    let highest = process::getrlimit(resource).maximum.map_or(most, |highest| highest.min(most));
    Ok(process::setrlimit(resource, Rlimit { current: Some(highest), maximum: Some(highest) })?)
}

/// A thread that sees the server's end of the pipe closing, and ends the process whatever the engine does.
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

/// Service managers and terminals signal all processes of the server: it decides itself when scripts end.
fn ignore_signals() -> io::Result<Kept> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        // the handler stays when its listener is dropped
        drop(signal(kind)?);
    }
    drop(entered);
    Ok(Kept(runtime))
}
