//! How dashboards are shown, and cloned with what belongs to them.
use crate::{
    Error, Result,
    api::{
        App,
        dashboards::{parameters::person, writing},
        records::{
            crud::{Crud, NewClone},
            lend,
            steps::UnsavedQueries,
        },
    },
    model::{
        Dashboard, DataQuery, Record, Resource, Scope, Widget, dashboard::Item, parse, permission::Verb,
        relink::relinked,
    },
    store::Tx,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

impl Crud for Dashboard {
    const STORED_WITHOUT: Option<&'static [&'static str]> = Some(Self::OMITTED_IN_LISTS);

    /// Adds the widgets. Of those that no item shows to this person, the config is left out, unless the caller may read
    /// all widgets.
    fn present(app: &App, scope: &Scope, wire: &mut Map<String, Value>, whole: bool) -> Result<()> {
        let Some(items) = wire.get("items").and_then(Value::as_array).filter(|_| whole) else { return Ok(()) };
        let reads_all = scope.grants.allows(Widget::KIND.noun, Verb::Read);
        let user = if reads_all { Value::Null } else { person(app, scope)? };
        let mut shown: BTreeMap<Uuid, bool> = BTreeMap::new();
        for item in items {
            let Some(id) = item["widgetID"].as_str().and_then(|id| Uuid::parse_str(id).ok()) else { continue };
            let is_for = || parse::from_value::<Item>(item.clone(), "items").map(|item| item.is_for(&user));
            *shown.entry(id).or_default() |= reads_all || is_for()?;
        }
        let widget = |tx: &Tx<'_>, (id, is_shown): (&Uuid, &bool)| -> Result<Value> {
            let mut widget = tx.find::<Widget>(scope, *id)?.to_wire()?;
            if !is_shown {
                widget.insert("config".into(), json!({}));
            }
            Ok(Value::Object(widget))
        };
        let widgets = app.store.get(|tx| shown.iter().map(|one| widget(tx, one)).collect::<Result<Vec<_>>>())?;
        wire.insert("widgets".into(), widgets.into());
        Ok(())
    }

    fn check_source(app: &App, scope: &Scope, spec: &Self, unsaved: &UnsavedQueries) -> Result<()> {
        writing::check_variables(app, scope, spec, unsaved)
    }

    fn store_clone(scope: &Scope, tx: &Tx<'_>, source: Uuid, clone: NewClone<Self>) -> Result<Record<Self>> {
        store(scope, tx, source, clone)
    }
}

/// Stores a clone of the dashboard `source`, and clones of the widgets and queries that belong to it. The clones link
/// to each other.
///
/// # Errors
/// `Forbidden` if the caller may not create one of them; those of [`Tx::insert`].
fn store(scope: &Scope, tx: &Tx<'_>, source: Uuid, clone: NewClone<Dashboard>) -> Result<Record<Dashboard>> {
    let (widgets, queries) = (tx.belonging::<Widget>(scope, source)?, tx.belonging::<DataQuery>(scope, source)?);
    let mut ids: HashMap<Uuid, Uuid> = widgets.iter().chain(&queries).map(|id| (*id, Uuid::now_v7())).collect();
    // what opened the dashboard itself opens the clone
    ids.insert(source, clone.id);
    let queries = place::<DataQuery>(scope, tx, &queries, &ids, clone.id)?;
    let widgets = place::<Widget>(scope, tx, &widgets, &ids, clone.id)?;
    let dashboard = tx.place(scope, clone.id, clone.label, relinked(&clone.spec, &ids)?)?;
    tx.copy_dashboard_access(scope, source, clone.id)?;
    queries.iter().try_for_each(|query| tx.connect(scope, query))?;
    widgets.iter().try_for_each(|widget| tx.connect(scope, widget))?;
    tx.connect(scope, &dashboard)?;
    Ok(dashboard)
}

fn place<R: Crud>(
    scope: &Scope,
    tx: &Tx<'_>,
    originals: &[Uuid],
    ids: &HashMap<Uuid, Uuid>,
    dashboard: Uuid,
) -> Result<Vec<Record<R>>> {
    if !originals.is_empty() && !scope.grants.allows(R::KIND.noun, Verb::Create) {
        let (label, name) = (R::KIND.label, R::KIND.name());
        return Err(Error::Forbidden(format!(
            "what belongs to the dashboard is cloned, too: your role needs {name}:create to clone its {label}"
        )));
    }
    let place = |id: &Uuid| {
        let Record { label, spec, .. } = tx.find::<R>(scope, *id)?;
        lend::check(scope, &spec, None)?;
        R::check_author(scope, &spec, None)?;
        let mut spec = relinked(&spec, ids)?;
        spec.set_dashboard(Some(dashboard));
        spec.check()?;
        tx.place(scope, ids.get(id).copied().unwrap_or_else(Uuid::now_v7), label, spec)
    };
    originals.iter().map(place).collect()
}
