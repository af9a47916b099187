//! The node types: one file for each, in the folder of its category, and one line to register it.
mod data;
mod flow;
mod http;
mod messages;
mod people;
mod step;

use super::engine::{StepOutcome, StepResult, Wait};
use crate::{
    Result,
    error::FieldProblem,
    model::parse,
    script::{
        ParseProblem,
        template::{Expression, JsonTemplate},
    },
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{future::Future, pin::Pin, sync::LazyLock, time::Duration};

pub use flow::{RESPOND, SUB_WORKFLOW, parse_duration, status};
pub use http::response_headers;
pub use messages::EMAIL;
pub use people::APPROVAL;
use step::external;
pub use step::{Backend, RunnerAccess, Services, StepContext, StepFailure, WorkflowCall};

/// A boxed future, so that nodes can be trait objects.
pub type NodeFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// All node types, in the order of the editor.
pub static ALL: &[&dyn NodeKind] = &[
    &flow::StartNode,
    &data::QueryNode,
    &data::HttpRequestNode,
    &data::JavascriptNode,
    &data::SetNode,
    &flow::ConditionNode,
    &flow::SwitchNode,
    &flow::LoopNode,
    &flow::JoinNode,
    &flow::DelayNode,
    &people::ApprovalNode,
    &flow::SubWorkflowNode,
    &messages::EmailNode,
    &messages::NotifyNode,
    &flow::RespondNode,
    &flow::EndNode,
];

/// A node's config, as saved.
pub type NodeConfig = Map<String, Value>;

/// A node type. Its description generates its form, its validation and its documentation.
pub trait NodeKind: Sync {
    fn about(&self) -> NodeInfo;

    /// Returns the JSON Schema of its config.
    fn schema(&self) -> Schema;

    /// Checks its config before it runs.
    ///
    /// # Errors
    /// `Invalid`, with paths inside the config.
    fn check(&self, config: &NodeConfig) -> Result<()>;

    /// Returns the handles of a node with this config.
    fn handles(&self, config: &NodeConfig) -> Vec<NodeHandle> {
        let _ = config;
        let statics = self.about().handles.iter();
        statics.map(|(id, label)| NodeHandle { id: (*id).to_owned(), label: (*label).to_owned() }).collect()
    }

    /// Returns the expressions in its config, to check them before they run.
    ///
    /// # Errors
    /// If a template does not parse.
    fn sources(&self, config: &NodeConfig) -> Result<Vec<ConfigCode>, ParseProblem> {
        sources_of(&Value::Object(config.clone()))
    }

    /// Returns the default timeout of an execution.
    fn time_limit(&self) -> Duration {
        Duration::from_mins(1)
    }

    /// Returns the maximum timeout that its settings may set.
    fn longest(&self) -> Duration {
        Duration::from_hours(1)
    }

    /// Returns the settings that have no effect on it, each with the reason or what to do instead.
    fn ignores(&self) -> &'static [(NodeSetting, &'static str)] {
        &[]
    }

    /// Returns the result of a step with a pinned output, which test runs use instead of executing it.
    fn pinned(&self, config: &NodeConfig, output: Value) -> StepResult {
        let _ = config;
        StepResult::out(output)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>>;
}

/// A setting that all node types have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NodeSetting {
    TimeoutMs,
    Retry,
    OnError,
    Join,
}

/// The description of a node type in the editor.
pub struct NodeInfo {
    pub kind: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    /// The ids and labels of the handles that every node of this type has.
    pub handles: &'static [(&'static str, &'static str)],
    /// The list in the config whose ids are additional handles.
    pub dynamic_handles: Option<&'static str>,
}

/// An output of a node, to which edges connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NodeHandle {
    pub id: String,
    pub label: String,
}

/// An expression or a script in a config.
pub struct ConfigCode {
    /// Its path in the config.
    pub path: String,
    pub code: String,
    /// Whether it is a whole script, which may contain comments and strings that look like code.
    pub is_script: bool,
}

/// A node type as the API returns it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeType {
    pub r#type: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    /// JSON Schema 2020-12 of a node's `config`.
    pub config_schema: Schema,
    pub handles: Vec<NodeHandle>,
    /// The list in the config whose `id`s are additional handles.
    pub dynamic_handles: Option<&'static str>,
    /// The node `settings` that have no effect on this type and are rejected.
    pub ignored_settings: Vec<NodeSetting>,
}

/// Finds the node type `kind`.
pub fn find(kind: &str) -> Option<&'static dyn NodeKind> {
    ALL.iter().copied().find(|node| node.about().kind == kind)
}

/// Returns every node type, as in `GET /node-types`.
pub fn catalog() -> &'static [NodeType] {
    static CATALOG: LazyLock<Vec<NodeType>> = LazyLock::new(|| {
        let describe = |node: &&dyn NodeKind| {
            let about = node.about();
            NodeType {
                r#type: about.kind,
                name: about.name,
                category: about.category,
                description: about.description,
                config_schema: node.schema(),
                handles: node.handles(&NodeConfig::new()),
                dynamic_handles: about.dynamic_handles,
                ignored_settings: node.ignores().iter().map(|(setting, _)| *setting).collect(),
            }
        };
        ALL.iter().map(describe).collect()
    });
    &CATALOG
}

/// Returns the schema of a config struct, without references.
fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

/// Returns the expressions of every template in `value`.
fn sources_of(value: &Value) -> Result<Vec<ConfigCode>, ParseProblem> {
    let plan = JsonTemplate::parse(value)?;
    let source = |(path, expression): (String, &Expression)| ConfigCode {
        path,
        code: expression.source.clone(),
        is_script: false,
    };
    Ok(plan.expressions().into_iter().map(source).collect())
}

/// Parses a config. Errors name its fields.
fn read<T: DeserializeOwned>(config: &NodeConfig) -> Result<T> {
    parse::from_value(Value::Object(config.clone()), "")
}

fn problem(path: impl Into<String>, message: impl Into<String>) -> FieldProblem {
    FieldProblem { path: path.into(), message: message.into() }
}

/// Appends `path` to `base`, in JSON notation.
pub(super) fn join(base: &str, path: &str) -> String {
    match (base, path) {
        ("", path) => path.to_owned(),
        (base, "") => base.to_owned(),
        (base, path) if path.starts_with('[') => format!("{base}{path}"),
        (base, path) => format!("{base}.{path}"),
    }
}

#[cfg(test)]
mod tests;
