"""Random acts of random people against N1 in ten lines: timeline, counts, files and notifications say the same."""

import random
from dataclasses import dataclass, field

import pytest

from domain.people import Actor, Role
from domain.refusals import Refusal
from domain.tickets import visible_note
from loop import files, following, notes, notifications, people, reading, tickets
from tests.loop.conftest import Shop

MEMBERS = ("ana", "bia", "caio", "rui", "edu")
STEPS = 40


@dataclass
class Model:
    """What the rule says of one ticket; caio administrates its flow, ana owns everything."""

    assignee: str
    follows: dict[str, int] = field(default_factory=dict)
    written: list[tuple[str, int]] = field(default_factory=list)
    """Author and time of each note."""

    def opens(self, who: str) -> bool:
        return who in (self.assignee, "ana", "caio")

    def join(self, who: str, by: str, now: int) -> None:
        since = 0 if who != by and self.opens(by) else now
        self.follows[who] = min(self.follows.get(who, since), since)

    def sees(self, who: str, author: str, at: int) -> bool:
        return who in (author, self.assignee) or (who in self.follows and self.follows[who] <= at)


def act(shop: Shop, number: int, model: Model, dice: random.Random) -> None:
    """One act on the ticket and on the model."""
    who, other = dice.choice(MEMBERS), dice.choice(MEMBERS)
    actor, now, works = shop.desk.actor(who), shop.clock.now, who != "rui"
    match dice.choice(("note", "note", "mention", "follow", "make follow", "unfollow", "open", "assign")):
        case "note":
            notes.add(shop.desk, [number], "nota", actor=actor, files=[("a.txt", b"a")])
            model.written.append((who, now))
        case "mention":
            notes.add(shop.desk, [number], f"@{other}", actor=actor, files=[("a.txt", b"a")])
            model.written.append((who, now))
            if other != who:
                model.join(other, who, now)
        case "follow":
            following.follow(shop.desk, [number], actor=actor)
            model.join(who, who, now)
        case "make follow":
            if following.follow(shop.desk, [number], other, actor=actor).done and (works or who == other):
                model.join(other, who, now)
        case "unfollow":
            following.unfollow(shop.desk, [number], other, actor=actor)
            if works or who == other:
                model.follows.pop(other, None)
        case "open":
            following.open_notes(shop.desk, number, other, actor=actor)
            if works and model.opens(who) and who != other and other in model.follows:
                model.follows[other] = 0
        case "assign":
            if tickets.assign(shop.desk, [number], other, actor=actor).done:
                model.assignee = other


@pytest.mark.parametrize("seed", range(3))
def test_n1_every_way_to_a_note_obeys_the_same_rule(shop: Shop, started: int, seed: int) -> None:
    people.add_user(shop.desk, "edu", "Edu", "", shop.bia.level, actor=shop.ana, flows={shop.flow: Role.AGENT})
    with shop.desk.db.write() as work:
        work.run("UPDATE flow_members SET role = 'administrator' WHERE user_id = :u", {"u": shop.caio.id})
    model, dice = Model("bia"), random.Random(seed)
    for __ in range(STEPS):
        shop.clock.now += 1000
        act(shop, started, model, dice)
        for login in MEMBERS:
            assert found(shop, started, shop.desk.actor(login)) == [model.sees(login, *n) for n in model.written]
    assert {f.login: f.sees_all for f in following.followers(shop.desk, started, actor=shop.ana)} == {
        login: since == 0 for login, since in model.follows.items()
    }


def found(shop: Shop, number: int, actor: Actor) -> list[bool]:
    """Which of a ticket's notes somebody sees; the same by timeline, count, file, notification and the rule in Python."""
    view = reading.ticket(shop.desk, number, actor=actor, entries=1000)
    assert not isinstance(view, Refusal) and view.entries_total == len(view.entries)
    shown = {a.id for e in view.entries if e.kind == "note" for a in e.attachments}
    rows = shop.desk.db.rows(
        "SELECT a.id, o.author_id, o.at FROM attachments a JOIN notes o ON o.id = a.note_id WHERE o.ticket = :n ORDER BY a.id",
        {"n": number},
    )
    opened = {id for id, __, __ in rows if not isinstance(files.attachment(shop.desk, id, actor=actor), Refusal)}
    assert opened == shown
    follows = dict(shop.desk.db.rows("SELECT user_id, sees_from FROM followers WHERE ticket = :n", {"n": number}))
    assert [id in shown for id, __, __ in rows] == [
        visible_note(actor, author=author, at=at, assignee=view.assignee_id, followers=follows, all_members=False)
        for __, author, at in rows
    ]
    mentions = [n for n in notifications.notices(shop.desk, actor=actor) if n.kind == "mention"]
    seen = {at for id, __, at in rows if id in shown}
    assert {n.at for n in mentions} <= seen, "no word of a note that they may not read"
    return [id in shown for id, __, __ in rows]
