//! Replaces the content of a data directory by a backup. The backup is checked first, and the old content is kept.
use super::{
    archive::{BackupReader, copy_digested, parse},
    failed,
    manifest::{ABOUT, BackupInfo, KEYS, KeyFiles, LARGEST_KEYS},
    passphrase::Passphrase,
    work::WorkFolder,
};
use crate::{
    Error, Result,
    clock::Time,
    data_dir::{DataDir, FolderMark, MarkedFolder, Paths, Replacing, write_private},
    model::file::parse_kept_name,
    store::{
        directory::{self, databases::Examined, look::Access, snapshots},
        migrations,
    },
};
use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::Read,
    path::{Component, Path, PathBuf},
};
use uuid::Uuid;

/// How to handle the keys in a backup.
#[derive(Clone, Copy, Debug)]
pub enum BackupKeys<'a> {
    /// Decrypts them with this passphrase, which also detects manipulation.
    Passphrase(&'a str),
    /// Skips them. Only damage is detected.
    LeftOut,
}

/// The result of checking a backup.
#[derive(Clone, Debug)]
pub struct CheckedBackup {
    pub at: Time,
    pub version: String,
    pub members: u64,
}

/// The result of a restore.
#[derive(Clone, Debug)]
pub struct Restored {
    pub checked: CheckedBackup,
    /// Where the old content is kept, if there was any.
    pub kept: Option<PathBuf>,
    /// Whether the keys must still be put in place.
    pub without_keys: bool,
}

/// Checks everything that [`restore`] checks, without changing anything: unpacks both databases into the system's
/// temporary folder.
///
/// # Errors
/// `Conflict` if the backup is damaged, truncated, altered or from a newer version, or the passphrase is wrong.
pub fn verify(archive: &Path, keys: BackupKeys<'_>) -> Result<CheckedBackup> {
    let folder = WorkFolder::new(&std::env::temp_dir(), ".jet-admin-verify-")?;
    let content = folder.path().join("content");
    fs::create_dir(&content)?;
    unpack(archive, keys, &Paths::new(&content), false)
}

/// Replaces the content of the data directory by a backup. The old content is moved aside.
///
/// # Errors
/// The errors of [`verify`]. Nothing is changed then.
pub fn restore(dir: &DataDir, archive: &Path, keys: BackupKeys<'_>) -> Result<Restored> {
    let new = Replacing::begin(dir)?;
    let to = new.paths();
    let checked = unpack(archive, keys, &to, true)?;
    let has_keys = to.signing_key().exists() || to.secret_key().exists();
    let mut put = vec!["jet-admin.db", "runs.db", "uploads", "files"];
    put.push(if has_keys { "keys" } else { MarkedFolder::Keys.mark_path() });
    let kept = new.commit(&put, &snapshots::DATABASE_FILES)?;
    let without_keys = !has_keys && !dir.signing_key().exists();
    Ok(Restored { checked, kept, without_keys })
}

/// Unpacks a backup into the empty folder `to` and checks all of it: every byte, both databases, and whether they are those
/// that the backup was made of. Files that only need their digest checked are unpacked if `with_files`.
fn unpack(archive: &Path, keys: BackupKeys<'_>, to: &Paths, with_files: bool) -> Result<CheckedBackup> {
    let (mut reader, passphrase) = open(archive, keys)?;
    let (mut members, mut tree) = (0, Tree::default());
    let id = reader.about.id.clone();
    reader.each_member(&mut |path, size, from| {
        members += 1;
        tree.add(path)?;
        match (place(path)?, &passphrase) {
            (MemberDestination::Database(path), _) => extract(&to.root().join(path), from),
            (MemberDestination::File(path), _) if with_files => extract(&to.root().join(path), from),
            (MemberDestination::Keys, Some(passphrase)) => write_keys(to, &open_keys(passphrase, &id, size, from)?),
            _ => Ok(()),
        }
    })?;
    let about = &reader.about;
    let unpacked = format!("{}/", to.root().display());
    let in_archive = |error| match error {
        // the person knows the backup, not the folder that it was unpacked into
        Error::Conflict(why) => Error::Conflict(why.replace(&unpacked, &format!("{}: ", archive.display()))),
        other => other,
    };
    check_databases(to, about).map_err(in_archive)?;
    if let Some(instance) = about.instance.clone() {
        to.set_marks(&FolderMark { instance, epoch: about.epoch })?;
        directory::check(to, Access::Owned).map_err(in_archive)?;
    } else {
        // from a version without marks: remove existing marks
        [to.uploads(), to.files()].iter().try_for_each(fs::create_dir_all)?;
    }
    remove_side_files(to);
    Ok(CheckedBackup { at: about.at, version: about.version.clone(), members })
}

/// # Errors
/// `Conflict` when a database is missing, damaged, from a newer version, or not the one that `about` describes.
fn check_databases(to: &Paths, about: &BackupInfo) -> Result<()> {
    let parts = directory::examine(to, Access::Owned)?;
    if !parts.workspace.is_held() || !parts.runs.is_held() {
        return Err(Error::conflict("the backup lacks a database: use another one"));
    }
    let (newest, newest_runs) = migrations();
    for (path, newest) in [(to.workspace_db(), newest), (to.runs_db(), newest_runs)] {
        if let Some(database) = Examined::open(&path, Access::Owned)? {
            database.soundness(newest)?;
        }
    }
    let row = parts.workspace.row().filter(|row| row.settled > 0);
    let found = (row.map(|row| row.instance.clone()), row.map_or(0, |row| row.epoch));
    let schemas = [parts.workspace.schema(), parts.runs.schema()];
    if (found, schemas) != ((about.instance.clone(), about.epoch), about.schemas) {
        return Err(Error::conflict("the backup does not hold the databases that it was made of: use another one"));
    }
    Ok(())
}

fn open(archive: &Path, keys: BackupKeys<'_>) -> Result<(BackupReader, Option<Passphrase>)> {
    let mut reader = BackupReader::open(archive)?;
    let passphrase = match (keys, &reader.about.kdf) {
        (BackupKeys::Passphrase(text), Some(kdf)) => Some(Passphrase::derive(text, kdf.clone())?),
        // the backup has no passphrase, so it has no keys
        (BackupKeys::Passphrase(_), None) => {
            return Err(Error::conflict(format!(
                "{} was created without a passphrase and has no keys: use --without-keys, and put keys/ in place \
                 yourself",
                archive.display()
            )));
        }
        (BackupKeys::LeftOut, _) => None,
    };
    reader.check_seal(passphrase.as_ref())?;
    Ok((reader, passphrase))
}

/// The names of the members so far.
#[derive(Default)]
struct Tree {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
}

impl Tree {
    /// # Errors
    /// `Conflict` if there is such a file already, or one of the two would be a folder in the other's place.
    fn add(&mut self, name: &str) -> Result<()> {
        let path = PathBuf::from(name);
        let mut above = path.ancestors().skip(1);
        if self.folders.contains(&path)
            || above.clone().any(|folder| self.files.contains(folder))
            || !self.files.insert(path.clone())
        {
            return Err(Error::conflict(format!(
                "the backup contains the file {name:?} more than once: use another backup"
            )));
        }
        // the folders above a known one are known
        let _ = above.all(|folder| self.folders.insert(folder.to_path_buf()));
        Ok(())
    }
}

/// Where to put a member.
enum MemberDestination {
    Nowhere,
    Keys,
    Database(PathBuf),
    File(PathBuf),
}

/// # Errors
/// `Conflict` for a name that cannot be in a backup.
fn place(name: &str) -> Result<MemberDestination> {
    let path = Path::new(name);
    let parts: Option<Vec<&str>> = path
        .components()
        .map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    let is_id = |part: &str| Uuid::try_parse(part).is_ok();
    let is_content = |part: &str| is_id(part) || parse_kept_name(part).is_some();
    match parts.as_deref() {
        Some([ABOUT]) => Ok(MemberDestination::Nowhere),
        Some([KEYS]) => Ok(MemberDestination::Keys),
        Some(["uploads", tenant, file]) if is_id(tenant) && is_content(file) => {
            Ok(MemberDestination::File(path.to_path_buf()))
        }
        Some(["jet-admin.db" | "runs.db"]) => Ok(MemberDestination::Database(path.to_path_buf())),
        Some(["files", _, _, ..]) => Ok(MemberDestination::File(path.to_path_buf())),
        _ => Err(Error::conflict(format!("the backup contains an unexpected file {name:?}: use another backup"))),
    }
}

fn extract(to: &Path, from: &mut dyn Read) -> Result<()> {
    let write = || {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(to)?;
        copy_digested(from, &mut file)?;
        file.sync_all()
    };
    write().map_err(failed(to, "cannot be written"))
}

fn open_keys(passphrase: &Passphrase, id: &str, size: u64, from: &mut dyn Read) -> Result<KeyFiles> {
    let mut sealed = Vec::new();
    from.take(LARGEST_KEYS).read_to_end(&mut sealed)?;
    let opened = passphrase.open(&sealed, id)?;
    let odd = || Error::conflict("the keys in the backup have an unknown format");
    parse(&mut opened.as_slice(), size.min(LARGEST_KEYS), LARGEST_KEYS).ok_or_else(odd)
}

fn write_keys(to: &Paths, keys: &KeyFiles) -> Result<()> {
    for (path, text) in [(to.signing_key(), &keys.signing), (to.secret_key(), &keys.secret)] {
        if let Some(text) = text {
            write_private(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

/// Removes files that reading the new databases created next to them.
fn remove_side_files(paths: &Paths) {
    for name in
        snapshots::DATABASE_FILES.iter().filter(|name| Path::new(name).extension().is_none_or(|end| end != "db"))
    {
        let _ = fs::remove_file(paths.root().join(name));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{MemberDestination, Tree, place};

    #[test]
    fn each_member_has_a_place_of_its_own() {
        let add = |names: &[&str]| {
            let mut tree = Tree::default();
            names.iter().try_for_each(|name| tree.add(name))
        };
        assert!(add(&["runs.db", "files/x/a", "files/x/ab", "files/x/c/d", "files/x/c/e", "files/y/a"]).is_ok());
        for names in [
            ["files/x/a", "files/x/a"],
            ["files/x/a", "files/x//a"],
            ["files/x/a", "files/x/./a"],
            ["files/x/a", "files/x/a/b"],
            ["files/x/a", "files/x/a/b/c"],
            ["files/x/a/b", "files/x/a"],
            ["files/x/a/b/c", "files/x/a"],
        ] {
            assert!(add(&names).is_err(), "{names:?}");
        }
    }

    #[test]
    fn no_member_can_be_written_outside_its_folder() {
        let id = "0198a1b2-0000-7000-8000-000000000000";
        for name in [
            "jet-admin.db".to_owned(),
            "runs.db".to_owned(),
            format!("uploads/{id}/{id}"),
            format!("uploads/{id}/{id}@{}", "0a".repeat(32)),
            format!("files/{id}/shop.db"),
            format!("files/{id}/a/b c.csv"),
        ] {
            assert!(matches!(place(&name), Ok(MemberDestination::Database(_) | MemberDestination::File(_))), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../jet-admin.db",
            "files/../keys/secret.key",
            "files/x",
            "uploads/x/y",
            "uploads/0198a1b2-0000-7000-8000-000000000000/0198a1b2-0000-7000-8000-000000000000@0a",
            "keys/secret.key",
            "lock",
            "files",
            "./runs.db/..",
        ] {
            assert!(place(name).is_err(), "{name}");
        }
    }
}
