"""Signs webhook calls with the senders' own libraries.

Reads a list of {"sender", "secret", "body", "url", "form", "time"} from standard input, and writes a list with the
headers of each call. `form` is a list of names and values; `time` is in seconds since 1970.
"""
import datetime, json, sys


def headers(call):
    body, secret, time = call["body"], call["secret"], call["time"]
    match call["sender"]:
        case "stripe":
            from stripe import WebhookSignature

            signature = WebhookSignature._compute_signature(f"{time}.{body}", secret)
            return {"Stripe-Signature": f"t={time},v1={'0' * 64},v1={signature},v0={'6' * 64}"}
        case "slack":
            from slack_sdk.signature import SignatureVerifier

            signature = SignatureVerifier(secret).generate_signature(timestamp=str(time), body=body)
            return {"X-Slack-Signature": signature, "X-Slack-Request-Timestamp": str(time)}
        case "standardWebhooks" | "svix":
            from standardwebhooks import Webhook

            at = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
            signature = Webhook(secret).sign("msg_1", at, body)
            name = "svix" if call["sender"] == "svix" else "webhook"
            return {f"{name}-id": "msg_1", f"{name}-timestamp": str(time), f"{name}-signature": f"v1,AAAA {signature}"}
        case "twilio":
            from twilio.request_validator import RequestValidator

            form = {}
            for name, value in call["form"]:
                form.setdefault(name, []).append(value)
            return {"X-Twilio-Signature": RequestValidator(secret).compute_signature(call["url"], Form(form))}


class Form(dict):
    """A form as web frameworks pass it to the library: a name can have several values."""

    def getlist(self, name):
        return self[name]


json.dump([headers(call) for call in json.load(sys.stdin)], sys.stdout)
