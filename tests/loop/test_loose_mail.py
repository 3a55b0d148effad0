"""A reply to a rule's e-mail without a ticket opens one in the flow that takes the answer, linked to it (A2, I5, M7, M11)."""

import dataclasses
from typing import Any

import pytest

from loop import ledger, reading
from loop.rule_mail import write_due
from loop.views import TicketView
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, balanced, mail, outcome, reason
from tests.loop.ruled import hit, newest, praised, rule_set, text

HER = "Marina Alves <marina@clientes.example>"


def rows(shop: Shop, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in shop.desk.db.rows(sql, {})]


@pytest.fixture
def thanked(shop: Shop) -> str:
    """The Message-ID of the e-mail that a promoter got."""
    answer = praised(shop, attributes={"Loja": "Natal"})
    text(shop)
    hit(shop, rule_set(shop), answer)
    assert write_due(shop.desk, MAILBOX) == 1
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET state = 'sent'", {})
    return str(rows(shop, "SELECT message_id FROM messages")[0][0])


def back(shop: Shop, post: Post, to: str, text: str = "De nada!", sender: str = HER, **headers: str) -> int:
    """Let a mail come that answers ours."""
    return post(mail(text, sender, "Re: Obrigado", In_Reply_To=f"<{to}>", **headers))


def test_a2_the_reply_opens_a_ticket_with_the_answer_and_our_mail_on_it(
    shop: Shop, thanked: str, events: Events
) -> None:
    post = Post(shop)
    line = back(shop, post, thanked)
    assert outcome(shop, line) == "new", reason(shop, line)
    [(number, answer, flow, unanswered, subject, score, klass)] = rows(
        shop, "SELECT number, answer_id, flow_id, unanswered, subject, score, klass FROM tickets"
    )
    assert (answer, bool(unanswered), subject, score, klass) == (newest(shop), True, "Ótimo", 10, 2)
    assert flow == shop.flow, "no flow takes it, so the first has it"
    view = reading.ticket(shop.desk, number, actor=shop.bia)
    assert isinstance(view, TicketView)
    assert [e.kind for e in view.entries] == ["opened", "mail out", "mail in"]
    assert [e.text.strip() for e in view.entries[1:]] == ["Olá, Marina!", "De nada!"]
    assert rows(shop, "SELECT last_out_at FROM tickets")[0][0] == shop.clock.now
    again = back(shop, post, thanked, "E outra coisa")
    assert outcome(shop, again) == "threaded" and len(rows(shop, "SELECT 1 FROM tickets")) == 1
    assert [kind for kind, __ in events(number)] == ["opened", "mail out", "mail in", "mail in"]
    balanced(shop)


def test_i5_the_flow_that_takes_the_answer_has_it(shop: Shop, thanked: str) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET active = true", {})
    back(shop, Post(shop), thanked)
    assert rows(shop, "SELECT flow_id FROM tickets") == [(shop.other_flow,)]


def test_a2_an_answer_that_got_a_ticket_meanwhile_keeps_that_one(shop: Shop, thanked: str) -> None:
    from loop.byhand import open_by_hand

    number = open_by_hand(shop.desk, flow_id=shop.flow, subject="", answer_id=newest(shop), actor=shop.ana)
    line = back(shop, Post(shop), thanked)
    assert (outcome(shop, line), rows(shop, "SELECT number FROM tickets")) == ("threaded", [(number,)])
    assert rows(shop, "SELECT DISTINCT ticket FROM messages") == [(number,)]
    balanced(shop)


def test_m9_a_ticket_that_was_closed_meanwhile_is_reopened(shop: Shop, thanked: str) -> None:
    post = Post(shop)
    back(shop, post, thanked)
    with shop.desk.db.write() as work:
        closed = work.rows("SELECT id FROM phases WHERE flow_id = :f AND status = 'closed'", {"f": shop.flow})[0][0]
        work.run("UPDATE tickets SET status = 2, closed_at = 1, phase_id = :p, unanswered = false", {"p": closed})
    back(shop, post, thanked, "Ainda eu")
    assert rows(shop, "SELECT status FROM tickets") == [(1,)]


@pytest.mark.parametrize(("policy", "came"), [("triage", "triage"), ("ticket", "new")])
def test_m7_a_strangers_reply_is_not_trusted_with_the_answer(shop: Shop, thanked: str, policy: str, came: str) -> None:
    post = Post(shop, dataclasses.replace(MAILBOX, unknown_sender=policy))
    line = back(shop, post, thanked, sender="Outro <outro@x.example>")
    assert outcome(shop, line) == came and "another address" in reason(shop, line)
    assert rows(shop, "SELECT answer_id FROM tickets") == [(None,)] * (came == "new")
    assert rows(shop, "SELECT ticket FROM messages WHERE outgoing = true") == [(None,)]


def test_m11_what_a_machine_answers_opens_nothing(shop: Shop, thanked: str) -> None:
    line = back(shop, Post(shop), thanked, "Estou de férias", Auto_Submitted="auto-replied")
    assert outcome(shop, line) == "automatic"
    assert rows(shop, "SELECT 1 FROM tickets") == []
    balanced(shop)


def test_m11_a_bounce_marks_message_and_address(shop: Shop, thanked: str) -> None:
    raw = (
        "From: Mail Delivery <mailer-daemon@loja.example>\r\nTo: sac@loja.example\r\nSubject: Undelivered\r\n"
        "Message-ID: <b1@loja.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such user\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; loja.example\r\n\r\n"
        "Final-Recipient: rfc822; marina@clientes.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: sac@loja.example\r\nMessage-ID: <{thanked}>\r\n\r\nOlá\r\n--b--\r\n"
    )
    line = Post(shop)(raw.encode())
    assert outcome(shop, line) == "bounce", reason(shop, line)
    assert rows(shop, "SELECT bounced_at FROM messages") == [(shop.clock.now,)]
    assert rows(shop, "SELECT bounced_at FROM contacts") == [(shop.clock.now,)]
    assert rows(shop, "SELECT 1 FROM tickets") == []


def test_i3_employees_never_get_a_ticket(shop: Shop, thanked: str) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE surveys SET internal = true", {})
    line = back(shop, Post(shop), thanked)
    assert outcome(shop, line) == "triage" and "employees" in reason(shop, line)
    assert rows(shop, "SELECT 1 FROM tickets") == []


def test_a2_a_customer_with_another_address_now_is_still_found(shop: Shop, thanked: str) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE contacts SET email = 'nova@x.example'", {})
    back(shop, Post(shop), thanked)
    assert rows(shop, "SELECT answer_id FROM tickets") == [(newest(shop),)]


def test_m8_the_ledger_shows_it_and_the_way_it_went(shop: Shop, thanked: str) -> None:
    back(shop, Post(shop), thanked)
    counts = ledger.balance(shop.desk, actor=shop.ana)
    assert isinstance(counts, dict) and counts["new"] == counts["seen"] == 1
    assert thanked in rows(shop, "SELECT evidence FROM inbound")[0][0]
