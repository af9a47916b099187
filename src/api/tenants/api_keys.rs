//! API keys: tokens for programs, each with one tenant and one role.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Create, Delete, List, Permit, nouns},
        records::{answers::NoContent, wire::Items},
        requests::extract::{Body, IdOf, PathId},
        responses::documented,
    },
    auth::{hash_secret, random_secret},
    clock::Time,
    model::Label,
    store::ApiKey,
};
use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with},
};
use axum::{Json, extract::State, http::StatusCode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A new API key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKeyDraft {
    #[schemars(length(min = 1, max = 255))]
    name: String,
    #[serde(rename = "roleID")]
    role_id: Uuid,
    /// When the key expires; never if absent.
    expires_at: Option<Time>,
}

/// A new API key with its secret, which is shown only once.
#[derive(Serialize, JsonSchema)]
pub struct NewApiKey {
    #[serde(flatten)]
    api_key: ApiKey,
    /// Send it as `Authorization: Bearer <key>`.
    key: String,
}

pub struct KeyId;
impl PathId for KeyId {
    const NAME: &'static str = "apiKeyID";
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/api-keys",
            get_with(list, |op| op.id("apikey.list").summary("List API keys").tag("api-keys")).post_with(
                create,
                |op| {
                    let op = op.id("apikey.create").summary("Create an API key").tag("api-keys");
                    op.response::<201, Json<NewApiKey>>().with(documented::conflict)
                },
            ),
        )
        .api_route(
            "/api-keys/{apiKeyID}",
            delete_with(remove, |op| op.id("apikey.delete").summary("Revoke an API key").tag("api-keys")),
        )
}

async fn list(
    Permit { scope, .. }: Permit<nouns::ApiKey, List>,
    State(app): State<App>,
) -> Result<Json<Items<ApiKey>>> {
    Ok(Json(Items { items: app.store.read(scope.tenant, move |tx| tx.api_keys(&scope)).await? }))
}

async fn create(
    Permit { scope, .. }: Permit<nouns::ApiKey, Create>,
    State(app): State<App>,
    Body(draft): Body<ApiKeyDraft>,
) -> Result<(StatusCode, Json<NewApiKey>)> {
    let name = Label::new(&draft.name, "")?.name;
    if draft.expires_at.is_some_and(|at| at <= scope.now) {
        return Err(Error::invalid("expiresAt", "must be in the future"));
    }
    let key = format!("jet_{}", random_secret());
    let (prefix, hash) = (key.chars().take(10).collect::<String>(), hash_secret(&key));
    let made =
        app.store.write(move |tx| tx.create_api_key(&scope, &name, draft.role_id, &prefix, &hash, draft.expires_at));
    Ok((StatusCode::CREATED, Json(NewApiKey { api_key: made.await?, key })))
}

async fn remove(
    Permit { scope, .. }: Permit<nouns::ApiKey, Delete>,
    State(app): State<App>,
    key: IdOf<KeyId>,
) -> Result<NoContent> {
    app.store.write(move |tx| tx.delete_api_key(&scope, key.id)).await?;
    Ok(NoContent)
}
