//! Every integration test, in one binary: it links once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by a panic")]
#![allow(clippy::needless_pass_by_value, reason = "`json!` makes values to be handed over")]
mod action_codes;
mod api_keys;
mod audit_logs;
mod bad_input;
mod cli;
mod connect;
mod crash;
mod crud;
mod dashboards;
mod demo;
mod directory;
mod export;
mod files;
mod firebase;
mod house;
mod identity;
mod links;
mod members;
mod nodes;
mod oidc;
mod openapi;
mod permissions;
mod roles;
mod runs;
mod secrets;
mod security;
mod session;
mod shares;
mod store;
mod support;
mod tenants;
mod triggers;
mod upgrade;
mod variables;
