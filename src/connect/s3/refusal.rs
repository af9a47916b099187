//! Reads S3's errors: a code and a message in a little XML. The rest may contain what was signed, and is never shown.
use super::{ObjectAddress, xml::element};
use crate::{
    Error,
    connect::http::{is_transient, later_hint},
    error::DatasourceProblem,
};
use reqwest::StatusCode;
use std::time::Duration;

pub(super) fn read(status: StatusCode, body: &[u8], later: Option<Duration>) -> Error {
    let text = String::from_utf8_lossy(&body[..body.len().min(64 << 10)]);
    let code = element(&text, "Code").unwrap_or_else(|| status.as_str().to_owned());
    let message = element(&text, "Message").unwrap_or_else(|| match status {
        StatusCode::NOT_FOUND => "the object does not exist".to_owned(),
        _ => format!("the server answered {status}"),
    });
    let passing = matches!(code.as_str(), "SlowDown" | "RequestTimeout" | "InternalError" | "ServiceUnavailable");
    Error::Datasource(Box::new(DatasourceProblem {
        message,
        hint: hint(&code).map(str::to_owned).or_else(|| later.map(later_hint)),
        transient: passing || is_transient(status) || later.is_some(),
        retry_after: later,
        code: Some(code),
        ..DatasourceProblem::default()
    }))
}

/// Returns `NotFound` if the error says that an object is missing, and otherwise the error.
pub(super) fn missing(error: Error) -> Error {
    match error {
        Error::Datasource(problem) if matches!(problem.code.as_deref(), Some("NoSuchKey" | "404")) => {
            Error::NotFound("object")
        }
        other => other,
    }
}

/// Returns whether the error says that an object exists that was to be created.
pub(super) fn exists(error: &Error) -> bool {
    let codes = ["PreconditionFailed", "ConditionalRequestConflict", "412"];
    matches!(error, Error::Datasource(problem) if problem.code.as_deref().is_some_and(|code| codes.contains(&code)))
}

/// Returns why the server's own storage cannot be used, and what to do.
pub(super) fn explain(address: &ObjectAddress, error: Error) -> Error {
    let (why, code, hint) = match error {
        Error::Datasource(problem) => (problem.message, problem.code, problem.hint),
        Error::NotFound(_) => ("it does not exist".to_owned(), Some("NoSuchBucket".to_owned()), None),
        other => (other.to_string(), None, None),
    };
    let remedy = match code.as_deref().unwrap_or_default() {
        "InvalidAccessKeyId" => "check AWS_ACCESS_KEY_ID",
        "SignatureDoesNotMatch" => "check AWS_SECRET_ACCESS_KEY and AWS_REGION",
        "ExpiredToken" | "InvalidToken" => "check AWS_SESSION_TOKEN",
        "AccessDenied" | "403" => "allow the access key to read, write, list and delete objects in the bucket",
        "NoSuchBucket" => "create the bucket, or correct its name",
        "PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed" | "301" | "307" => {
            "check AWS_REGION and the endpoint"
        }
        "RequestTimeTooSkewed" => "check the clocks of both machines",
        _ => hint.as_deref().unwrap_or("check the endpoint, and that the server is running"),
    };
    Error::conflict(format!("the file storage {address} cannot be used ({}): {remedy}", why.trim_end_matches('.')))
}

/// Whether the error is about the credentials.
pub(super) fn is_authentication(code: &str) -> bool {
    const CODES: [&str; 7] = [
        "AccessDenied",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "ExpiredToken",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "403",
    ];
    CODES.contains(&code)
}

fn hint(code: &str) -> Option<&'static str> {
    Some(match code {
        "NoSuchBucket" => "check the bucket name, the endpoint and the path style",
        "PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed" => "check region and endpoint",
        "InvalidAccessKeyId" => "check the access key ID",
        "SignatureDoesNotMatch" => "check the secret access key and the region",
        "AccessDenied" => "check the permissions of the access key",
        "RequestTimeTooSkewed" => "check the clocks of both servers",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::Error;
    use reqwest::StatusCode;

    fn problem(status: StatusCode, body: &str) -> (Option<String>, String, bool) {
        match read(status, body.as_bytes(), None) {
            Error::Datasource(problem) => (problem.code, problem.message, problem.transient),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn only_code_and_message_are_read() {
        let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>No &amp;lt;match&gt;</Message><StringToSign>AWS4\nsecret</StringToSign></Error>";
        let (code, message, transient) = problem(StatusCode::FORBIDDEN, body);
        assert_eq!((code.as_deref(), message.as_str()), (Some("SignatureDoesNotMatch"), "No &lt;match>"));
        assert!(!transient);
        for (status, body, code, message) in [
            (StatusCode::NOT_FOUND, "", "404", "the object does not exist"),
            (StatusCode::FORBIDDEN, "<html>", "403", "the server answered 403 Forbidden"),
            (
                StatusCode::FORBIDDEN,
                "<Code></Code><Message>\u{1}</Message>",
                "403",
                "the server answered 403 Forbidden",
            ),
            (StatusCode::FORBIDDEN, "<Code>A", "403", "the server answered 403 Forbidden"),
        ] {
            let (found, expected, _) = problem(status, body);
            assert_eq!((found.as_deref(), expected.as_str()), (Some(code), message), "{body}");
        }
        assert!(problem(StatusCode::SERVICE_UNAVAILABLE, "<Code>SlowDown</Code>").2);
    }
}
