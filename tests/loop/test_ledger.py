"""Where a mail goes and what the ledger says of it: two mailboxes, new UIDs, several tickets, forwards (M7, M8)."""

from dataclasses import replace

import pytest

from domain.refusals import Refusal
from gateways.mailboxes import MailboxConfig
from loop import ledger, merging, oversized, queue, reading, receiving, tickets, triage
from loop.mailboxes import ensure, imap_account
from loop.views import Acted, LedgerMail
from mail.mailbox import Cursor, Fetched, Mailbox
from mail.poller import poll_once
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.mailing import Post, balanced, mail, outcome, reason
from tests.loop.test_triage import ticket_of
from tests.servers.dovecot import PASSWORD, Dovecot


@pytest.fixture
def post(shop: Shop) -> Post:
    return Post(shop)


def known(shop: Shop, post: Post, number: int, id: str) -> None:
    """A mail of Marina on a ticket, which others can answer."""
    line = post(mail("oi", sender="Marina <marina@clientes.example>", subject="oi", id=id))
    done = triage.attach(shop.desk, line, number, actor=shop.ana)
    assert isinstance(done, Acted)


MARINA = "Marina <marina@clientes.example>"


def test_m7_the_same_mail_in_two_mailboxes_is_threaded_once(shop: Shop, started: int, post: Post) -> None:
    known(shop, post, started, "a")
    raw = mail("resposta", sender=MARINA, In_Reply_To="<a@clientes.example>").as_bytes()
    other = Post(shop, replace(MAILBOX, address="pedidos@loja.example"))
    first = post(b"Received: from a\r\nDelivered-To: sac@loja.example\r\n" + raw)
    twin = other(b"Received: from b\r\nDelivered-To: pedidos@loja.example\r\n" + raw)
    assert (outcome(shop, first), outcome(shop, twin)) == ("threaded", "duplicate")
    assert str(first) in reason(shop, twin)
    balances = ledger.balances(shop.desk, actor=shop.ana)
    assert isinstance(balances, tuple)
    assert [(b.address, b.seen) for b in balances] == [("pedidos@loja.example", 1), ("sac@loja.example", 2)]
    balanced(shop)


def test_m8_a_mailbox_that_never_had_a_mail_is_in_the_sums_only_while_it_is_configured(
    shop: Shop, started: int, post: Post
) -> None:
    """An address that was mistyped in the settings and put right leaves nothing behind."""
    known(shop, post, started, "a")
    ensure(shop.desk, replace(MAILBOX, address="?sac@loja.example"))
    new = replace(MAILBOX, address="novo@loja.example")
    ensure(shop.desk, new)
    shop.desk.config = replace(shop.desk.config, mailboxes=(MAILBOX, new))
    balances = ledger.balances(shop.desk, actor=shop.ana)
    assert isinstance(balances, tuple)
    assert [(b.address, b.seen) for b in balances] == [("novo@loja.example", 0), ("sac@loja.example", 1)]


def test_m8_after_another_uidvalidity_all_comes_again_and_nothing_twice(shop: Shop, started: int, post: Post) -> None:
    known(shop, post, started, "a")
    raws = [mail(f"resposta {i}", sender=MARINA, In_Reply_To="<a@clientes.example>").as_bytes() for i in range(3)]
    assert [outcome(shop, post(raw)) for raw in raws] == ["threaded"] * 3
    again = Post(shop, validity=8)
    assert [outcome(shop, again(raw)) for raw in raws] == ["duplicate"] * 3
    assert len([e for e in timeline(shop, started) if e == "mail in"]) == 4
    balanced(shop)


def timeline(shop: Shop, number: int) -> list[str]:
    view = reading.ticket(shop.desk, number, actor=shop.ana)
    assert not isinstance(view, Refusal)
    return [e.kind for e in view.entries]


def test_m7_of_several_tickets_in_reply_to_wins_and_then_the_newest_reference(
    shop: Shop, started: int, post: Post
) -> None:
    second = shop.answer(comment="dois")
    third = shop.answer(comment="três")
    for number, id in ((started, "a"), (second, "b"), (third, "c")):
        known(shop, post, number, id)
    of = {name: f"<{name}@clientes.example>" for name in "abcx"}
    by_reply = post(mail("1", sender=MARINA, In_Reply_To=of["a"], References=f"{of['a']} {of['b']} {of['c']}"))
    newest = post(mail("2", sender=MARINA, References=f"{of['a']},{of['b']} {of['x']}"))
    lost = post(mail("3", sender=MARINA, In_Reply_To=of["x"], References=f"{of['c']} {of['x']}"))
    assert [ticket_of(shop, i) for i in (by_reply, newest, lost)] == [started, second, third]
    found = ledger.mail(shop.desk, newest, actor=shop.ana)
    assert isinstance(found, LedgerMail)
    assert (found.row.reason, found.evidence) == ("message-id; under another subject", "References: b@clientes.example")
    balanced(shop)


def test_m7_an_answer_to_a_merged_ticket_lands_on_its_survivor(shop: Shop, started: int, post: Post) -> None:
    second = shop.answer(comment="dois")
    known(shop, post, second, "b")
    merging.merge(shop.desk, [second], started, actor=shop.bia)
    id = post(mail("2", sender=MARINA, In_Reply_To="<b@clientes.example>"))
    assert (outcome(shop, id), ticket_of(shop, id)) == ("threaded", started)
    assert "under another subject" in reason(shop, id)
    balanced(shop)


def test_m7_who_belongs_to_a_merged_ticket_is_no_stranger_on_its_survivor(shop: Shop, started: int, post: Post) -> None:
    """The customer of a duplicate who is written down under another address, and whom we copied there, still answer."""
    second = shop.answer(comment="dois", email="marina@casa.example")
    known(shop, post, second, "b")
    with shop.desk.db.write() as work:
        work.run(
            "UPDATE messages SET outgoing = true, copies = :c WHERE ticket = :n",
            {"c": '[["", "tio@casa.example"]]', "n": second},
        )
    mine = {"sender": "Marina <marina@casa.example>", "In_Reply_To": "<b@clientes.example>"}
    merging.merge(shop.desk, [second], started, actor=shop.bia)
    id = post(mail("2", **mine))
    assert (outcome(shop, id), ticket_of(shop, id)) == ("threaded", started)
    id = post(mail("3", sender="Tio <tio@casa.example>", In_Reply_To="<b@clientes.example>"))
    assert (outcome(shop, id), ticket_of(shop, id)) == ("threaded", started)
    merging.unmerge(shop.desk, [second], actor=shop.bia)
    assert outcome(shop, post(mail("4", sender=mine["sender"], subject=f"[#{started}] x"))) == "triage"
    balanced(shop)


def test_m7_a_suspect_of_a_merged_ticket_is_accepted_onto_its_survivor(shop: Shop, started: int, post: Post) -> None:
    second = shop.answer(comment="dois")
    known(shop, post, second, "b")
    id = post(mail("2", sender="X <x@x.example>", In_Reply_To="<b@clientes.example>"))
    merging.merge(shop.desk, [second], started, actor=shop.bia)
    assert triage.accept(shop.desk, id, actor=shop.bia) == Acted(id, "threaded", started)
    assert timeline(shop, started)[-1] == "mail in"
    balanced(shop)


def test_m7_a_forward_by_a_third_person_is_suspect_and_by_the_customer_is_theirs(
    shop: Shop, started: int, post: Post
) -> None:
    known(shop, post, started, "a")
    text = "Veja abaixo.\n\n---------- Forwarded message ---------\nDe: Marina\n\noi"
    third = post(mail(text, sender="Ivo <ivo@x.example>", subject="Fwd: oi", References="<a@clientes.example>"))
    assert outcome(shop, third) == "suspect"
    own = post(mail(text + "!", sender=MARINA, subject="ENC: oi", References="<a@clientes.example>"))
    assert (outcome(shop, own), reason(shop, own)) == ("threaded", "message-id")
    shown = reading.ticket(shop.desk, started, actor=shop.bia).entries[-1]
    assert "Veja abaixo." in shown.text
    balanced(shop)


def test_m9_a_late_answer_to_a_closed_ticket_opens_a_linked_one_where_the_flow_says_so(
    shop: Shop, started: int, post: Post
) -> None:
    known(shop, post, started, "a")
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET reopening = 'new' WHERE id = :f", {"f": shop.flow})
    view = reading.ticket(shop.desk, started, actor=shop.bia)
    for phase in view.flow.phases:
        for item in phase.items:
            tickets.tick(shop.desk, started, item.id, actor=shop.bia)
    assert tickets.close(shop.desk, [started], actor=shop.bia, resolution="trocado").done
    id = post(mail("de novo", sender=MARINA, In_Reply_To="<a@clientes.example>"))
    linked = ticket_of(shop, id)
    assert outcome(shop, id) == "threaded" and linked not in (None, started)
    assert queue.rows(shop.desk, [linked], actor=shop.bia)[0].unanswered
    balanced(shop)


def test_m8_what_waits_to_be_read_is_seen_and_counted_as_waiting(shop: Shop, post: Post) -> None:
    """A mail that was kept and not read yet is in the sum, and in no outcome."""
    other = Post(shop, replace(MAILBOX, address="pedidos@loja.example"))
    post(mail("um"))
    raw = mail("dois").as_bytes()
    receiving.keep(shop.desk, other.mailbox, [Fetched(9, 7, len(raw), raw)], Cursor(7, 9))
    whole = ledger.balance(shop.desk, actor=shop.ana)
    assert isinstance(whole, dict) and (whole["seen"], whole["triage"], whole["waiting"]) == (2, 1, 1)
    assert whole["seen"] == sum(n for k, n in whole.items() if k != "seen")
    parts = ledger.balances(shop.desk, actor=shop.ana)
    assert isinstance(parts, tuple)
    said = {p.address: (p.seen, p.counts["triage"], p.waiting) for p in parts}
    assert said == {MAILBOX.address: (1, 1, 0), "pedidos@loja.example": (1, 0, 1)}
    receiving.process(shop.desk)
    whole = ledger.balance(shop.desk, actor=shop.ana)
    assert isinstance(whole, dict) and (whole["seen"], whole["triage"], "waiting" in whole) == (2, 2, False)
    balanced(shop)


def test_m8_lines_are_filtered_and_read_in_pages(shop: Shop, started: int, post: Post) -> None:
    other = Post(shop, replace(MAILBOX, address="pedidos@loja.example"))
    ids = [(post if i % 2 else other)(mail(f"oi {i}", subject=f"Assunto {i} 100%")) for i in range(7)]
    triage.attach(shop.desk, ids[1], started, actor=shop.ana)
    seen: list[int] = []
    before = None
    while page := ledger.lines(shop.desk, actor=shop.ana, before=before, limit=3):
        assert isinstance(page, tuple) and len(page) <= 3
        seen += [r.id for r in page]
        before = page[-1].id
    assert seen == ids[::-1]

    def found(**how: object) -> list[int]:
        rows = ledger.lines(shop.desk, actor=shop.ana, **how)  # type: ignore[arg-type]
        assert isinstance(rows, tuple)
        return [r.id for r in rows]

    assert found(outcome="threaded") == [ids[1]]
    assert found(mailbox=post.mailbox) == [ids[5], ids[3], ids[1]]
    assert found(words="ASSUNTO 3") == [ids[3]] and found(words="100%") == seen and found(words="1_0") == []
    assert found(words=f"#{started}") == [ids[1]] and found(words="lia@ assunto", mailbox=other.mailbox, limit=1) == [
        ids[6]
    ]


def test_m8_an_opened_line_says_why_and_what_it_holds(shop: Shop, started: int, post: Post) -> None:
    known(shop, post, started, "a")
    made = mail("Segue.\n\n> antes", sender=MARINA, In_Reply_To="<a@clientes.example>", Cc="Ivo <ivo@x.example>")
    made.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="nota.pdf")
    found = ledger.mail(shop.desk, post(made), actor=shop.ana)
    assert isinstance(found, LedgerMail)
    assert (found.row.reason, found.evidence) == (
        "message-id; under another subject",
        "In-Reply-To: a@clientes.example",
    )
    assert (found.cc, found.text.strip(), found.kind) == ((("Ivo", "ivo@x.example"),), "Segue.", "message")
    assert [(a.name, a.size) for a in found.attachments] == [("nota.pdf", 4)] and found.folded
    assert {verb for verb, why in found.can.items() if why is None} == {"split"}
    assert ledger.mail(shop.desk, 999, actor=shop.ana).code == "no mail"


# Over the size limit ------------------------------------------------------------------------------


BIG = 60_000


class Served:
    """A real mailbox."""

    def __init__(self, shop: Shop, server: Dovecot, config: MailboxConfig) -> None:
        self.shop, self.server, self.config = shop, server, config
        self.id = ensure(shop.desk, config)

    def poll(self) -> None:
        """Fetch and read what came."""
        desk = self.shop.desk
        poll_once(
            imap_account(self.config),
            receiving.cursor(desk, self.id),
            lambda mails, reached: receiving.keep(desk, self.id, mails, reached),
        )
        while receiving.process(desk):
            pass


@pytest.fixture
def served(shop: Shop, dovecot: Dovecot, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Served:
    """A mailbox on a real Dovecot that takes no mail over 20,000 bytes."""
    user = f"grande{abs(hash(request.node.name))}@loja.example"
    config = MailboxConfig(
        name="g", address=user, imap_host=dovecot.host, imap_port=dovecot.port, imap_security="none",
        smtp_host="127.0.0.1", smtp_security="none", password_env="GRANDE", max_bytes=20_000,
    )  # fmt: skip
    monkeypatch.setenv("GRANDE", PASSWORD)
    shop.desk.config = replace(shop.desk.config, mailboxes=(config,))
    return Served(shop, dovecot, config)


def big(text: str = "Segue a foto.", size: int = BIG, **headers: str) -> bytes:
    made = mail(text, sender=MARINA, subject="Foto", id="foto", **headers)
    made.add_attachment(b"x" * size, maintype="image", subtype="png", filename="foto.png")
    return made.as_bytes()


@pytest.mark.servers
def test_m8_an_oversized_mail_is_known_by_its_headers_and_fetched_whole_once(
    shop: Shop, started: int, post: Post, served: Served
) -> None:
    known(shop, post, started, "a")
    raw = big(In_Reply_To="<a@clientes.example>")
    served.server.append(served.config.address, [raw])
    served.poll()
    row = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    assert (row.outcome, row.ticket) == ("threaded", started) and "size limit" in row.reason and row.size > BIG
    before = ledger.mail(shop.desk, row.id, actor=shop.ana)
    assert before.partial and before.attachments == () and before.can["fetch"] is None
    heard: list[tuple[int, int]] = []
    done = oversized.fetch_whole(
        shop.desk, row.id, actor=shop.ana, told=lambda done, size: heard.append((done, size)) or True
    )
    assert done == Acted(row.id, "threaded", started)
    entry = next(e for e in reading.ticket(shop.desk, started, actor=shop.bia).entries if e.attachments)
    assert (entry.text.strip(), entry.attachments[0].name, entry.attachments[0].size) == (
        "Segue a foto.",
        "foto.png",
        BIG,
    )
    assert timeline(shop, started)[-1] == "mail whole" and "size limit" not in reason(shop, row.id)
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana) == Acted(row.id, "threaded", started, changed=False)
    assert timeline(shop, started).count("mail whole") == 1
    served.server.append(served.config.address, [raw])
    served.poll()
    twin = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    assert twin.outcome == "duplicate", "the same mail once more, of which only the headers came"
    balanced(shop)


@pytest.mark.servers
def test_m8_fetching_can_be_stopped_and_fails_without_harm(shop: Shop, served: Served) -> None:
    served.server.append(served.config.address, [big(size=2_000_000)])
    served.poll()
    row = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    assert row.outcome == "triage"
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana, told=lambda d, s: False).code == "stopped"
    real = shop.desk.config
    shop.desk.config = replace(real, mailboxes=(replace(served.config, imap_port=1),))
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana).code == "server trouble"
    shop.desk.config = replace(real, mailboxes=())
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana).code == "mailbox elsewhere"
    shop.desk.config = real
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.bia).code == "needs level"
    assert ledger.mail(shop.desk, row.id, actor=shop.ana).partial
    pieces: list[int] = []
    done = oversized.fetch_whole(shop.desk, row.id, actor=shop.ana, told=lambda d, s: pieces.append(d) or True)
    assert done == Acted(row.id, "triage", None) and len(pieces) > 3, "it comes in pieces"
    found = ledger.mail(shop.desk, row.id, actor=shop.ana)
    assert found.attachments[0].size == 2_000_000 and [a.act for a in found.acts] == ["fetched"]
    balanced(shop)


def test_m8_what_is_larger_than_any_machine_should_hold_is_not_fetched(shop: Shop) -> None:
    shop.desk.config = replace(shop.desk.config, mailboxes=())  # no server is asked
    post = Post(shop)
    for more, code in ((0, "mailbox elsewhere"), (1, "mail too large")):
        id = post(big(size=10), size=256 * 1024 * 1024 + more)
        assert oversized.fetch_whole(shop.desk, id, actor=shop.ana).code == code


@pytest.mark.servers
def test_m8_an_oversized_mail_that_left_the_server_keeps_its_headers(shop: Shop, served: Served) -> None:
    served.server.append(served.config.address, [big()])
    served.poll()
    row = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    served.server.forget_uids(served.config.address)
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana).code == "mail gone"
    with Mailbox(imap_account(served.config)) as mailbox, mailbox._talking() as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana).code == "mail gone"
    assert ledger.mail(shop.desk, row.id, actor=shop.ana).partial
    balanced(shop)


@pytest.mark.servers
def test_m8_an_oversized_mail_is_fetched_though_the_server_numbered_its_mails_anew(shop: Shop, served: Served) -> None:
    served.server.append(served.config.address, [big()])
    served.poll()
    row = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    served.server.forget_uids(served.config.address)
    served.poll()
    twin = ledger.lines(shop.desk, actor=shop.ana, limit=1)[0]
    assert (row.outcome, twin.outcome) == ("triage", "duplicate")
    assert oversized.fetch_whole(shop.desk, row.id, actor=shop.ana) == Acted(row.id, "triage", None)
    found = ledger.mail(shop.desk, row.id, actor=shop.ana)
    assert not found.partial and found.attachments[0].size == BIG
    balanced(shop)


def test_m8_headers_that_wait_in_triage_are_attached_and_then_filled(shop: Shop, started: int, post: Post) -> None:
    id = post(mail("segredo", subject="Grande"), size=99_000)
    triage.attach(shop.desk, id, started, actor=shop.ana)
    whole = mail("O texto todo", subject="Grande", id="g").as_bytes()
    assert triage.again_whole(shop.desk, id, whole, actor=shop.ana) == Acted(id, "threaded", started)
    assert triage.again_whole(shop.desk, id, whole, actor=shop.ana).changed is False
    texts = [e.text.strip() for e in reading.ticket(shop.desk, started, actor=shop.bia).entries if e.kind == "mail in"]
    assert texts == ["O texto todo"]
    balanced(shop)
