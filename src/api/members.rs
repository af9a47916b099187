//! Who belongs to a tenant, with which role.
use super::{
    App,
    answers::Gone,
    documented,
    extract::{Body, IdOf, PathId},
    permit::{Delete, List, Permit, Update, nouns},
    wire::Items,
};
use crate::{Result, store::Member};
use aide::axum::{
    ApiRouter,
    routing::{get_with, patch_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

pub struct UserId;
impl PathId for UserId {
    const NAME: &'static str = "userID";
}

/// A member's new role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberPatch {
    #[serde(rename = "roleID")]
    role_id: Uuid,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/members", get_with(list, |op| op.id("member.list").summary("List members").tag("members")))
        .api_route(
            "/members/{userID}",
            patch_with(update, |op| {
                let op = op.id("member.update").summary("Change a member's role").tag("members");
                op.with(documented::conflict)
            })
            .delete_with(remove, |op| op.id("member.delete").summary("Remove a member").tag("members")),
        )
}

async fn list(
    Permit { scope, .. }: Permit<nouns::Member, List>,
    State(app): State<App>,
) -> Result<Json<Items<Member>>> {
    Ok(Json(Items { items: app.store.read(move |tx| tx.members(&scope)).await? }))
}

async fn update(
    Permit { scope, .. }: Permit<nouns::Member, Update>,
    State(app): State<App>,
    user: IdOf<UserId>,
    Body(patch): Body<MemberPatch>,
) -> Result<Json<Member>> {
    Ok(Json(app.store.write(move |tx| tx.set_member_role(&scope, user.id, patch.role_id)).await?))
}

async fn remove(
    Permit { scope, .. }: Permit<nouns::Member, Delete>,
    State(app): State<App>,
    user: IdOf<UserId>,
) -> Result<Gone> {
    app.store.write(move |tx| tx.remove_member(&scope, user.id)).await?;
    Ok(Gone)
}
