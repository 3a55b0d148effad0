"""The demo's post office, a process of its own: SMTP in, simulated customers, IMAP out, all on loopback.

Started as `python -m demo.postoffice`; it prints one JSON line with its ports and leaves when its standard input ends,
so that it never outlives whoever started it, however they died.
"""

import argparse
import asyncio
import contextlib
import functools
import io
import json
import shutil
import signal
import sys
from datetime import datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from proxyprotocol.reader import ProxyProtocolReader
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.context import connection_exit
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.parsing.message import AppendMessage
from pymap.parsing.response import Response
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from demo.answers import people
from demo.customers import Customers, Delivery
from demo.servers import FOLDER_PREFIX, HOST, PASSWORD, SHOP, USER

# Folders that a mailbox of a real provider has from the start.
_FOLDERS = ("Sent", "Trash")
_LIMIT = 25_000_000


class _Whole(IMAPConnection):
    """Writes a response at once: imapclient takes a line of IDLE that comes in pieces for a broken one."""

    async def write_response(self, resp: Response) -> None:
        whole = io.BytesIO()
        await resp.async_write(whole)
        with contextlib.suppress(ConnectionError):
            self.writer.write(whole.getvalue())
            await self.writer.drain()


async def _converse(
    login: Login, config: Config, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, where: SocketInfo
) -> None:
    """One IMAP connection, from greeting to farewell, as pymap's own server holds it."""
    state = ConnectionState(login, config)
    async with contextlib.AsyncExitStack() as stack:
        connection_exit.set(stack)
        connection = stack.enter_context(contextlib.closing(_Whole(config.commands, config, reader, writer, where)))
        await connection.run(state)


class _ImapConfig(Config):
    """pymap's settings without what asks the network: the machine's full name may take a resolver many seconds."""

    @property
    def greeting(self) -> bytes:
        return b"Server ready"


async def serve_imap() -> tuple[asyncio.Server, MailboxSet]:
    """An IMAP server with one empty mailbox, and its store, into which customers' mail is put as by LMTP."""
    args = argparse.Namespace(passlib_cfg=None, proxy_protocol=None)
    config = _ImapConfig(
        args,
        host=HOST,
        port=0,
        demo_data=False,
        demo_user=USER,
        demo_password=PASSWORD,
        tls_enabled=False,
        # The password is public and the port on loopback: half a second of hashing would protect nothing.
        hash_context=Cleartext(),
    )
    config.apply_context()
    login = Login(config)
    await login.demo_user_identity.set(UserMetadata(config, USER, password=PASSWORD))
    boxes = MailboxSet()
    for name in _FOLDERS:
        await boxes.add_mailbox(name)
    config.set_cache[USER] = (boxes, FilterSet())
    on_connect = ProxyProtocolReader(config.proxy_protocol).get_callback(functools.partial(_converse, login, config))
    return await asyncio.start_server(on_connect, HOST, 0), boxes


class PostOffice:
    """What the SMTP server does with a mail: hand it to its customer, and put the answer into the shop's mailbox."""

    def __init__(self, customers: Customers, boxes: MailboxSet) -> None:
        self._customers = customers
        self._boxes = boxes
        self._under_way: set[asyncio.Task[None]] = set()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Accept anything; nothing ever leaves this machine."""
        raw = bytes(envelope.content or b"")
        for recipient in envelope.rcpt_tos:
            if recipient.lower() == SHOP:
                self._deliver(Delivery(0, raw))
            elif answer := self._customers.receive(raw, recipient, envelope.mail_from or ""):
                self._deliver(answer)
        return "250 2.0.0 Ok: queued as DEMO"

    def _deliver(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._put(delivery))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _put(self, delivery: Delivery) -> None:
        await asyncio.sleep(delivery.after)
        inbox = await self._boxes.get_mailbox("INBOX")
        await inbox.append(AppendMessage(delivery.raw, datetime.now().astimezone(), frozenset()), recent=True)


def _anybody(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    return AuthResult(success=True)


async def _run(delay: tuple[float, float]) -> None:
    loop = asyncio.get_running_loop()
    imap, boxes = await serve_imap()
    office = PostOffice(Customers(people(), delay=delay), boxes)
    smtp = await loop.create_server(
        lambda: SMTP(
            office,
            hostname="mx.lojaaroeira.example",
            data_size_limit=_LIMIT,
            enable_SMTPUTF8=True,
            authenticator=_anybody,
            auth_require_tls=False,
            loop=loop,
        ),
        HOST,
        0,
    )
    ports = {"smtp": smtp.sockets[0].getsockname()[1], "imap": imap.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    gone = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: gone.set() if not sys.stdin.buffer.read1(4096) else None)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(name, gone.set)
    await gone.wait()
    smtp.close()
    imap.close()


def main() -> int:
    """Serve until standard input ends or a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m demo.postoffice")
    parser.add_argument("--delay", nargs=2, type=float, default=(2.0, 6.0), metavar=("LEAST", "MOST"))
    parser.add_argument("--sweep", metavar="FOLDER", help="a folder of the demo to remove at the end")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(tuple(args.delay)))
    # Whoever started us may have been killed; then nobody else removes what they made.
    if args.sweep and Path(args.sweep).name.startswith(FOLDER_PREFIX):
        shutil.rmtree(args.sweep, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
