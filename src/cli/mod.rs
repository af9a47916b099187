//! The command line.
mod accept;
mod backup;
mod doctor;
mod environment;
mod log;
mod openapi;
mod output;
mod serve;
mod storage;
mod user;

use crate::{
    Error, Result,
    data_dir::{DataDir, restrict_new_files},
    script,
};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use output::say;
use std::{path::PathBuf, process::ExitCode};

/// An internal-tools server in one binary: datasources, queries, dashboards and durable workflows.
#[derive(Parser)]
#[command(name = "jet-admin", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server.
    Serve(Box<serve::Serve>),
    /// Manage accounts.
    #[command(subcommand)]
    User(user::User),
    /// Print the API document (`OpenAPI` 3.1).
    Openapi,
    /// Check the data directory; changes nothing.
    Doctor(doctor::Doctor),
    /// Write everything in the data directory to one file, also while the server runs.
    Backup(backup::Backup),
    /// Put a backup in the place of the data directory's content, which is kept aside.
    Restore(backup::Restore),
    /// Go back to the databases of before the last upgrade; the present ones are kept aside.
    Rollback(accept::Rollback),
    /// Use a data directory whose parts do not fit together as it is; says first what is lost.
    Accept(accept::Accept),
    /// Print the version.
    Version,
}

/// Where the state lives.
#[derive(Args, Clone)]
struct Place {
    /// The data directory; the platform's own when absent.
    #[arg(long, env = "JET_ADMIN_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl Place {
    fn path(&self) -> Result<PathBuf> {
        let path = self.data_dir.clone().or_else(DataDir::default_path);
        path.ok_or_else(|| Error::conflict("this platform has no data directory: name one with --data-dir"))
    }
}

/// Parses the arguments and runs; what fails is said in one line on standard error.
pub fn run() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == script::ARGUMENT) {
        return script::worker::run();
    }
    // databases, uploads and what people copy from them: for this user alone
    restrict_new_files();
    // ours, before any library chooses another
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = environment::without_empty(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let is_server = matches!(cli.command, Command::Serve(_));
    let code = carry_out(cli.command);
    // a server goes on without a terminal
    if is_server || output::is_complete() { code } else { ExitCode::FAILURE }
}

fn carry_out(command: Command) -> ExitCode {
    let outcome = match command {
        Command::Serve(serve) => {
            go_by_utc();
            serve.run()
        }
        Command::User(user) => user.run(),
        Command::Openapi => openapi::run(),
        Command::Doctor(doctor) => return doctor.run(),
        Command::Backup(backup) => backup.run(),
        Command::Restore(restore) => restore.run(),
        Command::Rollback(rollback) => rollback.run(),
        Command::Accept(accept) => accept.run(),
        Command::Version => {
            say(&format!("jet-admin {}", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Starts the program again with UTC as its local time, where the host has another: scripts and `SQLite` ask the C
/// library, which reads it from the environment, and must not answer otherwise on another host.
#[cfg(unix)]
fn go_by_utc() {
    use std::os::unix::process::CommandExt;
    if std::env::var_os("TZ").is_some_and(|zone| zone == "UTC") {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env("TZ", "UTC").exec();
    output::warn(&format!("scripts and SQLite go by the host's time zone: {error}"));
}

#[cfg(not(unix))]
fn go_by_utc() {}

/// The whole story on standard error: at the command line nothing is hidden from the operator.
fn complain(error: &Error) {
    output::warn(&in_full(error));
}

/// What is wrong, also where callers of the API do not hear it.
fn in_full(error: &Error) -> String {
    match error {
        Error::Internal(why) => why.to_string(),
        other => other.to_string(),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
