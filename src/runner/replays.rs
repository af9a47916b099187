//! Runs that are run again: what of the earlier run's record is taken over, and on whose approvals it stands.
use super::{
    Accepted, Definition, Inner, New, Runner,
    engine::{Approval, Entry, Event, Graph, LOOP, StepKey},
    inputs, nodes,
    start::Replay,
};
use crate::{
    Error, Result,
    model::{
        Scope,
        role::BuiltIn,
        run::{Asked, Trigger},
        workflow::OnError,
    },
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// How deep called runs are followed; none are nested deeper.
const MAX_DEPTH: u32 = 20;

/// From where a run is run again.
pub struct Again {
    /// The node whose step is the first to run; its predecessors' outputs come from the record. None: all anew.
    pub from: Option<String>,
    /// Another version of the workflow than the one that ran, by number.
    pub version: Option<(u64, Arc<Definition>)>,
    pub trigger: Trigger,
}

impl Runner {
    /// Runs a run again, as a new run. Approvals are not given twice by one act: a replay that takes over the result of
    /// one needs a caller who might give it now.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` when there is no such step, or the input does not fit the version; `Forbidden` when the
    /// record depends on approvals that are for others to give.
    pub async fn replay(&self, scope: &Scope, id: Uuid, again: Again) -> Result<Accepted> {
        let inner = &self.0;
        if inner.draining.is_cancelled() {
            return Err(Error::Unavailable("the server is stopping"));
        }
        let stored = inner.must_be_stored(scope, id).await?;
        let original = inner.definition(scope, &stored.definition)?;
        let old = stored.instance;
        let (version, definition) = again.version.unwrap_or((old.workflow_version, Arc::clone(&original)));
        let record = match &again.from {
            None => Vec::new(),
            Some(from) => {
                let mut earlier = Earlier::new(&original);
                inner.each_part(scope, id, |part| earlier.take(part)).await?;
                let mut record = earlier.before(&definition, from)?;
                inner.add_called(scope, &mut record).await?;
                inner.check_approvals(scope, &record)?;
                record.into_iter().map(Taken::reused).collect()
            }
        };
        let new = New {
            input: inputs::resolve_text(&definition.workflow.inputs, old.input.unwrap_or_default())?,
            workflow_id: old.workflow_id,
            workflow_name: old.workflow_name,
            workflow_version: version,
            definition,
            trigger: again.trigger,
            is_test: old.is_test,
            idempotency_key: None,
            parent: None,
            replay: Some(Replay { of: id, record }),
        };
        inner.begin(scope, new).await
    }
}

impl Inner {
    /// Adds the approvals inside the runs that the taken steps called.
    async fn add_called(&self, scope: &Scope, record: &mut [Taken]) -> Result<()> {
        for taken in record {
            for run in std::mem::take(&mut taken.called) {
                self.approvals_within(scope, run, &mut taken.approvals).await?;
            }
        }
        Ok(())
    }

    /// Everything that was asked in a run, and in the runs that it called.
    async fn approvals_within(&self, scope: &Scope, run: Uuid, found: &mut Vec<Approval>) -> Result<()> {
        let mut left = vec![(run, 0)];
        while let Some((run, depth)) = left.pop() {
            let stored = self.stored(scope, run).await?;
            let Some(stored) = stored.filter(|_| depth < MAX_DEPTH) else {
                // its record is gone: nobody knows what was approved in it
                found.push(unknown());
                continue;
            };
            let definition = self.definition(scope, &stored.definition)?;
            if !definition.has_tasks && !definition.has_calls {
                continue;
            }
            let take = |part: &[Entry]| {
                for entry in part {
                    let Past { approvals, call, .. } = Past::of(&entry.event, &definition);
                    found.extend(approvals);
                    left.extend(call.into_iter().map(|run| (run, depth + 1)));
                }
            };
            self.each_part(scope, run, take).await?;
        }
        Ok(())
    }

    /// # Errors
    /// `Forbidden` when an approval in the record is not the caller's to give.
    fn check_approvals(&self, scope: &Scope, record: &[Taken]) -> Result<()> {
        let approvals = record.iter().flat_map(|taken| &taken.approvals);
        let Some(asked) = self.first_beyond(scope, approvals)? else { return Ok(()) };
        let who =
            if asked.assignees.is_empty() { BuiltIn::Owner.name().to_owned() } else { asked.assignees.join(", ") };
        let why = "this replay would take over an approval that is for others to give";
        Err(Error::Forbidden(format!("{why} ({who}): replay the run from a step before the approval")))
    }
}

/// An approval of which nobody knows who could give it: only Owners may stand in for it.
fn unknown() -> Approval {
    let asked = Asked { assignees: vec![BuiltIn::Owner.name().to_owned()], role_ids: vec![None] };
    Approval { task: Uuid::nil(), asked }
}

/// What an event says of approvals and of called runs.
#[derive(Default)]
struct Past {
    approvals: Vec<Approval>,
    call: Option<Uuid>,
}

impl Past {
    fn of(event: &Event, definition: &Definition) -> Self {
        match event {
            Event::StepWaiting { wait, .. } => {
                let approval = wait.task.as_ref().map(|task| Approval { task: task.id, asked: task.asked.clone() });
                Self { approvals: approval.into_iter().collect(), call: wait.child }
            }
            Event::StepCompleted { step, notes, .. } | Event::StepFailed { step, notes, .. } if notes.reused => {
                let kind = definition.graph.index_of(&step.node).map(|node| &*definition.workflow.nodes[node].r#type);
                let may_ask = matches!(kind, Some(nodes::APPROVAL | nodes::SUB_WORKFLOW | LOOP))
                    && (definition.has_tasks || definition.has_calls);
                // a version that did not trace approvals may have taken over any
                let untraced = (may_ask && !notes.traced).then(unknown);
                Self { approvals: notes.approvals.iter().cloned().chain(untraced).collect(), call: None }
            }
            _ => Self::default(),
        }
    }
}

/// A step that a new run takes over, with what its result depends on.
struct Taken {
    event: Event,
    approvals: Vec<Approval>,
    called: BTreeSet<Uuid>,
}

impl Taken {
    fn reused(self) -> Event {
        let mut event = self.event;
        if let Event::StepCompleted { notes, .. } | Event::StepFailed { notes, .. } = &mut event {
            notes.reused = true;
            notes.traced = true;
            notes.approvals = self.approvals;
        }
        event
    }
}

/// What an earlier run has left: how each step outside loops has ended, and what was asked and called in it.
struct Earlier<'a> {
    definition: &'a Definition,
    endings: HashMap<String, Event>,
    approvals: HashMap<usize, Vec<Approval>>,
    called: HashMap<usize, BTreeSet<Uuid>>,
}

impl<'a> Earlier<'a> {
    fn new(definition: &'a Definition) -> Self {
        Self { definition, endings: HashMap::new(), approvals: HashMap::new(), called: HashMap::new() }
    }

    fn take(&mut self, journal: &[Entry]) {
        for Entry { event, .. } in journal {
            let Some(key) = event.step() else { continue };
            let ends =
                matches!(event, Event::StepCompleted { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. });
            if ends && key.iteration.is_empty() {
                self.endings.insert(key.node.clone(), event.clone());
            }
            if let Some(node) = self.outermost(key) {
                let Past { approvals, call, .. } = Past::of(event, self.definition);
                self.approvals.entry(node).or_default().extend(approvals);
                self.called.entry(node).or_default().extend(call);
            }
        }
    }

    /// The workflow's own node that the step is, or is in.
    fn outermost(&self, key: &StepKey) -> Option<usize> {
        let graph = &self.definition.graph;
        let mut node = graph.index_of(&key.node)?;
        while let Some(parent) = graph.vertices()[node].parent {
            node = parent;
        }
        Some(node)
    }

    /// What a run of `definition` that begins at the node `from` takes over: the record of each step that does not
    /// follow it, as long as all steps before that one are on record too and it is the same kind of step.
    fn before(mut self, definition: &Definition, from: &str) -> Result<Vec<Taken>> {
        let graph = &definition.graph;
        let first = graph.index_of(from).filter(|&node| graph.vertices()[node].parent.is_none());
        let first = first.ok_or_else(|| {
            let why = "must name a node of this version that is not inside a loop; choose the loop itself";
            Error::invalid("fromNodeID", why)
        })?;
        let after = following(graph, first);
        let mut record = Vec::new();
        let mut taken = HashSet::new();
        for node in in_order(graph) {
            let vertex = &graph.vertices()[node];
            let sources = vertex.incoming.iter().map(|&edge| graph.edges()[edge].source);
            let known = sources.map(|source| &graph.vertices()[source].id).all(|id| self.endings.contains_key(id));
            let same = self.kind_of(&vertex.id) == Some(&*definition.workflow.nodes[node].r#type);
            let fails =
                |event: &Event| matches!(event, Event::StepFailed { .. }) && vertex.settings.on_error == OnError::Fail;
            let event = self.endings.get(&vertex.id).cloned();
            match event.filter(|event| known && same && !after.contains(&node) && !fails(event)) {
                // it will be skipped again by itself
                Some(Event::StepSkipped { .. }) => {}
                Some(event) => {
                    record.push(self.taken(event, graph, node, &taken));
                    taken.insert(&vertex.id);
                }
                None => {
                    self.endings.remove(&vertex.id);
                }
            }
        }
        Ok(record)
    }

    fn kind_of(&self, id: &str) -> Option<&str> {
        let node = self.definition.graph.index_of(id)?;
        Some(&self.definition.workflow.nodes[node].r#type)
    }

    /// A step's record with what was approved in it and before it on the graph that ran. What a step before it that is
    /// taken over too carries already is left to that one.
    fn taken(&self, event: Event, target: &Graph, node: usize, before: &HashSet<&str>) -> Taken {
        let mut taken = Taken { event, approvals: Vec::new(), called: BTreeSet::new() };
        let ran = &self.definition.graph;
        let Some(own) = ran.index_of(&target.vertices()[node].id) else { return taken };
        let carried: HashSet<&str> =
            leading_to(target, node).into_iter().map(|node| &*target.vertices()[node].id).collect();
        for node in leading_to(ran, own) {
            let id = &*ran.vertices()[node].id;
            if node == own || !(before.contains(id) && carried.contains(id)) {
                taken.approvals.extend(self.approvals.get(&node).into_iter().flatten().cloned());
                taken.called.extend(self.called.get(&node).into_iter().flatten());
            }
        }
        let mut seen = HashSet::new();
        taken.approvals.retain(|approval| seen.insert(approval.task));
        taken
    }
}

/// A node and all that lead to it.
fn leading_to(graph: &Graph, to: usize) -> HashSet<usize> {
    let mut seen = HashSet::from([to]);
    let mut open = vec![to];
    while let Some(node) = open.pop() {
        for &edge in &graph.vertices()[node].incoming {
            let source = graph.edges()[edge].source;
            if seen.insert(source) {
                open.push(source);
            }
        }
    }
    seen
}

/// A node and all that edges lead to from it.
fn following(graph: &Graph, from: usize) -> HashSet<usize> {
    let mut seen = HashSet::from([from]);
    let mut open = vec![from];
    while let Some(node) = open.pop() {
        for &edge in &graph.vertices()[node].outgoing {
            let target = graph.edges()[edge].target;
            if seen.insert(target) {
                open.push(target);
            }
        }
    }
    seen
}

/// The workflow's own nodes, each after all that lead to it.
fn in_order(graph: &Graph) -> Vec<usize> {
    let mut left: HashMap<usize, usize> =
        graph.body(None).nodes.iter().map(|&node| (node, graph.vertices()[node].incoming.len())).collect();
    let mut free: Vec<usize> = graph.body(None).nodes.iter().copied().filter(|node| left[node] == 0).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while let Some(node) = free.pop() {
        ordered.push(node);
        for &edge in &graph.vertices()[node].outgoing {
            let target = graph.edges()[edge].target;
            if let Some(count) = left.get_mut(&target) {
                *count -= 1;
                if *count == 0 {
                    free.push(target);
                }
            }
        }
    }
    ordered
}
