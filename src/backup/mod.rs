//! Backups: a single file with a consistent copy of everything in a data directory, created while the server runs.
mod archive;
mod collect;
mod manifest;
mod passphrase;
mod restore;
mod work;

use crate::{
    Error, Result,
    clock::Time,
    data_dir::{MarkedFolder, Paths, explain, read_key},
    store::directory::moment::ConsistentView,
};
use archive::BackupWriter;
use collect::Links;
use manifest::{BackupInfo, FORMAT, KeyFiles};
use passphrase::Passphrase;
pub use restore::{BackupKeys, CheckedBackup, Restored, restore, verify};
use std::{fs, path::Path, time::Duration};
use uuid::Uuid;
use work::WorkFolder;
pub use work::remove_work_folders;

/// What a backup contains.
#[derive(Clone, Debug)]
pub struct Report {
    /// The time of the data.
    pub at: Time,
    /// How long writers were blocked.
    pub held: Duration,
    pub bytes: u64,
    pub uploads: u64,
    pub files: u64,
    /// Problems that were found, and what is not part of the backup.
    pub warnings: Vec<String>,
}

/// Writes a consistent copy of everything in the data directory to the new file `target`, atomically.
///
/// With a passphrase, the backup contains the sealed keys, and any manipulation is detected. Without one, it does not
/// contain the keys, and only damage is detected.
///
/// # Errors
/// `Conflict` if the target exists, a database is damaged, or the disk is full.
pub fn create(paths: &Paths, target: &Path, passphrase: Option<&str>) -> Result<Report> {
    if target.symlink_metadata().is_ok() {
        return Err(Error::conflict(format!("{} already exists: use the name of a new file", target.display())));
    }
    if !paths.workspace_db().exists() {
        let root = paths.root().display();
        return Err(Error::conflict(format!(
            "{root} contains no jet-admin.db: set the data directory with --data-dir"
        )));
    }
    let beside = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !beside.is_dir() {
        return Err(Error::conflict(format!(
            "{} is not a folder, so the backup cannot be written there",
            beside.display()
        )));
    }
    let passphrase = passphrase.map(Passphrase::new).transpose()?;
    let work = WorkFolder::new(beside, ".jet-admin-backup-")?;
    let staging = WorkFolder::new(&paths.backup_staging(), "links-")?;
    let links = Links::new(paths, staging.path());
    let (moment, at) = ConsistentView::hold(paths, || {
        links.link()?;
        Ok(Time::now())
    })?;
    let copies = Paths::new(work.path());
    moment.copy_to(&copies.workspace_db(), &copies.runs_db())?;

    let archive = work.path().join("archive");
    let about = about(&moment, at, passphrase.as_ref())?;
    let mut to = BackupWriter::create(&archive, &about)?;
    to.add_file("jet-admin.db", &copies.workspace_db())?;
    to.add_file("runs.db", &copies.runs_db())?;
    // frees their space
    let _ = (fs::remove_file(copies.workspace_db()), fs::remove_file(copies.runs_db()));
    let mut report = Report { at, held: moment.held, bytes: 0, uploads: 0, files: 0, warnings: Vec::new() };
    links.add_to(&moment, &mut to, &mut report)?;
    collect::add_files(paths, work.path(), &mut to, &mut report)?;
    if let Some(passphrase) = &passphrase {
        let keys = keys(paths, &mut report)?;
        to.add_bytes(manifest::KEYS, &passphrase.seal(&serde_json::to_vec(&keys)?, &about.id)?)?;
    } else {
        report.warnings.push("the keys are not part of the backup: keep a copy of keys/ in a safe place".to_owned());
    }
    report.bytes = to.finish(passphrase.as_ref())?;
    work::publish(&archive, target)?;
    Ok(report)
}

fn about(moment: &ConsistentView, at: Time, passphrase: Option<&Passphrase>) -> Result<BackupInfo> {
    let schemas = moment.schemas()?;
    Ok(BackupInfo {
        format: FORMAT,
        id: Uuid::new_v4().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at,
        schemas: [schemas.0, schemas.1],
        instance: moment.mark().map(|mark| mark.instance.clone()),
        epoch: moment.mark().map_or(0, |mark| mark.epoch),
        kdf: passphrase.map(|passphrase| passphrase.kdf.clone()),
    })
}

fn keys(paths: &Paths, report: &mut Report) -> Result<KeyFiles> {
    let read = |path: &Path| -> Result<Option<String>> {
        let Some(bytes) = read_key(path)? else { return Ok(None) };
        let text = String::from_utf8(bytes);
        text.map(Some)
            .map_err(|_| Error::conflict(format!("{} is not text, so it cannot be backed up", path.display())))
    };
    let keys = KeyFiles { signing: read(&paths.signing_key())?, secret: read(&paths.secret_key())? };
    if keys.secret.is_none() {
        let path = paths.part(MarkedFolder::Keys).join("secret.key");
        let why = "does not exist: if the server gets its key from JET_ADMIN_SECRET_KEY, keep a copy of that too";
        report.warnings.push(format!("{} {why}", path.display()));
    }
    Ok(keys)
}

/// Creates an error about a file, with its path.
fn failed(path: &Path, what: &str) -> impl FnOnce(std::io::Error) -> Error {
    let (path, what) = (path.to_path_buf(), what.to_owned());
    move |error| explain(&path, &what, &error)
}
