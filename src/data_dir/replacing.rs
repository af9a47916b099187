//! Replaces parts of a data directory by prepared ones: all of them or none, even if the process is killed. The old
//! parts are moved aside and kept.
use super::{Paths, explain, sync_folder, write_private};
use crate::{Error, Result, clock::Time};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};
use uuid::Uuid;

/// The file with the plan of a replacement that has begun.
const PLAN: &str = "replacing.json";
/// The prefix of folders with prepared parts, and the folder of replaced parts.
const INCOMING: &str = "incoming-";
const REPLACED: &str = "replaced";

/// A folder for preparing the new parts. Dropping it removes them.
pub struct Replacing {
    root: PathBuf,
    folder: Option<tempfile::TempDir>,
}

/// The plan of a replacement, so that another process can finish it.
#[derive(Serialize, Deserialize)]
struct Plan {
    from: String,
    aside: String,
    /// Existing paths below the root to move aside.
    take: Vec<String>,
    /// Paths of the new parts.
    put: Vec<String>,
}

impl Plan {
    /// Returns whether all paths are below the data directory.
    fn is_within(&self) -> bool {
        let plain = |name: &str| {
            !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
        };
        [&self.from, &self.aside].into_iter().chain(&self.take).chain(&self.put).all(|name| plain(name))
    }

    /// Refuses parts that cannot be renamed, because they are on another file system.
    #[cfg(unix)]
    fn check(&self, root: &Path) -> Result<()> {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).map(|about| about.dev()).ok();
        let own = device(root);
        for path in self.take.iter().map(|name| root.join(name)) {
            if device(&path).is_some_and(|other| Some(other) != own) {
                let path = path.display();
                return Err(Error::conflict(format!(
                    "{path} is on a different file system than the data directory: restore into a new data directory, \
                     and move its parts there"
                )));
            }
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn check(&self, _: &Path) -> Result<()> {
        Ok(())
    }
}

impl Replacing {
    /// The caller holds the data directory: what a replacement that was killed has prepared there is removed.
    ///
    /// # Errors
    /// If the folder cannot be created.
    pub fn begin(paths: &Paths) -> Result<Self> {
        let root = paths.root().to_path_buf();
        for name in names(&root)?.iter().filter(|name| is_incoming(name)) {
            let abandoned = root.join(name);
            fs::remove_dir_all(&abandoned).map_err(|error| explain(&abandoned, "cannot be removed", &error))?;
        }
        let folder = tempfile::Builder::new().prefix(INCOMING).tempdir_in(&root);
        let folder = folder.map_err(|error| explain(&root, "cannot be written", &error))?;
        Ok(Self { root, folder: Some(folder) })
    }

    /// Returns the paths for the new parts, with the layout of a data directory.
    pub fn paths(&self) -> Paths {
        Paths::new(self.folder.as_ref().map_or(&self.root, |folder| folder.path()))
    }

    /// Moves the prepared parts `put` into place, after moving aside what exists at these paths and at `take`. Returns
    /// the folder of the old parts, if there were any.
    ///
    /// # Errors
    /// If a part cannot be moved. Once the replacement has begun, the next command that locks the directory finishes
    /// it.
    pub fn commit(mut self, put: &[&str], take: &[&str]) -> Result<Option<PathBuf>> {
        let Some(folder) = self.folder.take() else { return Ok(None) };
        let there = |name: &&&str| self.root.join(name).symlink_metadata().is_ok();
        let mut taken: Vec<String> = put.iter().chain(take).filter(there).map(|name| (*name).to_owned()).collect();
        taken.sort();
        taken.dedup();
        let from = folder.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let aside = format!("{REPLACED}/{}-{}", Time::now().0, Uuid::new_v4().simple());
        let kept = (!taken.is_empty()).then(|| self.root.join(&aside));
        let put = put.iter().map(|name| (*name).to_owned()).collect();
        let plan = Plan { from, aside, take: taken, put };
        plan.check(&self.root)?;
        sync_folder(folder.path())?;
        // from here on, any process can finish the plan
        write_private(&self.root.join(PLAN), &serde_json::to_vec(&plan)?)?;
        let _ = folder.keep();
        finish(&self.root)?;
        Ok(kept)
    }
}

/// Finishes a replacement that has begun, if there is one.
pub(super) fn finish(root: &Path) -> Result<()> {
    let path = root.join(PLAN);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(explain(&path, "cannot be read", &error)),
    };
    let plan: Plan = serde_json::from_slice(&text).ok().filter(Plan::is_within).ok_or_else(|| {
        let path = path.display();
        Error::conflict(format!("{path} was not written by jet-admin: restore a backup into a new data directory"))
    })?;
    let (from, aside) = (root.join(&plan.from), root.join(&plan.aside));
    let work = || {
        fs::create_dir_all(&aside)?;
        for name in &plan.take {
            // already moved aside: this path is now the new part
            if aside.join(name).symlink_metadata().is_err() {
                move_to(&root.join(name), &aside.join(name))?;
            }
        }
        sync_folder(&aside)?;
        for name in &plan.put {
            move_to(&from.join(name), &root.join(name))?;
        }
        sync_folder(root)?;
        fs::remove_file(&path)?;
        // everything that was to be moved is in place
        let _ = fs::remove_dir_all(&from);
        let _ = fs::remove_dir(&aside);
        sync_folder(root)
    };
    work().map_err(|error: io::Error| explain(root, "could not be completely replaced: run the command again", &error))
}

/// Moves a path if it exists. Creates its new folder.
fn move_to(from: &Path, to: &Path) -> io::Result<()> {
    if from.symlink_metadata().is_err() {
        return Ok(());
    }
    let above = to.parent().unwrap_or(to);
    fs::create_dir_all(above)?;
    fs::rename(from, to)?;
    sync_folder(above)
}

/// Returns whether it is the name of a folder with prepared parts.
fn is_incoming(name: &str) -> bool {
    name.strip_prefix(INCOMING)
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Returns the sorted names in a folder.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

impl Paths {
    /// Returns what unfinished work and replacements left in the directory. None of it is in use.
    pub fn leftovers(&self) -> Vec<PathBuf> {
        let names = names(self.root()).unwrap_or_default();
        let is_left = |name: &String| is_incoming(name) || name == REPLACED || name == PLAN;
        names.into_iter().filter(is_left).map(|name| self.root().join(name)).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(root: &Path, name: &str) -> String {
        fs::read_to_string(root.join(name)).unwrap()
    }

    #[test]
    fn a_replacement_that_is_interrupted_anywhere_is_finished() {
        for cut in 0..6 {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path();
            for name in ["a.db", "a.db-wal", "keys"] {
                fs::write(root.join(name), "old").unwrap();
            }
            let new = Replacing::begin(&Paths::new(root)).unwrap();
            fs::write(new.paths().root().join("a.db"), "new").unwrap();
            fs::write(new.paths().root().join("b.db"), "new").unwrap();
            let from = new.folder.unwrap().keep();
            let plan = Plan {
                from: from.file_name().unwrap().to_string_lossy().into_owned(),
                aside: "replaced/1".to_owned(),
                take: ["a.db", "a.db-wal"].map(str::to_owned).to_vec(),
                put: ["a.db", "b.db"].map(str::to_owned).to_vec(),
            };
            fs::write(root.join(PLAN), serde_json::to_vec(&plan).unwrap()).unwrap();
            let aside = root.join("replaced/1");
            fs::create_dir_all(&aside).unwrap();
            let steps = [
                (root.join("a.db"), aside.join("a.db")),
                (root.join("a.db-wal"), aside.join("a.db-wal")),
                (from.join("a.db"), root.join("a.db")),
                (from.join("b.db"), root.join("b.db")),
            ];
            for (one, other) in steps.iter().take(cut) {
                fs::rename(one, other).unwrap();
            }
            finish(root).unwrap();
            finish(root).unwrap();
            assert_eq!([text(root, "a.db"), text(root, "b.db"), text(root, "keys")], ["new", "new", "old"]);
            assert_eq!(text(&aside, "a.db") + &text(&aside, "a.db-wal"), "oldold");
            assert!(!root.join("a.db-wal").exists() && !from.exists() && !root.join(PLAN).exists());
        }
    }

    #[test]
    fn nothing_changes_without_a_commit() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.db"), "old").unwrap();
        let new = Replacing::begin(&Paths::new(dir.path())).unwrap();
        fs::write(new.paths().root().join("a.db"), "new").unwrap();
        drop(new);
        assert_eq!(names(dir.path()).unwrap(), ["a.db"]);
        fs::create_dir(dir.path().join("incoming-of-mine")).unwrap();
        let killed = Replacing::begin(&Paths::new(dir.path())).unwrap().folder.unwrap().keep();
        let new = Replacing::begin(&Paths::new(dir.path())).unwrap();
        fs::write(new.paths().root().join("a.db"), "new").unwrap();
        let kept = new.commit(&["a.db"], &["none"]).unwrap().unwrap();
        assert_eq!((text(dir.path(), "a.db"), text(&kept, "a.db")), ("new".to_owned(), "old".to_owned()));
        assert!(!killed.exists() && dir.path().join("incoming-of-mine").exists());
        assert_eq!(Paths::new(dir.path()).leftovers(), [dir.path().join("replaced")]);
    }
}
