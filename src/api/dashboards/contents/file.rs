//! The file that a dashboard is exported to and imported from: with its widgets and queries, and without secrets.
use super::{
    DashboardContents,
    parts::{MOST, check_count},
};
use crate::{
    Error, Result,
    api::records::{
        crud::Crud,
        file::{self, ImportedIds, UsedRecord, VERSION, check_head, check_uses, fields, targets, uses_of},
        wire::{self, Part, SplitBody},
    },
    model::{Dashboard, DataQuery, Label, Record, Resource, Scope, Widget, parse},
    store::Tx,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

const FORMAT: &str = "jet-admin/dashboard";

/// A dashboard with the widgets and queries that belong to it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardFile {
    /// Always `jet-admin/dashboard`.
    format: String,
    /// The version of the format: 1.
    version: u64,
    /// The ID of the dashboard, to which its widgets may refer.
    id: Uuid,
    dashboard: Map<String, Value>,
    #[schemars(length(max = 200))]
    widgets: Vec<Map<String, Value>>,
    #[schemars(length(max = 200))]
    queries: Vec<Map<String, Value>>,
    /// What it uses besides: datasources, and records of the library.
    #[schemars(length(max = 1000))]
    uses: Vec<UsedRecord>,
}

/// The name and the type of a widget or a query in a file.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportedPart")]
pub struct PartSummary {
    name: String,
    r#type: Option<String>,
}

impl DashboardFile {
    /// Reads a dashboard and what belongs to it.
    pub fn of(tx: &Tx<'_>, scope: &Scope, id: Uuid) -> Result<Self> {
        let dashboard = tx.find::<Dashboard>(scope, id)?;
        let (widgets, queries) = in_use(&dashboard.spec, belonging(tx, scope, id)?, belonging(tx, scope, id)?);
        let seen: HashSet<Uuid> =
            [id].into_iter().chain(widgets.iter().map(|one| one.id)).chain(queries.iter().map(|one| one.id)).collect();
        let mut targets: Vec<Uuid> = targets(&dashboard.spec);
        targets.extend(widgets.iter().flat_map(|widget| file::targets(&widget.spec)));
        targets.extend(queries.iter().flat_map(|query| file::targets(&query.spec)));
        let uses = uses_of(tx, scope, targets, seen)?;
        Ok(Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            id,
            dashboard: fields(&dashboard, false)?,
            widgets: widgets.iter().map(|widget| fields(widget, true)).collect::<Result<_>>()?,
            queries: queries.iter().map(|query| fields(query, true)).collect::<Result<_>>()?,
            uses,
        })
    }

    /// Reads a file, after checking its format and version.
    pub fn read(file: Map<String, Value>) -> Result<Self> {
        check_head(&file, FORMAT, Dashboard::KIND.label)?;
        let file: Self = parse::from_value(Value::Object(file), "file")?;
        check_count("file.widgets", file.widgets.len(), MOST)?;
        check_count("file.queries", file.queries.len(), MOST)?;
        check_uses(&file.uses)?;
        Ok(file)
    }

    pub fn name(&self) -> &str {
        self.dashboard.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    pub fn widgets(&self) -> Vec<PartSummary> {
        self.widgets.iter().map(PartSummary::of).collect()
    }

    pub fn queries(&self) -> Vec<PartSummary> {
        self.queries.iter().map(PartSummary::of).collect()
    }

    pub fn uses(&self) -> &[UsedRecord] {
        &self.uses
    }

    /// Returns the new dashboard `id` with new widgets and queries. `targets` are the records of this tenant to use, by
    /// the IDs in the file. Items with a library widget that has no target are left out.
    ///
    /// # Errors
    /// `Invalid` for a record that has no target and that something cannot exist without.
    pub fn contents(self, id: Uuid, name: Option<String>, targets: &BTreeMap<Uuid, Uuid>) -> Result<DashboardContents> {
        let mut ids: HashMap<Uuid, Uuid> = targets.iter().map(|(from, to)| (*from, *to)).collect();
        ids.insert(self.id, id);
        let queries = named(self.queries, "file.queries", &mut ids)?;
        let widgets = named(self.widgets, "file.widgets", &mut ids)?;
        let names: HashMap<Uuid, &UsedRecord> = self.uses.iter().map(|one| (one.id, one)).collect();
        let import = ImportedIds { ids: &ids, names: &names };
        let queries = queries.into_iter().map(|part| self::part::<DataQuery>(&import, part)).collect::<Result<_>>()?;
        let widgets = widgets.into_iter().map(|part| self::part::<Widget>(&import, part)).collect::<Result<_>>()?;
        let mut dashboard = self.dashboard;
        dashboard.extend(name.map(|name| ("name".to_owned(), name.into())));
        let dashboard = self::dashboard(&import, dashboard)?;
        Ok(DashboardContents::new(dashboard, widgets, queries))
    }
}

impl PartSummary {
    fn of(fields: &Map<String, Value>) -> Self {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        Self { name: text("name").unwrap_or_default(), r#type: text("type") }
    }
}

/// A widget or a query of a file, with its path and its new ID.
struct FilePart {
    at: String,
    id: Uuid,
    fields: Map<String, Value>,
}

/// Gives each record a new ID.
fn named(parts: Vec<Map<String, Value>>, at: &str, ids: &mut HashMap<Uuid, Uuid>) -> Result<Vec<FilePart>> {
    let part = |(i, mut fields): (usize, Map<String, Value>)| {
        let at = format!("{at}[{i}]");
        let wrong = |message: &str| Error::invalid(format!("{at}.id"), message);
        let old = fields.shift_remove("id").ok_or_else(|| wrong("is required"))?;
        let old: Uuid = parse::from_value(old, &format!("{at}.id"))?;
        let id = Uuid::now_v7();
        if ids.insert(old, id).is_some() {
            return Err(wrong("is used twice"));
        }
        Ok(FilePart { at, id, fields })
    };
    parts.into_iter().enumerate().map(part).collect()
}

fn part<R: Crud>(import: &ImportedIds<'_>, FilePart { at, id, mut fields }: FilePart) -> Result<Part<R>> {
    fields.shift_remove("dashboardID");
    let made = wire::split::<R>(fields).and_then(|SplitBody { name, description, spec }| {
        import.check_links(&spec)?;
        let mut wire = import.wire(&spec, &Label { name, description })?;
        // it belongs to the new dashboard
        wire.shift_remove("dashboardID");
        wire.insert("id".into(), json!(id));
        Ok(wire)
    });
    made.map(Part::from).map_err(|error| error.within(&at))
}

fn dashboard(import: &ImportedIds<'_>, fields: Map<String, Value>) -> Result<Part<Dashboard>> {
    let made = wire::split::<Dashboard>(fields).and_then(|SplitBody { name, description, spec }| {
        let gone = spec.items.iter().map(|item| item.widget_id).filter(|id| !import.ids.contains_key(id));
        let kept = gone.collect::<HashSet<_>>().into_iter().try_fold(spec, Dashboard::without);
        let spec = kept.ok_or_else(|| Error::invalid("items", "none of the widgets can be used"))?;
        import.check_links(&spec)?;
        import.wire(&spec, &Label { name, description })
    });
    made.map(Part::from).map_err(|error| error.within("file.dashboard"))
}

fn belonging<R: Resource>(tx: &Tx<'_>, scope: &Scope, dashboard: Uuid) -> Result<Vec<Record<R>>> {
    tx.belonging::<R>(scope, dashboard)?.into_iter().map(|id| tx.find::<R>(scope, id)).collect()
}

/// Returns the widgets that the dashboard shows or that actions of these refer to, and the queries without those that
/// only other widgets use.
fn in_use(
    dashboard: &Dashboard,
    mut widgets: Vec<Record<Widget>>,
    mut queries: Vec<Record<DataQuery>>,
) -> (Vec<Record<Widget>>, Vec<Record<DataQuery>>) {
    let (mut used, mut next) = (HashSet::new(), targets(dashboard));
    while let Some(id) = next.pop() {
        if used.insert(id) {
            let widget = widgets.iter().find(|widget| widget.id == id);
            next.extend(widget.map(|widget| targets(&widget.spec)).unwrap_or_default());
        }
    }
    let is_left_out = |widget: &&Record<Widget>| !used.contains(&widget.id);
    let unused: HashSet<Uuid> = widgets.iter().filter(is_left_out).flat_map(|widget| targets(&widget.spec)).collect();
    widgets.retain(|widget| used.contains(&widget.id));
    queries.retain(|query| used.contains(&query.id) || !unused.contains(&query.id));
    (widgets, queries)
}
