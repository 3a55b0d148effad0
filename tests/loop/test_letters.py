"""What leaves and when (M2, M4): variables, files, later, moving and closing in the same act, so many a minute."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from domain.flows import Status
from domain.people import PROGRAM
from domain.refusals import Refusal
from loop import correspondence, customers, drafts, enclosures, outbox, reading, tickets
from loop.letters import MOST_COPIES, copies
from loop.mailboxes import ensure
from loop.notifications import notices
from loop.timeline import record
from loop.views import Draft, Sent
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.test_sending import Post
from tests.servers.smtpsink import SmtpSink

HOUR = 3_600_000


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


def code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else type(done).__name__


def draft(shop: Shop, number: int, body: str = "Olá, vamos resolver.", **more: object) -> Draft:
    return replace(drafts.begin(shop.desk, number, actor=shop.bia), body=body, **more)  # type: ignore[arg-type]


def raw(shop: Shop, sent: Sent) -> bytes:
    sql = "SELECT b.data FROM outbox o JOIN messages m ON m.id = o.message_id JOIN blobs b ON b.hash = m.raw WHERE o.id = :id"
    return bytes(shop.desk.db.rows(sql, {"id": sent.outbox})[0][0])


def leave(shop: Shop) -> list[outbox.Letter]:
    """What a sender would hand over now, the undo windows past; the database's clock cannot be set."""
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET not_before = 1 WHERE state = 'queued'", {})
    return outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me")


def state(shop: Shop, sent: Sent) -> tuple[str, str]:
    return shop.desk.db.rows("SELECT state, answer FROM outbox WHERE id = :id", {"id": sent.outbox})[0]


def test_m2_what_the_review_shows_is_what_leaves_in_both_forms(shop: Shop, started: int) -> None:
    written = draft(
        shop,
        started,
        "Olá {{ customer.first_name }} <b>,\n> ok\nhttps://loja.example/?a=1&b=2",
        subject="{{ ticket.number }}",
    )
    review = correspondence.review(shop.desk, written, actor=shop.bia)
    assert review.refusal is None and review.subject == str(started)
    sent = correspondence.send(shop.desk, written, actor=shop.bia)
    assert isinstance(sent, Sent)
    mail = message_from_bytes(raw(shop, sent), policy=policy.default)
    assert mail["Subject"] == str(started)
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    assert (plain.strip(), html.strip()) == (review.body.strip(), review.html.strip())
    assert "Olá Marina &lt;b&gt;," in html and '<a href="https://loja.example/?a=1&amp;b=2">' in html
    assert "src=" not in html and "<blockquote" in html


def test_m2_all_that_is_missing_is_named_and_nothing_leaves(shop: Shop, started: int) -> None:
    written = draft(shop, started, "{{ customer.phone }} {{ answer.attributes.Loja }}", subject="{{ customer.id }}")
    for done in (
        correspondence.review(shop.desk, written, actor=shop.bia).refusal,
        correspondence.send(shop.desk, written, actor=shop.bia),
    ):
        assert code(done) == "missing"
        assert all(name in str(done) for name in ("customer.id", "customer.phone", "answer.attributes.Loja"))
    broken = draft(shop, started, "a\n{{ customer.")
    assert "line 2" in str(correspondence.send(shop.desk, broken, actor=shop.bia))
    assert shop.desk.db.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0


def test_m4_files_are_kept_with_the_draft_leave_with_it_and_come_back(shop: Shop, started: int) -> None:
    given = [("../../etc/nota.pdf", b"%PDF-1"), ("nota.pdf", b"%PDF-2"), ("foto\r\nBcc: x.png", b"\x89PNG")]
    kept = enclosures.attach(shop.desk, started, given, actor=shop.bia)
    assert not isinstance(kept, Refusal)
    names = [f.name for f in kept]
    assert names[:2] == ["nota.pdf", "nota (2).pdf"] and not any("\n" in name or "/" in name for name in names)
    assert enclosures.files(shop.desk, started, actor=shop.caio) == ()
    assert code(enclosures.attach(shop.desk, started, given, actor=shop.davi)) == "no ticket"
    written = draft(shop, started, "Segue em anexo.")
    review = correspondence.review(shop.desk, written, actor=shop.bia)
    assert [f.name for f in review.files] == names and review.warnings == ()
    sent = correspondence.send(shop.desk, written, actor=shop.bia)
    assert isinstance(sent, Sent)
    assert enclosures.files(shop.desk, started, actor=shop.bia) == ()
    mail = message_from_bytes(raw(shop, sent), policy=policy.default)
    assert [(p.get_filename(), p.get_content()) for p in mail.iter_attachments()] == list(
        zip(names, [data for __, data in given], strict=True)
    )
    assert mail["Bcc"] is None
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not isinstance(view, Refusal)
    assert [f.name for f in view.entries[-1].attachments] == names
    assert isinstance(correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia), Draft)
    back = enclosures.files(shop.desk, started, actor=shop.bia)
    assert [f.name for f in back] == names
    assert [f.name for f in enclosures.detach(shop.desk, started, back[0].id, actor=shop.bia)] == names[1:]
    assert len(enclosures.detach(shop.desk, started, back[1].id, actor=shop.caio)) == 0, "only the writer's own"
    assert len(enclosures.files(shop.desk, started, actor=shop.bia)) == 2


def test_m4_attached_is_warned_of_only_when_nothing_is(shop: Shop, started: int) -> None:
    written = draft(shop, started, "Veja o anexo.")
    assert correspondence.review(shop.desk, written, actor=shop.bia).warnings
    enclosures.attach(shop.desk, started, [("a.txt", b"x")], actor=shop.bia)
    assert not correspondence.review(shop.desk, written, actor=shop.bia).warnings


def test_m4_files_have_limits(shop: Shop, started: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosures, "LARGEST", 10)
    assert (
        code(enclosures.attach(shop.desk, started, [("a", b"x" * 6), ("b", b"x" * 5)], actor=shop.bia))
        == "files too large"
    )
    assert enclosures.files(shop.desk, started, actor=shop.bia) == ()
    assert code(enclosures.attach(shop.desk, started, [("a", b"")] * 21, actor=shop.bia)) == "too many files out"


def test_m4_the_same_words_with_a_file_are_another_message(shop: Shop, started: int) -> None:
    written = draft(shop, started)
    first = correspondence.send(shop.desk, written, actor=shop.bia)
    assert correspondence.send(shop.desk, written, actor=shop.bia) == first, "a key pressed twice sends once"
    enclosures.attach(shop.desk, started, [("a.txt", b"x")], actor=shop.bia)
    assert correspondence.send(shop.desk, written, actor=shop.bia) != first


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"body": " \n\t"}, "empty"),
        ({"subject": " \x00 "}, "no subject"),
        ({"body": "x" * (drafts.LONGEST + 1)}, "too long"),
        ({"cc": "lia@x.example, isto não"}, "bad address"),
        ({"cc": "lia@x.example\r\nBcc: eva@x.example"}, "bad address"),
        ({"cc": ", ".join(f"a{n}@x.example" for n in range(MOST_COPIES + 1))}, "too many"),
    ],
)
def test_m3_m4_what_cannot_leave_says_why_in_the_review_and_stays(
    shop: Shop, started: int, more: dict[str, str], why: str
) -> None:
    written = draft(shop, started, **({"body": "Olá."} | more))
    assert code(correspondence.review(shop.desk, written, actor=shop.bia).refusal) == why
    assert code(correspondence.send(shop.desk, written, actor=shop.bia)) == why
    assert shop.desk.db.rows("SELECT COUNT(*) FROM outbox") == [(0,)]


def test_m4_a_copy_goes_once_to_each_and_to_as_many_as_there_may_be(shop: Shop, started: int) -> None:
    assert copies("Lia <LIA@x.example>; lia@x.example,, eva@x.example ") == ("lia@x.example", "eva@x.example")
    many = tuple(f"a{n}@x.example" for n in range(MOST_COPIES))
    sent = correspondence.send(shop.desk, draft(shop, started, cc=";".join(many)), actor=shop.bia)
    assert isinstance(sent, Sent)
    (letter,) = leave(shop)
    assert letter.recipients[1:] == many


def test_t10_a_suspect_mail_that_came_meanwhile_is_looked_at_too(shop: Shop, started: int) -> None:
    """Somebody who may be the customer wrote: the answer is shown again before it leaves."""
    written = draft(shop, started)
    seen = reading.ticket(shop.desk, started, actor=shop.bia).last_event  # type: ignore[union-attr]
    with shop.desk.db.write() as work:
        record(work, started, "suspect mail", actor=PROGRAM, at=shop.desk.now())
    assert code(correspondence.send(shop.desk, replace(written, seen_event=seen), actor=shop.bia)) == "something new"
    newest = reading.ticket(shop.desk, started, actor=shop.bia).last_event  # type: ignore[union-attr]
    assert code(correspondence.send(shop.desk, replace(written, seen_event=newest), actor=shop.bia)) == "Sent"


def test_m4_sent_later_leaves_when_its_time_comes_and_not_before(shop: Shop, started: int) -> None:
    later = shop.desk.now() + 2 * HOUR
    sent = correspondence.send(shop.desk, draft(shop, started), actor=shop.bia, later=later)
    assert isinstance(sent, Sent)
    here = shop.desk.db.rows(f"SELECT {shop.desk.db.now_sql}")[0][0]
    assert abs(sent.leaves_at - here - 2 * HOUR) < 60_000, "by the database's clock"
    assert outbox.claim(shop.desk, ensure(shop.desk, MAILBOX), "me") == []
    assert correspondence.waiting(shop.desk, started, actor=shop.bia) == sent.outbox
    assert correspondence.waiting(shop.desk, started, actor=shop.caio) is None
    assert b"Date: " in raw(shop, sent)
    assert len(leave(shop)) == 1
    for when in (shop.desk.now(), shop.desk.now() + 400 * 24 * HOUR):
        assert code(correspondence.send(shop.desk, draft(shop, started), actor=shop.bia, later=when)) == "not later"


def test_m4_sent_later_is_taken_back_until_then(shop: Shop, started: int) -> None:
    sent = correspondence.send(shop.desk, draft(shop, started, "Amanhã"), actor=shop.bia, later=shop.desk.now() + HOUR)
    assert isinstance(sent, Sent)
    back = correspondence.take_back(shop.desk, sent.outbox, actor=shop.bia)
    assert isinstance(back, Draft) and back.body == "Amanhã"
    assert leave(shop) == []


@pytest.mark.parametrize("change", ["closed", "given away", "rights", "gone", "wrote", "address", "none"])
def test_m4_sent_later_looks_again_holds_and_tells(shop: Shop, started: int, change: str) -> None:
    """Rights, status, unseen mail and the address, when its time comes."""
    sent = correspondence.send(shop.desk, draft(shop, started), actor=shop.bia, later=shop.desk.now() + HOUR)
    assert isinstance(sent, Sent)
    if change == "closed":
        with shop.desk.db.write() as work:
            work.run("UPDATE tickets SET phase_id = (SELECT id FROM phases WHERE status = 'closed' AND flow_id = :f), status = 2", {"f": shop.flow})  # fmt: skip
    elif change == "given away":
        assert tickets.assign(shop.desk, [started], "caio", actor=shop.ana).done
    elif change == "rights":
        with shop.desk.db.write() as work:
            work.run("DELETE FROM flow_members WHERE user_id = :u", {"u": shop.bia.id})
    elif change == "gone":
        with shop.desk.db.write() as work:
            work.run("UPDATE users SET active = false WHERE id = :u", {"u": shop.bia.id})
    elif change == "wrote":
        with shop.desk.db.write() as work:
            record(work, started, "mail in", actor=PROGRAM, at=shop.desk.now())
    elif change == "address":
        view = reading.ticket(shop.desk, started, actor=shop.bia)
        assert not isinstance(view, Refusal) and view.customer.id
        customers.edit(shop.desk, view.customer.id, {"email": "nova@clientes.example"}, actor=shop.ana)
    left = leave(shop)
    if change == "none":
        assert len(left) == 1
        return
    assert left == []
    assert state(shop, sent)[0] == "held" and state(shop, sent)[1]
    kinds = [r[0] for r in shop.desk.db.rows("SELECT kind FROM events WHERE ticket = :n ORDER BY id", {"n": started})]
    assert kinds[-1] == "mail held"
    if change not in ("rights", "gone"):
        assert notices(shop.desk, actor=shop.bia)[0].kind == "mail failed"
    if change == "wrote":
        assert correspondence.retry(shop.desk, sent.outbox, actor=shop.bia).done == (started,)  # type: ignore[union-attr]
        assert len(leave(shop)) == 1, "a person looked at it"


def test_m4_send_and_close_is_one_act_with_its_resolution(shop: Shop, started: int) -> None:
    items = shop.desk.db.rows("SELECT c.id FROM checklist_items c JOIN phases p ON p.id = c.phase_id WHERE p.flow_id = :f", {"f": shop.flow})  # fmt: skip
    for (item,) in items:
        tickets.tick(shop.desk, started, item, actor=shop.bia)
    written = draft(shop, started)
    assert code(correspondence.send(shop.desk, written, actor=shop.bia, then_move="Resolvido")) not in (
        "Sent",
        "missing",
    )
    assert shop.desk.db.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0, "nothing happened at all"
    sent = correspondence.send(
        shop.desk, written, actor=shop.bia, then_move="Resolvido", resolution="Trocamos.", outcome="solved"
    )
    assert isinstance(sent, Sent)
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    assert not isinstance(view, Refusal)
    assert (view.row.status, view.resolution, view.outcome) == (Status.CLOSED, "Trocamos.", "solved")
    assert len(leave(shop)) == 1


def test_m5_so_many_a_minute_and_the_rest_waits(shop: Shop, started: int) -> None:
    mailbox = replace(MAILBOX, messages_per_minute=2)
    object.__setattr__(shop.desk, "config", replace(shop.desk.config, mailboxes=(mailbox,)))
    for n in range(4):
        assert isinstance(correspondence.send(shop.desk, draft(shop, started, f"Olá {n}"), actor=shop.bia), Sent)
    assert len(leave(shop)) == 2
    assert leave(shop) == []
    with shop.desk.db.write() as work:
        work.run("UPDATE outbox SET claimed_at = claimed_at - 61000", {})
    assert len(leave(shop)) == 2


def test_a_real_server_gets_what_the_review_showed(shop: Shop, started: int, sink: SmtpSink) -> None:
    """M2, M4: template, file and copy, over SMTP."""
    object.__setattr__(shop.desk, "config", replace(shop.desk.config, undo_seconds=0))
    enclosures.attach(shop.desk, started, [("nota.txt", "Olá\n".encode())], actor=shop.bia)
    written = draft(shop, started, "Olá {{ customer.first_name | upper }}", cc="gerente@loja.example")
    review = correspondence.review(shop.desk, written, actor=shop.bia)
    assert isinstance(correspondence.send(shop.desk, written, actor=shop.bia), Sent)
    with Post(shop, sink.port) as post:
        post.until(lambda: post.states() == ["sent"])
    (taken,) = sink.kept
    mail = message_from_bytes(taken.raw, policy=policy.default)
    assert sorted(taken.recipients) == ["gerente@loja.example", "marina@clientes.example"]
    body = mail.get_body(("plain",))
    assert body is not None and body.get_content().replace("\r\n", "\n").strip() == review.body.strip()
    assert "Olá MARINA" in review.body
    assert [p.get_filename() for p in mail.iter_attachments()] == ["nota.txt"]
