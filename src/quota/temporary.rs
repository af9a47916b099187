//! Temporary files of a tenant's work: data that statements sort on disk, and spreadsheets until they are sent.
use super::{DiskSpace, check};
use crate::{Error, Result};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const SUBJECT: &str = "the temporary files of the tenant's queries and exports";
const REMEDY: &str = "sort or export fewer rows at once, wait until other work of the tenant is done, or ask the \
     operator for a larger quota";

/// The usage and the limit of a tenant's temporary files.
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

/// The bytes of a job's temporary files. Returned when dropped.
pub struct Temporary {
    all: Arc<Temporaries>,
    bytes: u64,
}

impl Temporary {
    /// Sets the number of bytes that the job uses, even if that is too much.
    ///
    /// # Errors
    /// `QuotaExceeded` if the job has grown, and the tenant's work now uses more than its quota, or more than it leaves
    /// free on the disk. The job must stop then.
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
                "{SUBJECT} would use more than half of the disk's free space: {REMEDY}"
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
    fn all_work_of_a_tenant_shares_its_quota_and_returns_it() {
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
    fn a_tenant_leaves_as_much_of_the_disk_free_as_it_uses() {
        let free = FreeSpace::new(|_| Ok((1500, 100_000)));
        let all = Temporaries::new(None, Arc::new(DiskSpace::new(Path::new("/"), 500, free)));
        let mut work = all.begin();
        work.set(1000).unwrap();
        let refused = work.set(1001).unwrap_err().to_string();
        assert!(refused.contains("half of the disk's free space"), "{refused}");
    }
}
