"""The background looks after rules with or without a mailbox, one clock at a time, and ends when told (A5, A6)."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from loop import importing, rule_mail, rule_worker
from loop.rule_clock import HOUR_MS
from loop.views import MailHealth
from loop.worker import Worker
from storage import leases
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.ruled import became, hit, praised, rule_set, text
from tests.loop.test_rule_clock import timed, touched
from tests.loop.test_worker import until

NAMES = {"rule mails", "rule clock", "imports"}


@pytest.fixture
def begin(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Worker]]:
    for name in ("LOOK_S", "CLOCK_S", "SETTLE_S", "TROUBLE_S"):
        monkeypatch.setattr(rule_worker, name, 0.05)
    made: list[Worker] = []

    def start(*mailboxes: Any, report: Any = None) -> Worker:
        shop.desk.config = replace(shop.desk.config, mailboxes=mailboxes)
        made.append(Worker(shop.desk, report))
        made[-1].start()
        return made[-1]

    yield start
    for one in made:
        one.stop(60)
    assert not NAMES & {t.name for t in threading.enumerate()}, "nothing lingers"


def test_a6_without_a_mailbox_the_clock_runs_and_mails_wait(
    shop: Shop, ticket: int, begin: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    resumed = threading.Event()
    monkeypatch.setattr(importing, "resume", lambda desk: resumed.set() or 0)
    said = list[MailHealth]()
    text(shop)
    hit(shop, rule_set(shop), praised(shop, email="b@x.example"))
    timed(shop, "not started", 1)
    shop.clock.now += 2 * HOUR_MS
    begin(report=said.append)
    until(lambda: ticket in touched(shop))
    assert resumed.wait(60)
    assert became(shop)[0] == "due" and all(h.ok for h in said)


def test_a5_mails_are_written_while_the_clock_is_anothers(shop: Shop, begin: Callable[..., Worker]) -> None:
    leases.take(shop.desk.db, rule_worker.LEASE, "elsewhere.example:1:1", 60)
    text(shop)
    timed(shop, "not started", 1)
    answer = praised(shop)
    hit(shop, rule_set(shop), answer)
    begin(replace(MAILBOX, imap_port=1, smtp_port=1))
    until(lambda: "sent" in became(shop))
    assert leases.holder(shop.desk.db, rule_worker.LEASE) == "elsewhere.example:1:1"


def test_a6_one_worker_looks_at_the_clock_and_the_others_wait(
    shop: Shop, ticket: int, begin: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real, other = list[bool](), leases.take, "elsewhere.example:1:1"
    held = threading.Event()
    held.set()

    def take(db: Any, name: str, holder: str, seconds: float) -> bool:
        if name != rule_worker.LEASE:
            return real(db, name, holder, seconds)
        if held.is_set():
            real(db, name, other, 30)  # the other one lives
        asked.append(real(db, name, holder, seconds))
        return asked[-1]

    real(shop.desk.db, rule_worker.LEASE, other, 30)
    timed(shop, "not started", 1)
    shop.clock.now += 2 * HOUR_MS
    monkeypatch.setattr(leases, "take", take)
    begin()
    until(lambda: asked.count(False) >= 3)
    assert touched(shop) == [] and True not in asked
    held.clear()
    leases.release(shop.desk.db, rule_worker.LEASE, other)
    until(lambda: touched(shop) == [ticket])


def test_a6_a_worker_that_died_here_holds_the_clock_up_no_longer(
    shop: Shop, ticket: int, begin: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A6: on a file of this machine; a server's lease ends by itself."""
    monkeypatch.setattr(rule_worker, "CLOCK_S", 1000)  # as long as nobody waits here
    if shop.desk.db.dialect != "sqlite":
        return  # a server's workers may be on other machines
    gone = subprocess.Popen(["true"])
    gone.wait()
    leases.take(shop.desk.db, rule_worker.LEASE, f"{socket.gethostname()}:{gone.pid}:1", 1500)
    timed(shop, "not started", 1)
    shop.clock.now += 2 * HOUR_MS
    begin()
    until(lambda: touched(shop) == [ticket])


def test_a6_the_lease_is_given_back_and_not_taken_for_nothing(shop: Shop, begin: Callable[..., Worker]) -> None:
    worker = begin()
    time.sleep(0.3)  # several looks
    assert leases.holder(shop.desk.db, rule_worker.LEASE) == ""
    timed(shop, "not started", 1)
    until(lambda: leases.holder(shop.desk.db, rule_worker.LEASE) == worker.holder)
    worker.stop(60)
    assert leases.holder(shop.desk.db, rule_worker.LEASE) == ""


def test_m6_trouble_is_said_and_past_when_it_is_over(
    shop: Shop, begin: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[MailHealth]()
    broken = threading.Event()
    broken.set()
    real = importing.resume

    def resume(desk: Any) -> int:
        return 1 / 0 if broken.is_set() else real(desk)  # type: ignore[return-value]

    monkeypatch.setattr(importing, "resume", resume)
    begin(report=said.append)
    until(lambda: said and not said[-1].ok, said)
    assert "autopilot fails" in said[-1].said and "ZeroDivisionError" in said[-1].said
    broken.clear()
    until(lambda: said[-1].ok, said)
    assert not said[-1].configured, "there is no mailbox to tell of"


def test_a5_two_workers_write_each_mail_once(
    shop: Shop, begin: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_mail, "PIECE", 2)
    text(shop)
    rule = rule_set(shop)
    for n in range(12):
        hit(shop, rule, praised(shop, email=f"c{n}@x.example"))
    box = replace(MAILBOX, imap_port=1, smtp_port=1)
    begin(box)
    begin(box)
    until(lambda: set(became(shop)) == {"sent"}, became(shop))
    rows = shop.desk.db.rows
    assert rows("SELECT COUNT(*), COUNT(DISTINCT message_id) FROM rule_hits", {}) == [(12, 12)]
    assert rows("SELECT COUNT(*) FROM messages", {}) == rows("SELECT COUNT(*) FROM outbox", {}) == [(12,)]
