"""What of a rehearsed set could not be done, by the same decision that does it (A3): `domain.rule_effects`.

Asked are those actions that tickets can refuse: a ticket that is to be opened, people, phases.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.flows import Flow
from domain.rule_effects import State, carry_out
from domain.rules import RuleSet
from domain.ruling import Case, Hit
from loop.desk import Desk
from loop.flowing import read_flows
from loop.intaking import Home
from loop.newborn import state_of
from loop.rule_rehearsal_reading import Read
from loop.rule_world import _world


class Doing:
    """Counts what is left undone, chunk by chunk."""

    def __init__(self, desk: Desk, plan: RuleSet, homes: Mapping[int, Home]) -> None:
        self.desk, self.now = desk, desk.now()
        self.undone: Counter[str] = Counter()
        """By code, as `domain.rule_effects.undone_said` tells it."""
        then = plan.then
        self._plan = replace(plan, then=replace(then, categories=(), categorise=False, tags=(), priority=None, due_days=None, send=""))  # fmt: skip
        self._asks = bool(then.assignee or then.by_table or then.followers or then.phase)
        self._moves = bool(then.phase)
        flows = dict(desk.db.rows("SELECT name, id FROM flows"))
        self._home = homes.get(flows.get(then.open_in, -1)) if then.open_in else None
        self._opens = bool(then.open_in)
        self._flows: Mapping[int, Flow] = read_flows(desk.db.rows, flows.values()) if self._asks else {}
        self._world = _world(desk.db, {name: id for name, id in flows.items() if id in homes}) if self._asks else None

    def take(self, touched: Sequence[tuple[Read, Case, Hit]], internal: set[int]) -> None:
        """Look at some answers that the set would touch."""
        if self._opens:
            for one, __, __ in touched:
                if one.ticket is None and (why := self._unopened(one, internal)):
                    self.undone[why] += 1
        if not self._asks or self._world is None:
            return
        tickets = [one.ticket for one, __, __ in touched if one.ticket is not None]
        inside = ", ".join(map(str, tickets)) or "-1"
        here = {
            number: rest
            for number, *rest in self.desk.db.rows(
                f"SELECT number, phase_id, due_at, assignee_id FROM tickets WHERE number IN ({inside})"
            )
        }
        ticked: dict[int, set[int]] = {}
        people: dict[int, tuple[str, str, str]] = {}
        if self._moves:
            for ticket, item in self.desk.db.rows(f"SELECT ticket, item_id FROM ticks WHERE ticket IN ({inside})"):
                ticked.setdefault(ticket, set()).add(item)
            contacts = ", ".join(str(one.contact) for one, __, __ in touched if one.contact is not None) or "-1"
            people = {
                id: (name, email, phone)
                for id, name, email, phone in self.desk.db.rows(
                    f"SELECT id, name, email, phone FROM contacts WHERE id IN ({contacts})"
                )
            }
        for one, case, __ in touched:
            name, email, phone = people.get(one.contact or 0, ("", "", ""))
            if one.ticket in here and one.flow in self._flows:
                phase, due, assignee = here[one.ticket]
                state = State(
                    self._flows[one.flow], phase, one.priority or 2, due, assignee, name, email, phone,
                    ticked=frozenset(ticked.get(one.ticket, ())),
                )  # fmt: skip
            elif self._home is not None and not self._unopened(one, internal):
                state = state_of(self._home, self.now, customer=name, email=email, phone=phone)
            else:
                continue
            for __, why in carry_out(state, self._plan, (), case.attributes, self._world, self.now).get("undone", ()):
                self.undone[why] += 1

    def _unopened(self, one: Read, internal: set[int]) -> str:
        """Why no ticket would be opened, '' if one would."""
        if one.survey in internal:
            return "employees"
        if one.contact is None:
            return "unreachable"
        return "" if self._home else "no flow"
