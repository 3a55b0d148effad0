"""Two Retornos wired to each other, each answering every mail by itself, stop (M11)."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from gateways.mailboxes import MailboxConfig
from loop import automatic, outbox, receiving
from loop.automatic import Letter, Queued, queue
from loop.births import contact_by_mail
from loop.mailboxes import ensure, imap_account, smtp_account
from mail.delivery import Delivery
from mail.poller import poll_once
from tests.loop.conftest import MAILBOX, Clock, Shop, people
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpsink import SmtpSink

MARKS = re.compile(rb"^(?:auto-submitted|x-auto-response-suppress|precedence|list-unsubscribe):.*\r\n(?:[ \t].*\r\n)*", re.I | re.M)  # fmt: skip


@dataclass
class Side:
    """One of the two: its desk, its mailbox on a real server, the address that it writes to."""

    shop: Shop
    config: MailboxConfig
    mailbox: int
    other: str
    seen: int = 0

    def say(self, subject: str) -> object:
        """The hook that stands for an autopilot: an automatic mail to the other side."""

        def act(work: object) -> object:
            contact = contact_by_mail(work, "", self.other, self.shop.desk.now())
            return queue(self.shop.desk, work, self.config, contact.id, Letter(subject, "Recebemos."))  # type: ignore[union-attr]

        return self.shop.desk.db.transact(act)

    def answer_all(self, subjects: Iterator[str]) -> None:
        """Answer each mail that came and is a person's, as far as the program can tell."""
        rows = self.shop.desk.db.rows(
            "SELECT id FROM inbound WHERE id > :seen AND outcome IN ('threaded', 'new', 'triage') ORDER BY id",
            {"seen": self.seen},
        )
        for (id,) in rows:
            self.seen = id
            self.say(next(subjects))

    def read(self) -> None:
        poll_once(
            imap_account(self.config),
            receiving.cursor(self.shop.desk, self.mailbox),
            lambda mails, at: receiving.keep(self.shop.desk, self.mailbox, mails, at),
        )
        while receiving.process(self.shop.desk):
            pass

    async def send(self) -> int:
        """Hand over what is due; how many."""
        letters = outbox.claim(self.shop.desk, self.mailbox, "me/1")
        async with Delivery(smtp_account(self.config)) as delivery:
            for letter in letters:
                delivered = await outbox.hand_over(self.shop.desk, delivery, letter)
                assert delivered and delivered.state == "sent"
                outbox.settle(self.shop.desk, letter, delivered)
        return len(letters)

    def tickets(self) -> int:
        return self.shop.desk.db.rows("SELECT COUNT(*) FROM tickets")[0][0]


@pytest.fixture
def sides(
    sqlite_template: Path, tmp_path: Path, dovecot: Dovecot, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Side, Side]]:
    monkeypatch.setenv("TWO", PASSWORD)
    made = []
    addresses = ("sac@um.example", "sac@dois.example")
    for address, other in (addresses, addresses[::-1]):
        path = tmp_path / f"{address}.db"
        path.write_bytes(sqlite_template.read_bytes())
        shop = people(f"sqlite:///{path}", Clock())
        config = replace(
            MAILBOX, name=address, address=address, unknown_sender="ticket", imap_port=dovecot.port, imap_user=address,
            smtp_port=sink.port, smtp_user="", password_env="TWO",
        )  # fmt: skip
        shop.desk.config = replace(shop.desk.config, mailboxes=(config,))
        dovecot.remove(address)
        made.append(Side(shop, config, ensure(shop.desk, config), other))
    yield made[0], made[1]
    for side in made:
        side.shop.desk.close()


def play(sides: tuple[Side, Side], dovecot: Dovecot, sink: SmtpSink, subjects: Iterator[str], strip: bool) -> int:
    """Let mail go to and fro until nothing moves; how many mails there were."""
    carried = 0
    for _round in range(60):
        moved = 0
        for side in sides:
            moved += asyncio.run(side.send())
        for kept in sink.kept[carried:]:
            raw = MARKS.sub(b"", kept.raw) if strip else kept.raw
            dovecot.append(kept.recipients[0], [raw])
        carried += moved
        for side in sides:
            side.read()
            side.answer_all(subjects)
        if not moved:
            return carried
    raise AssertionError(f"they write to each other for ever: {carried} mails")


def test_m11_marked_mail_is_answered_by_nobody(sides: tuple[Side, Side], dovecot: Dovecot, sink: SmtpSink) -> None:
    one, two = sides
    assert isinstance(one.say("Obrigado pela nota"), Queued)
    assert play(sides, dovecot, sink, (f"Resposta {n}" for n in count()), strip=False) == 1
    assert two.shop.desk.db.rows("SELECT outcome FROM inbound") == [("automatic",)]
    assert (one.tickets(), two.tickets()) == (0, 0)
    head = sink.kept[0].raw.partition(b"\r\n\r\n")[0]
    assert b"Auto-Submitted: auto-generated" in head and b"List-Unsubscribe: <mailto:sac@um.example?" in head


def test_m11_where_a_relay_takes_the_marks_off_the_limit_ends_it(
    sides: tuple[Side, Side], dovecot: Dovecot, sink: SmtpSink
) -> None:
    """10 a person in 180 minutes, however often the subject changes."""
    one, two = sides
    one.say("Obrigado pela nota")
    assert play(sides, dovecot, sink, (f"Resposta {n}" for n in count()), strip=True) == 2 * automatic.MOST
    assert two.tickets() > 0, "they were taken for people's mails"
    one.shop.clock.now += automatic.WINDOW_MS + 1
    assert isinstance(one.say("Outra vez"), Queued), "the limit is over with its time"


def test_m11_from_the_second_on_the_subject_must_be_another(
    sides: tuple[Side, Side], dovecot: Dovecot, sink: SmtpSink
) -> None:
    one, __ = sides
    one.say("Recebemos sua mensagem")
    assert play(sides, dovecot, sink, (s for s in iter(lambda: "RE: recebemos  sua mensagem", "")), strip=True) == 2
