//! Shared by all tests: servers, clients, and a tenant with one record of every kind.
pub mod authority;
pub mod background;
pub mod caller;
pub mod client;
pub mod issuer;
pub mod kinds;
pub mod mariadb;
pub mod moto;
pub mod nginx;
pub mod packing;
pub mod pgbouncer;
pub mod postgres;
pub mod process;
pub mod recorder;
pub mod redis;
pub mod server;
pub mod smtp;
pub mod wait;
pub mod world;

pub use authority::Authority;
pub use client::{Answer, Client};
pub use issuer::{Issuer, Key};
pub use kinds::{KINDS, Kind};
pub use process::Process;
pub use server::{Account, TestServer};
pub use world::World;
