//! What strangers, colleagues and web pages must not be able to do. Run as one group: `cargo test --test it -- security::`.
mod accounts;
mod addresses;
mod disk;
mod edge;
mod memory;
mod permissions;
mod runs;
mod scripts;
