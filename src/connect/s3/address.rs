//! The address of the server's own objects, and the credentials for it.
use crate::{Error, Result};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use std::{fmt, fs};
use url::Url;

/// A bucket and a prefix in it, such as `s3://bucket/prefix`, with what requests to it need.
#[derive(Clone)]
pub struct ObjectAddress {
    pub(super) bucket: Bucket,
    pub(super) credentials: Credentials,
    /// Ends with a slash, unless it is empty.
    pub(super) prefix: String,
    /// The authority that certificates must be from, in PEM format; `None` for the public ones.
    pub(super) authority: Option<String>,
    shown: String,
}

impl fmt::Debug for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Shows bucket and prefix, without options and credentials.
impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// What may follow the `?` of an address.
#[derive(Default)]
struct AddressOptions {
    endpoint: Option<String>,
    region: Option<String>,
    authority: Option<String>,
}

impl ObjectAddress {
    /// Parses an address such as `s3://bucket/prefix?endpoint=https://s3.example.com`. `variable` reads the environment
    /// variables that other programs for S3 read, too.
    ///
    /// # Errors
    /// `Conflict`, with the remedy. It never contains the text, which may have a password in it by mistake.
    pub fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let filled = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let url = Url::parse(text).ok().filter(|url| url.scheme() == "s3");
        let url = url.ok_or_else(|| refused("must look like s3://bucket/prefix?endpoint=https://s3.example.com"))?;
        if !url.username().is_empty() || url.password().is_some() || url.port().is_some() || url.fragment().is_some() {
            return Err(refused(
                "must only have a bucket and a prefix: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the credentials, \
                 and `?endpoint=` for the server",
            ));
        }
        let name = url.host_str().filter(|name| is_bucket(name)).ok_or_else(|| {
            refused("names no valid bucket: 3 to 63 lowercase letters, digits, dots and hyphens, such as s3://bucket/prefix")
        })?;
        let prefix = url.path().trim_matches('/');
        if !prefix.is_empty() && !prefix.split('/').all(is_segment) {
            return Err(refused("has a prefix with other characters than letters, digits, `.`, `_`, `-` and `/`"));
        }
        let options = AddressOptions::of(&url)?;
        let region = options.region.or_else(|| filled("AWS_REGION")).or_else(|| filled("AWS_DEFAULT_REGION"));
        let bucket = bucket(name, options.endpoint, region)?;
        let credentials = match (
            filled("AWS_ACCESS_KEY_ID"),
            filled("AWS_SECRET_ACCESS_KEY"),
            filled("AWS_SESSION_TOKEN"),
        ) {
            (Some(key), Some(secret), Some(token)) => Credentials::new_with_token(key, secret, token),
            (Some(key), Some(secret), None) => Credentials::new(key, secret),
            (key, _, _) => {
                let missing = if key.is_some() { "AWS_SECRET_ACCESS_KEY" } else { "AWS_ACCESS_KEY_ID" };
                let why = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key that may read, write, list \
                           and delete objects in the bucket";
                return Err(Error::conflict(format!("{missing} is not set, which --files requires: {why}")));
            }
        };
        let shown = format!("s3://{name}/{prefix}").trim_end_matches('/').to_owned();
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket, credentials, prefix, authority: options.authority, shown })
    }
}

impl AddressOptions {
    fn of(url: &Url) -> Result<Self> {
        let mut options = Self::default();
        for (name, value) in url.query_pairs() {
            let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
            match &*name {
                "endpoint" => options.endpoint = value,
                "region" => options.region = value,
                "sslrootcert" => {
                    let path = value.unwrap_or_default();
                    let read = fs::read_to_string(&path);
                    options.authority = Some(read.map_err(|error| {
                        refused(&format!("names the certificate authority {path}, which cannot be read: {error}"))
                    })?);
                }
                _ => return Err(refused("has an unknown option: use endpoint, region and sslrootcert")),
            }
        }
        Ok(options)
    }
}

/// Most servers other than Amazon's have no host name for each bucket.
fn bucket(name: &str, endpoint: Option<String>, region: Option<String>) -> Result<Bucket> {
    let wrong = || refused("has an invalid endpoint: use a URL such as `?endpoint=https://s3.example.com`");
    let (endpoint, style, region) = match (endpoint, region) {
        (Some(endpoint), region) => (endpoint, UrlStyle::Path, region.unwrap_or_else(|| "us-east-1".to_owned())),
        (None, Some(region)) => {
            // certificates do not match further dots
            let style = if name.contains('.') { UrlStyle::Path } else { UrlStyle::VirtualHost };
            (format!("https://s3.{region}.amazonaws.com"), style, region)
        }
        (None, None) => {
            return Err(Error::conflict(
                "AWS_REGION is not set, which --files requires: set it to the region of the bucket, or add \
                 `?endpoint=https://s3.example.com` to the address for another server than Amazon's",
            ));
        }
    };
    let endpoint = Url::parse(&endpoint).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
    });
    Bucket::new(endpoint.ok_or_else(wrong)?, style, name.to_owned(), region).map_err(|_| wrong())
}

fn is_bucket(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    (3..=63).contains(&name.len()) && name.bytes().all(fits) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_segment(segment: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !segment.is_empty() && segment.bytes().all(fits) && !matches!(segment, "." | "..")
}

fn refused(why: &str) -> Error {
    Error::conflict(format!("the address of the file storage (--files) {why}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::ObjectAddress;

    fn parse(text: &str, variables: &[(&str, &str)]) -> Result<ObjectAddress, String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        ObjectAddress::parse(text, variable).map_err(|error| error.to_string())
    }

    const KEYS: [(&str, &str); 3] =
        [("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY", "hidden"), ("AWS_REGION", "eu-west-1")];

    #[test]
    fn an_address_has_a_bucket_and_a_prefix() {
        for (text, shown, url, prefix) in [
            ("s3://box", "s3://box", "https://box.s3.eu-west-1.amazonaws.com/", ""),
            ("s3://box/a/b/", "s3://box/a/b", "https://box.s3.eu-west-1.amazonaws.com/", "a/b/"),
            ("s3://my.box/a", "s3://my.box/a", "https://s3.eu-west-1.amazonaws.com/my.box/", "a/"),
            ("s3://box/a?endpoint=http://127.0.0.1:9000", "s3://box/a", "http://127.0.0.1:9000/box/", "a/"),
            ("s3://box?endpoint=https%3A%2F%2Fs3.example.com", "s3://box", "https://s3.example.com/box/", ""),
        ] {
            let address = parse(text, &KEYS).unwrap();
            assert_eq!((address.to_string().as_str(), address.prefix.as_str()), (shown, prefix));
            assert_eq!(address.bucket.base_url().as_str(), url);
            assert_eq!(format!("{address:?}"), shown, "must not show credentials");
        }
    }

    #[test]
    fn a_wrong_address_is_explained_without_showing_it() {
        for (text, expected) in [
            ("/hidden", "must look like"),
            ("https://box/hidden", "must look like"),
            ("s3://key:hidden@box/a", "AWS_SECRET_ACCESS_KEY"),
            ("s3:///a", "names no valid bucket"),
            ("s3://B_x", "names no valid bucket"),
            ("s3://box/a//b", "has a prefix"),
            ("s3://box/%2e%2e/hidden%20", "has a prefix"),
            ("s3://box?endpoint=hidden", "invalid endpoint"),
            ("s3://box?endpoint=https://key:hidden@x", "invalid endpoint"),
            ("s3://box?endpoint=ftp://hidden", "invalid endpoint"),
            ("s3://box?secret=hidden", "unknown option"),
            ("s3://box?sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem, which cannot be read"),
        ] {
            let error = parse(text, &KEYS).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hidden"), "{text}: {error}");
        }
        for (variables, expected) in [
            (&KEYS[..2], "AWS_REGION is not set"),
            (&KEYS[1..], "AWS_ACCESS_KEY_ID is not set"),
            (&[KEYS[0], KEYS[2]], "AWS_SECRET_ACCESS_KEY is not set"),
        ] {
            let error = parse("s3://box/a", variables).unwrap_err();
            assert!(error.starts_with(expected) && !error.contains("hidden"), "{error}");
        }
    }
}
