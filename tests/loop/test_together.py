"""Several at once, on both databases: exactly one wins, nothing twice, nobody waits for ever."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from domain.answers import NPS, Answer
from domain.tickets import Priority
from loop import answers, drafts, receiving, tickets
from loop.mailboxes import ensure
from loop.views import Draft
from mail.mailbox import Cursor, Fetched
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.test_tickets import items

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, all let go at the same moment, each in a thread."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(i: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[i] = act()
        except Exception as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not [r for r in results if isinstance(r, Exception)], results
    return results


def version(shop: Shop, number: int) -> int:
    return shop.desk.db.rows("SELECT version FROM tickets WHERE number = :n", {"n": number})[0][0]


def test_t2_two_start_one_ticket_and_one_of_them_does(shop: Shop, ticket: int, events: Events) -> None:
    bia, caio = shop.bia, shop.caio
    done = together(*[lambda a=a: tickets.start(shop.desk, [ticket], actor=a) for a in (bia, caio, bia, caio)])
    assert sorted(len(d.done) for d in done) == [0, 0, 0, 1]
    assert {d.why.code for d in done if d.why} == {"already started"}
    assert [k for k, __ in events(ticket)] == ["opened", "started"]
    assert version(shop, ticket) == 2


def test_p7_two_tick_and_close_at_once_and_each_act_is_there_once(shop: Shop, started: int, events: Events) -> None:
    bia, caio, (one, two) = shop.bia, shop.caio, items(shop, started)
    together(
        *[lambda a=a, i=i: tickets.tick(shop.desk, started, i, actor=a) for a in (bia, caio) for i in (one, two)],
        lambda: tickets.prioritise(shop.desk, [started], Priority.HIGH, actor=caio),
    )
    kinds = [k for k, __ in events(started)]
    assert (kinds.count("ticked"), kinds.count("priority")) == (2, 1)
    done = together(
        *[lambda a=a: tickets.close(shop.desk, [started], resolution=a.login, actor=a) for a in (bia, caio)]
    )
    assert sorted(len(d.done) for d in done) == [0, 1]
    assert [k for k, __ in events(started)].count("closed") == 1


def test_q4_sets_that_overlap_in_other_orders_do_not_embrace(shop: Shop) -> None:
    numbers = [shop.answer(email=f"c{i}@clientes.example") for i in range(12)]
    bia, caio = shop.bia, shop.caio
    done = together(
        lambda: tickets.start(shop.desk, numbers, actor=bia),
        lambda: tickets.start(shop.desk, numbers[::-1], actor=caio),
        lambda: tickets.start(shop.desk, numbers[3:9], actor=bia),
    )
    assert sorted(n for d in done for n in d.done) == sorted(numbers)


def test_i1_two_imports_of_one_file_neither_fail_nor_double(shop: Shop) -> None:
    rows = [Answer(str(i), 2, f"n {i}", AT, "A", f"a{i % 40}@clientes.example") for i in range(120)]
    ana = shop.ana
    reports = together(*[lambda: answers.take(shop.desk, "P", rows, actor=ana, scale=NPS) for __ in range(3)])
    assert sorted((r.imported, r.duplicates) for r in reports) == [(0, 120), (0, 120), (120, 0)]
    count = {t: shop.desk.db.rows(f"SELECT COUNT(*) FROM {t}")[0][0] for t in ("answers", "tickets", "contacts")}
    assert count == {"answers": 120, "tickets": 120, "contacts": 40}


def test_m8_two_receivers_and_an_import_make_one_customer_and_one_outcome_a_mail(shop: Shop) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    with shop.desk.db.write() as work:
        work.run("UPDATE mailboxes SET unknown_sender = 'ticket' WHERE id = :m", {"m": mailbox})
    mails = [
        b"From: N <n%d@clientes.example>\r\nMessage-ID: <%d@x>\r\nSubject: s\r\n\r\noi %d" % (i % 3, i, i)
        for i in range(9)
    ]
    twice = mails + mails  # as when one mail is in two folders
    receiving.keep(shop.desk, mailbox, [Fetched(i, 9, len(m), m) for i, m in enumerate(twice, 1)], Cursor(9, 18))
    row = Answer("1", 2, "x", AT, "N", "n1@clientes.example")
    ana = shop.ana
    together(
        *[lambda: receiving.process(shop.desk) for __ in range(3)],
        lambda: answers.take(shop.desk, "P", [row], actor=ana, scale=NPS),
    )
    outcomes = dict(shop.desk.db.rows("SELECT outcome, COUNT(*) FROM inbound GROUP BY outcome"))
    assert outcomes == {"new": 9, "duplicate": 9}
    assert shop.desk.db.rows("SELECT COUNT(*) FROM contacts")[0][0] == 3
    assert shop.desk.db.rows("SELECT COUNT(*) FROM messages")[0][0] == 9


def test_m4_a_draft_saved_from_two_places_is_one(shop: Shop, started: int) -> None:
    bia = shop.bia
    together(
        *[
            lambda i=i: drafts.save(shop.desk, Draft(started, "a@b.example", "", "s", f"texto {i}"), actor=bia)
            for i in range(4)
        ]
    )
    kept = drafts.load(shop.desk, started, actor=bia)
    assert kept and kept.body.startswith("texto")
    assert shop.desk.db.rows("SELECT COUNT(*) FROM drafts") == [(1,)]


def test_t4_a_mail_that_comes_in_while_a_set_is_changed_is_not_lost(shop: Shop, events: Events) -> None:
    """Receiving touches tickets in the order of the mails, a set in the order of the numbers: they may embrace."""
    numbers = [shop.answer(email=f"c{i}@clientes.example") for i in range(6)]
    tickets.start(shop.desk, numbers, actor=shop.bia)
    mailbox = ensure(shop.desk, MAILBOX)
    mails = [
        b"From: c%d@clientes.example\r\nMessage-ID: <%d@x>\r\nSubject: Re: x [#%d]\r\n\r\noi" % (i, i, numbers[i])
        for i in range(5, -1, -1)
    ]
    receiving.keep(shop.desk, mailbox, [Fetched(i, 9, len(m), m) for i, m in enumerate(mails, 1)], Cursor(9, 6))
    caio = shop.caio
    together(
        lambda: receiving.process(shop.desk),
        *[
            lambda p=p: tickets.prioritise(shop.desk, numbers, p, actor=caio)
            for p in (Priority.HIGH, Priority.LOW, Priority.HIGH)
        ],
    )
    assert all([k for k, __ in events(n)].count("mail in") == 1 for n in numbers)
