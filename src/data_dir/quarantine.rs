//! The quarantine: clean-up moves what it removes here first, and deletes it some days later.
use super::{explain, sync_folder};
use crate::{Result, clock::Time};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use uuid::Uuid;

const FOLDER: &str = "quarantine";

/// The folder `quarantine/` of a data directory. Each entry has its own folder, named after the time, and keeps its
/// original path inside it.
#[derive(Clone, Debug)]
pub struct Quarantine {
    root: PathBuf,
}

/// An entry in the quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// When it was moved to the quarantine.
    pub at: Time,
    pub folder: PathBuf,
    pub bytes: u64,
}

impl Quarantine {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Moves a file or folder of the data directory to the quarantine. Does nothing if it no longer exists.
    ///
    /// # Errors
    /// `Conflict` if it cannot be moved. It stays where it was then.
    pub fn take(&self, path: &Path) -> Result<()> {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        let folder = self.root.join(FOLDER).join(format!("{}-{}", Time::now().0, Uuid::new_v4().simple()));
        let to = folder.join(inside);
        let above = to.parent().unwrap_or(&folder);
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            _ => {}
        }
        let moved = fs::create_dir_all(above).and_then(|()| relocate(path, &to)).and_then(|()| sync_folder(above));
        match moved {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let _ = fs::remove_dir_all(&folder);
                Ok(())
            }
            moved => moved.map_err(|error| explain(path, "cannot be moved to quarantine", &error)),
        }
    }

    /// Returns the entries, oldest first. Ignores folders whose names do not match the format.
    pub fn list(&self) -> Vec<Quarantined> {
        let entries = fs::read_dir(self.root.join(FOLDER)).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                let (at, id) = name.split_once('-')?;
                Uuid::try_parse(id).ok()?;
                let folder = entry.path();
                Some(Quarantined { at: Time(at.parse().ok()?), bytes: bytes_below(&folder), folder })
            })
            .collect();
        found.sort_by_key(|one| one.at);
        found
    }

    /// Deletes entries older than `keep`, then the oldest until at most `most` bytes are left. Returns how many were
    /// deleted.
    pub fn expire(&self, now: Time, keep: Duration, most: u64) -> u64 {
        let all = self.list();
        let mut left: u64 = all.iter().map(|one| one.bytes).sum();
        let mut deleted = 0;
        for one in all {
            if one.at.plus(keep) > now && left <= most {
                break;
            }
            match fs::remove_dir_all(&one.folder) {
                Ok(()) => deleted += 1,
                Err(error) => {
                    tracing::warn!(folder = %one.folder.display(), %error, "cannot delete an entry of the quarantine");
                }
            }
            left = left.saturating_sub(one.bytes);
        }
        deleted
    }
}

/// Moves a file or folder. To another file system, copies it first.
fn relocate(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {}
        moved => return moved,
    }
    let about = from.symlink_metadata()?;
    if !about.is_dir() {
        fs::copy(from, to)?;
        File::open(to)?.sync_all()?;
        return fs::remove_file(from);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        relocate(&entry.path(), &to.join(entry.file_name()))?;
    }
    fs::remove_dir(from)
}

/// Returns the size of everything below a folder without following links.
fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some(if about.is_dir() { bytes_below(&entry.path()) } else { about.len() })
        })
        .sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_kept_for_some_days_and_within_the_size_limit() {
        let dir = tempfile::tempdir().unwrap();
        let quarantine = Quarantine::new(dir.path());
        fs::create_dir_all(dir.path().join("uploads/t")).unwrap();
        for name in ["one", "two"] {
            let path = dir.path().join("uploads/t").join(name);
            fs::write(&path, "12345").unwrap();
            quarantine.take(&path).unwrap();
            quarantine.take(&path).unwrap();
            assert!(!path.exists());
        }
        let held = quarantine.list();
        assert_eq!(held.iter().map(|one| one.bytes).collect::<Vec<_>>(), [5, 5]);
        let found = held.iter().filter(|one| one.folder.join("uploads/t/one").exists()).count();
        assert_eq!(found, 1, "under its original path");
        fs::create_dir(dir.path().join("quarantine/notes")).unwrap();
        let (now, week) = (Time::now(), Duration::from_hours(168));
        assert_eq!(quarantine.expire(now, week, 10), 0);
        assert_eq!(quarantine.expire(now, week, 9), 1);
        assert_eq!(quarantine.expire(now.plus(week), week, 10), 1);
        assert!(quarantine.list().is_empty() && dir.path().join("quarantine/notes").exists());
    }
}
