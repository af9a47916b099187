//! `jet-admin migrate-store`: moves all data from a data directory to a PostgreSQL database, or back, with the content of
//! uploaded files.
use super::{FilesOption, runtime, say, storage_address};
use crate::{
    Error, Result,
    connect::{ObjectAddress, ObjectStorage},
    data_dir::{DataDir, Paths},
    quota::{self, Quotas},
    store::{
        Durability, PostgresLimits, PostgresUrl, Sealer, Store,
        transfer::{self, CopiedTable},
    },
    uploads::{self, MovedContents},
};
use clap::Args;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The folders of a data directory that go with the data.
const FOLDERS: [&str; 3] = ["keys", UPLOADS, "files"];
const UPLOADS: &str = "uploads";

#[derive(Args)]
pub(super) struct MigrateStore {
    /// Where the data is: a data directory, or `postgres://user:password@host/database`.
    #[arg(long, value_name = "DIR or URL")]
    from: String,
    /// Where to copy it: an empty database, or a data directory that does not exist yet. An `s3://` address copies only
    /// the content of the database's uploaded files.
    #[arg(long, value_name = "DIR or URL")]
    to: String,
    #[command(flatten)]
    files: FilesOption,
    /// Data directory of the servers that use the database, with keys, uploads and files of datasources: a new one when
    /// the data goes to a database, theirs when it comes from one.
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    /// Key that seals secrets, instead of the key file.
    #[arg(long, env = "JET_ADMIN_SECRET_KEY", hide_env_values = true, value_name = "KEY")]
    secret_key: Option<String>,
}

impl MigrateStore {
    pub(super) fn run(self) -> Result<()> {
        match (is_url(&self.from), is_url(&self.to)) {
            (false, true) => self.to_server(),
            (true, false) if self.to.starts_with("s3://") => self.to_storage(),
            (true, false) => self.to_files(),
            _ => Err(Error::conflict(
                "either --from or --to must be a data directory, and the other one a postgres:// URL",
            )),
        }
    }

    fn to_server(&self) -> Result<()> {
        let (url, from) = (self.to.parse()?, Path::new(&self.from));
        require(from)?;
        let storage = self.files.address()?.map(reach).transpose()?;
        let dir = DataDir::open(from)?;
        let target = NewDirectory::check(&self.data_dir)?;
        let copied = transfer::to_server(&dir, &url)?;
        let moved = storage.map(|storage| store_contents(&url, &storage, &dir.uploads())).transpose()?;
        let partial = target.begin()?;
        for folder in FOLDERS.iter().filter(|folder| moved.is_none() || **folder != UPLOADS) {
            copy_folder(&from.join(folder), &partial.join(folder))?;
        }
        target.finish()?;
        dir.set_moved(&url.to_string())?;
        report(&copied);
        report_contents(moved);
        let files = if moved.is_some() { ", --files" } else { "" };
        say(&format!(
            "the data is in {url}: start servers with --database{files} and --data-dir {}; {} is kept, and no server starts \
             with it",
            self.data_dir.display(),
            from.display()
        ));
        Ok(())
    }

    /// Copies the content of files to shared storage, for servers that already use a database.
    fn to_storage(&self) -> Result<()> {
        let (url, uploads) = (self.from.parse()?, Paths::new(&self.data_dir).uploads());
        require(&self.data_dir)?;
        let storage = reach(storage_address(&self.to)?)?;
        let moved = store_contents(&url, &storage, &uploads)?;
        report_contents(Some(moved));
        say(&format!(
            "start servers with --files and the address of {}; {} is kept, and not used any more",
            storage.address(),
            uploads.display()
        ));
        Ok(())
    }

    fn to_files(&self) -> Result<()> {
        let (url, to) = (self.from.parse()?, PathBuf::from(&self.to));
        require(&self.data_dir)?;
        let sealer = if let Some(key) = &self.secret_key {
            Sealer::new(key.as_bytes())?
        } else {
            let path = Paths::new(&self.data_dir).secret_key();
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            Sealer::of_file(&path, &bytes)?
        };
        let target = NewDirectory::check(&to)?;
        let storage = self.storage_of(&url)?;
        let partial = target.begin()?;
        let dir = DataDir::open(partial)?;
        let (copied, key) = transfer::to_files(&url, &dir, &sealer)?;
        for folder in FOLDERS.iter().filter(|folder| storage.is_none() || **folder != UPLOADS) {
            copy_folder(&self.data_dir.join(folder), &partial.join(folder))?;
        }
        let moved = storage.map(|storage| load_contents(&url, &storage, &dir.uploads())).transpose()?;
        if let Some(key) = key {
            let _ = fs::remove_file(dir.signing_key());
            dir.key(&dir.signing_key(), || Ok(key))?;
        }
        transfer::mark_moved(&url, &to.display().to_string())?;
        drop(dir);
        target.finish()?;
        report(&copied);
        report_contents(moved);
        say(&format!("the data is in {}; {url} is kept, and no server starts with it", to.display()));
        Ok(())
    }

    /// Returns the storage with the content of the database's files, if it is in one.
    fn storage_of(&self, url: &PostgresUrl) -> Result<Option<ObjectStorage>> {
        let storage = self.files.address()?.map(reach).transpose()?;
        let store = open(url)?;
        let count = store.get(|tx| tx.count_contents())?;
        store.close();
        match storage {
            None if count > 0 => Err(Error::conflict(format!(
                "the content of {count} files is in shared storage: add --files with its address"
            ))),
            Some(storage) if count == 0 => {
                Err(Error::conflict(format!("{url} has no files in {}: omit --files", storage.address())))
            }
            storage => Ok(storage),
        }
    }
}

fn reach(address: ObjectAddress) -> Result<ObjectStorage> {
    let storage = ObjectStorage::new(address)?;
    runtime()?.block_on(storage.is_empty())?;
    Ok(storage)
}

fn open(url: &PostgresUrl) -> Result<Store> {
    let limits = PostgresLimits { connections: 8, durability: Durability::Full };
    Store::connect(url, limits, &Arc::new(Quotas::unlimited()))
}

/// Copies content from a folder of uploads to shared storage.
fn store_contents(url: &PostgresUrl, storage: &ObjectStorage, uploads: &Path) -> Result<MovedContents> {
    let store = open(url)?;
    let living = store.runs.get(|tx| tx.count_living())?;
    if living > 0 {
        return Err(transfer::in_use(url, living));
    }
    let moved = runtime()?.block_on(uploads::transfer::to_storage(&store, storage, uploads));
    store.close();
    moved
}

/// Copies content from shared storage to a folder of uploads.
fn load_contents(url: &PostgresUrl, storage: &ObjectStorage, uploads: &Path) -> Result<MovedContents> {
    let store = open(url)?;
    let contents = store.get(|tx| tx.all_contents())?;
    store.close();
    runtime()?.block_on(uploads::transfer::to_folder(contents, storage, uploads))
}

fn report_contents(moved: Option<MovedContents>) {
    let Some(MovedContents { objects, bytes, lost }) = moved else { return };
    say(&format!("{objects:>10} contents of files, {}, with the same digests", quota::size(bytes)));
    if lost > 0 {
        say(&format!(
            "{lost:>10} files had no content, or other content than when they were uploaded: upload them again"
        ));
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

fn report(copied: &[CopiedTable]) {
    for CopiedTable { name, rows } in copied.iter().filter(|table| table.rows > 0) {
        say(&format!("{rows:>10} rows of {name}"));
    }
    say("every table is the same on both sides");
}

fn require(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    Err(Error::conflict(format!("{} is no data directory", dir.display())))
}

/// A data directory that is complete or not there: until then it has another name, so that an interrupted attempt can be
/// repeated.
struct NewDirectory<'a> {
    place: &'a Path,
    partial: PathBuf,
}

impl<'a> NewDirectory<'a> {
    /// Checks that it is missing or empty.
    fn check(place: &'a Path) -> Result<Self> {
        let is_empty = match fs::read_dir(place) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unreadable(place, &error)),
        };
        if !is_empty {
            return Err(Error::conflict(format!("{} is not empty: use a new directory", place.display())));
        }
        let mut name = place.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        Ok(Self { place, partial: place.with_file_name(name) })
    }

    /// Removes what an interrupted attempt has left. Returns where to put the content.
    fn begin(&self) -> Result<&Path> {
        match fs::remove_dir_all(&self.partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unreadable(&self.partial, &error)),
            _ => {}
        }
        fs::create_dir_all(&self.partial).map_err(|error| unreadable(&self.partial, &error))?;
        Ok(&self.partial)
    }

    fn finish(&self) -> Result<()> {
        let _ = fs::remove_dir(self.place);
        fs::rename(&self.partial, self.place).map_err(|error| unreadable(self.place, &error))
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::conflict(format!("{} cannot be used: {error}", path.display()))
}

/// Copies regular files. The marks of the old directory stay behind.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(from, &error)),
    };
    fs::create_dir_all(to).map_err(|error| unreadable(to, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(from, &error))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else if entry.file_name() != ".instance" {
            fs::copy(&path, &target).map_err(|error| unreadable(&path, &error))?;
        }
    }
    Ok(())
}
