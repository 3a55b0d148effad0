"""Why a mail is where it is, in words: the ledger keeps signs, which commands and searches find, and people read sentences."""

import re
from collections.abc import Callable

from domain.text import _, line

WORDS: dict[str, Callable[[], str]] = {
    "token": lambda: _("it answers a message of ours, whose signed Message-ID it names"),
    "message-id": lambda: _("it answers a mail of this ticket"),
    "plus-address": lambda: _("it was sent to the ticket's own address"),
    "subject-tag": lambda: _("its subject names the ticket, and the address is known there"),
    "text/calendar": lambda: _("an answer to an invitation"),
    "message/disposition-notification": lambda: _("a receipt: the mail was read"),
    "message/delivery-status": lambda: _("a mail server says what became of a message"),
    "multipart/report": lambda: _("a mail server's report"),
    "over the size limit": lambda: _("over the size limit"),
}
"""By the sign that the ledger keeps."""
_HEADER = re.compile(r"[A-Z][A-Za-z-]{2,40}(?:: .*)?$")


def why(outcome: str, reason: str) -> str:
    """The reason of a line, each of its parts in words where it is a sign."""
    parts = (part.split(" · ") for part in line(reason, 300).split("; "))
    return "; ".join(" · ".join(_sign(outcome, sign) for sign in part) for part in parts)


def _sign(outcome: str, sign: str) -> str:
    if sign in WORDS:
        return WORDS[sign]()
    if outcome == "automatic" and _HEADER.match(sign):
        return _("a program wrote it: {sign}").format(sign=sign)
    return sign
