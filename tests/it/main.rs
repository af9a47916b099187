//! Every integration test, in one binary: it links once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]
mod api_keys;
mod audit_logs;
mod connect;
mod crash;
mod crud;
mod house;
mod links;
mod members;
mod permissions;
mod roles;
mod support;
mod tenants;
mod workflows;
