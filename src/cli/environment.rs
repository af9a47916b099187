//! Options from the environment.
use clap::{Command, builder::Resettable};
use std::{env, ffi::OsStr};

/// Takes an empty variable for one that is not set: `compose` and unit files write `NAME=` for what nobody has set.
pub(super) fn without_empty(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let is_empty = arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { arg.env(Resettable::Reset) } else { arg }
    });
    command.mut_subcommands(without_empty)
}

/// Whether what is written to a terminal may have colours.
pub(super) fn takes_colour() -> bool {
    colour(env::var_os("NO_COLOR").as_deref(), env::var_os("TERM").as_deref())
}

/// Neither where `NO_COLOR` is set (<https://no-color.org>), nor on a terminal that knows none.
fn colour(no_color: Option<&OsStr>, terminal: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && terminal.is_none_or(|terminal| terminal != "dumb")
}

#[cfg(test)]
mod tests {
    use super::colour;

    #[test]
    fn colours_are_for_terminals_that_know_and_people_who_like_them() {
        let takes = |no_color: Option<&str>, terminal: Option<&str>| {
            colour(no_color.map(str::as_ref), terminal.map(str::as_ref))
        };
        assert!(takes(None, None) && takes(None, Some("xterm")) && takes(Some(""), Some("xterm")));
        assert!(!takes(Some("1"), Some("xterm")) && !takes(Some("0"), None) && !takes(None, Some("dumb")));
    }
}
