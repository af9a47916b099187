//! Output of the command line. A pipe that its reader has closed is not an error; a full disk is.
use super::log;
use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// The first failure of standard output.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints a line to standard output, with control characters escaped.
pub(super) fn say(line: &str) {
    print(&format!("{}\n", log::plain(line)));
}

/// Prints text to standard output unchanged.
pub(super) fn print(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let _ = FAILED.set(error);
    }
}

/// Prints a line to standard error, if it is open.
pub(super) fn warn(line: &str) {
    let _ = writeln!(io::stderr(), "jet-admin: {}", log::plain(line));
}

/// Returns whether all output was written, and prints a warning if not. A pipe that its reader has closed does not
/// count.
pub(super) fn is_complete() -> bool {
    match FAILED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            warn(&format!("cannot write to standard output: {error}"));
            false
        }
        _ => true,
    }
}
