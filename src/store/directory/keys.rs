//! The keys of a store: which ones belong to it, and the signing key that several servers share.
use crate::{
    Error, Result,
    store::{
        Sealer, Store, Tx,
        sql::{OptionalExtension, sql},
    },
};

/// What the shared signing key is sealed for.
pub const SIGNING: &str = "signing key";

impl Store {
    /// Checks that a missing key may be generated: not if it has sealed secrets or signed tokens of this directory.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub fn may_make_key(&self, which: KeyKind) -> Result<()> {
        let (row, used) = self.get(|tx| Ok((tx.directory()?, tx.has_used(which)?)))?;
        let known = match which {
            KeyKind::Signing => row.signing_check,
            KeyKind::Secret => row.secret_check,
        };
        if known.map_or(used, |known| !known.is_empty()) {
            return Err(Error::conflict(match &self.files {
                Some(files) => format!(
                    "{} in {}: put it back from a backup; `jet-admin accept` shows what is lost without it",
                    which.missing(),
                    files.dir.root().display()
                ),
                None => {
                    "the data in the database was sealed with another secret key: set JET_ADMIN_SECRET_KEY to that key, \
                         which is in keys/secret.key of the data directory of the first server, or of the one that the \
                         data was moved from"
                        .to_owned()
                }
            }));
        }
        Ok(())
    }

    /// Refuses keys of another directory.
    ///
    /// # Errors
    /// `Conflict`, with what to do.
    pub fn check_keys(&self, signing: String, secret: String, is_given: bool) -> Result<()> {
        let row = self.get(|tx| tx.directory())?;
        if row.signing_check.as_ref() == Some(&signing) && row.secret_check.as_ref() == Some(&secret) {
            return Ok(());
        }
        self.write_now(move |tx| tx.check_keys(&signing, &secret, is_given))
    }

    /// Returns the signing key that the servers of this database share, or `None` before one of them has stored it. A
    /// server with databases in files has its own key, and gets `None`.
    ///
    /// # Errors
    /// `Conflict` if it was sealed with another secret key.
    pub fn shared_signing_key(&self, sealer: &Sealer) -> Result<Option<Vec<u8>>> {
        if self.files.is_some() {
            return Ok(None);
        }
        let (row, shared) = self.get(|tx| Ok((tx.directory()?, tx.signing_key()?)))?;
        if row.secret_check.is_some_and(|check| check != sealer.check()) {
            return Err(Error::conflict(
                "the secret key is not the one that sealed the secrets in the database: set JET_ADMIN_SECRET_KEY to the \
                 key of the other servers, which is in keys/secret.key of the data directory of the first one, or of \
                 the one that the data was moved from",
            ));
        }
        shared.map(|shared| sealer.open(&shared, SIGNING)).transpose()
    }

    /// Shares this server's signing key with the others of its database, unless one of them was faster. Returns the key
    /// to use. Files keep their own.
    ///
    /// # Errors
    /// If the store cannot be written.
    pub fn share_signing_key(&self, sealer: &Sealer, pem: Vec<u8>) -> Result<Vec<u8>> {
        if self.files.is_some() {
            return Ok(pem);
        }
        let shared = sealer.seal(&pem, SIGNING)?;
        self.write_now(move |tx| {
            tx.db
                .prepare(sql!("update directory set signing_key = ?1 where signing_key is null"))?
                .execute([&shared])?;
            Ok(())
        })?;
        self.shared_signing_key(sealer)?.ok_or_else(|| Error::internal("the signing key was not stored"))
    }
}

impl Tx<'_> {
    fn signing_key(&self) -> Result<Option<String>> {
        Ok(self
            .db
            .prepare(sql!("select signing_key from directory where \"only\" = 1"))?
            .query_row((), |row| row.get(0))?)
    }

    /// Compares the keys with the digests stored at their first use, and stores missing digests. A secret key that
    /// `is_given` by the operator may differ: then existing secrets cannot be decrypted.
    ///
    /// # Errors
    /// `Conflict` for a key of another directory.
    fn check_keys(&self, signing: &str, secret: &str, is_given: bool) -> Result<()> {
        let row = self.directory()?;
        for (what, known, key) in [
            ("keys/signing.pem is not the key that signs this directory's ID tokens", &row.signing_check, signing),
            ("the secret key is not the one that sealed this directory's secrets", &row.secret_check, secret),
        ] {
            if known.as_ref().is_none_or(|known| known.is_empty() || known == key) {
                continue;
            }
            if is_given && key == secret {
                tracing::warn!("{what}: secrets that were sealed with the previous key must be entered again");
                continue;
            }
            return Err(Error::conflict(format!(
                "{what}: put the right one back from a backup; `jet-admin accept` shows what is lost without it"
            )));
        }
        let sql =
            sql!("update directory set signing_check = ?1, secret_check = coalesce(nullif(secret_check, ''), ?2)");
        self.db.prepare(sql)?.execute((signing, secret))?;
        Ok(())
    }
}

/// A key of the data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Signing,
    Secret,
}

impl KeyKind {
    fn missing(self) -> &'static str {
        match self {
            Self::Signing => "keys/signing.pem, which signs ID tokens, is missing",
            Self::Secret => "keys/secret.key (or JET_ADMIN_SECRET_KEY), which decrypts the stored secrets, is missing",
        }
    }
}

impl Tx<'_> {
    /// Returns whether an earlier version, which did not store digests, has used a key of this kind.
    fn has_used(&self, which: KeyKind) -> Result<bool> {
        let sql = match which {
            KeyKind::Signing => sql!("select exists(select 1 from refresh_tokens)"),
            KeyKind::Secret => sql!(
                "select exists(select 1 from objects where spec like '%\"sealed\":\"%')
                 or exists(select 1 from triggers where token_sealed is not null)"
            ),
        };
        Ok(self.db.prepare(sql)?.query_row((), |row| row.get(0)).optional()?.unwrap_or(false))
    }
}
