//! What the command line prints. A reader who has gone is no failure; a disk that is full is one.
use super::log;
use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// The first failure of standard output.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// One line on standard output.
pub(super) fn say(line: &str) {
    print(&format!("{}\n", log::plain(line)));
}

/// Text on standard output as it is.
pub(super) fn print(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        let _ = FAILED.set(error);
    }
}

/// One line on standard error, as long as anyone reads it.
pub(super) fn warn(line: &str) {
    let _ = writeln!(io::stderr(), "jet-admin: {}", log::plain(line));
}

/// Whether everything was printed for whom it was meant: says why not. Who has closed the pipe wants no more.
pub(super) fn is_complete() -> bool {
    match FAILED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            warn(&format!("standard output cannot be written: {error}"));
            false
        }
        _ => true,
    }
}
