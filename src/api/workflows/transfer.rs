//! Exports a workflow to a file, and imports it, also into another tenant or server.
use crate::{
    Error, Result,
    api::{
        App,
        access::permit::{Create, Permit, Read},
        records::{
            answers::CreatedResponse,
            crud::about,
            file::{
                ExportedFile, ImportedIds, NeededRecord, UsedRecord, VERSION, check_head, check_uses, fields,
                free_name, needed, targets, uses_of,
            },
            steps::create_record_as,
            wire::{self, SplitBody},
        },
        requests::extract::{At, Body},
        responses::documented,
    },
    model::{Label, Resource, Scope, Variable, Workflow, parse, workflow::VARIABLES},
    store::Tx,
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

const FORMAT: &str = "jet-admin/workflow";

/// A workflow without secrets: not those of webhooks, and without the pinned outputs of its steps.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowFile {
    /// Always `jet-admin/workflow`.
    format: String,
    /// The version of the format: 1.
    version: u64,
    /// The ID of the workflow, to which its steps may refer.
    id: Uuid,
    workflow: Map<String, Value>,
    /// What it uses besides: queries, other workflows, and the roles that it asks.
    #[schemars(length(max = 1000))]
    uses: Vec<UsedRecord>,
}

/// A file to import.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowImport {
    #[schemars(with = "WorkflowFile")]
    file: Map<String, Value>,
    /// The records of this tenant to use instead of those that `file.uses` lists, by their IDs.
    #[serde(default)]
    targets: BTreeMap<Uuid, Uuid>,
    /// The name of the new workflow; that in the file if absent.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    name: Option<String>,
}

/// A file to look at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowFileBody {
    #[schemars(with = "WorkflowFile")]
    file: Map<String, Value>,
}

/// What a file contains, and what it needs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WorkflowFileSummary {
    /// A name for the workflow that is not taken.
    name: String,
    /// The titles of its steps, or their names.
    steps: Vec<String>,
    uses: Vec<NeededRecord>,
    /// The names of variables that it uses and that this tenant does not have. Empty if the caller may not see variables.
    missing_variables: Vec<String>,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route("/workflows/{workflowID}/export", get_with(export, |op| about::<Workflow>(op, "export", "Export")))
        .api_route(
            "/workflows/import",
            post_with(import, |op| {
                about::<Workflow>(op, "import", "Import").summary("Create a workflow from an exported file")
            }),
        )
        .api_route(
            "/workflows/import/preview",
            post_with(preview, |op| {
                about::<Workflow>(op, "previewImport", "Preview")
                    .summary("Show what an exported workflow contains and needs")
                    .with(documented::asks)
            }),
        )
}

async fn export(
    Permit { scope, .. }: Permit<Workflow, Read>,
    State(app): State<App>,
    at: At<Workflow>,
) -> Result<ExportedFile<WorkflowFile>> {
    let file = app.store.read(scope.tenant, move |tx| WorkflowFile::of(tx, &scope, at.id)).await?;
    let name = format!("{}.workflow.json", file.name());
    ExportedFile::new(&file, name)
}

async fn preview(
    Permit { scope, .. }: Permit<Workflow, Create>,
    State(app): State<App>,
    Body(body): Body<WorkflowFileBody>,
) -> Result<Json<WorkflowFileSummary>> {
    let file = WorkflowFile::read(body.file)?;
    let summary = app.store.read(scope.tenant, move |tx| {
        let is_free = |name: &str| -> Result<bool> { Ok(!tx.is_named::<Workflow>(&scope, None, name)?) };
        Ok(WorkflowFileSummary {
            name: free_name(file.name(), is_free)?,
            steps: file.steps(),
            uses: file.uses.iter().map(|one| needed(tx, &scope, one, false)).collect::<Result<_>>()?,
            missing_variables: file.missing_variables(tx, &scope)?,
        })
    });
    Ok(Json(summary.await?))
}

/// The new workflow is disabled until someone has checked it.
async fn import(
    Permit { scope, .. }: Permit<Workflow, Create>,
    State(app): State<App>,
    Body(WorkflowImport { file, targets, name }): Body<WorkflowImport>,
) -> Result<CreatedResponse<Workflow>> {
    let id = Uuid::now_v7();
    let draft = WorkflowFile::read(file)?.draft(id, name, &targets)?;
    let record = create_record_as::<Workflow>(&app, &scope, id, draft).await;
    let record = record.map_err(|error| match error {
        Error::Invalid(_) => error.within("file.workflow"),
        other => other,
    })?;
    CreatedResponse::new(&app, &scope, &record)
}

impl WorkflowFile {
    /// Reads a workflow, without what is only for its own tenant.
    fn of(tx: &Tx<'_>, scope: &Scope, id: Uuid) -> Result<Self> {
        let mut workflow = tx.find::<Workflow>(scope, id)?;
        for signature in workflow.spec.triggers.iter_mut().filter_map(|trigger| trigger.signature_mut()) {
            (signature.sealed, signature.secret) = (None, None);
        }
        workflow.spec.nodes.iter_mut().for_each(|node| node.pinned_output = None);
        let uses = uses_of(tx, scope, targets(&workflow.spec), [id])?;
        Ok(Self { format: FORMAT.to_owned(), version: VERSION, id, workflow: fields(&workflow, false)?, uses })
    }

    /// Reads a file, after checking its format and version.
    fn read(file: Map<String, Value>) -> Result<Self> {
        check_head(&file, FORMAT, Workflow::KIND.label)?;
        let file: Self = parse::from_value(Value::Object(file), "file")?;
        check_uses(&file.uses)?;
        Ok(file)
    }

    fn name(&self) -> &str {
        self.workflow.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    fn steps(&self) -> Vec<String> {
        let nodes = self.workflow.get("nodes").and_then(Value::as_array).into_iter().flatten();
        let name = |node: &Value| Some(node.get("title").or(node.get("name"))?.as_str()?.to_owned());
        nodes.filter_map(name).collect()
    }

    /// Returns the variables that are named in its texts and that the tenant does not have.
    fn missing_variables(&self, tx: &Tx<'_>, scope: &Scope) -> Result<Vec<String>> {
        if !scope.grants.shows(Variable::KIND.noun) {
            return Ok(Vec::new());
        }
        let text = serde_json::to_string(&self.workflow)?;
        let prefix = format!("{VARIABLES}.");
        let mut named: BTreeSet<&str> = names_after(&text, &prefix).collect();
        for variable in tx.all::<Variable>(scope)? {
            named.remove(&*variable.label.name);
        }
        Ok(named.into_iter().map(str::to_owned).collect())
    }

    /// Returns the new workflow, disabled. `targets` are the records of this tenant to use, by the IDs in the file.
    ///
    /// # Errors
    /// `Invalid` for a record that has no target.
    fn draft(self, id: Uuid, name: Option<String>, targets: &BTreeMap<Uuid, Uuid>) -> Result<Map<String, Value>> {
        let mut ids: HashMap<Uuid, Uuid> = targets.iter().map(|(from, to)| (*from, *to)).collect();
        ids.insert(self.id, id);
        let names: HashMap<Uuid, &UsedRecord> = self.uses.iter().map(|one| (one.id, one)).collect();
        let import = ImportedIds { ids: &ids, names: &names };
        let mut workflow = self.workflow;
        workflow.extend(name.map(|name| ("name".to_owned(), name.into())));
        workflow.insert("enabled".to_owned(), false.into());
        let made = wire::split::<Workflow>(workflow).and_then(|SplitBody { name, description, spec }| {
            import.check_links(&spec)?;
            import.wire(&spec, &Label { name, description })
        });
        made.map_err(|error| error.within("file.workflow"))
    }
}

/// Returns the identifiers that follow `prefix` where it begins a word.
fn names_after<'t>(text: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(prefix).filter_map(move |(at, _)| {
        let begins = !text[..at].ends_with(|c| is_word(c) || c == '.');
        let rest = &text[at + prefix.len()..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| begins && !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::names_after;

    #[test]
    fn variables_are_found_where_their_name_begins_a_word() {
        let text = r#"{"a":"{{ vars.region + vars.rate_2 }}","b":"myvars.no, steps.vars.no, vars.","c":"vars.region"}"#;
        assert_eq!(names_after(text, "vars.").collect::<Vec<_>>(), ["region", "rate_2", "region"]);
    }
}
