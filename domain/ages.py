"""Numbers that speak like people: 12m, 5h, 2d, −1d."""

from functools import cache

from domain.text import N_, _

_UNITS = (
    (86_400_000 * 7 * 9, 86_400_000 * 7),
    (86_400_000, 86_400_000),
    (3_600_000, 3_600_000),
    (60_000, 60_000),
)
"""From how many milliseconds on, and the unit's own: weeks, days, hours, minutes."""

_LETTERS = N_("w d h m now")
"""The units' letters, largest first, and what is said below a minute; - stands for weeks where a language has no
letter for them, and days go on."""


def age(then_ms: int | None, now_ms: int) -> str:
    """How long ago, in at most four cells; '—' when it never was. Both in Unix milliseconds."""
    return "—" if then_ms is None else span(max(0, now_ms - then_ms))


def until(due_ms: int | None, now_ms: int) -> str:
    """How long is left, to the nearest unit, with a minus when it is past; '—' when there is no such time.

    What is due in three days less a minute is due in 3d: rounded down it would look a day more urgent than it is.
    """
    if due_ms is None:
        return "—"
    left = due_ms - now_ms
    if left < 0:
        return "−" + span(-left)
    unit = next((unit for at_least, unit, __ in _units() if left >= at_least), 0)
    return span(left + unit // 2)


def span(ms: int) -> str:
    """A duration in milliseconds by its largest whole unit: 'now' below a minute, weeks from nine weeks on."""
    for at_least, unit, letter in _units():
        if ms >= at_least:
            return f"{ms // unit}{letter}"
    return _(_LETTERS).split()[-1]


def _units() -> tuple[tuple[int, int, str], ...]:
    return _lettered(_(_LETTERS))


@cache
def _lettered(letters: str) -> tuple[tuple[int, int, str], ...]:
    return tuple((least, unit, x) for (least, unit), x in zip(_UNITS, letters.split(), strict=False) if x != "-")


def two_units(ms: float | None) -> str:
    """A duration for the metrics line, with two units: 3h12, 2d4h, 45m; '–' for none (D1–D4)."""
    if ms is None:
        return "–"
    minutes = int(ms // 60_000)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    __, d, h, m, __ = _(_LETTERS).split()
    if days:
        return f"{days}{d}{hours}{h}" if hours else f"{days}{d}"
    if hours:
        return f"{hours}{h}{rest:02d}"
    return f"{rest}{m}"
