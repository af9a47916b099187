//! Turns faults of the server or the connection into errors.
use super::wire::{MysqlError, MysqlFault};
use crate::{
    Error,
    connect::{
        network::{stage::ConnectStage, tls},
        sql::BoundSql,
    },
    error::DatasourceProblem,
};
use std::io::ErrorKind;

/// The error code for a write in a read-only transaction.
pub(super) const READ_ONLY: u16 = 1792;
/// The maximum number of characters that the server quotes at a syntax error.
const NEAR: usize = 80;

/// Creates an error with a hint.
pub(super) fn refused(message: &str, hint: &str) -> Error {
    Error::Datasource(Box::new(DatasourceProblem {
        message: message.to_owned(),
        hint: Some(hint.to_owned()),
        ..DatasourceProblem::default()
    }))
}

/// The error for a statement that contains placeholders.
pub(super) fn placeholders() -> Error {
    refused(
        "the statement contains `?`, which the server treats as a placeholder",
        "write values as `{{ params.name }}`",
    )
}

/// Turns a fault of a statement into an error. `statement` maps positions back to the user's SQL.
pub(super) fn to_error(fault: &MysqlFault, statement: Option<&BoundSql>) -> Error {
    match fault {
        MysqlFault::Refused(refused) => server(refused, statement),
        MysqlFault::Infile => refused(
            "LOAD DATA LOCAL is not allowed, because it would send files of this server",
            "insert the rows instead",
        ),
        MysqlFault::TooLarge => refused("a row or a value is too large", "select fewer or shorter columns"),
        MysqlFault::Ours(_) => Error::Unavailable("not enough memory for the result: try again later"),
        other => Error::Datasource(Box::new(DatasourceProblem {
            message: plain(other),
            transient: matches!(other, MysqlFault::Broken(_)),
            unreachable: true,
            ..DatasourceProblem::default()
        })),
    }
}

fn server(refused: &MysqlError, statement: Option<&BoundSql>) -> Error {
    let position = statement.and_then(|statement| {
        let at = place(refused, &statement.text)?;
        let before = statement.text.get(..at)?.chars().count();
        Some(statement.origin(u32::try_from(before).ok()? + 1))
    });
    let hint = match refused.code {
        1044 | 1142 | 1143 | 1227 | 1370 => "the database user lacks this privilege: grant it, or use another user",
        1064 if refused.message.contains("near ':") => "write values as `{{ params.name }}`",
        1046 => "set the database in the datasource, or write it before the table name",
        1146 => "check the table name, and that the table is in the datasource's database",
        1205 | 1213 => "another transaction held a lock: try again",
        1295 => "the server cannot prepare this statement, and only prepared statements are supported",
        READ_ONLY => "the statement writes, but only reading is allowed here",
        3024 | 1969 => "the server stopped the query: make it faster, or raise the server's timeout",
        _ => "",
    };
    Error::Datasource(Box::new(DatasourceProblem {
        message: refused.message.clone(),
        code: Some(format!("{} ({})", refused.code, refused.state)),
        position,
        hint: Some(hint).filter(|hint| !hint.is_empty()).map(str::to_owned),
        transient: passing(refused),
        retry_after: None,
        unreachable: false,
    }))
}

/// Returns whether an error is transient: locks, too many connections, and connections closed by the server.
fn passing(refused: &MysqlError) -> bool {
    refused.state.starts_with("08")
        || matches!(refused.code, 1040 | 1053 | 1158..=1161 | 1203 | 1205 | 1213 | 1226 | 1317 | 1927 | 4031)
}

/// Returns the byte offset of the error in the text, if the part that the server quotes occurs only once.
fn place(refused: &MysqlError, text: &str) -> Option<usize> {
    match refused.code {
        1064 => {
            let (_, rest) = refused.message.split_once("near '")?;
            let (near, line) = rest.rsplit_once("' at line ")?;
            let line: usize = line.parse().ok()?;
            if near.is_empty() {
                return Some(text.len());
            }
            if near.chars().count() < NEAR && text.ends_with(near) {
                return Some(text.len() - near.len());
            }
            let on_line = |at: &usize| text[..*at].matches('\n').count() + 1 == line;
            only(text.match_indices(near).map(|(at, _)| at).filter(on_line))
        }
        1051 | 1052 | 1054 | 1060 | 1109 | 1146 | 1305 => {
            let (_, rest) = refused.message.split_once('\'')?;
            let (name, _) = rest.split_once('\'')?;
            let name = name.rsplit('.').next().filter(|name| !name.is_empty())?;
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let whole = |at: &usize| {
                let (before, after) = (text[..*at].chars().next_back(), text[at + name.len()..].chars().next());
                !before.is_some_and(is_word) && !after.is_some_and(is_word)
            };
            only(text.match_indices(name).map(|(at, _)| at).filter(whole))
        }
        _ => None,
    }
}

fn only(mut places: impl Iterator<Item = usize>) -> Option<usize> {
    places.next().filter(|_| places.next().is_none())
}

/// Turns a failed connection attempt into the error of its stage.
pub(super) fn stage(fault: &MysqlFault) -> Error {
    let stage = match fault {
        MysqlFault::Refused(refused) => {
            let stage = match refused.code {
                1044 | 1049 => ConnectStage::Database,
                3159 => ConnectStage::Tls,
                code if refused.state == "28000" || matches!(code, 1045 | 1130 | 1251 | 1524 | 1698 | 3118) => {
                    ConnectStage::Authentication
                }
                _ => return to_error(fault, None),
            };
            return match to_error(fault, None) {
                Error::Datasource(problem) => {
                    // hints for statements do not help with connecting
                    stage.refused(DatasourceProblem { hint: None, ..*problem })
                }
                other => other,
            };
        }
        MysqlFault::Tls(_) => ConnectStage::Tls,
        MysqlFault::Broken(failed) if tls::is_cause(failed) => ConnectStage::Tls,
        MysqlFault::Broken(failed) => match failed.kind() {
            ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::Other => ConnectStage::Protocol,
            _ => ConnectStage::Tcp,
        },
        MysqlFault::Authentication(_) => ConnectStage::Authentication,
        MysqlFault::Infile | MysqlFault::TooLarge | MysqlFault::Ours(_) | MysqlFault::Garbled(_) => {
            ConnectStage::Protocol
        }
    };
    stage.failed(plain(fault))
}

fn plain(fault: &MysqlFault) -> String {
    match fault {
        MysqlFault::Broken(failed) | MysqlFault::Tls(failed) => failed.to_string(),
        MysqlFault::Authentication(why) => why.clone(),
        MysqlFault::Garbled(why) => format!("unexpected response from the server: {why}"),
        MysqlFault::Refused(refused) => refused.message.clone(),
        MysqlFault::Ours(error) => error.to_string(),
        MysqlFault::Infile => "the server requests a file".to_owned(),
        MysqlFault::TooLarge => "the server sent a packet that is too large".to_owned(),
    }
}
