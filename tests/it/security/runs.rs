//! Runs, approvals and webhooks as a way around rights or limits.
