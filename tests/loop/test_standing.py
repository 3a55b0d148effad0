"""Verbs ask what the actor may now, not what they might when their screen was read (P3, P4)."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from domain.flows import Status
from domain.people import Actor
from domain.refusals import Refusal
from domain.tickets import Priority
from loop import (
    activities,
    byhand,
    correspondence,
    customers,
    drafts,
    editing,
    flows,
    following,
    merging,
    notes,
    people,
    tickets,
    transfers,
)
from loop.desk import Desk
from loop.setup_views import Saved
from tests.loop.conftest import Shop

Verb = Callable[[Desk, Iterable[int], Actor], object]

VERBS: dict[str, Verb] = {
    "assign": lambda d, n, a: tickets.assign(d, n, None, actor=a),
    "close": lambda d, n, a: tickets.close(d, n, resolution="x", actor=a),
    "prioritise": lambda d, n, a: tickets.prioritise(d, n, Priority.HIGH, actor=a),
    "needs no answer": lambda d, n, a: tickets.needs_no_answer(d, n, actor=a),
    "subject": lambda d, n, a: editing.set_subject(d, n, "x", actor=a),
    "tag": lambda d, n, a: editing.tag(d, n, ["x"], actor=a),
    "follow": lambda d, n, a: following.follow(d, n, actor=a),
    "note": lambda d, n, a: notes.add(d, n, "x", actor=a),
    "activity": lambda d, n, a: activities.add(d, next(iter(n)), "x", actor=a),
    "merge": lambda d, n, a: merging.merge(d, n, next(iter(n)), actor=a),
    "transfer": lambda d, n, a: transfers.transfer(d, n, 1, None, actor=a),
}


def leave(shop: Shop, login: str) -> None:
    """The owner takes somebody off the flow, while that person's screen still shows it."""
    plan = flows.plan(shop.desk, shop.flow, actor=shop.ana)
    left = replace(plan, members=tuple(m for m in plan.members if m.name != login))
    assert isinstance(flows.save(shop.desk, left, actor=shop.ana), Saved)


def counts(shop: Shop) -> list[tuple[int, ...]]:
    return [tuple(shop.desk.db.rows(f"SELECT COUNT(*) FROM {table}")[0]) for table in ("events", "notes", "tickets")]


@pytest.mark.parametrize("verb", VERBS)
def test_p3_who_left_a_flow_changes_nothing_there_from_an_old_screen(shop: Shop, started: int, verb: str) -> None:
    bia = shop.bia
    leave(shop, "bia")
    before = counts(shop)
    done = VERBS[verb](shop.desk, [started], bia)
    assert (done.done, done.why.code) == ((), "no ticket")  # type: ignore[attr-defined]
    assert counts(shop) == before


def test_p3_who_left_opens_no_ticket_and_edits_no_customer_from_an_old_screen(shop: Shop, started: int) -> None:
    bia = shop.bia
    leave(shop, "bia")
    before = counts(shop)
    assert byhand.open_by_hand(shop.desk, flow_id=shop.flow, subject="x", name="x", actor=bia).code == "no flow"  # type: ignore[union-attr]
    ((contact,),) = shop.desk.db.rows("SELECT contact_id FROM tickets WHERE number = :n", {"n": started})
    for refused in (
        customers.edit(shop.desk, contact, {"name": "x"}, actor=bia),
        customers.merge(shop.desk, contact, contact + 1, actor=bia),
        customers.split(shop.desk, contact, actor=bia),
    ):
        assert refused.code == "no customer"  # type: ignore[union-attr]
    assert counts(shop) == before


def test_m1_who_left_sends_nothing_from_an_old_screen_and_the_draft_is_kept(shop: Shop, started: int) -> None:
    bia = shop.bia
    draft = replace(drafts.begin(shop.desk, started, actor=bia), body="Olá")
    drafts.save(shop.desk, draft, actor=bia)
    leave(shop, "bia")
    refused = correspondence.send(shop.desk, draft, actor=bia)
    assert isinstance(refused, Refusal) and refused.code == "no ticket"
    assert shop.desk.db.rows("SELECT COUNT(*) FROM outbox") == [(0,)]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM drafts") == [(1,)]


def test_p4_who_was_shut_out_changes_nothing_from_an_old_screen(shop: Shop, started: int) -> None:
    bia = shop.bia
    people.deactivate(shop.desk, "bia", actor=shop.ana)
    assert notes.add(shop.desk, [started], "x", actor=bia).why.code == "no ticket"  # type: ignore[union-attr]


def test_p4_an_administrator_who_leaves_a_flow_by_their_own_act_hands_over_what_they_had(
    shop: Shop, started: int
) -> None:
    """What follows from an act that was allowed is done, though the actor's right went with it."""
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET level = 'administrator' WHERE id = :u", {"u": shop.bia.id})
        work.run("UPDATE flow_members SET role = 'administrator' WHERE user_id = :u", {"u": shop.bia.id})
    bia = shop.desk.actor("bia")
    plan = flows.plan(shop.desk, shop.flow, actor=bia)
    left = replace(plan, members=tuple(m for m in plan.members if m.name != "bia"), default_assignee="")
    assert isinstance(flows.save(shop.desk, left, actor=bia), Saved)
    assert shop.desk.db.rows("SELECT assignee_id FROM tickets WHERE number = :n", {"n": started}) == [(None,)]
    assert plan.phases[0].status is Status.PENDING
