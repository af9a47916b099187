//! What templates may put into a URL or a header.
pub(super) mod address;
pub(super) mod headers;
pub(super) mod pieces;
pub mod response_headers;
