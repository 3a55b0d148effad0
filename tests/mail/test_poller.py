"""The poller against a real Dovecot: every mail once, whatever the line and the server do (M6, M8)."""

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mail.accounts import ImapAccount, SmtpAccount
from mail.mailbox import BATCH_MAILS
from mail.poller import Cursor, Fetched, Mailbox, MailboxError, MailboxState, append_sent, poll_once, run
from tests.servers import free_port
from tests.servers.dovecot import PASSWORD, Dovecot


def mail(n: int, body: bytes = b"Hello\r\n") -> bytes:
    return b"From: ana@shop.test\r\nSubject: mail %d\r\nMessage-ID: <%d@shop.test>\r\n\r\n" % (n, n) + body


def account(server: Dovecot, user: str, **more: object) -> ImapAccount:
    settings = {"timeout": 30.0, "security": "none", "host": server.host, "port": server.port} | more
    return ImapAccount(user=user, password=PASSWORD, **settings)


class Store:
    """Keeps mails and cursor together, as the loop's transaction does."""

    def __init__(self) -> None:
        self.mails: list[Fetched] = []
        self.batches: list[int] = []
        self.cursor: Cursor | None = None
        self.fail = 0
        self.came = threading.Condition()

    def __call__(self, mails, cursor: Cursor) -> None:
        with self.came:
            if self.fail:
                self.fail -= 1
                raise RuntimeError("disk full")
            self.mails += mails
            self.batches.append(len(mails))
            self.cursor = cursor
            self.came.notify_all()

    @property
    def raws(self) -> list[bytes]:
        return [mail.raw for mail in self.mails]

    def wait(self, count: int, seconds: float = 60) -> None:
        with self.came:
            assert self.came.wait_for(lambda: len(self.mails) >= count, seconds), f"{len(self.mails)} of {count}"


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox of one's own for each test."""
    return request.node.name.lower().replace("[", "-").replace("]", "") + "@shop.test"


@contextlib.contextmanager
def running(
    where: ImapAccount | Callable[[], ImapAccount], store: Store, **more: object
) -> Iterator[tuple[list[MailboxState], threading.Event]]:
    """`run` in a thread; yields its states and the wake event, and stops it."""
    states: list[MailboxState] = []
    stop, wake = threading.Event(), threading.Event()

    def note(state: MailboxState) -> None:
        with store.came:
            states.append(state)
            store.came.notify_all()

    thread = threading.Thread(
        target=run, args=(where, lambda: store.cursor, store, stop, wake, note), kwargs=more, daemon=True
    )
    thread.start()
    try:
        yield states, wake
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive(), "run stops when told"


def until(store: Store, true: Callable[[], bool], seconds: float = 60) -> None:
    with store.came:
        assert store.came.wait_for(true, seconds)


def test_every_mail_once_in_order(dovecot: Dovecot, user: str) -> None:
    """M6: bytes as the server has them, cursor by cursor, and nothing again."""
    mails = [mail(n) for n in range(BATCH_MAILS + 7)]
    dovecot.append(user, mails)
    store = Store()
    cursor = poll_once(account(dovecot, user), None, store)
    assert store.raws == mails
    assert store.batches == [BATCH_MAILS, 7]
    assert cursor == store.cursor == Cursor(store.mails[0].uidvalidity, len(mails))
    assert [m.size for m in store.mails] == [len(raw) for raw in mails]
    dovecot.append(user, [mail(99)])
    assert poll_once(account(dovecot, user), cursor, store) == store.cursor
    assert store.raws == [*mails, mail(99)]
    poll_once(account(dovecot, user), store.cursor, store)
    assert len(store.mails) == len(mails) + 1


def test_nothing_is_marked_on_the_server(dovecot: Dovecot, user: str) -> None:
    """Handbook: our own ledger, never \\Seen."""
    dovecot.append(user, [mail(1)])
    poll_once(account(dovecot, user), None, Store())
    assert dovecot.client(user).search(None, "UNSEEN")[1] == [b"1"]


def test_seen_mail_and_gaps_are_fetched(dovecot: Dovecot, user: str) -> None:
    """M8: mail read elsewhere counts too; removed mail leaves no hole that hides later mail."""
    dovecot.append(user, [mail(n) for n in range(4)])
    with contextlib.closing(dovecot.client(user)) as other:
        other.store("3", "+FLAGS", "\\Seen")
        other.store("1,2,4", "+FLAGS", "\\Deleted")
        other.expunge()
    store = Store()
    with Mailbox(account(dovecot, user)) as mailbox:
        cursor = mailbox.poll(None, store)
        assert store.raws == [mail(2)]
        dovecot.append(user, [mail(5)])
        mailbox.poll(cursor, store)
    assert store.raws == [mail(2), mail(5)]


def test_batches_are_bounded_by_bytes(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is what memory holds at once."""
    monkeypatch.setattr("mail.mailbox.BATCH_BYTES", 3000)
    mails = [mail(n, b"x" * 70 * (n % 3) * 20 + b"\r\n") for n in range(9)]
    dovecot.append(user, mails)
    store = Store()
    poll_once(account(dovecot, user), None, store)
    assert store.raws == mails
    position = 0
    for size in store.batches:
        assert size == 1 or sum(len(m) for m in mails[position : position + size]) <= 3000
        position += size


def test_another_uidvalidity_reads_all_again(dovecot: Dovecot, user: str) -> None:
    """Handbook: UIDVALIDITY changed: read all again (the duplicate check is the loop's)."""
    dovecot.append(user, [mail(1), mail(2)])
    store = Store()
    first = poll_once(account(dovecot, user), None, store)
    dovecot.forget_uids(user)
    second = poll_once(account(dovecot, user), first, store)
    assert second.uidvalidity != first.uidvalidity
    assert sorted(store.raws) == sorted([mail(1), mail(2)] * 2)
    assert {m.uidvalidity for m in store.mails} == {first.uidvalidity, second.uidvalidity}


def test_oversized_mail_gives_its_headers(dovecot: Dovecot, user: str) -> None:
    """M8: over the limit: headers, size, and it can be fetched by hand; it stays on the server."""
    large = mail(2, b"y" * 70 * 100 + b"\r\n")
    dovecot.append(user, [mail(1), large, mail(3)])
    store = Store()
    with Mailbox(account(dovecot, user, size_limit=1000)) as mailbox:
        mailbox.poll(None, store)
        assert [m.oversized for m in store.mails] == [False, True, False]
        assert store.raws == [mail(1), large.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", mail(3)]
        assert store.mails[1].size == len(large)
        where = Cursor(store.mails[1].uidvalidity, store.mails[1].uid)
        assert mailbox.fetch_whole(where) == large
        assert mailbox.fetch_whole(Cursor(where.uidvalidity, 999)) is None
        assert mailbox.fetch_whole(Cursor(where.uidvalidity + 1, where.uid)) is None


def test_m8_a_mail_of_just_the_limit_is_not_over_it(dovecot: Dovecot, user: str) -> None:
    exact, over = mail(1, b"y" * 200 + b"\r\n"), mail(2, b"y" * 201 + b"\r\n")
    dovecot.append(user, [exact, over])
    store = Store()
    with Mailbox(account(dovecot, user, size_limit=len(exact))) as mailbox:
        mailbox.poll(None, store)
    assert [m.oversized for m in store.mails] == [False, True] and store.raws[0] == exact


def test_what_is_not_stored_comes_again(dovecot: Dovecot, user: str) -> None:
    """Raw bytes and cursor are committed together, or neither is."""
    dovecot.append(user, [mail(1)])
    store = Store()
    store.fail = 1
    with Mailbox(account(dovecot, user)) as mailbox:
        with pytest.raises(RuntimeError, match="disk full"):
            mailbox.poll(None, store)
        mailbox.poll(store.cursor, store)
    assert store.raws == [mail(1)]


def test_newest_skips_the_past(dovecot: Dovecot, user: str) -> None:
    store = Store()
    with Mailbox(account(dovecot, user)) as mailbox:
        assert mailbox.newest().uid == 0
        dovecot.append(user, [mail(1), mail(2)])
        mailbox.poll(mailbox.newest(), store)
        assert store.mails == []
        dovecot.append(user, [mail(3)])
        mailbox.poll(Cursor(mailbox.newest().uidvalidity, 2), store)
    assert store.raws == [mail(3)]


def test_search_windows_reach_far_uids(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """imaplib refuses very long answers, so UIDs are asked for in windows, which grow over gaps."""
    monkeypatch.setattr("mail.mailbox._WINDOW", 3)
    dovecot.append(user, [mail(n) for n in range(30)])
    with contextlib.closing(dovecot.client(user)) as other:
        other.store("3:27", "+FLAGS", "\\Deleted")
        other.expunge()
    store = Store()
    poll_once(account(dovecot, user), None, store)
    assert store.raws == [mail(n) for n in (0, 1, 27, 28, 29)]


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_wakes_in_time(user: str, certificate: tuple[Path, Path], security: str) -> None:
    """A reply comes by IDLE: the next poll would be three minutes off."""
    store = Store()
    with Dovecot(certificate=certificate) as dovecot:
        port = dovecot.tls_port if security == "tls" else dovecot.port
        where = account(dovecot, user, security=security, host="localhost", port=port, ca_file=str(certificate[0]))
        wakes(dovecot, user, where, store)


def wakes(dovecot: Dovecot, user: str, where: ImapAccount, store: Store) -> None:
    with running(where, store) as (states, _wake):
        until(store, lambda: bool(states))
        for n in range(3):
            dovecot.append(user, [mail(n)])
            store.wait(n + 1)
    assert [state.ok for state in states] == [True]
    assert states[0].next_try is None


def test_idle_ends_when_asked(dovecot: Dovecot, user: str) -> None:
    with Mailbox(account(dovecot, user)) as mailbox:
        assert "IDLE" in mailbox.capabilities and "MOVE" in mailbox.capabilities
        mailbox.poll(None, Store())
        stop, wake = threading.Event(), threading.Event()
        assert mailbox.idle(0.1, stop) is False
        wake.set()
        assert mailbox.idle(60, stop, wake) is False
        stop.set()
        assert mailbox.idle(60, stop) is False
        assert mailbox.poll(None, Store()) is not None, "the connection is usable after IDLE"


def test_m6_a_full_poll_comes_whatever_idle_says(dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handbook: lines hang without a word; IDLE is ended and begun anew, over the same connection."""
    store, polls, logins = Store(), [], []

    class Counted(Mailbox):
        def connect(self) -> None:
            logins.append(1)
            super().connect()

        def poll(self, *given: object) -> Cursor | None:
            with store.came:
                polls.append(1)
                store.came.notify_all()
            return super().poll(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("mail.poller.Mailbox", Counted)
    with running(account(dovecot, user), store, full_poll_seconds=0.2) as (states, _wake):
        until(store, lambda: len(polls) >= 4)
    assert len(logins) == 1 and [state.ok for state in states] == [True]


def test_m6_that_all_is_still_well_is_told_now_and_then_with_since_when(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a mailbox in which nothing comes would seem not to have been looked at."""
    monkeypatch.setattr("mail.poller._STILL", 0.0)
    store = Store()
    with running(account(dovecot, user), store, full_poll_seconds=0.2) as (states, _wake):
        until(store, lambda: len(states) >= 3)
    assert all(state.ok for state in states) and len({state.since for state in states}) == 1


def test_m6_the_pauses_after_trouble_are_not_the_same_for_all(user: str) -> None:
    """Jitter, so that many mailboxes do not come back at once."""
    first = []
    for _n in range(4):
        store = Store()
        with running(ImapAccount("127.0.0.1", free_port(), "none", user, "p"), store) as (states, _wake):
            until(store, lambda states=states: bool(states))
        first.append(round((states[0].next_try - states[0].since).total_seconds(), 6))
    assert len(set(first)) > 1 and all(0.37 < pause < 0.63 for pause in first)


def test_without_idle_it_polls(user: str) -> None:
    """M6: IDLE only where offered."""
    store = Store()
    with Dovecot(capability="IMAP4rev1 UIDPLUS") as server:
        with Mailbox(account(server, user)) as mailbox:
            assert "IDLE" not in mailbox.capabilities
        with running(account(server, user), store, poll_seconds=0.1) as (states, _wake):
            until(store, lambda: bool(states))
            server.append(user, [mail(1)])
            store.wait(1)
        with running(account(server, user), store, poll_seconds=60) as (states, wake):
            until(store, lambda: bool(states))
            server.append(user, [mail(2)])
            wake.set()
            store.wait(2)


def test_server_restart_in_the_middle(own_dovecot: Dovecot, user: str) -> None:
    """M6: a server that goes away and comes back costs no mail and doubles none."""
    mails = [mail(n) for n in range(4)]
    own_dovecot.append(user, mails[:2])
    store = Store()
    with running(account(own_dovecot, user), store) as (states, wake):
        store.wait(2)
        until(store, lambda: bool(states) and states[-1].ok)
        own_dovecot.stop()
        until(store, lambda: not states[-1].ok)
        trouble = states[-1]
        assert trouble.next_try is not None and trouble.next_try > trouble.since
        own_dovecot.start()
        own_dovecot.append(user, mails[2:])
        wake.set()
        store.wait(4)
        until(store, lambda: states[-1].ok)
    assert store.raws == mails


def test_store_trouble_is_reported_and_tried_again(dovecot: Dovecot, user: str) -> None:
    dovecot.append(user, [mail(1)])
    store = Store()
    store.fail = 1
    with running(account(dovecot, user), store) as (states, _wake):
        store.wait(1)
        until(store, lambda: states[-1].ok)
    assert "disk full" in states[0].message and not states[0].ok


def test_refused_login_is_said_without_the_password(dovecot: Dovecot, user: str) -> None:
    """R3: never a password in a log or a sentence; nor is a locked account risked by haste."""
    where = ImapAccount(dovecot.host, dovecot.port, "none", user=user, password="wr0ngpass", timeout=30)
    with running(where, store := Store()) as (states, _wake):
        until(store, lambda: bool(states))
    assert "wr0ngpass" not in repr(where) + states[0].message
    assert "refused the login" in states[0].message
    assert (states[0].next_try - states[0].since).total_seconds() >= 45


def test_r3_a_server_that_repeats_the_password_is_not_repeated() -> None:
    """Its words are shown and kept; what was said to it is not."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            near, __ = listening.accept()
            with near, near.makefile("rwb") as line:
                line.write(b"* OK [CAPABILITY IMAP4rev1] here\r\n")
                line.flush()
                for said in line:
                    tag, words = said.split(b" ", 1)
                    line.write(tag + (b" NO you said " + words if b"LOGIN" in words else b" OK done\r\n"))
                    line.flush()

        threading.Thread(target=serve, daemon=True).start()
        port = listening.getsockname()[1]
        with pytest.raises(MailboxError) as error:
            poll_once(
                ImapAccount("127.0.0.1", port, "none", user="ana", password="wr0ngpass", timeout=30), None, Store()
            )
    assert error.value.login and "you said" in str(error.value) and "wr0ngpass" not in str(error.value)


def test_a_password_in_any_letters(user: str) -> None:
    with Dovecot(password="pässwörd€") as server:
        server.append(user, [mail(1)])
        store = Store()
        poll_once(ImapAccount(server.host, server.port, "none", user, "pässwörd€", timeout=30), None, store)
    assert store.raws == [mail(1)]


def test_the_account_is_asked_again_at_each_connection(dovecot: Dovecot, user: str) -> None:
    """R3: passwords come from commands and tokens run out."""
    dovecot.append(user, [mail(1)])
    wrong = ImapAccount(dovecot.host, dovecot.port, "none", user, "old", timeout=30)
    answers = iter([RuntimeError("keyring locked"), wrong])

    def current() -> ImapAccount:
        match next(answers, None):
            case None:
                return account(dovecot, user)
            case RuntimeError() as error:
                raise error
            case other:
                return other

    store = Store()
    with running(current, store) as (states, wake):
        until(store, lambda: len(states) == 2)
        assert "keyring locked" in states[0].message and "refused the login" in states[1].message
        assert states[0].since == states[1].since
        wake.set()
        store.wait(1)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_server_that_is_not_there(host: str) -> None:
    """Bad input: a clear sentence."""
    where = ImapAccount(host, free_port(), "none", user="a", password="p", timeout=2, allow_plain=True)
    with pytest.raises(MailboxError, match=host):
        poll_once(where, None, Store())


def test_a_folder_that_is_not_there(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(MailboxError, match="answers with trouble"):
        poll_once(account(dovecot, user, folder="Nowhere"), None, Store())


def test_a_server_that_never_answers() -> None:
    """Known silent hangs end with the time-out."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        where = ImapAccount("127.0.0.1", deaf.getsockname()[1], "none", user="a", password="p", timeout=0.3)
        with pytest.raises(MailboxError, match="does not answer"):
            poll_once(where, None, Store())


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_needs_a_certificate_that_holds(user: str, certificate: tuple[Path, Path], security: str) -> None:
    """R3: TLS is checked, name and authority."""
    with Dovecot(certificate=certificate) as server:
        server.append(user, [mail(1)])
        port = server.tls_port if security == "tls" else server.port
        more = {"security": security, "host": "localhost", "port": port}
        store = Store()
        poll_once(account(server, user, ca_file=str(certificate[0]), **more), None, store)
        assert store.raws == [mail(1)]
        with pytest.raises(MailboxError, match="certificate"):
            poll_once(account(server, user, **more), None, store)
        with pytest.raises(MailboxError, match=r"^/nowhere\.pem \(ca_file\) cannot be used"):
            poll_once(account(server, user, ca_file="/nowhere.pem", **more), None, store)


class Cutter:
    """A line to a server that breaks when the client says `words`, as often as told, or garbles what it hears."""

    def __init__(self, port: int, words: bytes, times: int, garbled: tuple[bytes, bytes] = (b"", b"")) -> None:
        self._target, self._words, self._times, self._garbled = port, words, times, garbled
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._server.accept()[0]
                far = socket.create_connection(("127.0.0.1", self._target))
                for source, sink, cut in ((near, far, True), (far, near, False)):
                    threading.Thread(target=self._pump, args=(source, sink, cut), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, cut: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if cut and self._times and self._words in data:
                    self._times -= 1
                    break
                sink.sendall(data if cut or not self._garbled[0] else data.replace(*self._garbled))
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("times", "lost"), [(2, False), (99, True)])
def test_a_mail_over_which_the_line_dies(
    dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch, times: int, lost: bool
) -> None:
    """Handbook: one bad mail never stops the rest; M8: nor is it forgotten: it comes with empty bytes."""
    monkeypatch.setattr("mail.poller._PAUSES", (0.01,))
    mails = [mail(n) for n in range(1, 6)]
    dovecot.append(user, mails)
    store = Store()
    with contextlib.closing(Cutter(dovecot.port, b"UID FETCH 3 (BODY.PEEK[]", times)) as cutter:
        # The first time all five are asked for at once, and the line dies on that too.
        first = Cutter(cutter.port, b"UID FETCH 1,2,3,4,5 (BODY.PEEK[]", 1)
        with contextlib.closing(first), running(account(dovecot, user, port=first.port), store) as (states, _wake):
            store.wait(5)
            until(store, lambda: states[-1].ok)
    assert store.raws == [*mails[:2], b"" if lost else mails[2], *mails[3:]]
    assert store.mails[2].size == len(mails[2])


def test_a_line_that_comes_in_two_pieces_while_idle_is_no_trouble() -> None:
    """The rest of it is waited for, and nobody reconnects."""
    talk = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        near = talk.accept()[0]
        near.sendall(b"* OK [CAPABILITY IMAP4rev1 IDLE] hello\r\n")
        for said in near.makefile("rb"):
            tag, word = said.split()[:2] if b" " in said else (b"", said.strip())
            heard.append(word)
            if word == b"CAPABILITY":
                near.sendall(b"* CAPABILITY IMAP4rev1 IDLE\r\n" + tag + b" OK done\r\n")
            elif word == b"IDLE":
                idle = tag
                near.sendall(b"+ idling\r\n* 1 RECE")
                threading.Timer(0.2, near.sendall, [b"NT\r\n"]).start()
            elif word == b"DONE":
                near.sendall(idle + b" OK done\r\n")
            else:
                near.sendall(tag + b" OK done\r\n")

    threading.Thread(target=serve, daemon=True).start()
    where = ImapAccount(
        host="127.0.0.1", port=talk.getsockname()[1], security="none", user="a", password="b", timeout=5
    )
    with contextlib.closing(talk), Mailbox(where) as mailbox:
        assert mailbox.idle(5, threading.Event()), "the news are heard"
    assert heard.count(b"LOGIN") == 1


def test_a_server_that_hangs_up_on_idle_is_not_hammered(dovecot: Dovecot, user: str) -> None:
    """Back-off grows although each poll before went well."""
    store = Store()
    cutter = Cutter(dovecot.port, b" IDLE", 99)
    where = account(dovecot, user, port=cutter.port)
    with contextlib.closing(cutter), running(where, store) as (states, wake):
        for n in range(1, 4):
            until(store, lambda n=n: sum(not state.ok for state in states) == n)
            wake.set()
    pauses = [(state.next_try - state.since).total_seconds() for state in states if not state.ok]
    assert pauses[0] < 1 < pauses[1] < 3 < pauses[2]


def test_a_server_that_does_not_tell_uidnext(dovecot: Dovecot, user: str) -> None:
    """`UID n:*` names the last mail even when its UID is below n (RFC 3501 6.4.8): it is not fetched again."""
    dovecot.append(user, [mail(1), mail(2)])
    store = Store()
    cutter = Cutter(dovecot.port, b"", 0, (b"[UIDNEXT ", b"[XIDNEXT "))
    with contextlib.closing(cutter), Mailbox(account(dovecot, user, port=cutter.port)) as mailbox:
        for _n in range(2):
            mailbox.poll(store.cursor, store)
        dovecot.append(user, [mail(3)])
        mailbox.poll(store.cursor, store)
    assert store.raws == [mail(1), mail(2), mail(3)]


def test_one_wake_is_one_try(user: str) -> None:
    """Who asks for a poll while the server is away does not end its pauses for good."""
    store = Store()
    with running(ImapAccount("127.0.0.1", free_port(), "none", user, "p"), store) as (states, wake):
        until(store, lambda: len(states) == 1)
        wake.set()
        until(store, lambda: len(states) == 2)
        with store.came:
            assert not store.came.wait_for(lambda: len(states) > 3, 0.3)


def test_nothing_is_logged(dovecot: Dovecot, user: str, caplog: pytest.LogCaptureFixture) -> None:
    """R3: never a password in a log, nor a customer's mail."""
    caplog.set_level("DEBUG")
    dovecot.append(user, [mail(1)])
    poll_once(account(dovecot, user), None, Store())
    assert PASSWORD not in caplog.text and "ana@shop.test" not in caplog.text
    assert not [record for record in caplog.records if record.name == "imapclient.imaplib"]


def test_copy_in_sent(dovecot: Dovecot, user: str) -> None:
    """M4: into the folder that the server names for it, read."""
    append_sent(account(dovecot, user), None, mail(1))
    append_sent(account(dovecot, user), "Wörk/Näme", mail(2))
    with contextlib.closing(dovecot.client(user)) as other:
        assert other.select("Sent")[1] == [b"1"]
        assert other.search(None, "SEEN")[1] == [b"1"]
    store = Store()
    poll_once(account(dovecot, user, folder="Wörk/Näme"), None, store)
    assert store.raws == [mail(2)]


def test_plain_text_only_on_this_machine() -> None:
    """R3: without TLS only loopback, unless said so."""
    for make in (ImapAccount, SmtpAccount):
        for host in ("localhost", "127.0.0.1", "::1", "127.9.9.9"):
            make(host, 1143, "none")
        for host in ("mail.example", "10.0.0.1", "localhost.evil.example", "127.0.0.1.evil.example", "", "a b"):
            with pytest.raises(ValueError):
                make(host, 1143, "none")
        assert make("mail.example", 993).security == "tls"
        assert make("mail.example", 143, "none", allow_plain=True).allow_plain
        for wrong in ({"port": 0}, {"port": 70000}, {"security": "ssl"}, {"timeout": 0}):
            with pytest.raises(ValueError):
                make(**({"host": "mail.example", "port": 993} | wrong))


def test_wire_libraries_are_imported_when_needed() -> None:
    """A start that sends and fetches nothing does not pay for them."""
    modules = "mail.poller, mail.mailbox, mail.delivery, mail.compose, mail.tokens, mail.accounts"
    code = f"import sys, {modules}; print({{'imapclient', 'imaplib', 'aiosmtplib'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"
