//! A data directory whose databases are on a server: it keeps uploads, keys and files of datasources.
use crate::{
    Error, Result,
    data_dir::{FolderMark, MarkState, MarkedFolder, Paths},
    store::Store,
};

/// The epoch of its marks. The databases are not parts that could be older than the folders.
const EPOCH: u64 = 1;

impl Store {
    /// Checks that a data directory may be used with the databases on a server, and marks it as theirs.
    ///
    /// # Errors
    /// `Conflict` if it contains databases, or belongs to others.
    pub fn attach(&self, dir: &Paths) -> Result<()> {
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
        dir.set_marks(&FolderMark { instance, epoch: EPOCH })
    }
}
