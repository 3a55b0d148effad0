"""What people are told, in the program and by e-mail, and what they are not (N1, N2, P3, M11)."""

import email
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from domain.people import PROGRAM, Role
from domain.refusals import Refusal
from domain.text import words_in
from loop import (
    correspondence,
    drafts,
    following,
    matching,
    notes,
    notifications,
    outbox,
    people,
    receiving,
    tickets,
)
from loop import notification_mail as by_mail
from loop.desk import wall_clock
from loop.loading import load, re_rank
from loop.mailboxes import ensure
from loop.sending import Sender
from loop.views import Notice
from loop.worker import Worker
from mail.delivery import Delivered
from mail.mailbox import Cursor, Fetched
from mail.parse import parse
from storage import leases
from storage.tables import Follower
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.servers.smtpsink import SmtpSink

HOUR, DAY = 3_600_000, 86_400_000
Arrive = Callable[..., str]


@pytest.fixture
def arrive(shop: Shop) -> Arrive:
    """Put a mail through keep and process; its outcome."""
    uids = iter(range(1, 1000))
    mailbox = ensure(shop.desk, MAILBOX)

    def put(mail: EmailMessage) -> str:
        raw, uid = mail.as_bytes(), next(uids)
        receiving.keep(shop.desk, mailbox, [Fetched(uid, 7, len(raw), raw)], Cursor(7, uid))
        assert receiving.process(shop.desk) == 1
        return shop.desk.db.rows("SELECT outcome FROM inbound ORDER BY id DESC LIMIT 1")[0][0]

    return put


def told(shop: Shop, login: str) -> list[Notice]:
    """The notices of somebody, oldest first; as many as are counted."""
    actor = shop.desk.actor(login)
    found = notifications.notices(shop.desk, actor=actor)
    assert notifications.unread(shop.desk, actor=actor) == sum(not n.read for n in found)
    return list(reversed(found))


def kinds(shop: Shop, login: str) -> list[str]:
    return [n.kind for n in told(shop, login)]


def wish(shop: Shop, login: str, **kinds_: bool) -> None:
    """Choose what comes by e-mail too."""
    chosen = {"notify": {kind.replace("_", " "): on for kind, on in kinds_.items()}}
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET prefs = :p WHERE login = :l", {"p": json.dumps(chosen), "l": login})


def mails(shop: Shop) -> list[tuple[str, str]]:
    """Address and subject of the notifications that wait to leave."""
    found = shop.desk.db.rows(
        "SELECT m.recipients, m.subject FROM outbox o JOIN messages m ON m.id = o.message_id"
        " WHERE m.kind = 'notification' ORDER BY o.id"
    )
    return [(json.loads(r)[0][1] if isinstance(r, str) else r[0][1], s) for r, s in found]


def customer(number: int, text: str = "E aí?", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Marina A. <marina@clientes.example>",
        "sac@loja.example",
        f"[#{number}]",
    )
    mail["Message-ID"] = f"<{abs(hash((text, number)))}@clientes.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def test_n2_who_is_given_a_ticket_by_somebody_else_is_told_and_who_takes_one_is_not(shop: Shop, started: int) -> None:
    assert kinds(shop, "bia") == [], "she took it herself"
    tickets.assign(shop.desk, [started], "caio", actor=shop.bia)
    (notice,) = told(shop, "caio")
    assert (notice.kind, notice.who, notice.ticket, notice.subject, notice.text) == (
        "assigned", "bia", started, "Chegou tarde", "",
    )  # fmt: skip
    tickets.assign(shop.desk, [started], None, actor=shop.bia)
    assert kinds(shop, "caio") == ["assigned"]


def test_n2_m6_a_customers_reply_is_told_to_the_assignee_and_the_followers(
    shop: Shop, started: int, arrive: Arrive
) -> None:
    following.follow(shop.desk, [started], actor=shop.rui)
    assert arrive(customer(started, "Obrigada!\nAté logo")) == "threaded"
    for login in ("bia", "rui"):
        assert [(n.kind, n.who, n.text) for n in told(shop, login)] == [("reply", "Marina A.", "Obrigada! Até logo")]
    assert told(shop, "caio") == [] and told(shop, "ana") == []


def test_n2_a_message_that_failed_is_told_to_who_wrote_it(shop: Shop, started: int) -> None:
    draft = drafts.begin(shop.desk, started, actor=shop.bia)
    sent = correspondence.send(shop.desk, replace(draft, body="Olá"), actor=shop.bia)
    assert not isinstance(sent, Refusal)
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = 0, attempts = 1", {})
    (letter,) = outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me")
    outbox.settle(shop.desk, letter, Delivered("failed", "550 no"))
    assert [(n.kind, n.who) for n in told(shop, "bia")] == [("mail failed", "retorno")]


def test_p3_n1_what_one_may_see_no_more_is_neither_listed_nor_counted(shop: Shop, started: int, arrive: Arrive) -> None:
    following.follow(shop.desk, [started], actor=shop.caio)
    arrive(customer(started))
    notes.add(shop.desk, [started], "@caio segredo", actor=shop.rui)
    assert kinds(shop, "caio") == ["reply", "mention"]
    following.unfollow(shop.desk, [started], actor=shop.caio)
    assert kinds(shop, "caio") == ["reply"], "the note is out of their sight, and so is that there is one"
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.caio.id})
    assert kinds(shop, "caio") == []
    shop.clock.now += 1
    arrive(customer(started, "mais"))
    assert shop.desk.db.rows("SELECT COUNT(*) FROM notifications WHERE user_id = :u", {"u": shop.caio.id})[0][0] == 2


def test_n1_notify_skips_who_acts_who_is_gone_and_who_may_not_read_the_note(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "x", actor=shop.rui)
    note = shop.desk.db.rows("SELECT MAX(id) FROM notes")[0][0]
    everybody = [getattr(shop, login).id for login in ("ana", "bia", "caio", "davi", "rui")] + [None, 999]
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET active = false WHERE login = :l", {"l": "caio"})
        for __ in range(2):
            notifications.notify(
                work, everybody, "mention", ticket=started, note_id=note, actor=shop.rui, at=shop.clock.now
            )
        notifications.notify(work, everybody, "reply", ticket=started, actor=PROGRAM, at=shop.clock.now)
        notifications.notify(work, everybody, "reply", ticket=999, actor=PROGRAM, at=shop.clock.now)
    assert {login: kinds(shop, login) for login in ("ana", "bia", "davi", "rui")} == {
        "ana": ["reply"],
        "bia": ["mention", "mention", "reply"],
        "davi": [],
        "rui": ["reply"],
    }
    written = {r[0] for r in shop.desk.db.rows("SELECT user_id FROM notifications")}
    assert written == {shop.ana.id, shop.bia.id, shop.rui.id}, "for the others not even kept"


def test_n2_notices_are_read_one_by_one_or_all_by_who_they_are_for(shop: Shop, started: int, arrive: Arrive) -> None:
    following.follow(shop.desk, [started], actor=shop.rui)
    for i in range(4):
        arrive(customer(started, f"{i}"))
    ids = [n.id for n in told(shop, "bia")]
    assert notifications.read(shop.desk, ids[:1], actor=shop.rui) == 0, "not rui's"
    assert notifications.read(shop.desk, ids[:2], actor=shop.bia) == 2
    assert notifications.read(shop.desk, ids[:2], actor=shop.bia) == 0
    assert notifications.unread(shop.desk, actor=shop.bia) == 2
    assert [n.id for n in notifications.notices(shop.desk, actor=shop.bia, unread=True)] == [ids[3], ids[2]]
    page = notifications.notices(shop.desk, actor=shop.bia, before=ids[3], limit=2)
    assert [n.id for n in page] == [ids[2], ids[1]]
    assert notifications.read(shop.desk, [], actor=shop.bia) == 0
    assert notifications.read(shop.desk, None, actor=shop.bia) == 2
    assert notifications.unread(shop.desk, actor=shop.rui) == 4


def due(shop: Shop, number: int, at: int) -> None:
    with shop.desk.db.write() as work:
        row = load(work, [number], PROGRAM)[number].row
        row.due_at = at
        re_rank(row)


def test_n2_what_is_due_soon_and_overdue_is_told_once_a_person_and_due_date(shop: Shop, started: int) -> None:
    now = shop.clock.now
    due(shop, started, now + DAY + 1)
    assert notifications.remind(shop.desk) == 0
    shop.clock.now += 1
    assert [notifications.remind(shop.desk) for __ in range(2)] == [1, 0]
    assert [(n.kind, n.who, n.at) for n in told(shop, "bia")] == [("due soon", "retorno", now + 1)]
    shop.clock.now = now + DAY + 1
    assert [notifications.remind(shop.desk) for __ in range(2)] == [1, 0]
    assert kinds(shop, "bia") == ["due soon", "overdue"]
    tickets.assign(shop.desk, [started], "caio", actor=shop.caio)
    assert notifications.remind(shop.desk) == 1
    assert (kinds(shop, "bia"), kinds(shop, "caio")) == (["due soon", "overdue"], ["overdue"])
    due(shop, started, shop.clock.now + HOUR)
    assert [notifications.remind(shop.desk) for __ in range(2)] == [1, 0]
    assert kinds(shop, "caio") == ["overdue", "due soon"], "a new date is news"


def test_n2_a_reminder_by_mail_is_of_today_however_old_the_date(shop: Shop, started: int) -> None:
    ensure(shop.desk, MAILBOX)
    wish(shop, "bia", overdue=True)
    due(shop, started, shop.clock.now - 2 * DAY)
    assert notifications.remind(shop.desk) == 1
    assert mails(shop) == [("bia@loja.example", f"[Retorno #{started}] overdue: Chegou tarde")]
    assert shop.desk.db.rows("SELECT not_before FROM outbox") == [(shop.clock.now,)], (
        "else it would be too late to leave"
    )


def test_reading_notices_does_not_wait_for_sqlmodel() -> None:
    """The screen asks for their number as it opens."""
    code = "import sys; from loop import files, notifications; assert not {'sqlmodel', 'sqlalchemy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("how", ["closed", "archived", "snoozed", "merged", "nobody's", "long ago", "no date"])
def test_n2_what_needs_nobody_reminds_nobody(shop: Shop, started: int, how: str) -> None:
    due(shop, started, shop.clock.now - (8 * DAY if how == "long ago" else HOUR))
    change = {
        "closed": "status = 2",
        "archived": "archived = true",
        "snoozed": f"snoozed_until = {shop.clock.now + HOUR}",
        "merged": "merged_into = number",
        "nobody's": "assignee_id = NULL",
        "long ago": "version = version + 1",
        "no date": f"due_at = NULL, rank = rank + {1 << 43}",
    }[how]
    with shop.desk.db.write() as work:
        work.run(f"UPDATE tickets SET {change} WHERE number = :n", {"n": started})
    assert notifications.remind(shop.desk) == 0


def test_n2_reminders_come_from_one_of_two_workers(shop: Shop, started: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loop.worker.SETTLE_S", 0.01)
    due(shop, started, shop.clock.now)
    shop.desk.config = type(shop.desk.config)(db_url=shop.desk.config.db_url)
    calls, tried, real = [], threading.Semaphore(0), leases.take

    def take(*args: object) -> bool:
        try:
            return real(*args)  # type: ignore[arg-type]
        finally:
            tried.release()

    monkeypatch.setattr(leases, "take", take)
    monkeypatch.setattr(notifications, "remind", lambda desk: calls.append(desk))
    workers = [Worker(shop.desk), Worker(shop.desk)]
    for worker in workers:
        worker.start()
    for __ in workers:
        assert tried.acquire(timeout=60)
    for worker in workers:
        worker.stop()
    assert calls == [shop.desk]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM leases")[0][0] == 0, "given back"


# By e-mail


def test_n2_e_mail_comes_to_who_wishes_it_and_a_mention_until_it_is_not_wished(shop: Shop, started: int) -> None:
    ensure(shop.desk, MAILBOX)
    tickets.assign(shop.desk, [started], "caio", actor=shop.bia)
    assert mails(shop) == []
    wish(shop, "bia", assigned=True)
    tickets.assign(shop.desk, [started], "bia", actor=shop.caio)
    notes.add(shop.desk, [started], "@bia e @rui", actor=shop.caio)
    assert mails(shop) == [
        ("bia@loja.example", f"[Retorno #{started}] @caio assigned this to you: Chegou tarde"),
        ("bia@loja.example", f"[Retorno #{started}] @caio mentioned you: Chegou tarde"),
        ("rui@loja.example", f"[Retorno #{started}] @caio mentioned you: Chegou tarde"),
    ]
    wish(shop, "bia", mention=False)
    shop.clock.now += DAY
    notes.add(shop.desk, [started], "@bia", actor=shop.caio)
    assert len(mails(shop)) == 3


def test_n2_no_e_mail_without_a_mailbox_or_an_address(shop: Shop, started: int) -> None:
    notes.add(shop.desk, [started], "@caio", actor=shop.bia)
    assert mails(shop) == []
    ensure(shop.desk, MAILBOX)
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET email = 'a@b@c' WHERE login = 'caio'", {})
        work.run("UPDATE users SET email = '' WHERE login = 'rui'", {})
    notes.add(shop.desk, [started], "@caio @rui", actor=shop.bia)
    assert mails(shop) == [] and kinds(shop, "caio") == ["mention", "mention"]


def test_n2_a_person_gets_one_mail_of_a_kind_about_a_ticket_in_five_minutes(shop: Shop, started: int) -> None:
    ensure(shop.desk, MAILBOX)
    begin = shop.clock.now
    for minute in (0, 1, 4, 5, 6, 9, 10):
        shop.clock.now = begin + minute * 60_000
        notes.add(shop.desk, [started], "@caio", actor=shop.bia)
    assert len(mails(shop)) == 3, "at 0, 5 and 10"
    assert kinds(shop, "caio") == ["mention"] * 7


def test_m11_a_big_act_sends_nobody_a_flood(shop: Shop, started: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_mail, "MOST", 3)
    ensure(shop.desk, MAILBOX)
    wish(shop, "caio", assigned=True)
    many = [started]
    for i in range(5):
        number = shop.answer(name=f"Z{i}", email=f"z{i}@clientes.example")
        tickets.start(shop.desk, [number], actor=shop.bia)
        many.append(number)
    tickets.assign(shop.desk, many, "caio", actor=shop.bia)
    assert (len(mails(shop)), len(told(shop, "caio"))) == (3, 6)
    notes.add(shop.desk, many, "@caio", actor=shop.bia)
    assert len(mails(shop)) == 3
    shop.clock.now += 6 * 60_000
    notes.add(shop.desk, [started], "@caio", actor=shop.bia)
    assert len(mails(shop)) == 4


def test_n2_the_mail_is_in_the_language_of_who_reads_it(shop: Shop, started: int) -> None:
    ensure(shop.desk, MAILBOX)
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET language = 'pt' WHERE login = 'caio'", {})
    notes.add(shop.desk, [started], "@caio @rui", actor=shop.bia)
    assert [s for __, s in mails(shop)] == [
        f"[Retorno #{started}] {by_mail.headline(words_in(language), 'mention', 'bia')}: Chegou tarde"
        for language in ("pt", "en")
    ]


def test_n2_m11_the_mail_leaves_marked_as_automatic_and_touches_neither_timeline_nor_ticket(
    shop: Shop, started: int, events: Events
) -> None:
    """Through the sender to a real server, and back as a bounce, an absence note, an answer and a loop."""
    shop.clock.now = wall_clock()
    ensure(shop.desk, MAILBOX)
    notes.add(shop.desk, [started], "@caio\n\x1b[2Jveja isto", actor=shop.bia)
    before, row = events(started), ticket_row(shop, started)
    with SmtpSink() as sink:
        raw = deliver(shop, sink)
    mail = parse(raw)
    assert [a.address for a in mail.to] == ["caio@loja.example"] and mail.sender.address == "sac@loja.example"
    assert mail.subject == f"[Retorno #{started}] @bia mentioned you: Chegou tarde"
    assert b"Auto-Submitted: auto-generated\r\n" in raw and b"multipart" not in raw
    assert "> @caio\n> [2Jveja isto" in mail.text and f"retorno ticket {started}" in mail.text
    assert events(started) == before and ticket_row(shop, started) == row
    with shop.desk.db.write() as work:
        assert matching.known_addresses(work, started) == {"marina@clientes.example"}


def test_n2_m8_m11_what_comes_back_of_such_a_mail_has_its_outcome_and_does_nothing_on_a_ticket(
    shop: Shop, started: int, events: Events, arrive: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes.add(shop.desk, [started], "@caio", actor=shop.bia)
    before, row = events(started), ticket_row(shop, started)
    raw = bytes(shop.desk.db.rows("SELECT b.data FROM messages m JOIN blobs b ON b.hash = m.raw")[0][0])
    ours = parse(raw)
    about = {"In_Reply_To": f"<{ours.message_id}>", "References": f"<{ours.message_id}>"}
    from_caio = {"to": "sac@loja.example", "sender": "Caio <caio@loja.example>"}
    with shop.desk.db.write() as work:
        work.run("UPDATE mailboxes SET unknown_sender = 'ticket'", {})
    assert (
        arrive(answer(ours.subject, "Estou fora", Auto_Submitted="auto-replied", **about, **from_caio)) == "automatic"
    )
    stranger = {"to": "sac@loja.example", "sender": "Lia <lia@clientes.example>"}
    assert arrive(answer(ours.subject, "Pode deixar", **about, **stranger)) == "suspect"
    assert arrive(bounce(raw, "caio@loja.example")) == "bounce"
    loop = EmailMessage()
    for name, value in (("From", "x@loja.example"), ("To", "sac@loja.example"), ("Message-ID", f"<{ours.message_id}>")):
        loop[name] = value
    loop.set_content("eco")
    assert arrive(loop) == "automatic"
    assert events(started) == before and ticket_row(shop, started) == row
    assert shop.desk.db.rows("SELECT COUNT(*) FROM tickets")[0][0] == 1, "an answer to a notification opens none"
    assert shop.desk.db.rows("SELECT bounced_at FROM messages WHERE kind = 'notification'") == [(shop.clock.now,)]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM contacts WHERE bounced_at IS NOT NULL")[0][0] == 0
    assert kinds(shop, "bia") == [] and kinds(shop, "caio") == ["mention"]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM inbound WHERE message IS NOT NULL")[0][0] == 0


@pytest.mark.parametrize("state", ["failed", "in doubt", "retry"])
def test_n2_a_mail_of_this_kind_that_cannot_leave_says_nothing_on_the_ticket(
    shop: Shop, started: int, events: Events, state: str
) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    notes.add(shop.desk, [started], "@caio", actor=shop.bia)
    before = events(started)
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = 0", {})
    (letter,) = outbox.claim(shop.desk, mailbox, "me")
    if state == "in doubt":
        with shop.desk.db.write() as work:
            work.run("UPDATE outbox SET state = 'data'", {})
        outbox.recover(shop.desk, mailbox)
    else:
        outbox.settle(shop.desk, letter, Delivered(state, "550 no"))
    assert events(started) == before and kinds(shop, "bia") == []
    assert shop.desk.db.rows("SELECT state FROM outbox") == [("queued" if state == "retry" else state,)]
    id = letter.outbox
    assert isinstance(correspondence.retry(shop.desk, id, actor=shop.bia), Refusal)
    assert isinstance(correspondence.take_back(shop.desk, id, actor=shop.bia), Refusal)


def test_m5_n2_late_notifications_are_neither_held_nor_sent_when_they_are_no_news(shop: Shop, started: int) -> None:
    mailbox = ensure(shop.desk, MAILBOX)
    notes.add(shop.desk, [started], "@caio @rui", actor=shop.bia)
    first, second = (r[0] for r in shop.desk.db.rows("SELECT id FROM outbox ORDER BY id"))
    with shop.desk.db.write() as work:
        for id, hours in ((first, 2), (second, 25)):
            work.run(
                f"UPDATE outbox SET not_before = {shop.desk.db.now_sql} - :late WHERE id = :id",
                {"id": id, "late": hours * HOUR},
            )
    outbox.recover(shop.desk, mailbox)
    assert shop.desk.db.rows("SELECT state FROM outbox ORDER BY id") == [("queued",), ("failed",)]


def test_n1_a_restricted_note_travels_to_nobody_who_may_not_read_it(shop: Shop, started: int, arrive: Arrive) -> None:
    people.add_user(
        shop.desk, "edu", "Edu", "edu@loja.example", shop.bia.level, actor=shop.ana, flows={shop.flow: Role.AGENT}
    )
    for login in ("caio", "edu", "ana", "davi"):
        wish(shop, login, mention=True, reply=True, assigned=True)
    following.follow(shop.desk, [started], actor=shop.edu)
    with shop.desk.db.write() as work:  # a follower from before they left the flow
        work.put(Follower(ticket=started, user_id=shop.davi.id, since=0, sees_from=0))
    notes.add(shop.desk, [started], "segredo de @rui, sem caio", actor=shop.bia)
    arrive(customer(started))
    tickets.assign(shop.desk, [started], "caio", actor=shop.bia)
    bodies = shop.desk.db.rows("SELECT recipients, text FROM messages WHERE kind = 'notification'")
    assert len(bodies) == 3
    assert all(("segredo" in text) == ("rui@" in str(to)) for to, text in bodies)


def ticket_row(shop: Shop, number: int) -> list[tuple[object, ...]]:
    return list(shop.desk.db.rows("SELECT * FROM tickets WHERE number = :n", {"n": number}))


def deliver(shop: Shop, sink: SmtpSink) -> bytes:
    """Let a sender hand over what waits; the raw mail that the server took."""
    config = replace(MAILBOX, smtp_port=sink.port)
    ending, ready = threading.Event(), threading.Event()
    sender = Sender(shop.desk, config, ensure(shop.desk, config), "me", ending, lambda *__: ready.set())
    thread = threading.Thread(target=sender.run, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while shop.desk.db.rows("SELECT state FROM outbox") != [("sent",)]:
        assert time.monotonic() < end, shop.desk.db.rows("SELECT state, answer, not_before FROM outbox")
        time.sleep(0.02)
    ending.set()
    thread.join(60)
    (kept,) = sink.kept
    return kept.raw


def answer(subject: str, text: str, *, to: str, sender: str, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, f"Re: {subject}"
    mail["Message-ID"] = f"<{abs(hash(text))}@loja.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def bounce(raw: bytes, address: str) -> EmailMessage:
    """What a server writes that could not deliver (RFC 3464)."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "MAILER-DAEMON@loja.example", "sac@loja.example"
    mail["Subject"], mail["Message-ID"] = "Undelivered Mail Returned to Sender", "<b@loja.example>"
    mail.set_content("It could not be delivered.")
    mail.make_mixed()
    status = EmailMessage()
    status.set_type("message/delivery-status")
    report = (
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.loja.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    )
    mail.attach(email.message_from_string(report))
    mail.attach(email.message_from_bytes(b"Content-Type: message/rfc822\r\n\r\n" + raw))
    mail.set_type("multipart/report")
    mail.set_param("report-type", "delivery-status")
    return mail
