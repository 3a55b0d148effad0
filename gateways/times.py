"""Moments as people, spreadsheets and programs write them (I1)."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from domain.text import fold

_CLOCK = (
    r"(?:(?:\s*(?:,|T|às|as|at|a las)\s*|\s+)(\d{1,2})[:h](\d{2})(?:[:m](\d{2})(?:[.,](\d{1,9}))?)?[sh]?"
    r"\s*([ap]\.?\s?m\.?)?\s*(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|UTC|GMT)?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})" + _CLOCK, re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})" + _CLOCK, re.IGNORECASE)
# On folded text: "22 de nov. de 2026", "22-nov-26", "sun, 22 nov 2026 20:04:05 -0300".
_MONTH_SECOND = re.compile(
    r"(?:[a-z]{2,13}(?:-feira)?\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th|o)?[\s./-]+(?:de\s+|of\s+)?([a-z]{3,10})\.?,?[\s./-]*"
    r"(?:del?\s+|of\s+)?(?<![a-z0-9])(\d{4}|\d{2})" + _CLOCK,
    re.IGNORECASE,
)
# "Nov 22, 2026", "Sunday, November 22nd 2026", "Sun Nov 22 2026 20:04:05 GMT-0300".
_MONTH_FIRST = re.compile(
    r"(?:[a-z]{2,10}\.?,?\s+)?([a-z]{3,10})\.?[\s./-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s./-]+(\d{4})" + _CLOCK,
    re.IGNORECASE,
)
# As programs of Unix write it: "Sun Nov 22 20:04:05 2026".
_C_TIME = re.compile(r"[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})")
_COMPACT = re.compile(
    r"((?:19|20)\d{2})(\d{2})(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})(Z|[+-]\d{2}:?\d{2})?)?", re.IGNORECASE
)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d{1,15}))?")
_IN_BRACKETS = re.compile(r"\s*\([^()]{0,60}\)$")
_LONGEST = 80
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Others are what programs write for “none” (0001-01-01, 9999-12-31), and no moment in every reader's zone."""

_MONTHS = (
    "jan janeiro january ene enero",
    "fev fevereiro feb february febrero",
    "mar marco march marzo",
    "abr abril apr april",
    "mai maio may mayo",
    "jun junho june junio",
    "jul julho july julio",
    "ago agosto aug august",
    "set setembro sep sept september septiembre setiembre",
    "out outubro oct october octubre",
    "nov novembro november noviembre",
    "dez dezembro dec december dic diciembre",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}


def read_time(text: str, order: str, zone: tzinfo) -> datetime | None:
    """The moment, in UTC; `text` without a zone is a time in `zone` (I1). None if it is not a date.

    `order` (dmy, mdy, ymd) says how 01/02/2026 is meant; names of months are Portuguese, English or Spanish.
    """
    try:
        if found := _YEAR_FIRST.fullmatch(text):
            year, month, day = int(found[1]), int(found[3]), int(found[4])
        elif found := _YEAR_LAST.fullmatch(text):
            day, month, year = int(found[1]), int(found[3]), int(found[4])
            if order == "mdy":
                day, month = month, day
            if year < 100:
                year += 2000
        else:
            return _epoch(text) or _compact(text, zone) or _by_name(text, zone)
        return _moment(year, month, day, found.group(5, 6, 7, 8, 9, 10), zone)
    except (ValueError, OverflowError):
        return None


def read_serial(text: str, zone: tzinfo) -> datetime | None:
    """The moment that a spreadsheet's bare number is: days since 30/12/1899, from 1990 to 2100, 46348,75 for 18:00.

    A number of five digits can be anything: for columns that are known to be dates.
    """
    found = _SERIAL.fullmatch(text)
    if not found or not 32874 <= int(found[1]) < 73416:
        return None
    seconds = round(float(f"0.{found[2]}") * 86400) if found[2] else 0
    local = datetime(1899, 12, 30) + timedelta(days=int(found[1]), seconds=seconds)
    return local.replace(tzinfo=zone).astimezone(UTC)


def _moment(year: int, month: int, day: int, clock: tuple[str | None, ...], zone: tzinfo) -> datetime | None:
    """The parts together; ValueError or OverflowError where they make no moment."""
    hour, minute, second, fraction, half, offset = clock
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if hour is None:
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC)
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    return datetime(
        year, month, day, hours, int(minute or 0), int(second or 0), micro, _zone(offset) if offset else zone
    ).astimezone(UTC)


def _by_name(text: str, zone: tzinfo) -> datetime | None:
    """A date whose month is written out."""
    if len(text) > _LONGEST or not any(c.isalpha() for c in text):
        return None
    plain = _IN_BRACKETS.sub("", fold(text).strip())
    if found := _C_TIME.fullmatch(plain):
        plain = f"{found[1]} {found[2]} {found[4]} {found[3]}"
    if found := _MONTH_SECOND.fullmatch(plain):
        day, name, year = found[1], found[2], found[3]
    elif found := _MONTH_FIRST.fullmatch(plain):
        name, day, year = found[1], found[2], found[3]
    else:
        return None
    if (month := _MONTH.get(name)) is None:
        return None
    return _moment(int(year) + (2000 if len(year) == 2 else 0), month, int(day), found.group(4, 5, 6, 7, 8, 9), zone)


def _zone(offset: str) -> tzinfo:
    digits = offset.upper().removeprefix("UTC").removeprefix("GMT")
    if digits in ("", "Z"):
        return UTC
    hours, minutes = (digits[1:].split(":") if ":" in digits else (digits[1:3], digits[3:])) if digits else ("0", "0")
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-ahead if digits[0] == "-" else ahead)


def _epoch(text: str) -> datetime | None:
    """Seconds or milliseconds since 1970, as services write them: 10 or 13 digits."""
    if not text.isascii() or not text.isdigit() or len(text) not in (10, 13):
        return None
    return datetime.fromtimestamp(int(text) / (1000 if len(text) == 13 else 1), UTC)


def _compact(text: str, zone: tzinfo) -> datetime | None:
    """20261122, 20261122T200405Z."""
    found = _COMPACT.fullmatch(text)
    if not found:
        return None
    hour, minute, second, offset = found.group(4, 5, 6, 7)
    return _moment(int(found[1]), int(found[2]), int(found[3]), (hour, minute, second, None, None, offset), zone)
