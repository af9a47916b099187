//! Reads S3's errors: a code and a message in a little XML. The rest may contain what was signed, and is never shown.
use super::xml::element;
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
