"""What is out of sight is told by nothing (P3, N1, M8)."""

import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from domain.plans import FlowPlan, MemberPlan
from domain.refusals import Refusal
from domain.tickets import Priority
from loop import correspondence, drafts, flows, ledger, notes, queue, reading, receiving, tickets, transfers
from loop.changes import Watcher
from loop.mailboxes import ensure
from loop.people import add_user
from loop.views import Draft, Sent, View
from mail.mailbox import Cursor, Fetched
from storage.tables import Audit
from tests.loop.conftest import MAILBOX, Shop


@pytest.fixture
def secret(shop: Shop, started: int) -> int:
    """bia's ticket with a note of rui's."""
    assert notes.add(shop.desk, [started], "palavra secreta", actor=shop.rui).done
    return started


@pytest.mark.parametrize(("login", "sees"), [("rui", True), ("bia", True), ("caio", False), ("ana", False)])
def test_n1_a_restricted_note_is_for_author_assignee_and_followers_and_not_for_the_owner(
    shop: Shop, secret: int, login: str, sees: bool
) -> None:
    actor = getattr(shop, login)
    view = reading.ticket(shop.desk, secret, actor=actor)
    assert not isinstance(view, Refusal)
    assert any(e.text == "palavra secreta" for e in view.entries) is sees
    assert view.entries_total == len(view.entries) == (4 if sees else 3)
    with shop.desk.db.write() as work:
        work.run("INSERT INTO followers (ticket, user_id, since) VALUES (:n, :u, 0)", {"n": secret, "u": shop.caio.id})
    assert any(e.kind == "note" for e in reading.timeline(shop.desk, secret, actor=shop.caio))
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET notes_for_all = true WHERE id = :f", {"f": shop.flow})
    assert any(e.kind == "note" for e in reading.timeline(shop.desk, secret, actor=actor)), "the flow's setting"


def test_n1_no_search_finds_a_restricted_note_and_none_takes_the_place_of_an_entry(shop: Shop, secret: int) -> None:
    for login in ("ana", "caio"):
        assert queue.counts(shop.desk, View(query="secreta"), actor=getattr(shop, login)).all == 0
    for i in range(6):
        notes.add(shop.desk, [secret], f"mais {i}", actor=shop.rui)
    page = reading.timeline(shop.desk, secret, actor=shop.caio, limit=2)
    assert [e.kind for e in page] == ["started", "assigned"], "a page is full of what is in sight"


def sent(shop: Shop, number: int) -> int:
    done = correspondence.send(
        shop.desk, replace(drafts.begin(shop.desk, number, actor=shop.bia), body="Olá"), actor=shop.bia
    )
    assert isinstance(done, Sent)
    return done.outbox


def test_p3_the_outbox_of_a_ticket_out_of_sight_is_as_if_it_were_not(shop: Shop, started: int) -> None:
    outbox = sent(shop, started)
    there, nowhere = (correspondence.retry(shop.desk, id, actor=shop.davi) for id in (outbox, 999))
    assert isinstance(there, Refusal) and isinstance(nowhere, Refusal) and there.code == nowhere.code
    assert str(started) not in str(there).replace(str(outbox), "")
    assert correspondence.take_back(shop.desk, outbox, actor=shop.davi) == correspondence.take_back(
        shop.desk, 999, actor=shop.davi
    )
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.bia.id})
    assert isinstance(correspondence.take_back(shop.desk, outbox, actor=shop.bia), Refusal), "no member any more"


def test_p3_raw_mail_drafts_people_and_review_of_a_ticket_out_of_sight(shop: Shop, started: int) -> None:
    sent(shop, started)
    message = reading.timeline(shop.desk, started, actor=shop.bia)[-1].message
    assert message and isinstance(reading.raw(shop.desk, message, actor=shop.davi), Refusal)
    assert reading.people(shop.desk, shop.flow, actor=shop.davi) == ()
    empty = drafts.begin(shop.desk, started, actor=shop.davi)
    assert (empty.to, empty.subject, empty.body) == ("", "", "")
    drafts.save(shop.desk, Draft(started, "", "", "s", "b"), actor=shop.davi)
    assert drafts.load(shop.desk, started, actor=shop.davi) is None
    said = correspondence.review(shop.desk, Draft(started, "x@y.example", "", "s", "b"), actor=shop.davi)
    assert "marina" not in repr(said).casefold()


def test_p3_m8_the_ledger_says_of_a_mail_on_a_ticket_out_of_sight_only_that_it_came(shop: Shop, started: int) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    mail = f"From: marina@clientes.example\r\nMessage-ID: <1@x>\r\nSubject: Re: x [#{started}]\r\n\r\noi".encode()
    receiving.keep(shop.desk, mailbox, [Fetched(1, 9, len(mail), mail)], Cursor(9, 1))
    receiving.process(shop.desk)
    (seen,) = ledger.lines(shop.desk, actor=shop.ana)
    assert (seen.outcome, seen.ticket, seen.sender) == ("threaded", started, "marina@clientes.example")  # type: ignore[union-attr]
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.caio.id})
    (hidden,) = ledger.lines(shop.desk, actor=shop.caio)
    assert (hidden.outcome, hidden.ticket, hidden.sender, hidden.subject, hidden.reason) == (  # type: ignore[union-attr]
        "threaded", None, "", "", "",
    )  # fmt: skip


def test_p3_a_watcher_is_told_of_tickets_in_sight_only_and_misses_none(shop: Shop, ticket: int) -> None:
    """Also what was committed between its making and its first wait."""
    member, stranger = Watcher(shop.desk, shop.bia), Watcher(shop.desk, shop.davi)
    tickets.start(shop.desk, [ticket], actor=shop.bia)
    change = member.wait(60)
    assert change and change.tickets == (ticket,)
    assert stranger.wait(0.3) is None
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(member.wait(60)))
    thread.start()
    tickets.prioritise(shop.desk, [ticket], Priority.HIGH, actor=shop.caio)
    thread.join(60)
    assert done and done[0]
    member.close()
    stranger.close()
    assert member.wait(1) is None, "a closed one wakes nobody and opens nothing"


def test_a_watcher_sees_events_that_are_committed_after_later_ones(shop: Shop, ticket: int) -> None:
    """PostgreSQL hands out ids before the commit; a piece of an import is some hundreds of events."""
    watcher = Watcher(shop.desk, shop.bia)
    watcher.wait(0.2)
    insert = (
        "INSERT INTO events (id, ticket, at, kind, actor_kind, data) VALUES (:id, :t, 0, 'answered', 'program', '{}')"
    )
    first = 1000 if shop.desk.db.dialect == "postgresql" else 2001
    for id in (2000, first):
        with shop.desk.db.write() as work:
            work.run(insert, {"id": id, "t": ticket})
        change = watcher.wait(60)
        assert change and change.tickets == (ticket,), id
    watcher.close()


def test_q4_an_archived_ticket_is_found_by_its_number_and_in_no_working_list(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET archived = true WHERE number = :n", {"n": started})
    assert queue.page(shop.desk, View(), actor=shop.bia).rows == ()
    assert not isinstance(reading.ticket(shop.desk, started, actor=shop.bia), Refusal)
    assert [r.number for r in queue.page(shop.desk, View(query="is:archived"), actor=shop.bia).rows] == [started]


def test_q1_an_offset_beyond_the_end_is_an_empty_page(shop: Shop, ticket: int) -> None:
    assert queue.at(shop.desk, View(), 5, total=1, actor=shop.bia).rows == ()
    assert [r.number for r in queue.at(shop.desk, View(), 0, total=1, actor=shop.bia).rows] == [ticket]


def test_p5_a_flow_that_is_switched_off_leaves_its_tickets_readable(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = false WHERE id = :f", {"f": shop.flow})
    assert not isinstance(reading.ticket(shop.desk, started, actor=shop.bia), Refusal)
    assert tickets.prioritise(shop.desk, [started], Priority.LOW, actor=shop.bia).done
    assert queue.flows(shop.desk, actor=shop.bia) == ()


def test_p1_only_somebody_with_a_level_is_added_to_a_flow(shop: Shop) -> None:
    from domain.people import Level, Role
    from tests.loop.conftest import PHASES

    add_user(shop.desk, "nina", "Nina", "", Level.NONE, actor=shop.ana)
    plan = FlowPlan(None, "X", flows.phases_of(PHASES), (MemberPlan("nina", Role.AGENT),))
    assert isinstance(flows.save(shop.desk, plan, actor=shop.ana), Refusal)


def test_m5_a_key_pressed_twice_sends_once_and_what_was_taken_back_is_answered_by_nobody(
    shop: Shop, started: int
) -> None:
    draft = replace(drafts.begin(shop.desk, started, actor=shop.bia), body="Olá")
    one = correspondence.send(shop.desk, draft, actor=shop.bia)
    assert correspondence.send(shop.desk, draft, actor=shop.bia) == one
    assert isinstance(one, Sent)
    correspondence.take_back(shop.desk, one.outbox, actor=shop.bia)
    assert isinstance(correspondence.send(shop.desk, draft, actor=shop.bia), Sent)
    found = shop.desk.db.rows("SELECT in_reply_to FROM messages WHERE outgoing = true ORDER BY id")
    assert found == [("",), ("",)]


def test_the_first_page_and_a_ticket_are_read_without_sqlmodel(shop: Shop, ticket: int) -> None:
    """SQLModel takes longer to import than a screen to paint."""
    program = f"""
import sys
from gateways.config import Config
from loop.desk import open_desk
from loop import queue, reading
from loop.views import View
desk = open_desk(Config(db_url={shop.desk.db.url!r}))
ana = desk.actor("ana")
assert queue.page(desk, View(query="marina"), actor=ana).rows
queue.counts(desk, View(), actor=ana), queue.metrics(desk, View(), actor=ana), desk.facts()
assert reading.ticket(desk, {ticket}, actor=ana).row.number == {ticket}
print([m for m in ("sqlmodel", "sqlalchemy", "pydantic", "jinja2") if m in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.stdout.strip(), ran.returncode) == ("[]", 0), ran.stderr


def test_p3_who_is_taken_out_of_a_flow_is_told_at_once_that_their_rights_are_others(shop: Shop, ticket: int) -> None:
    watcher = Watcher(shop.desk, shop.bia)
    watcher.wait(0.2)
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.bia.id})
        work.add(Audit(at=0, what="changed", target="flow", name="Detratores"))
    change = watcher.wait(60)
    assert change and change.actor and not change.actor.roles and not change.gone
    tickets.start(shop.desk, [ticket], actor=shop.caio)
    assert watcher.wait(0.3) is None, "and sees none of its tickets any more"
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET active = false WHERE id = :u", {"u": shop.bia.id})
        work.add(Audit(at=0, what="deactivated", target="user", name="bia"))
    change = watcher.wait(60)
    assert change and change.gone
    watcher.close()


def test_i7_members_of_the_flow_that_a_ticket_left_are_told(shop: Shop, ticket: int) -> None:
    watcher = Watcher(shop.desk, shop.bia)
    watcher.wait(0.2)
    assert transfers.transfer(shop.desk, [ticket], shop.other_flow, None, actor=shop.ana).done
    change = watcher.wait(60)
    assert change and change.tickets == (ticket,)
    assert queue.rows(shop.desk, [ticket], actor=shop.bia) == ()
    tickets.start(shop.desk, [ticket], actor=shop.ana)
    assert watcher.wait(0.3) is None, "of what happens to it then they are not"
    watcher.close()
