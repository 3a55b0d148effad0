"""Random flows, people, roles and tickets: every query and every verb against the rules in ten lines (P1–P4, N1).

Nothing leaks, and nothing that is allowed is refused.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from domain.flows import Status
from domain.people import Actor, Level, Role
from domain.refusals import Refusal
from domain.tickets import Priority, queue_rank
from gateways.config import Config
from loop import (
    activities,
    audit,
    byhand,
    changes,
    customers,
    editing,
    flows,
    following,
    labels,
    merging,
    notes,
    notifications,
    people,
    queue,
    reading,
    teams,
    tickets,
    transfers,
)
from loop.desk import Desk, open_desk
from loop.views import Done, View
from tests.loop.conftest import Clock

FLOWS = (1, 2, 3)
LOGINS = ("ana", "bia", "caio", "davi", "eva")
SECRET = "segredo"
QUICK = (Phase.explicit, Phase.generate)


@dataclass(frozen=True)
class World:
    """What was drawn."""

    levels: dict[str, str]
    active: dict[str, bool]
    members: tuple[tuple[int, str, bool, str], ...]
    """Flow, login or team, whether it is a team, role."""
    teams: dict[str, frozenset[str]]
    open_notes: frozenset[int]
    """Flows whose notes all members see."""
    tickets: tuple[tuple[int, int, str | None, str, frozenset[str]], ...]
    """Flow, status, assignee, the author of its note, followers; the number is its place plus one."""

    # The rules, in ten lines.

    def role(self, who: str, flow: int) -> str | None:
        cap = {"none": 0, "analyst": 1, "agent": 2, "administrator": 3, "owner": 3}[self.levels[who]]
        rank = {"analyst": 1, "agent": 2, "administrator": 3}
        has = [r for f, m, t, r in self.members if f == flow and (who in self.teams[m] if t else who == m)]
        best = max((min(rank[r], cap) for r in has), default=0)
        return {0: None, 1: "analyst", 2: "agent", 3: "administrator"}[best]

    def sees(self, who: str, flow: int) -> bool:
        return self.levels[who] == "owner" or self.role(who, flow) is not None

    def works(self, who: str, flow: int) -> bool:
        return self.levels[who] == "owner" or self.role(who, flow) in ("agent", "administrator")

    def sees_note(self, who: str, n: int) -> bool:
        flow, __, assignee, author, followers = self.tickets[n - 1]
        return self.sees(who, flow) and (flow in self.open_notes or who in {assignee, author} | followers)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    person = st.sampled_from(LOGINS)
    roles = st.sampled_from([r.value for r in Role])
    teams = {name: frozenset(draw(st.sets(person, max_size=3))) for name in ("Norte", "Sul")}
    members = draw(
        st.lists(
            st.one_of(
                st.tuples(st.sampled_from(FLOWS), person, st.just(False), roles),
                st.tuples(st.sampled_from(FLOWS), st.sampled_from(sorted(teams)), st.just(True), roles),
            ),
            max_size=8,
            unique_by=lambda member: member[:2],
        )
    )
    one = st.tuples(
        st.sampled_from(FLOWS),
        st.integers(0, 2),
        st.one_of(st.none(), person),
        person,
        st.frozensets(person, max_size=2),
    )
    return World(
        levels={login: draw(st.sampled_from([level.value for level in Level])) for login in LOGINS},
        active=dict.fromkeys(LOGINS, True) | {"eva": draw(st.booleans())},
        members=tuple(members),
        teams=teams,
        open_notes=draw(st.frozensets(st.sampled_from(FLOWS))),
        tickets=tuple(draw(st.lists(one, min_size=1, max_size=5))),
    )


def build(world: World, template: Path, folder: Path) -> Desk:
    """The world in a database, written as rows: no verb has a say in what the rights are."""
    path = folder / "x.sqlite"
    shutil.copy(template, path)
    desk = open_desk(Config(db_url=f"sqlite:///{path}"), clock=Clock())
    now = desk.now()
    with desk.db.write() as work:

        def put(table: str, **values: Any) -> None:
            names = ", ".join(values)
            work.run(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + n for n in values)})", values)

        ids = {login: i + 1 for i, login in enumerate(LOGINS)}
        for login, id in ids.items():
            put("users", id=id, login=login, name=login.title(), email="", level=world.levels[login],
                active=world.active[login], language="", sender_name="", signature="", prefs="{}", created_at=now)  # fmt: skip
        for i, (name, inside) in enumerate(world.teams.items(), 1):
            put("teams", id=i, name=name)
            for login in inside:
                put("team_members", team_id=i, user_id=ids[login])
        for flow in FLOWS:
            put("flows", id=flow, name=f"Fluxo {flow}", position=flow, active=True, days_until_due=3, default_priority=2,
                notes_for_all=flow in world.open_notes, reopening="reopen", reopen_days=14, reachable_by_phone=False,
                intake="{}", signature="", version=1)  # fmt: skip
            for status in (0, 1, 2):
                put("phases", id=flow * 10 + status, flow_id=flow, name=f"Fase {status}", status=list(Status)[status].value,
                    position=status, binding="optional")  # fmt: skip
            put("checklist_items", id=flow, phase_id=flow * 10 + 1, text="Ligar", position=0)
        for flow, who, team, role in world.members:
            member = {"team_id": list(world.teams).index(who) + 1} if team else {"user_id": ids[who]}
            put("flow_members", flow_id=flow, role=role, **member)
        put("tags", id=1, name="todos")
        for n, (flow, status, assignee, author, followers) in enumerate(world.tickets, 1):
            put("contacts", id=n, key=f"e:c{n}@x.example", name=f"Cliente {n}", email=f"c{n}@x.example", phone="",
                customer_id="", attributes="{}", created_at=now)  # fmt: skip
            put("tickets", number=n, subject=f"Assunto {n}", description="", flow_id=flow, phase_id=flow * 10 + status,
                status=status, priority=2, contact_id=n, assignee_id=ids.get(assignee or ""), created_at=now - n,
                born_at=now, due_at=now, rank=queue_rank(2, 3, now), started_at=now if status else None,
                closed_at=now if status == 2 else None, resolution="feito" if status == 2 else "", outcome="",
                archived=False, unanswered=True, version=1)  # fmt: skip
            put("search_texts", ticket=n, words=f"assunto {n} cliente {n}")
            put("ticket_tags", ticket=n, tag_id=1)
            for login in LOGINS:
                put("notifications", user_id=ids[login], ticket=n, kind="overdue", at=now)
            put("notes", id=n, ticket=n, author_id=ids[author], body=SECRET, at=now)
            put(
                "events", ticket=n, at=now, kind="note", actor_id=ids[author], actor_kind="person", note_id=n, data="{}"
            )
            for login in followers:
                put("followers", ticket=n, user_id=ids[login], since=0, sees_from=0)
    return desk


RIGHTS = {"no ticket", "needs level", "analysts read", "not a member"}
"""Refusals for want of a right; all others are for the state of the ticket."""

Verb = Callable[[Desk, int, Actor], Done]
VERBS: dict[str, Verb] = {
    "start": lambda d, n, a: tickets.start(d, [n], actor=a),
    "take": lambda d, n, a: tickets.start(d, [n], actor=a, take=True),
    "assign nobody": lambda d, n, a: tickets.assign(d, [n], None, actor=a),
    "move": lambda d, n, a: tickets.move(d, [n], "Fase 1", actor=a),
    "close": lambda d, n, a: tickets.close(d, [n], actor=a, resolution="feito"),
    "priority": lambda d, n, a: tickets.prioritise(d, [n], Priority.LOW, actor=a),
    "no answer": lambda d, n, a: tickets.needs_no_answer(d, [n], actor=a),
    "subject": lambda d, n, a: editing.set_subject(d, [n], f"Outro {d.now()}", actor=a),
    "description": lambda d, n, a: editing.describe(d, [n], "Mais", actor=a),
    "due": lambda d, n, a: editing.set_due(d, [n], None, actor=a),
    "tags": lambda d, n, a: editing.tag(d, [n], ["loja"], actor=a),
    "follower": lambda d, n, a: following.unfollow(d, [n], "zé", actor=a),
    "activity": lambda d, n, a: activities.add(d, n, "Ligar", actor=a),
}
"""What agents and administrators of the flow may."""
NOTING: dict[str, Verb] = {
    "note": lambda d, n, a: notes.add(d, [n], "anotado", actor=a),
    "follow": lambda d, n, a: following.follow(d, [n], actor=a),
    "unfollow": lambda d, n, a: following.unfollow(d, [n], actor=a),
}
"""What every member may, analysts too (P4)."""


def queries(desk: Desk, actor: Actor, numbers: list[int]) -> dict[str, set[int]]:
    """By query, the tickets that it tells of."""
    every = View()
    return {
        "page": {r.number for r in queue.page(desk, every, actor=actor).rows},
        "backwards": {r.number for r in queue.page(desk, every, actor=actor, before=(1 << 60, 0)).rows},
        "by offset": {r.number for r in queue.at(desk, every, 0, actor=actor).rows},
        "around": {r.number for r in queue.around(desk, every, numbers[0], actor=actor).rows},
        "rows": {r.number for r in queue.rows(desk, numbers, actor=actor)},
        "search": {r.number for r in queue.page(desk, View(query="assunto"), actor=actor).rows},
        "by customer": {r.number for r in queue.page(desk, View(query="customer:cliente"), actor=actor).rows},
        "position": {n for n in numbers if queue.position(desk, every, n, actor=actor) is not None},
        "opened": {n for n in numbers if not isinstance(reading.ticket(desk, n, actor=actor), Refusal)},
        "by tab": {r.number for s in Status for r in queue.page(desk, View(tab=s), actor=actor).rows},
        "by flow": {r.number for f in FLOWS for r in queue.page(desk, View(flow=f), actor=actor).rows},
        "customers": {c.id for c in customers.find(desk, "cliente", actor=actor) if c.id},
        "customer": {n for n in numbers if not isinstance(customers.show(desk, n, actor=actor), Refusal)},
        "notices": {n.ticket for n in notifications.notices(desk, actor=actor) if n.ticket},
        "tagged": {n for t in labels.tags(desk, actor=actor) for n in range(1, t.tickets + 1)}
        and {r.number for r in queue.page(desk, View(query="tag:todos"), actor=actor).rows},
        "by number": {r.number for n in numbers for r in queue.page(desk, View(query=f"#{n}"), actor=actor).rows},
    }


@pytest.mark.parametrize("what", ["queries", "verbs", "two flows"])
def test_p3_p4_every_query_and_verb_agrees_with_the_rules(what: str, sqlite_template: Path) -> None:
    check = {"queries": check_queries, "verbs": check_verbs, "two flows": check_two_flows}[what]

    @settings(max_examples=40 if what == "queries" else 25, phases=QUICK)
    @given(world=worlds(), data=st.data())
    def run(world: World, data: st.DataObject) -> None:
        with tempfile.TemporaryDirectory() as folder:
            desk = build(world, sqlite_template, Path(folder))
            try:
                check(world, desk, data)
            finally:
                desk.close()

    run()


def check_queries(world: World, desk: Desk, data: st.DataObject) -> None:
    numbers = list(range(1, len(world.tickets) + 1))
    for login in LOGINS:
        if not world.active[login]:
            with pytest.raises(Exception, match="not known here"):
                desk.actor(login)
            continue
        actor = desk.actor(login)
        seen = {n for n in numbers if world.sees(login, world.tickets[n - 1][0])}
        for name, told in queries(desk, actor, numbers).items():
            assert told == seen, (name, login)
        counted = queue.counts(desk, View(), actor=actor)
        by_status = [sum(world.tickets[n - 1][1] == s for n in seen) for s in range(3)]
        assert [counted.open, counted.progress, counted.closed] == by_status, login
        assert (counted.all, counted.unanswered) == (len(seen), len(seen)), login
        rate = queue.metrics(desk, View(), actor=actor).completion
        assert rate == (100 * by_status[2] / len(seen) if seen else None), login
        assert {f.id for f in queue.flows(desk, actor=actor)} == {f for f in FLOWS if world.sees(login, f)}
        for n in numbers:
            bodies = [e.text for e in reading.timeline(desk, n, actor=actor) if e.kind == "note"]
            assert bodies == ([SECRET] if world.sees_note(login, n) else []), (login, n, "N1")
            assert queue.counts(desk, View(query=SECRET), actor=actor).all <= sum(
                world.sees_note(login, m) for m in numbers
            ), "search tells of no restricted note (N1)"
        assert [t.tickets for t in labels.tags(desk, actor=actor)] in ([len(seen)], [] if not seen else None), login
        assert notifications.unread(desk, actor=actor) == len(seen)
        assert {f.id: (f.open, f.progress, f.closed) for f in flows.flows(desk, actor=actor)} == {
            f: tuple(sum(world.tickets[n - 1][:2] == (f, s) for n in seen) for s in range(3))
            for f in FLOWS
            if world.sees(login, f)
        }
        for flow in FLOWS:
            edits = world.levels[login] == "owner" or (
                world.levels[login] == "administrator" and world.role(login, flow) == "administrator"
            )
            plan = flows.plan(desk, flow, actor=actor)
            assert isinstance(plan, Refusal) is not world.sees(login, flow)
            if not isinstance(plan, Refusal):
                saved = flows.save(desk, replace(plan, days_until_due=9), actor=actor)
                code = saved.code if isinstance(saved, Refusal) else ""
                assert (code in ("needs level", "needs role")) is not edits, (login, flow, code)
        for row in people.people(desk, actor=actor):
            assert {name for name, __ in row.flows} <= {f"Fluxo {f}" for f in FLOWS if world.sees(login, f)}
            mine = [n for n in seen if world.tickets[n - 1][2] == row.login and world.tickets[n - 1][1] != 2]
            assert row.open_tickets == len(mine), (login, row.login)
        for row in teams.teams(desk, actor=actor):
            assert {name for name, __ in row.flows} <= {f"Fluxo {f}" for f in FLOWS if world.sees(login, f)}
        if world.levels[login] not in ("administrator", "owner"):
            assert audit.audit(desk, actor=actor) == ()
        for flow in FLOWS:
            workers = {p.login for p in reading.people(desk, flow, actor=actor)}
            assert workers == (
                {w for w in LOGINS if world.active[w] and world.levels[w] != "none" and world.works(w, flow)}
                if world.sees(login, flow)
                else set()
            )
        watcher = changes.Watcher(desk, actor)
        assert all(watcher._scope.admits(f) == world.sees(login, f) for f in FLOWS)
        watcher.close()


def check_two_flows(world: World, desk: Desk, data: st.DataObject) -> None:
    """Verbs that touch two flows need the right in both (I7, Q7)."""
    who = st.sampled_from([w for w in LOGINS if world.active[w]])
    for n, (flow, status, *__) in enumerate(world.tickets, 1):
        login, other = data.draw(who), data.draw(st.sampled_from([f for f in FLOWS if f != flow]))
        actor = desk.actor(login)
        born = byhand.open_by_hand(desk, flow_id=other, subject="À mão", name="Rui", email="rui@x.example", actor=actor)
        assert isinstance(born, Refusal) is not world.works(login, other), (login, other, born)
        target = data.draw(st.integers(1, len(world.tickets)))
        both = world.works(login, flow) and world.works(login, world.tickets[target - 1][0])
        if target != n and status != 2:
            done = merging.merge(desk, [n], target, actor=actor)
            if not both:
                assert done.why and done.why.code in RIGHTS, (login, done)
            else:
                assert done.done or (done.why and done.why.code not in RIGHTS), (login, done)
            if done.done:
                assert merging.unmerge(desk, [n], actor=actor).done
        done = transfers.transfer(desk, [n], other, None, actor=actor)
        if not (world.works(login, flow) and world.works(login, other)):
            assert done.why and done.why.code in RIGHTS | {"no flow"}, (login, done)
        else:
            assert done.done, (login, done)
            desk.db.transact(lambda work, n=n, flow=flow, status=status: work.run(
                "UPDATE tickets SET flow_id = :f, phase_id = :p WHERE number = :n", {"f": flow, "p": flow * 10 + status, "n": n}
            ))  # fmt: skip


def check_verbs(world: World, desk: Desk, data: st.DataObject) -> None:
    for n, (flow, *__) in enumerate(world.tickets, 1):
        for name, verb in (VERBS | NOTING).items():
            login = data.draw(st.sampled_from([w for w in LOGINS if world.active[w]]))
            allowed = world.works(login, flow) or (name in NOTING and world.sees(login, flow))
            done = verb(desk, n, desk.actor(login))
            code = done.why.code if done.why else ""
            if not world.sees(login, flow):
                assert code == "no ticket", (name, login, code)
            elif not allowed:
                assert code == "analysts read", (name, login, code)
            else:
                assert code not in RIGHTS, (name, login, code)
