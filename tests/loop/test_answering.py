"""Answers to notifications by e-mail become notes: by token and address, for who may, once (N1, N2, M7, M8)."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.message import EmailMessage

import pytest

from domain.people import Level, Role
from domain.refusals import Refusal, refuse
from loop import (
    answering,
    following,
    ledger,
    merging,
    notes,
    notifications,
    people,
    reading,
    receiving,
    signing,
    tickets,
    transfers,
    triage,
)
from loop.mailboxes import ensure, keys
from mail.mailbox import Cursor, Fetched
from mail.tokens import Forged, NoticeToken, message_id, new_key, notice_id, read_notice_id
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, balanced, mail, outcome, reason

QUOTED = (
    "\n\nEm seg., 2 de nov. de 2026 às 10:00, Retorno <sac@loja.example> escreveu:\n> @bia mentioned you.\n> segredo\n"
)


@dataclass
class Told:
    """A notification that left."""

    id: str
    subject: str


@pytest.fixture
def post(shop: Shop) -> Post:
    return Post(shop)


def sent(shop: Shop, login: str) -> Told:
    """The newest notification by e-mail to somebody."""
    for id, subject, to in shop.desk.db.rows(
        "SELECT message_id, subject, recipients FROM messages WHERE kind = 'notification' ORDER BY id DESC"
    ):
        people_ = json.loads(to) if isinstance(to, str) else to
        if people_[0][1] == f"{login}@loja.example":
            return Told(id, subject)
    raise AssertionError(f"nothing was sent to {login}")


@pytest.fixture
def told(shop: Shop, started: int, post: Post) -> Told:
    """Caio was mentioned by bia, who has the ticket, and got a mail."""
    notes.add(shop.desk, [started], "segredo @caio", actor=shop.bia)
    return sent(shop, "caio")


def answer(
    told: Told, text: str = "Pode deixar", sender: str = "Caio <caio@loja.example>", **headers: str
) -> EmailMessage:
    """What a mail program sends when one answers."""
    about = {"In-Reply-To": f"<{told.id}>", "References": f"<{told.id}>"} | headers
    return mail(text + QUOTED, sender=sender, subject=f"Re: {told.subject}", **about)


def noted(shop: Shop, number: int) -> list[tuple[str, str]]:
    """Author and words of a ticket's notes, the oldest first."""
    return [
        (login, body)
        for login, body in shop.desk.db.rows(
            "SELECT u.login, n.body FROM notes n JOIN users u ON u.id = n.author_id WHERE n.ticket = :n ORDER BY n.id",
            {"n": number},
        )
    ]


def state(shop: Shop) -> list[object]:
    """Everything of tickets that a mail could change; what people are told, too."""
    return [
        list(shop.desk.db.rows(f"SELECT * FROM {table} ORDER BY 1, 2"))
        for table in ("tickets", "events", "notes", "followers", "notifications", "attachments")
    ] + [list(shop.desk.db.rows("SELECT id FROM messages ORDER BY id"))]


def evidence(shop: Shop, id: int) -> str:
    return str(shop.desk.db.rows("SELECT evidence FROM inbound WHERE id = :id", {"id": id})[0][0])


def test_n2_an_answer_becomes_a_note_of_that_person_and_nothing_else_happens(
    shop: Shop, started: int, told: Told, post: Post, events: Events
) -> None:
    before = shop.desk.db.rows("SELECT unanswered, last_in_at, last_out_at, status, assignee_id FROM tickets")
    line = post(answer(told))
    assert outcome(shop, line) == "threaded" and "note" in reason(shop, line)
    assert evidence(shop, line) == f"In-Reply-To: {told.id} · From: caio@loja.example"
    assert noted(shop, started)[1:] == [("caio", "Pode deixar")], "only what is new"
    assert events(started)[-1] == ("note", "caio")
    entry = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert (entry.kind, entry.who, entry.data) == ("note", "caio", {"via": "mail"})
    assert shop.desk.db.rows("SELECT unanswered, last_in_at, last_out_at, status, assignee_id FROM tickets") == before
    customers = shop.desk.db.rows("SELECT COUNT(*) FROM messages WHERE outgoing = true AND kind <> 'notification'")
    assert customers[0][0] == 0, "never a mail to the customer"
    assert shop.desk.db.rows("SELECT COUNT(*) FROM messages WHERE outgoing = false")[0][0] == 0
    assert shop.desk.db.rows("SELECT version FROM tickets")[0][0] > 1, "a screen that is open sees it"
    balanced(shop)


def test_m8_the_same_mail_makes_one_note_whatever_way_it_comes(
    shop: Shop, started: int, told: Told, post: Post
) -> None:
    given = answer(told)
    post(given)
    again = post(given)
    relayed = post(b"Received: from x by y\r\nX-Relay: 1\r\n" + given.as_bytes())
    other = Post(shop, replace(MAILBOX, name="vendas", address="vendas@loja.example"))(given)
    validity = Post(shop, validity=9)(given)
    assert {outcome(shop, id) for id in (again, relayed, other, validity)} == {"duplicate"}
    assert len(noted(shop, started)) == 2
    balanced(shop)


def test_m8_what_breaks_while_the_note_is_written_is_kept_and_retried_into_one_note(
    shop: Shop, started: int, told: Told, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as broken:
        broken.setattr(notes, "join", breaks)
        line = post(answer(told, "@rui veja"))
    assert outcome(shop, line) == "quarantined" and len(noted(shop, started)) == 1
    assert not isinstance(triage.retry(shop.desk, line, actor=shop.ana), Refusal)
    assert isinstance(triage.retry(shop.desk, line, actor=shop.ana), Refusal), (
        "out of her sight now, with the note (N1)"
    )
    assert noted(shop, started)[1:] == [("caio", "@rui veja")] and outcome(shop, line) == "threaded"
    balanced(shop)


def test_n1_mentions_in_it_work_and_files_come_along(shop: Shop, started: int, told: Told, post: Post) -> None:
    """Under the name that is safe, in one batch with another answer that has other files."""
    notes.add(shop.desk, [started], "@rui também", actor=shop.bia)
    first, second = answer(told, "@rui @davi olhem"), answer(sent(shop, "rui"), "aqui", sender="rui@loja.example")
    first.add_attachment(b"um", maintype="image", subtype="png", filename="../foto.png")
    second.add_attachment(b"dois", maintype="application", subtype="pdf", filename="nota.pdf")
    raws = [one.as_bytes() for one in (first, second)]
    fetched = [Fetched(uid, 7, len(raw), raw) for uid, raw in enumerate(raws, 1)]
    receiving.keep(shop.desk, post.mailbox, fetched, Cursor(7, 2))
    assert receiving.process(shop.desk) == 2
    files = shop.desk.db.rows(
        "SELECT n.body, a.name, b.data FROM attachments a JOIN notes n ON n.id = a.note_id JOIN blobs b ON b.hash = a.blob ORDER BY n.id"
    )
    assert [(body, name, bytes(data)) for body, name, data in files] == [
        ("@rui @davi olhem", "foto.png", b"um"),
        ("aqui", "nota.pdf", b"dois"),
    ]
    newest = notifications.notices(shop.desk, actor=shop.rui)[0]
    assert (newest.kind, newest.who, newest.text) == ("mention", "caio", "@rui @davi olhem")
    assert notifications.notices(shop.desk, actor=shop.davi) == (), "who does not see the ticket is not told (P3)"
    balanced(shop)


def test_n1_files_beyond_the_limits_stay_in_the_mail_and_the_ledger_says_so(
    shop: Shop, started: int, told: Told, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "LARGEST", 10)
    monkeypatch.setattr(notes, "MOST_FILES", 2)
    given = answer(told)
    for i, size in enumerate((11, 1, 2, 3)):
        given.add_attachment(b"%d" % i * size, maintype="application", subtype="pdf", filename=f"{i}.pdf")
    line = post(given)
    assert shop.desk.db.rows("SELECT name FROM attachments ORDER BY id") == [("1.pdf",), ("2.pdf",)]
    assert outcome(shop, line) == "threaded" and "2 files are too much" in reason(shop, line)


@pytest.mark.parametrize("text", ["", "x" * 120_000], ids=["nothing", "too long"])
def test_n1_what_is_no_note_in_the_program_is_none_by_mail(shop: Shop, told: Told, post: Post, text: str) -> None:
    before = state(shop)
    line = post(answer(told, text if not text else "\n".join(["palavras e mais " * 60] * 130)))
    assert outcome(shop, line) == "suspect" and state(shop) == before
    balanced(shop)


def test_n2_replies_and_assignments_are_answered_the_same_way(shop: Shop, started: int, post: Post) -> None:
    chosen = json.dumps({"notify": {"assigned": True, "reply": True}})
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET prefs = :p", {"p": chosen})
    tickets.assign(shop.desk, [started], "caio", actor=shop.bia)
    assert outcome(shop, post(answer(sent(shop, "caio"), "vi"))) == "threaded"
    post(mail("E aí?", sender="marina@clientes.example", subject=f"[#{started}]"))
    assert outcome(shop, post(answer(sent(shop, "caio"), "ligo hoje"))) == "threaded"
    assert noted(shop, started) == [("caio", "vi"), ("caio", "ligo hoje")]
    assert shop.desk.db.rows("SELECT unanswered FROM tickets WHERE number = :n", {"n": started}) == [(True,)], (
        "she still waits"
    )


def test_n2_the_address_is_the_persons_however_it_is_written(shop: Shop, started: int, told: Told, post: Post) -> None:
    assert outcome(shop, post(answer(told, sender='"Caio, da Loja" <CAIO@Loja.Example>'))) == "threaded"
    assert outcome(shop, post(answer(told, "e mais", **{"In-Reply-To": f"<{told.id.upper()}>"}))) == "threaded"
    by_references = answer(told, "só aqui", References=f"<a@b.example>, <{told.id}>")
    del by_references["In-Reply-To"]
    line = post(by_references)
    assert outcome(shop, line) == "threaded" and evidence(shop, line).startswith("References: ")


Forge = Callable[[Shop, Told, int], EmailMessage]


def _forged_signature(shop: Shop, told: Told, number: int) -> EmailMessage:
    return answer(replace(told, id=told.id[:5] + ("a" if told.id[5] != "a" else "b") + told.id[6:]))


def _own_key(shop: Shop, told: Told, number: int) -> EmailMessage:
    return answer(replace(told, id=notice_id(new_key(1), number, 1, int(shop.caio.id or 0), "loja.example")))


def _of_a_customer(shop: Shop, told: Told, number: int) -> EmailMessage:
    """A token for customers, which whoever got a mail of the ticket has."""
    key = list(keys(shop.desk.db.rows).values())[-1]
    return answer(replace(told, id=message_id(key, number, 1, "loja.example")))


def _no_token(shop: Shop, told: Told, number: int) -> EmailMessage:
    return answer(replace(told, id="someone@loja.example"))


@pytest.mark.parametrize("forge", [_forged_signature, _own_key, _of_a_customer, _no_token])
def test_m7_n2_without_a_genuine_token_for_people_an_address_alone_writes_no_note(
    shop: Shop, started: int, told: Told, post: Post, forge: Forge
) -> None:
    line = post(forge(shop, told, started))
    assert outcome(shop, line) in ("triage", "suspect") and len(noted(shop, started)) == 1
    balanced(shop)


def test_n2_a_signed_answer_to_a_notification_that_was_never_sent_from_here_is_suspect(
    shop: Shop, started: int, told: Told, post: Post
) -> None:
    """The key may have signed it on a copy of the database; what was sent here is known here, by its whole id."""
    key = list(keys(shop.desk.db.rows).values())[-1]
    caio = shop.desk.db.rows("SELECT id FROM users WHERE login = 'caio'")[0][0]
    known = shop.desk.db.rows("SELECT id FROM messages WHERE message_id = :id", {"id": told.id})[0][0]
    for message in (known, 999_999):
        other = notice_id(key, started, message, caio, "loja.example")
        line = post(answer(replace(told, id=other), f"Pode {message}"))
        assert (outcome(shop, line), reason(shop, line)) == ("suspect", "that notification is not known here")
    assert len(noted(shop, started)) == 1
    balanced(shop)


def test_m7_the_newest_key_signs_notifications(shop: Shop, started: int, told: Told, post: Post) -> None:
    old = keys(shop.desk.db.rows)
    assert isinstance(signing.rotate(shop.desk, actor=shop.ana), signing.Rotated)
    shop.clock.now += 3_600_000
    notes.add(shop.desk, [started], "de novo @caio", actor=shop.bia)
    again = sent(shop, "caio")
    assert isinstance(read_notice_id(told.id, old), NoticeToken)
    assert isinstance(read_notice_id(again.id, old), Forged), "the old key does not know it"
    for one in (told, again):
        assert outcome(shop, post(answer(one, f"sobre {one.id}"))) == "threaded"


def test_m7_n2_a_token_for_people_is_none_for_customers(shop: Shop, started: int, told: Told, post: Post) -> None:
    """The customer who came to have it does not get onto the ticket by it, and nothing is opened."""
    before = state(shop)
    assert outcome(shop, post(answer(told, sender="marina@clientes.example"))) == "suspect"
    assert state(shop) == before
    balanced(shop)


@pytest.mark.parametrize(
    "sender",
    [
        "Bia <bia@loja.example>",
        "caio@loja.example.evil.example",
        "Caio <caio@loja.example>, Lia <lia@evil.example>",
        "caio@loja.example <lia@evil.example>",
        "Lia <lia@evil.example>",
    ],
)
def test_n2_another_address_than_that_persons_is_suspect_and_does_nothing(
    shop: Shop, started: int, told: Told, post: Post, sender: str
) -> None:
    """A colleague's too: the token is caio's alone."""
    before = state(shop)
    given = answer(told).as_bytes().replace(b"From: Caio <caio@loja.example>", b"From: " + sender.encode())
    line = post(given)
    assert outcome(shop, line) == "suspect" and state(shop) == before
    assert isinstance(triage.accept(shop.desk, line, actor=shop.ana), Refusal), "it quotes notes that she does not read"
    accepted = triage.accept(shop.desk, line, actor=shop.bia)
    assert not isinstance(accepted, Refusal), accepted
    assert outcome(shop, line) == "threaded"
    (author, body) = shop.desk.db.rows(
        "SELECT u.login, n.body FROM notes n JOIN users u ON u.id = n.author_id WHERE n.ticket = :n ORDER BY n.id DESC",
        {"n": started},
    )[0]
    assert author == "bia" and " by e-mail:" in body.split("\n")[0], (
        "no hand makes it caio's word: it is hers, who vouches"
    )
    balanced(shop)


def test_n2_two_from_headers_are_suspect(shop: Shop, told: Told, post: Post) -> None:
    before = state(shop)
    assert (
        outcome(shop, post(b"From: caio@loja.example\r\n" + answer(told, sender="x@evil.example").as_bytes()))
        == "suspect"
    )
    assert state(shop) == before


Lose = Callable[[Shop, int], object]


def _deactivated(shop: Shop, number: int) -> object:
    return people.deactivate(shop.desk, "caio", actor=shop.ana)


def _lost_the_flow(shop: Shop, number: int) -> object:
    with shop.desk.db.write() as work:
        work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.caio.id})
    return None


def _no_level(shop: Shop, number: int) -> object:
    return people.change_user(shop.desk, "caio", level=Level.NONE, actor=shop.ana)


def _other_address(shop: Shop, number: int) -> object:
    return people.change_user(shop.desk, "caio", email="caio.novo@loja.example", actor=shop.ana)


def _ticket_went(shop: Shop, number: int) -> object:
    return transfers.transfer(shop.desk, [number], shop.other_flow, "Novo", actor=shop.ana)


def _merged_out_of_sight(shop: Shop, number: int) -> object:
    other = shop.answer(3, "outra", email="lia@clientes.example")
    assert other
    _ticket_went(shop, other)
    return merging.merge(shop.desk, [number], other, actor=shop.ana)


@pytest.mark.parametrize(
    "lose", [_deactivated, _lost_the_flow, _no_level, _other_address, _ticket_went, _merged_out_of_sight]
)
def test_p3_n2_who_may_no_more_writes_no_note(shop: Shop, started: int, told: Told, post: Post, lose: Lose) -> None:
    assert not isinstance(lose(shop, started), Refusal)
    before = state(shop)
    line = post(answer(told))
    assert outcome(shop, line) == "suspect" and state(shop) == before, reason(shop, line)
    balanced(shop)


def test_p4_n2_the_right_to_note_is_asked_by_mail_too(
    shop: Shop, told: Told, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today everybody who sees a ticket may note on it: whatever else is decided there binds mails as well."""
    monkeypatch.setattr(answering, "may_note", lambda actor, flow: refuse("analysts read"))
    before = state(shop)
    line = post(answer(told))
    assert outcome(shop, line) == "suspect" and reason(shop, line) == str(refuse("analysts read"))
    assert state(shop) == before


def test_p4_an_analyst_may_note_and_so_may_their_mail(shop: Shop, started: int, post: Post) -> None:
    notes.add(shop.desk, [started], "@rui", actor=shop.bia)
    post(answer(sent(shop, "rui"), "anotado", sender="rui@loja.example"))
    assert noted(shop, started)[-1] == ("rui", "anotado")


def test_m7_a_merged_tickets_notes_go_to_its_survivor(shop: Shop, started: int, told: Told, post: Post) -> None:
    other = shop.answer(3, "outra", email="lia@clientes.example")
    assert other and merging.merge(shop.desk, [started], other, actor=shop.ana).done
    line = post(answer(told))
    assert noted(shop, other) == [("caio", "Pode deixar")] and outcome(shop, line) == "threaded"
    balanced(shop)


@pytest.mark.parametrize("headers", [{"Auto-Submitted": "auto-replied"}, {"X-Autoreply": "yes"}])
def test_m11_an_absence_note_does_nothing(shop: Shop, told: Told, post: Post, headers: dict[str, str]) -> None:
    before = state(shop)
    assert outcome(shop, post(answer(told, "Estou fora", **headers))) == "automatic" and state(shop) == before
    balanced(shop)


TRUSTED = "mx.loja.example"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (f"{TRUSTED}; spf=pass; dmarc=fail (p=none dis=none) header.from=loja.example", "suspect"),
        (f"{TRUSTED} 1; DMARC = Fail", "suspect"),
        (f'{TRUSTED}; spf=pass smtp.mailfrom="; dmarc=pass"; dmarc=fail', "suspect"),
        (f"{TRUSTED}; dkim=fail (dmarc=fail); dmarc=pass header.from=loja.example", "threaded"),
        (f"{TRUSTED}; dmarc=none", "threaded"),
        ("mx.evil.example; dmarc=fail", "threaded"),
    ],
)
def test_n2_a_failed_dmarc_of_the_trusted_host_is_suspect(
    shop: Shop, told: Told, post: Post, result: str, expected: str
) -> None:
    account = replace(MAILBOX, trusted_authserv=TRUSTED)
    ensure(shop.desk, account)
    before = state(shop)
    line = post(answer(told, **{"Authentication-Results": result}))
    assert outcome(shop, line) == expected
    assert (state(shop) == before) == (expected == "suspect")


def test_n1_a_restricted_note_by_mail_is_read_by_who_reads_notes_there_and_in_the_ledger_too(
    shop: Shop, started: int, told: Told, post: Post
) -> None:
    """The mail quotes the note that it answers; so do a suspect one and what a machine sent back."""
    people.add_user(
        shop.desk, "edu", "Edu", "edu@loja.example", Level.ADMINISTRATOR, actor=shop.ana, flows={shop.flow: Role.AGENT}
    )
    given = answer(told, "também segredo")
    lines = [
        post(given),
        post(answer(told, "falso", sender="x@evil.example")),
        post(answer(told, "Estou fora", **{"Auto-Submitted": "auto-replied"})),
        post(given),
    ]
    words = {
        login: [
            e.text for e in reading.ticket(shop.desk, started, actor=getattr(shop, login)).entries if e.kind == "note"
        ]
        for login in ("bia", "caio", "edu", "ana")
    }
    both = ["segredo @caio", "também segredo"]
    assert words == {"bia": both, "caio": both, "edu": [], "ana": []}
    for line in lines[:3]:
        for login, reads in (("caio", True), ("edu", False), ("ana", False)):
            actor = getattr(shop, login)
            assert isinstance(ledger.raw(shop.desk, line, actor=actor), bytes) == reads, (login, line)
            assert isinstance(ledger.mail(shop.desk, line, actor=actor), Refusal) != reads
    listed = ledger.lines(shop.desk, actor=shop.edu)
    assert isinstance(listed, tuple) and [row.subject for row in listed] == [""] * 4, "the duplicate neither"
    following.follow(shop.desk, [started], "edu", actor=shop.bia)
    assert isinstance(ledger.raw(shop.desk, lines[0], actor=shop.edu), bytes)


def test_p3_an_answer_is_hidden_in_the_ledger_from_who_does_not_see_the_ticket(
    shop: Shop, told: Told, post: Post
) -> None:
    people.add_user(shop.desk, "edu", "Edu", "edu@loja.example", Level.ADMINISTRATOR, actor=shop.ana)
    line = post(answer(told))
    assert isinstance(ledger.mail(shop.desk, line, actor=shop.edu), Refusal)


def test_m8_an_oversized_answer_waits_for_the_rest_and_becomes_a_note_then(
    shop: Shop, started: int, told: Told, post: Post
) -> None:
    given = answer(told)
    line = post(given, size=50_000_000)
    assert outcome(shop, line) == "triage" and len(noted(shop, started)) == 1
    assert not isinstance(triage.again_whole(shop.desk, line, given.as_bytes(), actor=shop.ana), Refusal)
    assert noted(shop, started)[1:] == [("caio", "Pode deixar")] and outcome(shop, line) == "threaded"
    balanced(shop)


def test_n2_the_mail_says_in_one_line_what_an_answer_does(shop: Shop, told: Told) -> None:
    said = shop.desk.db.rows("SELECT text FROM messages WHERE kind = 'notification'")[0][0]
    wanted = "Answering this mail writes a note on the ticket: colleagues read it, the customer does not."
    assert wanted in said.split("\n") and "Nobody reads" not in said


def test_m7_a_mail_that_goes_on_with_a_customer_is_theirs_though_it_names_a_notification(
    shop: Shop, started: int, told: Told, post: Post
) -> None:
    """In-Reply-To comes before References: the customer answers our mail in which a notification was forwarded."""
    key = list(keys(shop.desk.db.rows).values())[-1]
    ours = message_id(key, started, 99, "loja.example")
    line = post(answer(told, sender="marina@clientes.example", **{"In-Reply-To": f"<{ours}>"}))
    assert outcome(shop, line) == "threaded" and len(noted(shop, started)) == 1


def test_n2_every_other_mail_is_none_of_this(shop: Shop) -> None:
    from mail.parse import parse

    with shop.desk.db.write() as work:
        came = answering.Came(1, ensure(shop.desk, MAILBOX), "", parse(mail().as_bytes()))
        assert answering.receive(work, came, keys(work.rows), 0) is None
