//! What the store and the API need to know about each kind of record.
use super::{
    permission::{Noun, Permission},
    text::NOT_BLANK,
    trigger::Trigger,
};
use crate::{Error, Result, clock::Time};
use schemars::JsonSchema;
use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

/// The names of a kind of resource, in permissions, URLs and schemas.
pub struct ResourceKind {
    /// In permissions and in the store, such as `dataquery`.
    pub noun: Noun,
    /// In URLs, such as `data-queries`.
    pub plural: &'static str,
    /// The path parameter, such as `queryID`.
    pub id: &'static str,
    /// In the API document, such as `DataQuery`.
    pub schema: &'static str,
    /// In messages, such as `query`.
    pub label: &'static str,
    /// The permission required to link to this kind, because the link lends the linker's access to others.
    pub lends: Option<Permission>,
    /// Whether deleted records go to the trash.
    pub is_restorable: bool,
}

impl ResourceKind {
    pub const fn name(&self) -> &'static str {
        self.noun.name()
    }
}

/// A reference to another record of the same tenant, kept by the store.
pub struct Link {
    /// The field with the reference, for messages, such as `items[2].widgetID`.
    pub path: String,
    pub kind: &'static ResourceKind,
    pub id: Uuid,
    /// What the record passes to the target: parameters, inputs, a mapping of columns. Null if it passes nothing.
    pub given: Value,
}

/// A kind of record with its own fields (its `spec`) and rules, without I/O.
pub trait Resource: Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static {
    const KIND: ResourceKind;
    /// Fields that lists omit because they are large.
    const OMITTED_IN_LISTS: &'static [&'static str] = &[];
    /// Fields of the spec that only the server sets.
    const READ_ONLY: &'static [&'static str] = &[];
    /// Fields of free-form JSON, in which null is a value: a patch replaces them as a whole.
    const REPLACED_BY_PATCHES: &'static [&'static str] = &[];
    /// The most records of this kind that a tenant may have, if limited.
    const MAX_PER_TENANT: Option<u64> = None;

    /// The pattern of a name (JSON Schema).
    const NAMES: &'static str = NOT_BLANK;

    /// Checks rules for the name beyond those of every record.
    fn check_name(&self, _name: &str) -> Result<()> {
        Ok(())
    }

    /// Checks rules that the types cannot express.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the words to find the record by.
    fn tags(&self) -> &[String] {
        &[]
    }

    /// Returns the records that this one links to.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }

    /// Returns the records that this one refers to without a link, each with the path of its ID. They may be missing.
    fn references(&self) -> Vec<(String, Uuid)> {
        Vec::new()
    }

    /// The permission required to change [`Resource::context`], in addition to those for the targets of the links.
    const CONTEXT_TAKES: Option<Permission> = None;

    /// Returns the parts other than links that decide what the targets get. Null if there are none.
    fn context(&self) -> Value {
        Value::Null
    }

    /// Returns the parts that matter when others run the record or see it through a link. Other changes do not affect
    /// them.
    ///
    /// # Errors
    /// If it cannot be serialised as JSON.
    fn effect(&self) -> Result<Value> {
        Ok(serde_json::to_value(self)?)
    }

    /// Removes the links to `target`. Returns `None` if the record cannot exist without them.
    #[must_use]
    fn without(self, _target: Uuid) -> Option<Self> {
        None
    }

    /// Whether records of this kind may belong to a dashboard.
    const ON_DASHBOARDS: bool = false;

    /// Returns the dashboard that the record belongs to; `None` for a record in the library.
    fn dashboard(&self) -> Option<Uuid> {
        None
    }

    /// Lets the record belong to a dashboard, or moves it to the library.
    fn set_dashboard(&mut self, _dashboard: Option<Uuid>) {}

    /// Returns the triggers, each with whether it is enabled; `None` for kinds without triggers.
    fn triggers(&self) -> Option<Vec<(&Trigger, bool)>> {
        None
    }
}

/// Checks the tags of a record: at most 20, each of 1–50 characters and only once.
pub fn check_tags(tags: &[String]) -> Result<()> {
    if tags.len() > 20 {
        return Err(Error::invalid("tags", "must have at most 20 items"));
    }
    for (i, tag) in tags.iter().enumerate() {
        let problem = if tag.trim().is_empty() || tag.chars().count() > 50 {
            "must be 1 to 50 characters"
        } else if tags[..i].contains(tag) {
            "is listed twice: remove one of them"
        } else {
            continue;
        };
        return Err(Error::invalid(format!("tags[{i}]"), problem));
    }
    Ok(())
}

/// The name and description of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub name: String,
    pub description: String,
}

impl Label {
    /// Trims the name and checks both: a name has 1–255 characters and no control characters, a description at most
    /// 4000 characters.
    pub fn new(name: &str, description: &str) -> Result<Self> {
        let name = name.trim();
        let problem = if name.is_empty() {
            Some("must not be empty")
        } else if name.chars().count() > 255 {
            Some("must be at most 255 characters")
        } else if name.chars().any(char::is_control) {
            Some("must not contain control characters")
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(Error::invalid("name", problem));
        }
        if description.chars().count() > 4000 {
            return Err(Error::invalid("description", "must be at most 4000 characters"));
        }
        if description.contains('\0') {
            return Err(Error::invalid("description", "must not contain the character U+0000"));
        }
        Ok(Self { name: name.to_owned(), description: description.to_owned() })
    }
}

/// A stored record: the fields of every kind, and its own.
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

/// The flat wire format: the common fields and those of the spec.
impl<R: Resource> Serialize for Record<R> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase", bound = "R: Resource")]
        struct Flat<'r, R> {
            id: Uuid,
            name: &'r str,
            description: &'r str,
            #[serde(flatten)]
            spec: &'r R,
            created_at: Time,
            updated_at: Time,
            created_by: Option<Uuid>,
            version: u64,
        }
        let Self { id, label: Label { name, description }, spec, created_at, updated_at, created_by, version } = self;
        let (id, created_at, updated_at, created_by, version) = (*id, *created_at, *updated_at, *created_by, *version);
        Flat { id, name, description, spec, created_at, updated_at, created_by, version }.serialize(to)
    }
}

impl<R: Resource> Record<R> {
    /// Returns the wire format as fields.
    pub fn to_wire(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self)? {
            Value::Object(fields) => Ok(fields),
            _ => Ok(Map::new()),
        }
    }
}

/// A record whose spec is still JSON text.
pub struct Unread {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub spec: String,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: Option<Uuid>,
    pub version: u64,
}

impl Unread {
    /// # Errors
    /// If the spec is not a valid `R`.
    pub fn parse<R: Resource>(self) -> Result<Record<R>> {
        Ok(Record {
            id: self.id,
            label: Label { name: self.name, description: self.description },
            spec: serde_json::from_str(&self.spec)?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by,
            version: self.version,
        })
    }
}

/// The fields that every record has besides its spec. A request body may set only the first two.
pub const COMMON: &[&str] = &["name", "description", "id", "createdAt", "updatedAt", "createdBy", "version"];
