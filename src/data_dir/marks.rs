//! The marks in the folders of a data directory: the id and the epoch of the directory that they belong to.
use super::{Paths, explain, write_private};
use crate::Result;
use std::{fs, io, path::PathBuf};

/// A folder with a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkedFolder {
    Keys,
    Uploads,
    Files,
}

impl MarkedFolder {
    pub const ALL: [Self; 3] = [Self::Keys, Self::Uploads, Self::Files];

    /// Returns the path of the mark, relative to the data directory.
    pub fn mark_path(self) -> &'static str {
        match self {
            Self::Keys => "keys/.instance",
            Self::Uploads => "uploads/.instance",
            Self::Files => "files/.instance",
        }
    }

    /// Returns the name of the folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Uploads => "uploads",
            Self::Files => "files",
        }
    }
}

/// The mark of a part of a data directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderMark {
    /// The id of the data directory.
    pub instance: String,
    /// Increases while the directory is used. A part with a lower epoch than the others is older.
    pub epoch: u64,
}

/// The state of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkState {
    /// The folder is missing or empty.
    Missing,
    /// The folder has content, but no valid mark.
    Unmarked,
    Marked(FolderMark),
}

impl Paths {
    /// Returns the folder of a part.
    pub fn part(&self, part: MarkedFolder) -> PathBuf {
        self.root().join(part.name())
    }

    /// Reads the mark of a part.
    ///
    /// # Errors
    /// `Conflict` if the part is not a folder, or cannot be read.
    pub fn mark(&self, part: MarkedFolder) -> Result<MarkState> {
        let folder = self.part(part);
        let mut entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(MarkState::Missing),
            Err(error) => return Err(explain(&folder, "cannot be read", &error)),
        };
        let path = self.root().join(part.mark_path());
        match fs::read_to_string(&path) {
            Ok(text) => Ok(parse(&text).map_or(MarkState::Unmarked, MarkState::Marked)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(if entries.next().is_none() { MarkState::Missing } else { MarkState::Unmarked })
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(MarkState::Unmarked),
            Err(error) => Err(explain(&path, "cannot be read", &error)),
        }
    }

    /// Marks every part. Creates missing folders.
    ///
    /// # Errors
    /// If a mark cannot be written.
    pub fn set_marks(&self, mark: &FolderMark) -> Result<()> {
        let text = format!("instance {}\nepoch {}\n", mark.instance, mark.epoch);
        MarkedFolder::ALL
            .into_iter()
            .try_for_each(|part| write_private(&self.root().join(part.mark_path()), text.as_bytes()))
    }
}

impl Paths {
    /// The file that says where the data was moved to.
    pub fn moved_mark(&self) -> PathBuf {
        self.root().join("moved")
    }

    /// Returns where the data was moved to, if it was.
    ///
    /// # Errors
    /// `Conflict` if the mark cannot be read.
    pub fn moved(&self) -> Result<Option<String>> {
        let path = self.moved_mark();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(explain(&path, "cannot be read", &error)),
        }
    }

    /// Marks that the data was moved.
    ///
    /// # Errors
    /// If the mark cannot be written.
    pub fn set_moved(&self, to: &str) -> Result<()> {
        write_private(&self.moved_mark(), format!("{to}\n").as_bytes())
    }
}

fn parse(text: &str) -> Option<FolderMark> {
    let mut lines = text.lines();
    let instance = lines.next()?.strip_prefix("instance ")?;
    let epoch = lines.next()?.strip_prefix("epoch ")?.parse().ok()?;
    (!instance.is_empty() && lines.next().is_none()).then(|| FolderMark { instance: instance.to_owned(), epoch })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_and_invalid_marks_are_ignored() {
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::new(dir.path());
        assert_eq!(paths.mark(MarkedFolder::Files).unwrap(), MarkState::Missing);
        let mark = FolderMark { instance: "a-b".to_owned(), epoch: 7 };
        paths.set_marks(&mark).unwrap();
        for part in MarkedFolder::ALL {
            assert_eq!(paths.mark(part).unwrap(), MarkState::Marked(mark.clone()));
        }
        let path = dir.path().join(MarkedFolder::Files.mark_path());
        for damaged in
            ["", "instance a", "instance \nepoch 1\n", "instance a\nepoch x\n", "instance a\nepoch 1\nmore\n"]
        {
            fs::write(&path, damaged).unwrap();
            assert_eq!(paths.mark(MarkedFolder::Files).unwrap(), MarkState::Unmarked, "{damaged}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(paths.mark(MarkedFolder::Files).unwrap(), MarkState::Missing);
        fs::write(paths.part(MarkedFolder::Files).join("x"), "").unwrap();
        assert_eq!(paths.mark(MarkedFolder::Files).unwrap(), MarkState::Unmarked);
    }
}
