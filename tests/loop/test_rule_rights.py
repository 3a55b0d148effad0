"""Random flows, people, roles and rule sets: nobody is told of a set that names a flow out of their sight, and every set is
changed by those who may and by nobody else (P3, P4, A1).
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.people import Actor
from domain.refusals import Refusal
from domain.rules import RuleSet, Then, When
from loop import audit, autopilot, rule_log, rule_mail, rule_rehearsal, rules, surveys
from loop.desk import Desk
from loop.rule_text import to_text
from loop.setup_counts import setup_counts
from loop.setup_views import Saved
from tests.loop.test_rights_property import FLOWS, LOGINS, QUICK, World, build, worlds

OWNER = 99
SECRET = "sigilo"


@dataclass(frozen=True)
class Drawn:
    """A rule set: the flows that it is about, where it opens tickets, and whether it is about answers without one."""

    flows: tuple[int, ...]
    open_in: int | None
    without: bool
    before: tuple[int, ...]
    """The flows that it was about when it was made."""

    # The rules, in ten lines.

    def named(self) -> set[int]:
        return {*self.flows, *([self.open_in] if self.open_in else [])}

    def seen_by(self, world: World, who: str) -> bool:
        level = world.levels[who]
        return level == "owner" or (level == "administrator" and all(world.sees(who, f) for f in self.named()))

    def changed_by(self, world: World, who: str) -> bool:
        if world.levels[who] == "owner":
            return True
        edits = all(world.role(who, f) == "administrator" for f in self.named())
        return self.seen_by(world, who) and edits and (self.without or bool(self.flows))

    def history_seen_by(self, world: World, who: str) -> bool:
        return (self.seen_by(world, who) and all(world.sees(who, f) for f in self.before)) or world.levels[
            who
        ] == "owner"


some = st.lists(st.sampled_from(FLOWS), max_size=2, unique=True).map(tuple)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Drawn, ...]:
    one = st.builds(Drawn, some, st.none() | st.sampled_from(FLOWS), st.booleans(), some)
    return tuple(draw(st.lists(one, min_size=1, max_size=4)))


def flow(n: int | None) -> str:
    return f"Fluxo {n}" if n else ""


def plan_of(n: int, one: Drawn, flows: tuple[int, ...]) -> RuleSet:
    when = When(flows=tuple(map(flow, flows)), ticket="without" if one.without else "any")
    return RuleSet(None, f"{SECRET} {n}", when, Then(open_in=flow(one.open_in), tags=("x",)))


def make(desk: Desk, world: World, sets: tuple[Drawn, ...]) -> dict[int, Drawn]:
    """The sets, made and changed by the verbs, and a hit of each on each ticket."""
    with desk.db.write() as work:
        work.run(
            """INSERT INTO users (id, login, name, email, level, active, language, sender_name, signature, prefs, created_at)
               VALUES (:id, 'zelda', 'Zelda', '', 'owner', :yes, '', '', '', '{}', 0)""",
            {"id": OWNER, "yes": True},
        )
    zelda = desk.actor("zelda")
    survey = surveys.create(desk, "Pesquisa", actor=zelda)
    assert isinstance(survey, Saved)
    made = {}
    for n, one in enumerate(sets, start=1):
        done = rules.save(desk, plan_of(n, one, one.before), actor=zelda)
        assert isinstance(done, Saved)
        read = rules.rule_set(desk, done.id, actor=zelda)
        assert isinstance(read, RuleSet)
        assert isinstance(rules.save(desk, replace(plan_of(n, one, one.flows), id=done.id, version=read.version), actor=zelda), Saved)  # fmt: skip
        made[done.id] = one
        surveys.change(desk, survey.id, {"rule_sets": list(made)}, actor=zelda)
    rules.reorder(desk, max(made), 1, actor=zelda)
    with desk.db.write() as work:
        for id in made:
            work.run(
                "INSERT INTO rule_runs (id, at, way, about, looked_at) VALUES (:id, 1, 'import', '', 9)", {"id": id}
            )
            work.run(
                "INSERT INTO rule_run_sets (run_id, rule_set_id, touched, mails, undone) VALUES (:id, :id, :n, 0, '{}')",
                {"id": id, "n": len(world.tickets)},
            )
            for number in range(1, len(world.tickets) + 1):
                work.run(
                    """INSERT INTO rule_hits (rule_set_id, about, run_id, ticket, at, because, did, mail)
                       VALUES (:id, :about, :id, :n, 1, '{}', '{}', '')""",
                    {"id": id, "about": -number, "n": number},
                )
    return made


@settings(max_examples=25, phases=QUICK)
@given(world=worlds(), sets=drawn())
def test_p3_nothing_tells_of_a_set_out_of_sight(sqlite_template: Path, world: World, sets: tuple[Drawn, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = build(world, sqlite_template, Path(folder))
        try:
            made = make(desk, world, sets)
            for login in LOGINS:
                if world.active[login]:
                    reads(desk, world, made, login)
        finally:
            desk.close()


def reads(desk: Desk, world: World, made: dict[int, Drawn], login: str) -> None:
    """What somebody is told, by every way there is."""
    actor = desk.actor(login)
    seen = {id for id, one in made.items() if one.seen_by(world, login)}
    lines = rules.rule_sets(desk, actor=actor)
    assert {line.id for line in lines} == seen
    assert [line.position for line in lines] == [*range(1, len(seen) + 1)]
    in_sight = sum(world.sees(login, flow) for flow, *__ in world.tickets)
    assert all(line.touched == in_sight for line in lines)
    assert {line.id for line in lines if line.may_edit is None} == {
        id for id, one in made.items() if one.changed_by(world, login)
    }
    assert {id for __, id in rules.named(desk, actor=actor)} == seen
    told: list[Any] = [lines]
    for id in made:
        plan = rules.rule_set(desk, id, actor=actor)
        assert isinstance(plan, RuleSet) is (id in seen)
        told += [plan, to_text(plan) if isinstance(plan, RuleSet) else ""]
        hits = rule_log.hits(desk, id, actor=actor)
        assert len(hits) == (in_sight if id in seen else 0)
        assert (rule_log.runs(desk, actor=actor, rule_set_id=id) != ()) is (id in seen and in_sight > 0)
    told.append(rule_log.runs(desk, actor=actor))
    manages = world.levels[login] in ("administrator", "owner")
    assert setup_counts(desk, actor=actor).get("autopilot") == (len(seen) if manages else None)
    for survey in surveys.surveys(desk, actor=actor):
        assert set(survey.rule_sets or ()) == seen
    changes = audit.audit(desk, actor=actor, limit=1_000)
    told.append(changes)
    # Lines of the past name the flows that the set was about then.
    history = {id for id, one in made.items() if one.history_seen_by(world, login)}
    assert {row.target_id for row in changes if row.target == "rule set" and row.what == "changed"} <= history
    assert {row.target_id for row in changes if row.target == "rule set" and row.what == "created"} <= {
        id for id, one in made.items() if manages and (world.levels[login] == "owner" or all(world.sees(login, f) for f in one.before))
    }  # fmt: skip
    names = {f"{SECRET} {n}": id for n, id in enumerate(made, start=1)}
    for name, id in names.items():
        # A set that was in sight once may be named by the lines of that time.
        if id not in seen and not (manages and all(world.sees(login, f) for f in made[id].before)):
            assert name not in repr(told), (login, name)


Act = Callable[[Desk, int, Actor], Any]
ACTS: dict[str, Act] = {
    "switch": lambda d, id, a: rules.switch(d, id, True, actor=a),
    "switch off": lambda d, id, a: rules.switch(d, id, False, actor=a),
    "reorder": lambda d, id, a: rules.reorder(d, id, 1, actor=a),
    "run": lambda d, id, a: autopilot.run_past(d, id, actor=a),
    "run on": lambda d, id, a: autopilot.run_on(d, id, [1], actor=a),
    "confirm": lambda d, id, a: rule_mail.confirm(d, id, actor=a),
    "remove": lambda d, id, a: rules.remove(d, id, actor=a),
    "copy": lambda d, id, a: rules.copy(d, id, actor=a),
    "save": lambda d, id, a: rules.save(d, RuleSet(id, "outro", version=2), actor=a),
}
RIGHTS = {"not here", "needs level", "needs role", "rule of all flows", "no flow"}
"""Refusals for want of a right; all others are for the state of the set."""


@settings(max_examples=25, phases=QUICK)
@given(world=worlds(), sets=drawn(), data=st.data())
def test_p4_only_those_who_may_change_a_set_do(
    sqlite_template: Path, world: World, sets: tuple[Drawn, ...], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = build(world, sqlite_template, Path(folder))
        try:
            made = make(desk, world, sets)
            login = data.draw(st.sampled_from([who for who in LOGINS if world.active[who]]))
            actor = desk.actor(login)
            for id, one in made.items():
                for name, act in ACTS.items():
                    kept = desk.db.rows("SELECT * FROM rule_sets ORDER BY id")
                    done = act(desk, id, actor)
                    refused = isinstance(done, Refusal) and done.code in RIGHTS
                    if name == "save" and world.levels[login] != "owner":
                        # Without flows it would be everybody's: the owner's alone.
                        assert refused and desk.db.rows("SELECT * FROM rule_sets ORDER BY id") == kept
                        continue
                    assert refused is not one.changed_by(world, login), (name, login, done)
                    if refused:
                        assert desk.db.rows("SELECT * FROM rule_sets ORDER BY id") == kept
                    if refused and not one.seen_by(world, login):
                        assert done.code in ("not here", "needs level"), (name, done)
        finally:
            desk.close()


@settings(max_examples=25, phases=QUICK)
@given(world=worlds(), sets=drawn(), wanted=some, where=st.none() | st.sampled_from((*FLOWS, 7)), without=st.booleans())
def test_p4_only_those_who_may_make_a_set_do_and_a_flow_out_of_sight_is_like_one_that_is_not_there(
    sqlite_template: Path,
    world: World,
    sets: tuple[Drawn, ...],
    wanted: tuple[int, ...],
    where: int | None,
    without: bool,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = build(world, sqlite_template, Path(folder))
        try:
            make(desk, world, sets)
            new = Drawn(wanted, where, without, ())
            for login in [who for who in LOGINS if world.active[who]]:
                actor = desk.actor(login)
                plan = plan_of(77, new, wanted)
                rehearsed = rule_rehearsal.rehearse(desk, plan, actor=actor)
                assert isinstance(rehearsed, Refusal) is (world.levels[login] not in ("administrator", "owner"))
                # A name that a set out of sight has is free; one's own list has it once.
                done = rules.save(desk, replace(plan, name=f"{SECRET} 1"), actor=actor)
                taken = isinstance(done, Refusal) and done.code == "name used"
                may = new.changed_by(world, login) if where != 7 else world.levels[login] == "owner"
                assert taken is (may and sets[0].seen_by(world, login)), (login, done)
                if isinstance(done, Saved):
                    rules.remove(desk, done.id, actor=desk.actor("zelda"))
                done = rules.save(desk, replace(plan, name=f"novo {login}"), actor=actor)
                assert isinstance(done, Saved) is may, (login, done)
                if isinstance(done, Refusal):
                    unseen = [f for f in (*wanted, *([where] if where else [])) if not world.sees(login, f)]
                    if world.levels[login] == "administrator" and unseen:
                        assert str(done) == f"There is no flow {flow(unseen[0])} that you can see."
        finally:
            desk.close()
