"""The sender against a real server, at every point where something may break (M5): nothing lost, nothing twice by us."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from loop import correspondence, drafts, outbox, reading, sending
from loop.health import Health
from loop.mailboxes import ensure
from loop.sending import Sender
from loop.views import MailHealth, Sent
from mail.delivery import Delivered
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.servers.smtpsink import SmtpSink, drop


class Post:
    """A sender in a thread, the server that it talks to, and what it said."""

    def __init__(self, shop: Shop, port: int, **config: object) -> None:
        self.shop, self.said, self.pauses = shop, [], []
        self.config = replace(MAILBOX, smtp_port=port, **config)  # type: ignore[arg-type]
        self.mailbox = ensure(shop.desk, self.config)
        self.ending = threading.Event()
        sender = Sender(
            shop.desk,
            self.config,
            self.mailbox,
            "me",
            self.ending,
            self.say,
        )
        self.thread = threading.Thread(target=sender.run, daemon=True)

    def say(self, ok: bool, words: str, *pause: float) -> None:
        self.said.append((ok, words))
        self.pauses += pause

    def __enter__(self) -> "Post":
        self.thread.start()
        return self

    def __exit__(self, *__: object) -> None:
        self.ending.set()
        self.thread.join(60)
        assert not self.thread.is_alive(), "a sender ends within seconds"

    def states(self) -> list[str]:
        return [r[0] for r in self.shop.desk.db.rows("SELECT state FROM outbox ORDER BY id")]

    def until(self, what: Callable[[], object]) -> None:
        end = time.monotonic() + 60
        while not what():
            assert time.monotonic() < end, (self.states(), self.said)
            time.sleep(0.02)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PAUSES_S", (0.05,))
    monkeypatch.setattr(sending, "LOOK_S", 0.02)


def write(shop: Shop, number: int, *bodies: str) -> list[int]:
    """Messages whose undo window is over; their outbox ids."""
    ids = []
    for body in bodies:
        sent = correspondence.send(
            shop.desk, replace(drafts.begin(shop.desk, number, actor=shop.bia), body=body), actor=shop.bia
        )
        assert isinstance(sent, Sent)
        ids.append(sent.outbox)
    due(shop)
    return ids


def due(shop: Shop) -> None:
    """Whatever waits is due now."""
    with shop.desk.db.write() as work:
        work.run(f"UPDATE outbox SET not_before = {shop.desk.db.now_sql} - 1 WHERE state = :s", {"s": "queued"})


def test_m5_a_server_that_is_away_holds_no_claims_and_its_words_are_shown(
    shop: Shop, started: int, events: Events
) -> None:
    write(shop, started, "um", "dois", "três")
    with SmtpSink() as gone:
        port = gone.port
    with Post(shop, port) as post:
        post.until(lambda: any(not ok and "sending fails" in words for ok, words in post.said))
        post.until(lambda: sum(kind == "mail delayed" for kind, __ in events(started)) == 3)
        assert post.states() == ["queued"] * 3, "each was tried once and waits a minute; none is held"
    entry = next(
        e for e in reading.ticket(shop.desk, started, actor=shop.bia).entries if e.state in ("delayed", "queued")
    )
    assert entry.state == "delayed" and entry.answer and entry.next_try


def test_m5_the_server_is_tried_with_one_message_at_a_time_and_the_others_are_given_back(
    shop: Shop, started: int, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES_S", (60.0,))
    write(shop, started, "um", "dois", "três")
    sink.plan["MAIL"] = ["451 4.3.0 later"]
    with Post(shop, sink.port) as post:
        post.until(lambda: any(not ok for ok, __ in post.said))
        assert post.states() == ["queued"] * 3
        assert shop.desk.db.rows("SELECT attempts FROM outbox ORDER BY id") == [(1,), (0,), (0,)]


def test_m5_the_pauses_after_a_servers_trouble_grow_and_begin_anew_once_it_is_well(
    shop: Shop, started: int, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES_S", (0.01, 0.02, 0.03))
    write(shop, started, "um")
    sink.plan["MAIL"] = ["451 4.3.0 later"] * 4
    with Post(shop, sink.port) as post:
        post.until(lambda: (due(shop), post.states() == ["sent"])[1])
        sink.plan["MAIL"] = ["451 4.3.0 later"] * 2  # the kept connection's word does not count
        write(shop, started, "dois")
        post.until(lambda: len(post.pauses) == 5)
    assert post.pauses == [0.01, 0.02, 0.03, 0.03, 0.01]


def test_r3_a_refused_login_is_not_tried_again_at_once(shop: Shop, started: int) -> None:
    """Accounts get locked."""
    write(shop, started, "um")
    with SmtpSink(user="sac", password="right") as sink:
        login = {"smtp_user": "sac", "password_command": ("echo", "wr0ng")}
        with Post(shop, sink.port, **login) as post:
            post.until(lambda: post.pauses)
            assert post.pauses == [sending.LOGIN_PAUSE_S] and post.states() == ["queued"]
            assert "wr0ng" not in str(post.said) and "535" in str(post.said)


def test_m5_a_recipient_who_is_refused_stops_no_other_message(shop: Shop, started: int, sink: SmtpSink) -> None:
    write(shop, started, "um", "dois", "três")
    sink.plan["RCPT"] = ["450 4.2.2 full"]
    with Post(shop, sink.port) as post:
        post.until(lambda: post.states() == ["queued", "sent", "sent"])
    assert all(ok for ok, __ in post.said), "the server is well"
    assert sink.connections == 1


def test_r3_a_password_that_cannot_be_had_is_said_and_does_not_spin(shop: Shop, started: int, sink: SmtpSink) -> None:
    write(shop, started, "um")
    with Post(shop, sink.port, smtp_user="x", password_command=("false",)) as post:
        post.until(lambda: any(not ok for ok, __ in post.said))
        post.until(lambda: post.states() == ["queued"])
    assert len([1 for ok, __ in post.said if not ok]) == 1
    assert sink.connections == 0


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT"])
def test_m5_a_line_that_dies_before_data_is_tried_again_and_arrives_once(
    shop: Shop, started: int, sink: SmtpSink, step: str
) -> None:
    write(shop, started, "um")
    sink.plan[step] = [drop]
    with Post(shop, sink.port) as post:
        post.until(lambda: any(not ok for ok, __ in post.said))
        post.until(lambda: post.states() == ["queued"])
        due(shop)
        post.until(lambda: post.states() == ["sent"])
        post.until(lambda: post.said[-1] == (True, ""))
    assert len(sink.kept) == 1


def test_m5_a_line_that_dies_after_data_is_in_doubt_and_stays_so(shop: Shop, started: int, sink: SmtpSink) -> None:
    write(shop, started, "um", "dois")
    sink.plan["DOT"] = [drop]
    with Post(shop, sink.port) as post:
        post.until(lambda: post.states() == ["in doubt", "sent"])


def test_m5_a_customer_whom_the_server_wants_later_gets_it_later_and_not_only_the_copy(
    shop: Shop, started: int, sink: SmtpSink
) -> None:
    draft = replace(drafts.begin(shop.desk, started, actor=shop.bia), body="um", cc="lia@x.example")
    assert isinstance(correspondence.send(shop.desk, draft, actor=shop.bia), Sent)
    due(shop)
    sink.plan["RCPT marina@clientes.example"] = ["450 4.7.1 greylisted"]
    with Post(shop, sink.port) as post:
        post.until(lambda: shop.desk.db.rows("SELECT answer FROM outbox")[0][0])
        assert (post.states(), sink.kept) == (["queued"], [])
        due(shop)
        post.until(lambda: post.states() == ["sent"])
    assert [k.recipients for k in sink.kept] == [("marina@clientes.example", "lia@x.example")]


def outage() -> sqlite3.OperationalError:
    return sqlite3.OperationalError("disk I/O error")


def test_m5_the_database_away_after_the_server_said_yes_sends_nothing_twice(
    shop: Shop, started: int, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(shop, started, "um", "dois")
    real, times = outbox.settle, iter(range(100))

    def settle(*args: object) -> None:
        if next(times) < 2:
            raise outage()
        real(*args)

    monkeypatch.setattr(outbox, "settle", settle)
    with Post(shop, sink.port) as post:
        post.until(lambda: post.states() == ["sent", "sent"])
    assert len(sink.kept) == 2


@pytest.mark.parametrize(("broken", "after"), [("claim", "queued"), ("hand_over", "queued"), ("settle", "in doubt")])
def test_m5_what_a_broken_run_of_the_same_sender_left_is_judged_by_its_next_run(
    shop: Shop, started: int, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch, broken: str, after: str
) -> None:
    """Something nobody thought of breaks after the claim, before DATA, or after the server's yes."""
    write(shop, started, "um")
    real, times = getattr(outbox, broken), iter(range(100))

    def breaks(*args: object) -> object:
        if next(times) == 0:
            if broken == "claim":
                real(*args)
            raise ZeroDivisionError
        return real(*args)

    monkeypatch.setattr(outbox, broken, breaks)
    with Post(shop, sink.port) as post:
        post.until(lambda: post.states() == ["sent" if after == "queued" else after])
        post.until(lambda: post.said[-1] == (True, ""))
    assert len(sink.kept) == 1


def test_m5_m6_who_lost_the_lease_in_the_middle_cannot_touch_what_its_successor_claimed(
    shop: Shop, started: int, events: Events
) -> None:
    write(shop, started, "um")
    mailbox = ensure(shop.desk, MAILBOX)
    (old,) = outbox.claim(shop.desk, mailbox, "old/1")
    outbox.recover(shop.desk, mailbox)
    (new,) = outbox.claim(shop.desk, mailbox, "new/1")
    outbox.release(shop.desk, [old])
    outbox.settle(shop.desk, old, Delivered("retry", "451 later"))
    assert shop.desk.db.rows("SELECT state, claimed_by FROM outbox") == [("claimed", "new/1")]

    import asyncio

    class Server:
        async def deliver(self, raw: bytes, sender: str, to: object, before_data: Callable, __: object) -> Delivered:
            await before_data()
            return Delivered("sent", "250 ok")

    assert asyncio.run(outbox.hand_over(shop.desk, Server(), old)) is None  # type: ignore[arg-type]
    assert asyncio.run(outbox.hand_over(shop.desk, Server(), new)).state == "sent"  # type: ignore[arg-type, union-attr]
    outbox.settle(shop.desk, new, Delivered("sent", "250 ok"))
    outbox.settle(shop.desk, new, Delivered("sent", "250 ok"))
    assert [k for k, __ in events(started)].count("mail accepted") == 1


def test_m5_an_answer_that_comes_after_the_successor_doubted_still_counts(shop: Shop, started: int) -> None:
    (id,) = write(shop, started, "um")
    mailbox = ensure(shop.desk, MAILBOX)
    (old,) = outbox.claim(shop.desk, mailbox, "old/1")
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET state = 'data' WHERE id = :id", {"id": id})
    outbox.recover(shop.desk, mailbox)
    correspondence.retry(shop.desk, id, actor=shop.bia)
    outbox.settle(shop.desk, old, Delivered("sent", "250 ok"))
    assert outbox.claim(shop.desk, mailbox, "new/1") == [], "it has left: it does not leave again"


def test_m6_one_place_says_how_all_mail_is_and_a_trouble_stands_until_its_part_is_well() -> None:
    said: list[MailHealth] = []
    health = Health(said.append)
    health.say("a@x", "poll", True, "a is up to date", 5)
    health.say("b@x", "send", False, "sending fails: 535")
    health.say("a@x", "poll", True, "a is up to date", 9)
    assert (said[-1].ok, said[-1].said, said[-1].at) == (False, "b@x: sending fails: 535", 9)
    health.well("b@x", "send")
    assert (said[-1].ok, said[-1].said) == (True, "a is up to date")
