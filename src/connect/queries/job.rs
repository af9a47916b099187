//! What is executed: a query on a datasource, and whether that is possible.
use crate::{
    Error, Result,
    budget::Hold,
    connect::{GivenParameters, Mode, Params, QueryRequest, ResultLimits, Slice, find, options},
    model::DataQuery,
};
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The maximum size of one result as text, in bytes.
pub(super) const BYTES: usize = 32 << 20;

/// A saved datasource with its secrets decrypted.
#[derive(Clone)]
pub struct Target {
    pub id: Uuid,
    /// Changes whenever the datasource or a file that it reads changes.
    pub version: u64,
    /// The datasource's type.
    pub kind: String,
    /// The options including secrets.
    pub options: Map<String, Value>,
}

/// One execution of a query, saved or not.
#[derive(Clone)]
pub struct QueryJob {
    pub tenant: Uuid,
    pub target: Arc<Target>,
    pub query: Arc<DataQuery>,
    /// The id and version of a saved query, whose options were already checked when it was saved.
    pub saved: Option<(Uuid, u64)>,
    /// The caller's values, not yet checked.
    pub parameters: GivenParameters,
    pub mode: Mode,
    pub slice: Option<Slice>,
    /// Whether the query runs only to show data.
    pub must_read: bool,
}

impl QueryJob {
    /// Creates its request, with its limits.
    pub(super) fn request(&self, params: &Params, timeout: Duration, hold: Arc<Hold>) -> QueryRequest {
        let most = self.query.max_rows as usize;
        QueryRequest {
            options: Arc::clone(&self.query.options),
            params: params.clone(),
            mode: self.mode,
            slice: self.slice,
            limits: ResultLimits {
                rows: self.slice.map_or(most, |slice| most.min(slice.limit as usize)),
                bytes: BYTES,
                hold,
            },
            timeout,
            must_read: self.must_read,
        }
    }

    /// Returns its transformer. It applies to rows only, not to plans and previews.
    pub(super) fn transformer(&self) -> Option<&str> {
        let code = self.query.transformer.as_deref().map(str::trim);
        code.filter(|code| !code.is_empty() && self.mode == Mode::Run)
    }

    /// Checks the options of an unsaved query, and that the datasource type supports the mode and the slice.
    pub(super) fn check(&self) -> Result<()> {
        let connector = find(&self.target.kind).ok_or_else(|| options::unknown(&self.target.kind))?;
        if self.saved.is_none() {
            options::check_query(&self.target.kind, &self.query.options)?;
        }
        let about = connector.about();
        let refuse = |path: &str, message: String| Err(Error::invalid(path, message));
        let name = about.name;
        match (self.mode, self.slice) {
            (Mode::Preview, _) if !about.capabilities.preview => {
                refuse("mode", format!("{name} does not support previews: use `run`"))
            }
            (Mode::Explain, _) if !about.capabilities.explain => {
                refuse("mode", format!("{name} does not support explaining queries: use `run`"))
            }
            (_, Some(_)) if !about.capabilities.slices => {
                refuse("slice", format!("{name} does not support pages of rows: leave `slice` out"))
            }
            (_, Some(slice)) if !(1..=100_000).contains(&slice.limit) => {
                Err(Error::invalid("slice.limit", "must be from 1 to 100000"))
            }
            (Mode::Preview | Mode::Explain, Some(_)) => {
                Err(Error::invalid("slice", "is only allowed in the mode `run`"))
            }
            _ => Ok(()),
        }
    }
}
