//! What the routes of all resources share: their handlers, their JSON and the permissions that they lend.
pub mod answers;
pub mod crud;
pub mod file;
pub mod lend;
pub mod list_query;
pub mod steps;
mod stored;
pub mod trash;
pub mod uses;
pub mod wire;
