//! jet-admin: an internal-tools server in one binary. The layers, lowest first; each may use only those before it.
pub mod api; // HTTP in, HTTP out
pub mod auth; // who someone is
pub mod cli;
pub mod clock; // time, in one type
pub mod data_dir; // where the state lives
pub mod demo; // the sample tenant
pub mod error; // what can go wrong, said without HTTP
pub mod model; // resources, their types and rules, without I/O
pub mod runner; // durable workflows
pub mod script; // the JavaScript sandbox and its templates
pub mod server; // all of it put together
pub mod store; // the only SQL on our own files
pub mod ui; // the admin UI's files // the command line

pub use error::{Error, Result};
