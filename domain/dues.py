"""When something is due, as people say it: `2d`, `31/12`, `friday`, `sexta 14:30`, `none` (T5).

English and Portuguese words are both understood, whatever the reader's language: fingers know the ones they know.
"""

import re
from datetime import datetime, timedelta, tzinfo

from domain.query import UNIT_MS
from domain.text import fold

NEVER = frozenset({"none", "never", "no", "-", "nenhum", "nunca", "sem", "sem prazo"})
"""Words that take the due date away."""
_DAYS = (
    ("monday", "segunda"), ("tuesday", "terca"), ("wednesday", "quarta"), ("thursday", "quinta"),
    ("friday", "sexta"), ("saturday", "sabado"), ("sunday", "domingo"),
)  # fmt: skip
_SPAN = re.compile(r"(?:in |em )?\+?(-)?(\d{1,4}) ?(m(?!e|o)|h|d|w|sem)[a-z]*$")
_TIME = re.compile(r"^(.*?)\s*(?:\bat |\bas )?\b(\d{1,2})(?::(\d{2})|h(\d{2})?)$")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$")


class NotUnderstood(ValueError):
    """What was said names no time."""


def due(said: str, now_ms: int, zone: tzinfo | None = None) -> int | None:
    """The time that was meant, in Unix milliseconds; None for no due date.

    A day without a time means its end. Days and months are read day first, and the other way round only where that
    is no date; a day that is past this year means the next one's. `zone` is the reader's (None: the machine's).
    Raises `NotUnderstood`.
    """
    text = fold(said).strip().rstrip(".")
    if text in NEVER:
        return None
    if span := _SPAN.match(text):
        sign, amount, unit = span.groups()
        return now_ms + (-1 if sign else 1) * int(amount) * UNIT_MS["w" if unit == "sem" else unit]
    now = datetime.fromtimestamp(now_ms / 1000, zone).astimezone(zone)
    hour, minute = 23, 59
    if timed := _TIME.match(text):
        text, hour, minute = timed[1].strip(" ,"), int(timed[2]), int(timed[3] or timed[4] or 0)
    day = now if timed and not text else _day(text, now)
    try:
        meant = day.replace(hour=hour, minute=minute, second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise NotUnderstood(said) from None
    meant = meant.replace(tzinfo=zone) if zone else meant.astimezone()
    return int(meant.timestamp() * 1000)


def _day(text: str, now: datetime) -> datetime:
    if text in ("today", "hoje"):
        return now
    if text in ("tomorrow", "amanha"):
        return now + timedelta(days=1)
    bare = (
        text.removeprefix("next ")
        .removeprefix("proxima ")
        .removeprefix("proximo ")
        .removesuffix("-feira")
        .removesuffix(" feira")
    )
    for place, names in enumerate(_DAYS):
        if len(bare) >= 3 and any(name.startswith(bare) for name in names):
            return now + timedelta(days=(place - now.weekday() - 1) % 7 + 1)
    try:
        if iso := _ISO.match(text):
            return now.replace(year=int(iso[1]), month=int(iso[2]), day=int(iso[3]))
        if written := _DAY_FIRST.match(text):
            return _written(int(written[1]), int(written[2]), written[3], now)
    except ValueError:
        pass
    raise NotUnderstood(text)


def _written(day: int, month: int, year: str | None, now: datetime) -> datetime:
    if month > 12:
        day, month = month, day
    if year:
        return now.replace(year=int(year) + (2000 if len(year) == 2 else 0), month=month, day=day)
    # 29/2 is a date in some years only: the next one that has it.
    for ahead in range(9):
        try:
            meant = now.replace(year=now.year + ahead, month=month, day=day)
        except ValueError:
            continue
        if meant.date() >= now.date():
            return meant
    raise ValueError(day, month)
