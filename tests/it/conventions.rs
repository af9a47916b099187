//! The command line follows common conventions.
use crate::support::{
    Process,
    process::{command, data_dir, text},
};
use std::{
    fs::File,
    io::Read,
    process::{Output, Stdio},
};

/// Runs a command whose standard output is `to`.
fn printing_to(to: impl Into<Stdio>, arguments: &[&str]) -> Output {
    command(arguments).stdout(to).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    for arguments in [&["openapi"][..], &["version"], &["--help"]] {
        let mut child = command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut printed = String::new();
        child.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        assert_eq!((child.wait().unwrap().code(), printed.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_full_disk_is_reported_clearly() {
    let (_dir, root) = data_dir();
    let doctor = ["doctor", "--data-dir", root.to_str().unwrap()];
    for arguments in [&["openapi"][..], &["version"], &doctor] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = printing_to(full, arguments);
        let printed = text(&output);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {printed}");
        assert!(printed.contains("cannot write to standard output: No space left on device"), "{printed}");
        assert!(!printed.contains("panicked"), "{printed}");
    }
}

#[test]
fn an_empty_environment_variable_counts_as_not_set() {
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
fn closing_the_terminal_stops_the_server_like_other_signals() {
    let (_dir, root) = data_dir();
    let mut process = Process::start(&root, &[]);
    process.signal("HUP");
    assert_eq!(process.wait().code(), Some(0), "{}", process.log());
}

#[test]
fn the_printed_url_can_be_opened_for_every_listen_address() {
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
