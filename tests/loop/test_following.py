"""Who follows a ticket, and what of its notes that opens (T1, T5, N1)."""

import pytest

from domain.people import Level, Role
from domain.refusals import Refusal
from loop import following, notes, notifications, people, reading, tickets
from tests.loop.conftest import Events, Shop


def read(shop: Shop, number: int, login: str) -> list[str]:
    """The notes that somebody sees, oldest first; listed and counted alike."""
    view = reading.ticket(shop.desk, number, actor=shop.desk.actor(login))
    assert not isinstance(view, Refusal) and view.entries_total == len(view.entries)
    return [e.text for e in view.entries if e.kind == "note"]


def note(shop: Shop, number: int, text: str, login: str = "rui") -> None:
    shop.clock.now += 1000
    assert notes.add(shop.desk, [number], text, actor=shop.desk.actor(login)).done
    shop.clock.now += 1000


def followed(shop: Shop, number: int) -> list[tuple[str, bool]]:
    return [(f.login, f.sees_all) for f in following.followers(shop.desk, number, actor=shop.ana)]


def sayings(shop: Shop, number: int) -> list[tuple[str, str, str]]:
    """Actor, old and new of the events about followers."""
    entries = reading.timeline(shop.desk, number, actor=shop.bia, limit=1000)
    return [(e.who, e.data["old"], e.data["new"]) for e in entries if e.kind == "followers"]


def test_n1_following_by_oneself_opens_what_is_noted_from_then_on(shop: Shop, started: int) -> None:
    note(shop, started, "before")
    assert following.follow(shop.desk, [started], actor=shop.caio).done == (started,)
    shop.clock.now += 1000
    note(shop, started, "after")
    assert read(shop, started, "caio") == ["after"]
    assert read(shop, started, "bia") == ["before", "after"], "the assignee"
    assert read(shop, started, "ana") == [], "the owner follows nothing"
    assert sayings(shop, started) == [("caio", "", "caio")]


@pytest.mark.parametrize("who", ["assignee", "owner", "administrator of the flow", "colleague"])
def test_n1_whom_the_assignee_or_an_administrator_makes_a_follower_sees_earlier_notes(
    shop: Shop, started: int, who: str
) -> None:
    people.add_user(shop.desk, "edu", "Edu", "", Level.AGENT, actor=shop.ana, flows={shop.flow: Role.AGENT})
    with shop.desk.db.write() as work:
        role = "administrator" if who == "administrator of the flow" else "agent"
        work.run(
            "UPDATE flow_members SET role = :r WHERE user_id = :u AND flow_id = :f",
            {"r": role, "u": shop.caio.id, "f": shop.flow},
        )
    actor = {"assignee": shop.bia, "owner": shop.ana}.get(who, shop.caio)
    note(shop, started, "before")
    assert following.follow(shop.desk, [started], "edu", actor=actor).done
    shop.clock.now += 1000
    note(shop, started, "after")
    assert read(shop, started, "edu") == (["after"] if who == "colleague" else ["before", "after"])
    assert followed(shop, started) == [("edu", who != "colleague")]


def test_n1_an_administrator_who_follows_by_themselves_opens_nothing_earlier(shop: Shop, started: int) -> None:
    note(shop, started, "before")
    for login in (None, "ana"):
        assert following.follow(shop.desk, [started], login, actor=shop.ana).done
    assert read(shop, started, "ana") == []
    assert following.open_notes(shop.desk, started, "ana", actor=shop.ana).why.code == "assignee's yes"
    assert read(shop, started, "ana") == []


def test_n1_the_yes_of_the_assignee_opens_earlier_notes_once_and_is_in_the_timeline(shop: Shop, started: int) -> None:
    note(shop, started, "before")
    following.follow(shop.desk, [started], actor=shop.caio)
    assert following.open_notes(shop.desk, started, "caio", actor=shop.caio).why.code == "assignee's yes"
    assert following.open_notes(shop.desk, started, "ana", actor=shop.bia).why.code == "not following"
    assert following.open_notes(shop.desk, started, "caio", actor=shop.rui).why.code == "analysts read"
    for __ in range(2):
        assert following.open_notes(shop.desk, started, "caio", actor=shop.bia).done == (started,)
    assert read(shop, started, "caio") == ["before"]
    assert sayings(shop, started) == [("caio", "", "caio"), ("bia", "caio", "caio")]
    assert reading.timeline(shop.desk, started, actor=shop.bia)[-1].data["opened"] == "caio"


def test_n1_who_stops_following_sees_their_own_notes_only(shop: Shop, started: int) -> None:
    following.follow(shop.desk, [started], "caio", actor=shop.bia)
    note(shop, started, "rui's")
    note(shop, started, "caio's", "caio")
    assert read(shop, started, "caio") == ["rui's", "caio's"]
    assert following.unfollow(shop.desk, [started], actor=shop.caio).done
    assert read(shop, started, "caio") == ["caio's"]
    assert followed(shop, started) == []
    shop.clock.now += 1000
    following.follow(shop.desk, [started], actor=shop.caio)
    assert read(shop, started, "caio") == ["caio's"], "what was open before is not opened again by oneself"


def test_n1_who_was_the_assignee_and_is_no_more_sees_their_own_notes_only(shop: Shop, started: int) -> None:
    note(shop, started, "rui's")
    assert read(shop, started, "bia") == ["rui's"]
    tickets.assign(shop.desk, [started], "caio", actor=shop.caio)
    assert (read(shop, started, "bia"), read(shop, started, "caio")) == ([], ["rui's"])


def test_t5_only_who_sees_the_ticket_can_be_a_follower_and_only_who_works_it_makes_others_one(
    shop: Shop, started: int, events: Events
) -> None:
    assert following.follow(shop.desk, [started], "davi", actor=shop.bia).why.code == "not a member"
    assert following.follow(shop.desk, [started], "ninguém", actor=shop.bia).why.code == "no user"
    assert following.follow(shop.desk, [started], "caio", actor=shop.rui).why.code == "analysts read"
    assert following.follow(shop.desk, [started], actor=shop.davi).why.code == "no ticket"
    assert following.unfollow(shop.desk, [started], "bia", actor=shop.rui).why.code == "analysts read"
    assert following.followers(shop.desk, started, actor=shop.davi) == ()
    assert following.follow(shop.desk, [started], actor=shop.rui).done, "analysts follow"
    assert [k for k, __ in events(started)].count("followers") == 1


def test_t8_following_twice_is_one_event(shop: Shop, started: int) -> None:
    for __ in range(2):
        following.follow(shop.desk, [started], actor=shop.caio)
        following.follow(shop.desk, [started], "rui", actor=shop.caio)
    following.unfollow(shop.desk, [started], "caio", actor=shop.bia)
    following.unfollow(shop.desk, [started], "caio", actor=shop.bia)
    assert sayings(shop, started) == [
        ("caio", "", "caio"),
        ("caio", "caio", "caio, rui"),
        ("bia", "caio, rui", "rui"),
    ]


def test_n2_who_is_made_a_follower_is_told_and_who_makes_themselves_one_is_not(shop: Shop, started: int) -> None:
    following.follow(shop.desk, [started], "caio", actor=shop.bia)
    following.follow(shop.desk, [started], actor=shop.rui)
    told = notifications.notices(shop.desk, actor=shop.caio)
    assert [(n.kind, n.who, n.ticket) for n in told] == [("follower", "bia", started)]
    assert notifications.unread(shop.desk, actor=shop.rui) == 0
