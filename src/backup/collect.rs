//! Collects the content of a data directory's folders for a backup.
use super::{
    Report,
    archive::{BackupWriter, copy_digested},
    failed,
};
use crate::{
    Error, Result,
    data_dir::{self, Paths},
    model::file::parse_kept_name,
    store::directory::moment::{self, ConsistentView, UploadedFile},
};
use std::{
    cell::RefCell,
    collections::HashMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long writers may be blocked while uploads are linked: they wait for ten seconds at most.
const HOLD: Duration = Duration::from_secs(6);
/// The most missing or altered uploads that are listed.
const NAMED: usize = 10;
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Hard links to the content of uploads. They keep the content when a file is replaced.
pub(super) struct Links {
    from: PathBuf,
    to: PathBuf,
    deadline: Option<Duration>,
    /// Content that was moved aside, by file: a failed transaction has not moved it back yet.
    aside: RefCell<HashMap<(Uuid, Uuid), Vec<PathBuf>>>,
    /// Earlier content of files, with the tenant.
    kept: RefCell<Vec<(Uuid, PathBuf)>>,
}

impl Links {
    pub fn new(paths: &Paths, staging: &Path) -> Self {
        let deadline = data_dir::is_in_use(paths.root()).then_some(HOLD);
        Self {
            from: paths.uploads(),
            to: staging.to_path_buf(),
            deadline,
            aside: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    /// Links everything in `uploads/`, or copies it if the file system does not support hard links.
    ///
    /// # Errors
    /// `Conflict` if it takes too long while a server waits.
    pub fn link(&self) -> Result<()> {
        let begun = Instant::now();
        for folder in entries(&self.from)? {
            let Some(tenant) = id_of(&folder) else { continue };
            let to = self.to.join(tenant.to_string());
            fs::create_dir_all(&to).map_err(failed(&to, "cannot be written"))?;
            for path in entries(&folder)? {
                let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
                let link = to.join(name);
                if parse_kept_name(name).is_some() {
                    self.kept.borrow_mut().push((tenant, link.clone()));
                }
                let mut parts = name.split(['.', '@']);
                let Some(id) = parts.next().and_then(|id| Uuid::try_parse(id).ok()) else { continue };
                if parts.next().is_some() && name.contains('.') {
                    self.aside.borrow_mut().entry((tenant, id)).or_default().push(link.clone());
                }
                match fs::hard_link(&path, &link).or_else(|_| fs::copy(&path, &link).map(drop)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(failed(&path, "cannot be linked or copied")(error));
                    }
                    _ => {}
                }
                if self.deadline.is_some_and(|deadline| begun.elapsed() > deadline) {
                    return Err(Error::conflict(
                        "uploads/ is too large to copy while a server runs, and its file system does not support hard \
                         links: stop the server for the backup",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Adds the content of every file in the database.
    pub fn add_to(&self, moment: &ConsistentView, to: &mut BackupWriter, report: &mut Report) -> Result<()> {
        let mut wrong = Vec::new();
        moment.each_upload(|file| {
            let name = format!("uploads/{}/{}", file.tenant, file.id);
            let Some(path) = self.content(&file) else {
                wrong.push(format!("{name} is missing"));
                return Ok(());
            };
            if to.add_file(&name, &path)? != file.sha256 {
                wrong.push(format!("{name} was altered since it was uploaded"));
            }
            report.uploads += 1;
            Ok(())
        })?;
        for (tenant, path) in self.kept.borrow().iter().filter(|(_, path)| path.exists()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            to.add_file(&format!("uploads/{tenant}/{name}"), path)?;
        }
        let more = wrong.len().saturating_sub(NAMED);
        report.warnings.extend(wrong.into_iter().take(NAMED));
        if more > 0 {
            report.warnings.push(format!("{more} more uploaded files are missing or altered"));
        }
        Ok(())
    }

    /// Returns the path of the content that matches the row.
    fn content(&self, file: &UploadedFile) -> Option<PathBuf> {
        let folder = self.to.join(file.tenant.to_string());
        let content = folder.join(file.id.to_string());
        for aside in self.aside.borrow().get(&(file.tenant, file.id)).into_iter().flatten() {
            let is_meant = |path: &Path| digest(path).is_ok_and(|digest| digest == file.sha256);
            if !is_meant(&content) && is_meant(aside) {
                return Some(aside.clone());
            }
        }
        content.exists().then_some(content)
    }
}

fn digest(path: &Path) -> io::Result<String> {
    Ok(copy_digested(File::open(path)?, &mut io::sink())?.1)
}

/// Adds everything in `files/`. Each database is copied consistently, but not all at the same moment.
pub(super) fn add_files(paths: &Paths, work: &Path, to: &mut BackupWriter, report: &mut Report) -> Result<()> {
    let root = paths.files();
    for tenant in entries(&root)? {
        // the mark of the folder is not copied: a restore creates it
        if tenant.is_dir() {
            add_below(&tenant, &root, work, to, report)?;
        }
    }
    Ok(())
}

fn add_below(folder: &Path, root: &Path, work: &Path, to: &mut BackupWriter, report: &mut Report) -> Result<()> {
    for path in entries(folder)? {
        let Ok(about) = path.symlink_metadata() else { continue };
        let name = format!("files/{}", path.strip_prefix(root).unwrap_or(&path).display());
        if about.is_dir() {
            add_below(&path, root, work, to, report)?;
        } else if !about.is_file() {
            report.warnings.push(format!("{name} is a link or a special file, so it is not part of the backup"));
        } else if path.to_str().is_none() {
            return Err(Error::conflict(format!("{name} has a name that is not UTF-8: rename it")));
        } else if !is_beside_a_database(&path) {
            let copy = work.join("file");
            if take(&path, &copy, &name, report)? {
                to.add_file(&name, &copy)?;
                report.files += 1;
            }
            let _ = fs::remove_file(&copy);
        }
    }
    Ok(())
}

/// Copies a file. Returns false if it was deleted meanwhile.
fn take(path: &Path, copy: &Path, name: &str, report: &mut Report) -> Result<bool> {
    if is_database(path) {
        match moment::copy_database(path, copy) {
            Ok(()) => return Ok(true),
            Err(_) if !path.exists() => return Ok(false),
            Err(error) => report
                .warnings
                .push(format!("{name} was copied as a plain file, because it cannot be copied as a database: {error}")),
        }
        let _ = fs::remove_file(copy);
    }
    match fs::copy(path, copy) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(path, "cannot be copied")(error)),
    }
}

fn is_database(path: &Path) -> bool {
    let mut first = [0; 16];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == MAGIC
}

/// Returns whether a file is the log or journal of a database, whose content is part of the copy of the database.
fn is_beside_a_database(path: &Path) -> bool {
    let name = path.to_string_lossy();
    let of = ["-wal", "-shm", "-journal"].iter().find_map(|end| name.strip_suffix(end));
    of.is_some_and(|database| is_database(Path::new(database)))
}

fn id_of(path: &Path) -> Option<Uuid> {
    let name = path.file_name()?.to_str()?;
    Uuid::try_parse(name).ok().filter(|id| id.to_string() == name)
}

/// Returns the sorted entries of a folder. Empty if the folder does not exist.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Err(error) if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) => {
            return Ok(Vec::new());
        }
        found => found.map_err(failed(folder, "cannot be read"))?,
    };
    let mut paths = found.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
