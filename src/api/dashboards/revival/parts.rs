//! The widgets and queries of a dashboard that get their settings of an earlier version with it.
use crate::{
    Result,
    api::{
        App,
        records::{
            crud::Crud,
            lend,
            steps::{self, UnsavedQueries},
            trash::{RestoredRecord, require},
        },
    },
    model::{DataQuery, Label, Resource, Scope, Widget, permission::Verb},
    store::{DeletedRecord, PartVersion, Tx},
};
use uuid::Uuid;

/// The widgets and queries with other settings now than at an earlier version.
#[derive(Default)]
pub struct EarlierParts {
    queries: Vec<EarlierPart<DataQuery>>,
    widgets: Vec<EarlierPart<Widget>>,
}

/// A record with its settings of an earlier version.
struct EarlierPart<R> {
    id: Uuid,
    label: Label,
    spec: R,
}

impl EarlierParts {
    /// Selects those of `parts` that differ from the present ones on the dashboard, or that are among `trashed`, which
    /// come out of the trash. Each is checked as a change is.
    pub fn of(
        app: &App,
        scope: &Scope,
        dashboard: Uuid,
        parts: &[PartVersion],
        trashed: &[DeletedRecord],
    ) -> Result<Self> {
        let returning: Vec<Uuid> = trashed.iter().map(|record| record.id).collect();
        let unsaved = UnsavedQueries::default();
        let queries = select::<DataQuery>(app, scope, dashboard, (parts, &returning), &unsaved)?;
        let unsaved = UnsavedQueries(queries.iter().map(|query| (query.id, query.spec.clone())).collect());
        let widgets = select::<Widget>(app, scope, dashboard, (parts, &returning), &unsaved)?;
        Ok(Self { queries, widgets })
    }

    /// Lists them.
    pub fn records(&self) -> Vec<RestoredRecord> {
        let widgets = self.widgets.iter().map(|one| RestoredRecord::new(one.id, &Widget::KIND, one.label.name.clone()));
        let queries =
            self.queries.iter().map(|one| RestoredRecord::new(one.id, &DataQuery::KIND, one.label.name.clone()));
        widgets.chain(queries).collect()
    }

    /// Writes them, after what comes out of the trash was restored. The links between them may go in every direction, so
    /// they are saved when all records are.
    pub fn restore(&self, tx: &Tx<'_>, scope: &Scope, dashboard: Uuid) -> Result<()> {
        let queries = write(tx, scope, dashboard, &self.queries)?;
        let widgets = write(tx, scope, dashboard, &self.widgets)?;
        queries.into_iter().try_for_each(|id| tx.connect(scope, &tx.find::<DataQuery>(scope, id)?))?;
        widgets.into_iter().try_for_each(|id| tx.connect(scope, &tx.find::<Widget>(scope, id)?))
    }
}

fn select<R: Crud>(
    app: &App,
    scope: &Scope,
    dashboard: Uuid,
    (parts, returning): (&[PartVersion], &[Uuid]),
    unsaved: &UnsavedQueries,
) -> Result<Vec<EarlierPart<R>>> {
    let mut found = Vec::new();
    for part in parts.iter().filter(|part| part.kind.noun == R::KIND.noun) {
        let present = if part.is_deleted { None } else { Some(app.store.get(|tx| tx.find::<R>(scope, part.id))?) };
        let is_wanted = match &present {
            None => returning.contains(&part.id),
            // it may belong to another dashboard now, or to the library
            Some(present) => present.version != part.version && present.spec.dashboard() == Some(dashboard),
        };
        if !is_wanted {
            continue;
        }
        let spec: R = part.fields()?;
        let is_same = present.as_ref().is_some_and(|present| {
            present.label == part.label && serde_json::to_value(&present.spec).ok() == serde_json::to_value(&spec).ok()
        });
        if is_same {
            continue;
        }
        let old = present.as_ref().map(|present| &present.spec);
        let (label, spec) = steps::rechecked(app, scope, part.id, (part.label.clone(), &spec), old, unsaved)?;
        found.push(EarlierPart { id: part.id, label, spec });
    }
    Ok(found)
}

/// Returns the IDs of the written records.
fn write<R: Crud>(tx: &Tx<'_>, scope: &Scope, dashboard: Uuid, parts: &[EarlierPart<R>]) -> Result<Vec<Uuid>> {
    if !parts.is_empty() {
        require(scope, &R::KIND, Verb::Update)?;
    }
    for EarlierPart { id, label, spec } in parts {
        let old = tx.find::<R>(scope, *id)?;
        lend::check_users(scope, tx, *id, spec, &old.spec)?;
        let mut label = label.clone();
        // another record has got its name since
        if label.name != old.label.name && tx.is_named::<R>(scope, Some(dashboard), &label.name)? {
            label.name.clone_from(&old.label.name);
        }
        tx.disconnect(scope, *id)?;
        tx.rewrite(scope, old, label, spec.clone(), true)?;
    }
    Ok(parts.iter().map(|part| part.id).collect())
}
