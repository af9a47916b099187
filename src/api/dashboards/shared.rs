//! Shared dashboards: visitors with a share link see the dashboard, and nothing else of its tenant.
use super::{
    AnswerContent, DashboardDataRequest, EventPayload, Events, answers,
    choices::choices,
    failed, offered,
    parameters::is_personal,
    shown,
    values::{VariableRules, settle, variables},
};
use crate::{
    Error, Result,
    api::{
        App,
        access::{grants::find_share, live::Leash},
        edge::request_info,
        requests::extract::{OptionalBody, path_text},
        responses::{documented, problem::StreamFailure},
    },
    auth::hash_secret,
    clock::Time,
    model::{
        Actor, ActorKind, Dashboard, DashboardAccess, Grants, Record, Scope, Widget,
        dashboard::{Breakpoint, DashboardVariable, Item, LayoutCell, Tab, VariableType, check_values},
        share::SharedView,
        widget::condition::RowCondition,
    },
    store::{Share, SharedWith},
};
use aide::{
    OperationInput,
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use chrono::DateTime;
use chrono_tz::Tz;
use futures_util::stream;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

/// The parts of a dashboard that visitors see.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SharedDashboard {
    name: String,
    description: String,
    /// Tabs with at least one visible item.
    tabs: Vec<Tab>,
    items: Vec<SharedItem>,
    layouts: BTreeMap<Breakpoint, Vec<LayoutCell>>,
    /// Variables that visitors can set.
    variables: Vec<SharedVariable>,
    /// Locked values that the items' texts contain.
    fixed: Map<String, Value>,
    /// How the variables of `fixed` are shown.
    locked: Vec<LockedVariable>,
    refresh_seconds: u32,
    /// IANA time zone of days and periods; that of the visitor if absent.
    time_zone: Option<String>,
}

/// A variable, without the query for its choices, which come with the data.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SharedVariable {
    name: String,
    r#type: VariableType,
    label: Option<String>,
    default: Value,
    options: Vec<String>,
    /// Whether it is not shown in the filter bar.
    hidden: bool,
    /// Whether the choices come with the data instead of from `options`.
    choices_follow: bool,
    /// The names of the variables that decide which choices there are.
    depends_on: Vec<String>,
}

/// A variable whose value visitors see but cannot set.
#[derive(Serialize, JsonSchema)]
struct LockedVariable {
    name: String,
    r#type: VariableType,
    label: Option<String>,
}

impl SharedVariable {
    fn of(variable: DashboardVariable, locked: &Map<String, Value>) -> Self {
        let mut depends_on = variable.depends_on();
        depends_on.retain(|name| !locked.contains_key(name));
        let DashboardVariable { name, r#type, label, default, options, source, hidden } = variable;
        Self { name, r#type, label, default, options, hidden, choices_follow: source.is_some(), depends_on }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SharedItem {
    key: String,
    /// The key of the tab that it is on.
    tab: Option<String>,
    /// Whether it is shown only in a drawer that a selected row opens.
    drawer: bool,
    /// Shown only if all these conditions are met. They compare variables that visitors can set.
    when: Vec<RowCondition>,
    title: String,
    r#type: String,
    /// The settings for the display, without those about the source of the data.
    config: Map<String, Value>,
    /// Whether the item has data.
    has_data: bool,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/shared/{token}",
            get_with(show, |op| op.id("shared.get").summary("Get a shared dashboard").tag("shared")),
        )
        .api_route(
            "/shared/{token}/data",
            post_with(data, |op| {
                let op = op.id("shared.data").summary("Stream the data of all widgets on a shared dashboard");
                op.tag("shared").with(documented::asks)
            }),
        )
}

/// A visitor with a share link.
struct Visitor {
    scope: Scope,
    share: Share,
    dashboard: Record<Dashboard>,
    /// The hash of the link's secret.
    hash: String,
}

async fn show(State(app): State<App>, visitor: Visitor) -> Result<Json<SharedDashboard>> {
    let Visitor { scope, share, dashboard, .. } = visitor;
    let shown = SharedView::new(&share.variables);
    let (mut items, mut named) = (Vec::new(), HashSet::new());
    let found = |item: &Item| Some((item.clone(), app.store.get(|tx| tx.find::<Widget>(&scope, item.widget_id)).ok()?));
    let mut widgets: Vec<_> = dashboard.spec.items.iter().filter_map(found).collect();
    widgets.retain(|(item, widget)| shown.of(&widget.spec).is_some() && shown.may_show(item));
    let keys = widgets.iter().rev().map(|(item, _)| (item.widget_id, item.key.as_str())).collect();
    for (item, widget) in &widgets {
        let Some(visible) = shown.of(&widget.spec) else { continue };
        named.extend(visible.variables.iter().map(|name| (*name).to_owned()));
        let title = item.title.clone().filter(|title| !title.is_empty()).unwrap_or_else(|| widget.label.name.clone());
        items.push(SharedItem {
            key: item.key.clone(),
            tab: item.tab.clone(),
            drawer: item.drawer,
            when: shown.conditions(item),
            title,
            has_data: widget.spec.source()?.is_some(),
            config: shown.config(&widget.spec, &visible, &keys),
            r#type: widget.spec.type_name().to_owned(),
        });
    }
    let Dashboard { mut tabs, mut layouts, variables, refresh_seconds, time_zone, .. } = dashboard.spec;
    tabs.retain(|tab| items.iter().any(|item| item.tab.as_ref() == Some(&tab.key)));
    for cells in layouts.values_mut() {
        cells.retain(|cell| items.iter().any(|item| item.key == cell.i));
    }
    let fixed = shown.locked_values(&named);
    let locked = variables.iter().filter(|known| fixed.contains_key(&known.name));
    let locked = locked
        .map(|known| LockedVariable { name: known.name.clone(), r#type: known.r#type, label: known.label.clone() })
        .collect();
    Ok(Json(SharedDashboard {
        name: dashboard.label.name,
        description: dashboard.label.description,
        tabs,
        layouts,
        variables: variables
            .into_iter()
            .filter(|known| !share.variables.contains_key(&known.name))
            .map(|variable| SharedVariable::of(variable, &share.variables))
            .collect(),
        fixed,
        locked,
        refresh_seconds,
        time_zone,
        items,
    }))
}

async fn data(
    State(app): State<App>,
    visitor: Visitor,
    OptionalBody(body): OptionalBody<DashboardDataRequest>,
) -> Result<Events> {
    let Visitor { scope, share, dashboard, hash } = visitor;
    let leash = Leash::visitor(&app, hash, share.expires_at);
    body.check_tab(&dashboard.spec)?;
    // visitors cannot set locked variables
    let free: Vec<DashboardVariable> =
        dashboard.spec.variables.iter().filter(|known| !share.variables.contains_key(&known.name)).cloned().collect();
    let rules = VariableRules {
        declared: Cow::from(&free),
        locked: share.variables.clone(),
        now: dashboard.spec.local(scope.now),
    };
    let variables = settle(&app, &scope, &rules, body.variables.clone()).await.map_err(|error| match error {
        Error::Invalid(_) => error,
        // visitors must not see the errors of a datasource
        _ => Error::Unavailable("the choices of a variable could not be loaded: try again later"),
    })?;
    let visible = SharedView::new(&share.variables);
    let mut items = shown(&app, &scope, &dashboard.spec, &variables)?;
    items.retain(|item| item.widget.as_ref().is_ok_and(|widget| visible.of(widget).is_some()));
    let widgets: HashMap<String, Widget> =
        items.iter().filter_map(|item| Some((item.key.clone(), item.widget.as_ref().ok()?.clone()))).collect();
    let request = scope.actor.request.id.clone();
    let choices = choices(app.clone(), scope.clone(), body.choices(&free)?, &variables);
    let answers = answers(app, scope, items, &variables, &body).await?;
    Ok(Events::of(leash, stream::select(choices, answers), move |key, outcome| match outcome {
        Ok(AnswerContent::Choices(offer)) => offered(key, offer),
        // only the columns that the widget shows
        Ok(AnswerContent::Data(result)) => {
            let drawn = result.as_ref().zip(widgets.get(key)).map(|(result, widget)| result.drawn(widget));
            EventPayload::text(key, drawn.transpose()?.as_ref().map(|(result, _)| result))
        }
        Err(failure) => Ok(failed(key, &outside(failure), request.as_deref())),
    }))
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let request = request_info(parts);
        app.visits.admit_address(request.address)?;
        let token = path_text(parts, app, "token").await.map_err(|_| unknown())?;
        let hash = hash_secret(&token);
        let SharedWith { tenant, dashboard, mut share } = find_share(app, &hash)?.ok_or_else(unknown)?;
        app.visits.admit_link(share.id)?;
        let now = Time::now();
        let actor = Actor { kind: ActorKind::Share, id: share.id, label: Arc::from("share link"), request };
        let dashboards = DashboardAccess::default();
        let scope = Scope { tenant, actor, grants: Grants::default(), dashboards, now };
        let dashboard = app.store.get(|tx| tx.find::<Dashboard>(&scope, dashboard)).map_err(|_| unknown())?;
        // a locked value that is no longer valid would let the visitor see everything
        check_values(&dashboard.spec.variables, &share.variables).map_err(|_| unknown())?;
        share.variables = settled(&dashboard.spec.variables, share.variables, dashboard.spec.local(scope.now))?;
        touch(app, &scope, &share);
        Ok(Self { scope, share, dashboard, hash })
    }
}

/// Returns the locked values, with relative ranges resolved at `now`.
fn settled(declared: &[DashboardVariable], fixed: Map<String, Value>, now: DateTime<Tz>) -> Result<Map<String, Value>> {
    let declared: Vec<DashboardVariable> =
        declared.iter().filter(|known| fixed.contains_key(&known.name)).cloned().collect();
    variables(&declared, fixed, now)
}

/// Returns what visitors may see of an error: not the message of a datasource, nor code from a widget's settings.
fn outside(failure: &StreamFailure) -> StreamFailure {
    let path = failure.missing.as_deref().map(|path| if is_personal(path) { "user" } else { path });
    let is_plain = |path: &&str| path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let message = match path {
        Some("user") => "This widget shows data of the person who is signed in: open the dashboard in the app.",
        Some(_) => "This widget waits for a value of a variable.",
        None => "The data of this widget could not be loaded.",
    };
    let missing = path.filter(is_plain).map(str::to_owned);
    StreamFailure { code: failure.code, message: message.to_owned(), missing }
}

fn unknown() -> Error {
    Error::NotFound("shared dashboard")
}

/// Returns the origins that may embed the page of a share link; empty for an unknown link.
pub fn embedders(app: &App, token: &str) -> Vec<String> {
    find_share(app, &hash_secret(token)).ok().flatten().map(|found| found.share.allowed_origins).unwrap_or_default()
}

fn touch(app: &App, scope: &Scope, share: &Share) {
    if share.last_used_at.is_some_and(|at| at.plus(Duration::from_mins(1)) >= scope.now) {
        return;
    }
    let (store, tenant, id, now) = (Arc::clone(&app.store), scope.tenant, share.id, scope.now);
    tokio::spawn(async move {
        if let Err(error) = store.write(move |tx| tx.touch_share(tenant, id, now)).await {
            tracing::warn!(%error, "could not record the use of a share link");
        }
    });
}

impl OperationInput for Visitor {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "token", &json!({"type": "string"}));
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[404, 429])
    }
}
