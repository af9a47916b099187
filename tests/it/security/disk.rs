//! Filling the disk.
