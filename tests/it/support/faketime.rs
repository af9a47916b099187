//! A clock that differs from that of the machine.
use std::{fs, path::PathBuf};

/// The library that changes the clock of a process.
pub fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten();
    let found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("tests/setup installs faketime")
}

/// The environment of a process whose clock is ahead by this, such as `+3s`.
pub fn ahead_by(offset: &str) -> [(&'static str, String); 3] {
    [
        ("LD_PRELOAD", library().display().to_string()),
        ("FAKETIME", offset.to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}
