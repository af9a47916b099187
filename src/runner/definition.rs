//! A workflow definition as runs store it: validated, and identified by the hash of its content.
use super::{engine::Graph, nodes, validate};
use crate::{
    Result,
    model::{Json, Workflow},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// Size of the cache of parsed definitions, in bytes.
const CACHED: u64 = 32 << 20;

/// Parsed definitions by tenant and hash.
pub(super) type Cache = moka::sync::Cache<(Uuid, Arc<str>), Arc<Definition>>;

pub(super) fn cache() -> Cache {
    let size = |_: &(Uuid, Arc<str>), definition: &Arc<Definition>| {
        // a parsed definition takes several times the memory of its text
        u32::try_from(definition.body.len() * 4).unwrap_or(u32::MAX)
    };
    Cache::builder().max_capacity(CACHED).weigher(size).build()
}

/// A workflow version, shared by its runs.
#[derive(Debug)]
pub struct Definition {
    pub workflow: Workflow,
    pub graph: Arc<Graph>,
    /// Whether it has approvals.
    pub has_tasks: bool,
    /// Whether it runs other workflows.
    pub has_calls: bool,
    pub(super) hash: Arc<str>,
    pub(super) body: Arc<str>,
}

/// Returns the SHA-256 hash of a workflow, in hex, and its JSON text.
pub(super) fn fingerprint(workflow: &Workflow) -> Result<(Arc<str>, Arc<str>)> {
    let body = serde_json::to_string(workflow)?;
    let hash = hex::encode(Sha256::digest(body.as_bytes()));
    Ok((hash.into(), body.into()))
}

/// The graph of a definition, as JSON text.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    nodes: &'a RawValue,
    #[serde(borrow)]
    edges: &'a RawValue,
}

impl Definition {
    /// Returns its nodes and edges, to show with a run.
    pub(super) fn parts(&self) -> Result<(Json, Json)> {
        let Parts { nodes, edges } = serde_json::from_str(&self.body)?;
        Ok((nodes.into(), edges.into()))
    }

    /// Creates a definition that can run.
    ///
    /// # Errors
    /// `Invalid` with every problem that prevents it from running.
    pub(super) fn new(workflow: Workflow, hash: Arc<str>, body: Arc<str>) -> Result<Self> {
        validate::runnable(&workflow)?;
        Self::known(workflow, hash, body)
    }

    /// Creates a definition that ran before, without validating it: older versions had other rules.
    pub(super) fn stored(hash: Arc<str>, body: &str) -> Result<Self> {
        Self::known(serde_json::from_str(body)?, hash, body.into())
    }

    fn known(workflow: Workflow, hash: Arc<str>, body: Arc<str>) -> Result<Self> {
        let has = |kind: &str| workflow.nodes.iter().any(|node| node.r#type == kind);
        Ok(Self {
            graph: Arc::new(Graph::new(&workflow)?),
            has_tasks: has(nodes::APPROVAL),
            has_calls: has(nodes::SUB_WORKFLOW),
            workflow,
            hash,
            body,
        })
    }
}
