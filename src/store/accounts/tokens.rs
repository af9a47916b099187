//! Refresh tokens with rotation and reuse detection, and one-time codes. Only hashes are stored.
use crate::{
    Result,
    clock::Time,
    store::{
        Tx,
        database::column,
        sql::{OptionalExtension, sql},
    },
};
use std::time::Duration;
use uuid::Uuid;

/// How long a used refresh token is still accepted, because of concurrent tabs or a lost response.
const GRACE: Duration = Duration::from_secs(30);

/// The result of using a refresh token.
pub enum Rotation {
    /// The token was valid. The new one is stored in the same family.
    Rotated { user: Uuid, family: Uuid, signed_in_at: Time },
    /// The token had been used before. The whole family is revoked.
    Reused { user: Uuid, family: Uuid },
    /// Unknown or expired.
    Unknown,
}

/// A one-time code that was sent by email.
pub struct ActionCode {
    pub user: Uuid,
    pub purpose: String,
    /// The account's email address when the code was created.
    pub email: String,
    /// The new email address that the code confirms.
    pub new_email: Option<String>,
}

impl Tx<'_> {
    /// Starts a token family for a sign-in on a device, and returns its id. `signed_in_at` is when the user last
    /// authenticated.
    pub fn add_refresh_token(
        &self,
        user: Uuid,
        hash: &str,
        signed_in_at: Time,
        now: Time,
        expires_at: Time,
    ) -> Result<Uuid> {
        let family = Uuid::now_v7();
        self.insert_refresh_token(user, (&family.to_string(), signed_in_at), hash, now, expires_at)?;
        Ok(family)
    }

    fn insert_refresh_token(
        &self,
        user: Uuid,
        (family, signed_in_at): (&str, Time),
        hash: &str,
        now: Time,
        expires_at: Time,
    ) -> Result<()> {
        self.db
            .prepare(sql!("insert into refresh_tokens (hash, family, user_id, created_at, expires_at, signed_in_at) values (?1, ?2, ?3, ?4, ?5, ?6)"))?
            .execute((hash, family, user, now.0, expires_at.0, signed_in_at.0))?;
        self.db
            .prepare(sql!("delete from refresh_tokens where user_id = ?1 and expires_at < ?2"))?
            .execute((user, now.0))?;
        Ok(())
    }

    /// Replaces the token with the hash `old` by one with the hash `new`.
    pub fn rotate_refresh_token(&self, old: &str, new: &str, now: Time, expires_at: Time) -> Result<Rotation> {
        let row = self
            .db
            .prepare(sql!(
                "select family, user_id, used_at, signed_in_at from refresh_tokens where hash = ?1 and expires_at > ?2"
            ))?
            .query_row((old, now.0), |row| {
                Ok((column::id(row, 0)?, column::id(row, 1)?, column::optional_time(row, 2)?, column::time(row, 3)?))
            })
            .optional()?;
        let Some((family, user, used_at, signed_in_at)) = row else {
            return Ok(Rotation::Unknown);
        };
        if used_at.is_some_and(|used_at| used_at.plus(GRACE) < now) {
            self.db.prepare(sql!("delete from refresh_tokens where family = ?1"))?.execute([family])?;
            return Ok(Rotation::Reused { user, family });
        }
        self.db
            .prepare(sql!("update refresh_tokens set used_at = coalesce(used_at, ?2) where hash = ?1"))?
            .execute((old, now.0))?;
        self.insert_refresh_token(user, (&family.to_string(), signed_in_at), new, now, expires_at)?;
        Ok(Rotation::Rotated { user, family, signed_in_at })
    }

    /// Ends the sign-in that a token belongs to. Returns the id of its family.
    pub fn end_family(&self, hash: &str) -> Result<Option<Uuid>> {
        self.mark_regrant();
        let family = self
            .db
            .prepare(sql!("select family from refresh_tokens where hash = ?1"))?
            .query_row([hash], |row| column::id(row, 0))
            .optional()?;
        if let Some(family) = family {
            self.db.prepare(sql!("delete from refresh_tokens where family = ?1"))?.execute([family])?;
        }
        Ok(family)
    }

    /// Returns whether the sign-in is still valid.
    pub fn has_family(&self, family: Uuid) -> Result<bool> {
        let mut query = self.db.prepare(sql!("select 1 from refresh_tokens where family = ?1 limit 1"))?;
        Ok(query.exists([family])?)
    }

    /// Stores a code. An older code for the same purpose stops working.
    pub fn add_action_code(&self, hash: &str, code: &ActionCode, expires_at: Time) -> Result<()> {
        self.db
            .prepare(sql!("delete from action_codes where user_id = ?1 and purpose = ?2"))?
            .execute((code.user, &code.purpose))?;
        self.db
            .prepare(sql!(
                "insert into action_codes (hash, user_id, purpose, email, expires_at, new_email) values (?1, ?2, ?3, \
                 ?4, ?5, ?6)"
            ))?
            .execute((hash, code.user, &code.purpose, &code.email, expires_at.0, &code.new_email))?;
        Ok(())
    }

    /// Returns the new email address that is waiting for confirmation, if any.
    pub fn pending_email(&self, user: Uuid, now: Time) -> Result<Option<String>> {
        let pending = self
            .db
            .prepare(sql!(
                "select new_email from action_codes where user_id = ?1 and new_email is not null and expires_at > ?2"
            ))?
            .query_row((user, now.0), |row| row.get(0));
        Ok(pending.optional()?)
    }

    pub fn action_code(&self, hash: &str, now: Time) -> Result<Option<ActionCode>> {
        let row = self
            .db
            .prepare(sql!(
                "select user_id, purpose, email, new_email from action_codes where hash = ?1 and expires_at > ?2"
            ))?
            .query_row((hash, now.0), |row| {
                let (user, purpose) = (column::id(row, 0)?, row.get(1)?);
                Ok(ActionCode { user, purpose, email: row.get(2)?, new_email: row.get(3)? })
            })
            .optional()?;
        Ok(row)
    }

    /// Deletes a code when it is used. Returns whether it still existed: only one of two that use it at once has it.
    pub fn take_action_code(&self, hash: &str) -> Result<bool> {
        Ok(self.db.prepare(sql!("delete from action_codes where hash = ?1"))?.execute([hash])? > 0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{GRACE, Rotation};
    use crate::{
        clock::Time,
        data_dir::DataDir,
        store::{Credential, Durability, NewUser, Store},
    };
    use std::time::Duration;

    #[tokio::test]
    async fn reusing_a_refresh_token_after_the_grace_period_revokes_its_family() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::open(dir.path()).unwrap();
        let store =
            Store::open(&held, Durability::Normal, &std::sync::Arc::new(crate::quota::Quotas::unlimited())).unwrap();
        let start = Time(1_767_225_600_000);
        let end = start.plus(Duration::from_hours(24));
        let new = NewUser {
            email: "ada@example.com".to_owned(),
            email_verified: false,
            name: String::new(),
            photo_url: None,
            credential: Credential::Password("none".to_owned()),
        };
        let user = store.write(move |tx| tx.create_user(&new, start)).await.unwrap().id;
        store.write(move |tx| tx.add_refresh_token(user, "elsewhere", start, start, end)).await.unwrap();
        store.write(move |tx| tx.add_refresh_token(user, "first", start, start, end)).await.unwrap();
        let rotate = async |old: &'static str, new: &'static str, at: Time| {
            let rotation = store.write(move |tx| tx.rotate_refresh_token(old, new, at, end)).await.unwrap();
            match rotation {
                Rotation::Rotated { user: of, signed_in_at, .. } if of == user && signed_in_at == start => "rotated",
                Rotation::Reused { user: of, .. } if of == user => "reused",
                Rotation::Unknown => "unknown",
                _ => "someone else's",
            }
        };
        assert_eq!(rotate("first", "second", start).await, "rotated");
        let within = start.plus(GRACE);
        assert_eq!(rotate("first", "third", within).await, "rotated", "two tabs at once");
        let beyond = within.plus(Duration::from_millis(1));
        assert_eq!(rotate("first", "fourth", beyond).await, "reused", "the grace period starts with the first use");
        for ended in ["first", "second", "third"] {
            assert_eq!(rotate(ended, "fifth", beyond).await, "unknown", "{ended}: the whole family is revoked");
        }
        assert_eq!(rotate("elsewhere", "sixth", beyond).await, "rotated", "another sign-in stays valid");
        assert_eq!(rotate("sixth", "seventh", end).await, "unknown", "expired");
    }
}
