//! Emails to the owners of accounts. The server passes the function that sends them.
use super::profile::{CHANGE, RESET};
use crate::{
    Result,
    store::{Mark, MarkClaim, Marks, MemoryPlace},
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The minimum time between two emails of the same kind to the same account.
pub(super) const PAUSE: Duration = Duration::from_mins(1);

/// An email to the owner of an account.
#[derive(Clone, Debug)]
pub struct AccountEmail {
    pub to: String,
    pub subject: &'static str,
    pub text: String,
}

/// Sends an email without waiting: the response time must not reveal whether an account exists.
pub type Outbox = Arc<dyn Fn(AccountEmail) + Send + Sync>;

pub(super) struct AccountEmails {
    outbox: Option<Outbox>,
    /// What was sent within [`PAUSE`], by any server.
    sent: Marks,
}

impl AccountEmails {
    pub fn new(outbox: Option<Outbox>, place: MemoryPlace) -> Self {
        Self { outbox, sent: Marks::new("email", PAUSE, place) }
    }

    /// Sends a link to the owner of an account. Without a mail server, logs it for the operator.
    pub fn send_link(&self, email: &str, purpose: &'static str, link: &str) {
        let Some(outbox) = &self.outbox else {
            tracing::info!(
                email,
                purpose,
                link,
                "no mail server is configured: give this link to the owner of the account"
            );
            return;
        };
        outbox(AccountEmail { to: email.to_owned(), subject: subject(purpose), text: text(purpose, link) });
    }

    /// Returns whether an email may be sent now. True only for the first call within [`PAUSE`].
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn may_send(&self, user: Uuid, purpose: &'static str) -> Result<bool> {
        let mark = Mark { key: format!("{purpose}/{user}"), lifetime: PAUSE, ..Mark::default() };
        Ok(self.sent.claim(mark).await? == MarkClaim::Fresh)
    }
}

/// A change that the owner of an account is notified of.
#[derive(Clone, Copy)]
pub(super) enum AccountChange<'a> {
    NewPassword,
    /// Sent to the old address.
    NewEmail(&'a str),
}

impl AccountEmails {
    /// Notifies the owner of a change, in case somebody else made it. Does nothing without a mail server.
    pub fn notify(&self, email: &str, change: AccountChange<'_>) {
        let Some(outbox) = &self.outbox else { return };
        let (subject, what) = match change {
            AccountChange::NewPassword => {
                ("Your password was changed", "The password of your account was changed.".to_owned())
            }
            AccountChange::NewEmail(new) => (
                "Your email address was changed",
                format!("The email address of your account was changed to {new}. Sign in with it from now on."),
            ),
        };
        let text = format!(
            "{what} All sessions of the account were signed out.\n\nIf you did not do this, contact the administrator \
             of the server immediately.\n"
        );
        outbox(AccountEmail { to: email.to_owned(), subject, text });
    }
}

fn subject(purpose: &str) -> &'static str {
    match purpose {
        RESET => "Set a new password",
        CHANGE => "Confirm your new email address",
        _ => "Verify your email address",
    }
}

fn text(purpose: &str, link: &str) -> String {
    let (request, otherwise) = match purpose {
        RESET => (
            "Open this link to set a new password for your account:",
            "If you did not request this, ignore this email: your password stays the same.",
        ),
        CHANGE => (
            "Open this link to use this email address for your account:",
            "If you did not request this, ignore this email: the account keeps its current address.",
        ),
        _ => (
            "Open this link to verify that this email address is yours:",
            "If you did not request this, ignore this email: nothing will change.",
        ),
    };
    format!("{request}\n\n{link}\n\nThe link works once and expires in an hour. {otherwise}\n")
}
