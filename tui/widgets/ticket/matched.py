"""What Text Match found in a customer's words, marked where they are shown (A3)."""

from collections.abc import Iterator, Sequence

from domain.text import line
from tui.widgets.ticket.spans import Span, plain

MARK = "match"
"""The role of what was found: underlined and bold besides its colour."""


def marked_in(lines: Sequence[str], raw: str, places: Sequence[tuple[int, int]], role: str) -> list[tuple[Span, ...]]:
    """Lines as they are shown, made from `raw` by cleaning, wrapping and cutting, with `places` of `raw` marked.

    What is shown leaves out characters that are never shown, changes blanks, and adds quotes and the mark of a cut.
    """
    if not places:
        return [((words, role),) for words in lines]
    inside = [False] * (len(raw) + 1)
    for start, end in places:
        inside[start:end] = [True] * (min(end, len(raw)) - start)
    shown: list[tuple[Span, ...]] = []
    at = 0
    for words in lines:
        marks: list[bool] = []
        for char in words:
            found, at = _next(raw, at, char)
            marks.append(found and inside[at - 1])
        shown.append(tuple(_runs(words, _with_blanks(words, marks), role)))
    return shown


def _next(raw: str, at: int, char: str) -> tuple[bool, int]:
    """Whether the next character of `raw` that is shown is `char`, and the place behind it then."""
    if char.isspace():
        return False, at
    here = at
    while here < len(raw) and raw[here] != char:
        if line(plain(raw[here])):
            return False, at  # added for the screen
        here += 1
    return (True, here + 1) if here < len(raw) else (False, at)


def _with_blanks(words: str, marks: list[bool]) -> list[bool]:
    """The blanks between two marked words belong to them."""
    for i, char in enumerate(words):
        if char == " " and 0 < i < len(words) - 1:
            marks[i] = marks[i - 1] and marks[i + 1]
    return marks


def _runs(words: str, marks: list[bool], role: str) -> Iterator[Span]:
    start = 0
    for i in range(1, len(words) + 1):
        if i == len(words) or marks[i] is not marks[start]:
            yield words[start:i], MARK if marks[start] else role
            start = i
