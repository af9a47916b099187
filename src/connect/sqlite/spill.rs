//! How much statements have in temporary files. The library deletes such a file while it is open, and does not tell whose
//! it is.
use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What is less is not looked for.
const LITTLE: u64 = 1 << 20;
/// How long what was seen is good for.
const FRESH: Duration = Duration::from_millis(25);
/// How the system names them.
const DELETED: &str = " (deleted)";

/// When the open temporary files were last looked at, and what they took.
static SEEN: Mutex<Option<(Instant, u64)>> = Mutex::new(None);

/// How many bytes this thread has ever written to files; none where the system does not tell.
pub(super) fn written() -> Option<u64> {
    let counts = fs::read_to_string("/proc/thread-self/io").ok()?;
    counts.lines().find_map(|line| line.strip_prefix("wchar:")?.trim().parse().ok())
}

/// What a statement that has written so many bytes has in temporary files at most: a file may be written over and over, but
/// has no more than all of them.
pub(super) fn at_most(written: u64) -> u64 {
    if written < LITTLE { written } else { written.min(open()) }
}

/// Bytes of all temporary files that statements of this process have open.
fn open() -> u64 {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    match *seen {
        Some((at, bytes)) if at.elapsed() < FRESH => bytes,
        _ => seen.insert((Instant::now(), look())).1,
    }
}

fn look() -> u64 {
    let Ok(files) = fs::read_dir("/proc/self/fd") else { return u64::MAX };
    let size = |link: &Path| {
        let target = fs::read_link(link).ok()?;
        let temporary = target.file_name()?.to_string_lossy().ends_with(DELETED);
        temporary.then(|| fs::metadata(link).ok()).flatten().map(|file| file.len())
    };
    files.flatten().filter_map(|file| size(&file.path())).sum()
}
