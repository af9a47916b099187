//! A minimum of free disk space. Below it, tenants cannot add data, so that the server itself can always write.
use crate::{Error, Result};
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often the free space is read.
const INTERVAL: Duration = Duration::from_secs(2);
const REFUSAL: &str =
    "the server is low on disk space and accepts no new data: delete data that you no longer need, or try again later";

/// Reads the free and total bytes of the file system of a path.
#[derive(Clone)]
pub struct FreeSpace(Arc<ReadSpace>);

type ReadSpace = dyn Fn(&Path) -> io::Result<(u64, u64)> + Send + Sync;

impl FreeSpace {
    pub fn new(read: impl Fn(&Path) -> io::Result<(u64, u64)> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }
}

impl Default for FreeSpace {
    fn default() -> Self {
        Self::new(of_file_system)
    }
}

impl fmt::Debug for FreeSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FreeSpace")
    }
}

#[cfg(unix)]
fn of_file_system(path: &Path) -> io::Result<(u64, u64)> {
    let found = rustix::fs::statvfs(path)?;
    Ok((found.f_bavail.saturating_mul(found.f_frsize), found.f_blocks.saturating_mul(found.f_frsize)))
}

#[cfg(not(unix))]
fn of_file_system(_: &Path) -> io::Result<(u64, u64)> {
    Ok((u64::MAX, u64::MAX))
}

/// Tracks whether the file system of the data directory has enough free space.
pub struct DiskSpace {
    root: PathBuf,
    floor: u64,
    read: FreeSpace,
    low: watch::Sender<bool>,
}

impl DiskSpace {
    /// Monitors the file system of `root`. `floor` is in bytes, and limited to 5 % of the file system. 0 disables the
    /// check.
    pub fn new(root: &Path, floor: u64, read: FreeSpace) -> Self {
        let disk = Self { root: root.to_path_buf(), floor, read, low: watch::Sender::new(false) };
        disk.look();
        disk
    }

    /// Creates a disk that never fills up.
    pub fn unlimited() -> Self {
        Self { root: PathBuf::new(), floor: 0, read: FreeSpace::default(), low: watch::Sender::new(false) }
    }

    /// Returns whether the free space was below the floor at the last check.
    pub fn is_low(&self) -> bool {
        *self.low.borrow()
    }

    /// Returns how many bytes above the floor are currently free; `None` if the check is disabled.
    pub fn left(&self) -> Option<u64> {
        let (free, total) = (self.floor > 0).then(|| (self.read.0)(&self.root).ok()).flatten()?;
        Some(free.saturating_sub(self.floor.min(total / 20)))
    }

    /// Returns how many bytes are free, and how many the file system has; `None` if they cannot be read.
    pub fn space(&self) -> Option<(u64, u64)> {
        (self.read.0)(&self.root).ok()
    }

    /// Refuses to add data while the free space is below the floor.
    ///
    /// # Errors
    /// `Unavailable`.
    pub fn check(&self) -> Result<()> {
        if self.is_low() { Err(Self::refusal()) } else { Ok(()) }
    }

    /// Returns the error for attempts to add data.
    pub fn refusal() -> Error {
        Error::Unavailable(REFUSAL)
    }

    /// Waits until there is enough free space.
    pub async fn enough(&self) {
        if self.is_low() {
            // the sender lives as long as `self`
            let _ = self.low.subscribe().wait_for(|low| !low).await;
        }
    }

    /// Reads the free space every few seconds until `stop`.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken) {
        if self.floor == 0 {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                () = stop.cancelled() => return,
            }
            let disk = Arc::clone(&self);
            // a network file system may hang
            let _ = tokio::task::spawn_blocking(move || disk.look()).await;
        }
    }

    fn look(&self) {
        if self.floor == 0 {
            return;
        }
        let Ok((free, total)) = (self.read.0)(&self.root) else { return };
        let floor = self.floor.min(total / 20);
        let was_low = self.is_low();
        // require a little more than the floor, to avoid switching back and forth
        let low = free < if was_low { floor + floor / 16 } else { floor };
        if low == was_low {
            return;
        }
        let (free_mib, floor_mib) = (free >> 20, floor >> 20);
        if low {
            tracing::error!(
                free_mib, floor_mib, path = %self.root.display(),
                "low on disk space: tenants cannot add data until some space is freed"
            );
        } else {
            tracing::info!(free_mib, "enough disk space again: tenants can add data");
        }
        self.low.send_replace(low);
    }
}

#[cfg(test)]
mod tests {
    use super::{DiskSpace, FreeSpace, of_file_system};
    use std::{
        path::Path,
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
    };

    #[test]
    fn the_floor_is_at_most_five_percent_and_is_left_with_a_margin() {
        let free = Arc::new(AtomicU64::new(1000));
        let now = Arc::clone(&free);
        let read = FreeSpace::new(move |_| Ok((now.load(Ordering::Relaxed), 10_000)));
        let disk = DiskSpace::new(Path::new("/"), 1 << 30, read);
        let mut low_at = |bytes| {
            free.store(bytes, Ordering::Relaxed);
            disk.look();
            disk.is_low()
        };
        assert_eq!([500, 499, 510, 531].map(&mut low_at), [false, true, true, false]);
    }

    #[test]
    #[cfg(unix)]
    #[allow(clippy::unwrap_used)]
    fn the_free_space_of_a_file_system_is_read() {
        let (free, total) = of_file_system(Path::new("/")).unwrap();
        assert!(free <= total && total > 0);
    }
}
