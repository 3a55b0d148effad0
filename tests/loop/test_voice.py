"""Whose voice a message has: from which mailbox it leaves, whose name and signature it carries (M3, R3)."""

from dataclasses import replace

import pytest

from loop import correspondence, drafts, receiving
from loop.mailboxes import ensure
from loop.views import Review, Sent
from mail.mailbox import Cursor
from mail.parse import parse
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.mailing import Post, mail

SECOND = replace(MAILBOX, name="trocas", address="trocas@loja.example", sender_name="Trocas da Loja")


@pytest.fixture
def two(shop: Shop) -> Shop:
    """The shop with a second mailbox."""
    shop.desk.config = replace(shop.desk.config, mailboxes=(MAILBOX, SECOND))
    return shop


def reviewed(shop: Shop, number: int) -> Review:
    draft = replace(drafts.begin(shop.desk, number, actor=shop.bia), body="Olá.")
    return correspondence.review(shop.desk, draft, actor=shop.bia)


def sent_from(shop: Shop, number: int) -> tuple[str, str]:
    """Send a message: its sender's address, and the address of the mailbox whose queue it waits in."""
    draft = replace(drafts.begin(shop.desk, number, actor=shop.bia), body="Olá.")
    sent = correspondence.send(shop.desk, draft, actor=shop.bia)
    assert isinstance(sent, Sent), sent
    return shop.desk.db.rows(
        "SELECT m.sender_address, b.address FROM outbox o JOIN messages m ON m.id = o.message_id JOIN mailboxes b ON b.id = o.mailbox_id WHERE o.id = :id",
        {"id": sent.outbox},
    )[0]


def reply(shop: Shop, number: int, mailbox: object) -> None:
    """The customer answers the newest message, to that mailbox."""
    ours = shop.desk.db.rows(
        "SELECT message_id FROM messages WHERE ticket = :n AND outgoing = true ORDER BY id DESC", {"n": number}
    )[0][0]
    Post(shop, mailbox)(mail("Obrigada!", "Marina <marina@clientes.example>", In_Reply_To=ours))


def test_r3_a_ticket_without_mail_is_written_from_the_first_mailbox(two: Shop, started: int) -> None:
    assert sent_from(two, started) == ("sac@loja.example", "sac@loja.example")


def test_r3_a_customer_is_answered_from_the_address_that_they_wrote_to(two: Shop, started: int) -> None:
    sent_from(two, started)
    reply(two, started, SECOND)
    assert reviewed(two, started).sender == "Trocas da Loja <trocas@loja.example>"
    assert sent_from(two, started) == ("trocas@loja.example", "trocas@loja.example")
    assert sent_from(two, started)[0] == "trocas@loja.example", "and goes on so"


def test_r3_a_mailbox_that_is_set_up_no_more_is_not_written_from(two: Shop, started: int) -> None:
    sent_from(two, started)
    reply(two, started, SECOND)
    two.desk.config = replace(two.desk.config, mailboxes=(MAILBOX,))
    assert sent_from(two, started)[0] == "sac@loja.example"


def test_m3_the_flows_signature_stands_in_for_who_has_none(shop: Shop, started: int) -> None:
    with shop.desk.db.write() as work:
        work.run("UPDATE flows SET signature = :s WHERE id = :id", {"s": "Equipe da Loja", "id": shop.flow})
    assert reviewed(shop, started).body.endswith("\n\n-- \nEquipe da Loja\n")
    with shop.desk.db.write() as work:
        work.run("UPDATE users SET signature = :s WHERE login = 'bia'", {"s": "Bia"})
    assert reviewed(shop, started).body.endswith("\n\n-- \nBia\n")


def test_m3_the_name_is_ones_own_else_the_mailboxs_else_the_persons_and_leaves_with_the_signature(
    shop: Shop, started: int
) -> None:
    """The address is the account's, whoever writes."""

    def left(mailbox_name: str, **own: str) -> tuple[str, str]:
        shop.desk.config = replace(shop.desk.config, mailboxes=(replace(MAILBOX, sender_name=mailbox_name),))
        with shop.desk.db.write() as work:
            for field, value in own.items():
                work.run(f"UPDATE users SET {field} = :v WHERE login = 'bia'", {"v": value})
        begun = drafts.begin(shop.desk, started, actor=shop.bia)
        draft = replace(begun, body=f"Olá de {mailbox_name} {own}.")
        read = correspondence.review(shop.desk, draft, actor=shop.bia)
        assert isinstance(correspondence.send(shop.desk, draft, actor=shop.bia), Sent)
        raw = shop.desk.db.rows(
            "SELECT b.data FROM messages m JOIN blobs b ON b.hash = m.raw WHERE m.outgoing = true ORDER BY m.id DESC LIMIT 1"
        )[0][0]
        found = parse(bytes(raw))
        assert f"{found.sender.name} <{found.sender.address}>" == read.sender, "as the review said"
        return read.sender, found.text

    name = shop.desk.db.rows("SELECT name FROM users WHERE login = 'bia'")[0][0]
    assert name and left("")[0] == f"{name} <{MAILBOX.address}>"
    assert left("Loja")[0] == f"Loja <{MAILBOX.address}>"
    sender, text = left("Loja", sender_name="Bia da Loja", signature="Bia · (84) 3333")
    assert sender == f"Bia da Loja <{MAILBOX.address}>" and text.rstrip().endswith("-- \nBia · (84) 3333")


def test_m6_another_folder_is_read_from_its_first_mail_on(shop: Shop) -> None:
    """Its numbers are others; what a person is called, or who may be trusted, moves nothing."""
    post = Post(shop)
    post(mail("um"))
    assert receiving.cursor(shop.desk, post.mailbox) == Cursor(7, 1)
    assert ensure(shop.desk, replace(MAILBOX, sender_name="Outra", trusted_authserv="mx.example")) == post.mailbox
    assert receiving.cursor(shop.desk, post.mailbox) == Cursor(7, 1)
    assert ensure(shop.desk, replace(MAILBOX, imap_folder="Clientes")) == post.mailbox
    assert receiving.cursor(shop.desk, post.mailbox) is None
