//! Lists keys with `SCAN`, which does not block the server, up to a limit.
use super::{
    dial::RedisWire,
    values::{bytes, items, text, to_problem},
};
use crate::{
    Error, Result,
    connect::{Column, ResultLimits, Rows, TableInfo, rows::Collector},
    json::Room,
};
use redis::{Cmd, Value as Answer, cmd};
use std::collections::{BTreeMap, HashSet};

/// The number of keys that the schema is based on.
const SAMPLE: usize = 1000;
/// The number of keys that the server scans per step.
const STEP: usize = 1000;
/// The maximum size of the response to one step, in bytes.
const ANSWER: usize = 8 << 20;

/// Lists at most `most` keys that match `pattern`, with their types.
pub(super) async fn scan(wire: &mut RedisWire, pattern: &[u8], most: usize, limits: ResultLimits) -> Result<Rows> {
    let column = |name: &str| Column { name: name.to_owned(), r#type: "string".to_owned() };
    let (most, size) = (limits.rows.min(most), limits.bytes);
    let limits = ResultLimits { rows: most, ..limits };
    let mut rows = Collector::new([column("key"), column("type")].into(), limits.clone());
    for (key, kind) in look(wire, pattern, most.saturating_add(1), size, &limits.counted()).await? {
        if !rows.push([text(key).into(), kind.into()])? {
            break;
        }
    }
    Ok(rows.finish())
}

/// Lists the prefixes of the first keys, up to the first colon, with the types of their values.
pub(super) async fn prefixes(wire: &mut RedisWire) -> Result<Vec<TableInfo>> {
    let mut groups: BTreeMap<String, (usize, HashSet<String>)> = BTreeMap::new();
    let found = look(wire, b"*", SAMPLE, ANSWER, &Room::of(8 * ANSWER)).await?;
    let looked = found.len();
    for (key, kind) in found {
        let key = text(key);
        let name = key.split_once(':').map_or_else(|| key.clone(), |(prefix, _)| format!("{prefix}:*"));
        let group = groups.entry(name).or_default();
        group.0 += 1;
        group.1.insert(kind);
    }
    let table = |(name, (count, kinds)): (String, (usize, HashSet<String>))| TableInfo {
        schema: None,
        name,
        kind: if kinds.len() == 1 { kinds.into_iter().next().unwrap_or_default() } else { "mixed".to_owned() },
        comment: Some(format!("{count} of the first {looked} keys")),
        columns: Vec::new(),
    };
    Ok(groups.into_iter().map(table).collect())
}

/// Returns keys and their types, stopping at `most` keys or after `size` bytes of keys.
async fn look(
    wire: &mut RedisWire,
    pattern: &[u8],
    most: usize,
    size: usize,
    room: &Room,
) -> Result<Vec<(Vec<u8>, String)>> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    let mut taken = 0;
    let mut cursor = b"0".to_vec();
    loop {
        let mut step = cmd("SCAN");
        step.arg(cursor.as_slice()).arg("MATCH").arg(pattern).arg("COUNT").arg(STEP);
        let mut parts = items(accepted(wire.ask_within(&step, ANSWER, room).await?)?).into_iter();
        cursor = parts.next().map(bytes).unwrap_or_default();
        // SCAN may return a key twice
        let keys = parts.next().map(items).unwrap_or_default().into_iter().map(bytes);
        let mut keys: Vec<Vec<u8>> = keys.filter(|key| seen.insert(key.clone())).collect();
        keys.truncate(most - found.len());
        taken += keys.iter().map(Vec::len).sum::<usize>();
        let asked: Vec<Cmd> = keys.iter().map(|key| cmd("TYPE").arg(key.as_slice()).take()).collect();
        let kinds = wire.ask_all(&asked, ANSWER, room).await?;
        for (key, kind) in keys.into_iter().zip(kinds) {
            found.push((key, text(bytes(accepted(kind)?))));
        }
        if found.len() >= most || taken > size || matches!(cursor.as_slice(), b"0" | b"") {
            return Ok(found);
        }
    }
}

fn accepted(answer: Answer) -> Result<Answer> {
    match answer {
        Answer::ServerError(error) => Err(Error::Datasource(Box::new(to_problem(&error)))),
        answer => Ok(answer),
    }
}
