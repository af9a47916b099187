//! The real Firebase JavaScript SDK against the real process.
use crate::support::{Process, process::data_dir};
use std::{path::Path, process::Command};

#[test]
fn the_firebase_sdk_works_with_the_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/firebase");
    assert!(folder.join("node_modules/firebase").exists(), "the SDK is not installed: `make test` installs it");
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &["--signup", "open"]);
    let mut journey = Command::new("node");
    journey.arg("journey.mjs").arg(&process.url).current_dir(folder);
    let mut journey = journey.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    // the journey asks for codes that would be emailed, and gets them from the log
    let mut codes = journey.stdin.take().unwrap();
    let mut output = String::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(journey.stdout.take().unwrap())) {
        let line = line.unwrap();
        if let Some(purpose) = line.strip_prefix("code please: ") {
            let log = process.log_with(&format!("purpose=\"{purpose}\""));
            let message = log.lines().rfind(|line| line.contains(&format!("purpose=\"{purpose}\""))).unwrap();
            let code = message.split_once("oobCode=").unwrap().1.split(['"', ' ']).next().unwrap();
            std::io::Write::write_all(&mut codes, format!("{code}\n").as_bytes()).unwrap();
        }
        output += &(line + "\n");
    }
    let status = journey.wait().unwrap();
    assert!(status.success() && output.contains("done"), "{output}\n{}", process.log());
}
