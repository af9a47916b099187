//! `jet-admin backup` and `jet-admin restore`.
use super::{DirectoryOption, say, signals::interruptible};
use crate::{
    Error, Result,
    backup::{self, BackupKeys, CheckedBackup},
    data_dir::{DataDir, Paths},
    quota::size,
    store::{PostgresUrl, directory::check_not_attached},
};
use clap::Args;
use std::{fs, path::PathBuf};

#[derive(Args)]
pub(super) struct Backup {
    /// File to write; it must not exist yet.
    file: PathBuf,
    #[command(flatten)]
    place: DirectoryOption,
    #[command(flatten)]
    secret: Secret,
    /// Leave out the keys instead of encrypting them with a passphrase.
    #[arg(long, conflicts_with = "passphrase_file")]
    without_keys: bool,
    /// Database of the servers: prints how to back it up.
    #[arg(long, env = "JET_ADMIN_DATABASE", hide_env_values = true, value_name = "URL")]
    database: Option<String>,
}

#[derive(Args)]
pub(super) struct Restore {
    /// Backup file, written by `jet-admin backup`.
    file: PathBuf,
    #[command(flatten)]
    place: DirectoryOption,
    #[command(flatten)]
    secret: Secret,
    /// Do not restore the keys: use those in the data directory, or add them later.
    #[arg(long, conflicts_with = "passphrase_file")]
    without_keys: bool,
    /// Check the whole file without changing anything.
    #[arg(long)]
    verify: bool,
}

#[derive(Args)]
struct Secret {
    /// File whose first line is the passphrase for the keys.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// The environment variable for the passphrase. There is no argument for it, because other users on the machine could
/// see its value.
const VARIABLE: &str = "JET_ADMIN_BACKUP_PASSPHRASE";

impl Secret {
    /// Reads the passphrase, if one is set.
    fn read(&self) -> Result<Option<String>> {
        let text = match &self.passphrase_file {
            Some(path) => {
                let text = fs::read_to_string(path);
                let text =
                    text.map_err(|error| Error::conflict(format!("{} cannot be read: {error}", path.display())))?;
                Some(text.lines().next().unwrap_or_default().to_owned())
            }
            None => std::env::var(VARIABLE).ok(),
        };
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// Decides what to do with the keys.
    fn keys(text: Option<&str>, without: bool) -> Result<BackupKeys<'_>> {
        match text {
            _ if without => Ok(BackupKeys::LeftOut),
            Some(text) => Ok(BackupKeys::Passphrase(text)),
            None => Err(Error::conflict(format!(
                "the keys require a passphrase: set it with --passphrase-file or {VARIABLE}, or leave the keys out \
                 with --without-keys"
            ))),
        }
    }
}

impl Backup {
    pub(super) fn run(self) -> Result<()> {
        if let Some(url) = &self.database {
            let (url, file) = (url.parse::<PostgresUrl>()?, self.file.display());
            return Err(Error::conflict(format!(
                "this backs up data directories, and nothing was written. Back up {url} with `pg_dump --format=custom \
                 --schema=jet_admin --schema=jet_admin_runs --file={file} …` or a physical backup, and copy keys/, uploads/ \
                 and files/ of the data directory afterwards"
            )));
        }
        let text = self.secret.read()?;
        let passphrase = match Secret::keys(text.as_deref(), self.without_keys)? {
            BackupKeys::Passphrase(text) => Some(text),
            BackupKeys::LeftOut => None,
        };
        let paths = Paths::new(&self.place.path()?);
        check_not_attached(&paths)?;
        let report = interruptible(|| backup::create(&paths, &self.file, passphrase))?;
        for warning in &report.warnings {
            say(&format!("warning: {warning}"));
        }
        say(&format!(
            "{}: {}, as of {}, with {} uploaded files and {} datasource files; writes were blocked for {} ms",
            self.file.display(),
            size(report.bytes),
            report.at,
            report.uploads,
            report.files,
            report.held.as_millis()
        ));
        Ok(())
    }
}

impl Restore {
    pub(super) fn run(self) -> Result<()> {
        let text = self.secret.read()?;
        let keys = Secret::keys(text.as_deref(), self.without_keys)?;
        if self.verify {
            let checked = interruptible(|| backup::verify(&self.file, keys))?;
            say(&format!("{} is intact: {}", self.file.display(), describe(&checked)));
            return Ok(());
        }
        let dir = DataDir::open(&self.place.path()?)?;
        check_not_attached(&dir)?;
        let restored = backup::restore(&dir, &self.file, keys)?;
        say(&format!("restored to {}: {}", dir.root().display(), describe(&restored.checked)));
        if let Some(kept) = restored.kept {
            say(&format!("the previous content is in {}: delete it when you no longer need it", kept.display()));
        }
        if restored.without_keys {
            say("the keys are missing: put signing.pem and secret.key into keys/ before you start the server");
        }
        Ok(())
    }
}

fn describe(checked: &CheckedBackup) -> String {
    format!("as of {}, written by jet-admin {}, {} parts", checked.at, checked.version, checked.members)
}
