//! The command line keeps the conventions of other programs.
use crate::support::{
    Process,
    process::{command, data_dir, text},
};
use std::{
    fs::File,
    io::Read,
    process::{Output, Stdio},
};

/// What a command says whose standard output is `to`.
fn printing_to(to: impl Into<Stdio>, arguments: &[&str]) -> Output {
    command(arguments).stdout(to).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_who_has_gone_is_no_failure() {
    for arguments in [&["openapi"][..], &["version"], &["--help"]] {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_told_in_a_sentence() {
    let (_dir, root) = data_dir();
    let doctor = ["doctor", "--data-dir", root.to_str().unwrap()];
    for arguments in [&["openapi"][..], &["version"], &doctor] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = printing_to(full, arguments);
        let said = text(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("cannot write to standard output: No space left on device"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let (_dir, root) = data_dir();
    let help = command(&["serve", "--help"]).output().unwrap();
    let help = text(&help);
    let names: Vec<&str> = help.split("[env: ").skip(1).map(|rest| rest.split(['=', ']']).next().unwrap()).collect();
    assert!(names.len() > 20 && names.contains(&"JET_ADMIN_PUBLIC_URL"), "{names:?}");
    let mut empty = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", root.to_str().unwrap()]);
    for name in names {
        empty.env(name, "");
    }
    let process = Process::of(empty);
    assert!(process.url.starts_with("http://127.0.0.1:"), "{}", process.banner);
}

#[test]
fn a_closed_terminal_stops_the_server_as_other_signals_do() {
    let (_dir, root) = data_dir();
    let mut process = Process::start(&root, &[]);
    process.signal("HUP");
    assert_eq!(process.wait().code(), Some(0), "{}", process.log());
}

#[test]
fn every_address_is_shown_as_one_that_can_be_reached() {
    for (listen, url) in [
        ("0.0.0.0:0", "http://127.0.0.1:"),
        ("[::]:0", "http://[::1]:"),
        (":0", "http://127.0.0.1:"),
        ("0", "http://127.0.0.1:"),
    ] {
        let (_dir, root) = data_dir();
        let process = Process::of(command(&["serve", "--listen", listen, "--data-dir", root.to_str().unwrap()]));
        assert!(process.url.starts_with(url), "{listen}: {}", process.url);
    }
    let refused = command(&["serve", "--listen", "localhost"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("use host:port"), "{}", text(&refused));
}
