//! Services that are known to call webhooks, and how each signs, by its own documentation.
use super::{Algorithm, Encoding, Proof, SecretFormat, Signature};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who calls a webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "WebhookSender")]
pub enum Sender {
    /// Any other service, or one of your own.
    #[default]
    #[schemars(title = "Other")]
    Custom,
    #[schemars(title = "GitHub")]
    Github,
    /// With a secret token.
    #[schemars(title = "GitLab")]
    Gitlab,
    /// The secret is the app secret. The check of the address comes as an unsigned GET: take GET among the methods and answer
    /// with `hub.challenge` in a `respond` step.
    #[schemars(title = "Meta")]
    Meta,
    #[schemars(title = "Shopify")]
    Shopify,
    /// The secret is the signing secret of the app. The check of the address is answered by the server.
    #[schemars(title = "Slack")]
    Slack,
    /// The secret begins with `whsec_`.
    #[schemars(title = "Standard Webhooks")]
    StandardWebhooks,
    /// The secret is the signing secret of the endpoint.
    #[schemars(title = "Stripe")]
    Stripe,
    /// The secret begins with `whsec_`.
    #[schemars(title = "Svix")]
    Svix,
    /// The secret is the auth token. The address in Twilio must be the one that is shown here: it is signed.
    #[schemars(title = "Twilio")]
    Twilio,
    #[schemars(title = "Zendesk")]
    Zendesk,
    /// The secret is the secret token of the app. The check of the address is answered by the server.
    #[schemars(title = "Zoom")]
    Zoom,
}

impl Sender {
    /// How it signs; none for one that is not known.
    pub fn scheme(self) -> Option<Signature> {
        let by = |header: &str| Signature { sender: self, header: header.to_owned(), ..Signature::default() };
        let hub = || Signature { prefix: "sha256=".to_owned(), ..by("X-Hub-Signature-256") };
        // https://www.standardwebhooks.com: several signatures, each with the version of its scheme
        let standard = |name: &str| Signature {
            prefix: "v1,".to_owned(),
            separator: " ".to_owned(),
            encoding: Encoding::Base64,
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
            Self::Gitlab => Signature { proof: Proof::Token, ..by("X-Gitlab-Token") },
            // developers.facebook.com/docs/graph-api/webhooks/getting-started
            Self::Meta => Signature { unsigned_get: true, ..hub() },
            // shopify.dev/docs/apps/build/webhooks/subscribe/https
            Self::Shopify => Signature { encoding: Encoding::Base64, ..by("X-Shopify-Hmac-SHA256") },
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
                encoding: Encoding::Base64,
                signed: "{url}{form}".to_owned(),
                ..by("X-Twilio-Signature")
            },
            // developer.zendesk.com/documentation/webhooks/verifying
            Self::Zendesk => Signature {
                encoding: Encoding::Base64,
                timestamp_header: Some("X-Zendesk-Webhook-Signature-Timestamp".to_owned()),
                signed: "{timestamp}{body}".to_owned(),
                ..by("X-Zendesk-Webhook-Signature")
            },
            // developers.zoom.us/docs/api/webhooks
            Self::Zoom => versioned("x-zm-signature", "x-zm-request-timestamp"),
        })
    }

    /// The header that is the same in each attempt to deliver one thing.
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
