//! The accounts of users: sign-in, sessions and profiles.
pub mod identity;
pub mod profile;
pub mod session;
