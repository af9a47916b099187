//! Letters to the owners of accounts: what they say. Who carries them is told at the start.
use super::profile::{CHANGE, RESET};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long nobody is sent the same kind of letter again, however often it is asked for.
pub(super) const PAUSE: Duration = Duration::from_mins(1);

/// A letter to the owner of an account.
#[derive(Clone, Debug)]
pub struct Notice {
    pub to: String,
    pub subject: &'static str,
    pub text: String,
}

/// Takes a letter on its way, and makes nobody wait: how long it takes must not tell whether there is an account.
pub type Outbox = Arc<dyn Fn(Notice) + Send + Sync>;

pub(super) struct Letters {
    outbox: Option<Outbox>,
    sent: moka::sync::Cache<(Uuid, &'static str), ()>,
}

impl Letters {
    pub fn new(outbox: Option<Outbox>) -> Self {
        Self { outbox, sent: moka::sync::Cache::builder().max_capacity(10_000).time_to_live(PAUSE).build() }
    }

    /// Sends a link to an account's owner, or writes it to the log where there is no mail server: whoever runs the server
    /// reads it.
    pub fn send_link(&self, email: &str, purpose: &'static str, link: &str) {
        let Some(outbox) = &self.outbox else {
            tracing::info!(email, purpose, link, "no mail server is configured: hand this link to its owner");
            return;
        };
        outbox(Notice { to: email.to_owned(), subject: subject(purpose), text: text(purpose, link) });
    }

    /// Whether the owner may be sent one: the first who asks may send it, the others not for a while.
    pub fn may_send(&self, user: Uuid, purpose: &'static str) -> bool {
        self.sent.entry((user, purpose)).or_insert(()).is_fresh()
    }
}

/// What the owner of an account is told after it has happened.
#[derive(Clone, Copy)]
pub(super) enum Told<'a> {
    NewPassword,
    /// Goes to the address before it.
    NewEmail(&'a str),
}

impl Letters {
    /// Tells the owner of a change that they should know of, in case it was somebody else's. Without a mail server nobody
    /// is told.
    pub fn tell(&self, email: &str, told: Told<'_>) {
        let Some(outbox) = &self.outbox else { return };
        let (subject, what) = match told {
            Told::NewPassword => ("Your password was changed", "The password of your account was changed.".to_owned()),
            Told::NewEmail(new) => (
                "Your e-mail address was changed",
                format!("The e-mail address of your account was changed to {new}. Sign in with it from now on."),
            ),
        };
        let text = format!(
            "{what} All sessions of the account have ended.\n\nIf you did not do this, ask the administrator of the server for help at once.\n"
        );
        outbox(Notice { to: email.to_owned(), subject, text });
    }
}

fn subject(purpose: &str) -> &'static str {
    match purpose {
        RESET => "Set a new password",
        CHANGE => "Confirm your new e-mail address",
        _ => "Verify your e-mail address",
    }
}

fn text(purpose: &str, link: &str) -> String {
    let (what, otherwise) = match purpose {
        RESET => ("set a new password for your account", "your password stays as it is"),
        CHANGE => ("use this e-mail address for your account", "the account keeps its address"),
        _ => ("verify that this e-mail address is yours", "nothing happens"),
    };
    format!(
        "Open this link to {what}:\n\n{link}\n\nIt works once, within the next hour. If you did not ask for it, leave it: {otherwise}.\n"
    )
}
