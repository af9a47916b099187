//! The unit in `docs/operating.md`, as systemd reads it.
use std::{fs, path::Path, process::Command};

/// The highest exposure that `systemd-analyze security` may find, in tenths: below it, the service counts as protected.
const EXPOSURE: &str = "20";

fn unit() -> String {
    let page = include_str!("../../docs/operating.md");
    let from = page.find("[Unit]").unwrap();
    let unit = &page[from..];
    unit[..unit.find("```").unwrap()].to_owned()
}

#[track_caller]
fn succeeds(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{program} {arguments:?}: {text}");
    text
}

#[test]
fn the_documented_unit_is_valid_protected_and_can_be_enabled() {
    let root = tempfile::tempdir().unwrap();
    let units = root.path().join("etc/systemd/system");
    fs::create_dir_all(&units).unwrap();
    let file = units.join("jet-admin.service");
    // the program is not installed on this machine
    fs::write(&file, unit().replace("/usr/local/bin/jet-admin", env!("CARGO_BIN_EXE_jet-admin"))).unwrap();
    let path = file.to_str().unwrap();
    let problems = succeeds("systemd-analyze", &["verify", path]);
    assert!(!problems.contains("jet-admin.service"), "{problems}");
    succeeds("systemd-analyze", &["security", "--offline=true", &format!("--threshold={EXPOSURE}"), path]);
    succeeds("systemctl", &[&format!("--root={}", root.path().display()), "enable", "jet-admin"]);
    let enabled = units.join("multi-user.target.wants/jet-admin.service");
    assert!(Path::new(&enabled).symlink_metadata().is_ok(), "it does not start with the machine");
}
