//! The log. Control characters in values are escaped, so that one event is one line and cannot control the terminal.
use super::environment::takes_colour;
use clap::ValueEnum;
use std::{borrow::Cow, fmt, io::IsTerminal};
use tracing::field::Field;
use tracing_subscriber::{
    EnvFilter,
    field::MakeExt,
    fmt::format::{DefaultFields, FormatFields, Writer, debug_fn},
};

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// Starts logging to standard error.
pub(super) fn start(level: EnvFilter, format: LogFormat) {
    let log = tracing_subscriber::fmt()
        .with_env_filter(level)
        .with_writer(std::io::stderr)
        // reporting a failed write on the same stream would panic
        .log_internal_errors(false)
        .with_ansi(takes_colour() && std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.fmt_fields(fields()).init(),
        // JSON escapes control characters
        LogFormat::Json => log.fmt_fields(DefaultFields::new()).json().init(),
    }
}

/// Formats fields as `message name=value …`, like tracing's default, with control characters escaped.
fn fields() -> impl for<'w> FormatFields<'w> + Send + Sync + 'static {
    debug_fn(|writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
        let value = format!("{value:?}");
        match field.name() {
            "message" => writer.write_str(&plain(&value)),
            // fields that the bridge from the `log` crate adds
            name if name.starts_with("log.") => Ok(()),
            name => write!(writer, "{}={}", name.trim_start_matches("r#"), plain(&value)),
        }
    })
    .delimited(" ")
}

/// Escapes control characters, line separators and changes of the text direction, except for tabs.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_active(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

fn is_active(c: char) -> bool {
    let separates = matches!(c, '\u{2028}' | '\u{2029}');
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    (c.is_control() && c != '\t') || separates || turns
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{fields, plain};
    use std::{
        io,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::fmt::MakeWriter;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;
        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn values_of_events_and_spans_cannot_start_a_line_or_control_the_terminal() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt().fmt_fields(fields()).with_ansi(true).with_writer(kept.clone()).finish();
        let evil = "x\n2026-01-01T00:00:00Z INFO jet_admin: FORGED \u{1b}[2J\r\u{85}\u{9b}1m\u{202e}\u{2028}\0y";
        tracing::subscriber::with_default(log, || {
            let _span = tracing::info_span!("span", display = %evil, debug = ?evil, text = evil).entered();
            tracing::info!(display = %evil, debug = ?evil, text = evil, message = evil);
            tracing::warn!(error = %io::Error::other(evil), "{evil}");
        });
        let kept = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(kept.lines().count(), 2, "{kept}");
        assert_eq!(kept.matches("FORGED").count(), 12, "{kept}");
        let foreign = kept.replace(['\n'], "");
        assert!(!foreign.contains("\u{1b}[2J"), "{kept}");
        assert!(!foreign.contains(['\r', '\u{85}', '\u{9b}', '\u{202e}', '\u{2028}', '\0']), "{kept}");
    }

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(plain("C:\\temp\tÄpfel 😀"), "C:\\temp\tÄpfel 😀");
        assert_eq!(plain("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
    }
}
