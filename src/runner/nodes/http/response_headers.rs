//! The headers that a workflow may set in the response to a webhook. They are sent from the server's own origin, so
//! they must not set cookies, CORS or security policies for it, instruct proxies, or describe the connection.
use url::Url;

/// Headers that describe the content, or what the caller may do next.
const ALLOWED: &[&str] = &[
    "age",
    "allow",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-location",
    "content-md5",
    "content-type",
    "deprecation",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "pragma",
    "preference-applied",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "sunset",
    "vary",
    "warning",
];

/// Prefixes of `x-` headers that browsers, proxies or this server act on. All other `x-` headers are allowed.
const TAKEN: &[&str] = &[
    "x-accel-",
    "x-content-security-policy",
    "x-content-type-options",
    "x-dns-prefetch-control",
    "x-download-options",
    "x-forwarded-",
    "x-frame-options",
    "x-lighttpd-",
    "x-litespeed-",
    "x-original-",
    "x-permitted-cross-domain-policies",
    "x-real-ip",
    "x-reproxy-",
    "x-request-id",
    "x-rewrite-",
    "x-robots-tag",
    "x-sendfile",
    "x-ua-compatible",
    "x-webkit-csp",
    "x-xss-protection",
];

/// Checks whether a response may have the header. `value` is `None` if it is not known yet.
///
/// # Errors
/// The reason, as a phrase that follows the header's name.
pub fn check(name: &str, value: Option<&str>) -> Result<(), &'static str> {
    let name = name.trim().to_ascii_lowercase();
    let own = name.starts_with("x-") && !TAKEN.iter().any(|taken| name.starts_with(taken));
    if !own && !ALLOWED.contains(&name.as_str()) {
        return Err(
            "is not a header that a workflow can set: use a content header, or a custom name that starts with X-",
        );
    }
    if name == "location" && !value.is_none_or(is_web_address) {
        return Err("must be an http or https URL, or a path on this server");
    }
    Ok(())
}

/// Returns whether `text`, parsed like in a browser, leads to an http or https URL.
fn is_web_address(text: &str) -> bool {
    let base = Url::parse("https://relative.invalid/");
    base.and_then(|base| base.join(text)).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn headers_that_affect_the_server_are_rejected() {
        for name in [
            "Set-Cookie",
            "set-cookie2",
            "Access-Control-Allow-Origin",
            "Content-Security-Policy",
            "X-Frame-Options",
            "Content-Security-Policy-Report-Only",
            "Strict-Transport-Security",
            "Clear-Site-Data",
            "Connection",
            "Refresh",
            "Transfer-Encoding",
            "Content-Length",
            "Content-Encoding",
            "Upgrade",
            "Alt-Svc",
            "Service-Worker-Allowed",
            "X-Accel-Redirect",
            "X-Sendfile",
            "X-Request-Id",
            "Trailer",
            "Keep-Alive",
            "Te",
            "Proxy-Authenticate",
            "WWW-Authenticate",
            "Cross-Origin-Opener-Policy",
            "Cross-Origin-Resource-Policy",
            "Permissions-Policy",
            "Referrer-Policy",
            "Origin-Agent-Cluster",
            "Report-To",
            "NEL",
            "SourceMap",
            "Set-Login",
            "Server",
            "Date",
            "Speculation-Rules",
            "No-Vary-Search",
            "Timing-Allow-Origin",
            "Supports-Loading-Mode",
            "X-Forwarded-For",
            "",
        ] {
            assert!(check(name, Some("x")).is_err() && check(name, None).is_err(), "{name}");
        }
        for name in ["Content-Type", "X-Total", "x-a", "Cache-Control", "ETag", "Retry-After", "Content-Disposition"] {
            assert!(check(name, Some("x")).is_ok() && check(name, None).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_location_must_lead_to_a_web_page() {
        for good in ["/done", "done?a=1", "https://example.com/x", "http://example.com", "//example.com/x", "?a", ""] {
            assert!(check("Location", Some(good)).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "file:///etc",
            "vbscript:x",
            "blob:x",
            "intent://x",
        ] {
            assert!(check("Location", Some(bad)).is_err(), "{bad}");
        }
    }
}
