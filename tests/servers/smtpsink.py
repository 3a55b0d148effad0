"""An SMTP server in a thread that keeps what it gets and misbehaves where a test tells it to.

`sink.plan` maps a step to what happens there, once for each entry and then as usual:

    sink.plan["RCPT b@x.test"] = ["550 5.1.1 nobody"]   answer with these words
    sink.plan["MAIL"] = [drop]                          the line breaks before the answer
    sink.plan["DOT"] = [0.5, drop]                      first mail: half a second late; second: the line breaks

Steps: CONNECT, EHLO, AUTH, MAIL, RCPT (or `RCPT address`), DATA (before the 354), MID (after the
354, before the mail was read), DOT (after the final dot: the mail is kept, the answer is not sent), RSET, NOOP.
"""

import asyncio
import base64
import ssl
import threading
import warnings
from collections import defaultdict
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class _Drop:
    def __repr__(self) -> str:
        return "drop"


drop = _Drop()
"""In a plan: the connection is cut without an answer."""

Act = str | float | _Drop


@dataclass(frozen=True)
class Kept:
    """One mail that the sink has taken."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    options: tuple[str, ...] = ()


class _Server(SMTP):
    """aiosmtpd with a look at the sink's plan at every step."""

    def __init__(self, sink: "SmtpSink", **options: object) -> None:
        super().__init__(sink, **options)
        self._sink = sink

    async def _misbehave(self, *steps: str) -> bool:
        """Do what the plan says for the first of `steps` that it names; whether the step is over by that."""
        for step in steps:
            acts = self._sink.plan.get(step)
            if not acts:
                continue
            act = acts.pop(0)
            if act is drop:
                self.transport.abort()
                await asyncio.sleep(3600)
            elif isinstance(act, str):
                await self.push(act)
                return True
            else:
                await asyncio.sleep(act)
            return False
        return False

    async def _handle_client(self) -> None:
        self._sink.connections += 1
        acts = self._sink.plan.get("CONNECT")
        if acts and isinstance(acts[0], str):
            self.transport.write(acts.pop(0).encode() + b"\r\n")
            self.transport.close()
            return
        await self._misbehave("CONNECT")
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:
        self._sink.seen("EHLO")
        if not await self._misbehave("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:
        self._sink.seen("AUTH " + (arg or "").partition(" ")[0])  # the way, not the secret
        if not await self._misbehave("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:
        self._sink.seen(f"MAIL {arg}")
        if not await self._misbehave("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        self._sink.seen(f"RCPT {arg}")
        address = arg.partition(":")[2].strip().split(" ")[0].strip("<>")
        if not await self._misbehave(f"RCPT {address}", "RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:
        self._sink.seen("RSET")
        if not await self._misbehave("RSET"):
            await super().smtp_RSET(arg)

    async def smtp_NOOP(self, arg: str) -> None:
        self._sink.seen("NOOP")
        if not await self._misbehave("NOOP"):
            await super().smtp_NOOP(arg)

    async def smtp_DATA(self, arg: str) -> None:
        self._sink.seen("DATA")
        if await self._misbehave("DATA"):
            return
        if self._sink.plan.get("MID"):
            await self.push("354 go on")
            await self._reader.read(64)
            await self._misbehave("MID")
            return
        await super().smtp_DATA(arg)

    async def push(self, status: str | bytes) -> None:
        # A plan may hold words that no decent server says.
        await super().push(status if isinstance(status, bytes) or status.isascii() else status.encode())


@dataclass
class SmtpSink:
    """The sink: `with SmtpSink() as sink`, then `sink.port`, `sink.plan`, `sink.kept`."""

    user: str | None = None
    password: str | None = None
    """Or, by XOAUTH2, the access token."""
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    kept: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    plan: dict[str, list[Act]] = field(default_factory=lambda: defaultdict(list))
    connections: int = 0
    host: str = "127.0.0.1"
    port: int = 0
    words: str = "250 2.0.0 Ok: kept"

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.AbstractServer | None = None
        self._thread: threading.Thread | None = None
        self._clients: set[_Server] = set()

    def seen(self, command: str) -> None:
        self.commands.append(command)

    async def handle_DATA(self, server: _Server, session: Session, envelope: Envelope) -> str:
        self.kept.append(
            Kept(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                bytes(envelope.original_content or b""),
                tuple(envelope.mail_options),
            )
        )
        acts = self.plan.get("DOT")
        if acts and isinstance(acts[0], str):
            self.kept.pop()
            return acts.pop(0)
        await server._misbehave("DOT")
        return self.words

    def _authenticate(self, _server: object, _session: object, _envelope: object, _mechanism: str, data) -> AuthResult:
        right = (data.login, data.password) == ((self.user or "").encode(), (self.password or "").encode())
        return AuthResult(success=right, handled=False) if not right else AuthResult(success=True)

    async def auth_XOAUTH2(self, server: _Server, words: list[str]) -> AuthResult:
        """As large providers do it: a wrong token gets a challenge that says why, and is refused after the answer to it."""
        wanted = f"user={self.user}\x01auth=Bearer {self.password}\x01\x01".encode()
        if base64.b64decode(words[1]) == wanted:
            return AuthResult(success=True)
        await server.challenge_auth('{"status":"400","schemes":"bearer"}')
        return AuthResult(success=False, handled=False)

    def _protocol(self) -> _Server:
        options: dict[str, object] = {"loop": self._loop, "enable_SMTPUTF8": False, "hostname": "sink.test"}
        if self.user:
            options |= {"authenticator": self._authenticate, "auth_require_tls": False, "auth_required": True}
        if self.starttls:
            options |= {"tls_context": self.starttls, "require_starttls": True}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a login without TLS
            server = _Server(self, **options)
        self._clients.add(server)
        return server

    def __enter__(self) -> "SmtpSink":
        started = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(self._loop)
            self._loop.set_exception_handler(lambda _loop, _context: None)
            self._server = self._loop.run_until_complete(
                self._loop.create_server(self._protocol, self.host, self.port, ssl=self.tls)
            )
            self.port = self._server.sockets[0].getsockname()[1]
            started.set()
            self._loop.run_forever()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.close()

        self._thread = threading.Thread(target=run, name="smtp-sink", daemon=True)
        self._thread.start()
        if not started.wait(10):
            raise TimeoutError("the SMTP sink did not start")
        return self

    def hang_up(self) -> None:
        """Cut every open connection, as a server does that has waited long enough."""

        def cut() -> None:
            for client in self._clients:
                if client.transport is not None:
                    client.transport.abort()

        self._loop.call_soon_threadsafe(cut)

    def __exit__(self, *_exc: object) -> None:
        def stop() -> None:
            self._server.close()
            for client in self._clients:
                if client.transport is not None:
                    client.transport.abort()
            self._loop.stop()

        self._loop.call_soon_threadsafe(stop)
        self._thread.join(10)
