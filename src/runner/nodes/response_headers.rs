//! Which headers a workflow may answer a webhook with. They are sent from the server's own address: none may speak for
//! it to browsers (cookies, CORS, security policies), to proxies, or about the connection.
use url::Url;

/// Describes the answer's content, or says what the caller may do next.
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

/// `x-` names are free, but for those that browsers, proxies or this server act on.
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

/// Whether an answer may have the header; `value` is `None` as long as nobody knows it.
///
/// # Errors
/// Why not, to follow the header's name.
pub fn check(name: &str, value: Option<&str>) -> Result<(), &'static str> {
    let name = name.trim().to_ascii_lowercase();
    let own = name.starts_with("x-") && !TAKEN.iter().any(|taken| name.starts_with(taken));
    if !own && !ALLOWED.contains(&name.as_str()) {
        return Err(
            "is not a header that a workflow may set: use one about the content, or a name of yours that begins with X-",
        );
    }
    if name == "location" && !value.is_none_or(is_web_address) {
        return Err("must be an http or https URL, or a path on this server");
    }
    Ok(())
}

/// Whether a browser that follows `text` goes to a web page: it is read as browsers read it.
fn is_web_address(text: &str) -> bool {
    let base = Url::parse("https://relative.invalid/");
    base.and_then(|base| base.join(text)).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn headers_that_speak_for_the_server_are_refused() {
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
    fn a_location_leads_to_a_web_page() {
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
