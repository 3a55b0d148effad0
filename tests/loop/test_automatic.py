"""Automatic mail leaves only to who may get it, and who wants none says so by a mail or has it said (M11)."""

import re
from dataclasses import replace

import pytest

from domain.refusals import Refusal
from loop import automatic, blocking, unsubscribing
from loop.automatic import Letter, Queued, Withheld, queue
from loop.births import contact_by_mail
from loop.config import MailboxConfig
from loop.mailboxes import ensure, keys
from mail.parse import parse
from mail.tokens import Token, new_key, read_plus_address, read_unsubscribe_word, unsubscribe_word
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, mail, outcome, reason

HER = "marina@clientes.example"


def send(
    shop: Shop,
    subject: str = "Obrigado",
    address: str = HER,
    ticket: int | None = None,
    config: MailboxConfig = MAILBOX,
) -> object:
    ensure(shop.desk, MAILBOX)

    def act(work: object) -> object:
        contact = contact_by_mail(work, "", address, shop.desk.now())
        return queue(shop.desk, work, config, contact.id, Letter(subject, "Olá.", ticket=ticket))  # type: ignore[union-attr]

    return shop.desk.db.transact(act)


def raw(shop: Shop) -> bytes:
    return bytes(
        shop.desk.db.rows(
            "SELECT b.data FROM messages m JOIN blobs b ON b.hash = m.raw WHERE m.kind = 'automatic' ORDER BY m.id DESC LIMIT 1"
        )[0][0]
    )


def unsubscribed(shop: Shop) -> bool:
    return bool(shop.desk.db.rows("SELECT 1 FROM contacts WHERE unsubscribed_at IS NOT NULL"))


def test_m11_limits_count_a_person_and_a_time(shop: Shop) -> None:
    said = [send(shop, f"Assunto {n}") for n in range(automatic.MOST + 1)]
    assert all(isinstance(one, Queued) for one in said[:-1]) and said[-1] == Withheld("too many")
    assert isinstance(send(shop, "Assunto 1", "bento@clientes.example"), Queued), "somebody else"
    assert send(shop, "Re: [#7] ASSUNTO  1", "bento@clientes.example") == Withheld("same subject")
    shop.clock.now += automatic.WINDOW_MS + 1
    assert isinstance(send(shop, "Assunto 1"), Queued)


def test_m11_nobody_gets_it_who_cannot_or_will_not(shop: Shop) -> None:
    assert send(shop, address=MAILBOX.address) == Withheld("our own")
    assert isinstance(send(shop), Queued)
    blocking.block(shop.desk, HER, actor=shop.ana)
    assert send(shop, "Outro") == Withheld("blocked")
    blocking.unblock(shop.desk, HER, actor=shop.ana)
    with shop.desk.db.write() as work:
        work.run("UPDATE contacts SET bounced_at = 1 WHERE email = :a", {"a": HER})
    assert send(shop, "Outro") == Withheld("bounced")


def test_m7_on_a_ticket_it_carries_the_plus_address_where_the_account_has_it(shop: Shop, started: int) -> None:
    plus = replace(MAILBOX, plus_address=True)
    for number, config, carried in ((started, plus, True), (started, MAILBOX, False), (None, plus, False)):
        assert isinstance(send(shop, f"Assunto {number} {carried}", ticket=number, config=config), Queued)
        asked = parse(raw(shop)).reply_to
        token = read_plus_address(asked.address, keys(shop.desk.db.rows)) if asked else None
        assert (token == Token(started, 0)) is carried


def test_a5_it_is_no_first_contact_and_answers_nothing(shop: Shop, started: int, events: Events) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE tickets SET unanswered = true WHERE number = :n", {"n": started})
    assert isinstance(send(shop, ticket=started), Queued)
    assert events(started)[-1] == ("mail out", "—")
    assert shop.desk.db.rows("SELECT unanswered FROM tickets WHERE number = :n", {"n": started})[0][0]


def test_m11_who_unsubscribes_by_mail_gets_no_more(shop: Shop, started: int) -> None:
    send(shop)
    head = raw(shop).partition(b"\r\n\r\n")[0].replace(b"\r\n ", b"").decode()
    to, word = re.search(r"List-Unsubscribe: ?<mailto:(\S+)\?subject=unsubscribe%20(\S+)>", head).groups()  # type: ignore[union-attr]
    assert to == MAILBOX.address
    post = Post(shop)
    forged = word[:-2] + ("aa" if not word.endswith("aa") else "bb")
    for subject in (f"unsubscribe {forged}", "unsubscribe", f"unsubscribe {word}x"):
        post(mail("", HER, subject))
        assert not unsubscribed(shop), subject
    id = post(
        mail("", "Outro Nome <outro@clientes.example>", f"Unsubscribe {word.upper()}", Auto_Submitted="auto-generated")
    )
    assert (outcome(shop, id), unsubscribed(shop)) == ("automatic", True)
    assert "no automatic mail" in reason(shop, id)
    assert send(shop, "Mais um") == Withheld("unsubscribed")
    assert shop.desk.db.rows("SELECT unanswered FROM tickets WHERE number = :n", {"n": started}) == [(False,)]


def test_m11_and_by_hand_and_back(shop: Shop, started: int) -> None:
    assert unsubscribing.unsubscribe(shop.desk, HER.upper(), actor=shop.ana) is None
    assert unsubscribing.unsubscribe(shop.desk, HER, actor=shop.ana) is None, "twice is once"
    assert send(shop) == Withheld("unsubscribed")
    assert unsubscribing.unsubscribed(shop.desk, actor=shop.ana) == (HER,)
    assert unsubscribing.unsubscribe(shop.desk, HER, actor=shop.ana, off=True) is None
    assert isinstance(send(shop), Queued)
    lines = shop.desk.db.rows("SELECT what, name FROM audit WHERE target = 'customer' ORDER BY id")
    assert [what for what, __ in lines] == ["unsubscribed", "subscribed"] and HER not in str(lines)
    for act in (
        unsubscribing.unsubscribe(shop.desk, HER, actor=shop.bia),
        unsubscribing.unsubscribe(shop.desk, "ninguém", actor=shop.ana),
        unsubscribing.unsubscribe(shop.desk, "x@nobody.example", actor=shop.ana),
        unsubscribing.unsubscribed(shop.desk, actor=shop.bia),
    ):
        assert isinstance(act, Refusal)


@pytest.mark.parametrize(
    "subject", ["", "rtu.", "rtu." + "a" * 40, "rtu." + "a" * 5000, "unsubscribe rtu.é", "\x00rtu.aa"]
)
def test_m7_a_word_that_is_not_ours_names_nobody(shop: Shop, subject: str) -> None:
    known = keys(shop.desk.db.rows)
    assert read_unsubscribe_word(subject, known) is None
    assert read_unsubscribe_word(unsubscribe_word(new_key(1), 1), known) is None, "another's key of the same number"
