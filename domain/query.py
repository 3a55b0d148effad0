"""The query language for list, bulk, export and command line (Q5): text in, terms as data out.

`is:open assignee:me class:detractor due:<2d priority:high flow:"Pós-venda" #1042 atraso`
A word may be negated with a leading `-`. What cannot be read is kept as `trouble`, said to the
person, and matches nothing rather than everything.
"""

import re
from dataclasses import dataclass

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
)
STATES = ("open", "progress", "closed", "unanswered", "overdue", "unassigned", "archived", "started")

_TOKEN = re.compile(r'(?P<not>-)?(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+))')
_AMOUNT = re.compile(r"(?P<op><=|>=|<|>|=)?(?P<sign>-)?(?P<n>\d{1,6})(?P<unit>[mhdw])?$")
UNIT_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@dataclass(frozen=True)
class Term:
    """One condition; a query holds when all of its terms hold."""

    field: str
    """One of `FIELDS`, 'number', or 'text' for a free word."""
    value: str
    """Cleaned; for amounts the number: milliseconds for times, points for scores."""
    op: str = "="
    negated: bool = False


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
    if field in ("due", "created", "score"):
        m = _AMOUNT.match(value)
        if not m or (field == "score") != (m["unit"] is None):
            return _("{field}:{value} cannot be read; say for example {example}.").format(
                field=field, value=value, example="score:<=2" if field == "score" else f"{field}:<2d"
            )
        n = int(m["n"]) * UNIT_MS.get(m["unit"] or "", 1) * (-1 if m["sign"] else 1)
        return Term(field, str(n), m["op"] or ("=" if field == "score" else "<"), negated)
    return Term(field, value, negated=negated)
