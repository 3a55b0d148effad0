"""A shop on real servers: a database with answers, a configuration file, and a customer who writes back."""

import imaplib
import json
import shutil
import smtplib
import sqlite3
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.terminal import retorno
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

OURS, THEIRS = "sac@loja.example", "marina@clientes.example"

AWAY = 1
"""A port where nobody listens."""

ANSWERS = (
    "Nome;E-mail;Nota;Comentário\n"
    f"Marina Alves;{THEIRS};2;Chegou nove dias depois\n"
    "Clara Souza;clara@clientes.example;7;Caro para o que é\n"
)


class Shop:
    """Everything stands in `folder`; commands and screen find it by the environment.

    Without ports it has no mailbox: trouble with one is said in the last line, over the keys that stand there.
    """

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, imap_port: int = 0, smtp_port: int = 0, undo: int = 1
    ) -> None:
        self.folder, self.db = folder, folder / "loja.db"
        config = folder / "config.toml"
        mailbox = (
            f'\n[[mailbox]]\nname = "sac"\naddress = "{OURS}"\n'
            f'sender_name = "SAC da Loja"\nimap_host = "127.0.0.1"\nimap_port = {imap_port}\nimap_security = "none"\n'
            f'smtp_host = "127.0.0.1"\nsmtp_port = {smtp_port}\nsmtp_security = "none"\nsmtp_user = ""\npassword_env = "SAC_PASSWORD"\n'
        )
        config.write_text(f'database = "{self.db}"\nundo_seconds = {undo}\n' + (mailbox if imap_port else ""), "utf-8")
        monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
        monkeypatch.setenv("RETORNO_CONFIG", str(config))

    def copied(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, imap_port: int = 0, smtp_port: int = 0, undo: int = 1
    ) -> "Shop":
        """The same shop once more, in another folder, with mail of its own."""
        shutil.copy(self.db, folder / self.db.name)
        return Shop(folder, monkeypatch, imap_port, smtp_port, undo)

    def takes(self, answers: str = ANSWERS, survey: str = "Pós-compra") -> None:
        """Import answers as a person would."""
        file = self.folder / "respostas.csv"
        file.write_text(answers, "utf-8")
        retorno("import", str(file), "--survey", survey)

    def ticket(self, number: int = 1) -> dict[str, Any]:
        return json.loads(retorno("ticket", str(number), "--json").stdout)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into the database past the program."""
        with closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=60)) as db:
            return db.execute(sql, values).fetchall()

    def ledger(self) -> dict[str, int]:
        """What became of the mail that came in; only what is not nothing."""
        balance = json.loads(retorno("mail", "ledger", "--json").stdout)
        return {outcome: n for outcome, n in balance.items() if n}

    def draft(self) -> str:
        """The words of the one draft that is kept; '' without one."""
        found = self.rows("SELECT body FROM drafts")
        return found[0][0] if found else ""


def words_of(mail: EmailMessage) -> str:
    """What a mail says in plain text."""
    return mail.get_body(("plain",)).get_content()


class Customer:
    """Marina, who reads her mail and answers it through the real servers."""

    def __init__(self, dovecot: Dovecot, smtp: OpenSmtpd) -> None:
        self._dovecot, self._smtp = dovecot, smtp

    def mail(self) -> list[EmailMessage]:
        """What lies in her mailbox."""
        client: imaplib.IMAP4 = self._dovecot.client(THEIRS)
        try:
            __, (found,) = client.search(None, "ALL")
            return [
                message_from_bytes(client.fetch(n, "(RFC822)")[1][0][1], policy=policy.default) for n in found.split()
            ]
        finally:
            client.logout()

    def answers(self, to: EmailMessage, words: str, name: str = "Marina Alves") -> None:
        """Reply as a mail program does, with what she got quoted below."""
        reply = EmailMessage()
        reply["From"], reply["To"], reply["Subject"] = f"{name} <{THEIRS}>", OURS, to["Subject"]
        reply["Message-ID"] = f"<{abs(hash(words))}@clientes.example>"
        reply["In-Reply-To"] = reply["References"] = to["Message-ID"]
        quoted = "\n".join("> " + line for line in words_of(to).splitlines())
        reply.set_content(f"{words}\n\nEm seg., 2 de nov. de 2026 às 10:00, SAC da Loja <{OURS}> escreveu:\n{quoted}\n")
        self.sends(reply)

    def sends(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(self._smtp.host, self._smtp.port, timeout=60) as client:
            client.send_message(mail, THEIRS, [OURS])
