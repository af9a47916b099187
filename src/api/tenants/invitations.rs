//! Invitations: one-time links that add a user to a tenant.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Create, Delete, Permit, SignedIn, nouns},
        records::{answers::NoContent, wire::Items},
        requests::extract::{Body, IdOf, PathId, path_text},
        responses::documented,
    },
    auth::{IdentityRefusal, hash_secret, identity::normal_email, random_secret},
    clock::Time,
    model::Grants,
    store::Invitation,
};
use aide::{
    OperationInput,
    axum::{
        ApiRouter,
        routing::{delete_with, get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::{StatusCode, request::Parts},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

const LIFETIME: Duration = Duration::from_hours(7 * 24);

/// The email address and role of a new invitation.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationDraft {
    email: String,
    #[serde(rename = "roleID")]
    role_id: Uuid,
}

/// A new invitation with its link, which is shown only once.
#[derive(Serialize, JsonSchema)]
pub struct NewInvitation {
    #[serde(flatten)]
    invitation: Invitation,
    url: String,
}

/// An invitation, as the invited user sees it before accepting.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenInvitation {
    tenant_name: String,
    email: String,
    role_name: String,
    expires_at: Time,
}

#[derive(Serialize, JsonSchema)]
pub struct AcceptedInvitation {
    #[serde(rename = "tenantID")]
    tenant_id: Uuid,
}

pub struct InvitationId;
impl PathId for InvitationId {
    const NAME: &'static str = "invitationID";
}

/// The secret from an invitation link.
pub struct InvitationToken(String);

impl FromRequestParts<App> for InvitationToken {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        path_text(parts, app, "token").await.map(Self).map_err(|_| Error::NotFound("invitation"))
    }
}

impl OperationInput for InvitationToken {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "token", &serde_json::json!({"type": "string"}));
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[404])
    }
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/invitations",
            get_with(list, |op| op.id("invitation.list").summary("List open invitations").tag("members")).post_with(
                create,
                |op| {
                    op.id("invitation.create")
                        .summary("Invite someone")
                        .tag("members")
                        .response::<201, Json<NewInvitation>>()
                },
            ),
        )
        .api_route(
            "/invitations/{invitationID}",
            delete_with(remove, |op| op.id("invitation.delete").summary("Withdraw an invitation").tag("members")),
        )
}

/// Returns the routes for users with an invitation link.
pub fn open_routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/invitations/{token}",
            get_with(show, |op| op.id("invitation.get").summary("Get an invitation by its token").tag("members")),
        )
        .api_route(
            "/invitations/{token}/accept",
            post_with(accept, |op| op.id("invitation.accept").summary("Accept an invitation").tag("members")),
        )
}

/// Requires the permission to invite: a role that may only list members does not see the invited email addresses.
async fn list(
    Permit { scope, .. }: Permit<nouns::Member, Create>,
    State(app): State<App>,
) -> Result<Json<Items<Invitation>>> {
    Ok(Json(Items { items: app.store.read(scope.tenant, move |tx| tx.invitations(&scope)).await? }))
}

async fn create(
    Permit { scope, .. }: Permit<nouns::Member, Create>,
    State(app): State<App>,
    Body(draft): Body<InvitationDraft>,
) -> Result<(StatusCode, Json<NewInvitation>)> {
    let email = normal_email(&draft.email).map_err(|refusal| match refusal {
        IdentityRefusal::Other(error) => error,
        _ => Error::invalid("email", "must be an email address"),
    })?;
    let token = random_secret();
    let (hash, expires_at) = (hash_secret(&token), scope.now.plus(LIFETIME));
    let invitation =
        app.store.write(move |tx| tx.create_invitation(&scope, &email, draft.role_id, &hash, expires_at)).await?;
    let url = format!("{}/invite/{token}", app.identity.public_url());
    Ok((StatusCode::CREATED, Json(NewInvitation { invitation, url })))
}

async fn remove(
    Permit { scope, .. }: Permit<nouns::Member, Delete>,
    State(app): State<App>,
    invitation: IdOf<InvitationId>,
) -> Result<NoContent> {
    app.store.write(move |tx| tx.delete_invitation(&scope, invitation.id)).await?;
    Ok(NoContent)
}

async fn show(State(app): State<App>, InvitationToken(token): InvitationToken) -> Result<Json<OpenInvitation>> {
    let (invitation, _, tenant_name) = app.store.get(|tx| tx.invitation_by_token(&hash_secret(&token), Time::now()))?;
    let Invitation { email, role_name, expires_at, .. } = invitation;
    Ok(Json(OpenInvitation { tenant_name, email, role_name, expires_at }))
}

async fn accept(
    caller: SignedIn,
    State(app): State<App>,
    InvitationToken(token): InvitationToken,
) -> Result<Json<AcceptedInvitation>> {
    let accepted = app.store.write(move |tx| {
        let (invitation, tenant_id, _) = tx.invitation_by_token(&hash_secret(&token), Time::now())?;
        tx.accept_invitation(&caller.scope(tenant_id, Grants::default()), &invitation)?;
        Ok(AcceptedInvitation { tenant_id })
    });
    Ok(Json(accepted.await?))
}
