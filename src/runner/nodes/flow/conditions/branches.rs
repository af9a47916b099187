//! Branches that a node's config lists. Their ids are handles.
use crate::{
    Error, Result,
    error::FieldProblem,
    model::text::length_problem,
    runner::nodes::{NodeConfig, NodeHandle, StepOutcome, StepResult, problem},
};
use serde_json::{Value, json};

/// Taken if no other branch is.
pub(super) const DEFAULT: &str = "default";
/// The handles that these nodes have in addition to their branches.
pub(super) const HANDLES: &[(&str, &str)] = &[(DEFAULT, "Otherwise"), ("error", "On error")];
const MOST: usize = 50;

/// Checks that ids are valid, unique handles. `rest` checks the other fields of a branch, at its path.
pub(super) fn check<T>(
    list: &str,
    ways: &[T],
    id: impl Fn(&T) -> &str,
    rest: impl Fn(&T, &str) -> Option<FieldProblem>,
) -> Result<()> {
    if ways.is_empty() || ways.len() > MOST {
        return Err(Error::invalid(list, format!("must contain 1 to {MOST} entries")));
    }
    let mut problems = Vec::new();
    for (i, way) in ways.iter().enumerate() {
        let at = format!("{list}[{i}]");
        let name = id(way);
        if let Some(wrong) = length_problem(&format!("{at}.id"), name, 1..=64) {
            problems.push(wrong);
        } else if matches!(name, DEFAULT | "error") {
            problems.push(problem(format!("{at}.id"), format!("`{name}` is reserved: enter another id")));
        } else if ways[..i].iter().any(|other| id(other) == name) {
            problems.push(problem(format!("{at}.id"), format!("`{name}` is used twice")));
        }
        problems.extend(rest(way, &at));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Returns the handles that `config` lists, then those that are always present.
pub(super) fn handles(list: &str, config: &NodeConfig) -> Vec<NodeHandle> {
    let ways = config.get(list).and_then(Value::as_array);
    let way = |way: &Value| {
        let id = way.get("id")?.as_str()?.to_owned();
        let label = way.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
        Some(NodeHandle { label: label.unwrap_or(&id).to_owned(), id })
    };
    let always = HANDLES.iter().map(|(id, label)| NodeHandle { id: (*id).to_owned(), label: (*label).to_owned() });
    ways.into_iter().flatten().filter_map(way).chain(always).collect()
}

/// Continues through the branch `taken`, an id and its label; through the default for `None`.
pub(super) fn take(taken: Option<(&str, &str)>) -> StepOutcome {
    let (id, label) = taken.unwrap_or((DEFAULT, ""));
    StepOutcome::Done(StepResult::through(id, json!({"branch": id, "label": label})))
}

/// Continues through the branch that a pinned output names.
pub(super) fn pinned(output: Value) -> StepResult {
    let branch = output.get("branch").and_then(Value::as_str).unwrap_or(DEFAULT).to_owned();
    StepResult::through(&branch, output)
}
