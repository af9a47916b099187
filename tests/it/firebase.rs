//! The real Firebase JavaScript SDK against the real process.
use crate::support::{Process, process::data_dir};
use std::{path::Path, process::Command};

#[test]
fn the_firebase_sdk_takes_it_for_firebase() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/firebase");
    assert!(folder.join("node_modules/firebase").exists(), "the SDK is not installed: `make test` does it");
    let (_dir, root) = data_dir();
    let process = Process::start(&root, &["--signup", "open"]);
    let mut journey = Command::new("node");
    journey.arg("journey.mjs").arg(&process.url).current_dir(folder);
    let mut journey = journey.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    // the journey asks for codes that were sent by e-mail: the log is the letter box
    let mut letters = journey.stdin.take().unwrap();
    let mut said = String::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(journey.stdout.take().unwrap())) {
        let line = line.unwrap();
        if let Some(purpose) = line.strip_prefix("code please: ") {
            let log = process.log_with(&format!("purpose=\"{purpose}\""));
            let letter = log.lines().rfind(|line| line.contains(&format!("purpose=\"{purpose}\""))).unwrap();
            let code = letter.split_once("oobCode=").unwrap().1.split(['"', ' ']).next().unwrap();
            std::io::Write::write_all(&mut letters, format!("{code}\n").as_bytes()).unwrap();
        }
        said += &(line + "\n");
    }
    let status = journey.wait().unwrap();
    assert!(status.success() && said.contains("done"), "{said}\n{}", process.log());
}
