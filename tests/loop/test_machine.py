"""Random verbs by random people over a flow: what must hold does, whatever the order (P3, P4, P6, P7, T2–T6, Q1, Q3)."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.flows import Binding, Status
from domain.people import Actor
from domain.tickets import Priority, queue_rank
from loop import activities, editing, following, merging, notes, queue, reading, tickets, transfers
from loop.desk import Desk
from loop.views import Done, View
from tests.loop.conftest import Clock, Shop, people

WORKERS, READER, STRANGER = ("ana", "bia", "caio"), "rui", "davi"
PHASES = ("Novo", "Contato", "Solução", "Resolvido")
EVERYBODY = st.sampled_from((*WORKERS, *WORKERS, READER, STRANGER))
NUMBERS = st.sampled_from((0, 0, 0, 0, 1, 1, 2, 3))
"""Mostly the same ticket, which is started already, so that few steps lead far."""

QUICK = (Phase.explicit, Phase.generate)
"""Shrinking takes minutes, and the steps of a failure are few enough to be read."""


class Loop(RuleBasedStateMachine):
    """A small shop on SQLite; each act is compared with what the rows said before it."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "x.sqlite"
        shutil.copy(self.template, path)
        self.shop: Shop = people(f"sqlite:///{path}", Clock())
        self.desk: Desk = self.shop.desk
        self.actors: dict[str, Actor] = {login: self.desk.actor(login) for login in (*WORKERS, READER, STRANGER)}
        made = [self.shop.answer(score, email=f"c{score}@x.example") for score in (1, 7, 2)]
        self.numbers = [n for n in made if n] + [999]
        self.last = self.numbers[0]
        tickets.start(self.desk, self.numbers[:1], actor=self.actors["bia"])
        self.items = [i.id for p in queue.flows(self.desk, actor=self.actors["bia"])[0].phases for i in p.items]

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.close()
            self.folder.cleanup()

    def row(self, number: int) -> Mapping[str, Any]:
        names = (
            "status",
            "phase",
            "assignee_id",
            "priority",
            "klass",
            "due_at",
            "rank",
            "resolution",
            "closed_at",
            "version",
            "merged_into",
            "archived",
        )
        found = self.desk.db.rows(
            "SELECT t.status, p.name, t.assignee_id, t.priority, t.klass, t.due_at, t.rank, t.resolution, t.closed_at, t.version, t.merged_into, t.archived"
            " FROM tickets t JOIN phases p ON p.id = t.phase_id WHERE t.number = :n",
            {"n": number},
        )
        return dict(zip(names, found[0], strict=True)) if found else {}

    def events(self, number: int) -> list[tuple[str, int | None, dict[str, Any]]]:
        found = self.desk.db.rows(
            "SELECT kind, actor_id, data FROM events WHERE ticket = :n ORDER BY id", {"n": number}
        )
        return [(kind, actor, json.loads(data)) for kind, actor, data in found]

    def act(
        self, verb: Any, n: int, login: str, *kinds: str, **more: Any
    ) -> tuple[Done, int, Mapping[str, Any], Mapping[str, Any]]:
        """Do it; hold what is true of every act. The done, the number, the row before and after."""
        number, actor = self.numbers[n], self.actors[login]
        self.last = number
        before, past = self.row(number), self.events(number)
        self.shop.clock.now += 1000
        done: Done = verb(number, actor)
        after, new = self.row(number), self.events(number)[len(past) :]
        assert self.events(number)[: len(past)] == past, "nothing is removed (T8)"
        if login == STRANGER or number == 999:
            assert done.why and done.why.code in ("no ticket", "no activity"), (
                "who is no member never gets through (P3)"
            )
        if login == READER and kinds not in (("note",), ("followers",)):
            assert not done.done, "analysts change nothing but notes and what they follow (P4)"
        if not done.done:
            assert (after, new) == (before, []), "a refusal leaves nothing"
        else:
            assert len(new) <= len(kinds) and all(kind in kinds for kind, __, __ in new), new
            assert len({kind for kind, __, __ in new}) == len(new), "each act has exactly one event"
            assert all(who == actor.id for __, who, __ in new)
            assert after["version"] == before["version"] + 1
            for kind, __, data in new:
                if kind in ("started", "moved", "closed", "reopened"):
                    assert (data["old"], data["new"]) == (before["phase"], after["phase"])
            if after["phase"] != before["phase"] and new:
                assert new[0][0] in ("started", "moved", "closed", "reopened", "transferred")
        return done, number, before, after

    @rule(n=NUMBERS, who=EVERYBODY, take=st.booleans())
    def start(self, n: int, who: str, take: bool) -> None:
        done, __, before, after = self.act(
            lambda number, actor: tickets.start(self.desk, [number], actor=actor, take=take),
            n,
            who,
            "started",
            "assigned",
        )
        if done.done and not take:
            assert (before["status"], after["phase"]) == (0, "Contato")
        if done.done and take:
            assert after["assignee_id"] == self.actors[who].id

    @rule(n=NUMBERS, who=EVERYBODY, to=st.sampled_from((*WORKERS, READER, STRANGER, None, "ninguém")))
    def assign(self, n: int, who: str, to: str | None) -> None:
        done, __, before, __ = self.act(
            lambda number, actor: tickets.assign(self.desk, [number], to, actor=actor), n, who, "assigned"
        )
        if done.done:
            assert before["status"] != 0 and to not in (STRANGER, READER, "ninguém")

    @rule(n=NUMBERS, who=EVERYBODY, to=st.sampled_from(PHASES), words=st.sampled_from(("", "feito")))
    def move(self, n: int, who: str, to: str, words: str) -> None:
        self.moved(*self.act(
            lambda number, actor: tickets.move(self.desk, [number], to, actor=actor, resolution=words), n, who, "moved", "closed", "reopened"
        ))  # fmt: skip

    @rule(n=NUMBERS, who=EVERYBODY, words=st.sampled_from(("", "  ", "feito")))
    def close(self, n: int, who: str, words: str) -> None:
        done, *rest = self.act(
            lambda number, actor: tickets.close(self.desk, [number], resolution=words, actor=actor), n, who, "closed"
        )
        assert not done.done or words.strip()
        self.moved(done, *rest)

    def moved(self, done: Done, number: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if not done.done or PHASES.index(after["phase"]) < PHASES.index(before["phase"]):
            return
        assert before["status"] != 0, "out of pending only by starting (T2)"
        if before["phase"] == "Contato":
            ticked = {r[0] for r in self.desk.db.rows("SELECT item_id FROM ticks WHERE ticket = :n", {"n": number})}
            flow = queue.flows(self.desk, actor=self.actors["bia"])[0]
            held = {
                i.id for p in flow.phases if p.name == "Contato" and p.binding is Binding.MANDATORY for i in p.items
            }
            assert held and held <= ticked, "a mandatory checklist is never skipped forward (P7)"

    @rule(n=NUMBERS, who=EVERYBODY, priority=st.sampled_from(list(Priority)))
    def prioritise(self, n: int, who: str, priority: Priority) -> None:
        done, __, before, after = self.act(
            lambda number, actor: tickets.prioritise(self.desk, [number], priority, actor=actor), n, who, "priority"
        )
        if done.done:
            assert before["status"] != 0 and after["priority"] == priority

    @rule(n=NUMBERS, who=EVERYBODY, item=st.integers(0, 2), on=st.booleans())
    def tick(self, n: int, who: str, item: int, on: bool) -> None:
        self.act(
            lambda number, actor: tickets.tick(self.desk, number, self.items[item], actor=actor, on=on),
            n,
            who,
            "ticked",
            "unticked",
        )

    @precondition(lambda self: hasattr(self, "items"))
    @rule(n=NUMBERS, who=st.sampled_from(("bia", "caio")))
    def tick_all(self, n: int, who: str) -> None:
        for item in self.items:
            tickets.tick(self.desk, self.numbers[n], item, actor=self.actors[who])

    @rule(n=NUMBERS, who=EVERYBODY)
    def note(self, n: int, who: str) -> None:
        self.act(lambda number, actor: notes.add(self.desk, [number], f"de {who}", actor=actor), n, who, "note")

    @rule(n=NUMBERS, who=EVERYBODY, words=st.sampled_from(("", "Atraso", "Troca")))
    def subject(self, n: int, who: str, words: str) -> None:
        done, *__ = self.act(
            lambda number, actor: editing.set_subject(self.desk, [number], words, actor=actor), n, who, "subject"
        )
        assert not done.done or words

    @rule(n=NUMBERS, who=EVERYBODY, days=st.one_of(st.none(), st.integers(-3, 9)))
    def due(self, n: int, who: str, days: int | None) -> None:
        due = None if days is None else self.shop.clock.now + days * 86_400_000
        done, __, __, after = self.act(
            lambda number, actor: editing.set_due(self.desk, [number], due, actor=actor), n, who, "due"
        )
        assert not done.done or after["due_at"] == due

    @rule(n=NUMBERS, who=EVERYBODY, tag=st.sampled_from(("loja", "frete")), on=st.booleans())
    def tag(self, n: int, who: str, tag: str, on: bool) -> None:
        self.act(
            lambda number, actor: editing.tag(
                self.desk, [number], [tag] if on else [], [] if on else [tag], actor=actor
            ),
            n,
            who,
            "tags",
        )

    @rule(n=NUMBERS, who=EVERYBODY, on=st.booleans())
    def follow(self, n: int, who: str, on: bool) -> None:
        verb = following.follow if on else following.unfollow
        self.act(lambda number, actor: verb(self.desk, [number], actor=actor), n, who, "followers")

    @rule(n=NUMBERS, who=EVERYBODY, times=st.sampled_from((1, 1, 4)))
    def activity(self, n: int, who: str, times: int) -> None:
        for __ in range(times):
            before = self.activities(n)
            done, *__rest = self.act(
                lambda number, actor: activities.add(self.desk, number, "Ligar", actor=actor), n, who, "activity added"
            )
            assert len(self.activities(n)) == len(before) + len(done.done)

    @rule(n=NUMBERS, who=EVERYBODY, remove=st.booleans())
    def activity_done(self, n: int, who: str, remove: bool) -> None:
        for id in self.activities(n)[:1]:
            self.act(
                lambda number, actor: (
                    activities.remove(self.desk, id, actor=actor)  # noqa: B023
                    if remove
                    else activities.finish(self.desk, id, actor=actor)  # noqa: B023
                ),
                n,
                who,
                "activity removed",
                "activity done",
            )

    def activities(self, n: int) -> list[int]:
        found = self.desk.db.rows("SELECT id FROM activities WHERE ticket = :n ORDER BY id", {"n": self.numbers[n]})
        return [r[0] for r in found]

    @rule(n=NUMBERS, to=st.sampled_from((*PHASES, None)))
    def transfer_and_back(self, n: int, to: str | None) -> None:
        """By the owner, who alone works in both flows; a mandatory checklist is not got round by it."""
        done, number, before, after = self.act(
            lambda number, actor: transfers.transfer(self.desk, [number], self.shop.other_flow, to, actor=actor),
            n,
            "ana",
            "transferred",
        )
        if done.done and after["phase"] != before["phase"]:
            self.moved(done, number, before, after)
        if done.done:
            assert transfers.transfer(self.desk, [number], self.shop.flow, None, actor=self.actors["ana"]).done, (
                "back into the first phase of the status that it has"
            )

    @rule(n=NUMBERS, who=st.sampled_from(WORKERS))
    def merge_and_back(self, n: int, who: str) -> None:
        number, into = self.numbers[n], self.numbers[(n + 1) % 3]
        before, actor = self.row(number), self.actors[who]
        if merging.merge(self.desk, [number], into, actor=actor).done:
            here = [r.number for r in queue.page(self.desk, View(), actor=actor).rows]
            assert number not in here and into in here
            assert not tickets.prioritise(self.desk, [number], Priority.LOW, actor=actor).done
            assert merging.unmerge(self.desk, [number], actor=actor).done
            after = self.row(number)
            assert {k: v for k, v in after.items() if k != "version"} == {
                k: v for k, v in before.items() if k != "version"
            }

    @invariant()
    def what_always_holds(self) -> None:
        if not hasattr(self, "desk"):
            return
        for number, status, of_phase, priority, klass, due, rank, resolution, closed in self.desk.db.rows(
            "SELECT t.number, t.status, p.status, t.priority, t.klass, t.due_at, t.rank, t.resolution, t.closed_at"
            " FROM tickets t JOIN phases p ON p.id = t.phase_id"
        ):
            assert list(Status)[status] == of_phase, number
            assert rank == queue_rank(priority, klass, due), number
            assert (status == 2) == (closed is not None), number
            assert status != 2 or resolution, number
        most = self.desk.db.rows("SELECT COUNT(*) FROM activities GROUP BY ticket ORDER BY 1 DESC LIMIT 1")
        assert not most or most[0][0] <= 10, "at most ten activities (T7)"
        for login, actor in self.actors.items():
            counted = queue.counts(self.desk, View(), actor=actor)
            shown = {tab: len(queue.page(self.desk, View(tab=tab), actor=actor).rows) for tab in (None, *Status)}
            assert shown == {
                None: counted.all,
                Status.PENDING: counted.open,
                Status.PROGRESS: counted.progress,
                Status.CLOSED: counted.closed,
            }
            assert counted.all == (0 if login == STRANGER else 3)
            for number in {self.last} & set(self.numbers[:3]):
                entries = reading.timeline(self.desk, number, actor=actor, limit=10_000)
                assignee = self.row(number)["assignee_id"]
                since = self.desk.db.rows(
                    "SELECT sees_from FROM followers WHERE ticket = :n AND user_id = :u", {"n": number, "u": actor.id}
                )
                for entry in entries:
                    if entry.kind == "note" and entry.who != login and assignee != actor.id:
                        assert since and since[0][0] <= entry.at, "N1"
                view = reading.ticket(self.desk, number, actor=actor)
                if login != STRANGER:
                    assert view.entries_total == len(entries)  # type: ignore[union-attr]


def test_random_acts_of_random_people(sqlite_template: Path) -> None:
    Loop.template = sqlite_template
    run_state_machine_as_test(Loop, settings=settings(max_examples=10, stateful_step_count=30, phases=QUICK))


@pytest.mark.soak
def test_many_random_acts_of_random_people(sqlite_template: Path) -> None:
    """Other examples each time, and more of them."""
    Loop.template = sqlite_template
    run_state_machine_as_test(Loop, settings=settings(max_examples=400, stateful_step_count=50))
