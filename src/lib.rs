//! jet-admin: an internal-tools server in one binary. The layers, lowest first; each may use only those before it.

// time, in one type
pub mod clock;

// what can go wrong, said without HTTP
pub mod error;

// bytes held in memory, bounded together and for each owner
pub mod budget;

// JSON from outside, counted while it is read
pub mod json;

// HTTP bodies as others write them: unpacked, decoded, told apart
pub mod bodies;

// where a request comes from
pub mod caller;

// slots and waiting lines, fair among their owners
pub mod lanes;
pub mod turns;

// work that is finished whoever waits for it
pub mod shield;

// where the state lives
pub mod data_dir;

// how much of the disk a tenant may use
pub mod quota;

// resources, their types and rules, without I/O
pub mod model;

// the only SQL on our own files
pub mod store;

// uploaded files: bytes on the disk, rows in the store
pub mod uploads;

// who someone is
pub mod auth;

// the JavaScript sandbox and its templates
pub mod script;

// other people's databases and APIs
pub mod connect;

// a tenant's queries: loaded, opened, asked, noted
pub mod execute;

// e-mail over the operator's server
pub mod mail;

// a tenant's variables: sealed, opened
pub mod variables;

// durable workflows
pub mod runner;

// what a deleted tenant leaves
pub mod removal;

// what the server does by itself to keep its data small
pub mod housekeeping;

// everything in one file, and back
pub mod backup;

// HTTP in, HTTP out
pub mod api;

// the sample tenant
pub mod demo;

// the admin UI's files
pub mod ui;

// all of it put together
pub mod server;

// the command line
pub mod cli;

pub use error::{Error, Result};
