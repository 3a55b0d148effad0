"""What the test of a mailbox tries, and what became of each step (R3)."""

from dataclasses import dataclass
from typing import Literal

from domain.text import _

State = Literal["ok", "note", "failed", "skipped"]
"""`note` works, and there is something to know about it; `skipped` was not tried."""

IMAP_STEPS = ("imap name", "imap line", "imap tls", "imap login", "imap folder", "imap idle", "imap move")
SMTP_STEPS = ("smtp name", "smtp line", "smtp tls", "smtp login")
ROUND_STEPS = ("message out", "message back", "clock")


@dataclass(frozen=True)
class Step:
    """One thing that was tried."""

    name: str
    """One of the step names above, for scripts; `title` is for people."""
    state: State
    said: str
    """One sentence, clean, without the password."""
    answered: bool = True
    """False where it failed because a server did not answer, and not for what it said."""
    ms: int = 0
    """How long it took."""

    @property
    def title(self) -> str:
        """What was tried, in a word or two."""
        return titles().get(self.name, self.name)


def titles() -> dict[str, str]:
    """The steps in words."""
    return {
        "password": _("Password"),
        "imap name": _("IMAP: name"),
        "imap line": _("IMAP: connection"),
        "imap tls": _("IMAP: TLS, certificate"),
        "imap login": _("IMAP: login"),
        "imap folder": _("IMAP: folders"),
        "imap idle": "IMAP: IDLE",
        "imap move": "IMAP: MOVE",
        "smtp name": _("SMTP: name"),
        "smtp line": _("SMTP: connection"),
        "smtp tls": _("SMTP: TLS, certificate"),
        "smtp login": _("SMTP: login"),
        "message out": _("Message to itself: out"),
        "message back": _("Message to itself: back"),
        "clock": _("Clock"),
    }
