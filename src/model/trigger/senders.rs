//! Known senders of webhooks, and how each signs its calls according to its documentation.
use super::{Algorithm, SecretFormat, Signature, SignatureEncoding, SignatureProof};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The service that calls a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum WebhookSender {
    /// Any other service, or your own.
    #[default]
    #[schemars(title = "Other")]
    Custom,
    #[schemars(title = "GitHub")]
    Github,
    /// Sends the secret token in a header.
    #[schemars(title = "GitLab")]
    Gitlab,
    /// The secret is the app secret. Meta verifies the URL with an unsigned GET request: add GET to the methods, and
    /// return `hub.challenge` in a `respond` step.
    #[schemars(title = "Meta")]
    Meta,
    #[schemars(title = "Shopify")]
    Shopify,
    /// The secret is the signing secret of the app. The server answers Slack's URL verification.
    #[schemars(title = "Slack")]
    Slack,
    /// The secret starts with `whsec_`.
    #[schemars(title = "Standard Webhooks")]
    StandardWebhooks,
    /// The secret is the signing secret of the endpoint.
    #[schemars(title = "Stripe")]
    Stripe,
    /// The secret starts with `whsec_`.
    #[schemars(title = "Svix")]
    Svix,
    /// The secret is the auth token. Twilio signs the URL, so enter the URL in Twilio exactly as it is shown here.
    #[schemars(title = "Twilio")]
    Twilio,
    #[schemars(title = "Zendesk")]
    Zendesk,
    /// The secret is the secret token of the app. The server answers Zoom's URL validation.
    #[schemars(title = "Zoom")]
    Zoom,
}

impl WebhookSender {
    /// Returns how the sender signs; `None` for `Custom`.
    pub fn scheme(self) -> Option<Signature> {
        let by = |header: &str| Signature { sender: self, header: header.to_owned(), ..Signature::default() };
        let hub = || Signature { prefix: "sha256=".to_owned(), ..by("X-Hub-Signature-256") };
        // https://www.standardwebhooks.com: a list of signatures, each prefixed with the version of its scheme
        let standard = |name: &str| Signature {
            prefix: "v1,".to_owned(),
            separator: " ".to_owned(),
            encoding: SignatureEncoding::Base64,
            secret_format: SecretFormat::Whsec,
            timestamp_header: Some(format!("{name}-timestamp")),
            signed: format!("{{header:{name}-id}}.{{timestamp}}.{{body}}"),
            ..by(&format!("{name}-signature"))
        };
        let versioned = |header: &str, time: &str| Signature {
            prefix: "v0=".to_owned(),
            timestamp_header: Some(time.to_owned()),
            signed: "v0:{timestamp}:{body}".to_owned(),
            ..by(header)
        };
        Some(match self {
            Self::Custom => return None,
            // docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
            Self::Github => hub(),
            // docs.gitlab.com/user/project/integrations/webhooks
            Self::Gitlab => Signature { proof: SignatureProof::Token, ..by("X-Gitlab-Token") },
            // developers.facebook.com/docs/graph-api/webhooks/getting-started
            Self::Meta => Signature { unsigned_get: true, ..hub() },
            // shopify.dev/docs/apps/build/webhooks/subscribe/https
            Self::Shopify => Signature { encoding: SignatureEncoding::Base64, ..by("X-Shopify-Hmac-SHA256") },
            // docs.slack.dev/authentication/verifying-requests-from-slack
            Self::Slack => versioned("X-Slack-Signature", "X-Slack-Request-Timestamp"),
            Self::StandardWebhooks => standard("webhook"),
            // docs.stripe.com/webhooks/signature
            Self::Stripe => Signature {
                prefix: "v1=".to_owned(),
                separator: ",".to_owned(),
                timestamp_prefix: Some("t=".to_owned()),
                ..by("Stripe-Signature")
            },
            // docs.svix.com/receiving/verifying-payloads/how-manual
            Self::Svix => standard("svix"),
            // www.twilio.com/docs/usage/security
            Self::Twilio => Signature {
                algorithm: Algorithm::Sha1,
                encoding: SignatureEncoding::Base64,
                signed: "{url}{form}".to_owned(),
                ..by("X-Twilio-Signature")
            },
            // developer.zendesk.com/documentation/webhooks/verifying
            Self::Zendesk => Signature {
                encoding: SignatureEncoding::Base64,
                timestamp_header: Some("X-Zendesk-Webhook-Signature-Timestamp".to_owned()),
                signed: "{timestamp}{body}".to_owned(),
                ..by("X-Zendesk-Webhook-Signature")
            },
            // developers.zoom.us/docs/api/webhooks
            Self::Zoom => versioned("x-zm-signature", "x-zm-request-timestamp"),
        })
    }

    /// Returns the header whose value is the same in every attempt to deliver an event.
    pub fn delivery_header(self) -> Option<&'static str> {
        match self {
            Self::Github => Some("X-GitHub-Delivery"),
            Self::Gitlab => Some("Idempotency-Key"),
            Self::Shopify => Some("X-Shopify-Webhook-Id"),
            Self::StandardWebhooks => Some("webhook-id"),
            Self::Svix => Some("svix-id"),
            Self::Twilio => Some("I-Twilio-Idempotency-Token"),
            Self::Zendesk => Some("X-Zendesk-Webhook-Invocation-Id"),
            Self::Custom | Self::Meta | Self::Slack | Self::Stripe | Self::Zoom => None,
        }
    }
}
