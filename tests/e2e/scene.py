"""A desk whose mail runs over real servers, with two tickets: Marina is written to, Clara writes."""

import dataclasses
import email
import imaplib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from gateways.config import Config
from gateways.mailboxes import MailboxConfig
from loop import correspondence, drafts, founding, importing, ledger, reading, tickets
from loop.desk import Desk, open_desk
from loop.views import Sent
from tests.servers.dovecot import Dovecot

OURS, THEIRS, CLARA = "sac@loja.example", "marina@clientes.example", "clara@clientes.example"
ANSWERS = f"Nome;E-mail;Nota;Comentário\nMarina Alves;{THEIRS};2;Chegou nove dias depois\nClara Souza;{CLARA};3;Caro\n"


@dataclasses.dataclass
class Scene:
    """The tests' own desk beside the worker's."""

    desk: Desk
    dovecot: Dovecot
    marina: int
    clara: int

    @property
    def config(self) -> Config:
        return self.desk.config  # type: ignore[return-value]

    def change(self, **values: Any) -> Config:
        """Another configuration of the mailbox, from now on."""
        box = dataclasses.replace(self.config.mailboxes[0], **values)
        self.desk.config = dataclasses.replace(self.config, mailboxes=(box,))
        return self.config

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        return list(self.desk.db.rows(sql, values))

    def until(self, what: str, true: Callable[[], Any], seconds: float = 90.0) -> Any:
        """Wait for something that another thread or process makes happen."""
        end = time.monotonic() + seconds
        while not (found := true()):
            if time.monotonic() > end:
                outbox = self.rows("SELECT state, answer, attempts FROM outbox")
                inbound = self.rows("SELECT outcome, COUNT(*) FROM inbound GROUP BY 1")
                trouble = self.rows("SELECT part, said FROM mailbox_troubles")
                raise AssertionError(f"never: {what}; outbox {outbox}, inbound {inbound}, {trouble}")
            time.sleep(0.02)
        return found

    # What people do

    def letter(self, n: int, words: str = "") -> bytes:
        """What Clara writes to her ticket."""
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Clara Souza <{CLARA}>", OURS
        mail["Subject"], mail["Message-ID"] = f"Re: Caro [#{self.clara}]", f"<clara-{n}@clientes.example>"
        mail.set_content(words or f"Pergunta {n}.\n")
        return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))

    def arrive(self, *numbers: int) -> None:
        """Her mails reach our mailbox."""
        self.dovecot.append(OURS, [self.letter(n) for n in numbers])

    def send(self, n: int) -> int:
        """Ana writes to Marina; the id in the outbox."""
        ana = self.desk.actor("ana")
        draft = dataclasses.replace(drafts.begin(self.desk, self.marina, actor=ana), body=f"Resposta {n}.")
        sent = correspondence.send(self.desk, draft, actor=ana)
        assert isinstance(sent, Sent), sent
        return sent.outbox

    # What became of it

    def read(self) -> int:
        """How many mails have their outcome."""
        return self.rows("SELECT COUNT(*) FROM inbound WHERE outcome <> ''")[0][0]

    def states(self) -> dict[int, str]:
        return dict(self.rows("SELECT id, state FROM outbox"))

    def balance(self) -> dict[str, int]:
        """The ledger's sums; only what is not nothing."""
        found = ledger.balance(self.desk, actor=self.desk.actor("ana"))
        return {outcome: n for outcome, n in found.items() if n}

    def questions(self) -> Counter[int]:
        """How often each of Clara's mails stands on her ticket."""
        seen = reading.ticket(self.desk, self.clara, actor=self.desk.actor("ana")).entries
        return Counter(int(re.search(r"Pergunta (\d+)\.", e.text)[1]) for e in seen if e.kind == "mail in")

    def arrived(self, user: str = THEIRS, folder: str = "INBOX") -> Counter[int]:
        """How often each of Ana's mails lies in a folder."""
        client: imaplib.IMAP4 = self.dovecot.client(user)
        try:
            if client.select(f'"{folder}"')[0] != "OK":
                return Counter()
            __, (found,) = client.search(None, "ALL")
            raws = [client.fetch(n, "(RFC822)")[1][0][1] for n in found.split()]
        finally:
            client.logout()
        bodies = [email.message_from_bytes(raw).as_string() for raw in raws]
        return Counter(int(re.search(r"Resposta (\d+)\.", body)[1]) for body in bodies)

    def count(self, user: str, folder: str) -> int:
        """How many mails lie in a folder."""
        client: imaplib.IMAP4 = self.dovecot.client(user)
        try:
            return int(client.select(f'"{folder}"')[1][0])
        finally:
            client.logout()

    def happened(self, kind: str) -> int:
        return self.rows("SELECT COUNT(*) FROM events WHERE kind = :k", k=kind)[0][0]


@contextmanager
def scene(url: str, folder: Path, dovecot: Dovecot, smtp_port: int = 1, **mailbox: Any) -> Iterator[Scene]:
    """The tests must set SAC_PASSWORD; nothing works the mailbox yet."""
    for user in (OURS, THEIRS, CLARA):
        dovecot.remove(user)
    box = MailboxConfig(
        name="sac", address=OURS, sender_name="SAC da Loja", imap_host="127.0.0.1", imap_port=dovecot.port,
        imap_security="none", imap_user=OURS, smtp_host="127.0.0.1", smtp_port=smtp_port, smtp_security="none",
        password_env="SAC_PASSWORD",
    )  # fmt: skip
    config = Config(db_url=url, mailboxes=(dataclasses.replace(box, **mailbox),), undo_seconds=0)
    founding.init(config, login="ana", language="pt")
    desk = open_desk(config)
    try:
        ana = desk.actor("ana")
        file = folder / "respostas.csv"
        file.write_text(ANSWERS, "utf-8")
        assert importing.import_file(desk, file, "Pós-compra", actor=ana).tickets == 2
        numbers = dict(
            desk.db.rows("SELECT c.email, t.number FROM tickets t JOIN contacts c ON c.id = t.contact_id", {})
        )
        assert tickets.start(desk, list(numbers.values()), actor=ana, take=True).done
        yield Scene(desk, dovecot, numbers[THEIRS], numbers[CLARA])
    finally:
        desk.close()
