"""The worker as a whole: troubles of one part stop no other, a lost lease ends the service, nothing lingers (M6)."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from loop import receiving, sending, worker
from loop.mailboxes import ensure
from loop.views import MailHealth
from loop.worker import Worker
from mail.mailbox import Cursor, Fetched
from storage import leases
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.test_sending import write
from tests.servers.smtpsink import SmtpSink


def until(what: Callable[[], object], *shown: object) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, shown
        time.sleep(0.02)


class Serving:
    """A worker on a shop whose IMAP server is away."""

    def __init__(self, shop: Shop, port: int, **config: Any) -> None:
        box = replace(MAILBOX, smtp_port=port, imap_port=1, **config)
        shop.desk.config = replace(shop.desk.config, mailboxes=(box,))
        self.shop, self.said = shop, list[MailHealth]()
        self.worker = Worker(shop.desk, self.said.append)
        self.lease = f"mailbox {box.address}"

    def states(self) -> list[str]:
        return [r[0] for r in self.shop.desk.db.rows("SELECT state FROM outbox ORDER BY id")]

    def threads(self) -> list[str]:
        return [t.name for t in threading.enumerate() if MAILBOX.address in t.name]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture
def serve(shop: Shop, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Serving]]:
    monkeypatch.setattr(sending, "PAUSES_S", (0.05,))
    made: list[Serving] = []

    def start(**config: Any) -> Serving:
        made.append(Serving(shop, sink.port, **config))
        made[-1].worker.start()
        return made[-1]

    yield start
    for serving in made:
        serving.worker.stop(60)


def test_m6_an_imap_server_that_is_away_is_said_and_mail_goes_out_all_the_same(
    shop: Shop, started: int, serve: Callable[..., Serving]
) -> None:
    write(shop, started, "um")
    serving = serve()
    until(lambda: serving.states() == ["sent"], serving.said)
    until(lambda: serving.said and not serving.said[-1].ok, serving.said)
    serving.worker.stop(60)
    assert serving.threads() == []
    assert leases.take(shop.desk.db, serving.lease, "another", 5), "the lease is given back at once"


def test_r3_a_password_command_that_fails_is_said_and_neither_spins_nor_ends_the_service(
    shop: Shop, started: int, serve: Callable[..., Serving], tmp_path: Any
) -> None:
    asked = tmp_path / "asked"
    serving = serve(password_command=("sh", "-c", f"echo x >> {asked}; exit 1"))
    until(lambda: serving.said and not serving.said[-1].ok, serving.said)
    time.sleep(1.0)
    assert asked.read_text().count("x") <= 3, "pauses grow"
    mail = b"From: a@b.example\r\nSubject: oi\r\n\r\noi"
    receiving.keep(shop.desk, ensure(shop.desk, MAILBOX), [Fetched(1, 9, len(mail), mail)], Cursor(9, 1))
    until(lambda: shop.desk.db.rows("SELECT outcome FROM inbound") == [("triage",)])


def test_m6_a_lost_lease_ends_the_service_and_a_free_one_begins_it_again(
    shop: Shop, started: int, serve: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEASE_S", 1.2)
    serving = serve()
    until(lambda: len(serving.threads()) == 4, serving.threads())
    with shop.desk.db.write() as work:
        work.run(
            f"UPDATE leases SET holder = 'thief', until = {shop.desk.db.now_sql} + 3000 WHERE name = :n",
            {"n": serving.lease},
        )
    until(lambda: any("another worker" in h.said for h in serving.said), serving.said)
    assert len(serving.threads()) == 1
    write(shop, started, "um")
    until(lambda: serving.states() == ["sent"], serving.said)


def test_m6_a_database_that_is_away_for_a_moment_leaves_no_second_sender(
    shop: Shop, serve: Callable[..., Serving], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr(worker, "LEASE_S", 1.2)
    serving = serve()
    until(lambda: len(serving.threads()) == 4, serving.threads())
    real, broken = leases.take, threading.Event()
    broken.set()

    def take(*args: Any) -> bool:
        if broken.is_set():
            raise sqlite3.OperationalError("disk I/O error")
        return real(*args)

    monkeypatch.setattr(leases, "take", take)
    until(lambda: len(serving.threads()) == 1, serving.threads())
    broken.clear()
    serving.worker.stopping.wait(0)
    monkeypatch.setattr(leases, "take", real)
    until(lambda: len(serving.threads()) == 4, serving.threads())
    assert len(set(serving.threads())) == 4, "each part once"


def test_m8_bytes_and_cursor_are_kept_together_or_not_at_all(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.work import Work

    mailbox = ensure(shop.desk, MAILBOX)
    mail = Fetched(1, 9, 4, b"oi\r\n")
    with monkeypatch.context() as m:
        m.setattr(Work, "run", lambda *__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receiving.keep(shop.desk, mailbox, [mail], Cursor(9, 1))
    assert receiving.cursor(shop.desk, mailbox) is None
    assert shop.desk.db.rows("SELECT COUNT(*) FROM inbound") == [(0,)]
    for __ in range(2):
        receiving.keep(shop.desk, mailbox, [mail], Cursor(9, 1))
    assert shop.desk.db.rows("SELECT COUNT(*) FROM inbound") == [(1,)], "shown again after a crash, kept once"


def test_m8_a_mail_that_breaks_the_parser_is_quarantined_and_stops_nobody(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mail.parse

    real = mail.parse.parse

    def parse(raw: bytes) -> Any:
        if b"veneno" in raw:
            raise RecursionError
        return real(raw)

    monkeypatch.setattr(mail.parse, "parse", parse)
    mails = [b"From: a@b.example\r\nSubject: %s\r\n\r\noi" % s for s in (b"um", b"veneno")]
    mailbox = ensure(shop.desk, MAILBOX)
    receiving.keep(shop.desk, mailbox, [Fetched(i, 9, 9, m) for i, m in enumerate(mails, 1)], Cursor(9, 2))
    receiving.process(shop.desk)
    assert [r[0] for r in shop.desk.db.rows("SELECT outcome FROM inbound ORDER BY id")] == ["triage", "quarantined"]


def test_m6_the_lease_of_a_killed_process_of_this_machine_is_free_at_once() -> None:
    """Whoever was killed need not be waited for; who lives, or is elsewhere, keeps it."""
    import os
    import socket
    import subprocess
    import sys

    from loop.worker import is_dead

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = socket.gethostname()
    assert is_dead(f"{here}:{ended.pid}:1")
    assert not is_dead(f"{here}:{os.getpid()}:1")
    assert not is_dead(f"elsewhere.example:{ended.pid}:1")
    assert not is_dead("") and not is_dead("rubbish")
