//! A job with the scope that its names refer to, as the server writes it for a worker.
use super::wire::{FrameBuilder, FrameKind, JobLimits, Program, ScriptJob, VariableKey};
use crate::{
    json::{self, JsonRefusal, Room},
    script::{GlobalValue, Globals},
};
use serde_json::Value;
use std::{io, sync::Arc, time::Duration};
use tokio::task::spawn_blocking;

/// From this size on, JSON is written and read on a blocking thread.
const HEAVY: usize = 128 << 10;
/// How much memory the values of one result may take, in bytes.
pub(in crate::script) const VALUES: usize = 64 << 20;
/// The largest product of code size and number of names for which the code is searched for the fields that it mentions.
const SEARCHED: usize = 1 << 20;

#[derive(Clone)]
pub(in crate::script) struct ScopedJob {
    pub job: ScriptJob,
    scope: Globals,
}

impl ScopedJob {
    pub fn new(programs: Vec<Program>, scope: Globals, deadline: Duration, bounds: JobLimits) -> Self {
        let fields = |name: &str| match scope.get(name)? {
            GlobalValue::Group(group) => Some(group.names().into_iter().map(str::to_owned).collect()),
            GlobalValue::Value(_) => None,
        };
        let names = scope.names().map(|name| (name.to_owned(), fields(name))).collect();
        Self { job: ScriptJob { programs, names, deadline, bounds }, scope }
    }

    /// Returns the frame of the job, and one for each value that its programs mention. They may request others.
    pub async fn frames(self: &Arc<Self>) -> io::Result<Vec<u8>> {
        let given = self.mentioned();
        if self.are_heavy(&given) {
            let task = Arc::clone(self);
            return Ok(spawn_blocking(move || task.write(&given)).await?);
        }
        Ok(self.write(&given))
    }

    /// Returns the frame of one value; `None` for a key that the job does not have.
    pub async fn value_frame(self: &Arc<Self>, key: VariableKey) -> io::Result<Option<Vec<u8>>> {
        if self.are_heavy(&[key]) {
            let task = Arc::clone(self);
            return Ok(spawn_blocking(move || task.value(key).map(value_frame)).await?);
        }
        Ok(self.value(key).map(value_frame))
    }

    fn write(&self, given: &[VariableKey]) -> Vec<u8> {
        let mut frame = FrameBuilder::new(FrameKind::Job);
        self.job.write(&mut frame, given);
        let mut frames = frame.finish();
        for value in given.iter().filter_map(|key| self.value(*key)) {
            frames.extend(value_frame(value));
        }
        frames
    }

    fn value(&self, (variable, field): VariableKey) -> Option<&Value> {
        let (name, fields) = self.job.names.get(variable)?;
        match (self.scope.get(name)?, field) {
            (GlobalValue::Value(value), None) => Some(value),
            (GlobalValue::Group(group), Some(field)) => group.get(fields.as_ref()?.get(field)?),
            _ => None,
        }
    }

    /// Returns the variables and fields that the programs may use: their names are words in the text.
    fn mentioned(&self) -> Vec<VariableKey> {
        let ScriptJob { programs, names, .. } = &self.job;
        let code = |program: &Program| program.text().len();
        let (bytes, fields) =
            (programs.iter().map(code).sum::<usize>(), names.iter().filter_map(|(_, fields)| fields.as_ref()));
        let searched = bytes.saturating_mul(names.len() + fields.map(Vec::len).sum::<usize>()) <= SEARCHED;
        let mentions = |name: &str| {
            let says = |program: &Program| matches!(program, Program::Matches(_)) || has_word(program.text(), name);
            programs.iter().any(says)
        };
        let mut keys = Vec::new();
        for (variable, (name, fields)) in names.iter().enumerate() {
            match fields {
                _ if !mentions(name) => {}
                None => keys.push((variable, None)),
                Some(fields) if searched => {
                    let named = fields.iter().enumerate().filter(|(_, field)| mentions(field));
                    keys.extend(named.map(|(field, _)| (variable, Some(field))));
                }
                Some(_) => {}
            }
        }
        keys
    }

    /// Whether the values are too large to be written on an async thread.
    fn are_heavy(&self, keys: &[VariableKey]) -> bool {
        let mut left = HEAVY;
        keys.iter().filter_map(|key| self.value(*key)).any(|value| !spend(&mut left, value))
    }
}

/// Subtracts about the size of the value's JSON text from `left`. Returns false as soon as too little is left.
fn spend(left: &mut usize, value: &Value) -> bool {
    let own = match value {
        Value::String(text) => text.len() + 2,
        _ => 8,
    };
    let Some(rest) = left.checked_sub(own) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => items.iter().all(|item| spend(left, item)),
        Value::Object(fields) => fields.values().all(|field| spend(left, field)),
        _ => true,
    }
}

fn value_frame(value: &Value) -> Vec<u8> {
    let mut frame = FrameBuilder::new(FrameKind::Value);
    frame.json(value);
    frame.finish()
}

/// Whether `name` is a word of `text`.
fn has_word(text: &str, name: &str) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let bytes = text.as_bytes();
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            !before.is_some_and(part) && !bytes.get(at + name.len()).is_some_and(part)
        })
}

/// Parses the texts that a worker sent.
///
/// # Errors
/// The index of the first text that is not accepted as JSON, and why.
pub(in crate::script) async fn parsed(texts: Vec<String>) -> Result<Vec<Value>, (usize, JsonRefusal)> {
    let length = texts.iter().map(String::len).sum();
    let parse = |texts: Vec<String>| -> Result<Vec<Value>, (usize, JsonRefusal)> {
        let room = Room::of(VALUES);
        let parse =
            |(index, text): (usize, String)| json::parse_doubles(text.as_bytes(), &room).map_err(|why| (index, why));
        texts.into_iter().enumerate().map(parse).collect()
    };
    json::long_work(length, move || parse(texts)).await.map_err(|error| (0, JsonRefusal::Full(error)))?
}

#[cfg(test)]
mod tests {
    use super::has_word;

    #[test]
    fn a_word_is_not_a_part_of_another() {
        for (text, name, expected) in [
            ("steps.a.b", "a", true),
            ("data.map(row => row.a)", "a", true),
            ("data", "a", false),
            ("steps['My step']", "My step", true),
            ("a$ + _a + a1", "a", false),
            ("größe", "e", true),
            ("größe", "größe", true),
            ("", "a", false),
            ("a", "", false),
        ] {
            assert_eq!(has_word(text, name), expected, "{name} in {text}");
        }
    }
}
