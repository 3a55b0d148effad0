"""Sending and receiving without the wire: what is written, matched and refused."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage

import pytest

from domain.flows import Status
from domain.refusals import Refusal
from loop import blocking, correspondence, drafts, ledger, notifications, outbox, queue, reading, receiving, tickets
from loop.mailboxes import ensure, keys
from loop.views import Draft, Sent, View
from mail.delivery import Delivered
from mail.mailbox import Cursor, Fetched
from mail.parse import parse
from mail.tokens import plus_address, unsubscribe_word
from tests.loop.conftest import MAILBOX, Events, Shop

Arrive = Callable[..., str]


def write(shop: Shop, number: int, body: str = "Olá Marina, sinto muito.") -> Draft:
    return replace(drafts.begin(shop.desk, number, actor=shop.bia), body=body)


def send(shop: Shop, number: int, body: str = "Olá Marina, sinto muito.") -> Sent:
    sent = correspondence.send(shop.desk, write(shop, number, body), actor=shop.bia)
    assert isinstance(sent, Sent), str(sent)
    return sent


def leave(shop: Shop, *states: str) -> list[outbox.Letter]:
    """Let what is queued leave, the server saying each state in turn; what left."""
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = 0, attempts = 1 WHERE state = :s", {"s": "queued"})
    letters = outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me")
    for letter, state in zip(letters, states or ["sent"] * len(letters), strict=True):
        outbox.settle(shop.desk, letter, Delivered(state, "250 2.0.0 Ok: queued as X"))
    return letters


@pytest.fixture
def arrive(shop: Shop) -> Arrive:
    """Put a mail through keep and process; its outcome."""
    uids = iter(range(1, 1000))
    mailbox = ensure(shop.desk, MAILBOX)

    def put(mail: EmailMessage | bytes) -> str:
        raw = mail if isinstance(mail, bytes) else mail.as_bytes()
        uid = next(uids)
        receiving.keep(shop.desk, mailbox, [Fetched(uid, 7, len(raw), raw)], Cursor(7, uid))
        assert receiving.process(shop.desk) == 1
        return shop.desk.db.rows("SELECT outcome FROM inbound ORDER BY id DESC LIMIT 1")[0][0]

    return put


def reply_to(
    raw: bytes, text: str = "Obrigada!", sender: str = "Marina Alves <marina@clientes.example>", **headers: str
) -> EmailMessage:
    ours = parse(raw)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "sac@loja.example", f"Re: {ours.subject}"
    mail["Message-ID"] = f"<{abs(hash((text, sender, str(headers))))}@clientes.example>"
    mail["In-Reply-To"] = mail["References"] = f"<{ours.message_id}>"
    for name, value in headers.items():
        name = name.replace("_", "-")
        del mail[name]
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail


def test_m1_only_the_assignee_writes_and_only_in_progress(shop: Shop, ticket: int) -> None:
    draft = replace(drafts.begin(shop.desk, ticket, actor=shop.bia), body="x")
    assert correspondence.send(shop.desk, draft, actor=shop.bia).code == "not started"
    tickets.start(shop.desk, [ticket], actor=shop.bia)
    assert correspondence.send(shop.desk, draft, actor=shop.bia).code == "nobody assigned"
    tickets.assign(shop.desk, [ticket], "caio", actor=shop.bia)
    assert correspondence.send(shop.desk, draft, actor=shop.bia).code == "not the assignee"
    assert correspondence.review(shop.desk, draft, actor=shop.bia).refusal.code == "not the assignee"


def test_m5_a_message_is_recorded_with_the_act_and_its_draft_is_gone(shop: Shop, started: int, events: Events) -> None:
    drafts.save(shop.desk, write(shop, started), actor=shop.bia)
    sent = send(shop, started)
    assert drafts.load(shop.desk, started, actor=shop.bia) is None
    assert events(started)[-1] == ("mail out", "bia")
    entry = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert (entry.state, entry.outbox, entry.text) == ("queued", sent.outbox, "Olá Marina, sinto muito.\n")
    mail = parse(reading.raw(shop.desk, entry.message, actor=shop.bia))
    assert [a.address for a in mail.to] == ["marina@clientes.example"] and mail.kind == "message"


def test_m4_m5_taking_back_is_judged_by_the_databases_clock(shop: Shop, started: int) -> None:
    sent = send(shop, started)
    assert correspondence.take_back(shop.desk, sent.outbox, actor=shop.caio).code == "not yours"
    back = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
    assert isinstance(back, Draft) and back.body == "Olá Marina, sinto muito."
    assert drafts.load(shop.desk, started, actor=shop.bia).body == back.body
    again = send(shop, started)
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = not_before - 60000 WHERE id = :id", {"id": again.outbox})
    assert correspondence.take_back(shop.desk, again.outbox, actor=shop.bia).code == "gone out"
    assert len(leave(shop)) == 1, "what was taken back never leaves"


def test_m4_what_was_begun_since_is_not_lost_when_a_message_is_taken_back(shop: Shop, started: int) -> None:
    for begun in ("E mais uma coisa", "Olá Marina, sinto muito.", " \n"):
        sent = send(shop, started)
        drafts.save(shop.desk, write(shop, started, begun), actor=shop.bia)
        back = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
        more = "\n\nE mais uma coisa" if begun.startswith("E") else ""
        assert isinstance(back, Draft) and back.body == "Olá Marina, sinto muito." + more
        assert drafts.load(shop.desk, started, actor=shop.bia).body == back.body


def test_m4_send_and_move_is_one_act_or_none(shop: Shop, started: int) -> None:
    why = correspondence.send(shop.desk, write(shop, started), actor=shop.bia, then_move="Solução")
    assert why.code == "checklist"
    assert shop.desk.db.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0


def test_q2_unanswered_clears_when_the_server_accepts_and_not_before(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    shop.clock.now += 1000
    assert arrive(reply_to(letter.raw)) == "threaded"
    shop.clock.now += 1000
    send(shop, started, "De nada.")
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered
    leave(shop, "retry")
    delayed = next(
        e for e in reversed(reading.ticket(shop.desk, started, actor=shop.bia).entries) if e.kind == "mail out"
    )
    assert (delayed.state, delayed.answer) == ("delayed", "250 2.0.0 Ok: queued as X") and delayed.next_try
    assert queue.rows(shop.desk, [started], actor=shop.bia)[0].unanswered
    leave(shop, "sent")
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert (row.unanswered, row.last_out) == (False, shop.clock.now)


def test_m5_in_doubt_is_never_retried_by_itself_and_keeps_its_id(shop: Shop, started: int) -> None:
    sent = send(shop, started)
    (first,) = leave(shop, "in doubt")
    assert leave(shop) == []
    assert reading.ticket(shop.desk, started, actor=shop.bia).entries[-1].kind == "mail in doubt"
    assert correspondence.retry(shop.desk, sent.outbox, actor=shop.bia).done == (started,)
    (second,) = leave(shop)
    assert first.raw == second.raw


def test_m5_a_dead_senders_messages_are_queued_again_or_in_doubt(shop: Shop, started: int) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    send(shop, started, "um")
    send(shop, started, "dois")
    with shop.desk.db.write() as work:
        work.run(f"UPDATE outbox SET not_before = {shop.desk.db.now_sql} WHERE id > :n", {"n": 0})
    one, two = outbox.claim(shop.desk, mailbox, "dead")
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET state = 'data' WHERE id = :id", {"id": two.outbox})
    outbox.recover(shop.desk, mailbox)
    assert dict(shop.desk.db.rows("SELECT id, state FROM outbox")) == {one.outbox: "queued", two.outbox: "in doubt"}
    again = outbox.claim(shop.desk, mailbox, "next")
    assert [(letter.outbox, letter.attempts) for letter in again] == [(one.outbox, 1)], "nothing was tried"


def test_m5_more_than_an_hour_late_at_start_asks_first(shop: Shop, started: int, events: Events) -> None:
    sent, other = send(shop, started), send(shop, started, "outra")
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = not_before - 3700000 WHERE id = :id", {"id": sent.outbox})
        work.run("UPDATE outbox SET not_before = not_before - 3500000 WHERE id = :id", {"id": other.outbox})
    outbox.recover(shop.desk, ensure(shop.desk, MAILBOX))
    claimed = outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me")
    assert [letter.outbox for letter in claimed] == [other.outbox], "what is less late leaves"
    assert events(started)[-1] == ("mail held", "—")
    assert isinstance(correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia), Draft)


def test_m7_a_reply_by_its_signed_id_is_threaded_and_tells_the_assignee(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    assert arrive(reply_to(letter.raw)) == "threaded"
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert row.unanswered and row.last_in == shop.clock.now
    entry = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert (entry.kind, entry.who, entry.text) == ("mail in", "Marina Alves", "Obrigada!")
    assert shop.desk.db.rows("SELECT user_id, kind FROM notifications") == [(shop.bia.id, "reply")]
    assert shop.desk.db.rows("SELECT reason, evidence FROM inbound")[0][0] == "token"


def test_m7_a_long_correspondence_still_names_its_first_mail_and_the_newest(shop: Shop, started: int) -> None:
    """The handbook: References are the first and the newest."""
    ids = []
    for n in range(24):
        send(shop, started, f"mensagem {n}")
        (letter,) = leave(shop)
        ids.append(parse(letter.raw).message_id)
    assert parse(letter.raw).in_reply_to == (ids[-2],)
    named = [id.strip("<>") for id in str(message_from_bytes(letter.raw)["References"]).split()]
    assert len(named) > 5 and named[0] == ids[0]
    assert named[1:] == ids[-len(named) : -1], "the newest in their order, none left out"


def test_m7_any_known_message_id_threads_too(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    first = reply_to(letter.raw)
    arrive(first)
    second = reply_to(letter.raw, "E mais uma coisa", In_Reply_To=first["Message-ID"], References=first["Message-ID"])
    assert arrive(second) == "threaded"


def test_m7_a_strangers_right_thread_is_suspect_and_changes_nothing(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    assert arrive(reply_to(letter.raw, "Mudem meu endereço", "Outra <outra@golpe.example>")) == "suspect"
    row = queue.rows(shop.desk, [started], actor=shop.bia)[0]
    assert not row.unanswered and row.email == "marina@clientes.example"
    assert reading.ticket(shop.desk, started, actor=shop.bia).entries[-1].state == "suspect"


def test_m7_a_forged_token_is_not_ours(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    ours = parse(letter.raw).message_id
    forged = ours.replace("@", "a@", 1)
    assert arrive(reply_to(letter.raw, In_Reply_To=f"<{forged}>", References="", Subject="oi")) == "triage"
    assert "forged" in shop.desk.db.rows("SELECT reason FROM inbound")[0][0]
    # Nor does it become one by being a mail's own id.
    assert arrive(reply_to(letter.raw, "de verdade", Message_ID=f"<{forged}>")) == "threaded"
    assert arrive(reply_to(letter.raw, "outra", In_Reply_To=f"<{forged}>", References="", Subject="oi")) == "triage"


def test_m7_a_subject_tag_counts_only_from_somebody_on_the_ticket(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    plain = {"In_Reply_To": "", "References": "", "Subject": f"[#{started}] entrega"}
    assert arrive(reply_to(letter.raw, "sou eu", **plain)) == "threaded"
    assert arrive(reply_to(letter.raw, "sou eu", "X <x@golpe.example>", **plain)) == "triage"


def test_m7_a_subject_tag_from_a_stranger_makes_a_new_item_that_says_where_it_may_belong(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    plain = {"In_Reply_To": "", "References": ""}

    def said() -> str:
        return str(shop.desk.db.rows("SELECT reason FROM inbound ORDER BY id DESC LIMIT 1")[0][0])

    assert arrive(reply_to(letter.raw, "um", "X <x@x.example>", Subject=f"[#{started}] entrega", **plain)) == "triage"
    assert f"possibly #{started}" in said()
    assert arrive(reply_to(letter.raw, "dois", "X <x@x.example>", Subject="[#999] entrega", **plain)) == "triage"
    assert "possibly" not in said(), "there is no such ticket"
    with shop.desk.db.write() as work:
        work.run("UPDATE mailboxes SET unknown_sender = 'ticket'", {})
    assert arrive(reply_to(letter.raw, "três", "X <x@x.example>", Subject=f"[#{started}] entrega", **plain)) == "new"
    assert f"possibly #{started}" in said()


def test_m7_the_customers_address_is_known_however_it_is_written(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    assert arrive(reply_to(letter.raw, "um", "Marina <Marina@Clientes.EXAMPLE>")) == "threaded"
    plain = {"In_Reply_To": "", "References": "", "Subject": f"[#{started}] entrega"}
    assert arrive(reply_to(letter.raw, "dois", "Marina <MARINA@clientes.example>", **plain)) == "threaded"


def test_m7_whom_we_copied_is_no_stranger_unless_the_message_was_taken_back(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    copied = replace(write(shop, started, "com cópia"), cc="Gerente <Gerente@loja2.example>")
    taken = correspondence.send(shop.desk, copied, actor=shop.bia)
    assert isinstance(taken, Sent) and isinstance(
        correspondence.take_back(shop.desk, taken.outbox, actor=shop.bia), Draft
    )
    assert isinstance(correspondence.send(shop.desk, replace(copied, cc=""), actor=shop.bia), Sent)
    (letter,) = leave(shop)
    assert arrive(reply_to(letter.raw, "um", "G <gerente@loja2.example>")) == "suspect"
    seen = reading.ticket(shop.desk, started, actor=shop.bia).last_event
    again = correspondence.send(shop.desk, replace(copied, body="agora sim", seen_event=seen), actor=shop.bia)
    assert isinstance(again, Sent), again
    leave(shop)
    assert arrive(reply_to(letter.raw, "dois", "G <gerente@loja2.example>")) == "threaded"


def test_m6_a_reply_ends_a_snooze_and_brings_back_from_the_archive(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)

    def put_away() -> None:
        with shop.desk.db.write() as work:
            work.run(
                "UPDATE tickets SET archived = :yes, snoozed_until = :until WHERE number = :n",
                {"yes": True, "until": shop.clock.now + 86_400_000, "n": started},
            )

    def away() -> tuple[bool, bool]:
        found = shop.desk.db.rows("SELECT archived, snoozed_until FROM tickets WHERE number = :n", {"n": started})[0]
        return bool(found[0]), found[1] is not None

    put_away()
    absent = reply_to(letter.raw, "estou fora", Auto_Submitted="auto-replied")
    assert arrive(absent) == "automatic" and away() == (True, True), "a machine brings nothing back"
    assert arrive(reply_to(letter.raw, "quem sou", "X <x@golpe.example>")) == "suspect" and away() == (True, True)
    assert arrive(reply_to(letter.raw)) == "threaded" and away() == (False, False)


def test_m8_the_same_mail_twice_is_a_duplicate_and_the_ledger_balances(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    mail = reply_to(letter.raw).as_bytes()
    assert arrive(mail) == "threaded"
    assert arrive(b"Received: from relay.example\r\n" + mail) == "duplicate"
    assert arrive(reply_to(letter.raw, "outro texto sob outro id")) == "threaded"
    assert arrive(letter.raw) == "automatic", "our own mail that came back is a loop"
    balance = ledger.balance(shop.desk, actor=shop.ana)
    assert balance["seen"] == 4 == sum(n for k, n in balance.items() if k != "seen")
    assert isinstance(ledger.balance(shop.desk, actor=shop.bia), Refusal), "the ledger needs a right (M8)"


def test_m8_one_bad_mail_is_quarantined_and_does_not_stop_the_rest(
    shop: Shop, started: int, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = receiving.Receiver.receive

    def fail_on(self, row, mail):
        if "veneno" in mail.subject:
            raise ValueError("it broke")
        return real(self, row, mail)

    monkeypatch.setattr(receiving.Receiver, "receive", fail_on)
    mailbox = ensure(shop.desk, MAILBOX)
    mails = [
        b"From: a@b.example\r\nSubject: %s\r\n\r\noi %d" % (s, i) for i, s in enumerate((b"um", b"veneno", b"dois"))
    ]
    receiving.keep(shop.desk, mailbox, [Fetched(i, 9, len(m), m) for i, m in enumerate(mails, 1)], Cursor(9, 3))
    assert receiving.process(shop.desk) == 3
    assert [r[0] for r in shop.desk.db.rows("SELECT outcome FROM inbound ORDER BY uid")] == [
        "triage",
        "quarantined",
        "triage",
    ]


def test_m9_a_reply_reopens_a_closed_ticket_and_automatic_mail_never_does(
    shop: Shop, started: int, arrive: Arrive, events: Events
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    for item in reading.ticket(shop.desk, started, actor=shop.bia).flow.phases[1].items:
        tickets.tick(shop.desk, started, item.id, actor=shop.bia)
    tickets.close(shop.desk, [started], resolution="ok", actor=shop.bia)
    away = reply_to(letter.raw, "Estou de férias.", Auto_Submitted="auto-replied")
    assert arrive(away) == "automatic"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert (view.row.status, view.row.unanswered, view.entries[-1].kind) == (Status.CLOSED, False, "automatic mail")
    shop.clock.now += 86_400_000
    assert arrive(reply_to(letter.raw, "Voltou a quebrar")) == "threaded"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert (view.row.status, view.row.phase, view.row.unanswered) == (Status.PROGRESS, "Solução", True)
    assert view.row.due == shop.clock.now + 3 * 86_400_000
    assert [k for k, __ in events(started)][-2:] == ["reopened", "mail in"]


def test_m9_within_days_else_a_new_linked_ticket(shop: Shop, started: int, arrive: Arrive) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET reopening = 'within', reopen_days = 5 WHERE id = :f", {"f": shop.flow})
    send(shop, started)
    (letter,) = leave(shop)
    for item in reading.ticket(shop.desk, started, actor=shop.bia).flow.phases[1].items:
        tickets.tick(shop.desk, started, item.id, actor=shop.bia)
    tickets.close(shop.desk, [started], resolution="ok", actor=shop.bia)
    shop.clock.now += 6 * 86_400_000
    assert arrive(reply_to(letter.raw, "Voltou a quebrar")) == "threaded"
    rows = {r.number: r for r in queue.page(shop.desk, View(), actor=shop.bia).rows}
    new = next(n for n in rows if n != started)
    assert (rows[started].status, rows[new].status, rows[new].unanswered) == (Status.CLOSED, Status.PENDING, True)
    assert reading.ticket(shop.desk, new, actor=shop.bia).entries[0].data["after"] == started


DSN = """From: MAILER-DAEMON@mx.example
To: sac@loja.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn1@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

I could not deliver it.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--B
Content-Type: text/rfc822-headers

Message-ID: <{id}>
Subject: x

--B--
"""


def test_m11_a_permanent_bounce_marks_message_and_address(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    dsn = DSN.format(address="marina@clientes.example", id=parse(letter.raw).message_id).replace("\n", "\r\n").encode()
    assert arrive(dsn) == "bounce"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert view.customer.bounced and view.can["reply"].code == "bounced"
    (out,) = [e for e in view.entries if e.kind == "mail out"]
    assert out.state == "bounced" and "5.1.1" in out.answer, "and says why, in the server's words"
    assert not view.row.unanswered


def test_m11_a_customer_who_writes_from_the_address_can_be_answered_there_again(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    """A stranger's word, and what a program wrote, bring nothing back."""
    send(shop, started)
    (letter,) = leave(shop)
    dsn = DSN.format(address="marina@clientes.example", id=parse(letter.raw).message_id).replace("\n", "\r\n").encode()
    assert arrive(dsn) == "bounce"
    for outcome, more in (
        ("suspect", {"From": "x@outra.example"}),
        ("automatic", {"Auto-Submitted": "auto-replied"}),
        ("threaded", {}),
    ):
        assert reading.ticket(shop.desk, started, actor=shop.bia).customer.bounced
        assert arrive(reply_to(letter.raw, outcome, **more)) == outcome
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not view.customer.bounced and view.can["reply"] is None


def test_m11_a_forged_bounce_cannot_kill_an_address(shop: Shop, started: int, arrive: Arrive) -> None:
    dsn = DSN.format(address="marina@clientes.example", id="made-up@elsewhere.example").replace("\n", "\r\n").encode()
    assert arrive(dsn) == "bounce"
    assert not reading.ticket(shop.desk, started, actor=shop.bia).customer.bounced


def test_m11_a_bounce_that_names_a_mail_of_the_customers_kills_no_address(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    """Whoever got a copy of that mail knows its id; only one of ours may mark (handbook)."""
    send(shop, started)
    (letter,) = leave(shop)
    theirs = reply_to(letter.raw)
    assert arrive(theirs) == "threaded"
    dsn = DSN.format(address="marina@clientes.example", id=str(theirs["Message-ID"]).strip("<>"))
    assert arrive(dsn.replace("\n", "\r\n").encode()) == "bounce"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not view.customer.bounced and view.can["reply"] is None
    assert {e.state for e in view.entries if e.kind == "mail out"} == {"sent"}


def test_m5_a_message_that_cannot_leave_is_given_up_after_days_of_trying_whenever_it_was_written(
    shop: Shop, started: int
) -> None:
    later = correspondence.send(shop.desk, write(shop, started), actor=shop.bia, later=shop.clock.now + 30 * 86_400_000)
    assert isinstance(later, Sent)
    shop.clock.now += 30 * 86_400_000
    tries, waited, state = 0, 0, "queued"
    while state == "queued" and tries < 60:
        with shop.desk.db.write() as work:
            work.run("UPDATE outbox SET not_before = 0, later_at = NULL WHERE state = 'queued'", {})
        (letter,) = outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me")
        tries += 1
        outbox.settle(shop.desk, letter, Delivered("retry", "451 later"))
        state, due, now = shop.desk.db.rows(f"SELECT state, not_before, {shop.desk.db.now_sql} FROM outbox")[0]
        waited += round((due - now) / 60_000) if state == "queued" else 0
    assert state == "failed" and 5 <= waited / 60 / 24 <= 6, "days"
    assert tries < 30, "with pauses that grow"


def test_m11_a_delay_is_no_bounce_and_a_full_mailbox_no_dead_address(
    shop: Shop, started: int, events: Events, arrive: Arrive
) -> None:
    """The handbook's `Action: delayed`: kept on the ticket as what a machine wrote, and nobody is told that it came back."""
    send(shop, started)
    (letter,) = leave(shop)
    dsn = DSN.format(address="marina@clientes.example", id=parse(letter.raw).message_id).replace("\n", "\r\n")
    told = len(notifications.notices(shop.desk, actor=shop.bia))
    assert arrive(dsn.replace("Action: failed", "Action: delayed").encode()) == "automatic"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert (view.customer.bounced, view.entries[-1].kind, view.row.unanswered) == (False, "automatic mail", False)
    assert {e.state for e in view.entries if e.kind == "mail out"} == {"sent"}
    assert len(notifications.notices(shop.desk, actor=shop.bia)) == told
    assert arrive(dsn.replace("5.1.1", "4.2.2").replace("550", "452").encode()) == "bounce"
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not view.customer.bounced and view.can["reply"] is None
    assert {e.state for e in view.entries if e.kind == "mail out"} == {"bounced"}
    assert [n.kind for n in notifications.notices(shop.desk, actor=shop.bia)[: 1 + told]] == ["bounce"]
    assert events(started)[-1][0] == "bounce"


def test_m11_a_bounce_marks_only_whom_the_ticket_writes_to_and_only_by_a_message_of_ours(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    other = shop.answer(email="outra@clientes.example", comment="outra")
    assert other

    def bounced(number: int) -> bool:
        return reading.ticket(shop.desk, number, actor=shop.ana).customer.bounced

    dsn = DSN.format(address="outra@clientes.example", id=parse(letter.raw).message_id).replace("\n", "\r\n").encode()
    assert arrive(dsn) == "bounce"
    assert not bounced(other) and not bounced(started), "a bounce of one customer's mail names another"
    signing = list(keys(shop.desk.db.rows).values())[-1]
    plus = plus_address(signing, MAILBOX.address, started)
    unnamed = DSN.format(address="marina@clientes.example", id="x@x.example").replace(
        "To: sac@loja.example", f"To: {plus}"
    )
    assert arrive(unnamed.replace("\n", "\r\n").encode()) == "bounce"
    assert reading.ticket(shop.desk, started, actor=shop.bia).entries[-1].kind == "bounce", "it has found the ticket"
    assert not bounced(started), "and names no message of ours"


def test_m11_a_bounce_counts_whoever_is_blocked_and_whatever_its_subject_quotes(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    assert blocking.block(shop.desk, "mailer-daemon@mx.example", actor=shop.ana) is None
    send(shop, started)
    (letter,) = leave(shop)
    contact = shop.desk.db.rows("SELECT contact_id FROM tickets WHERE number = :n", {"n": started})[0][0]
    word = unsubscribe_word(list(keys(shop.desk.db.rows).values())[-1], contact)
    dsn = DSN.format(address="marina@clientes.example", id=parse(letter.raw).message_id)
    dsn = dsn.replace("Returned to Sender", f"unsubscribe {word}").replace("\n", "\r\n")
    assert arrive(dsn.encode()) == "bounce"
    assert reading.ticket(shop.desk, started, actor=shop.bia).customer.bounced
    assert shop.desk.db.rows("SELECT unsubscribed_at FROM contacts WHERE id = :c", {"c": contact}) == [(None,)]


def test_t10_a_reply_is_stopped_when_something_unseen_arrived(shop: Shop, started: int, arrive: Arrive) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    draft = write(shop, started, "De novo")
    arrive(reply_to(letter.raw))
    assert correspondence.send(shop.desk, draft, actor=shop.bia).code == "something new"
    seen = replace(draft, seen_event=reading.ticket(shop.desk, started, actor=shop.bia).last_event)
    assert isinstance(correspondence.send(shop.desk, seen, actor=shop.bia), Sent)


def test_r7_what_a_customer_writes_reaches_nobody_as_control_characters(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    send(shop, started)
    (letter,) = leave(shop)
    arrive(
        reply_to(
            letter.raw,
            "oi \x1b]52;c;AAAA\x07 \x9b31m tchau\u202e",
            "\x1b[31mMarina <marina@clientes.example>".replace("\x1b", ""),
        )
    )
    text = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1].text
    assert "oi" in text and not any(c in text for c in "\x1b\x07\x9b\u202e")


def test_i8_a_mailbox_may_open_tickets_for_unknown_senders(shop: Shop, arrive: Arrive) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE mailboxes SET unknown_sender = 'ticket' WHERE id > :n", {"n": 0})
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = (
        "Nova <nova@clientes.example>",
        "sac@loja.example",
        "Cadê?",
        "<n@clientes.example>",
    )
    mail.set_content("Cadê meu pedido?")
    assert arrive(mail) == "new"
    row = queue.page(shop.desk, View(query="is:unanswered"), actor=shop.ana).rows[0]
    assert (row.subject, row.customer, row.score) == ("Cadê?", "Nova", None)


def test_m7_who_is_new_is_answered_where_they_ask_and_nobody_speaks_for_a_customer(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    """The handbook: Reply-To before From for whom we answer."""
    with shop.desk.db.write() as work:
        work.run("UPDATE mailboxes SET unknown_sender = 'ticket'", {})
    ids = iter(range(1, 99))

    def opened(sender: str, reply_to: str, subject: str = "Cadê?", expected: str = "new") -> tuple[int, str, str]:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"], mail["Reply-To"] = sender, "sac@loja.example", subject, reply_to
        mail["Message-ID"] = f"<n{next(ids)}@x.example>"
        mail.set_content("Cadê meu pedido?")
        assert arrive(mail) == expected
        return shop.desk.db.rows(
            "SELECT t.number, c.email, c.name FROM inbound i JOIN tickets t ON t.number = i.ticket"
            " JOIN contacts c ON c.id = t.contact_id ORDER BY i.id DESC LIMIT 1"
        )[0]

    number, email, name = opened("Nova <nova@trabalho.example>", "Casa <nova@casa.example>")
    assert (email, name) == ("nova@casa.example", "Nova")
    same = opened("Nova <Nova@trabalho.example>", "", f"[#{number}] e aí?", "threaded")
    assert same[0] == number, "who opened the ticket is no stranger on it"
    assert opened("Golpe <x@golpe.example>", "marina@clientes.example")[1] == "x@golpe.example"
    assert opened("Marina <marina@clientes.example>", "x@golpe2.example")[1] == "marina@clientes.example"
    assert opened("Eva <eva@x.example>", "sac@loja.example")[1] == "eva@x.example", "our own address"
    assert opened("Zé <ze@x.example>", "SAC+t1.abc@loja.example")[1] == "ze@x.example", "and as it carries tickets"
    assert opened("Ivo <ivo@x.example>", "isto não é um endereço")[1] == "ivo@x.example"


def test_m8_an_oversized_mail_has_its_outcome_and_says_that_it_is_not_whole(shop: Shop) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    headers = b"From: a@b.example\r\nSubject: enorme\r\n\r\n"
    receiving.keep(shop.desk, mailbox, [Fetched(1, 9, 90_000_000, headers, oversized=True)], Cursor(9, 1))
    receiving.process(shop.desk)
    assert shop.desk.db.rows("SELECT outcome, subject, size FROM inbound") == [("triage", "enorme", 90_000_000)]
    assert "over the size limit" in shop.desk.db.rows("SELECT reason FROM inbound")[0][0]


def test_m8_a_mail_that_the_server_cannot_give_is_quarantined(shop: Shop) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    receiving.keep(shop.desk, mailbox, [Fetched(1, 9, 10, b"")], Cursor(9, 1))
    receiving.process(shop.desk)
    assert shop.desk.db.rows("SELECT outcome FROM inbound") == [("quarantined",)]


def test_m8_mails_wait_when_the_database_cannot_work(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    mailbox = ensure(shop.desk, MAILBOX)
    receiving.keep(shop.desk, mailbox, [Fetched(1, 9, 10, b"From: a@b.example\r\n\r\noi")], Cursor(9, 1))

    def full(*__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as m, pytest.raises(sqlite3.OperationalError):
        m.setattr(receiving.Receiver, "receive", full)
        receiving.process(shop.desk)
    assert shop.desk.db.rows("SELECT outcome FROM inbound") == [("",)]
    assert receiving.process(shop.desk) == 1
