//! Checks a node on its own: type, name, config and settings.
use super::{
    Check,
    suggest::{list, suggestion},
};
use crate::{
    Error,
    model::{
        text::is_identifier,
        workflow::{self, Node, OnError},
    },
    runner::{
        engine::{JOIN, START},
        nodes::{self, NodeSetting, join},
    },
};
use serde_json::Value;

/// Maximum delay between attempts: one hour.
const LONGEST_MS: u64 = 3_600_000;

impl Check<'_> {
    pub(super) fn node(&mut self, i: usize, node: &Node) {
        let at = format!("nodes[{i}]");
        self.name(i, node, &at);
        if let Some(kind) = nodes::find(&node.r#type) {
            self.fitting_settings(node, kind, &at);
        }
        self.settings(i, node, &at);
        if !self.reached.contains(&i) && node.r#type != START {
            self.warn(
                Some(node),
                at.as_str(),
                format!("`{}` cannot be reached from the start node: it will be skipped", node.name),
            );
        }
        let Some(kind) = nodes::find(&node.r#type) else {
            let known: Vec<_> = nodes::ALL.iter().map(|kind| kind.about().kind).collect();
            let hint = suggestion(&node.r#type, &known);
            let why = format!("`{}` is not a node type; the node types are {}{hint}", node.r#type, list(&known));
            return self.error(Some(node), format!("{at}.type"), why);
        };
        let meeting = node.config.get("count").and_then(Value::as_u64);
        if let Some(count) = meeting.filter(|count| node.r#type == JOIN && *count > self.sources[i].len() as u64)
            && node.config.get("mode").is_some_and(|mode| mode == "count")
        {
            let why = format!(
                "waits for {count} branches, but only {} lead to it: it would never continue",
                self.sources[i].len()
            );
            self.error(Some(node), format!("{at}.config.count"), why);
        }
        let below = |path: &str| join(&format!("{at}.config"), path);
        if let Err(error) = kind.check(&node.config) {
            match error {
                Error::Invalid(problems) => {
                    for problem in problems {
                        self.error(Some(node), below(&problem.path), problem.message);
                    }
                }
                other => self.error(Some(node), below(""), other.to_string()),
            }
        }
        match kind.sources(&node.config) {
            Ok(sources) => self.references(i, node, &sources),
            Err(problem) => self.error(Some(node), below(&problem.path), problem.to_string()),
        }
    }

    fn name(&mut self, i: usize, node: &Node, at: &str) {
        let path = format!("{at}.name");
        if !is_identifier(&node.name) {
            let why = format!(
                "`{}` must be an identifier such as load_users: expressions refer to it as steps.<name>",
                node.name
            );
            self.error(Some(node), path, why);
        } else if let Some(other) = self.workflow.nodes[..i].iter().find(|other| other.name == node.name) {
            let why = format!(
                "`{}` is also the name of the {} node `{}`: rename one of them",
                node.name, other.r#type, other.id
            );
            self.error(Some(node), path, why);
        }
        if self.by_id.get(node.id.as_str()) != Some(&i) {
            self.error(Some(node), format!("{at}.id"), format!("`{}` is used twice", node.id));
        }
    }

    /// Rejects settings that have no effect on this type of node.
    fn fitting_settings(&mut self, node: &Node, kind: &dyn nodes::NodeKind, at: &str) {
        let settings = &node.settings;
        let longest = kind.longest().as_millis();
        if settings.timeout_ms.is_some_and(|ms| ms == 0 || u128::from(ms) > longest) {
            let why = format!("must be between 1 and {longest} for a {} step", node.r#type);
            self.error(Some(node), format!("{at}.settings.timeoutMs"), why);
        }
        for (setting, instead) in kind.ignores() {
            let (field, is_set) = match setting {
                NodeSetting::TimeoutMs => ("timeoutMs", settings.timeout_ms.is_some()),
                NodeSetting::Retry => ("retry", settings.retry.is_some()),
                NodeSetting::OnError => ("onError", settings.on_error != OnError::Fail),
                NodeSetting::Join => ("join", settings.join != workflow::JoinMode::All),
            };
            if is_set {
                let why = format!("has no effect on a {} step: {instead}", node.r#type);
                self.error(Some(node), format!("{at}.settings.{field}"), why);
            }
        }
    }

    fn settings(&mut self, i: usize, node: &Node, at: &str) {
        let settings = &node.settings;
        if let Some(retry) = &settings.retry {
            let at = format!("{at}.settings.retry");
            if !(1..=10).contains(&retry.max_attempts) {
                self.error(Some(node), format!("{at}.maxAttempts"), "must be between 1 and 10");
            }
            if !(1.0..=100.0).contains(&retry.factor) {
                self.error(Some(node), format!("{at}.factor"), "must be between 1 and 100");
            }
            for (field, ms) in [("delayMs", retry.delay_ms), ("maxDelayMs", retry.max_delay_ms)] {
                if ms > LONGEST_MS {
                    self.error(Some(node), format!("{at}.{field}"), format!("must be at most {LONGEST_MS} (1 hour)"));
                }
            }
        }
        if settings.on_error != OnError::Branch {
            return;
        }
        let path = format!("{at}.settings.onError");
        let has = |handles: &Vec<nodes::NodeHandle>| handles.iter().any(|handle| handle.id == "error");
        if self.handles[i].as_ref().is_some_and(|handles| !has(handles)) {
            let why =
                format!("cannot be `branch`: {} nodes have no error handle; use `continue` or `fail`", node.r#type);
            self.error(Some(node), path, why);
        } else if !self.workflow.edges.iter().any(|edge| edge.source == node.id && edge.handle() == "error") {
            self.warn(
                Some(node),
                path,
                "is `branch`, but no edge leaves the error handle: an error would end this path silently",
            );
        }
    }
}
