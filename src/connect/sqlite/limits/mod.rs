//! Limits of what statements take: memory and disk.
pub(super) mod memory;
pub(super) mod room;
mod spill;
pub(super) mod watch;
