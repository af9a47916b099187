//! Everything that is tested from outside, in one binary.
#![allow(clippy::unwrap_used)]
mod connect;
mod support;
