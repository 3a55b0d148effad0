"""What the tests of a ticket's care share: reading events, and a second flow that bia works in too."""

import json
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal
from loop import reading
from loop.views import TicketView
from tests.loop.conftest import Shop


def history(shop: Shop, number: int) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, actor and data of a ticket's events, oldest first."""
    return [
        (kind, login or "—", json.loads(data) if isinstance(data, str) else data)
        for kind, login, data in shop.desk.db.rows(
            "SELECT e.kind, u.login, e.data FROM events e LEFT JOIN users u ON u.id = e.actor_id WHERE e.ticket = :n ORDER BY e.id",
            {"n": number},
        )
    ]


def seen(shop: Shop, number: int, actor: Actor | None = None) -> TicketView:
    """The ticket as the owner, or somebody else, sees it."""
    view = reading.ticket(shop.desk, number, actor=actor or shop.ana)
    assert not isinstance(view, Refusal), view
    return view


def both_flows(shop: Shop, login: str = "bia", role: str = "agent") -> Actor:
    """Make somebody a member of the other flow too."""
    with shop.desk.db.write() as work:
        work.run(
            "INSERT INTO flow_members (flow_id, user_id, role) SELECT :f, id, :r FROM users WHERE login = :l",
            {"f": shop.other_flow, "r": role, "l": login},
        )
    return shop.desk.actor(login)


def run(shop: Shop, sql: str, **values: Any) -> None:
    """Change rows behind the verbs' back."""
    with shop.desk.db.write() as work:
        work.run(sql, values)


def category(shop: Shop, name: str, parent: int | None = None, retired: bool = False) -> int:
    """A category; its id."""
    from storage.tables import Category

    with shop.desk.db.write() as work:
        return work.add(Category(name=name, parent_id=parent, retired_at=1 if retired else None)).id
