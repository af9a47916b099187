//! Sends email through the operator's SMTP server.
use crate::{Error, Result, connect::Guard, error::DatasourceProblem};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, Mailboxes, MultiPart, SinglePart, header::MessageId},
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use url::{Url, form_urlencoded};

/// How many recipients an email may have.
const MOST: usize = 100;
/// The maximum size of an email's text and HTML together, in bytes.
const LARGEST: usize = 2 << 20;
const NOT_SET: &str = "this server is not set up to send email: the person who runs this server must start \
     it with --smtp-url and --mail-from";

/// Sends emails through the operator's SMTP server, if one is configured.
pub struct Mailer(Option<Post>);

struct Post {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    from: Mailbox,
    resolver: Guard,
}

/// An email to send; recipients are written as `a@example.com` or `Ann <a@example.com>`.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    pub reply_to: Vec<String>,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    /// The same for every attempt: the `Message-ID` is derived from it, so that recipients can detect duplicates.
    pub key: String,
}

/// An email that the SMTP server has accepted.
#[derive(Clone, Debug)]
pub struct Sent {
    pub message_id: String,
    pub recipients: usize,
}

impl Mailer {
    /// Parses the settings. `url` is `smtp://user:password@host:port`, or `smtps://` for implicit TLS. With `smtp`,
    /// STARTTLS is used if the server offers it, and required if a password would go to another machine;
    /// `?tls=required`, `opportunistic` or `none` overrides this. Without a URL, no email can be sent.
    ///
    /// # Errors
    /// If the URL or the sender is invalid; the message is for the operator.
    pub fn new(url: Option<&str>, from: Option<&str>) -> Result<Self> {
        let Some(url) = url else { return Ok(Self(None)) };
        let from =
            from.ok_or_else(|| Error::conflict("--smtp-url requires --mail-from: set it to the sender's address"))?;
        let from =
            from.parse().map_err(|_| Error::conflict("--mail-from must be an email address such as a@example.com"))?;
        Post::new(url, from).map(|post| Self(Some(post)))
    }

    /// Returns whether an SMTP server is configured.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// Sends an email.
    ///
    /// # Errors
    /// `Invalid` if the email is invalid; `Datasource` with the SMTP server's message if it cannot be sent.
    pub async fn send(&self, letter: &Letter) -> Result<Sent> {
        let post = self.0.as_ref().ok_or_else(|| Error::datasource(NOT_SET))?;
        let message = letter.compose(&post.from)?;
        let message_id = message.headers().get::<MessageId>().map(|id| id.as_ref().to_owned());
        let sent = Sent { message_id: message_id.unwrap_or_default(), recipients: message.envelope().to().len() };
        let addresses = post.resolver.resolve(&post.host, post.port).await?;
        let mut refused = None;
        for address in addresses {
            match post.transport(address.ip()).send(message.clone()).await {
                Ok(_) => return Ok(sent),
                Err(error) => {
                    refused = Some(to_error(&error));
                    // another address of the same server would give the same reply
                    if error.status().is_some() {
                        break;
                    }
                }
            }
        }
        Err(refused.unwrap_or_else(|| Error::datasource("SMTP: the server's host name has no IP address")))
    }
}

impl Post {
    fn new(url: &str, from: Mailbox) -> Result<Self> {
        let wrong = |why: &str| Error::conflict(format!("--smtp-url {why}"));
        let url = Url::parse(url.trim()).map_err(|_| wrong("must be a URL such as smtp://host:587"))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("has no host"))?.to_owned();
        let certified =
            || TlsParameters::new(host.clone()).map_err(|_| wrong("has a host name that TLS cannot verify"));
        let has_user = !url.username().is_empty();
        let here =
            host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        let wish = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, wish)| wish.into_owned());
        let (tls, port) = match (url.scheme(), wish.as_deref()) {
            ("smtps", None) => (Tls::Wrapper(certified()?), 465),
            ("smtp", None) if has_user && !here => (Tls::Required(certified()?), 587),
            ("smtp", Some("required")) => (Tls::Required(certified()?), 587),
            ("smtp", None | Some("opportunistic")) => (Tls::Opportunistic(certified()?), 587),
            ("smtp", Some("none")) => (Tls::None, 25),
            ("smtp", Some(_)) => return Err(wrong("has an unknown `tls` value: use opportunistic, required or none")),
            _ => return Err(wrong("must begin with smtp:// or smtps://")),
        };
        let credentials =
            has_user.then(|| Credentials::new(decoded(url.username()), decoded(url.password().unwrap_or_default())));
        let port = url.port().unwrap_or(port);
        // the operator's own server, so private networks are allowed
        Ok(Self { host, port, tls, credentials, from, resolver: Guard::new(true, []) })
    }

    fn transport(&self, address: IpAddr) -> AsyncSmtpTransport<Tokio1Executor> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.to_string());
        let builder = builder.port(self.port).tls(self.tls.clone());
        match &self.credentials {
            Some(credentials) => builder.credentials(credentials.clone()).build(),
            None => builder.build(),
        }
    }
}

/// Decodes the percent-encoding of a part of a URL.
fn decoded(text: &str) -> String {
    let plain = text.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("={plain}").as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

impl Letter {
    /// Checks the email, without the sender.
    ///
    /// # Errors
    /// `Invalid`, naming the field.
    pub fn check(&self) -> Result<()> {
        let [to, cc, bcc, _] = self.people()?;
        if to.is_empty() {
            return Err(Error::invalid("to", "is empty: enter at least one recipient"));
        }
        if to.len() + cc.len() + bcc.len() > MOST {
            return Err(Error::invalid("to", format!("must have at most {MOST} recipients, including cc and bcc")));
        }
        if self.subject.chars().any(char::is_control) || self.subject.chars().count() > 900 {
            return Err(Error::invalid("subject", "must be one line of at most 900 characters"));
        }
        let size = [&self.text, &self.html].into_iter().flatten().map(String::len).sum::<usize>();
        if size > LARGEST {
            return Err(Error::invalid(
                "text",
                format!("is too large: {size} bytes including the HTML, the maximum is {LARGEST}"),
            ));
        }
        if self.text.is_none() && self.html.is_none() {
            return Err(Error::invalid("text", "is missing: enter a text, HTML or both"));
        }
        Ok(())
    }

    fn people(&self) -> Result<[Vec<Mailbox>; 4]> {
        Ok([
            people(&self.to, "to")?,
            people(&self.cc, "cc")?,
            people(&self.bcc, "bcc")?,
            people(&self.reply_to, "replyTo")?,
        ])
    }

    fn compose(&self, from: &Mailbox) -> Result<Message> {
        self.check()?;
        let [to, cc, bcc, reply_to] = self.people()?;
        let domain = Address::domain(&from.email);
        let id = format!("<{}@{domain}>", hex::encode(&Sha256::digest(self.key.as_bytes())[..16]));
        let builder = Message::builder().from(from.clone()).subject(&self.subject).message_id(Some(id));
        let builder = to.into_iter().fold(builder, lettre::message::MessageBuilder::to);
        let builder = cc.into_iter().fold(builder, lettre::message::MessageBuilder::cc);
        let builder = bcc.into_iter().fold(builder, lettre::message::MessageBuilder::bcc);
        let builder = reply_to.into_iter().fold(builder, lettre::message::MessageBuilder::reply_to);
        let composed = match (self.text.clone(), self.html.clone()) {
            (Some(text), Some(html)) => builder.multipart(MultiPart::alternative_plain_html(text, html)),
            (None, Some(html)) => builder.singlepart(SinglePart::html(html)),
            (text, None) => builder.singlepart(SinglePart::plain(text.unwrap_or_default())),
        };
        composed.map_err(|error| Error::invalid("to", error.to_string()))
    }
}

/// Parses recipients from texts that may each contain several, separated by commas.
fn people(texts: &[String], field: &str) -> Result<Vec<Mailbox>> {
    let mut all = Vec::new();
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let wrong = || Error::invalid(field, format!("`{}` is not an email address", shortened(text)));
        if text.chars().any(char::is_control) || text.len() > 320 * MOST {
            return Err(wrong());
        }
        let found: Mailboxes = text.parse().map_err(|_| wrong())?;
        all.extend(found);
    }
    Ok(all)
}

fn shortened(text: &str) -> String {
    text.chars().take(100).filter(|c| !c.is_control()).collect()
}

/// Converts the SMTP server's reply or the connection's failure to an error. 4xx replies are transient, 5xx are not.
fn to_error(error: &smtp::Error) -> Error {
    let mut words = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        next = cause.source();
    }
    Error::Datasource(Box::new(DatasourceProblem {
        message: format!("SMTP: {words}"),
        code: error.status().map(|status| status.to_string()),
        transient: !error.is_permanent() && !error.is_client() && !error.is_tls(),
        ..DatasourceProblem::default()
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            to: vec!["Ann <ann@example.com>, bob@example.com".to_owned()],
            subject: "Größe 10".to_owned(),
            text: Some("hello".to_owned()),
            key: "run/node/".to_owned(),
            ..Letter::default()
        }
    }

    fn composed(letter: &Letter) -> Result<String> {
        let message = letter.compose(&"Jet <jet@example.org>".parse().unwrap())?;
        Ok(String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn an_email_has_the_same_id_for_every_attempt() {
        let id = |letter: &Letter| {
            let text = composed(letter).unwrap();
            text.lines().find(|line| line.starts_with("Message-ID:")).unwrap().to_owned()
        };
        assert_eq!(id(&letter()), id(&letter()));
        assert_ne!(id(&letter()), id(&Letter { key: "run/other/".to_owned(), ..letter() }));
    }

    #[test]
    fn input_cannot_inject_headers() {
        let evil = "x\r\nBcc: evil@example.com";
        for (letter, field) in [
            (Letter { subject: evil.to_owned(), ..letter() }, "subject"),
            (Letter { to: vec![format!("ann@example.com{evil}")], ..letter() }, "to"),
            (Letter { to: vec![format!("\"{evil}\" <ann@example.com>")], ..letter() }, "to"),
            (Letter { cc: vec!["ann@example.com\nX: y".to_owned()], ..letter() }, "cc"),
            (Letter { reply_to: vec!["no one".to_owned()], ..letter() }, "replyTo"),
            (Letter { to: Vec::new(), ..letter() }, "to"),
            (Letter { bcc: vec!["a@b.c".to_owned(); 99], ..letter() }, "to"),
            (Letter { text: None, ..letter() }, "text"),
            (Letter { html: Some("x".repeat(LARGEST)), ..letter() }, "text"),
        ] {
            let refused = composed(&letter).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{field}: ")), "{refused}");
        }
        let text = composed(&Letter { bcc: vec!["eve@example.com".to_owned()], ..letter() }).unwrap();
        assert!(!text.contains("eve@example.com"), "{text}");
    }

    #[test]
    fn an_smtp_url_is_parsed_or_rejected() {
        let from = Some("jet@example.org");
        assert!(Mailer::new(None, None).is_ok());
        for right in ["smtp://localhost:2525", "smtps://mail.example.org", "smtp://u%40x:p%2Bw@h:25?tls=none"] {
            assert!(Mailer::new(Some(right), from).is_ok(), "{right}");
        }
        for wrong in ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h?tls=perhaps"] {
            let refused = Mailer::new(Some(wrong), from).err().unwrap().to_string();
            assert!(refused.starts_with("--smtp-url "), "{wrong}: {refused}");
        }
        assert!(Mailer::new(Some("smtp://h"), None).is_err());
        assert!(Mailer::new(Some("smtp://h"), Some("nobody")).is_err());
        assert_eq!(decoded("a%40b+c&d=e"), "a@b+c&d=e");
    }

    #[test]
    fn a_password_is_sent_to_another_machine_only_encrypted() {
        let tls = |url: &str| match Post::new(url, "jet@example.org".parse().unwrap()).unwrap().tls {
            Tls::None => "none",
            Tls::Opportunistic(_) => "opportunistic",
            Tls::Required(_) => "required",
            Tls::Wrapper(_) => "wrapper",
        };
        assert_eq!(tls("smtp://u:p@mail.example.org"), "required");
        assert_eq!(tls("smtp://u:p@mail.example.org?tls=opportunistic"), "opportunistic");
        assert_eq!(tls("smtp://u:p@[::1]:25"), "opportunistic");
        assert_eq!(tls("smtp://mail.example.org"), "opportunistic");
        assert_eq!(tls("smtp://mail.example.org?tls=none"), "none");
        assert_eq!(tls("smtps://u:p@mail.example.org"), "wrapper");
    }
}
