"""What our own server says of a sender is believed, and nobody else's header is (M7, mail handbook)."""

from dataclasses import replace

import pytest

from loop import triage
from tests.loop.conftest import MAILBOX, Events, Shop
from tests.loop.mailing import Post, mail, outcome, reason
from tests.loop.test_signing import write

OURS = replace(MAILBOX, trusted_authserv="mx.loja.example")
FAILED = "mx.loja.example; spf=pass; dmarc=fail (p=none) header.from=clientes.example"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (FAILED, "suspect"),
        ("mx.loja.example; dmarc=pass header.from=clientes.example", "threaded"),
        ("mx.other.example; dmarc=fail", "threaded"),
        ("", "threaded"),
    ],
)
def test_m7_a_failed_dmarc_makes_a_right_token_from_the_right_address_suspect(
    shop: Shop, started: int, events: Events, verdict: str, expected: str
) -> None:
    sent = write(shop, started, "oi")
    post = Post(shop, OURS)
    before = shop.desk.db.rows("SELECT status, unanswered, last_in_at FROM tickets")
    more = {"Authentication_Results": verdict} if verdict else {}
    id = post(mail("eu mesma", "marina@clientes.example", In_Reply_To=f"<{sent}>", **more))
    assert outcome(shop, id) == expected
    after = shop.desk.db.rows("SELECT status, unanswered, last_in_at FROM tickets")
    assert (before == after) == (expected == "suspect"), "a suspect mail changes nothing"
    assert (events(started)[-1][0] == "suspect mail") == (expected == "suspect")


def test_m7_a_forged_mail_is_accepted_by_a_person_alone(shop: Shop, started: int) -> None:
    sent = write(shop, started, "oi")
    id = Post(shop, OURS)(mail("eu", "marina@clientes.example", In_Reply_To=f"<{sent}>", Authentication_Results=FAILED))
    assert "DMARC" in reason(shop, id) and "marina@clientes.example" in reason(shop, id)
    triage.accept(shop.desk, id, actor=shop.ana)
    assert outcome(shop, id) == "threaded"


def test_m7_a_mailbox_that_trusts_nobody_looks_at_no_verdict(shop: Shop, started: int) -> None:
    sent = write(shop, started, "oi")
    id = Post(shop)(mail("eu", "marina@clientes.example", In_Reply_To=f"<{sent}>", Authentication_Results=FAILED))
    assert outcome(shop, id) == "threaded"


def test_m7_who_reads_the_mail_need_not_be_who_serves_the_mailbox(shop: Shop, started: int) -> None:
    """The host stands in the database: a worker with another configuration believes the same one."""
    sent = write(shop, started, "oi")
    post = Post(shop, OURS)
    shop.desk.config = replace(shop.desk.config, mailboxes=())
    id = post(mail("eu", "marina@clientes.example", In_Reply_To=f"<{sent}>", Authentication_Results=FAILED))
    assert outcome(shop, id) == "suspect"
