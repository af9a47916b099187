//! jet-admin: an internal tools server in one binary. Modules are listed by layer, lowest first; each may use only
//! those before it.

// the time of day
pub mod clock;

// the error type
pub mod error;

// limits on the bytes held in memory, in total and per owner
pub mod budget;

// JSON from outside, with its size counted while it is parsed
pub mod json;

// HTTP bodies: content codings, charsets and media types
pub mod bodies;

// the client address of a request, and the host names that it may use
pub mod caller;

// slots and queues, shared fairly among owners
pub mod lanes;
pub mod turns;

// work that completes even if its caller goes away
pub mod shield;

// the data directory
pub mod data_dir;

// how much of the disk a tenant may use
pub mod quota;

// resources, with their types and validation, without I/O
pub mod model;

// the only SQL on our own databases
pub mod store;

// authentication
pub mod auth;

// the JavaScript sandbox and its templates
pub mod script;

// connectors for databases, APIs and files
pub mod connect;

// uploaded files: content on disk or in shared storage, rows in the store
pub mod uploads;

// apps generated from a table
pub mod table_app;

// runs a tenant's queries and records the executions
pub mod execute;

// email over the operator's SMTP server
pub mod mail;

// a tenant's variables, with secret values sealed
pub mod variables;

// durable workflows
pub mod runner;

// removal of a deleted tenant's data
pub mod removal;

// deletion of expired data
pub mod housekeeping;

// backup and restore
pub mod backup;

// the HTTP API
pub mod api;

// the sample tenant
pub mod demo;

// the admin UI's files
pub mod ui;

// the server, assembled from the parts above
pub mod server;

// the command line
pub mod cli;

pub use error::{Error, Result};
