"""The post office of the measurements: an IMAP server with our mailbox and an SMTP server that takes everything."""

import contextlib
import imaplib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from bench.terminal import ROOT
from bench.world import ADDRESS
from loop.config import MailboxConfig

_PASSWORD = "RETORNO_BENCH_PASSWORD"


@dataclass(frozen=True)
class Post:
    """Servers that run."""

    imap: int
    smtp: int
    user: str
    password: str
    software: str
    """Of the IMAP server."""

    @property
    def mailbox(self) -> MailboxConfig:
        """Our mailbox there, as the configuration file would name it."""
        os.environ[_PASSWORD] = self.password
        return MailboxConfig(
            name="bench",
            address=ADDRESS,
            imap_host="127.0.0.1",
            smtp_host="127.0.0.1",
            imap_port=self.imap,
            smtp_port=self.smtp,
            imap_security="none",
            smtp_security="none",
            imap_user=self.user,
            smtp_user="",
            password_env=_PASSWORD,
        )

    def fill(self, mails: Sequence[bytes]) -> None:
        """Put mails into the mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=30) as connection:
            connection.login(self.user, self.password)
            for raw in mails:
                connection.append("INBOX", None, None, raw)

    def empty(self) -> None:
        """Take all mails out of the mailbox."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=30) as connection:
            connection.login(self.user, self.password)
            connection.select("INBOX")
            connection.store("1:*", "+FLAGS", "\\Deleted")
            connection.expunge()


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """The port of an SMTP server that takes everything."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.sink"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


@contextlib.contextmanager
def post_office() -> Iterator[Post]:
    """Dovecot where it is installed, else the demo's pymap."""
    import shutil

    where = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    with sink() as smtp:
        if shutil.which("dovecot", path=where):
            from tests.servers.dovecot import Dovecot

            with Dovecot() as server:
                yield Post(server.port, smtp, "bench", server.password, "Dovecot")
        else:
            from demo.servers import PASSWORD, USER, Servers

            with Servers(delay=(3600, 3600)) as servers:
                yield Post(servers.imap, smtp, USER, PASSWORD, "pymap")


def reply(n: int, name: str, address: str, ticket: int, answers: str, at: datetime) -> bytes:
    """What a customer's mail program sends back: text and HTML, the letter it answers quoted below; some 3 kB."""
    said = (
        f"Bom dia,\n\nrecebi a mensagem de vocês, mas o problema {n} continua. Podem ligar amanhã?\n\nObrigado,\n{name}"
    )
    letter = "Olá,\n\nsentimos muito pelo atraso. " + "Vamos resolver ainda esta semana, como combinamos. " * 8
    quoted = "\n".join(f"> {row}" for row in letter.split("\n"))
    mail = EmailMessage()
    mail["From"] = f"{name} <{address}>"
    mail["To"] = ADDRESS
    mail["Subject"] = f"Re: Sua resposta [#{ticket}]"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<bench-{n}-{ticket}@clientes.example>"
    mail["In-Reply-To"] = mail["References"] = f"<{answers}>"
    mail.set_content(f"{said}\n\nEm seg., 16 de nov. de 2026 às 10:00, Loja Bench <{ADDRESS}> escreveu:\n\n{quoted}\n")
    html = said.replace("\n", "<br>")
    old = letter.replace("\n", "<br>")
    mail.add_alternative(
        f'<div dir="ltr">{html}</div><br><div class="gmail_quote"><div class="gmail_attr">Em seg., 16 de nov. de 2026 às 10:00, '
        f'Loja Bench escreveu:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">{old}</blockquote></div>',
        subtype="html",
    )
    return mail.as_bytes()


NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
