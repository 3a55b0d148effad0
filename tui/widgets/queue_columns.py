"""The columns of the list: which fit a width, and how a row is said in them (Q1, Q2)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from domain.ages import age, until
from domain.flows import Status
from domain.text import _, fold
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
    gap: int = 1
    """Blanks before it."""


def choices() -> dict[str, str]:
    """What can be had as a column, by id, and how it is called where columns are chosen (Q1, Q2)."""
    return {
        "unanswered": _("unanswered mark"),
        "priority": _("priority"),
        "health": _("health and score"),
        "number": _("number"),
        "customer": _("customer"),
        "subject": _("subject"),
        "survey": _("survey"),
        "ours": _("last from us"),
        "theirs": _("last from the customer"),
        "created": _("creation"),
        "due": _("due"),
        "phase": _("phase"),
        "status": _("status"),
        "who": _("assignee"),
        "flow": _("flow"),
    }


def wished(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are columns, each once, in their order; the titles people know are understood as well."""
    known = choices()
    by_title = {fold(title): id for id, title in known.items()} | _ALSO
    found = (name if name in known else by_title.get(fold(name), "") for name in names)
    return tuple(dict.fromkeys(id for id in found if id))


_ALSO = {"assignee": "who", "last_out": "ours", "last_in": "theirs", "last from customer": "theirs", "score": "health"}
"""What else a column may be called."""


@lru_cache(maxsize=64)
def columns(width: int, digits: int, wish: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """The columns for so many cells and ticket numbers of so many digits, left to right.

    Without a wish, what fits: the customer takes what is left, and the subject the most of it once there is room for
    one. With one, those that were wished for in their order; the last ones give way where there is no room.
    """
    if wish:
        return _wished(width, digits, wish)
    named = _named(width, digits)
    chosen = [named["number"], named["theirs"], named["due"], named["who"]]
    if width < 46:
        chosen.remove(named["theirs"])
    if width < 36:
        chosen.remove(named["who"])
    extras: list[Column] = []
    room = width - _FIXED - sum(c.cells + 1 for c in chosen)
    for id, least in (("phase", 60), ("ours", 64), ("created", 68), ("survey", 72)):
        column = named[id]
        if room - column.cells - 1 >= least - 12:
            extras.append(column)
            room -= column.cells + 1
    have = {c.id: c for c in (*chosen, *extras)}
    if room >= 40:
        customer = min(28, max(18, room * 2 // 5))
        have["customer"] = replace(named["customer"], cells=customer)
        have["subject"] = replace(named["subject"], cells=room - customer - 1)
    else:
        have["customer"] = replace(named["customer"], cells=max(6, room))
    return (*(named[id] for id in MARKS), *(have[id] for id in _ORDER if id in have))


def _named(width: int, digits: int) -> dict[str, Column]:
    """Every column by id, at its least width."""
    found = (
        Column("unanswered", "", 0, gap=0),
        Column("priority", "", 1, gap=0),
        Column("health", "", 3, gap=0),
        Column("number", "#", max(4, digits), right=True),
        Column("customer", _("Customer"), 10),
        Column("subject", _("Subject"), 14),
        Column("survey", _("Survey"), 14),
        Column("phase", _("Phase"), 12),
        Column("status", _("Status"), 11),
        Column("flow", _("Flow"), 12),
        Column("created", _("Created"), 7, right=True),
        Column("ours", _("Ours"), 5, right=True),
        Column("theirs", _("Theirs"), 6, right=True),
        Column("due", _("Due"), 5, right=True),
        Column("who", _("Who"), 4 if width < 56 else 5 if width < 72 else 9),
    )
    return {column.id: column for column in found}


def _wished(width: int, digits: int, wish: tuple[str, ...]) -> tuple[Column, ...]:
    named = _named(width, digits)
    room = width - _MARGIN
    chosen: list[Column] = []
    for id in wish:
        column = named[id]
        if id in MARKS and chosen and chosen[-1].id not in MARKS:
            column = replace(column, gap=1)
        if room < column.cells + column.gap:
            break
        chosen.append(column)
        room -= column.cells + column.gap
    # Words take what is left: the customer's up to what names need, the subject's the rest.
    for id, most in (("customer", 28), ("subject", width), ("survey", 24), ("customer", width)):
        place = next((i for i, c in enumerate(chosen) if c.id == id), None)
        if place is not None and room > 0:
            more = min(room, max(0, most - chosen[place].cells))
            chosen[place] = replace(chosen[place], cells=chosen[place].cells + more)
            room -= more
    return tuple(chosen)


MARKS = ("unanswered", "priority", "health")
"""Columns without a title, which stand at the left unless they are wished for elsewhere."""
_MARGIN = 4
"""Bar, mark of selection and unanswered, and one blank at the right edge."""
_FIXED = 8
"""The margin, priority, health and score."""
_ORDER = ("number", "customer", "subject", "survey", "phase", "created", "ours", "theirs", "due", "who")


def heading(shown: tuple[Column, ...], p: Palette) -> list[Run]:
    """The line above the list."""
    text = " " * (_MARGIN - 1)
    for column in shown:
        text += " " * column.gap + fit(column.title, column.cells, column.right)
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
    "flow": lambda row, now: words(row.flow),
    "status": lambda row, now: _STATUSES[row.status](),
}
_STATUSES: dict[Status, Callable[[], str]] = {
    Status.PENDING: lambda: _("pending"),
    Status.PROGRESS: lambda: _("in progress"),
    Status.CLOSED: lambda: _("closed"),
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
    marks = any(column.id == "unanswered" for column in shown)
    out: list[Run] = [
        ("▌" if cursor else " ", p.accent),
        ("✓ " if selected else "● " if waits and marks else "  ", p.accent_bold if selected else p.accent),
    ]
    for column in shown:
        gap = " " * column.gap
        if column.id == "unanswered":
            continue
        if column.id == "priority":
            high = {Priority.HIGH: "!", Priority.LOW: "↓"}.get(row.priority, " ")
            out.append((gap + high, p.late if high == "!" and not closed else p.past))
            continue
        if column.id == "health":
            mark = f"{glyph(row.health)}{'' if row.score is None else row.score}"
            out.append((gap + mark.ljust(3), p.health(row.health)))
            continue
        text = gap + fit(_SAID[column.id](row, now), column.cells, column.right)
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
