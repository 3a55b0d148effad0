"""Which e-mails a rehearsed set would send now, and why others would not leave, by the words of who sends them (A4, A5, M11)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.text import line
from loop.automatic import MOST, WINDOW_MS, bare
from loop.class_mail import Unwritten, chosen, letter
from loop.desk import Desk
from loop.rule_effects import OLD_MS
from loop.rule_mail import OLD
from loop.rule_rehearsal_reading import Read

Rows = Callable[..., Sequence[tuple[Any, ...]]]


class Mails:
    """Counts them, chunk by chunk."""

    def __init__(self, desk: Desk, send: str | int, now: int) -> None:
        self.desk, self.send, self.now = desk, send, now
        self.sent = 0
        self.unsent: Counter[str] = Counter()
        """By `rule_hits.mail`, as `loop.rule_mail.said` tells it."""
        self._texts: dict[tuple[int, int | None], Any] = {}
        self._recent: dict[str, list[str]] | None = None
        self._own: set[str] = set()

    def take(self, touched: Iterable[Read], opened: bool) -> None:
        """Count the e-mails to some answers that the set would touch; `opened`: those without a ticket would get one."""
        fresh = []
        for read in touched:
            if self.now - read.at > OLD_MS:
                self.unsent[OLD] += 1
            elif isinstance(text := self._text(read.survey, read.klass), Unwritten):
                self.unsent[_word(text)] += 1
            else:
                fresh.append((read, text))
        if fresh:
            self._take(fresh, opened)

    def _take(self, fresh: list[tuple[Read, Any]], opened: bool) -> None:
        rows = self.desk.db.rows
        if self._recent is None:
            self._recent = {}
            for address, subject in rows(
                "SELECT address, subject FROM automatic_mail WHERE at > :since", {"since": self.now - WINDOW_MS}
            ):
                self._recent.setdefault(address, []).append(subject)
            self._own = {address for (address,) in rows("SELECT address FROM mailboxes")}
        ids = sorted({read.contact for read, __ in fresh if read.contact is not None})
        known = {
            id: rest
            for id, *rest in rows(
                "SELECT id, email, unsubscribed_at, blocked_at, bounced_at FROM contacts"
                f" WHERE id IN ({', '.join(map(str, ids)) or -1})"
            )
        }
        for read, text in fresh:
            word = self._why_not(read, text, known.get(read.contact or 0), opened)
            if word:
                self.unsent[word] += 1
            else:
                self.sent += 1

    def _why_not(self, read: Read, text: Any, contact: Sequence[Any] | None, opened: bool) -> str:
        """Why an e-mail would stay, '' if it would leave; asked in the order in which it is asked when it is sent."""
        subject = text.subject
        if "{" in text.subject + text.body and not (opened and read.ticket is None):
            # What a ticket that is not there yet would be called cannot be told.
            written = letter(self.desk.db.rows, self.desk, read.answer, self.send, ticket=read.ticket)
            if isinstance(written, Unwritten):
                return _word(written)
            subject = written.subject
        if contact is None or not contact[0]:
            return "no address"
        address, *marks = contact
        for at, why in zip(marks, ("unsubscribed", "blocked", "bounced"), strict=True):
            if at is not None:
                return why
        if address in self._own:
            return "our own"
        assert self._recent is not None
        recent = self._recent.setdefault(address, [])
        if len(recent) >= MOST:
            return "too many"
        if bare(line(subject)) in recent:
            return "same subject"
        recent.append(bare(line(subject)))
        return ""

    def _text(self, survey: int, klass: int | None) -> Any:
        key = (survey, klass)
        if key not in self._texts:
            self._texts[key] = chosen(self.desk.db.rows, self.send, survey, klass)
        return self._texts[key]


def _word(unwritten: Unwritten) -> str:
    """As it is kept with a hit."""
    return f"{unwritten.why}: {', '.join(unwritten.names)}" if unwritten.names else unwritten.why
