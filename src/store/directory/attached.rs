//! A data directory whose databases are on a server: it keeps uploads, keys and files of datasources.
use crate::{
    Error, Result,
    data_dir::{FolderMark, MarkState, MarkedFolder, Paths},
    store::{PostgresUrl, Store},
};

/// The epoch of its marks. The databases are not parts that could be older than the folders.
const EPOCH: u64 = 1;

impl Store {
    /// Checks that a data directory may be used with the databases on a server, and marks it as theirs.
    ///
    /// # Errors
    /// `Conflict` if it contains databases, or belongs to others.
    pub fn attach(&self, dir: &Paths, url: &PostgresUrl) -> Result<()> {
        let root = dir.root().display();
        if dir.workspace_db().exists() {
            return Err(Error::conflict(format!(
                "{root} contains databases, which would not be used: use another --data-dir, or start without --database"
            )));
        }
        let instance = self.get(|tx| tx.directory())?.instance;
        for part in MarkedFolder::ALL {
            if let MarkState::Marked(mark) = dir.mark(part)?
                && mark.instance != instance
            {
                return Err(Error::conflict(format!(
                    "the folder {} in {root} belongs to another database: use the --data-dir of this one, or an empty one",
                    part.name()
                )));
            }
        }
        dir.set_marks(&FolderMark { instance, epoch: EPOCH })?;
        // a start that forgets the database is told so, instead of what is missing
        dir.set_moved(&url.to_string())
    }
}

/// Refuses a directory that belongs to a database on a server: it has never contained the data.
///
/// # Errors
/// `Conflict`, with where the data is, and what to use instead.
pub fn check_not_attached(dir: &Paths) -> Result<()> {
    let Some(place) = dir.moved()?.filter(|_| !dir.workspace_db().exists()) else { return Ok(()) };
    Err(Error::conflict(format!(
        "the data of {} is in the database {place}: start with --database, which `user` and `doctor` take, too; back up and \
         restore that database with its own tools, and the directory with a copy",
        dir.root().display()
    )))
}

/// Refuses a directory whose data is in a database.
///
/// # Errors
/// `Conflict`, with where it is.
pub fn check_not_moved(dir: &Paths) -> Result<()> {
    check_not_attached(dir)?;
    let Some(place) = dir.moved()? else { return Ok(()) };
    let (root, mark) = (dir.root().display(), dir.moved_mark().display().to_string());
    Err(Error::conflict(format!(
        "the data of {root} was moved to {place}: start with --database, or delete {mark} to use the old data again"
    )))
}
