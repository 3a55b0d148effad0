"""What becomes of a message between the act of sending and the server's word, and what that word does (M5, M7, Q2)."""

from dataclasses import replace
from email import message_from_bytes
from email.message import Message

import pytest

from domain.refusals import Refusal
from loop import automatic, correspondence, drafts, outbox, queue, reading, tickets
from loop.births import contact_by_mail
from loop.mailboxes import ensure
from loop.views import Draft, Entry, Sent
from mail.delivery import Delivered
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, mail, outcome

MARINA = "Marina <marina@clientes.example>"


def send(shop: Shop, number: int, body: str = "Olá Marina.", cc: str = "") -> Sent:
    draft = replace(drafts.begin(shop.desk, number, actor=shop.bia), body=body, cc=cc, seen_event=0)
    sent = correspondence.send(shop.desk, draft, actor=shop.bia)
    assert isinstance(sent, Sent), sent
    return sent


def claim(shop: Shop, holder: str = "me") -> list[outbox.Letter]:
    """What a sender takes when the undo windows are past."""
    with shop.desk.db.write() as work:
        work.run(f"UPDATE outbox SET not_before = {shop.desk.db.now_sql} - 1 WHERE state = 'queued'", {})
    return outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), holder)


def states(shop: Shop) -> list[tuple[str, str]]:
    return [tuple(row) for row in shop.desk.db.rows("SELECT state, answer FROM outbox ORDER BY id")]


def headers(letter: outbox.Letter) -> Message:
    return message_from_bytes(letter.raw)


def shown(shop: Shop, number: int) -> Entry:
    """The newest message of ours as the timeline has it."""
    return next(e for e in reversed(reading.ticket(shop.desk, number, actor=shop.bia).entries) if e.kind == "mail out")


def test_m5_who_was_refused_is_told_with_the_servers_words(shop: Shop, started: int) -> None:
    """Handbook: a server that takes a mail for some has refused it for the others without a failure."""
    send(shop, started, cc="lia@x.example")
    (letter,) = claim(shop)
    assert letter.recipients == ("marina@clientes.example", "lia@x.example")
    assert headers(letter)["Cc"] == "<lia@x.example>"
    outbox.settle(shop.desk, letter, Delivered("sent", "250 Ok", {"lia@x.example": "550 5.1.1 no such user"}))
    ((state, answer),) = states(shop)
    assert (state, answer) == ("sent", "lia@x.example: 550 5.1.1 no such user · 250 Ok")
    assert "550 5.1.1" in shown(shop, started).answer


def test_q2_a_customer_who_wrote_after_the_reply_was_written_still_waits(shop: Shop, started: int) -> None:
    post = Post(shop)
    send(shop, started)
    (letter,) = claim(shop)
    shop.clock.now += 1000
    id = headers(letter)["Message-ID"]
    assert outcome(shop, post(mail("mais uma coisa", sender=MARINA, In_Reply_To=id))) == "threaded"
    outbox.settle(shop.desk, letter, Delivered("sent", "250 Ok"))
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert row.unanswered and row.last_out == shop.clock.now


def test_q2_a5_what_a_rule_sent_answers_nobody(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET unanswered = true WHERE number = :n", {"n": started})
    ensure(shop.desk, MAILBOX)

    def act(work: object) -> object:
        contact = contact_by_mail(work, "", "marina@clientes.example", shop.desk.now())
        letter = automatic.Letter("Obrigado", "Olá.", ticket=started)
        return automatic.queue(shop.desk, work, MAILBOX, contact.id, letter)  # type: ignore[union-attr]

    assert isinstance(shop.desk.db.transact(act), automatic.Queued)
    (letter,) = claim(shop)
    outbox.settle(shop.desk, letter, Delivered("sent", "250 Ok"))
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered


def test_m7_a_relay_that_writes_an_id_of_its_own_is_answered_by_that_one(shop: Shop, started: int) -> None:
    """Handbook: Amazon SES replaces the Message-ID and names its own in the 250."""
    post = Post(shop)
    send(shop, started)
    (letter,) = claim(shop)
    theirs = "0100018f-aa@email.amazonses.com"
    outbox.settle(shop.desk, letter, Delivered("sent", "250 Ok 0100018f-aa", server_message_id=theirs))
    found = post(mail("recebi", sender=MARINA, In_Reply_To=f"<{theirs}>"))
    assert outcome(shop, found) == "threaded"
    other = post(mail("quem?", sender=MARINA, In_Reply_To="<0100018f-ab@email.amazonses.com>"))
    assert outcome(shop, other) == "triage"


@pytest.mark.parametrize("state", ["retry", "failed", "in doubt"])
def test_m5_what_another_has_claimed_meanwhile_is_not_for_who_lost_it_to_judge(
    shop: Shop, started: int, events: Events, state: str
) -> None:
    send(shop, started)
    (old,) = claim(shop, "old")
    outbox.recover(shop.desk, ensure(shop.desk, MAILBOX))
    (new,) = claim(shop, "new")
    before = events(started)
    outbox.settle(shop.desk, old, Delivered(state, "451 later"))  # type: ignore[arg-type]
    assert states(shop) == [("claimed", "")] and events(started) == before
    outbox.settle(shop.desk, new, Delivered("sent", "250 Ok"))
    assert states(shop) == [("sent", "250 Ok")]


def test_m5_a_message_that_was_offered_once_is_not_taken_back(shop: Shop, started: int) -> None:
    """A server that answered 4xx may have it all the same."""
    sent = send(shop, started)
    (letter,) = claim(shop)
    outbox.settle(shop.desk, letter, Delivered("retry", "451 later"))
    assert states(shop)[0][0] == "queued"
    refused = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
    assert isinstance(refused, Refusal) and refused.code == "gone out"
    assert correspondence.waiting(shop.desk, started, actor=shop.bia) is None


def test_m5_what_failed_is_taken_back_to_be_edited(shop: Shop, started: int, events: Events) -> None:
    sent = send(shop, started, "Olá.", cc="lia@x.example")
    (letter,) = claim(shop)
    outbox.settle(shop.desk, letter, Delivered("failed", "550 5.1.1 no such user"))
    assert correspondence.waiting(shop.desk, started, actor=shop.bia) == sent.outbox
    assert correspondence.waiting(shop.desk, started, actor=shop.caio) is None
    draft = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
    assert isinstance(draft, Draft) and (draft.body, draft.cc) == ("Olá.", "lia@x.example")
    assert drafts.load(shop.desk, started, actor=shop.bia) is not None
    assert events(started)[-1] == ("mail taken back", "bia") and states(shop)[0][0] == "taken back"
    again = correspondence.retry(shop.desk, sent.outbox, actor=shop.bia)
    assert not isinstance(again, Refusal) and again.refused[0].why.code == "not retryable" and claim(shop) == []
    assert correspondence.waiting(shop.desk, started, actor=shop.bia) is None


def test_m5_what_is_held_after_a_try_need_not_leave(shop: Shop, started: int) -> None:
    """It asks first: no is an answer too."""
    sent = send(shop, started)
    (letter,) = claim(shop)
    outbox.settle(shop.desk, letter, Delivered("retry", "451 later"))
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = not_before - 7200000", {})
    outbox.recover(shop.desk, ensure(shop.desk, MAILBOX))
    assert states(shop)[0][0] == "held"
    assert correspondence.waiting(shop.desk, started, actor=shop.bia) == sent.outbox
    assert isinstance(correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia), Draft)
    assert claim(shop) == [] and states(shop)[0][0] == "taken back"


@pytest.mark.parametrize("state", ["sent", "in doubt"])
def test_m5_what_a_server_has_or_may_have_is_not_taken_back(shop: Shop, started: int, state: str) -> None:
    sent = send(shop, started)
    for letter in claim(shop):
        outbox.settle(shop.desk, letter, Delivered(state, "?"))  # type: ignore[arg-type]
    refused = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
    assert isinstance(refused, Refusal) and refused.code == "gone out" and states(shop)[0][0] == state


def test_m5_only_what_did_not_arrive_is_sent_again_and_only_by_who_may_write(
    shop: Shop, started: int, events: Events
) -> None:
    sent = send(shop, started)

    def code(login: str = "bia") -> str:
        done = correspondence.retry(shop.desk, sent.outbox, actor=getattr(shop, login))
        return done.code if isinstance(done, Refusal) else next((one.why.code for one in done.refused), "done")

    assert code() == "not retryable", "it waits"
    (letter,) = claim(shop)
    outbox.settle(shop.desk, letter, Delivered("failed", "550 no"))
    assert code("caio") == "not the assignee" and code() == "done"
    assert events(started)[-1] == ("mail retried", "bia")
    (again,) = claim(shop)
    assert headers(again)["Message-ID"] == headers(letter)["Message-ID"] and again.raw == letter.raw
    outbox.settle(shop.desk, again, Delivered("sent", "250 Ok"))
    assert code() == "not retryable" and claim(shop) == [], "what arrived never leaves again"


def test_m7_a_message_answers_the_newest_mail_that_both_sides_know(shop: Shop, started: int) -> None:
    """Not a stranger's, nor what the customer never got."""
    post = Post(shop)
    send(shop, started)
    (first,) = claim(shop)
    outbox.settle(shop.desk, first, Delivered("sent", "250 Ok"))
    ours = headers(first)["Message-ID"]
    suspect = mail("sou eu", sender="X <x@golpe.example>", id="golpe", In_Reply_To=ours)
    assert outcome(shop, post(suspect)) == "suspect"
    assert correspondence.take_back(shop.desk, send(shop, started, "engano").outbox, actor=shop.bia)
    send(shop, started, "recusada")
    (failed,) = claim(shop)
    outbox.settle(shop.desk, failed, Delivered("failed", "550 no"))
    send(shop, started, "de novo")
    (second,) = claim(shop)
    assert (headers(second)["In-Reply-To"], headers(second)["References"]) == (ours, ours)
    assert outcome(shop, post(mail("recebi", sender=MARINA, id="dela", In_Reply_To=ours))) == "threaded"
    send(shop, started, "obrigada")
    third = headers(claim(shop)[0])
    assert third["In-Reply-To"] == "<dela@clientes.example>"
    known = [ours, headers(second)["Message-ID"], "<dela@clientes.example>"]
    assert str(third["References"]).split() == known


def test_m10_what_a_reply_quotes_is_kept_folded(shop: Shop, started: int) -> None:
    send(shop, started)
    (letter,) = claim(shop)
    text = "Obrigada!\n\nEm seg., 2 de nov. de 2026 às 10:00, Loja <sac@loja.example> escreveu:\n> Olá Marina.\n"
    Post(shop)(mail(text, sender=MARINA, In_Reply_To=headers(letter)["Message-ID"]))
    entry = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert entry.text.strip() == "Obrigada!" and any("> Olá Marina." in part for part in entry.folded)


def test_m9_a_ticket_that_a_reply_reopens_is_closed_no_more(shop: Shop, started: int) -> None:
    send(shop, started)
    (letter,) = claim(shop)
    for phase in reading.ticket(shop.desk, started, actor=shop.bia).flow.phases:
        for item in phase.items:
            tickets.tick(shop.desk, started, item.id, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="trocado").done
    closed = "SELECT closed_at IS NOT NULL FROM tickets WHERE number = :n"
    assert shop.desk.db.rows(closed, {"n": started})[0][0]
    Post(shop)(mail("de novo", sender=MARINA, In_Reply_To=headers(letter)["Message-ID"]))
    assert not shop.desk.db.rows(closed, {"n": started})[0][0]
