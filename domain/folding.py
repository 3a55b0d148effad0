"""Comments as they are compared: folded, in words, with the way back to places in the comment as it was written."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from domain.text import fold

MOST_READ = 20_000
"""Characters of a comment that are looked at."""
# What is left after these is letters, numbers and signs such as emoji: control characters, punctuation, halves of pairs.
_NO_SIGN = (
    r"\w\s\x00-\x1f!-/:-@\[-`{-\xbf\u02b0-\u036f\u2000-\u206f\u3000-\u303f\ud800-\udfff\ufe00-\ufe6f\uff00-\uff0f"
)
TOKEN = re.compile(rf"[^\W_]+|[^{_NO_SIGN}]")
"""A word, or a sign that stands for one."""
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Soft hyphens, joiners and variants stand inside words and emoji and are not seen.
_UNSEEN = re.compile("[\xad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]+")
# In a gap between words these do not count: “e-mail” is “e mail”.
_LIGHT = re.compile(r"[\s'’‘`´\-_\u2010-\u2015\u2212\u02b0-\u02ff]+")


def folded(text: str) -> str:
    """`text` as `domain.text.fold` leaves it, without what is not seen; quick for western words."""
    text = text[:MOST_READ]
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if bare.isascii():
        return bare.lower()
    return _UNSEEN.sub("", fold(bare)).casefold()


def marks(text: str) -> str:
    """The marks of a gap between words that count."""
    return _LIGHT.sub("", text)


def gaps_of(plain: str, tokens: Sequence[tuple[int, int]]) -> list[str]:
    """The marks before the first word, between words, and behind the last one."""
    ends = [0, *(end for _start, end in tokens)]
    starts = [*(start for start, _end in tokens), len(plain)]
    return [marks(plain[a:b]) for a, b in zip(ends, starts, strict=True)]


@lru_cache(maxsize=4_096)
def _width(char: str) -> int:
    """Characters that one character becomes when it is folded."""
    return len(folded(char))


class Back:
    """From places in a folded comment to places in the comment."""

    def __init__(self, comment: str) -> None:
        self._ends: list[int] = []
        """Where each character of the comment ends, folded."""
        end = 0
        for char in comment[:MOST_READ]:
            end += _width(char)
            self._ends.append(end)

    def start(self, place: int) -> int:
        """The character that became the one there."""
        return bisect_right(self._ends, place)

    def end(self, place: int) -> int:
        """Behind the character that became the one before there, and the accents and joiners that follow it."""
        here = bisect_right(self._ends, place - 1) + 1
        while here < len(self._ends) and self._ends[here] == self._ends[here - 1]:
            here += 1
        return here


def merged(found: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(_merging(sorted(found)))


def _merging(found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that overlap or touch made one."""
    start = end = -1
    for a, b in found:
        if a > end:
            if end > start:
                yield start, end
            start, end = a, b
        end = max(end, b)
    if end > start:
        yield start, end
