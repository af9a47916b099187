//! What a step can do: one file per node type, one line to register it.
mod address;
mod approval;
mod branches;
mod condition;
mod data_query;
mod decimal;
mod delay;
mod email;
mod end;
mod headers;
mod http_request;
mod javascript;
mod join;
mod looping;
mod notify;
mod operators;
mod pieces;
mod respond;
pub mod response_headers;
mod set;
mod start;
mod step;
mod sub_workflow;
mod switch;

use super::engine::{Done, Outcome, Wait};
use crate::{
    Result,
    error::FieldProblem,
    model::parse,
    script::{
        ParseProblem,
        template::{Expression, Plan},
    },
};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::{future::Future, pin::Pin, sync::LazyLock, time::Duration};

pub use approval::APPROVAL;
pub use delay::parse_duration;
pub use email::EMAIL;
pub use respond::status;
use step::external;
pub use step::{Backend, Call, Failed, Runs, Services, Step};
pub use sub_workflow::SUB_WORKFLOW;

/// A future in a box, so that nodes can be listed.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// All node types, in the order in which the editor offers them.
pub static ALL: &[&dyn Node] = &[
    &start::Start,
    &data_query::Query,
    &http_request::HttpRequest,
    &javascript::Javascript,
    &set::Set,
    &condition::Condition,
    &switch::Switch,
    &looping::Loop,
    &join::Join,
    &delay::Delay,
    &approval::Approval,
    &sub_workflow::SubWorkflow,
    &email::Email,
    &notify::Notify,
    &respond::Respond,
    &end::End,
];

/// A node's free settings, as they are saved.
pub type Config = Map<String, Value>;

/// A kind of step: what it says of itself draws its form, validates it and documents it.
pub trait Node: Sync {
    fn about(&self) -> About;

    /// The JSON Schema of its config.
    fn schema(&self) -> Schema;

    /// The rules for its config: what keeps it from running.
    ///
    /// # Errors
    /// `Invalid`, with paths inside the config.
    fn check(&self, config: &Config) -> Result<()>;

    /// The handles that edges may leave a node with this config through.
    fn handles(&self, config: &Config) -> Vec<Handle> {
        let _ = config;
        let statics = self.about().handles.iter();
        statics.map(|(id, label)| Handle { id: (*id).to_owned(), label: (*label).to_owned() }).collect()
    }

    /// The expressions in its config, for what can be said about them before they run.
    ///
    /// # Errors
    /// When a template does not parse.
    fn sources(&self, config: &Config) -> Result<Vec<Source>, ParseProblem> {
        sources_of(&Value::Object(config.clone()))
    }

    /// How long one execution may take when its settings do not say.
    fn time_limit(&self) -> Duration {
        Duration::from_mins(1)
    }

    /// The longest time limit that its settings may ask for.
    fn longest(&self) -> Duration {
        Duration::from_hours(1)
    }

    /// The settings, beside its config, that mean nothing for it, each with what to do instead.
    fn ignores(&self) -> &'static [(Setting, &'static str)] {
        &[]
    }

    /// What a test run takes for the result instead of executing.
    fn pinned(&self, config: &Config, output: Value) -> Done {
        let _ = config;
        Done::out(output)
    }

    fn run<'a>(&'a self, step: &'a Step<'a>) -> Pending<'a, Result<Outcome, Failed>>;
}

/// A setting that nodes of all types have, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NodeSetting")]
pub enum Setting {
    TimeoutMs,
    Retry,
    OnError,
    Join,
}

/// What the editor shows of a node type.
pub struct About {
    pub kind: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    /// Ids and labels of the handles that every node of the type has.
    pub handles: &'static [(&'static str, &'static str)],
    /// The config's list whose ids are handles too.
    pub dynamic_handles: Option<&'static str>,
}

/// A place where edges leave a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "NodeHandle")]
pub struct Handle {
    pub id: String,
    pub label: String,
}

/// An expression or a script in a config.
pub struct Source {
    /// Where it stands in the config.
    pub path: String,
    pub code: String,
    /// A whole script: it may hold comments and texts that look like code.
    pub is_script: bool,
}

/// A node type on the wire.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeType {
    pub r#type: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub description: &'static str,
    /// JSON Schema 2020-12 of a node's `config`.
    pub config_schema: Schema,
    pub handles: Vec<Handle>,
    /// The list in the config whose `id`s are handles, beside `handles`.
    pub dynamic_handles: Option<&'static str>,
    /// The node's `settings` that have no effect on this type: they are refused.
    pub ignored_settings: Vec<Setting>,
}

/// The node type called `kind`.
pub fn find(kind: &str) -> Option<&'static dyn Node> {
    ALL.iter().copied().find(|node| node.about().kind == kind)
}

/// Every node type, as `GET /node-types` tells them.
pub fn catalog() -> &'static [NodeType] {
    static CATALOG: LazyLock<Vec<NodeType>> = LazyLock::new(|| {
        let describe = |node: &&dyn Node| {
            let about = node.about();
            NodeType {
                r#type: about.kind,
                name: about.name,
                category: about.category,
                description: about.description,
                config_schema: node.schema(),
                handles: node.handles(&Config::new()),
                dynamic_handles: about.dynamic_handles,
                ignored_settings: node.ignores().iter().map(|(setting, _)| *setting).collect(),
            }
        };
        ALL.iter().map(describe).collect()
    });
    &CATALOG
}

/// The schema of a config struct, self-contained.
fn schema_of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>()
}

/// The expressions of every template in `value`.
fn sources_of(value: &Value) -> Result<Vec<Source>, ParseProblem> {
    let plan = Plan::parse(value)?;
    let source =
        |(path, expression): (String, &Expression)| Source { path, code: expression.source.clone(), is_script: false };
    Ok(plan.expressions().into_iter().map(source).collect())
}

/// Reads a config, with errors that name its fields.
fn read<T: DeserializeOwned>(config: &Config) -> Result<T> {
    parse::from_value(Value::Object(config.clone()), "")
}

fn problem(path: impl Into<String>, message: impl Into<String>) -> FieldProblem {
    FieldProblem { path: path.into(), message: message.into() }
}

/// `path` below `base`, in JSON notation.
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
