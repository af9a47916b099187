//! Writes an uploaded file to a table of a datasource, from where it can be queried and edited.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{self, Create, Permit, Read, TryQuery},
        records::{
            crud::about,
            steps::{UnsavedQueries, checked},
        },
        requests::extract::{At, Body},
        responses::documented,
    },
    connect::{FileImport, ImportType, Imported, NamedColumn, NewTable, Target, WantedColumn},
    model::{DataQuery, Datasource, File, Label, Permission, Record, Resource, Scope},
    store::AuditedChange,
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A table, and which rows of the file to write to it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileTableDraft {
    /// A PostgreSQL, MySQL or SQLite datasource that allows writing. Omit it to create a database with `newDatabase`.
    #[serde(rename = "datasourceID", default)]
    datasource_id: Option<Uuid>,
    /// Creates a SQLite database of the tenant with its datasource, instead of using an existing one.
    #[serde(default)]
    new_database: Option<NewDatabase>,
    /// How to read the file: the options of a datasource of type `file`, without `fileID`.
    #[serde(default)]
    options: Map<String, Value>,
    /// The table of the file, such as a sheet; the first one if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 120))]
    source: Option<String>,
    /// The schema of the table; the default one if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 63))]
    schema: Option<String>,
    #[schemars(length(min = 1, max = 63))]
    table: String,
    /// With `true`, the rows are added to an existing table, whose columns are matched by name.
    #[serde(default)]
    append: bool,
    /// The columns of the table, in this order; all columns of the file with their detected types if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1000))]
    columns: Option<Vec<FileTableColumn>>,
    /// The names of the columns that identify a row: the primary key of a new table.
    #[serde(default)]
    #[schemars(length(max = 16))]
    key: Vec<String>,
    /// The name of an additional column that the database numbers, as the primary key of a new table.
    #[serde(default)]
    #[schemars(length(min = 1, max = 63))]
    numbered: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "FileTableDatabase")]
struct NewDatabase {
    /// The name of the datasource.
    #[schemars(length(min = 1, max = 255))]
    name: String,
}

/// A column of the table.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FileTableColumn {
    /// The name of the column in the file.
    #[schemars(length(min = 1, max = 120))]
    from: String,
    /// The name of the column in the table; that in the file if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 63))]
    name: Option<String>,
    /// The detected type if absent. Every value must have it.
    #[serde(default)]
    r#type: Option<ImportType>,
    /// The number of decimal places of a `decimal`.
    #[serde(default)]
    #[schemars(range(max = 30))]
    decimals: Option<u8>,
    /// Whether values of a new column may be missing; by default unless it belongs to the key.
    #[serde(default)]
    nullable: Option<bool>,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileTable {
    #[serde(rename = "datasourceID")]
    datasource_id: Uuid,
    schema: Option<String>,
    table: String,
    /// The number of rows that were written.
    rows: u64,
    duration_ms: f64,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new().api_route(
        "/files/{fileID}/tables",
        post_with(create, |op| {
            let about = "All rows are written in one transaction, or none: if a value does not fit, or the request is \
                         cancelled, neither the rows nor the table remain. Requires `file:read`, `datasource:read`, and \
                         the permissions to create and to execute queries; for a new database also \
                         `datasource:create`.";
            let op = self::about::<File>(op, "createTable", "Create a table from").description(about);
            let op = op.with(documented::also(&[
                Permission::DataQueryCreate,
                Permission::DataQueryExecute,
                Permission::DatasourceRead,
            ]));
            op.with(documented::asks).with(documented::conflict).with(documented::external)
        }),
    )
}

/// The import runs in a task: if the caller goes away, it ends without a trace unless its commit has begun, and then it
/// is recorded as usual.
async fn create(
    Permit { scope, .. }: Permit<File, Read>,
    State(app): State<App>,
    at: At<File>,
    Body(draft): Body<FileTableDraft>,
) -> Result<Json<FileTable>> {
    permit::check::<DataQuery, TryQuery>(&scope)?;
    permit::check::<Datasource, Read>(&scope)?;
    let file = app.store.get(|tx| tx.find::<File>(&scope, at.id))?;
    // dropped with this request
    let (_caller, cancelled) = oneshot::channel::<()>();
    let cancelled = async move { drop(cancelled.await) };
    tokio::spawn(async move { import(&app, &scope, &file, draft, cancelled).await.map(Json) }).await?
}

async fn import(
    app: &App,
    scope: &Scope,
    file: &Record<File>,
    mut draft: FileTableDraft,
    cancelled: impl Future<Output = ()> + Send,
) -> Result<FileTable> {
    let (schema, append) = (draft.schema.clone(), draft.append);
    let place = (draft.datasource_id.take(), draft.new_database.take());
    let import = file_import(file.id, draft)?;
    let (datasource, imported) = match place {
        (Some(id), None) => (id, app.executor.import(scope, id, import, cancelled).await?),
        (None, Some(_)) if append => {
            return Err(Error::invalid("append", "is not possible with `newDatabase`, which has no tables"));
        }
        (None, Some(database)) => into_new(app, scope, &database.name, import, cancelled).await?,
        _ => return Err(Error::invalid("datasourceID", "is required, or else `newDatabase`: send one of them")),
    };
    let name = app.store.get(|tx| Ok(tx.find_unread::<Datasource>(scope, datasource).map(|found| found.name)));
    let details = json!({
        "rows": imported.rows, "table": imported.table, "created": !append,
        "file": {"id": file.id, "name": file.label.name},
    });
    let name = name?.unwrap_or_default();
    let act = AuditedChange { verb: "import", kind: Datasource::KIND.name(), id: datasource, name: &name };
    app.store.record_act(scope, act, Some(details)).await?;
    let Imported { table, rows, duration } = imported;
    Ok(FileTable { datasource_id: datasource, schema, table, rows, duration_ms: duration.as_secs_f64() * 1000.0 })
}

/// Writes the table to a new database, which becomes a datasource with it.
async fn into_new(
    app: &App,
    scope: &Scope,
    name: &str,
    import: FileImport,
    cancelled: impl Future<Output = ()> + Send,
) -> Result<(Uuid, Imported)> {
    permit::check::<Datasource, Create>(scope)?;
    let label = Label::new(name, "").map_err(|error| error.below("newDatabase"))?;
    if app.store.get(|tx| tx.find_named::<Datasource>(scope, &label.name))?.is_some() {
        // before all the work; the store checks again
        let why = format!("there is already a datasource named \"{}\": choose another name", label.name);
        return Err(Error::invalid("newDatabase.name", why));
    }
    let id = Uuid::now_v7();
    let (imported, target) = app.executor.import_to_new(scope, id, &label.name, import, cancelled).await?;
    if let Err(error) = save(app, scope, id, &label, &target).await {
        app.executor.remove_new(scope, &target).await;
        return Err(error);
    }
    Ok((id, imported))
}

async fn save(app: &App, scope: &Scope, id: Uuid, label: &Label, target: &Target) -> Result<()> {
    let fields = json!({"name": label.name, "type": target.kind, "options": target.options});
    let fields = serde_json::from_value(fields)?;
    let (label, spec) = checked::<Datasource>(app, scope, id, fields, None, &UnsavedQueries::default())?;
    let writer = scope.clone();
    app.store.write(move |tx| tx.insert(&writer, id, label, spec)).await.map(drop)
}

fn file_import(file: Uuid, draft: FileTableDraft) -> Result<FileImport> {
    let FileTableDraft { mut options, source, schema, table, append, columns, key, numbered, .. } = draft;
    if options.insert("fileID".to_owned(), file.to_string().into()).is_some() {
        return Err(Error::invalid("options.fileID", "must be omitted: the file is in the path"));
    }
    if append && (!key.is_empty() || numbered.is_some()) {
        let path = if key.is_empty() { "numbered" } else { "key" };
        return Err(Error::invalid(path, "must be omitted with `append`: the table has its key already"));
    }
    if columns.as_ref().is_some_and(Vec::is_empty) {
        return Err(Error::invalid("columns", "must not be empty"));
    }
    if let Some(at) = (1..key.len()).find(|at| key[..*at].contains(&key[*at])) {
        return Err(Error::invalid(format!("key[{at}]"), "is a column of the key already"));
    }
    let column = |column: FileTableColumn| {
        let FileTableColumn { from, name, r#type, decimals, nullable } = column;
        let is_key = key.contains(name.as_ref().unwrap_or(&from));
        let wanted = WantedColumn { from, kind: r#type };
        NamedColumn { wanted, name, nullable: nullable.unwrap_or(!is_key), decimals }
    };
    let columns = columns.map(|columns| columns.into_iter().map(column).collect());
    let new = (!append).then_some(NewTable { key, numbered });
    Ok(FileImport { options, source, columns, schema, table, new })
}
