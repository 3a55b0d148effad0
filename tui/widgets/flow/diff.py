"""Differences as lines: what it is, what it was, what it is now."""

from collections.abc import Iterable, Sequence

from domain.plans import Difference
from domain.text import _, line
from tui.widgets.ticket.spans import Line, Span, wrap


def diff_lines(differences: Sequence[Difference], width: int, both: Iterable[str] = ()) -> list[Line]:
    """A difference each, its name above its values; those of `both` were changed by two people."""
    marked = set(both)
    lines: list[Line] = []
    for one in differences:
        head: list[Span] = [(line(one.field), "text")]
        if one.field in marked:
            head.append(("  ! " + _("you changed it, too"), "late"))
        lines.append(Line(tuple(head)))
        lines += _side("−", "detractor", one.old, width, "past")
        lines += _side("+", "promoter", one.new, width, "text")
    return lines


def _side(sign: str, sign_role: str, value: str, width: int, role: str) -> list[Line]:
    value = line(value)
    if not value:
        return []
    return [
        Line((("  " + (sign if not i else " ") + " ", sign_role), (words, role)))
        for i, words in enumerate(wrap(value, width - 4))
    ]
