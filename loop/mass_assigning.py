"""Giving many tickets by hand to whom a table of managers names for each: store X → its manager (A3, A7, T3)."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain import tickets as rules
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rule_effects import looked_up
from loop import tickets
from loop.desk import Desk
from loop.flow_plans import decoded
from loop.loading import Loaded
from loop.rule_world import table_of
from loop.views import Done


class ByTable:
    """Looks at the attributes that a rule looks at: the answer's, or the customer's of a ticket without an answer."""

    def __init__(self, desk: Desk, table: int, actor: Actor) -> None:
        self._desk, self._actor = desk, actor
        found = desk.db.rows("SELECT attribute, entries FROM manager_tables WHERE id = :id", {"id": table})
        self._table = table_of(*found[0]) if found else None
        self._logins = dict(desk.db.rows("SELECT id, login FROM users"))

    def __call__(self, piece: tuple[int, ...]) -> Done:
        named = self.logins(piece)

        def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
            if why := rules.may_assign(actor, one.ticket):
                return why
            if self._table is None:
                return refuse("not here")
            login = named.get(one.row.number)
            if not login:
                return refuse("no manager")
            return tickets.assign_one(work, one, login, actor, self._desk.now())

        return tickets.on_each(self._desk, piece, self._actor, act)

    def logins(self, numbers: Iterable[int]) -> Mapping[int, str]:
        """Whom the table names for each; not in the answer where it names nobody."""
        inside = ", ".join(str(int(n)) for n in numbers)
        if not inside or self._table is None:
            return {}
        found: dict[int, str] = {}
        for number, answer, of_answer, of_customer in self._desk.db.rows(
            "SELECT t.number, a.id, a.attributes, c.attributes FROM tickets t LEFT JOIN answers a ON a.id = t.answer_id"
            f" LEFT JOIN contacts c ON c.id = t.contact_id WHERE t.number IN ({inside})"
        ):
            attributes = decoded(of_customer if answer is None else of_answer) or {}
            if login := self._logins.get(looked_up(self._table, attributes)):
                found[number] = login
        return found
