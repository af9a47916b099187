//! Accounts and how they sign in.
pub mod tokens;

use crate::{
    Error, Result,
    clock::Time,
    model::{Actor, ActorKind, DashboardAccess, RequestInfo, Scope},
    store::{
        Departure, Tx,
        database::{column, page::like_pattern},
        sql::{OptionalExtension, Row, SqlResult, sql},
    },
};
use uuid::Uuid;

const COLUMNS: &str = "u.id, u.email, u.email_verified, u.name, u.photo_url, u.is_instance_admin, u.disabled, u.created_at, u.last_login_at, u.tokens_valid_after";
/// The condition on accounts whose email address or name matches a pattern (?1).
const FOUND: &str = "(lower(u.email) like ?1 escape '\\' or lower(u.name) like ?1 escape '\\')";

/// Why a password cannot be set for an account of an external issuer.
pub const NO_PASSWORD: &str = "this account signs in with an external provider and has no password here";

/// An account, local or external.
#[derive(Clone, Debug)]
pub struct User {
    pub id: Uuid,
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub photo_url: Option<String>,
    pub is_instance_admin: bool,
    pub disabled: bool,
    pub created_at: Time,
    pub last_login_at: Option<Time>,
    /// Tokens from before this moment are refused.
    pub tokens_valid_after: Time,
}

/// A new account.
pub struct NewUser {
    pub email: String,
    pub email_verified: bool,
    pub name: String,
    pub photo_url: Option<String>,
    pub credential: Credential,
}

pub enum Credential {
    /// An argon2id hash in PHC format.
    Password(String),
    /// A subject of an external issuer.
    Identity { issuer: String, subject: String },
}

impl User {
    fn read(row: &Row<'_>) -> SqlResult<Self> {
        Ok(Self {
            id: column::id(row, 0)?,
            email: row.get(1)?,
            email_verified: row.get(2)?,
            name: row.get(3)?,
            photo_url: row.get(4)?,
            is_instance_admin: row.get(5)?,
            disabled: row.get(6)?,
            created_at: column::time(row, 7)?,
            last_login_at: column::optional_time(row, 8)?,
            tokens_valid_after: column::time(row, 9)?,
        })
    }
}

impl Tx<'_> {
    pub fn has_users(&self) -> Result<bool> {
        Ok(self.db.prepare(sql!("select 1 from users limit 1"))?.exists(())?)
    }

    /// Creates an account. The first one becomes the instance admin.
    ///
    /// # Errors
    /// `Conflict` if the email address or the identity already has an account.
    pub fn create_user(&self, new: &NewUser, now: Time) -> Result<User> {
        let id = Uuid::now_v7();
        let first = !self.has_users()?;
        self.db
            .prepare(sql!("insert into users (id, email, email_verified, name, photo_url, is_instance_admin, created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"))?
            .execute((id, &new.email, new.email_verified, &new.name, &new.photo_url, first, now.0))?;
        let added = match &new.credential {
            Credential::Password(hash) => self
                .db
                .prepare(sql!("insert into credentials (user_id, email, password_hash) values (?1, ?2, ?3)"))?
                .execute((id, &new.email, hash)),
            Credential::Identity { issuer, subject } => self
                .db
                .prepare(sql!("insert into identities (user_id, issuer, subject) values (?1, ?2, ?3)"))?
                .execute((id, issuer, subject)),
        };
        match added {
            Err(error) if error.is_duplicate() => {
                return Err(Error::conflict("this account already exists"));
            }
            other => other?,
        };
        self.user(id)
    }

    pub fn user(&self, id: Uuid) -> Result<User> {
        let sql = sql!("select ", COLUMNS, " from users u where u.id = ?1");
        let user = self.db.prepare(sql)?.query_row([id], User::read).optional()?;
        user.ok_or(Error::NotFound("user"))
    }

    /// Returns the local account with this email address (in lower case) and its password hash.
    pub fn user_by_email(&self, email: &str) -> Result<Option<(User, String)>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            ", c.password_hash from credentials c join users u on u.id = c.user_id where c.email = ?1"
        );
        let row = self.db.prepare(sql)?.query_row([email], |row| Ok((User::read(row)?, row.get(10)?))).optional()?;
        Ok(row)
    }

    pub fn user_by_identity(&self, issuer: &str, subject: &str) -> Result<Option<User>> {
        let sql = sql!(
            "select ",
            COLUMNS,
            " from identities i join users u on u.id = i.user_id where i.issuer = ?1 and i.subject = ?2"
        );
        Ok(self.db.prepare(sql)?.query_row((issuer, subject), User::read).optional()?)
    }

    pub fn users(&self) -> Result<Vec<User>> {
        let sql = sql!("select ", COLUMNS, " from users u order by u.created_at, u.id");
        let mut query = self.db.prepare(sql)?;
        let rows = query.query_map((), User::read)?;
        Ok(rows.collect::<SqlResult<_>>()?)
    }

    pub fn count_users(&self) -> Result<u64> {
        Ok(self.db.prepare(sql!("select count(*) from users"))?.query_row((), |row| row.get(0))?)
    }

    /// Returns the accounts whose email address or name contains `q`, in lower case, by email address after a place in
    /// that order, and how many there are in all.
    pub fn find_users(&self, q: &str, after: Option<&(String, Uuid)>, limit: u32) -> Result<(Vec<User>, u64)> {
        let q = like_pattern(q);
        let total =
            self.db.prepare(sql!("select count(*) from users u where ", FOUND))?.query_row([&q], |row| row.get(0))?;
        let (email, id) = after.map_or_else(Default::default, |(email, id)| (email.clone(), id.to_string()));
        let mut query = self.db.prepare(sql!(
            "select ",
            COLUMNS,
            " from users u where ",
            FOUND,
            " and (u.email, u.id) > (?2, ?3) order by u.email, u.id limit ?4"
        ))?;
        let rows = query.query_map((q, email, id, limit), User::read)?;
        Ok((rows.collect::<SqlResult<_>>()?, total))
    }

    pub fn record_login(&self, id: Uuid, now: Time) -> Result<()> {
        // cached accounts include the time
        self.mark_regrant();
        self.db.prepare(sql!("update users set last_login_at = ?2 where id = ?1"))?.execute((id, now.0))?;
        Ok(())
    }

    /// Saves the name, photo, email address, its verification, and whether the account is disabled.
    ///
    /// # Errors
    /// `Conflict` if another local account has the email address.
    pub fn update_user(&self, user: &User) -> Result<()> {
        self.mark_regrant();
        let id = user.id.to_string();
        let changed =
            self.db.prepare(sql!("update credentials set email = ?2 where user_id = ?1"))?.execute((&id, &user.email));
        match changed {
            Err(error) if error.is_duplicate() => {
                return Err(Error::conflict("another account has this email address"));
            }
            other => other?,
        };
        self.db
            .prepare(sql!("update users set email = ?2, email_verified = ?3, name = ?4, photo_url = ?5, disabled = ?6 where id = ?1"))?
            .execute((id, &user.email, user.email_verified, &user.name, &user.photo_url, user.disabled))?;
        Ok(())
    }

    /// Sets the password and ends every session of the account.
    pub fn set_password(&self, id: Uuid, hash: &str, now: Time) -> Result<()> {
        let changed = self
            .db
            .prepare(sql!("update credentials set password_hash = ?2 where user_id = ?1"))?
            .execute((id, hash))?;
        if changed == 0 {
            return Err(Error::conflict(NO_PASSWORD));
        }
        self.end_sessions(id, now)
    }

    /// Revokes every token issued until now, and every code that would change the password or the email address.
    pub fn end_sessions(&self, id: Uuid, now: Time) -> Result<()> {
        self.mark_regrant();
        self.db.prepare(sql!("update users set tokens_valid_after = ?2 where id = ?1"))?.execute((id, now.0))?;
        self.db.prepare(sql!("delete from refresh_tokens where user_id = ?1"))?.execute([id])?;
        self.db
            .prepare(sql!("delete from action_codes where user_id = ?1 and purpose <> 'VERIFY_EMAIL'"))?
            .execute([id])?;
        Ok(())
    }

    /// Deletes an account. It first leaves its tenants, which revokes its API keys, share links and invitations.
    ///
    /// # Errors
    /// `Conflict` if a tenant would have no Owner.
    pub fn delete_user(&self, id: Uuid, now: Time) -> Result<()> {
        let email = self.user(id)?.email;
        let actor = Actor { kind: ActorKind::User, id, label: email.into(), request: RequestInfo::default() };
        for membership in self.memberships(id)? {
            let (tenant, grants) = (membership.tenant.id, membership.grants);
            let dashboards = DashboardAccess::default();
            let scope = Scope { tenant, actor: actor.clone(), grants, dashboards, now };
            self.remove_member(&scope, id, Departure::default())?;
        }
        self.mark_regrant();
        self.db.prepare(sql!("delete from users where id = ?1"))?.execute([id])?;
        Ok(())
    }
}
