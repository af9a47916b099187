//! Reads runs for the API: the record with its small values, and large values one by one.
use super::{
    line::{JournalLine, LARGE, RunValue},
    view,
};
use crate::{
    Error, Result,
    model::{Json, Scope, run::Instance},
    runner::{Inner, Runner, definition::Definition, engine::StepKey},
    store::{JournalEntry, JournalPart},
};
use std::sync::Arc;
use uuid::Uuid;

impl Runner {
    /// Returns a run with its steps and its graph. Omits large values.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn get(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        let inner = &self.0;
        let _reading = inner.reading.acquire().await.map_err(Error::internal)?;
        let stored = inner.must_be_stored(scope, id).await?;
        let definition = inner.definition(scope, &stored.definition)?;
        let mut instance = stored.instance;
        let mut steps = view::Steps::new(&definition);
        inner.each_line(scope, id, |line| steps.take(line)).await?;
        let (mut steps, count) = steps.finish(instance.status);
        self.name_roles(scope, steps.iter_mut().filter_map(|step| step.task.as_mut()))?;
        instance.steps = Some(steps);
        instance.step_count = Some(count);
        let (nodes, edges) = definition.parts()?;
        (instance.nodes, instance.edges) = (Some(nodes), Some(edges));
        leave_out(&mut instance);
        Ok(instance)
    }

    /// Returns a run without its steps and its graph.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn record(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        Ok(self.0.must_be_stored(scope, id).await?.instance)
    }

    /// Returns the definition of a run.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn definition_of(&self, scope: &Scope, id: Uuid) -> Result<Arc<Definition>> {
        let hash = self.0.store.runs.get(|tx| tx.definition_of(scope, id)?.ok_or(Error::NotFound("instance")))?;
        self.0.definition(scope, &hash)
    }

    /// Returns the input or the output of a run, whatever its size.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn value(&self, scope: &Scope, id: Uuid, part: RunValue) -> Result<Json> {
        let stored = self.0.must_be_stored(scope, id).await?;
        let Instance { input, output, .. } = stored.instance;
        Ok(if part == RunValue::Input { input } else { output }.unwrap_or_default())
    }

    /// Returns a value of a step, whatever its size; `null`, or an empty list for logs, if it has none.
    ///
    /// # Errors
    /// `NotFound`, also if the run has no such step.
    pub async fn step_value(&self, scope: &Scope, id: Uuid, key: &StepKey, part: RunValue) -> Result<Json> {
        let inner = &self.0;
        let _reading = inner.reading.acquire().await.map_err(Error::internal)?;
        inner.store.runs.get(|tx| tx.instance_state(scope, id)?.ok_or(Error::NotFound("instance")))?;
        let (mut found, mut value) = (false, None);
        inner
            .each_line(scope, id, |entry| {
                let line = JournalLine::read(entry)?;
                if line.step.as_ref() != Some(key) {
                    return Ok(());
                }
                found = true;
                match line.part(part) {
                    Some(raw) => value = Some(raw.into()),
                    // an event without output resets the output of an earlier attempt
                    None if part == RunValue::Output => value = None,
                    None => {}
                }
                Ok(())
            })
            .await?;
        match value {
            _ if !found => Err(Error::NotFound("step")),
            Some(value) => Ok(value),
            None if part == RunValue::Logs => Json::of(&[(); 0]),
            None => Ok(Json::default()),
        }
    }

    /// Returns the output of a journal entry, whatever its size.
    pub(in crate::runner) async fn output_at(&self, scope: &Scope, id: Uuid, seq: u64) -> Result<Json> {
        let part = JournalPart { lines: 1, bytes: 0 };
        let lines = self.0.lines(scope, id, seq.saturating_sub(1), part).await?;
        let line = lines.first().map(JournalLine::read).transpose()?;
        Ok(line.and_then(|line| line.part(RunValue::Output)).map(Json::from).unwrap_or_default())
    }
}

impl Inner {
    /// Reads a journal part by part.
    async fn each_line(
        &self,
        scope: &Scope,
        id: Uuid,
        mut take: impl FnMut(&JournalEntry) -> Result<()>,
    ) -> Result<()> {
        let part = JournalPart::default();
        let mut lines = self.lines(scope, id, 0, part).await?;
        while let Some(last) = lines.last() {
            let after = last.seq;
            lines.iter().try_for_each(&mut take)?;
            if lines.len() < part.lines && lines.iter().map(|line| line.event.len()).sum::<usize>() < part.bytes {
                break;
            }
            drop(lines);
            lines = self.lines(scope, id, after, part).await?;
        }
        Ok(())
    }
}

/// Omits large values of the run itself.
fn leave_out(instance: &mut Instance) {
    let omitted = &mut instance.omitted;
    for (value, flag, size) in [
        (&mut instance.input, &mut omitted.input_omitted, &mut omitted.input_bytes),
        (&mut instance.output, &mut omitted.output_omitted, &mut omitted.output_bytes),
    ] {
        if let Some(large) = value.as_mut().filter(|value| value.text().len() > LARGE) {
            (*flag, *size) = (true, Some(large.text().len()));
            *large = Json::default();
        }
    }
}
