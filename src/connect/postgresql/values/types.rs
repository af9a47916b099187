//! The types of a database: built-in types, and user-defined types that are looked up on first use.
use crate::{
    connect::postgresql::wire::{PgFault, PgWire},
    json::{self, Room},
};
use postgres_types::{Field, Kind, Type};
use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    io,
};

/// The maximum nesting of types, and the maximum number of types to look up for one statement.
const DEPTH: usize = 64;
const MOST: usize = 10_000;
/// The maximum size of the fields of one type, in bytes.
const FIELDS: usize = 4 << 20;
/// The maximum number of types within one type, counting every occurrence: it bounds the work of decoding a value.
const PARTS: usize = 10_000;

/// Selects the kind of a type (the server's `typtype`, or `a` for arrays), its element type and fields, and the
/// delimiter of its arrays.
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

/// A type from the catalog, with its parts still unresolved.
struct CatalogType {
    name: String,
    schema: String,
    kind: char,
    inner: u32,
    fields: Vec<(String, u32)>,
}

/// The known types of one connection.
#[derive(Default)]
pub struct KnownTypes {
    known: HashMap<u32, Type>,
    /// The number of types within each type, including itself.
    parts: HashMap<u32, usize>,
    /// The types whose arrays use another delimiter than a comma.
    delimited: HashSet<u32>,
}

impl KnownTypes {
    pub fn get(&self, oid: u32) -> Option<Type> {
        Type::from_oid(oid).or_else(|| self.known.get(&oid).cloned())
    }

    /// Returns whether arrays of this type use commas.
    pub fn has_commas(&self, kind: &Type) -> bool {
        *kind != Type::BOX && !self.delimited.contains(&kind.oid())
    }

    /// Drops all looked-up types, after one of them has changed.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Looks up the unknown types among `oids`, with all types that they contain.
    ///
    /// # Errors
    /// If the server refuses, or if a type contains too many others.
    pub async fn learn(&mut self, wire: &mut PgWire, oids: impl IntoIterator<Item = u32>) -> Result<(), PgFault> {
        if self.known.len() > MOST {
            self.forget();
        }
        let mut found: HashMap<u32, CatalogType> = HashMap::new();
        let mut wanted: Vec<u32> = oids.into_iter().filter(|oid| self.get(*oid).is_none()).collect();
        while !wanted.is_empty() {
            let mut text = LOOK_UP.to_owned();
            for (i, oid) in wanted.iter().enumerate() {
                let _ = write!(text, "{}{oid}", if i == 0 { "" } else { ", " });
            }
            text.push(')');
            let mut next = HashSet::new();
            for row in wire.ask(&text).await? {
                let (oid, one, comma) =
                    read(row).ok_or_else(|| malformed("the server returned an unexpected type catalog"))?;
                next.extend(one.fields.iter().map(|(_, oid)| *oid));
                next.insert(one.inner);
                if !comma {
                    self.delimited.insert(oid);
                }
                found.insert(oid, one);
            }
            // a type that was dropped in the meantime gets its OID as its name
            for oid in wanted {
                found.entry(oid).or_insert_with(|| CatalogType {
                    name: oid.to_string(),
                    schema: String::new(),
                    kind: 'b',
                    inner: 0,
                    fields: Vec::new(),
                });
            }
            if found.len() > MOST {
                return Err(malformed("the statement uses too many types"));
            }
            let unknown = |oid: &u32| *oid != 0 && self.get(*oid).is_none() && !found.contains_key(oid);
            wanted = next.into_iter().filter(unknown).collect();
        }
        for oid in found.keys() {
            let built = self.build(*oid, &found, DEPTH);
            let built = built.ok_or_else(|| malformed("a type contains itself or too many other types"))?;
            debug_assert_eq!(built.oid(), *oid);
        }
        Ok(())
    }

    /// Builds a type with all types that it contains, and remembers each of them.
    fn build(&mut self, oid: u32, found: &HashMap<u32, CatalogType>, depth: usize) -> Option<Type> {
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

fn read(row: Vec<Option<String>>) -> Option<(u32, CatalogType, bool)> {
    let [oid, name, schema, kind, inner, delimiter, fields] = <[_; 7]>::try_from(row).ok()?;
    let parse = |fields: String| {
        let fields = json::parse(fields.as_bytes(), &Room::of(FIELDS)).ok()?;
        serde_json::from_value(fields).ok()
    };
    let fields = fields.map_or(Some(Vec::new()), parse)?;
    let found =
        CatalogType { name: name?, schema: schema?, kind: kind?.chars().next()?, inner: inner?.parse().ok()?, fields };
    Some((oid?.parse().ok()?, found, delimiter? == ","))
}

fn malformed(message: &str) -> PgFault {
    io::Error::new(io::ErrorKind::InvalidData, message).into()
}
