//! Temporary files that a tenant's work makes on the server's disk: what statements sort, and sheets until they are sent.
use super::{DiskSpace, check};
use crate::{Error, Result};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const SUBJECT: &str = "the temporary files of the tenant's queries and exports";
const REMEDY: &str =
    "sort or export fewer rows at once, wait until others of the tenant's are done, or ask the operator for more";

/// What the temporary files of one tenant take, and may take.
pub(super) struct Temporaries {
    limit: Option<u64>,
    disk: Arc<DiskSpace>,
    used: AtomicU64,
}

impl Temporaries {
    pub fn new(limit: Option<u64>, disk: Arc<DiskSpace>) -> Arc<Self> {
        Arc::new(Self { limit, disk, used: AtomicU64::new(0) })
    }

    pub fn begin(self: &Arc<Self>) -> Temporary {
        Temporary { all: Arc::clone(self), bytes: 0 }
    }
}

/// The bytes of one piece of work in temporary files; given back when dropped.
pub struct Temporary {
    all: Arc<Temporaries>,
    bytes: u64,
}

impl Temporary {
    /// It takes so many bytes now, whether or not it may.
    ///
    /// # Errors
    /// `QuotaExceeded` when it has grown and the tenant's work now takes more than its quota, or more than it leaves free
    /// of the disk: then it must stop.
    pub fn set(&mut self, bytes: u64) -> Result<()> {
        let before = std::mem::replace(&mut self.bytes, bytes);
        if bytes <= before {
            self.all.used.fetch_sub(before - bytes, Ordering::Relaxed);
            return Ok(());
        }
        let used = self.all.used.fetch_add(bytes - before, Ordering::Relaxed) + (bytes - before);
        check(self.all.limit, used, SUBJECT, REMEDY)?;
        match self.all.disk.left() {
            Some(left) if used > left => Err(Error::QuotaExceeded(format!(
                "{SUBJECT} would take more than half of the disk's free space: {REMEDY}"
            ))),
            _ => Ok(()),
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.all.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{DiskSpace, Temporaries};
    use crate::quota::FreeSpace;
    use std::{path::Path, sync::Arc};

    #[test]
    fn all_work_of_a_tenant_shares_its_quota_and_gives_it_back() {
        let all = Temporaries::new(Some(100), Arc::new(DiskSpace::unlimited()));
        let (mut one, mut other) = (all.begin(), all.begin());
        one.set(60).unwrap();
        other.set(40).unwrap();
        let refused = other.set(41).unwrap_err().to_string();
        assert!(refused.contains("the quota of 100 bytes"), "{refused}");
        other.set(10).unwrap();
        drop(one);
        other.set(100).unwrap();
        assert!(other.set(101).is_err());
    }

    #[test]
    fn a_tenant_leaves_as_much_of_the_disk_as_it_takes() {
        let free = FreeSpace::new(|_| Ok((1500, 100_000)));
        let all = Temporaries::new(None, Arc::new(DiskSpace::new(Path::new("/"), 500, free)));
        let mut work = all.begin();
        work.set(1000).unwrap();
        let refused = work.set(1001).unwrap_err().to_string();
        assert!(refused.contains("half of the disk's free space"), "{refused}");
    }
}
