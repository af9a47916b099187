//! Parses JSON, and counts the memory of the values while they are built.
use super::{
    JsonRefusal, Room, TruncatedArray,
    refused::refusal,
    size::{VALUE, block, buckets, object, room},
};
use crate::Error;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{cell::Cell, fmt};

/// An array frees unused capacity of at least this many bytes.
const SLACK: usize = 64 << 10;

/// How many bytes are taken from the budget at once.
const STEP: usize = 64 << 10;

pub(super) fn read(text: &[u8], room: &Room, part: Option<&TruncatedArray>) -> Result<Value, JsonRefusal> {
    let counter = Counter { room, used: Cell::new(0), taken: Cell::new(0), free: Cell::new(0), full: Cell::new(None) };
    let mut input = serde_json::Deserializer::from_slice(text);
    let read = match part {
        Some(TruncatedArray { path, most }) => Cut { counter: &counter, path, most: *most }.deserialize(&mut input),
        None => Seed(&counter).deserialize(&mut input),
    };
    match read.and_then(|value| input.end().map(|()| value)) {
        Ok(value) => {
            counter.settle(counter.used.get());
            Ok(value)
        }
        Err(error) => {
            counter.settle(0);
            Err(match counter.full.take() {
                Some(full) => JsonRefusal::Full(full),
                None if counter.used.get() > room.bytes => JsonRefusal::TooMuch(room.bytes),
                None => refusal(text, error),
            })
        }
    }
}

/// Counts the memory of values, and takes it from the budget in steps.
struct Counter<'r> {
    room: &'r Room,
    used: Cell<usize>,
    /// The bytes that the hold has grown by.
    taken: Cell<usize>,
    /// The bytes that can be used without asking the budget.
    free: Cell<usize>,
    full: Cell<Option<Error>>,
}

impl Counter<'_> {
    fn charge<E: de::Error>(&self, bytes: usize) -> Result<(), E> {
        let used = self.used.get() + bytes;
        self.used.set(used);
        if used <= self.free.get() { Ok(()) } else { self.take(used) }
    }

    fn release(&self, bytes: usize) {
        self.used.set(self.used.get() - bytes);
    }

    #[cold]
    fn take<E: de::Error>(&self, used: usize) -> Result<(), E> {
        if used > self.room.bytes {
            return Err(E::custom("too many values"));
        }
        let Some(hold) = &self.room.hold else {
            self.free.set(self.room.bytes);
            return Ok(());
        };
        let taken = self.taken.get();
        let more = (used - taken).max(taken.clamp(STEP / 16, STEP));
        if let Err(full) = hold.grow(more) {
            self.full.set(Some(full));
            return Err(E::custom("no room"));
        }
        self.taken.set(taken + more);
        self.free.set(self.room.bytes.min(taken + more));
        Ok(())
    }

    /// Returns all but `used` bytes to the budget.
    fn settle(&self, used: usize) {
        if let Some(hold) = &self.room.hold {
            hold.shrink(self.taken.get().saturating_sub(used));
        }
    }
}

/// Builds a value with everything in it.
#[derive(Clone, Copy)]
struct Seed<'c, 'r>(&'c Counter<'r>);

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident $kind:ty => $make:expr;)*) => {$(
        #[inline]
        fn $visit<E>(self, value: $kind) -> Result<Value, E> {
            Ok($make(value))
        }
    )*};
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    scalars! {
        visit_bool bool => Value::Bool;
        visit_i64 i64 => Value::from;
        visit_u64 u64 => Value::from;
        visit_f64 f64 => Value::from;
    }

    #[inline]
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    #[inline]
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.0.charge(block(value.len()))?;
        Ok(Value::String(value.to_owned()))
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Value, A::Error> {
        self.0.list(items, usize::MAX)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Object::new(self.0);
        while let Some(name) = fields.next_key::<String>()? {
            kept.make_room(&name)?;
            kept.fields.insert(name, fields.next_value_seed(self)?);
        }
        Ok(Value::Object(kept.fields))
    }
}

/// Builds a value in which one array is truncated.
struct Cut<'c, 'r, 'k> {
    counter: &'c Counter<'r>,
    /// The path of fields to the array.
    path: &'k [String],
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Cut<'_, '_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cut<'_, '_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    scalars! {
        visit_bool bool => Value::Bool;
        visit_i64 i64 => Value::from;
        visit_u64 u64 => Value::from;
        visit_f64 f64 => Value::from;
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Seed(self.counter).visit_str(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Value, A::Error> {
        self.counter.list(items, if self.path.is_empty() { self.most } else { usize::MAX })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut kept = Object::new(self.counter);
        while let Some(name) = fields.next_key::<String>()? {
            kept.make_room(&name)?;
            let value = match self.path.split_first().filter(|(first, _)| **first == name) {
                Some((_, path)) => fields.next_value_seed(Cut { path, ..self })?,
                None => fields.next_value_seed(Seed(self.counter))?,
            };
            kept.fields.insert(name, value);
        }
        Ok(Value::Object(kept.fields))
    }
}

impl Counter<'_> {
    #[inline]
    fn list<'de, A: SeqAccess<'de>>(&self, mut items: A, most: usize) -> Result<Value, A::Error> {
        let mut kept: Vec<Value> = Vec::new();
        while kept.len() < most {
            let Some(item) = items.next_element_seed(Seed(self))? else { break };
            if kept.len() == kept.capacity() {
                self.widen(&mut kept)?;
            }
            kept.push(item);
        }
        if kept.len() == most {
            while items.next_element::<IgnoredAny>()?.is_some() {}
        }
        let had = kept.capacity();
        if (had - kept.len()) * VALUE >= SLACK {
            kept.shrink_to_fit();
            self.release(block(had * VALUE) - block(kept.capacity() * VALUE));
        }
        Ok(Value::Array(kept))
    }

    fn widen<E: de::Error>(&self, kept: &mut Vec<Value>) -> Result<(), E> {
        let (old, new) = (kept.capacity(), (kept.capacity() * 2).max(4));
        // both exist while one is copied to the other
        self.charge(block(new * VALUE))?;
        kept.reserve_exact(new - old);
        self.release(block(old * VALUE));
        Ok(())
    }
}

/// An object that is being built.
struct Object<'c, 'r> {
    counter: &'c Counter<'r>,
    fields: Map<String, Value>,
    /// The number of fields whose memory is counted.
    room: usize,
}

impl<'c, 'r> Object<'c, 'r> {
    fn new(counter: &'c Counter<'r>) -> Self {
        Self { counter, fields: Map::new(), room: 0 }
    }

    #[inline]
    fn make_room<E: de::Error>(&mut self, name: &str) -> Result<(), E> {
        if self.fields.len() == self.room {
            self.widen()?;
        }
        self.counter.charge(block(name.len()))
    }

    fn widen<E: de::Error>(&mut self) -> Result<(), E> {
        self.counter.charge(object(self.room + 1))?;
        self.counter.release(object(self.room));
        self.room = room(buckets(self.room + 1));
        Ok(())
    }
}
