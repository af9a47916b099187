//! A workflow graph as runs keep it: checked, named by the hash of its content.
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

/// How many bytes of definitions stay parsed.
const CACHED: u64 = 32 << 20;

/// Parsed definitions by tenant and hash.
pub(super) type Cache = moka::sync::Cache<(Uuid, Arc<str>), Arc<Definition>>;

pub(super) fn cache() -> Cache {
    let size = |_: &(Uuid, Arc<str>), definition: &Arc<Definition>| {
        // parsed, a definition takes several times its text
        u32::try_from(definition.body.len() * 4).unwrap_or(u32::MAX)
    };
    Cache::builder().max_capacity(CACHED).weigher(size).build()
}

/// What runs of one version share.
#[derive(Debug)]
pub struct Definition {
    pub workflow: Workflow,
    pub graph: Arc<Graph>,
    /// Whether steps of it ask people something, or run other workflows.
    pub has_tasks: bool,
    pub has_calls: bool,
    pub(super) hash: Arc<str>,
    pub(super) body: Arc<str>,
}

/// The text of a workflow and its hash.
pub(super) fn fingerprint(workflow: &Workflow) -> Result<(Arc<str>, Arc<str>)> {
    let body = serde_json::to_string(workflow)?;
    let hash = hex::encode(Sha256::digest(body.as_bytes()));
    Ok((hash.into(), body.into()))
}

/// The graph of a definition as text.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    nodes: &'a RawValue,
    #[serde(borrow)]
    edges: &'a RawValue,
}

impl Definition {
    /// Its nodes and edges, for those who look at a run.
    pub(super) fn parts(&self) -> Result<(Json, Json)> {
        let Parts { nodes, edges } = serde_json::from_str(&self.body)?;
        Ok((nodes.into(), edges.into()))
    }

    /// A definition that may be run.
    ///
    /// # Errors
    /// `Invalid` with everything that keeps it from running.
    pub(super) fn new(workflow: Workflow, hash: Arc<str>, body: Arc<str>) -> Result<Self> {
        validate::runnable(&workflow)?;
        Self::known(workflow, hash, body)
    }

    /// One that ran before, by today's rules or older ones.
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
