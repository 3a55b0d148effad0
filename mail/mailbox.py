"""One IMAP mailbox (M6, M8): every message once, in order, none only "seen".

What was fetched is remembered as UIDVALIDITY and UID by whoever stores the mail, never as flags on the
server.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.text import _, line
from mail.accounts import BadAuthority, ImapAccount, tls_context

if TYPE_CHECKING:
    from imapclient import IMAPClient

BATCH_MAILS, BATCH_BYTES = 50, 8 * 1024 * 1024
"""A batch that is stored at once holds no more than this, but always one mail."""

_WINDOW = 10_000  # UIDs asked for in one search: imaplib refuses answers over a million characters
_SIZES = 1_000  # sizes asked for in one fetch
_HEADER_LIMIT = 256 * 1024  # bytes of an oversized mail's headers
_TICK = 0.5  # seconds between two looks at the stop event
_TRIES = 5  # times that the line may die over one mail before it is given up


@dataclass(frozen=True)
class Cursor:
    """The last mail that is safely stored: nothing up to `uid` is fetched again while `uidvalidity` holds."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True)
class Fetched:
    """One mail as the server showed it."""

    uid: int
    uidvalidity: int
    size: int
    """Bytes, as the server says."""
    raw: bytes
    """Empty when the server shows the mail but cannot give it: quarantine it."""
    oversized: bool = False
    """Over the account's limit: `raw` holds its headers only."""


DeliverMany = Callable[[Sequence[Fetched], Cursor], None]
"""Stores the mails (there may be none) and the cursor in one transaction; may raise, then they come again."""


@dataclass(frozen=True)
class Found:
    """A mail that was looked for."""

    uid: int
    at: float
    """When the server says that it came, Unix seconds."""
    message_id: str
    """Without angle brackets; '' without one."""


class MailboxError(Exception):
    """The server cannot be reached, refuses, or talks nonsense; its text is one sentence for people."""

    def __init__(self, message: str, *, login: bool = False, answered: bool = True) -> None:
        super().__init__(message)
        self.login = login
        """The server refused user name or password."""
        self.answered = answered
        """False where there was no server to say anything."""


class Mailbox:
    """One connection to one mailbox; not for two threads at once. Every method may raise MailboxError."""

    def __init__(self, account: ImapAccount) -> None:
        self.account = account
        self._client: IMAPClient | None = None
        self._capabilities: frozenset[str] = frozenset()
        self._died: dict[int, int] = {}  # how often the line died while a mail was fetched, by UID

    def __enter__(self) -> "Mailbox":
        self.connect()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do after login, in capitals, such as IDLE, MOVE, UIDPLUS; empty before `connect`."""
        return self._capabilities

    def connect(self) -> None:
        """Connect and log in, on a fresh connection."""
        import imapclient

        self.close()
        account = self.account
        with self._plainly():
            context = tls_context(account)
            client = imapclient.IMAPClient(
                account.host,
                account.port,
                ssl=account.security == "tls",
                ssl_context=context,
                timeout=imapclient.SocketTimeout(connect=account.timeout, read=account.timeout),
            )
            self._client = client
            client._imap.debug = 0  # imapclient would format every line, the login among them, for its log
            _keep_alive(client.socket())
            if account.security == "starttls":
                client.starttls(context)
            try:
                if account.xoauth2:
                    client.oauth2_login(account.user, account.password)
                elif not (account.user + account.password).isascii():
                    client.plain_login(account.user, account.password)  # LOGIN carries ASCII only
                else:
                    client.login(account.user, account.password)
            except imapclient.exceptions.IMAPClientAbortError:
                raise
            except imapclient.exceptions.IMAPClientError as error:
                words = _("{host} refused the login: {words}").format(host=account.host, words=self._words(error))
                raise MailboxError(words, login=True) from error
            self._capabilities = frozenset(c.decode("ascii", "replace").upper() for c in client.capabilities())

    def close(self) -> None:
        """Hang up; never raises. Log out first where the line still works."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.socket().settimeout(2)
                client.logout()
            with contextlib.suppress(Exception):
                client.shutdown()

    def newest(self) -> Cursor:
        """The cursor behind the last mail there is now, for a mailbox whose past is not wanted."""
        with self._talking() as client:
            status = client.select_folder(self.account.folder)
            uids = client.search(["UID", "*"])
            return Cursor(int(status.get(b"UIDVALIDITY", 0)), max(uids, default=0))

    def poll(
        self, cursor: Cursor | None, deliver_many: DeliverMany, stop: threading.Event | None = None
    ) -> Cursor | None:
        """Fetch all mail behind `cursor` in batches, hand each to `deliver_many`, and return the last cursor.

        No cursor, or one of another UIDVALIDITY: from the first mail on. What `deliver_many` raises comes
        through, and the connection stays usable. Ends early, between two batches, when `stop` is set.
        """
        asked: int | None = None
        while stop is None or not stop.is_set():
            with self._talking() as client:
                status = client.select_folder(self.account.folder)
                validity, upcoming = int(status.get(b"UIDVALIDITY", 0)), int(status.get(b"UIDNEXT", 0))
                if cursor is None or cursor.uidvalidity != validity:
                    cursor, asked = Cursor(validity, 0), None
                # Only a SELECT that shows nothing new ends the loop: mail that came while we fetched was
                # announced to us then, and IDLE would not say it again.
                if upcoming and upcoming in (asked, cursor.uid + 1):
                    return cursor
                uids = self._behind(client, cursor.uid, upcoming)
            if not uids:
                if not upcoming:
                    return cursor
                asked = upcoming
                continue
            for mails, last in self._fetch(uids, validity):
                deliver_many(mails, Cursor(validity, last))
                cursor = Cursor(validity, last)
                if stop is not None and stop.is_set():
                    return cursor
        return cursor

    def idle(self, seconds: float, stop: threading.Event, wake: threading.Event | None = None) -> bool:
        """Wait until the server says that mail came (True), or `seconds` pass or an event is set (False).

        Needs IDLE among `capabilities` and an earlier `poll`.
        """
        end, news = time.monotonic() + seconds, False
        with self._talking() as client:
            client.idle()
            while not (news or stop.is_set() or (wake is not None and wake.is_set())):
                left = end - time.monotonic()
                if left <= 0:
                    break
                began, tick = time.monotonic(), min(_TICK, left)
                said = _heard(client, tick)
                news = any(len(words) > 1 and words[1] in (b"EXISTS", b"RECENT") for words in said)
                # Silence before its time is a line that was closed (or TLS talking to itself): DONE tells.
                if not said and time.monotonic() - began < tick / 2:
                    break
                if any(words and words[0] == b"BYE" for words in said):
                    raise MailboxError(_("{host} ended the connection").format(host=self.account.host))
            _text, said = client.idle_done()
            return news or any(len(words) > 1 and words[1] in (b"EXISTS", b"RECENT") for words in said)

    def fetch_whole(self, cursor: Cursor) -> bytes | None:
        """The mail at `cursor` whatever its size; None when it is not there any more."""
        with self._talking() as client:
            status = client.select_folder(self.account.folder)
            if int(status.get(b"UIDVALIDITY", 0)) != cursor.uidvalidity:
                return None
            return client.fetch([cursor.uid], ["BODY.PEEK[]"]).get(cursor.uid, {}).get(b"BODY[]")

    def count(self) -> int:
        """Open the account's folder; how many mails are in it."""
        with self._talking() as client:
            return int(client.select_folder(self.account.folder).get(b"EXISTS", 0))

    def has(self, folder: str) -> bool:
        """Whether there is a folder of that name."""
        with self._talking() as client:
            return bool(client.folder_exists(folder))

    def special(self, use: str) -> str | None:
        """The folder that the server names for a use such as \\Junk or \\Sent (RFC 6154)."""
        with self._talking() as client:
            return client.find_special_folder(use.encode("ascii"))

    def find(self, folder: str, marker: str) -> Found | None:
        """The newest mail of a folder whose subject holds an ASCII word; the folder stays open, read only."""
        from email import message_from_bytes, policy

        with self._talking() as client:
            if not client.folder_exists(folder):
                return None
            client.select_folder(folder, readonly=True)
            uids = client.search(["SUBJECT", marker])
            if not uids:
                return None
            wanted = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
            answer = client.fetch([max(uids)], ["INTERNALDATE", wanted]).get(max(uids), {})
            head = next((value or b"" for key, value in answer.items() if key.startswith(b"BODY[")), b"")
            id = str(message_from_bytes(head, policy=policy.compat32).get("Message-ID", ""))
            at = answer[b"INTERNALDATE"].timestamp()  # imapclient gives it in this machine's zone
            return Found(max(uids), at, line(id).removeprefix("<").removesuffix(">"))

    def append(self, folder: str | None, raw: bytes, message_id: str = "") -> None:
        """Put a read copy into `folder`; None is the folder that the server names for sent mail.

        With `message_id`, only when no mail of that id is there: it may have been put there before a line died.
        """
        with self._talking() as client:
            if folder is None:
                folder = client.find_special_folder(b"\\Sent") or "Sent"
            if not client.folder_exists(folder):
                client.create_folder(folder)
            if message_id:
                client.select_folder(folder, readonly=True)
                if client.search(["HEADER", "Message-ID", message_id]):
                    return
            client.append(folder, raw, flags=[b"\\Seen"])

    def move(self, cursors: Sequence[Cursor], folder: str) -> None:
        """Move mails into another folder, which is made where it is missing; those that are not there any more are none.

        Raises MailboxError where the server has no MOVE (RFC 6851): copying and deleting would not do.
        """
        if "MOVE" not in self._capabilities:
            raise MailboxError(_("{host} offers no MOVE").format(host=self.account.host))
        with self._talking() as client:
            validity = int(client.select_folder(self.account.folder).get(b"UIDVALIDITY", 0))
            uids = sorted(cursor.uid for cursor in cursors if cursor.uidvalidity == validity)
            if not uids:
                return
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.move(uids, folder)

    def _behind(self, client: "IMAPClient", uid: int, upcoming: int) -> list[int]:
        """The next UIDs over `uid`, ascending: those of the first window that has any. `upcoming` is UIDNEXT or 0."""
        if not upcoming:
            return sorted(found for found in client.search(["UID", f"{uid + 1}:*"]) if found > uid)
        first, window = uid + 1, _WINDOW
        while first < upcoming:
            last = min(first + window, upcoming) - 1
            found = sorted(one for one in client.search(["UID", f"{first}:{last}"]) if first <= one <= last)
            if found:
                return found
            first, window = last + 1, window * 2
        return []

    def _fetch(self, uids: list[int], validity: int) -> Iterator[tuple[list[Fetched], int]]:
        """The mails in batches, each with the last UID that it covers; mails that vanished are left out."""
        for start in range(0, len(uids), _SIZES):
            some = uids[start : start + _SIZES]
            answers = self._ask(some, "RFC822.SIZE")
            sizes = {uid: int(answers.get(uid, {}).get(b"RFC822.SIZE", 0)) for uid in some}
            batch: list[int] = []
            volume = 0
            for uid in some:
                weight = min(sizes[uid], _HEADER_LIMIT) if sizes[uid] > self.account.size_limit else sizes[uid]
                # A mail over which the line has died travels alone, so that it takes no other with it.
                full = len(batch) >= BATCH_MAILS or volume + weight > BATCH_BYTES
                if batch and (full or uid in self._died or batch[-1] in self._died):
                    yield self._bodies(batch, sizes, validity), batch[-1]
                    batch, volume = [], 0
                batch.append(uid)
                volume += weight
            if batch:
                yield self._bodies(batch, sizes, validity), batch[-1]

    def _bodies(self, uids: list[int], sizes: dict[int, int], validity: int) -> list[Fetched]:
        lost = [uid for uid in uids if self._died.get(uid, 0) >= _TRIES]
        large = [uid for uid in uids if sizes[uid] > self.account.size_limit and uid not in lost]
        rest = [uid for uid in uids if uid not in large and uid not in lost]
        try:
            answers = self._ask(rest, "BODY.PEEK[]") | self._ask(large, f"BODY.PEEK[HEADER]<0.{_HEADER_LIMIT}>")
        except MailboxError:
            for uid in uids:
                self._died[uid] = self._died.get(uid, 0) + 1
            raise
        for uid in uids:
            self._died.pop(uid, None)
        answers |= {uid: {} for uid in lost}
        raws = {
            uid: next((value or b"" for key, value in answer.items() if key.startswith(b"BODY[")), b"")
            for uid, answer in answers.items()
        }
        return [
            Fetched(uid, validity, sizes[uid] or len(raws[uid]), raws[uid], uid in large) for uid in uids if uid in raws
        ]

    def _ask(self, uids: list[int], what: str) -> dict[int, dict[bytes, Any]]:
        """What the server says of each mail that is still there; nothing of one that it shows but cannot read."""
        import imapclient.exceptions as trouble

        if not uids:
            return {}
        with self._talking() as client:
            try:
                return client.fetch(uids, [what])
            except trouble.IMAPClientAbortError:
                raise
            except trouble.IMAPClientError:
                # One mail that the server cannot read spoils the answer for all: ask for each alone.
                if len(uids) == 1:
                    return {uids[0]: {}}
        return {uid: answer for one in uids for uid, answer in self._ask([one], what).items()}

    @contextlib.contextmanager
    def _talking(self) -> "Iterator[IMAPClient]":
        """The connection, with its troubles told plainly."""
        if self._client is None:
            raise MailboxError(_("the mailbox is not connected"))
        with self._plainly():
            yield self._client

    @contextlib.contextmanager
    def _plainly(self) -> Iterator[None]:
        """What goes wrong in here is a MailboxError; after one the line is closed."""
        import imapclient.exceptions as trouble

        try:
            yield
        except MailboxError:
            self._hang_up()
            raise
        except (OSError, trouble.IMAPClientError, UnicodeError, ValueError, KeyError, IndexError) as error:
            self._hang_up()
            raise MailboxError(self._sentence(error), answered=not _is_silence(error)) from error

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()

    def _sentence(self, error: Exception) -> str:
        import ssl

        host, port = self.account.host, self.account.port
        if isinstance(error, BadAuthority):
            return str(error)
        if isinstance(error, ssl.SSLCertVerificationError):
            return _("{host} shows a certificate that does not hold: {words}").format(
                host=host, words=line(error.verify_message, 200)
            )
        if isinstance(error, TimeoutError):
            return _("{host}:{port} does not answer").format(host=host, port=port)
        if isinstance(error, socket.gaierror):
            return _("{host} is not known by that name").format(host=host)
        if isinstance(error, OSError):
            return _("{host}:{port} cannot be reached: {words}").format(
                host=host, port=port, words=line(error.strerror or str(error), 200)
            )
        return _("{host} answers with trouble: {words}").format(host=host, words=self._words(error))

    def _words(self, error: Exception) -> str:
        """The server's own words on one line, without the password should it repeat it."""
        text = str(error)
        if text.startswith(("b'", 'b"')):
            text = text[2:-1]
        words = line(text, 300)
        return words.replace(self.account.password, "***") if self.account.password else words


def _heard(client: "IMAPClient", seconds: float) -> list[Any]:
    """What the server said in so many seconds of IDLE, as `idle_check` tells it.

    That one raises when a line comes in two pieces, as it does over slow lines; here the rest is waited for.
    """
    from imapclient.imapclient import _parse_untagged_response

    sock, file, said = client.socket(), client._imap.file, []

    def waits() -> bool:
        sock.setblocking(False)
        try:
            return bool(file.peek(1))  # what is buffered, else one look that does not wait
        except OSError:
            return False
        finally:
            sock.setblocking(True)
            client._set_read_timeout()

    # The buffer first: what came in one breath with the answer to IDLE, the line itself will not show again.
    if waits() or client._poll_socket(sock, seconds):
        while waits():
            said.append(_parse_untagged_response(client._imap._get_line()))
    return said


def _is_silence(error: Exception) -> bool:
    """Whether there was nobody to answer; what TLS and IMAP have to say is an answer."""
    import ssl

    return isinstance(error, OSError) and not isinstance(error, ssl.SSLError)


def _keep_alive(sock: socket.socket) -> None:
    """Notice a peer that went away without a word within some five minutes, not two hours."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 5)):
        if hasattr(socket, option):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
