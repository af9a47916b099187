//! Connections to other systems: which addresses are allowed, TLS, pools, and where an attempt failed.
pub mod egress;
pub(super) mod pool;
pub(super) mod stage;
pub(super) mod tls;
