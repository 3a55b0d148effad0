"""The columns of the list: which fit a width, and how a row is said in them (Q1, Q2)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from domain.ages import age, until
from domain.flows import Status
from domain.text import _
from domain.tickets import Priority
from loop.views import Row
from tui.strips import Run, fit, words
from tui.theme import Palette, glyph

HOUR = 3_600_000
SOON = 24 * HOUR


@dataclass(frozen=True)
class Column:
    """A column as it stands at some width."""

    id: str
    title: str
    cells: int
    right: bool = False


@lru_cache(maxsize=64)
def columns(width: int, digits: int) -> tuple[Column, ...]:
    """The columns for so many cells and ticket numbers of so many digits, left to right.

    The customer takes what is left, and the subject the most of it once there is room for one.
    """
    number = Column("number", "#", max(4, digits), right=True)
    theirs = Column("theirs", _("Theirs"), 6, right=True)
    due = Column("due", _("Due"), 5, right=True)
    who = Column("who", _("Who"), 4 if width < 56 else 5 if width < 72 else 9)
    chosen = [number, theirs, due, who]
    if width < 46:
        chosen.remove(theirs)
    if width < 36:
        chosen.remove(who)
    extras: list[Column] = []
    room = width - _FIXED - sum(c.cells + 1 for c in chosen)
    for column, least in (
        (Column("phase", _("Phase"), 12), 60),
        (Column("ours", _("Ours"), 5, right=True), 64),
        (Column("created", _("Created"), 7, right=True), 68),
        (Column("survey", _("Survey"), 14), 72),
    ):
        if room - column.cells - 1 >= least - 12:
            extras.append(column)
            room -= column.cells + 1
    have = {c.id: c for c in (*chosen, *extras)}
    if room >= 40:
        customer = min(28, max(18, room * 2 // 5))
        have["customer"] = Column("customer", _("Customer"), customer)
        have["subject"] = Column("subject", _("Subject"), room - customer - 1)
    else:
        have["customer"] = Column("customer", _("Customer"), max(6, room))
    return tuple(have[id] for id in _ORDER if id in have)


_FIXED = 8
"""Bar, mark, priority, health and score with their blanks, and one blank at the right edge."""
_ORDER = ("number", "customer", "subject", "survey", "phase", "created", "ours", "theirs", "due", "who")


def heading(shown: tuple[Column, ...], p: Palette) -> list[Run]:
    """The line above the list."""
    text = " " * (_FIXED - 1)
    for column in shown:
        text += " " + fit(column.title, column.cells, column.right)
    return [(text, p.past)]


_SAID: dict[str, Callable[[Row, int], str]] = {
    "number": lambda row, now: str(row.number),
    "customer": lambda row, now: words(row.customer) or words(row.email) or "—",
    "subject": lambda row, now: words(row.subject),
    "survey": lambda row, now: words(row.survey),
    "phase": lambda row, now: words(row.phase),
    "created": lambda row, now: age(row.created, now),
    "ours": lambda row, now: age(row.last_out, now),
    "theirs": lambda row, now: age(row.last_in, now),
    "due": lambda row, now: "—" if row.status is Status.CLOSED else until(row.due, now),
    "who": lambda row, now: words(row.assignee) or "—",
}


def runs(
    row: Row, shown: tuple[Column, ...], now: int, p: Palette, *, cursor: bool, selected: bool, gone: bool
) -> list[Run]:
    """A row in a few runs: bright what waits for somebody, grey what does not (ux).

    `gone` is a row that no longer belongs to the tab; it stays in its place until the list is refreshed.
    """
    waits = row.unanswered and not gone
    closed = gone or row.status is Status.CLOSED
    name = p.bright if waits else p.past if closed else p.text
    high = {Priority.HIGH: "!", Priority.LOW: "↓"}.get(row.priority, " ")
    out: list[Run] = [
        ("▌" if cursor else " ", p.accent),
        ("✓ " if selected else "● " if waits else "  ", p.accent_bold if selected else p.accent),
        (high, p.late if high == "!" and not closed else p.past),
        (f"{glyph(row.health)}{'' if row.score is None else row.score}".ljust(3), p.health(row.health)),
    ]
    for column in shown:
        text = " " + fit(_SAID[column.id](row, now), column.cells, column.right)
        style = name if cursor or column.id == "customer" else p.past
        if column.id == "theirs" and waits:
            style = p.accent
        elif column.id == "due" and row.due is not None and not closed:
            if row.due < now:
                style = p.late
            elif row.due - now < SOON:
                style = name if cursor else p.text
        out.append((text, style))
    return out
