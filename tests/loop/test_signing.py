"""Keys change, and what they signed is known for ever (M7)."""

from dataclasses import replace

import pytest

from domain.refusals import Refusal
from loop import correspondence, drafts, matching, merging, signing
from loop.mailbox_checks import _recipient
from loop.mailboxes import keys
from mail.tokens import Token, message_id, plus_address, read_message_id, read_plus_address
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.mailing import Post, mail, outcome


def sent_id(shop: Shop) -> str:
    return shop.desk.db.rows("SELECT message_id FROM messages WHERE outgoing = true ORDER BY id DESC LIMIT 1")[0][0]


def raw(shop: Shop) -> bytes:
    found = shop.desk.db.rows(
        "SELECT b.data FROM messages m JOIN blobs b ON b.hash = m.raw WHERE m.outgoing = true ORDER BY m.id DESC LIMIT 1"
    )
    return bytes(found[0][0])


def write(shop: Shop, number: int, body: str) -> str:
    draft = replace(drafts.begin(shop.desk, number, actor=shop.bia), body=body, seen_event=0)
    assert not isinstance(correspondence.send(shop.desk, draft, actor=shop.bia), Refusal)
    return sent_id(shop)


def test_m7_the_new_key_signs_and_the_old_ones_verify(shop: Shop, started: int) -> None:
    before = write(shop, started, "antes")
    (old,) = keys(shop.desk.db.rows)
    done = signing.rotate(shop.desk, actor=shop.ana)
    assert isinstance(done, signing.Rotated) and done.keys == 2
    after = write(shop, started, "depois")
    known = keys(shop.desk.db.rows)
    assert isinstance(read_message_id(before, known), Token) and isinstance(read_message_id(after, known), Token)
    assert not isinstance(read_message_id(after, {old: known[old]}), Token), "the new one signs"
    post = Post(shop)
    for id in (before, after):
        assert outcome(shop, post(mail("resposta", "marina@clientes.example", In_Reply_To=f"<{id}>"))) == "threaded"
    what = shop.desk.db.rows("SELECT what, target, new FROM audit ORDER BY id DESC LIMIT 1")[0]
    assert what[:2] == ("created", "signing key") and str(known[done.key].secret) not in str(what)


def test_p4_a_key_is_changed_by_administrators(shop: Shop) -> None:
    assert isinstance(signing.rotate(shop.desk, actor=shop.bia), Refusal)
    assert len(keys(shop.desk.db.rows)) == 1


def test_m7_a_reply_finds_its_ticket_by_the_plus_address_alone(shop: Shop, started: int) -> None:
    """iOS drops References, relays change ids: Reply-To is the second carrier, where the account has it."""
    write(shop, started, "sem")
    assert b"Reply-To" not in raw(shop)
    shop.desk.config = replace(shop.desk.config, mailboxes=(replace(MAILBOX, plus_address=True),))
    write(shop, started, "com")
    head = raw(shop).partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").decode()
    reply_to = next(row for row in head.split("\r\n") if row.startswith("Reply-To: ")).removeprefix("Reply-To: ")
    assert isinstance(read_plus_address(reply_to, keys(shop.desk.db.rows)), Token)
    post = Post(shop)
    good = post(mail("achei", "marina@clientes.example", To=reply_to.upper()))
    assert outcome(shop, good) == "threaded"
    assert shop.desk.db.rows("SELECT reason FROM inbound WHERE id = :id", {"id": good})[0][0].startswith("plus-address")
    forged = reply_to.replace(f"+t{started}.", f"+t{started + 1}.")
    assert outcome(shop, post(mail("inventado", "marina@clientes.example", To=forged))) == "triage"


@pytest.mark.parametrize("header", ["To", "Cc", "Delivered-To"])
def test_m7_the_plus_address_counts_wherever_a_mail_names_it(shop: Shop, started: int, header: str) -> None:
    address = plus_address(list(keys(shop.desk.db.rows).values())[-1], MAILBOX.address, started)
    given = mail("achei", "marina@clientes.example", **{"To": "outro@x.example", header: address})
    assert outcome(shop, Post(shop)(given)) == "threaded"


def test_m7_a_signed_id_of_a_merged_ticket_leads_to_its_survivor(shop: Shop, started: int) -> None:
    second = shop.answer(comment="dois")
    assert second
    id = message_id(list(keys(shop.desk.db.rows).values())[-1], second, 1, "loja.example")
    assert merging.merge(shop.desk, [second], started, actor=shop.bia).done
    line = Post(shop)(mail("achei", "marina@clientes.example", In_Reply_To=f"<{id}>"))
    assert shop.desk.db.rows("SELECT outcome, ticket, reason FROM inbound WHERE id = :id", {"id": line})[0][:2] == (
        "threaded",
        started,
    )


def test_r3_the_test_of_a_mailbox_tries_plus_addresses_where_it_has_them(shop: Shop) -> None:
    assert _recipient(shop.desk, MAILBOX) == MAILBOX.address
    tried = _recipient(shop.desk, replace(MAILBOX, plus_address=True))
    found = read_plus_address(tried, keys(shop.desk.db.rows))
    assert isinstance(found, Token)
    with shop.desk.db.write() as work:
        assert matching.survivor(work, found.ticket) is None, "it names no ticket"
