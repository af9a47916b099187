//! Turns faults of the server or the connection into errors.
use super::wire::PgFault;
use crate::{Error, connect::sql::BoundSql, error::DatasourceProblem};
use std::io;

/// Codes whose detail is the whole row, with columns that the reader of the error may not see: violations of `not null`,
/// of a check, a partition or a view's condition.
const SHOWS_ROW: [&str; 3] = ["23502", "23514", "44000"];

/// Turns a fault of a statement into an error. `statement` maps positions back to the user's SQL.
pub(super) fn to_error(fault: &PgFault, statement: Option<&BoundSql>) -> Error {
    let refusal = match fault {
        PgFault::Refused(refusal) => refusal,
        PgFault::Broken(error) => {
            let message = match error.kind() {
                io::ErrorKind::UnexpectedEof => "the connection was closed".to_owned(),
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => format!("protocol: {error}"),
                _ => format!("the connection was lost: {error}"),
            };
            return Error::Datasource(Box::new(DatasourceProblem {
                message,
                transient: true,
                ..DatasourceProblem::default()
            }));
        }
        PgFault::Ours(_) => return Error::Unavailable("not enough memory for the result: try again later"),
        PgFault::TooLarge => {
            return problem("a row or a value is too large", "select fewer or shorter columns");
        }
    };
    let code = refusal.code.as_str();
    let passing = ["08", "40", "53", "57P"].iter().any(|class| code.starts_with(class));
    let detail = refusal.detail.as_ref().filter(|_| !SHOWS_ROW.contains(&code));
    let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("{}{detail}", refusal.message),
        code: Some(code.to_owned()),
        position: refusal.position.and_then(|position| Some(statement?.origin(position))),
        hint: refusal.hint.clone().or_else(|| hint(code).map(str::to_owned)),
        transient: passing,
        retry_after: None,
        unreachable: false,
    }))
}

/// Returns a hint for error codes for which the server sends none.
fn hint(code: &str) -> Option<&'static str> {
    match code {
        "22021" | "22P05" => Some(
            "text must be UTF-8 without NUL; get other text as bytes: encode(convert_to(column, 'SQL_ASCII'), 'hex')",
        ),
        _ => None,
    }
}

/// Creates an error with a hint.
pub(super) fn problem(message: &str, hint: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        ..DatasourceProblem::default()
    }))
}
