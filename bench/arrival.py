"""A customer's mail: how long from the server's taking it until its words stand on the ticket that is open."""

import imaplib
import os
import time
from email.message import EmailMessage
from pathlib import Path

from bench.post import Post
from bench.screen import Spread, spread
from bench.terminal import RETORNO, Terminal, environment
from bench.world import ADDRESS
from loop.desk import Desk
from loop.mailboxes import keys

TIMES = 7
_SETTLED_S = 4.0
"""Until the screen's own worker is told by the server of what is new."""


def shown(desk: Desk, home: Path, post: Post, row: str, head: str) -> dict[str, Spread]:
    """Milliseconds; the worker in the screen is told by IDLE, reads the mail and finds its ticket."""
    from mail.tokens import message_id

    box, config = post.mailbox, home / "arrival.toml"
    config.write_text(
        f'[[mailbox]]\naddress = "{box.address}"\nimap_host = "127.0.0.1"\nimap_port = {box.imap_port}\nimap_security = "none"\n'
        f'imap_user = "{box.imap_user}"\nsmtp_host = "127.0.0.1"\nsmtp_port = {box.smtp_port}\nsmtp_security = "none"\n'
        f'smtp_user = ""\npassword_env = "{box.password_env}"\n',
        "utf-8",
    )
    environ = environment(home, desk.db.url) | {
        "RETORNO_CONFIG": str(config),
        str(box.password_env): os.environ[str(box.password_env)],
    }
    number = int(row.split()[0])
    (email,) = desk.db.rows(
        "SELECT c.email FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE t.number = :n", {"n": number}
    )[0]
    ours = message_id(next(reversed(keys(desk.db.rows).values())), number, 1, "lojabench.example")
    took = []
    with (
        Terminal(RETORNO, columns=120, lines=36, environ=environ) as terminal,
        imaplib.IMAP4("127.0.0.1", post.imap, timeout=30) as server,
    ):
        server.login(post.user, post.password)
        terminal.until(row)
        terminal.press("\r")
        terminal.until(head)
        terminal.press("G")
        time.sleep(_SETTLED_S)
        for turn in range(TIMES + 1):
            for _chunk in terminal.burst(0.5, 5):
                pass
            mark = f"chegou{turn}"
            server.append("INBOX", None, None, _mail(turn, mark, email, ours))
            at = time.perf_counter()
            waited = (terminal.until(mark) - at) * 1000
            if turn:  # the first loads what reads mail
                took.append(waited)
    post.empty()
    return {"shown": spread(took)}


def _mail(n: int, words: str, sender: str, answers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, "Re: Sua resposta"
    mail["Message-ID"], mail["In-Reply-To"] = f"<arrival-{os.getpid()}-{n}@clientes.example>", f"<{answers}>"
    mail.set_content(words + "\n")
    return mail.as_bytes()
