//! Decides which commands are allowed: never those that change the connection, and on read-only datasources only those
//! that the server lists as read-only.
use super::{command::RedisCommand, dial::RedisWire, invalid, values};
use crate::{Error, Result, connect::Written};
use redis::{Value as Answer, cmd};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Commands that change the state of the connection or turn it into a stream of messages. They are refused because
/// connections are shared by many queries.
const CONNECTION: [&str; 23] = [
    "auth",
    "hello",
    "select",
    "quit",
    "reset",
    "multi",
    "exec",
    "discard",
    "watch",
    "unwatch",
    "subscribe",
    "psubscribe",
    "ssubscribe",
    "unsubscribe",
    "punsubscribe",
    "sunsubscribe",
    "monitor",
    "sync",
    "psync",
    "replconf",
    "readonly",
    "readwrite",
    "asking",
];
/// The allowed subcommands of two commands that can also change the connection.
const HARMLESS: [(&str, &[&str]); 2] =
    [("client", &["list", "info", "id", "kill"]), ("script", &["load", "exists", "flush", "kill"])];

/// The maximum number of cached commands.
const KNOWN: usize = 1000;
/// The maximum size of a command's description, in bytes.
const DESCRIPTION: usize = 1 << 20;

/// The server's description of a command.
#[derive(Clone, Copy, Debug, Default)]
struct CommandTraits {
    /// What it writes. A script may do anything.
    written: Written,
    blocks: bool,
    /// Whether it has subcommands, which have their own traits.
    has_parts: bool,
}

pub(super) struct CommandRules {
    read_only: bool,
    known: Mutex<HashMap<String, CommandTraits>>,
}

impl CommandRules {
    pub fn new(read_only: bool) -> Self {
        Self { read_only, known: Mutex::default() }
    }

    /// Returns what the command writes, or the reason why it is not allowed.
    ///
    /// # Errors
    /// The outer error is a failed connection.
    pub async fn judge(&self, wire: &mut RedisWire, command: &RedisCommand) -> Result<Result<Written>> {
        let name = command.word(0).unwrap_or_default();
        let written = match command.writes {
            Some(true) => Written::Something,
            Some(false) => Written::Nothing,
            None if is_connection(&name, command.word(1).as_deref()) => {
                let why = format!(
                    "{} is not allowed: it changes the connection, which other queries share",
                    name.to_ascii_uppercase()
                );
                return Ok(Err(invalid("command", &why)));
            }
            None => {
                let traits = self.traits(wire, &name, command).await?;
                if traits.blocks && waits_for_ever(command) {
                    return Ok(Err(invalid("command", "would wait forever: use a timeout other than 0")));
                }
                traits.written
            }
        };
        if written != Written::Nothing && self.read_only {
            let why = format!(
                "the datasource is read-only, and the server does not list {} as a read-only command",
                name.to_ascii_uppercase()
            );
            return Ok(Err(Error::datasource(why)));
        }
        Ok(Ok(written))
    }

    /// Returns the traits of a command, asking the server once. A command that the server does not describe counts as
    /// one that may do anything.
    async fn traits(&self, wire: &mut RedisWire, name: &str, command: &RedisCommand) -> Result<CommandTraits> {
        let whole = self.look_up(wire, name).await?;
        match command.word(1) {
            Some(part) if whole.has_parts && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
                self.look_up(wire, &format!("{name}|{part}")).await
            }
            _ => Ok(whole),
        }
    }

    async fn look_up(&self, wire: &mut RedisWire, name: &str) -> Result<CommandTraits> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(traits) = known().get(name) {
            return Ok(*traits);
        }
        let answer = wire.ask(cmd("COMMAND").arg("INFO").arg(name), DESCRIPTION).await?;
        let traits = read(answer);
        let mut known = known();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(name.to_owned(), traits);
        Ok(traits)
    }
}

/// Parses the response to `COMMAND INFO`: name, arity, flags, …, and at the end the subcommands.
fn read(answer: Answer) -> CommandTraits {
    let description = values::items(answer).into_iter().next().map(values::items).unwrap_or_default();
    let mut traits = CommandTraits { written: Written::Perhaps, ..CommandTraits::default() };
    for (place, part) in description.into_iter().enumerate() {
        match place {
            2 => {
                for flag in values::items(part) {
                    match values::bytes(flag).as_slice() {
                        b"readonly" => traits.written = Written::Nothing,
                        b"write" => traits.written = Written::Something,
                        b"blocking" => traits.blocks = true,
                        _ => {}
                    }
                }
            }
            9 => traits.has_parts = !values::items(part).is_empty(),
            _ => {}
        }
    }
    traits
}

fn is_connection(name: &str, part: Option<&str>) -> bool {
    let harmless = HARMLESS.iter().find(|(whole, _)| *whole == name);
    CONNECTION.contains(&name) || harmless.is_some_and(|(_, parts)| !part.is_some_and(|part| parts.contains(&part)))
}

/// Returns whether a blocking command's timeout is 0. It is the first or the last argument, or follows `BLOCK`.
fn waits_for_ever(command: &RedisCommand) -> bool {
    let arguments = &command.arguments;
    let is = |index: usize, word: &str| command.word(index).is_some_and(|found| found == word);
    let zero = |index: usize| {
        let number = command.word(index).and_then(|text| text.trim().parse::<f64>().ok());
        number.is_some_and(|number| number.abs() < f64::EPSILON)
    };
    if let Some(at) = (1..arguments.len()).find(|&at| is(at, "block")) {
        return zero(at + 1);
    }
    if (1..arguments.len()).any(|at| is(at, "streams")) {
        return false;
    }
    arguments.len() > 1 && (zero(1) || zero(arguments.len() - 1))
}

#[cfg(test)]
mod tests {
    use super::{is_connection, waits_for_ever};
    use crate::connect::redis::{command::RedisCommand, values::ResponseLayout};

    fn command(words: &str) -> RedisCommand {
        let arguments = words.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        RedisCommand { arguments, layout: ResponseLayout::Plain, writes: None, counts: false }
    }

    #[test]
    fn endless_waits_are_detected() {
        for words in ["BLPOP a b 0", "BLMPOP 0 1 k LEFT", "XREAD BLOCK 0 STREAMS s $", "WAIT 1 0", "BRPOP k 0.0"] {
            assert!(waits_for_ever(&command(words)), "{words}");
        }
        for words in ["BLPOP a 1", "BLMPOP 0.5 1 k LEFT", "XREAD STREAMS s 0", "XREAD BLOCK 10 STREAMS s 0", "BLPOP"] {
            assert!(!waits_for_ever(&command(words)), "{words}");
        }
    }

    #[test]
    fn commands_that_change_the_connection_are_detected() {
        for (name, part) in [("auth", None), ("client", Some("reply")), ("client", None), ("script", Some("debug"))] {
            assert!(is_connection(name, part), "{name}");
        }
        for (name, part) in [("get", Some("auth")), ("client", Some("list")), ("script", Some("load")), ("eval", None)]
        {
            assert!(!is_connection(name, part), "{name}");
        }
    }
}
