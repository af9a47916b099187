//! Selects one of several branches.
use super::{
    branches,
    operators::{ComparisonOperator, Verdict},
};
use crate::{
    Error, Result,
    error::FieldProblem,
    runner::nodes::{
        ConfigCode, NodeConfig, NodeFuture, NodeHandle, NodeInfo, NodeKind, Schema, StepContext, StepFailure,
        StepOutcome, StepResult, problem, read, schema_of, sources_of,
    },
    script::{ParseProblem, Template},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub struct ConditionNode;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Checked in order. The run continues through the first branch that applies, or through `default` if none does.
    #[schemars(title = "Branches", length(min = 1, max = 50))]
    branches: Vec<Branch>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Branch {
    /// The id of this branch's output, unique within the step.
    #[schemars(title = "ID", length(min = 1, max = 64))]
    id: String,
    #[serde(default)]
    #[schemars(title = "Label")]
    label: String,
    #[schemars(title = "Condition")]
    when: When,
}

#[derive(Deserialize, JsonSchema)]
#[serde(untagged, expecting = "must be an expression or {match, rows: [{left, operator, right}]}")]
enum When {
    /// A JavaScript expression, such as `steps.users.rowCount > 0`.
    #[schemars(title = "Expression")]
    Expression(String),
    #[schemars(title = "Comparisons")]
    Rows(Rows),
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rows {
    /// Whether all comparisons must be true, or any of them.
    #[serde(rename = "match", default)]
    #[schemars(title = "Match")]
    mode: Match,
    #[schemars(title = "Comparisons", length(min = 1, max = 50))]
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Match {
    #[default]
    All,
    Any,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The value to compare, usually a template such as `{{ input.country }}`.
    #[serde(default)]
    #[schemars(title = "Left")]
    left: Value,
    #[schemars(title = "Operator")]
    operator: ComparisonOperator,
    /// The value to compare with: `[low, high]` for `between`, a list for `in`, nothing for `isEmpty`.
    #[serde(default)]
    #[schemars(title = "Right")]
    right: Value,
}

impl Branch {
    fn check(&self, at: &str) -> Option<FieldProblem> {
        match &self.when {
            When::Expression(text) => {
                template_of(text).err().map(|error| problem(format!("{at}.when"), error.to_string()))
            }
            When::Rows(rows) if rows.rows.is_empty() => {
                Some(problem(format!("{at}.when.rows"), "must contain at least one comparison"))
            }
            When::Rows(rows) => rows.rows.iter().enumerate().find_map(|(i, row)| {
                let fixed = !matches!(&row.right, Value::String(text) if text.contains("{{"));
                let wrong = fixed.then(|| row.operator.check(&row.right).err()).flatten()?;
                Some(problem(format!("{at}.when.rows[{i}].right"), wrong))
            }),
        }
    }

    /// Returns whether the branch applies. A condition that throws fails the step instead of being false.
    async fn holds(&self, step: &StepContext<'_>, at: &str) -> Result<bool, StepFailure> {
        let rows = match &self.when {
            When::Expression(text) => {
                let value = step.resolve(&Value::String(template_of(text)?), &format!("{at}.when")).await?;
                step.saw(&json!({"branch": self.id, "when": text, "value": value}));
                return Ok(is_true(&value));
            }
            When::Rows(rows) => rows,
        };
        let mut seen = Vec::with_capacity(rows.rows.len());
        let mut holds = rows.mode == Match::All;
        for (i, row) in rows.rows.iter().enumerate() {
            let at = format!("{at}.when.rows[{i}]");
            let left = step.resolve(&row.left, &format!("{at}.left")).await?;
            let right = step.resolve(&row.right, &format!("{at}.right")).await?;
            holds = match row.operator.compare(&left, &right).map_err(|why| Error::invalid(&*at, why))? {
                Verdict::Holds(holds) => holds,
                Verdict::Matches { pattern, text } => step.matches(&pattern, text, &at).await?,
            };
            seen.push(json!({"left": left, "operator": row.operator, "right": right, "holds": holds}));
            if holds == (rows.mode == Match::Any) {
                break;
            }
        }
        step.saw(&json!({"branch": self.id, "rows": seen}));
        Ok(holds)
    }
}

/// Returns the expression as a single template. The braces are optional.
fn template_of(text: &str) -> Result<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Error::invalid("", "is empty: enter an expression such as `input.total > 100`"));
    }
    let whole = if trimmed.starts_with("{{") { trimmed.to_owned() } else { format!("{{{{ {trimmed} }}}}") };
    match Template::parse(&whole) {
        Ok(template) if template.whole().is_some() => Ok(whole),
        Ok(_) => Err(Error::invalid("", "must be one expression, without text around it")),
        Err(problem) => Err(Error::invalid("", problem.to_string())),
    }
}

/// Returns whether a value is truthy in JavaScript.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

impl NodeKind for ConditionNode {
    fn about(&self) -> NodeInfo {
        NodeInfo {
            kind: "condition",
            name: "Condition",
            category: "Flow",
            description: "Continues through the first branch that applies, or through the default",
            handles: branches::HANDLES,
            dynamic_handles: Some("branches"),
        }
    }

    fn schema(&self) -> Schema {
        schema_of::<Settings>()
    }

    fn check(&self, config: &NodeConfig) -> Result<()> {
        let settings: Settings = read(config)?;
        branches::check("branches", &settings.branches, |branch| &branch.id, Branch::check)
    }

    fn sources(&self, config: &NodeConfig) -> Result<Vec<ConfigCode>, ParseProblem> {
        let mut config = Value::Object(config.clone());
        let branches = config.get_mut("branches").and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten() {
            if let Some(Value::String(when)) = branch.get_mut("when")
                && let Ok(whole) = template_of(when)
            {
                *when = whole;
            }
        }
        sources_of(&config)
    }

    fn handles(&self, config: &NodeConfig) -> Vec<NodeHandle> {
        branches::handles("branches", config)
    }

    fn pinned(&self, _: &NodeConfig, output: Value) -> StepResult {
        branches::pinned(output)
    }

    fn run<'a>(&'a self, step: &'a StepContext<'a>) -> NodeFuture<'a, Result<StepOutcome, StepFailure>> {
        Box::pin(async move {
            let settings: Settings = read(step.config)?;
            for (i, branch) in settings.branches.iter().enumerate() {
                if branch.holds(step, &format!("branches[{i}]")).await? {
                    return Ok(branches::take(Some((&branch.id, &branch.label))));
                }
            }
            Ok(branches::take(None))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn problem_of(config: &Value) -> String {
        ConditionNode.check(config.as_object().unwrap()).map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn the_check_reports_problems_of_a_condition() {
        let branch = |when: Value| json!({"branches": [{"id": "a", "when": when}]});
        assert_eq!(problem_of(&branch(json!("input.total > 100"))), "");
        assert_eq!(problem_of(&branch(json!("{{ input.total > 100 }}"))), "");
        assert_eq!(problem_of(&branch(json!({"rows": [{"left": "{{ input.a }}", "operator": "isEmpty"}]}))), "");
        for (config, words) in [
            (json!({}), "branches: is required"),
            (json!({"branches": []}), "must contain 1 to 50"),
            (branch(json!("")), "branches[0].when: is empty"),
            (branch(json!("{{ a }} and {{ b }}")), "one expression"),
            (branch(json!({"rows": []})), "at least one comparison"),
            (branch(json!({"rows": [{"left": 1, "operator": "between", "right": 3}]})), "[low, high]"),
            (branch(json!({"rows": [{"left": 1, "operator": "matches", "right": "("}]})), "rows[0].right"),
            (json!({"branches": [{"id": "default", "when": "1"}]}), "is reserved"),
            (json!({"branches": [{"id": "a", "when": "1"}, {"id": "a", "when": "1"}]}), "used twice"),
        ] {
            assert!(problem_of(&config).contains(words), "{config}: {}", problem_of(&config));
        }
    }

    #[test]
    fn branches_are_handles() {
        let config = json!({"branches": [{"id": "big", "label": "Big", "when": "1"}, {"id": "b", "when": "1"}]});
        let handles = ConditionNode.handles(config.as_object().unwrap());
        let ids: Vec<_> = handles.iter().map(|handle| (handle.id.as_str(), handle.label.as_str())).collect();
        assert_eq!(ids, [("big", "Big"), ("b", "b"), ("default", "Otherwise"), ("error", "On error")]);
    }
}
