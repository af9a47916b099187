//! Compares files with their records in the workspace.
use super::Report;
use crate::{
    connect,
    data_dir::Paths,
    model::file::parse_kept_name,
    store::directory::{
        databases::{ExaminedRecords, foreign_database},
        look::Access,
    },
    uploads::digest,
};
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How many problems of one kind are listed.
const NAMED: usize = 20;

/// Compares the content of every uploaded file with its record.
pub(super) fn uploads(report: &mut Report, records: ExaminedRecords<'_>, paths: &Paths) {
    let (mut wrong, mut known) = (Vec::new(), HashSet::new());
    let root = paths.uploads();
    let read = records.each_file(|tenant, id, name, file| {
        let path = root.join(tenant.to_string()).join(id.to_string());
        let fault = match digest(&path) {
            Ok((_, sha256)) if sha256 == file.sha256 => None,
            Ok((bytes, _)) if bytes != file.size => Some(format!("has {bytes} bytes instead of {}", file.size)),
            Ok(_) => Some("was altered: its SHA-256 differs".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is missing".to_owned()),
            Err(error) => Some(format!("cannot be read: {error}")),
        };
        if let Some(fault) = fault {
            wrong.push(format!("{} (\"{}\") {fault}", path.display(), name.escape_debug()));
        }
        known.insert(path);
    });
    if let Err(error) = read {
        return report.finding("uploads", Err(error));
    }
    if wrong.is_empty() {
        report.finding("uploads", Ok(format!("{} files are unchanged since their upload", known.len())));
    }
    for fault in wrong.iter().take(NAMED) {
        report.fail("uploads", fault);
    }
    if wrong.len() > NAMED {
        report.fail("uploads", &format!("{} more files are missing or altered", wrong.len() - NAMED));
    }
    // temporary files start with a dot
    let is_temporary = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let mut unknown = 0;
    for path in files_below(&root).filter(|path| !is_temporary(path) && !known.contains(path)) {
        match path.file_name().and_then(|name| name.to_str()).and_then(parse_kept_name) {
            Some((_, sha256)) if digest(&path).is_ok_and(|(_, found)| found == sha256) => {}
            Some(_) => report.fail("uploads", &format!("{} (an earlier version) was altered", path.display())),
            None => unknown += 1,
        }
    }
    if unknown > 0 {
        Report::note("uploads", &format!("{unknown} files have no record in the database; they are left in place"));
    }
}

/// Checks the database files of datasources.
pub(super) fn datasources(report: &mut Report, records: ExaminedRecords<'_>, paths: &Paths, access: Access) {
    let root = paths.files();
    let mut missing = Vec::new();
    let read = records.each_datasource(|tenant, _, name, datasource| {
        let file = connect::find(&datasource.r#type).and_then(|connector| connector.local_file(&datasource.options));
        let Some((path, must_be_there)) = file else { return };
        // an absolute path is a file of the operator, outside the directory
        let must_be_there = must_be_there && path.is_relative();
        let path = root.join(tenant.to_string()).join(path);
        if !path.exists() {
            missing.push((
                format!("{} of the datasource \"{}\" is missing", path.display(), name.escape_debug()),
                must_be_there,
            ));
        }
    });
    if let Err(error) = read {
        return report.finding("files", Err(error));
    }
    let (mut sound, mut damaged) = (0, Vec::new());
    for path in files_below(&root).filter(|path| is_database(path)) {
        match foreign_database(&path, access) {
            Ok(()) => sound += 1,
            Err(error) => damaged.push(error.to_string()),
        }
    }
    for fault in damaged.iter().take(NAMED) {
        report.fail("files", fault);
    }
    for (fault, must_be_there) in missing.iter().take(NAMED) {
        if *must_be_there {
            report.fail("files", fault);
        } else {
            Report::warn("files", &format!("{fault}: it is outside the directory, or will be created on first use"));
        }
    }
    let more = damaged.len().saturating_sub(NAMED) + missing.len().saturating_sub(NAMED);
    if more > 0 {
        report.fail("files", &format!("{more} more databases are missing or damaged"));
    }
    report.finding("files", Ok(format!("{sound} databases are intact")));
}

fn is_database(path: &Path) -> bool {
    let mut first = [0; 16];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && &first == b"SQLite format 3\0"
}

/// Iterates over all files in the folders of tenants, without following symbolic links.
fn files_below(root: &Path) -> impl Iterator<Item = PathBuf> {
    let mut folders: Vec<PathBuf> = children(root).into_iter().filter(|path| is_folder(path)).collect();
    let mut files = Vec::new();
    std::iter::from_fn(move || {
        while files.is_empty() {
            let (below, found): (Vec<_>, Vec<_>) =
                children(&folders.pop()?).into_iter().partition(|path| is_folder(path));
            folders.extend(below);
            files = found;
        }
        files.pop()
    })
}

fn children(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|about| about.is_dir())
}
