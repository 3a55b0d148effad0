"""Notes: who is mentioned in them, who reads them, and their files (N1)."""

import pytest

from domain.people import Level, Role
from loop import following, notes, notifications, people, queue, reading
from loop.views import Entry, View
from tests.loop.conftest import Events, Shop


def last(shop: Shop, number: int, login: str = "bia") -> Entry:
    entries = reading.timeline(shop.desk, number, actor=shop.desk.actor(login), limit=100)
    return [e for e in entries if e.kind == "note"][-1]


def told(shop: Shop, login: str) -> list[tuple[str, str, str]]:
    return [(n.kind, n.who, n.text) for n in notifications.notices(shop.desk, actor=shop.desk.actor(login))]


def test_n1_who_is_mentioned_is_told_follows_and_sees_that_note_and_later_ones(
    shop: Shop, started: int, events: Events
) -> None:
    notes.add(shop.desk, [started], "antes", actor=shop.rui)
    shop.clock.now += 1000
    assert notes.add(shop.desk, [started], "veja, @CAIO: caro", actor=shop.rui).done
    assert told(shop, "caio") == [("mention", "rui", "veja, @CAIO: caro")]
    assert told(shop, "bia") == []
    seen = [e.text for e in reading.timeline(shop.desk, started, actor=shop.caio) if e.kind == "note"]
    assert seen == ["veja, @CAIO: caro"], "an analyst's word opens nothing earlier"
    assert events(started)[-2:] == [("note", "rui"), ("followers", "rui")]


def test_n1_whom_the_assignee_mentions_sees_earlier_notes_too(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "antes", actor=shop.rui)
    shop.clock.now += 1000
    notes.add(shop.desk, [started], "@caio e @rui, vejam", actor=shop.bia)
    seen = [e.text for e in reading.timeline(shop.desk, started, actor=shop.caio) if e.kind == "note"]
    assert seen == ["antes", "@caio e @rui, vejam"]
    assert [f.login for f in following.followers(shop.desk, started, actor=shop.bia)] == ["caio", "rui"]


def test_n1_who_cannot_see_the_ticket_is_not_told_by_a_mention_nor_made_a_follower(
    shop: Shop, started: int, events: Events
) -> None:
    people.add_user(shop.desk, "nil", "Nil", "", Level.NONE, actor=shop.ana, flows={})
    assert notes.add(shop.desk, [started], "@davi @nil @zé caio@loja.example @bia", actor=shop.bia).done
    for login in ("davi", "nil", "caio", "bia"):
        assert told(shop, login) == []
    assert events(started)[-1] == ("note", "bia"), "nobody follows, so nothing is said of followers"
    assert last(shop, started).text == "@davi @nil @zé caio@loja.example @bia", "the text stays"


def test_n1_members_for_completion_are_those_who_see_the_ticket(shop: Shop, started: int) -> None:
    here = [p.login for p in notes.members(shop.desk, started, actor=shop.bia)]
    assert here == ["ana", "caio", "rui"]
    assert notes.members(shop.desk, started, actor=shop.davi) == ()
    assert notes.members(shop.desk, 999, actor=shop.ana) == ()


def test_n1_a_note_with_files_has_them_under_clean_names(shop: Shop, started: int) -> None:
    files = [("../../etc/passwd", b"a"), ("foto.png", b"bytes"), ("FOTO.png", b""), ("\x1b[2J.txt", b"b"), ("", b"")]
    assert notes.add(shop.desk, [started], "", actor=shop.bia, files=files).done == (started,)
    entry = last(shop, started)
    assert [(a.name, a.size) for a in entry.attachments] == [
        ("passwd", 1),
        ("foto.png", 5),
        ("FOTO (2).png", 0),
        ("[2J.txt", 1),
        ("attachment.bin", 0),
    ]
    assert entry.attachments[1].type == "image/png" and entry.text == ""


def test_n1_one_file_on_many_tickets_is_kept_once(shop: Shop, started: int) -> None:
    other = shop.answer(score=1, name="Zé", email="ze@clientes.example")
    assert notes.add(shop.desk, [started, other], "x", actor=shop.bia, files=[("a.txt", b"same")]).done
    assert shop.desk.db.rows("SELECT COUNT(*), COUNT(DISTINCT blob) FROM attachments")[0] == (2, 1)
    assert last(shop, other).attachments[0].size == 4


def test_n1_what_is_too_much_is_refused_before_anything_is_written(
    shop: Shop, started: int, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "LARGEST", 10)
    before = events(started)
    for files, code in (
        ([("a", b"")] * 21, "too many files"),
        ([("grande.bin", b"x" * 11)], "file too large"),
        ([], "empty"),
    ):
        assert notes.add(shop.desk, [started], " \n", actor=shop.bia, files=files).why.code == code
    assert notes.add(shop.desk, [started], "x" * 100_001, actor=shop.bia).why.code == "too long"
    assert events(started) == before
    assert shop.desk.db.rows("SELECT COUNT(*) FROM blobs") == shop.desk.db.rows(
        "SELECT COUNT(DISTINCT raw) FROM messages WHERE raw IS NOT NULL"
    )


def test_r7_a_note_holds_nothing_that_moves_the_cursor(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "ok\x1b[2J\u202e \r\nfim", actor=shop.bia)
    assert last(shop, started).text == "ok[2J \nfim"


def test_n1_the_words_of_a_note_are_found_by_no_search_of_who_may_not_read_it(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "segredo absoluto", actor=shop.rui)
    assert queue.counts(shop.desk, View(query="segredo"), actor=shop.caio).all == 0


def test_p4_analysts_note_and_outsiders_do_not(shop: Shop, started: int) -> None:
    assert notes.add(shop.desk, [started], "x", actor=shop.rui).done
    assert notes.add(shop.desk, [started], "x", actor=shop.davi).why.code == "no ticket"
    people.add_user(shop.desk, "eva", "Eva", "", Level.AGENT, actor=shop.ana, flows={shop.other_flow: Role.AGENT})
    assert notes.add(shop.desk, [started], "x", actor=shop.eva).why.code == "no ticket"
