"""A closed ticket that comes back finds somebody who is there (M9, P4)."""

import pytest

from domain.people import PROGRAM
from loop import flows, people, tickets
from loop.loading import load
from loop.reopening import reopen
from tests.loop.conftest import Events, Shop


@pytest.mark.parametrize("heir", ["caio", ""])
def test_p4_a_ticket_that_comes_back_to_who_left_is_the_default_assignees_or_nobodys(
    shop: Shop, started: int, events: Events, heir: str
) -> None:
    for item in range(1, 20):
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="Troca").done
    if heir:
        with shop.desk.db.write() as work:
            ids = {"u": shop.caio.id, "f": shop.flow}
            work.run("UPDATE flows SET default_assignee_id = :u WHERE id = :f", ids)
    people.deactivate(shop.desk, "bia", actor=shop.ana)
    assert flows.plan(shop.desk, shop.flow, actor=shop.ana).default_assignee == heir  # type: ignore[union-attr]
    with shop.desk.db.write() as work:
        assert reopen(work, load(work, [started], PROGRAM)[started], shop.clock.now) == started
    ((login,),) = shop.desk.db.rows(
        "SELECT u.login FROM tickets t LEFT JOIN users u ON u.id = t.assignee_id WHERE t.number = :n", {"n": started}
    )
    assert login == (heir or None)
    assert [kind for kind, __ in events(started)][-2:] == ["reopened", "assigned"]


def test_m9_who_had_it_and_is_there_has_it_again(shop: Shop, started: int, events: Events) -> None:
    for item in range(1, 20):
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="Troca").done
    with shop.desk.db.write() as work:
        reopen(work, load(work, [started], PROGRAM)[started], shop.clock.now)
    assert events(started)[-1][0] == "reopened"
