"""Rules of time run once on a ticket, when their moment comes while they are on (A5, A6)."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.people import PROGRAM
from domain.rules import Moment
from loop import editing, outbox, rule_clock, tickets, transfers
from loop.loading import load
from loop.mailboxes import ensure
from loop.reopening import reopen
from loop.rule_clock import HOUR_MS, Clock, tick
from loop.rule_mail import write_due
from mail.delivery import Delivered
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, mail
from tests.loop.ruled import rule_set, text
from tests.loop.test_sending import write


def timed(shop: Shop, kind: str, hours: int, **more: Any) -> int:
    """A rule set of time that tags what it touches; its id."""
    actions = {"tags": ["tocado"], "priority": 1} | more.pop("actions", {})
    return rule_set(shop, "", f"{kind} {hours}", moment={"kind": kind, "hours": hours}, actions=actions, **more)


def touched(shop: Shop) -> list[int]:
    return [r[0] for r in shop.desk.db.rows("SELECT ticket FROM rule_hits ORDER BY ticket", {})]


def later(shop: Shop, hours: float) -> int:
    shop.clock.now += int(hours * HOUR_MS)
    return tick(shop.desk)


def test_a6_not_started_in_time_once(shop: Shop, events: Events) -> None:
    first = shop.answer()
    timed(shop, "not started", 4)
    second = shop.answer(email="b@x.example")
    third = shop.answer(email="c@x.example")
    assert first and second and third
    tickets.start(shop.desk, [third], actor=shop.bia)
    assert later(shop, 3.9) == 0
    assert later(shop, 0.2) == 2
    assert touched(shop) == [first, second], "the third was started"
    assert later(shop, 48) == tick(shop.desk) == 0
    assert [kind for kind, __ in events(second)] == ["opened", "tags", "priority"]
    run = shop.desk.db.rows("SELECT way, looked_at FROM rule_runs", {})
    assert [way for way, __ in run] == ["time"], "looks in which nothing happened are no runs"


def test_a6_the_moment_is_the_hour_itself(shop: Shop) -> None:
    timed(shop, "not started", 4)
    number = shop.answer()
    shop.clock.now += 4 * HOUR_MS - 1
    assert tick(shop.desk) == 0
    shop.clock.now += 1
    assert tick(shop.desk) == 1 and touched(shop) == [number]


def test_a6_a_ticket_that_was_started_once_is_not_one_that_nobody_started(shop: Shop, started: int) -> None:
    """Though it waits in a pending phase of another flow now."""
    timed(shop, "not started", 4)
    assert transfers.transfer(shop.desk, [started], shop.other_flow, "Novo", actor=shop.ana).done == (started,)
    assert later(shop, 5) == 0


def test_a5_not_on_what_came_true_before_it_was_on(shop: Shop, ticket: int) -> None:
    shop.clock.now += 5 * HOUR_MS
    timed(shop, "not started", 4)
    assert later(shop, 0.1) == later(shop, 24) == 0


def test_a6_due_in_so_many_hours(shop: Shop, ticket: int) -> None:
    """The shop's tickets are due three days after birth; a date that is brought nearer makes the moment come too."""
    other, third = shop.answer(email="b@x.example"), shop.answer(10, "Bom", email="c@x.example")
    assert other and third
    tickets.start(shop.desk, [other], actor=shop.bia)
    shop.clock.now += HOUR_MS
    timed(shop, "due in", 24)
    assert later(shop, 46) == 0
    assert later(shop, 1.1) == 3 and touched(shop) == [ticket, other, third]
    again = shop.answer(email="d@x.example")
    assert again and later(shop, 1) == 0
    editing.set_due(shop.desk, [again], shop.clock.now + HOUR_MS, actor=shop.bia)
    assert tick(shop.desk) == 1 and touched(shop)[-1] == again


def test_a6_overdue_before_it_was_on_is_the_past(shop: Shop, ticket: int) -> None:
    shop.clock.now += 71 * HOUR_MS
    timed(shop, "due in", 24)
    assert later(shop, 2) == 0
    editing.set_due(shop.desk, [ticket], shop.clock.now + 48 * HOUR_MS, actor=shop.bia)
    assert tick(shop.desk) == 0
    assert later(shop, 25) == 1, "due anew"


def test_a6_a_due_date_that_is_changed_is_another_moment(shop: Shop, ticket: int) -> None:
    """Though it was near before the set was on, and is near still."""
    timed(shop, "due in", 100)
    assert later(shop, 1) == 0, "that was so before"
    editing.set_due(shop.desk, [ticket], shop.clock.now + 50 * HOUR_MS, actor=shop.bia)
    assert later(shop, 0.1) == 1


def test_a6_due_in_so_many_hours_is_so_at_the_hour_itself(shop: Shop, ticket: int) -> None:
    """The shop's tickets are due three days after birth."""
    timed(shop, "due in", 24)
    shop.clock.now += 48 * HOUR_MS - 1
    assert tick(shop.desk) == 0
    shop.clock.now += 1
    assert tick(shop.desk) == 1


def test_a6_a_ticket_that_comes_back_is_due_in_so_many_hours_anew(shop: Shop, started: int) -> None:
    """A6, M9: closed, it waits for nothing; reopened, its new due date is the moment's, though it is nearer already."""
    for item in range(1, 20):
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="Troca").done
    timed(shop, "due in", 100)
    assert later(shop, 1) == 0
    with shop.desk.db.write() as work:
        reopen(work, load(work, [started], PROGRAM)[started], shop.clock.now)
    assert later(shop, 0.1) == 1 and touched(shop) == [started]


def test_a6_a_ticket_that_comes_into_another_flow_is_due_there_too(shop: Shop, ticket: int) -> None:
    """A6: a set is about flows; for a ticket that is moved there the moment comes then."""
    timed(shop, "due in", 100)
    assert later(shop, 1) == 0, "that was so before"
    done = transfers.transfer(shop.desk, [ticket], shop.other_flow, None, actor=shop.ana)
    assert done.done == (ticket,)
    assert later(shop, 0.1) == 1


def sent(shop: Shop) -> None:
    box = ensure(shop.desk, MAILBOX)
    for letter in outbox.claim(shop.desk, box, "w"):
        outbox.settle(shop.desk, letter, Delivered("sent", "250 ok"))


def test_a6_no_reply_to_our_last_message(shop: Shop, started: int) -> None:
    timed(shop, "no reply", 48)
    assert later(shop, 72) == 0, "nobody wrote to them"
    write(shop, started, "Oi")
    sent(shop)
    assert later(shop, 47) == 0
    post = Post(shop)
    post(mail("Ok", "Marina <marina@clientes.example>", f"Re: [#{started}]"))
    assert later(shop, 72) == 0, "they answered"
    write(shop, started, "Resolvido?")
    sent(shop)
    assert later(shop, 47) == 0 and later(shop, 2) == 1
    assert later(shop, 100) == 0


def test_a5_a_message_that_waited_too_long_before_it_was_on_is_the_past(shop: Shop, started: int) -> None:
    write(shop, started, "Oi")
    sent(shop)
    shop.clock.now += 49 * HOUR_MS
    timed(shop, "no reply", 48)
    assert later(shop, 0) == later(shop, 24) == 0


def test_a6_a_rules_message_waits_for_a_reply_too(shop: Shop, started: int) -> None:
    from tests.loop.ruled import hit, newest

    text(shop, klass="detractor")
    hit(shop, rule_set(shop), newest(shop), ticket=started)
    timed(shop, "no reply", 2)
    write_due(shop.desk, MAILBOX)
    sent(shop)
    assert later(shop, 3) == 1


def test_a6_other_conditions_hold_too_and_are_asked_again_when_a_ticket_changes(shop: Shop, ticket: int) -> None:
    timed(shop, "not started", 1, tags=["vip"])
    clock = Clock(shop.desk)
    shop.clock.now += 2 * HOUR_MS
    assert clock.tick() == clock.tick() == 0
    editing.tag(shop.desk, [ticket], ["vip"], actor=shop.bia)
    assert clock.tick() == 1
    assert clock.tick() == 0


def test_a6_what_does_not_fit_is_read_once(shop: Shop, ticket: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tickets that a set is not about are not looked at each minute anew."""
    timed(shop, "not started", 1, classes=["promoter"])
    clock, asked = Clock(shop.desk), list[list[int]]()
    real = Clock._held
    monkeypatch.setattr(
        Clock, "_held", lambda self, run, one, numbers: (asked.append(numbers), real(self, run, one, numbers))[1]
    )
    shop.clock.now += 2 * HOUR_MS
    for __ in range(3):
        assert clock.tick() == 0
    assert asked == [[ticket]]


def test_a5_never_on_closed_merged_or_archived_tickets_nor_when_off(shop: Shop, started: int) -> None:
    rule = timed(shop, "due in", 24)
    for change, back in (
        ("status = 2", "status = 1"),
        ("archived = true", "archived = false"),
        ("merged_into = number", "merged_into = NULL"),
    ):
        with shop.desk.db.write() as work:
            work.run(f"UPDATE tickets SET {change}", {})
        assert later(shop, 71 if change == "status = 2" else 0) == 0
        with shop.desk.db.write() as work:
            work.run(f"UPDATE tickets SET {back}", {})
    with shop.desk.db.write() as work:
        work.run("UPDATE rule_sets SET active = false", {})
    assert tick(shop.desk) == 0
    with shop.desk.db.write() as work:
        work.run("UPDATE rule_sets SET active = true WHERE id = :id", {"id": rule})
    assert tick(shop.desk) == 1


def test_a6_two_that_look_at_once_touch_a_ticket_once(shop: Shop, ticket: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have seen that its moment came; the second to have it locked finds it met."""
    timed(shop, "not started", 1)
    shop.clock.now += 2 * HOUR_MS
    real, others = Clock._held, list[int]()

    def held(self: Clock, run: Any, one: Any, numbers: Sequence[int]) -> list[int]:
        found = real(self, run, one, list(numbers))
        if not others:
            others.append(0)
            others.append(tick(shop.desk))
        return found

    monkeypatch.setattr(Clock, "_held", held)
    assert tick(shop.desk) == 0 and others == [0, 1]
    assert len(shop.desk.db.rows("SELECT 1 FROM rule_hits", {})) == 1


def test_a6_one_that_was_started_in_the_same_moment_is_left_alone(
    shop: Shop, ticket: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed(shop, "not started", 1)
    shop.clock.now += 2 * HOUR_MS
    real = Clock._held

    def held(self: Clock, run: Any, one: Any, numbers: list[int]) -> list[int]:
        found = real(self, run, one, numbers)
        tickets.start(shop.desk, [ticket], actor=shop.bia)
        return found

    monkeypatch.setattr(Clock, "_held", held)
    assert tick(shop.desk) == 0 and touched(shop) == []


@pytest.mark.parametrize("kind", ["not started", "due in"])
def test_a6_the_look_goes_by_an_index(shop: Shop, kind: str) -> None:
    """No ticket that is not about to come is read (SQLite says how it looks)."""
    if shop.desk.db.dialect != "sqlite":
        return
    sql, values = rule_clock._come(rule_clock._Set(1, Moment(kind, 4), 1), shop.clock.now, 0)  # type: ignore[arg-type]
    plan = " · ".join(str(row[-1]) for row in shop.desk.db.rows(f"EXPLAIN QUERY PLAN {sql}", values))
    assert "SCAN t" not in plan and "INTEGER PRIMARY KEY (rowid>" not in plan, plan
    assert ("born_at>?" if kind == "not started" else "rank>?") in plan, plan
