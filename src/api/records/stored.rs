//! Records shown as they are stored: their specs are copied as text instead of being parsed.
use super::{crud::Crud, wire::Wire};
use crate::{
    api::App,
    model::{Scope, Unread},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::{Error, SerializeMap},
};
use serde_json::{Map, Value, value::RawValue};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A record in a list.
pub enum Listed<R> {
    Stored(Unread, PhantomData<fn() -> R>),
    Made(Map<String, Value>),
}

impl<R: Crud> Listed<R> {
    /// A record of a kind whose lists show what is stored.
    pub fn stored(record: Unread) -> Self {
        Self::Stored(record, PhantomData)
    }

    pub fn of(app: &App, scope: &Scope, record: Unread) -> crate::Result<Self> {
        if R::STORED_WITHOUT.is_some() {
            return Ok(Self::stored(record));
        }
        let mut fields = record.parse::<R>()?.to_wire()?;
        for heavy in R::OMITTED_IN_LISTS {
            fields.shift_remove(*heavy);
        }
        R::present(app, scope, &mut fields, false)?;
        Ok(Self::Made(fields))
    }
}

impl<R: Crud> Serialize for Listed<R> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let record = match self {
            Self::Stored(record, _) => record,
            Self::Made(fields) => return fields.serialize(to),
        };
        let Fields(spec) = serde_json::from_str(&record.spec).map_err(S::Error::custom)?;
        let omitted = R::STORED_WITHOUT.unwrap_or_default();
        let mut wire = to.serialize_map(None)?;
        wire.serialize_entry("id", &record.id)?;
        wire.serialize_entry("name", &record.name)?;
        wire.serialize_entry("description", &record.description)?;
        for (name, value) in spec.iter().filter(|(name, _)| !omitted.contains(name)) {
            wire.serialize_entry(name, value)?;
        }
        wire.serialize_entry("createdAt", &record.created_at)?;
        wire.serialize_entry("updatedAt", &record.updated_at)?;
        wire.serialize_entry("createdBy", &record.created_by)?;
        wire.serialize_entry("version", &record.version)?;
        wire.end()
    }
}

impl<R: Crud> JsonSchema for Listed<R> {
    fn schema_name() -> Cow<'static, str> {
        Wire::<R>::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Wire::<R>::json_schema(generator)
    }
}

/// The fields of an object, in order, with the texts of their values.
struct Fields<'t>(Vec<(&'t str, &'t RawValue)>);

impl<'t> Deserialize<'t> for Fields<'t> {
    fn deserialize<D: Deserializer<'t>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'t> Visitor<'t> for Reader {
            type Value = Fields<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Fields<'t>, A::Error> {
                let mut fields = Vec::with_capacity(8);
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        from.deserialize_map(Reader)
    }
}
