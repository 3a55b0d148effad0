"""The query language for list, bulk, export and command line (Q5): text in, terms as data out.

`is:open assignee:me class:detractor due:<2d created:>=2026-01-31 priority:high flow:"Pós-venda" #1042 atraso`
A word may be negated with a leading `-`. What cannot be read is kept as `trouble`, said to the
person, and matches nothing rather than everything.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from domain.text import _, clean

FIELDS = (
    "is",
    "assignee",
    "class",
    "priority",
    "flow",
    "phase",
    "survey",
    "score",
    "due",
    "created",
    "customer",
    "tag",
    "category",
)
STATES = ("open", "progress", "closed", "unanswered", "overdue", "unassigned", "archived", "started")

_TOKEN = re.compile(r'(?P<not>-)?(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+))')
_AMOUNT = re.compile(r"(?P<op><=|>=|<|>|=)?(?P<sign>-)?(?P<n>\d{1,6})(?P<unit>[mhdw])?$")
_DAY = r"\d{4}-\d{2}-\d{2}"
_DAYS = re.compile(rf"(?:(?P<op><=|>=|<|>|=)?(?P<day>{_DAY})|(?P<first>{_DAY})?\.\.(?P<last>{_DAY})?)$", re.ASCII)
DAY_MS = 86_400_000
UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@dataclass(frozen=True)
class Term:
    """One condition; a query holds when all of its terms hold."""

    field: str
    """One of `FIELDS`, 'number', or 'text' for a free word."""
    value: str
    """Cleaned; for amounts the number: milliseconds for times, points for scores; for days see `span`."""
    op: str = "="
    """A comparison, or 'in' for a span of days."""
    negated: bool = False

    @property
    def span(self) -> tuple[int | None, int | None]:
        """Unix milliseconds of a span of days, from inclusive to exclusive; None where it is open."""
        start, __, end = self.value.partition("..")
        return int(start) if start else None, int(end) if end else None


@dataclass(frozen=True)
class Query:
    """A whole query."""

    terms: tuple[Term, ...] = ()
    trouble: str = ""
    """What could not be read, in a sentence; '' when all could."""


def parse(text: str) -> Query:
    """The query that `text` says. Never raises."""
    terms: list[Term] = []
    for m in _TOKEN.finditer(clean(text)[:1000]):
        negated, field = bool(m["not"]), m["field"]
        value = m["quoted"] if m["quoted"] is not None else m["bare"]
        if field is None or field not in FIELDS:
            whole = value if field is None else f"{field}:{value}"
            if re.fullmatch(r"#\d{1,12}", whole):
                terms.append(Term("number", whole[1:], negated=negated))
            elif whole:
                terms.append(Term("text", whole, negated=negated))
            continue
        term = _field(field, value, negated)
        if isinstance(term, str):
            return Query((), term)
        terms.append(term)
    return Query(tuple(terms))


def _field(field: str, value: str, negated: bool) -> Term | str:
    if field == "is":
        if value not in STATES:
            return _("is:{value} is unknown; there are {known}.").format(value=value, known=", ".join(STATES))
        return Term("is", value, negated=negated)
    if field in ("due", "created") and (days := _DAYS.match(value)):
        return _days(field, value, days, negated)
    if field in ("due", "created", "score"):
        m = _AMOUNT.match(value)
        if not m or (field == "score") != (m["unit"] is None):
            return _("{field}:{value} cannot be read; say for example {example}.").format(
                field=field, value=value, example="score:<=2" if field == "score" else f"{field}:<2d"
            )
        n = int(m["n"]) * UNIT_MS.get(m["unit"] or "", 1) * (-1 if m["sign"] else 1)
        return Term(field, str(n), m["op"] or ("=" if field == "score" else "<"), negated)
    return Term(field, value, negated=negated)


def _days(field: str, value: str, m: re.Match[str], negated: bool) -> Term | str:
    """A term about whole days (UTC): one, all before or after one, or from one to another, both of them included."""
    try:
        day, first, last = (None if m[name] is None else _midnight(m[name]) for name in ("day", "first", "last"))
    except ValueError:
        return _("{field}:{value} names a day that is in no calendar.").format(field=field, value=value)
    if day is not None:
        start = {"<": None, "<=": None, ">": day + DAY_MS}.get(m["op"] or "=", day)
        end = {"<": day, ">": None, ">=": None}.get(m["op"] or "=", day + DAY_MS)
    else:
        start, end = first, None if last is None else last + DAY_MS
        if (start is None and end is None) or (start is not None and end is not None and start >= end):
            return _("{field}:{value} ends before it begins.").format(field=field, value=value)
    return Term(field, f"{'' if start is None else start}..{'' if end is None else end}", "in", negated)


def _midnight(day: str) -> int:
    """Unix milliseconds of a day's beginning (UTC). ValueError when there is no such day."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * DAY_MS


def within_days(field: str, start_ms: int | None, end_ms: int | None) -> str:
    """The term for a span of time (from inclusive, to exclusive) in whole days, as a person would type it; '' for none.

    A flow's period becomes the list's first filter so (I5); days that are in it only in part are in the term.
    """
    if start_ms is None and end_ms is None:
        return ""
    first, last = (None if at is None else date(1970, 1, 1) + timedelta(at // DAY_MS) for at in
                   (start_ms, None if end_ms is None else end_ms - 1))  # fmt: skip
    if first == last:
        return f"{field}:{first}"
    if last is None:
        return f"{field}:>={first}"
    return f"{field}:<={last}" if first is None else f"{field}:{first}..{last}"
