//! Replays of runs: which results of the earlier run are reused, and the approvals that they depend on.
use super::start::Replay;
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        role::BuiltIn,
        run::{ApprovalRoles, RunTrigger},
        workflow::OnError,
    },
    runner::{
        AcceptedRun, Definition, Inner, NewRun, Runner,
        engine::{
            AnsweredApproval, Graph, LOOP, Phase, ReusedResults, RunEntry, RunEvent, RunState, StepKey, StepPlace,
        },
        inputs, nodes,
    },
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Maximum depth to which called runs are followed. Calls are never nested deeper.
const MAX_DEPTH: u32 = 20;

/// How a run is replayed.
pub struct ReplayOptions {
    /// The node to replay from. Results of the steps before it are reused. `None` replays from the start.
    pub from: Option<String>,
    /// Another version of the workflow to run instead of the original one, with its number.
    pub version: Option<(u64, Arc<Definition>)>,
    pub trigger: RunTrigger,
}

impl Runner {
    /// Replays a run as a new run. If it would reuse the result of an approval, the caller must be allowed to give this
    /// approval now.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if the step does not exist or the input does not fit the version; `Forbidden` if the
    /// reused results depend on approvals that the caller may not give.
    pub async fn replay(&self, scope: &Scope, id: Uuid, again: ReplayOptions) -> Result<AcceptedRun> {
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
        let new = NewRun {
            input: inputs::resolve_text(&definition.workflow.inputs, old.input.unwrap_or_default())?,
            workflow_id: old.workflow_id,
            workflow_name: old.workflow_name,
            workflow_version: version,
            definition,
            trigger: again.trigger,
            is_test: old.is_test,
            idempotency_key: None,
            is_awaited: false,
            parent: None,
            replay: Some(Replay { of: id, record: ReusedResults { from: again.from, endings: record } }),
        };
        inner.begin(scope, new).await
    }
}

impl Inner {
    /// Adds the approvals inside the runs that the reused steps called.
    async fn add_called(&self, scope: &Scope, record: &mut [Taken]) -> Result<()> {
        for taken in record {
            for run in std::mem::take(&mut taken.called) {
                self.approvals_within(scope, run, &mut taken.approvals).await?;
            }
        }
        Ok(())
    }

    /// Adds the approvals of a run, and of the runs that it called, to `found`.
    async fn approvals_within(&self, scope: &Scope, run: Uuid, found: &mut Vec<AnsweredApproval>) -> Result<()> {
        let mut left = vec![(run, 0)];
        while let Some((run, depth)) = left.pop() {
            let stored = self.stored(scope, run).await?;
            let Some(stored) = stored.filter(|_| depth < MAX_DEPTH) else {
                // the run was deleted, so its approvals are unknown
                found.push(unknown());
                continue;
            };
            let definition = self.definition(scope, &stored.definition)?;
            if !definition.has_tasks && !definition.has_calls {
                continue;
            }
            let take = |part: &[RunEntry]| {
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
    /// `Forbidden` if the caller may not give an approval that would be reused.
    fn check_approvals(&self, scope: &Scope, record: &[Taken]) -> Result<()> {
        let approvals = record.iter().flat_map(|taken| &taken.approvals);
        let Some(asked) = self.first_beyond(scope, approvals)? else { return Ok(()) };
        let who =
            if asked.assignees.is_empty() { BuiltIn::Owner.name().to_owned() } else { asked.assignees.join(", ") };
        Err(Error::Forbidden(format!(
            "this replay would reuse an approval that only these roles can give: {who}; \
             replay the run from a step before the approval"
        )))
    }
}

/// Returns a placeholder for an approval with unknown roles. Only Owners may reuse it.
fn unknown() -> AnsweredApproval {
    let asked = ApprovalRoles { assignees: vec![BuiltIn::Owner.name().to_owned()], role_ids: vec![None] };
    AnsweredApproval { task: Uuid::nil(), asked }
}

/// The approvals and the called run of an event.
#[derive(Default)]
struct Past {
    approvals: Vec<AnsweredApproval>,
    call: Option<Uuid>,
}

impl Past {
    fn of(event: &RunEvent, definition: &Definition) -> Self {
        match event {
            RunEvent::StepWaiting { wait, .. } => {
                let approval =
                    wait.task.as_ref().map(|task| AnsweredApproval { task: task.id, asked: task.asked.clone() });
                Self { approvals: approval.into_iter().collect(), call: wait.child }
            }
            RunEvent::StepCompleted { step, notes, .. } | RunEvent::StepFailed { step, notes, .. } if notes.reused => {
                let kind = definition.graph.index_of(&step.node).map(|node| &*definition.workflow.nodes[node].r#type);
                let may_ask = matches!(kind, Some(nodes::APPROVAL | nodes::SUB_WORKFLOW | LOOP))
                    && (definition.has_tasks || definition.has_calls);
                // journals of older versions do not list the approvals of reused results
                let untraced = (may_ask && !notes.traced).then(unknown);
                Self { approvals: notes.approvals.iter().cloned().chain(untraced).collect(), call: None }
            }
            _ => Self::default(),
        }
    }
}

/// A step whose result the new run reuses, with the approvals and called runs that it depends on.
struct Taken {
    event: RunEvent,
    approvals: Vec<AnsweredApproval>,
    called: BTreeSet<Uuid>,
}

impl Taken {
    fn reused(self) -> RunEvent {
        let mut event = self.event;
        if let RunEvent::StepCompleted { notes, .. } | RunEvent::StepFailed { notes, .. } = &mut event {
            notes.reused = true;
            notes.traced = true;
            notes.approvals = self.approvals;
        }
        event
    }
}

/// The record of the earlier run: the ending of each step outside loops, and its approvals and called runs.
struct Earlier<'a> {
    definition: &'a Definition,
    endings: HashMap<String, RunEvent>,
    approvals: HashMap<usize, Vec<AnsweredApproval>>,
    called: HashMap<usize, BTreeSet<Uuid>>,
}

impl<'a> Earlier<'a> {
    fn new(definition: &'a Definition) -> Self {
        Self { definition, endings: HashMap::new(), approvals: HashMap::new(), called: HashMap::new() }
    }

    fn take(&mut self, journal: &[RunEntry]) {
        for RunEntry { event, .. } in journal {
            let Some(key) = event.step() else { continue };
            let ends = matches!(
                event,
                RunEvent::StepCompleted { .. } | RunEvent::StepFailed { .. } | RunEvent::StepSkipped { .. }
            );
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

    /// Returns the step's node, or the outermost loop around it.
    fn outermost(&self, key: &StepKey) -> Option<usize> {
        let graph = &self.definition.graph;
        let mut node = graph.index_of(&key.node)?;
        while let Some(parent) = graph.vertices()[node].parent {
            node = parent;
        }
        Some(node)
    }

    /// Returns the results that a replay of `definition` from the node `from` reuses: those of all steps that do not
    /// follow it, as far as they fit the definition. Other steps, and those after them, are executed again.
    ///
    /// # Errors
    /// `Invalid` if the node does not exist, or if the reused results do not lead to it.
    fn before(self, definition: &Definition, from: &str) -> Result<Vec<Taken>> {
        let graph = &definition.graph;
        let first = graph.index_of(from).filter(|&node| graph.vertices()[node].parent.is_none());
        let first = first.ok_or_else(|| {
            let why = "must be a node of this version that is not inside a loop; use the loop itself instead";
            Error::invalid("fromNodeID", why)
        })?;
        let after = following(graph, first);
        // the engine determines what follows from each result, as it will when the run begins
        let (mut run, now) = (RunState::new(Arc::clone(graph), 0, None), Time::now());
        run.begin(now, ReusedResults::default());
        let (mut record, mut taken) = (Vec::new(), HashSet::new());
        for node in in_order(graph) {
            let vertex = &graph.vertices()[node];
            let mut sources = vertex.incoming.iter().map(|&edge| StepPlace::root(graph.edges()[edge].source));
            let is_next = run.phase(&StepPlace::root(node)) == Some(&Phase::Ready)
                && sources.all(|place| run.phase(&place).is_some_and(Phase::is_final));
            let Some(event) = self.fitting(definition, node).filter(|_| is_next && !after.contains(&node)) else {
                continue;
            };
            run.take_over(event.clone(), now);
            record.push(self.taken(event.clone(), graph, node, &taken));
            taken.insert(&*vertex.id);
        }
        let passes = graph.vertices()[first].settings.disabled;
        if run.status().is_final() || (!passes && run.phase(&StepPlace::root(first)).is_none_or(Phase::is_final)) {
            return Err(self.leads_past(graph, first));
        }
        Ok(record)
    }

    /// Returns how a step ended, if its node still has the same type and can still end this way. `None` for a skipped
    /// step: skipping follows from other steps.
    fn fitting(&self, definition: &Definition, node: usize) -> Option<&RunEvent> {
        let node = &definition.workflow.nodes[node];
        let event = self.endings.get(&node.id)?;
        let fits = match event {
            RunEvent::StepCompleted { done, .. } => {
                let known = nodes::find(&node.r#type)?.handles(&node.config);
                done.handles.iter().all(|taken| known.iter().any(|handle| handle.id == *taken))
            }
            RunEvent::StepFailed { .. } => node.settings.on_error != OnError::Fail,
            _ => false,
        };
        (fits && self.kind_of(&node.id) == Some(&*node.r#type)).then_some(event)
    }

    /// Explains why a run that reuses the results would not reach `first`.
    fn leads_past(&self, graph: &Graph, first: usize) -> Error {
        let went = |node: &usize| {
            let vertex = &graph.vertices()[*node];
            match self.endings.get(&vertex.id)? {
                RunEvent::StepCompleted { done, .. } if done.ends.is_some_and(|ends| ends.terminate) => {
                    Some(format!("`{}` ended the run", vertex.name))
                }
                RunEvent::StepCompleted { done, .. } => {
                    let leads = |&edge: &usize| done.handles.contains(&graph.edges()[edge].handle);
                    let elsewhere = !vertex.outgoing.is_empty() && !vertex.outgoing.iter().all(leads);
                    elsewhere.then(|| format!("`{}` continued through `{}`", vertex.name, done.handles.join("`, `")))
                }
                _ => None,
            }
        };
        let mut reasons: Vec<String> = in_order(graph).iter().filter_map(went).collect();
        reasons.truncate(5);
        let name = &graph.vertices()[first].name;
        let reasons = if reasons.is_empty() { "no step leads to it".to_owned() } else { reasons.join(", ") };
        let why = format!(
            "`{name}` would not run, because the recorded steps do not lead to it in this version ({reasons}): \
                         replay from an earlier step or from the start"
        );
        Error::invalid("fromNodeID", why)
    }

    fn kind_of(&self, id: &str) -> Option<&str> {
        let node = self.definition.graph.index_of(id)?;
        Some(&self.definition.workflow.nodes[node].r#type)
    }

    /// Returns a reused step with the approvals in it and before it, according to the graph that ran. Omits approvals
    /// that a reused step before it already carries.
    fn taken(&self, event: RunEvent, target: &Graph, node: usize, before: &HashSet<&str>) -> Taken {
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

/// Returns a node and all nodes that lead to it.
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

/// Returns a node and all nodes that follow it.
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

/// Returns the nodes outside loops in topological order.
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
