//! What commands do with data, as far as their names tell.
use crate::connect::QueryEffect;
use serde_json::{Map, Value};

/// Commands that only read, separated by spaces.
const READS: &str = "bitcount bitfield_ro bitpos dbsize dump echo eval_ro evalsha_ro exists expiretime fcall_ro geodist \
    geohash geopos georadius_ro georadiusbymember_ro geosearch get getbit getrange hexists hexpiretime hget hgetall \
    hkeys hlen hmget hpexpiretime hpttl hrandfield hscan hstrlen httl hvals info json.arrindex json.arrlen json.get \
    json.mget json.objkeys json.objlen json.strlen json.type keys lastsave lcs lindex llen lolwut lpos lrange mget \
    object ft.aggregate ft.info ft.search pexpiretime pfcount ping pttl randomkey role scan scard sdiff sinter \
    sintercard sismember smembers smismember sort_ro srandmember sscan strlen substr sunion time touch ts.get ts.info \
    ts.mget ts.mrange ts.mrevrange ts.range ts.revrange ttl type vcard vdim vinfo vsim xinfo xlen xpending xrange xread \
    xrevrange zcard zcount zdiff zinter zintercard zlexcount zmscore zrandmember zrange zrangebylex zrangebyscore \
    zrank zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion";
/// Subcommands that only read, of commands with others.
const READING_PARTS: &str = "acl|cat acl|getuser acl|list acl|users acl|whoami client|id client|info client|list \
    cluster|info cluster|nodes cluster|shards cluster|slots command|count command|docs command|info command|list \
    config|get function|list function|stats latency|latest memory|stats memory|usage pubsub|channels pubsub|numsub \
    script|exists slowlog|get slowlog|len";
/// Commands that always change data, separated by spaces. Whether `eval`, `sort` and others do depends on their
/// arguments.
const CHANGES: &str = "append blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin copy decr decrby del expire \
    expireat flushall flushdb geoadd geosearchstore getdel getset hdel hexpire hincrby hincrbyfloat hmset hpersist \
    hset hsetnx incr incrby incrbyfloat json.arrappend json.arrinsert json.arrpop json.arrtrim json.clear json.del \
    json.merge json.mset json.numincrby json.set json.strappend json.toggle linsert lmove lmpop lpop lpush lpushx lrem \
    lset ltrim migrate move mset msetnx persist pexpire pexpireat pfadd pfmerge psetex publish rename renamenx restore \
    rpop rpoplpush rpush rpushx sadd sdiffstore set setbit setex setnx setrange sinterstore smove spop spublish srem \
    sunionstore swapdb ts.add ts.create ts.del ts.madd unlink xack xadd xautoclaim xclaim xdel xgroup xsetid xtrim zadd \
    zdiffstore zincrby zinterstore zmpop zpopmax zpopmin zrangestore zrem zremrangebylex zremrangebyrank \
    zremrangebyscore zunionstore";

/// Returns what a query with these options does.
pub(super) fn effect(options: &Map<String, Value>) -> QueryEffect {
    match options.get("operation").and_then(Value::as_str) {
        None | Some("command") => {
            let word = |index: usize| options.get("command")?.get(index)?.as_str().map(str::to_ascii_lowercase);
            word(0).map_or(QueryEffect::MayChange, |name| command(&name, word(1).as_deref()))
        }
        Some("set" | "del") => QueryEffect::Changes,
        Some(_) => QueryEffect::Reads,
    }
}

fn command(name: &str, part: Option<&str>) -> QueryEffect {
    let is_among = |list: &str, name: &str| list.split_whitespace().any(|one| one == name);
    let whole = part.map(|part| format!("{name}|{part}"));
    if is_among(READS, name) || whole.is_some_and(|whole| is_among(READING_PARTS, &whole)) {
        QueryEffect::Reads
    } else if is_among(CHANGES, name) {
        QueryEffect::Changes
    } else {
        QueryEffect::MayChange
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::effect;
    use crate::connect::QueryEffect::{self, Changes, MayChange, Reads};
    use serde_json::{Value, json};

    fn of(options: Value) -> QueryEffect {
        effect(&serde_json::from_value(options).unwrap())
    }

    #[test]
    fn commands_are_classified_by_their_names() {
        for (command, expected) in [
            (json!(["GET", "set"]), Reads),
            (json!(["hgetall", "user:{{ params.id }}"]), Reads),
            (json!(["ZRANGE", "z", 0, -1]), Reads),
            (json!(["XREAD", "STREAMS", "s", "0"]), Reads),
            (json!(["CONFIG", "GET", "*"]), Reads),
            (json!(["config", "set", "maxmemory", "1"]), MayChange),
            (json!(["EVAL_RO", "return 1", 0]), Reads),
            (json!(["EVAL", "return redis.call('del', 'a')", 0]), MayChange),
            (json!(["SORT", "l", "STORE", "x"]), MayChange),
            (json!(["SET", "get", "1"]), Changes),
            (json!(["Del", "a"]), Changes),
            (json!(["FLUSHALL"]), Changes),
            (json!(["XADD", "s", "*", "a", "1"]), Changes),
            (json!(["some.module"]), MayChange),
            (json!([]), MayChange),
        ] {
            assert_eq!(of(json!({"command": command})), expected, "{command}");
            assert_eq!(of(json!({"operation": "command", "command": command})), expected, "{command}");
        }
    }

    #[test]
    fn operations_are_classified() {
        for (operation, expected) in
            [("get", Reads), ("keys", Reads), ("info", Reads), ("set", Changes), ("del", Changes)]
        {
            assert_eq!(of(json!({"operation": operation, "key": "k"})), expected, "{operation}");
        }
        assert_eq!(of(json!({})), MayChange);
    }
}
