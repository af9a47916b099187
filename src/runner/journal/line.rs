//! A journal entry as the API shows it. Its values stay JSON text, and large ones are omitted.
use crate::{
    Result,
    clock::Time,
    model::{
        Json,
        run::{ApprovalTask, Failure, Omitted},
    },
    runner::engine::StepKey,
    store::JournalEntry,
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use std::borrow::Cow;
use uuid::Uuid;

/// Larger values, in bytes, are omitted from responses and events, and have an endpoint of their own.
pub(super) const LARGE: usize = 64 << 10;

#[derive(Deserialize)]
pub(super) struct JournalLine<'a> {
    #[serde(rename = "type", borrow)]
    pub name: Cow<'a, str>,
    #[serde(default)]
    pub step: Option<StepKey>,
    #[serde(default)]
    pub attempt: Option<u32>,
    #[serde(default, borrow)]
    done: Option<Done<'a>>,
    #[serde(default, borrow)]
    notes: Notes<'a>,
    #[serde(default, borrow)]
    output: Option<&'a RawValue>,
    #[serde(default, borrow)]
    items: Option<&'a RawValue>,
    #[serde(default)]
    pub error: Option<Failure>,
    #[serde(default)]
    pub due: Option<Time>,
    #[serde(default)]
    pub task: Option<ApprovalTask>,
    #[serde(default)]
    pub child: Option<Uuid>,
    #[serde(default)]
    pub by: Option<String>,
}

#[derive(Deserialize)]
struct Done<'a> {
    #[serde(borrow)]
    output: &'a RawValue,
}

#[derive(Default, Deserialize)]
struct Notes<'a> {
    #[serde(default, borrow)]
    input: Option<&'a RawValue>,
    #[serde(default, borrow)]
    logs: Option<&'a RawValue>,
    #[serde(default)]
    reused: bool,
}

/// The values of an entry, up to a requested size each.
#[derive(Default)]
pub(super) struct Values {
    pub input: Option<Json>,
    pub output: Option<Json>,
    pub logs: Vec<String>,
    pub omitted: Omitted,
    /// The total size of the values that are included, in bytes.
    pub bytes: usize,
}

/// A value of a step or of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RunValue {
    /// The result.
    #[default]
    Output,
    /// The input; that of a step has its templates resolved.
    Input,
    /// The logged lines, as a list.
    Logs,
}

impl<'a> JournalLine<'a> {
    pub fn read(entry: &'a JournalEntry) -> Result<Self> {
        Ok(serde_json::from_str(&entry.event)?)
    }

    /// Returns whether it is the last entry of a run.
    pub fn is_last(&self) -> bool {
        matches!(&*self.name, "run.completed" | "run.failed" | "run.cancelled")
    }

    pub fn is_reused(&self) -> bool {
        self.notes.reused
    }

    /// Returns a value as stored, whatever its size.
    pub fn part(&self, part: RunValue) -> Option<&'a RawValue> {
        match part {
            RunValue::Output => self.done.as_ref().map(|done| done.output).or(self.output),
            RunValue::Input => self.notes.input,
            RunValue::Logs => self.notes.logs,
        }
    }

    /// Returns the number of items of a loop.
    pub fn items(&self) -> Result<Option<usize>> {
        let count = |raw: &RawValue| Ok(serde_json::from_str::<Vec<IgnoredAny>>(raw.get())?.len());
        self.items.map(count).transpose()
    }

    /// Returns its values, without those larger than `most` bytes.
    pub fn values(&self, most: usize) -> Result<Values> {
        let mut values = Values::default();
        let omitted = &mut values.omitted;
        for part in [RunValue::Input, RunValue::Output, RunValue::Logs] {
            let Some(raw) = self.part(part) else { continue };
            let bytes = raw.get().len();
            if bytes > most {
                let (flag, size) = match part {
                    RunValue::Input => (&mut omitted.input_omitted, &mut omitted.input_bytes),
                    RunValue::Output => (&mut omitted.output_omitted, &mut omitted.output_bytes),
                    RunValue::Logs => (&mut omitted.logs_omitted, &mut omitted.logs_bytes),
                };
                (*flag, *size) = (true, Some(bytes));
                continue;
            }
            values.bytes += bytes;
            match part {
                RunValue::Input => values.input = Some(raw.into()),
                RunValue::Output => values.output = Some(raw.into()),
                RunValue::Logs => values.logs = serde_json::from_str(raw.get())?,
            }
        }
        Ok(values)
    }
}
