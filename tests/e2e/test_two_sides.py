"""What issue 4 is shown by: an agent at her screen and a customer with plain mail programs, back and forth on real servers."""

import hashlib
import smtplib
from email.message import EmailMessage, Message
from pathlib import Path

import pytest

from tests.e2e import writings
from tests.e2e.mutt import NeoMutt
from tests.e2e.shop import OURS, THEIRS, Customer, Shop
from tests.e2e.terminal import RETORNO, Terminal, retorno
from tests.servers.dovecot import Dovecot
from tests.servers.smtpreal import OpenSmtpd


class Other:
    """The other side: what lies in Marina's mailbox, and whatever program writes to us."""

    def __init__(self, shop: Shop, dovecot: Dovecot, smtp: OpenSmtpd) -> None:
        self._shop, self._smtp, self._customer = shop, smtp, Customer(dovecot, smtp)

    def last(self, t: Terminal, n: int) -> EmailMessage:
        """Our nth mail, once it is there."""
        t.until(f"our mail {n} is there", lambda: len(self._customer.mail()) == n)
        return next(m for m in self._customer.mail() if m["Message-ID"] == self._newest())

    def _newest(self) -> str:
        return f"<{self._shop.rows('SELECT message_id FROM messages WHERE outgoing ORDER BY id DESC LIMIT 1')[0][0]}>"

    def writes(self, raw: bytes, sender: str = THEIRS) -> None:
        with smtplib.SMTP(self._smtp.host, self._smtp.port, timeout=60) as client:
            client.sendmail(sender, [OURS], raw)


def reply(t: Terminal, words: str) -> None:
    """What Ana does at her keys."""
    t.keys("r")
    t.shows("new draft")
    write(t, words)


def write(t: Terminal, words: str) -> None:
    t.type(words)
    t.shows("draft saved")
    t.keys("F5")
    t.shows("This is what leaves")
    t.keys("y")
    t.shows_no("This is what leaves")


@pytest.mark.servers
def test_two_sides_talk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    dovecot.remove(OURS)
    dovecot.remove(THEIRS)
    shop = Shop(tmp_path, monkeypatch, dovecot.port, opensmtpd.port, undo=0)
    retorno("init", "--language", "pt", "--name", "Ana")
    shop.takes()
    other = Other(shop, dovecot, opensmtpd)

    with Terminal(shop.folder, *RETORNO, size=(130, 60)) as t:
        t.shows("2 Open 2", "Marina Alves")
        t.keys("Enter")
        t.shows("c checklist")
        t.keys("r")
        t.shows("Writing needs a started ticket")
        t.keys("s")
        t.shows("new draft", "Re: Chegou nove dias depois")
        write(t, "Olá Marina, qual é o número do pedido?")
        first = other.last(t, 1)
        assert "In-Reply-To" not in first and first["Subject"] == "Re: Chegou nove dias depois"

        # She quotes us whole, with her signature: only what is new is read, the rest unfolds (M10).
        with NeoMutt(tmp_path / "marina", dovecot, opensmtpd) as mutt:
            mutt.reads("qual é o número do pedido?")
            mutt.replies("É o 1042, faltou a tampa azul.")
        screen = t.shows("É o 1042, faltou a tampa azul.")
        after = screen.split("tampa azul.", 1)[1]
        assert "wrote:" not in after and "Acácias" not in after and "> Olá" not in screen
        t.keys("G", "o")
        t.shows("Acácias", "wrote:")
        t.keys("o")
        t.shows_no("Acácias")

        # From Outlook: HTML, the answered mail below its header block, no References, and a file.
        reply(t, "Obrigada! Pode mandar a nota fiscal?")
        second = other.last(t, 2)
        (hers,) = shop.rows("SELECT message_id FROM messages WHERE NOT outgoing ORDER BY id LIMIT 1")[0]
        assert second["References"].split()[-1].strip("<>") == hers, "her mail is what we answer"
        other.writes(writings.outlook(second, "Segue a nota. A tampa é <b>azul-marinho</b>.", writings.INVOICE))
        screen = t.shows("Segue a nota. A tampa é azul-marinho.", "Nota fiscal nº 3.pdf")
        assert "Enviado:" not in screen and "Aptos" not in screen and "<b>" not in screen

        # A friend forwards what we wrote: the thread is right, the address is nobody's that we know (M7).
        other.writes(writings.gmail_forward(second, "Sou o marido dela, podem responder a mim?"), writings.RUI)
        t.shows("Sou o marido dela", "! suspect")

        # An answer by nobody, and a mailbox that is no more: each is told, neither is her word (M9, M11).
        reply(t, "A tampa vai hoje.")
        third = other.last(t, 3)
        t.until("she is answered", lambda: not shop.ticket()["unanswered"])
        other.writes(writings.out_of_office(third))
        t.shows("Estou de férias", "automatic")
        assert not shop.ticket()["unanswered"]
        other.writes(writings.bounce(third), "")
        t.shows("! bounce", "✗ bounced")
        assert "Message accepted for delivery" not in t.screen, "that is not what became of it"

        # Every mail has its line, with why; the stranger is accepted there, and is no stranger from then on.
        t.keys("M")
        t.shows(OURS, "suspect", "automatic", "bounce")
        t.until("the stranger's line", lambda: writings.RUI in t.screen)
        assert shop.ledger() == {"seen": 5, "threaded": 2, "suspect": 1, "automatic": 1, "bounce": 1}
        t.keys("q")
        t.shows("2 Open")
        t.keys("q")
        assert t.exit_code == 0 and t.restored

    (id,) = shop.rows("SELECT id FROM inbound WHERE outcome = 'suspect'")[0]
    retorno("mail", "accept", str(id))
    assert shop.ledger() == {"seen": 5, "threaded": 3, "automatic": 1, "bounce": 1}
    ticket = shop.ticket()
    told = [entry["kind"] for entry in ticket["timeline"]]
    assert told.count("mail in") == 3 and "suspect mail" not in told, "what was accepted is read as her word"
    assert ticket["status"] == "progress" and ticket["unanswered"]
    kept = shop.rows("SELECT hash FROM blobs WHERE hash = ?", hashlib.sha256(writings.INVOICE).hexdigest())
    assert len(kept) == 1, "the file came through byte for byte"
    assert shop.rows("SELECT email FROM contacts WHERE email = ?", THEIRS), "the contact is who it was (M7)"
    assert shop.rows("SELECT bounced_at IS NOT NULL FROM contacts WHERE email = ?", THEIRS) == [(1,)]
    _threads(shop, [first, second, third])


def _threads(shop: Shop, ours: list[Message]) -> None:
    """Each of our mails names those before it, so that her program keeps one conversation."""
    ids = [mail["Message-ID"] for mail in ours]
    assert ids[0] in ours[1]["References"] and ids[0] in ours[2]["References"]
    assert len(set(ids)) == 3
