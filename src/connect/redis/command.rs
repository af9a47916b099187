//! Turns a query into a command. Every template's value becomes a whole argument, whatever it contains.
use super::{
    invalid,
    values::{self, ResponseLayout},
};
use crate::{
    Result,
    connect::{QueryRequest, options::schema_of},
    model::parse,
    script::{Sandbox, template},
};
use redis::Cmd;
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The maximum total size of a command's arguments, in bytes.
const BYTES: usize = 8 << 20;
/// The maximum number of arguments.
const ARGUMENTS: usize = 100_000;

/// A command, or one of the common operations
#[derive(Deserialize, JsonSchema)]
#[serde(tag = "operation", rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
enum Query {
    /// Runs any command with its arguments
    Command {
        /// The command's name and arguments, for example `["SET", "user:{{ params.id }}", "{{ params.user }}"]`. A
        /// template that is a whole item and returns a list becomes several arguments. An object becomes JSON.
        #[schemars(title = "Command", length(min = 1, max = 1000))]
        command: Vec<Value>,
    },
    /// Returns the value of a key
    #[schemars(title = "GET")]
    Get {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
    },
    /// Sets the value of a key
    #[schemars(title = "SET")]
    Set {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
        /// Text; other values are stored as JSON.
        #[schemars(title = "Value")]
        value: Value,
        /// The number of seconds until the key expires. Leave empty to keep it.
        #[schemars(title = "Time to live (s)", range(min = 1))]
        ttl_seconds: Option<u32>,
    },
    /// Deletes keys
    #[schemars(title = "DEL")]
    Del {
        #[schemars(with = "Vec<String>", title = "Keys", length(min = 1, max = 1000))]
        keys: Vec<Value>,
    },
    /// Lists keys that match a pattern, with the types of their values
    #[schemars(title = "KEYS")]
    Keys {
        /// For example `user:*`.
        #[schemars(with = "Option<String>", title = "Pattern", length(min = 1, max = 1000), extend("default" = "*"))]
        pattern: Option<Value>,
        /// The maximum number of keys.
        #[schemars(title = "Count", range(min = 1, max = 100_000), extend("default" = 1000))]
        count: Option<u32>,
    },
    /// Returns the fields of a hash
    #[schemars(title = "HGETALL")]
    Hgetall {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
    },
    /// Returns a part of a list
    #[schemars(title = "LRANGE")]
    Lrange {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
        #[schemars(title = "First")]
        #[serde(default)]
        start: i64,
        /// -1 is the last item.
        #[schemars(title = "Last", extend("default" = -1))]
        stop: Option<i64>,
    },
    /// Returns the members of a set
    #[schemars(title = "SMEMBERS")]
    Smembers {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
    },
    /// Returns a part of a sorted set, with scores
    #[schemars(title = "ZRANGE")]
    Zrange {
        #[schemars(with = "String", title = "Key", length(max = 10_000))]
        key: Value,
        #[schemars(title = "First")]
        #[serde(default)]
        start: i64,
        /// -1 is the last item.
        #[schemars(title = "Last", extend("default" = -1))]
        stop: Option<i64>,
    },
    /// Returns information about the server
    #[schemars(title = "INFO")]
    Info,
}

/// Returns the JSON schema of a query; without an `operation`, it is a command.
pub(super) fn schema() -> Schema {
    let mut schema = schema_of::<Query>();
    let branches = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    if let Some(required) = branches.and_then(|branches| branches.first_mut()?.get_mut("required")?.as_array_mut()) {
        required.retain(|name| name != "operation");
    }
    schema
}

/// What to run.
pub(super) enum RedisWork {
    Command(RedisCommand),
    /// Listing keys, which takes several commands.
    Keys {
        pattern: Vec<u8>,
        most: usize,
    },
}

/// A command with its resolved arguments.
pub(super) struct RedisCommand {
    /// The name is the first item.
    pub arguments: Vec<Vec<u8>>,
    pub layout: ResponseLayout,
    /// Whether the command writes; `None` if the server has to be asked.
    pub writes: Option<bool>,
    /// Whether its result is the number of changed keys.
    pub counts: bool,
}

impl RedisCommand {
    pub fn packed(&self) -> Cmd {
        let mut command = Cmd::new();
        for argument in &self.arguments {
            command.arg(argument.as_slice());
        }
        command
    }

    /// Returns an argument in lower case if it is text.
    pub fn word(&self, index: usize) -> Option<String> {
        std::str::from_utf8(self.arguments.get(index)?).ok().map(str::to_ascii_lowercase)
    }
}

/// Parses a request and resolves its templates.
///
/// # Errors
/// `Invalid`, naming the unknown option or the value that cannot be an argument.
pub(super) async fn resolve(request: &QueryRequest, sandbox: &Sandbox) -> Result<RedisWork> {
    named(&request.options)?;
    let options = Value::Object((*request.options).clone());
    let resolved = template::resolve_value(&options, &request.params.scope(), sandbox, request.timeout).await;
    let mut resolved = resolved.map_err(|problem| problem.at("options"))?;
    if let Value::Object(fields) = &mut resolved {
        fields.entry("operation").or_insert_with(|| "command".into());
    }
    work(parse::from_value(resolved, "options")?)
}

/// Checks that the command's name is fixed text: a parameter must not choose the command.
fn named(options: &Map<String, Value>) -> Result<()> {
    let Some(first) = options.get("command").and_then(|command| command.get(0)) else { return Ok(()) };
    let name = first.as_str().filter(|name| !name.is_empty() && !name.contains("{{"));
    match name {
        Some(name) if !name.contains(char::is_whitespace) => Ok(()),
        Some(_) => Err(invalid("command[0]", "must be a single word: add arguments as further items of the list")),
        None => Err(invalid("command[0]", "must be the command's name, without a template")),
    }
}

fn work(query: Query) -> Result<RedisWork> {
    let (plain, text) = (ResponseLayout::Plain, |word: &str| Value::from(word));
    let last = |stop: Option<i64>| Value::from(stop.unwrap_or(-1).to_string());
    Ok(RedisWork::Command(match query {
        Query::Command { command } => {
            RedisCommand { arguments: spread(&command, "command")?, layout: plain, writes: None, counts: false }
        }
        Query::Del { keys } => {
            let mut arguments = spread(&keys, "keys")?;
            arguments.insert(0, b"DEL".to_vec());
            RedisCommand { arguments, layout: plain, writes: Some(true), counts: true }
        }
        Query::Keys { pattern, count } => {
            let pattern = argument(&pattern.unwrap_or_else(|| "*".into()), "pattern")?;
            return Ok(RedisWork::Keys { pattern, most: count.unwrap_or(1000) as usize });
        }
        Query::Set { key, value, ttl_seconds } => {
            let mut words = vec![("", text("SET")), ("key", key), ("value", value)];
            if let Some(seconds) = ttl_seconds {
                words.extend([("", text("EX")), ("ttlSeconds", seconds.into())]);
            }
            RedisCommand { writes: Some(true), ..fixed(words, plain)? }
        }
        Query::Get { key } => fixed(vec![("", text("GET")), ("key", key)], plain)?,
        Query::Smembers { key } => fixed(vec![("", text("SMEMBERS")), ("key", key)], plain)?,
        Query::Hgetall { key } => fixed(vec![("", text("HGETALL")), ("key", key)], ResponseLayout::Object)?,
        Query::Lrange { key, start, stop } => {
            fixed(vec![("", text("LRANGE")), ("key", key), ("", start.into()), ("", last(stop))], plain)?
        }
        Query::Zrange { key, start, stop } => {
            let words = [("", text("ZRANGE")), ("key", key), ("", start.into()), ("", last(stop))];
            fixed(words.into_iter().chain([("", text("WITHSCORES"))]), ResponseLayout::Scored)?
        }
        Query::Info => fixed(vec![("", text("INFO"))], ResponseLayout::Sections)?,
    }))
}

/// Creates a read command with one argument per word.
fn fixed(words: impl IntoIterator<Item = (&'static str, Value)>, layout: ResponseLayout) -> Result<RedisCommand> {
    let arguments: Result<Vec<_>> = words.into_iter().map(|(option, word)| argument(&word, option)).collect();
    Ok(RedisCommand { arguments: arguments?, layout, writes: Some(false), counts: false })
}

/// Converts values to arguments; a list becomes one argument per item.
fn spread(values: &[Value], option: &str) -> Result<Vec<Vec<u8>>> {
    let mut arguments = Vec::with_capacity(values.len());
    let mut bytes = 0;
    for (i, value) in values.iter().enumerate() {
        for item in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            let argument = argument(item, &format!("{option}[{i}]"))?;
            bytes += argument.len();
            if bytes > BYTES || arguments.len() >= ARGUMENTS {
                return Err(invalid(option, "must not exceed 8 MiB and 100,000 arguments"));
            }
            arguments.push(argument);
        }
    }
    Ok(arguments)
}

fn argument(value: &Value, option: &str) -> Result<Vec<u8>> {
    if value.is_null() {
        return Err(invalid(option, "is null: an argument must have a value"));
    }
    let text = template::as_text(value);
    if text.len() > BYTES {
        return Err(invalid(option, "must be at most 8 MiB"));
    }
    Ok(values::argument(text.into_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Query, RedisWork, named, work};
    use serde_json::{Map, Value, json};

    fn arguments(query: Value) -> Result<Vec<String>, String> {
        let query: Query = serde_json::from_value(query).unwrap();
        match work(query).map_err(|error| error.to_string())? {
            RedisWork::Command(command) => {
                Ok(command.arguments.into_iter().map(|argument| String::from_utf8(argument).unwrap()).collect())
            }
            RedisWork::Keys { pattern, most } => Ok(vec![String::from_utf8(pattern).unwrap(), most.to_string()]),
        }
    }

    #[test]
    fn operations_become_commands() {
        for (query, expected) in [
            (json!({"operation": "get", "key": 7}), vec!["GET", "7"]),
            (json!({"operation": "set", "key": "k", "value": [1, "a b"]}), vec!["SET", "k", "[1,\"a b\"]"]),
            (json!({"operation": "set", "key": "k", "value": "v", "ttlSeconds": 5}), vec!["SET", "k", "v", "EX", "5"]),
            (json!({"operation": "del", "keys": ["a", ["b", "c d"]]}), vec!["DEL", "a", "b", "c d"]),
            (json!({"operation": "keys"}), vec!["*", "1000"]),
            (json!({"operation": "lrange", "key": "k"}), vec!["LRANGE", "k", "0", "-1"]),
            (
                json!({"operation": "zrange", "key": "k", "start": 1, "stop": 2}),
                vec!["ZRANGE", "k", "1", "2", "WITHSCORES"],
            ),
            (json!({"operation": "info"}), vec!["INFO"]),
            (
                json!({"operation": "command", "command": ["X", 1, true, {"a": [1]}, ["p", {"b": 2}], []]}),
                vec!["X", "1", "true", "{\"a\":[1]}", "p", "{\"b\":2}"],
            ),
        ] {
            assert_eq!(arguments(query.clone()).unwrap(), expected, "{query}");
        }
    }

    #[test]
    fn null_arguments_are_refused() {
        for (query, path) in [
            (json!({"operation": "get", "key": null}), "options.key"),
            (json!({"operation": "command", "command": ["SET", "k", null]}), "options.command[2]"),
        ] {
            let refused = arguments(query).unwrap_err();
            assert!(refused.starts_with(path), "{refused}");
        }
    }

    #[test]
    fn the_name_must_be_a_single_word_without_templates() {
        let options =
            |first: Value| -> Map<String, Value> { serde_json::from_value(json!({"command": [first]})).unwrap() };
        assert!(named(&options(json!("JSON.GET"))).is_ok());
        for wrong in [json!("{{ params.x }}"), json!("GET key"), json!(""), json!(7), json!(["GET", "key"])] {
            assert!(named(&options(wrong.clone())).is_err(), "{wrong}");
        }
    }
}
