//! `jet-admin doctor`: checks the data directory, or the database of several servers. It never writes, so it also works for
//! a copy on a read-only disk.
mod content;
mod database;
mod secrets;
mod shared;
mod usage;

use super::{DatabaseOption, DirectoryOption, accept::lost_keys, say};
use crate::{
    Result,
    auth::Signer,
    data_dir::{self, Paths, read_key},
    quota::size,
    store::{
        Sealer,
        directory::{self, databases::Examined, look::Access, snapshots},
        migrations,
    },
};
use clap::Args;
use std::{fs, path::Path, process::ExitCode};

#[derive(Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    place: DirectoryOption,
    #[command(flatten)]
    database: DatabaseOption,
    /// Key that the server uses instead of the key file; checks whether it can decrypt the stored secrets.
    #[arg(long, env = "JET_ADMIN_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
}

/// Prints findings, and tracks whether any of them is a failure.
struct Report {
    is_sound: bool,
}

impl Report {
    fn finding(&mut self, what: &str, found: Result<String>) {
        match found {
            Ok(note) => say(&format!("ok    {what}: {note}")),
            Err(error) => {
                self.is_sound = false;
                say(&format!("FAIL  {what}: {}", super::in_full(&error)));
            }
        }
    }

    fn fail(&mut self, what: &str, why: &str) {
        self.is_sound = false;
        say(&format!("FAIL  {what}: {why}"));
    }

    fn warn(what: &str, why: &str) {
        say(&format!("warn  {what}: {why}"));
    }

    fn note(what: &str, note: &str) {
        say(&format!("info  {what}: {note}"));
    }
}

impl Doctor {
    /// Prints one finding per line. Fails if something is damaged or missing, or would keep the server from starting.
    pub(super) fn run(&self) -> ExitCode {
        let mut report = Report { is_sound: true };
        say(&format!("jet-admin {}", env!("CARGO_PKG_VERSION")));
        match self.database.url() {
            Err(error) => report.finding("database", Err(error)),
            Ok(Some(url)) => self.look_at_server(&url, &mut report),
            Ok(None) => self.look_at_directory(&mut report),
        }
        if report.is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn look_at_directory(&self, report: &mut Report) {
        match self.place.path() {
            Err(error) => report.finding("data directory", Err(error)),
            Ok(path) if !path.exists() => {
                say(&format!(
                    "ok    data directory: {} does not exist yet; `jet-admin serve` creates it",
                    path.display()
                ));
            }
            Ok(path) => self.look(&Paths::new(&path), report),
        }
    }

    fn look(&self, paths: &Paths, report: &mut Report) {
        report.finding("data directory", private(paths.root()).map(|()| paths.root().display().to_string()));
        let access = Access::looking(paths);
        let user = if access == Access::Beside { "a server is using it" } else { "no server is using it" };
        report.finding("lock", Ok(user.to_owned()));
        let (newest, newest_runs) = migrations();
        let workspace = database(report, "workspace", &paths.workspace_db(), access, newest);
        let runs = database(report, "runs", &paths.runs_db(), access, newest_runs);
        parts(report, paths, access);
        let signing = key(&paths.signing_key(), |bytes| Signer::new(bytes).map(drop));
        report.finding("signing key", signing);
        let secret = match &self.secret_key {
            Some(text) => Sealer::new(text.as_bytes()).map(|_| "given, valid".to_owned()),
            None => key(&paths.secret_key(), |bytes| Sealer::of_file(&paths.secret_key(), bytes).map(drop)),
        };
        report.finding("secret key", secret);
        self.keys(paths, access, report);
        if let Some(workspace) = &workspace {
            report.finding("secrets", secrets::check(workspace.records(), paths, self.secret_key.as_deref()));
            content::uploads(report, workspace.records(), paths);
            content::datasources(report, workspace.records(), paths, access);
        }
        if let (Some(workspace), Some(runs)) = (&workspace, &runs) {
            unknown_tenants(report, workspace, runs);
            usage::list(workspace.stored(runs), Some(paths));
        }
        remains(paths);
    }
}

impl Doctor {
    /// Checks that the keys are those that this directory has been used with.
    fn keys(&self, paths: &Paths, access: Access, report: &mut Report) {
        let Ok(parts) = directory::examine(paths, access) else { return };
        // a key that cannot be read is reported elsewhere
        let lost = lost_keys(paths, parts.workspace.row(), self.secret_key.as_deref());
        for key in lost.iter().flatten().flatten() {
            report.fail("keys", &format!("{}: put it back from a backup. Lost: {}", key.what, key.lost));
        }
    }
}

/// Checks a database and returns it only if it is sound.
fn database(report: &mut Report, name: &str, path: &Path, access: Access, newest: usize) -> Option<Examined> {
    match Examined::open(path, access) {
        Ok(Some(examined)) => {
            let soundness = examined.soundness(newest);
            let is_sound = soundness.is_ok();
            report.finding(name, soundness);
            // what it contains can be examined after the upgrade
            Some(examined).filter(|examined| is_sound && examined.is_current(newest))
        }
        Ok(None) => {
            report.finding(name, Ok("not created yet".to_owned()));
            None
        }
        Err(error) => {
            report.finding(name, Err(error));
            None
        }
    }
}

/// Checks that all parts belong to the same directory and the same time.
fn parts(report: &mut Report, paths: &Paths, access: Access) {
    let parts = directory::check(paths, access);
    for warning in parts.iter().flat_map(|parts| parts.warnings()) {
        Report::warn("parts", &warning);
    }
    report.finding("parts", parts.map(|_| "all belong together".to_owned()));
}

fn unknown_tenants(report: &mut Report, workspace: &Examined, runs: &Examined) {
    match workspace.unknown_tenants(runs) {
        Ok(unknown) => {
            for tenant in unknown {
                report.fail("runs", &format!("contains runs of the tenant {tenant}, which is not in the workspace"));
            }
        }
        Err(error) => report.finding("runs", Err(error)),
    }
}

/// Lists what is in the directory but not in use.
fn remains(paths: &Paths) {
    let held = paths.quarantine().list();
    if let Some(oldest) = held.first() {
        let bytes = size(held.iter().map(|one| one.bytes).sum());
        Report::note("quarantine", &format!("{} entries, {bytes}, the oldest from {}", held.len(), oldest.at));
    }
    let snapshots = snapshots::list(paths);
    if let Some(latest) = snapshots.first() {
        Report::note("snapshots", &format!("{} of both databases, the latest from {}", snapshots.len(), latest.at));
    }
    for path in paths.leftovers() {
        let what = path.file_name().unwrap_or_default().to_string_lossy();
        let note = match what.as_ref() {
            "replaced" => "replaced by `restore`, `rollback` or `accept`: delete it when you no longer need it",
            "replacing.json" => "a replacement was interrupted: the next start will finish it",
            _ => "left by an interrupted restore: delete it",
        };
        Report::note(&what, note);
    }
    let staged = fs::read_dir(paths.backup_staging()).is_ok_and(|mut entries| entries.next().is_some());
    if staged && !data_dir::is_in_use(paths.root()) {
        Report::note("backup", "left by an interrupted backup: the next backup will remove it");
    }
}

fn key(path: &Path, valid: impl Fn(&[u8]) -> Result<()>) -> Result<String> {
    let Some(bytes) = read_key(path)? else { return Ok("not created yet".to_owned()) };
    private(path)?;
    valid(&bytes)?;
    Ok("valid and private".to_owned())
}

/// Fails if other users can access the path.
fn private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = path.display();
            let why = format!("{path} is accessible to other users (mode {mode:o}): run `chmod go= {path}`");
            return Err(crate::Error::conflict(why));
        }
    }
    Ok(())
}
