//! The types of a database: those that every server has, and those that its owners made, looked up when they come.
use super::wire::{Fault, Wire};
use crate::json::{self, Room};
use postgres_types::{Field, Kind, Type};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    io,
};

/// How deep types may be made of others, and how many are looked up for one statement.
const DEPTH: usize = 64;
const MOST: usize = 10_000;
/// What the names and types of one type's fields may take.
const FIELDS: usize = 4 << 20;
/// How many types one may be made of, each counted as often as it is part of another: values and types are read part by
/// part.
const PARTS: usize = 10_000;

/// What a type is, in the server's letters and `a` for arrays; what it is made of; how its arrays are written.
const LOOK_UP: &str = "
    select t.oid, t.typname, n.nspname,
           case when t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' then 'a' else t.typtype::text end,
           coalesce(nullif(t.typbasetype, 0), r.rngsubtype, nullif(t.typelem, 0), 0), t.typdelim,
           (select json_agg(json_build_array(a.attname, a.atttypid::int8) order by a.attnum)
            from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped)
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    left join pg_range r on t.typtype in ('r', 'm')
         and (r.rngtypid = t.oid or (to_jsonb(r) ->> 'rngmultitypid')::oid = t.oid)
    where t.oid in (";

/// A type as its row says, not yet put together.
struct Found {
    name: String,
    schema: String,
    kind: char,
    inner: u32,
    fields: Vec<(String, u32)>,
}

/// The types that one connection knows.
#[derive(Default)]
pub(super) struct Types {
    known: HashMap<u32, Type>,
    /// How many types each is made of, itself included.
    parts: HashMap<u32, usize>,
    /// Those whose arrays have another sign than a comma between their items.
    delimited: HashSet<u32>,
}

impl Types {
    pub fn get(&self, oid: u32) -> Option<Type> {
        Type::from_oid(oid).or_else(|| self.known.get(&oid).cloned())
    }

    /// Whether an array of it is written with commas.
    pub fn has_commas(&self, kind: &Type) -> bool {
        *kind != Type::BOX && !self.delimited.contains(&kind.oid())
    }

    /// Forgets the types that were looked up, after one of them has changed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Looks up those of `oids` that are not known, and all that they are made of.
    ///
    /// # Errors
    /// A server that refuses, and types that are made of too many others.
    pub async fn learn(&mut self, wire: &mut Wire, oids: impl IntoIterator<Item = u32>) -> Result<(), Fault> {
        if self.known.len() > MOST {
            self.forget();
        }
        let mut found: HashMap<u32, Found> = HashMap::new();
        let mut wanted: Vec<u32> = oids.into_iter().filter(|oid| self.get(*oid).is_none()).collect();
        while !wanted.is_empty() {
            let mut text = LOOK_UP.to_owned();
            for (i, oid) in wanted.iter().enumerate() {
                let _ = write!(text, "{}{oid}", if i == 0 { "" } else { ", " });
            }
            text.push(')');
            let mut next = HashSet::new();
            for row in wire.ask(&text).await? {
                let (oid, one, comma) = read(row).ok_or_else(|| malformed("the catalogue of types"))?;
                next.extend(one.fields.iter().map(|(_, oid)| *oid));
                next.insert(one.inner);
                if !comma {
                    self.delimited.insert(oid);
                }
                found.insert(oid, one);
            }
            // a type that has gone meanwhile is a name for its number
            for oid in wanted {
                found.entry(oid).or_insert_with(|| Found {
                    name: oid.to_string(),
                    schema: String::new(),
                    kind: 'b',
                    inner: 0,
                    fields: Vec::new(),
                });
            }
            if found.len() > MOST {
                return Err(malformed("more types than can be looked up"));
            }
            let unknown = |oid: &u32| *oid != 0 && self.get(*oid).is_none() && !found.contains_key(oid);
            wanted = next.into_iter().filter(unknown).collect();
        }
        for oid in found.keys() {
            let built = self.build(*oid, &found, DEPTH);
            let built = built.ok_or_else(|| malformed("a type within itself, or of too many others"))?;
            debug_assert_eq!(built.oid(), *oid);
        }
        Ok(())
    }

    /// Puts a type together, with all that it is made of; each is kept, so that it is done once.
    fn build(&mut self, oid: u32, found: &HashMap<u32, Found>, depth: usize) -> Option<Type> {
        let depth = depth.checked_sub(1)?;
        if let Some(known) = self.get(oid) {
            return Some(known);
        }
        let one = found.get(&oid)?;
        let mut parts = 1;
        let mut part = |oid: u32| {
            let built = self.build(oid, found, depth)?;
            parts += self.parts.get(&oid).copied().unwrap_or(1);
            Some(built)
        };
        let kind = match one.kind {
            'a' => Kind::Array(part(one.inner)?),
            'd' => Kind::Domain(part(one.inner)?),
            'e' => Kind::Enum(Vec::new()),
            'r' => Kind::Range(part(one.inner)?),
            'm' => Kind::Multirange(part(one.inner)?),
            'p' => Kind::Pseudo,
            'c' => {
                let field = |(name, oid): &(String, u32)| Some(Field::new(name.clone(), part(*oid)?));
                Kind::Composite(one.fields.iter().map(field).collect::<Option<_>>()?)
            }
            _ => Kind::Simple,
        };
        if parts > PARTS {
            return None;
        }
        let built = Type::new(one.name.clone(), oid, kind, one.schema.clone());
        self.parts.insert(oid, parts);
        self.known.insert(oid, built.clone());
        Some(built)
    }
}

fn read(row: Vec<Option<String>>) -> Option<(u32, Found, bool)> {
    let [oid, name, schema, kind, inner, delimiter, fields] = <[_; 7]>::try_from(row).ok()?;
    let parse = |fields: String| {
        let fields = json::parse(fields.as_bytes(), &Room::of(FIELDS)).ok()?;
        serde_json::from_value(fields).ok()
    };
    let fields = fields.map_or(Some(Vec::new()), parse)?;
    let found =
        Found { name: name?, schema: schema?, kind: kind?.chars().next()?, inner: inner?.parse().ok()?, fields };
    Some((oid?.parse().ok()?, found, delimiter? == ","))
}

fn malformed(what: &str) -> Fault {
    io::Error::new(io::ErrorKind::InvalidData, format!("the server tells of {what}")).into()
}
