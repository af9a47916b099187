//! Measures the size of statements' temporary files. SQLite deletes such a file while it is open, and does not tell
//! which statement uses it.
use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Below this number of written bytes, the temporary files are not measured.
const LITTLE: u64 = 1 << 20;
/// How long a measurement is valid.
const FRESH: Duration = Duration::from_millis(25);
/// The suffix of the names of deleted files in `/proc`.
const DELETED: &str = " (deleted)";

/// The time and the result of the last measurement of open temporary files.
static SEEN: Mutex<Option<(Instant, u64)>> = Mutex::new(None);

/// Returns the total number of bytes that this thread has written to files; `None` if the system does not provide it.
pub(super) fn written() -> Option<u64> {
    let counts = fs::read_to_string("/proc/thread-self/io").ok()?;
    counts.lines().find_map(|line| line.strip_prefix("wchar:")?.trim().parse().ok())
}

/// Returns an upper bound for the temporary files of a statement that has written this many bytes. A file may be
/// overwritten many times, so the total size of all temporary files is a bound, too.
pub(super) fn at_most(written: u64) -> u64 {
    if written < LITTLE { written } else { written.min(open()) }
}

/// Returns the total size of the temporary files that this process has open, in bytes.
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
