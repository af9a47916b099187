//! The protocol between the server and a script worker: frames of a length, a kind and fields, over a pipe.
//!
//! The server sends `Job`, answers each `Need` with a `Value`, and may send `Cancel`. The worker sends `Ready` when it
//! starts and after each job, and `Done` at the end of a job. Neither side trusts a length that it has read.
use super::engine::FailedProgram;
use crate::{
    json::number::exact_for_scripts,
    script::{ScriptProblem, ScriptProblemKind},
};
use std::{
    borrow::Cow,
    io::{self, Read},
    time::Duration,
};

/// The bytes before a frame's fields: its length and its kind.
pub(super) const HEAD: usize = 5;
/// Encodes an absent number.
const NONE: u32 = u32::MAX;

/// What one job may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::script) struct JobLimits {
    pub memory: usize,
    pub output: usize,
    pub log_lines: usize,
    pub log_bytes: usize,
}

impl JobLimits {
    /// Returns the maximum size of what an honest worker sends about a job with this many programs, in bytes.
    pub fn longest_outcome(self, programs: usize) -> usize {
        self.output + self.log_bytes + (self.log_lines + programs) * 8 + (64 << 10)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::script) enum Program {
    /// The body of an async function.
    Body(String),
    Expression(String),
    /// Whether a regular expression matches the first variable, a string.
    Matches(String),
}

impl Program {
    pub fn text(&self) -> &str {
        let (Self::Body(text) | Self::Expression(text) | Self::Matches(text)) = self;
        text
    }
}

/// The name of a variable, and the names of its fields if it is a group.
pub(super) type VariableName = (String, Option<Vec<String>>);
/// A variable, or a field of a group, by its index among the names.
pub(super) type VariableKey = (usize, Option<usize>);

/// Programs to run one after the other, and the names that they can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::script) struct ScriptJob {
    pub programs: Vec<Program>,
    pub names: Vec<VariableName>,
    pub deadline: Duration,
    pub bounds: JobLimits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    Job = 1,
    Value,
    Cancel,
    Need,
    Done,
    Ready,
}

/// A frame that violates the protocol.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidFrame;

impl From<InvalidFrame> for io::Error {
    fn from(_: InvalidFrame) -> Self {
        Self::new(io::ErrorKind::InvalidData, "an invalid frame")
    }
}

/// Reads the head of a frame. Returns its kind, and how many bytes follow, at most `most`.
pub(super) fn head(bytes: [u8; HEAD], most: usize) -> Result<(FrameKind, usize), InvalidFrame> {
    let [a, b, c, d, kind] = bytes;
    let kind =
        [FrameKind::Job, FrameKind::Value, FrameKind::Cancel, FrameKind::Need, FrameKind::Done, FrameKind::Ready]
            .into_iter()
            .find(|one| *one as u8 == kind)
            .ok_or(InvalidFrame)?;
    let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).map_err(|_| InvalidFrame)?;
    if length > most { Err(InvalidFrame) } else { Ok((kind, length)) }
}

/// Reads a whole frame; `None` at the end of the stream.
pub(super) fn read(from: &mut impl Read, most: usize) -> io::Result<Option<(FrameKind, Vec<u8>)>> {
    let mut bytes = [0; HEAD];
    match from.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let (kind, length) = head(bytes, most)?;
    let mut payload = vec![0; length];
    from.read_exact(&mut payload)?;
    Ok(Some((kind, payload)))
}

/// A frame that is being written.
pub(super) struct FrameBuilder(Vec<u8>);

impl FrameBuilder {
    pub fn new(kind: FrameKind) -> Self {
        Self(vec![0, 0, 0, 0, kind as u8])
    }

    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub fn number(&mut self, number: usize) {
        self.0.extend_from_slice(&u32::try_from(number).unwrap_or(NONE).to_le_bytes());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    /// Writes a value as JSON text, up to the end of the frame. Numbers that a script would round are text.
    pub fn json(&mut self, value: &serde_json::Value) {
        let start = self.0.len();
        // serialising a value cannot fail
        let _ = serde_json::to_writer(&mut self.0, value);
        if let Cow::Owned(exact) = exact_for_scripts(&self.0[start..]) {
            self.0.truncate(start);
            self.0.extend_from_slice(&exact);
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        let length = u32::try_from(self.0.len() - HEAD).unwrap_or(NONE);
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        self.0
    }
}

/// The fields of a frame that was read.
pub(super) struct FrameFields<'a>(pub &'a [u8]);

impl<'a> FrameFields<'a> {
    pub fn byte(&mut self) -> Result<u8, InvalidFrame> {
        let (byte, rest) = self.0.split_first().ok_or(InvalidFrame)?;
        self.0 = rest;
        Ok(*byte)
    }

    pub fn number(&mut self) -> Result<usize, InvalidFrame> {
        let (number, rest) = self.0.split_first_chunk::<4>().ok_or(InvalidFrame)?;
        self.0 = rest;
        usize::try_from(u32::from_le_bytes(*number)).map_err(|_| InvalidFrame)
    }

    fn maybe(&mut self) -> Result<Option<u32>, InvalidFrame> {
        let number = u32::try_from(self.number()?).map_err(|_| InvalidFrame)?;
        Ok((number != NONE).then_some(number))
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], InvalidFrame> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(InvalidFrame)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub fn text(&mut self) -> Result<String, InvalidFrame> {
        String::from_utf8(self.bytes()?.to_vec()).map_err(|_| InvalidFrame)
    }

    /// Reads every item of a list. Allocates no more than the received bytes require.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, InvalidFrame>,
    ) -> Result<Vec<T>, InvalidFrame> {
        let count = self.number()?;
        (0..count).map(|_| item(self)).collect()
    }
}

impl ScriptJob {
    /// Writes everything but the values. Those of `given` follow in separate frames.
    pub(super) fn write(&self, frame: &mut FrameBuilder, given: &[VariableKey]) {
        frame.number(usize::try_from(self.deadline.as_millis()).unwrap_or(usize::MAX));
        let JobLimits { memory, output, log_lines, log_bytes } = self.bounds;
        for number in [memory, output, log_lines, log_bytes] {
            frame.number(number);
        }
        frame.number(self.programs.len());
        for program in &self.programs {
            frame.byte(match program {
                Program::Body(_) => 0,
                Program::Expression(_) => 1,
                Program::Matches(_) => 2,
            });
            frame.bytes(program.text().as_bytes());
        }
        frame.number(self.names.len());
        for (name, fields) in &self.names {
            frame.bytes(name.as_bytes());
            frame.byte(u8::from(fields.is_some()));
            if let Some(fields) = fields {
                frame.number(fields.len());
                for field in fields {
                    frame.bytes(field.as_bytes());
                }
            }
        }
        frame.number(given.len());
        for key in given {
            write_key(frame, *key);
        }
    }

    /// Reads the job, and the keys of the values that follow it.
    pub(super) fn read(payload: &[u8]) -> Result<(Self, Vec<VariableKey>), InvalidFrame> {
        let fields = &mut FrameFields(payload);
        let deadline = Duration::from_millis(fields.number()? as u64);
        let [memory, output] = [fields.number()?, fields.number()?];
        let [log_lines, log_bytes] = [fields.number()?, fields.number()?];
        let programs = fields.list(|fields| match fields.byte()? {
            0 => Ok(Program::Body(fields.text()?)),
            1 => Ok(Program::Expression(fields.text()?)),
            2 => Ok(Program::Matches(fields.text()?)),
            _ => Err(InvalidFrame),
        })?;
        let names = fields.list(|fields| {
            let name = fields.text()?;
            let group = if fields.byte()? == 0 { None } else { Some(fields.list(FrameFields::text)?) };
            Ok((name, group))
        })?;
        let given = fields.list(read_key)?;
        let bounds = JobLimits { memory, output, log_lines, log_bytes };
        Ok((Self { programs, names, deadline, bounds }, given))
    }
}

pub(super) fn write_key(frame: &mut FrameBuilder, (variable, field): VariableKey) {
    frame.number(variable);
    frame.number(field.unwrap_or(usize::MAX));
}

pub(super) fn read_key(fields: &mut FrameFields<'_>) -> Result<VariableKey, InvalidFrame> {
    Ok((fields.number()?, fields.maybe()?.map(|field| field as usize)))
}

/// The outcome of a job: a JSON text for each program and what was logged, or the problem.
pub(in crate::script) type ScriptOutcome = Result<(Vec<String>, Vec<String>), FailedProgram>;

pub(super) fn write_outcome(outcome: &ScriptOutcome) -> Vec<u8> {
    let mut frame = FrameBuilder::new(FrameKind::Done);
    let logs = match outcome {
        Ok((values, logs)) => {
            frame.byte(0);
            frame.number(values.len());
            for value in values {
                frame.bytes(value.as_bytes());
            }
            logs
        }
        Err(FailedProgram { index, problem }) => {
            frame.byte(1);
            frame.number(*index);
            frame.byte(match problem.kind {
                ScriptProblemKind::Syntax => 0,
                ScriptProblemKind::Timeout => 1,
                ScriptProblemKind::Limit => 2,
                _ => 3,
            });
            frame.bytes(problem.message.as_bytes());
            for number in [problem.line, problem.column] {
                frame.number(number.unwrap_or(NONE) as usize);
            }
            &problem.logs
        }
    };
    frame.number(logs.len());
    for line in logs {
        frame.bytes(line.as_bytes());
    }
    frame.finish()
}

pub(super) fn read_outcome(payload: &[u8]) -> Result<ScriptOutcome, InvalidFrame> {
    let fields = &mut FrameFields(payload);
    if fields.byte()? == 0 {
        return Ok(Ok((fields.list(FrameFields::text)?, fields.list(FrameFields::text)?)));
    }
    let index = fields.number()?;
    let kind = match fields.byte()? {
        0 => ScriptProblemKind::Syntax,
        1 => ScriptProblemKind::Timeout,
        2 => ScriptProblemKind::Limit,
        3 => ScriptProblemKind::Thrown,
        _ => return Err(InvalidFrame),
    };
    let mut problem = ScriptProblem::new(kind, fields.text()?);
    (problem.line, problem.column) = (fields.maybe()?, fields.maybe()?);
    problem.logs = fields.list(FrameFields::text)?;
    Ok(Err(FailedProgram { index, problem }))
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
