"""Whatever is done with people and teams, in whatever order: what P1 and P4 promise holds after each act."""

from random import Random
from typing import Any

import pytest

from domain.people import Actor, Level, Role
from domain.refusals import Refusal
from domain.rights import may_grant, may_work
from loop import people, teams, tickets
from loop.desk import actors
from loop.setup_views import Saved
from storage.tables import FlowMember
from tests.loop.conftest import Shop

LOGINS = ["ana", "bia", "caio", "davi", "rui"]
ACTS = 40


def promises(shop: Shop) -> list[str]:
    """What of the promises does not hold; [] is as it should be."""
    rows = shop.desk.db.rows
    broken = list[str]()
    if not rows("SELECT 1 FROM users WHERE active = true AND level = 'owner'"):
        broken.append("there is no active owner")
    broken += [
        f"somebody without a level is in {table}"
        for table in ("flow_members", "team_members")
        if rows(f"SELECT 1 FROM {table} m JOIN users u ON u.id = m.user_id WHERE u.level = 'none'")
    ]
    here = {actor.id: actor for actor in actors(rows, "1 = 1", {})}
    for number, flow, holder in rows("SELECT number, flow_id, assignee_id FROM tickets WHERE status < 2 AND assignee_id IS NOT NULL"):  # fmt: skip
        if holder not in here or may_work(here[holder], flow):
            broken.append(f"#{number} is held by {holder}, who cannot work there")
    for flow, default in rows("SELECT id, default_assignee_id FROM flows WHERE default_assignee_id IS NOT NULL"):
        if default not in here or may_work(here[default], flow):
            broken.append(f"flow {flow} gives tickets to {default}, who cannot work there")
    return broken


def act(shop: Shop, random: Random, actor: Actor, team: int) -> tuple[str, Any]:
    """One act of somebody; what it was, and what came of it."""
    who, level = random.choice(LOGINS), random.choice(list(Level))
    kind = random.choice(["level", "deactivate", "activate", "team", "team", "ticket", "ticket"])
    if kind == "level":
        return f"{kind} {who} {level}", people.change_user(shop.desk, who, level=level, actor=actor)
    if kind == "deactivate":
        heir = random.choice([None, *LOGINS])
        return f"{kind} {who} for {heir}", people.deactivate(shop.desk, who, successor=heir, actor=actor)
    if kind == "activate":
        return f"{kind} {who}", people.activate(shop.desk, who, actor=actor)
    if kind == "team":
        some = random.sample(LOGINS, random.randrange(4))
        return f"{kind} {some}", teams.change(shop.desk, team, members=some, actor=actor)
    numbers = [n for (n,) in shop.desk.db.rows("SELECT number FROM tickets ORDER BY number")]
    number = random.choice(numbers)
    tickets.start(shop.desk, [number], actor=actor)
    return f"{kind} {number} to {who}", tickets.assign(shop.desk, [number], who, actor=actor)


@pytest.mark.parametrize("seed", range(3))
def test_p1_p4_hold_after_each_act(shop: Shop, seed: int) -> None:
    random = Random(seed)
    made = teams.create(shop.desk, "Sul", ["rui", "davi"], actor=shop.ana)
    assert isinstance(made, Saved)
    with shop.desk.db.write() as work:
        work.insert_one(FlowMember, flow_id=shop.flow, team_id=made.id, role=Role.AGENT.value)
        work.run("UPDATE flows SET default_assignee_id = :d", {"d": shop.davi.id})
    for i in range(4):
        shop.answer(score=random.choice([1, 10]), email=f"c{i}@x.example")
    story, saved = [], 0
    for _ in range(ACTS):
        everybody = actors(shop.desk.db.rows, "1 = 1", {})
        # Owners most often, as the others are mostly refused.
        actor = random.choice(everybody + [a for a in everybody if a.is_owner] * 4)
        what, done = act(shop, random, actor, made.id)
        story.append(f"{actor.login}: {what}: {done if isinstance(done, Refusal) else 'done'}")
        if isinstance(done, Saved) and done.changes:
            saved += 1
            assert not may_grant(actor) or what.startswith("team"), story
        assert not promises(shop), story
    assert saved > ACTS // 10, "the acts do something"
