//! `jet-admin doctor`: says whether the data directory is sound.
use super::{Place, say};
use crate::{
    Result,
    auth::Signer,
    data_dir::{DataDir, Paths},
    quota::{DiskSpace, QuotaLimits, Quotas, UsageKind, size},
    store::{Sealer, check},
};
use std::{fs, path::Path, process::ExitCode};

/// One finding a line; fails when something keeps the server from starting.
pub(super) fn run(place: &Place) -> ExitCode {
    let mut sound = true;
    let mut report = |what: &str, found: Result<String>| match found {
        Ok(note) => say(&format!("ok    {what}: {note}")),
        Err(error) => {
            sound = false;
            say(&format!("FAIL  {what}: {error}"));
        }
    };
    say(&format!("jet-admin {}", env!("CARGO_PKG_VERSION")));
    let path = match place.path() {
        Ok(path) => path,
        Err(error) => {
            report("data directory", Err(error));
            return ExitCode::FAILURE;
        }
    };
    if !path.exists() {
        say(&format!("ok    data directory: {} does not exist yet; `jet-admin serve` makes it", path.display()));
        return ExitCode::SUCCESS;
    }
    report("data directory", private(&path).map(|()| path.display().to_string()));
    match DataDir::open_or_join(&path) {
        Err(error) => report("lock", Err(error)),
        Ok((lock, paths)) => {
            let state = if lock.is_some() { "no server is using it" } else { "a server is using it" };
            report("lock", Ok(state.to_owned()));
            for (name, file) in [("workspace", paths.workspace_db()), ("runs", paths.runs_db())] {
                report(name, check::file(&file));
            }
            usage(&paths);
            report("signing key", key(&paths.signing_key(), |bytes| Signer::new(bytes).map(drop)));
            report("secret key", key(&paths.secret_key(), |bytes| Sealer::new(bytes).map(drop)));
        }
    }
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many tenants are listed, the largest.
const TENANTS: usize = 20;

/// What the tenants have stored, the largest first; nothing where it cannot be told.
fn usage(paths: &Paths) {
    let Ok(stored) = check::stored(&paths.workspace_db(), &paths.runs_db()) else { return };
    let quotas = Quotas::new(QuotaLimits::unlimited(), paths, DiskSpace::unlimited());
    let mut all: Vec<_> = stored
        .into_iter()
        .map(|mut stored| {
            stored.kinds.insert(UsageKind::Files, quotas.files(stored.tenant).used());
            (stored.kinds.values().sum::<u64>(), stored)
        })
        .collect();
    all.sort_by_key(|(bytes, _)| std::cmp::Reverse(*bytes));
    for (bytes, stored) in all.iter().take(TENANTS) {
        let kinds: Vec<_> = stored
            .kinds
            .iter()
            .filter(|(_, bytes)| **bytes > 0)
            .map(|(kind, bytes)| format!("{} {}", kind.as_str(), size(*bytes)))
            .collect();
        // a name is a tenant's own: it must not forge a line
        let name = stored.name.escape_debug();
        say(&format!("info  tenant {} \"{name}\": {} ({})", stored.tenant, size(*bytes), kinds.join(", ")));
    }
    if all.len() > TENANTS {
        say(&format!("info  {} smaller tenants are not listed", all.len() - TENANTS));
    }
}

fn key(path: &Path, valid: impl Fn(&[u8]) -> Result<()>) -> Result<String> {
    if !path.exists() {
        return Ok("not made yet".to_owned());
    }
    private(path)?;
    valid(&fs::read(path)?)?;
    Ok("valid and private".to_owned())
}

/// Others must not be able to read it.
fn private(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let why = format!("{} can be read by others (mode {mode:o}): chmod go= it", path.display());
            return Err(crate::Error::conflict(why));
        }
    }
    Ok(())
}
