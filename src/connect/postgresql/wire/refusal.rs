//! Error responses of the server.
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorResponseBody;
use std::io;

/// An error response.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::connect::postgresql) struct PgError {
    /// Whether the server closes the connection.
    pub fatal: bool,
    /// SQLSTATE.
    pub code: String,
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// 1-based character position in the statement.
    pub position: Option<u32>,
    /// The column that it is about.
    pub column: Option<String>,
    /// What the server was doing, such as `unnamed portal parameter $1 = 'x'`.
    pub context: Option<String>,
}

impl PgError {
    pub fn read(body: &ErrorResponseBody) -> io::Result<Self> {
        let mut refusal = Self::default();
        let mut fields = body.fields();
        while let Some(field) = fields.next()? {
            let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'V' => refusal.fatal = matches!(value.as_str(), "FATAL" | "PANIC"),
                b'C' => refusal.code = value,
                b'M' => refusal.message = value,
                b'D' => refusal.detail = Some(value),
                b'H' => refusal.hint = Some(value),
                b'c' => refusal.column = Some(value),
                b'W' => refusal.context = Some(value),
                b'P' => refusal.position = value.parse().ok(),
                _ => {}
            }
        }
        Ok(refusal)
    }
}
