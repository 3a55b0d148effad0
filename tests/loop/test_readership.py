"""Who will read a note, told before it is written (N1)."""

from loop import following, notes, people, reading
from loop.readership import Readership, readership
from tests.loop.conftest import Shop


def test_n1_those_who_are_named_read_the_note_and_nobody_else_does(shop: Shop, started: int) -> None:
    following.follow(shop.desk, [started], "rui", actor=shop.bia)
    told = readership(shop.desk, started, actor=shop.caio)
    assert told == Readership(False, "Detratores", "bia", ("rui",))
    notes.add(shop.desk, [started], "segredo", actor=shop.caio)
    readers = {
        login
        for login in ("ana", "bia", "caio", "davi", "rui")
        if any(e.text == "segredo" for e in reading.timeline(shop.desk, started, actor=shop.desk.actor(login)))
    }
    assert readers == {"caio", told.assignee, *told.followers}


def test_n1_where_all_members_read_it_is_said(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET notes_for_all = true WHERE id = :id", {"id": shop.flow})
    told = readership(shop.desk, started, actor=shop.bia)
    assert told is not None and told.all_members


def test_p3_who_left_is_not_named_and_a_ticket_out_of_sight_tells_nothing(shop: Shop, started: int) -> None:
    following.follow(shop.desk, [started], "rui", actor=shop.bia)
    people.deactivate(shop.desk, "rui", successor=None, actor=shop.ana)
    told = readership(shop.desk, started, actor=shop.bia)
    assert told is not None and told.followers == ()
    assert readership(shop.desk, started, actor=shop.davi) is None
    assert readership(shop.desk, 999, actor=shop.ana) is None
