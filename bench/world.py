"""`python -m bench.world --tickets N --db URL`: a world of N tickets, the same for the same seed and --now.

Two hundred flows from a hundred thousand tickets on (else three), twenty users of whom the one who runs it is owner,
1.2 answers, two messages and five events a ticket on average, and one ticket with a thousand events.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.bulk import Bulk, bulk
from bench.words import comments, people
from domain.answers import subject_for
from domain.people import Level, Role
from domain.tickets import queue_rank
from loop.desk import open_database, system_login
from loop.flow_plans import new_plan
from loop.flow_writing import write_new
from storage.database import Database
from storage.tables import (
    Answer,
    Contact,
    Event,
    FlowMember,
    Message,
    Note,
    SearchText,
    Setting,
    Survey,
    TicketRow,
    TokenKeyRow,
    User,
)

NOW_MS = 1_795_176_000_000
"""The moment that all dates are reckoned from unless told otherwise: 20 November 2026, noon UTC."""
ADDRESS = "sac@lojabench.example"
LONG = 7
"""The number of the ticket with a thousand events."""
USERS = 20
BATCH = 5_000
_DAY = 86_400_000
_HOUR = 3_600_000

_CONTACT = ("id", "key", "name", "email", "phone", "created_at")
_ANSWER = ("id", "survey_id", "external_id", "content_hash", "contact_id", "score", "klass", "comment", "answered_at",
           "imported_at")  # fmt: skip
_TICKET = ("number", "subject", "description", "flow_id", "phase_id", "status", "priority", "klass", "score", "survey_id", "contact_id",
           "answer_id", "assignee_id", "created_at", "born_at", "due_at", "rank", "started_at", "started_by", "closed_at", "resolution",
           "unanswered", "last_in_at", "last_out_at")  # fmt: skip
_SEARCH = ("ticket", "words")
_NOTE = ("id", "ticket", "author_id", "body", "at")
_MESSAGE = ("id", "ticket", "outgoing", "author_id", "at", "sender_name", "sender_address", "recipients", "subject", "text",
            "message_id", "in_reply_to")  # fmt: skip
_EVENT = ("ticket", "at", "kind", "actor_id", "actor_kind", "note_id", "message_id", "data")


@dataclass(frozen=True)
class _Flow:
    id: int
    phases: tuple[int, ...]
    """Pending, two in progress, two closed."""


def make(url: str, tickets: int, *, now: int = NOW_MS, seed: int = 1) -> None:
    """Make the database and fill it. ValueError if it has tickets already."""
    database = open_database(url, make=True)
    try:
        if database.rows("SELECT 1 FROM tickets LIMIT 1"):
            raise ValueError("there are tickets in this database already")
        flows = _found(database, tickets, now)
        database.close()
        with bulk(database) as into:
            _World(into, flows, now, Random(seed)).fill(tickets)
    finally:
        database.close()


def _found(database: Database, tickets: int, now: int) -> list[_Flow]:
    """Users, flows, surveys and what else `retorno init` makes."""
    with database.write() as work:
        work.add(Setting(name="personal", value="1"))
        # The same in each world, so that worlds are the same: worth nothing outside of measurements.
        work.add(TokenKeyRow(purpose="mail", secret=bytes(range(32)), created_at=now - 400 * _DAY))
        levels = {0: Level.OWNER, 1: Level.ADMINISTRATOR, USERS - 1: Level.ANALYST}
        users = []
        for i in range(USERS):
            login = f"u{i}" if i else system_login()
            level = levels.get(i, Level.AGENT).value
            row = User(login=login, name=f"Pessoa {i}", email=f"u{i}@lojabench.example", level=level, created_at=now)
            users.append(work.add(row).id)
        count = 200 if tickets >= 100_000 else 3
        made = [write_new(work, new_plan("pt", f"Fluxo {i + 1:03}"), now) for i in range(count)]
        for i, user in enumerate(users[1:], start=1):
            # The first sees every flow, the second half of them, the third three, others five each.
            mine = (
                made
                if i == 1
                else made[: (count + 1) // 2]
                if i == 2
                else [made[(i * 11 + k) % count] for k in range(3 if i == 3 else 5)]
            )
            role = Role.ANALYST if i == USERS - 1 else Role.AGENT
            work.insert(
                FlowMember, [{"flow_id": flow, "user_id": user, "role": role.value} for flow in dict.fromkeys(mine)]
            )
        for name in ("Pós-compra", "Entrega", "Assistência"):
            work.add(Survey(name=name, created_at=now))
        found: dict[int, list[int]] = {}
        for flow, phase in work.rows("SELECT flow_id, id FROM phases ORDER BY flow_id, position"):
            found.setdefault(flow, []).append(phase)
    return [_Flow(id, tuple(found[id])) for id in made]


class _World:
    """Makes the rows, ticket after ticket, and hands them on in batches."""

    def __init__(self, into: Bulk, flows: list[_Flow], now: int, random: Random) -> None:
        self.into, self.flows, self.now, self.random = into, flows, now, random
        self.comments, self.people = comments(random), people()
        # Few flows have most of the tickets, as shops have it.
        weights = [1 / (i + 3) for i in range(len(flows))]
        self.flow_of = random.choices(flows, weights, k=10_007)
        self.subjects: dict[tuple[int, int], str] = {}
        self.ids = {"contact": 0, "answer": 0, "note": 0, "message": 0}
        self.rows: dict[Any, list[tuple[Any, ...]]] = {}

    def fill(self, tickets: int) -> None:
        """Make tickets 1 to `tickets`, oldest first."""
        step = 180 * _DAY // max(1, tickets)
        for number in range(1, tickets + 1):
            self._ticket(number, self.now - (tickets - number) * step - self.random.randrange(_HOUR))
            if number % BATCH == 0:
                self._hand_on()
        self._hand_on()

    def _hand_on(self) -> None:
        for table, names in (
            (Contact, _CONTACT), (Answer, _ANSWER), (TicketRow, _TICKET), (SearchText, _SEARCH), (Note, _NOTE), (Message, _MESSAGE),
            (Event, _EVENT),
        ):  # fmt: skip
            if rows := self.rows.get(table):
                self.into.insert(table, names, rows)
        self.rows = {}

    def _put(self, table: Any, row: tuple[Any, ...]) -> None:
        rows = self.rows.get(table)
        if rows is None:
            rows = self.rows[table] = []
        rows.append(row)

    def _next(self, name: str) -> int:
        self.ids[name] += 1
        return self.ids[name]

    def _contact(self, at: int) -> tuple[int, str, str, str]:
        """A new customer, or for one ticket in eight one who is here already: id, name, folded, address."""
        id = self.ids["contact"]
        again = id > 50 and self.random.random() < 0.125
        id = self.random.randrange(1, id) if again else self._next("contact")
        name, plain, left = self.people[id * 7919 % len(self.people)]
        email = f"{left}.{id}@clientes.example"
        if not again:
            phone = f"+55119{id % 100_000_000:08}" if id % 3 else ""
            self._put(Contact, (id, f"e:{email}", name, email, phone, at))
        return id, name, plain, email

    def _answer(self, contact: int, survey: int, score: int, comment: str, at: int) -> int:
        id = self._next("answer")
        klass = 0 if score <= 6 else 1 if score <= 8 else 2
        self._put(Answer, (id, survey, f"B-{id:08}", f"{id:040x}", contact, score, klass, comment, at, at + _HOUR))
        return id

    def _ticket(self, number: int, at: int) -> None:
        chance = self.random.random
        flow = self.flow_of[number * 31 % len(self.flow_of)]
        contact, name, plain, email = self._contact(at)
        which = self.random.randrange(len(self.comments))
        comment, folded = self.comments[which]
        score = min(10, int(chance() * 11) if chance() < 0.75 else int(chance() * 7))
        klass = 0 if score <= 6 else 1 if score <= 8 else 2
        survey = 1 + number % 3
        if chance() < 0.2:
            self._answer(contact, survey, 9 + number % 2, "Tudo certo.", at - 20 * _DAY)
        answer = self._answer(contact, survey, score, comment, at)
        born = at + _HOUR
        aged = (self.now - born) / _DAY
        status = 2 if chance() < min(0.95, aged / 30) else 1 if chance() < 0.4 else 0
        if number == LONG:
            status = 1
        phase = flow.phases[(0, 1 + number % 2, 3 + number % 2)[status]]
        priority = 1 if chance() < 0.15 else 3 if chance() < 0.3 else 2
        due = None if number % 50 == 0 else born + int(_DAY * (1 + 6 * chance()))
        who = None if not status and chance() < 0.7 else 1 if chance() < 0.15 else 2 + int(chance() * (USERS - 2))
        started = born + int(chance() * 20 * _HOUR) if status else None
        events = [(number, born, "opened", None, "program", None, None, f'{{"score": {score}}}')]
        last_in = last_out = closed = None
        clock = started or born
        if started:
            events.append((number, started, "started", who, "person", None, None, "{}"))
            many = 998 if number == LONG else int(chance() * 6)
            for i in range(many):
                clock += int(chance() * (5 if many > 10 else 24) * _HOUR)
                if i % 9 == 2 or (i == 1 and many == 5):
                    events.append(
                        (number, clock, "note", who, "person", self._note(number, who, comment, clock), None, "{}")
                    )
                    continue
                outgoing = i % 2 == 0
                message = self._message(number, outgoing, who, name, email, comment, clock)
                kind, kind_of = ("mail out", "person") if outgoing else ("mail in", "customer")
                events.append((number, clock, kind, who if outgoing else None, kind_of, None, message, "{}"))
                if outgoing:
                    last_out = clock
                else:
                    last_in = clock
            if status == 2:
                closed = clock + int(chance() * 30 * _HOUR)
                events.append((number, closed, "closed", who, "person", None, None, "{}"))
        waits = status == 1 and last_in is not None and (last_out is None or last_in > last_out)
        rows = self.rows.setdefault(Event, [])
        rows.extend(events)
        subject = self.subjects.get((which, score))
        if subject is None:
            subject = self.subjects[which, score] = subject_for(comment, "Pós-compra", score)
        self._put(
            TicketRow,
            (number, subject, comment, flow.id, phase, status, priority, klass, score, survey, contact, answer, who, at, born, due,
             queue_rank(priority, klass, due), started, who if started else None, closed,
             "Combinado com o cliente." if closed else "", waits, last_in, last_out),
        )  # fmt: skip
        self._put(SearchText, (number, f"{folded} {plain} {email}"))

    def _note(self, number: int, who: int | None, comment: str, at: int) -> int:
        id = self._next("note")
        self._put(Note, (id, number, who, f"O cliente disse: {comment}", at))
        return id

    def _message(self, number: int, out: bool, who: int | None, name: str, email: str, comment: str, at: int) -> int:
        id = self._next("message")
        sender = ("Loja Bench", ADDRESS, f'[["{name}", "{email}"]]') if out else (name, email, f'[["", "{ADDRESS}"]]')
        text = f"Olá, {name}.\n\nObrigado por escrever.\n\nEquipe" if out else comment
        names = (
            (f"bench.{id}@lojabench.example", "")
            if out
            else (f"c{id}@clientes.example", f"bench.{id - 1}@lojabench.example")
        )
        self._put(
            Message, (id, number, out, who if out else None, at, *sender, f"Sua resposta [#{number}]", text, *names)
        )
        return id


def main(argv: list[str] | None = None) -> int:
    """The command."""
    asked = argparse.ArgumentParser(prog="python -m bench.world", description="make a world of N tickets")
    asked.add_argument("--tickets", type=int, required=True)
    asked.add_argument("--db", required=True, help="sqlite:////path/to/file or postgresql://user@host/name")
    asked.add_argument("--now", type=int, default=NOW_MS, help="Unix ms that dates are reckoned from")
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args(argv)
    began = time.monotonic()
    try:
        make(options.db, options.tickets, now=options.now, seed=options.seed)
    except ValueError as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    sys.stdout.write(f"{options.tickets} tickets in {time.monotonic() - began:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
