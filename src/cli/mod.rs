//! The command line.
mod accept;
mod backup;
mod doctor;
mod environment;
mod log;
mod migrate_store;
mod openapi;
mod output;
mod serve;
mod signals;
mod storage;
mod user;

use crate::{
    Error, Result,
    connect::ObjectAddress,
    data_dir::{DataDir, restrict_new_files},
    script,
    store::PostgresUrl,
};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use output::say;
use std::{path::PathBuf, process::ExitCode};

/// An internal tools server in one binary: datasources, queries, dashboards and durable workflows.
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
    User(user::UserCommand),
    /// Print the API document (`OpenAPI` 3.1).
    Openapi,
    /// Check the data directory, or the database that servers share, without changing it.
    Doctor(doctor::Doctor),
    /// Back up the data directory to one file, even while the server is running.
    Backup(backup::Backup),
    /// Replace the content of the data directory with a backup; the previous content is kept.
    Restore(backup::Restore),
    /// Move all data from a data directory to a `PostgreSQL` database, or back; the source is kept.
    MigrateStore(migrate_store::MigrateStore),
    /// Roll back to the databases from before the last upgrade; the current ones are kept.
    Rollback(accept::Rollback),
    /// Accept a data directory whose parts do not belong together; lists first what would be lost.
    Accept(accept::Accept),
    /// Print the version.
    Version,
}

/// The data directory's option, shared by commands.
#[derive(Args, Clone)]
struct DirectoryOption {
    /// Data directory; defaults to the platform's directory for application data.
    #[arg(long, env = "JET_ADMIN_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl DirectoryOption {
    fn path(&self) -> Result<PathBuf> {
        let path = self.data_dir.clone().or_else(DataDir::default_path);
        path.ok_or_else(|| Error::conflict("this platform has no default data directory: set one with --data-dir"))
    }
}

/// The database's option, shared by commands.
#[derive(Args, Clone)]
struct DatabaseOption {
    /// PostgreSQL server with the data, instead of files in the data directory:
    /// `postgres://user:password@host:5432/database`.
    #[arg(long, env = "JET_ADMIN_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
    /// Maximum number of connections to that server.
    #[arg(long, env = "JET_ADMIN_DATABASE_CONNECTIONS", default_value_t = 20, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(8..=1000))]
    database_connections: u32,
}

impl DatabaseOption {
    /// Parses the URL here, because an error of the argument parser would contain its password.
    fn url(&self) -> Result<Option<PostgresUrl>> {
        self.database.as_deref().map(str::parse).transpose()
    }
}

/// The file storage's option, shared by commands.
#[derive(Args, Clone)]
struct FilesOption {
    /// S3 bucket for uploaded files, which all servers with the same database share:
    /// `s3://bucket/prefix?endpoint=https://s3.example.com`. The credentials are `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and `AWS_SESSION_TOKEN`.
    #[arg(long, env = "JET_ADMIN_FILES", hide_env_values = true, value_name = "ADDRESS")]
    files: Option<String>,
}

impl FilesOption {
    /// Parses the address here, because an error of the argument parser would contain it.
    fn address(&self) -> Result<Option<ObjectAddress>> {
        self.files.as_deref().map(storage_address).transpose()
    }
}

/// Parses the address of a file storage, with the credentials from the environment.
fn storage_address(text: &str) -> Result<ObjectAddress> {
    ObjectAddress::parse(text, |name| std::env::var(name).ok())
}

/// Parses the arguments and runs the command. An error is printed as one line to standard error.
pub fn run() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|word| word == script::ARGUMENT) {
        return script::worker::run();
    }
    // only this user may read databases, uploads and copies of them
    restrict_new_files();
    // set the TLS provider before a library installs another
    let _ = rustls::crypto::ring::default_provider().install_default();
    let matches = environment::without_empty(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let is_server = matches!(cli.command, Command::Serve(_));
    let code = carry_out(cli.command);
    // a server keeps running without a terminal, so its lost output is not an error
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
        Command::MigrateStore(migrate) => migrate.run(),
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

/// Restarts the program with UTC as its time zone if the host uses another: scripts and `SQLite` ask the C library,
/// which reads the zone from the environment, and their results must not depend on the host.
#[cfg(unix)]
fn go_by_utc() {
    use std::os::unix::process::CommandExt;
    if std::env::var_os("TZ").is_some_and(|zone| zone == "UTC") {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env("TZ", "UTC").exec();
    output::warn(&format!("scripts and SQLite will use the host's time zone: {error}"));
}

#[cfg(not(unix))]
fn go_by_utc() {}

/// Prints the error to standard error, including internals: the user of the command line is the operator.
fn complain(error: &Error) {
    output::warn(&in_full(error));
}

/// Returns the full message, including internals that the API does not reveal.
fn in_full(error: &Error) -> String {
    match error {
        Error::Internal(why) => why.to_string(),
        other => other.to_string(),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
