"""A private SMTP server on 127.0.0.1:<port>. Appends received messages to <file>, one JSON object per line.

Messages to `never@…` are refused permanently, those to `later@…` once. The only account is `jet` with the password
`p w&+`.
"""
import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, path):
        self.path = path
        self.deferred = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "never":
            return "550 5.1.1 no such mailbox"
        if name == "later" and address not in self.deferred:
            self.deferred.add(address)
            return "450 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "user": session.auth_data,
            "data": envelope.content.decode("utf-8"),
        }
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(message) + "\n")
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    known = (data.login, data.password) == (b"jet", b"p w&+")
    return AuthResult(success=known, handled=known, auth_data=data.login.decode() if known else None)


async def main(port, path):
    handler = Handler(path)
    create = lambda: SMTP(handler, hostname="mail.test", authenticator=authenticate, auth_require_tls=False)
    server = await asyncio.get_running_loop().create_server(create, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
