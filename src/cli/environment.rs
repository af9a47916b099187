//! Options from environment variables.
use clap::{Command, builder::Resettable};
use std::{env, ffi::OsStr};

/// Treats an empty environment variable as unset: Compose files and systemd units write `NAME=` for unset variables.
pub(super) fn without_empty(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let is_empty = arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { arg.env(Resettable::Reset) } else { arg }
    });
    command.mut_subcommands(without_empty)
}

/// Returns whether terminal output may be colored.
pub(super) fn takes_colour() -> bool {
    colour(env::var_os("NO_COLOR").as_deref(), env::var_os("TERM").as_deref())
}

/// Returns false if `NO_COLOR` is set (<https://no-color.org>), or if the terminal does not support colors.
fn colour(no_color: Option<&OsStr>, terminal: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && terminal.is_none_or(|terminal| terminal != "dumb")
}

#[cfg(test)]
mod tests {
    use super::colour;

    #[test]
    fn no_color_and_dumb_terminals_turn_colors_off() {
        let takes = |no_color: Option<&str>, terminal: Option<&str>| {
            colour(no_color.map(str::as_ref), terminal.map(str::as_ref))
        };
        assert!(takes(None, None) && takes(None, Some("xterm")) && takes(Some(""), Some("xterm")));
        assert!(!takes(Some("1"), Some("xterm")) && !takes(Some("0"), None) && !takes(None, Some("dumb")));
    }
}
