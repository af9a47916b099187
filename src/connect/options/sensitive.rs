//! Names that usually hold credentials.

/// A header with one of these in its name usually holds credentials.
const SENSITIVE: [&str; 13] = [
    "authorization",
    "cookie",
    "key",
    "token",
    "secret",
    "passw",
    "passphrase",
    "pwd",
    "credential",
    "session",
    "signature",
    "jwt",
    "bearer",
];
/// Whole names that usually mean credentials.
const SENSITIVE_NAMES: [&str; 5] = ["auth", "x-auth", "pass", "sig", "pin"];

/// Whether a header or a parameter with this name usually holds credentials.
pub fn is_sensitive(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    SENSITIVE.iter().any(|word| name.contains(word)) || SENSITIVE_NAMES.contains(&name.as_str())
}
