"""A customer at NeoMutt, in a terminal of her own, on the same servers: what she reads and writes is a real program's mail."""

import shlex
from pathlib import Path

from tests.e2e.shop import THEIRS
from tests.e2e.terminal import Terminal
from tests.servers import program
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

_SETTINGS = """\
set imap_user = "{user}" imap_pass = "{password}" folder = "imap://127.0.0.1:{imap}/" spoolfile = "+INBOX"
set ssl_starttls = no ssl_force_tls = no smtp_url = "smtp://127.0.0.1:{smtp}/" record = "" postponed = ""
set from = "{user}" realname = "Marina Alves" use_envelope_from = yes hostname = "casa.example"
set signature = "{folder}/signature" editor = "{editor}" include = yes fast_reply = yes mail_check = 1 timeout = 1
set sort = reverse-date pager_stop = yes confirm_append = no quit = yes header_cache = "" charset = "utf-8" sleep_time = 0
"""


class NeoMutt:
    """`with NeoMutt(folder, dovecot, smtp) as mutt: mutt.reads("Olá"); mutt.replies("Obrigada")`."""

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: OpenSmtpd) -> None:
        folder.mkdir()
        self._words, editor = folder / "words", folder / "editor"
        # Her editor writes above what is quoted, as people do who are in a hurry.
        editor.write_text(
            f'#!/bin/sh\ncat {shlex.quote(str(self._words))} "$1" > "$1.new" && cat "$1.new" > "$1" && rm "$1.new"\n'
        )
        editor.chmod(0o755)
        (folder / "signature").write_text("Marina Alves\nRua das Acácias, 12\n", "utf-8")
        settings = folder / "neomuttrc"
        settings.write_text(
            _SETTINGS.format(
                user=THEIRS, password=PASSWORD, imap=dovecot.port, smtp=smtp.port, folder=folder, editor=editor
            ),
            "utf-8",
        )
        command = (program("neomutt", "neomutt"), "-n", "-F", str(settings))
        self.terminal = Terminal(folder, *command, size=(100, 40), env={"HOME": str(folder)})

    def __enter__(self) -> "NeoMutt":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.terminal.close()

    def reads(self, words: str) -> None:
        """Open the newest mail, which says this."""
        self.terminal.until("a mail is listed", lambda: "SAC da Loja" in self.terminal.screen)
        self.terminal.keys("Enter")
        self.terminal.shows(words)

    def replies(self, words: str) -> None:
        """Answer the mail that is open, with all of it quoted below."""
        self._words.write_text(words + "\n\n", "utf-8")
        self.terminal.keys("r")
        self.terminal.shows("y:Send")
        self.terminal.keys("y")
        self.terminal.until("it is sent", lambda: "y:Send" not in self.terminal.screen)
