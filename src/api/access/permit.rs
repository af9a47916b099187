//! Permissions as extractors: a handler with a `Permit<N, V>` parameter cannot run without that permission.
use super::{grants::key_standing, live::Leash};
use crate::{
    Error,
    api::{
        App,
        edge::request_info,
        requests::{
            body::RequestSender,
            extract::{Concealed, undecodable},
        },
        responses::documented,
    },
    auth::{Bearer, Claims, hash_secret},
    budget::MemoryOwner,
    clock::Time,
    error::TokenProblem,
    model::{
        AccessLevel, Actor, ActorKind, DashboardAccess, Grants, Permission, RequestInfo, Resource, Scope, Standing,
        permission::{Noun, Verb},
    },
    store::User,
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use std::{marker::PhantomData, sync::Arc};
use uuid::Uuid;

/// What a permission is about.
pub trait Subject: 'static {
    const NOUN: Noun;
}
impl<R: Resource> Subject for R {
    const NOUN: Noun = R::KIND.noun;
}

/// What a permission allows.
pub trait Deed: 'static {
    const VERB: Verb;
    /// Other verbs that are required as well; of the verbs in one list, one is enough.
    const ALSO: &'static [&'static [Verb]] = &[];
    /// What someone needs to be allowed on the dashboard that the record in the path is, or belongs to.
    const LEVEL: AccessLevel = match Self::VERB {
        Verb::List | Verb::Read => AccessLevel::View,
        Verb::Use | Verb::Execute => AccessLevel::Use,
        _ => AccessLevel::Edit,
    };
}

macro_rules! deeds {
    ($($(#[$meta:meta])* $word:ident = $verb:ident $(and [$([$($also:ident),+]),+])?),* $(,)?) => {
        $($(#[$meta])* pub struct $word; impl Deed for $word {
            const VERB: Verb = Verb::$verb;
            $(const ALSO: &'static [&'static [Verb]] = &[$(&[$(Verb::$also),+]),+];)?
        })*
    };
}
deeds! {
    List = List,
    Read = Read,
    Create = Create,
    Update = Update,
    Delete = Delete,
    Execute = Execute,
    Test = Test,
    /// Running what is on a dashboard requires the permission to see it.
    Use = Use and [[Read]],
    /// Sharing a record requires the permission to read it.
    Share = Share and [[Read]],
    /// A clone reveals the original and creates a record.
    Clone = Clone and [[Read], [Create]],
    /// An unsaved connection can reach any destination, so testing one requires the permission to save one.
    TryConnection = Test and [[Create]],
    /// An unsaved query can do anything, so running one requires the permissions to save and to execute one.
    TryQuery = Create and [[Execute]],
    /// An unsaved graph can do anything, so running one requires the permission to save one.
    TryGraph = Execute and [[Create, Update]],
}

/// Subjects that are not plain resources.
pub mod nouns {
    use super::{Noun, Subject};

    macro_rules! subjects {
        ($($subject:ident),*) => {$(
            pub struct $subject;

            impl Subject for $subject {
                const NOUN: Noun = Noun::$subject;
            }
        )*};
    }
    subjects!(Tenant, Member, ApiKey, Audit);
}

/// Proof that the caller may do `V` to `N` in the scope's tenant.
pub struct Permit<N, V> {
    pub scope: Scope,
    /// When the caller's API key expires.
    until: Option<Time>,
    /// The claims of a user's token.
    claims: Option<Arc<Claims>>,
    needs: PhantomData<fn() -> (N, V)>,
}

impl<N, V> Permit<N, V> {
    /// Returns a leash that ends a long-lived response when the caller loses access.
    pub fn leash(&self, app: &App) -> Leash {
        Leash::new(app, &self.scope, self.claims.clone(), self.until)
    }
}

impl<N: Subject, V: Deed> FromRequestParts<App> for Permit<N, V> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let path = RawPathParams::from_request_parts(parts, app).await.map_err(undecodable)?;
        let tenant = path.iter().find(|(name, _)| *name == "tenantID").map(|(_, value)| value).unwrap_or_default();
        let tenant = tenant_of(&parts.headers, tenant, &caller)?;
        let (until, claims) = caller.bounds();
        let scope = caller.into_scope(app, tenant)?;
        check::<N, V>(&scope)?;
        let concealed = concealed(app, &scope, &path, V::LEVEL)?;
        parts.extensions.insert(concealed);
        parts.extensions.insert(RequestSender(MemoryOwner::Tenant(tenant)));
        Ok(Self { scope, until, claims, needs: PhantomData })
    }
}

/// Checks the caller's level on the dashboards of all records that the path names. Returns those that the caller may not
/// know of: for the handler, they have an ID that nothing has.
///
/// # Errors
/// `Forbidden` if the caller may open the dashboard, but not do this there.
fn concealed(app: &App, scope: &Scope, path: &RawPathParams, level: AccessLevel) -> Result<Concealed, Error> {
    let mut concealed = Concealed::default();
    if scope.dashboards.is_unlimited() {
        return Ok(concealed);
    }
    for id in path.iter().filter_map(|(_, value)| Uuid::parse_str(value).ok()) {
        let Some(dashboard) = app.store.get(|tx| tx.dashboard_of(scope.tenant, id))? else { continue };
        match scope.dashboards.require(dashboard, level) {
            Err(Error::NotFound(_)) => concealed.0.push(id),
            checked => checked?,
        }
    }
    Ok(concealed)
}

/// Checks that the scope's grants allow `V` on `N`. A pair for which there is no permission does not compile.
///
/// # Errors
/// `Forbidden`, naming the missing permission.
pub fn check<N: Subject, V: Deed>(scope: &Scope) -> Result<(), Error> {
    const { assert!(exist(N::NOUN, &[V::VERB])) };
    for verbs in std::iter::once(&[V::VERB].as_slice()).chain(V::ALSO) {
        if !verbs.iter().any(|verb| scope.grants.allows(N::NOUN, *verb)) {
            let names = permissions::<N>(verbs).join(" or ");
            return Err(Error::Forbidden(format!("your role does not include {names}")));
        }
    }
    Ok(())
}

const fn exist(noun: Noun, mut verbs: &[Verb]) -> bool {
    while let [verb, others @ ..] = verbs {
        if Permission::of(noun, *verb).is_none() {
            return false;
        }
        verbs = others;
    }
    true
}

/// Returns the texts of the permissions for verbs of which one is enough.
fn permissions<N: Subject>(verbs: &[Verb]) -> Vec<String> {
    verbs.iter().filter_map(|verb| Some(Permission::of(N::NOUN, *verb)?.to_string())).collect()
}

/// Returns the tenant in the path, which the header must also name. With an API key, which has only one tenant, the
/// header is optional.
fn tenant_of(headers: &HeaderMap, path: &str, caller: &Caller) -> Result<Uuid, Error> {
    let tenant = Uuid::parse_str(path).map_err(|_| Error::InvalidTenant("the tenant in the path is not a UUID"))?;
    let header = headers.get("x-tenant-id").map(|value| value.to_str().ok().and_then(|id| Uuid::parse_str(id).ok()));
    match (header, caller) {
        (Some(Some(id)), _) if id == tenant => Ok(tenant),
        (Some(Some(_)), _) => {
            Err(Error::InvalidTenant("the header x-tenant-id names a different tenant than the path"))
        }
        (Some(None), _) => Err(Error::InvalidTenant("the header x-tenant-id is not a UUID")),
        (None, Caller::Key { .. }) => Ok(tenant),
        (None, Caller::User { .. }) => {
            Err(Error::InvalidTenant("the header x-tenant-id is missing: set it to the tenant ID from the path"))
        }
    }
}

/// The sender of a request, before the tenant is determined.
enum Caller {
    User { bearer: Bearer, request: RequestInfo },
    Key { tenant: Uuid, standing: Standing, until: Option<Time>, actor: Actor },
}

impl Caller {
    /// Returns what limits a long-lived response: the expiry of an API key, or the claims of a token.
    fn bounds(&self) -> (Option<Time>, Option<Arc<Claims>>) {
        match self {
            Self::User { bearer, .. } => (None, Some(Arc::clone(&bearer.claims))),
            Self::Key { until, .. } => (*until, None),
        }
    }

    /// Determines the scope. Responds the same for an unknown tenant and for one that the caller is not a member of.
    fn into_scope(self, app: &App, tenant: Uuid) -> Result<Scope, Error> {
        let stranger = || Error::Forbidden("you are not a member of this tenant".to_owned());
        let now = Time::now();
        match self {
            Self::User { bearer: Bearer { user, .. }, request } => {
                let Standing { grants, dashboards } = app.standing_of(tenant, user.id)?.ok_or_else(stranger)?;
                Ok(Scope { tenant, actor: user_actor(&user, request), grants, dashboards, now })
            }
            Self::Key { tenant: own, standing: Standing { grants, dashboards }, actor, .. } if own == tenant => {
                Ok(Scope { tenant, actor, grants, dashboards, now })
            }
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
        let bearer = app.identity.bearer(token).await?;
        Ok(Self::User { bearer, request })
    }
}

fn by_key(app: &App, key: &str, request: RequestInfo) -> Result<Caller, Error> {
    let now = Time::now();
    let holder = app.store.get(|tx| tx.key_holder(&hash_secret(key)))?;
    let holder = holder.ok_or(Error::Unauthenticated(TokenProblem::Invalid))?;
    if holder.expires_at.is_some_and(|at| at < now) {
        return Err(Error::Unauthenticated(TokenProblem::Expired));
    }
    let standing = key_standing(app, &holder)?.ok_or(Error::Unauthenticated(TokenProblem::Invalid))?;
    if holder.last_used_at.is_none_or(|at| at.plus(std::time::Duration::from_mins(1)) < now) {
        let store = Arc::clone(&app.store);
        tokio::spawn(async move {
            if let Err(error) = store.write(move |tx| tx.touch_api_key(holder.tenant, holder.id, now)).await {
                tracing::warn!(%error, "could not record the use of an API key");
            }
        });
    }
    let actor = Actor { kind: ActorKind::ApiKey, id: holder.id, label: holder.name.into(), request };
    Ok(Caller::Key { tenant: holder.tenant, standing, until: holder.expires_at, actor })
}

fn user_actor(user: &User, request: RequestInfo) -> Actor {
    Actor { kind: ActorKind::User, id: user.id, label: user.email.as_str().into(), request }
}

/// A signed-in user, independent of a tenant.
pub struct SignedIn {
    pub user: Arc<User>,
    request: RequestInfo,
}

impl SignedIn {
    /// Returns a scope for the user in `tenant` with `grants`, for actions that create the membership.
    pub fn scope(&self, tenant: Uuid, grants: Grants) -> Scope {
        let (actor, dashboards) = (user_actor(&self.user, self.request.clone()), DashboardAccess::default());
        Scope { tenant, actor, grants, dashboards, now: Time::now() }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        match Caller::from_request_parts(parts, app).await? {
            Caller::User { bearer: Bearer { user, .. }, request } => {
                parts.extensions.insert(RequestSender(MemoryOwner::Account(user.id)));
                Ok(Self { user, request })
            }
            Caller::Key { .. } => {
                Err(Error::Forbidden("API keys cannot be used here: sign in with an account".to_owned()))
            }
        }
    }
}

impl<N: Subject, V: Deed> OperationInput for Permit<N, V> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_id(ctx, operation, "tenantID");
        documented::tenant_header(ctx, operation);
        documented::security(operation);
        operation.extensions.insert("x-permission".to_owned(), permissions::<N>(&[V::VERB]).concat().into());
        if !V::ALSO.is_empty() {
            let also: Vec<_> = V::ALSO.iter().map(|verbs| permissions::<N>(verbs).join("|")).collect();
            operation.extensions.insert("x-permission-also".to_owned(), also.into());
        }
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 401, 403])
    }
}

impl OperationInput for SignedIn {
    fn operation_input(_: &mut GenContext, operation: &mut Operation) {
        documented::security(operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[401, 403])
    }
}
