"""What a form asks for, as data; days as people write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.text import _, line
from tui.screens.picker import Option


class Kind(StrEnum):
    """What is asked for; the value it takes and gives stands behind it."""

    TEXT = "text"
    """A line: str."""
    LINES = "lines"
    """A text of several lines: str."""
    CHOICE = "choice"
    """One of the options: its value."""
    MANY = "many"
    """Some of the options: tuple of their values, in the options' order, or as ordered by the person (`ordered`)."""
    YESNO = "yesno"
    """bool."""
    NUMBER = "number"
    """int, or None for an empty field."""
    DATE = "date"
    """Unix milliseconds: the beginning of a day in the reader's zone, or a minute of it; None for an empty field."""


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for."""

    id: str
    label: str
    kind: Kind
    value: Any = None
    options: tuple[Option, ...] = ()
    """For CHOICE and MANY."""
    about: str = ""
    """A sentence that is shown while the field has the focus."""
    why_not: str = ""
    """Why it cannot be changed; '' if it can."""
    needed: bool = False
    """Must not be left empty."""
    low: int | None = None
    high: int | None = None
    """Of a NUMBER, inclusive."""
    limit: int = 0
    """Characters of a TEXT; 0 for any number."""
    rows: int = 5
    """Height of LINES."""
    ordered: bool = False
    """Of a MANY: the order of what is chosen counts, and shift with arrows changes it."""


def read_date(text: str, now: datetime | None = None) -> int | None:
    """A day, or a minute of a day, as somebody types it; None for nothing. ValueError if it is neither.

    `2026-11-30`, `30/11/2026`, `30/11`, each with `14:30` behind it if wished, and `+3d` for three days from today.
    """
    text = text.strip()
    if not text:
        return None
    now = now or datetime.now().astimezone()
    if match := re.fullmatch(r"\+?(\d{1,4}) ?d", text):
        day = now.date() + timedelta(days=int(match[1]))
        return _ms(datetime(day.year, day.month, day.day))
    words = text.split()
    if len(words) > 2:
        raise ValueError(text)
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", words[0]):
        day = date(int(match[1]), int(match[2]), int(match[3]))
    elif match := re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", words[0]):
        day = date(int(match[3] or now.year), int(match[2]), int(match[1]))
    else:
        raise ValueError(text)
    hour = minute = 0
    if len(words) == 2:
        match = re.fullmatch(r"(\d{1,2}):(\d{2})", words[1])
        if match is None:
            raise ValueError(text)
        hour, minute = int(match[1]), int(match[2])
    return _ms(datetime(day.year, day.month, day.day, hour, minute))


def _ms(local: datetime) -> int:
    try:
        return int(local.astimezone().timestamp() * 1000)
    except OverflowError as error:
        raise ValueError(str(local)) from error


def say_date(ms: int | None) -> str:
    """What `read_date` reads back as the same time."""
    if ms is None:
        return ""
    local = datetime.fromtimestamp(ms / 1000).astimezone()
    return local.strftime(_("%Y-%m-%d") if (local.hour, local.minute) == (0, 0) else _("%Y-%m-%d %H:%M"))


def said(field: Field, value: Any) -> str:
    """A field's value in words, on one line; '—' for nothing."""
    if field.kind is Kind.YESNO:
        return _("yes") if value else _("no")
    if field.kind is Kind.DATE:
        return say_date(value) or "—"
    if field.kind in (Kind.CHOICE, Kind.MANY):
        names = {o.value: line(o.label) for o in field.options}
        chosen = tuple(value or ()) if field.kind is Kind.MANY else (value,)
        return ", ".join(names[v] for v in chosen if v in names) or "—"
    return line("" if value is None else str(value)) or "—"
