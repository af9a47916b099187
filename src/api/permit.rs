//! A handler that takes a `Permit<N, V>` cannot run without that permission.
use super::{App, body::Sender, documented, extract::undecodable, problem::RequestId};
use crate::{
    Error,
    auth::hash_secret,
    budget::Owner,
    clock::Time,
    error::TokenProblem,
    model::{Actor, ActorKind, Grants, RequestInfo, Resource, Scope},
    store::User,
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    extract::{ConnectInfo, FromRequestParts, RawPathParams},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use std::{marker::PhantomData, net::SocketAddr, sync::Arc};
use uuid::Uuid;

/// What a permission is about: the word before its colon.
pub trait Noun: 'static {
    const NAME: &'static str;
}
impl<R: Resource> Noun for R {
    const NAME: &'static str = R::KIND.name;
}

/// What a permission allows: the word after its colon.
pub trait Verb: 'static {
    const NAME: &'static str;
    /// Another verb that it takes besides.
    const ALSO: Option<&'static str> = None;
}

macro_rules! words {
    ($of:ident: $($(#[$meta:meta])* $word:ident = $name:literal),* $(,)?) => {
        $($(#[$meta])* pub struct $word; impl $of for $word { const NAME: &'static str = $name; })*
    };
}
words!(Verb: List = "list", Read = "read", Create = "create", Update = "update", Delete = "delete",
    Execute = "execute", Test = "test", Clone = "clone");

/// Who shows something to others must be allowed to see it.
pub struct Share;
impl Verb for Share {
    const NAME: &'static str = "share";
    const ALSO: Option<&'static str> = Some(Read::NAME);
}

/// Nouns that are no plain resources.
pub mod nouns {
    use super::Noun;
    words!(Noun: Tenant = "tenant", Member = "member", ApiKey = "apikey", Audit = "audit");
}

/// The right to do `V` to `N`s of the scope's tenant.
pub struct Permit<N, V> {
    pub scope: Scope,
    /// When the caller's token or key expires.
    pub until: Option<Time>,
    needs: PhantomData<fn() -> (N, V)>,
}

impl<N: Noun, V: Verb> FromRequestParts<App> for Permit<N, V> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let path = RawPathParams::from_request_parts(parts, app).await.map_err(undecodable)?;
        let tenant = path.iter().find(|(name, _)| *name == "tenantID").map(|(_, value)| value).unwrap_or_default();
        let tenant = tenant_of(&parts.headers, tenant, &caller)?;
        let until = caller.until();
        let scope = caller.into_scope(app, tenant)?;
        for verb in std::iter::once(V::NAME).chain(V::ALSO) {
            let permission = format!("{}:{verb}", N::NAME);
            if !scope.grants.may(&permission) {
                return Err(Error::Forbidden(format!("your role does not include {permission}")));
            }
        }
        parts.extensions.insert(Sender(Owner::Tenant(tenant)));
        Ok(Self { scope, until, needs: PhantomData })
    }
}

/// The tenant of the path, which the header must name too; a key, being of one tenant, may leave the header out.
fn tenant_of(headers: &HeaderMap, path: &str, caller: &Caller) -> Result<Uuid, Error> {
    let tenant = Uuid::parse_str(path).map_err(|_| Error::InvalidTenant("the tenant in the path is not a UUID"))?;
    let header = headers.get("x-tenant-id").map(|value| value.to_str().ok().and_then(|id| Uuid::parse_str(id).ok()));
    match (header, caller) {
        (Some(Some(id)), _) if id == tenant => Ok(tenant),
        (Some(Some(_)), _) => Err(Error::InvalidTenant("the header x-tenant-id names another tenant than the path")),
        (Some(None), _) => Err(Error::InvalidTenant("the header x-tenant-id is not a UUID")),
        (None, Caller::Key { .. }) => Ok(tenant),
        (None, Caller::User { .. }) => {
            Err(Error::InvalidTenant("the header x-tenant-id is missing: it names the tenant of the path"))
        }
    }
}

/// Who sent the request, before any tenant is chosen.
enum Caller {
    User { user: Arc<User>, until: Time, request: RequestInfo },
    Key { tenant: Uuid, grants: Grants, until: Option<Time>, actor: Actor },
}

impl Caller {
    fn until(&self) -> Option<Time> {
        match self {
            Self::User { until, .. } => Some(*until),
            Self::Key { until, .. } => *until,
        }
    }

    /// One answer for an unknown tenant and for one that the caller does not belong to.
    fn into_scope(self, app: &App, tenant: Uuid) -> Result<Scope, Error> {
        let stranger = || Error::Forbidden("you do not belong to this tenant".to_owned());
        let now = Time::now();
        match self {
            Self::User { user, request, .. } => {
                let ask = || app.store.get(|tx| tx.grants(tenant, user.id));
                let grants = app.grants.get(&app.store, (tenant, user.id), ask)?.ok_or_else(stranger)?;
                Ok(Scope { tenant, actor: user_actor(&user, request), grants, now })
            }
            Self::Key { tenant: own, grants, actor, .. } if own == tenant => Ok(Scope { tenant, actor, grants, now }),
            Self::Key { .. } => Err(stranger()),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let request = request_info(parts);
        let missing = Error::Unauthenticated(TokenProblem::Missing);
        let header = parts.headers.get(AUTHORIZATION).ok_or(missing)?;
        let invalid = || Error::Unauthenticated(TokenProblem::Invalid);
        let (scheme, token) = header.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(invalid)?;
        let token = token.trim();
        let is_key = scheme.eq_ignore_ascii_case("api_key") || token.starts_with("jet_");
        if is_key {
            return by_key(app, token, request);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(invalid());
        }
        let (user, until) = app.identity.authenticate_until(token).await?;
        Ok(Self::User { user, until, request })
    }
}

fn by_key(app: &App, key: &str, request: RequestInfo) -> Result<Caller, Error> {
    let now = Time::now();
    let holder = app.store.get(|tx| tx.key_holder(&hash_secret(key)))?;
    let holder = holder.ok_or(Error::Unauthenticated(TokenProblem::Invalid))?;
    if holder.expires_at.is_some_and(|at| at < now) {
        return Err(Error::Unauthenticated(TokenProblem::Expired));
    }
    if holder.last_used_at.is_none_or(|at| at.plus(std::time::Duration::from_mins(1)) < now) {
        let store = Arc::clone(&app.store);
        tokio::spawn(async move {
            if let Err(error) = store.write(move |tx| tx.touch_api_key(holder.tenant, holder.id, now)).await {
                tracing::warn!(%error, "the use of an API key was not noted");
            }
        });
    }
    let actor = Actor { kind: ActorKind::ApiKey, id: holder.id, label: holder.name.into(), request };
    Ok(Caller::Key { tenant: holder.tenant, grants: holder.grants, until: holder.expires_at, actor })
}

fn user_actor(user: &User, request: RequestInfo) -> Actor {
    Actor { kind: ActorKind::User, id: user.id, label: user.email.as_str().into(), request }
}

/// Which request it is, and where it came from.
pub fn request_info(parts: &Parts) -> RequestInfo {
    RequestInfo {
        id: parts.extensions.get::<RequestId>().map(|id| Arc::clone(&id.0)),
        address: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip()),
    }
}

/// Someone with an account, whatever the tenant.
pub struct SignedIn {
    pub user: Arc<User>,
    request: RequestInfo,
}

impl SignedIn {
    /// The user acting in `tenant` with `grants`, for acts that make the membership themselves.
    pub fn scope(&self, tenant: Uuid, grants: Grants) -> Scope {
        Scope { tenant, actor: user_actor(&self.user, self.request.clone()), grants, now: Time::now() }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        match Caller::from_request_parts(parts, app).await? {
            Caller::User { user, request, .. } => {
                parts.extensions.insert(Sender(Owner::Account(user.id)));
                Ok(Self { user, request })
            }
            Caller::Key { .. } => Err(Error::Forbidden("an API key has no account: sign in as a person".to_owned())),
        }
    }
}

impl<N: Noun, V: Verb> OperationInput for Permit<N, V> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_id(ctx, operation, "tenantID");
        documented::tenant_header(ctx, operation);
        documented::security(operation);
        operation.extensions.insert("x-permission".to_owned(), format!("{}:{}", N::NAME, V::NAME).into());
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::Answers {
        documented::errors(ctx, &[400, 401, 403])
    }
}

impl OperationInput for SignedIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        documented::security(operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::Answers {
        documented::errors(ctx, &[401, 403])
    }
}
