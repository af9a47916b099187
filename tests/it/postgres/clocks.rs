//! Servers whose clock differs from that of the database server.
use crate::support::{
    backend::Database,
    faketime::ahead_by,
    process::{self, Process, command},
};

#[tokio::test]
async fn a_server_whose_clock_is_wrong_does_not_join_the_others() {
    let database = Database::create();
    let (_dir, root) = process::data_dir();
    let serve =
        ["serve", "--listen", "127.0.0.1:0", "--data-dir", root.to_str().unwrap(), "--database", &database.url()];
    for (offset, expected) in [("+3s", "s ahead of that"), ("-1h", "s behind that")] {
        let output = process::run_in(&serve, "", &ahead_by(offset));
        let text = process::text(&output);
        assert!(!output.status.success(), "{text}");
        assert!(text.contains(expected) && text.contains("synchronize both machines"), "{text}");
        assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
    }
    let mut near = command(&serve);
    near.envs(ahead_by("+1s"));
    let near = Process::of(near);
    near.log_with("the clock of this machine differs");
    assert_eq!(database.number("select count(*) from jet_admin_runs.servers where skew > 800"), 1);
}

#[test]
fn doctor_compares_clocks() {
    let database = Database::create();
    let doctor = ["doctor", "--database", &database.url()];
    for (offset, expected, succeeds) in [
        ("+0s", "ok    clock", true),
        ("-1s", "warn  clock: this machine is", true),
        ("+3s", "FAIL  clock: this machine is", false),
    ] {
        let output = process::run_in(&doctor, "", &ahead_by(offset));
        let text = process::text(&output);
        assert!(output.status.success() == succeeds && text.contains(expected), "{text}");
    }
}
