//! Transactions on a database, and what they share.
use super::ledger::Ledger;
use crate::{
    Error, Result,
    quota::Quotas,
    store::{Sealer, sql},
};
use std::{
    cell::Cell,
    marker::PhantomData,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// Written to disk: survives a power failure.
    #[default]
    Full,
    /// Passed to the operating system: survives a crash of the process.
    Normal,
}

/// A connection to the database `D` in a transaction. Every query is a method of it.
pub struct Session<'c, D> {
    pub(in crate::store) db: sql::Connection<'c>,
    pub(in crate::store) quotas: &'c Quotas,
    /// Where a write counts what it adds. `None` for reads.
    pub(in crate::store) ledger: Option<&'c Ledger>,
    tools: &'c Tools,
    /// Whether it has changed permissions.
    regrants: Cell<bool>,
    of: PhantomData<D>,
}

impl<'c, D> Session<'c, D> {
    pub(super) fn new(db: sql::Connection<'c>, tools: &'c Tools, ledger: Option<&'c Ledger>) -> Self {
        Self { db, quotas: &tools.quotas, ledger, tools, regrants: Cell::new(false), of: PhantomData }
    }

    /// Marks that this transaction changes permissions: open streams check their callers again after its commit.
    pub(in crate::store) fn mark_regrant(&self) {
        self.regrants.set(true);
    }

    pub(super) fn has_regranted(&self) -> bool {
        self.regrants.get()
    }

    /// Returns the life of this server, which owns the runs that it executes. Empty if it is the only server.
    pub fn life(&self) -> Arc<str> {
        self.tools.life()
    }

    /// Returns the sealer of the secrets in this database.
    pub(in crate::store) fn sealer(&self) -> Result<&'c Sealer> {
        self.tools.sealer.get().ok_or_else(|| Error::internal("the store was opened without the secret key"))
    }
}

/// What every session of a database shares.
pub(super) struct Tools {
    pub(super) quotas: Arc<Quotas>,
    pub(super) sealer: OnceLock<Sealer>,
    pub(super) life: RwLock<Arc<str>>,
}

impl Tools {
    pub(super) fn life(&self) -> Arc<str> {
        Arc::clone(&self.life.read().unwrap_or_else(PoisonError::into_inner))
    }
}
