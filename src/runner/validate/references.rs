//! Checks references in expressions: steps must exist and run before, inputs must be declared.
use super::{
    Check,
    suggest::{list, suggestion},
};
use crate::{
    model::workflow::{Node, Severity, VARIABLES},
    runner::nodes::{ConfigCode, join},
};
use regex::Regex;
use std::{collections::HashSet, sync::LazyLock};

/// `steps.name`, `steps?.name`, `steps["name"]`; likewise for `input` and `vars`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(steps|input|vars)\s*(?:\??\.\s*([A-Za-z_$][\w$]*)|(?:\?\.)?\[\s*["']([^"'\\]+)["']\s*\])"#).ok()
});

/// Returns the variables that `code` uses; `None` if it uses `vars` in a way that may need any variable.
pub fn variables(code: &str) -> Option<HashSet<&str>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let stands_alone = |at: &usize| {
        let (before, after) = (&code[..*at], &code[*at + VARIABLES.len()..]);
        !before.ends_with(is_word) && !before.trim_end().ends_with('.') && !after.starts_with(is_word)
    };
    let name = |at: usize| {
        let named = NAMED.as_ref()?.captures_at(code, at)?;
        let name = named.get(2).or_else(|| named.get(3))?;
        (named.get(0)?.start() == at).then(|| &code[name.range()])
    };
    code.match_indices(VARIABLES).map(|(at, _)| at).filter(stands_alone).map(name).collect()
}

/// Returns the names that `code` reads from `steps`, `input` or `vars`.
fn names(code: &str) -> HashSet<(&str, &str)> {
    let mut found = HashSet::new();
    for captures in NAMED.iter().flat_map(|pattern| pattern.captures_iter(code)) {
        let (Some(root), Some(name)) = (captures.get(1), captures.get(2).or_else(|| captures.get(3))) else {
            continue;
        };
        // skip a property named `steps` of another object
        if !code[..root.start()].trim_end().ends_with('.') {
            found.insert((&code[root.range()], &code[name.range()]));
        }
    }
    found
}

impl Check<'_> {
    /// Checks the references of a node. In scripts, problems are only warnings, because a name may be in a comment.
    pub(super) fn references(&mut self, i: usize, node: &Node, sources: &[ConfigCode]) {
        let mut before = None;
        for source in sources {
            let path = join(&format!("nodes[{i}].config"), &source.path);
            let severity = if source.is_script { Severity::Warning } else { Severity::Error };
            let mut found: Vec<_> = names(&source.code).into_iter().collect();
            found.sort_unstable();
            for (root, name) in found {
                if root == "input" {
                    self.input(node, &path, name);
                } else if root == "steps" {
                    let before = before.get_or_insert_with(|| self.before(i)).clone();
                    self.step(severity, node, &path, name, &before);
                }
            }
        }
    }

    fn step(&mut self, severity: Severity, node: &Node, path: &str, name: &str, before: &HashSet<usize>) {
        let nodes = &self.workflow.nodes;
        let why = match nodes.iter().position(|other| other.name == name) {
            Some(other) if before.contains(&other) => return,
            Some(_) if name == node.name => format!("`{name}` cannot use its own output"),
            Some(other) if self.loops[other].is_some_and(|around| before.contains(&around)) => {
                let around = self.loops[other].map_or("", |around| nodes[around].name.as_str());
                format!(
                    "`{name}` runs once for each item inside `{around}`: use steps.{around}, the list of its results"
                )
            }
            Some(_) => format!("`steps.{name}` is not available here: no path leads from `{name}` to `{}`", node.name),
            None => {
                let known: Vec<_> = nodes.iter().map(|node| node.name.as_str()).collect();
                format!("no step is named `{name}`{}", suggestion(name, &known))
            }
        };
        self.say(severity, Some(node), path, why);
    }

    fn input(&mut self, node: &Node, path: &str, name: &str) {
        let known: Vec<_> = self.workflow.inputs.iter().map(|input| input.name.as_str()).collect();
        if !known.is_empty() && !known.contains(&name) {
            let why = format!(
                "the workflow has no input `{name}`; its inputs are {}{}",
                list(&known),
                suggestion(name, &known)
            );
            self.warn(Some(node), path, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{names, variables};

    #[test]
    fn names_are_found_in_all_notations() {
        let mut found: Vec<_> =
            names(r#"steps.a.b + steps?.c + steps["d e"] + steps . f + input.g + x.steps.h + mysteps.i + steps[j]"#)
                .into_iter()
                .map(|(_, name)| name)
                .collect();
        found.sort_unstable();
        assert_eq!(found, ["a", "c", "d e", "f", "g"]);
    }

    #[test]
    fn variables_are_known_unless_any_may_be_used() {
        let of = |code| variables(code).map(|found| found.into_iter().collect::<std::collections::BTreeSet<_>>());
        assert_eq!(of("vars.a + vars?.b + vars['c'] + x.vars.d + myvars.e + vars2.f"), Some(["a", "b", "c"].into()));
        assert_eq!(of("input.n"), Some([].into()));
        for code in ["vars[name]", "Object.keys(vars)", "vars.a + f(vars)", "const {a} = vars"] {
            assert_eq!(of(code), None, "{code}");
        }
    }
}
