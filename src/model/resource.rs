//! What the store and the API must know about a kind of thing that a tenant owns.
use super::{text::NOT_BLANK, trigger::Trigger};
use crate::{Error, Result, clock::Time};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

/// How a kind of resource is called, in permissions, URLs and schemas.
pub struct Kind {
    /// In permissions and in the store: `dataquery`.
    pub name: &'static str,
    /// In URLs: `data-queries`.
    pub plural: &'static str,
    /// The path parameter: `queryID`.
    pub id: &'static str,
    /// In the API document: `DataQuery`.
    pub schema: &'static str,
    /// In messages: `query`.
    pub label: &'static str,
    /// The permission that it takes to point to one, where others then see or start what is pointed to through what
    /// points.
    pub lends: Option<&'static str>,
}

/// A pointer to another resource of the same tenant, kept by the store.
pub struct Link {
    /// The field that holds it, for messages: `items[2].widgetID`.
    pub path: String,
    pub kind: &'static Kind,
    pub id: Uuid,
    /// What the record passes to the target: parameters, inputs, a mapping of columns. Null when it passes nothing.
    pub given: Value,
}

/// A kind of thing with its own fields (its `spec`) and rules, without I/O.
pub trait Resource: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static {
    const KIND: Kind;
    /// Fields that a list leaves out because they are heavy.
    const HEAVY: &'static [&'static str] = &[];
    /// Fields of the spec that only the server sets.
    const READ_ONLY: &'static [&'static str] = &[];
    /// Fields of free JSON, in which null is a value: a patch replaces them as they are.
    const WHOLE: &'static [&'static str] = &[];
    /// How many a tenant may have, where that is bounded.
    const MOST: Option<u64> = None;

    /// The pattern that a name has (JSON Schema).
    const NAMES: &'static str = NOT_BLANK;

    /// Rules for the name beyond those that every name keeps.
    fn check_name(&self, _name: &str) -> Result<()> {
        Ok(())
    }

    /// Rules that the types cannot say.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// What this one points to.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }

    /// What it takes to change [`Resource::context`], beside the right to each link's target.
    const CONTEXT_TAKES: Option<&'static str> = None;

    /// The parts beside the links that decide what their targets are given. Null when there are none.
    fn context(&self) -> Value {
        Value::Null
    }

    /// What it does when others run it or see it through a link. A change of anything else does not affect them.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    fn effect(&self) -> Result<Value> {
        Ok(serde_json::to_value(self)?)
    }

    /// The same record without its links to `target`; `None` when it cannot exist without them.
    #[must_use]
    fn without(self, _target: Uuid) -> Option<Self> {
        None
    }

    /// What starts it by itself, each with whether it is on; none for kinds that nothing starts.
    fn triggers(&self) -> Option<Vec<(&Trigger, bool)>> {
        None
    }
}

/// Name and description: what a person calls a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub name: String,
    pub description: String,
}

impl Label {
    /// Trims and checks: names 1–255 characters, descriptions at most 4000, neither with control characters in the name.
    pub fn new(name: &str, description: &str) -> Result<Self> {
        let name = name.trim();
        let problem = if name.is_empty() {
            Some("must not be empty")
        } else if name.chars().count() > 255 {
            Some("must be at most 255 characters")
        } else if name.chars().any(char::is_control) {
            Some("must not hold control characters")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(Error::invalid("name", problem));
        }
        if description.chars().count() > 4000 {
            return Err(Error::invalid("description", "must be at most 4000 characters"));
        }
        Ok(Self { name: name.to_owned(), description: description.to_owned() })
    }
}

/// A stored resource: what every kind has, and its own part.
#[derive(Clone, Debug)]
pub struct Record<R> {
    pub id: Uuid,
    pub label: Label,
    pub spec: R,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: Option<Uuid>,
    pub version: u64,
}

impl<R: Resource> Record<R> {
    /// The flat wire form: common fields around the spec's own.
    pub fn to_wire(&self) -> Result<Map<String, Value>> {
        let mut wire = Map::new();
        wire.insert("id".into(), self.id.to_string().into());
        wire.insert("name".into(), self.label.name.clone().into());
        wire.insert("description".into(), self.label.description.clone().into());
        if let Value::Object(spec) = serde_json::to_value(&self.spec)? {
            wire.extend(spec);
        }
        wire.insert("createdAt".into(), self.created_at.to_string().into());
        wire.insert("updatedAt".into(), self.updated_at.to_string().into());
        wire.insert("createdBy".into(), self.created_by.map(|id| id.to_string()).into());
        wire.insert("version".into(), self.version.into());
        Ok(wire)
    }
}

/// The fields that every record has beside its spec; a body may set only the first two.
pub const COMMON: &[&str] = &["name", "description", "id", "createdAt", "updatedAt", "createdBy", "version"];
