//! What a credential allows at the moment: an API key and a share link do not allow more than their owners may do.
use crate::{
    Result,
    api::App,
    clock::Time,
    model::{Grants, Permission},
    store::{KeyHolder, SharedWith},
};

/// Returns the grants of an API key: those that both its role and its owner's role include. `None` if the owner has
/// left or is disabled.
pub fn key_grants(app: &App, holder: &KeyHolder) -> Result<Option<Grants>> {
    let Some(owner) = holder.owner else { return Ok(None) };
    Ok(app.grants_of(holder.tenant, owner)?.map(|grants| grants.and(holder.grants)))
}

/// Finds the share link with this hash. Returns `None` if the member who owns it has left, or may no longer see or
/// share dashboards.
pub fn find_share(app: &App, hash: &str) -> Result<Option<SharedWith>> {
    let Some(found) = app.store.get(|tx| tx.shared_with(hash, Time::now()))? else { return Ok(None) };
    let Some(owner) = found.share.owner_id else { return Ok(None) };
    let grants = app.grants_of(found.tenant, owner)?;
    Ok(grants
        .filter(|grants| grants.may(Permission::DashboardRead) && grants.may(Permission::DashboardShare))
        .map(|_| found))
}
