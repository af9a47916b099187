//! Workflows: graphs of nodes with inputs, triggers and settings.
mod problem;
pub mod run;

use super::{
    DataQuery, Link, Resource, ResourceKind, Role,
    parameter::{Parameter, check_parameters},
    permission::{Noun, Permission},
    role::BuiltIn,
    text::check_length,
    trigger::{self, State, Trigger},
};
use crate::{Error, Result};
pub use problem::{Severity, WorkflowProblem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The name of the tenant's variables in expressions.
pub const VARIABLES: &str = "vars";

/// A graph of nodes and edges, with inputs, triggers and settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Workflow {
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub nodes: Vec<Node>,
    #[serde(default)]
    #[schemars(length(max = 5000))]
    pub edges: Vec<Edge>,
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub inputs: Vec<Parameter>,
    #[serde(default)]
    pub triggers: Vec<Trigger>,
    #[serde(default)]
    pub settings: Settings,
    /// Whether triggers start runs. Requires a graph without errors.
    #[serde(default)]
    pub enabled: bool,
    /// Words to find it by.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 50)))]
    pub tags: Vec<String>,
    /// Errors and warnings about the graph. Read-only. Omitted in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("readOnly" = true))]
    pub problems: Option<Vec<WorkflowProblem>>,
    /// The states of the triggers, in the same order. Read-only. Omitted in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("readOnly" = true))]
    pub trigger_states: Option<Vec<State>>,
}

impl Workflow {
    /// Returns whether the workflow may use the tenant's variables. Runs of a workflow that does not use them get none.
    pub fn mentions_variables(&self) -> bool {
        serde_json::to_string(self).is_ok_and(|text| text.contains(VARIABLES))
    }
}

/// A node of a workflow.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WorkflowNode")]
pub struct Node {
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    /// One of `GET /node-types`.
    pub r#type: String,
    /// An identifier, unique within the workflow. Expressions use it as `steps.<name>`.
    pub name: String,
    /// The text that is shown instead of `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 120))]
    pub title: Option<String>,
    /// Matches the node type's `configSchema`.
    #[serde(default)]
    pub config: Map<String, Value>,
    #[serde(default)]
    pub position: Position,
    /// The loop whose body this node belongs to.
    #[serde(rename = "parentID", default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    #[serde(default)]
    pub settings: NodeSettings,
    /// The output that test runs use instead of executing the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_output: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NodePosition")]
pub struct Position {
    pub x: f64,
    pub y: f64,
}

/// How a step is scheduled, retried and limited.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NodeSettings {
    /// How long an attempt may take, including what it waits for: an approval, a delay, a sub-workflow, the iterations
    /// of a loop. At most an hour. If absent, the default of the node type limits the work itself, and waiting is not
    /// limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    pub on_error: OnError,
    pub on_interrupt: OnInterrupt,
    pub join: JoinMode,
    pub disabled: bool,
}

/// Further attempts after a temporary failure. A failed sub-workflow counts as one: a new run is started.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Retry {
    /// The total number of attempts, 1 to 10.
    pub max_attempts: u32,
    pub delay_ms: u64,
    /// Each delay is the previous delay times this factor.
    pub factor: f64,
    pub max_delay_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_attempts: 3, delay_ms: 1000, factor: 2.0, max_delay_ms: 60_000 }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The run fails.
    #[default]
    Fail,
    /// The run continues through `out`, with the error as output.
    Continue,
    /// The run continues through the `error` handle.
    Branch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnInterrupt {
    /// A step that was interrupted because the server stopped runs again.
    #[default]
    Retry,
    Fail,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JoinMode {
    /// Ready when all incoming edges are decided and at least one was taken.
    #[default]
    All,
    /// Ready as soon as one incoming edge was taken.
    Any,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "WorkflowEdge")]
pub struct Edge {
    #[schemars(length(min = 1, max = 128))]
    pub id: String,
    pub source: String,
    /// Defaults to `out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_handle: Option<String>,
    pub target: String,
}

impl Edge {
    pub fn handle(&self) -> &str {
        self.source_handle.as_deref().unwrap_or("out")
    }
}

/// Limits and error handling of a workflow's runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(rename = "WorkflowSettings")]
pub struct Settings {
    /// How long a whole run may take. Not limited if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5_184_000))]
    pub timeout_seconds: Option<u32>,
    /// How many runs may be active at once, including waiting ones. Not limited if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_concurrent_runs: Option<u32>,
    pub when_full: WhenFull,
    /// The workflow to start when a run of this one fails. Its input says what failed: `workflow`, `run`, `step` (in a
    /// loop, the step inside it, with its `iteration`) and `error`.
    #[serde(rename = "errorWorkflowID", skip_serializing_if = "Option::is_none")]
    pub error_workflow_id: Option<Uuid>,
}

/// What happens to a new run when `maxConcurrentRuns` are active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhenFull {
    /// The new run waits for its turn.
    #[default]
    Queue,
    /// The new run is cancelled at once.
    Skip,
    /// The oldest active run is cancelled.
    Replace,
}

impl Resource for Workflow {
    const KIND: ResourceKind = ResourceKind {
        noun: Noun::Workflow,
        plural: "workflows",
        id: "workflowID",
        schema: "Workflow",
        label: "workflow",
        lends: Some(Permission::WorkflowExecute),
        is_restorable: true,
    };
    const OMITTED_IN_LISTS: &'static [&'static str] = &["nodes", "edges", "problems", "triggerStates"];
    const READ_ONLY: &'static [&'static str] = &["problems", "triggerStates"];

    /// Checks the shape only, so that unfinished work can be saved. `runner::validate` finds what prevents it from
    /// running.
    fn check(&self) -> Result<()> {
        check_parameters(&self.inputs, "inputs")?;
        trigger::check(&self.triggers)?;
        if self.nodes.len() > 1000 {
            return Err(Error::invalid("nodes", "must have at most 1000 items"));
        }
        if self.edges.len() > 5000 {
            return Err(Error::invalid("edges", "must have at most 5000 items"));
        }
        for (i, node) in self.nodes.iter().enumerate() {
            check_length(&format!("nodes[{i}].id"), &node.id, 1..=128)?;
            if self.nodes[..i].iter().any(|other| other.id == node.id) {
                return Err(Error::invalid(format!("nodes[{i}].id"), format!("`{}` is used twice", node.id)));
            }
            if let Some(title) = &node.title {
                check_length(&format!("nodes[{i}].title"), title, 1..=120)?;
            }
        }
        let mut edges = self.edges.iter().enumerate();
        edges.try_for_each(|(i, edge)| check_length(&format!("edges[{i}].id"), &edge.id, 1..=128))
    }

    /// Returns the queries and workflows that its nodes run and the roles that they ask, so that none of them can be
    /// deleted.
    fn links(&self) -> Vec<Link> {
        let link = |i: usize, node: &Node, field: &str, kind: &'static ResourceKind| {
            let id = Uuid::parse_str(node.config.get(field)?.as_str()?).ok()?;
            let given = Value::Object(node.config.clone());
            Some(Link { path: format!("nodes[{i}].config.{field}"), kind, id, given })
        };
        let links = |(i, node): (usize, &Node)| {
            POINTERS.iter().filter_map(move |(field, kind)| link(i, node, field, kind)).collect::<Vec<_>>()
        };
        let handler = self.settings.error_workflow_id.map(|id| Link {
            path: "settings.errorWorkflowID".to_owned(),
            kind: &Self::KIND,
            id,
            given: Value::Null,
        });
        let asked = self.nodes.iter().enumerate().flat_map(|(i, node)| {
            let id = move |(j, role): (usize, &Value)| {
                let id = Uuid::parse_str(role.as_str()?).ok()?;
                Some(Link {
                    path: format!("nodes[{i}].config.{ASSIGNEES}[{j}]"),
                    kind: &Role::KIND,
                    id,
                    given: Value::Null,
                })
            };
            assignees(node).iter().enumerate().filter_map(id)
        });
        self.nodes.iter().enumerate().flat_map(links).chain(handler).chain(asked).collect()
    }

    /// Returns the whole graph: any step may compute what another one passes on.
    fn context(&self) -> Value {
        self.effect().unwrap_or_default()
    }

    /// Returns the inputs and the graph, without its layout, titles and notes.
    fn tags(&self) -> &[String] {
        &self.tags
    }

    fn effect(&self) -> Result<Value> {
        let mut nodes = serde_json::to_value(&self.nodes)?;
        for node in nodes.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            for drawn in ["position", "title", "notes"] {
                node.shift_remove(drawn);
            }
        }
        Ok(json!({"nodes": nodes, "edges": self.edges, "inputs": self.inputs}))
    }

    /// Clears `target` in the nodes that run it, and disables the workflow until another one is selected.
    fn without(mut self, target: Uuid) -> Option<Self> {
        if self.settings.error_workflow_id == Some(target) {
            self.settings.error_workflow_id = None;
        }
        let is_target = |id: &Value| id.as_str().is_some_and(|id| Uuid::parse_str(id).is_ok_and(|id| id == target));
        for node in &mut self.nodes {
            for (field, _) in POINTERS {
                if node.config.get(field).is_some_and(is_target) {
                    node.config.shift_remove(field);
                    self.enabled = false;
                }
            }
            if let Some(asked) = node.config.get_mut(ASSIGNEES).and_then(Value::as_array_mut) {
                let before = asked.len();
                asked.retain(|role| !is_target(role));
                // with an empty list, everyone who may execute the workflow could answer
                if asked.is_empty() && before > 0 {
                    asked.push(BuiltIn::Owner.name().into());
                }
            }
        }
        Some(self)
    }

    fn triggers(&self) -> Option<Vec<(&Trigger, bool)>> {
        Some(self.triggers.iter().map(|trigger| (trigger, self.enabled && trigger.enabled())).collect())
    }
}

/// The field of an approval's config that lists the roles to ask.
const ASSIGNEES: &str = "assignees";

fn assignees(node: &Node) -> &[Value] {
    node.config.get(ASSIGNEES).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The fields of node configs that link to other resources.
pub const POINTERS: [(&str, &ResourceKind); 2] = [("queryID", &DataQuery::KIND), ("workflowID", &Workflow::KIND)];

impl Workflow {
    /// Replaces the names of roles in approvals by their ids, which `id_of` looks up. Keeps templates, and unknown
    /// names that `old` already contains.
    ///
    /// # Errors
    /// `Invalid` for a name that is not the name of a role.
    pub fn with_roles_by_id(
        mut self,
        old: Option<&Self>,
        id_of: impl Fn(&str) -> Result<Option<Uuid>>,
    ) -> Result<Self> {
        for (i, node) in self.nodes.iter_mut().enumerate() {
            let asked = node.config.get_mut(ASSIGNEES).and_then(Value::as_array_mut);
            for (j, role) in asked.into_iter().flatten().enumerate() {
                let Some(name) = role.as_str().filter(|name| !name.contains("{{") && Uuid::parse_str(name).is_err())
                else {
                    continue;
                };
                if let Some(id) = id_of(name)? {
                    *role = id.to_string().into();
                } else if !old.is_some_and(|old| old.nodes.iter().any(|node| assignees(node).contains(role))) {
                    let path = format!("nodes[{i}].config.{ASSIGNEES}[{j}]");
                    return Err(Error::invalid(
                        path,
                        format!("no role `{name}` in this tenant: enter a role's id or name"),
                    ));
                }
            }
        }
        Ok(self)
    }
}
