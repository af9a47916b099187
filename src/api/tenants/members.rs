//! The members of a tenant and their roles.
use crate::{
    Result,
    api::{
        App,
        access::permit::{Delete, List, Permit, Update, nouns},
        records::{answers::NoContent, wire::Items},
        requests::extract::{Body, IdOf, PathId, Query},
        responses::documented,
    },
    store::{Departure, Member, MemberCredentials},
};
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

/// What happens to the credentials of a removed member.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveQuery {
    /// Whether their API keys, share links and invitations are revoked or transferred to the caller.
    #[serde(default)]
    credentials: CredentialsFate,
    /// Whether the webhooks whose URLs they could see keep their URLs or get new ones.
    #[serde(default)]
    webhooks: WebhookAddresses,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum CredentialsFate {
    #[default]
    Revoke,
    Transfer,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum WebhookAddresses {
    #[default]
    Keep,
    Rotate,
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
            .delete_with(remove, |op| {
                op.id("member.delete").summary("Remove a member").tag("members").description(
                    "Their API keys, share links and invitations are revoked, unless they are transferred. Each change \
                     has an entry in the audit log.",
                )
            }),
        )
        .api_route(
            "/members/{userID}/credentials",
            get_with(credentials, |op| {
                let op = op.id("member.credentials").summary("List the credentials of a member").tag("members");
                op.description("What is revoked when the member is removed. Check it before you remove a member.")
            }),
        )
}

async fn list(
    Permit { scope, .. }: Permit<nouns::Member, List>,
    State(app): State<App>,
) -> Result<Json<Items<Member>>> {
    Ok(Json(Items { items: app.store.read(scope.tenant, move |tx| tx.members(&scope)).await? }))
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
    Query(query): Query<RemoveQuery>,
) -> Result<NoContent> {
    let departure = Departure {
        transfer: query.credentials == CredentialsFate::Transfer,
        rotate_webhooks: query.webhooks == WebhookAddresses::Rotate,
    };
    app.store.write(move |tx| tx.remove_member(&scope, user.id, departure)).await?;
    Ok(NoContent)
}

async fn credentials(
    Permit { scope, .. }: Permit<nouns::Member, Delete>,
    State(app): State<App>,
    user: IdOf<UserId>,
) -> Result<Json<MemberCredentials>> {
    let shown = scope.dashboards.clone();
    let mut found = app.store.read(scope.tenant, move |tx| tx.credentials(&scope, user.id)).await?;
    for share in found.shares.iter_mut().filter(|share| !shown.shows(Some(share.dashboard_id))) {
        share.dashboard_name.clear();
    }
    Ok(Json(found))
}
