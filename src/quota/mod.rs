//! Quotas: how much a tenant may store, and how much of the disk must stay free. The only module that knows the limits.
mod disk;
mod files;
mod temporary;

use crate::{Error, Result, data_dir::Paths};
pub use disk::{DiskSpace, FreeSpace};
use files::SharedUploads;
pub use files::{FileSpace, Growth, ReservedBytes};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use temporary::Temporaries;
pub use temporary::Temporary;
use uuid::Uuid;

const MIB: u64 = 1 << 20;

/// The kinds of data that a tenant's usage is counted and reported by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UsageKind {
    /// Uploaded files and the databases in the tenant's folder.
    Files,
    /// Unfinished runs: inputs and journals.
    UnfinishedRuns,
    /// Ended runs: inputs, journals and outputs.
    EndedRuns,
    /// Graphs of runs.
    Definitions,
    QueryHistory,
    /// The current versions of all records.
    Records,
    Versions,
    Audit,
}

impl UsageKind {
    pub const ALL: [Self; 8] = [
        Self::Files,
        Self::UnfinishedRuns,
        Self::EndedRuns,
        Self::Definitions,
        Self::QueryHistory,
        Self::Records,
        Self::Versions,
        Self::Audit,
    ];

    /// Returns the name in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::UnfinishedRuns => "unfinishedRuns",
            Self::EndedRuns => "endedRuns",
            Self::Definitions => "definitions",
            Self::QueryHistory => "queryHistory",
            Self::Records => "records",
            Self::Versions => "versions",
            Self::Audit => "auditLog",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// How many bytes a tenant may use of each kind. 0 is unlimited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaLimits {
    /// Uploads and `SQLite` databases with their journals. Further writes are refused.
    pub files: u64,
    /// Temporary files: data that statements sort on disk, and spreadsheets until they are sent. Work that needs more
    /// is stopped.
    pub temporary: u64,
    /// Unfinished runs. Beyond it, no run starts.
    pub unfinished_runs: u64,
    /// Ended runs and their graphs. Beyond it, the oldest are deleted.
    pub ended_runs: u64,
    /// Query executions. Beyond it, the oldest are deleted.
    pub query_history: u64,
    /// Records. Beyond it, none can be created or grow.
    pub records: u64,
    /// Versions. Beyond it, the oldest are deleted.
    pub versions: u64,
    /// The audit log. Beyond it, the oldest entries are deleted.
    pub audit: u64,
    /// The number of tenants that an account may own.
    pub tenants_per_person: u64,
}

impl Default for QuotaLimits {
    fn default() -> Self {
        Self {
            files: 2048 * MIB,
            temporary: 1024 * MIB,
            unfinished_runs: 1024 * MIB,
            ended_runs: 4096 * MIB,
            query_history: 256 * MIB,
            records: 256 * MIB,
            versions: 512 * MIB,
            audit: 512 * MIB,
            tenants_per_person: 100,
        }
    }
}

impl QuotaLimits {
    /// Returns unlimited quotas.
    pub fn unlimited() -> Self {
        Self {
            files: 0,
            temporary: 0,
            unfinished_runs: 0,
            ended_runs: 0,
            query_history: 0,
            records: 0,
            versions: 0,
            audit: 0,
            tenants_per_person: 0,
        }
    }

    /// Returns the limit of a kind; `None` if it is unlimited. Definitions count towards ended runs.
    pub fn of(&self, kind: UsageKind) -> Option<u64> {
        let limit = match kind {
            UsageKind::Files => self.files,
            UsageKind::UnfinishedRuns => self.unfinished_runs,
            UsageKind::EndedRuns | UsageKind::Definitions => self.ended_runs,
            UsageKind::QueryHistory => self.query_history,
            UsageKind::Records => self.records,
            UsageKind::Versions => self.versions,
            UsageKind::Audit => self.audit,
        };
        (limit > 0).then_some(limit)
    }

    /// Returns the limit for the versions of a single record: a sixteenth of the tenant's limit.
    pub fn versions_of_one(&self) -> Option<u64> {
        self.of(UsageKind::Versions).map(|limit| limit / 16)
    }

    /// Returns how many bytes may be written before the next clean-up of old data.
    pub fn housekeeping_step(&self) -> u64 {
        let limits = [self.ended_runs, self.query_history, self.versions, self.audit];
        let smallest = limits.into_iter().filter(|limit| *limit > 0).min().unwrap_or(u64::MAX);
        (smallest / 8).clamp(64 << 10, 64 * MIB)
    }
}

/// The limits, the state of the disk, and the usage of tenants' files.
pub struct Quotas {
    pub limits: QuotaLimits,
    pub disk: Arc<DiskSpace>,
    /// The folders with a subfolder per tenant: uploads, and the databases of datasources.
    folders: Option<[PathBuf; 2]>,
    /// The folder of temporary files.
    pub temporary: PathBuf,
    files: Mutex<HashMap<Uuid, Arc<FileSpace>>>,
    shared: OnceLock<Arc<CountUploads>>,
}

/// Returns how many bytes of a tenant's uploads are in shared storage; `None` if that cannot be read now.
pub type CountUploads = dyn Fn(Uuid) -> Option<u64> + Send + Sync;

impl Quotas {
    pub fn new(limits: QuotaLimits, paths: &Paths, disk: DiskSpace) -> Self {
        let folders = Some([paths.uploads(), paths.files()]);
        Self {
            limits,
            disk: Arc::new(disk),
            folders,
            temporary: paths.temporary(),
            files: Mutex::default(),
            shared: OnceLock::new(),
        }
    }

    /// Returns unlimited quotas with a disk that never fills up.
    pub fn unlimited() -> Self {
        let disk = Arc::new(DiskSpace::unlimited());
        let (limits, temporary) = (QuotaLimits::unlimited(), std::env::temp_dir());
        Self { limits, disk, folders: None, temporary, files: Mutex::default(), shared: OnceLock::new() }
    }

    /// Counts uploads in shared storage instead of those in the data directory.
    pub fn count_uploads_by(&self, count: Arc<CountUploads>) {
        // set once, while the server starts
        let _ = self.shared.set(count);
    }

    /// Returns the space for a tenant's files. Counts the files on disk on first use.
    pub fn files(&self, tenant: Uuid) -> Arc<FileSpace> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let space = files.entry(tenant).or_insert_with(|| {
            let mut folders =
                self.folders.as_ref().map(|folders| folders.each_ref().map(|f| f.join(tenant.to_string())));
            let shared = self.shared.get().map(Arc::clone);
            if let (Some([uploads, _]), Some(_)) = (&mut folders, &shared) {
                *uploads = PathBuf::new();
            }
            let limit = self.limits.of(UsageKind::Files);
            let temporary = (self.limits.temporary > 0).then_some(self.limits.temporary);
            let temporary = Temporaries::new(temporary, Arc::clone(&self.disk));
            let space = FileSpace::count(limit, folders.as_ref(), Arc::clone(&self.disk), temporary);
            let of_tenant = |count: Arc<CountUploads>| SharedUploads {
                count: Box::new(move || count(tenant)),
                read: Mutex::default(),
            };
            Arc::new(match shared {
                Some(count) => space.with_shared(of_tenant(count)),
                None => space,
            })
        });
        Arc::clone(space)
    }

    /// Recounts the files of every tenant: an operator may have added or removed some.
    pub fn recount_files(&self) {
        let files: Vec<_> = self.files.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for space in files {
            space.recount();
        }
    }

    /// Forgets the counts of a deleted tenant.
    pub fn forget(&self, tenant: Uuid) {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }
}

/// Returns the error for a write beyond a quota. `what` is the subject, such as `the tenant's files`, and `remedy` an
/// imperative.
pub fn exceeded(what: &str, limit: u64, remedy: &str) -> Error {
    Error::QuotaExceeded(format!("{what} would exceed the quota of {}: {remedy}", size(limit)))
}

/// Refuses if `used` exceeds `limit`.
pub fn check(limit: Option<u64>, used: u64, what: &str, remedy: &str) -> Result<()> {
    match limit {
        Some(limit) if used > limit => Err(exceeded(what, limit, remedy)),
        _ => Ok(()),
    }
}

/// Formats a size, such as `1.5 GiB`, `20 MiB` or `4 KiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    let tenths = u128::from(bytes) * 10 / u128::from(unit);
    match tenths % 10 {
        0 => format!("{} {name}", tenths / 10),
        tenth => format!("{}.{tenth} {name}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::{QuotaLimits, UsageKind, size};

    #[test]
    fn sizes_are_readable() {
        assert_eq!([0, 4096, 1536 << 10, 2 << 30].map(size), ["0 bytes", "4 KiB", "1.5 MiB", "2 GiB"]);
    }

    #[test]
    fn every_kind_has_a_limit_and_a_unique_name() {
        let limits = QuotaLimits::default();
        for kind in UsageKind::ALL {
            assert_eq!(UsageKind::parse(kind.as_str()), Some(kind));
            assert!(limits.of(kind).is_some() && QuotaLimits::unlimited().of(kind).is_none(), "{kind:?}");
        }
    }
}
