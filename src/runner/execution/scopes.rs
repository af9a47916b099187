//! The scopes of a run's expressions: the input, the outputs so far, the tenant's variables, and in a loop's body the
//! item.
use crate::{
    clock::Time,
    json::{cost, weight},
    model::{run::Instance, workflow::VARIABLES},
    runner::engine::{Iteration, RunState, StepPlace},
    script::{GlobalValue, Globals, Group},
    variables::Vars,
};
use serde_json::{Value, json};
use std::{collections::HashMap, ops::AddAssign, sync::Arc};

/// The scope of the run itself, and one for each open iteration of its loops.
pub struct Scopes {
    root: Globals,
    iterations: HashMap<Iteration, (Globals, Size)>,
    /// The size of all values.
    size: Size,
}

/// The size of values in bytes: as JSON, and in memory.
#[derive(Clone, Copy, Default)]
pub struct Size {
    pub bytes: usize,
    pub memory: usize,
}

impl Size {
    pub fn of(value: &Value) -> Self {
        Self { bytes: weight(value), memory: cost(value) }
    }
}

impl AddAssign for Size {
    fn add_assign(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.memory += other.memory;
    }
}

impl Scopes {
    pub fn new(instance: &Instance, input: Value, vars: &Vars) -> Self {
        let mut root = Globals::default();
        let size = Size::of(&input);
        root.set_value("input", input);
        root.set("steps", GlobalValue::Group(Group::default()));
        root.set(VARIABLES, GlobalValue::Value(Arc::clone(&vars.values)));
        let run = json!({
            "id": instance.id,
            "workflowID": instance.workflow_id,
            "workflowName": instance.workflow_name,
            "trigger": instance.trigger,
            "startedAt": instance.started_at,
        });
        root.set_value("run", run);
        Self { root, iterations: HashMap::new(), size }
    }

    pub fn begun(&mut self, at: Time) {
        if let Some(GlobalValue::Value(run)) = self.root.get("run") {
            let mut run = Arc::clone(run);
            if let Value::Object(fields) = Arc::make_mut(&mut run) {
                fields.insert("startedAt".to_owned(), json!(at));
            }
            self.root.set("run", GlobalValue::Value(run));
        }
    }

    /// Returns the scope of the step at `place`.
    pub fn of(&mut self, run: &RunState, place: &StepPlace) -> &mut Globals {
        let Some(iteration) = place.iteration(&run.graph()) else { return &mut self.root };
        if !self.iterations.contains_key(&iteration) {
            let mut globals = self.of(run, &iteration.owner()).clone();
            if let Some(GlobalValue::Group(steps)) = globals.get("steps") {
                let inner = steps.inner();
                globals.set("steps", GlobalValue::Group(inner));
            }
            globals.set_value("item", run.item(&iteration).cloned().unwrap_or_default());
            globals.set_value("index", iteration.index());
            self.iterations.insert(iteration.clone(), (globals, Size::default()));
        }
        &mut self.iterations.entry(iteration).or_default().0
    }

    /// Replaces the tenant's variables.
    pub fn set_variables(&mut self, vars: &Vars) {
        let iterations = self.iterations.values_mut().map(|(globals, _)| globals);
        for globals in std::iter::once(&mut self.root).chain(iterations) {
            globals.set(VARIABLES, GlobalValue::Value(Arc::clone(&vars.values)));
        }
    }

    pub fn size(&self) -> Size {
        self.size
    }

    /// Adds the output of a step.
    pub fn set_output(&mut self, run: &RunState, place: &StepPlace, name: &str, output: Value) {
        let iteration = place.iteration(&run.graph());
        if iteration.as_ref().is_none_or(|iteration| run.has_iteration(iteration)) {
            self.weigh(run, place, Size::of(&output));
            self.of(run, place).add("steps", name, output);
        }
    }

    /// Adds the size of values of the step at `place`, which are kept until its iteration or the run ends.
    pub fn weigh(&mut self, run: &RunState, place: &StepPlace, size: Size) {
        self.of(run, place);
        if let Some(iteration) = place.iteration(&run.graph()) {
            self.iterations.entry(iteration).or_default().1 += size;
        }
        self.size += size;
    }

    /// Drops the scopes of iterations that have ended.
    pub fn tidy(&mut self, run: &RunState) {
        self.iterations.retain(|iteration, (_, size)| {
            let lasts = run.has_iteration(iteration);
            if !lasts {
                self.size.bytes -= size.bytes;
                self.size.memory -= size.memory;
            }
            lasts
        });
    }
}
