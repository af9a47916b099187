//! What a credential allows at the moment: an API key and a share link do not allow more than their owners may do.
use crate::{
    Result,
    api::App,
    clock::Time,
    model::{Permission, Standing},
    store::{KeyHolder, SharedWith},
};

/// Returns what an API key allows: what both its role and its owner may do. `None` if the owner has left or is disabled.
pub fn key_standing(app: &App, holder: &KeyHolder) -> Result<Option<Standing>> {
    let Some(owner) = holder.owner else { return Ok(None) };
    let Some(standing) = app.standing_of(holder.tenant, owner)? else { return Ok(None) };
    Ok(Some(standing.and(&app.store.get(|tx| tx.standing_of_key(holder))?)))
}

/// Finds the share link with this hash. Returns `None` if the member who owns it has left, or may no longer see or
/// share the dashboard.
pub fn find_share(app: &App, hash: &str) -> Result<Option<SharedWith>> {
    let Some(found) = app.store.get(|tx| tx.shared_with(hash, Time::now()))? else { return Ok(None) };
    let Some(owner) = found.share.owner_id else { return Ok(None) };
    let may = |Standing { grants, dashboards }: &Standing| {
        grants.may(Permission::DashboardRead)
            && grants.may(Permission::DashboardShare)
            && dashboards.edits(Some(found.dashboard))
    };
    Ok(app.standing_of(found.tenant, owner)?.filter(may).map(|_| found))
}
