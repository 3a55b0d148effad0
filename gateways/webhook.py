"""The webhook's door: HTTP from strangers, checked and bounded before anything else sees it (I8).

An ASGI application of two addresses, POST /answers/SOURCE and GET /health, on uvicorn. Every reply is a small JSON object
with a sentence; none says what was in a payload, and nothing is logged. A connection carries one request.
"""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from domain.text import _
from gateways.webhook_config import WebhookConfig
from gateways.webhook_json import BadJson, read
from gateways.webhook_proofs import Proof, Unproven

HEAD_S = 10.0
"""How long a connection may take until its request's head is here."""
BODY_S = 20.0
"""And until all of its body is."""
AT_ONCE = 32
"""Requests in hand at once; more are told to come again."""
THREADS = 4
"""Answers that are stored at once."""
CONNECTIONS = 200
STOP_S = 10
"""How long requests in hand may take once we are told to stop."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """What a sender is told."""

    status: int
    values: Mapping[str, Any]
    again_s: int = 0
    """After how many seconds it may try again; 0 says nothing."""


@dataclass(frozen=True)
class Source:
    """Somebody who may send answers."""

    proof: Proof
    take: Callable[[Any], Reply]
    """Stores what a payload holds, in a thread; replies once that is done."""


class _Refused(Exception):
    def __init__(self, status: int, sentence: str, again_s: int = 0) -> None:
        super().__init__(sentence)
        self.reply = Reply(status, {"error": sentence}, again_s)


class Door:
    """The application."""

    def __init__(
        self, sources: Mapping[str, Source], healthy: Callable[[], bool], max_bytes: int, body_s: float = BODY_S
    ) -> None:
        self._sources = sources
        self._healthy = healthy
        self._max_bytes = max_bytes
        self._body_s = body_s
        self._in_hand = 0
        self._threads = ThreadPoolExecutor(THREADS, "webhook")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        try:
            reply = await self._reply(scope, receive)
        except _Refused as refused:
            reply = refused.reply
        except Exception:  # its words may hold what was sent, so nobody is told them
            reply = Reply(500, {"error": _("Something went wrong here.")})
        await _say(reply, send)

    def close(self) -> None:
        """Let what is in hand end."""
        self._threads.shutdown(wait=False)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["type"] != "http":
            raise _Refused(404, _("There is nothing here."))
        if self._in_hand >= AT_ONCE:
            raise _Refused(429, _("Too many at once; send it again in a moment."), 2)
        self._in_hand += 1
        try:
            if scope["path"] == "/health":
                return await self._health(scope["method"])
            return await self._answers(scope, receive)
        finally:
            self._in_hand -= 1

    async def _health(self, method: str) -> Reply:
        if method not in ("GET", "HEAD"):
            raise _Refused(405, _("Ask with GET."))
        ok = await self._aside(self._healthy)
        return Reply(200 if ok else 503, {"ok": ok})

    async def _answers(self, scope: Scope, receive: Receive) -> Reply:
        room, _slash, name = scope["path"].removeprefix("/").partition("/")
        source = self._sources.get(name)
        if room != "answers" or source is None:
            raise _Refused(404, _("There is nothing here."))
        if scope["method"] != "POST":
            raise _Refused(405, _("Send answers with POST."))
        try:
            hidden = source.proof.in_query(scope["query_string"])
        except ValueError:
            hidden = True
        if hidden:
            raise _Refused(400, _("A secret never stands in an address, which ends up in logs; send it in a header."))
        headers = _headers(scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise _Refused(415, _("Send JSON, as application/json."))
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise _Refused(415, _("Send the body as it is, not compressed."))
        try:
            if not source.proof.needs_body():
                source.proof.check(headers, b"", time.time())
            body = await self._body(headers, receive)
            if source.proof.needs_body():
                source.proof.check(headers, body, time.time())
            payload = read(body)
        except Unproven as unproven:
            raise _Refused(unproven.status, str(unproven)) from None
        except BadJson as bad:
            raise _Refused(400, str(bad)) from None
        return await self._aside(lambda: source.take(payload))

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        """All of the body; refused once it is too long or too slow."""
        too_long = _("The body is too long; at most {limit} bytes are taken.").format(limit=self._max_bytes)
        length = headers.get("content-length", "")
        if length and (
            not length.isascii() or not length.isdigit() or len(length) > 12 or int(length) > self._max_bytes
        ):
            raise _Refused(413, too_long)
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_s):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Refused(400, _("The body ended early."))
                    body += message.get("body", b"")
                    if len(body) > self._max_bytes:
                        raise _Refused(413, too_long)
                    if not message.get("more_body"):
                        return bytes(body)
        except TimeoutError:
            raise _Refused(408, _("The body took too long.")) from None

    async def _aside(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by small name; of one that comes twice none counts, so that nobody can mean two things."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1").lower()
        found[name] = "" if name in found else value.decode("latin-1").strip()
    return found


async def _say(reply: Reply, send: Send) -> None:
    body = json.dumps(reply.values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if reply.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if reply.status == 405:
        headers.append((b"allow", b"GET" if "GET" in str(reply.values) else b"POST"))
    if reply.again_s:
        headers.append((b"retry-after", str(reply.again_s).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def listener(config: WebhookConfig) -> socket.socket:
    """The socket; OSError where the address is another's or taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    return socket.create_server((config.host, config.port), family=family, backlog=128)


class Server:
    """The door on a thread of its own, until told to stop."""

    def __init__(self, door: Door, listening: socket.socket, head_s: float = HEAD_S) -> None:
        self._door = door
        self._listening = listening

        class Protocol(_Impatient):
            patience_s = head_s

        self._server = uvicorn.Server(
            uvicorn.Config(
                door,
                http=Protocol,
                ws="none",
                lifespan="off",
                loop="asyncio",
                interface="asgi3",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=CONNECTIONS,
                timeout_keep_alive=2,
                timeout_graceful_shutdown=STOP_S,
                h11_max_incomplete_event_size=32 * 1024,
            )
        )
        self._thread = threading.Thread(target=self._run, name="webhook", daemon=True)

    def start(self) -> None:
        """Take requests from now on."""
        self._thread.start()

    def stop(self, timeout: float = STOP_S) -> None:
        """Take no more; wait for the requests in hand."""
        self._server.should_exit = True
        if self._thread.ident:
            self._thread.join(timeout)
        self._listening.close()
        self._door.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listening]))


class _Impatient(H11Protocol):
    """HTTP where a connection that does not come to its request is closed, which uvicorn by itself leaves open."""

    patience_s = HEAD_S

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.patience_s, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def _late(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()
