//! The file that a dashboard is exported to and imported from: with its widgets and queries, and without secrets.
use super::{
    DashboardContents,
    parts::{MOST, check_count},
};
use crate::{
    Error, Result,
    api::records::{
        crud::Crud,
        wire::{self, Part, SplitBody},
    },
    model::{
        Dashboard, DataQuery, Datasource, Label, Link, Record, Resource, Scope, Widget, Workflow, parse,
        relink::relinked, resource::COMMON,
    },
    store::Tx,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

const FORMAT: &str = "jet-admin/dashboard";
/// The version that is written and read. It increases when older servers could not read the file any more.
const VERSION: u64 = 1;
/// The most records that a file names besides its own, and the most characters of a name.
const MOST_USES: usize = 1000;
const MOST_CHARACTERS: usize = 255;

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

/// A record that an exported dashboard uses and that is not part of the file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsedRecord {
    pub id: Uuid,
    /// The kind of record, as in permissions, such as `datasource`.
    pub kind: String,
    /// Empty if the person who exported the dashboard may not see it.
    #[schemars(length(max = 255))]
    pub name: String,
    /// The type of a datasource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
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
        let mut seen: HashSet<Uuid> =
            [id].into_iter().chain(widgets.iter().map(|one| one.id)).chain(queries.iter().map(|one| one.id)).collect();
        let mut targets: Vec<Uuid> = targets(&dashboard.spec);
        targets.extend(widgets.iter().flat_map(|widget| self::targets(&widget.spec)));
        targets.extend(queries.iter().flat_map(|query| self::targets(&query.spec)));
        let mut uses = Vec::new();
        for target in targets.into_iter().filter(|target| seen.insert(*target)) {
            // what a reference names may be missing
            uses.extend(used(tx, scope, target)?);
        }
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
        if file.get("format").and_then(Value::as_str) != Some(FORMAT) {
            let message = format!("must be `{FORMAT}`: select a file that was exported from a dashboard");
            return Err(Error::invalid("file.format", message));
        }
        match file.get("version").and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(other) => {
                let message = format!("is {other}, but this server reads version {VERSION}: update the server");
                return Err(Error::invalid("file.version", message));
            }
            None => return Err(Error::invalid("file.version", "must be a number")),
        }
        let file: Self = parse::from_value(Value::Object(file), "file")?;
        check_count("file.widgets", file.widgets.len(), MOST)?;
        check_count("file.queries", file.queries.len(), MOST)?;
        check_count("file.uses", file.uses.len(), MOST_USES)?;
        file.check_names()?;
        Ok(file)
    }

    fn check_names(&self) -> Result<()> {
        let too_long = self.uses.iter().position(|one| one.name.chars().count() > MOST_CHARACTERS);
        too_long.map_or(Ok(()), |at| {
            let message = format!("must be at most {MOST_CHARACTERS} characters");
            Err(Error::invalid(format!("file.uses[{at}].name"), message))
        })
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
        let import = FileImport { ids: &ids, names: &names };
        let queries = queries.into_iter().map(|part| import.part::<DataQuery>(part)).collect::<Result<_>>()?;
        let widgets = widgets.into_iter().map(|part| import.part::<Widget>(part)).collect::<Result<_>>()?;
        let mut dashboard = self.dashboard;
        dashboard.extend(name.map(|name| ("name".to_owned(), name.into())));
        let dashboard = import.dashboard(dashboard)?;
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

struct FileImport<'a> {
    /// The new IDs, by those in the file.
    ids: &'a HashMap<Uuid, Uuid>,
    names: &'a HashMap<Uuid, &'a UsedRecord>,
}

impl FileImport<'_> {
    fn part<R: Crud>(&self, FilePart { at, id, mut fields }: FilePart) -> Result<Part<R>> {
        fields.shift_remove("dashboardID");
        let made = wire::split::<R>(fields).and_then(|SplitBody { name, description, spec }| {
            self.check_links(&spec)?;
            let mut wire = self.wire(&spec, &Label { name, description })?;
            // it belongs to the new dashboard
            wire.shift_remove("dashboardID");
            wire.insert("id".into(), json!(id));
            Ok(wire)
        });
        made.map(Part::from).map_err(|error| error.within(&at))
    }

    fn dashboard(&self, fields: Map<String, Value>) -> Result<Part<Dashboard>> {
        let made = wire::split::<Dashboard>(fields).and_then(|SplitBody { name, description, spec }| {
            let gone = spec.items.iter().map(|item| item.widget_id).filter(|id| !self.ids.contains_key(id));
            let kept = gone.collect::<HashSet<_>>().into_iter().try_fold(spec, Dashboard::without);
            let spec = kept.ok_or_else(|| Error::invalid("items", "none of the widgets can be used"))?;
            self.check_links(&spec)?;
            self.wire(&spec, &Label { name, description })
        });
        made.map(Part::from).map_err(|error| error.within("file.dashboard"))
    }

    fn wire<R: Resource>(&self, spec: &R, label: &Label) -> Result<Map<String, Value>> {
        let Value::Object(mut wire) = serde_json::to_value(relinked(spec, self.ids)?)? else { return Ok(Map::new()) };
        wire.retain(|name, _| !R::READ_ONLY.contains(&name.as_str()));
        wire.insert("name".into(), label.name.as_str().into());
        wire.insert("description".into(), label.description.as_str().into());
        Ok(wire)
    }

    /// Refuses links to records that have no target here.
    fn check_links<R: Resource>(&self, spec: &R) -> Result<()> {
        let Some(Link { path, kind, id, .. }) = spec.links().into_iter().find(|link| !self.ids.contains_key(&link.id))
        else {
            return Ok(());
        };
        let name = self.names.get(&id).map(|one| one.name.as_str()).filter(|name| !name.is_empty());
        let what = name.map_or_else(|| kind.label.to_owned(), |name| format!("{} \"{name}\"", kind.label));
        Err(Error::invalid(path, format!("uses the {what}, which is not part of the file: select one of this tenant")))
    }
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

/// Returns the fields that a request may set, and the ID if it `is_part` of a dashboard.
fn fields<R: Resource>(record: &Record<R>, is_part: bool) -> Result<Map<String, Value>> {
    let mut fields = record.to_wire()?;
    let is_left_out = |name: &str| name == "dashboardID" || (COMMON[2..].contains(&name) && !(is_part && name == "id"));
    fields.retain(|name, _| !is_left_out(name) && !R::READ_ONLY.contains(&name.as_str()));
    Ok(fields)
}

/// Returns the records that it links to or refers to.
fn targets<R: Resource>(spec: &R) -> Vec<Uuid> {
    let links = spec.links().into_iter().map(|link| link.id);
    links.chain(spec.references().into_iter().map(|(_, id)| id)).collect()
}

macro_rules! usable {
    ($($resource:ty),*) => {
        /// Returns a record that a dashboard uses; `None` if it is missing.
        fn used(tx: &Tx<'_>, scope: &Scope, id: Uuid) -> Result<Option<UsedRecord>> {
            $(match tx.find::<$resource>(scope, id) {
                Ok(record) => {
                    let kind = &<$resource>::KIND;
                    let spec = serde_json::to_value(&record.spec)?;
                    let r#type = spec.get("type").and_then(Value::as_str).map(str::to_owned);
                    let r#type = r#type.filter(|_| kind.noun == Datasource::KIND.noun);
                    let name = if scope.grants.shows(kind.noun) { record.label.name } else { String::new() };
                    return Ok(Some(UsedRecord { id, kind: kind.name().to_owned(), name, r#type }));
                }
                Err(Error::NotFound(_)) => {}
                Err(other) => return Err(other),
            })*
            Ok(None)
        }

        /// Returns the record of the library that has the name, the kind and the type of `wanted`, if the caller may
        /// see it.
        pub fn found(tx: &Tx<'_>, scope: &Scope, wanted: &UsedRecord) -> Result<Option<Uuid>> {
            $(if wanted.kind == <$resource>::KIND.name() && scope.grants.shows(<$resource>::KIND.noun) {
                let Some(record) = tx.find_named::<$resource>(scope, &wanted.name)? else { return Ok(None) };
                let spec = serde_json::to_value(&record.spec)?;
                let fits = wanted.r#type.is_none() || spec["type"].as_str() == wanted.r#type.as_deref();
                return Ok(fits.then_some(record.id));
            })*
            Ok(None)
        }
    };
}
usable!(Datasource, DataQuery, Widget, Workflow, Dashboard);
