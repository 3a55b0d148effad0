"""What tests of the ledger share: mails as a server shows them, and what the books say."""

from collections.abc import Iterator
from email.message import EmailMessage
from itertools import count

from loop import ledger, receiving
from loop.mailboxes import ensure
from mail.mailbox import Cursor, Fetched
from tests.loop.conftest import MAILBOX, Shop


def mail(
    text: str = "Onde está?",
    sender: str = "Lia <lia@clientes.example>",
    subject: str = "Pedido",
    id: str = "",
    **headers: str,
) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "sac@loja.example", subject
    made["Message-ID"] = f"<{id or next(_IDS)}@clientes.example>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


_IDS: Iterator[int] = count(1)


class Post:
    """A mailbox whose mails come in one by one."""

    def __init__(self, shop: Shop, config: object = MAILBOX, validity: int = 7) -> None:
        self.shop, self.validity = shop, validity
        self.mailbox = ensure(shop.desk, config)  # type: ignore[arg-type]
        self._uids = count(1)

    def __call__(self, given: EmailMessage | bytes, *, size: int = 0) -> int:
        """Let a mail come and be read; the id of its line. With a size, only its headers came."""
        raw = given if isinstance(given, bytes) else given.as_bytes()
        uid = next(self._uids)
        if size:
            raw = raw.partition(b"\n\n")[0] + b"\n\n"
        fetched = Fetched(uid, self.validity, size or len(raw), raw, bool(size))
        receiving.keep(self.shop.desk, self.mailbox, [fetched], Cursor(self.validity, uid))
        assert receiving.process(self.shop.desk) == 1
        return int(self.shop.desk.db.rows("SELECT MAX(id) FROM inbound")[0][0])


def outcome(shop: Shop, id: int) -> str:
    return str(shop.desk.db.rows("SELECT outcome FROM inbound WHERE id = :id", {"id": id})[0][0])


def reason(shop: Shop, id: int) -> str:
    return str(shop.desk.db.rows("SELECT reason FROM inbound WHERE id = :id", {"id": id})[0][0])


def balanced(shop: Shop) -> None:
    """M8: what was seen is the sum of the outcomes, by mailbox too; and no mail is on two tickets."""
    whole = ledger.balance(shop.desk, actor=shop.ana)
    assert isinstance(whole, dict) and whole["seen"] == sum(n for k, n in whole.items() if k != "seen")
    parts = ledger.balances(shop.desk, actor=shop.ana)
    assert isinstance(parts, tuple) and sum(p.seen for p in parts) == whole["seen"]
    assert all(p.seen == sum(p.counts.values()) + p.waiting for p in parts)
    rows = shop.desk.db.rows
    assert rows("SELECT message FROM inbound WHERE message IS NOT NULL GROUP BY message HAVING COUNT(*) > 1") == []
    assert (
        rows("SELECT raw FROM messages WHERE outgoing = false AND ticket IS NOT NULL GROUP BY raw HAVING COUNT(*) > 1")
        == []
    )
    assert (
        rows(
            "SELECT i.id FROM inbound i JOIN messages m ON m.id = i.message"
            " WHERE COALESCE(i.ticket, 0) <> COALESCE(m.ticket, 0)"
        )
        == []
    ), "line and message say the same ticket"
    on = "i.outcome IN ('threaded', 'new', 'suspect')"
    assert rows(f"SELECT i.id FROM inbound i WHERE {on} AND i.ticket IS NULL") == []
    assert (
        rows("SELECT id FROM inbound WHERE outcome IN ('triage', 'quarantined', 'duplicate') AND ticket IS NOT NULL")
        == []
    )
    assert (
        rows(
            "SELECT i.id FROM inbound i WHERE i.outcome = 'duplicate' AND NOT EXISTS"
            " (SELECT 1 FROM inbound o WHERE o.fingerprint = i.fingerprint AND o.outcome <> 'duplicate')"
        )
        == []
    ), "what is repeated counts"
