//! `jet-admin accept` and `jet-admin rollback`: changes to a data directory that lose data; both list first what is
//! lost.
use super::{DirectoryOption, say};
use crate::{
    Error, Result,
    auth::Signer,
    clock::Time,
    data_dir::{DataDir, Paths, Replacing, read_key},
    quota::Quotas,
    store::{
        Durability, Sealer, Store,
        directory::{
            self, DirectoryRow, databases,
            look::Access,
            snapshots::{self, Snapshot},
        },
    },
};
use clap::Args;
use std::sync::Arc;

#[derive(Args)]
pub(super) struct Accept {
    #[command(flatten)]
    place: DirectoryOption,
    /// Make the change; without this, the command only lists what would be lost.
    #[arg(long)]
    yes: bool,
    /// Key that the server uses instead of the key file.
    #[arg(long, env = "JET_ADMIN_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
}

#[derive(Args)]
pub(super) struct Rollback {
    #[command(flatten)]
    place: DirectoryOption,
    /// Make the change; without this, the command only lists what would be lost.
    #[arg(long)]
    yes: bool,
}

/// A key that is missing, or is not the one that the data directory was used with.
pub(super) struct LostKey {
    pub what: String,
    pub lost: &'static str,
}

/// Compares the signing key and the secret key with what the workspace recorded about them, in this order. Each entry
/// is `None` if the key matches.
pub(super) fn lost_keys(
    paths: &Paths,
    row: Option<&DirectoryRow>,
    given: Option<&str>,
) -> Result<[Option<LostKey>; 2]> {
    let Some(row) = row else { return Ok([None, None]) };
    let signing = read_key(&paths.signing_key())?.map(|bytes| Signer::new(&bytes)).transpose()?;
    let secret = match given {
        Some(text) => Some(Sealer::new(text.as_bytes())?),
        None => match read_key(&paths.secret_key())? {
            Some(bytes) => Some(Sealer::of_file(&paths.secret_key(), &bytes)?),
            None => None,
        },
    };
    let judge = |name: &str, known: &Option<String>, found: Option<&str>, lost| {
        let known = known.as_deref().filter(|known| !known.is_empty())?;
        let why = match found {
            Some(found) if found == known => return None,
            Some(_) => "is not the key of this directory",
            None => "is missing",
        };
        Some(LostKey { what: format!("{name} {why}"), lost })
    };
    Ok([
        judge("keys/signing.pem", &row.signing_check, signing.as_ref().map(Signer::key_id), SESSIONS),
        judge("keys/secret.key", &row.secret_check, secret.as_ref().map(Sealer::check), SECRETS),
    ])
}

const SESSIONS: &str = "all sessions: everyone must sign in again";
const SECRETS: &str = "datasource secrets, secret variables and the stored URLs of webhooks";

impl Accept {
    pub(super) fn run(self) -> Result<()> {
        let dir = DataDir::open(&self.place.path()?)?;
        let parts = directory::examine(&dir, Access::Owned)?;
        let problems = parts.problems();
        let keys = lost_keys(&dir, parts.workspace.row(), self.secret_key.as_deref())?;
        if problems.is_empty() && keys.iter().all(Option::is_none) {
            say("nothing to accept: all parts of the data directory belong together");
            return Ok(());
        }
        for problem in &problems {
            let lost = problem.lost.as_deref().unwrap_or("everything (this cannot be accepted)");
            say(&format!("{}. Lost: {lost}", problem.what));
        }
        for key in keys.iter().flatten() {
            say(&format!("{}. Lost: {}", key.what, key.lost));
        }
        if problems.iter().any(|problem| problem.lost.is_none()) {
            // its error says what to do
            return parts.check(&dir);
        }
        if !self.yes {
            return Err(Error::conflict("nothing was changed: add --yes to use the directory in this state"));
        }
        let foreign = |row: &DirectoryRow| Some(&row.instance) != parts.workspace.row().map(|own| &own.instance);
        if parts.runs.row().is_some_and(foreign) {
            // runs of tenants of another directory must not start
            let kept = Replacing::begin(&dir)?.commit(&[], &["runs.db", "runs.db-wal", "runs.db-shm"])?;
            if let Some(kept) = kept {
                say(&format!("moved the other directory's runs.db to {}", kept.display()));
            }
        }
        let store = Store::open_as_it_is(&dir, Durability::Full, &Arc::new(Quotas::unlimited()))?;
        let accepted = store.accept([keys[0].is_some(), keys[1].is_some()]);
        store.close();
        accepted?;
        say("accepted: the server will use the directory in its current state; no file was deleted");
        Ok(())
    }
}

impl Rollback {
    pub(super) fn run(self) -> Result<()> {
        let dir = DataDir::open(&self.place.path()?)?;
        directory::check_not_attached(&dir)?;
        let Some(snapshot) = snapshots::list(&dir).into_iter().next() else {
            return Err(Error::conflict(format!(
                "{} contains no snapshot of both databases: restore a backup with `jet-admin restore`",
                dir.snapshots().display()
            )));
        };
        show_losses(&dir, &snapshot);
        if !self.yes {
            return Err(Error::conflict("nothing was changed: add --yes to roll back to the snapshot"));
        }
        let kept = snapshots::roll_back(&dir, &snapshot)?;
        if let Some(kept) = kept {
            say(&format!("the previous databases are in {}", kept.display()));
        }
        say("now start the earlier version of jet-admin: this one would upgrade the databases again");
        Ok(())
    }
}

fn show_losses(paths: &Paths, snapshot: &Snapshot) {
    let (workspace, runs) = snapshot.schemas;
    say(&format!("latest snapshot: {} (schema versions {workspace} and {runs})", snapshot.at));
    match databases::since(paths, snapshot.at) {
        Ok(since) => {
            for (count, what) in since {
                say(&format!("lost: {count} {what}"));
            }
        }
        Err(error) => say(&format!("cannot determine what would be lost: {error}")),
    }
    say(&format!("lost: everything else written from {} to {}", snapshot.at, Time::now()));
}
