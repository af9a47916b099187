//! What strangers, other members and web pages must not be able to do. Run them with
//! `cargo test --test it -- security::`.
mod accounts;
mod addresses;
mod disk;
mod edge;
mod memory;
mod permissions;
mod runs;
mod scripts;
