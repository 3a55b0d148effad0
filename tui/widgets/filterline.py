"""The line one types a filter in, in the query language (Q5), with its words completed."""

from collections.abc import Iterator
from typing import ClassVar

from domain.query import FIELDS, STATES
from tui.widgets.commandline import CommandLine

_VALUES = {
    "is": STATES,
    "class": ("detractor", "neutral", "promoter"),
    "priority": ("high", "medium", "low"),
    "assignee": ("me", "none"),
    "due": ("<2d", "<0d"),
    "score": ("<=6",),
}


def completions(text: str) -> Iterator[str]:
    """The whole filter with its last word completed, likeliest first."""
    head, space, word = text.rpartition(" ")
    negated = "-" if word.startswith("-") else ""
    field, colon, value = word.removeprefix("-").partition(":")
    if colon:
        found = (f"{field}:{v}" for v in _VALUES.get(field, ()) if v.startswith(value))
    else:
        found = (f"{name}:" for name in FIELDS if field and name.startswith(field))
    yield from (f"{head}{space}{negated}{one}" for one in found)


class FilterLine(CommandLine):
    """See the module."""

    sign: ClassVar[str] = "/"
    DEFAULT_CSS = ""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(completions, id=id)
